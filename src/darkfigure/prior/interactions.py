"""Priors on the effects of a log-linear model: how strongly lists may depend, before looking.

Effects are in 0/1 coding: a main effect is the log odds of being on a list among people on no
other, an interaction of two lists the log of their odds ratio among people on no other.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from darkfigure.errors import SettingsError
from darkfigure.prior.population import check_within
from darkfigure.settings import takes_numpy

type Scale = float | tuple[float, ...]
"""One number for interactions of every order, or one per order from two lists up."""


_SMALLEST, _LARGEST = 1e-6, 1e6  # widths beyond them are nothing, or no bound at all


class InteractionPrior(ABC):
    """A prior on main effects and interactions, as a frozen set of numbers.

    The quadratic ones (`UnitInformation`, `HyperG`, `Normal`) can be averaged over models; the
    shrinking ones (`RegularizedHorseshoe`, `R2D2`) are for one large model, sampled by NUTS.
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        takes_numpy(cls)

    @abstractmethod
    def widened(self, by: float) -> "InteractionPrior":
        """The same prior so many times as wide; itself where its width is learned."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The prior in a few words, as printed: "normal with sd 2"."""


@dataclass(frozen=True)
class UnitInformation(InteractionPrior):
    r"""As much information as one person spread evenly over the cells holds.

    Effects have mean zero and precision :math:`X^T X / (c\,s^2)`, X the centred design of the c
    cells: in sum-to-zero coding each effect is standard normal for s = 1, so that a log odds
    ratio of two lists has standard deviation 4.

    Parameters
    ----------
    scale : float, default 1
        s: all effects that much wider or narrower.

    References
    ----------
    Dellaportas & Forster (1999), Biometrika 86:615; Overstall & King (2014), J. Stat. Softw.
    58(7), section 2.3.
    """

    scale: float = 1.0

    def __post_init__(self) -> None:
        check_width("scale", self.scale)

    @property
    def words(self) -> str:
        """With the scale unless it is 1."""
        wider = "" if self.scale == 1 else f" times {self.scale:g}"
        return f"unit information{wider}"

    def widened(self, by: float) -> "UnitInformation":
        """With another scale."""
        return replace(self, scale=_scaled(self.scale, by))


@dataclass(frozen=True)
class HyperG(InteractionPrior):
    """The unit-information prior with an uncertain scale: s² inverse gamma.

    Each model learns its own scale from the data, by integration. At the default the prior on
    log s² is all but flat. The posterior's mean is infinite where the lists let an effect run
    off, as where nobody is on just two certain lists; where they do not tell how wide effects are
    there is no estimate.

    Parameters
    ----------
    shape, rate : float, default 0.0005
        Of the inverse gamma distribution of s², positive.

    References
    ----------
    Sabanés Bové & Held (2011), Bayesian Anal. 6:387; Overstall & King (2014), J. Stat. Softw.
    58(7), section 2.3, who write a/2 and b/2 for shape and rate, with a = b = 0.001.
    """

    shape: float = 0.0005
    rate: float = 0.0005

    def __post_init__(self) -> None:
        check_width("shape", self.shape)
        check_width("rate", self.rate)

    @property
    def words(self) -> str:
        """Its name."""
        return "hyper-g"

    def widened(self, by: float) -> "HyperG":
        """Itself."""
        return self


@dataclass(frozen=True)
class Normal(InteractionPrior):
    """Independent normal effects with mean zero.

    Parameters
    ----------
    scale : float or tuple of float, default 2
        Standard deviation of the interactions; several numbers give it by order, from pairs up
        (the last holds for all higher orders). 2 on a log odds ratio: between 1/50 and 50 with
        probability 95 %.
    main : float, default 10
        Standard deviation of the main effects.
    """

    scale: Scale = 2.0
    main: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", check_scale(self.scale))
        check_width("main", self.main)

    @property
    def words(self) -> str:
        """With the standard deviations by order."""
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        by = " by order" if len(scales) > 1 else ""
        return f"normal with sd {', '.join(f'{each:g}' for each in scales)}{by}"

    def widened(self, by: float) -> "Normal":
        """With other scales of the interactions."""
        if isinstance(self.scale, tuple):
            return replace(self, scale=tuple(_scaled(each, by) for each in self.scale))
        return replace(self, scale=_scaled(self.scale, by))


