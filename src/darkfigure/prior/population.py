"""Priors on the population: how many people there may be, before looking.

Each has `log_mass(N)`, up to a constant; `tail_exponent`, the power of N with which its mass
falls (inf for lighter tails), from which a model tells whether the posterior has a mean; and
`range(prob)`, where it is proper.
"""

import math
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, ndtri

from darkfigure.errors import SettingsError
from darkfigure.numerics.conjugate import UnseenUnder
from darkfigure.settings import takes_numpy

_MOST_PEOPLE = 1e15  # numbers above it are hardly told apart from their neighbours
_LARGEST_SHAPE = 1e12
_NARROWEST = 1e-6
_LARGEST_LOG = 690.0  # e to it is the largest number
_LARGEST = sys.float_info.max


class Prior(ABC):
    """A prior on the population N, as a frozen set of numbers."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        takes_numpy(cls)

    @abstractmethod
    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """Log prior mass of each N, up to a constant."""

    @property
    @abstractmethod
    def tail_exponent(self) -> float:
        """The power of N with which the mass falls."""

    @abstractmethod
    def range(self, prob: float) -> tuple[float, float] | None:
        """The central range that holds `prob` of the prior; None where it is improper."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The prior in a few words that follow "population": "at least 12,000"."""

    def log_tilt(self, population: np.ndarray) -> np.ndarray:
        """Log weight of each N against the reference prior 1/N, up to a constant."""
        return self.log_mass(population) + np.log(population)


@dataclass(frozen=True)
class OneOverN(Prior):
    """p(N) ∝ 1/N: every order of magnitude is as likely as another (Jeffreys)."""

    @property
    def tail_exponent(self) -> float:
        """1."""
        return 1.0

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """−log N."""
        return -np.log(population)

    def range(self, prob: float) -> None:
        """None: improper."""

    @property
    def words(self) -> str:
        """As likely in every order of magnitude."""
        return "as likely in one order of magnitude as in another"


@dataclass(frozen=True)
class Flat(Prior):
    """p(N) ∝ 1: every number is as likely as another. Gives heavy upper tails."""

    @property
    def tail_exponent(self) -> float:
        """0."""
        return 0.0

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """0."""
        return np.zeros(np.shape(population))

    def range(self, prob: float) -> None:
        """None: improper."""

    @property
    def words(self) -> str:
        """As likely to be any number."""
        return "as likely to be one number as another"


