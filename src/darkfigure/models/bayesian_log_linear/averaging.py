"""Draws from the posterior over all models: what is averaged, how it is searched, what is kept."""

from dataclasses import dataclass, replace

import numpy as np

from darkfigure import progress
from darkfigure.errors import NotEstimable
from darkfigure.identification import Identification
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    LaplaceFits,
    draw_pool,
    fit_laplace,
    linear_predictor,
    log_seen,
)
from darkfigure.numerics.conjugate import poisson_of
from darkfigure.numerics.hierarchy import hierarchical_models
from darkfigure.numerics.resampling import effective_size, systematic
from darkfigure.numerics.search import surround, walk_models
from darkfigure.prior.population import OneOverN, Prior

MOST_MODELS = 250_000
"""Above so many candidates the model space is searched instead of enumerated."""

_MOST_VISITED = 20_000
_GOOD = 14.0  # on the scale of −2 log evidence: models a thousand times less probable are left out
_STEP, _LAST = 40_000, 640_000  # draws added to the pool at a time, and in all
_MOST_NUMBERS = 1 << 25  # held at a time
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(32)


@dataclass(frozen=True)
class Candidates:
    """The models averaged, with their evidence.

    Attributes
    ----------
    variables : ndarray of bool, shape (models, 2**variables)
        Terms of each model over lists and stratum variables.
    fits : LaplaceFits
        Over bits.
    exhaustive : bool
    """

    variables: np.ndarray
    fits: LaplaceFits
    exhaustive: bool


@dataclass(frozen=True)
class Answer:
    """Draws of effects and of the people on no list.

    Attributes
    ----------
    effects : ndarray of float, shape (draws, 2**bits)
    log_odds : ndarray of float, shape (draws, strata)
        Log of the expected number missed in a stratum over that of all seen.
    unseen : ndarray of float, shape (draws, strata)
    """

    effects: np.ndarray
    log_odds: np.ndarray
    unseen: np.ndarray

    def take(self, index: np.ndarray) -> "Answer":
        """Chosen draws, in the order given."""
        return Answer(self.effects[index], self.log_odds[index], self.unseen[index])


@dataclass(frozen=True)
class Averaged:
    """The posterior over models.

    Attributes
    ----------
    answer : Answer
        Equally weighted draws.
    model : ndarray of int, shape (draws,)
        The model each came from.
    weight : ndarray of float, shape (models,)
        Posterior probability of each model.
    effective : float
        How many independent draws the weighted pool was worth.
    pool : int
        Draws in it.
    """

    answer: Answer
    model: np.ndarray
    weight: np.ndarray
    effective: float
    pool: int


def candidate_models(
    layout: Layout, order: int, prior: EffectsPrior, rng: np.random.Generator
) -> Candidates:
    """Every hierarchical model up to an order, or those that a search with memory finds."""
    k = layout.factors.variables
    models = hierarchical_models(k, order, layout.possible, most=MOST_MODELS)
    if models is not None:
        fits = fit_laplace(layout.observed, layout.factors.expand(models), prior)
        return Candidates(models, fits, exhaustive=True)
    looked_at = 0

    def values_of(some: np.ndarray) -> np.ndarray:
        nonlocal looked_at
        fits = fit_laplace(layout.observed, layout.factors.expand(some), prior)
        looked_at += len(some)
        progress.report("models looked at", looked_at, 0)
        return -2.0 * fits.log_evidence(prior)

    found = walk_models(values_of, k, layout.possible, order, rng)
    found = surround(values_of, found, layout.possible, order, within=_GOOD, most=_MOST_VISITED)
    fits = fit_laplace(layout.observed, layout.factors.expand(found), prior)
    return Candidates(found, fits, exhaustive=False)


def answer_of(
    layout: Layout,
    effects: np.ndarray,
    identify: Identification | None,
    rng: np.random.Generator,
) -> Answer:
    """The people on no list, given draws of the effects.

    The expected number seen has a Gamma(n) posterior; those missed in a stratum are Poisson
    with the rate that the effects (or the identifying assumption) give beside it.
    """
    observed, factors = layout.observed, layout.factors
    predictor = linear_predictor(effects)
    total = log_seen(predictor, observed.cells)
    if identify is None:
        missed = predictor[:, observed.missed]
    else:
        histories = np.arange(1 << factors.lists)
        cells = observed.missed[:, None] + histories[None, :]
        missed = identify.log_odds(predictor[:, cells], layout.table.lists, rng)
    log_odds = missed - total[:, None]
    log_rate = np.log(rng.standard_gamma(observed.counts.sum(), size=len(effects)))
    return Answer(effects, log_odds, poisson_of(log_rate[:, None] + log_odds, rng))


