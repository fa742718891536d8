"""Whether small counts can be worked out from a page, by integer programmes; and how to print.

A page prints rounded numbers and sums of the same people. A reader who sets them against one
another may pin a small count down. The audit takes that reader's place: over all tables that
would print the same page, how small and how large can each small count be? (The attacker's problem
of statistical disclosure control: Hundepool et al. 2012, Statistical Disclosure Control, ch. 4;
Fischetti & Salazar-Gonzalez 2001, Management Science 47:1008.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from darkfigure.data.columns import BLANK
from darkfigure.data.table import CaptureTable
from darkfigure.reports.printed_counts import (
    EVERYTHING,
    Count,
    PrintedCounts,
    Printing,
    in_print,
    printed_rows,
)

MOST_LISTS = 12
"""Lists whose sums can be audited."""

_BASES = (5, 10, 20, 50)


def has_small_counts(table: CaptureTable, threshold: int) -> bool:
    """Whether some history holds a few people, fewer than are printed."""
    return bool(((table.high > 0) & (table.low < threshold)).any())


def printed_safely(table: CaptureTable, *, threshold: int, disclose: bool) -> PrintedCounts:
    """The counts of a table in the finest print that keeps every small count unknown.

    Parameters
    ----------
    table : CaptureTable
    threshold : int
        Counts from 1 to one less are small.
    disclose : bool
        Print everything as it is.
    """
    if disclose or threshold <= 1:
        return in_print(table, EVERYTHING)
    flat = table.collapse(*table.strata) if table.strata else table
    for printing in _coarser_and_coarser(threshold, flat.n_lists <= MOST_LISTS):
        printed = in_print(table, printing)
        if not printing.details or keeps_secrets(flat, printed):
            return printed
    raise AssertionError("the coarsest print has no details")


def _coarser_and_coarser(threshold: int, auditable: bool) -> Iterator[Printing]:
    bases = [base for base in _BASES if base >= threshold] or [threshold]
    if auditable:
        yield Printing(threshold, bases[0], total_exact=True)
        for base in bases:
            yield Printing(threshold, base, total_exact=False)
    yield Printing(threshold, bases[-1] if auditable else bases[0], False, details=False)


def keeps_secrets(flat: CaptureTable, printed: PrintedCounts) -> bool:
    """Whether every small count could be any number from 1 to one below the threshold.

    Parameters
    ----------
    flat : CaptureTable
        Without strata.
    """
    problem = _problem(flat, printed)
    top = printed.printing.threshold - 1
    return all(
        problem.attains(inside, 1) and problem.attains(inside, top)
        for inside in _small(flat, problem.histories, printed.printing.threshold)
    )


@dataclass(frozen=True, eq=False)
class _Problem:
    """What a reader knows of the cells: linear, with whole numbers.

    Attributes
    ----------
    histories : ndarray of int8, shape (cells, k)
    sums : ndarray of float, shape (facts, cells)
        1 where a cell is part of a printed number.
    low, high : ndarray of float, shape (facts,)
    least, most : ndarray of float, shape (cells,)
        What is known of each cell by itself.
    """

    histories: np.ndarray
    sums: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray

    def attains(self, inside: np.ndarray, number: int) -> bool:
        """Whether some table that prints alike has so many people in these cells."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows = np.vstack([self.sums, inside[None, :].astype(float)])
        found = milp(
            np.zeros(len(self.least)),
            constraints=LinearConstraint(
                rows, np.append(self.low, number), np.append(self.high, number)
            ),
            bounds=Bounds(self.least, self.most),
            integrality=np.ones(len(self.least)),
            options={"time_limit": 5.0},
        )
        return bool(found.success)


def _problem(flat: CaptureTable, printed: PrintedCounts) -> _Problem:
    histories, low, high = _all_cells(flat)
    exact = low == high
    least = np.where(exact, 0, low).astype(float)
    most = np.where(exact, np.inf, high).astype(float)
    sums, bottoms, tops = [], [], []
    for inside, count in _facts(flat, histories, printed):
        base = float(low[inside & ~exact].sum())
        span = float((high - low)[inside].sum())
        # of an uncertain sum, the lower limit is printed: it tells the part that is exact
        sums.append((inside & exact).astype(float))
        bottoms.append(max(count.low - base, 0.0))
        tops.append((count.high - base) if span == 0 else np.inf)
    shown = printed_rows(flat, printed.printing)
    if len(shown) == int((flat.low >= printed.printing.threshold).sum()):
        named = _same_rows(histories, flat.histories[shown])
        most = np.where(exact & ~named, printed.printing.threshold - 1, most)
    return _Problem(histories, np.array(sums), np.array(bottoms), np.array(tops), least, most)


def _facts(
    flat: CaptureTable, histories: np.ndarray, printed: PrintedCounts
) -> Iterator[tuple[np.ndarray, Count]]:
    """The cells behind every number that is printed."""
    on = histories == 1
    yield np.ones(len(histories), dtype=bool), printed.total
    at = {name: j for j, name in enumerate(flat.lists)}
    for name, count in printed.lists.items():
        yield on[:, at[name]], count
    for name, count in printed.alone.items():
        yield on[:, at[name]] & (on.sum(axis=1) == 1), count
    for (first, second), count in printed.pairs.items():
        yield on[:, at[first]] & on[:, at[second]], count
    shown = printed_rows(flat, printed.printing)
    for row, (_, _, count) in zip(shown, printed.histories, strict=True):
        yield (histories == flat.histories[row]).all(axis=1), count


def _small(flat: CaptureTable, histories: np.ndarray, threshold: int) -> Iterator[np.ndarray]:
    """The cells behind every small count: one cell, both of two lists, one list."""
    _, low, high = _all_cells(flat)
    on = histories == 1
    for row in np.flatnonzero((low == high) & (low > 0) & (low < threshold)):
        yield np.arange(len(low)) == row
    for i in range(flat.n_lists):
        for j in range(i, flat.n_lists):
            inside = on[:, i] & on[:, j]
            people = int(low[inside].sum())
            if 0 < people < threshold and people == int(high[inside].sum()):
                yield inside


def _all_cells(flat: CaptureTable) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells of a table, and those of nobody that a reader cannot rule out."""
    k = flat.n_lists
    codes = np.arange(1, 1 << k)[flat.possible()[1:]]
    dense = ((codes[:, None] >> np.arange(k)) & 1).astype(np.int8)
    missing = dense[~_same_rows(dense, flat.histories)]
    nobody = np.zeros(len(missing), dtype=np.int64)
    return (
        np.vstack([flat.histories, missing]),
        np.concatenate([flat.low, nobody]),
        np.concatenate([flat.high, nobody]),
    )


def _same_rows(rows: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which rows stand among others too; blanks compare as they are."""
    weights = 3 ** np.arange(rows.shape[1], dtype=np.int64)
    return np.isin(
        (rows.astype(np.int64) - BLANK) @ weights, (among.astype(np.int64) - BLANK) @ weights
    )
