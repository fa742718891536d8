"""Draws of the unseen of a log-linear fit: bootstrap, profile, delta, and mixtures of models."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from darkfigure import progress
from darkfigure.models.log_linear.candidates import Candidates
from darkfigure.numerics import bca
from darkfigure.numerics.kernels import newton_kernels
from darkfigure.numerics.log_linear import fitted_means, take
from darkfigure.numerics.profile import profile_of
from darkfigure.numerics.ranked_models import RankedModels
from darkfigure.numerics.resampling import resample_people
from darkfigure.uncertainty import Bootstrap

ALLOWED = (1, 2, 5, 10, 20, 50, 100)
"""Numbers of top models for which the interval is kept (`est.stability()`)."""

type Select = Callable[[np.ndarray], "Reselected"]
"""Selects a model in each of several tables, shape (tables, 2**k)."""


@dataclass(frozen=True)
class Reselected:
    """The unseen of the model selected in each table.

    Attributes
    ----------
    unseen : ndarray of float, shape (tables, columns)
        One column for each number of models allowed, all of them last; nan without an estimate.
    rank : ndarray of int, shape (tables,)
        Place of the model chosen among all allowed; -1 for none, or where ranks mean nothing.
    """

    unseen: np.ndarray
    rank: np.ndarray


@dataclass(frozen=True)
class Bootstrapped:
    """Replicates, and the draws and limits that follow from them.

    Attributes
    ----------
    draws : ndarray of float, shape (draws,)
        Of the unseen.
    population : ndarray of float, shape (replicates,)
        Totals, nan without an estimate.
    rank : ndarray of int, shape (replicates,)
    correction : Correction or None
        For BCa limits.
    without_one : ndarray of float, shape (2**k,)
        Unseen with one person of a history removed; nan for histories nobody has.
    stability : ndarray of float, shape (columns, 3)
        Models allowed, low and high (95 %) of the total; empty where selection is no ranking.
    """

    draws: np.ndarray
    population: np.ndarray
    rank: np.ndarray
    correction: bca.Correction | None
    without_one: np.ndarray
    stability: np.ndarray


def among_the_best(
    counts: np.ndarray,
    candidates: Candidates,
    penalty: np.ndarray,
    possible: np.ndarray,
    pool: int,
) -> tuple[Select, tuple[int, ...]]:
    """Selection among the best models of the full search, and the numbers of models allowed."""
    best = take(candidates.fits, np.arange(pool))
    columns = tuple(sorted({m for m in ALLOWED if m < pool} | {pool}))

    ranked = RankedModels(counts, best.models, best.coefficients, penalty[:pool], possible)

    def select(tables: np.ndarray) -> Reselected:
        refits = ranked.refit(tables)
        criterion = np.where(
            np.isfinite(refits.unseen), penalty[:pool] - 2.0 * refits.log_likelihood, np.inf
        )
        rows = np.arange(len(tables))
        unseen = np.empty((len(tables), len(columns)))
        chosen = np.zeros(len(tables), dtype=np.int64)
        for column, allowed in enumerate(columns):
            chosen = np.argmin(criterion[:, :allowed], axis=1)
            unseen[:, column] = refits.unseen[rows, chosen]
        return Reselected(unseen, np.where(np.isfinite(unseen[:, -1]), chosen, -1))

    return select, columns


def bootstrap(
    counts: np.ndarray,
    possible: np.ndarray,
    candidates: Candidates,
    settings: Bootstrap,
    select: Select,
    columns: tuple[int, ...],
    *,
    draws: int,
    rng: np.random.Generator,
) -> Bootstrapped:
    """Resample, select again in every replicate, and turn the totals into draws."""
    seen = int(counts[1:].sum())
    estimate = float(candidates.fits.unseen[0])
    if settings.kind == "parametric":
        means = fitted_means(candidates.fits.coefficients[0])
        tables = _from_model(means, possible, seen, settings.replicates, rng)
    else:
        tables = resample_people(counts, settings.replicates, rng)
    found = _in_steps(tables, select)
    jackknife = select(_with_one_removed(counts)) if settings.kind == "bca" else None
    totals = found.unseen + tables[:, 1:].sum(axis=1)[:, None]
    correction, without_one, limits = None, np.full(len(counts), np.nan), []
    cells = np.flatnonzero(counts[1:]) + 1
    for column in range(totals.shape[1]):
        have = totals[np.isfinite(totals[:, column]), column]
        if len(have) < 2:
            limits.append((np.nan, np.nan))
            continue
        if jackknife is not None:
            without_one[cells] = jackknife.unseen[:, column]
            a = bca.acceleration(counts[cells], without_one[cells] + seen - 1)
            correction = bca.correction(have, seen + estimate, a)
        limits.append(tuple(bca.quantiles_of(have, correction, np.array([0.025, 0.975]))))
    have = totals[np.isfinite(totals[:, -1]), -1]
    levels = bca.stratified_levels(draws, rng)
    unseen = (
        np.maximum(bca.quantiles_of(have, correction, levels) - seen, 0.0) if len(have) else have
    )
    stability = np.column_stack([columns, np.array(limits)]) if columns else np.empty((0, 3))
    return Bootstrapped(unseen, totals[:, -1], found.rank, correction, without_one, stability)


def profile_draws(
    counts: np.ndarray,
    possible: np.ndarray,
    candidates: Candidates,
    draws: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, float]:
    """Draws by inverting the signed root (some infinite if it levels off), and the maximum."""
    fits = candidates.fits
    curve = profile_of(counts, fits.models[0], possible, fits.coefficients[0])
    return curve.at(ndtri(bca.stratified_levels(draws, rng))), curve.best


def delta_draws(
    counts: np.ndarray,
    possible: np.ndarray,
    candidates: Candidates,
    draws: int,
    rng: np.random.Generator,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Log-normal draws of the unseen of the best model, or of a mixture of models."""
    size = 1 if weights is None else len(weights)
    shares = np.ones(1) if weights is None else weights
    centre = np.log(candidates.fits.unseen[:size])
    spread = np.array([spread_of(counts, possible, candidates, m) for m in range(size)])
    levels = bca.stratified_levels(draws, rng)
    if size == 1:
        return np.exp(centre[0] + spread[0] * ndtri(levels))
    grid = np.linspace((centre - 8 * spread).min(), (centre + 8 * spread).max(), 20_001)
    below = sum(
        share * ndtr((grid - at) / width)
        for share, at, width in zip(shares, centre, spread, strict=True)
    )
    return np.exp(np.interp(levels, below, grid))


