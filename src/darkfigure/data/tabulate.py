"""Records, a row per person, counted into cells.

In memory the 0/1 columns are packed into one code per person and the codes counted; a lazy frame
(DuckDB, polars, Spark, ...) is grouped by its own engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np

from darkfigure.cautions import caution
from darkfigure.data.cells import Cells, add_up, on_no_list, without_empty
from darkfigure.data.columns import BLANK, Stratum, list_values, settle_blanks, stratum_values
from darkfigure.data.counted import Tabulated, on_none_of_the_lists
from darkfigure.data.frames import (
    AnyFrame,
    Chosen,
    Names,
    Rows,
    as_frame,
    choose_columns,
    collected,
    no_rows,
    nobody,
)
from darkfigure.data.inactive import Inactive, blanked, not_at_work
from darkfigure.data.overlooked import refuse_named_counts, unused_whole_numbers
from darkfigure.errors import DataError
from darkfigure.literals import AllZero, Blank, check_choice

_COUNTED_BY_POSITION = 1 << 24
_CHUNK = 1 << 20
_FEWEST_TO_DOUBT = 4
_PEOPLE = "people counted by darkfigure"
_AWAY = "lists not at work"


@dataclass(frozen=True, eq=False)
class Strata:
    """Each person's combination of stratum values.

    Attributes
    ----------
    codes : ndarray of int64, shape (people,)
        Position of the person's combination, in order of first appearance.
    labels : mapping of str to ndarray of object, shape (combinations,)
        The value of each stratum variable, None where blank.
    number : int
        Combinations in all; 1 without stratum variables.
    """

    codes: np.ndarray
    labels: dict[str, np.ndarray]
    number: int


def tabulate_records(
    data: AnyFrame,
    *,
    lists: Names | None,
    by: Names,
    all_zero: AllZero,
    blank: Blank = 0,
    inactive: Inactive | None = None,
    rows: Rows | None = None,
    if_counts: str | None = None,
    doubt: bool = False,
) -> Tabulated:
    """Count a frame with a row per person; see `CaptureTable.from_records`.

    Parameters
    ----------
    data : frame
    lists, by, all_zero, blank, inactive
        As in `dk.read`.
    rows : Rows, optional
        Names each row in a message.
    if_counts : str, optional
        Refuse a column left over that is named like counts, with this hint.
    doubt : bool, default False
        Caution where another column left over may hold counts.

    Raises
    ------
    DataError
        Naming the row, the column and the value that cannot be read.
    """
    check_choice(all_zero, AllZero, "all_zero")
    check_choice(blank, Blank, "blank")
    rows = rows or Rows()
    frame = as_frame(data)
    chosen = choose_columns(frame.collect_schema().names(), lists=lists, by=by)
    if if_counts is not None:
        refuse_named_counts(frame, chosen, if_counts)
    columns = frame.select([*chosen.lists, *chosen.by])
    if isinstance(columns, nw.DataFrame):
        cells = _in_memory(columns, chosen, blank, all_zero, rows)
    else:
        try:
            cells = _in_engine(columns, chosen, blank, all_zero)
        except DataError:
            # Grouped rows have lost their number; counted in memory, the error names it.
            cells = _in_memory(columns.collect(), chosen, blank, all_zero, rows)
    if inactive:
        cells = _at_work(cells, columns, chosen, inactive, rows)
    unseen = on_no_list(cells.histories)
    known = int(cells.low[unseen].sum()) or None
    if unseen.all():
        raise nobody()
    cautions = () if known is None else (caution("known_unseen", count=f"{known:,}"),)
    found = Tabulated(
        chosen.lists, without_empty(add_up(cells.take(~unseen)).cells), known, cautions
    )
    return _doubted(frame, chosen, found) if doubt else found


def _at_work(
    cells: Cells,
    columns: "nw.DataFrame[Any] | nw.LazyFrame[Any]",
    chosen: Chosen,
    inactive: Inactive,
    rows: Rows,
) -> Cells:
    """Blank lists where they were not at work, or name the person who is on one there."""
    try:
        return blanked(cells, chosen.lists, inactive)
    except DataError:
        # Cells have lost the numbers of their rows; person by person, the error names one.
        frame = collected(columns)
        histories = np.column_stack([list_values(frame[name], rows) for name in chosen.lists])
        one = np.ones(len(frame), dtype=np.int64)
        labels = {name: stratum_values(frame[name]).labels for name in chosen.by}
        not_at_work(Cells(histories, one, one, labels), chosen.lists, inactive, rows)
        raise


def _doubted(
    frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]", chosen: Chosen, found: Tabulated
) -> Tabulated:
    """Caution where the rows counted as people may be cells."""
    if len(found.cells.low) < _FEWEST_TO_DOUBT:
        return found
    name = unused_whole_numbers(frame, chosen, found)
    if name is None:
        return found
    return replace(found, cautions=(*found.cautions, caution("rows_as_people", column=name)))


def combined_strata(columns: Sequence[tuple[str, Stratum]], people: int) -> Strata:
    """Number the combinations of stratum values that occur.

    Parameters
    ----------
    columns : sequence of (str, Stratum)
    people : int
        Rows in all.
    """
    import pandas as pd

    codes, number = np.zeros(people, dtype=np.int64), 1
    for _, stratum in columns:
        codes = codes * (len(stratum.levels) + 1) + (stratum.codes + 1)
        codes, distinct = pd.factorize(codes)
        number = len(distinct)
    labels = {}
    if columns:
        _, first = np.unique(codes, return_index=True)
        labels = {name: stratum.labels[first] for name, stratum in columns}
    return Strata(codes, labels, number)


def count_codes(codes: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Count each different code.

    Parameters
    ----------
    codes : ndarray of int, shape (people,)
        From 0 up to, not including, `size`.
    size : int

    Returns
    -------
    distinct : ndarray of int64, shape (cells,)
        Codes that occur, increasing.
    people : ndarray of int64, shape (cells,)
    """
    if size > _COUNTED_BY_POSITION:
        distinct, people = np.unique(codes, return_counts=True)
        return distinct.astype(np.int64), people.astype(np.int64)
    counts = np.zeros(size, dtype=np.int64)
    step = max(_CHUNK, size)
    for start in range(0, len(codes), step):
        counts += np.bincount(codes[start : start + step], minlength=size)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]


