"""Fisher scoring for log-linear models of cells seen in sums and between limits, compiled.

The arrays are those of `composite`.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.composite import (
    add_outer,
    bend_of_sums,
    likelihood_pass,
)
from darkfigure.numerics.kernels.two_way import GONE, backward, forward

CONVERGED = 0
FAILED = 1
ABANDONED = 2
_MAX_STEPS = 150
_SCORE_TOLERANCE = 1e-8
_STEP_TOLERANCE = 1e-6
_LARGEST_EFFECT = 20.0
_LARGEST_CONSTANT = 30.0
_SMALLEST_PIVOT = 1e-10
_LONGEST_STEP = 10.0
_LEAST_DAMPING = 1e-6  # added to the information, as a share of its diagonal
_MAX_TRIALS = 14
_MAX_FADING = 20  # steps with a column set aside that was determined before
_DECREMENT = 1e-6  # of the deviance: a candidate's criterion is known to a millionth


@njit(cache=True, nogil=True)
def factorise(matrix, p, column):
    """Cholesky in place; a column that depends on earlier ones is set aside. How many were.

    `column` is room for p numbers.
    """
    lost = 0
    for j in range(p):
        # column p holds the diagonal as it was, column j what is left of it
        pivot = matrix[j, j]
        if not pivot > _SMALLEST_PIVOT * matrix[j, p]:
            matrix[j, j] = GONE
            lost += 1
        else:
            matrix[j, j] = math.sqrt(pivot)
        for i in range(j + 1, p):
            matrix[i, j] /= matrix[j, j]
            column[i] = matrix[i, j]
        for i in range(j + 1, p):
            scale = column[i]
            if scale != 0.0:
                line = matrix[i]
                for h in range(j + 1, i + 1):
                    line[h] -= scale * column[h]
    return lost


@njit(cache=True, nogil=True)
def solve(factor, right, solution, p):
    """Solve L L' x = right; returns right' x."""
    solution[:] = right
    forward(factor, solution, p)
    squares = 0.0
    for j in range(p):
        squares += solution[j] * solution[j]
    backward(factor, solution, p)
    return squares


@njit(cache=True, nogil=True)
def cold_start(low, high, rows, alive, matrix, beta, p, factor, room):
    """One weighted least-squares step from the counts, those of sums shared out evenly."""
    start, cell, _, _, _, _ = rows
    begin, column, entry = matrix
    target = np.zeros(alive.shape[0])
    counted = np.zeros(alive.shape[0], np.bool_)
    people = 0.0
    for r in range(low.shape[0]):
        number = 0
        for c in cell[start[r] : start[r + 1]]:
            counted[c] = alive[c]
            number += alive[c]
        if number:
            count = 0.5 * (low[r] + min(high[r], 2.0 * low[r] + 4.0))
            people += count
            for c in cell[start[r] : start[r + 1]]:
                target[c] += count / number
    added = min(0.5, max(people / max(counted.sum(), 1), 0.01))
    right = np.zeros(p)
    factor[:p, :p] = 0.0
    for c in np.flatnonzero(counted):
        number = begin[c + 1] - begin[c]
        aim = target[c] + added
        add_outer(
            aim * math.log(aim), aim, column[begin[c] :], entry[begin[c] :], number, right, factor
        )
    for j in range(p):
        factor[j, p] = factor[j, j]
    factorise(factor, p, room[0])
    forward(factor, right, p)
    backward(factor, right, p)
    room[0][:] = 0.0
    beta[:p] = right


@njit(cache=True, nogil=True)
def fit(low, high, rows, alive, matrix, pin, beta, p, warm, mean, factor, quick, slack, needed):
    """Scoring steps from β, which is changed; damped where they are too long or lead down.

    Parameters
    ----------
    low, high : ndarray of float, shape (rows,)
    beta : ndarray of float, shape (p,)
    warm : bool
        Whether to start at `beta`.
    mean : ndarray of float, shape (cells,)
        Written.
    factor : ndarray of float, shape (p, p + 1)
        Written: the Cholesky factor of the information.
    quick : bool
        Stop once the log-likelihood is known to a millionth.
    slack, needed : float
        Give up as soon as 2 log-likelihood, raised by `slack` times the decrement, does not
        reach `needed`.

    Returns
    -------
    tuple
        Status, log-likelihood (of exact rows without log y!), and the columns set aside.
    """
    score, step, trial, slope = np.empty(p), np.empty(p), np.empty(p), np.empty(p)
    eta, information = np.empty(mean.shape[0]), np.empty((p, p + 1))
    residual = np.empty(low.shape[0] + 1)
    room = (np.zeros(p), np.empty(p, np.int64), np.empty(p))
    sums = pin[1] or rows[1].shape[0] > low.shape[0]
    if not warm:
        cold_start(low, high, rows, alive, matrix, beta, p, factor, room)
    current = likelihood_pass(
        low, high, rows, alive, matrix, pin, beta, p, eta, mean, residual, score, factor, room
    )
    if not np.isfinite(current):
        return FAILED, current, 0
    last_step, fewest, fading, damping = np.inf, p, 0, 0.0
    for iteration in range(_MAX_STEPS):
        worst = 0.0
        for j in range(p):
            if factor[j, p] > 0.0:
                worst = max(worst, abs(score[j]) / math.sqrt(factor[j, p]))
        information[:, :], slope[:] = factor, score
        lost = factorise(factor, p, step)
        fewest = min(fewest, lost)
        fading = fading + 1 if lost > fewest else 0
        if fading > _MAX_FADING:
            return FAILED, current, lost
        if last_step < _STEP_TOLERANCE and (worst < _SCORE_TOLERANCE or lost > fewest):
            # a column that was determined and is no longer: its estimate runs off
            return (CONVERGED if lost == fewest else FAILED), current, lost
        decrement = solve(factor, slope, step, p)
        if 2.0 * current + slack * decrement < needed:
            return ABANDONED, current, lost
        bent = sums and iteration > 1
        if bent:
            bend_of_sums(rows, alive, matrix, pin, mean, residual, information, room)
            factor[:, :] = information
            if factorise(factor, p, trial) == lost:
                decrement = solve(factor, slope, step, p)
        if quick and decrement < _DECREMENT:
            for j in range(p):
                beta[j] += step[j]
            return CONVERGED, current + 0.5 * decrement, lost
        damping *= 0.1
        for tried in range(_MAX_TRIALS):
            if tried > 0 or damping > _LEAST_DAMPING:
                damping = max(10.0 * damping, _LEAST_DAMPING) if tried > 0 else damping
                factor[:, :] = information
                for j in range(p):
                    factor[j, j] += damping * factor[j, p]
                if factorise(factor, p, trial) > (lost if bent else p):
                    continue
                solve(factor, slope, step, p)
            longest = 0.0
            for j in range(p):
                longest = max(longest, abs(step[j]))
                trial[j] = beta[j] + step[j]
            if longest > _LONGEST_STEP:
                continue
            reached = likelihood_pass(
                low, high, rows, alive, matrix, pin, trial, p, eta, mean, residual, score, factor,
                room,
            )  # fmt: skip
            if reached >= current - 1e-11 * (1.0 + abs(current)):
                break
        else:
            return FAILED, current, lost
        current = reached
        last_step = 0.0
        for j in range(p):
            last_step = max(last_step, abs(trial[j] - beta[j]))
            beta[j] = trial[j]
            if abs(beta[j]) > (_LARGEST_EFFECT if j else _LARGEST_CONSTANT):
                return FAILED, current, lost
    return FAILED, current, 0
