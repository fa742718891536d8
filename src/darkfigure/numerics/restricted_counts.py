"""Expected counts as near to a table as ranges of ratios allow."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

_STEPS = 300
_FARTHEST = 1.5  # of a step in the logarithm of a count
_CONVERGED = 1e-5  # of the likelihood, that a step would add
_ENOUGH = 1e-3  # the same, where steps have run out
_KEPT = 1e-6  # of a log ratio: how far outside its range it may end


@dataclass(frozen=True)
class Limits:
    """Log ratios of expected counts that must not be negative.

    Attributes
    ----------
    room : callable
        Of the expected counts: shape (limits,); negative where a limit is broken.
    slopes : callable
        Its derivatives by the logarithms of the counts, shape (limits, cells).
    """

    room: Callable[[np.ndarray], np.ndarray]
    slopes: Callable[[np.ndarray], np.ndarray]


def restricted_deviance(y: np.ndarray, limits: Limits) -> float:
    """2 Σ (λ − y − y log(λ / y)) at the λ that keep all limits and make it smallest.

    Each step solves the quadratic programme with the exact curvature of the likelihood, which is
    diagonal, in its dual by non-negative least squares; steps are halved until the likelihood with
    a penalty on broken limits falls.

    Returns
    -------
    float
        nan if no such counts were found.
    """
    z = np.log(np.maximum(y, 0.5))
    penalty = 1.0
    for number in range(1, _STEPS + 1):
        mean = np.exp(z)
        room, slopes = limits.room(mean), limits.slopes(mean)
        curvature = np.maximum(mean, 1e-6)
        step, weights = _quadratic_step(mean - y, curvature, room, slopes)
        wanted = _CONVERGED if number < _STEPS else _ENOUGH
        if step @ (curvature * step) < wanted and room.min() > -_KEPT:
            return 2.0 * float((mean - y - y * z + xlogy(y, y)).sum())
        step *= min(1.0, _FARTHEST / float(np.abs(step).max()))
        penalty = max(penalty, 1.5 * float(weights.max(initial=0.0)))

        def merit(at: np.ndarray, penalty: float = penalty) -> float:
            ahead = np.exp(at)
            broken = np.maximum(-limits.room(ahead), 0.0).sum()
            return float((ahead - y * at).sum() + penalty * broken)

        here, length = merit(z), 1.0
        while merit(z + length * step) > here and length > 1e-6:
            length /= 2
        z = z + length * step
    return math.nan


def _quadratic_step(
    gradient: np.ndarray, curvature: np.ndarray, room: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The step d that makes ½ dᵀHd + gᵀd smallest with room + slopes d ≥ 0, and its multipliers."""
    from scipy.optimize import nnls

    inverse = slopes / curvature
    square = inverse @ slopes.T
    square[np.diag_indices_from(square)] *= 1.0 + 1e-9
    lower = np.linalg.cholesky(square)
    target = np.linalg.solve(lower, inverse @ gradient - room)
    weights, _ = nnls(lower.T, target, maxiter=50 * len(room))
    return (slopes.T @ weights - gradient) / curvature, weights
