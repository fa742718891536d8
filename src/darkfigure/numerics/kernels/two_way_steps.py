"""Stepwise selection of two-way terms, in both directions, compiled."""

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.step_order import GAIN, in_promising_order, is_hopeless, price_of
from darkfigure.numerics.kernels.two_way import (
    CONVERGED,
    FAILED,
    backward,
    columns_of,
    factorise,
    fit,
    forward,
    likelihood_pass,
    living,
    zero_margins,
)
from darkfigure.numerics.kernels.two_way_models import fit_fully, starts, take_columns


@njit(cache=True, nogil=True)
def _terms_with(model, changed):
    """Terms of a model with one of them added or taken out (-1: neither), in order."""
    number = 0
    for t in range(model.shape[0]):
        number += model[t] != (t == changed)
    terms = np.empty(number, np.int64)
    number = 0
    for t in range(model.shape[0]):
        if model[t] != (t == changed):
            terms[number] = t
            number += 1
    return terms


@njit(cache=True, nogil=True)
def _solved_quadratic(matrix, vector, q):
    """Quadratic form of a vector in the inverse of a matrix, both of which are changed."""
    factorise(matrix, q)
    forward(matrix, vector, q)
    total = 0.0
    for d in range(q):
        total += vector[d] * vector[d]
    return total


@njit(cache=True, nogil=True)
def _score_tests(
    y, model, allowed, alive, any_dead, terms, start, size, offset, arrays, mu, factor, p, statistic
):
    """Score statistic of every term that may be added; inf where its zero margins change cells."""
    within, width, scored, scores, observable = arrays
    columns = offset[-1] + size[-1]
    gradient, own = np.zeros(columns), np.zeros((columns, size.max()))
    cross = np.zeros((columns, p))
    most = terms.shape[0] * max(1, scores.shape[1])
    place, value = np.empty(most, np.int64), np.empty(most)
    added = np.flatnonzero(allowed & ~model)
    for i in range(observable):
        if not alive[i]:
            continue
        number = columns_of(i, terms, start, within, width, scored, scores, place, value)
        for t in added:
            first = within[i, t]
            if first < 0:
                continue
            for d in range(width[t]):
                mine = scores[i, d] if scored[t] else 1.0
                at = offset[t] + first + d
                gradient[at] += (y[i] - mu[i]) * mine
                weight = mu[i] * mine
                row = cross[at]
                for a in range(number):
                    row[place[a]] += weight * value[a]
                for e in range(width[t]):
                    own[at, first + e] += weight * (scores[i, e] if scored[t] else 1.0)
    for t in added:
        if any_dead[t]:
            statistic[t] = np.inf
            continue
        q = size[t]
        schur = np.empty((q, q))
        for d in range(q):
            forward(factor, cross[offset[t] + d], p)
            for e in range(d + 1):
                inner = 0.0
                for j in range(p):
                    inner += cross[offset[t] + d, j] * cross[offset[t] + e, j]
                schur[d, e] = own[offset[t] + d, e] - inner
                schur[e, d] = schur[d, e]
        statistic[t] = _solved_quadratic(schur, gradient[offset[t] : offset[t] + q].copy(), q)


@njit(cache=True, nogil=True)
def _wald_tests(allowed, any_dead, terms, start, size, beta, factor, p, statistic):
    """Wald statistic of every term that may be taken out; 0 where its zero margins free cells."""
    covariance = np.zeros((p, p))
    for j in range(p):
        covariance[j, j] = 1.0
        forward(factor, covariance[j], p)
        backward(factor, covariance[j], p)
    for a in range(terms.shape[0]):
        t = terms[a]
        if allowed[t] and not any_dead[t]:
            q, s = size[t], start[a]
            block = covariance[s : s + q, s : s + q].copy()
            statistic[t] = _solved_quadratic(block, beta[s : s + q].copy(), q)


@njit(cache=True, nogil=True)
def _statistics(y, model, allowed, dead, any_dead, size, offset, arrays, full):
    """Score statistics of the terms not in the model, Wald statistics of those in it."""
    terms = _terms_with(model, -1)
    start = np.empty(terms.shape[0], np.int64)
    p = starts(terms, size, start)
    beta, score, factor = np.empty(p), np.empty(p), np.empty((p, p))
    mu, alive = np.empty(arrays[4]), np.empty(dead.shape[0], np.bool_)
    most = terms.shape[0] * max(1, arrays[3].shape[1])
    place, value = np.empty(most, np.int64), np.empty(most)
    take_columns(full, terms, offset, size, start, beta)
    living(dead, any_dead, terms, alive)
    likelihood_pass(y, alive, terms, start, arrays, beta, p, mu, score, factor, place, value)
    factorise(factor, p)
    statistic = np.zeros(model.shape[0])
    _score_tests(
        y, model, allowed, alive, any_dead, terms, start, size, offset, arrays, mu, factor, p,
        statistic,
    )  # fmt: skip
    _wald_tests(allowed, any_dead, terms, start, size, beta, factor, p, statistic)
    return statistic


