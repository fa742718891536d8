"""Newton's method for hierarchical log-linear models, on the subset lattice, compiled.

With 0/1 coding the design matrix of a hierarchical model is the subset lattice, so it is never
formed: linear predictors are subset sums of the parameters, scores are superset sums of the
residuals, and the information between two terms is the superset sum of the means at their union.
A step costs O(k 2**k) and one Cholesky factorisation.
"""

import numpy as np
from numba import njit

CONVERGED = 0
FAILED = 1
_MAX_STEPS = 60
_SCORE_TOLERANCE = 1e-8
_STEP_TOLERANCE = 1e-6
_LARGEST_INTERACTION = 20.0
_LARGEST_EFFECT = 30.0
_SMALLEST_PIVOT = 1e-11


@njit(cache=True, nogil=True)
def _subset_sums(values):
    size = values.shape[0]
    step = 1
    while step < size:
        for start in range(0, size, 2 * step):
            for i in range(start, start + step):
                values[i + step] += values[i]
        step *= 2


@njit(cache=True, nogil=True)
def _superset_sums(values):
    size = values.shape[0]
    step = 1
    while step < size:
        for start in range(0, size, 2 * step):
            for i in range(start, start + step):
                values[i] += values[i + step]
        step *= 2


@njit(cache=True, nogil=True)
def _cholesky_solve(matrix, right, p):
    """Solve in place; False where the matrix is singular to working precision."""
    for j in range(p):
        diagonal = matrix[j, j]
        pivot = diagonal
        for i in range(j):
            pivot -= matrix[j, i] * matrix[j, i]
        if not pivot > _SMALLEST_PIVOT * diagonal:
            return False
        root = np.sqrt(pivot)
        matrix[j, j] = root
        for row in range(j + 1, p):
            value = matrix[row, j]
            for i in range(j):
                value -= matrix[row, i] * matrix[j, i]
            matrix[row, j] = value / root
    for i in range(p):
        value = right[i]
        for j in range(i):
            value -= matrix[i, j] * right[j]
        right[i] = value / matrix[i, i]
    for i in range(p - 1, -1, -1):
        value = right[i]
        for j in range(i + 1, p):
            value -= matrix[j, i] * right[j]
        right[i] = value / matrix[i, i]
    return True


@njit(cache=True, nogil=True)
def _gather(superset, terms, p, information):
    for i in range(p):
        for j in range(i + 1):
            information[i, j] = superset[terms[i] | terms[j]]


@njit(cache=True, nogil=True)
def _likelihood(y, active, terms, beta, p, eta, mu):
    """Fill eta and mu; return Σ y log μ − μ over the active cells."""
    eta[:] = 0.0
    for i in range(p):
        eta[terms[i]] = beta[i]
    _subset_sums(eta)
    value = 0.0
    for cell in range(y.shape[0]):
        if active[cell]:
            mu[cell] = np.exp(eta[cell])
            value += y[cell] * eta[cell] - mu[cell]
        else:
            mu[cell] = 0.0
    return value


@njit(cache=True, nogil=True)
def _set_active(y_margin, possible, model, active, terms):
    """Drop terms with a zero margin, with every cell above them; return the terms left."""
    size = model.shape[0]
    for cell in range(size):
        active[cell] = possible[cell] and cell != 0
    p = 0
    for term in range(size):
        if model[term]:
            if y_margin[term] > 0:
                terms[p] = term
                p += 1
            else:
                for cell in range(size):
                    if cell & term == term:
                        active[cell] = False
    return p


@njit(cache=True, nogil=True)
def _cold_start(y, active, terms, p, beta, eta, mu, information):
    """One weighted least-squares step from the observed counts."""
    for cell in range(y.shape[0]):
        if active[cell]:
            weight = y[cell] + 0.5
            mu[cell] = weight
            eta[cell] = weight * np.log(weight)
        else:
            mu[cell] = 0.0
            eta[cell] = 0.0
    _superset_sums(mu)
    _superset_sums(eta)
    _gather(mu, terms, p, information)
    for i in range(p):
        beta[i] = eta[terms[i]]
    return _cholesky_solve(information, beta, p)


