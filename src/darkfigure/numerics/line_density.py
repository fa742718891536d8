"""A density along a line, from its log at a few points: draws, and their exact log densities."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from darkfigure.numerics.bca import stratified_levels

_CELLS = 2000
_FIRST, _GROWTH, _FAR = 0.75, 1.4, 60.0
_FLAT = 1.0  # a log density that falls by less over a step asks for a longer one
_LEAST_SLOPE = 0.5


@dataclass(frozen=True, eq=False)
class LineDensity:
    """A density that is constant in each of many cells, with exponential tails.

    Attributes
    ----------
    edges : ndarray of float, shape (cells + 1,)
    log_density : ndarray of float, shape (cells,)
        Normalised, tails included.
    slopes : tuple of float
        Rates of the tails below and above.
    tails : tuple of float
        Probability of each.
    """

    edges: np.ndarray
    log_density: np.ndarray
    slopes: tuple[float, float]
    tails: tuple[float, float]

    def log_at(self, points: np.ndarray) -> np.ndarray:
        """Log density at any points."""
        cell = np.searchsorted(self.edges, points, side="right") - 1
        inside = self.log_density[np.clip(cell, 0, len(self.log_density) - 1)]
        with np.errstate(divide="ignore"):
            below = np.log(self.tails[0] * self.slopes[0])
            above = np.log(self.tails[1] * self.slopes[1])
        found = np.where(
            points < self.edges[0], below + self.slopes[0] * (points - self.edges[0]), inside
        )
        return np.where(
            points >= self.edges[-1], above - self.slopes[1] * (points - self.edges[-1]), found
        )

    def draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Draws, one from each of so many parts of equal probability, in random order."""
        share = np.exp(self.log_density) * np.diff(self.edges)
        mass = np.concatenate([[self.tails[0]], share, [self.tails[1]]])
        levels = stratified_levels(size, rng)
        cell = np.searchsorted(np.cumsum(mass) / mass.sum(), levels)
        beyond = rng.standard_exponential(size)
        inside = np.clip(cell - 1, 0, len(share) - 1)
        found = self.edges[inside] + rng.random(size) * np.diff(self.edges)[inside]
        found = np.where(cell == 0, self.edges[0] - beyond / self.slopes[0], found)
        last = cell == len(mass) - 1
        return np.where(last, self.edges[-1] + beyond / self.slopes[1], found)


def density_along(log_density: Callable[[float], float], *, drop: float = 9.0) -> LineDensity:
    """Look outward from 0, where the density is near its highest, and interpolate.

    Parameters
    ----------
    log_density : callable
        Of a number, up to a constant.
    drop : float, default 9
        How far the log density must have fallen at both ends.
    """
    points, values = [0.0], [log_density(0.0)]
    for side in (1.0, -1.0):
        at, step, last = 0.0, _FIRST, values[0]
        while abs(at) < _FAR:
            at += side * step
            points.append(at)
            values.append(log_density(at))
            if values[0] - values[-1] > drop:
                break
            if abs(values[-1] - last) < _FLAT:
                step *= _GROWTH
            last = values[-1]
    order = np.argsort(points)
    x, y = np.array(points)[order], np.array(values)[order]
    edges = np.linspace(x[0], x[-1], _CELLS + 1)
    smooth = PchipInterpolator(x, y - y.max())
    inside = smooth(0.5 * (edges[1:] + edges[:-1]))
    ends = smooth(edges[[0, -1]])
    slopes = (
        max(float((y[1] - y[0]) / (x[1] - x[0])), _LEAST_SLOPE),
        max(float((y[-2] - y[-1]) / (x[-1] - x[-2])), _LEAST_SLOPE),
    )
    mass = np.exp(inside) * np.diff(edges)
    tails = np.exp(ends) / slopes
    total = mass.sum() + tails.sum()
    left, right = (tails / total).tolist()
    return LineDensity(edges, inside - np.log(total), slopes, (left, right))