@njit(cache=True, nogil=True)
def _changed(full, model, t, offset, size, trial):
    """Parameters to start from once a term is added or taken out."""
    trial[:] = full
    if not model[t]:
        trial[offset[t] : offset[t] + size[t]] = 0.0


@njit(cache=True, nogil=True)
def _fit_candidate(y, model, t, dead, any_dead, size, offset, arrays, trial, slack, needed):
    """Fit the model with a term added or taken out as far as the comparison needs it."""
    terms = _terms_with(model, t)
    start = np.empty(terms.shape[0], np.int64)
    p = starts(terms, size, start)
    beta, factor = np.empty(p), np.empty((p, p))
    mu, alive = np.empty(arrays[4]), np.empty(dead.shape[0], np.bool_)
    take_columns(trial, terms, offset, size, start, beta)
    living(dead, any_dead, terms, alive)
    status, reached, _ = fit(
        y, alive, terms, start, arrays, beta, p, mu, factor, True, slack, needed
    )
    return status, reached


@njit(cache=True, nogil=True)
def best_step(
    y, model, allowed, dead, any_dead, size, offset, arrays, penalty, slack, full, current,
    expected,
):  # fmt: skip
    """The term whose addition or removal lowers −2ℓ + penalty · parameters the most.

    Every candidate is fitted again, but for those whose score (Wald) statistic, times (over)
    `slack`, shows that they cannot be best; with slack = inf, every one.

    Parameters
    ----------
    model : ndarray of bool, shape (terms,)
        Changed to the model after the step.
    allowed : ndarray of bool, shape (terms,)
        Terms that may be added and taken out.
    full : ndarray of float, shape (columns,)
        Parameters of the current model, changed to those after the step.
    current : float
        Σ y log μ − μ of the current model.
    expected : ndarray of float, shape (strata, 2)
        Means of the strata, on no list and in all; written where a step is taken.

    Returns
    -------
    tuple
        The term (-1: no step lowers the criterion), Σ y log μ − μ after the step, and the
        number of candidates passed over because they have no estimate.
    """
    statistic = _statistics(y, model, allowed, dead, any_dead, size, offset, arrays, full)
    order = in_promising_order(model, allowed, size, penalty, statistic)
    refused = np.zeros(model.shape[0], np.bool_)
    trial, means, mu = np.empty(full.shape[0]), np.empty(expected.shape), np.empty(arrays[4])
    while True:
        best, least = -1, GAIN
        for t in order:
            price = price_of(model[t], size[t], penalty)
            needed = 2.0 * current + price + least
            if refused[t] or is_hopeless(
                model[t], size[t], penalty, statistic[t], slack, current, needed
            ):
                continue
            _changed(full, model, t, offset, size, trial)
            status, reached = _fit_candidate(
                y, model, t, dead, any_dead, size, offset, arrays, trial, slack, needed
            )
            if status == FAILED:
                refused[t] = True
            elif status == CONVERGED and 2.0 * reached > needed:
                best, least = t, 2.0 * (reached - current) - price
        if best < 0:
            return -1, current, refused.sum()
        _changed(full, model, best, offset, size, trial)
        status, reached, _ = fit_fully(
            y, dead, any_dead, _terms_with(model, best), size, offset, arrays, trial, mu, means
        )
        if status == CONVERGED:
            model[best] = not model[best]
            full[:] = trial
            expected[:] = means
            return best, reached, refused.sum()
        refused[best] = True


@njit(cache=True, nogil=True)
def select_tables(
    tables, allowed, size, offset, margin, arrays, start_from, slack, first, last, expected, models
):
    """Select a model by BIC from main effects in each of tables[first:last].

    Parameters
    ----------
    tables : ndarray of float, shape (tables, observable)
    start_from : ndarray of float, shape (columns,)
        Parameters of the main-effects model to start from.
    expected : ndarray of float, shape (tables, strata, 2)
        Written: on no list, and in all; nan where the main effects have no estimate.
    models : ndarray of bool, shape (tables, terms)
        Written: the models selected.
    """
    cells, number = margin.shape
    dead, any_dead = np.empty((cells, number), np.bool_), np.empty(number, np.bool_)
    mu, full = np.empty(arrays[4]), np.empty(start_from.shape[0])
    for r in range(first, last):
        y = tables[r]
        zero_margins(y, margin, arrays[4], dead, any_dead)
        models[r] = ~allowed
        full[:] = start_from
        main = _terms_with(models[r], -1)
        for t in range(number):
            if not models[r, t]:
                full[offset[t] : offset[t] + size[t]] = 0.0
        status, current, _ = fit_fully(
            y, dead, any_dead, main, size, offset, arrays, full, mu, expected[r]
        )
        if status != CONVERGED:
            expected[r] = np.nan
            continue
        penalty = np.log(y.sum())
        while True:
            term, current, _ = best_step(
                y,
                models[r],
                allowed,
                dead,
                any_dead,
                size,
                offset,
                arrays,
                penalty,
                slack,
                full,
                current,
                expected[r],
            )
            if term < 0:
                break
