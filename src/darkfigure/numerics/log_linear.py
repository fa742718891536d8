"""Maximum likelihood for many hierarchical log-linear models and many tables at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.kernels import newton_kernels, prospects_kernels, refit_kernels
from darkfigure.numerics.lattice import subset_any, superset_sums

_PART, _SMALL_PART = 512, 32  # models handed to a thread at a time, of small and large tables
_SMALL = 128  # cells


@dataclass(frozen=True)
class Solutions:
    """What Newton's method finds for several models.

    Attributes
    ----------
    models : ndarray of bool, shape (models, 2**k)
    unseen : ndarray of float, shape (models,)
    value : ndarray of float, shape (models,)
        Σ y log μ − μ.
    converged : ndarray of bool, shape (models,)
    coefficients : ndarray of float, shape (models, 2**k)
    """

    models: np.ndarray
    unseen: np.ndarray
    value: np.ndarray
    converged: np.ndarray
    coefficients: np.ndarray


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

    def criterion(self, name: str, sample_size: float) -> np.ndarray:
        """-2 log L plus penalty; inf where the fit did not converge, shape (models,)."""
        value = -2.0 * self.log_likelihood + penalty(name, self.parameters, sample_size)
        return np.where(self.converged, value, np.inf)


@dataclass(frozen=True)
class Refits:
    """Fits of several models to each of several tables.

    Attributes
    ----------
    unseen : ndarray of float, shape (tables, models)
        nan where the model could not be fitted.
    log_likelihood : ndarray of float, shape (tables, models)
        Σ y log μ − μ.
    """

    unseen: np.ndarray
    log_likelihood: np.ndarray


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
    y = np.array(counts, dtype=float)
    return describe(solve(y, models, possible, workers=workers), y, possible)


def solve(
    y: np.ndarray, models: np.ndarray, possible: np.ndarray, *, workers: int | None = None
) -> Solutions:
    """What Newton's method finds, without the measures of fit: the quick part of a fit."""
    newton = newton_kernels()
    number = len(models)
    unseen, value = np.empty(number), np.empty(number)
    status = np.empty(number, dtype=np.int8)
    coefficients = np.empty(models.shape)
    in_parts(
        lambda a, b: newton.fit_models(
            y, possible, models, a, b, unseen, value, status, coefficients
        ),
        number,
        workers,
        part=_PART if len(y) <= _SMALL else _SMALL_PART,
    )
    return Solutions(models, unseen, value, status == newton.CONVERGED, coefficients)


def describe(found: Solutions, y: np.ndarray, possible: np.ndarray) -> LogLinearFits:
    """Solutions with their log-likelihood, deviance and degrees of freedom."""
    seen = y[1:][possible[1:]]
    return LogLinearFits(
        models=found.models,
        unseen=found.unseen,
        converged=found.converged,
        parameters=found.models.sum(axis=1),
        log_likelihood=found.value - gammaln(seen + 1.0).sum(),
        deviance=np.maximum(2.0 * (saturated(y, possible) - found.value), 0.0),
        degrees_of_freedom=_degrees_of_freedom(y, found.models, possible),
        coefficients=found.coefficients,
    )


def refit_log_linear(
    tables: np.ndarray,
    models: np.ndarray,
    starts: np.ndarray,
    possible: np.ndarray,
    *,
    workers: int | None = None,
) -> Refits:
    """Fit every model to every table, starting from the parameters given.

    Parameters
    ----------
    tables : ndarray, shape (tables, 2**k)
    models : ndarray of bool, shape (models, 2**k)
    starts : ndarray of float, shape (models, 2**k)
        Coefficients to start from, by term.
    possible : ndarray of bool, shape (2**k,)
    """
    kernels = refit_kernels()
    y = np.array(tables, dtype=float)
    unseen = np.empty((len(y), len(models)))
    log_likelihood = np.empty((len(y), len(models)))
    in_parts(
        lambda a, b: kernels.refit_tables(
            y, possible, models, starts, a, b, unseen, log_likelihood
        ),
        len(y),
        workers,
        part=16,
    )
    return Refits(unseen, log_likelihood)


def deviance_changes(
    y: np.ndarray,
    models: np.ndarray,
    coefficients: np.ndarray,
    possible: np.ndarray,
    allowed: np.ndarray,
    *,
    workers: int | None = None,
) -> np.ndarray:
    """What each interaction more or less would add to the deviance, about, without a fit.

    Parameters
    ----------
    models : ndarray of bool, shape (models, 2**k)
    coefficients : ndarray of float, shape (models, 2**k)
        Their estimates.
    allowed : ndarray of int64, shape (terms,)
        Interactions dropped where a model holds them, added where it does not.

    Returns
    -------
    ndarray of float, shape (models, terms)
        nan where the change leaves no hierarchical model, inf where the data do not tell the new
        term from the others.
    """
    changes = np.empty((len(models), len(allowed)))
    kernels = prospects_kernels()
    in_parts(
        lambda a, b: kernels.deviance_changes(
            y, possible, models, coefficients, allowed, a, b, changes
        ),
        len(models),
        workers,
        part=8,
    )
    return changes


def saturated(counts: np.ndarray, possible: np.ndarray) -> np.ndarray:
    """Σ y log y − y over the observable cells, along the last axis."""
    seen = np.asarray(counts, dtype=float)[..., 1:][..., possible[1:]]
    return (xlogy(seen, seen) - seen).sum(axis=-1)


def fitted_means(coefficients: np.ndarray) -> np.ndarray:
    """Expected counts of all cells of one model, the unseen one first, shape (2**k,)."""
    terms = np.where(np.isnan(coefficients), 0.0, coefficients)
    gone = np.isneginf(terms)
    cells = np.arange(len(terms))
    sums = np.where(gone, 0.0, terms)
    for bit in range(len(terms).bit_length() - 1):
        on = (cells >> bit) & 1 == 1
        sums[on] += sums[cells[on] ^ (1 << bit)]
    mean = np.exp(sums)
    for term in cells[gone]:
        mean[(cells & term) == term] = 0.0
    return mean


def in_parts(task: object, total: int, workers: int | None, *, part: int = _PART) -> None:
    """Run task(first, last) over parts of a range, on threads: kernels let go of the lock."""
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
    inside = np.array(y)
    inside[0] = 0.0
    empty = superset_sums(inside) == 0
    gone = subset_any(models & empty) | ~possible
    gone[:, 0] = True
    return (~gone).sum(axis=1) - (models & ~empty).sum(axis=1)


def take(fits: LogLinearFits, index: np.ndarray) -> LogLinearFits:
    """The fits of chosen models, in the order given."""
    return LogLinearFits(**{name: getattr(fits, name)[index] for name in _FIELDS})


def concatenate(parts: list[Solutions]) -> Solutions:
    """Solutions for several sets of models as one."""
    names = Solutions.__dataclass_fields__
    return Solutions(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


_FIELDS = tuple(LogLinearFits.__dataclass_fields__)
