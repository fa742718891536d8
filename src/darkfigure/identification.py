"""What reaches the people on no list, apart from the model of those on some: settings.

Any model of the observable histories can be joined with any of these (Aleshin-Guendel, Sadinle &
Wakefield 2024, Biometrics 80:ujad028; Dulce Rubio & Kennedy 2024). The data hold no
information on the number that each leaves open.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkfigure.assumptions import Assumption
from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError
from darkfigure.prior.population import check_positive
from darkfigure.prior.ranges import Between, LogNormal
from darkfigure.settings import takes_numpy

type Ratio = float | LogNormal | Between
"""A ratio that is given, or uncertain."""


class Identification(ABC):
    """An assumption that turns a distribution over observable histories into the unseen."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        takes_numpy(cls)

    @property
    @abstractmethod
    def assumption(self) -> Assumption:
        """What must be true, in words."""

    @abstractmethod
    def check_lists(self, lists: Sequence[str]) -> None:
        """Refuse a table that lacks the lists named."""

    @abstractmethod
    def coefficients(self, lists: Sequence[str]) -> np.ndarray:
        """Of the histories' log probabilities in the log odds, shape (2**k,); they add up to 1.

        Parameters
        ----------
        lists : sequence of str
            Names of the k lists.
        """

    @abstractmethod
    def log_odds(
        self, log_probability: np.ndarray, lists: Sequence[str], rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) of draws of the observable histories.

        Parameters
        ----------
        log_probability : ndarray of float, shape (draws, 2**k) or (draws, strata, 2**k)
            Log probability of each history given that it is observable (or any multiple that
            the histories of a draw share); entry 0 is not used.
        lists : sequence of str
            Names of the k lists; bit j of an index is set where the history holds list j.
        rng : Generator
            For a ratio that is uncertain: each draw gets its own, the same in all its strata.

        Returns
        -------
        ndarray of float, shape (draws,) or (draws, strata)
        """


@dataclass(frozen=True)
class NoHighestOrderInteraction(Identification):
    r"""The interaction between all lists at once is as stated: none, unless `xi` says otherwise.

    .. math:: \frac{\pi_0}{1 - \pi_0} = \frac{1}{\xi}\,
        \frac{\prod_{|\omega|\,\mathrm{odd}} \tilde\pi_\omega}
        {\prod_{|\omega| > 0\,\mathrm{even}} \tilde\pi_\omega}

    Parameters
    ----------
    xi : float, LogNormal or Between, default 1
        Product of the odd histories' probabilities over that of the even ones, the unseen among
        the even: larger means fewer unseen. For an odd number of lists it is the top
        interaction's odds ratio, for an even number its reciprocal.

    References
    ----------
    Fienberg (1972), Biometrika 59:591; Aleshin-Guendel, Sadinle & Wakefield (2024), Biometrics
    80:ujad028, section 3.
    """

    xi: Ratio = 1.0

    def __post_init__(self) -> None:
        check_ratio("xi", self.xi)

    @property
    def assumption(self) -> Assumption:
        """That of `xi`."""
        if self.xi == 1.0:
            return Assumption(
                "no interaction between all lists at once",
                "All lists at once do not interact: what binds all but one of them is the same "
                "whether a person is on that one or not.",
            )
        return Assumption(
            f"the interaction between all lists at once as stated: xi {ratio_in_words(self.xi)}",
            "The interaction between all lists at once is as stated: the data cannot tell.",
        )

    def check_lists(self, lists: Sequence[str]) -> None:
        """Any lists will do."""

    def coefficients(self, lists: Sequence[str]) -> np.ndarray:
        """1 for histories of odd size, -1 for even ones; 0 for that of the unseen."""
        sign = np.where(np.bitwise_count(np.arange(1 << len(lists))) % 2 == 1, 1.0, -1.0)
        sign[0] = 0.0
        return sign

    def log_odds(
        self, log_probability: np.ndarray, lists: Sequence[str], rng: np.random.Generator
    ) -> np.ndarray:
        """The alternating sum of the log probabilities, less log ξ."""
        total = log_probability[..., 1:] @ self.coefficients(lists)[1:]
        return total - draw_log_ratio(self.xi, total.shape, rng)


@dataclass(frozen=True)
class ConditionalPair(Identification):
    r"""The odds ratio of two lists among people on no other list is as stated.

    .. math:: \frac{\pi_0}{1 - \pi_0} =
        \mathrm{OR}\,\frac{\tilde\pi_i\,\tilde\pi_j}{\tilde\pi_{ij}}

    with i, j and ij the histories that hold exactly these lists.

    Parameters
    ----------
    first, second : str
        The two lists.
    odds_ratio : float, LogNormal or Between, default 1
        1 is independence; above 1, people on one of the two are more likely to be on the other,
        and more people are missed.

    References
    ----------
    Dulce Rubio & Kennedy (2024), arXiv:2407.03539; Aleshin-Guendel, Sadinle & Wakefield (2024),
    Biometrics 80:ujad028.
    """

    first: str
    second: str
    odds_ratio: Ratio = 1.0

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            if not isinstance(getattr(self, name), str):
                raise SettingsError(
                    f"{name} is {getattr(self, name)!r}; expected the name of a list.",
                    'ConditionalPair("police", "shelter")',
                )
        if self.first == self.second:
            raise SettingsError(f"the pair names {self.first!r} twice; expected two lists.")
        check_ratio("odds_ratio", self.odds_ratio)

    @property
    def assumption(self) -> Assumption:
        """That of the odds ratio."""
        pair = f"{self.first} and {self.second}"
        if self.odds_ratio == 1.0:
            return Assumption(
                f"{pair} independent among people on no other list",
                f"Among people on no other list, being on {self.first} says nothing about being "
                f"on {self.second}.",
            )
        return Assumption(
            f"odds ratio of {pair} among people on no other list {ratio_in_words(self.odds_ratio)}",
            f"Among people on no other list, the odds ratio of {pair} is as stated: the data "
            "cannot tell.",
        )

    def check_lists(self, lists: Sequence[str]) -> None:
        """Both lists must be there."""
        for name in (self.first, self.second):
            if name not in lists:
                raise SettingsError(
                    f"the pair names {name!r}, which is not a list of this table "
                    f"({', '.join(lists)}).",
                    did_you_mean(name, lists),
                )

    def coefficients(self, lists: Sequence[str]) -> np.ndarray:
        """1 for the history of either list alone, -1 for that of both."""
        one, other = (1 << list(lists).index(name) for name in (self.first, self.second))
        sign = np.zeros(1 << len(lists))
        sign[[one, other, one | other]] = 1.0, 1.0, -1.0
        return sign

    def log_odds(
        self, log_probability: np.ndarray, lists: Sequence[str], rng: np.random.Generator
    ) -> np.ndarray:
        """From the three histories of the pair."""
        sign = self.coefficients(lists)
        used = np.flatnonzero(sign)
        total = log_probability[..., used] @ sign[used]
        return total + draw_log_ratio(self.odds_ratio, total.shape, rng)


def draw_log_ratio(ratio: Ratio, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """The log of a ratio: the same for all draws (axis 0) if given, one for each if uncertain."""
    if isinstance(ratio, LogNormal | Between):
        given = ratio.as_log_normal()
        each = np.log(given.median) + given.sigma * rng.standard_normal(shape[0])
        return np.broadcast_to(each.reshape(-1, *[1] * (len(shape) - 1)), shape)
    return np.full(shape, np.log(ratio))


def ratio_in_words(ratio: Ratio) -> str:
    """A number, or the 95 % range of its prior."""
    if isinstance(ratio, LogNormal | Between):
        low, high = ratio.range(0.95)
        return f"{low:.3g} to {high:.3g} (95% of its prior)"
    return f"{ratio:g}"


def check_ratio(name: str, ratio: object) -> None:
    """Refuse what is neither a positive number nor a prior on one."""
    if not isinstance(ratio, LogNormal | Between):
        check_positive(name, ratio)  # type: ignore[arg-type]


def check_identification(value: object) -> None:
    """Refuse what is no identifying assumption."""
    if value is not None and not isinstance(value, Identification):
        raise SettingsError(
            f"identify is {value!r}; expected an identifying assumption or None.",
            'dk.NoHighestOrderInteraction(), or dk.ConditionalPair("police", "shelter").',
        )
