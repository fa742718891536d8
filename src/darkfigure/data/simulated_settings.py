"""Settings of a simulated register: its people, its lists, and how the lists depend."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError

YEAR = "year"
"""The stratum variable that true numbers per year make."""

MOST_LISTS = 20
_TOLERANCE = 1e-6

type Level = tuple[str, Any]
type Share = float | Mapping[int, float]


@dataclass(frozen=True, repr=False)
class SimulatedList:
    """A list of a simulated register: how likely people are to be on it.

    The log odds that person i is on the list are

        α + effects of i's levels + loading · v_i + Σ log(odds ratio with earlier lists i is on),

    where v_i is the person's visibility, normal about 0. α is found such that the average chance
    is `probability`.

    Parameters
    ----------
    probability : float
        Average chance to be on the list, over the people of the years in which it was at work,
        before referral.
    effects : mapping of str to mapping of level to float
        Per stratum variable (also "year") what levels add to the log odds; levels left out add 0.
    loading : float, default 1
        How much visibility counts: 0 for a list that finds people by other ways.
    inactive : sequence of int
        Years in which the list was not at work: it is blank there.
    outside : float, default 0
        Share of the list that are no members of the population (over-coverage).

    Examples
    --------
    >>> from darkfigure.data.simulated_settings import SimulatedList
    >>> SimulatedList(0.1, effects={"sex": {"male": -0.5}}, inactive=[2010]).inactive
    (2010,)
    """

    probability: float
    effects: Mapping[str, Mapping[Any, float]] = field(default_factory=dict)
    loading: float = 1.0
    inactive: Sequence[int] = ()
    outside: float = 0.0

    def __post_init__(self) -> None:
        check_between(self.probability, "probability", above=0.0, below=1.0)
        check_between(self.loading, "loading")
        check_between(self.outside, "outside", low=0.0, below=1.0)
        years = (self.inactive,) if isinstance(self.inactive, int) else tuple(self.inactive)
        object.__setattr__(self, "inactive", years)
        for variable, levels in self.effects.items():
            if not isinstance(levels, Mapping):
                raise SettingsError(
                    f"effects of {variable!r} are {levels!r}; expected a number per level.",
                    'Say effects={"sex": {"male": -0.5}}.',
                )
            for level, value in levels.items():
                check_between(value, f"the effect of {variable}={level!r}")

    def __repr__(self) -> str:
        plain = {"effects": {}, "loading": 1.0, "inactive": (), "outside": 0.0}
        values = ((f.name, getattr(self, f.name)) for f in fields(self)[1:])
        more = [f", {name}={v!r}" for name, v in values if v != plain[name]]
        return f"SimulatedList({self.probability!r}{''.join(more)})"


@dataclass(frozen=True, eq=False)
class Register:
    """Everything a simulation needs, checked.

    Attributes
    ----------
    totals : mapping of int to int, or int
        True number of people per year, or in all.
    covariates : mapping of str to mapping of level to share
    associations : mapping of pairs of levels to odds ratios
    lists : mapping of str to SimulatedList
    visibility : float
    dependence : mapping of pairs of lists to odds ratios
    referral : mapping of (from, to) to chances
    missed_links, false_links : float
    """

    totals: Mapping[int, int] | int
    covariates: Mapping[str, Mapping[Any, Share]]
    associations: Mapping[tuple[Level, Level], float]
    lists: Mapping[str, SimulatedList]
    visibility: float
    dependence: Mapping[tuple[str, str], float]
    referral: Mapping[tuple[str, str], float]
    missed_links: float
    false_links: float

    def __post_init__(self) -> None:
        _check_totals(self.totals)
        _check_covariates(self)
        _check_associations(self)
        _check_lists(self)
        check_between(self.visibility, "visibility", low=0.0)
        _check_pairs(self.dependence, "dependence", self.lists)
        for pair, ratio in self.dependence.items():
            check_between(ratio, f"the odds ratio of {pair[0]}-{pair[1]}", above=0.0)
        _check_pairs(self.referral, "referral", self.lists)
        for pair, chance in self.referral.items():
            check_between(chance, f"the referral from {pair[0]} to {pair[1]}", low=0.0, high=1.0)
        check_between(self.missed_links, "missed_links", low=0.0, high=1.0)
        check_between(self.false_links, "false_links", low=0.0, below=1.0)

    @property
    def years(self) -> tuple[int, ...]:
        """The years, in order; none where only the total is given."""
        return tuple(sorted(self.totals)) if isinstance(self.totals, Mapping) else ()

    @property
    def levels(self) -> dict[str, tuple[Any, ...]]:
        """Per stratum variable its levels; the year first."""
        years = {YEAR: self.years} if self.years else {}
        return years | {name: tuple(shares) for name, shares in self.covariates.items()}


def check_between(
    value: object,
    name: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> None:
    """Refuse what is no finite number, or one out of its range."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and math.isfinite(value) and low <= value <= high and above < value < below:  # type: ignore[arg-type, operator]
        return
    first = f"from {low:g}" if low > -math.inf else f"above {above:g}" if above > -math.inf else ""
    last = f"to {high:g}" if high < math.inf else f"below {below:g}" if below < math.inf else ""
    wanted = " ".join(["a finite number", first, last]).strip().replace("  ", " ")
    raise SettingsError(f"{name} is {value!r}; expected {wanted}.")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_totals(totals: object) -> None:
    numbers = tuple(totals.values()) if isinstance(totals, Mapping) else (totals,)
    years = tuple(totals) if isinstance(totals, Mapping) else ()
    if numbers and all(_whole(n) and n > 0 for n in numbers) and all(map(_whole, years)):
        return
    raise SettingsError(
        f"people is {totals!r}; expected a whole number of people, or one per year.",
        "Say people=10_000, or people={2014: 1_800, 2015: 2_000}.",
    )


