"""The posterior of the unseen count on an adaptive grid of integers, with its power-law tail.

Nothing is cut off: the grid widens until what lies beyond is negligible, and what remains is
carried as a Pareto tail.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LogMass = Callable[[np.ndarray], np.ndarray]
"""Log posterior mass, up to a constant, at an array of unseen counts (floats >= 0)."""

_FIRST_INTEGERS = 32
_FIRST_EDGE = 1e12
_WIDEST_STEP = 0.25  # of log n0
_LAST_EDGE = 1e30
_RELEVANT = 30.0  # log units below the maximum: beyond that, mass is under 1e-13
_FEW_INTEGERS = 300


@dataclass(frozen=True)
class UnseenPosterior:
    """A posterior of the number unseen, on nodes fine enough to interpolate between.

    Attributes
    ----------
    nodes : ndarray of float, shape (nodes,)
        Integers at which the mass was computed.
    log_mass : ndarray of float, shape (nodes,)
        What `log_mass` gave there, not normalised.
    node_mass : ndarray of float, shape (nodes,)
        Probability shared out to the nodes, so that sum(node_mass * g(nodes)) is the posterior
        mean of a smooth function g of the unseen; the tail goes to the last node.
    points, cumulative : ndarray of float, shape (points,), (points + 1,)
        A finer grid and the probability below each of its cell edges.
    edges : ndarray of float, shape (points + 1,)
    tail_mass : float
        Probability beyond the last edge.
    tail_exponent : float
        The mass there falls like n0**-tail_exponent.
    """

    nodes: np.ndarray
    log_mass: np.ndarray
    node_mass: np.ndarray
    points: np.ndarray
    edges: np.ndarray
    cumulative: np.ndarray
    tail_mass: float
    tail_exponent: float

    def quantile(self, probability: np.ndarray | float) -> np.ndarray:
        """Unseen count below which `probability` of the posterior lies, not rounded."""
        p = np.atleast_1d(np.asarray(probability, dtype=float))
        inside = np.interp(p, self.cumulative, self.edges)
        beyond = p > self.cumulative[-1]
        if beyond.any():
            left = np.maximum((1.0 - p[beyond]) / self.tail_mass, 1e-300)
            inside[beyond] = self.edges[-1] * left ** (-1.0 / (self.tail_exponent - 1.0))
        return inside

    def draws(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Stratified draws in random order: one from each of `size` equal slices of probability.

        Their quantiles are the posterior's own to within one slice.
        """
        levels = (np.arange(size) + rng.random(size)) / size
        return rng.permutation(np.maximum(np.rint(self.quantile(levels)), 0.0))


def unseen_posterior(
    log_mass: LogMass,
    *,
    tail_exponent: float,
    overlap: float = 400.0,
    largest: float = 1e9,
    finest: float = 1e-3,
    lowest: float = 0.0,
) -> UnseenPosterior:
    """Normalise a posterior of the unseen, placing nodes where its mass is.

    The first nodes are so close that no peak falls between them: a total rests on some overlap
    of lists, and its relative spread is at least one over the root of that overlap.

    Parameters
    ----------
    log_mass : callable
        Log mass up to a constant, at an array of unseen counts.
    tail_exponent : float
        The power of n0 with which the mass falls as n0 → ∞, above 1; `inf` for lighter tails.
    overlap : float
        The most people that an estimate can rest on: those on two lists or more.
    largest : float
        No peak lies beyond so many unseen (for lists of n people in all, n²).
    finest : float
        Ratio less one of neighbouring first nodes, at least.
    lowest : float
        A whole number below which there is no mass.
    """
    nodes = first_nodes(overlap, largest, finest)
    if lowest > 0:
        beside = lowest + np.unique(np.rint(np.geomspace(1.0, lowest + 1.0, _FIRST_INTEGERS)) - 1.0)
        nodes = np.unique(np.append(beside, nodes[nodes > lowest]))
    values = log_mass(nodes)
    while _log_tail(nodes, values) - _log_total(nodes, values) > math.log(1e-6):
        if nodes[-1] >= _LAST_EDGE:
            break
        further = _spaced(nodes[-1], nodes[-1] * 1e3, _WIDEST_STEP)[1:]
        nodes, values = np.append(nodes, further), np.append(values, log_mass(further))
    for _ in range(30):
        new = _missing_nodes(nodes, values)
        if len(new) == 0:
            break
        nodes = np.append(nodes, new)
        values = np.append(values, log_mass(new))
        order = np.argsort(nodes)
        nodes, values = nodes[order], values[order]
    return _normalise(nodes, values, tail_exponent)


def trapezoid_weights(nodes: np.ndarray) -> np.ndarray:
    """Integers that each node stands for; exact where nodes are consecutive integers."""
    steps = np.diff(nodes)
    weights = np.zeros(len(nodes))
    weights[:-1] += steps / 2
    weights[1:] += steps / 2
    weights[0] += 0.5
    return weights


def first_nodes(overlap: float, largest: float, finest: float = 1e-3) -> np.ndarray:
    """Integers close enough that no peak of a posterior falls between them."""
    step = min(max(spread_of_peaks(overlap), finest), _WIDEST_STEP)
    largest = min(max(largest, 1e4), _FIRST_EDGE)
    parts = [np.arange(_FIRST_INTEGERS, dtype=float), _spaced(_FIRST_INTEGERS, largest, step)]
    if largest < _FIRST_EDGE:
        parts.append(_spaced(largest, _FIRST_EDGE, _WIDEST_STEP))
    return np.unique(np.concatenate(parts))


