"""Stepwise selection of terms, in both directions, for sums of cells and intervals, compiled.

The arrays are those of `composite` and `composite_models`.
"""

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.composite import (
    compact,
    sum_gradient,
)
from darkfigure.numerics.kernels.composite_fit import CONVERGED, FAILED, factorise
from darkfigure.numerics.kernels.composite_margins import HELD, fit_margins, zero_margins
from darkfigure.numerics.kernels.composite_models import (
    fit_fully,
    log_factorials,
    no_pin,
    positions,
    put,
    take,
)
from darkfigure.numerics.kernels.interval import row
from darkfigure.numerics.kernels.step_order import GAIN, in_promising_order, is_hopeless, price_of
from darkfigure.numerics.kernels.two_way import backward, forward


@njit(cache=True, nogil=True)
def may_change(model, allowed, within, changing):
    """Mark the terms that may enter (those within them are in) or leave (no other holds them)."""
    terms = model.shape[0]
    for t in range(terms):
        changing[t] = allowed[t]
        for s in range(terms):
            if model[t] and within[t, s] and model[s]:
                changing[t] = False
            if not model[t] and within[s, t] and not model[s]:
                changing[t] = False


@njit(cache=True, nogil=True)
def _solved_quadratic(matrix, vector, q):
    """Quadratic form of a vector in the inverse of a matrix, both of which are changed.

    Column q of the matrix is its diagonal.
    """
    factorise(matrix, q, np.empty(q))
    forward(matrix, vector, q)
    total = 0.0
    for d in range(q):
        total += vector[d] * vector[d]
    return total


@njit(cache=True, nogil=True)
def _added_information(low, high, rows, alive, matrix, mean, p, group, first, gradient, own, cross):
    """Score of the columns from p on, their information within terms and with those before p.

    `group` and `first` are the term of each added column, and the first column of that term.
    """
    start, cell, weight, _, _, _ = rows
    begin, column, entry = matrix
    total = p + group.shape[0]
    work, place, value = np.zeros(total), np.empty(total, np.int64), np.empty(total)
    for r in range(low.shape[0]):
        cells = cell[start[r] : start[r + 1]]
        m = 0.0
        for c in cells:
            m += mean[c]
        if m == 0.0:
            continue
        if cells.shape[0] == 1:
            number = begin[cells[0] + 1] - begin[cells[0]]
            for a in range(number):
                place[a], value[a] = column[begin[cells[0]] + a], entry[begin[cells[0]] + a]
        else:
            number = sum_gradient(cells, m, alive, mean, matrix, work, place, value)
        m *= weight[r]
        _, residual, curvature = row(low[r], high[r], m, np.log(m))
        for a in range(number):
            j = place[a] - p
            if j < 0:
                continue
            gradient[j] += residual * value[a]
            scaled = curvature * value[a]
            for b in range(number):
                i = place[b]
                if i < p:
                    cross[j, i] += scaled * value[b]
                elif group[i - p] == group[j]:
                    own[j, i - p - first[j]] += scaled * value[b]


@njit(cache=True, nogil=True)
def _score_tests(
    low, high, rows, alive, design, model, changing, any_dead, mean, factor, p, statistic
):
    """Score statistic of every term that may enter; inf where its empty margins change cells."""
    begin, column, value, term, _ = design
    entering = changing & ~model
    position, added = np.full(term.shape[0], -1, np.int32), 0
    widest, seen = 1, 0
    for j in range(term.shape[0]):
        if model[term[j]]:
            position[j] = seen
            seen += 1
        elif entering[term[j]]:
            added += 1
    group, first = np.empty(added, np.int64), np.empty(added, np.int64)
    added = 0
    for j in range(term.shape[0]):
        if entering[term[j]]:
            position[j] = p + added
            group[added] = term[j]
            same = added > 0 and group[added - 1] == term[j]
            first[added] = first[added - 1] if same else added
            widest = max(widest, added - first[added] + 1)
            added += 1
    gradient, own, cross = np.zeros(added), np.zeros((added, widest)), np.zeros((added, p))
    matrix = compact((begin, column, value), position)
    _added_information(
        low, high, rows, alive, matrix, mean, p, group, first, gradient, own, cross
    )  # fmt: skip
    j = 0
    while j < added:
        t, q = group[j], 0
        while j + q < added and group[j + q] == t:
            q += 1
        if any_dead[t]:
            statistic[t] = np.inf
        else:
            schur = np.empty((q, q + 1))
            for d in range(q):
                forward(factor, cross[j + d], p)
                for e in range(d + 1):
                    inner = 0.0
                    for i in range(p):
                        inner += cross[j + d, i] * cross[j + e, i]
                    schur[d, e] = own[j + d, e] - inner
                schur[d, q] = own[j + d, d]
            statistic[t] = _solved_quadratic(schur, gradient[j : j + q].copy(), q)
        j += q