@njit(cache=True, nogil=True)
def _fit(y, y_margin, active, terms, p, beta, warm, work_eta, work_mu, information, step, trial):
    """Newton steps with halving; return (status, Σ y log μ − μ)."""
    if not warm and not _cold_start(y, active, terms, p, beta, work_eta, work_mu, information):
        return FAILED, -np.inf
    current = _likelihood(y, active, terms, beta, p, work_eta, work_mu)
    if not np.isfinite(current):
        return FAILED, -np.inf
    last_step = np.inf
    for _ in range(_MAX_STEPS):
        for cell in range(y.shape[0]):
            work_eta[cell] = y[cell] - work_mu[cell] if active[cell] else 0.0
        _superset_sums(work_eta)
        worst = 0.0
        for i in range(p):
            step[i] = work_eta[terms[i]]
            worst = max(worst, abs(step[i]) / np.sqrt(y_margin[terms[i]]))
        if worst < _SCORE_TOLERANCE and last_step < _STEP_TOLERANCE:
            return CONVERGED, current
        _superset_sums(work_mu)
        _gather(work_mu, terms, p, information)
        if not _cholesky_solve(information, step, p):
            return FAILED, current
        scale = 1.0
        for _ in range(30):
            for i in range(p):
                trial[i] = beta[i] + scale * step[i]
            value = _likelihood(y, active, terms, trial, p, work_eta, work_mu)
            if value >= current - 1e-9 * (1.0 + abs(current)):
                break
            scale *= 0.5
        else:
            return FAILED, current
        last_step = 0.0
        for i in range(p):
            last_step = max(last_step, abs(trial[i] - beta[i]))
            beta[i] = trial[i]
            size = terms[i]
            limit = _LARGEST_EFFECT if size & (size - 1) == 0 else _LARGEST_INTERACTION
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
    _superset_sums(margin)
    active = np.empty(size, np.bool_)
    terms = np.empty(size, np.int64)
    beta, step, trial = np.empty(most), np.empty(most), np.empty(most)
    eta, mu = np.empty(size), np.empty(size)
    information = np.empty((most, most))
    for m in range(first, last):
        p = _set_active(margin, possible, models[m], active, terms)
        status[m], log_likelihood[m] = _fit(
            y, margin, active, terms, p, beta, False, eta, mu, information, step, trial
        )
        unseen[m] = np.exp(beta[0])
        for term in range(size):
            parameters[m, term] = -np.inf if models[m, term] else np.nan
        for i in range(p):
            parameters[m, terms[i]] = beta[i]


@njit(cache=True, nogil=True)
def refit_tables(tables, possible, models, starts, first, last, unseen, log_likelihood):
    """Fit every model to each of tables[first:last], starting from parameters given.

    Parameters
    ----------
    tables : ndarray of float, shape (tables, 2**k)
    models : ndarray of bool, shape (models, 2**k)
    starts : ndarray of float, shape (models, 2**k)
        Parameters to start from (not finite: start afresh).
    unseen, log_likelihood : ndarray of float, shape (tables, models)
        Written; nan where the model could not be fitted.
    """
    size = tables.shape[1]
    most = 1
    for m in range(models.shape[0]):
        most = max(most, models[m].sum())
    active = np.empty(size, np.bool_)
    terms = np.empty(size, np.int64)
    beta, step, trial = np.empty(most), np.empty(most), np.empty(most)
    eta, mu = np.empty(size), np.empty(size)
    information = np.empty((most, most))
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        _superset_sums(margin)
        for m in range(models.shape[0]):
            p = _set_active(margin, possible, models[m], active, terms)
            warm = True
            for i in range(p):
                beta[i] = starts[m, terms[i]]
                warm = warm and np.isfinite(beta[i])
            state, value = _fit(
                y, margin, active, terms, p, beta, warm, eta, mu, information, step, trial
            )
            if state != CONVERGED and warm:
                state, value = _fit(
                    y, margin, active, terms, p, beta, False, eta, mu, information, step, trial
                )
            unseen[t, m] = np.exp(beta[0]) if state == CONVERGED else np.nan
            log_likelihood[t, m] = value if state == CONVERGED else np.nan


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
    size = y.shape[0]
    active = np.empty(size, np.bool_)
    terms = np.empty(size, np.int64)
    most = model.sum()
    beta, step, trial, kept = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    eta, mu = np.empty(size), np.empty(size)
    information = np.empty((most, most))
    complete = y.copy()
    complete[0] = 0.0
    seen = complete.sum()
    observed = complete.copy()
    _superset_sums(observed)
    p = _set_active(observed, possible, model, active, terms)
    active[0] = True
    for i in range(p):
        kept[i] = start[terms[i]]
    for point in range(unseen.shape[0]):
        complete[0] = unseen[point]
        margin = observed.copy()
        margin[0] = seen + unseen[point]
        beta[:] = kept
        state, value = _fit(
            complete, margin, active, terms, p, beta, True, eta, mu, information, step, trial
        )
        if state != CONVERGED:
            state, value = _fit(
                complete, margin, active, terms, p, beta, False, eta, mu, information, step, trial
            )
        if state == CONVERGED:
            kept[:] = beta
            log_likelihood[point] = value + margin[0]
        else:
            log_likelihood[point] = np.nan


@njit(cache=True, nogil=True)
def unseen_variance(y, possible, model, parameters):
    """Variance of the log of the estimated unseen, from the inverse information."""
    size = y.shape[0]
    active = np.empty(size, np.bool_)
    terms = np.empty(size, np.int64)
    most = model.sum()
    beta, right = np.empty(most), np.zeros(most)
    eta, mu = np.empty(size), np.empty(size)
    information = np.empty((most, most))
    margin = y.copy()
    margin[0] = 0.0
    _superset_sums(margin)
    p = _set_active(margin, possible, model, active, terms)
    for i in range(p):
        beta[i] = parameters[terms[i]]
    _likelihood(y, active, terms, beta, p, eta, mu)
    _superset_sums(mu)
    _gather(mu, terms, p, information)
    right[0] = 1.0
    if not _cholesky_solve(information, right, p):
        return np.inf
    return right[0]
