"""Searches for a log-linear model where all cannot be fitted: downhill, stepwise, stochastic."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.hierarchy import allowed_terms, closure, main_effects, neighbours
from darkfigure.numerics.kernels import selection_kernels
from darkfigure.numerics.log_linear import (
    LogLinearFits,
    concatenate,
    distinct,
    fit_log_linear,
    in_parts,
)

type ValuesOf = Callable[[np.ndarray], np.ndarray]

_RANDOM_STARTS = 14
_WALK = 12  # steps uphill and down after each descent
_TEMPERATURE = 6.0  # such that a model some ten units worse is often taken


@dataclass(frozen=True)
class Selected:
    """The model selected in each of several tables.

    Attributes
    ----------
    unseen : ndarray of float, shape (tables,)
        nan where no model could be fitted.
    models : ndarray of bool, shape (tables, 2**k)
    """

    unseen: np.ndarray
    models: np.ndarray


@dataclass(frozen=True)
class Criterion:
    """A criterion by name and the sample size in its penalty."""

    name: str
    sample_size: float


def downhill_search(
    counts: np.ndarray, possible: np.ndarray, order: int, criterion: Criterion
) -> LogLinearFits:
    """From the independence model, move to the best neighbour while the criterion falls.

    Returns
    -------
    LogLinearFits
        Every model looked at, once.
    """
    k = len(counts).bit_length() - 1
    fitting = _Fitting(counts, possible, criterion)
    _descend(main_effects(k), order, possible, _Memory(fitting.values_of))
    return fitting.everything()


def stochastic_search(
    counts: np.ndarray,
    possible: np.ndarray,
    order: int,
    criterion: Criterion,
    rng: np.random.Generator,
) -> LogLinearFits:
    """Downhill from many starts, each followed by a walk that may climb; nothing is fitted twice.

    The walk draws its next model from all neighbours with weights exp(−criterion/2T), as in
    shotgun stochastic search (Hans, Dobra & West 2007, J. Am. Stat. Assoc. 102:507). Starts are
    the independence model, the model with every pair, and random sets of pairs.

    Returns
    -------
    LogLinearFits
        Every model looked at, once.
    """
    k = len(counts).bit_length() - 1
    fitting = _Fitting(counts, possible, criterion)
    walk_models(fitting.values_of, k, possible, order, rng)
    return fitting.everything()


def walk_models(
    values_of: ValuesOf, k: int, possible: np.ndarray, order: int, rng: np.random.Generator
) -> np.ndarray:
    """The walk itself, for any value of a model that is to be small.

    Parameters
    ----------
    values_of : callable
        Takes models, shape (models, 2**k), and gives their values on the scale of −2 log
        likelihood; inf for a model that cannot be used. Called once per model.

    Returns
    -------
    ndarray of bool, shape (models, 2**k)
        Every model looked at, once, in order of value.
    """
    pairs = allowed_terms(k, 2, possible)
    starts = [closure([], k), closure(pairs, k)]
    starts += [
        closure([pair for pair in pairs if rng.random() < share], k)
        for share in np.linspace(0.15, 0.85, _RANDOM_STARTS)
    ]
    memory = _Memory(values_of)
    for start in starts:
        here = _descend(start, order, possible, memory)
        for _ in range(_WALK):
            around = neighbours(here, order, possible)
            values = memory.values_of(around)
            if not np.isfinite(values).any():
                break
            weights = np.exp(-0.5 * (values - values.min()) / _TEMPERATURE)
            here = around[rng.choice(len(around), p=weights / weights.sum())]
        _descend(here, order, possible, memory)
    return memory.in_order()


def surround(
    values_of: ValuesOf,
    models: np.ndarray,
    possible: np.ndarray,
    order: int,
    *,
    within: float,
    most: int,
) -> np.ndarray:
    """Add the neighbours of good models until no new good one turns up.

    Parameters
    ----------
    models : ndarray of bool, shape (models, 2**k)
        Looked at already (and once more here).
    within : float
        Models this close to the best count as good.
    most : int
        Stop when so many have been looked at.
    """
    memory = _Memory(values_of)
    memory.values_of(models)
    done: set[bytes] = set()
    while True:
        ranked, values = memory.in_order(), memory.sorted_values()
        good = [m for m in ranked[values <= values[0] + within] if m.tobytes() not in done]
        if not good or len(values) >= most:
            return ranked
        for model in good[: max(1, (most - len(values)) // 20)]:
            done.add(model.tobytes())
            memory.values_of(neighbours(model, order, possible))


def _descend(start: np.ndarray, order: int, possible: np.ndarray, memory: "_Memory") -> np.ndarray:
    """The model from which no neighbour is better."""
    here, current = start, memory.values_of(start[None, :])[0]
    while True:
        around = neighbours(here, order, possible)
        values = memory.values_of(around)
        if len(values) == 0 or not values.min() < current - 1e-9:
            return here
        here, current = around[np.argmin(values)], values.min()


class _Memory:
    """Values of the models looked at so far, by their terms."""

    def __init__(self, values_of: ValuesOf) -> None:
        self._values_of = values_of
        self._value: dict[bytes, float] = {}
        self._models: list[np.ndarray] = []

    def values_of(self, models: np.ndarray) -> np.ndarray:
        _, first = np.unique(models, axis=0, return_index=True)
        new = [i for i in np.sort(first) if models[i].tobytes() not in self._value]
        if new:
            values = self._values_of(models[new])
            for model, value in zip(models[new], values, strict=True):
                self._value[model.tobytes()] = float(value)
                self._models.append(model)
        return np.array([self._value[model.tobytes()] for model in models])

    def sorted_values(self) -> np.ndarray:
        return np.sort(np.array(list(self._value.values())), kind="stable")

    def in_order(self) -> np.ndarray:
        order = np.argsort(np.array(list(self._value.values())), kind="stable")
        return np.array(self._models, dtype=bool)[order]


class _Fitting:
    """Maximum-likelihood fits of the models that a search asks for."""

    def __init__(self, counts: np.ndarray, possible: np.ndarray, criterion: Criterion) -> None:
        self._counts, self._possible, self._criterion = counts, possible, criterion
        self._parts: list[LogLinearFits] = []

    def values_of(self, models: np.ndarray) -> np.ndarray:
        fits = fit_log_linear(self._counts, models, self._possible)
        self._parts.append(fits)
        return fits.criterion(self._criterion.name, self._criterion.sample_size)

    def everything(self) -> LogLinearFits:
        return distinct(concatenate(self._parts))


def downhill_tables(
    tables: np.ndarray,
    possible: np.ndarray,
    order: int,
    criterion: Criterion,
    *,
    workers: int | None = None,
) -> Selected:
    """The downhill search in every table."""
    selection = selection_kernels()
    k = int(tables.shape[1]).bit_length() - 1
    allowed = np.array(allowed_terms(k, order, possible), dtype=np.int64)
    penalties = penalty(criterion.name, np.arange(2 + k + len(allowed)), criterion.sample_size)
    y = np.array(tables, dtype=float)
    found = Selected(np.empty(len(y)), np.zeros(y.shape, dtype=bool))
    in_parts(
        lambda a, b: selection.downhill_tables(
            y, possible, allowed, penalties, a, b, found.unseen, found.models
        ),
        len(y),
        workers,
        part=16,
    )
    return found


def stepwise_tables(
    tables: np.ndarray, possible: np.ndarray, threshold: float, *, workers: int | None = None
) -> Selected:
    """The stepwise selection of Chan, Silverman & Vincent (2021) in every table.

    From main effects, the absent pair with the smallest Poisson tail of its overlap is added
    while that tail is below the threshold; pairs without an estimate are passed over.
    """
    found, _ = _stepwise(tables, possible, threshold, workers)
    return found


def stepwise_path(counts: np.ndarray, possible: np.ndarray, threshold: float) -> np.ndarray:
    """The models of the stepwise selection, the last one first, shape (steps + 1, 2**k)."""
    k = len(counts).bit_length() - 1
    _, added = _stepwise(counts[None, :], possible, threshold, 1)
    pairs = [int(pair) for pair in added[0] if pair]
    return np.array([closure(pairs[:step], k) for step in range(len(pairs), -1, -1)])


def _stepwise(
    tables: np.ndarray, possible: np.ndarray, threshold: float, workers: int | None
) -> tuple[Selected, np.ndarray]:
    selection = selection_kernels()
    k = int(tables.shape[1]).bit_length() - 1
    pairs = np.array(allowed_terms(k, 2, possible), dtype=np.int64)
    y = np.array(tables, dtype=float)
    found = Selected(np.empty(len(y)), np.zeros(y.shape, dtype=bool))
    added = np.zeros((len(y), len(pairs)), dtype=np.int64)
    in_parts(
        lambda a, b: selection.stepwise_tables(
            y, possible, pairs, threshold, a, b, found.unseen, found.models, added
        ),
        len(y),
        workers,
        part=16,
    )
    return found, added