@njit(cache=True, nogil=True)
def _wald_tests(model, changing, any_dead, position, term, beta, factor, p, statistic):
    """Wald statistic of every term that may leave; 0 where its empty margins free cells."""
    leaving = changing & model & ~any_dead
    j, columns = 0, term.shape[0]
    solved = np.empty((p, p))
    while j < columns:
        t, q = term[j], 0
        while j + q < columns and term[j + q] == t:
            q += 1
        if leaving[t]:
            s = position[j]
            block = np.empty((q, q + 1))
            for d in range(q):
                solved[d] = 0.0
                solved[d, s + d] = 1.0
                forward(factor, solved[d], p)
                backward(factor, solved[d], p)
                for e in range(d + 1):
                    block[d, e] = solved[d, s + e]
                block[d, q] = block[d, d]
            statistic[t] = _solved_quadratic(block, beta[s : s + q].copy(), q)
        j += q


@njit(cache=True, nogil=True)
def _statistics(low, high, rows, design, margins, dead, model, changing, any_dead, full, statistic):
    """Score statistics of the terms that may enter, Wald statistics of those that may leave."""
    begin, column, value, term, within = design
    cells = begin.shape[0] - 1
    position, alive = np.empty(term.shape[0], np.int32), np.empty(cells, np.bool_)
    p = positions(model, term, position)
    matrix = compact((begin, column, value), position)
    beta, mean, factor = np.empty(p), np.empty(cells), np.empty((p, p + 1))
    take(full, position, beta)
    # at the maximum already: for the cells that are left, their means and the information
    fit_margins(
        low, high, rows, margins, dead.copy(), model, within, matrix, no_pin(), beta, p, True,
        mean, factor, True, np.inf, -np.inf, alive,
    )  # fmt: skip
    _score_tests(
        low, high, rows, alive, design, model, changing, any_dead, mean, factor, p, statistic
    )
    _wald_tests(model, changing, any_dead, position, term, beta, factor, p, statistic)


@njit(cache=True, nogil=True)
def _fit_changed(
    low, high, rows, design, margins, dead, strata, model, full, quick, slack, needed, expected
):
    """Fit a model from the parameters in `full`: as far as a comparison needs it, or to the end."""
    begin, column, value, term, within = design
    cells = begin.shape[0] - 1
    position, alive = np.empty(term.shape[0], np.int32), np.empty(cells, np.bool_)
    mean = np.empty(cells)
    p = positions(model, term, position)
    matrix = compact((begin, column, value), position)
    beta, factor = np.empty(p), np.empty((p, p + 1))
    take(full, position, beta)
    if quick:
        status, reached, _ = fit_margins(
            low, high, rows, margins, dead.copy(), model, within, matrix, no_pin(), beta, p, True,
            mean, factor, True, slack, needed, alive,
        )  # fmt: skip
        return status, reached
    status, reached, _ = fit_fully(
        low, high, rows, margins, dead.copy(), model, within, matrix, strata, beta, p, True, alive,
        mean, factor, expected,
    )  # fmt: skip
    put(beta, position, full)
    return status, reached


