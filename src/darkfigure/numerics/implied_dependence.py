r"""How lists would have to depend on one another for a population of a given size.

A claimed total N makes the table complete: N − n people are on no list. Odds ratios and the
interaction of all lists at once are then numbers that can be worked out.
"""

from itertools import combinations

import numpy as np

from darkfigure.numerics.cell_ratios import Ratios, ratios_of
from darkfigure.numerics.lattice import popcount, superset_sums

FOURFOLD = np.array([1.0, 1.0, -1.0, -1.0])
"""Signs of a table of two lists: on both, on neither, on the first only, on the second only."""


def pairs_of(k: int) -> list[tuple[int, int]]:
    """Every two of k lists."""
    return list(combinations(range(k), 2))


def missed_by_the_others(counts: np.ndarray, unseen: float) -> np.ndarray:
    """The fourfold table of each pair among people on no other list, shape (pairs, 4).

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
    unseen : float
        N − n: the people on neither.
    """
    k = len(counts).bit_length() - 1
    rows = [
        (counts[1 << i | 1 << j], unseen, counts[1 << i], counts[1 << j]) for i, j in pairs_of(k)
    ]
    return np.array(rows, dtype=float)


def among_everyone(counts: np.ndarray, unseen: float) -> np.ndarray:
    """The fourfold table of each pair in the whole population, shape (pairs, 4)."""
    people = np.array(counts, dtype=float)
    people[0] = unseen
    return _fourfold(superset_sums(people), 0)


def among_those_on(counts: np.ndarray, other: int) -> np.ndarray:
    """The fourfold table of each pair of the other lists among people on one list.

    Nobody is missing from it: it is observed.

    Returns
    -------
    ndarray of float, shape (pairs, 4)
        nan for pairs that hold the list itself.
    """
    people = np.array(counts, dtype=float)
    people[0] = 0.0
    return _fourfold(superset_sums(people), 1 << other)


def observed_odds_ratios(counts: np.ndarray, prob: float = 0.95) -> Ratios:
    """The odds ratio of each pair among the people on each third list, shape (pairs, k).

    nan where the third list is one of the two.
    """
    k = len(counts).bit_length() - 1
    tables = np.stack([among_those_on(counts, other) for other in range(k)], axis=1)
    inside = np.isnan(tables).any(axis=-1)
    found = ratios_of(np.where(np.isnan(tables), 1.0, tables), FOURFOLD, prob)
    return Ratios(
        *(np.where(inside, np.nan, each) for each in (found.value, found.low, found.high))
    )


def top_interaction(counts: np.ndarray, unseen: float, prob: float = 0.95) -> Ratios:
    r"""ξ = Π_odd y / Π_even y, the unseen among the even; 1 if all lists do not interact at once.

    It is n0 under no highest-order interaction, over the unseen count given: larger means fewer
    unseen (Aleshin-Guendel, Sadinle & Wakefield 2024, Biometrics 80:ujad028).
    """
    people = np.array(counts, dtype=float)
    people[0] = unseen
    return ratios_of(people, _odd_over_even(len(counts).bit_length() - 1), prob)


def observed_top_interactions(counts: np.ndarray, prob: float = 0.95) -> Ratios:
    """ξ of the other lists among the people on each list, shape (k,): nobody is missing there."""
    k = len(counts).bit_length() - 1
    histories = np.arange(len(counts))
    tables = np.stack([counts[histories >> other & 1 == 1] for other in range(k)])
    return ratios_of(tables, _odd_over_even(k - 1), prob)


def most_missed_links(counts: np.ndarray) -> float:
    """The share of links that can have been missed at most, if missed evenly for all pairs.

    Repaired, no overlap can be larger than the smaller of its two lists.
    """
    k = len(counts).bit_length() - 1
    on = superset_sums(np.array(counts, dtype=float))
    filled = [on[1 << i | 1 << j] / max(min(on[1 << i], on[1 << j]), 1.0) for i, j in pairs_of(k)]
    return 1.0 - max(filled)


def most_outsiders(counts: np.ndarray) -> float:
    """The share of outsiders that every list can have at most: the smallest share only there."""
    k = len(counts).bit_length() - 1
    on = superset_sums(np.array(counts, dtype=float))
    return float(min(counts[1 << j] / max(on[1 << j], 1.0) for j in range(k)))


def _fourfold(on: np.ndarray, other: int) -> np.ndarray:
    """Tables of each pair within the people on `other`, of the people on all lists of a subset."""
    k = len(on).bit_length() - 1
    rows = []
    for i, j in pairs_of(k):
        one, two = 1 << i, 1 << j
        if other & (one | two):
            rows.append((np.nan,) * 4)
            continue
        both = on[one | two | other]
        first, second = on[one | other] - both, on[two | other] - both
        rows.append((both, on[other] - both - first - second, first, second))
    return np.array(rows, dtype=float)


def _odd_over_even(k: int) -> np.ndarray:
    return np.where(popcount(k) % 2 == 1, 1.0, -1.0)
