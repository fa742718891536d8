"""What adding or dropping an interaction would change, foretold from one fitted model, compiled.

Near the fitted parameters the log likelihood is a quadratic form: one factorisation of the
information tells for every interaction about how far the deviance would rise or fall.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.lattice import (
    dot,
    factorise,
    gather,
    solve_lower,
    subset_products,
    superset_sums,
)
from darkfigure.numerics.kernels.newton import expect, set_terms, workspace

_DEPENDENT = 1e-9  # share of an interaction's information that the other terms leave over


@njit(cache=True, nogil=True)
def may_change(model, term):
    """Whether adding or dropping a term leaves the model hierarchical."""
    bit = 1
    while bit < model.shape[0]:
        if model[term]:
            if not term & bit and model[term | bit]:
                return False
        elif term & bit and not model[term ^ bit]:
            return False
        bit <<= 1
    return True


@njit(cache=True, nogil=True)
def _deviance(count, mean):
    """Of one Poisson count: 2 (y log(y/μ) − y + μ)."""
    if count <= 0.0:
        return 2.0 * mean
    return 2.0 * (count * math.log(count / mean) - count + mean)


@njit(cache=True, nogil=True)
def _added(margin, term, p, work, column):
    """How far the deviance would fall with one more term; inf where it cannot be told apart.

    The score statistic, with the deviance of the term's own margin in place of its quadratic
    part.
    """
    mean = work.superset[term]
    if not mean > 0.0:
        return -math.inf
    for i in range(p):
        column[i] = work.superset[work.terms[i] | term]
    solve_lower(work.information, column, p)
    left = 1.0 - dot(column, column, p) / mean
    if left < _DEPENDENT:
        return -math.inf
    off = margin[term] - mean
    return _deviance(margin[term], mean) + (1.0 / left - 1.0) * off * off / mean


@njit(cache=True, nogil=True)
def _dropped(margin, at, p, work, column):
    """How far the deviance would rise without a term: Wald's statistic, with its skewness."""
    column[:p] = 0.0
    column[at] = 1.0
    solve_lower(work.information, column, p)
    count = margin[work.terms[at]]
    share = 1.0 / (dot(column, column, p) * count)
    mean = count * math.exp(-min(share * work.beta[at], 50.0))
    return _deviance(count, mean) / share


@njit(cache=True, nogil=True)
def _let_back(possible, model, coefficients, term, p, work, column):
    """How far the deviance would rise without a term at minus infinity, whose cells come back."""
    cells = work.spare
    for other in range(model.shape[0]):
        cells[other] = 1.0 if possible[other] else 0.0
        if model[other] and other != term:
            cells[other] = math.exp(coefficients[other])
    subset_products(cells)
    for cell in range(model.shape[0]):
        if cell & term != term:
            cells[cell] = 0.0
    superset_sums(cells)
    for i in range(p):
        column[i] = cells[work.terms[i]]
    solve_lower(work.information, column, p)
    return max(2.0 * cells[term] - dot(column, column, p), 0.0)


@njit(cache=True, nogil=True)
def deviance_changes(y, possible, models, coefficients, allowed, first, last, changes):
    """What each allowed change of models[first:last] would add to the deviance, about.

    Parameters
    ----------
    y : ndarray of float, shape (2**k,)
    possible : ndarray of bool, shape (2**k,)
    models : ndarray of bool, shape (models, 2**k)
        With an estimate each.
    coefficients : ndarray of float, shape (models, 2**k)
        Their estimates, as `fit_models` writes them.
    allowed : ndarray of int64, shape (terms,)
        Interactions that may be added or dropped.
    changes : ndarray of float, shape (models, terms)
        Written: nan where the change leaves no hierarchical model, inf where the data do not
        tell the new term from the others.
    """
    size = y.shape[0]
    most = 1
    for m in range(first, last):
        most = max(most, models[m].sum())
    margin = y.copy()
    margin[0] = 0.0
    superset_sums(margin)
    work = workspace(size, most)
    column, place = np.empty(most), np.empty(size, np.int64)
    for m in range(first, last):
        model = models[m]
        p = set_terms(margin, possible, model, work)
        for i in range(p):
            work.beta[i] = coefficients[m, work.terms[i]]
            place[work.terms[i]] = i
        expect(margin, work.beta, p, False, work)
        gather(work.superset, work.terms, p, work.information)
        told = factorise(work.information, p)
        for a in range(allowed.shape[0]):
            term = allowed[a]
            if not may_change(model, term):
                changes[m, a] = np.nan
            elif not told:
                changes[m, a] = 0.0
            elif not model[term]:
                changes[m, a] = -_added(margin, term, p, work, column)
            elif margin[term] > 0.0:
                changes[m, a] = _dropped(margin, place[term], p, work, column)
            else:
                changes[m, a] = _let_back(possible, model, coefficients[m], term, p, work, column)
