"""Maximum likelihood for many hierarchical log-linear models and many tables at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from darkfigure.numerics.hierarchy import main_effects, neighbours
from darkfigure.numerics.lattice import superset_sums

_PART = 512  # models or tables handed to a thread at a time


@dataclass(frozen=True)
class LogLinearFits:
    """Maximum-likelihood fits of several models to one table.

    Attributes
    ----------
    models : ndarray of bool, shape (models, 2**k)
        Terms of each model.
    unseen : ndarray of float, shape (models,)
        Estimated number on no list, exp α_∅.
    converged : ndarray of bool, shape (models,)
        By score and last step; existence is checked apart (`existence.check_model`).
    parameters : ndarray of int, shape (models,)
        Terms of the model, the constant and those at -inf included.
    log_likelihood : ndarray of float, shape (models,)
        Poisson log-likelihood of the observed cells.
    deviance, degrees_of_freedom : ndarray, shape (models,)
    coefficients : ndarray of float, shape (models, 2**k)
        -inf for a term with a zero margin, nan for one not in the model.
    """

    models: np.ndarray
    unseen: np.ndarray
    converged: np.ndarray
    parameters: np.ndarray
    log_likelihood: np.ndarray
    deviance: np.ndarray
    degrees_of_freedom: np.ndarray
    coefficients: np.ndarray

    def bic(self, sample_size: float) -> np.ndarray:
        """-2 log L + p log(sample size), shape (models,)."""
        return -2.0 * self.log_likelihood + self.parameters * np.log(sample_size)


@dataclass(frozen=True)
class Refits:
    """Fits of the best model to each of several tables.

    Attributes
    ----------
    unseen : ndarray of float, shape (tables,)
        nan where no model could be fitted.
    chosen : ndarray of int, shape (tables,)
        Index of the model chosen, -1 for none.
    """

    unseen: np.ndarray
    chosen: np.ndarray


def fit_log_linear(
    counts: np.ndarray, models: np.ndarray, possible: np.ndarray, *, workers: int | None = None
) -> LogLinearFits:
    """Fit every model to one table by extended maximum likelihood.

    A term whose margin is zero has its estimate at -inf: it is dropped with all cells above it,
    and still counts as a parameter (Chan, Silverman & Vincent 2021).

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
        People per history; entry 0 is not used.
    models : ndarray of bool, shape (models, 2**k)
    possible : ndarray of bool, shape (2**k,)
    workers : int, optional
        Threads; the number never changes a result.
    """
    from darkfigure.numerics.kernels import newton

    number = len(models)
    y = np.array(counts, dtype=float)
    unseen, value = np.empty(number), np.empty(number)
    status = np.empty(number, dtype=np.int8)
    coefficients = np.empty(models.shape)
    _in_parts(
        lambda a, b: newton.fit_models(
            y, possible, models, a, b, unseen, value, status, coefficients
        ),
        number,
        workers,
    )
    seen = y[1:][possible[1:]]
    saturated = (xlogy(seen, seen) - seen).sum()
    return LogLinearFits(
        models=models,
        unseen=unseen,
        converged=status == newton.CONVERGED,
        parameters=models.sum(axis=1),
        log_likelihood=value - gammaln(seen + 1.0).sum(),
        deviance=np.maximum(2.0 * (saturated - value), 0.0),
        degrees_of_freedom=_degrees_of_freedom(y, models, possible),
        coefficients=coefficients,
    )


def refit_log_linear(
    tables: np.ndarray,
    fits: LogLinearFits,
    possible: np.ndarray,
    penalty: np.ndarray,
    *,
    workers: int | None = None,
) -> Refits:
    """Fit the models to every table and choose by criterion in each, starting from `fits`.

    Parameters
    ----------
    tables : ndarray, shape (tables, 2**k)
    penalty : ndarray of float, shape (models,)
        Added to -2 Σ (y log μ − μ), for example p log n.
    """
    from darkfigure.numerics.kernels import newton

    unseen = np.empty(len(tables))
    chosen = np.empty(len(tables), dtype=np.int64)
    y = np.array(tables, dtype=float)
    _in_parts(
        lambda a, b: newton.refit_tables(
            y, possible, fits.models, fits.coefficients, penalty, a, b, unseen, chosen
        ),
        len(tables),
        workers,
        part=32,
    )
    return Refits(unseen, chosen)


@dataclass(frozen=True)
class Search:
    """A greedy search and how many models it looked at.

    Attributes
    ----------
    fits : LogLinearFits
        Every model visited.
    visited : int
    """

    fits: LogLinearFits
    visited: int


def downhill_search(
    counts: np.ndarray, possible: np.ndarray, order: int, sample_size: float
) -> Search:
    """From the independence model, move to the best neighbour while BIC falls."""
    k = len(counts).bit_length() - 1
    here = fit_log_linear(counts, main_effects(k)[None, :], possible)
    visited = [here]
    while True:
        around = fit_log_linear(counts, neighbours(here.models[0], order, possible), possible)
        visited.append(around)
        criterion = np.where(around.converged, around.bic(sample_size), np.inf)
        current = here.bic(sample_size)[0] if here.converged[0] else np.inf
        if len(criterion) == 0 or not criterion.min() < current - 1e-9:
            break
        here = _only(around, int(np.argmin(criterion)))
    together = _concatenate(visited)
    return Search(_distinct(together), len(together.models))


def _in_parts(task: object, total: int, workers: int | None, *, part: int = _PART) -> None:
    bounds = [(i, min(i + part, total)) for i in range(0, total, part)]
    threads = min(workers or os.cpu_count() or 1, len(bounds))
    if threads <= 1:
        for a, b in bounds:
            task(a, b)  # type: ignore[operator]
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda bound: task(*bound), bounds))  # type: ignore[operator]


def _degrees_of_freedom(y: np.ndarray, models: np.ndarray, possible: np.ndarray) -> np.ndarray:
    """Cells left less terms left, after terms with a zero margin took theirs with them."""
    size = len(y)
    inside = np.array(y)
    inside[0] = 0.0
    empty = superset_sums(inside) == 0
    cells = np.arange(size)
    gone = np.zeros(models.shape, dtype=bool)
    for term in cells[empty]:
        gone |= models[:, term : term + 1] & ((cells & term) == term)
    gone |= ~possible
    gone[:, 0] = True
    return (~gone).sum(axis=1) - (models & ~empty).sum(axis=1)


def _only(fits: LogLinearFits, index: int) -> LogLinearFits:
    return take(fits, np.array([index]))


def take(fits: LogLinearFits, index: np.ndarray) -> LogLinearFits:
    """The fits of chosen models, in the order given."""
    return LogLinearFits(**{name: getattr(fits, name)[index] for name in _FIELDS})


def _concatenate(parts: list[LogLinearFits]) -> LogLinearFits:
    return LogLinearFits(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS}
    )


def _distinct(fits: LogLinearFits) -> LogLinearFits:
    _, first = np.unique(fits.models, axis=0, return_index=True)
    return take(fits, np.sort(first))


_FIELDS = tuple(LogLinearFits.__dataclass_fields__)