def spread_of(
    counts: np.ndarray, possible: np.ndarray, candidates: Candidates, index: int
) -> float:
    """Standard deviation of log n̂0: sqrt(var α̂_∅ + 1/n̂0), so that sd N̂ is n̂0 times it."""
    newton = newton_kernels()
    fits = candidates.fits
    y = np.array(counts, dtype=float)
    variance = newton.unseen_variance(y, possible, fits.models[index], fits.coefficients[index])
    return float(np.sqrt(variance + 1.0 / fits.unseen[index]))


def _from_model(
    means: np.ndarray, possible: np.ndarray, seen: int, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Tables drawn from the fitted model at its estimated total; the unseen are not kept."""
    means = np.where(possible, means, 0.0)
    total = round(seen + means[0])
    tables = rng.multinomial(total, means / means.sum(), size=replicates)
    tables[:, 0] = 0
    return tables


def _with_one_removed(counts: np.ndarray) -> np.ndarray:
    cells = np.flatnonzero(counts[1:]) + 1
    tables = np.repeat(counts[None, :], len(cells), axis=0)
    tables[np.arange(len(cells)), cells] -= 1
    return tables


def _in_steps(tables: np.ndarray, select: Select) -> Reselected:
    """Select in all tables, a part at a time, with a forecast of how long it takes."""
    started = time.monotonic()
    step, done, parts = 16, 0, []
    while done < len(tables):
        parts.append(select(tables[done : done + step]))
        done += len(parts[-1].rank)
        spent = time.monotonic() - started
        left = spent / done * (len(tables) - done)
        progress.report(f"bootstrap, {left:.0f} s to go", done, len(tables))
        step = max(16, min(256, int(done * 2.0 / max(spent, 1e-3))))
    return Reselected(
        np.concatenate([part.unseen for part in parts]),
        np.concatenate([part.rank for part in parts]),
    )
