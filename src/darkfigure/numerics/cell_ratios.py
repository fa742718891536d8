"""Ratios of products of counts, such as odds ratios, with intervals that hold where cells are 0."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri


@dataclass(frozen=True)
class Ratios:
    """Ratios with their limits.

    Attributes
    ----------
    value : ndarray of float, shape (...)
        nan where cells of nobody stand above and below the line; 0 or inf where only on one side.
    low, high : ndarray of float, shape (...)
        Where nothing is known they are 0 and inf.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def determined(self) -> np.ndarray:
        """Whether no cell of nobody decides the ratio, shape (...)."""
        return np.isfinite(self.value) & (self.value > 0)


def ratios_of(cells: np.ndarray, signs: np.ndarray, prob: float = 0.95) -> Ratios:
    r"""Work out :math:`\prod_c y_c^{s_c}` with s_c = 1 above the line and -1 below.

    The interval is Woolf's: normal on the log scale with variance Σ 1/y_c. A cell of nobody has
    no logarithm; there the ratio has one limit only, with the exact Poisson limit of a count of 0,
    −log((1 − prob)/2), in the place of each such cell.

    Parameters
    ----------
    cells : ndarray, shape (..., cells)
    signs : ndarray, shape (cells,)
    prob : float, default 0.95

    References
    ----------
    Woolf (1955), Ann. Hum. Genet. 19:251.
    """
    y = np.asarray(cells, dtype=float)
    empty = y == 0
    above = (empty & (signs > 0)).any(axis=-1)
    below = (empty & (signs < 0)).any(axis=-1)
    most = -math.log((1 - prob) / 2)
    centre = np.log(np.where(empty, most, y)) @ signs
    spread = float(ndtri((1 + prob) / 2)) * np.sqrt((1 / np.where(empty, np.inf, y)).sum(axis=-1))
    with np.errstate(over="ignore"):
        value, low, high = np.exp(centre), np.exp(centre - spread), np.exp(centre + spread)
    limit = np.exp(np.minimum(centre, 700.0))
    value = np.where(above & below, np.nan, np.where(above, 0.0, np.where(below, np.inf, value)))
    low = np.where(above, 0.0, np.where(below, limit, low))
    high = np.where(below, np.inf, np.where(above, limit, high))
    return Ratios(value, low, high)
