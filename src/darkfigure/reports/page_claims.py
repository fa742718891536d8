"""What would have to be true for other figures."""

import math

import numpy as np

from darkfigure.errors import DarkfigureError
from darkfigure.numerics import implied_dependence as implied
from darkfigure.numerics.cell_ratios import ratios_of
from darkfigure.reports.blocks import Block, Grid, Heading, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import withheld
from darkfigure.reports.secrecy import has_small_counts
from darkfigure.results.estimate import Estimate
from darkfigure.results.storage import as_plain
from darkfigure.trust.claim import claim
from darkfigure.trust.claims import Claims, Judged
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

_WAYS = {
    INTERACTION: "way_interaction",
    AMONG_MISSED: "way_missed",
    AMONG_EVERYONE: "way_everyone",
    LINKS_MISSED: "way_links_missed",
    LINKS_FALSE: "way_links_false",
    OUTSIDE: "way_outside",
    OBSERVABLE: "way_observable",
}
_SHARES = {LINKS_MISSED, LINKS_FALSE, OUTSIDE, OBSERVABLE}
_PAIRS = {AMONG_MISSED, AMONG_EVERYONE}


def published_claims(est: Estimate) -> Claims | None:
    """What published figures of the same country, years and concept ask one to believe.

    None where there are none, or the table cannot be set beside a figure.
    """
    from darkfigure.data.datasets import published

    about = est.table.about
    if about.period is None or about.country == "not stated" or about.concept == "not stated":
        return None
    rows = published()
    alike = (rows["country"] == about.country) & (rows["concept"] == about.concept)
    alike &= (rows["unit"] == "people") & (rows["stratum"] == "all")
    inside = (rows["year_from"] >= about.period.year_from) & (
        rows["year_to"] <= about.period.year_to
    )
    found = rows[alike & inside.fillna(False).astype(bool)]
    found = found[found[["estimate", "low", "high"]].notna().any(axis=1)]
    if not len(found):
        return None
    try:
        return claim(est, found)
    except DarkfigureError:  # a table that no figure can be set beside
        return None


def claims_section(given: Contents) -> Section:
    """Each claim with what it asks one to believe."""
    words, found = given.words, given.claims
    title = words("claims")
    if found is None:
        return Section("claims", title, [Text(words("claims_none"))], {"claims": []})
    shown = any(printable(given, found, each) for each in found.judged)
    blocks: list[Block] = [Text(words("claims_lead"))] if shown else []
    data = []
    for each in found.judged:
        needs = printable(given, found, each)
        blocks += _of_one(given, found, each, needs)
        data.append(_as_json(given, found, each, needs))
    return Section("claims", title, blocks, {"claims": as_plain(data)})


def printable(given: Contents, found: Claims, each: Judged) -> list[Need]:
    """The needs that tell no small count: of pairs, those that rest on enough people."""
    needs = [n for n in each.needs if n.way != OBSERVABLE or math.isfinite(n.needed)]
    if given.disclose:
        return needs
    needs = [n for n in needs if n.way not in _PAIRS or _rests_on_enough(given, found, n)]
    if has_small_counts(found.table, given.printed.printing.threshold):
        needs = [n for n in needs if n.way != INTERACTION]  # all counts but one would tell the last
    if given.told.models:  # what is needed is a formula of the same few counts as the answer
        needs = [n for n in needs if n.way in _PAIRS]
    return needs


def _rests_on_enough(given: Contents, found: Claims, need: Need) -> bool:
    """Whether the three counts behind an odds ratio are all large enough to be printed."""
    table, threshold = found.table, given.printed.printing.threshold
    first, second = (table.lists.index(name) for name in need.what.split(", "))
    counts, codes = table.counts(), np.arange(1 << table.n_lists)
    one, other = (codes >> first) & 1 == 1, (codes >> second) & 1 == 1
    if need.way == AMONG_MISSED:
        rest = codes & ~((1 << first) | (1 << second))
        one, other = one & (rest == 0), other & (rest == 0)
    parts = (one & other, one & ~other, other & ~one)
    return all(int(counts[part].sum()) >= threshold for part in parts)


