"""Claims in sentences."""

import math
from typing import TYPE_CHECKING

from darkfigure.data.paragraphs import paragraph
from darkfigure.results.wording import rounded
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

_SHOWN = 6  # sentences on figures that are set aside

if TYPE_CHECKING:
    from darkfigure.trust.claims import Claims, Judged


def in_words(found: "Claims") -> str:
    """The printed form: what each claim asks one to believe."""
    lines = [_headline(found), *paragraph("seen", _seen(found))]
    for each in found.judged:
        lines += ["", _title(found, each)]
        for label, text in _sentences(found, each):
            lines += paragraph(label, text)
    if found.aside:
        lines += ["", "Not set beside this table", *_aside(found.aside)]
    return "\n".join(lines)


def _aside(sentences: tuple[str, ...]) -> list[str]:
    """The first published figures that measure something else, and how many more there are."""
    lines = [line for each in sentences[:_SHOWN] for line in paragraph("-", each)]
    more = len(sentences) - _SHOWN
    return [*lines, *paragraph("-", f"{more} more: found.aside")] if more > 0 else lines


def _headline(found: "Claims") -> str:
    number = len(found.judged)
    claims = "this claim" if number == 1 else f"these {number} claims"
    return f"What would have to be true for {claims} about {found.table.about.people}"


def _seen(found: "Claims") -> str:
    est = found.reference
    low, high = est.interval(found.prob)
    answer = rounded(est.estimate, high - low) if est.settled else "no single number"
    text = (
        f"{found.table.n_observed:,} people on {found.table.n_lists} lists; {est.label} gives "
        f"{answer} ({100 * found.prob:g}% {est.kind} interval {rounded(low, high - low)} to "
        f"{rounded(high, high - low)})"
    )
    return f"{text}; {found.note}" if found.note else text


def _title(found: "Claims", each: "Judged") -> str:
    claim = each.claim
    text = claim.label
    if not math.isclose(claim.total, claim.figure):
        text += f", so {claim.total:,.0f} in {_period(found)}"
    return f"{text} ({claim.source})" if claim.source else text


def _period(found: "Claims") -> str:
    period = found.table.about.period
    return period.text if period is not None else "all"


def _sentences(found: "Claims", each: "Judged") -> list[tuple[str, str]]:
    needs = {way: [n for n in each.needs if n.way == way] for way in (n.way for n in each.needs)}
    out = [("beside", text) for text in _other_people(found, each)]
    if each.contradicted:
        seen = f"{found.table.n_observed:,}"
        other = ", or of what the figure counts" if out else ""
        out.append(
            (
                "refuted",
                f"it is not above the {seen} people seen: it could only be true if the same people "
                f"were counted twice, or some are not of the population{other}",
            )
        )
    else:
        out += [("pairs", _pairs(needs[AMONG_MISSED])), ("all lists", _all(needs[INTERACTION][0]))]
        if found.table.n_lists > 2:
            out.append(("overall", _overall(needs[AMONG_EVERYONE])))
    out.append(("links", _links(needs[LINKS_MISSED][0], needs[LINKS_FALSE][0], each.claim.total)))
    out.append(("outside", _outside(needs[OUTSIDE][0])))
    if OBSERVABLE in needs and not math.isnan(needs[OBSERVABLE][0].needed):
        out.append(("hidden", _hidden(needs[OBSERVABLE][0])))
    if found.reference.settled:
        out.append(
            ("model", f"{each.share_above:.1%} of the draws of the model above are at or above it")
        )
    return out


def _other_people(found: "Claims", each: "Judged") -> list[str]:
    """In what the figure is not of the table's own people."""
    out = []
    if each.claim.years:
        out.append(
            f"the figure is of {each.claim.years}, and is set beside the yearly mean of "
            f"{_period(found)}"
        )
    if each.claim.country:
        out.append(f"the figure is of {each.claim.country}; this table does not state its country")
    return out


