"""Silverman's thresholding: keep the interactions that stand clear of zero, fit again."""

import numpy as np

from darkfigure.models.bayesian_log_linear.averaging import Averaged
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.hierarchy import closure


def interactions_kept(
    layout: Layout, order: int, averaged: Averaged, threshold: float
) -> np.ndarray:
    """The model of the interactions whose posterior mean is so many deviations from zero.

    Parameters
    ----------
    averaged : Averaged
        The posterior of the largest model.
    threshold : float
        On |mean| / standard deviation. An interaction of a stratum variable is kept if any of
        its levels is.

    Returns
    -------
    ndarray of bool, shape (2**variables,)
        With all that a kept interaction contains.
    """
    effects = averaged.answer.effects
    mean, deviation = effects.mean(axis=0), effects.std(axis=0, ddof=1)
    largest = np.flatnonzero(layout.largest(order))
    kept = [
        int(term)
        for term in largest
        if term & (term - 1)
        and any(
            abs(mean[each]) >= threshold * deviation[each]
            for each in layout.factors.terms_of(int(term))
        )
    ]
    return closure(kept, layout.factors.variables)
