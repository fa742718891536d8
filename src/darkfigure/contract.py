"""What an estimator must be (`Model`) and must return (`Fit`)."""

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
import xarray as xr

from darkfigure.assumptions import Assumption
from darkfigure.cautions import Caution
from darkfigure.data import not_recorded
from darkfigure.errors import NotEstimable
from darkfigure.literals import DrawsKind
from darkfigure.numerics.unseen_grid import UnseenPosterior
from darkfigure.prior.population import Prior
from darkfigure.settings import takes_numpy

if TYPE_CHECKING:
    import pandas as pd

    from darkfigure.data.table import CaptureTable

CHAINS = 4
"""Chains that exact and resampled draws are laid out in, so that ArviZ reads them."""

Handling = Literal["impossible", "intervals", "blank lists", "blank strata", "strata"]

_REGISTRY: dict[str, "type[Model]"] = {}


@dataclass(frozen=True)
class Density:
    """The exact posterior of the unseen count, as a mass function at chosen integers.

    Attributes
    ----------
    unseen : ndarray of float, shape (points,)
        Increasing numbers of unseen people, from 0.
    mass : ndarray of float, shape (points,)
        Posterior probability of exactly that number unseen.
    """

    unseen: np.ndarray
    mass: np.ndarray


@dataclass(frozen=True)
class Fit:
    """What an estimator returns: draws of the unseen, and what to be careful of.

    Attributes
    ----------
    kind : str
        Where the draws come from: "posterior", "bootstrap", ...
    seen : int, or ndarray of int, shape (strata,)
        People observed. Where they are uncertain (suppressed counts, strata not recorded): draws
        of the shape of `unseen`.
    unseen : ndarray of float, shape (chains, draws) or (chains, draws, strata)
        Draws of the number of people on no list.
    label : str
        The model in words, as printed: "DecomposableGraphs(delta=2**-5), 822 models averaged".
    point : float, optional
        The maximum-likelihood total where the model has one.
    models : DataFrame, optional
        For averaged or searched models, one row each, best first: label, population, criterion,
        weight, parameters, deviance, df, status (those that apply).
    density : Density, optional
        The exact posterior where it is known; modes and plots read it.
    tail_exponent : float, default inf
        The draws' density falls like N**-tail_exponent: the mean is finite above 2, the
        standard deviation above 3.
    cautions : tuple of Caution
    groups : mapping of str to Dataset, or to mapping of str to ndarray
        What later verbs need, by group: {"replicates": {"population": ...}}. The first axis of
        a plain array is the group's own dimension. A Dataset named like `kind` (dims chain, draw,
        ...) joins the draws; one named "sample_stats" says that they come from a sampler, whose
        chains are then judged.
    strata : DataFrame, optional
        For a joint model: one row per stratum, one column per stratum variable.
    """

    kind: DrawsKind
    seen: int | np.ndarray
    unseen: np.ndarray
    label: str
    point: float | None = None
    models: "pd.DataFrame | None" = None
    density: Density | None = None
    tail_exponent: float = math.inf
    cautions: tuple[Caution, ...] = ()
    groups: Mapping[str, xr.Dataset | Mapping[str, np.ndarray]] = field(default_factory=dict)
    strata: "pd.DataFrame | None" = None


def in_chains(draws: np.ndarray) -> np.ndarray:
    """Lay independent draws out as CHAINS chains: shape (chains, draws)."""
    return draws.reshape(CHAINS, -1)


def exact_density(posterior: UnseenPosterior) -> Density:
    """The mass function of an exact posterior on its finer grid."""
    widths = np.diff(posterior.edges)
    return Density(posterior.points, np.diff(posterior.cumulative) / widths)


class Model(ABC):
    """An estimator: settings as fields of a frozen dataclass, and one method.

    Class facts
    -----------
    assumes : tuple of Assumption
        What must be true of the registers, each in plain words; last the one that reaches the
        people on no list.
    references : tuple of str
        The publications behind the method.
    identifies : str
        The assumption that reaches the people on no list.
    handles : frozenset of str
        Which awkward data the model takes: "impossible" pairs, "intervals", "blank lists",
        "blank strata", "strata" (jointly).
    fewest_lists, most_lists : int
    """

    assumes: ClassVar[tuple[Assumption, ...]]
    references: ClassVar[tuple[str, ...]]
    identifies: ClassVar[str]
    handles: ClassVar[frozenset[Handling]] = frozenset()
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 20

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        takes_numpy(cls)
        _REGISTRY[cls.__name__] = cls

    @abstractmethod
    def fit(self, table: "CaptureTable", *, draws: int, rng: np.random.Generator) -> Fit:
        """Estimate the unseen of one table; called by `estimate`, after `check_table`."""


