"""Cells with lists joined or left out, and strata chosen or taken apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darkfigure.data.about import About, Period, truth_of_part
from darkfigure.data.cells import Cells, levels_in_order, on_no_list, overlaps
from darkfigure.data.columns import BLANK
from darkfigure.data.frames import nobody
from darkfigure.data.names import did_you_mean
from darkfigure.errors import DataError

type Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plan:
    """The lists after joining, and the positions of the lists that each is made of."""

    lists: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]


def position(name: str, lists: Sequence[str]) -> int:
    """Where a list stands, or which name was probably meant."""
    if name not in lists:
        raise DataError(
            f"there is no list {name!r}; the lists are {', '.join(lists)}.",
            did_you_mean(str(name), lists) or "table.lists has the names.",
        )
    return list(lists).index(name)


def as_pairs(impossible: Sequence[Sequence[str]], lists: tuple[str, ...]) -> Pairs:
    """Check pairs of lists that cannot overlap, and put each in the order of the lists."""
    pairs = set()
    given: Any = impossible
    for pair in given if isinstance(given, Iterable) else (given,):
        paired = isinstance(pair, Sequence) and not isinstance(pair, str) and len(pair) == 2
        if not paired or pair[0] == pair[1]:
            raise DataError(
                f"impossible= holds {pair!r}; expected pairs of two lists.",
                f'Say impossible=[("{lists[0]}", "{lists[1]}")].',
            )
        a, b = sorted(position(name, lists) for name in pair)
        pairs.add((a, b))
    return tuple((lists[a], lists[b]) for a, b in sorted(pairs))


def positions_of(pairs: Pairs, lists: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Positions of the lists of each pair."""
    at = {name: j for j, name in enumerate(lists)}
    return tuple((at[a], at[b]) for a, b in pairs)


def refuse_people_in(pairs: Pairs, cells: Cells, lists: tuple[str, ...]) -> None:
    """Refuse people on two lists that are said never to overlap."""
    both = overlaps(cells)
    for a, b in pairs:
        found = int(both[lists.index(a), lists.index(b)])
        if found:
            raise DataError(
                f"{found:,} people are on both {a!r} and {b!r}, which impossible= says cannot be.",
                f'Take ("{a}", "{b}") out of impossible=, or correct the rows that hold both.',
            )


def censored(cells: Cells, positions: Sequence[int]) -> Cells:
    """Make the counts of people on these lists alone upper bounds."""
    others = [j for j in range(cells.histories.shape[1]) if j not in positions]
    alone = (cells.histories[:, others] != 1).all(axis=1)
    return replace(cells, low=np.where(alone, 0, cells.low))


def trimmed(cells: Cells, position: int, wanted: Mapping[str, Sequence[object]]) -> Cells:
    """Take the people of some strata off a list; those who were on it alone are gone."""
    inside = cells.histories[:, position] == 1
    for name, levels in wanted.items():
        inside &= np.array([value in levels for value in cells.labels[name].tolist()], dtype=bool)
    histories = cells.histories.copy()
    histories[inside, position] = 0
    rest = replace(cells, histories=histories).take((histories != 0).any(axis=1))
    if not rest.high.any():
        raise nobody()
    return rest


def plan_merge(lists: tuple[str, ...], groups: Mapping[str, Sequence[str]]) -> Plan:
    """Put each joined list where its first member stood."""
    joined: dict[int, str] = {}
    for name, members in groups.items():
        if not members:
            raise DataError(f"list {name!r} is to be made of no lists.", "Name at least one.")
        for member in members:
            at = position(member, lists)
            if at in joined:
                raise DataError(
                    f"list {member!r} is to be joined twice: in {joined[at]!r} and {name!r}.",
                    "Name each list once.",
                )
            joined[at] = name
    order = list(dict.fromkeys(joined.get(at, own) for at, own in enumerate(lists)))
    for at, own in enumerate(lists):
        if at not in joined and own in groups:
            raise DataError(
                f"the new list {own!r} has the name of a list that is not joined in it.",
                "Choose another name.",
            )
    members_of = {
        name: [at for at in range(len(lists)) if joined.get(at, lists[at]) == name]
        for name in order
    }
    return Plan(tuple(order), tuple(tuple(members_of[name]) for name in order))


def merged(cells: Cells, plan: Plan) -> Cells:
    """Join lists: 1 where any member is 1, else blank where any member is blank."""
    columns = []
    for members in plan.members:
        values = cells.histories[:, list(members)]
        column = np.where((values == BLANK).any(axis=1), np.int8(BLANK), np.int8(0))
        columns.append(np.where((values == 1).any(axis=1), np.int8(1), column))
    return replace(cells, histories=np.column_stack(columns))


