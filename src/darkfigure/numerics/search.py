"""Searches for a log-linear model where all cannot be fitted: downhill, stepwise, stochastic."""

from dataclasses import dataclass

import numpy as np

from darkfigure import progress
from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.hierarchy import allowed_terms, closure, main_effects, neighbours
from darkfigure.numerics.kernels import selection_kernels
from darkfigure.numerics.log_linear import (
    LogLinearFits,
    Solutions,
    concatenate,
    describe,
    deviance_changes,
    in_parts,
    solve,
)
from darkfigure.numerics.walk import Landscape, Walk, keys_of, walk_models


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
    here = main_effects(k)
    current = fitting.values_of(here[None, :])[0]
    seen = set(keys_of(here[None, :]))
    while True:
        around = neighbours(here, order, possible)
        new = [key not in seen for key in keys_of(around)]
        if not any(new):
            return fitting.everything()
        seen.update(keys_of(around))
        values = fitting.values_of(around[new])
        if not values.min() < current - 1e-9:
            return fitting.everything()
        here, current = around[new][np.argmin(values)], values.min()


def stochastic_search(
    counts: np.ndarray,
    possible: np.ndarray,
    order: int,
    criterion: Criterion,
    rng: np.random.Generator,
    *,
    within: float = 10.0,
    most: int = 5_000,
) -> LogLinearFits:
    """A walk from many starts (`walk`), then the promising neighbours of all good models.

    Parameters
    ----------
    within : float, default 10
        Models this close to the best count as good.
    most : int, default 5000
        Stop when about so many have been fitted.

    Returns
    -------
    LogLinearFits
        Every model fitted, once.
    """
    fitting = _Fitting(counts, possible, criterion)
    walk = walk_models(fitting, len(counts).bit_length() - 1, possible, order, rng)
    walk.surround(within=within, most=most)
    return fitting.everything()


def search_from(
    start: np.ndarray, counts: np.ndarray, possible: np.ndarray, order: int, criterion: Criterion
) -> LogLinearFits:
    """Down from a model given and from independence: a short search, for a table much like another.

    Returns
    -------
    LogLinearFits
        Every model fitted, once.
    """
    k = len(counts).bit_length() - 1
    fitting = _Fitting(counts, possible, criterion)
    walk = Walk(fitting, allowed_terms(k, order, possible))
    for model in (main_effects(k), start):
        if np.isfinite(walk.values_of(model[None, :])[0]):
            walk.descend(model)
    return fitting.everything()


class _Fitting(Landscape):
    """Maximum-likelihood fits of the models that a search asks for."""

    def __init__(self, counts: np.ndarray, possible: np.ndarray, criterion: Criterion) -> None:
        self._y, self._possible = np.array(counts, dtype=float), possible
        self._criterion = criterion
        self._parts: list[Solutions] = []
        self._at: dict[bytes, tuple[int, int]] = {}

    def values_of(self, models: np.ndarray) -> np.ndarray:
        found = solve(self._y, models, self._possible)
        part = len(self._parts)
        self._at.update((key, (part, row)) for row, key in enumerate(keys_of(models)))
        self._parts.append(found)
        progress.report("models fitted", len(self._at), 0)
        value = self._penalty(models.sum(axis=1)) - 2.0 * found.value
        return np.where(found.converged, value, np.inf)

    def forecast(self, models: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        at = [self._at[key] for key in keys_of(models)]
        coefficients = np.array([self._parts[part].coefficients[row] for part, row in at])
        value = np.array([self._parts[part].value[row] for part, row in at])
        found = deviance_changes(self._y, models, coefficients, self._possible, allowed)
        parameters = models.sum(axis=1)[:, None] + np.where(models[:, allowed], -1, 1)
        return found + self._penalty(parameters) - 2.0 * value[:, None]

    def everything(self) -> LogLinearFits:
        return describe(concatenate(self._parts), self._y, self._possible)

    def _penalty(self, parameters: np.ndarray) -> np.ndarray:
        return penalty(self._criterion.name, parameters, self._criterion.sample_size)


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
