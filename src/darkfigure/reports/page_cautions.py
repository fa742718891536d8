"""Cautions, each with its remedy, and the caveats of the source."""

import re
from dataclasses import replace

from darkfigure.cautions import KINDS, Caution
from darkfigure.reports.blocks import Block, Heading, Points, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.words import Words
from darkfigure.results.wording import rounded

_PEOPLE = {"few_people": "people", "person_twice": "people", "known_unseen": "count"}
"""Which value of a caution is a number of people seen."""

_TOTALS = {
    "prior_sensitivity": ("medians",),
    "models_disagree": ("models",),
    "near_ties": ("low", "high", "models"),
    "ties": ("models",),
    "choices_disagree": ("mine", "others"),
    "no_width": ("total",),
    "members_disagree": ("models", "low", "high"),
}
"""Which values of a caution are totals of models, in full."""

_OTHER_TOTALS = {
    "strata_disagree": ("separate", "pooled"),
    **{kind: names for kind, names in _TOTALS.items() if kind != "no_width"},
}
"""Which values are totals of other models than the page's own."""

_SHARES = {"sparse": ("share",)}
"""Which values are shares of the people seen: of them only what the caution begins at is told."""

_MOST_ALONE = "90%"

_LARGE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w.]\d)")


def cautions_section(given: Contents) -> Section:
    """What to be careful of, and what to do about it."""
    words = given.words
    said = [words.caution(masked(given, each)) for each in given.est.cautions]
    blocks: list[Block] = []
    if said:
        blocks.append(
            Points([(_sentence(text), _sentence(do)) for text, do in said], words("remedy") + ":")
        )
    else:
        blocks.append(Text(words("no_cautions")))
    caveats = [(words.codebook(each), "") for each in given.about.caveats]
    if caveats:
        blocks += [Heading(words("caveats")), Points(caveats)]
    data = {
        "cautions": [
            {"kind": each.kind, "text": text, "remedy": remedy}
            for each, (text, remedy) in zip(given.est.cautions, said, strict=True)
        ]
    }
    return Section("cautions", words("cautions"), blocks, data)


def masked(given: Contents, each: Caution) -> Caution:
    """The same caution with its numbers as the page prints them.

    Numbers of people seen may be small; totals of models are told in three digits, because all
    their digits would say more of the counts than the page does; with few lists not at all.
    """
    changed = {*_PEOPLE, *_TOTALS, *_SHARES, *(_OTHER_TOTALS if given.told.models else ())}
    if given.disclose or each.kind not in changed or each.kind not in KINDS:
        return each
    values = dict(each.values)
    seen = _PEOPLE.get(each.kind)
    if seen is not None and isinstance(values.get(seen), int):
        values[seen] = given.count(given.printed.printing.of(values[seen], values[seen]))
    for name in _SHARES.get(each.kind, ()):
        values[name] = f">{_MOST_ALONE}"
    for name in _TOTALS.get(each.kind, ()):
        if isinstance(values.get(name), str):
            values[name] = _LARGE.sub(_in_three_digits, values[name])
    if given.told.models:
        values.update(dict.fromkeys(_OTHER_TOTALS.get(each.kind, ()), "…"))
    try:
        text = KINDS[each.kind].sentence.format(**values)
    except (KeyError, ValueError, TypeError):  # of an older file, without its values
        if given.told.models and each.kind in _OTHER_TOTALS:
            return replace(each, text=f"{each.kind} (…)")
        return replace(each, text=_LARGE.sub(_in_three_digits, each.text))
    return replace(each, text=Words("en").framed(each, text), values=values)


def _in_three_digits(found: re.Match[str]) -> str:
    return rounded(float(found.group().replace(",", "")))


def _sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
