"""Draws from the posterior over all models: what is averaged, how it is searched, what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from darkfigure import progress
from darkfigure.calls import write_call
from darkfigure.errors import NotEstimable
from darkfigure.identification import Identification
from darkfigure.models.bayesian_log_linear.effects import FAR
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    LaplaceFits,
    linear_predictor,
    log_seen,
    take_models,
)
from darkfigure.numerics.bayes_pool import draw_pool
from darkfigure.numerics.bayes_search import search_models
from darkfigure.numerics.conjugate import UnseenUnder, poisson_of
from darkfigure.numerics.convergence import FEWEST
from darkfigure.numerics.hierarchy import ModelCount, count_models, hierarchical_models
from darkfigure.numerics.resampling import effective_size, systematic
from darkfigure.prior.population import Prior, unseen_under

MOST_MODELS = 250_000
"""Above so many candidates the model space is searched instead of enumerated."""

STEP, LAST = 40_000, 640_000
"""Draws added to the pool at a time, and in all."""

MOST_NUMBERS = 1 << 25
"""Held at a time."""

_COUNTABLE = 1e15  # above it a multinomial count differs from its mean by less than a digit
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
    allowed : ModelCount, optional
        Of how many they are, where they are not all.
    """

    variables: np.ndarray
    fits: LaplaceFits
    exhaustive: bool
    allowed: ModelCount | None = None

    def take(self, index: np.ndarray) -> "Candidates":
        """Chosen models, in the order given."""
        return replace(self, variables=self.variables[index], fits=take_models(self.fits, index))


@dataclass(frozen=True)
class Answer:
    """Draws of effects and of the people on no list.

    Attributes
    ----------
    effects : ndarray of float, shape (draws, 2**bits)
    log_odds : ndarray of float, shape (draws, strata)
        Log of the expected number missed in a stratum over that of all seen.
    unseen : ndarray of float, shape (draws, strata)
    seen : ndarray of float, shape (strata,)
        Where the table does not say how many they are: drawn, shape (draws, strata).
    """

    effects: np.ndarray
    log_odds: np.ndarray
    unseen: np.ndarray
    seen: np.ndarray

    @property
    def people(self) -> np.ndarray:
        """Draws of the total, shape (draws,)."""
        return self.unseen.sum(axis=1) + self.seen.sum(axis=-1)

    @classmethod
    def joined(cls, parts: Sequence["Answer"]) -> "Answer":
        """Several sets of draws as one."""
        first = parts[0].seen
        return cls(
            np.concatenate([each.effects for each in parts]),
            np.concatenate([each.log_odds for each in parts]),
            np.concatenate([each.unseen for each in parts]),
            first if first.ndim == 1 else np.concatenate([each.seen for each in parts]),
        )

    def take(self, index: np.ndarray) -> "Answer":
        """Chosen draws, in the order given."""
        seen = self.seen if self.seen.ndim == 1 else self.seen[index]
        return Answer(self.effects[index], self.log_odds[index], self.unseen[index], seen)


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
        fits = layout.fit_laplace(layout.factors.expand(models), prior)
        return Candidates(models, fits, exhaustive=True)
    found = search_models(
        layout.fit_laplace, layout.foretold_by, layout.possible, order, prior, rng
    )
    allowed = count_models(k, order, layout.possible)
    return Candidates(found.variables, found.fits, exhaustive=False, allowed=allowed)


