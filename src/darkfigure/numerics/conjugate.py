"""Exact draws of the number unseen, given the chance to be on no list."""

import numpy as np

_POISSON_LIMIT = 1e15  # above it a Poisson count differs from its mean by less than a digit


def draw_unseen(seen: float, log_odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw n0 given π0 under p(N) ∝ 1/N: negative binomial with size n and probability 1 − π0.

    P(n0) = C(n + n0 − 1, n0) (1 − π0)^n π0^n0, a Poisson with a gamma mean (Manrique-Vallier
    2016, Biometrics 72:1246, section 4).

    Parameters
    ----------
    seen : float
        n, the people on at least one list.
    log_odds : ndarray of float
        log(π0 / (1 − π0)), any shape.

    Returns
    -------
    ndarray of float
        Whole numbers, of the shape of `log_odds`.
    """
    log_rate = np.log(rng.standard_gamma(seen, size=np.shape(log_odds))) + log_odds
    return poisson_of(log_rate, rng)


def poisson_of(log_rate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Poisson counts as floats, at any size; their rounded mean where they are past counting."""
    with np.errstate(over="ignore"):
        rate = np.exp(log_rate)
    small = np.minimum(rate, _POISSON_LIMIT)
    return np.where(rate < _POISSON_LIMIT, rng.poisson(small), np.rint(rate)).astype(float)
