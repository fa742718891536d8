"""What a table is about: whom it counts, over which period, and who published it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from darkfigure.data.names import did_you_mean
from darkfigure.errors import DataError
from darkfigure.literals import Concept

if TYPE_CHECKING:
    import pandas as pd

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


@dataclass(frozen=True, repr=False)
class Truth:
    """How many people there really are, seen and unseen: known of a simulated register.

    Kept by stratum, so that it can be selected as the table is.

    Parameters
    ----------
    variables : tuple of str
        Stratum variables; none where only the total is known.
    strata : tuple of tuples
        Per stratum its level of each variable.
    people : tuple of int
        Per stratum the true number of people.

    Examples
    --------
    >>> from darkfigure.data.about import Truth
    >>> truth = Truth(("year",), ((2014,), (2015,)), (900, 1100))
    >>> truth
    2,000 people in truth, by year
    >>> truth.by("year")
    {2014: 900, 2015: 1100}
    >>> truth.select(year=2015).total
    1100
    """

    variables: tuple[str, ...]
    strata: tuple[tuple[Any, ...], ...]
    people: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", tuple(self.variables))
        object.__setattr__(self, "strata", tuple(tuple(levels) for levels in self.strata))
        object.__setattr__(self, "people", tuple(int(number) for number in self.people))
        widths = {len(levels) for levels in self.strata} - {len(self.variables)}
        if widths or len(self.strata) != len(self.people):
            raise DataError(
                f"a truth has {len(self.variables)} variables, {len(self.strata)} strata and "
                f"{len(self.people)} numbers of people; expected one level per variable and one "
                "number per stratum.",
                'Truth(("year",), ((2014,), (2015,)), (900, 1100))',
            )

    @property
    def total(self) -> int:
        """All people there are."""
        return sum(self.people)

    def by(self, variable: str) -> dict[Any, int]:
        """True numbers per level of one stratum variable."""
        at = self._position(variable)
        found: dict[Any, int] = {}
        for levels, number in zip(self.strata, self.people, strict=True):
            found[levels[at]] = found.get(levels[at], 0) + number
        return found

    def select(self, **levels: Any) -> "Truth":
        """The truth of some strata: ``select(year=2014)`` or ``select(year=[2014, 2015])``."""
        wanted = {
            self._position(name): tuple(value) if _several(value) else (value,)
            for name, value in levels.items()
        }
        kept = [
            (stratum, number)
            for stratum, number in zip(self.strata, self.people, strict=True)
            if all(stratum[at] in values for at, values in wanted.items())
        ]
        return Truth(
            self.variables, tuple(each for each, _ in kept), tuple(number for _, number in kept)
        )

    def to_frame(self) -> "pd.DataFrame":
        """One row per stratum: its levels and the true number of `people`."""
        import pandas as pd

        columns = {
            name: [levels[at] for levels in self.strata] for at, name in enumerate(self.variables)
        }
        return pd.DataFrame(columns | {"people": list(self.people)})

    def __repr__(self) -> str:
        by = f", by {', '.join(self.variables)}" if self.variables else ""
        return f"{self.total:,} people in truth{by}"

    def _position(self, variable: str) -> int:
        if variable not in self.variables:
            known = ", ".join(map(repr, self.variables)) or "none, only the total"
            raise DataError(
                f"the truth is not known by {variable!r}; it is known by {known}.",
                did_you_mean(variable, self.variables) or ".total has the number of all people.",
            )
        return self.variables.index(variable)


def _several(value: object) -> bool:
    return isinstance(value, Sequence | set | frozenset) and not isinstance(value, str)


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
    country : str
        As in `dk.published()`: "NL".
    population_id : str
        The same for tables of the same people under several names.
    lists : mapping of str to str
        List name to description.
    strata : mapping of str to str
        Stratum variable to description.
    source : str
        The publication.
    edition : str
        Which version of it, and when it was taken: "annual report 2016, download of 2017-09-28".
    counted : str
        What one count stands for: "victims", or "reports, of which a victim can have several".
    lists_active : mapping of str to str
        List name to the time in which it was at work: {"FairWork": "2016 onwards"}.
    linkage_keys : str
        By what people on several lists were recognised as the same.
    linkage_errors : str
        How often that went wrong, in both directions, and how it is known.
    duplicates : str
        How people who stand twice on one list were treated.
    referral : str
        Whether one list sends people to another.
    disclosure : str
        How small counts were treated before the table came here.
    rounding : str
        How published figures from it are rounded.
    comparability : str
        With which other years, countries or editions it can be compared, and with which not.
    caveats : tuple of str
    known_unseen : int, optional
        People on no list, where that is really known. With the people seen it makes the truth,
        except where a simulated register has linkage errors or people from outside.
    occasions : bool, default False
        The lists are occasions of one search, such as trapping days, in the order of the table;
        registers have no such order.
    simulated : bool, default False
        The people were made up by a program (`dk.simulate`).
    truth : Truth, optional
        How many there really are, by stratum; dropped where a part is taken whose truth is not
        known.
    """

    name: str = ""
    title: str = ""
    people: str = "people"
    period: Period | None = None
    concept: Concept = "not stated"
    case_definition: str = NOT_STATED
    country: str = NOT_STATED
    population_id: str = ""
    lists: Mapping[str, str] = field(default_factory=dict)
    strata: Mapping[str, str] = field(default_factory=dict)
    source: str = NOT_STATED
    edition: str = NOT_STATED
    counted: str = NOT_STATED
    lists_active: Mapping[str, str] = field(default_factory=dict)
    linkage_keys: str = NOT_STATED
    linkage_errors: str = NOT_STATED
    duplicates: str = NOT_STATED
    referral: str = NOT_STATED
    disclosure: str = NOT_STATED
    rounding: str = NOT_STATED
    comparability: str = NOT_STATED
    caveats: tuple[str, ...] = ()
    known_unseen: int | None = None
    occasions: bool = False
    simulated: bool = False
    truth: Truth | None = None

    def __post_init__(self) -> None:
        truth: Any = self.truth
        if isinstance(truth, Mapping):  # as a codebook or a saved estimate holds it
            object.__setattr__(self, "truth", Truth(**truth))


def truth_of_part(about: About, wanted: Mapping[str, Sequence[Any]]) -> Truth | None:
    """The truth of the strata that have the wanted levels, if it is known."""
    truth = about.truth
    if truth is None or not set(wanted) <= set(truth.variables):
        return None
    return truth.select(**wanted)


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
