"""Whether an estimate can be published, by rules that are fixed beforehand."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkfigure.prior_sensitivity import GROUP, OtherSettings
from darkfigure.reports.blocks import Level
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate
from darkfigure.results.other_models import NEAR

INTERVAL_NONE, INTERVAL_RANGE = 10.0, 4.0
"""Times the lower limit: an upper limit above it leaves no figure, or only a range."""

SPREAD_NONE, SPREAD_RANGE = 2.0, 1.5
"""Times the smaller of two answers that the data support about as well."""

FEW = 20
"""People seen: with fewer only a range is given."""

UNITS = 2.0
"""Of the information criterion: models closer to the best fit as well (Burnham & Anderson 2002,
Model Selection and Multimodel Inference, section 2.6)."""

_WEIGHT = 0.1  # of a mode that counts as an answer of its own

_FATAL = {
    "not_mixed": "why_not_mixed",
    "no_overlap": "why_no_overlap",
    "no_maximum": "why_no_maximum",
    "no_width": "why_no_width",
}


@dataclass(frozen=True)
class Reason:
    """One reason for the verdict.

    Attributes
    ----------
    name : str
        Of the sentence that says it.
    level : {"none", "range"}
        What it leaves.
    numbers : mapping of str to float
        People, by what they are in the sentence.
    ratio : float
        How far apart; nan where nothing is compared.
    counts : mapping of str to int
        Small numbers of things, by what they are in the sentence.
    """

    name: str
    level: Level
    numbers: dict[str, float] = field(default_factory=dict)
    ratio: float = math.nan
    counts: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"reason": self.name, "leaves": self.level, "ratio": float(f"{self.ratio:.3g}")}


@dataclass(frozen=True)
class Verdict:
    """What can be published, and why not more."""

    level: Level
    reasons: tuple[Reason, ...]


def verdict_of(
    est: Estimate,
    compared: Comparison | None = None,
    varied: Comparison | None = None,
    others: Sequence[Reason] = (),
) -> Verdict:
    """Judge an estimate.

    Parameters
    ----------
    est : Estimate
    compared, varied : Comparison, optional
        Other models, and the same under other settings, where they were run.
    others : sequence of Reason
        Found by other checks.
    """
    found = [
        *_of_existence(est),
        *_of_the_interval(est),
        *_of_the_answers(est),
        *_of_a_comparison("why_compared", compared),
        *_of_a_comparison("why_varied", varied),
        *others,
    ]
    if est.table.n_observed < FEW:
        found.append(Reason("why_few_people", "range"))
    for level in ("none", "range"):
        reasons = tuple(each for each in found if each.level == level)
        if reasons:
            later = tuple(each for each in found if each.level != level)
            return Verdict(level, (*reasons, *later))
    return Verdict("figure", ())


def _of_existence(est: Estimate) -> Iterator[Reason]:
    kinds = {each.kind for each in est.cautions}
    for kind, name in _FATAL.items():
        if kind in kinds:
            yield Reason(name, "none")


def _of_the_interval(est: Estimate) -> Iterator[Reason]:
    low, high = est.interval()
    if math.isinf(high):
        yield Reason("why_no_upper_limit", "none")
    elif low > 0:
        yield from _spread("why_interval", low, high, INTERVAL_NONE, INTERVAL_RANGE)


def _of_the_answers(est: Estimate) -> Iterator[Reason]:
    """Modes, other settings of the prior, and models that fit as well as the best."""
    if not est.settled or math.isinf(est.estimate):
        return
    modes = est.modes()
    weighty = modes.loc[modes["weight"] >= _WEIGHT, "location"]
    if len(weighty) > 1:
        yield from _apart("why_modes", float(weighty.min()), float(weighty.max()))
    medians = [value for _, value in medians_by_setting(est)]
    if len(medians) > 1:
        yield from _apart("why_prior", min(medians), max(medians))
    near = as_good_as_the_best(est)
    if near:
        low, high = min(near), max(near)
        ratio = max(high / est.estimate, est.estimate / low)
        level = _level(ratio, SPREAD_NONE, SPREAD_RANGE)
        if level != "figure":
            yield Reason(
                "why_near_models",
                level,
                {"low": low, "high": high, "estimate": est.estimate},
                ratio,
            )


def _of_a_comparison(name: str, compared: Comparison | None) -> Iterator[Reason]:
    if compared is None:
        return
    answers = [each.estimate for each in compared.estimates if each.settled]
    if len(answers) > 1 and min(answers) > 0:
        yield from _apart(name, min(answers), max(answers))


def _apart(name: str, low: float, high: float) -> Iterator[Reason]:
    yield from _spread(name, low, high, SPREAD_NONE, SPREAD_RANGE)


def _spread(name: str, low: float, high: float, most: float, some: float) -> Iterator[Reason]:
    level = _level(high / low, most, some)
    if level != "figure":
        yield Reason(name, level, {"low": low, "high": high}, high / low)


def _level(ratio: float, most: float, some: float) -> Level:
    if ratio > most:
        return "none"
    return "range" if ratio > some else "figure"


# -- what the estimate keeps ----------------------------------------------------------------------


def medians_by_setting(est: Estimate) -> list[tuple[str, float]]:
    """The median of the total under each setting of the prior that was tried, its own among them.

    Empty where the model has no such setting, or none was tried.
    """
    if GROUP not in est.draws.children or not est.settled:
        return []
    others = OtherSettings.of_group(est.draws[GROUP].to_dataset())
    medians = [float(np.median(each)) for each in others.totals]
    medians.insert(others.used, est.median)
    names = [_plain(each) for each in others.described]
    return [(name, median) for name, median in zip(names, medians, strict=True)]


def setting_used(est: Estimate) -> str:
    """The setting that the estimate has, in the words of `medians_by_setting`."""
    others = OtherSettings.of_group(est.draws[GROUP].to_dataset())
    return _plain(others.described[others.used])


def _plain(words: str) -> str:
    """Take the frame away: "(normal with sd 2, used here)" becomes "normal with sd 2"."""
    words = re.sub(r",? ?\(?used here\)?", "", words).strip()
    return words.removeprefix("at ").strip("()")


def as_good_as_the_best(est: Estimate) -> list[float]:
    """Totals of the log-linear models within a few units of the best."""
    if NEAR in est.draws.children:
        near = est.draws[NEAR].to_dataset()
        totals, behind = near["population"].to_numpy(), near["behind"].to_numpy()
    elif est.models is not None and "criterion" in est.models and "stratum" not in est.models:
        totals = est.models["population"].to_numpy(float)
        behind = est.models["criterion"].to_numpy(float)
        behind = behind - np.nanmin(behind)
    else:
        return []
    return [float(n) for n, b in zip(totals, behind, strict=True) if b <= UNITS and n > 0]
