"""Whether several chains have come to agree: the numbers, however they are computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

R_HAT = 1.01
EFFECTIVE = 400.0
"""Limits of Vehtari et al. (2021): R-hat below the one, effective draws above the other."""

FEWEST = 50.0
"""Effective draws of a weighted pool below which no estimate is made of it."""


@dataclass(frozen=True)
class Agreement:
    """How far chains agree on one quantity.

    Attributes
    ----------
    r_hat : float
        The larger of the rank-normalised and the folded split R-hat; 1 is agreement.
    bulk, tail : float
        Effective draws for the middle and for the 5 % and 95 % quantiles.
    """

    r_hat: float
    bulk: float
    tail: float

    @property
    def holds(self) -> bool:
        """Whether R-hat is low enough, and there are enough effective draws."""
        return self.r_hat < R_HAT and min(self.bulk, self.tail) >= EFFECTIVE

    def worse(self, other: "Agreement") -> "Agreement":
        """The worse of each number."""
        return Agreement(
            max(self.r_hat, other.r_hat),
            min(self.bulk, other.bulk),
            min(self.tail, other.tail),
        )


type Judge = Callable[[np.ndarray], Agreement]
"""Judges draws of one quantity, shape (chains, draws)."""