def registered() -> "dict[str, type[Model]]":
    """Every estimator by its name, as the command line and `dk.open` find them.

    A class joins when it is defined; those of the library are imported here, since a name can be
    asked for that nothing has used yet.
    """
    import_module("darkfigure.models")
    return _REGISTRY


@runtime_checkable
class Varied(Protocol):
    """A model whose prior has settings that the data cannot choose."""

    def varied(self, k: int) -> "tuple[Model, ...]":
        """The same model under other settings of its prior, itself among them, for k lists."""


@runtime_checkable
class FitsPlainly(Protocol):
    """A model that can leave out what its fit only says beside the draws."""

    def fit_plainly(self, table: "CaptureTable", *, draws: int, rng: np.random.Generator) -> Fit:
        """The draws of `fit`, the same ones, without other priors tried and diagnostics."""


@runtime_checkable
class TellsEffort(Protocol):
    """A model some of whose settings take much longer than others."""

    def effort(self, table: "CaptureTable") -> float:
        """How long a fit takes, in units that all settings of the model share."""


@runtime_checkable
class HasPrior(Protocol):
    """A model that says something of the unseen before it looks."""

    def draw_prior_odds(
        self, table: "CaptureTable", size: int, rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) under the prior alone, shape (size,); overlaps are not used."""


@runtime_checkable
class Predicts(Protocol):
    """A model whose posterior-predictive tables are drawn when they are asked for."""

    def predict(
        self, table: "CaptureTable", unseen: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Posterior draws of the histories' chances given that they are observable.

        Parameters
        ----------
        unseen : ndarray of float, shape (draws,)

        Returns
        -------
        ndarray of float, shape (draws, 2**k)
            Entry 0 is 0.
        """


def fit_plainly(
    model: Model, table: "CaptureTable", *, draws: int, rng: np.random.Generator
) -> Fit:
    """The draws of a model's fit, without what it says beside them where it can leave that out."""
    fit = model.fit_plainly if isinstance(model, FitsPlainly) else model.fit
    return fit(table, draws=draws, rng=rng)


def replace_setting(model: Model, **changes: object) -> Model:
    """The same model with some settings changed."""
    return dataclasses.replace(model, **changes)  # type: ignore[type-var]


def assumptions_of(model: Model) -> tuple[Assumption, ...]:
    """What a model with these settings assumes.

    The last of `assumes` is the one that reaches the people on no list; an identifying
    assumption of its own (`identify`) takes its place. Before it stands a prior on the population
    other than the model's default.
    """
    *others, last = model.assumes
    identify = getattr(model, "identify", None)
    if identify is not None:
        last = identify.assumption
    return (*others, *_of_the_prior(model), last)


def _of_the_prior(model: Model) -> tuple[Assumption, ...]:
    prior = getattr(model, "prior", None)
    defaults = {each.name: each.default for each in dataclasses.fields(model)}  # type: ignore[arg-type]
    if not isinstance(prior, Prior) or prior == defaults.get("prior"):
        return ()
    sentence = (
        f"The population is {prior.words}: that is no finding of the lists, it was put in beside "
        "them."
    )
    return (Assumption(f"population {prior.words}", sentence),)


def check_table(model: Model, table: "CaptureTable") -> None:
    """Refuse a table that the model cannot take, saying which models can."""
    name = type(model).__name__
    k = table.n_lists
    if not model.fewest_lists <= k <= model.most_lists:
        raise NotEstimable(
            f"{name} needs {_range_in_words(model)}; this table has {k} "
            f"({', '.join(table.lists)}).",
            f"{_takers(lambda other: other.fewest_lists <= k <= other.most_lists)} "
            "Lists are joined with table.merge({...}) and left out with table.drop(...).",
        )
    for need in table.needs:
        if need not in model.handles:
            able = _takers(lambda other, need=need: need in other.handles)
            where = ""
            if need == "blank strata":
                where = f": {not_recorded.in_words(table)}"
                able = f"{not_recorded.remedy(table)} Or use {able}"
            raise NotEstimable(
                f"{name} cannot use this table: it has {NEED_IN_WORDS[need]}{where}.", able
            )


NEED_IN_WORDS: Mapping[str, str] = {
    "impossible": "pairs of lists that cannot overlap (impossible=...)",
    "intervals": "counts known only to lie in an interval",
    "blank lists": "rows in which a list was not at work",
    "blank strata": "rows without a value for a stratum variable",
}


def _range_in_words(model: Model) -> str:
    if model.fewest_lists == model.most_lists:
        return f"exactly {model.fewest_lists} lists"
    return f"{model.fewest_lists} to {model.most_lists} lists"


def _takers(accepts: Callable[..., bool]) -> str:
    able = [name for name, cls in registered().items() if accepts(cls)]
    return f"models that can: {', '.join(able)}." if able else "no model in this version can."
