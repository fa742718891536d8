"""An estimate as text and as HTML: the answer first, then what it rests on."""

import html
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.paragraphs import as_html_table, paragraph
from darkfigure.results.wording import in_words, listed, one_in, rounded

if TYPE_CHECKING:
    from darkfigure.data.table import CaptureTable
    from darkfigure.results.estimate import Estimate


def as_text(est: "Estimate", prob: float) -> str:
    """The printed form of an estimate."""
    lines = [headline(est, prob)]
    for label, text in facts(est, prob):
        lines += paragraph(label, text)
    for each in est.cautions:
        lines += paragraph("caution", each.text)
        lines += paragraph("", f"-> {each.remedy}")
    return "\n".join(lines)


def headline(est: "Estimate", prob: float) -> str:
    """The answer in one sentence, with the kind of interval and the modes."""
    low, high = est.interval(prob)
    if est.estimate == float("inf"):
        return (
            f"At least {rounded(low)} {est.table.about.people}: no estimate and no upper limit "
            f"(lower end of the {100 * prob:g}% {est.kind} interval)"
        )
    width = high - low
    if not est.settled:
        places = listed([rounded(place) for place in est.modes()["location"]])
        return (
            f"No single number of {est.table.about.people}: the chains do not agree. The draws "
            f"pile up near {places}; {100 * prob:g}% lie between {rounded(low, width)} and "
            f"{rounded(high, width)}"
        )
    inside = (
        f"{100 * prob:g}% {est.kind} interval {rounded(low, width)} to {rounded(high, width)}"
        if high < float("inf")
        else f"{100 * prob:g}% {est.kind} interval {rounded(low)} upwards, without an upper limit"
    )
    found = est.modes()
    if len(found) > 1:
        places = listed([rounded(place) for place in found["location"]])
        inside += f"; {in_words(len(found))} modes, near {places}"
    return f"{rounded(est.estimate, width)} {est.table.about.people} ({inside})"


def facts(est: "Estimate", prob: float) -> list[tuple[str, str]]:
    """What the answer rests on: label and text."""
    table = est.table
    rows = [("seen", f"{_seen(est, prob)} on {table.n_lists} lists{_share_seen(est)}")]
    rows += _beside(est, prob)
    about = table.about
    if about.period is not None:
        rows.append(("period", _period(est, prob)))
    known = _known(table)
    if known:
        rows.append(("known", known))
    rows += [("caveat", each) for each in about.caveats]
    rows.append(("model", est.label))
    rows.append(("assumes", "; ".join(each.short for each in est.assumes)))
    rows.append(("seed", f"{est.seed}; again: {est.call}"))
    return rows


def _beside(est: "Estimate", prob: float) -> list[tuple[str, str]]:
    """What is to be read beside the answer: the interval before calibration, the envelope."""
    rows = []
    if est.kind == "calibrated":
        from darkfigure.results.calibrated import learned_from, uncalibrated

        rows += [
            ("uncalibrated", headline(uncalibrated(est), prob)),
            ("calibrated", f"on {learned_from(est)}"),
        ]
    if "members" in est.draws.children:
        members = est.draws["members"].to_dataset()
        low, high = float(members["low"].min()), float(members["high"].max())
        held = f"{rounded(low, high - low)} to {rounded(high, high - low)}"
        rows.append(("envelope", f"{held}: all that the models' 95% intervals hold"))
    return rows


def _share_seen(est: "Estimate") -> str:
    if not est.settled:
        return ""
    about = "" if est.table.is_exact else "about "
    return f": {about}{one_in(int(np.median(est.seen_totals)), est.estimate)}"


def _seen(est: "Estimate", prob: float) -> str:
    """The people seen, with limits where they are not known exactly."""
    seen = est.seen_totals
    middle = f"{np.median(seen):,.0f}"
    table = est.table
    if not table.is_exact:
        between = f"{int(table.low.sum()):,} to {int(table.high.sum()):,}"
        return f"{between} by the limits of the counts, about {middle} by the model,"
    if seen.min() == seen.max():
        return middle
    low, high = np.quantile(seen, [(1 - prob) / 2, (1 + prob) / 2])
    return f"about {middle} ({low:,.0f} to {high:,.0f})"


def _known(table: "CaptureTable") -> str:
    """The truth, where it is known."""
    about = table.about
    if about.simulated:
        truth = "no real people" if about.truth is None else f"truth {about.truth.total:,}"
        return f"simulated, {truth}"
    if table.known_unseen is None:
        return ""
    return f"{table.n_observed + table.known_unseen:,} in truth, by the known number unseen"


def _period(est: "Estimate", prob: float) -> str:
    about = est.table.about
    assert about.period is not None
    text = about.period.text
    if about.concept != "flow" or about.period.years <= 1 or not est.settled:
        return text
    per = est.per("year", prob=prob)
    width = per["high"] - per["low"]
    low, high = rounded(per["low"], width), rounded(per["high"], width)
    return f"{text}: {rounded(per['estimate'], width)} a year ({low} to {high})"


def as_html(est: "Estimate", prob: float) -> str:
    """The notebook form: the same words as the printed form."""
    cautions = "".join(
        f"<li>{html.escape(each.text)}<br><em>{html.escape(each.remedy)}</em></li>"
        for each in est.cautions
    )
    listed_cautions = f"<p><strong>Be careful:</strong></p><ul>{cautions}</ul>" if cautions else ""
    answer = as_html_table(headline(est, prob), facts(est, prob), "darkfigure-estimate")
    return f"<div>{answer}{listed_cautions}</div>"
