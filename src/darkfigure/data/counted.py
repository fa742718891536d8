"""Tables given as counts: one row per capture history, and stratum where there are strata."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.data.cells import Cells, add_up, on_no_list, without_empty
from darkfigure.data.columns import list_values, settle_blanks, stratum_values
from darkfigure.data.count_columns import count_values, refuse_huge_total
from darkfigure.data.frames import (
    AnyFrame,
    Names,
    Rows,
    as_frame,
    as_names,
    choose_columns,
    collected,
    no_rows,
)
from darkfigure.errors import DataError, DataWarning
from darkfigure.literals import AllZero, Blank, check_choice

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
    """

    lists: tuple[str, ...]
    cells: Cells
    known_unseen: int | None = None
    cautions: tuple[Caution, ...] = ()


def tabulate_counts(
    data: AnyFrame,
    *,
    lists: Names | None,
    count: str | Sequence[str],
    by: Names,
    blank: Blank,
    all_zero: AllZero,
    rows: Rows | None = None,
    thousands: str | None = None,
) -> Tabulated:
    """Read a frame of counts; see `CaptureTable.from_counts`."""
    check_choice(blank, Blank, "blank")
    check_choice(all_zero, AllZero, "all_zero")
    rows = rows or Rows()
    frame = as_frame(data)
    names = frame.collect_schema().names()
    chosen = choose_columns(names, lists=lists, by=by, count=_count_columns(count))
    frame = collected(frame.select([*chosen.lists, *chosen.by, *chosen.count]))
    if len(frame) == 0:
        raise no_rows()
    histories = np.column_stack([list_values(frame[name], rows) for name in chosen.lists])
    bounds = [count_values(frame[name], rows, thousands=thousands) for name in chosen.count]
    for name, values in zip(chosen.count, bounds, strict=True):
        refuse_huge_total(values, name)
    low, high = bounds[0], bounds[-1]
    _refuse_crossed(low, high, chosen.count, rows)
    labels = {name: stratum_values(frame[name]).labels for name in chosen.by}
    cells = Cells(histories, low, high, labels)
    seen = ~(on_no_list(histories) & (high == 0))
    for j, name in enumerate(chosen.lists):
        histories[:, j] = _settled(histories[:, j], seen, blank, name, rows)
    return _in_order(cells, chosen.lists, all_zero, chosen.count[-1], rows)


def warn_of(cautions: Sequence[Caution]) -> None:
    """Warn, at the user's own line, of what was mended in the data."""
    for each in cautions:
        warnings.warn(str(each), DataWarning, skip_file_prefixes=(_PACKAGE,))


def nobody() -> DataError:
    """Say that nobody is left to estimate from."""
    return DataError(
        "nobody is on any list: all counts are 0; expected at least one person.",
        "Check the count column and the strata chosen.",
    )


def on_none_of_the_lists(row: str, count: int, column: str | None) -> DataError:
    """Say that people on no list cannot have been seen."""
    found = f"{row}: someone" if column is None else f"{row}, column {column!r}: {count:,} people"
    return DataError(
        f"{found} on no list at all; expected a 1 under at least one list, because people on no "
        "list are what is estimated.",
        'Leave the row out; or, if their number is really known, say all_zero="truth": it is then '
        "kept as table.known_unseen and shown beside the estimate.",
    )


def _count_columns(count: str | Sequence[str]) -> tuple[str, ...]:
    names = as_names(count)
    if len(names) not in (1, 2):
        raise DataError(
            f"count= names {len(names)} columns; expected one, or a pair (low, high).",
            'Say count="count", or count=("low", "high") for counts known between limits.',
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
    cells: Cells, lists: tuple[str, ...], all_zero: AllZero, count: str, rows: Rows
) -> Tabulated:
    unseen = on_no_list(cells.histories)
    positive = unseen & (cells.high > 0)
    cautions, known = [], None
    if positive.any():
        index = int(positive.argmax())
        if all_zero == "error" or (cells.low != cells.high)[positive].any():
            raise on_none_of_the_lists(rows.name(index), int(cells.high[index]), count)
        known = int(cells.low[positive].sum())
        cautions.append(caution("known_unseen", count=f"{known:,}"))
    kept = np.flatnonzero(~unseen)
    if not cells.high[kept].any():
        raise nobody()
    ordered = add_up(cells.take(kept))
    cautions += _repeats(cells, ordered.cell_of, kept, lists, rows)
    return Tabulated(lists, without_empty(ordered.cells), known, tuple(cautions))


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
