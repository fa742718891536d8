"""Columns of lists and strata: checked once, and returned as small integers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.data.frames import Rows, as_numpy
from darkfigure.errors import DataError
from darkfigure.literals import Blank

if TYPE_CHECKING:
    from collections.abc import Hashable

BLANK = -1
"""How a blank is written in a history and among stratum codes."""

GAP = ("", "na", "n/a", "nan", "none", "null", "<na>")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?")
_ZERO = ("0", "false")
_ONE = ("1", "true")


@dataclass(frozen=True, eq=False)
class Stratum:
    """The values of a stratum variable, as codes of its levels.

    Attributes
    ----------
    codes : ndarray of int64, shape (rows,)
        Position in `levels`; -1 where the value is blank.
    levels : tuple
        The different values, in order of first appearance: int, float, bool or str.
    """

    codes: np.ndarray
    levels: tuple["Hashable", ...]

    @property
    def labels(self) -> np.ndarray:
        """The level of every row, shape (rows,), None where blank."""
        levels = np.empty(len(self.levels) + 1, dtype=object)
        levels[:-1] = self.levels
        return levels[self.codes]


def list_values(series: "nw.Series[Any]", rows: Rows) -> np.ndarray:
    """Read one list column: 1 on the list, 0 not, -1 blank.

    Parameters
    ----------
    series : narwhals Series
        Whole numbers or floats 0 and 1, booleans, or text "0" and "1" ("true" and "false").
    rows : Rows

    Returns
    -------
    ndarray of int8, shape (rows,)

    Raises
    ------
    DataError
        Naming the first value that is neither.
    """
    if series.dtype == nw.Boolean and series.null_count() == 0:
        return as_numpy(series).astype(np.int8, copy=False)
    if series.dtype.is_numeric():
        values = as_numpy(series)
        if values.dtype.kind in "iuf":
            return _numeric_list_values(values, series.name, rows)
    return _other_list_values(series, rows)


def settle_blanks(values: np.ndarray, blank: Blank, column: str, rows: Rows) -> np.ndarray:
    """Refuse blanks in a list column, keep them (list not at work), or read them as 0."""
    if blank == "inactive":
        return values
    blanks = values == BLANK
    if not blanks.any():
        return values
    if blank == 0:
        return np.where(blanks, np.int8(0), values)
    number = int(blanks.sum())
    raise DataError(
        f"{rows.name(int(blanks.argmax()))}, column {column!r}: the cell is blank "
        f"({number:,} {'is' if number == 1 else 'are'}); expected 0 or 1.",
        'Say what a blank means: blank=0 (not on the list) or blank="inactive" (the list was not '
        "at work there).",
    )


def stratum_values(series: "nw.Series[Any]") -> Stratum:
    """Read one stratum column; missing values and empty text are blank.

    Blanks around text are taken off. Where all levels are numbers, some written as text, all
    become numbers: 2020, 2020.0 and "2020" are one level; a code such as "01" is no number.
    """
    import pandas as pd

    native = series.to_native()
    if series.dtype in (nw.Categorical, nw.Enum):
        series = series.cast(nw.String)
        native = series.to_native()
    values = native if isinstance(native, pd.Series) else as_numpy(series)
    codes, uniques = pd.factorize(values)
    levels: dict[Hashable, int] = {}
    translated = np.full(len(uniques) + 1, BLANK, dtype=np.int64)
    for position, level in enumerate(_alike([as_level(unique) for unique in uniques])):
        if level is not None:
            translated[position] = levels.setdefault(level, len(levels))
    return Stratum(translated[codes], tuple(levels))


def as_level(value: Any) -> Any:
    """A stratum value as plain Python; None where blank, 2014.0 as 2014, dates as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, int | float) else str(value)


def similar_levels(labels: Mapping[str, np.ndarray]) -> tuple[Caution, ...]:
    """Caution of levels that differ only in capitals: they are likely one stratum."""
    found = []
    for name, values in labels.items():
        first: dict[str, str] = {}
        for level in dict.fromkeys(values.tolist()):
            if not isinstance(level, str):
                continue
            other = first.setdefault(level.casefold(), level)
            if other != level:
                levels = f"{other!r} and {level!r}"
                found.append(caution("similar_levels", column=name, levels=levels))
                break
    return tuple(found)


def _alike(levels: Sequence[Any]) -> Sequence[Any]:
    """Read numbers in text as numbers, if every level is a number."""
    if not any(isinstance(level, str) for level in levels):
        return levels
    numbers: list[Any] = []
    for level in levels:
        if isinstance(level, str):
            if not _NUMBER.fullmatch(level):
                return levels
            level = int(level) if "." not in level else as_level(float(level))
        elif isinstance(level, bool):
            return levels
        numbers.append(level)
    return numbers


def _numeric_list_values(values: np.ndarray, column: str, rows: Rows) -> np.ndarray:
    if values.size == 0:
        return values.astype(np.int8)
    if values.dtype.kind in "iu":
        if values.min() >= 0 and values.max() <= 1:
            return values.astype(np.int8, copy=False)
        blanks = np.zeros(values.shape, dtype=bool)
    else:
        blanks = np.isnan(values)
    ones = values == 1
    wrong = ~(ones | (values == 0) | blanks)
    if wrong.any():
        index = int(wrong.argmax())
        raise _not_a_list(rows.name(index), column, values[index].item())
    out = ones.astype(np.int8)
    out[blanks] = BLANK
    return out


def _other_list_values(series: "nw.Series[Any]", rows: Rows) -> np.ndarray:
    """Text, objects and booleans with gaps: decide on each different value once."""
    if series.dtype in (nw.Categorical, nw.Enum):
        series = series.cast(nw.String)
    ones, blanks = [], []
    for value in series.unique(maintain_order=True).to_list():
        meaning = _list_meaning(value)
        if meaning is None:
            index = int(as_numpy(series.is_in([value]).fill_null(False)).argmax())
            raise _not_a_list(rows.name(index), series.name, value)
        if meaning == 1:
            ones.append(value)
        elif meaning == BLANK and isinstance(value, str):
            blanks.append(value)
    out = as_numpy(series.is_in(ones).fill_null(False)).astype(np.int8)
    out[as_numpy(series.is_null())] = BLANK
    if blanks:
        out[as_numpy(series.is_in(blanks).fill_null(False)).astype(bool)] = BLANK
    return out


def _list_meaning(value: Any) -> int | None:
    """1, 0, -1 for a blank, or None where the value means none of these."""
    if value is None or value != value:
        return BLANK
    text = str(value).strip().casefold()
    if text in GAP:
        return BLANK
    if text in _ONE:
        return 1
    if text in _ZERO:
        return 0
    number = _as_number(text)
    return int(number) if number in (0, 1) else None


def _as_number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _not_a_list(row: str, column: str, value: object) -> DataError:
    if _as_number(str(value)) is None:
        hint = (
            f"Write 1 for people on list {column!r} and 0 for the others. If the column divides "
            f"people into strata, say by=[{column!r}]"
        )
    else:
        hint = (
            f"If {column!r} holds counts, say count={column!r}; if it divides people into strata, "
            f"by=[{column!r}]"
        )
    return DataError(
        f"{row}, column {column!r}: found {value!r}; expected 0 or 1.",
        f"{hint}; to leave it out, name the lists: lists=[...].",
    )
