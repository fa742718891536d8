"""What errors of linkage can have done to counts, and what not.

The model is that of `darkfigure.numerics.linkage`.
"""

import numpy as np
from scipy.special import betainc

from darkfigure.numerics.linkage import bits_of, chance_astray, expected_counts, number_of_lists
from darkfigure.numerics.linkage_expected import repaired_in_expectation

_STEPS = 500
_ROUNDING = 1e-6  # people: those alone are what is left of a list, to so many digits


def links_among_nobody(counts: np.ndarray, *, missed: float, false: float) -> float:
    """People who would seem to be on two and more lists if nobody were: false links alone.

    For two lists it is β n2, where Ding & Fienberg's overlap (n*11 − β n2) / (α − β) is none.
    """
    bits = bits_of(number_of_lists(counts))
    totals = counts @ bits
    alone = np.zeros(len(counts))
    alone[1 << np.arange(bits.shape[1])] = totals
    linked = expected_counts(alone, missed=missed, false=false, totals=totals)
    return float(linked[bits.sum(axis=1) > 1].sum())


def expected_strays(
    counts: np.ndarray, possible: np.ndarray, *, missed: float, false: float
) -> np.ndarray:
    """People of each list who are on another too, but stand alone: links missed as expected.

    Returns
    -------
    ndarray of float, shape (k,)
    """
    return _strays_and_room(counts, possible, missed, false)[0]


def chances_of_room(
    counts: np.ndarray, possible: np.ndarray, *, missed: float, false: float
) -> np.ndarray:
    """Per list, the chance that no more records went astray than stand alone.

    Those astray are negative binomial, given those found: for two lists of y + NB(y + ½, 1 −
    missed), as Jeffreys' prior on the overlap has it.

    Returns
    -------
    ndarray of float, shape (k,)
    """
    strays, room = _strays_and_room(counts, possible, missed, false)
    if missed == 0:
        return np.where(strays > room, 0.0, 1.0)
    size = np.maximum(strays * (1.0 - missed) / missed, 1e-9)
    return np.where(
        room < -_ROUNDING,
        0.0,
        betainc(size, np.floor(np.maximum(room, 0) + _ROUNDING) + 1, 1.0 - missed),
    )


def _strays_and_room(
    counts: np.ndarray, possible: np.ndarray, missed: float, false: float
) -> tuple[np.ndarray, np.ndarray]:
    bits = bits_of(number_of_lists(counts))
    people = repaired_in_expectation(
        counts, possible=possible, missed=missed, false=false, steps=_STEPS
    )
    found, astray = np.sqrt(1.0 - missed), float(chance_astray(np.array(missed)))
    sizes = bits.sum(axis=1)
    together = np.where(sizes > 1, found * (1.0 - astray ** np.maximum(sizes - 1.0, 0.0)), 1.0)
    strays = (people * (1.0 - together)) @ bits
    return strays, people[1 << np.arange(bits.shape[1])] + strays