@njit(cache=True, nogil=True)
def best_step(
    low, high, rows, design, margins, dead, strata, model, allowed, size, penalty, slack, full,
    current, expected,
):  # fmt: skip
    """The term whose addition or removal lowers −2ℓ + penalty · parameters the most.

    Every candidate is fitted again, but for those whose score (Wald) statistic, times (over)
    `slack`, shows that they cannot be best; with slack = inf, every one.

    Parameters
    ----------
    dead : ndarray of int8, shape (margins,)
    model : ndarray of bool, shape (terms,)
        Changed to the model after the step.
    allowed : ndarray of bool, shape (terms,)
        Terms that may be added and taken out.
    size : ndarray of int64, shape (terms,)
    full : ndarray of float, shape (columns,)
        Parameters of the current model, changed to those after the step.
    current : float
        Log-likelihood of the current model (of exact rows without log y!).
    expected : ndarray of float, shape (strata, 2)
        On no list and in all; written where a step is taken.

    Returns
    -------
    tuple
        The term (-1: no step lowers the criterion), the log-likelihood after the step, and the
        number of candidates passed over because they have no estimate.
    """
    terms = model.shape[0]
    any_dead, changing = np.zeros(terms, np.bool_), np.empty(terms, np.bool_)
    for k in np.flatnonzero(dead != HELD):
        any_dead[margins[2][k]] = True
    may_change(model, allowed, design[4], changing)
    statistic = np.zeros(terms)
    _statistics(
        low, high, rows, design, margins, dead, model, changing, any_dead, full, statistic
    )  # fmt: skip
    order = in_promising_order(model, changing, size, penalty, statistic)
    refused = np.zeros(terms, np.bool_)
    trial, means = np.empty(full.shape[0]), np.empty(expected.shape)
    while True:
        best, least = -1, GAIN
        for t in order:
            price = price_of(model[t], size[t], penalty)
            needed = 2.0 * current + price + least
            if refused[t] or is_hopeless(
                model[t], size[t], penalty, statistic[t], slack, current, needed
            ):
                continue
            trial[:] = full
            model[t] = not model[t]
            status, reached = _fit_changed(
                low, high, rows, design, margins, dead, strata, model, trial, True, slack, needed,
                means,
            )  # fmt: skip
            model[t] = not model[t]
            if status == FAILED:
                refused[t] = True
            elif status == CONVERGED and 2.0 * reached > needed:
                best, least = t, 2.0 * (reached - current) - price
        if best < 0:
            return -1, current, refused.sum()
        trial[:] = full
        model[best] = not model[best]
        status, reached = _fit_changed(
            low, high, rows, design, margins, dead, strata, model, trial, False, slack, 0.0, means
        )
        if status == CONVERGED:
            full[:] = trial
            expected[:] = means
            return best, reached, refused.sum()
        model[best] = not model[best]
        refused[best] = True


@njit(cache=True, nogil=True)
def select_tables(
    low, high, rows, design, margins, strata, begin_at, allowed, size, penalty, starts, slack,
    first, last, expected, models, log_likelihood,
):  # fmt: skip
    """Select a model in each of the tables first to last, from the one in `begin_at` on.

    Parameters
    ----------
    low, high : ndarray of float, shape (tables, rows)
    begin_at : ndarray of bool, shape (terms,)
    penalty : ndarray of float, shape (tables,)
        Per parameter.
    starts : ndarray of float, shape (columns,)
        Parameters of that model to start from.
    expected : ndarray of float, shape (tables, strata, 2)
        Written: on no list, and in all; nan where the model begun at has no estimate.
    models : ndarray of bool, shape (tables, terms)
        Written: the models selected.
    log_likelihood : ndarray of float, shape (tables,)
        Written.
    """
    dead, full = np.empty(margins[2].shape[0], np.int8), np.empty(starts.shape[0])
    for t in range(first, last):
        zero_margins(low[t], rows, margins, dead)
        models[t], full[:] = begin_at, starts
        status, current = _fit_changed(
            low[t], high[t], rows, design, margins, dead, strata, models[t], full, False, slack,
            0.0, expected[t],
        )  # fmt: skip
        if status != CONVERGED:
            expected[t], log_likelihood[t] = np.nan, np.nan
            continue
        while True:
            term, current, _ = best_step(
                low[t], high[t], rows, design, margins, dead, strata, models[t], allowed, size,
                penalty[t], slack, full, current, expected[t],
            )  # fmt: skip
            if term < 0:
                break
        log_likelihood[t] = current - log_factorials(low[t], high[t])
