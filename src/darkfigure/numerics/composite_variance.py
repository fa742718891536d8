"""Variances of the logs of expected numbers, by the delta method."""

import numpy as np

from darkfigure.numerics.composite import CompositeFit
from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.design import Design


def log_covariance(fit: CompositeFit, design: Design, sets: np.ndarray) -> np.ndarray:
    """Covariance of the logs of expected numbers in sets of cells.

    With g the gradient of log Σ μ over a set, the mean of the rows x of the design weighted by μ,
    it is g' V g, V the covariance of the coefficients.

    Parameters
    ----------
    fit : CompositeFit
    design : Design
    sets : ndarray of bool, shape (sets, cells)

    Returns
    -------
    ndarray of float, shape (sets, sets)
        0 where nobody is expected.
    """
    gradient = np.array([_gradient(fit, design, members) for members in np.asarray(sets)])
    return gradient @ fit.covariance @ gradient.T


def unseen_variance(fit: CompositeFit, data: Composite, design: Design) -> float:
    """Variance of the log of the expected number unseen."""
    return float(log_covariance(fit, design, data.unseen[None, :])[0, 0])


def strata_covariances(
    fit: CompositeFit, data: Composite, design: Design
) -> tuple[np.ndarray, np.ndarray]:
    """Covariances of the logs of expected numbers on no list, and in all, by stratum.

    Returns
    -------
    tuple of ndarray of float, shape (strata, strata)
    """
    inside = data.stratum == np.arange(data.strata)[:, None]
    return (
        log_covariance(fit, design, inside & data.unseen),
        log_covariance(fit, design, inside),
    )


def _gradient(fit: CompositeFit, design: Design, members: np.ndarray) -> np.ndarray:
    means = np.where(members, fit.means, 0.0)
    total = means.sum()
    if total == 0:
        return np.zeros(design.columns)
    share = np.repeat(means / total, np.diff(design.start))
    return np.bincount(design.column, share * design.value, design.columns)