def merged_pairs(impossible: Pairs, lists: tuple[str, ...], plan: Plan) -> Pairs:
    """Pairs that stay impossible: those where no member of one can be with any of the other."""
    apart = {frozenset(pair) for pair in impossible}
    pairs = []
    for i, first in enumerate(plan.members):
        for j in range(i + 1, len(plan.members)):
            crossed = (frozenset((lists[a], lists[b])) for a in first for b in plan.members[j])
            if all(pair in apart for pair in crossed):
                pairs.append((plan.lists[i], plan.lists[j]))
    return tuple(pairs)


def merged_about(about: About, plan: Plan, lists: tuple[str, ...]) -> About:
    """Describe joined lists by what they are made of."""
    described = {}
    for name, members in zip(plan.lists, plan.members, strict=True):
        texts = [about.lists.get(lists[at], lists[at]) for at in members]
        if len(texts) > 1 or lists[members[0]] in about.lists:
            described[name] = "; ".join(texts)
    return replace(about, lists=described, occasions=False)


def only_lists(cells: Cells, kept: Sequence[int]) -> tuple[Cells, int | None]:
    """Keep some lists; also how many people are then on none (None where not exactly known)."""
    cells = replace(cells, histories=cells.histories[:, list(kept)])
    gone = on_no_list(cells.histories)
    exact = (
        bool((cells.low == cells.high)[gone].all()) and not (cells.histories[gone] == BLANK).any()
    )
    rest = cells.take(~gone)
    if not rest.high.any():
        raise nobody()
    return rest, int(cells.low[gone].sum()) if exact else None


def about_without(about: About, dropped: Iterable[str], lost: int | None) -> About:
    """Forget dropped lists; those who were on them alone join the known unseen, if known."""
    known = about.known_unseen
    known = None if known is None or lost is None else known + lost
    lists = {name: text for name, text in about.lists.items() if name not in set(dropped)}
    return replace(about, lists=lists, known_unseen=known)


def as_levels(value: object) -> tuple[object, ...]:
    """Read one level or several."""
    if isinstance(value, list | tuple | set | frozenset | range | np.ndarray):
        return tuple(each.item() if isinstance(each, np.generic) else each for each in value)
    return (value.item() if isinstance(value, np.generic) else value,)


def check_levels(name: str, wanted: Sequence[object], values: np.ndarray) -> None:
    """Refuse a level that the stratum variable does not have."""
    have = values.tolist()
    levels = levels_in_order(values)
    for level in wanted:
        if level in have:
            continue
        same_text = [each for each in levels if str(each) == str(level)]
        hint = (
            f"Say {name}={same_text[0]!r}."
            if same_text
            else did_you_mean(str(level), map(str, levels))
        )
        raise DataError(
            f"{name!r} has no level {level!r}; it has {', '.join(map(repr, levels))}.",
            hint or f"table.strata[{name!r}] has the levels.",
        )
    if not wanted:
        raise DataError(
            f"no level of {name!r} is named.", f"Name at least one: {name}={levels[0]!r}."
        )


def selected(cells: Cells, wanted: Mapping[str, Sequence[object]]) -> Cells:
    """Keep the cells whose stratum values are all wanted."""
    keep = np.ones(len(cells.low), dtype=bool)
    for name, levels in wanted.items():
        keep &= np.array([value in levels for value in cells.labels[name].tolist()], dtype=bool)
    rest = cells.take(keep)
    if not rest.high.any():
        raise nobody()
    return rest


def selected_about(about: About, wanted: Mapping[str, Sequence[object]]) -> About:
    """Forget what holds for all strata, and shorten a period of whole years to those selected."""
    truth = truth_of_part(about, wanted)
    about = replace(about, known_unseen=None, population_id="", truth=truth)
    years = next((v for name, v in wanted.items() if name.casefold() == "year"), None)
    period = about.period
    if period is None or years is None:
        return about
    inside = [y for y in years if isinstance(y, int) and period.year_from <= y <= period.year_to]
    if len(inside) != len(years) or period.years != period.year_to - period.year_from + 1:
        return about
    return replace(about, period=_period_of(sorted(set(inside))))


def _period_of(years: Sequence[int]) -> Period:
    first, last = years[0], years[-1]
    if last - first + 1 == len(years):
        text = str(first) if first == last else f"{first}-{last}"
    else:
        text = ", ".join(map(str, years))
    return Period(first, last, float(len(years)), text)


def split(cells: Cells) -> dict[tuple[object, ...], Cells]:
    """Take strata apart, in order of the cells; the parts have no labels."""
    keys = list(zip(*(values.tolist() for values in cells.labels.values()), strict=True))
    if not keys:
        return {(): cells}
    return {
        key: replace(cells.take(np.array([each == key for each in keys])), labels={})
        for key in dict.fromkeys(keys)
    }
