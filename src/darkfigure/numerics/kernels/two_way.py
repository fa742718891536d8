"""Newton's method for log-linear models of main effects and two-way terms, compiled.

The arrays of a design (`numerics.two_way.TwoWay`) come in this order:

within : (cells, terms) column of the term that the cell falls in, -1 for none
width : (terms,) columns from there on that the cell has values in
scored : (terms,) whether those values are the cell's polynomial scores, instead of 1
scores : (cells, degree) the polynomial scores
offset : (terms,) first column of each term, with all terms in
margin : (cells, terms) level or pair of levels whose margin the term fits, -1 for none
observable : the first so many cells; the others are those of the unseen
"""

import numpy as np
from numba import njit

CONVERGED = 0
FAILED = 1
ABANDONED = 2
_MAX_STEPS = 60
_SCORE_TOLERANCE = 1e-8
_STEP_TOLERANCE = 1e-6
_LARGEST_EFFECT = 20.0
_LARGEST_CONSTANT = 30.0
_SMALLEST_PIVOT = 1e-10
_DECREMENT = 1e-6  # of the deviance: a candidate's criterion is known to a millionth
GONE = 1e100  # pivot of a column that depends on those before it: its parameter stays put


@njit(cache=True, nogil=True)
def zero_margins(y, margin, observable, dead, any_dead):
    """Mark the cells whose mean is 0 once a term is in, because its margin there is 0."""
    cells, terms = margin.shape
    total = np.zeros(margin.max() + 1)
    for t in range(terms):
        total[:] = 0.0
        for i in range(observable):
            if margin[i, t] >= 0:
                total[margin[i, t]] += y[i]
        any_dead[t] = False
        for i in range(cells):
            dead[i, t] = margin[i, t] >= 0 and total[margin[i, t]] == 0.0
            any_dead[t] = any_dead[t] or dead[i, t]


@njit(cache=True, nogil=True)
def living(dead, any_dead, terms, alive):
    """Mark the cells whose mean is positive under a model."""
    alive[:] = True
    for t in terms:
        if any_dead[t]:
            for i in range(alive.shape[0]):
                if dead[i, t]:
                    alive[i] = False


@njit(cache=True, nogil=True)
def factorise(matrix, p):
    """Cholesky in place; a column that depends on earlier ones is set aside. How many were."""
    lost = 0
    for j in range(p):
        diagonal = matrix[j, j]
        pivot = diagonal
        for i in range(j):
            pivot -= matrix[j, i] * matrix[j, i]
        if not pivot > _SMALLEST_PIVOT * diagonal:
            matrix[j, j] = GONE
            lost += 1
        else:
            matrix[j, j] = np.sqrt(pivot)
        root = matrix[j, j]
        for row in range(j + 1, p):
            value = matrix[row, j]
            for i in range(j):
                value -= matrix[row, i] * matrix[j, i]
            matrix[row, j] = value / root
    return lost


@njit(cache=True, nogil=True)
def forward(factor, right, p):
    """Solve L x = right in place."""
    for i in range(p):
        value = right[i]
        for j in range(i):
            value -= factor[i, j] * right[j]
        right[i] = value / factor[i, i]


@njit(cache=True, nogil=True)
def backward(factor, right, p):
    """Solve L' x = right in place."""
    for i in range(p - 1, -1, -1):
        value = right[i]
        for j in range(i + 1, p):
            value -= factor[j, i] * right[j]
        right[i] = value / factor[i, i]


@njit(cache=True, nogil=True)
def columns_of(i, terms, start, within, width, scored, scores, place, value):
    """Columns that a cell has values in, in increasing order, with the values; how many."""
    number = 0
    for a in range(terms.shape[0]):
        t = terms[a]
        first = within[i, t]
        if first < 0:
            continue
        if scored[t]:
            for d in range(width[t]):
                place[number] = start[a] + first + d
                value[number] = scores[i, d]
                number += 1
        else:
            place[number] = start[a] + first
            value[number] = 1.0
            number += 1
    return number


@njit(cache=True, nogil=True)
def likelihood_pass(y, alive, terms, start, arrays, beta, p, mu, score, information, place, value):
    """Σ y log μ − μ, its gradient and the information at β, in one pass over the cells."""
    within, width, scored, scores, observable = arrays
    score[:p] = 0.0
    information[:p, :p] = 0.0
    total = 0.0
    for i in range(observable):
        if not alive[i]:
            mu[i] = 0.0
            continue
        number = columns_of(i, terms, start, within, width, scored, scores, place, value)
        eta = 0.0
        for a in range(number):
            eta += value[a] * beta[place[a]]
        mean = np.exp(eta)
        mu[i] = mean
        total += y[i] * eta - mean
        for a in range(number):
            score[place[a]] += (y[i] - mean) * value[a]
            weight = mean * value[a]
            row = information[place[a]]
            for b in range(a + 1):
                row[place[b]] += weight * value[b]
    return total


@njit(cache=True, nogil=True)
def fit(y, alive, terms, start, arrays, beta, p, mu, factor, quick, slack, needed):
    """Newton steps with halving from β, which is changed.

    Parameters
    ----------
    quick : bool
        Stop once the log-likelihood is known to a millionth.
    slack, needed : float
        Give up as soon as 2 log-likelihood, raised by `slack` times the Newton decrement, does
        not reach `needed`.

    Returns
    -------
    tuple
        Status, Σ y log μ − μ, and the columns set aside.
    """
    score, step, trial = np.empty(p), np.empty(p), np.empty(p)
    most = terms.shape[0] * max(1, arrays[3].shape[1])
    place, value = np.empty(most, np.int64), np.empty(most)
    current = likelihood_pass(
        y, alive, terms, start, arrays, beta, p, mu, score, factor, place, value
    )
    if not np.isfinite(current):
        return FAILED, current, 0
    last_step = np.inf
    for _ in range(_MAX_STEPS):
        worst = 0.0
        for j in range(p):
            if factor[j, j] > 0.0:
                worst = max(worst, abs(score[j]) / np.sqrt(factor[j, j]))
        lost = factorise(factor, p)
        if worst < _SCORE_TOLERANCE and last_step < _STEP_TOLERANCE:
            return CONVERGED, current, lost
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
        scale = 1.0
        for _ in range(30):
            for j in range(p):
                trial[j] = beta[j] + scale * step[j]
            reached = likelihood_pass(
                y, alive, terms, start, arrays, trial, p, mu, score, factor, place, value
            )
            if reached >= current - 1e-9 * (1.0 + abs(current)):
                break
            scale *= 0.5
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