def spread_of_peaks(overlap: float) -> float:
    """Width in log n0 that no peak undercuts, if estimates rest on so many people."""
    return 2.5 / math.sqrt(overlap + 1.0)


def _spaced(start: float, end: float, step: float) -> np.ndarray:
    """Integers a constant ratio apart."""
    return np.rint(np.geomspace(start, end, math.ceil(math.log(end / start) / step) + 1))


def _log_total(nodes: np.ndarray, values: np.ndarray) -> float:
    return float(np.logaddexp.reduce(values + np.log(trapezoid_weights(nodes))))


def _log_tail(nodes: np.ndarray, values: np.ndarray) -> float:
    """Log mass beyond the last node, by the slope between the last two."""
    slope = -(values[-1] - values[-2]) / math.log(nodes[-1] / nodes[-2])
    return float(values[-1] + math.log(nodes[-1]) - math.log(max(slope - 1.0, 1e-3)))


def _missing_nodes(nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Integers to add: all of a narrow relevant range, else halves of intervals too coarse."""
    top = values.max()
    relevant = np.flatnonzero(values > top - _RELEVANT)
    first, last = max(relevant[0] - 1, 0), min(relevant[-1] + 1, len(nodes) - 1)
    filled = np.empty(0)
    if nodes[last] - nodes[first] <= _FEW_INTEGERS:
        filled = np.arange(nodes[first], nodes[last] + 1)
    position = np.log(nodes + 1.0)
    gaps = np.diff(position)
    slopes = np.diff(values + position) / gaps  # of the mass per log unit
    bend = np.abs(np.diff(slopes))
    bend = np.maximum(np.append(bend, 0.0), np.append(0.0, bend)) * gaps
    highest = np.maximum(values[:-1], values[1:])
    coarse = (np.abs(slopes * gaps) > 0.25) | (bend > 0.04)
    # a peak narrower than the gaps shows first as a low one: follow every local maximum
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    peak = (padded[1:-1] >= padded[:-2]) & (padded[1:-1] >= padded[2:])
    beside = peak[:-1] | peak[1:]
    wanted = coarse & (beside | (highest > top - _RELEVANT)) & (np.diff(nodes) > 1.5)
    middle = np.exp((position[:-1] + position[1:]) / 2) - 1.0
    return np.setdiff1d(np.append(filled, np.rint(middle[wanted])), nodes)


def _normalise(nodes: np.ndarray, values: np.ndarray, tail_exponent: float) -> UnseenPosterior:
    from scipy.interpolate import Akima1DInterpolator

    position = np.log(nodes + 1.0)
    points = _finer(nodes)
    smooth = Akima1DInterpolator(position, values, method="makima")(np.log(points + 1.0))
    weights = trapezoid_weights(points)
    # a tail that is still being approached may be steeper at the edge than in the limit
    slope = -(values[-1] - values[-2]) / math.log(nodes[-1] / nodes[-2])
    exponent = min(tail_exponent, max(slope, 1.0 + 1e-3))
    reference = values.max()
    mass = np.exp(smooth - reference) * weights
    tail = math.exp(values[-1] - reference) * nodes[-1] / (exponent - 1.0)
    total = mass.sum() + tail
    edges = np.append(np.append(nodes[0] - 0.5, (points[:-1] + points[1:]) / 2), points[-1])
    return UnseenPosterior(
        nodes=nodes,
        log_mass=values,
        node_mass=_shared_out(mass / total, points, nodes, tail / total),
        points=points,
        edges=edges,
        cumulative=np.append(0.0, np.cumsum(mass)) / total,
        tail_mass=tail / total,
        tail_exponent=exponent,
    )


def _shared_out(mass: np.ndarray, points: np.ndarray, nodes: np.ndarray, tail: float) -> np.ndarray:
    """Divide the mass of each point between the three nodes nearest to it in log.

    Shares are those of quadratic interpolation, so some are slightly negative.
    """
    position, at = np.log(nodes + 1.0), np.log(points + 1.0)
    right = np.clip(np.searchsorted(position, at), 1, len(nodes) - 1)
    nearer_left = at - position[right - 1] < position[right] - at
    middle = np.clip(np.where(nearer_left, right - 1, right), 1, len(nodes) - 2)
    left, centre, after = (position[middle + step] for step in (-1, 0, 1))
    shares = {
        -1: (at - centre) * (at - after) / ((left - centre) * (left - after)),
        0: (at - left) * (at - after) / ((centre - left) * (centre - after)),
        1: (at - left) * (at - centre) / ((after - left) * (after - centre)),
    }
    out = np.zeros(len(nodes))
    for step, share in shares.items():
        out += np.bincount(middle + step, weights=mass * share, minlength=len(nodes))
    out[-1] += tail
    return out


def _finer(nodes: np.ndarray) -> np.ndarray:
    """Split wide gaps into sixteen; gaps below sixteen integers into all their integers."""
    gaps = np.diff(nodes)
    parts = np.where(gaps <= 16, np.maximum(gaps, 1), 16).astype(int)
    start = np.repeat(nodes[:-1], parts)
    step = np.repeat(gaps / parts, parts)
    within = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.append(start + step * within, nodes[-1])
