"""What to be careful of in averaged log-linear models: few draws, and a prior that decides."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.models.bayesian_log_linear.averaging import Averaged, Candidates
from darkfigure.models.bayesian_log_linear.effects import effects_prior
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import fit_laplace
from darkfigure.numerics.convergence import EFFECTIVE
from darkfigure.prior.interactions import InteractionPrior, UnitInformation

if TYPE_CHECKING:
    from darkfigure.models.bayesian_log_linear.estimator import BayesianLogLinear

_SENSITIVE = 1.25  # a median that moves by more than a quarter is cautioned
_DRAWS = 1000


def of_the_draws(found: Averaged, candidates: Candidates) -> list[Caution]:
    """Weighted draws that are worth little, and models not looked at."""
    cautions = []
    if found.effective < EFFECTIVE:
        cautions.append(
            caution("few_effective", effective=f"{found.effective:,.0f}", pool=f"{found.pool:,}")
        )
    if not candidates.exhaustive:
        cautions.append(caution("search_not_exhaustive", visited=f"{len(candidates.variables):,}"))
    return cautions


def of_the_prior(
    settings: "BayesianLogLinear", layout: Layout, candidates: Candidates, found: Averaged
) -> list[Caution]:
    """Whether another width or kind of prior moves the median by more than a quarter."""
    seen, mine = float(layout.observed.counts.sum()), settings.effects
    medians = {f"{mine.words}, used here": found.answer.unseen.sum(axis=1)}
    for each in dict.fromkeys((*wider_and_narrower(mine), UnitInformation())):
        if each == mine:
            continue
        effects = effects_prior(each, layout.factors)
        fits = fit_laplace(layout.observed, candidates.fits.models, effects)
        rng = np.random.default_rng(1)  # only a check: it must not move the draws
        other = settings.averaged(layout, replace(candidates, fits=fits), effects, _DRAWS, rng)
        medians[each.words] = other.answer.unseen.sum(axis=1)
    values = {name: seen + float(np.median(unseen)) for name, unseen in medians.items()}
    if max(values.values()) <= _SENSITIVE * min(values.values()):
        return []
    described = ", ".join(f"{value:,.0f} ({name})" for name, value in values.items())
    return [caution("prior_sensitivity", parameter="the prior on interactions", medians=described)]


def wider_and_narrower(prior: InteractionPrior) -> list[InteractionPrior]:
    """The same prior half and twice as wide, where its width is a setting."""
    return [other for other in (prior.widened(0.5), prior.widened(2.0)) if other != prior]
