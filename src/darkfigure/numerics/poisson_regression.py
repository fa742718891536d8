"""Poisson regression of a few counts on a few columns, by maximum likelihood."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

_STEPS = 200


@dataclass(frozen=True)
class PoissonFit:
    """Coefficients of a log-linear model of independent counts.

    Attributes
    ----------
    counts, mean : ndarray of float, shape (cells,)
    coefficients : ndarray of float, shape (columns,)
    covariance : ndarray of float, shape (columns, columns)
        From the information matrix; inf where it is singular.
    converged : bool
    """

    counts: np.ndarray
    mean: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    converged: bool

    @property
    def deviance(self) -> float:
        """Twice the log likelihood ratio of the counts themselves to the means."""
        y, mean = self.counts, self.mean
        return max(2.0 * float((xlogy(y, y) - xlogy(y, mean) - y + mean).sum()), 0.0)

    @property
    def log_likelihood(self) -> float:
        """Log probability of the counts."""
        return float((xlogy(self.counts, self.mean) - self.mean - gammaln(self.counts + 1)).sum())


def fit_poisson(y: np.ndarray, design: np.ndarray) -> PoissonFit:
    """Newton's method with halved steps, from the least-squares fit to log(y + 1/2)."""
    beta = np.linalg.lstsq(design, np.log(y + 0.5), rcond=None)[0]
    value = _log_likelihood(y, design @ beta)
    scale = np.sqrt(design.T**2 @ y + 1.0)
    converged = False
    for _ in range(_STEPS):
        mean = np.exp(design @ beta)
        score = design.T @ (y - mean)
        converged = bool((np.abs(score) <= 1e-8 * scale).all())
        if converged or not math.isfinite(value):
            break
        step = np.linalg.lstsq((design.T * mean) @ design, score, rcond=None)[0]
        length = 1.0
        while length > 1e-10:
            ahead = _log_likelihood(y, design @ (beta + length * step))
            if ahead >= value - 1e-12 * abs(value):
                break
            length /= 2
        beta, value = beta + length * step, ahead
    mean = np.exp(design @ beta)
    information = (design.T * mean) @ design
    whole = bool(np.linalg.matrix_rank(information / np.outer(scale, scale)) == len(beta))
    covariance = np.linalg.inv(information) if whole else np.full_like(information, math.inf)
    return PoissonFit(y, mean, beta, covariance, converged and whole)


def _log_likelihood(y: np.ndarray, log_mean: np.ndarray) -> float:
    with np.errstate(over="ignore"):
        return float(y @ log_mean - np.exp(log_mean).sum())
