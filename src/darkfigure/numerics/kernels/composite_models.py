"""Whole models of cells seen in sums and between limits, fitted to tables, compiled.

Beside the tuples of `composite`:

design : start, column, value, term (columns,), within (terms, terms)
    The columns of all terms, cell by cell (see `numerics.design.Design`).
strata : unseen (cells,), stratum (cells,)
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.composite import (
    CONVERGED,
    COUNTED,
    FAILED,
    FREE,
    PINNED,
    compact,
    fit,
    living,
    zero_margins,
)
from darkfigure.numerics.kernels.interval import interval
from darkfigure.numerics.kernels.two_way import GONE, backward


@njit(cache=True, nogil=True)
def no_pin():
    """The pin of a fit without one."""
    return np.empty(0, np.int64), FREE, 0.0, 0.0


@njit(cache=True, nogil=True)
def positions(model, term, position):
    """Position of each column among those of a model, -1 if not in it; returns their number."""
    p = 0
    for j in range(term.shape[0]):
        position[j] = -1
        if model[term[j]]:
            position[j] = p
            p += 1
    return p


@njit(cache=True, nogil=True)
def log_factorials(low, high):
    """Σ log y! over the exact rows: what the likelihood of `composite.fit` leaves out."""
    total = 0.0
    for r in range(low.shape[0]):
        if low[r] == high[r]:
            total += math.lgamma(low[r] + 1.0)
    return total


@njit(cache=True, nogil=True)
def in_strata(mean, strata, expected):
    """Expected numbers on no list, and in all, by stratum: shape (strata, 2)."""
    unseen, stratum = strata
    expected[:] = 0.0
    for c in range(mean.shape[0]):
        expected[stratum[c], 1] += mean[c]
        if unseen[c]:
            expected[stratum[c], 0] += mean[c]


@njit(cache=True, nogil=True)
def determined(mean, matrix, strata, expected, p, factor):
    """Whether the columns set aside leave the numbers unseen and in all determined, by stratum."""
    start, place, value = matrix
    free, along = np.empty(p), np.empty(expected.shape)
    for j in range(p):
        if factor[j, j] < GONE:
            continue
        # a direction in which the likelihood is flat: 1 at j, and what undoes it before j
        for i in range(j):
            free[i] = -factor[j, i] if factor[i, i] < GONE else 0.0
        backward(factor, free, j)
        free[j] = 1.0
        free[j + 1 :] = 0.0
        along[:] = 0.0
        for c in range(mean.shape[0]):
            change = 0.0
            for e in range(start[c], start[c + 1]):
                change += value[e] * free[place[e]]
            along[strata[1][c], 1] += mean[c] * change
            if strata[0][c]:
                along[strata[1][c], 0] += mean[c] * change
        for s in range(expected.shape[0]):
            for kind in range(2):
                if abs(along[s, kind]) > 1e-6 * expected[s, kind]:
                    return False
    return True


@njit(cache=True, nogil=True)
def fit_fully(low, high, rows, alive, matrix, strata, beta, p, warm, mean, factor, expected):
    """Fit one model to convergence, afresh where the start given does not lead there.

    Returns
    -------
    tuple
        Status (failed also where the numbers unseen and in all are not determined), the
        log-likelihood of `composite.fit`, columns set aside.
    """
    first = beta[:p].copy()
    status, value, lost = FAILED, -np.inf, 0
    for attempt in range(2):
        if attempt == 0 and not warm:
            continue
        beta[:p] = first
        status, value, lost = fit(
            low, high, rows, alive, matrix, no_pin(), beta, p, attempt == 0, mean, factor,
            False, np.inf, -np.inf,
        )  # fmt: skip
        if status == CONVERGED:
            break
    in_strata(mean, strata, expected)
    if (
        status == CONVERGED
        and lost > 0
        and not determined(mean, matrix, strata, expected, p, factor)
    ):
        status = FAILED
    return status, value, lost


@njit(cache=True, nogil=True)
def fit_table(
    low, high, rows, design, margins, strata, model, warm, full, alive, mean, factor, expected
):
    """Fit one model to one table; see `fit_fully`.

    Parameters
    ----------
    full : ndarray of float, shape (columns,)
        To start from where `warm`; changed to the estimates, 0 for columns not in the model.
    alive, mean : ndarray, shape (cells,)
        Written.
    factor : ndarray of float, shape (p, p + 1)
        Written: the Cholesky factor of the information.
    """
    begin, column, value, term, within = design
    dead = np.empty(margins[2].shape[0], np.bool_)
    zero_margins(low, rows, margins, dead)
    living(dead, margins, model, within, alive)
    position = np.empty(term.shape[0], np.int32)
    p = positions(model, term, position)
    matrix = compact((begin, column, value), position)
    beta = np.zeros(p)
    take(full, position, beta)
    found = fit_fully(low, high, rows, alive, matrix, strata, beta, p, warm, mean, factor, expected)
    put(beta, position, full)
    return found


@njit(cache=True, nogil=True)
def take(full, position, beta):
    """Parameters of a model, out of those of all columns; those that are not finite as 0."""
    for j in range(position.shape[0]):
        if position[j] >= 0:
            beta[position[j]] = full[j] if np.isfinite(full[j]) else 0.0


@njit(cache=True, nogil=True)
def put(beta, position, full):
    """Parameters of a model, back among those of all columns; 0 for those not in it."""
    for j in range(position.shape[0]):
        full[j] = beta[position[j]] if position[j] >= 0 else 0.0


@njit(cache=True, nogil=True)
def refit_tables(
    low, high, rows, design, margins, strata, models, starts, first, last, expected, log_likelihood
):
    """Fit every model to each of the tables first to last.

    Parameters
    ----------
    low, high : ndarray of float, shape (tables, rows)
    models : ndarray of bool, shape (models, terms)
    starts : ndarray of float, shape (models, columns)
    expected : ndarray of float, shape (tables, models, strata, 2)
        Written: on no list, and in all; nan where the model has no estimate.
    log_likelihood : ndarray of float, shape (tables, models)
        Written.
    """
    begin, column, value, term, within = design
    cells = begin.shape[0] - 1
    dead, alive = np.empty(margins[2].shape[0], np.bool_), np.empty(cells, np.bool_)
    position, mean = np.empty(term.shape[0], np.int32), np.empty(cells)
    for m in range(models.shape[0]):
        p = positions(models[m], term, position)
        matrix = compact((begin, column, value), position)
        beta, factor = np.empty(p), np.empty((p, p + 1))
        for t in range(first, last):
            zero_margins(low[t], rows, margins, dead)
            living(dead, margins, models[m], within, alive)
            take(starts[m], position, beta)
            status, reached, _ = fit_fully(
                low[t], high[t], rows, alive, matrix, strata, beta, p, True, mean, factor,
                expected[t, m],
            )  # fmt: skip
            log_likelihood[t, m] = reached - log_factorials(low[t], high[t])
            if status != CONVERGED:
                expected[t, m] = np.nan
                log_likelihood[t, m] = np.nan


@njit(cache=True, nogil=True)
def profile_points(
    low, high, rows, design, margins, strata, model, kind, strength, points, full, found
):
    """Fit one model with the number unseen given, at each of several numbers in turn.

    Parameters
    ----------
    kind : int
        COUNTED: the number unseen is a count; PINNED: its expectation is held near a number.
    strength : float
        Of the penalty that holds it.
    points : ndarray of float, shape (points,)
        In an order in which neighbours are close.
    full : ndarray of float, shape (columns,)
        To start from; changed to where the last fit ended.
    found : ndarray of float, shape (points, 2)
        Written: the expected number unseen, and the log-likelihood of the rows seen (of exact
        rows without log y!); nan where the fit failed.
    """
    begin, column, value, term, within = design
    dead = np.empty(margins[2].shape[0], np.bool_)
    alive = np.empty(begin.shape[0] - 1, np.bool_)
    zero_margins(low, rows, margins, dead)
    living(dead, margins, model, within, alive)
    position, mean = np.empty(term.shape[0], np.int32), np.empty(alive.shape[0])
    p = positions(model, term, position)
    matrix = compact((begin, column, value), position)
    beta, kept, factor = np.empty(p), np.empty(p), np.empty((p, p + 1))
    take(full, position, kept)
    cells = np.flatnonzero(strata[0])
    for i in range(points.shape[0]):
        target = points[i] if kind == COUNTED else math.log(points[i])
        pin = (cells, kind, target, strength)
        beta[:] = kept
        status, value_here, _ = fit(
            low, high, rows, alive, matrix, pin, beta, p, True, mean, factor, False, np.inf,
            -np.inf,
        )  # fmt: skip
        if status != CONVERGED:
            status, value_here, _ = fit(
                low, high, rows, alive, matrix, pin, beta, p, False, mean, factor, False, np.inf,
                -np.inf,
            )  # fmt: skip
        found[i] = np.nan
        if status == CONVERGED:
            kept[:] = beta
            unseen = mean[cells].sum()
            away = target - math.log(unseen)
            if kind == PINNED:
                value_here += 0.5 * strength * away * away
            else:
                value_here -= target * math.log(unseen) - unseen
            found[i, 0], found[i, 1] = unseen, value_here
    put(kept, position, full)


@njit(cache=True, nogil=True)
def interval_log_probabilities(low, high, mean, out):
    """log P(low ≤ Y ≤ high) of several intervals at means above 0."""
    for i in range(low.shape[0]):
        out[i] = interval(low[i], high[i], mean[i])[0]