def count_people(bits: np.ndarray, strata: Strata, k: int) -> Cells:
    """Count people of the same history and stratum.

    Parameters
    ----------
    bits : ndarray of int, shape (people,)
        Bit j is set where the person is on list j.
    strata : Strata
    k : int
        Number of lists, at most 60.
    """
    import pandas as pd

    width, alphabet = 1 << k, None
    if strata.number * width > 1 << 62:
        bits, alphabet = pd.factorize(bits)
        width = len(alphabet)
    codes = bits if strata.number == 1 else strata.codes * width + bits
    distinct, people = count_codes(codes, strata.number * width)
    stratum, history = np.divmod(distinct, width)
    if alphabet is not None:
        history = alphabet[history].astype(np.int64)
    on = (history[:, None] >> np.arange(k) & 1).astype(np.int8)
    labels = {name: values[stratum] for name, values in strata.labels.items()}
    return Cells(on, people, people, labels)


def _in_memory(
    frame: "nw.DataFrame[Any]", chosen: Chosen, blank: Blank, all_zero: AllZero, rows: Rows
) -> Cells:
    people, k = len(frame), len(chosen.lists)
    if people == 0:
        raise no_rows()
    bits = np.zeros(people, dtype=np.int32 if k < 31 else np.int64)
    away = np.zeros(people, dtype=np.int64) if blank == "inactive" else None
    for j, name in enumerate(chosen.lists):
        values = settle_blanks(list_values(frame[name], rows), blank, name, rows)
        if away is not None:
            away = away | (values == BLANK).astype(np.int64) << j
            values = (values == 1).astype(np.int8)
        np.bitwise_or(bits, values.astype(bits.dtype) << j, out=bits)
    if all_zero == "error" and not bits.all():
        raise on_none_of_the_lists(rows.name(int((bits == 0).argmax())), 1, None)
    columns = [(name, stratum_values(frame[name])) for name in chosen.by]
    if away is None or not away.any():
        return count_people(bits, combined_strata(columns, people), k)
    codes, patterns = np.unique(away, return_inverse=True)[::-1]
    columns.append((_AWAY, Stratum(codes, tuple(patterns.tolist()))))
    return _with_blanks(count_people(bits, combined_strata(columns, people), k))


def _with_blanks(cells: Cells) -> Cells:
    """Write the lists that were not at work, counted as a stratum, as blanks of the history."""
    labels = dict(cells.labels)
    patterns = labels.pop(_AWAY).astype(np.int64)
    away = patterns[:, None] >> np.arange(cells.histories.shape[1]) & 1
    return replace(
        cells, histories=np.where(away == 1, np.int8(BLANK), cells.histories), labels=labels
    )


def _in_engine(
    frame: "nw.LazyFrame[Any]", chosen: Chosen, blank: Blank, all_zero: AllZero
) -> Cells:
    """Let the engine count the rows that are alike; its order is not the data's, so sort."""
    rows = Rows()
    names = [*chosen.lists, *chosen.by]
    grouped = frame.group_by(names).agg(nw.len().alias(_PEOPLE)).collect()
    if len(grouped) == 0:
        raise no_rows()
    columns = [
        settle_blanks(list_values(grouped[name], rows), blank, name, rows) for name in chosen.lists
    ]
    histories = np.column_stack(columns)
    if all_zero == "error" and on_no_list(histories).any():
        raise on_none_of_the_lists("", 1, None)
    people = np.asarray(grouped[_PEOPLE].to_numpy()).astype(np.int64)
    labels = {name: stratum_values(grouped[name]).labels for name in chosen.by}
    keys = [_sortable(values) for values in labels.values()]
    order = sorted(range(len(people)), key=lambda row: tuple(key[row] for key in keys))
    return Cells(histories, people, people, labels).take(np.array(order))


def _sortable(values: np.ndarray) -> list[tuple[bool, bool, Any]]:
    """Sort keys: numbers, then text, then blanks."""
    return [(v is None, isinstance(v, str), "" if v is None else v) for v in values.tolist()]
