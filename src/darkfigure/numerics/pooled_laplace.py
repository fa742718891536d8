"""Laplace's approximation to pooled effects: their mode given the scales, and its evidence."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

from darkfigure.numerics.pooled_counts import Curvature, PooledCounts

_STEPS = 100
_CLOSE = 1e-9
_SMALLEST_STEP = 1e-6


@dataclass(frozen=True, eq=False)
class ConditionalMode:
    """The most probable effects given the scales, and the normal distribution about them.

    Attributes
    ----------
    effects : ndarray of float, shape (effects,)
    root : ndarray of float, shape (effects, effects)
        Lower Cholesky factor of the precision.
    log_evidence : float
        Laplace's approximation to the log of p(counts | scales).
    """

    effects: np.ndarray
    root: np.ndarray
    log_evidence: float

    def draw(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws from the normal distribution, with their log densities.

        Returns
        -------
        effects : ndarray of float, shape (size, effects)
        log_density : ndarray of float, shape (size,)
        """
        standard = rng.standard_normal((size, len(self.effects)))
        away = solve_triangular(self.root.T, standard.T, lower=False).T
        constant = np.log(np.diag(self.root)).sum() - 0.5 * len(self.effects) * np.log(2.0 * np.pi)
        return self.effects + away, constant - 0.5 * (standard**2).sum(axis=1)


def starting_effects(counts: PooledCounts) -> np.ndarray:
    """Prior means, with the constant such that as many are expected to be seen as were."""
    start = counts.model.mean.copy()
    expected = counts.expected(counts.model.means(start[None, :]))[0].sum()
    start[0] += np.log(max(counts.people, 0.5) / expected)
    return start


def conditional_mode(
    counts: PooledCounts, log_scale: np.ndarray, start: np.ndarray, *, close: float = _CLOSE
) -> ConditionalMode:
    """Newton's method from a starting point, halving steps that do not climb.

    Where the curvature is no maximum's (sums of cells can bend it), the step uses a part of it
    that always is.

    Parameters
    ----------
    counts : PooledCounts
    log_scale : ndarray of float, shape (scales,)
    start : ndarray of float, shape (effects,)
    close : float, default 1e-9
        Half the squared length of the last step, in posterior standard deviations.
    """
    model = counts.model
    precision = np.diag(1.0 / model.deviations(log_scale) ** 2)
    effects = start
    for _ in range(_STEPS):
        bent = counts.curvature(effects)
        log_density = bent.log_likelihood + float(model.log_prior(effects, log_scale))
        slope = bent.slope - np.diag(precision) * (effects - model.mean)
        root = _root(bent, precision)
        step = cho_solve((root, True), slope)
        gain = 0.5 * float(slope @ step)
        if gain < close:
            break
        moved = _climb(counts, log_scale, effects, step, (log_density, gain))
        if moved is None:
            break
        effects = moved
    size = len(effects)
    constant = 0.5 * size * np.log(2.0 * np.pi) - np.log(np.diag(root)).sum()
    return ConditionalMode(effects + step, root, log_density + gain + constant)


def _root(bent: Curvature, precision: np.ndarray) -> np.ndarray:
    """Cholesky factor of the posterior precision, or of the part of it that is always positive."""
    try:
        return np.linalg.cholesky(bent.information + precision)
    except np.linalg.LinAlgError:
        positive = bent.positive() + precision
        return np.linalg.cholesky(positive + 1e-8 * np.diag(np.maximum(np.diag(positive), 1.0)))


def _climb(
    counts: PooledCounts,
    log_scale: np.ndarray,
    effects: np.ndarray,
    step: np.ndarray,
    at: tuple[float, float],
) -> np.ndarray | None:
    """The effects after the longest halved step that climbs; None where none does."""
    log_density, gain = at
    length = 1.0
    while length > _SMALLEST_STEP:
        moved = effects + length * step
        found = counts.log_likelihood(moved[None, :])[0][0]
        found += counts.model.log_prior(moved, log_scale)
        if np.isfinite(found) and found > log_density + 1e-4 * length * gain:
            return moved
        length /= 2.0
    return None
