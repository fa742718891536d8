"""Registers with known truth, made up by a program: to practise on, and to test models with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np

from darkfigure.data.about import About, as_period
from darkfigure.data.columns import BLANK
from darkfigure.data.records import CaptureRecords
from darkfigure.data.simulated_captures import (
    at_work,
    draw_captures,
    link_falsely,
    miss_links,
    outsiders,
)
from darkfigure.data.simulated_people import People, draw_people, truth_of
from darkfigure.data.simulated_ready import filled_in
from darkfigure.data.simulated_settings import YEAR, Level, Register, Share, SimulatedList
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.seeds import seeded

SIMULATED = "SIMULATED: no real people; the truth is in about.truth."
"""The first caveat of every simulated register."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """What the linked lists show, a row per supposed person."""

    people: People
    on: np.ndarray
    active: np.ndarray


@overload
def simulate(
    *,
    people: Mapping[int, int] | int | None = ...,
    covariates: Mapping[str, Mapping[Any, Share]] | None = ...,
    associations: Mapping[tuple[Level, Level], float] | None = ...,
    lists: Mapping[str, SimulatedList | float] | None = ...,
    visibility: float | None = ...,
    dependence: Mapping[tuple[str, str], float] | None = ...,
    referral: Mapping[tuple[str, str], float] | None = ...,
    missed_links: float = ...,
    false_links: float = ...,
    records: Literal[False] = ...,
    seed: int | np.random.Generator | None = ...,
) -> CaptureTable: ...
@overload
def simulate(
    *,
    people: Mapping[int, int] | int | None = ...,
    covariates: Mapping[str, Mapping[Any, Share]] | None = ...,
    associations: Mapping[tuple[Level, Level], float] | None = ...,
    lists: Mapping[str, SimulatedList | float] | None = ...,
    visibility: float | None = ...,
    dependence: Mapping[tuple[str, str], float] | None = ...,
    referral: Mapping[tuple[str, str], float] | None = ...,
    missed_links: float = ...,
    false_links: float = ...,
    records: Literal[True],
    seed: int | np.random.Generator | None = ...,
) -> CaptureRecords: ...
def simulate(
    *,
    people: Mapping[int, int] | int | None = None,
    covariates: Mapping[str, Mapping[Any, Share]] | None = None,
    associations: Mapping[tuple[Level, Level], float] | None = None,
    lists: Mapping[str, SimulatedList | float] | None = None,
    visibility: float | None = None,
    dependence: Mapping[tuple[str, str], float] | None = None,
    referral: Mapping[tuple[str, str], float] | None = None,
    missed_links: float = 0.0,
    false_links: float = 0.0,
    records: bool = False,
    seed: int | np.random.Generator | None = None,
) -> CaptureTable | CaptureRecords:
    """Make up a register whose truth is known.

    What is left out is that of a ready-made register: four years, sex and form, four lists that
    depend. Where `lists` are given, `visibility`, `dependence` and `referral` left out are none;
    where `covariates` are given, so are `associations`.

    Parameters
    ----------
    people : int or mapping of int to int
        True number of people, or of each year: ``{2014: 1_800, 2015: 2_000}``.
    covariates : mapping of str to mapping of level to share
        Shares of the levels, which add up to 1; a share may differ by year,
        ``{2014: 0.5, 2016: 0.6}``, and changes by a straight line between years given.
    associations : mapping of pairs of (covariate, level) to float
        Odds ratio between two levels: ``{(("sex", "male"), ("form", "labour")): 4.0}``. Shares
        stay as they are.
    lists : mapping of str to SimulatedList or float
        Each list, or only the average chance to be on it.
    visibility : float
        Standard deviation, on the scale of log odds, of how easily people are seen.
    dependence : mapping of pairs of str to float
        Odds ratio between two lists, among people of one stratum and visibility who are alike on
        the lists before the later of the two. Below 1 the lists avoid one another.
    referral : mapping of (str, str) to float
        Chance that who is on the first list is then put on the second as well.
    missed_links : float, default 0
        Chance that of a person on two or more lists one record is taken for another person.
    false_links : float, default 0
        Chance that a person on one list is taken for the same as another person of the year and
        the covariates, on other lists.
    records : bool, default False
        Return a row per person rather than counts.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same register.

    Returns
    -------
    CaptureTable or CaptureRecords
        Its `about` says that it is simulated and holds the `truth`: `.total`, `.by("year")`.
        `about.known_unseen` is the number of people on no list.

    Raises
    ------
    SettingsError
        Naming the setting that cannot be.

    Examples
    --------
    >>> from darkfigure.data.simulated import simulate
    >>> table = simulate(people=1_000, covariates={}, lists={"A": 0.3, "B": 0.2}, seed=1)
    >>> table.about.truth.total - table.n_observed == table.known_unseen
    True
    """
    given = {name: value for name, value in locals().items() if name not in ("records", "seed")}
    register = filled_in(**given)
    number, rng = seeded(seed)
    everyone = draw_people(register, rng)
    active = at_work(register, everyone)
    on = draw_captures(register, everyone, active, rng)
    rows = _linked(register, everyone, on, active, rng)
    about = _about(register, everyone, unseen=int((~on.any(axis=1)).sum()), seed=number)
    shown = _call(given, number)
    if not records:
        return _table(register, everyone, rows, about, f"dk.simulate({shown})")
    return _records(register, rows, about, f"dk.simulate({shown}, records=True)")


def _call(given: Mapping[str, Any], seed: int) -> str:
    """The settings given, as Python text."""
    errors = ("missed_links", "false_links")
    kept = {n: v for n, v in given.items() if v is not None and not (n in errors and v == 0)}
    text = ", ".join([*(f"{name}={value!r}" for name, value in kept.items()), f"seed={seed}"])
    return text.replace("SimulatedList(", "dk.SimulatedList(")


def _linked(
    register: Register,
    everyone: People,
    on: np.ndarray,
    active: np.ndarray,
    rng: np.random.Generator,
) -> _Rows:
    """Add people from outside, link the lists with their errors, and keep who was seen."""
    person = np.flatnonzero(on.any(axis=1))
    on = on[person]
    alike, added = outsiders(register, everyone.take(person), on, rng)
    person, on = np.concatenate([person, person[alike]]), np.concatenate([on, added])
    on, split, added = miss_links(on, register.missed_links, rng)
    person, on = np.concatenate([person, person[split]]), np.concatenate([on, added])
    on, kept = link_falsely(on, everyone.stratum[person], register.false_links, rng)
    return _Rows(everyone.take(person[kept]), on[kept], active[person[kept]])


def _table(
    register: Register, everyone: People, rows: _Rows, about: About, origin: str
) -> CaptureTable:
    """Count rows of the same stratum and history."""
    k = len(register.lists)
    codes = rows.people.stratum << k | rows.on @ (1 << np.arange(k))
    distinct, numbers = np.unique(codes, return_counts=True)
    first = np.unique(codes, return_index=True)[1]
    histories = np.where(rows.active[first], rows.on[first].astype(np.int8), np.int8(BLANK))
    strata = distinct >> k
    empty, patterns = _strata_with_nobody(register, everyone, strata)
    counts = np.concatenate([numbers, np.zeros(len(empty), dtype=np.int64)])
    return CaptureTable(
        lists=tuple(register.lists),
        histories=np.concatenate([histories, patterns]),
        low=counts,
        high=counts,
        labels=everyone.labels_of(np.concatenate([strata, empty])),
        about=about,
        origin=origin,
    )


def _strata_with_nobody(
    register: Register, everyone: People, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Strata where nobody was seen and a list was not at work: a cell of 0 says that it was not."""
    every, first = np.unique(everyone.stratum, return_index=True)
    active = at_work(register, everyone.take(first))
    wanted = ~np.isin(every, seen) & ~active.all(axis=1)
    patterns = np.where(active[wanted], np.int8(0), np.int8(BLANK))
    patterns[np.arange(len(patterns)), active[wanted].argmax(axis=1)] = 1
    return every[wanted], patterns


