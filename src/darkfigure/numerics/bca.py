"""Bias-corrected and accelerated bootstrap limits (Efron 1987, J. Am. Stat. Assoc. 82:171)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri


@dataclass(frozen=True)
class Correction:
    """What turns quantiles of replicates into BCa limits.

    Attributes
    ----------
    bias : float
        z0, the normal quantile of the share of replicates below the estimate.
    acceleration : float
        a, how fast the spread changes with the estimate.
    """

    bias: float
    acceleration: float

    def levels(self, z: np.ndarray) -> np.ndarray:
        """Share of replicates below the BCa limit for normal quantiles `z`."""
        shifted = self.bias + z
        return ndtr(self.bias + shifted / (1.0 - self.acceleration * shifted))


def acceleration(counts: np.ndarray, without_one: np.ndarray) -> float:
    """The acceleration from a jackknife over distinct cells.

    a = Σ y d³ / (6 (Σ y d²)^{3/2}) with d = θ̄ − θ_(ω), θ̄ = Σ y θ_(ω) / n (Chan, Silverman &
    Vincent 2021, section 4).

    Parameters
    ----------
    counts : ndarray, shape (cells,)
        People in each cell, all positive.
    without_one : ndarray of float, shape (cells,)
        Estimate with one person of the cell removed; nan where there is none (left out).
    """
    have = np.isfinite(without_one)
    y, theta = counts[have].astype(float), without_one[have]
    if not len(y):
        return 0.0
    d = (y * theta).sum() / y.sum() - theta
    spread = (y * d**2).sum()
    return float((y * d**3).sum() / (6.0 * spread**1.5)) if spread > 0 else 0.0


def correction(replicates: np.ndarray, estimate: float, accelerated: float) -> Correction:
    """The correction for one estimate; a share of 0 or 1 below it is set half a replicate in."""
    below = (replicates < estimate).mean() + 0.5 * (replicates == estimate).mean()
    half = 0.5 / len(replicates)
    return Correction(float(ndtri(min(max(below, half), 1.0 - half))), accelerated)


def stratified_levels(size: int, rng: np.random.Generator) -> np.ndarray:
    """One uniform level in each of `size` equal slices of probability, in random order."""
    return rng.permutation((np.arange(size) + rng.random(size)) / size)


def quantiles_of(
    replicates: np.ndarray, corrected: Correction | None, levels: np.ndarray
) -> np.ndarray:
    """The limits of each level: quantiles of the replicates, BCa ones where there is a correction.

    At evenly spread levels (`stratified_levels`) these are draws whose quantiles are the limits.
    """
    if corrected is not None:
        levels = corrected.levels(ndtri(levels))
    return np.quantile(replicates, levels)
