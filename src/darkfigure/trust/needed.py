"""For each way of being wrong, what would have to be true for a claimed total."""

import math

import numpy as np

from darkfigure.data.table import CaptureTable
from darkfigure.numerics import implied_dependence as implied
from darkfigure.numerics.cell_ratios import Ratios, ratios_of
from darkfigure.numerics.observable_share import smallest_chances
from darkfigure.numerics.resampling import quantiles
from darkfigure.results.estimate import Estimate
from darkfigure.results.observable import CLASSES
from darkfigure.trust.claimed_totals import Claim
from darkfigure.trust.exact_counts import histories_in_words
from darkfigure.trust.need import (
    AMONG_EVERYONE,
    AMONG_MISSED,
    INTERACTION,
    LINKS_FALSE,
    LINKS_MISSED,
    OBSERVABLE,
    OUTSIDE,
    Need,
)


def dependence_needed(table: CaptureTable, unseen: float, prob: float) -> list[Need]:
    """ξ, and the odds ratios of every two lists, for so many on no list."""
    counts = table.counts()
    names = [f"{table.lists[i]}, {table.lists[j]}" for i, j in implied.pairs_of(table.n_lists)]
    seen = implied.observed_odds_ratios(counts, prob)
    missed = ratios_of(implied.missed_by_the_others(counts, unseen), implied.FOURFOLD, prob)
    everyone = ratios_of(implied.among_everyone(counts, unseen), implied.FOURFOLD, prob)
    out = [_interaction(table, counts, unseen, prob)]
    for way, found in ((AMONG_MISSED, missed), (AMONG_EVERYONE, everyone)):
        for row, what in enumerate(names):
            if _impossible(table, row):
                why = "no one can be on both lists"
                out.append(Need(way, what, math.nan, math.nan, math.nan, note=why))
                continue
            why = _nobody(table, counts, row, way == AMONG_MISSED)
            out.append(_ratio(way, what, found, row, seen.value[row], why))
    return out


def _interaction(table: CaptureTable, counts: np.ndarray, unseen: float, prob: float) -> Need:
    if table.impossible:
        why = "some lists cannot overlap, so that all lists at once have no interaction"
        return Need(INTERACTION, "", math.nan, math.nan, math.nan, note=why)
    found = implied.top_interaction(counts, unseen, prob)
    histories = np.arange(1, len(counts))
    empty = tuple(histories[counts[1:] == 0].tolist())
    seen = implied.observed_top_interactions(counts, prob).value if table.n_lists > 2 else ()
    ratios = Ratios(*(np.atleast_1d(each) for each in (found.value, found.low, found.high)))
    why = histories_in_words(empty, table.lists)
    return _ratio(INTERACTION, "", ratios, 0, np.array(seen), why)


def _ratio(way: str, what: str, found: Ratios, row: int, seen: np.ndarray, why: str) -> Need:
    low, high = _range(seen)
    if found.determined[row]:
        value = float(found.value[row])
        return Need(way, what, value, float(found.low[row]), float(found.high[row]), low, high)
    note = f"not determined: {why}"
    if np.isnan(found.value[row]):
        return Need(way, what, math.nan, math.nan, math.nan, low, high, note)
    limits = float(found.low[row]), float(found.high[row])
    side = f"at most {limits[1]:.3g}" if limits[0] == 0 else f"at least {limits[0]:.3g}"
    return Need(way, what, math.nan, *limits, low, high, f"{note}: {side}")


def _range(seen: np.ndarray) -> tuple[float, float]:
    """The smallest and largest of the ratios that no cell of nobody decides."""
    usable = seen[np.isfinite(seen) & (seen > 0)]
    return (float(usable.min()), float(usable.max())) if len(usable) else (math.nan, math.nan)


def _impossible(table: CaptureTable, row: int) -> bool:
    i, j = implied.pairs_of(table.n_lists)[row]
    return {table.lists[i], table.lists[j]} in [set(pair) for pair in table.impossible]


def _nobody(table: CaptureTable, counts: np.ndarray, row: int, exactly: bool) -> str:
    i, j = implied.pairs_of(table.n_lists)[row]
    used = (1 << i, 1 << j, 1 << i | 1 << j)
    if exactly:
        return histories_in_words(tuple(h for h in used if counts[h] == 0), table.lists)
    one, two = table.lists[i], table.lists[j]
    both, _, first, second = implied.among_everyone(counts, 0.0)[row]
    if both == 0:
        return f"nobody was on {one} and {two}"
    inner, outer = (one, two) if first == 0 else (two, one)
    return f"everyone on {inner} was on {outer} too" if 0 in (first, second) else ""


