"""Cells of a table as plain arrays: a history and stratum values, and a count in [low, high]."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from darkfigure.data.columns import BLANK


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows of a table, before anything is known about them but their numbers.

    Attributes
    ----------
    histories : ndarray of int8, shape (cells, lists)
        1 on the list, 0 not, -1 where the list was not at work.
    low, high : ndarray of int64, shape (cells,)
        The number of people lies in [low, high].
    labels : mapping of str to ndarray of object, shape (cells,)
        Per stratum variable its value, None where blank.
    """

    histories: np.ndarray
    low: np.ndarray
    high: np.ndarray
    labels: Mapping[str, np.ndarray]

    def take(self, rows: np.ndarray) -> "Cells":
        """The cells at these positions, or where a mask is true."""
        return Cells(
            self.histories[rows],
            self.low[rows],
            self.high[rows],
            {name: values[rows] for name, values in self.labels.items()},
        )


@dataclass(frozen=True, eq=False)
class Canonical:
    """Unique cells in order, and which of them each given row went into.

    Attributes
    ----------
    cells : Cells
    cell_of : ndarray of int, shape (rows,)
        Position in `cells` of each given row.
    """

    cells: Cells
    cell_of: np.ndarray


def levels_in_order(values: np.ndarray) -> tuple[object, ...]:
    """The different values in order of first appearance, without blanks."""
    return tuple(value for value in dict.fromkeys(values.tolist()) if value is not None)


def stratum_codes(labels: Mapping[str, np.ndarray], cells: int) -> np.ndarray:
    """Number each combination of stratum values, in order of first appearance."""
    if not labels:
        return np.zeros(cells, dtype=np.int64)
    combinations = list(zip(*(values.tolist() for values in labels.values()), strict=True))
    number = {each: code for code, each in enumerate(dict.fromkeys(combinations))}
    return np.array([number[each] for each in combinations], dtype=np.int64)


def level_codes(
    labels: Mapping[str, np.ndarray], levels: Iterable[Sequence[object]], cells: int
) -> np.ndarray:
    """Positions of the stratum values among the levels, -1 where blank; (cells, variables)."""
    found = np.empty((cells, len(labels)), dtype=np.int64)
    for v, (values, known) in enumerate(zip(labels.values(), levels, strict=True)):
        at = {level: i for i, level in enumerate(known)} | {None: -1}
        found[:, v] = [at[value] for value in values.tolist()]
    return found


def add_up(cells: Cells) -> Canonical:
    """Add up rows of the same history and stratum, and put the cells in order.

    The order is by stratum (as they first appear), then by number of lists, then by list.
    """
    stratum = stratum_codes(cells.labels, len(cells.low))
    sizes = (cells.histories == 1).sum(axis=1)
    columns = np.column_stack([stratum, sizes, 1 - cells.histories.astype(np.int64)])
    unique, first, cell_of = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    cell_of = cell_of.reshape(-1)
    low, high = (np.zeros(len(unique), dtype=np.int64) for _ in range(2))
    np.add.at(low, cell_of, cells.low)
    np.add.at(high, cell_of, cells.high)
    return Canonical(replace(cells.take(first), low=low, high=high), cell_of)


def without_empty(cells: Cells) -> Cells:
    """Leave out cells that nobody is in; one with a blank list still says which were at work."""
    return cells.take((cells.high > 0) | (cells.histories == BLANK).any(axis=1))


def on_no_list(histories: np.ndarray) -> np.ndarray:
    """True for rows without a single 1, shape (cells,)."""
    return ~(histories == 1).any(axis=1)


def dense_counts(cells: Cells) -> np.ndarray:
    """Count people per history over all strata: shape (2**k,), bit j set when on list j."""
    k = cells.histories.shape[1]
    bits = np.left_shift(np.int64(1), np.arange(k, dtype=np.int64))
    counts = np.zeros(1 << k, dtype=np.int64)
    np.add.at(counts, (cells.histories == 1) @ bits, cells.low)
    return counts


def overlaps(cells: Cells, people: np.ndarray | None = None) -> np.ndarray:
    """People on both of two lists, shape (k, k); on the diagonal those on the list.

    Parameters
    ----------
    cells : Cells
    people : ndarray of int64, shape (cells,), optional
        People in each cell; by default at least so many, `cells.low`.
    """
    on = (cells.histories == 1).astype(np.int64)
    return (on * (cells.low if people is None else people)[:, None]).T @ on


def possible_histories(k: int, impossible: Sequence[tuple[int, int]]) -> np.ndarray:
    """False for histories that hold an impossible pair of lists, shape (2**k,)."""
    history = np.arange(1 << k)
    possible = np.ones(1 << k, dtype=bool)
    for a, b in impossible:
        possible &= ~((history >> a & 1 == 1) & (history >> b & 1 == 1))
    return possible


def content_hash(cells: Cells, lists: Sequence[str], impossible: Iterable[Sequence[str]]) -> str:
    """SHA-256 of lists and cells in hexadecimal, whatever the order of the rows."""
    columns = [cells.histories, cells.low, cells.high, *cells.labels.values()]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    head = [list(lists), list(cells.labels), sorted(sorted(pair) for pair in impossible)]
    text = "\n".join([json.dumps(head), *sorted(json.dumps(row) for row in rows)])
    return hashlib.sha256(text.encode()).hexdigest()
