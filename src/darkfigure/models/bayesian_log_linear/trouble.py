"""What to be careful of in averaged log-linear models, and what to refuse: priors that decide."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.calls import write_call
from darkfigure.cautions import Caution, caution
from darkfigure.errors import NotEstimable
from darkfigure.models.bayesian_log_linear.averaging import Averaged, Candidates
from darkfigure.models.bayesian_log_linear.effects import effects_prior, share_beyond
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import EffectsPrior
from darkfigure.numerics.convergence import EFFECTIVE
from darkfigure.prior.interactions import InteractionPrior, UnitInformation
from darkfigure.prior.population import OneOverN
from darkfigure.prior_sensitivity import DRAWS, OtherSettings

if TYPE_CHECKING:
    from darkfigure.models.bayesian_log_linear.estimator import BayesianLogLinear

COUNTABLE = 1e15
"""Numbers above it are not told apart from their neighbours: none is a number of people."""

_SENSITIVE = 1.25  # a median that moves by more than a quarter is cautioned
_NEARLY_IMPROPER = 0.02  # an exponent this close to 1 leaves limits beyond any number
_MOST_BEYOND = 0.01  # of the posterior, at widths that are not averaged over
_CHECKED = 2000  # models that a search found, with which other priors are looked at


def of_the_draws(found: Averaged, candidates: Candidates) -> list[Caution]:
    """Weighted draws that are worth little, and models not looked at."""
    cautions = []
    if found.effective < EFFECTIVE:
        cautions.append(
            caution("few_effective", effective=f"{found.effective:,.0f}", pool=f"{found.pool:,}")
        )
    if not candidates.exhaustive:
        visited = f"{len(candidates.variables):,}"
        cautions.append(
            caution("search_not_exhaustive", visited=visited, number=str(candidates.allowed))
        )
    return cautions


def refuse_improper(settings: "BayesianLogLinear", layout: Layout, model: np.ndarray) -> None:
    """Refuse a prior on the population so heavy that the posterior has no finite mass.

    Under 1/N it always has: the effects have a proper prior.
    """
    tail = settings.tail_exponent(layout, model)
    if settings.prior.tail_exponent >= OneOverN().tail_exponent or tail > 1 + _NEARLY_IMPROPER:
        return
    raise NotEstimable(
        f"the posterior is improper: dk.{write_call(settings.effects)} rules out no size of an "
        "interaction, the lists set no upper limit on the people missed, and neither does "
        f"dk.{write_call(settings.prior)}.",
        "use a prior on the population with a lighter tail, such as dk.prior.OneOverN(), or a "
        "prior on interactions that keeps them in bounds, such as dk.prior.Normal(2).",
    )


def refuse_limitless(
    settings: "BayesianLogLinear", evidence: np.ndarray, prior: EffectsPrior
) -> None:
    """Refuse a learned width that leaves the widths averaged over, most of all without end."""
    below, above = share_beyond(evidence, prior)
    if max(below, above) <= _MOST_BEYOND:
        return
    mine = f"dk.{write_call(settings.effects)}"
    problem = (
        f"nothing in these lists tells how wide {mine} should be: they allow effects of any size, "
        "and with them any total."
        if above > _MOST_BEYOND
        else f"{mine} asks for effects narrower than any that are averaged over."
    )
    raise NotEstimable(
        problem, "use a prior on interactions of a given width, such as dk.prior.Normal(2)."
    )


def refuse_past_counting(settings: "BayesianLogLinear", unseen: np.ndarray) -> None:
    """Refuse an answer whose upper limit is no number of people.

    Parameters
    ----------
    unseen : ndarray of float, shape (draws, strata)
    """
    if float(np.quantile(unseen.sum(axis=1), 0.975, method="inverted_cdf")) < COUNTABLE:
        return
    if settings.identify is not None:
        raise NotEstimable(
            f"the upper limit lies beyond {COUNTABLE:.0e} people under {settings.identify!r}.",
            "take a ratio nearer to 1, or leave identify out: the models' own extrapolation does "
            "without it.",
        )
    raise NotEstimable(
        f"the upper limit lies beyond {COUNTABLE:.0e} people: the lists set none, and the prior "
        f"(dk.{write_call(settings.effects)}) leaves it open.",
        "link the lists again or add one that overlaps; a narrower prior on the effects "
        "(dk.prior.Normal(2, main=10)) or a prior on the population gives an answer, which then "
        "comes from that prior alone.",
    )


def other_priors(
    settings: "BayesianLogLinear", layout: Layout, candidates: Candidates
) -> OtherSettings:
    """Totals under priors on interactions of other widths and of another kind."""
    mine = settings.effects
    if not candidates.exhaustive:
        candidates = candidates.take(np.arange(len(candidates.variables))[:_CHECKED])
    described, totals = [f"({mine.words}, used here)"], []
    for each in dict.fromkeys((*wider_and_narrower(mine), UnitInformation())):
        if each == mine:
            continue
        other = replace(settings, interactions=each)
        effects = effects_prior(each, layout.factors, settings.prior)
        rng = np.random.default_rng(1)  # only a check: it must not move the draws
        try:
            if settings.selection == "threshold":
                found = other.chosen(layout, effects, DRAWS, rng)[1]
            else:
                fits = layout.fit_laplace(candidates.fits.models, effects)
                found = other.averaged(layout, replace(candidates, fits=fits), effects, DRAWS, rng)
        except NotEstimable:
            continue
        described.append(f"({each.words})")
        totals.append(found.answer.people)
    return OtherSettings(
        parameter="the prior on interactions",
        described=tuple(described),
        used=0,
        totals=np.array(totals).reshape(-1, DRAWS),
        ratio=_SENSITIVE,
    )


def wider_and_narrower(prior: InteractionPrior) -> list[InteractionPrior]:
    """The same prior half and twice as wide, where its width is a setting."""
    return [other for other in (prior.widened(0.5), prior.widened(2.0)) if other != prior]
