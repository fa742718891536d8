"""Weighted draws of pooled effects: Laplace's approximation as a proposal, corrected by weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkfigure import progress
from darkfigure.numerics.pooled_scales import ScalePosterior
from darkfigure.numerics.resampling import effective_size, systematic

SCALES = 400
"""Draws of the scales, each with a normal distribution of the effects of its own."""

_WORTH = 0.25  # independent draws that the pool is to be worth, of those asked for
_LAST = 20  # times as many draws are weighed at most as are asked for
_MOST_NUMBERS = 1 << 25


@dataclass(frozen=True, eq=False)
class Pool:
    """Draws of scales and effects with their weights.

    Attributes
    ----------
    effects : ndarray of float, shape (draws, effects)
    log_scale : ndarray of float, shape (draws, scales)
    log_weight : ndarray of float, shape (draws,)
    unseen : ndarray of float, shape (draws,)
        Expected number unseen.
    group : ndarray of int64, shape (draws,)
        Which draw of the scales each has.
    """

    effects: np.ndarray
    log_scale: np.ndarray
    log_weight: np.ndarray
    unseen: np.ndarray
    group: np.ndarray

    @property
    def effective(self) -> float:
        """How many independent draws the pool is worth for the log of the number unseen.

        Draws that share their scales are no independent ones: the smaller of (Σw)² / Σw² and
        what the variance of the mean between groups of the same scales says.
        """
        if not np.isfinite(self.log_weight).any():
            return 0.0
        weight = np.exp(self.log_weight - self.log_weight.max())
        share = weight / weight.sum()
        away = np.log(self.unseen)
        away = away - share @ away
        between = np.bincount(self.group, weights=share * away)
        error = float((between**2).sum())
        clustered = float(share @ away**2) / error if error > 0 else np.inf
        return min(effective_size(self.log_weight), clustered)

    def resampled(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Indices of equally weighted draws, in random order."""
        weight = np.exp(self.log_weight - self.log_weight.max())
        return rng.permutation(systematic(weight, size, rng))


def weighted_draws(
    posterior: ScalePosterior,
    tilt: Callable[[np.ndarray], np.ndarray] | None,
    *,
    draws: int,
    rng: np.random.Generator,
) -> Pool:
    """Weigh draws until they are worth a quarter of those asked for, or are twenty times as many.

    Scales are drawn along their axes and chosen by their evidence under Laplace; effects are drawn
    from the normal distribution about their mode given the scales. The weights compare both with
    the exact posterior, so that what is left of the approximation is noise (Geweke 1989,
    Econometrica 57:1317; Rue, Martino & Chopin 2009, J. R. Stat. Soc. B 71:319, for the scales).

    Parameters
    ----------
    posterior : ScalePosterior
    tilt : callable, optional
        Log weight by the expected number unseen, for a prior on the population.
    draws : int
    rng : Generator

    Returns
    -------
    Pool
        Of weights 0 throughout (-inf in logs), if no draw has any.
    """
    counts = posterior.counts
    log_scale, proposed = posterior.draw(SCALES, rng)
    modes, evidence = np.empty((SCALES, counts.model.effects)), np.empty(SCALES)
    for number, each in enumerate(log_scale):
        mode = posterior.conditional(each, posterior.effects)
        modes[number], evidence[number] = mode.effects, mode.log_evidence
        progress.report("scales", number + 1, SCALES)
    evidence += counts.model.log_prior_of_scales(log_scale)
    scales = _Scales(log_scale, modes, evidence, proposed)
    most = max(draws, min(_LAST * draws, _MOST_NUMBERS // counts.model.effects))
    pool, size = _weighed(posterior, scales, tilt, draws, rng), draws
    while pool.effective < _WORTH * draws and size < most:
        progress.report("weighted draws", size, most)
        more = min(2 * size, most - size)
        pool = _together(pool, _weighed(posterior, scales, tilt, more, rng))
        size += more
    return pool


@dataclass(frozen=True, eq=False)
class _Scales:
    """Draws of the scales: their logs, the mode of the effects and the evidence given each."""

    log_scale: np.ndarray
    modes: np.ndarray
    evidence: np.ndarray
    proposed: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Evidence over the density that each was drawn from, up to a constant."""
        log_share = self.evidence - self.proposed
        return np.exp(log_share - log_share.max())


def _weighed(
    posterior: ScalePosterior,
    scales: _Scales,
    tilt: Callable[[np.ndarray], np.ndarray] | None,
    size: int,
    rng: np.random.Generator,
) -> Pool:
    """So many draws of scales and effects, with their weights."""
    counts, group = posterior.counts, systematic(scales.share, size, rng)
    effects, density = np.empty((size, counts.model.effects)), np.empty(size)
    for each in np.unique(group):
        here = np.flatnonzero(group == each)
        mode = posterior.conditional(scales.log_scale[each], scales.modes[each])
        effects[here], density[here] = mode.draw(len(here), rng)
    log_scale = scales.log_scale[group]
    likelihood, unseen = counts.log_likelihood(effects)
    log_weight = likelihood + counts.model.log_prior(effects, log_scale)
    log_weight += counts.model.log_prior_of_scales(log_scale) - scales.evidence[group] - density
    if tilt is not None:
        log_weight += tilt(unseen)
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    return Pool(effects, log_scale, log_weight, unseen, group)


def _together(first: Pool, second: Pool) -> Pool:
    names = Pool.__dataclass_fields__
    return Pool(*(np.concatenate([getattr(p, name) for p in (first, second)]) for name in names))
