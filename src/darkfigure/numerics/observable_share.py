"""Down to which chance of being seen a claimed number of people reaches."""

import numpy as np


def smallest_chances(people: np.ndarray, capture: np.ndarray, claimed: float) -> np.ndarray:
    r"""The largest α for which those seen with a chance of α or more are as many as claimed.

    The α-observable population N_α = Σ_c N_c 1{1 − Π_j (1 − λ_jc) ≥ α} falls with α in steps, one
    for each class (Johndrow, Lum & Manrique-Vallier 2019, Biometrika 106:197).

    Parameters
    ----------
    people : ndarray of float, shape (..., classes)
    capture : ndarray of float, shape (..., classes, k)
        λ, the chances of each class to be on each list.
    claimed : float

    Returns
    -------
    ndarray of float, shape (...)
        nan where all classes together hold fewer people than claimed.
    """
    chance = -np.expm1(np.log1p(-np.minimum(capture, 1 - 1e-16)).sum(axis=-1))
    order = np.argsort(-chance, axis=-1)
    reached = np.take_along_axis(people, order, axis=-1).cumsum(axis=-1) >= claimed
    first = np.argmax(reached, axis=-1)[..., None]
    alpha = np.take_along_axis(np.take_along_axis(chance, order, axis=-1), first, axis=-1)[..., 0]
    return np.where(reached.any(axis=-1), alpha, np.nan)
