"""Count columns: whole numbers from zero, or limits, however they were stored or written."""

import re
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from darkfigure.data.columns import GAP
from darkfigure.data.disclosure import Disclosure, Limits
from darkfigure.data.frames import Rows, as_numpy
from darkfigure.errors import DataError

LARGEST = int(np.iinfo(np.int64).max)

_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"([+-]?\d+)([.,])(\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}([., '\u00a0\u202f])\d{3}(\1\d{3})*")
_WRITTEN = r"(\d(?:[\d., '\u00a0\u202f]*\d)?)"
_DASH = "[-\u2010-\u2015\u2212]"
_BELOW = re.compile(rf"(?:<|fewer than|less than|below|under)\s*{_WRITTEN}", re.IGNORECASE)
_AT_MOST = re.compile(rf"(?:<=|=<|\u2264|\u2a7d|at most)\s*{_WRITTEN}", re.IGNORECASE)
_RANGE = re.compile(rf"{_WRITTEN}\s*(?:{_DASH}|to|tot|bis)\s*{_WRITTEN}", re.IGNORECASE)
_WITHOUT_END = re.compile(r"[>\u2265].*|at least .*|more than .*|.*\d\s*\+", re.IGNORECASE)
_MARKS = {"*", "**", "***", "x", "s", "c", "(s)", "(c)", "[c]", "suppressed", "confidential"}


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


def count_limits(
    series: "nw.Series[Any]", rows: Rows, printing: Disclosure, *, thousands: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Read one column of counts as they were printed.

    Parameters
    ----------
    series : narwhals Series
        As in `count_values`; text may also be "<5", "<= 97", "1-4" or, where a threshold is
        known, "suppressed", "*" or "x".
    rows : Rows
    printing : Disclosure
        What a printed number stands for.
    thousands : str, optional
        As in `count_values`.

    Returns
    -------
    low, high : ndarray of int64, shape (rows,)

    Raises
    ------
    DataError
        Naming the first cell that cannot be read, or cannot have been printed so.
    """
    values = as_numpy(series)
    marked: dict[int, Limits] = {}
    if values.dtype.kind in "iuf" and series.dtype.is_numeric():
        numbers = count_values(series, rows, thousands=thousands)
    else:
        numbers = np.zeros(len(values), dtype=np.int64)
        for index, value in enumerate(series.to_list()):
            cell = _Cell(rows, index, series.name)
            limits = _marked_limits(value, cell, printing, thousands)
            if limits is None:
                numbers[index] = _read_one(value, cell, thousands)
            else:
                marked[index] = limits
    low, high = (limits.copy() for limits in printing.limits_of(numbers))
    for index, limits in marked.items():
        low[index], high[index] = limits
    wrong = low > high
    if wrong.any():
        index = int(wrong.argmax())
        expected, hint = printing.why_not(int(numbers[index]))
        cell = _Cell(rows, index, series.name)
        raise DataError(f"{cell}: found {numbers[index]:,}; expected {expected}.", hint)
    return low, high


def limits_in_words(text: str) -> bool:
    """Whether a text gives limits of a count, or marks one as suppressed."""
    text = text.strip()
    written = (_BELOW, _AT_MOST, _RANGE)
    return text.casefold() in _MARKS or any(pattern.fullmatch(text) for pattern in written)


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
            "Write 0 where nobody has this history, or leave the row out; write 'suppressed' where "
            "it was too few to be printed, and say threshold=...",
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


def _marked_limits(
    value: Any, cell: _Cell, printing: Disclosure, thousands: str | None
) -> Limits | None:
    """Limits where a cell is written as such, None where it should be a number."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.casefold() in _MARKS:
        if printing.suppressed is None:
            raise DataError(
                f"{cell}: found {text!r}, a suppressed count without limits; expected a number.",
                "Say below which count cells were suppressed, threshold=5; or write the limits: "
                "<5, 1-4 or \u226497.",
            )
        return printing.suppressed
    if match := _BELOW.fullmatch(text):
        low, high = printing.below(_from_text(match[1], cell, thousands))
    elif match := _AT_MOST.fullmatch(text):
        low, high = 0, _from_text(match[1], cell, thousands)
    elif match := _RANGE.fullmatch(text):
        low, high = (_from_text(number, cell, thousands) for number in match.groups())
    elif _WITHOUT_END.fullmatch(text):
        raise DataError(
            f"{cell}: found {text!r}, which has no upper limit; expected a number or a range.",
            "Write a range that holds the count for certain, such as 5-200.",
        )
    else:
        return None
    if high < 0:
        raise DataError(
            f"{cell}: found {text!r}, and no count is below 0.",
            "Write the limits that the count has, such as <5 or 1-4.",
        )
    if low > high:
        raise DataError(
            f"{cell}: found {text!r}, which no count is; expected the lower limit first.",
            "Write a range like 1-4.",
        )
    if high > LARGEST:
        raise DataError(
            f"{cell}: found {text!r}; expected a count of at most {LARGEST:,}.",
            "Counts are numbers of people; check the column.",
        )
    return low, high


def _from_number(value: Any, cell: _Cell) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise DataError(
            f"{cell}: found {value!r}; expected a whole number.",
            "Correct the row."
            if not hasattr(value, "year")
            else "A spreadsheet takes 1-4 for a date: make the column text, and write it again.",
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
        "Limits such as <5 and 1-4 stand in a single column of counts: count='count'. In a pair "
        "of columns both hold whole numbers."
        if limits_in_words(text)
        else "Correct the row, or name the column that holds the counts: count=..."
    )
    return DataError(f"{cell}: found {text!r}; expected a whole number.", hint)
