"""Count columns: whole numbers from zero, however they were stored or written."""

import re
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from darkfigure.data.columns import GAP
from darkfigure.data.frames import Rows, as_numpy
from darkfigure.errors import DataError

LARGEST = int(np.iinfo(np.int64).max)

_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"([+-]?\d+)([.,])(\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}([., '\u00a0\u202f])\d{3}(\1\d{3})*")


@dataclass(frozen=True)
class _Cell:
    """Where a value stands, put into words only when it is wrong."""

    rows: Rows
    index: int
    column: str

    def __str__(self) -> str:
        return f"{self.rows.name(self.index)}, column {self.column!r}"


def count_values(
    series: "nw.Series[Any]", rows: Rows, *, thousands: str | None = None
) -> np.ndarray:
    """Read one count column.

    Parameters
    ----------
    series : narwhals Series
        Whole numbers, floats without a fraction, or text ("12", "4,0").
    rows : Rows
    thousands : str, optional
        The character between thousands in text: "." reads "1.234" as 1234.

    Returns
    -------
    ndarray of int64, shape (rows,)

    Raises
    ------
    DataError
        Naming the first cell that is blank, negative, fractional, too large or no number.
    """
    values = as_numpy(series)
    if values.dtype.kind in "iu" and series.dtype.is_integer():
        wrong = (values < 0) | (values > LARGEST)
    elif values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            wrong = ~((values >= 0) & (values < 2.0**63) & (values == np.floor(values)))
    else:
        return _read_each(series, rows, thousands)
    if wrong.any():
        index = int(wrong.argmax())
        _read_one(values[index].item(), _Cell(rows, index, series.name), thousands)
    return values.astype(np.int64)


def refuse_huge_total(counts: np.ndarray, column: str) -> None:
    """Refuse counts whose sum does not fit in a 64-bit integer."""
    if counts.size and float(counts.sum(dtype=np.float64)) >= LARGEST:
        raise DataError(
            f"column {column!r}: the counts add up to more than {LARGEST:,}.",
            "Counts are numbers of people; check the column.",
        )


def _read_each(series: "nw.Series[Any]", rows: Rows, thousands: str | None) -> np.ndarray:
    numbers = (
        _read_one(value, _Cell(rows, index, series.name), thousands)
        for index, value in enumerate(series.to_list())
    )
    return np.fromiter(numbers, dtype=np.int64)


def _read_one(value: Any, cell: _Cell, thousands: str | None) -> int:
    """Read one count, or say what is wrong with it."""
    if value is None or value != value or str(value).strip().casefold() in GAP:
        raise DataError(
            f"{cell}: the count is missing; expected a whole number.",
            "Write 0 where nobody has this history, or leave the row out.",
        )
    if isinstance(value, str):
        number = _from_text(value.strip(), cell, thousands)
    else:
        number = _from_number(value, cell)
    if number < 0:
        raise DataError(
            f"{cell}: found {value}; expected a count of 0 or more.",
            "Counts are numbers of people; correct the row, or leave it out.",
        )
    if number > LARGEST:
        raise DataError(
            f"{cell}: found {value}; expected a count of at most {LARGEST:,}.",
            "Counts are numbers of people; check the column.",
        )
    return number


def _from_number(value: Any, cell: _Cell) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise DataError(
            f"{cell}: found {value!r}; expected a whole number.", "Correct the row."
        ) from None
    if isinstance(value, bool) or number != value:
        raise _fractional(cell, value)
    return number


def _from_text(text: str, cell: _Cell, thousands: str | None) -> int:
    if _INTEGER.fullmatch(text):
        return int(text)
    grouped = _GROUPED.fullmatch(text)
    if grouped and thousands is not None and thousands == grouped[1]:
        return int(text.replace(thousands, ""))
    if grouped:
        raise DataError(
            f"{cell}: found {text!r}; expected a whole number, and this may be "
            f"{re.sub('[^0-9-]', '', text)} or a fraction.",
            f"If {grouped[1]!r} stands between thousands, say thousands={grouped[1]!r}.",
        )
    decimal = _DECIMAL.fullmatch(text)
    if decimal and decimal[2] != thousands:
        if set(decimal[3]) == {"0"}:
            return int(decimal[1])
        raise _fractional(cell, text)
    raise _not_a_number(cell, text)


def _fractional(cell: _Cell, value: object) -> DataError:
    return DataError(
        f"{cell}: found {value}; expected a whole number of people.",
        "Give unweighted counts, or name the column that holds them: count=...",
    )


def _not_a_number(cell: _Cell, text: str) -> DataError:
    hint = (
        "For counts known only to lie between limits, give two columns: count=('low', 'high')."
        if re.match(r"[<>≤≥*]|\d+\s*(-|to|tot)\s*\d+|x$|s$", text, re.IGNORECASE)
        else "Correct the row, or name the column that holds the counts: count=..."
    )
    return DataError(f"{cell}: found {text!r}; expected a whole number.", hint)