@dataclass(frozen=True)
class GammaPoisson(Prior):
    """N ~ Poisson(λ), λ ~ Gamma(shape a, scale b): negative binomial with mean a b.

    Parameters
    ----------
    a : float
        Shape, positive.
    b : float
        Scale, positive.

    References
    ----------
    Madigan & York (1997), Biometrika 84:19, section 3.
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        check_within("a", self.a, 1e-6, _LARGEST_SHAPE)
        check_within("b", self.b, 1e-12, 1e30)
        check_within("the mean a b", self.a * self.b, 1e-6, _MOST_PEOPLE)

    @property
    def tail_exponent(self) -> float:
        """The tail is geometric: inf."""
        return math.inf

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """Negative binomial with size a and success probability 1/(1 + b)."""
        a, b = self.a, self.b
        return (
            gammaln(population + a)
            - gammaln(population + 1.0)
            - gammaln(a)
            - a * math.log1p(b)
            - population * math.log1p(1.0 / b)
        )

    def range(self, prob: float) -> tuple[float, float]:
        """Quantiles of the negative binomial."""
        from scipy.stats import nbinom

        low, high = nbinom.ppf(tails(prob), self.a, 1.0 / (1.0 + self.b))
        return float(low), float(high)

    @property
    def words(self) -> str:
        """With its range."""
        return _between(self)


@dataclass(frozen=True)
class NegativeBinomial(Prior):
    """N negative binomial, by its mean and shape: variance mean + mean²/shape.

    Parameters
    ----------
    mean : float
        In people, positive.
    shape : float
        Positive; the coefficient of variation is about shape**-0.5: 4 for a half, 100 for a
        tenth.
    """

    mean: float
    shape: float

    def __post_init__(self) -> None:
        check_within("mean", self.mean, 1e-6, _MOST_PEOPLE)
        check_within("shape", self.shape, 1e-6, _LARGEST_SHAPE)
        self.as_gamma_poisson()

    @property
    def tail_exponent(self) -> float:
        """The tail is geometric: inf."""
        return math.inf

    def as_gamma_poisson(self) -> GammaPoisson:
        """The same prior as a Poisson with a gamma mean."""
        return GammaPoisson(self.shape, self.mean / self.shape)

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """That of the Poisson with a gamma mean."""
        return self.as_gamma_poisson().log_mass(population)

    def range(self, prob: float) -> tuple[float, float]:
        """Quantiles of the negative binomial."""
        return self.as_gamma_poisson().range(prob)

    @property
    def words(self) -> str:
        """With its range."""
        return _between(self)


@dataclass(frozen=True)
class AtLeast(Prior):
    """p(N) ∝ 1/N from a number up, and nothing below: so many are known to exist.

    Parameters
    ----------
    low : float
        In people, positive.
    """

    low: float

    def __post_init__(self) -> None:
        check_within("low", self.low, 1e-6, _MOST_PEOPLE)

    @property
    def words(self) -> str:
        """With the number."""
        return f"at least {self.low:,.12g}"

    @property
    def tail_exponent(self) -> float:
        """1."""
        return 1.0

    def log_mass(self, population: np.ndarray) -> np.ndarray:
        """−log N, and −inf below `low`."""
        return np.where(np.asarray(population) >= self.low, -np.log(population), -np.inf)

    def range(self, prob: float) -> None:
        """None: improper."""


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
        return _between(self)

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


def smallest_population(prior: Prior) -> float:
    """The number of people below which a prior puts nothing; 0 for most."""
    return float(prior.low) if isinstance(prior, AtLeast) else 0.0


def fewest_unseen(prior: Prior, seen: float) -> float:
    """The smallest number on no list that a prior allows, beside so many seen: a whole number."""
    return float(max(math.ceil(smallest_population(prior) - seen), 0))


def unseen_under(prior: Prior, seen: float) -> UnseenUnder | None:
    """The number unseen given the chance to be missed; None under 1/N, where it is conjugate."""
    if isinstance(prior, OneOverN):
        return None
    return UnseenUnder(seen, prior.log_tilt, fewest_unseen(prior, seen))


def tails(prob: float) -> tuple[float, float]:
    """The two levels between which a central range holds `prob`."""
    return (1.0 - prob) / 2.0, (1.0 + prob) / 2.0


def _between(prior: Prior) -> str:
    """The central 95 % of a proper prior."""
    given = prior.range(0.95)
    assert given is not None
    low, high = (f"{n:,.0f}" if n < _MOST_PEOPLE else f"{n:.0e}" for n in given)
    return f"between {low} and {high} with probability 0.95 before looking"


def check_within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a setting that is not a number within limits that a computer can work with."""
    check_positive(name, value)
    if not low <= value <= high:
        raise SettingsError(f"{name} is {value:g}; expected a number from {low:g} to {high:g}.")


def check_positive(name: str, value: float) -> None:
    """Refuse a setting that is not a positive finite number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and 0 < value <= _LARGEST):
        raise SettingsError(f"{name} is {_shown(value)}; expected a positive number.")


def _shown(value: object) -> str:
    """A value as it is written, but not all digits of a number past counting."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        return "larger than a computer can hold"
    return repr(value)


def check_prior(value: object) -> None:
    """Refuse what is not a prior on the population."""
    if not isinstance(value, Prior):
        hint = f"dk.prior.{value.__name__}()" if isinstance(value, type) else "dk.prior.OneOverN()"
        raise SettingsError(f"prior is {value!r}; expected a prior on the population.", hint)
