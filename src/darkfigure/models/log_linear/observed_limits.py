"""Limits for tables with strata, gaps or limits: bootstrap, profile and delta method."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from darkfigure import progress
from darkfigure.models.log_linear.observed import Choice, Layout, criterion_of
from darkfigure.numerics import bca
from darkfigure.numerics.composite import CompositeFit, refit_composite
from darkfigure.uncertainty import Bootstrap

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

_PART = 32


@dataclass(frozen=True, eq=False)
class Replicates:
    """What every resampled table gave.

    Attributes
    ----------
    totals : ndarray of float, shape (replicates, strata)
        Expected numbers in all, nan without an estimate.
    rank : ndarray of int, shape (replicates,)
        Place of the model chosen among those allowed; -1 for none.
    correction : Correction or None
        For BCa limits of the total.
    """

    totals: np.ndarray
    rank: np.ndarray
    correction: bca.Correction | None

    @property
    def usable(self) -> np.ndarray:
        """Replicates with an estimate, shape (replicates,)."""
        return np.isfinite(self.totals).all(axis=1)

    @property
    def population(self) -> np.ndarray:
        """Totals over all strata, shape (replicates,)."""
        return self.totals.sum(axis=1)


def bootstrap(
    settings: "LogLinear",
    layout: Layout,
    choice: Choice,
    uncertainty: Bootstrap,
    pool: int,
    rng: np.random.Generator,
) -> Replicates:
    """Draw people anew, observe them as the table's were, and choose among the best models."""
    low, high = _resampled(layout, choice, uncertainty, rng)
    models = choice.models[:pool]
    starts = np.broadcast_to(choice.fit.start, (pool, len(choice.fit.coefficients)))
    started, totals, ranks = time.monotonic(), [], []
    for first in range(0, len(low), _PART):
        part = slice(first, first + _PART)
        found = refit_composite(
            low[part],
            high[part],
            layout.data,
            layout.design,
            models,
            starts,
            margins=layout.margins,
        )
        values = criterion_of(settings, layout, found.log_likelihood, models)
        best = np.argmin(values, axis=1)
        rows = np.arange(len(best))
        totals.append(found.expected[rows, best, :, 1])
        ranks.append(np.where(np.isfinite(values[rows, best]), best, -1))
        totals[-1][ranks[-1] < 0] = np.nan
        done = first + len(best)
        left = (time.monotonic() - started) / done * (len(low) - done)
        progress.report(f"bootstrap, {left:.0f} s to go", done, len(low))
    every, rank = np.concatenate(totals), np.concatenate(ranks)
    correction = None
    have = every[np.isfinite(every).all(axis=1)].sum(axis=1)
    if uncertainty.kind == "bca" and len(have) > 1:
        estimate = float(choice.fit.expected[:, 1].sum())
        correction = bca.correction(have, estimate, acceleration(layout, choice.fit))
    return Replicates(every, rank, correction)


def acceleration(layout: Layout, fit: CompositeFit) -> float:
    """The acceleration from the influence of one person of each row, the model held fixed.

    The infinitesimal jackknife: a person more in row r moves the parameters by the inverse
    information times J_r / m_r (Efron 1987, section 6; the selection is not redone in it).
    """
    gradient, influence = _gradients(layout, fit)
    counts = layout.between_limits(fit.means)
    moved = influence @ (fit.covariance @ gradient)
    spread = float((counts * moved**2).sum())
    return float((counts * moved**3).sum() / (6.0 * spread**1.5)) if spread > 0 else 0.0


def log_spread(layout: Layout, fit: CompositeFit) -> float:
    """Standard deviation of the log of the number unseen: √(g′Vg + 1/n̂0), g its gradient."""
    weights = np.where(layout.observation.unseen, fit.means, 0.0)
    gradient = _weighted_rows(layout, weights) / max(weights.sum(), 1e-300)
    variance = float(gradient @ fit.covariance @ gradient)
    return float(np.sqrt(variance + 1.0 / max(weights.sum(), 1e-300)))


def picked(
    layout: Layout, replicates: Replicates, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws of the totals of all strata: whole replicates, so that parts add up.

    The replicates are taken at the levels that give the total its (corrected) limits.

    Returns
    -------
    ndarray of float, shape (draws, strata)
    """
    totals = replicates.totals[replicates.usable]
    order = np.argsort(totals.sum(axis=1), kind="stable")
    levels = bca.stratified_levels(draws, rng)
    if replicates.correction is not None:
        levels = replicates.correction.levels(ndtri(levels))
    place = np.minimum((levels * len(order)).astype(np.int64), len(order) - 1)
    return totals[order[place]]


def _resampled(
    layout: Layout, choice: Choice, uncertainty: Bootstrap, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the rows of other people, each of shape (replicates, rows)."""
    observation = layout.observation
    expected = observation.expected(choice.fit.means)
    given = layout.between_limits(choice.fit.means)
    if uncertainty.kind == "parametric":
        total = float(choice.fit.expected[:, 1].sum())
        chances = np.append(expected, max(total - expected.sum(), 0.0))
        people = round(total)
    else:
        chances, people = np.append(given, 0.0), round(given.sum())
    counts = rng.multinomial(people, chances / chances.sum(), size=uncertainty.replicates)[:, :-1]
    if observation.is_exact and observation.disclosure is None:
        return counts, counts
    at = np.clip(np.rint(given), observation.low, observation.high).astype(np.int64)
    return observation.reported(counts, at)


def _gradients(layout: Layout, fit: CompositeFit) -> tuple[np.ndarray, np.ndarray]:
    """Gradient of the total, and J / m of the rows: (columns,) and (rows, columns)."""
    observation, design = layout.observation, layout.design
    gradient = _weighted_rows(layout, fit.means)
    matrix = design.matrix()
    expected = observation.expected(fit.means)
    sums = np.add.reduceat(
        matrix[observation.cell] * fit.means[observation.cell, None], observation.start[:-1], axis=0
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = sums * (observation.weight / expected)[:, None]
    return gradient, np.where(np.isfinite(influence), influence, 0.0)


def _weighted_rows(layout: Layout, weights: np.ndarray) -> np.ndarray:
    """X′w, shape (columns,)."""
    design = layout.design
    cell = np.repeat(np.arange(design.cells), np.diff(design.start))
    return np.bincount(design.column, design.value * weights[cell], minlength=design.columns)
