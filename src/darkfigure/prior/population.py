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
from scipy.special import gammaln

from darkfigure.errors import SettingsError
from darkfigure.numerics.conjugate import UnseenUnder
from darkfigure.settings import takes_numpy

_MOST_PEOPLE = 1e15  # numbers above it are hardly told apart from their neighbours
_LARGEST_SHAPE = 1e12
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
        return central_range(self)


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
        return central_range(self)


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


def central_range(prior: Prior) -> str:
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
