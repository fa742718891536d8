"""Ratios of gamma functions that stay accurate at very large arguments."""

import numpy as np
from scipy.special import gammaln

_LARGE = 1e5


def log_gamma_ratio(x: np.ndarray, a: np.ndarray | float) -> np.ndarray:
    """log Γ(x + a) − log Γ(x + 1), without cancellation where x is large.

    Differences of `gammaln` lose all digits near x = 1e15; beyond 1e5 the difference of the two
    Stirling series is taken term by term instead.

    Parameters
    ----------
    x : ndarray of float
        Non-negative.
    a : float or ndarray
        Positive; broadcast against `x`.
    """
    x, a = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(a, dtype=float))
    large = x > _LARGE
    out = np.empty(x.shape)
    out[~large] = gammaln(x[~large] + a[~large]) - gammaln(x[~large] + 1.0)
    z, c = x[large] + 1.0, a[large] - 1.0
    out[large] = (z + c - 0.5) * np.log1p(c / z) + c * np.log(z) - c + (1 / (z + c) - 1 / z) / 12.0
    return out
