"""Tables given as counts: one row per capture history, and stratum where there are strata."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.data.as_printed import looks_printed
from darkfigure.data.cells import Cells, add_up, on_no_list
from darkfigure.data.columns import BLANK, list_values, settle_blanks, stratum_values
from darkfigure.data.count_columns import count_limits, count_values, refuse_huge_total
from darkfigure.data.disclosure import Disclosure
from darkfigure.data.frames import (
    AnyFrame,
    Chosen,
    Names,
    Rows,
    as_frame,
    as_names,
    choose_columns,
    collected,
    no_rows,
    nobody,
)
from darkfigure.data.inactive import Inactive, not_at_work
from darkfigure.errors import DataError, DataWarning, SettingsError
from darkfigure.literals import AllZero, Blank, check_choice

if TYPE_CHECKING:
    import narwhals as nw

PLAIN = Disclosure()
"""Counts printed as they are."""

_PACKAGE = str(Path(__file__).parents[1])


@dataclass(frozen=True, eq=False)
class Tabulated:
    """What was read: lists, cells, and what was found on the way.

    Attributes
    ----------
    lists : tuple of str
    cells : Cells
    known_unseen : int, optional
        People on no list, where the data say so and that was asked for.
    cautions : tuple of Caution
    printing : Disclosure
        How the counts were printed.
    doubts : tuple of Caution
        What a reader should look up; nothing was mended, so that nobody is warned.
    """

    lists: tuple[str, ...]
    cells: Cells
    known_unseen: int | None = None
    cautions: tuple[Caution, ...] = ()
    printing: Disclosure = PLAIN
    doubts: tuple[Caution, ...] = ()


def tabulate_counts(
    data: AnyFrame,
    *,
    lists: Names | None,
    count: str | Sequence[str],
    by: Names,
    blank: Blank,
    all_zero: AllZero,
    printing: Disclosure = PLAIN,
    inactive: Inactive | None = None,
    rows: Rows | None = None,
    thousands: str | None = None,
) -> Tabulated:
    """Read a frame of counts; see `CaptureTable.from_counts`.

    Cells of nobody are kept, and histories that were left out not yet added.
    """
    check_choice(blank, Blank, "blank")
    check_choice(all_zero, AllZero, "all_zero")
    rows = rows or Rows()
    frame = as_frame(data)
    names = frame.collect_schema().names()
    chosen = choose_columns(names, lists=lists, by=by, count=_count_columns(count, printing))
    frame = collected(frame.select([*chosen.lists, *chosen.by, *chosen.count]))
    if len(frame) == 0:
        raise no_rows()
    histories = np.column_stack([list_values(frame[name], rows) for name in chosen.lists])
    low, high = _limits(frame, chosen.count, printing, rows, thousands)
    labels = {name: stratum_values(frame[name]).labels for name in chosen.by}
    cells = Cells(histories, low, high, labels)
    away = not_at_work(cells, chosen.lists, inactive, rows)
    there = ~(away & (histories == 1)).any(axis=1)
    cells.histories[away] = 0
    # A row of nobody on no list says nothing, and one that a threshold hides says no more.
    nothing = on_no_list(cells.histories) & ((high == 0) | (printing.hides & (low == 0)))
    for j, name in enumerate(chosen.lists):
        cells.histories[:, j] = _settled(cells.histories[:, j], ~nothing, blank, name, rows)
    cells.histories[away] = BLANK
    found = _in_order(cells, there & ~nothing, chosen, all_zero, rows)
    doubts = () if printing.hides else looks_printed(found.cells.low, found.cells.high)
    return replace(found, printing=printing, doubts=doubts)


def _limits(
    frame: "nw.DataFrame[Any]",
    names: tuple[str, ...],
    printing: Disclosure,
    rows: Rows,
    thousands: str | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The limits of each count, from one column or from two."""
    if len(names) == 1:
        low, high = count_limits(frame[names[0]], rows, printing, thousands=thousands)
    else:
        low, high = (count_values(frame[name], rows, thousands=thousands) for name in names)
    for name, values in zip((names[0], names[-1]), (low, high), strict=True):
        refuse_huge_total(values, name)
    _refuse_crossed(low, high, names, rows)
    return low, high


