"""Searches for a log-linear model where all cannot be fitted: downhill, stepwise, stochastic."""

from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.hierarchy import allowed_terms, closure, main_effects, neighbours
from darkfigure.numerics.log_linear import (
    LogLinearFits,
    concatenate,
    distinct,
    fit_log_linear,
    in_parts,
    take,
)

_STEPS = 400  # of the stochastic search, at most
_PATIENCE = 60  # steps without a better model


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
    here = fit_log_linear(counts, main_effects(k)[None, :], possible)
    visited = [here]
    while True:
        around = fit_log_linear(counts, neighbours(here.models[0], order, possible), possible)
        visited.append(around)
        values = around.criterion(criterion.name, criterion.sample_size)
        current = here.criterion(criterion.name, criterion.sample_size)[0]
        if len(values) == 0 or not values.min() < current - 1e-9:
            return distinct(concatenate(visited))
        here = take(around, np.array([np.argmin(values)]))


def stochastic_search(
    counts: np.ndarray,
    possible: np.ndarray,
    order: int,
    criterion: Criterion,
    rng: np.random.Generator,
) -> LogLinearFits:
    """Downhill first, then a walk that draws its next model from all neighbours by weight.

    Shotgun stochastic search (Hans, Dobra & West 2007, J. Am. Stat. Assoc. 102:507): weights are
    exp(−criterion/2); models fitted once are remembered and never fitted again.

    Returns
    -------
    LogLinearFits
        Every model looked at, once.
    """
    memory = _Memory(counts, possible, criterion)
    first = downhill_search(counts, possible, order, criterion)
    memory.keep(first)
    here = first.models[int(np.argmin(memory.values_of(first.models)))]
    best, waited = memory.best(), 0
    for _ in range(_STEPS):
        around = neighbours(here, order, possible)
        values = memory.values_of(around)
        if not np.isfinite(values).any():
            break
        weights = np.exp(-0.5 * (values - values.min()))
        here = around[rng.choice(len(around), p=weights / weights.sum())]
        waited = 0 if memory.best() < best - 1e-9 else waited + 1
        best = memory.best()
        if waited >= _PATIENCE:
            break
    return memory.everything()


class _Memory:
    """Models fitted so far, by their terms."""

    def __init__(self, counts: np.ndarray, possible: np.ndarray, criterion: Criterion) -> None:
        self._counts, self._possible, self._criterion = counts, possible, criterion
        self._value: dict[bytes, float] = {}
        self._parts: list[LogLinearFits] = []

    def keep(self, fits: LogLinearFits) -> None:
        values = fits.criterion(self._criterion.name, self._criterion.sample_size)
        self._value.update(
            (model.tobytes(), float(value))
            for model, value in zip(fits.models, values, strict=True)
        )
        self._parts.append(fits)

    def values_of(self, models: np.ndarray) -> np.ndarray:
        new = np.array([model.tobytes() not in self._value for model in models])
        if new.any():
            self.keep(fit_log_linear(self._counts, models[new], self._possible))
        return np.array([self._value[model.tobytes()] for model in models])

    def best(self) -> float:
        return min(self._value.values())

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
    from darkfigure.numerics.kernels import selection

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
    from darkfigure.numerics.kernels import selection

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
