"""Cautions, each with its remedy, and the caveats of the source."""

import re
from dataclasses import replace

from darkfigure.cautions import KINDS, Caution
from darkfigure.reports.blocks import Block, Heading, Points, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.english import ENGLISH
from darkfigure.reports.words import strata_of
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
    if given.about.caveats:
        blocks += [Heading(words("caveats")), Points([(each, "") for each in given.about.caveats])]
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
    their digits would say more of the counts than the page does.
    """
    changed = {*_PEOPLE, *_TOTALS, *_SHARES}
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
    try:
        text = KINDS[each.kind].sentence.format(**values)
    except (KeyError, ValueError, TypeError):  # of an older file, without its values
        return replace(each, text=_LARGE.sub(_in_three_digits, each.text))
    strata = strata_of(each)
    if len(strata) == 1:
        text = ENGLISH["in_stratum"].format(stratum=strata[0], text=text)
    elif strata:
        text = ENGLISH["in_strata"].format(stratum=strata[0], number=len(strata) - 1, text=text)
    return replace(each, text=text, values=values)


def _in_three_digits(found: re.Match[str]) -> str:
    return rounded(float(found.group().replace(",", "")))


def _sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
