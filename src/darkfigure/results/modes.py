"""Where the draws pile up: modes of the density of the log number unseen."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_SHALLOWEST = 0.7  # a valley must fall below this share of the lower peak beside it
_SMOOTHER = 1.5  # times the usual bandwidth: bumps of a few draws are no modes
_CLOSEST = 1.1  # times the total of another mode
_LIGHTEST = 0.025  # and a mode must hold at least this share of the draws


@dataclass(frozen=True)
class Curve:
    """A density over the number unseen.

    Attributes
    ----------
    unseen : ndarray of float, shape (points,)
        Increasing.
    density : ndarray of float, shape (points,)
        Per unit of log(unseen + 1).
    below : ndarray of float, shape (points,)
        Probability of at most so many unseen.
    """

    unseen: np.ndarray
    density: np.ndarray
    below: np.ndarray


@dataclass(frozen=True)
class Mode:
    """One mode: where it peaks, the interval between valleys, and its weight."""

    unseen: float
    low: float
    high: float
    weight: float


def exact_curve(unseen: np.ndarray, mass: np.ndarray) -> Curve:
    """The curve of an exact mass function given at increasing integers."""
    widths = np.gradient(unseen) if len(unseen) > 1 else np.ones(1)
    below = np.cumsum(mass * widths)
    return Curve(unseen, mass * (unseen + 1.0), below / below[-1])


def smoothed_curve(draws: np.ndarray, worth: float = math.inf) -> Curve:
    """A kernel density estimate of the draws on the log scale (infinite draws left out).

    Parameters
    ----------
    draws : ndarray of float, shape (draws,)
    worth : float, default inf
        How many independent draws they are worth, where they are fewer: a few that stand there
        many times are no modes.
    """
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    finite = _spread_out(draws[np.isfinite(draws)])
    if not len(finite):
        return Curve(np.array([math.inf]), np.ones(1), np.ones(1))
    logs = np.log(np.maximum(finite, -0.5) + 1.0)
    if np.ptp(logs) < 1e-9:
        return Curve(np.unique(finite)[:1], np.ones(1), np.ones(1))
    # a bandwidth falls like the fifth root of the number of draws
    wider = _SMOOTHER * max(len(draws) / worth, 1.0) ** 0.2
    grid, density, _ = array_stats.kde(logs, bw="experimental", bw_fct=wider, circular=False)
    step = np.gradient(grid)
    below = np.cumsum(density * step)
    return Curve(np.exp(grid) - 1.0, density, below / below[-1])


def _spread_out(draws: np.ndarray) -> np.ndarray:
    """Draws in order, those of one whole number spread evenly over half a person to either side.

    On the log scale small whole numbers lie so far apart that each would be a bump of its own.
    """
    ordered = np.sort(draws)
    if not len(ordered) or (ordered != np.rint(ordered)).any():
        return ordered
    _, first, count = np.unique(ordered, return_index=True, return_counts=True)
    rank = np.arange(len(ordered)) - np.repeat(first, count)
    return ordered - 0.5 + (rank + 0.5) / np.repeat(count, count)


def modes_of(curve: Curve, seen: float = 0.0) -> list[Mode]:
    """Modes separated by clear valleys, in order of their location.

    Modes whose totals, with those `seen`, are less than a tenth apart count as one.
    """
    density = curve.density
    padded = np.concatenate([[0.0], density, [0.0]])
    peaks = np.flatnonzero((padded[1:-1] > padded[:-2]) & (padded[1:-1] >= padded[2:]))
    peaks = peaks[density[peaks] > 1e-3 * density.max()]
    kept = _apart(_separate(list(peaks), density), curve, seen)
    while True:
        bounds = _bounds(kept, density)
        shares = np.diff(np.concatenate([[0.0], curve.below[bounds], [1.0]]))
        lightest = int(np.argmin(shares))
        if len(kept) == 1 or shares[lightest] >= _LIGHTEST:
            break
        del kept[lightest]
    edges = [0, *bounds, len(density) - 1]
    return [
        Mode(
            float(curve.unseen[peak]),
            float(curve.unseen[edges[i]]),
            float(curve.unseen[edges[i + 1]]) if i + 1 < len(kept) else math.inf,
            float(shares[i]),
        )
        for i, peak in enumerate(kept)
    ]


def _separate(peaks: list[int], density: np.ndarray) -> list[int]:
    """Drop the lower of two peaks while the valley between them is shallow."""
    kept = list(peaks)
    while len(kept) > 1:
        ratios = [density[a : b + 1].min() / min(density[a], density[b]) for a, b in pairwise(kept)]
        worst = int(np.argmax(ratios))
        if ratios[worst] < _SHALLOWEST:
            break
        a, b = kept[worst], kept[worst + 1]
        kept.remove(a if density[a] < density[b] else b)
    return kept


def _apart(peaks: list[int], curve: Curve, seen: float) -> list[int]:
    """Drop the lower of two peaks whose totals a reader would not tell apart."""
    kept = list(peaks)
    for a, b in pairwise(peaks):
        if (seen + curve.unseen[b]) < _CLOSEST * (seen + curve.unseen[a]):
            lower = a if curve.density[a] < curve.density[b] else b
            if lower in kept and len(kept) > 1:
                kept.remove(lower)
    return kept


def _bounds(peaks: list[int], density: np.ndarray) -> list[int]:
    return [int(a + np.argmin(density[a : b + 1])) for a, b in pairwise(peaks)]