def _pairs(needs: list[Need]) -> str:
    """The strongest dependence among those missed by the other lists, and that of the others."""
    known = sorted((n for n in needs if math.isfinite(n.needed)), key=lambda n: n.needed)
    if not known:
        return f"not determined for any two lists ({needs[0].note})"
    top = known[-1]
    first, second = top.what.split(", ")
    where = "" if len(needs) == 1 else "among people on no other list, "
    text = f"you would have to believe that, {where}being on {first} {_changes(top, second)}"
    if len(known) > 1:
        rest = _span([n.needed for n in known[:-1]])
        text += f"; for {_others(len(known) - 1)} the odds ratio would be {rest}"
    if len(known) < len(needs):
        text += f"; for {len(needs) - len(known)} more it is not determined"
    return f"{text}. {_shown(needs)}"


def _changes(need: Need, second: str) -> str:
    if need.needed >= 1:
        inside = f"{_number(need.low)} to {_number(need.high)}"
        return f"multiplies the odds of being on {second} by {_number(need.needed)} ({inside})"
    inside = f"{_number(1 / need.high)} to {_number(1 / need.low)}"
    return f"divides the odds of being on {second} by {_number(1 / need.needed)} ({inside})"


def _others(number: int) -> str:
    return "the other pair" if number == 1 else f"the other {number} pairs"


def _shown(needs: list[Need]) -> str:
    seen = [v for n in needs for v in (n.seen_low, n.seen_high) if math.isfinite(v)]
    if not seen:
        return "No third list shows how lists depend on one another"
    return f"Between pairs of lists, among people on a third, the data show {_span(seen)}"


def _all(need: Need) -> str:
    if math.isnan(need.needed):
        return need.note
    text = (
        f"all lists at once would have to interact with ξ = {_number(need.needed)} "
        f"({_number(need.low)} to {_number(need.high)}), where 1 is no interaction and less means "
        "more people missed"
    )
    if math.isfinite(need.seen_low):
        shown = _span([need.seen_low, need.seen_high])
        text += f"; between the other lists, among people on one, the data show {shown}"
    return text


def _overall(needs: list[Need]) -> str:
    known = [need.needed for need in needs if math.isfinite(need.needed)]
    if not known:
        return f"not determined ({needs[0].note})"
    return f"in the whole population the odds ratios of two lists would be {_span(known)}"


def _links(missed: Need, false: Need, total: float) -> str:
    for need, what in ((missed, "true links were missed"), (false, "links are false")):
        if math.isfinite(need.needed):
            more = f": {need.note}" if need.note else ""
            if need.first_order and need is missed:
                more += f". dk.missed_links(table, model, total={total:_.0f}) works it out"
            return f"or{_roughly(need)} {_share(need)} of the {what}, evenly{more}"
    if missed.note.startswith("no: "):
        return f"no share of missed links makes it the estimate: {missed.note.removeprefix('no: ')}"
    return missed.note if missed.note == false.note else "the claim is the estimate itself"


def _outside(need: Need) -> str:
    if math.isnan(need.needed):
        return need.note
    more = f": {need.note}" if need.note else ""
    share = f"or{_roughly(need)} {_share(need)} of the records of every list"
    return f"{share} are of people outside{more}"


def _roughly(need: Need) -> str:
    return ", to a first order that is exact for two lists only," if need.first_order else ""


def _hidden(need: Need) -> str:
    return (
        "or it counts only the people whose chance to be on some list is at least "
        f"{need.needed:.2g} ({need.low:.2g} to {need.high:.2g})"
    )


def _share(need: Need) -> str:
    return f"{need.needed:.0%} ({need.low:.0%} to {need.high:.0%})"


def _span(values: list[float]) -> str:
    low, high = _number(min(values)), _number(max(values))
    return low if low == high else f"{low} to {high}"


def _number(value: float) -> str:
    """Two digits, in full unless that takes many noughts."""
    if not math.isfinite(value):
        return "any number"
    if value and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.1e}"
    rounded_off = float(f"{value:.2g}") if abs(value) >= 1_000 else value
    digits = max(1 - math.floor(math.log10(abs(value))), 0) if value else 0
    text = f"{rounded_off:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
