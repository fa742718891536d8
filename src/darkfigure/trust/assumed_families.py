"""Assumptions about people and occasions: how they differ, what a capture changes, coverage."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from darkfigure.data.table import CaptureTable
from darkfigure.numerics.behaviour import fit_behaviour
from darkfigure.numerics.heterogeneity import (
    FAMILIES,
    Differences,
    HeterogeneityFit,
    fit_heterogeneity,
)
from darkfigure.numerics.no_interaction import log_normal_limits
from darkfigure.numerics.sample_coverage import (
    ENOUGH,
    FEWEST_LISTS,
    coverage_spread,
    sample_coverage,
)
from darkfigure.trust.assumed import (
    ALIKE,
    BEHAVIOUR,
    COVERAGE,
    UNLIKE,
    Assumed,
    Total,
    asymptotic,
)
from darkfigure.trust.observed_fit import ObservedFit

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
            if not _overlaps(table):  # the likelihood has no maximum, or one with no total
                yield Assumed(group, name, sentence, note="no one is on two lists")
                continue
            found = fit_heterogeneity(counts, differences, alike=alike)
            if not found.converged:
                yield Assumed(group, name, sentence, note="no maximum of the likelihood was found")
                continue
            row = _fitted(table, group, name, sentence, found, prob)
            yield replace(row, lower_bound=differences == "chao")


def _fitted(
    table: CaptureTable, group: str, name: str, sentence: str, found: HeterogeneityFit, prob: float
) -> Assumed:
    total = asymptotic(table, found.unseen, found.log_variance, prob)
    fit = ObservedFit(found.deviance, float(found.degrees_of_freedom), float(found.parameters))
    return Assumed(group, name, sentence, total, fit)


_BEHAVIOUR = {
    "Mb": (
        "After a first capture people are caught more easily, or less, than before; before it all "
        "have the same chance on every occasion."
    ),
    "Mbh": (
        "The same, but the first occasion has a chance of its own: those most easily caught are "
        "caught then."
    ),
}


def by_behaviour(table: CaptureTable, prob: float) -> Iterator[Assumed]:
    """Mb and Mbh: first captures fall off over occasions in a known order, and tell the total."""
    why = ""
    if not table.about.occasions:
        why = (
            "registers have no order in which a first capture could change the later ones; where "
            "lists are occasions in the order of the table, say table.with_about(occasions=True)"
        )
    elif table.impossible:
        why = "some lists cannot overlap"
    if why:
        yield Assumed(BEHAVIOUR, "Mb, Mbh", _BEHAVIOUR["Mb"], note=why)
        return
    for name, sentence in _BEHAVIOUR.items():
        if name == "Mbh" and table.n_lists < 3:
            yield Assumed(BEHAVIOUR, name, sentence, note="it needs three occasions")
            continue
        found = fit_behaviour(table.counts(), first_apart=name == "Mbh")
        if found.converged:
            yield _fitted(table, BEHAVIOUR, name, sentence, found, prob)
        else:
            why = "first captures do not fall off from one occasion to the next"
            yield Assumed(BEHAVIOUR, name, sentence, note=why)


_COVERED = {
    "independent": ("N0", "Lists are independent of one another on average."),
    "dependent": ("N", "Dependence is the same over people on none, one and two lists."),
    "one_step": ("N1", "Dependence is corrected for in part, as low coverage allows."),
}


def by_coverage(table: CaptureTable, prob: float, rng: np.random.Generator) -> Iterator[Assumed]:
    """Estimates by sample coverage, for three lists or more, with limits from a bootstrap."""
    why = ""
    if table.n_lists < FEWEST_LISTS:
        why = f"given for three lists or more; this table has {table.n_lists}"
    elif table.impossible:
        why = "some lists cannot overlap"
    elif not _overlaps(table):
        why = "no one is on two lists"
    elif (table.totals() == 0).any():
        why = "a list has no one"
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
        # sd is of the estimate itself: that of its log by the moments of a log-normal (Chao 1987)
        log_variance = math.log1p(max((sd / unseen) ** 2, 1 / unseen)) - 1 / unseen
        low, high = log_normal_limits(unseen, log_variance, prob)
        note = f"the one advised at a coverage of {covered:.0%}" if which == advised else ""
        if which == "dependent" and which != advised:
            note = f"unreliable below a coverage of {ENOUGH:.0%}, as its authors say"
        found_total = Total(total, seen + low, seen + high, "bootstrap")
        yield Assumed(COVERAGE, name, sentence, found_total, note=note)


def _overlaps(table: CaptureTable) -> bool:
    on = np.bitwise_count(np.arange(1 << table.n_lists))
    return bool(table.counts()[on > 1].sum())
