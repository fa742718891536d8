"""Delimited text: encoding and delimiter found, and every row still knowing its line."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkfigure.cautions import Caution, caution
from darkfigure.data.frames import Rows, refuse_repeated_names
from darkfigure.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MISSING = "NA"


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows of a file before anything is made of their values.

    Attributes
    ----------
    frame : DataFrame of object, shape (rows, columns)
        Text as it stood in the file, or the values of a spreadsheet's cells.
    rows : Rows
        Names each row by its line.
    cautions : tuple of Caution
    """

    frame: "pd.DataFrame"
    rows: Rows
    cautions: tuple[Caution, ...] = ()


def read_text(path: Path) -> Sheet:
    """Read a file of text separated by commas, semicolons, tabs or bars.

    Raises
    ------
    DataError
        If it is empty, or a row has more or fewer values than the header.
    """
    text, cautions = _decoded(path)
    delimiter, skipped = _delimiter(text, path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines = ((reader.line_num, row) for row in reader)
    kept = ((line, row) for line, row in lines if line > skipped)
    try:
        return sheet_of(kept, path, "the file", cautions)
    except csv.Error as error:
        raise DataError(
            f"line {reader.line_num} of {path.name} cannot be read: {error}.",
            'Look for a double quote (") that is never closed.',
        ) from error


def sheet_of(
    lines: Iterator[tuple[int, Sequence[object]]],
    path: Path,
    place: str,
    cautions: tuple[Caution, ...] = (),
) -> Sheet:
    """Make columns of numbered lines, of which the first that is not empty is the header."""
    filled = ((line, row) for line, row in lines if not all(_is_empty(value) for value in row))
    header = next(filled, (0, ()))[1]
    if not header:
        raise DataError(
            f"{path.name} is empty; expected a header and rows.", "Check that it was saved."
        )
    header = _without_empty_end(header)
    numbers: list[int] = []
    rows: list[Sequence[object]] = []
    for line, row in filled:
        numbers.append(line)
        rows.append(row if len(row) == len(header) else _fitted(row, header, numbers, place))
    return Sheet(_frame(header, rows, path), Rows(numbers, place), cautions)


def whole_numbers_if_all_are(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Read a text column of levels as whole numbers if all are, with NA and "" as blank."""
    import pandas as pd

    kept: list[object] = [
        None if _is_empty(value) or value == _MISSING else value for value in values
    ]
    texts = [value for value in kept if isinstance(value, str)]
    if texts and all(text.isdecimal() and str(int(text)) == text for text in set(texts)):
        kept = [int(value) if isinstance(value, str) else value for value in kept]
    return pd.Series(kept, dtype=object)


def _decoded(path: Path) -> tuple[str, tuple[Caution, ...]]:
    raw = path.read_bytes()
    wide = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    if b"\0" in raw[:4096] and wide is None:
        raise DataError(
            f"{path.name} is not text; expected columns separated by commas or semicolons.",
            "Give the file the ending of what it is (.xlsx, .parquet), or save it as CSV.",
        )
    try:
        return raw.decode(wide or "utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if wide is not None:
            raise DataError(
                f"{path.name} cannot be read as {wide.upper()}: {error.reason}.",
                "Save it again as UTF-8.",
            ) from error
        found = caution("encoding", encoding="Windows-1252 (Western European)")
        return raw.decode("cp1252", errors="replace"), (found,)


def _delimiter(text: str, path: Path) -> tuple[str, int]:
    """The delimiter, and how many lines stand before the header."""
    first, _, rest = text.lstrip("\r\n").partition("\n")
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[-1], 1
    header = next((line for line in (first, *rest.split("\n", 20)) if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    found = max(_DELIMITERS, key=outside.count)
    if outside.count(found) == 0 and header.strip():
        raise DataError(
            f"{path.name} has only one column, {header.strip()[:60]!r}; expected columns separated "
            "by a comma, semicolon, tab or bar.",
            "Save it with one of these between the columns.",
        )
    return found, 0


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _without_empty_end(header: Sequence[object]) -> Sequence[object]:
    end = len(header)
    while end and _is_empty(header[end - 1]):
        end -= 1
    return header[:end]


def _fitted(
    row: Sequence[object], header: Sequence[object], numbers: Sequence[int], place: str
) -> Sequence[object]:
    """Take empty values off the end of a row, or say that it does not fit."""
    extra = row[len(header) :]
    if len(row) > len(header) and all(_is_empty(value) for value in extra):
        return row[: len(header)]
    where = Rows(numbers, place).name(len(numbers) - 1)
    values = "1 value" if len(row) == 1 else f"{len(row)} values"
    if len(row) > len(header):
        value = next(each for each in extra if not _is_empty(each))
        found = f"{values}, {value!r} under no header"
    else:
        found = f"{values}, none under column {str(header[len(row)])!r}"
    raise DataError(
        f"{where} has {found}; expected {len(header)}.",
        'Put text that holds the delimiter between double quotes, "like, this".',
    )


def _frame(
    header: Sequence[object], rows: Sequence[Sequence[object]], path: Path
) -> "pd.DataFrame":
    import pandas as pd

    if not rows:
        raise DataError(
            f"{path.name} has a header but no rows; expected one per capture history or person.",
            "Check that it was saved.",
        )
    names = [str(name).strip() if name is not None else "" for name in header]
    refuse_repeated_names(name for name in names if name)
    columns = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=object)
            for name, values in zip(names, columns, strict=True)
            if name or not all(_is_empty(value) for value in values)
        }
    )