def average(
    layout: Layout,
    candidates: Candidates,
    effects: EffectsPrior,
    prior: Prior,
    identify: Identification | None,
    *,
    draws: int,
    rng: np.random.Generator,
) -> Averaged:
    """Draw from the posterior over models, with more draws where they are worth little.

    Raises
    ------
    NotEstimable
        If no draw has any posterior weight under the prior on the population.
    """
    fits, seen = candidates.fits, layout.observed.counts.sum()
    informative = not isinstance(prior, OneOverN)
    log_share = fits.evidence + effects.log_share
    if informative:
        log_share = log_share + _expected_tilt(fits, prior, seen)
    log_share = np.where(np.isfinite(log_share), log_share, -np.inf)
    if not np.isfinite(log_share).any():
        raise _nothing(prior)
    terms = np.flatnonzero(fits.models.any(axis=0))
    step = min(_STEP, 10 * draws, _MOST_NUMBERS >> layout.factors.bits)
    parts: list[_Part] = []
    while True:
        pool = draw_pool(layout.observed, fits, effects, log_share, step, rng)
        answer = answer_of(layout, pool.effects, identify, rng)
        log_weight = pool.log_weight
        if informative:
            log_weight = log_weight + prior.log_tilt(seen + answer.unseen.sum(axis=1))
        parts.append(_Part(pool.model, log_weight, replace(answer, effects=pool.effects[:, terms])))
        weight = np.concatenate([part.log_weight for part in parts])
        if np.isfinite(weight).any() and effective_size(weight) >= draws:
            break
        if len(weight) >= min(_LAST, _MOST_NUMBERS // len(terms)):
            break
        progress.report("weighted draws", len(weight), _LAST)
    if not np.isfinite(weight).any():
        raise _nothing(prior)
    settled = _settled(parts, candidates, effects, draws, rng)
    wide = np.zeros((draws, len(layout.observed.counts)))
    wide[:, terms] = settled.answer.effects
    return replace(settled, answer=replace(settled.answer, effects=wide))


@dataclass(frozen=True)
class _Part:
    model: np.ndarray
    log_weight: np.ndarray
    answer: Answer


def _settled(
    parts: list[_Part],
    candidates: Candidates,
    effects: EffectsPrior,
    draws: int,
    rng: np.random.Generator,
) -> Averaged:
    """Resample the pool to equal weights, in random order."""
    log_weight = np.concatenate([part.log_weight for part in parts])
    model = np.concatenate([part.model for part in parts])
    weight = np.exp(log_weight - log_weight.max())
    kept = rng.permutation(systematic(weight, draws, rng))
    together = [
        np.concatenate([getattr(part.answer, name) for part in parts])
        for name in Answer.__dataclass_fields__
    ]
    return Averaged(
        answer=Answer(*together).take(kept),
        model=model[kept],
        weight=_model_weights(model, weight, candidates, effects),
        effective=effective_size(log_weight),
        pool=len(weight),
    )


def _model_weights(
    model: np.ndarray, weight: np.ndarray, candidates: Candidates, effects: EffectsPrior
) -> np.ndarray:
    """Posterior probability of each model: from its draws where there are enough, else Laplace."""
    size = len(candidates.variables)
    drawn = np.bincount(model, minlength=size)
    share = np.bincount(model, weights=weight, minlength=size) / weight.sum()
    evidence = candidates.fits.log_evidence(effects)
    laplace = np.exp(evidence - evidence.max())
    enough = drawn >= 100
    left = max(1.0 - share[enough].sum(), 0.0)
    rest = np.where(enough, 0.0, laplace)
    if rest.sum() > 0:
        rest *= left / rest.sum()
    weights = np.where(enough, share, rest)
    return weights / weights.sum()


def _expected_tilt(fits: LaplaceFits, prior: Prior, seen: float) -> np.ndarray:
    """Log of the mean of p(N) N under each model, its log odds taken as normal: a proposal."""
    with np.errstate(over="ignore", divide="ignore"):
        nodes = fits.log_odds[..., None] + fits.spread[..., None] * _NODES
        population = seen * (1.0 + np.exp(np.minimum(nodes, 600.0)))
        tilt = prior.log_tilt(population)
    tilt = np.where(np.isfinite(tilt), tilt, -1e5)
    return np.logaddexp.reduce(tilt + np.log(_NODE_WEIGHTS), axis=-1)


def _nothing(prior: Prior) -> NotEstimable:
    return NotEstimable(
        f"no model of the lists has any probability under {prior!r}.",
        "look at the estimate under dk.prior.OneOverN(): the prior and the lists exclude each "
        "other.",
    )
