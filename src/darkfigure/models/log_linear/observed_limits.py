"""Limits for tables with strata, gaps or limits: bootstrap, profile and delta method."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from darkfigure import progress
from darkfigure.models.log_linear.observed import Layout
from darkfigure.models.log_linear.observed_choice import Choice, criterion_of, penalty_of_one
from darkfigure.numerics import bca
from darkfigure.numerics.composite import CompositeFit, refit_composite
from darkfigure.numerics.composite_profile import profile_composite
from darkfigure.numerics.composite_steps import select_composite
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
        Place of the model chosen among those allowed; -1 for none, and where it was searched for.
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
    """Draw people anew, observe them as the table's were, and choose a model again.

    Among the `pool` best, or where that is 0 by the whole search, from the model selected on.
    """
    low, high = _resampled(layout, choice, uncertainty, rng)
    started, totals, ranks = time.monotonic(), [], []
    for first in range(0, len(low), _PART):
        part = slice(first, first + _PART)
        if pool:
            found, rank = _among(settings, layout, choice, pool, low[part], high[part])
        else:
            found, rank = _searched(settings, layout, choice, low[part], high[part])
        totals.append(found)
        ranks.append(rank)
        done = first + len(rank)
        left = (time.monotonic() - started) / done * (len(low) - done)
        progress.report(f"bootstrap, {left:.0f} s to go", done, len(low))
    every, rank = np.concatenate(totals), np.concatenate(ranks)
    correction = None
    have = every[np.isfinite(every).all(axis=1)].sum(axis=1)
    if uncertainty.kind == "bca" and len(have) > 1:
        estimate = float(choice.fit.expected[:, 1].sum())
        correction = bca.correction(have, estimate, acceleration(layout, choice.fit))
    return Replicates(every, rank, correction)


def _among(
    settings: "LogLinear",
    layout: Layout,
    choice: Choice,
    pool: int,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Totals by stratum of the best of a few models, and its place among them, by table."""
    models = choice.models[:pool]
    starts = np.broadcast_to(choice.fit.start, (pool, len(choice.fit.coefficients)))
    found = refit_composite(
        low, high, layout.data, layout.design, models, starts, margins=layout.margins
    )
    values = criterion_of(settings, layout, found.log_likelihood, models)
    best, rows = np.argmin(values, axis=1), np.arange(len(low))
    rank = np.where(np.isfinite(values[rows, best]), best, -1)
    return np.where(rank[:, None] < 0, np.nan, found.expected[rows, best, :, 1]), rank


def _searched(
    settings: "LogLinear", layout: Layout, choice: Choice, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Totals by stratum of the model that a search ends at, by table; models have no place."""
    design = layout.design
    found = select_composite(
        low, high, layout.data, design, design.main, design.full,
        penalty_of_one(settings, layout), choice.fit, margins=layout.margins,
    )  # fmt: skip
    return found.expected[:, :, 1], np.full(len(low), -1)


def acceleration(layout: Layout, fit: CompositeFit) -> float:
    """The acceleration from the influence of one person of each row, the model held fixed.

    The infinitesimal jackknife (Efron 1987, section 6; the selection is not redone in it).
    """
    moved = influence_of_one(layout, fit)
    counts = layout.between_limits(fit.means)
    spread = float((counts * moved**2).sum())
    return float((counts * moved**3).sum() / (6.0 * spread**1.5)) if spread > 0 else 0.0


def influence_of_one(layout: Layout, fit: CompositeFit) -> np.ndarray:
    """By how much a person more in each row moves the total, to first order: shape (rows,).

    The parameters move by the inverse information times J_r / m_r.
    """
    gradient, influence = _gradients(layout, fit)
    return influence @ (fit.covariance @ gradient)


def log_spread(layout: Layout, fit: CompositeFit) -> float:
    """Standard deviation of the log of the number unseen: √(g′Vg + 1/n̂0), g its gradient."""
    weights = np.where(layout.observation.unseen, fit.means, 0.0)
    gradient = _weighted_rows(layout, weights) / max(weights.sum(), 1e-300)
    variance = float(gradient @ fit.covariance @ gradient)
    return float(np.sqrt(variance + 1.0 / max(weights.sum(), 1e-300)))


def profile(
    layout: Layout, fit: CompositeFit, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Draws of all the unseen by inverting the signed root (some may be infinite), and the maximum.

    Returns
    -------
    tuple of ndarray of float, shape (draws,), and float
    """
    curve = profile_composite(layout.data, layout.design, fit, margins=layout.margins)
    return curve.at(ndtri(bca.stratified_levels(draws, rng))), curve.best


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
    return layout.reported(counts, choice.fit.means)


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
