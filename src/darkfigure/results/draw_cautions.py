"""What the draws of any estimate show, whatever its model: modes, tails, trouble in sampling."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.convergence import agreement
from darkfigure.numerics.convergence import EFFECTIVE, R_HAT, Agreement
from darkfigure.results.wording import in_words, listed, rounded

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

SAMPLER = "sample_stats"
"""The group of draws that says they come from a sampler."""

CONVERGENCE = "convergence"
"""The group in which a sampler leaves its own judgement of its chains."""

KINDS = (
    "several_modes",
    "bootstrap_modes",
    "no_width",
    "mean_infinite",
    "sd_infinite",
    "not_mixed",
    "few_tail_draws",
    "divergences",
)
"""The cautions made here."""


def cautions_of_draws(est: "Estimate") -> list[Caution]:
    """Several modes, an infinite mean, chains that disagree."""
    trouble = of_the_sampler(est) if SAMPLER in est.draws.children else []
    mixed = all(each.kind != "not_mixed" for each in trouble)
    word = est.kind if est.kind == "posterior" else f"{est.kind} distribution"
    found = _of_the_modes(est, word, mixed)
    if est.kind == "posterior":
        found += _of_the_width(est)
    found += trouble
    if np.isinf(est.estimate):
        return found  # there is no estimate, and the model has said so
    if est.tail_exponent <= 2:
        found.append(caution("mean_infinite", draws=word))
    elif est.tail_exponent <= 3:
        found.append(caution("sd_infinite", draws=word))
    return found


def _of_the_modes(est: "Estimate", word: str, mixed: bool) -> list[Caution]:
    """More than one mode; weights only where the chains agree on them."""
    modes = est.modes()
    if len(modes) < 2:
        return []
    places = zip(modes["location"], modes["weight"], strict=True)
    described = listed(
        [rounded(place) + (f" ({weight:.0%})" if mixed else "") for place, weight in places]
    )
    number = in_words(len(modes))
    if est.kind == "bootstrap":
        return [caution("bootstrap_modes", draws=word, number=number, locations=described)]
    how = "with their weights" if mixed else "without their weights, on which the chains disagree"
    return [caution("several_modes", draws=word, number=number, locations=described, how=how)]


def _of_the_width(est: "Estimate") -> list[Caution]:
    """An interval that is one number; or nobody missed, beside an uncertain number seen."""
    low, high = est.interval()
    if low < high:
        nobody = np.median(est.totals - est.seen_totals) < 1
        return [caution("boundary")] if nobody else []
    return [caution("no_width", share=np.mean(est.totals == low), total=f"{low:,.0f}")]


def of_the_sampler(est: "Estimate") -> list[Caution]:
    """Chains that disagree, too few draws in the tails, divergent transitions."""
    found = []
    totals = est.totals.reshape(est.population.sizes["chain"], -1)
    agreed = _judged(est, totals)
    if not agreed.r_hat < R_HAT:
        medians = np.sort(np.median(totals, axis=1))
        found.append(
            caution(
                "not_mixed",
                r_hat=f"{agreed.r_hat:.2f}" if agreed.r_hat >= 1.015 else f"{agreed.r_hat:.3f}",
                chains=len(totals),
                low=rounded(medians[0]),
                high=rounded(medians[-1]),
            )
        )
    elif not min(agreed.bulk, agreed.tail) >= EFFECTIVE:
        effective = min(agreed.bulk, agreed.tail)
        found.append(caution("few_tail_draws", effective=f"{effective:,.0f}"))
    stats = est.draws[SAMPLER]
    if "diverging" in stats:
        diverging, draws = int(stats["diverging"].sum()), stats["diverging"].size
        if diverging:
            found.append(caution("divergences", number=f"{diverging:,}", draws=f"{draws:,}"))
    return found


def _judged(est: "Estimate", totals: np.ndarray) -> Agreement:
    """What the sampler found over all its states, else what the draws returned show."""
    if CONVERGENCE not in est.draws.children:
        return agreement(totals)
    kept = est.draws[CONVERGENCE]
    return Agreement(*(float(kept[name]) for name in ("r_hat", "bulk", "tail")))
