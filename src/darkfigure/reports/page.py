"""A report put together: the sections in their order, and the head of the page."""

from collections.abc import Callable

from darkfigure.reports.blocks import Page, Section
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import answer_section, withheld
from darkfigure.reports.page_assumed import assumed_section
from darkfigure.reports.page_believed import believed_section
from darkfigure.reports.page_cautions import cautions_section
from darkfigure.reports.page_checks import checks_section
from darkfigure.reports.page_claims import claims_section
from darkfigure.reports.page_method import (
    again_section,
    cells_section,
    how_section,
    references_section,
)
from darkfigure.reports.page_models import models_section
from darkfigure.reports.page_seen import seen_section
from darkfigure.reports.page_sensitivity import sensitivity_section
from darkfigure.reports.verdict import (
    FEW,
    INTERVAL_NONE,
    INTERVAL_RANGE,
    SPREAD_NONE,
    SPREAD_RANGE,
    UNITS,
    Reason,
)
from darkfigure.version import __version__

_FROM_OTHERS = {"why_near_models", "why_prior", "why_compared", "why_varied"}
"""Reasons whose numbers come from other models of the same table."""

_SECTIONS: tuple[Callable[[Contents], Section], ...] = (
    answer_section,
    seen_section,
    assumed_section,
    models_section,
    cautions_section,
    sensitivity_section,
    claims_section,
    believed_section,
    checks_section,
    cells_section,
    how_section,
    again_section,
    references_section,
)


def page_of(given: Contents) -> Page:
    """The whole report."""
    words, verdict = given.words, given.verdict
    return Page(
        language=words.language,
        title=title_of(given),
        level=verdict.level,
        verdict=_verdict(given),
        reasons=[reason_in_words(given, each) for each in verdict.reasons],
        sections=[write(given) for write in _SECTIONS],
        made_by=words("made_by", version=__version__),
        skip=words("skip"),
        contents=words("contents"),
        verdict_head=words("verdict"),
        why=words("verdict_why"),
        rule_head=words("verdict_rule_head"),
        rule=rule_in_words(given),
    )


def title_of(given: Contents) -> str:
    """What was counted, and where."""
    people = given.people[:1].upper() + given.people[1:]
    if given.about.title:
        return given.words("title", title=given.words.codebook(given.about.title))
    return given.words("title_plain", people=people)


def _verdict(given: Contents) -> str:
    level = given.verdict.level
    alone = level == "figure" and given.compared is None
    said = given.words("verdict_alone" if alone else f"verdict_{level}")
    if not given.told.models:
        return said
    tells = "verdict_tells" if given.told.headline == "tells" else "verdict_may_tell"
    return f"{said} {withheld(given, tells)}"


def reason_in_words(given: Contents, reason: Reason) -> str:
    """One reason of the verdict."""
    words = given.words
    if is_withheld(given, reason.name):
        return words(f"{reason.name}_only", units=f"{UNITS:g}")
    numbers = {name: given.answer(value) for name, value in reason.numbers.items()}
    counts = {name: words.number_in_words(value) for name, value in reason.counts.items()}
    ratio = words.decimal(reason.ratio, 1 if reason.ratio < 10 else 0)
    return words(reason.name, ratio=ratio, few=FEW, units=f"{UNITS:g}", **counts, **numbers)


def is_withheld(given: Contents, name: str) -> bool:
    """Whether the numbers of a reason would tell small counts."""
    moved = name == "why_moves" and given.told.parts
    return moved or (given.told.models and name in _FROM_OTHERS)


def rule_in_words(given: Contents) -> str:
    """The rule of the verdict."""
    words = given.words
    limits = {
        "interval_none": INTERVAL_NONE,
        "interval_range": INTERVAL_RANGE,
        "spread_none": SPREAD_NONE,
        "spread_range": SPREAD_RANGE,
    }
    said = {name: words.localised(f"{value:g}") for name, value in limits.items()}
    return words("verdict_rule", few=FEW, **said)
