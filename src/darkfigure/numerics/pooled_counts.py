"""Counts of rows under a model of pooled effects: their likelihood, its slope and curvature."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, vstack

from darkfigure.numerics.limited_counts import LimitedCounts
from darkfigure.numerics.pooled_effects import PooledEffects

_MOST_NUMBERS = 1 << 22  # held at a time
_FLOOR = 1e-300


@dataclass(frozen=True, eq=False)
class Curvature:
    """The likelihood about a point.

    Attributes
    ----------
    log_likelihood : float
    slope : ndarray of float, shape (effects,)
    information : ndarray of float, shape (effects, effects)
        Less the second derivatives of the log-likelihood; for rows that are sums it need not be
        positive definite.
    positive : callable
        Gives the same without what rows that are sums take away: positive semi-definite.
    """

    log_likelihood: float
    slope: np.ndarray
    information: np.ndarray
    positive: Callable[[], np.ndarray]


@dataclass(frozen=True, eq=False)
class PooledCounts:
    """What was counted, over the complete cells of a model of pooled effects.

    Row r has expected count ``weight[r]`` times the sum of the means of the cells
    ``cell[start[r]:start[r + 1]]``.

    Attributes
    ----------
    model : PooledEffects
    start : ndarray of int64, shape (rows + 1,)
    cell : ndarray of int64, shape (start[-1],)
    weight : ndarray of float, shape (rows,)
    counts : LimitedCounts
        Of the rows.
    unseen : ndarray of bool, shape (cells,)
        Cells that no row counts.
    """

    model: PooledEffects
    start: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    counts: LimitedCounts
    unseen: np.ndarray

    @property
    def people(self) -> float:
        """People seen; the middle of the limits where they are not known."""
        return float((self.counts.low + self.counts.high).sum()) / 2.0

    @cached_property
    def row_of(self) -> np.ndarray:
        """The row of each entry of `cell`."""
        return np.repeat(np.arange(len(self.weight)), np.diff(self.start))

    @cached_property
    def is_sum(self) -> np.ndarray:
        """Rows of more than one cell."""
        return np.diff(self.start) > 1

    @property
    def at_once(self) -> int:
        """Draws whose cells are held at a time."""
        return max(1, _MOST_NUMBERS // max(self.model.cells, len(self.cell)))

    def expected(self, means: np.ndarray) -> np.ndarray:
        """Expected counts of the rows, from those of the cells: shape (draws, rows)."""
        if not self.is_sum.any():
            return means[..., self.cell] * self.weight
        found = means[..., self.cell[self.start[:-1]]]
        sums = np.flatnonzero(self.is_sum)
        inside = self.is_sum[self.row_of]
        first = np.concatenate([[0], np.cumsum(np.diff(self.start)[sums])])[:-1]
        found[..., sums] = np.add.reduceat(means[..., self.cell[inside]], first, axis=-1)
        return found * self.weight

    def log_likelihood(self, effects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood of draws of the effects, and the expected number unseen.

        Parameters
        ----------
        effects : ndarray of float, shape (draws, effects)

        Returns
        -------
        log_likelihood, unseen : ndarray of float, shape (draws,)
        """
        found, unseen = np.empty(len(effects)), np.empty(len(effects))
        for first in range(0, len(effects), self.at_once):
            part = slice(first, first + self.at_once)
            means = self.model.means(effects[part])
            found[part] = self.counts.log_mass_of_all(self.expected(means))
            unseen[part] = means[:, self.unseen].sum(axis=-1)
        return found, unseen

    def curvature(self, effects: np.ndarray) -> Curvature:
        """The likelihood and its first two derivatives at one point.

        A row is a sum of cells with shares π of its mean m. Where its count is known to be y, or
        has mean y and variance v within its limits, its log-likelihood has slope (y − m) π in
        the logs of the cells' means, and information m diag(π) − y (diag(π) − π πᵀ) − v π πᵀ.
        """
        means = self.model.means(effects[None, :])[0]
        expected = np.maximum(self.expected(means), _FLOOR)
        centre, spread = self.counts.moments(expected)
        row, cells = self.row_of, self.model.cells
        mean = self.weight[row] * means[self.cell]
        share = mean / expected[row]
        slope = np.bincount(self.cell, weights=share * (centre - expected)[row], minlength=cells)
        known = np.where(self.is_sum, centre, spread)  # what a cell's own information lacks
        diagonal = np.bincount(self.cell, weights=mean - share * known[row], minlength=cells)
        information = self.model.information(diagonal)
        if self.is_sum.any():
            information += self._squares(share, centre - spread)

        def positive() -> np.ndarray:
            single = np.where(self.is_sum[row], 0.0, mean - share * known[row])
            by_cell = np.bincount(self.cell, weights=single, minlength=cells)
            return self.model.information(by_cell) + self._squares(share, expected)

        return Curvature(
            log_likelihood=float(self.counts.log_mass_of_all(expected)),
            slope=self.model.gradient(slope),
            information=information,
            positive=positive,
        )

    def _squares(self, share: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Σ over the rows that are sums of weight (Xᵀπ)(Xᵀπ)ᵀ."""
        found = np.zeros((self.model.effects, self.model.effects))
        rows = np.flatnonzero(self.is_sum & (weight != 0.0))
        step = max(1, _MOST_NUMBERS // self.model.effects)
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            mixed = self._mixed(some, share)
            found += mixed.T @ (mixed * weight[some, None])
        return found

    def _mixed(self, rows: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Xᵀπ of rows: their design, averaged over their cells; shape (rows, effects)."""
        length = np.diff(self.start)[rows]
        first = np.concatenate([[0], np.cumsum(length)])
        entry = np.repeat(self.start[rows] - first[:-1], length) + np.arange(first[-1])
        cells, design = self._design
        column = np.searchsorted(cells, self.cell[entry])
        averages = csr_array((share[entry], column, first), shape=(len(rows), len(cells)))
        return (averages @ design).toarray()

    @cached_property
    def _design(self) -> tuple[np.ndarray, csr_array]:
        """Cells that sums hold, and the design matrix there, sparse: shape (cells, effects)."""
        cells = np.unique(self.cell[self.is_sum[self.row_of]])
        step = max(1, _MOST_NUMBERS // self.model.effects)
        parts = [
            csr_array(self.model.rows(cells[first : first + step]))
            for first in range(0, len(cells), step)
        ]
        return cells, vstack(parts, format="csr")
