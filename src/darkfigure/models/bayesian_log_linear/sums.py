"""Tables of sums of cells and of counts between limits: draws of the effects, and of all people."""

from dataclasses import dataclass

import numpy as np

from darkfigure import progress
from darkfigure.contract import Fit
from darkfigure.data.people_seen import known_seen, shared_out
from darkfigure.errors import NotEstimable
from darkfigure.identification import Identification
from darkfigure.models.bayesian_log_linear.averaging import (
    LAST,
    MOST_NUMBERS,
    STEP,
    Answer,
    Averaged,
    Candidates,
    log_shares,
    model_weights,
    worth_too_little,
)
from darkfigure.models.bayesian_log_linear.draws import parameters
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import EffectsPrior, linear_predictor
from darkfigure.numerics.bayes_sums import draw_pool_of_sums
from darkfigure.numerics.conjugate import poisson_of
from darkfigure.numerics.convergence import FEWEST
from darkfigure.numerics.resampling import effective_size, systematic
from darkfigure.predictive import groups_of_rows
from darkfigure.prior.population import OneOverN, Prior, unseen_under

_FLOOR = 1e-300
_LARGEST = 700.0  # of the log of an expected count
_AT_ONCE = 1 << 23  # expected counts held at a time


def average_sums(
    layout: Layout,
    candidates: Candidates,
    effects: EffectsPrior,
    prior: Prior,
    identify: Identification | None,
    *,
    draws: int,
    rng: np.random.Generator,
) -> Averaged:
    """Draw from the posterior over models of the rows of a table.

    A prior on the population other than 1/N weighs each draw by what it says of the people drawn
    with it: those seen within their limits, and those unseen.

    Raises
    ------
    NotEstimable
        If the draws are worth too few.
    """
    fits = candidates.fits
    plain = isinstance(prior, OneOverN)
    under = unseen_under(prior, float(layout.sums.guess.sum()))
    log_share = log_shares(fits, effects, prior, under)
    step = min(STEP, 10 * draws, MOST_NUMBERS >> layout.factors.bits)
    parts: list[_Part] = []
    while True:
        pool = draw_pool_of_sums(layout.sums, fits, effects, log_share, step, rng)
        answer = people_given(layout, pool.effects, identify, rng)
        log_weight = pool.log_weight
        if not plain:
            log_weight = log_weight + prior.log_tilt(answer.people)
        log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
        parts.append(_Part(pool.model, log_weight, answer))
        weight = np.concatenate([part.log_weight for part in parts])
        effective = effective_size(weight) if np.isfinite(weight).any() else 0.0
        if effective >= draws or len(weight) >= min(LAST, MOST_NUMBERS >> layout.factors.bits):
            break
        progress.report("weighted draws", len(weight), LAST)
    if not effective >= FEWEST:
        raise worth_too_little(prior, under, effective, len(weight))
    relative = np.exp(weight - weight.max())
    kept = rng.permutation(systematic(relative, draws, rng))
    model = np.concatenate([part.model for part in parts])
    return Averaged(
        answer=Answer.joined([part.answer for part in parts]).take(kept),
        model=model[kept],
        weight=model_weights(model, relative, candidates, effects),
        effective=effective,
        pool=len(weight),
    )


@dataclass(frozen=True)
class _Part:
    """A part of the pool, with its weights."""

    model: np.ndarray
    log_weight: np.ndarray
    answer: Answer


def people_given(
    layout: Layout,
    effects: np.ndarray,
    identify: Identification | None,
    rng: np.random.Generator,
) -> Answer:
    """The people of each stratum given effects, the constant among them.

    Those unseen are Poisson; those seen are drawn where the table does not say how many they are.
    """
    seen = layout.observation
    strata = len(seen.at_work)
    known = known_seen(seen)
    people = np.empty((len(effects), strata)) if known is None else known.astype(float)
    unseen, log_odds = np.empty((len(effects), strata)), np.empty((len(effects), strata))
    for part in _parts(layout, len(effects)):
        predictor = linear_predictor(effects[part])
        means = _means(layout, predictor)
        rows = np.maximum(seen.expected(means), _FLOOR)
        if identify is None:
            missed = np.log(np.maximum(seen.unseen_in(means), _FLOOR))
        else:
            histories = layout.factors.strata[:, None] + np.arange(1 << layout.factors.lists)
            missed = identify.log_odds(predictor[:, histories], layout.table.lists, rng)
        unseen[part] = poisson_of(missed, rng)
        log_odds[part] = missed - np.log(rows.sum(axis=-1))[:, None]
        if known is None:
            counts = layout.limits.draw(rows, rng)
            people[part] = shared_out(seen, counts, means, rng)
    return Answer(effects, log_odds, unseen, people)


def fit_of_sums(layout: Layout, answer: Answer, *, chains: int, rng: np.random.Generator) -> Fit:
    """Lay draws out in chains, with effects, predictive draws and log-likelihood.

    Parameters
    ----------
    answer : Answer
        Draws chain after chain.
    chains : int
    """
    joint = layout.strata is not None
    unseen = answer.unseen if joint else answer.unseen[:, 0]
    shape = chains, len(unseen) // chains
    seen = answer.seen if answer.seen.ndim == 1 else answer.seen.reshape(*shape, -1)
    if answer.seen.ndim == 1:
        seen = seen.astype(np.int64)
    seen = seen if joint else seen[..., 0]
    expected = (
        (part, layout.observation.expected(_means(layout, linear_predictor(answer.effects[part]))))
        for part in _parts(layout, len(unseen))
    )
    return Fit(
        kind="posterior",
        seen=int(seen) if seen.ndim == 0 else seen,
        unseen=unseen.reshape(*shape, *unseen.shape[1:]),
        label="BayesianLogLinear",
        strata=layout.strata,
        groups={
            "posterior": parameters(layout, answer, chains),
            **groups_of_rows(layout.observation, layout.limits, expected, shape, rng),
        },
    )


def log_expected(layout: Layout, effects: np.ndarray) -> np.ndarray:
    """Log of the expected number of all people seen, shape (draws,)."""
    found = np.empty(len(effects))
    for part in _parts(layout, len(effects)):
        means = _means(layout, linear_predictor(effects[part]))
        found[part] = np.log(layout.observation.expected(means).sum(axis=1))
    return found


def refuse_identification(layout: Layout) -> None:
    """Refuse an identifying assumption where some histories are never seen as such."""
    if layout.observation.is_complete and layout.observation.at_work.all():
        return
    raise NotEstimable(
        "an identifying assumption needs every history, and in this table a list was not at work "
        "for some people, or a stratum variable is not recorded.",
        "leave identify out: the models' own extrapolation does without them.",
    )


def _means(layout: Layout, predictor: np.ndarray) -> np.ndarray:
    """Expected counts of the complete cells, shape (draws, cells)."""
    return np.exp(np.minimum(predictor[:, layout.cells], _LARGEST))


def _parts(layout: Layout, draws: int) -> list[slice]:
    """The draws some at a time."""
    step = max(1, _AT_ONCE >> layout.factors.bits)
    return [slice(first, first + step) for first in range(0, draws, step)]
