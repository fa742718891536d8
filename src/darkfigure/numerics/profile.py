"""Profile likelihood of the unseen under one log-linear model (Cormack 1992, Biometrics 48:567)."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.kernels import newton_kernels

_FARTHEST = 1e13
_RUN_OFF = 1e6  # times the people seen: a fit that came so far has no maximum to profile about
_DEEPEST = 8.0  # signed root beyond which no draw is asked for


@dataclass(frozen=True)
class Profile:
    """The signed root of the profile deviance over a range of unseen counts.

    Attributes
    ----------
    unseen : ndarray of float, shape (points,)
        Increasing.
    signed_root : ndarray of float, shape (points,)
        sign(n0 − n̂0) sqrt(2 (ℓ_max − ℓ(n0))), increasing.
    best : float
        The number unseen at the maximum; inf where the likelihood rises without end.
    bounded : bool
        False if the curve levels off, so that a high enough limit is infinite.
    """

    unseen: np.ndarray
    signed_root: np.ndarray
    best: float
    bounded: bool

    def at(self, z: np.ndarray) -> np.ndarray:
        """Unseen counts whose signed root is `z`; inf above the curve, 0 below it."""
        found = np.exp(np.interp(z, self.signed_root, np.log(self.unseen + 1.0))) - 1.0
        if not self.bounded:
            found = np.where(z > self.signed_root[-1], np.inf, found)
        return np.where(z < self.signed_root[0], 0.0, found)


def profile_of(
    counts: np.ndarray, model: np.ndarray, possible: np.ndarray, coefficients: np.ndarray
) -> Profile:
    """Profile one model's likelihood over the unseen, as far up as it takes.

    ℓ(n0) = log Γ(N + 1) − log Γ(n0 + 1) + Σ y log(μ̂ / N) over all cells, the unseen one included,
    with μ̂ fitted to the table completed by n0.
    """
    start = math.exp(float(coefficients[0])) if math.isfinite(coefficients[0]) else 0.0
    seen = float(counts[1:].sum())
    if not 0 < start < _RUN_OFF * seen:  # no maximum: begin at as many unseen as seen
        start = seen
    upwards = _points(start, upward=True)
    downwards = _points(start, upward=False)
    values = {}
    for points in (upwards, downwards):
        found = _log_likelihood(counts, model, possible, coefficients, points)
        values.update(dict(zip(points.tolist(), found.tolist(), strict=True)))
    unseen = np.array(sorted(n0 for n0, value in values.items() if math.isfinite(value)))
    log_likelihood = np.array([values[n0] for n0 in unseen.tolist()])
    best, highest = _peak(unseen, log_likelihood)
    sign = np.where(unseen < best, -1.0, 1.0)
    root = sign * np.sqrt(2.0 * np.maximum(highest - log_likelihood, 0.0))
    root = np.maximum.accumulate(root)
    keep = np.append(True, np.diff(root) > 0)
    unseen, root = unseen[keep], root[keep]
    return Profile(unseen, root, best, bool(root[-1] > _DEEPEST / 2))


def _points(start: float, *, upward: bool) -> np.ndarray:
    if upward:
        near = start + 1.0
        fine = np.geomspace(near, near * 30.0, 500) - 1.0
        farthest = max(_FARTHEST, near * 1e6)
        far = np.geomspace(near * 30.0, farthest, 120)[1:] - 1.0
        return np.concatenate([fine, far])
    return np.append((np.geomspace(start + 1.0, 1.0, 500) - 1.0)[1:-1], 0.0)


def _log_likelihood(
    counts: np.ndarray,
    model: np.ndarray,
    possible: np.ndarray,
    coefficients: np.ndarray,
    unseen: np.ndarray,
) -> np.ndarray:
    newton = newton_kernels()
    y = np.array(counts, dtype=float)
    y[0] = 0.0
    start = np.where(np.isfinite(coefficients), coefficients, 0.0)
    out = np.empty(len(unseen))
    newton.profile_unseen(y, possible, model, start, unseen, out)
    population = y.sum() + unseen
    return gammaln(population + 1) - gammaln(unseen + 1) + out - population * np.log(population)


def _peak(unseen: np.ndarray, log_likelihood: np.ndarray) -> tuple[float, float]:
    """The maximum, by a parabola through the three highest points."""
    top = int(np.argmax(log_likelihood))
    if log_likelihood[-1] > log_likelihood[top] - 1e-3:  # level to the end of the range
        return math.inf, float(log_likelihood[top])
    i = int(np.clip(top, 1, len(unseen) - 2))
    x, y = unseen[i - 1 : i + 2], log_likelihood[i - 1 : i + 2]
    a, b, c = np.polyfit(x - x[1], y - y[1], 2)
    if a >= 0:
        return float(unseen[top]), float(log_likelihood[top])
    shift = float(np.clip(-b / (2 * a), x[0] - x[1], x[2] - x[1]))
    return float(x[1] + shift), float(y[1] + a * shift**2 + b * shift + c)
