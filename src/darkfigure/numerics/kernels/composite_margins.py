"""Fits with empty margins for models of cells seen in sums and between limits, compiled.

A margin is EMPTY where no row that counts its cells must hold people. It is DOUBTFUL where such
rows count other cells too, none counts it alone, and some row that counts it alone need not hold
people: nobody is known to be there, and whether somebody is only the likelihood can tell. It is
taken as empty first, and again filled if the likelihood would rise with somebody in it.

The arrays are those of `composite`.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.composite_fit import ABANDONED, CONVERGED, fit
from darkfigure.numerics.kernels.interval import row

HELD, EMPTY, DOUBTFUL = 0, 1, 2
_ROUNDS = 4
_RISES = 1e-9  # of what the rows say about a margin, for and against


@njit(cache=True, nogil=True)
def zero_margins(low, rows, margins, dead):
    """Say of each margin whether it is held, empty or doubtful."""
    start, _, _, _, first, counting = rows
    begin, member, _, _ = margins
    inside = np.zeros(low.shape[0], np.int64)
    for k in range(dead.shape[0]):
        touched, held, alone, alone_held = False, False, False, False
        for e in range(begin[k], begin[k + 1]):
            c = member[e]
            for i in range(first[c], first[c + 1]):
                r = counting[i]
                inside[r] += 1
                touched = True
                held = held or low[r] > 0.0
                if inside[r] == start[r + 1] - start[r]:
                    alone = True
                    alone_held = alone_held or low[r] > 0.0
            if alone_held:
                break
        for e in range(begin[k], begin[k + 1]):
            c = member[e]
            for i in range(first[c], first[c + 1]):
                inside[counting[i]] = 0
        dead[k] = HELD
        if touched and not held:
            dead[k] = EMPTY
        elif alone and not alone_held:
            dead[k] = DOUBTFUL


@njit(cache=True, nogil=True)
def _applies(k, margins, model, within):
    """Whether a model has the term of a margin, and those within it where it needs them."""
    t = margins[2][k]
    if not model[t]:
        return False
    if not margins[3][k]:
        for s in range(model.shape[0]):
            if within[s, t] and not model[s]:
                return False
    return True


@njit(cache=True, nogil=True)
def living(dead, margins, model, within, alive):
    """Mark the cells whose mean is positive; returns the doubtful margins taken as empty."""
    begin, member, _, _ = margins
    alive[:] = True
    doubtful = 0
    for k in np.flatnonzero(dead):
        if _applies(k, margins, model, within):
            doubtful += dead[k] == DOUBTFUL
            for e in range(begin[k], begin[k + 1]):
                alive[member[e]] = False
    return doubtful


@njit(cache=True, nogil=True)
def _fill_those_that_rise(low, high, rows, margins, dead, model, within, matrix, beta, mean):
    """Fill the doubtful margins with which the likelihood would rise; how many there are.

    By its derivative in a mean of theirs, where it is 0.
    """
    start, cell, weight, _, first, counting = rows
    begin, member, _, _ = margins
    opening, column, entry = matrix
    deaths = np.zeros(mean.shape[0], np.int64)
    for k in np.flatnonzero(dead):
        if _applies(k, margins, model, within):
            for e in range(begin[k], begin[k + 1]):
                deaths[member[e]] += 1
    filled = 0
    for k in np.flatnonzero(dead == DOUBTFUL):
        if not _applies(k, margins, model, within):
            continue
        rise, size = 0.0, 0.0
        for e in range(begin[k], begin[k + 1]):
            c = member[e]
            if deaths[c] != 1 or first[c] == first[c + 1]:
                continue
            eta = 0.0
            for i in range(opening[c], opening[c + 1]):
                eta += entry[i] * beta[column[i]]
            for i in range(first[c], first[c + 1]):
                r = counting[i]
                m = 0.0
                for j in range(start[r], start[r + 1]):
                    m += mean[cell[j]]
                m *= weight[r]
                slope = -1.0 if high[r] == 0.0 else 0.0
                if m > 0.0:
                    slope = row(low[r], high[r], m, math.log(m))[1] / m
                rise += slope * weight[r] * math.exp(eta)
                size += abs(slope) * weight[r] * math.exp(eta)
        if rise > _RISES * size:
            dead[k] = HELD
            filled += 1
    return filled


@njit(cache=True, nogil=True)
def fit_margins(
    low, high, rows, margins, dead, model, within, matrix, pin, beta, p, warm, mean, factor, quick,
    slack, needed, alive,
):  # fmt: skip
    """`composite_fit.fit` with the margins that are empty; those that are not are filled again.

    Parameters
    ----------
    dead : ndarray of int8, shape (margins,)
        Changed: doubtful margins that are filled are held.
    alive : ndarray of bool, shape (cells,)
        Written: cells whose mean is positive.
    """
    begun, here = beta[:p].copy(), warm
    for attempt in range(_ROUNDS):
        if attempt == _ROUNDS - 1:
            dead[dead == DOUBTFUL] = HELD
        doubtful = living(dead, margins, model, within, alive)
        status, value, lost = fit(
            low, high, rows, alive, matrix, pin, beta, p, here, mean, factor, quick, slack, needed
        )  # fmt: skip
        if doubtful == 0 or status == ABANDONED:
            break
        if status == CONVERGED:
            if not _fill_those_that_rise(
                low, high, rows, margins, dead, model, within, matrix, beta, mean
            ):
                break
            here = True
        else:
            dead[dead == DOUBTFUL] = HELD
            beta[:p], here = begun, warm
    return status, value, lost
