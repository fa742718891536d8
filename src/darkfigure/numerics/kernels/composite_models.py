"""Whole models of cells seen in sums and between limits, fitted to tables, compiled.

Beside the tuples of `composite`:

design : start, column, value, term (columns,), within (terms, terms)
    The columns of all terms, cell by cell (see `numerics.design.Design`).
strata : unseen (cells,), stratum (cells,)
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.composite import compact
from darkfigure.numerics.kernels.composite_fit import CONVERGED, FAILED
from darkfigure.numerics.kernels.composite_margins import DOUBTFUL as DOUBTFUL
from darkfigure.numerics.kernels.composite_margins import HELD as HELD
from darkfigure.numerics.kernels.composite_margins import fit_margins, zero_margins
from darkfigure.numerics.kernels.composite_margins import living as living
from darkfigure.numerics.kernels.interval import interval
from darkfigure.numerics.kernels.two_way import GONE, backward


@njit(cache=True, nogil=True)
def no_pin():
    """The pin of a fit without one."""
    return np.empty(0, np.int64), False, 0.0


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
    """Σ log y! over the exact rows: what the likelihood of `composite_fit.fit` leaves out."""
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
def fit_fully(
    low, high, rows, margins, dead, model, within, matrix, strata, beta, p, warm, alive, mean,
    factor, expected,
):  # fmt: skip
    """Fit one model to convergence, afresh where the start given does not lead there.

    Returns
    -------
    tuple
        Status (failed also where the numbers unseen and in all are not determined), the
        log-likelihood of `composite_fit.fit`, columns set aside.
    """
    begun, given = beta[:p].copy(), dead.copy()
    status, value, lost = FAILED, -np.inf, 0
    for attempt in range(2):
        if attempt == 0 and not warm:
            continue
        beta[:p] = begun
        dead[:] = given
        status, value, lost = fit_margins(
            low, high, rows, margins, dead, model, within, matrix, no_pin(), beta, p, attempt == 0,
            mean, factor, False, np.inf, -np.inf, alive,
        )  # fmt: skip
        if status == CONVERGED:
            break
    in_strata(mean, strata, expected)
    if low.max() == 0.0:  # nobody has to be anywhere
        return FAILED, value, lost
    if status != CONVERGED or lost == 0:
        return status, value, lost
    if not determined(mean, matrix, strata, expected, p, factor):
        status = FAILED
    return status, value, lost


@njit(cache=True, nogil=True)
def fit_table(
    low, high, rows, design, margins, strata, model, warm, full, dead, alive, mean, factor,
    expected,
):  # fmt: skip
    """Fit one model to one table; see `fit_fully`.

    Parameters
    ----------
    full : ndarray of float, shape (columns,)
        To start from where `warm`; changed to the estimates, 0 for columns not in the model.
    dead : ndarray of int8, shape (margins,)
        Written: the margins that are held, empty, or doubtful and taken as empty.
    alive, mean : ndarray, shape (cells,)
        Written.
    factor : ndarray of float, shape (p, p + 1)
        Written: the Cholesky factor of the information.
    """
    begin, column, value, term, within = design
    zero_margins(low, rows, margins, dead)
    position = np.empty(term.shape[0], np.int32)
    p = positions(model, term, position)
    matrix = compact((begin, column, value), position)
    beta = np.zeros(p)
    take(full, position, beta)
    found = fit_fully(
        low, high, rows, margins, dead, model, within, matrix, strata, beta, p, warm, alive, mean,
        factor, expected,
    )  # fmt: skip
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
    dead, alive = np.empty(margins[2].shape[0], np.int8), np.empty(cells, np.bool_)
    position, mean = np.empty(term.shape[0], np.int32), np.empty(cells)
    for m in range(models.shape[0]):
        p = positions(models[m], term, position)
        matrix = compact((begin, column, value), position)
        beta, factor = np.empty(p), np.empty((p, p + 1))
        for t in range(first, last):
            zero_margins(low[t], rows, margins, dead)
            take(starts[m], position, beta)
            status, reached, _ = fit_fully(
                low[t], high[t], rows, margins, dead, models[m], within, matrix, strata, beta, p,
                True, alive, mean, factor, expected[t, m],
            )  # fmt: skip
            log_likelihood[t, m] = reached - log_factorials(low[t], high[t])
            if status != CONVERGED:
                expected[t, m] = np.nan
                log_likelihood[t, m] = np.nan


@njit(cache=True, nogil=True)
def profile_points(low, high, rows, design, margins, strata, model, points, full, found):
    """Fit one model with the unseen counted, at each of several numbers in turn.

    Parameters
    ----------
    points : ndarray of float, shape (points,)
        In an order in which neighbours are close.
    full : ndarray of float, shape (columns,)
        To start from; changed to where the last fit ended.
    found : ndarray of float, shape (points, 2)
        Written: the expected number unseen, and the log-likelihood of the rows seen (of exact
        rows without log y!); nan where the fit failed.
    """
    begin, column, value, term, within = design
    dead = np.empty(margins[2].shape[0], np.int8)
    alive = np.empty(begin.shape[0] - 1, np.bool_)
    position, mean = np.empty(term.shape[0], np.int32), np.empty(alive.shape[0])
    p = positions(model, term, position)
    matrix = compact((begin, column, value), position)
    beta, kept, factor = np.empty(p), np.empty(p), np.empty((p, p + 1))
    take(full, position, kept)
    cells = np.flatnonzero(strata[0])
    for i in range(points.shape[0]):
        pin = (cells, True, points[i])
        for attempt in range(2):
            beta[:] = kept
            zero_margins(low, rows, margins, dead)
            status, reached, _ = fit_margins(
                low, high, rows, margins, dead, model, within, matrix, pin, beta, p, attempt == 0,
                mean, factor, False, np.inf, -np.inf, alive,
            )  # fmt: skip
            if status == CONVERGED:
                break
        found[i] = np.nan
        if status == CONVERGED:
            kept[:] = beta
            unseen = mean[cells].sum()
            found[i] = unseen, reached - points[i] * math.log(unseen) + unseen
    put(kept, position, full)


@njit(cache=True, nogil=True)
def interval_log_probabilities(low, high, mean, out):
    """log P(low ≤ Y ≤ high) of several intervals at means above 0."""
    for i in range(low.shape[0]):
        out[i] = interval(low[i], high[i], mean[i])[0]
