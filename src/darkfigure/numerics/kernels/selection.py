"""Stepwise and downhill selection of a log-linear model, repeated for many tables, compiled."""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.newton import (
    CONVERGED,
    _fit,
    _set_active,
    _subset_sums,
    _superset_sums,
)


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
def _start_from(beta_by_term, terms, p, beta):
    """Parameters of the current model carried over; a new term starts at 0."""
    for i in range(p):
        value = beta_by_term[terms[i]]
        beta[i] = value if np.isfinite(value) else 0.0


@njit(cache=True, nogil=True)
def _fit_model(
    y, margin, possible, model, active, terms, beta_by_term, beta, eta, mu, information, step, trial
):
    """Fit one model, first from the current parameters, then afresh; write them by term."""
    p = _set_active(margin, possible, model, active, terms)
    _start_from(beta_by_term, terms, p, beta)
    status, value = _fit(y, margin, active, terms, p, beta, True, eta, mu, information, step, trial)
    if status != CONVERGED:
        status, value = _fit(
            y, margin, active, terms, p, beta, False, eta, mu, information, step, trial
        )
    return status, value, p


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
    most = 1 + k + len(pairs)
    active, terms = np.empty(size, np.bool_), np.empty(size, np.int64)
    beta, step, trial = np.empty(most), np.empty(most), np.empty(most)
    eta, mu, fitted = np.empty(size), np.empty(size), np.empty(size)
    information = np.empty((most, most))
    by_term, kept = np.empty(size), np.empty(size)
    tails = np.empty(len(pairs))
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        _superset_sums(margin)
        model = models[t]
        model[:] = False
        model[0] = True
        for j in range(k):
            model[1 << j] = True
        by_term[:] = np.nan
        p = _set_active(margin, possible, model, active, terms)
        status, _ = _fit(
            y, margin, active, terms, p, beta, False, eta, mu, information, step, trial
        )
        if status != CONVERGED:
            unseen[t] = np.nan
            continue
        for i in range(p):
            by_term[terms[i]] = beta[i]
        added_pairs[t] = 0
        steps = 0
        while True:
            _set_active(margin, possible, model, active, terms)
            _means(by_term, model, active, eta, fitted)
            _superset_sums(fitted)
            for i in range(len(pairs)):
                tails[i] = 2.0
                if not model[pairs[i]]:
                    tails[i] = _poisson_tail(margin[pairs[i]], fitted[pairs[i]])
            added = False
            while True:
                best = int(np.argmin(tails))
                if tails[best] >= threshold:
                    break
                model[pairs[best]] = True
                kept[:] = by_term
                status, _, p = _fit_model(
                    y,
                    margin,
                    possible,
                    model,
                    active,
                    terms,
                    kept,
                    beta,
                    eta,
                    mu,
                    information,
                    step,
                    trial,
                )
                if status == CONVERGED:
                    by_term[:] = np.nan
                    for i in range(p):
                        by_term[terms[i]] = beta[i]
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
def _means(by_term, model, active, eta, mu):
    """Expected counts of the active cells under the current parameters."""
    size = model.shape[0]
    for term in range(size):
        value = by_term[term]
        eta[term] = value if model[term] and np.isfinite(value) else 0.0
    _subset_sums(eta)
    for cell in range(size):
        mu[cell] = np.exp(eta[cell]) if active[cell] else 0.0


@njit(cache=True, nogil=True)
def _may_change(model, term):
    """Whether adding or dropping a term leaves the model hierarchical."""
    if model[term]:
        for other in range(term + 1, model.shape[0]):
            if model[other] and other & term == term:
                return False
        return True
    bit = 1
    while bit <= term:
        if term & bit and not model[term ^ bit]:
            return False
        bit <<= 1
    return True


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
    most = 1 + k + len(allowed)
    active, terms = np.empty(size, np.bool_), np.empty(size, np.int64)
    beta, step, trial = np.empty(most), np.empty(most), np.empty(most)
    eta, mu = np.empty(size), np.empty(size)
    information = np.empty((most, most))
    by_term, best_by_term = np.empty(size), np.empty(size)
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        _superset_sums(margin)
        model = models[t]
        model[:] = False
        model[0] = True
        for j in range(k):
            model[1 << j] = True
        parameters = 1 + k
        by_term[:] = np.nan
        p = _set_active(margin, possible, model, active, terms)
        status, value = _fit(
            y, margin, active, terms, p, beta, False, eta, mu, information, step, trial
        )
        current = np.inf
        unseen[t] = np.nan
        if status == CONVERGED:
            current = penalty[parameters] - 2.0 * value
            unseen[t] = np.exp(beta[0])
            for i in range(p):
                by_term[terms[i]] = beta[i]
        while True:
            best, best_term = current - 1e-9, -1
            for i in range(len(allowed)):
                term = allowed[i]
                if not _may_change(model, term):
                    continue
                count = parameters - 1 if model[term] else parameters + 1
                model[term] = not model[term]
                status, value, p = _fit_model(
                    y,
                    margin,
                    possible,
                    model,
                    active,
                    terms,
                    by_term,
                    beta,
                    eta,
                    mu,
                    information,
                    step,
                    trial,
                )
                model[term] = not model[term]
                if status == CONVERGED and penalty[count] - 2.0 * value < best:
                    best, best_term = penalty[count] - 2.0 * value, term
                    best_by_term[:] = np.nan
                    for j in range(p):
                        best_by_term[terms[j]] = beta[j]
            if best_term < 0:
                break
            parameters += -1 if model[best_term] else 1
            model[best_term] = not model[best_term]
            by_term[:] = best_by_term
            current = best
            unseen[t] = np.exp(by_term[0])
