"""Rows of counts over the complete cells that they count, as plain arrays."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.special import gammaln, xlogy

from darkfigure.numerics.kernels import composite_kernels

# a kernel would be compiled again for arrays that cannot be written
_READ: tuple[Literal["C", "W"], ...] = ("C", "W")


@dataclass(frozen=True, eq=False)
class Composite:
    """What is observed of a table, over its complete cells.

    Attributes
    ----------
    start : ndarray of int64, shape (rows + 1,)
    cell : ndarray of int64, shape (start[-1],)
        Row r counts the cells ``cell[start[r]:start[r + 1]]``.
    weight : ndarray of float, shape (rows,)
        The expected count of a row is its weight times the sum of those of its cells.
    low, high : ndarray of float, shape (rows,)
        The count of each row lies in [low, high]; high may be inf.
    unseen : ndarray of bool, shape (cells,)
        Cells of people on no list.
    stratum : ndarray of int64, shape (cells,)
    strata : int
        Number of strata.
    """

    start: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    low: np.ndarray
    high: np.ndarray
    unseen: np.ndarray
    stratum: np.ndarray
    strata: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.weight)

    @property
    def cells(self) -> int:
        """Number of complete cells."""
        return len(self.unseen)

    @cached_property
    def counted(self) -> np.ndarray:
        """Cells that some row counts, shape (cells,)."""
        found = np.zeros(self.cells, dtype=bool)
        found[self.cell] = True
        return found

    @cached_property
    def row_arrays(self) -> tuple[np.ndarray, ...]:
        """The rows as the kernels read them (see `numerics.kernels.composite`)."""
        weight = np.asarray(self.weight, dtype=float)
        order = np.argsort(self.cell, kind="stable")
        first = np.searchsorted(self.cell[order], np.arange(self.cells + 1))
        row = np.repeat(np.arange(self.rows), np.diff(self.start))[order]
        return (
            whole(self.start), whole(self.cell), weight, np.log(weight), whole(first), whole(row)
        )  # fmt: skip

    @cached_property
    def strata_arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The unseen and the strata as the kernels read them."""
        return np.asarray(self.unseen, dtype=bool), whole(self.stratum)

    def with_counts(self, low: np.ndarray, high: np.ndarray) -> "Composite":
        """The same rows with other counts."""
        return replace(self, low=low, high=high)


def saturated(low: np.ndarray, high: np.ndarray) -> float:
    """The log-likelihood with a mean of its own for every row.

    That mean is the count; between limits, m with m^(high − low + 1) = high! / (low − 1)!, and 0
    (or as large as it can be) where the count may be 0 (or without limit).
    """
    exact = low == high
    y = low[exact]
    value = float((xlogy(y, y) - y - gammaln(y + 1.0)).sum())
    between = ~exact & (low > 0) & np.isfinite(high)
    a, b = low[between], high[between]
    best = np.exp((gammaln(b + 1.0) - gammaln(a)) / (b - a + 1.0))
    out = np.empty(len(best))
    composite_kernels().interval_log_probabilities(a, b, best, out)
    return value + float(out.sum())


def counts_of(limits: np.ndarray) -> np.ndarray:
    """Limits of counts as the kernels read them."""
    return np.require(limits, float, _READ)


def whole(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers as the kernels read them."""
    return np.require(numbers, np.int64, _READ)
