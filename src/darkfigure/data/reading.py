"""Files of captures: delimited text, Excel, Parquet and Feather."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import EllipsisType
from typing import Any

from darkfigure.data.about import About
from darkfigure.data.counted import Tabulated, tabulate_counts
from darkfigure.data.disclosure import Disclosure, disclosure_of
from darkfigure.data.frames import AnyFrame, Chosen, Names, as_frame, as_names
from darkfigure.data.inactive import Inactive
from darkfigure.data.opening import existing_file, is_text, opened_file
from darkfigure.data.overlooked import unused_whole_numbers
from darkfigure.data.table import CaptureTable
from darkfigure.data.tabulate import tabulate_records
from darkfigure.data.text_files import Sheet, whole_numbers_if_all_are
from darkfigure.errors import DataError, briefly
from darkfigure.literals import AllZero, Blank, Omitted, Zeros

_COUNT = "count"
_LIMITS = ("low", "high")
_WHICH = "Say count={column!r} if it holds counts, or count=None if each row is one person."


def read(
    path: str | os.PathLike[str],
    *,
    lists: Names | None = None,
    count: str | Sequence[str] | EllipsisType | None = ...,
    by: Names = (),
    sheet: int | str = 0,
    blank: Blank = "error",
    all_zero: AllZero = "error",
    impossible: Sequence[Sequence[str]] = (),
    inactive: Inactive | None = None,
    threshold: int | None = None,
    rounding: int | str | None = None,
    zeros: Zeros = "suppressed",
    omitted: Omitted | None = None,
    thousands: str | None = None,
    about: About | None = None,
) -> CaptureTable:
    """Read a file of captures; its ending says what it is.

    A count may be written as limits: "<5", "<= 97", "1-4"; or as "suppressed", "*" or "x" where
    `threshold` says below which count.

    Parameters
    ----------
    path : str or path
        Delimited text (.csv, .tsv, .txt), Excel (.xlsx, .xlsm), Parquet (.parquet, .pq) or
        Feather (.feather, .arrow, .ipc). Of text the encoding and the delimiter are found.
    lists : sequence of str, optional
        Columns that hold 0 and 1; by default all but the counts and the strata.
    count : str or pair of str, optional
        Column of counts, or two between which each count lies. By default the column "count", or
        else the columns "low" and "high"; a file without them has a row per person. None says that
        each row is a person, whatever other columns the file has.
    by : str or sequence of str
        Stratum variables. Text "NA" and empty text are blank.
    sheet : int or str, default 0
        Sheet of a workbook, by position or name.
    blank : {"error", "inactive", 0}
        What a blank under a list means: the list was not at work there, or not on it.
    all_zero : {"error", "truth"}
        What to do with people on no list: refuse them, or keep their number as known.
    impossible : sequence of pairs of str
        Lists that no one can be on together.
    inactive : mapping of str to mapping, optional
        Strata in which a list was not at work: ``{"FairWork": {"year": range(2010, 2016)}}``.
    threshold : int, optional
        Counts below it were suppressed in the whole file.
    rounding : int or str, optional
        What counts were rounded to: 5 (the nearest), "down to 10" or "up to 10".
    zeros : {"suppressed", "shown"}
        Whether cells of nobody were suppressed with the small ones ("<5" is 0 to 4), or printed as
        0 ("<5" is 1 to 4).
    omitted : {"suppressed", "zero"}, optional
        What a history that is left out means where `threshold` or `rounding` is given: too few to
        be printed (by default), or nobody.
    thousands : str, optional
        What stands between thousands in text: "." reads "1.234" as 1234.
    about : About, optional

    Returns
    -------
    CaptureTable

    Raises
    ------
    DataError
        Naming the row, its line in the file, the column and the value that cannot be read.
    """
    given = {
        "lists": (lists, None),
        "count": (count, ...),
        "by": (by, ()),
        "sheet": (sheet, 0),
        "blank": (blank, "error"),
        "all_zero": (all_zero, "error"),
        "impossible": (impossible, ()),
        "inactive": (inactive, None),
        "threshold": (threshold, None),
        "rounding": (rounding, None),
        "zeros": (zeros, "suppressed"),
        "omitted": (omitted, None),
        "thousands": (thousands, None),
    }
    if not isinstance(path, str | os.PathLike):
        raise DataError(
            f"path is {briefly(path)}; expected a file's path.",
            'Say dk.read("cells.csv"); a frame goes to dk.CaptureTable.from_counts(frame).',
        )
    file = existing_file(Path(path))
    opened = opened_file(file, sheet)
    if isinstance(opened, Sheet) and is_text(file):
        opened = replace(opened, frame=_with_numbered_levels(opened.frame, as_names(by)))
    printing = disclosure_of(threshold=threshold, rounding=rounding, zeros=zeros, omitted=omitted)
    tabulated = _tabulated(opened, lists, count, by, blank, all_zero, thousands, inactive, printing)
    said = "".join(
        f", {name}={_shown(value)}"
        for name, (value, usual) in given.items()
        if not _same(value, usual)
    )
    return CaptureTable.from_tabulated(
        tabulated, impossible=impossible, about=about, origin=f"dk.read({str(path)!r}{said})"
    )


def _tabulated(
    opened: Sheet | AnyFrame,
    lists: Names | None,
    count: str | Sequence[str] | EllipsisType | None,
    by: Names,
    blank: Blank,
    all_zero: AllZero,
    thousands: str | None,
    inactive: Inactive | None,
    printing: Disclosure,
) -> Tabulated:
    frame = opened.frame if isinstance(opened, Sheet) else opened
    rows = opened.rows if isinstance(opened, Sheet) else None
    cautions = opened.cautions if isinstance(opened, Sheet) else ()
    names = as_frame(frame).collect_schema().names()
    asked = not isinstance(count, EllipsisType)
    if isinstance(count, EllipsisType):
        count = _usual_counts(names, (*as_names(by), *as_names(lists)))
    if count is not None:
        found = tabulate_counts(
            frame,
            lists=lists,
            count=count,
            by=by,
            blank=blank,
            all_zero=all_zero,
            printing=printing,
            inactive=inactive,
            rows=rows,
            thousands=thousands,
        )
    else:
        _refuse_hidden_people(printing)
        found = tabulate_records(
            frame,
            lists=lists,
            by=by,
            blank=blank,
            all_zero=all_zero,
            inactive=inactive,
            rows=rows,
            if_counts=None if asked else _WHICH,
        )
        if not asked:
            _refuse_overlooked_counts(frame, found, as_names(by))
    return replace(found, cautions=(*cautions, *found.cautions))


def _usual_counts(names: Sequence[str], used: Sequence[str]) -> str | Sequence[str] | None:
    """The column called count, or those called low and high."""
    for columns in ((_COUNT,), _LIMITS):
        if all(name in names and name not in used for name in columns):
            return columns
    return None


def _refuse_hidden_people(printing: Disclosure) -> None:
    """Refuse a threshold or a rounding where there are no counts."""
    if printing.hides:
        raise DataError(
            "threshold= and rounding= are for counts, and this file has no column of them: each "
            "row is one person.",
            "Name the column of counts: count=...",
        )


def _refuse_overlooked_counts(frame: AnyFrame, found: Tabulated, by: Sequence[str]) -> None:
    """Refuse rows that would be people, where they look like cells whose counts are left over."""
    name = unused_whole_numbers(as_frame(frame), Chosen(found.lists, tuple(by)), found)
    if name is not None:
        raise DataError(
            f"column {name!r} is not used and holds whole numbers, while nearly every row has a "
            "capture history of its own; each row would be taken for one person.",
            _WHICH.format(column=name),
        )


def _with_numbered_levels(frame: Any, by: Sequence[str]) -> Any:
    return frame.assign(
        **{name: whole_numbers_if_all_are(frame[name]) for name in by if name in frame}
    )


def _same(value: object, usual: object) -> bool:
    return value == usual or (usual == () and isinstance(value, list) and not value)


def _shown(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [_shown(item) if isinstance(item, tuple | list) else repr(item) for item in value]
        inner = ", ".join(items)
        return f"({inner})" if isinstance(value, tuple) and len(items) > 1 else f"[{inner}]"
    return repr(value)