def _records(register: Register, rows: _Rows, about: About, origin: str) -> CaptureRecords:
    import pandas as pd

    if not rows.active.all():
        away = [name for name, each in register.lists.items() if each.inactive]
        raise SettingsError(
            f"records cannot say that a list was not at work ({', '.join(away)}).",
            "Leave inactive= out, or records=True.",
        )
    labels = rows.people.labels_of(rows.people.stratum)
    covariates = pd.DataFrame(
        {name: values.tolist() for name, values in labels.items()}, index=range(len(rows.on))
    )
    return CaptureRecords(tuple(register.lists), rows.on, covariates, about, origin)


def _about(register: Register, everyone: People, *, unseen: int, seed: int) -> About:
    years = register.years
    caveats = [SIMULATED]
    if register.missed_links or register.false_links:
        caveats.append("Records were linked with errors, made on purpose.")
    if any(each.outside for each in register.lists.values()):
        caveats.append("Some people on the lists are no members of the population, on purpose.")
    return About(
        name="simulated",
        title="SIMULATED register",
        people="simulated people",
        period=as_period((years[0], years[-1])) if _running(years) else None,
        concept="flow" if years else "not stated",
        case_definition="People made up by a program.",
        population_id=f"simulated_{seed}",
        lists={name: _in_words(each) for name, each in register.lists.items()},
        strata={
            name: "year in which the person belongs" if name == YEAR else "made up"
            for name in register.levels
        },
        source=f"Simulated by darkfigure with seed {seed}.",
        caveats=tuple(caveats),
        known_unseen=unseen,
        simulated=True,
        truth=truth_of(everyone),
    )


def _running(years: tuple[int, ...]) -> bool:
    return bool(years) and years[-1] - years[0] + 1 == len(years)


def _in_words(each: SimulatedList) -> str:
    parts = [f"on average {each.probability:.3g} of the people, before referral"]
    if each.inactive:
        parts.append(f"not at work in {', '.join(map(str, each.inactive))}")
    if each.outside:
        parts.append(f"{each.outside:.3g} of the list from outside the population")
    return "; ".join(parts)
