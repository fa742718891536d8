"""Who is on which simulated list: chances, dependence, referral, and errors of linkage."""

import numpy as np

from darkfigure.data.simulated_people import People
from darkfigure.data.simulated_settings import YEAR, Register, SimulatedList

_ATTEMPTS = 20


def at_work(register: Register, people: People) -> np.ndarray:
    """Say which lists were at work in each person's year, shape (people, k)."""
    active = np.ones((people.number, len(register.lists)), dtype=bool)
    for j, each in enumerate(register.lists.values()):
        if each.inactive:
            working = np.array([year not in each.inactive for year in people.levels[YEAR]])
            active[:, j] = working[people.codes[YEAR]]
    return active


def draw_captures(
    register: Register, people: People, active: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw who is on which list, list by list, then refer people on.

    Returns
    -------
    ndarray of bool, shape (people, k)
    """
    names = list(register.lists)
    on = np.zeros(active.shape, dtype=bool)
    visibility = register.visibility * rng.standard_normal(people.number)
    ratios = {frozenset(pair): ratio for pair, ratio in register.dependence.items()}
    for j, (name, each) in enumerate(register.lists.items()):
        log_odds = _effects(each, people) + each.loading * visibility
        for i, earlier in enumerate(names[:j]):
            log_odds += np.log(ratios.get(frozenset((earlier, name)), 1.0)) * on[:, i]
        log_odds += intercept(log_odds[active[:, j]], each.probability)
        on[:, j] = (rng.random(people.number) < _expit(log_odds)) & active[:, j]
    for (first, second), chance in register.referral.items():
        source, target = names.index(first), names.index(second)
        sent = rng.random(people.number) < chance
        on[:, target] |= on[:, source] & active[:, target] & sent
    return on


def intercept(log_odds: np.ndarray, probability: float) -> float:
    """What to add to log odds for their chances to have this average.

    Parameters
    ----------
    log_odds : ndarray, shape (people,)
    probability : float
    """
    from scipy.optimize import brentq

    middle = np.log(probability / (1 - probability))
    low, high = middle - log_odds.max() - 1, middle - log_odds.min() + 1
    return float(brentq(lambda a: _expit(log_odds + a).mean() - probability, low, high))


def outsiders(
    register: Register, people: People, on: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Put people who do not belong on lists: alike in strata to those who do, on one list each.

    Returns
    -------
    alike : ndarray of int, shape (outsiders,)
        Position of the person whose year and covariates each has.
    histories : ndarray of bool, shape (outsiders, k)
    """
    alike = [np.zeros(0, dtype=np.int64)]
    histories = [np.zeros((0, on.shape[1]), dtype=bool)]
    for j, each in enumerate(register.lists.values()):
        members = np.flatnonzero(on[:, j])
        number = round(len(members) * each.outside / (1 - each.outside))
        if number:
            alike.append(members[rng.integers(len(members), size=number)])
            added = np.zeros((number, on.shape[1]), dtype=bool)
            added[:, j] = True
            histories.append(added)
    return np.concatenate(alike), np.concatenate(histories)


def miss_links(
    on: np.ndarray, chance: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take one record of some people on several lists for another person.

    Returns
    -------
    on : ndarray of bool, shape (people, k)
        Without the records split off.
    split : ndarray of int, shape (splits,)
        Who was split.
    histories : ndarray of bool, shape (splits, k)
        The one list of each record split off.
    """
    several = np.flatnonzero(on.sum(axis=1) >= 2)
    split = several[rng.random(len(several)) < chance]
    keys = np.where(on[split], rng.random((len(split), on.shape[1])), -1.0)
    histories = np.zeros((len(split), on.shape[1]), dtype=bool)
    histories[np.arange(len(split)), keys.argmax(axis=1)] = True
    on = on.copy()
    on[split] &= ~histories
    return on, split, histories


def link_falsely(
    on: np.ndarray, stratum: np.ndarray, chance: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Take some people on one list and another person of their stratum, on other lists, for one.

    Returns
    -------
    on : ndarray of bool, shape (people, k)
        With the records of both where the first stood.
    kept : ndarray of bool, shape (people,)
        False for people who were taken for another.
    """
    on, kept = on.copy(), np.ones(len(on), dtype=bool)
    alone = on.sum(axis=1) == 1
    waiting = np.flatnonzero(alone & (rng.random(len(on)) < chance))
    free = np.ones(len(on), dtype=bool)
    order = np.argsort(stratum, kind="stable")
    starts = np.searchsorted(stratum[order], stratum, side="left")
    sizes = np.searchsorted(stratum[order], stratum, side="right") - starts
    for _ in range(_ATTEMPTS):
        waiting = waiting[free[waiting]]
        if not len(waiting):
            break
        offset = (rng.random(len(waiting)) * sizes[waiting]).astype(np.int64)
        partner = order[starts[waiting] + offset]
        fits = free[partner] & (partner != waiting) & ~(on[partner] & on[waiting]).any(axis=1)
        fits &= ~np.isin(partner, waiting)
        first = np.unique(partner[fits], return_index=True)[1]
        chosen = np.flatnonzero(fits)[first]
        a, b = waiting[chosen], partner[chosen]
        on[a] |= on[b]
        free[a] = free[b] = kept[b] = False
    return on, kept


def _effects(each: SimulatedList, people: People) -> np.ndarray:
    total = np.zeros(people.number)
    for variable, levels in each.effects.items():
        values = np.array([float(levels.get(level, 0.0)) for level in people.levels[variable]])
        total += values[people.codes[variable]]
    return total


def _expit(log_odds: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return np.asarray(expit(log_odds))
