"""What one identifying assumption says of a table, and which others fit as well."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc

from darkfigure.calls import write_call
from darkfigure.contract import Model, assumptions_of
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError
from darkfigure.identification import ConditionalPair, NoHighestOrderInteraction
from darkfigure.numerics.heterogeneity import FAMILIES, Differences, fit_heterogeneity
from darkfigure.numerics.no_interaction import log_normal_limits, without_interaction
from darkfigure.numerics.sample_coverage import ENOUGH, coverage_spread, sample_coverage
from darkfigure.results.estimate import Estimate
from darkfigure.results.wording import listed
from darkfigure.trust.exact_counts import histories_in_words
from darkfigure.verbs import estimate

if TYPE_CHECKING:
    import pandas as pd

OVERALL = "all lists at once"
PAIRS = "two lists among people on no other"
TRIPLES = "three lists among people on no other"
MODELS = "models"
NEAR = "log-linear models that fit as well"
ALIKE = "people differ, lists alike"
UNLIKE = "people differ, lists differ"
COVERAGE = "sample coverage"

REJECTED = 1e-3
"""Chance of a larger deviance, by chi-square, below which a fit is called bad."""

_NEAR_UNITS = 2.0  # of the criterion by which a model was selected
_MOST_NEAR = 5


@dataclass(frozen=True)
class Total:
    """A total with its interval; nan where there is none.

    Attributes
    ----------
    estimate, low, high : float
    kind : str
        Where the interval comes from; "" without one.
    """

    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    kind: str = ""


@dataclass(frozen=True)
class ObservedFit:
    """How the observed counts are met; nan for averages, and where there is no likelihood."""

    deviance: float = math.nan
    df: float = math.nan
    parameters: float = math.nan

    @property
    def aic(self) -> float:
        """Deviance plus twice the parameters: Akaike's criterion but for a constant."""
        return self.deviance + 2.0 * self.parameters

    @property
    def is_bad(self) -> bool:
        """Whether the observed counts speak against it: see `REJECTED`."""
        return self.df > 0 and bool(chdtrc(self.df, self.deviance) < REJECTED)


@dataclass(frozen=True)
class Assumed:
    """One assumption with the total it gives.

    Attributes
    ----------
    group : str
        Kind of assumption.
    name : str
    assumption : str
        What must be true, in words.
    total : Total
    fit : ObservedFit
    note : str
        Why there is no total, or what is to be said of it.
    lower_bound : bool
        The total is one that is at least reached.
    """

    group: str
    name: str
    assumption: str
    total: Total = Total()
    fit: ObservedFit = ObservedFit()
    note: str = ""
    lower_bound: bool = False

    @property
    def estimate(self) -> float:
        """The total; nan where there is none."""
        return self.total.estimate


def without_model(table: CaptureTable, prob: float) -> Iterator[Assumed]:
    """Assumptions that need no model of the observed counts: all of them fit exactly."""
    k, lists, counts = table.n_lists, table.lists, table.counts()
    sets = [(OVERALL, tuple(range(k)))]
    sets += [(PAIRS, pair) for pair in combinations(range(k), 2) if k > 2]
    sets += [(TRIPLES, triple) for triple in combinations(range(k), 3) if k > 3]
    forbidden = [set(pair) for pair in table.impossible]
    for group, chosen in sets:
        names = [lists[j] for j in chosen]
        name = "no interaction" if group == OVERALL else ", ".join(names)
        words = _no_interaction_in_words(group, names)
        if any(pair <= set(names) for pair in forbidden):
            yield Assumed(group, name, words, note="some of these lists cannot overlap")
            continue
        found = without_interaction(counts, sum(1 << j for j in chosen))
        if found.empty:
            why = f"not determined: {histories_in_words(found.empty, lists)}"
            yield Assumed(group, name, words, note=why)
            continue
        total = _asymptotic(table, found.unseen, found.log_variance, prob)
        yield Assumed(group, name, words, total, ObservedFit(0.0, 0.0, float(2**k - 1)))


def _asymptotic(table: CaptureTable, unseen: float, log_variance: float, prob: float) -> Total:
    low, high = log_normal_limits(unseen, log_variance, prob)
    seen = table.n_observed
    return Total(seen + unseen, seen + low, seen + high, "asymptotic")


def _fit_of(row: "pd.Series[Any]") -> ObservedFit:
    """The fit of one candidate model."""
    return ObservedFit(float(row["deviance"]), float(row["df"]), float(row["parameters"]))


def _no_interaction_in_words(group: str, names: Sequence[str]) -> str:
    if group == OVERALL:
        return NoHighestOrderInteraction().assumption.sentence
    if group == PAIRS:
        return ConditionalPair(names[0], names[1]).assumption.sentence
    return f"{listed(list(names))} do not interact all at once among people on no other list."


