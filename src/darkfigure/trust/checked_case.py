"""One case of a check: what was asked, what the model answered, or why it did not."""

import math
from dataclasses import dataclass

from darkfigure.contract import Model
from darkfigure.data.table import CaptureTable
from darkfigure.literals import CaseOutcome, StrataHandling

BASE = "estimate"
"""The name of the table as it is, among the checks."""

_OTHER_PEOPLE = ("internal", "years")


@dataclass(frozen=True)
class Case:
    """A table that a model is to estimate.

    Attributes
    ----------
    check : str
        Which check it belongs to; `BASE` for the table as it is.
    name : str
        What was varied: a list, a pair of lists, a capture history, a setting.
    table : CaptureTable
    model : Model
    truth : float
        The size of the population, nan where it is not known.
    strata : str, optional
        How strata are used, as in `estimate`.
    """

    check: str
    name: str
    table: CaptureTable
    model: Model
    truth: float = math.nan
    strata: StrataHandling | None = None


@dataclass(frozen=True)
class LeftOut:
    """What a check could not ask, and why."""

    check: str
    name: str
    why: str


@dataclass(frozen=True)
class Answered:
    """The answer to one case, as it is kept.

    Attributes
    ----------
    check, case : str
    outcome : str
    seen : int
        People on the lists of the case.
    estimate, low, high : float
        nan where there is none; the limits are of the interval asked for.
    truth : float
        nan where it is not known.
    seed : int, optional
        Of the case; with it the same table gives the same answer.
    note : str
        Why there is no estimate, or what is to be known of it.
    """

    check: str
    case: str
    outcome: CaseOutcome
    seen: int = 0
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    truth: float = math.nan
    seed: int | None = None
    note: str = ""

    @property
    def log_error(self) -> float:
        """Log of estimate over truth; nan where one of them is not known."""
        return _log_ratio(self.estimate, self.truth)

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the truth; a known truth without an estimate is not held."""
        if math.isnan(self.truth) or self.outcome == "left out":
            return None
        has_one = self.outcome == "estimated" and not math.isnan(self.estimate)
        return has_one and self.low <= self.truth <= self.high

    def log_change(self, base: "Answered") -> float:
        """Log of the estimate over that of the table as it is.

        Of some of the people: of the total per person seen. nan where the people are others.
        """
        if self.check in _OTHER_PEOPLE:
            return math.nan
        if self.check == "accrual" and self.seen and base.seen:
            return _log_ratio(self.estimate / self.seen, base.estimate / base.seen)
        return _log_ratio(self.estimate, base.estimate)


def _log_ratio(one: float, other: float) -> float:
    """Log of a ratio; nan unless both are numbers above 0."""
    if not (math.isfinite(one) and math.isfinite(other) and one > 0 and other > 0):
        return math.nan
    return math.log(one / other)
