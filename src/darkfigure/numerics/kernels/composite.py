"""Fisher scoring for log-linear models of cells that are seen in sums and between limits, compiled.

Arrays come in tuples, in this order:

rows : start (rows + 1,), cell, weight (rows,), log weight (rows,)
    Row r counts the cells ``cell[start[r]:start[r + 1]]``; its mean is the weighted sum of theirs.
matrix : start (cells + 1,), place, value
    The design matrix cell by cell: the columns of cell c, increasing, and the values in them.
margins : start (margins + 1,), cell, term (margins,), alone (margins,)
    Cells whose mean is 0 once the term is in, where no row of theirs must hold people.
pin : cells, kind, value, strength
    One more row, of the sum of these cells: of kind COUNTED its count is `value`; PINNED, its
    log is held near `value` by a quadratic penalty; of kind FREE there is none.

With g the gradient of the log of a row's mean, E[Y | limits] less the mean times g adds up to
the score, and the mean less var(Y | limits) times g g' to the information.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.interval import row
from darkfigure.numerics.kernels.two_way import GONE, backward, forward

CONVERGED = 0
FAILED = 1
ABANDONED = 2
FREE, COUNTED, PINNED = 0, 1, 2
_MAX_STEPS = 150
_SCORE_TOLERANCE = 1e-8
_STEP_TOLERANCE = 1e-6
_LARGEST_EFFECT = 20.0
_LARGEST_CONSTANT = 30.0
_SMALLEST_PIVOT = 1e-10
_LONGEST_STEP = 10.0
_LEAST_DAMPING = 1e-4  # added to the information, as a share of its diagonal
_MAX_TRIALS = 14
_DECREMENT = 1e-6  # of the deviance: a candidate's criterion is known to a millionth


@njit(cache=True, nogil=True)
def zero_margins(low, rows, margins, dead):
    """Mark the margins that some row counts, and in which no row must hold people."""
    start, cell, _, _ = rows
    begin, member, _, _ = margins
    cells = max(cell.max(), member.max() if member.shape[0] else 0) + 1
    held = np.full(cells, -1, np.int8)
    for r in range(low.shape[0]):
        for e in range(start[r], start[r + 1]):
            held[cell[e]] = max(held[cell[e]], np.int8(low[r] > 0.0))
    for k in range(dead.shape[0]):
        most = np.int8(-1)
        for e in range(begin[k], begin[k + 1]):
            most = max(most, held[member[e]])
            if most > 0:
                break
        dead[k] = most == 0


@njit(cache=True, nogil=True)
def living(dead, margins, model, within, alive):
    """Mark the cells whose mean is positive under a model.

    A margin that is no column of its own counts where all terms within its own are in.
    """
    begin, member, term, alone = margins
    alive[:] = True
    for k in np.flatnonzero(dead):
        t = term[k]
        applies = model[t]
        if applies and not alone[k]:
            for s in range(model.shape[0]):
                if within[s, t] and not model[s]:
                    applies = False
        if applies:
            for e in range(begin[k], begin[k + 1]):
                alive[member[e]] = False


@njit(cache=True, nogil=True)
def compact(matrix, position):
    """The design matrix with some of the columns only, at the positions given (-1: left out)."""
    start, column, value = matrix
    number = 0
    for e in range(column.shape[0]):
        number += position[column[e]] >= 0
    begin = np.empty(start.shape[0], np.int64)
    place, kept = np.empty(number, np.int32), np.empty(number)
    number = 0
    for c in range(start.shape[0] - 1):
        begin[c] = number
        for e in range(start[c], start[c + 1]):
            if position[column[e]] >= 0:
                place[number] = position[column[e]]
                kept[number] = value[e]
                number += 1
    begin[start.shape[0] - 1] = number
    return begin, place, kept


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
def sum_gradient(cells, total, alive, mean, matrix, work, place, value):
    """Gradient of the log of a sum of means, its columns in increasing order; how many.

    `work` is zero, and is left so.
    """
    start, column, entry = matrix
    number = 0
    for c in cells:
        if not alive[c]:
            continue
        share = mean[c] / total
        for e in range(start[c], start[c + 1]):
            j = column[e]
            if work[j] == 0.0:
                i = number  # a column seen again with sum 0 would stand twice: looked for below
                while i > 0 and place[i - 1] > j:
                    i -= 1
                if i == 0 or place[i - 1] != j:
                    for h in range(number, i, -1):
                        place[h] = place[h - 1]
                    place[i] = j
                    number += 1
            work[j] += share * entry[e]
    for a in range(number):
        value[a] = work[place[a]]
        work[place[a]] = 0.0
    return number


@njit(cache=True, nogil=True)
def _add(residual, curvature, place, value, number, score, information):
    for a in range(number):
        score[place[a]] += residual * value[a]
        weight = curvature * value[a]
        line = information[place[a]]
        for b in range(a + 1):
            line[place[b]] += weight * value[b]


@njit(cache=True, nogil=True)
def means(alive, matrix, beta, eta, mean):
    """Linear predictors and means of the cells."""
    start, column, entry = matrix
    for c in range(mean.shape[0]):
        eta[c], mean[c] = 0.0, 0.0
        if alive[c]:
            for e in range(start[c], start[c + 1]):
                eta[c] += entry[e] * beta[column[e]]
            mean[c] = math.exp(eta[c])


@njit(cache=True, nogil=True)
def likelihood_pass(
    low, high, rows, alive, matrix, pin, beta, p, eta, mean, score, information, room
):
    """The log-likelihood, its gradient and the information at β, in one pass over the rows.

    Exact rows add y log m − m, without log y!. -inf where a mean is not finite, or is 0 for
    people seen. Column p of the information is its diagonal.
    """
    start, cell, weight, log_weight = rows
    begin, column, entry = matrix
    work, place, value = room
    score[:p] = 0.0
    information[:p, :p] = 0.0
    means(alive, matrix, beta, eta, mean)
    total = 0.0
    for r in range(low.shape[0]):
        if start[r + 1] - start[r] == 1:
            c = cell[start[r]]
            if not alive[c]:
                continue
            m, log_m = weight[r] * mean[c], eta[c] + log_weight[r]
            number = begin[c + 1] - begin[c]
            for a in range(number):
                place[a], value[a] = column[begin[c] + a], entry[begin[c] + a]
        else:
            m = 0.0
            cells = cell[start[r] : start[r + 1]]
            for c in cells:
                m += mean[c]
            if m == 0.0:
                if low[r] > 0.0:
                    return -np.inf
                continue
            number = sum_gradient(cells, m, alive, mean, matrix, work, place, value)
            m *= weight[r]
            log_m = math.log(m)
        if not 0.0 < m < np.inf:
            return -np.inf
        gained, residual, curvature = row(low[r], high[r], m, log_m)
        total += gained
        _add(residual, curvature, place, value, number, score, information)
    cells, kind, target, strength = pin
    if kind != FREE:
        m = 0.0
        for c in cells:
            m += mean[c]
        if not 0.0 < m < np.inf:
            return -np.inf
        number = sum_gradient(cells, m, alive, mean, matrix, work, place, value)
        residual, curvature = target - m, m
        if kind == COUNTED:
            total += target * math.log(m) - m
        else:
            away = target - math.log(m)
            total -= 0.5 * strength * away * away
            residual, curvature = strength * away, strength
        _add(residual, curvature, place, value, number, score, information)
    for j in range(p):
        information[j, p] = information[j, j]
    return total


@njit(cache=True, nogil=True)
def cold_start(low, high, rows, alive, matrix, beta, p, factor, room):
    """One weighted least-squares step from the counts, those of sums shared out evenly."""
    start, cell, _, _ = rows
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
        _add(aim * math.log(aim), aim, column[begin[c] :], entry[begin[c] :], number, right, factor)
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
    room = (np.zeros(p), np.empty(p, np.int64), np.empty(p))
    if not warm:
        cold_start(low, high, rows, alive, matrix, beta, p, factor, room)
    current = likelihood_pass(
        low, high, rows, alive, matrix, pin, beta, p, eta, mean, score, factor, room
    )
    if not np.isfinite(current):
        return FAILED, current, 0
    last_step, fewest, damping = np.inf, p, 0.0
    for _ in range(_MAX_STEPS):
        worst = 0.0
        for j in range(p):
            if factor[j, p] > 0.0:
                worst = max(worst, abs(score[j]) / math.sqrt(factor[j, p]))
        information[:, :], slope[:] = factor, score
        lost = factorise(factor, p, step)
        fewest = min(fewest, lost)
        if last_step < _STEP_TOLERANCE and (worst < _SCORE_TOLERANCE or lost > fewest):
            # a column that was determined and is no longer: its estimate runs off
            return (CONVERGED if lost == fewest else FAILED), current, lost
        step[:] = score
        forward(factor, step, p)
        decrement = 0.0
        for j in range(p):
            decrement += step[j] * step[j]
        if 2.0 * current + slack * decrement < needed:
            return ABANDONED, current, lost
        backward(factor, step, p)
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
                    factor[j, j] *= 1.0 + damping
                    step[j] = slope[j]
                factorise(factor, p, trial)
                forward(factor, step, p)
                backward(factor, step, p)
            longest = 0.0
            for j in range(p):
                longest = max(longest, abs(step[j]))
                trial[j] = beta[j] + step[j]
            if longest > _LONGEST_STEP:
                continue
            reached = likelihood_pass(
                low, high, rows, alive, matrix, pin, trial, p, eta, mean, score, factor, room
            )
            if reached >= current - 1e-9 * (1.0 + abs(current)):
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
