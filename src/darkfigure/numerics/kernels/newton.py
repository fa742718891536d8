"""Newton's method for hierarchical log-linear models, on the subset lattice, compiled.

With 0/1 coding the design matrix of a hierarchical model is the subset lattice, so it is never
formed: means are subset products of the exponentiated parameters, sufficient statistics are
superset sums of the counts, scores those of the residuals, and the information between two terms
is the superset sum of the means at their union. A step costs O(k 2**k) and one Cholesky
factorisation.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.lattice import (
    cholesky_solve,
    gather,
    subset_products,
    superset_sums,
)

CONVERGED = 0
FAILED = 1
_MAX_STEPS = 60
_SCORE_TOLERANCE = 1e-8
_STEP_TOLERANCE = 1e-6
_LARGEST_INTERACTION = 20.0
_LARGEST_EFFECT = 30.0


class Workspace(NamedTuple):
    """Arrays that one fit after another is done in, sizes 2**k and the most parameters."""

    terms: np.ndarray
    """Terms estimated, in the first places."""
    base: np.ndarray
    """Factors of all other terms: 1, or 0 where they take their cells with them."""
    beta: np.ndarray
    """Parameters of the terms estimated."""
    superset: np.ndarray
    """Superset sums of the means."""
    information: np.ndarray
    step: np.ndarray
    trial: np.ndarray
    spare: np.ndarray


@njit(cache=True, nogil=True)
def workspace(size, most):
    """Empty arrays for a lattice of a size and at most so many parameters."""
    return Workspace(
        np.empty(size, np.int64),
        np.empty(size),
        np.empty(most),
        np.empty(size),
        np.empty((most, most)),
        np.empty(most),
        np.empty(most),
        np.empty(size),
    )


@njit(cache=True, nogil=True)
def set_terms(margin, possible, model, work):
    """Tell the terms to be estimated from those that are not; return how many there are.

    A term with a zero margin, and a history that cannot be, has the factor 0, which takes every
    cell above it with it.
    """
    p = 0
    for term in range(model.shape[0]):
        work.base[term] = 1.0 if possible[term] else 0.0
        if model[term]:
            if margin[term] > 0:
                work.terms[p] = term
                p += 1
            else:
                work.base[term] = 0.0
    return p


@njit(cache=True, nogil=True)
def expect(margin, beta, p, whole, work):
    """Fill `work.superset` with the superset sums of the means; return Σ y log μ − μ.

    The unseen cell takes part where `whole` is set.
    """
    superset, terms = work.superset, work.terms
    superset[:] = work.base
    value = 0.0
    for i in range(p):
        superset[terms[i]] = np.exp(beta[i])
        value += beta[i] * margin[terms[i]]
    subset_products(superset)
    if not whole:
        superset[0] = 0.0
    superset_sums(superset)
    return value - superset[0]


@njit(cache=True, nogil=True)
def _cold_start(y, p, whole, work):
    """One weighted least-squares step from the observed counts."""
    weight, weighted = work.superset, work.spare
    weight[:] = work.base
    subset_products(weight)
    if not whole:
        weight[0] = 0.0
    for cell in range(y.shape[0]):
        weight[cell] *= y[cell] + 0.5
        weighted[cell] = weight[cell] * np.log(weight[cell]) if weight[cell] > 0.0 else 0.0
    superset_sums(weight)
    superset_sums(weighted)
    gather(weight, work.terms, p, work.information)
    for i in range(p):
        work.beta[i] = weighted[work.terms[i]]
    return cholesky_solve(work.information, work.beta, p)


@njit(cache=True, nogil=True)
def fit(y, margin, p, warm, whole, work):
    """Newton steps with halving; return (status, Σ y log μ − μ).

    Parameters
    ----------
    y : ndarray of float, shape (2**k,)
    margin : ndarray of float, shape (2**k,)
        Its superset sums, without the unseen cell unless `whole` is set.
    p : int
        Terms estimated, as `set_terms` left them.
    warm : bool
        Whether `work.beta` holds parameters to start from.
    whole : bool
        Whether the unseen cell takes part.
    work : Workspace
        Left with the parameters and the superset sums of the means.
    """
    terms, beta, step, trial = work.terms, work.beta, work.step, work.trial
    if not warm and not _cold_start(y, p, whole, work):
        return FAILED, -np.inf
    current = expect(margin, beta, p, whole, work)
    if not np.isfinite(current):
        return FAILED, -np.inf
    last_step = np.inf
    for _ in range(_MAX_STEPS):
        worst = 0.0
        for i in range(p):
            step[i] = margin[terms[i]] - work.superset[terms[i]]
            worst = max(worst, abs(step[i]) / np.sqrt(margin[terms[i]]))
        if worst < _SCORE_TOLERANCE and last_step < _STEP_TOLERANCE:
            return CONVERGED, current
        gather(work.superset, terms, p, work.information)
        if not cholesky_solve(work.information, step, p):
            return FAILED, current
        scale = 1.0
        for _ in range(30):
            for i in range(p):
                trial[i] = beta[i] + scale * step[i]
            value = expect(margin, trial, p, whole, work)
            if value >= current - 1e-9 * (1.0 + abs(current)):
                break
            scale *= 0.5
        else:
            return FAILED, current
        last_step = 0.0
        for i in range(p):
            last_step = max(last_step, abs(trial[i] - beta[i]))
            beta[i] = trial[i]
            limit = _LARGEST_INTERACTION if terms[i] & (terms[i] - 1) else _LARGEST_EFFECT
            if abs(beta[i]) > limit:
                return FAILED, value
        current = value
    return FAILED, current


@njit(cache=True, nogil=True)
def fit_models(y, possible, models, first, last, unseen, log_likelihood, status, parameters):
    """Fit models[first:last] to one table, writing into the last four arrays.

    Parameters
    ----------
    y : ndarray of float, shape (2**k,)
        Counts; entry 0 is not used.
    possible : ndarray of bool, shape (2**k,)
        False for structural zeros.
    models : ndarray of bool, shape (models, 2**k)
        Terms of each model, the empty term included.
    unseen : ndarray of float, shape (models,)
    log_likelihood : ndarray of float, shape (models,)
        Σ y log μ − μ.
    status : ndarray of int8, shape (models,)
    parameters : ndarray of float, shape (models, 2**k)
        Estimates by term; -inf for a term with a zero margin, nan for one not in the model.
    """
    size = y.shape[0]
    most = 1
    for m in range(first, last):
        most = max(most, models[m].sum())
    margin = y.copy()
    margin[0] = 0.0
    superset_sums(margin)
    work = workspace(size, most)
    beta, terms = work.beta, work.terms
    for m in range(first, last):
        p = set_terms(margin, possible, models[m], work)
        status[m], log_likelihood[m] = fit(y, margin, p, False, False, work)
        unseen[m] = np.exp(beta[0])
        for term in range(size):
            parameters[m, term] = -np.inf if models[m, term] else np.nan
        for i in range(p):
            parameters[m, terms[i]] = beta[i]


@njit(cache=True, nogil=True)
def profile_unseen(y, possible, model, start, unseen, log_likelihood):
    """Fit one model with the number unseen given, at each of several numbers.

    Parameters
    ----------
    y : ndarray of float, shape (2**k,)
    start : ndarray of float, shape (2**k,)
        Parameters at the maximum.
    unseen : ndarray of float, shape (points,)
        In an order in which neighbours are close.
    log_likelihood : ndarray of float, shape (points,)
        Written: Σ y log μ over all cells, the unseen one included; nan where the fit failed.
    """
    work = workspace(y.shape[0], model.sum())
    kept = np.empty(model.sum())
    complete = y.copy()
    complete[0] = 0.0
    seen = complete.sum()
    observed = complete.copy()
    superset_sums(observed)
    p = set_terms(observed, possible, model, work)
    for i in range(p):
        kept[i] = start[work.terms[i]]
    for point in range(unseen.shape[0]):
        complete[0] = unseen[point]
        margin = observed.copy()
        margin[0] = seen + unseen[point]
        work.beta[:] = kept
        state, value = fit(complete, margin, p, True, True, work)
        if state != CONVERGED:
            state, value = fit(complete, margin, p, False, True, work)
        if state == CONVERGED:
            kept[:] = work.beta
            log_likelihood[point] = value + margin[0]
        else:
            log_likelihood[point] = np.nan


@njit(cache=True, nogil=True)
def unseen_variance(y, possible, model, parameters):
    """Variance of the log of the estimated unseen, from the inverse information."""
    work, right = workspace(y.shape[0], model.sum()), np.zeros(model.sum())
    margin = y.copy()
    margin[0] = 0.0
    superset_sums(margin)
    p = set_terms(margin, possible, model, work)
    for i in range(p):
        work.beta[i] = parameters[work.terms[i]]
    expect(margin, work.beta, p, False, work)
    gather(work.superset, work.terms, p, work.information)
    right[0] = 1.0
    if not cholesky_solve(work.information, right, p):
        return np.inf
    return right[0]