def by_model(
    table: CaptureTable, model: Model, prob: float, seed: int, draws: int
) -> Iterator[Assumed]:
    """A model with the assumption that it declares, and its equals among those it looked at."""
    name, words = write_call(model), assumptions_of(model)[-1].sentence
    try:
        est = estimate(table, model, seed=seed, draws=draws)
    except DarkfigureError as error:
        yield Assumed(MODELS, name, words, note=error.problem)
        return
    low, high = est.interval(prob)
    note = "" if est.settled else "the chains do not agree: no single number"
    total, fit = Total(est.estimate, low, high, est.kind), ObservedFit()
    if est.models is not None and "deviance" in est.models and _chosen(est):
        best = est.models.iloc[0]
        fit, name = _fit_of(best), f"{name} {best['label']}"
    yield Assumed(MODELS, name, words, total, fit, note)
    if math.isfinite(fit.deviance):
        yield from _as_good(est, words)


def _chosen(est: Estimate) -> bool:
    """Whether the estimate is that of one model, not an average."""
    assert est.models is not None
    return math.isclose(float(est.models["population"].iloc[0]), est.estimate, rel_tol=1e-6)


def _as_good(est: Estimate, words: str) -> Iterator[Assumed]:
    """The candidates nearly as good as the one chosen."""
    assert est.models is not None
    near = est.models[est.models["criterion"] <= est.models["criterion"].iloc[0] + _NEAR_UNITS]
    for _, row in near.iloc[1 : 1 + _MOST_NEAR].iterrows():
        why = "not chosen, so that it has no interval"
        total = Total(float(row["population"]))
        yield Assumed(NEAR, str(row["label"]), words, total, _fit_of(row), why)


_PEOPLE: dict[Differences, tuple[str, str]] = {
    "none": ("", "People do not differ in their chances"),
    "chao": (
        "Chao",
        "People differ in their chances, in whatever way: at least so many (a lower bound)",
    ),
    "poisson": ("Poisson", "People's chances differ as a Poisson mixture has it"),
    "darroch": ("Darroch", "The log odds of people's chances differ by a normal distribution"),
    "gamma": ("Gamma", "People's chances differ as a gamma mixture with shape 3.5 has it"),
}


def by_heterogeneity(table: CaptureTable, prob: float) -> Iterator[Assumed]:
    """Families of differences between people, for lists that are alike or differ."""
    counts, k = table.counts(), table.n_lists
    for alike in (True, False):
        group = ALIKE if alike else UNLIKE
        for differences in FAMILIES if k > 2 else FAMILIES[:1]:
            short, words = _PEOPLE[differences]
            code = ("M0" if alike else "Mt") if differences == "none" else "Mh" if alike else "Mth"
            lists = (
                "all lists reach the same share"
                if alike
                else "lists are independent of one another"
            )
            name, sentence = f"{code} {short}".strip(), f"{words}, and {lists}."
            if table.impossible:
                yield Assumed(group, name, sentence, note="some lists cannot overlap")
                continue
            found = fit_heterogeneity(counts, differences, alike=alike)
            if not found.converged:
                yield Assumed(group, name, sentence, note="no maximum of the likelihood was found")
                continue
            total = _asymptotic(table, found.unseen, found.log_variance, prob)
            fit = ObservedFit(
                found.deviance, float(found.degrees_of_freedom), float(found.parameters)
            )
            yield Assumed(group, name, sentence, total, fit, lower_bound=differences == "chao")


_COVERED = {
    "independent": ("N0", "Lists are independent of one another on average."),
    "dependent": ("N", "Dependence is the same over people on none, one and two lists."),
    "one_step": ("N1", "Dependence is corrected for in part, as low coverage allows."),
}


def by_coverage(table: CaptureTable, prob: float, rng: np.random.Generator) -> Iterator[Assumed]:
    """Estimates by sample coverage, for three lists, with limits from a bootstrap."""
    why = ""
    if table.n_lists != 3:
        why = f"given for three lists; this table has {table.n_lists}"
    elif table.impossible:
        why = "some lists cannot overlap"
    elif (table.counts()[[3, 5, 6, 7]].sum()) == 0:
        why = "no one is on two lists"
    if why:
        yield Assumed(COVERAGE, "sample coverage", _COVERED["dependent"][1], note=why)
        return
    counts, seen = table.counts(), table.n_observed
    found, spread = sample_coverage(counts), coverage_spread(counts, rng)
    covered = float(found.coverage)
    advised = "dependent" if covered >= ENOUGH else "one_step"
    for which, (name, sentence) in _COVERED.items():
        total, sd = float(getattr(found, which)), float(getattr(spread, which))
        if not total > seen:
            yield Assumed(COVERAGE, name, sentence, note="it gives no more people than were seen")
            continue
        unseen = total - seen
        low, high = log_normal_limits(unseen, max((sd / unseen) ** 2 - 1 / unseen, 0.0), prob)
        note = f"the one advised at a coverage of {covered:.0%}" if which == advised else ""
        found_total = Total(total, seen + low, seen + high, "bootstrap")
        yield Assumed(COVERAGE, name, sentence, found_total, note=note)
