"""Priors on a share, such as that of the links that were missed: from 0 to 1."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from darkfigure.errors import SettingsError
from darkfigure.prior.population import check_within
from darkfigure.settings import takes_numpy


class SharePrior(ABC):
    """A prior on a share, as a frozen set of numbers."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        takes_numpy(cls)

    @abstractmethod
    def as_beta(self) -> "Beta":
        """The same prior by the two shapes of a beta distribution."""

    def quantile(self, probability: np.ndarray) -> np.ndarray:
        """The share below which `probability` of the prior lies."""
        shape = self.as_beta()
        return np.asarray(betaincinv(shape.a, shape.b, probability))


@dataclass(frozen=True)
class Beta(SharePrior):
    """A share with a beta distribution: as if a of a + b had been found.

    Parameters
    ----------
    a, b : float
        Positive; the mean is a / (a + b).
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        check_within("a", self.a, 1e-6, 1e9)
        check_within("b", self.b, 1e-6, 1e9)

    def as_beta(self) -> "Beta":
        """Itself."""
        return self


@dataclass(frozen=True)
class ClericalSample(SharePrior):
    """A sample that was checked by hand: of so many, so many were wrong.

    The share in all gets the posterior under Jeffreys' prior, Beta(wrong + 1/2, checked − wrong +
    1/2).

    Parameters
    ----------
    checked : int
        For missed links: pairs of records known to be of one person. For false ones: records of
        people who are not on the other list.
    wrong : int
        Of these, pairs that were not linked; or records that were linked.
    """

    checked: int
    wrong: int

    def __post_init__(self) -> None:
        for name in ("checked", "wrong"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise SettingsError(f"{name} is {value!r}; expected a whole number from 0 up.")
        if self.checked < 1 or self.wrong > self.checked:
            raise SettingsError(
                f"{self.wrong} of {self.checked} checked were wrong; expected at least one "
                "checked, and no more wrong than that.",
                "dk.prior.ClericalSample(checked=200, wrong=12)",
            )

    def as_beta(self) -> Beta:
        """The posterior from the sample alone."""
        return Beta(self.wrong + 0.5, self.checked - self.wrong + 0.5)
