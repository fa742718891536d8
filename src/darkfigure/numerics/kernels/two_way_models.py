"""Whole two-way models fitted to tables, with the means of the strata, compiled."""

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.two_way import (
    CONVERGED,
    FAILED,
    GONE,
    backward,
    columns_of,
    fit,
    living,
    zero_margins,
)


@njit(cache=True, nogil=True)
def reaches_unseen(alive, terms, start, arrays, p, factor):
    """Whether the columns set aside leave the means of the unseen determined."""
    within, width, scored, scores, observable = arrays
    most = terms.shape[0] * max(1, scores.shape[1])
    place, value = np.empty(most, np.int64), np.empty(most)
    free = np.empty(p)
    for j in range(p):
        if factor[j, j] < GONE:
            continue
        # a direction in which the likelihood is flat: 1 at j, and what undoes it before j
        for i in range(j):
            free[i] = -factor[j, i]
        backward(factor, free, j)
        free[j] = 1.0
        free[j + 1 :] = 0.0
        for i in range(observable, within.shape[0]):
            if not alive[i]:
                continue
            number = columns_of(i, terms, start, within, width, scored, scores, place, value)
            along = 0.0
            for a in range(number):
                along += value[a] * free[place[a]]
            if abs(along) > 1e-6:
                return False
    return True


@njit(cache=True, nogil=True)
def means_of_strata(alive, terms, start, arrays, beta, mu, expected):
    """Expected number on no list, and in all, in each stratum.

    Where a zero margin leaves no one in a stratum, both are 0.
    """
    within, width, scored, scores, observable = arrays
    most = terms.shape[0] * max(1, scores.shape[1])
    place, value = np.empty(most, np.int64), np.empty(most)
    histories = observable // expected.shape[0]
    for s in range(expected.shape[0]):
        i = observable + s
        mean = 0.0
        if alive[i]:
            number = columns_of(i, terms, start, within, width, scored, scores, place, value)
            eta = 0.0
            for a in range(number):
                eta += value[a] * beta[place[a]]
            mean = np.exp(eta)
        expected[s, 0] = mean
        for cell in range(s * histories, (s + 1) * histories):
            mean += mu[cell]
        expected[s, 1] = mean


@njit(cache=True, nogil=True)
def starts(terms, size, start):
    """First column of each term of a model, side by side; returns their number."""
    p = 0
    for a in range(terms.shape[0]):
        start[a] = p
        p += size[terms[a]]
    return p


@njit(cache=True, nogil=True)
def take_columns(full, terms, offset, size, start, beta):
    """Parameters of a model, out of those of all terms."""
    for a in range(terms.shape[0]):
        t = terms[a]
        for d in range(size[t]):
            beta[start[a] + d] = full[offset[t] + d]


@njit(cache=True, nogil=True)
def put_columns(beta, terms, offset, size, start, full):
    """Parameters of a model, back among those of all terms; 0 for terms not in it."""
    full[:] = 0.0
    for a in range(terms.shape[0]):
        t = terms[a]
        for d in range(size[t]):
            full[offset[t] + d] = beta[start[a] + d]


@njit(cache=True, nogil=True)
def fit_fully(y, dead, any_dead, terms, size, offset, arrays, full, mu, expected):
    """Fit one model to convergence from the parameters in `full`, which is changed.

    Returns
    -------
    tuple
        Status (failed also where the unseen are not determined), Σ y log μ − μ, columns set
        aside.
    """
    start = np.empty(terms.shape[0], np.int64)
    p = starts(terms, size, start)
    beta, factor = np.empty(p), np.empty((p, p))
    alive = np.empty(arrays[0].shape[0], np.bool_)
    living(dead, any_dead, terms, alive)
    take_columns(full, terms, offset, size, start, beta)
    status, value, lost = fit(
        y, alive, terms, start, arrays, beta, p, mu, factor, False, np.inf, -np.inf
    )
    if lost > 0 and not reaches_unseen(alive, terms, start, arrays, p, factor):
        status = FAILED
    put_columns(beta, terms, offset, size, start, full)
    means_of_strata(alive, terms, start, arrays, beta, mu, expected)
    return status, value, lost


@njit(cache=True, nogil=True)
def refit_tables(tables, terms, size, offset, margin, arrays, start_from, first, last, expected):
    """Fit one model to each of tables[first:last]; nan where it has no estimate.

    Parameters
    ----------
    tables : ndarray of float, shape (tables, observable)
    start_from : ndarray of float, shape (columns,)
        Parameters to start from.
    expected : ndarray of float, shape (tables, strata, 2)
        Written: on no list, and in all.
    """
    cells, number = margin.shape
    dead, any_dead = np.empty((cells, number), np.bool_), np.empty(number, np.bool_)
    mu = np.empty(arrays[4])
    full = np.empty(start_from.shape[0])
    for r in range(first, last):
        zero_margins(tables[r], margin, arrays[4], dead, any_dead)
        full[:] = start_from
        status, _, _ = fit_fully(
            tables[r], dead, any_dead, terms, size, offset, arrays, full, mu, expected[r]
        )
        if status != CONVERGED:
            expected[r] = np.nan