def errors_needed(
    table: CaptureTable, claim: Claim, reference: Estimate, prob: float
) -> list[Need]:
    r"""Missed links, false links and people outside, by how they move an estimate.

    An estimate is in proportion to one over the overlaps: with a share m of the true links missed,
    evenly, :math:`N = (1 - m) \hat N`; with a share f of the links false,
    :math:`N = \hat N / (1 - f)`; with a share e of the records of every list of people who are
    outside and on one list each, :math:`N = (1 - e)^2 \hat N`. For two lists and Lincoln-Petersen
    this is exact (Ding & Fienberg 1994 with one kind of error); for more it is a first order.
    `links_needed` works out missed links on any number of lists.
    """
    if not reference.settled:
        why = "the reference estimate gives no single number"
        return [
            Need(way, "", math.nan, math.nan, math.nan, note=why)
            for way in (LINKS_MISSED, LINKS_FALSE, OUTSIDE)
        ]
    counts, totals = table.counts(), reference.totals
    ratio, ratios = claim.total / reference.estimate, claim.total / totals
    with np.errstate(divide="ignore"):
        shares = {
            LINKS_MISSED: (1.0 - ratio, 1.0 - ratios, implied.most_missed_links(counts)),
            LINKS_FALSE: (1.0 - 1.0 / ratio if ratio else -math.inf, 1.0 - 1.0 / ratios, 1.0),
            OUTSIDE: (1 - math.sqrt(ratio), 1 - np.sqrt(ratios), implied.most_outsiders(counts)),
        }
    roughly = table.n_lists > 2
    return [_share(way, *found, prob, roughly) for way, found in shares.items()]


_WRONG_WAY = {
    LINKS_MISSED: "missed links make an estimate too high, and the claim is above it",
    LINKS_FALSE: "false links make an estimate too low, and the claim is below it",
    OUTSIDE: "people outside make an estimate too high, and the claim is above it",
}
_TOO_MUCH = {
    LINKS_MISSED: "more than there can be: at {most} some list would lie within another",
    OUTSIDE: "more than there can be: on some list only {most} are on no other list",
    LINKS_FALSE: "{most}",
}


def _share(
    way: str, value: float, draws: np.ndarray, most: float, prob: float, roughly: bool
) -> Need:
    if value <= 0:
        note = _WRONG_WAY[way] if value < 0 else "the claim is the estimate itself"
        return Need(way, "", math.nan, math.nan, math.nan, note=note)
    ends = np.array([(1 - prob) / 2, (1 + prob) / 2])
    low, high = np.maximum(quantiles(draws, ends), 0.0).tolist()
    note = _TOO_MUCH[way].format(most=f"{most:.0%}") if value > most else ""
    return Need(way, "", value, low, high, note=note, first_order=roughly)


def observable_needed(claim: Claim, reference: Estimate, prob: float) -> Need:
    """The α for which the claim counts just those whose chance to be seen is α or more."""
    if CLASSES not in reference.draws.children:
        why = "only a model of latent classes gives it: model=dk.LatentClass()"
        return Need(OBSERVABLE, "", math.nan, math.nan, math.nan, note=why)
    classes = reference.draws[CLASSES].to_dataset()
    alpha = smallest_chances(
        classes["people"].to_numpy(), classes["capture"].to_numpy(), claim.total
    ).ravel()
    beyond = np.isnan(alpha)  # not even those who are never seen are so many
    ends = np.array([0.5, (1 - prob) / 2, (1 + prob) / 2])
    middle, low, high = quantiles(np.where(beyond, 0.0, alpha), ends).tolist()
    if middle == 0.0:
        share = f"{beyond.mean():.0%}"
        why = f"the claim is above all people, however hard to see, in {share} of the draws"
        return Need(OBSERVABLE, "", math.nan, math.nan, math.nan, note=why)
    note = "" if reference.settled else "the chains do not agree: a range, with no probability"
    return Need(OBSERVABLE, "", middle, low, high, note=note)
