"""Draws around the posterior modes of many log-linear models, with their weights, compiled."""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.laplace import (
    FOUND,
    climb,
    log_density,
    normal_over_student,
    seen_of,
    set_model,
    set_prior,
    workspace,
)
from darkfigure.numerics.kernels.lattice import dot, solve_upper


@njit(cache=True, nogil=True)
def propose(
    y,
    observed,
    missed,
    models,
    column,
    precision,
    scales,
    starts,
    ends,
    normals,
    stretch,
    degrees,
    first,
    last,
    effects,
    log_odds,
    log_weight,
):
    """Draw effects from a Student-t around each mode, and weigh them against the posterior.

    Parameters
    ----------
    missed : ndarray of int64, shape (strata,)
        Cells of the people on no list.
    models : ndarray of bool, shape (groups, 2**bits)
        The model of each group of draws.
    column : ndarray of int64, shape (2**bits,)
        The column of `effects` that each term has.
    scales : ndarray of float, shape (groups,)
        The scale of its prior.
    starts : ndarray of float, shape (groups, 2**bits)
        Where to look for its mode.
    ends : ndarray of int64, shape (groups + 1,)
        Draws ends[g] to ends[g + 1] belong to group g.
    normals : ndarray of float, shape (draws, most terms)
        Standard normal numbers.
    stretch : ndarray of float, shape (draws,)
        sqrt(ν / χ²) with ν degrees of freedom.
    degrees : float
        ν.
    effects : ndarray of float, shape (draws, columns)
        Written: 0 for terms not in the model.
    log_odds : ndarray of float, shape (draws, strata)
        Written: log of the mean of each unseen cell over the sum of the observable ones.
    log_weight : ndarray of float, shape (draws,)
        Written: log of posterior over proposal, less the log evidence by Laplace; -inf where the
        mode was lost.
    """
    seen = seen_of(y, observed, missed)
    work = workspace(models, first, last, missed)
    terms, trial = work.terms, work.trial
    for g in range(first, last):
        p = set_model(models[g], starts[g], work)
        set_prior(precision, scales[g], p, work)
        state, peak, _, _ = climb(seen, p, work)
        constant = normal_over_student(degrees, p)
        for draw in range(ends[g], ends[g + 1]):
            if state != FOUND:
                log_weight[draw] = -np.inf
                continue
            for i in range(p):
                trial[i] = normals[draw, i] * stretch[draw]
            length = dot(trial, trial, p)
            solve_upper(work.hessian, trial, p)
            for i in range(p):
                trial[i] += work.beta[i]
                effects[draw, column[terms[i]]] = trial[i]
            value, total, top = log_density(seen, trial, p, work)
            for s in range(missed.shape[0]):
                log_odds[draw, s] = work.log_missed[s] - top - math.log(total)
            # the proposal's log density in units where Laplace's is that of a normal
            proposal = -0.5 * (degrees + p) * math.log1p(length / degrees)
            log_weight[draw] = value - peak - proposal + constant
