"""The posterior of the scales of pooled effects, the effects integrated out by Laplace."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from darkfigure.numerics.line_density import LineDensity, density_along
from darkfigure.numerics.pooled_counts import PooledCounts
from darkfigure.numerics.pooled_laplace import ConditionalMode, conditional_mode, starting_effects

_SLOPE_STEP, _CURVATURE_STEP = 0.02, 0.15
_LEAST_CURVATURE = 0.2  # of the log density in the log of a scale: deviations up to 2.2
_ROUGH = 1e-3  # how close a mode must be found that draws are only proposed about


@dataclass(frozen=True, eq=False)
class ScalePosterior:
    """The logs of the scales about their mode, taken as independent along certain axes.

    Attributes
    ----------
    counts : PooledCounts
    mode : ndarray of float, shape (scales,)
        Logs of the scales.
    effects : ndarray of float, shape (effects,)
        Most probable there.
    axes : ndarray of float, shape (scales, scales)
        Columns are directions.
    along : tuple of LineDensity
        The posterior along each, through the mode.
    """

    counts: PooledCounts
    mode: np.ndarray
    effects: np.ndarray
    axes: np.ndarray
    along: tuple[LineDensity, ...]

    def draw(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws of the logs of the scales, with their log densities up to a constant.

        Along every axis they are spread evenly, a Latin hypercube (McKay, Beckman & Conover 1979,
        Technometrics 21:239).

        Returns
        -------
        log_scale : ndarray of float, shape (size, scales)
        log_density : ndarray of float, shape (size,)
        """
        steps = np.zeros((size, len(self.along)))
        log_density = np.zeros(size)
        for axis, line in enumerate(self.along):
            steps[:, axis] = line.draw(size, rng)
            log_density += line.log_at(steps[:, axis])
        return self.mode + steps @ self.axes.T, log_density

    def conditional(self, log_scale: np.ndarray, start: np.ndarray) -> ConditionalMode:
        """The effects given scales, near enough to be proposed from."""
        return conditional_mode(self.counts, log_scale, start, close=_ROUGH)


def scale_posterior(counts: PooledCounts) -> ScalePosterior:
    """Find the mode of the scales, and look along axes through it."""
    effects = starting_effects(counts)
    mode = np.log(0.5 * counts.model.width)

    def from_near(log_scale: np.ndarray) -> float:
        nonlocal effects
        found = conditional_mode(counts, log_scale, effects)
        effects = found.effects
        return found.log_evidence + float(counts.model.log_prior_of_scales(log_scale))

    def downhill(log_scale: np.ndarray) -> tuple[float, np.ndarray]:
        steps = _SLOPE_STEP * np.eye(len(log_scale))
        slope = [from_near(log_scale + each) - from_near(log_scale - each) for each in steps]
        return -from_near(log_scale), -np.array(slope) / (2.0 * _SLOPE_STEP)

    if len(mode):
        options = {"gtol": 0.02, "maxiter": 50}
        mode = minimize(downhill, mode, jac=True, method="BFGS", options=options).x
    effects = conditional_mode(counts, mode, effects).effects

    def log_density(log_scale: np.ndarray) -> float:
        found = conditional_mode(counts, log_scale, effects, close=_ROUGH)
        return found.log_evidence + float(counts.model.log_prior_of_scales(log_scale))

    axes = _axes(log_density, mode)
    along = tuple(
        density_along(lambda step, axis=axis: log_density(mode + step * axis))  # type: ignore[misc]
        for axis in axes.T
    )
    return ScalePosterior(counts, mode, effects, axes, along)


def _axes(log_density: Callable[[np.ndarray], float], mode: np.ndarray) -> np.ndarray:
    """Directions along which the scales are uncorrelated near the mode, in standard deviations."""
    size, h = len(mode), _CURVATURE_STEP
    steps = h * np.eye(size)
    middle = log_density(mode) if size else 0.0
    up = [log_density(mode + step) for step in steps]
    down = [log_density(mode - step) for step in steps]
    bent = np.zeros((size, size))
    for i in range(size):
        bent[i, i] = (2.0 * middle - up[i] - down[i]) / h**2
        for j in range(i):
            both = log_density(mode + steps[i] + steps[j]) + log_density(mode - steps[i] - steps[j])
            mixed = both - up[i] - up[j] - down[i] - down[j] + 2.0 * middle
            bent[i, j] = bent[j, i] = -mixed / (2.0 * h**2)
    values, vectors = np.linalg.eigh(bent)
    covariance = (vectors / np.maximum(values, _LEAST_CURVATURE)) @ vectors.T
    return np.linalg.cholesky(covariance)
