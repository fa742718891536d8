"""How true histories come to be seen as others where linkage errs, and how often.

The model is that of `darkfigure.numerics.linkage`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.linkage import bits_of, chance_astray, number_of_lists

_SHAPE = (
    0.5  # Jeffreys; far smaller ones would take a person on two lists for what is left of three
)


@dataclass(frozen=True)
class Paths:
    """How true histories can come to be seen as others.

    Attributes
    ----------
    histories : ndarray of int, shape (overlaps,)
        True histories of two and more lists that are considered: those seen, and those one list
        more or fewer than some history seen.
    origins : mapping of int to ndarray of int
        Per overlap as linked, largest first, the positions in `histories` that hold it.
    strays : mapping of int to ndarray of int, shape (origins, k)
        Per overlap as linked the lists of each origin whose records went astray.
    prior : ndarray of float, shape (overlaps,)
        Gamma shape of each true overlap.
    """

    histories: np.ndarray
    origins: Mapping[int, np.ndarray]
    strays: Mapping[int, np.ndarray]
    prior: np.ndarray


@dataclass(frozen=True)
class Chances:
    """Chances to be seen as an overlap, and to be scattered, per row (a draw in a stratum).

    Attributes
    ----------
    kept : mapping of int to ndarray of float, shape (rows, origins)
    scattered : ndarray of float, shape (rows, overlaps)
    """

    kept: Mapping[int, np.ndarray]
    scattered: np.ndarray

    @classmethod
    def of(cls, missed: np.ndarray, paths: Paths) -> "Chances":
        """Those of the binomial model of single records."""
        found = np.sqrt(1.0 - missed)[:, None]
        astray = chance_astray(missed)[:, None]
        kept = {
            core: found ** core.bit_count() * astray ** lists.sum(axis=1)
            for core, lists in paths.strays.items()
        }
        sizes = np.bitwise_count(paths.histories).astype(float)
        scattered = astray**sizes + sizes * found * astray ** (sizes - 1.0)
        return cls(kept, scattered)


def paths_of(counts: np.ndarray, possible: np.ndarray) -> Paths:
    """The histories to be considered, and how each comes to be seen as others."""
    k = number_of_lists(counts)
    singles = [1 << j for j in range(k)]
    seen = [int(h) for h in np.flatnonzero(counts) if h]
    overlaps = {h for h in seen if h.bit_count() > 1}
    overlaps |= {g & ~s for g in overlaps for s in singles if (g & ~s).bit_count() > 1}
    around = {h | s for h in seen for s in singles} | overlaps
    histories = np.array(
        sorted(h for h in around if h.bit_count() > 1 and possible[h]), dtype=np.int64
    )
    order = sorted(overlaps, key=lambda g: (-g.bit_count(), g))
    origins = {g: np.flatnonzero(histories & g == g) for g in order}
    bits = bits_of(k)
    strays = {g: bits[histories[at] & ~g] for g, at in origins.items()}
    seen_there = counts[histories] > 0
    prior = np.where(seen_there, _SHAPE, 1.0 / max(int((~seen_there).sum()), 1))
    return Paths(histories, origins, strays, prior)


def left_alone(
    core: int, rates: Mapping[tuple[int, int], np.ndarray], supposed: np.ndarray
) -> np.ndarray:
    """The share of the supposed people on these lists to whom nobody was linked, per row."""
    gone = np.zeros(len(supposed))
    for (_, other), rate in rates.items():
        if other == core:
            gone += rate
    return np.maximum(1.0 - gone / np.maximum(supposed[:, core], 1.0), 0.0)