@dataclass(frozen=True)
class RegularizedHorseshoe(InteractionPrior):
    """Most interactions near zero, a few large, none beyond a slab. For ``inference="nuts"``.

    Parameters
    ----------
    expected : float, default 0.25
        Share of the interactions expected to matter, between 0 and 1.
    slab : float, default 2
        Standard deviation of those that matter.
    main : float, default 10
        Standard deviation of the main effects.

    References
    ----------
    Piironen & Vehtari (2017), Electron. J. Stat. 11:5018, equations 2.8 and 3.12.
    """

    expected: float = 0.25
    slab: float = 2.0
    main: float = 10.0

    def __post_init__(self) -> None:
        check_share("expected", self.expected)
        check_width("slab", self.slab)
        check_width("main", self.main)

    @property
    def words(self) -> str:
        """With the slab."""
        return f"regularised horseshoe with slab {self.slab:g}"

    def widened(self, by: float) -> "RegularizedHorseshoe":
        """With another slab."""
        return replace(self, slab=_scaled(self.slab, by))


@dataclass(frozen=True)
class R2D2(InteractionPrior):
    """A prior on how much of the spread between cells each order explains. For "nuts".

    Per order of interaction, R² ~ Beta; the variance R²/(1 − R²) of the log expected counts is
    divided among the interactions of that order by a Dirichlet distribution.

    Parameters
    ----------
    mean : float or tuple of float, default 0.5
        Prior mean of R², between 0 and 1; several numbers give it by order, from pairs up.
    precision : float, default 2
        Sum of the Beta parameters: 2 with mean .5 is uniform.
    concentration : float, default 0.5
        Dirichlet parameter: below 1 a few interactions carry most.
    main : float, default 10
        Standard deviation of the main effects.

    References
    ----------
    Zhang, Naughton, Bondell & Reich (2022), J. Am. Stat. Assoc. 117:862, for linear regression;
    here for the log expected counts, one R² per order.
    """

    mean: Scale = 0.5
    precision: float = 2.0
    concentration: float = 0.5
    main: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", check_scale(self.mean, "mean"))
        for value in self.mean if isinstance(self.mean, tuple) else (self.mean,):
            check_share("mean", value)
        for name in ("precision", "concentration", "main"):
            check_width(name, getattr(self, name))

    @property
    def words(self) -> str:
        """Its name."""
        return "R2D2"

    def widened(self, by: float) -> "R2D2":
        """Itself."""
        return self


def by_order(scale: Scale, order: int) -> float:
    """The number that holds for interactions of so many lists."""
    if not isinstance(scale, tuple):
        return scale
    return scale[min(order - 2, len(scale) - 1)]


def check_scale(scale: object, name: str = "scale") -> Scale:
    """Return one positive number, or a tuple of them by order, or refuse."""
    if isinstance(scale, list | tuple):
        if not scale:
            raise SettingsError(f"{name} is empty; expected one number per order, from pairs up.")
        for value in scale:
            check_width(name, value)
        return tuple(float(value) for value in scale)
    check_width(name, scale)  # type: ignore[arg-type]
    return float(scale)  # type: ignore[arg-type]


def check_width(name: str, value: float) -> None:
    """Refuse a setting that is not a positive number of a size that an effect may have."""
    check_within(name, value, _SMALLEST, _LARGEST)


def _scaled(value: float, by: float) -> float:
    """So many times a width, within the limits of widths."""
    return min(max(value * by, _SMALLEST), _LARGEST)


def check_share(name: str, value: object) -> None:
    """Refuse what is not strictly between 0 and 1."""
    if not (isinstance(value, int | float) and math.isfinite(value) and 0 < value < 1):
        raise SettingsError(f"{name} is {value!r}; expected a number between 0 and 1.")


def check_interactions(value: object) -> None:
    """Refuse what is not a prior on interactions."""
    if not isinstance(value, InteractionPrior):
        name = value.__name__ if isinstance(value, type) else "UnitInformation"
        raise SettingsError(
            f"interactions is {value!r}; expected a prior on interactions.", f"dk.prior.{name}()"
        )
