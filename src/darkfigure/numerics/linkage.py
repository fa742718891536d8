"""Errors of linkage: what they do to the counts of capture histories, and undoing them.

The model. Of a person on m lists each record is found with the others with probability
r = sqrt(1 − missed), independently: the records found stand together, every other one is taken
for a person of its own. Two records of one person on two lists are then linked with probability
1 − missed, however many more lists the person is on (Ding & Fienberg's α, list by list).

After that, people who are really on one list alone are linked falsely: for every other list that
holds more people than their own, with probability `false` (Ding & Fienberg's β), to somebody on
it, each supposed person there who is not on their list being as likely as another.

Histories are numbers whose bit j is set for list j; arrays over them have shape (..., 2**k).
"""

import math

import numpy as np


def true_overlap(linked: float, records: float, missed: float, false: float) -> float:
    """Ding & Fienberg's (n*11 − β n2) / (α − β), α = 1 − missed: people really on both lists.

    Parameters
    ----------
    linked : float
        People linked, n*11.
    records : float
        People on the list whose records are looked up in the other, n2.

    References
    ----------
    Ding & Fienberg (1994), Surv. Methodol. 20:149.
    """
    return (linked - false * records) / (1.0 - missed - false)


def expected_counts(
    people: np.ndarray, *, missed: float, false: float, totals: np.ndarray | None = None
) -> np.ndarray:
    """The counts that errors of linkage make of true ones, in expectation: M(missed, false) μ.

    Parameters
    ----------
    people : ndarray of float, shape (2**k,)
        True people per history, entry 0 unused.
    missed, false : float
    totals : ndarray, shape (k,), optional
        People per list, which say which of two lists is the larger; by default those of `people`.

    Returns
    -------
    ndarray of float, shape (2**k,)
        With more people in all than there are where links were missed, and fewer where they
        were false.
    """
    k = number_of_lists(people)
    bits = bits_of(k)
    totals = people @ bits if totals is None else np.asarray(totals, dtype=float)
    split = np.zeros(1 << k)
    for h in range(1, 1 << k):
        for core, stray, chance in ways_to_split(h, missed):
            split[core] += people[h] * chance if core else 0.0
            for single in stray:
                split[single] += people[h] * chance
    out = split.copy()
    rates = merge_rates(split[None], people[None], np.array([false]), which_larger(totals))
    for (single, other), rate in rates.items():
        out[[single, other]] -= rate[0]
        out[single | other] += rate[0]
    return out


def expected_false_links(counts: np.ndarray, false: float) -> float:
    """How many false links counts lead one to expect, by the people on one list alone."""
    k = number_of_lists(counts)
    flat = np.asarray(counts, dtype=float)
    rates = merge_rates(flat[None], flat[None], np.array([false]), which_larger(flat @ bits_of(k)))
    return float(sum(rate[0] for rate in rates.values()))


def merge_rates(
    supposed: np.ndarray, people: np.ndarray, false: np.ndarray, larger: np.ndarray
) -> dict[tuple[int, int], np.ndarray]:
    """Expected false links of people on list s alone to supposed people, (single, other) → rows.

    Parameters
    ----------
    supposed, people : ndarray, shape (rows, 2**k)
    false : ndarray of float, shape (rows,)
    larger : ndarray of float, shape (k, k)
        Entry (s, l) is 1 where list l is larger than s, half where they are equal.
    """
    k = number_of_lists(people)
    codes = np.arange(1 << k)
    others = [int(h) for h in np.flatnonzero(supposed.any(axis=0)) if h]
    rates: dict[tuple[int, int], np.ndarray] = {}
    for s in range(k):
        single = 1 << s
        at_risk = false * people[:, single]
        if not at_risk.any():
            continue
        share = np.zeros((len(people), k))  # of the chance of one person of list l to be chosen
        for j in np.flatnonzero(larger[s]):
            there = supposed[:, (codes >> j & 1 == 1) & (codes & single == 0)].sum(axis=1)
            share[:, j] = larger[s, j] / np.maximum(there, 1)
        for other in others:
            if other & single:
                continue
            chance = share[:, [j for j in range(k) if other >> j & 1]].sum(axis=1)
            rate = at_risk * supposed[:, other] * chance
            if rate.any():
                rates[single, other] = rate
    return rates


def ways_to_merge(history: int) -> list[tuple[int, int]]:
    """A person on one list alone, and another, who together look like one on these lists."""
    singles = [1 << j for j in range(history.bit_length()) if history >> j & 1]
    return [(single, history & ~single) for single in singles]


def ways_to_split(history: int, missed: float) -> list[tuple[int, list[int], float]]:
    """What stands together (0 for nothing), the records astray, and the chance of it."""
    singles = [1 << j for j in range(history.bit_length()) if history >> j & 1]
    if len(singles) == 1:
        return [(history, [], 1.0)]
    found, astray = math.sqrt(1.0 - missed), float(chance_astray(np.array(missed)))
    ways = []
    core = history
    while core:
        size = core.bit_count()
        if size > 1:
            stray = [s for s in singles if not s & core]
            ways.append((core, stray, found**size * astray ** len(stray)))
        core = (core - 1) & history
    m = len(singles)
    return [*ways, (0, singles, astray**m + m * found * astray ** (m - 1))]


def chance_astray(missed: np.ndarray) -> np.ndarray:
    """1 − sqrt(1 − missed), without loss of digits where little is missed."""
    return np.asarray(missed / (1.0 + np.sqrt(1.0 - missed)))


def which_larger(totals: np.ndarray) -> np.ndarray:
    """Which lists are larger than which: entry (s, l) is 1, half where they are equal."""
    sizes = np.asarray(totals)
    out = (sizes[None, :] > sizes[:, None]) + 0.5 * (sizes[None, :] == sizes[:, None])
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def bits_of(k: int) -> np.ndarray:
    """The lists of every history, shape (2**k, k)."""
    return (np.arange(1 << k)[:, None] >> np.arange(k)) & 1


def number_of_lists(counts: np.ndarray) -> int:
    """The k of counts of 2**k histories."""
    return int(counts.shape[-1]).bit_length() - 1
