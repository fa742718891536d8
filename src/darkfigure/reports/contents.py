"""What goes into a report: the estimate, what else was run, and how it is to be printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from darkfigure.data.about import About
from darkfigure.reports.answers_tell import NOTHING, Told
from darkfigure.reports.printed_counts import Count, PrintedCounts
from darkfigure.reports.verdict import Verdict
from darkfigure.reports.words import Words
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate
from darkfigure.trust.bounds_found import Bounds
from darkfigure.trust.checked import Check
from darkfigure.trust.claims import Claims
from darkfigure.trust.side_by_side import SideBySide


@dataclass(frozen=True)
class Contents:
    """All that the sections of a report are written from.

    Attributes
    ----------
    est : Estimate
    words : Words
    prob : float
        Of the intervals.
    printed : PrintedCounts
    disclose : bool
    verdict : Verdict
    compared, varied : Comparison or None
        Other models, and the same under other settings; None where not run.
    claims : Claims or None
        What `dk.claim` found, or published figures ask for; None where there are none.
    checks : Check or None
        What `dk.check` found; None where not run.
    identified : SideBySide or None
        What `dk.identify` found; None where not run.
    bounded : sequence of Bounds
        What `dk.bounds` found, once for each range; empty where not run.
    told : Told
        What the answers tell of counts that are not printed.
    """

    est: Estimate
    words: Words
    prob: float
    printed: PrintedCounts
    disclose: bool
    verdict: Verdict
    compared: Comparison | None = None
    varied: Comparison | None = None
    claims: Claims | None = None
    checks: Check | None = None
    identified: SideBySide | None = None
    bounded: Sequence[Bounds] = ()
    told: Told = NOTHING

    @property
    def about(self) -> About:
        """The codebook."""
        return self.est.table.about

    @property
    def people(self) -> str:
        """What is counted, in the language of the page."""
        return self.words.people(self.about.people)

    @property
    def percent(self) -> str:
        """The probability of the intervals."""
        return self.words.localised(f"{100 * self.prob:g}%")

    @property
    def kind(self) -> str:
        """The word for the intervals."""
        return self.words(f"kind_word_{self.est.kind}")

    def count(self, count: Count) -> str:
        """A number of people seen, in print."""
        return self.words.count(count, self.printed.printing)

    def coarse(self, value: float) -> float:
        """An answer, no finer than the number of people seen is printed."""
        printing = self.printed.printing
        if printing.total_exact or value != value or value in (float("inf"), -float("inf")):
            return value
        return round(value / printing.base) * printing.base

    def answer(self, value: float, width: float = float("inf")) -> str:
        """A number of people in all, rounded to what its interval supports."""
        return self.words.rounded(self.coarse(value), width)

    def drawn(self, value: float) -> float:
        """An answer in a picture: like `plain`, because a place on a scale can be read off."""
        return float(self.plain(value))

    def share(self, value: float) -> float:
        """A share for JSON: in full where everything is disclosed, else in whole percent."""
        return value if self.disclose else round(value, 2)

    def plain(self, value: float) -> float:
        """The same for JSON: in full where everything is disclosed, else with three digits."""
        if self.disclose or value != value or value in (float("inf"), -float("inf")):
            return value
        return self.coarse(float(f"{value:.3g}"))
