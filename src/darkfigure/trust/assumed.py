"""What one identifying assumption says of a table, and which others fit as well."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from darkfigure.calls import write_call
from darkfigure.contract import Model, assumptions_of
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError
from darkfigure.identification import ConditionalPair, NoHighestOrderInteraction
from darkfigure.numerics.no_interaction import log_normal_limits, without_interaction
from darkfigure.results.draw_cautions import SAMPLER, of_the_sampler
from darkfigure.results.estimate import Estimate
from darkfigure.results.wording import listed
from darkfigure.trust.exact_counts import histories_in_words
from darkfigure.trust.observed_fit import ObservedFit, fit_of, fit_of_row, has_one_model
from darkfigure.verbs import fitted

OVERALL = "all lists at once"
PAIRS = "two lists among people on no other"
TRIPLES = "three lists among people on no other"
MODELS = "models"
NEAR = "log-linear models that fit as well"
ALIKE = "people differ, lists alike"
UNLIKE = "people differ, lists differ"
BEHAVIOUR = "a first capture changes the later ones"
COVERAGE = "sample coverage"

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
        total = asymptotic(table, found.unseen, found.log_variance, prob)
        yield Assumed(group, name, words, total, ObservedFit(0.0, 0.0, float(2**k - 1)))


def asymptotic(table: CaptureTable, unseen: float, log_variance: float, prob: float) -> Total:
    """A total whose log of the unseen has a normal distribution."""
    low, high = log_normal_limits(unseen, log_variance, prob)
    seen = table.n_observed
    return Total(seen + unseen, seen + low, seen + high, "asymptotic")


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
        est = fitted(table, model, seed=seed, draws=draws, strata="pooled", plainly=True)
    except DarkfigureError as error:
        yield Assumed(MODELS, name, words, note=error.problem)
        return
    if SAMPLER in est.draws.children:
        est = replace(est, cautions=(*est.cautions, *of_the_sampler(est)))
    low, high = est.interval(prob)
    notes = [] if est.settled else ["the chains do not agree: no single number"]
    fit = fit_of(est)
    if not math.isfinite(fit.deviance):
        notes.append("its fit to the observed counts is not measured")
    chosen = est.models is not None and has_one_model(est)
    if chosen:
        assert est.models is not None
        name = f"{name} {est.models['label'].iloc[0]}"
    total = Total(est.estimate, low, high, est.kind)
    yield Assumed(MODELS, name, words, total, fit, "; ".join(notes))
    if chosen:
        yield from _as_good(est, words)


def _as_good(est: Estimate, words: str) -> Iterator[Assumed]:
    """The candidates nearly as good as the one chosen."""
    assert est.models is not None
    near = est.models[est.models["criterion"] <= est.models["criterion"].iloc[0] + _NEAR_UNITS]
    for _, row in near.iloc[1 : 1 + _MOST_NEAR].iterrows():
        why = "not chosen, so that it has no interval"
        total = Total(float(row["population"]))
        yield Assumed(NEAR, str(row["label"]), words, total, fit_of_row(row), why)
