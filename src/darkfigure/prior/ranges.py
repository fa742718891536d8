"""Priors on the population said as a range: log-normal, by median and spread or by two numbers."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from darkfigure.errors import SettingsError
from darkfigure.prior.population import Prior, central_range, check_positive, tails

_NARROWEST = 1e-6
_LARGEST_LOG = 690.0  # e to it is the largest number


@dataclass(frozen=True)
class LogNormal(Prior):
    """log N normal: a median and how many times larger or smaller N may be.

    Parameters
    ----------
    median : float
        In people, positive.
    sigma : float
        Standard deviation of log N, positive: .7 means that N lies within a factor two of the
        median with probability two thirds.
    """

    median: float
    sigma: float

    def __post_init__(self) -> None:
        check_positive("median", self.median)
        check_positive("sigma", self.sigma)
        if self.sigma < _NARROWEST or not self._within_numbers():
            raise SettingsError(
                f"log-normal with median {self.median:g} and sigma {self.sigma:g}: expected a "
                f"sigma from {_NARROWEST:g} up, and numbers that a computer can hold.",
                "a sigma of 2 is a factor of 50 either way; dk.prior.OneOverN() says nothing.",
            )

    @property
    def tail_exponent(self) -> float:
        """Lighter than any power: inf."""
        return math.inf

    @property
    def words(self) -> str:
        """With its range."""
        return central_range(self)

    def _within_numbers(self) -> bool:
        return abs(math.log(self.median)) + 10.0 * self.sigma < _LARGEST_LOG

    def as_log_normal(self) -> "LogNormal":
        """Itself."""
        return self

    def quantile(self, probability: float) -> float:
        """The number below which `probability` of the prior lies."""
        return self.median * math.exp(self.sigma * float(ndtri(probability)))

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """Log-normal density at N."""
        log_n = np.log(population)
        return -0.5 * ((log_n - math.log(self.median)) / self.sigma) ** 2 - log_n

    def range(self, prob: float) -> tuple[float, float]:
        """Quantiles of the log-normal."""
        low, high = tails(prob)
        return self.quantile(low), self.quantile(high)


@dataclass(frozen=True)
class Between(Prior):
    """An expert's or another study's range: log-normal with `prob` between two numbers.

    Parameters
    ----------
    low, high : float
        The range, in people.
    prob : float, default 0.95
        Probability of the range; as much lies below `low` as above `high`.
    """

    low: float
    high: float
    prob: float = 0.95

    def __post_init__(self) -> None:
        check_positive("low", self.low)
        check_positive("high", self.high)
        if not self.low < self.high:
            raise SettingsError(
                f"the range runs from {self.low:,.12g} to {self.high:,.12g}; expected the lower "
                "end first.",
                f"dk.prior.Between({self.high!r}, {self.low!r})." if self.high < self.low else None,
            )
        if not isinstance(self.prob, int | float) or not 0 < self.prob < 1:
            raise SettingsError(f"prob is {self.prob!r}; expected a number between 0 and 1.")
        deviations = float(ndtri(0.5 + self.prob / 2.0))
        width = math.log(self.high) - math.log(self.low)
        middle = abs(math.log(self.low) + width / 2.0)
        if not (
            width > 2.0 * _NARROWEST * deviations
            and 10.0 * width / 2.0 < (_LARGEST_LOG - middle) * deviations
        ):
            raise SettingsError(
                f"the range runs from {self.low:,.12g} to {self.high:,.12g} with probability "
                f"{self.prob:g}: no log-normal distribution that a computer can hold has that.",
                "say the range that you would be wrong about once in ten times: prob=0.9.",
            )

    @property
    def words(self) -> str:
        """With the range given."""
        return (
            f"between {self.low:,.12g} and {self.high:,.12g} with probability {self.prob:.12g} "
            "before looking"
        )

    @property
    def tail_exponent(self) -> float:
        """Lighter than any power: inf."""
        return math.inf

    def quantile(self, probability: float) -> float:
        """The number below which `probability` of the prior lies."""
        return self.as_log_normal().quantile(probability)

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """Log-normal density at N."""
        return self.as_log_normal().log_mass(population)

    def range(self, prob: float) -> tuple[float, float]:
        """Quantiles of the log-normal."""
        low, high = tails(prob)
        return self.quantile(low), self.quantile(high)

    def as_log_normal(self) -> LogNormal:
        """The same prior by its median and spread."""
        low, high = math.log(self.low), math.log(self.high)
        sigma = (high - low) / 2.0 / float(ndtri(0.5 + self.prob / 2.0))
        return LogNormal(math.exp((low + high) / 2.0), sigma)
