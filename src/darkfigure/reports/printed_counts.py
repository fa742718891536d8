"""Counts of people as a page may print them: exact, rounded, or only as fewer than so many."""

from dataclasses import dataclass

import numpy as np

from darkfigure.data.table import CaptureTable

HISTORIES = 20
"""Capture histories that are printed one by one."""


@dataclass(frozen=True)
class Count:
    """A number of people as it is printed.

    Attributes
    ----------
    low, high : int
        What a reader of the print knows: the number lies in [low, high].
    value : int or None
        The number printed: exact if `low` and `high` are it too, else rounded; None where the
        number is small, printed as "<5", or known only between limits.
    """

    low: int
    high: int
    value: int | None = None

    @property
    def is_small(self) -> bool:
        """Printed as fewer than so many, and not as nobody."""
        return self.value is None and self.low == 1

    def as_json(self) -> dict[str, int | None]:
        """What is printed, and the limits that a reader knows."""
        return {"printed": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Printing:
    """How counts are printed.

    Attributes
    ----------
    threshold : int
        Counts from 1 to one less are printed as fewer than the threshold; 1 hides none.
    base : int
        Others are rounded to multiples of it; 1 keeps them.
    total_exact : bool
        Whether the number of all people seen is printed as it is.
    details : bool
        Whether more than that number is printed.
    """

    threshold: int
    base: int
    total_exact: bool
    details: bool = True

    def of(self, low: int, high: int, *, total: bool = False) -> Count:
        """A number of people that is known to lie in [low, high]."""
        if low == high:
            return self._exact(low, total=total)
        # limits of their own, each widened to the base
        bottom = low if self.base == 1 else low // self.base * self.base
        top = high if self.base == 1 else -(-high // self.base) * self.base
        return Count(0 if bottom < self.threshold else bottom, top)

    def _exact(self, number: int, *, total: bool) -> Count:
        if number == 0 or (total and self.total_exact) or self.base == 1:
            if 0 < number < self.threshold:
                return Count(1, self.threshold - 1)
            return Count(number, number, number)
        if number < self.threshold:
            return Count(1, self.threshold - 1)
        middle = (number + self.base // 2) // self.base * self.base
        least = max(middle - self.base // 2, self.threshold)
        return Count(least, middle + (self.base - 1) // 2, max(middle, least))


EVERYTHING = Printing(threshold=1, base=1, total_exact=True)


@dataclass(frozen=True)
class PrintedCounts:
    """All that a page says of the people seen.

    Attributes
    ----------
    printing : Printing
    total : Count
    lists, alone : mapping of str to Count
        People on each list, and on no other; empty where details are left out.
    pairs : mapping of pair of str to Count
        People on both of two lists.
    histories : tuple of (tuple of str, tuple of str, Count)
        The lists a history holds, the lists that were not at work, and the people with it:
        largest first.
    others : int
        Histories that are not printed one by one; -1 where their number is left out.
    """

    printing: Printing
    total: Count
    lists: dict[str, Count]
    alone: dict[str, Count]
    pairs: dict[tuple[str, str], Count]
    histories: tuple[tuple[tuple[str, ...], tuple[str, ...], Count], ...]
    others: int


def in_print(table: CaptureTable, printing: Printing) -> PrintedCounts:
    """Print a table's counts, strata added up."""
    flat = table.collapse(*table.strata) if table.strata else table
    total = printing.of(int(flat.low.sum()), int(flat.high.sum()), total=True)
    if not printing.details:
        return PrintedCounts(printing, total, {}, {}, {}, (), -1)
    low, high = flat.overlap().to_numpy(), flat.overlap("high").to_numpy()
    single = (flat.histories == 1).sum(axis=1) == 1
    lists, alone, pairs = {}, {}, {}
    for i, name in enumerate(flat.lists):
        lists[name] = printing.of(int(low[i, i]), int(high[i, i]))
        rows = single & (flat.histories[:, i] == 1)
        alone[name] = printing.of(int(flat.low[rows].sum()), int(flat.high[rows].sum()))
        for j in range(i + 1, flat.n_lists):
            pairs[name, flat.lists[j]] = printing.of(int(low[i, j]), int(high[i, j]))
    histories, others = _histories(flat, printing)
    return PrintedCounts(printing, total, lists, alone, pairs, histories, others)


def _histories(
    flat: CaptureTable, printing: Printing
) -> tuple[tuple[tuple[tuple[str, ...], tuple[str, ...], Count], ...], int]:
    """The largest histories that are large enough to be printed one by one, and how many not."""
    shown = printed_rows(flat, printing).tolist()
    found = tuple(
        (
            tuple(n for n, on in zip(flat.lists, flat.histories[row], strict=True) if on == 1),
            tuple(n for n, on in zip(flat.lists, flat.histories[row], strict=True) if on == -1),
            printing.of(int(flat.low[row]), int(flat.high[row])),
        )
        for row in shown
    )
    left = int((flat.high > 0).sum()) - len(shown)
    return found, left if printing.threshold == 1 else -1


def printed_rows(flat: CaptureTable, printing: Printing) -> np.ndarray:
    """Rows of a table without strata that are printed one by one, largest first."""
    large = np.flatnonzero(flat.low >= printing.threshold)
    order = np.lexsort((large, -flat.low[large], -flat.high[large]))
    return large[order][:HISTORIES]