def warn_of(cautions: Sequence[Caution]) -> None:
    """Warn, at the user's own line, of what was mended in the data."""
    for each in cautions:
        warnings.warn(str(each), DataWarning, skip_file_prefixes=(_PACKAGE,))


def on_none_of_the_lists(row: str, count: int, column: str | None) -> DataError:
    """Say that people on no list cannot have been seen."""
    found = f"{row}: someone" if column is None else f"{row}, column {column!r}: {count:,} people"
    return DataError(
        f"{found} on no list at all; expected a 1 under at least one list, because people on no "
        "list are what is estimated.",
        'Leave the row out; or, if their number is really known, say all_zero="truth": it is then '
        "kept as table.known_unseen and shown beside the estimate.",
    )


def _count_columns(count: str | Sequence[str], printing: Disclosure) -> tuple[str, ...]:
    names = as_names(count)
    if len(names) not in (1, 2):
        raise DataError(
            f"count= names {len(names)} columns; expected one, or a pair (low, high).",
            'Say count="count", or count=("low", "high") for counts known between limits.',
        )
    if len(names) == 2 and printing.hides:
        raise SettingsError(
            f"threshold= and rounding= explain counts in one column; count= names two, {names[0]!r}"
            f" and {names[1]!r}, which give the limits themselves.",
            "Leave threshold= and rounding= out, or name one column: count='count'.",
        )
    return names


def _settled(
    values: np.ndarray, seen: np.ndarray, blank: Blank, column: str, rows: Rows
) -> np.ndarray:
    """Settle the blanks of one list; a row of nobody on no list may hold any."""
    checked = np.where(seen, values, np.int8(0))
    settle_blanks(checked, blank, column, rows)
    return settle_blanks(values, 0 if blank == "error" else blank, column, rows)


def _refuse_crossed(low: np.ndarray, high: np.ndarray, names: tuple[str, ...], rows: Rows) -> None:
    wrong = low > high
    if wrong.any():
        index = int(wrong.argmax())
        raise DataError(
            f"{rows.name(index)}, column {names[0]!r}: found {low[index]:,}, more than "
            f"{high[index]:,} in column {names[-1]!r}; expected the lower limit first.",
            f'Say count=("{names[-1]}", "{names[0]}") if the columns are the other way round.',
        )


def _in_order(
    cells: Cells, counted: np.ndarray, chosen: Chosen, all_zero: AllZero, rows: Rows
) -> Tabulated:
    """Add up the rows that count (a mask), and put them in order."""
    unseen = on_no_list(cells.histories)
    positive = unseen & counted & (cells.high > 0)
    cautions, known = [], None
    if positive.any():
        index = int(positive.argmax())
        if all_zero == "error" or (cells.low != cells.high)[positive].any():
            raise on_none_of_the_lists(rows.name(index), int(cells.high[index]), chosen.count[-1])
        known = int(cells.low[positive].sum())
        cautions.append(caution("known_unseen", count=f"{known:,}"))
    kept = np.flatnonzero(~unseen & counted)
    if not cells.high[kept].any():
        raise nobody()
    ordered = add_up(cells.take(kept))
    cautions += _repeats(cells, ordered.cell_of, kept, chosen.lists, rows)
    return Tabulated(chosen.lists, ordered.cells, known, tuple(cautions))


def _repeats(
    cells: Cells, cell_of: np.ndarray, kept: np.ndarray, lists: tuple[str, ...], rows: Rows
) -> list[Caution]:
    """Caution of histories that stand in the data more than once."""
    _, first = np.unique(cell_of, return_index=True)
    again = np.ones(len(cell_of), dtype=bool)
    again[first] = False
    if not again.any():
        return []
    index = int(kept[int(again.argmax())])
    on = " ".join(
        name for name, value in zip(lists, cells.histories[index], strict=True) if value == 1
    )
    number = int(again.sum())
    return [
        caution(
            "duplicate_histories",
            rows=number,
            row=rows.name(index).removeprefix("row "),
            history=on,
        )
    ]
