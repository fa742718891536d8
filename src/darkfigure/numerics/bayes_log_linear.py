"""Bayesian averaging of hierarchical log-linear models: Laplace evidence, then importance sampling.

Models and the scale of their prior are drawn by their Laplace evidence, effects from a Student-t
around the mode; every draw is weighed against the exact posterior, so that what is left of the
approximation is only noise, measured by the effective sample size (Raftery 1996, Biometrika
83:251, for the evidence; Geweke 1989, Econometrica 57:1317, for the weights).
"""

import os
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.factors import Factors
from darkfigure.numerics.kernels import laplace_kernels
from darkfigure.numerics.log_linear import in_parts
from darkfigure.numerics.resampling import systematic

DEGREES = 8.0
"""Of the Student-t: heavier tails cost draws, lighter ones risk the weights."""

_PART = 256


@dataclass(frozen=True)
class Observed:
    """What was seen, on the lattice of lists and strata.

    Attributes
    ----------
    factors : Factors
    counts : ndarray of float, shape (2**bits,)
        People per cell.
    cells : ndarray of bool, shape (2**bits,)
        Cells in which people can be seen.
    """

    factors: Factors
    counts: np.ndarray
    cells: np.ndarray

    @property
    def missed(self) -> np.ndarray:
        """Cells of the people on no list, shape (strata,)."""
        return self.factors.strata


@dataclass(frozen=True)
class EffectsPrior:
    """A normal prior on the effects, with one or several scales.

    Attributes
    ----------
    precision : ndarray of float, shape (2**bits, 2**bits)
        At scale 1, the same between two terms in every model.
    scales : ndarray of float, shape (scales,)
        By which prior variances are multiplied.
    log_share : ndarray of float, shape (scales,)
        Log prior weight of each scale.
    """

    precision: np.ndarray
    scales: np.ndarray
    log_share: np.ndarray


@dataclass(frozen=True)
class LaplaceFits:
    """Evidence of several models by Laplace's method, at each scale of the prior.

    Attributes
    ----------
    models : ndarray of bool, shape (models, 2**bits)
    evidence : ndarray of float, shape (models, scales)
        Log evidence, up to a constant of the table; -inf where no mode was found.
    log_odds, spread : ndarray of float, shape (models, scales)
        log(π0 / (1 − π0)) at the mode, and its standard deviation.
    modes : ndarray of float, shape (models, 2**bits)
    """

    models: np.ndarray
    evidence: np.ndarray
    log_odds: np.ndarray
    spread: np.ndarray
    modes: np.ndarray

    def log_evidence(self, prior: EffectsPrior) -> np.ndarray:
        """Log evidence of each model, its scale integrated out, shape (models,)."""
        return np.logaddexp.reduce(self.evidence + prior.log_share, axis=1)


@dataclass(frozen=True)
class Pool:
    """Weighted draws from the posterior over models and effects.

    Attributes
    ----------
    model : ndarray of int, shape (draws,)
        Which model each came from.
    scale : ndarray of int, shape (draws,)
    effects : ndarray of float, shape (draws, 2**bits)
        0 for terms not in the model.
    log_weight : ndarray of float, shape (draws,)
        Log of posterior over proposal, up to a constant.
    """

    model: np.ndarray
    scale: np.ndarray
    effects: np.ndarray
    log_weight: np.ndarray


def fit_laplace(
    observed: Observed, models: np.ndarray, prior: EffectsPrior, *, workers: int | None = None
) -> LaplaceFits:
    """Find the mode and the Laplace evidence of every model."""
    kernels = laplace_kernels()
    shape = (len(models), len(prior.scales))
    evidence, log_odds, spread = np.empty(shape), np.empty(shape), np.empty(shape)
    modes = np.zeros(models.shape)
    in_parts(
        lambda a, b: kernels.fit_models(
            observed.counts,
            observed.cells,
            observed.missed,
            models,
            prior.precision,
            prior.scales,
            a,
            b,
            evidence,
            log_odds,
            spread,
            modes,
        ),
        len(models),
        workers,
        part=_PART,
    )
    evidence = np.where(np.isfinite(evidence), evidence, -np.inf)
    return LaplaceFits(models, evidence, log_odds, spread, modes)


def draw_pool(
    observed: Observed,
    fits: LaplaceFits,
    prior: EffectsPrior,
    log_share: np.ndarray,
    size: int,
    rng: np.random.Generator,
    *,
    workers: int | None = None,
) -> Pool:
    """Draw models, scales and effects, and weigh them against the posterior.

    Parameters
    ----------
    log_share : ndarray of float, shape (models, scales)
        Log of how often each model and scale is drawn, up to a constant.
    size : int
        Number of draws.
    """
    share = np.exp(log_share - log_share.max()).ravel()
    chosen = systematic(share, size, rng)
    groups, first = np.unique(chosen, return_index=True)
    model, scale = np.divmod(groups, len(prior.scales))
    most = int(fits.models[model].sum(axis=1).max())
    normals = rng.standard_normal((size, most))
    stretch = np.sqrt(DEGREES / rng.chisquare(DEGREES, size))
    effects = np.zeros((size, observed.counts.shape[0]))
    weight = np.empty(size)
    kernels = laplace_kernels()
    ends = np.append(first, size).astype(np.int64)
    in_parts(
        lambda a, b: kernels.propose(
            observed.counts,
            observed.cells,
            fits.models[model],
            prior.precision,
            prior.scales[scale],
            fits.modes[model],
            ends,
            normals,
            stretch,
            DEGREES,
            a,
            b,
            effects,
            weight,
        ),
        len(groups),
        workers,
        part=max(1, min(64, len(groups) // (2 * (os.cpu_count() or 1)))),
    )
    of_draw = np.repeat(np.arange(len(groups)), np.diff(ends))
    model, scale = model[of_draw], scale[of_draw]
    # the share a model was drawn by, against what its evidence gives it
    fair = fits.evidence[model, scale] + prior.log_share[scale]
    log_weight = weight + fair - log_share[model, scale]
    # a draw whose density is past all numbers has no weight that could be known
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    return Pool(model, scale, effects, log_weight)


def linear_predictor(effects: np.ndarray) -> np.ndarray:
    """Log expected counts of all cells from effects, along the last axis of length 2**bits."""
    out = np.array(effects)
    size, step = out.shape[-1], 1
    while step < size:
        pairs = out.reshape(*out.shape[:-1], size // (2 * step), 2, step)
        pairs[..., 1, :] += pairs[..., 0, :]
        step *= 2
    return out


def log_seen(predictor: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """log S: of the sum of exp(η) over the observable cells."""
    return np.logaddexp.reduce(predictor[..., cells], axis=-1)
