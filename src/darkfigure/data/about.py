"""What a table is about: whom it counts, over which period, and who published it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from darkfigure.data.names import did_you_mean
from darkfigure.errors import DataError
from darkfigure.literals import Concept

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Period:
    """The time a table covers.

    Parameters
    ----------
    year_from, year_to : int
        First and last calendar year.
    years : float
        Length in years; an annual figure is the total divided by it.
    text : str
        As a reader would write it: "2010-2015".
    """

    year_from: int
    year_to: int
    years: float
    text: str


def as_period(period: "Period | int | tuple[int, int] | None") -> Period | None:
    """Read a period given as one year, a pair of years, or a `Period`."""
    if period is None or isinstance(period, Period):
        return period
    first, last = (period, period) if isinstance(period, int) else period
    if last < first:
        raise DataError(
            f"the period runs from {first} to {last}.", "Give the first year first: (2010, 2015)."
        )
    text = str(first) if first == last else f"{first}-{last}"
    return Period(first, last, float(last - first + 1), text)


@dataclass(frozen=True)
class About:
    """Codebook of one table; what is unknown stays "not stated".

    Parameters
    ----------
    name : str
        The table's short name, as `dk.load` takes it.
    title : str
    people : str, default "people"
        What is counted.
    period : Period, optional
    concept : {"flow", "stock", "registered", "not stated"}
        What an estimate from the table measures: a flow over the period or a stock on a day.
    case_definition : str
        Who counts as a case.
    population_id : str
        The same for tables of the same people under several names.
    lists : mapping of str to str
        List name to description.
    strata : mapping of str to str
        Stratum variable to description.
    source : str
        The publication.
    caveats : tuple of str
    known_unseen : int, optional
        People on no list, where that is really known.
    """

    name: str = ""
    title: str = ""
    people: str = "people"
    period: Period | None = None
    concept: Concept = "not stated"
    case_definition: str = NOT_STATED
    population_id: str = ""
    lists: Mapping[str, str] = field(default_factory=dict)
    strata: Mapping[str, str] = field(default_factory=dict)
    source: str = NOT_STATED
    caveats: tuple[str, ...] = ()
    known_unseen: int | None = None


def changed(about: About, changes: Mapping[str, Any]) -> About:
    """Replace entries of a codebook; a period may be given as `as_period` reads it.

    Raises
    ------
    DataError
        If a codebook has no such entry.
    """
    known = [each.name for each in fields(About)]
    for name in changes:
        if name not in known:
            raise DataError(
                f"a codebook has no entry {name!r}; it has {', '.join(known)}.",
                did_you_mean(name, known),
            )
    entries = dict(changes)
    if "period" in entries:
        entries["period"] = as_period(entries["period"])
    return replace(about, **entries)


def check_about(about: object) -> About:
    """Return a codebook, an empty one for None, or refuse what is none.

    Raises
    ------
    DataError
    """
    if about is None:
        return About()
    if not isinstance(about, About):
        raise DataError(
            f"about is {about!r}; expected a codebook.",
            'dk.About(name="...", source="..."), or table.with_about(source="...").',
        )
    return about
