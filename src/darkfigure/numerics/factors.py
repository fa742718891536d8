"""Lists and stratum variables on one lattice of bits.

A list is one bit. A stratum variable of L levels is L − 1 bits, of which at most one is set: none
for its first level. A cell is a set of bits; so is a parameter of a log-linear model in 0/1
coding, and a hierarchical model over lists and variables becomes a set of such terms.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from darkfigure.numerics.lattice import superset_sums


@dataclass(frozen=True)
class Factors:
    """The lists and stratum variables of a table.

    Parameters
    ----------
    lists : int
        Number of lists k.
    levels : tuple of int
        Number of levels of each stratum variable.
    """

    lists: int
    levels: tuple[int, ...] = ()

    @property
    def variables(self) -> int:
        """Lists and stratum variables together."""
        return self.lists + len(self.levels)

    @property
    def bits(self) -> int:
        """Bits of a cell."""
        return self.lists + sum(count - 1 for count in self.levels)

    @cached_property
    def level_bits(self) -> tuple[tuple[int, ...], ...]:
        """Per stratum variable the bit of each level as a mask, 0 for the first."""
        at, found = self.lists, []
        for count in self.levels:
            found.append((0, *(1 << (at + i) for i in range(count - 1))))
            at += count - 1
        return tuple(found)

    @cached_property
    def strata(self) -> np.ndarray:
        """Bits of every combination of levels, the last variable fastest, shape (strata,)."""
        combinations = product(*self.level_bits)
        return np.array([sum(each) for each in combinations], dtype=np.int64)

    @cached_property
    def exists(self) -> np.ndarray:
        """Whether a set of bits is a cell: no two levels of one variable, shape (2**bits,)."""
        cells = np.arange(1 << self.bits)
        found = np.ones(1 << self.bits, dtype=bool)
        for masks in self.level_bits:
            found &= np.bitwise_count(cells & sum(masks)) <= 1
        return found

    @cached_property
    def variables_of(self) -> np.ndarray:
        """The lists and variables in each set of bits, as a mask over both, shape (2**bits,)."""
        sets = np.arange(1 << self.bits)
        found = sets & ((1 << self.lists) - 1)
        for v, masks in enumerate(self.level_bits):
            found |= np.where(sets & sum(masks), 1 << (self.lists + v), 0)
        return found

    def term_share(self) -> np.ndarray:
        """Share of the cells that hold each term, shape (2**bits,)."""
        return superset_sums(self.exists.astype(float)) / self.exists.sum()

    def cell_variance(self) -> np.ndarray:
        """Covariance of the terms' columns over the cells, each counted once.

        The quadratic form of the unit-information prior: X centred, XᵀX / cells. Shape
        (2**bits, 2**bits); rows and columns of terms that do not exist are zero.
        """
        share = self.term_share()
        terms = np.arange(1 << self.bits)
        variance = np.empty((len(terms), len(terms)))
        for rows in np.split(terms, max(1, len(terms) >> 6)):  # a few at a time: there are many
            both = share[rows[:, None] | terms[None, :]]
            variance[rows] = both - share[rows, None] * share[None, :]
        return variance

    def order(self) -> np.ndarray:
        """Lists and variables in each term, shape (2**bits,)."""
        return np.bitwise_count(np.arange(1 << self.bits)).astype(np.int64)

    def terms_of(self, variables: int) -> list[int]:
        """The terms of one set of lists and variables (a mask over both)."""
        lists = variables & ((1 << self.lists) - 1)
        chosen = [
            masks[1:]
            for v, masks in enumerate(self.level_bits)
            if variables >> (self.lists + v) & 1
        ]
        return [lists | sum(each) for each in product(*chosen)]

    def expand(self, models: np.ndarray) -> np.ndarray:
        """Models over lists and variables as models over bits.

        Parameters
        ----------
        models : ndarray of bool, shape (models, 2**variables)

        Returns
        -------
        ndarray of bool, shape (models, 2**bits)
        """
        if not self.levels:
            return models
        return models[:, self.variables_of] & self.exists
