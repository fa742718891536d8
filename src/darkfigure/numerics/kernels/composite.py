"""The likelihood of log-linear models of cells seen in sums and between limits, compiled.

Arrays come in tuples, in this order:

rows : start (rows + 1,), cell, weight (rows,), log weight (rows,), first (cells + 1,), counting
    Row r counts the cells ``cell[start[r]:start[r + 1]]``; its mean is the weighted sum of theirs.
    Cell c is counted by the rows ``counting[first[c]:first[c + 1]]``.
matrix : start (cells + 1,), place, value
    The design matrix cell by cell: the columns of cell c, increasing, and the values in them.
margins : start (margins + 1,), cell, term (margins,), alone (margins,)
    Cells whose mean is 0 once the term is in, where no row of theirs must hold people.
pin : cells, counted, value
    One more row, of the sum of these cells, whose count is `value`; there is none where it is
    not counted.

With g the gradient of the log of a row's mean, E[Y | limits] less the mean times g adds up to
the score, and the mean less var(Y | limits) times g g' to the information.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.interval import row


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
def add_outer(residual, curvature, place, value, number, score, information):
    """Add a multiple of a sparse vector, and of its square, to a score and an information."""
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
    low, high, rows, alive, matrix, pin, beta, p, eta, mean, residual, score, information, room
):
    """The log-likelihood, its gradient and the information at β, in one pass over the rows.

    Exact rows add y log m − m, without log y!. -inf where a mean is not finite, or is 0 for
    people seen. Column p of the information is its diagonal. The last of the residuals, one per
    row, is that of the pin.
    """
    start, cell, weight, log_weight, _, _ = rows
    begin, column, entry = matrix
    work, place, value = room
    score[:p] = 0.0
    information[:p, :p] = 0.0
    means(alive, matrix, beta, eta, mean)
    residual[:] = 0.0
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
        gained, residual[r], curvature = row(low[r], high[r], m, log_m)
        total += gained
        add_outer(residual[r], curvature, place, value, number, score, information)
    cells, counted, target = pin
    if counted:
        m = 0.0
        for c in cells:
            m += mean[c]
        if not 0.0 < m < np.inf:
            return -np.inf
        number = sum_gradient(cells, m, alive, mean, matrix, work, place, value)
        total += target * math.log(m) - m
        residual[-1] = target - m
        add_outer(residual[-1], m, place, value, number, score, information)
    for j in range(p):
        information[j, p] = information[j, j]
    return total


@njit(cache=True, nogil=True)
def bend_of_sums(rows, alive, matrix, pin, mean, residual, information, room):
    """Make the information that of the sample: add the second derivatives of the logs of sums.

    Where sums of cells are badly fitted the expected information leads to the maximum slowly;
    but it alone is never negative.
    """
    start, cell, _, _, _, _ = rows
    begin, column, entry = matrix
    work, place, value = room
    for r in range(start.shape[0]):
        cells = cell[start[r] : start[r + 1]] if r < start.shape[0] - 1 else pin[0]
        if cells.shape[0] < 2 or residual[r] == 0.0:
            continue
        m = 0.0
        for c in cells:
            m += mean[c]
        number = sum_gradient(cells, m, alive, mean, matrix, work, place, value)
        add_outer(0.0, residual[r], place, value, number, value, information)
        for c in cells:
            if alive[c]:
                number = begin[c + 1] - begin[c]
                add_outer(
                    0.0, -residual[r] * mean[c] / m, column[begin[c] :], entry[begin[c] :],
                    number, value, information,
                )  # fmt: skip