def log_odds_of(
    layout: Layout,
    effects: np.ndarray,
    identify: Identification | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """log(missed in a stratum / all seen), expected, of draws of the effects.

    Returns
    -------
    ndarray of float, shape (draws, strata)
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
    return missed - total[:, None]


def draw_missed(
    seen: float, log_odds: np.ndarray, under: UnseenUnder | None, rng: np.random.Generator
) -> np.ndarray:
    """The people on no list, shape (draws, strata), given how many are expected.

    Under 1/N the expected number seen has a Gamma(n) posterior, and those missed in a stratum are
    Poisson with the rate that their odds give beside it. Another prior is on their total, of
    which each stratum has its expected share.
    """
    if under is None:
        log_rate = np.log(rng.standard_gamma(seen, size=len(log_odds)))
        return poisson_of(log_rate[:, None] + log_odds, rng)
    together = np.logaddexp.reduce(log_odds, axis=1)
    total = under.draw(together, rng)
    if log_odds.shape[1] == 1:
        return total[:, None]
    share = np.exp(log_odds - together[:, None])
    share /= share.sum(axis=1)[:, None]
    countable = np.minimum(total, _COUNTABLE)
    split = rng.multinomial(countable.astype(np.int64), share)
    return np.where((total > countable)[:, None], np.rint(total[:, None] * share), split)


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
        If the draws are worth too few: the prior on the population excludes what the lists say.
    """
    fits, seen = candidates.fits, float(layout.observed.counts.sum())
    under = unseen_under(prior, seen)
    log_share = log_shares(fits, effects, prior, under)
    terms = np.flatnonzero(fits.models.any(axis=0))
    held = len(terms) if identify is None else 1 << layout.factors.bits
    step = min(STEP, 10 * draws, MOST_NUMBERS // held)
    parts: list[_Part] = []
    while True:
        pool = draw_pool(layout.observed, fits, effects, log_share, step, rng)
        log_odds = pool.log_odds
        if identify is not None:
            wide = _widened(pool.effects, terms, layout)
            log_odds = log_odds_of(layout, wide, identify, rng)
        log_weight = pool.log_weight
        if under is not None:
            log_weight = log_weight + under.log_weight(np.logaddexp.reduce(log_odds, axis=1))
        parts.append(_Part(pool.model, log_weight, pool.effects, log_odds))
        weight = np.concatenate([part.log_weight for part in parts])
        effective = effective_size(weight)
        if effective >= draws or len(weight) >= min(LAST, MOST_NUMBERS // len(terms)):
            break
        progress.report("weighted draws", len(weight), LAST)
    if not effective >= FEWEST:
        raise worth_too_little(prior, under, effective, len(weight))
    together = _Part(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in _Part.__dataclass_fields__
        )
    )
    relative = np.exp(weight - weight.max())
    kept = rng.permutation(systematic(relative, draws, rng))
    wide = _widened(together.effects[kept], terms, layout)
    log_odds = together.log_odds[kept]
    return Averaged(
        answer=Answer(wide, log_odds, draw_missed(seen, log_odds, under, rng), layout.seen),
        model=together.model[kept],
        weight=model_weights(together.model, relative, candidates, effects),
        effective=effective,
        pool=len(weight),
    )


def _widened(effects: np.ndarray, terms: np.ndarray, layout: Layout) -> np.ndarray:
    """Effects of some terms among those of all, shape (draws, 2**bits)."""
    wide = np.zeros((len(effects), len(layout.observed.counts)))
    wide[:, terms] = effects
    return wide


@dataclass(frozen=True)
class _Part:
    """A part of the pool, with its weights and without its constant columns."""

    model: np.ndarray
    log_weight: np.ndarray
    effects: np.ndarray
    log_odds: np.ndarray


def model_weights(
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


def log_shares(
    fits: LaplaceFits, effects: EffectsPrior, prior: Prior, under: UnseenUnder | None
) -> np.ndarray:
    """Log of how often each model and scale is drawn, shape (models, scales).

    Raises
    ------
    NotEstimable
        If there is no model to draw.
    """
    log_share = fits.evidence + effects.log_share
    if under is not None:
        log_share = log_share + _expected_tilt(fits, log_share, under)
    log_share = np.where(np.isfinite(log_share), log_share, -np.inf)
    if not np.isfinite(log_share).any():
        raise worth_too_little(prior, under, 0.0, 0)
    return log_share


def _expected_tilt(fits: LaplaceFits, log_share: np.ndarray, under: UnseenUnder) -> np.ndarray:
    """Log of the mean weight of the prior on the population under each model: a proposal.

    The log odds of being missed are taken as normal. -inf for models that no draw would come
    from.
    """
    tilt = np.full(log_share.shape, -np.inf)
    likely = np.isfinite(log_share) & (log_share > np.nanmax(log_share, initial=-np.inf) - FAR)
    if likely.any():
        nodes = fits.log_odds[likely][:, None] + fits.spread[likely][:, None] * _NODES
        weights = under.log_weight(nodes) + np.log(_NODE_WEIGHTS)
        tilt[likely] = np.logaddexp.reduce(weights, axis=1)
    return tilt


def worth_too_little(
    prior: Prior, under: UnseenUnder | None, effective: float, pool: int
) -> NotEstimable:
    """That weighted draws are worth too few independent ones, and what may be the reason."""
    worth = f"the {pool:,} weighted draws are worth only {effective:,.0f} independent ones"
    if under is None:
        return NotEstimable(
            f"{worth}: the posterior of the effects is too far from a normal one."
            if pool
            else "no model of the lists has a posterior that can be approximated.",
            'sample one model instead: inference="nuts"; or allow fewer interactions (order=..., '
            "terms=...).",
        )
    return NotEstimable(
        f"{worth} under dk.{write_call(prior)}: the prior on the population "
        "and the lists exclude each other.",
        "look at the estimate without that prior, and say which of the two you trust; a range "
        "from outside is often named too narrow: try a wider one.",
    )
