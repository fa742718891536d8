"""Stepwise and downhill selection of a log-linear model, repeated for many tables, compiled."""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.lattice import superset_sums
from darkfigure.numerics.kernels.newton import CONVERGED, expect, fit, set_terms, workspace
from darkfigure.numerics.kernels.prospects import may_change


@njit(cache=True, nogil=True)
def _poisson_tail(count, mean):
    """min{P(X <= count), P(X >= count)} for X ~ Poisson(mean)."""
    if mean <= 0.0:
        return 1.0 if count == 0 else 0.0
    at = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1.0))
    below, term, x = at, at, count
    while x > 0 and term > 1e-17 * below:
        term *= x / mean
        below += term
        x -= 1.0
    above, term, x = at, at, count
    while term > 1e-17 * above:
        x += 1.0
        term *= mean / x
        above += term
        if x > mean and term == 0.0:
            break
    return min(below, above, 1.0)


@njit(cache=True, nogil=True)
def _start_from(by_term, p, work):
    """Parameters of the current model carried over; a new term starts at 0."""
    for i in range(p):
        value = by_term[work.terms[i]]
        work.beta[i] = value if np.isfinite(value) else 0.0


@njit(cache=True, nogil=True)
def _keep(by_term, p, work):
    """Parameters written by term, nan for terms that have none."""
    by_term[:] = np.nan
    for i in range(p):
        by_term[work.terms[i]] = work.beta[i]


@njit(cache=True, nogil=True)
def _fit_model(y, margin, possible, model, by_term, work):
    """Fit one model, first from the current parameters, then afresh.

    Returns (status, Σ y log μ − μ, terms estimated).
    """
    p = set_terms(margin, possible, model, work)
    _start_from(by_term, p, work)
    status, value = fit(y, margin, p, True, False, work)
    if status != CONVERGED:
        status, value = fit(y, margin, p, False, False, work)
    return status, value, p


@njit(cache=True, nogil=True)
def _independence(model, k):
    """Leave the main effects in a model, and nothing else."""
    model[:] = False
    model[0] = True
    for j in range(k):
        model[1 << j] = True


@njit(cache=True, nogil=True)
def stepwise_tables(tables, possible, pairs, threshold, first, last, unseen, models, added_pairs):
    """From main effects, add the pair with the smallest Poisson tail while below a threshold.

    Parameters
    ----------
    tables : ndarray of float, shape (tables, 2**k)
    possible : ndarray of bool, shape (2**k,)
    pairs : ndarray of int64, shape (pairs,)
        Interactions that may be added.
    threshold : float
    unseen : ndarray of float, shape (tables,)
        Written; nan where not even the independence model could be fitted.
    models : ndarray of bool, shape (tables, 2**k)
        Written: the model chosen.
    added_pairs : ndarray of int64, shape (tables, pairs)
        Written: the pairs in the order in which they were added, then zeros.
    """
    size = tables.shape[1]
    k = 0
    while (1 << k) < size:
        k += 1
    work = workspace(size, 1 + k + len(pairs))
    by_term = np.empty(size)
    tails = np.empty(len(pairs))
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        superset_sums(margin)
        model = models[t]
        _independence(model, k)
        p = set_terms(margin, possible, model, work)
        status, _ = fit(y, margin, p, False, False, work)
        if status != CONVERGED:
            unseen[t] = np.nan
            continue
        _keep(by_term, p, work)
        added_pairs[t] = 0
        steps = 0
        while True:
            p = set_terms(margin, possible, model, work)
            _start_from(by_term, p, work)
            expect(margin, work.beta, p, False, work)
            for i in range(len(pairs)):
                tails[i] = 2.0
                if not model[pairs[i]]:
                    tails[i] = _poisson_tail(margin[pairs[i]], work.superset[pairs[i]])
            added = False
            while True:
                best = int(np.argmin(tails))
                if tails[best] >= threshold:
                    break
                model[pairs[best]] = True
                status, _, p = _fit_model(y, margin, possible, model, by_term, work)
                if status == CONVERGED:
                    _keep(by_term, p, work)
                    added = True
                    added_pairs[t, steps] = pairs[best]
                    steps += 1
                    break
                model[pairs[best]] = False
                tails[best] = 2.0
            if not added:
                break
        unseen[t] = np.exp(by_term[0])


@njit(cache=True, nogil=True)
def downhill_tables(tables, possible, allowed, penalty, first, last, unseen, models):
    """From main effects, move to the best neighbour while the criterion falls.

    Parameters
    ----------
    allowed : ndarray of int64, shape (terms,)
        Interactions that may be in a model.
    penalty : ndarray of float, shape (most parameters + 1,)
        Added to -2 log L for each number of parameters.
    unseen, models : written, as in `stepwise_tables`
    """
    size = tables.shape[1]
    k = 0
    while (1 << k) < size:
        k += 1
    work = workspace(size, 1 + k + len(allowed))
    by_term, best_by_term = np.empty(size), np.empty(size)
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        superset_sums(margin)
        model = models[t]
        _independence(model, k)
        parameters = 1 + k
        by_term[:] = np.nan
        p = set_terms(margin, possible, model, work)
        status, value = fit(y, margin, p, False, False, work)
        current = np.inf
        unseen[t] = np.nan
        if status == CONVERGED:
            current = penalty[parameters] - 2.0 * value
            unseen[t] = np.exp(work.beta[0])
            _keep(by_term, p, work)
        while True:
            best, best_term = current - 1e-9, -1
            for i in range(len(allowed)):
                term = allowed[i]
                if not may_change(model, term):
                    continue
                count = parameters - 1 if model[term] else parameters + 1
                model[term] = not model[term]
                status, value, p = _fit_model(y, margin, possible, model, by_term, work)
                model[term] = not model[term]
                if status == CONVERGED and penalty[count] - 2.0 * value < best:
                    best, best_term = penalty[count] - 2.0 * value, term
                    _keep(best_by_term, p, work)
            if best_term < 0:
                break
            parameters += -1 if model[best_term] else 1
            model[best_term] = not model[best_term]
            by_term[:] = best_by_term
            current = best
            unseen[t] = np.exp(by_term[0])
