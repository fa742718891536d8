"""Sentences, numbers and cautions in the language of the page."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from darkfigure.cautions import KINDS, Caution
from darkfigure.data.about import NOT_STATED
from darkfigure.literals import Language
from darkfigure.reports.believed_words import DUTCH_BELIEVED, ENGLISH_BELIEVED
from darkfigure.reports.dutch import DUTCH
from darkfigure.reports.dutch_cautions import DUTCH_KINDS
from darkfigure.reports.dutch_caveats import DUTCH_CAVEATS
from darkfigure.reports.dutch_codebook import DUTCH_CODEBOOK
from darkfigure.reports.dutch_lists import DUTCH_LISTS
from darkfigure.reports.dutch_phrases import (
    in_dutch,
    people_in_dutch,
    period_in_dutch,
    with_dutch_numbers,
)
from darkfigure.reports.english import ENGLISH
from darkfigure.reports.printed_counts import Count, Printing
from darkfigure.reports.secrecy_words import DUTCH_SECRECY, ENGLISH_SECRECY
from darkfigure.results.wording import in_words, rounded

CATALOGUES: Mapping[Language, Mapping[str, str]] = {
    "en": {**ENGLISH, **ENGLISH_SECRECY, **ENGLISH_BELIEVED},
    "nl": {**DUTCH, **DUTCH_SECRECY, **DUTCH_BELIEVED},
}

_CODEBOOKS = {**DUTCH_CODEBOOK, **DUTCH_LISTS, **DUTCH_CAVEATS}
_MADE_HERE = ("made fit to publish: ", "on average ")
"""How texts begin that `CaptureTable.disclose` and `dk.simulate` put into a codebook."""

_YEARS = re.compile(r"\d{4}([-–]\d{2,4})?")


@dataclass(frozen=True)
class Words:
    """What a page says, in one language.

    Called with the name of a sentence and what is to be filled in.
    """

    language: Language

    def __call__(self, name: str, /, **values: object) -> str:
        """The sentence of that name, filled in."""
        return CATALOGUES[self.language][name].format(**values)

    # numbers

    def localised(self, text: str) -> str:
        """Text with English numbers, with the marks of the language."""
        return with_dutch_numbers(text) if self.language == "nl" else text

    def whole(self, number: float) -> str:
        """A whole number in full."""
        return self.localised(f"{number:,.0f}")

    def rounded(self, value: float, width: float = math.inf) -> str:
        """A number of people, rounded to what an interval supports."""
        if math.isnan(value):
            return self("unsettled")
        return self("no_limit") if math.isinf(value) else self.localised(rounded(value, width))

    def decimal(self, value: float, places: int = 1) -> str:
        """A number with so many decimals."""
        return self.localised(f"{value:,.{places}f}")

    def percent(self, share: float, places: int = 0) -> str:
        """A share in percent."""
        return self.localised(f"{share:.{places}%}")

    def number_in_words(self, number: int) -> str:
        """A small number as a word."""
        return self.piece(in_words(number))

    def listed(self, items: Sequence[str]) -> str:
        """A, B and C."""
        if len(items) <= 1:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self('and')} {items[-1]}"

    def count(self, count: Count, printing: Printing) -> str:
        """A number of people as the page prints it."""
        if count.value is not None:
            return self.whole(count.value)
        if count.is_small:
            return self("fewer", threshold=printing.threshold)
        if count.low == 0:
            return self("at_most", high=self.whole(count.high))
        return self("between", low=self.whole(count.low), high=self.whole(count.high))

    # pieces of results

    def piece(self, text: str) -> str:
        """A piece of a result: a label, a range, a reason."""
        return with_dutch_numbers(in_dutch(text)) if self.language == "nl" else text

    def reason(self, text: str) -> str:
        """Why a model cannot be used: one of those known here, else only that it cannot."""
        said = self.piece(text)
        return self("unsuited") if self.language == "nl" and said == text else said

    def people(self, people: str) -> str:
        """What is counted."""
        return people_in_dutch(people) if self.language == "nl" else people

    def stated(self, text: str) -> str:
        """An entry of a codebook, or that it is not stated."""
        return self("not_stated") if text in ("", NOT_STATED) else self.codebook(text)

    def codebook(self, text: str) -> str:
        """A text of a codebook: of a table that comes along in the language, else as it stands."""
        if self.language == "en" or text in _CODEBOOKS:
            return text if self.language == "en" else _CODEBOOKS[text]
        return self.piece(text) if text.startswith(_MADE_HERE) else text

    def period(self, text: str) -> str:
        """The time a table covers: "20 March to 22 June 1999"."""
        if self.language == "en":
            return text
        return period_in_dutch(_CODEBOOKS.get(text, text))

    def when(self, text: str) -> str:
        """The same within a sentence, with its preposition and a blank in front."""
        if _YEARS.fullmatch(text):
            return self("when", period=text)
        name = "when_from" if " to " in text else "when_other"
        return self(name, period=self.period(text))

    def caution(self, each: Caution) -> tuple[str, str]:
        """The sentence and the remedy of a caution.

        A kind that a user's own model defines, or that an older file holds without its values,
        stays in English.
        """
        kind = DUTCH_KINDS.get(each.kind) if self.language == "nl" else KINDS.get(each.kind)
        if kind is None or (self.language == "en"):
            return each.text, each.remedy
        values = {
            name: in_dutch(value) if isinstance(value, str) else value
            for name, value in dict(each.values).items()
        }
        try:
            sentence, remedy = kind.sentence.format(**values), kind.remedy.format(**values)
        except (KeyError, ValueError, TypeError):
            return each.text, each.remedy
        sentence = self.framed(each, sentence)
        return with_dutch_numbers(sentence), with_dutch_numbers(remedy)

    def framed(self, each: Caution, sentence: str) -> str:
        """A caution's sentence with the strata, or the linkages, that it holds for."""
        strata = strata_of(each)
        if len(strata) == 1:
            sentence = self("in_stratum", stratum=strata[0], text=sentence)
        elif strata:
            sentence = self("in_strata", stratum=strata[0], number=len(strata) - 1, text=sentence)
        number, every = (each.values.get(name) for name in ("on_linkages", "of_linkages"))
        if number is None:
            return sentence
        looked_at = self("looked_at") if each.values.get("linkages_looked_at") else ""
        if number == every:
            return self("on_each_linkage", number=every, looked_at=looked_at, text=sentence)
        return self("on_linkages", number=number, all=every, looked_at=looked_at, text=sentence)


def strata_of(each: Caution) -> list[str]:
    """The strata that a caution holds for; none for one of the whole table."""
    values = dict(each.values)
    return [str(name) for name in values.get("strata", ())]
