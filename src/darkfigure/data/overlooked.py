"""Columns left over that may hold counts, where every row would be taken for one person."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from darkfigure.data.cells import stratum_codes
from darkfigure.data.columns import GAP
from darkfigure.data.count_columns import limits_in_words
from darkfigure.data.frames import Chosen, as_numpy, collected
from darkfigure.errors import DataError

if TYPE_CHECKING:
    import narwhals as nw

    from darkfigure.data.counted import Tabulated

_COUNTS = {"count", "counts", "freq", "freqs", "frequency", "frequencies", "aantal", "anzahl"}
_NAMES = _COUNTS | {
    *("n", "number", "numbers", "nombre", "numero", "total", "totals", "cases", "gevallen"),
    *("people", "persons", "personen", "individuals", "personnes", "personas", "cuenta"),
    *("n_people", "n_persons", "n_obs", "nobs", "effectif", "effectifs"),
}
_WHOLE = re.compile(r"\d{1,15}([.,]0+)?|\d{1,3}([., '\u00a0\u202f]\d{3})+")
_MOSTLY = 0.8

COUNTS_AMONG_RECORDS = (
    "dk.CaptureTable.from_counts(frame, count={column!r}) reads counts, one row per capture "
    "history. If each row is one person, select the columns first: frame[{chosen!r}]."
)
"""What to do with a column of counts in a frame of people."""


def named_like_counts(name: str) -> bool:
    """Whether the name of a column says that it holds counts."""
    folded = name.strip().casefold()
    return folded in _NAMES or bool(_COUNTS & set(re.split(r"[\W_]+", folded)))


def refuse_named_counts(
    frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]", chosen: Chosen, hint: str
) -> None:
    """Refuse to pass over a column of whole numbers with the name of counts.

    Parameters
    ----------
    frame : narwhals DataFrame or LazyFrame
    chosen : Chosen
        The columns in use.
    hint : str
        What to do, with ``{column!r}`` for the column's name and ``{chosen!r}`` for those in use.

    Raises
    ------
    DataError
    """
    for name in _left_over(frame, chosen):
        if named_like_counts(name) and _whole_numbers(frame, name) is not None:
            used = [*chosen.lists, *chosen.by]
            raise DataError(
                f"column {name!r} is not used, though by its name it holds counts; each row would "
                "be taken for one person.",
                hint.format(column=name, chosen=used),
            )


def unused_whole_numbers(
    frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]", chosen: Chosen, found: "Tabulated"
) -> str | None:
    """A column left over that may hold counts, where nearly every row is a cell of its own.

    Running numbers, as keys of people often are, are passed over.

    Parameters
    ----------
    frame : narwhals DataFrame or LazyFrame
    chosen : Chosen
        The columns in use.
    found : Tabulated
        What was read with each row as a person.
    """
    left = _left_over(frame, chosen)
    if not left or not _mostly_distinct(found):
        return None
    for name in left:
        values = _whole_numbers(frame, name)
        if values is not None and not _running(values):
            return name
    return None


def _left_over(frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]", chosen: Chosen) -> Sequence[str]:
    used = {*chosen.lists, *chosen.by}
    return [name for name in frame.collect_schema().names() if name not in used]


def _mostly_distinct(found: "Tabulated") -> bool:
    cells = found.cells
    rows = int(cells.low.sum()) + (found.known_unseen or 0)
    strata = len(np.unique(stratum_codes(cells.labels, len(cells.low))))
    possible = strata * 2 ** len(found.lists)
    return len(cells.low) >= _MOSTLY * rows and rows <= possible


def _running(values: np.ndarray) -> bool:
    distinct = np.unique(values)
    return len(distinct) == len(values) and bool((np.diff(distinct) == 1).all())


def _whole_numbers(frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]", name: str) -> np.ndarray | None:
    """The values of a column of whole numbers from 0, of which one is 2 or more; else None."""
    series = collected(frame.select([name]))[name]
    if series.dtype.is_numeric():
        values = as_numpy(series).astype(np.float64)
        values = values[~np.isnan(values)]
        if not (np.isfinite(values) & (values >= 0) & (values == np.floor(values))).all():
            return None
    else:
        numbers = []
        for value in series.to_list():
            text = "" if value is None or value != value else str(value).strip()
            if text.casefold() in GAP or limits_in_words(text):
                continue
            if isinstance(value, bool) or not _WHOLE.fullmatch(text):
                return None
            numbers.append(float(re.sub(r"[.,]0+$|[^\d]", "", text)))
        values = np.array(numbers)
    return values if values.size and values.max() >= 2 else None