def _check_covariates(register: Register) -> None:
    for name, shares in register.covariates.items():
        if name == YEAR or name in register.lists:
            raise SettingsError(
                f"a covariate is called {name!r}, which is the name of "
                f"{'the years' if name == YEAR else 'a list'}.",
                "Give it another name.",
            )
        if not isinstance(shares, Mapping) or not shares:
            raise SettingsError(
                f"covariate {name!r} is {shares!r}; expected a share per level.",
                'Say covariates={"sex": {"female": 0.6, "male": 0.4}}.',
            )
        for level, share in shares.items():
            for value in share.values() if isinstance(share, Mapping) else (share,):
                check_between(value, f"the share of {name}={level!r}", low=0.0, high=1.0)
            if isinstance(share, Mapping):
                _check_share_years(name, level, share, register.years)
        _check_sums(name, shares, register.years)


def _check_share_years(
    name: str, level: object, share: Mapping[int, float], years: Sequence[int]
) -> None:
    if not share or not all(map(_whole, share)) or not years:
        raise SettingsError(
            f"the share of {name}={level!r} is {share!r}; expected a number, or one per year "
            "where people= has years.",
            f"Say {level!r}: {{2014: 0.5, 2016: 0.6}}; years between are interpolated.",
        )


def _check_sums(name: str, shares: Mapping[Any, Share], years: Sequence[int]) -> None:
    for year in years or (0,):
        total = sum(share_in(share, year) for share in shares.values())
        if abs(total - 1) > _TOLERANCE:
            when = f" in {year}" if years else ""
            raise SettingsError(
                f"the shares of {name!r} add up to {total:.4g}{when}; expected 1.",
                f"Change one of {', '.join(map(repr, shares))}.",
            )


def share_in(share: Share, year: int) -> float:
    """The share of a level in one year; between years given it changes by a straight line."""
    if not isinstance(share, Mapping):
        return float(share)
    at = sorted(share)
    after = next((each for each in at if each >= year), at[-1])
    before = next((each for each in reversed(at) if each <= year), at[0])
    if after == before or not before < year < after:
        return float(share[after if year <= after else before])
    part = (year - before) / (after - before)
    return float((1 - part) * share[before] + part * share[after])


def _check_associations(register: Register) -> None:
    for pair, ratio in register.associations.items():
        try:
            (first, a), (second, b) = pair
        except (TypeError, ValueError):
            raise SettingsError(
                f"associations holds {pair!r}; expected two pairs of a covariate and its level.",
                'Say {(("form", "labour"), ("nationality", "Dutch")): 0.2}.',
            ) from None
        for name, level in ((first, a), (second, b)):
            _check_level(name, level, register.levels, "associations")
        if first == second or YEAR in (first, second):
            raise SettingsError(
                f"associations joins {first!r} with {second!r}; expected two different covariates.",
                "Shares may differ by year: covariates={name: {level: {2014: 0.5, 2016: 0.6}}}.",
            )
        check_between(ratio, f"the association of {a!r} with {b!r}", above=0.0)


def _check_level(name: str, level: object, levels: Mapping[str, Sequence[Any]], role: str) -> None:
    if name not in levels:
        shown = ", ".join(map(repr, levels)) or "none"
        raise SettingsError(
            f"{role} names {name!r}; the stratum variables are {shown}.",
            did_you_mean(str(name), levels) or "Name it in covariates=, or give people= per year.",
        )
    if level not in levels[name]:
        raise SettingsError(
            f"{role} names the level {level!r} of {name!r}; it has "
            f"{', '.join(map(repr, levels[name]))}.",
            did_you_mean(str(level), map(str, levels[name])),
        )


def _check_lists(register: Register) -> None:
    if not 2 <= len(register.lists) <= MOST_LISTS:
        raise SettingsError(
            f"there are {len(register.lists)} lists; expected 2 to {MOST_LISTS}.",
            'Say lists={"police": 0.2, "shelter": 0.1}.',
        )
    for name, each in register.lists.items():
        for variable, levels in each.effects.items():
            for level in levels:
                _check_level(variable, level, register.levels, f"effects of list {name!r}")
        for year in each.inactive:
            _check_level(YEAR, year, register.levels, f"inactive of list {name!r}")
        if register.years and set(register.years) <= set(each.inactive):
            raise SettingsError(
                f"list {name!r} is at work in no year.", "Leave the list out, or a year in."
            )
    for year in register.years:
        if all(year in each.inactive for each in register.lists.values()):
            raise SettingsError(f"no list is at work in {year}.", f"Leave {year} out of people=.")


def _check_pairs(pairs: Mapping[Any, float], role: str, lists: Mapping[str, object]) -> None:
    seen: set[object] = set()
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] == pair[1]:
            a, b = list(lists)[:2]
            raise SettingsError(
                f"{role} holds {pair!r}; expected pairs of two lists.",
                f"Say {role}={{({a!r}, {b!r}): 0.5}}.",
            )
        for name in pair:
            if name not in lists:
                raise SettingsError(
                    f"{role} names the list {name!r}; the lists are {', '.join(lists)}.",
                    did_you_mean(str(name), lists),
                )
        key = frozenset(pair) if role == "dependence" else pair
        if key in seen:
            raise SettingsError(f"{role} names {pair[0]}-{pair[1]} twice.", "Name each pair once.")
        seen.add(key)