def _of_one(given: Contents, found: Claims, each: Judged, needs: list[Need]) -> list[Block]:
    words = given.words
    blocks: list[Block] = [Heading(title_of(given, found, each))]
    period = found.table.about.period
    if each.claim.years and period is not None:
        blocks.append(Text(words("claim_years", years=each.claim.years, period=period.text)))
    if each.claim.country:
        blocks.append(Text(words("claim_country", country=each.claim.country)))
    if each.contradicted:
        blocks.append(Text(words("claim_contradicted")))
    if not math.isnan(each.share_above):
        share = words.percent(each.share_above, 1)
        blocks.append(Text(words("claim_share", share=share)))
    between = [seen_between(given, found, n) for n in needs]
    rows = [
        (_way(given, n), _needed(given, n), _seen(given, *ends))
        for n, ends in zip(needs, between, strict=True)
    ]
    head = [words(name) for name in ("way", "needed", "seen_between")]
    if rows:
        blocks.append(Grid(words("way"), head, rows, (False, True, True)))
    hidden = len({n.what for n in each.needs if n.way in _PAIRS and n not in needs})
    if hidden:
        threshold = given.printed.printing.threshold
        name = "pair_hidden" if hidden == 1 else "pairs_hidden"
        number = words.number_in_words(hidden)
        blocks.append(Text(words(name, number=number, threshold=threshold), quiet=True))
    if any(_narrower(ends, n) for n, ends in zip(needs, between, strict=True)):
        threshold = given.printed.printing.threshold
        blocks.append(Text(words("seen_hidden", threshold=threshold), quiet=True))
    if given.told.models:
        blocks.append(Text(withheld(given, "ways_withheld"), quiet=True))
    return blocks


def title_of(given: Contents, found: Claims, each: Judged) -> str:
    """The figure as it was claimed, over the table's period, and by whom."""
    words, one = given.words, each.claim
    title = words.piece(one.label)
    period = found.table.about.period
    if not math.isclose(one.total, one.figure) and period is not None:
        title = words(
            "claim_total", claim=title, total=words.whole(one.total), when=words.when(period.text)
        )
    return words("claim_title_source", title=title, source=one.source) if one.source else title


def _way(given: Contents, need: Need) -> str:
    lists = given.words.listed(need.what.split(", ")) if need.what else ""
    return given.words(_WAYS[need.way], lists=lists)


def _needed(given: Contents, need: Need) -> str:
    words = given.words
    if math.isnan(need.needed):
        return words("no_way" if need.way in _SHARES else "undetermined")
    value, low, high = (_number(given, need, n) for n in (need.needed, need.low, need.high))
    if not (math.isnan(need.low) or math.isnan(need.high)):
        value = words("needed_between", value=value, low=low, high=high)
    return words("roughly", value=value) if need.first_order else value


def _number(given: Contents, need: Need, value: float) -> str:
    words = given.words
    if math.isinf(value):
        return "∞"
    if need.way in _SHARES:
        return words.percent(value, 0 if value >= 0.1 else 1)
    return words.localised(f"{float(f'{value:.2g}'):g}")


def seen_between(given: Contents, found: Claims, need: Need) -> tuple[float, float]:
    """The range among people whom another list saw, of ratios that rest on enough people.

    One of a single hidden count and three printed ones would tell the hidden one.
    """
    if given.disclose or need.way not in _PAIRS:
        return need.seen_low, need.seen_high
    table, threshold = found.table, given.printed.printing.threshold
    pair = sorted(table.lists.index(name) for name in need.what.split(", "))
    row = implied.pairs_of(table.n_lists).index((pair[0], pair[1]))
    counts = table.counts()
    seen = np.array([implied.among_those_on(counts, j)[row] for j in range(table.n_lists)])
    enough = seen[(seen >= threshold).all(axis=1)]
    if not len(enough):
        return math.nan, math.nan
    ratios = ratios_of(enough, implied.FOURFOLD).value
    return float(ratios.min()), float(ratios.max())


def _narrower(ends: tuple[float, float], need: Need) -> bool:
    """Whether a ratio that was seen is not among those printed."""
    every = (need.seen_low, need.seen_high)
    return not any(map(math.isnan, every)) and not np.allclose(ends, every)


def _seen(given: Contents, lowest: float, highest: float) -> str:
    """The range seen, to one digit unless everything is disclosed."""
    if math.isnan(lowest) or math.isnan(highest):
        return "–"
    digits = 2 if given.disclose else 1
    ends = (f"{float(f'{n:.{digits}g}'):g}" for n in (lowest, highest))
    low, high = (given.words.localised(n) for n in ends)
    return low if low == high else given.words("between", low=low, high=high)


def _as_json(given: Contents, found: Claims, each: Judged, needs: list[Need]) -> dict[str, object]:
    def plain(value: float, digits: int) -> float:
        known = math.isfinite(value) and not given.disclose
        return float(f"{value:.{digits}g}") if known else value

    return {
        "claim": each.claim.label,
        "source": each.claim.source,
        "total": each.claim.total,
        "share_above": each.share_above if given.disclose else round(each.share_above, 3),
        "contradicted": each.contradicted,
        "needs": [
            {
                "way": need.way,
                "lists": need.what,
                "needed": plain(need.needed, 2),
                "low": plain(need.low, 2),
                "high": plain(need.high, 2),
                "seen_low": plain(lowest, 1),
                "seen_high": plain(highest, 1),
                "first_order": need.first_order,
            }
            for need in needs
            for lowest, highest in [seen_between(given, found, need)]
        ],
    }
