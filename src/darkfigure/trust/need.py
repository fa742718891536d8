"""One way of being wrong, and what it would have to amount to for a claim."""

import math
from dataclasses import dataclass

INTERACTION = "interaction of all lists at once (ξ)"
AMONG_MISSED = "odds ratio among people on no other list"
AMONG_EVERYONE = "odds ratio in the whole population"
LINKS_MISSED = "share of true links missed"
LINKS_FALSE = "share of links that are false"
OUTSIDE = "share of records outside the population"
OBSERVABLE = "smallest chance to be seen of those counted (α)"


@dataclass(frozen=True)
class Need:
    """What one way of being wrong would have to amount to.

    Attributes
    ----------
    way : str
        The way of being wrong.
    what : str
        The lists concerned, if it is of two.
    needed, low, high : float
        The value and its limits; nan where `note` says why there is none.
    seen_low, seen_high : float
        The smallest and largest such value among people whom another list saw; nan without one.
    note : str
    first_order : bool
        The value is rough: exact for two lists and the estimate of Lincoln and Petersen only.
    """

    way: str
    what: str
    needed: float
    low: float
    high: float
    seen_low: float = math.nan
    seen_high: float = math.nan
    note: str = ""
    first_order: bool = False
