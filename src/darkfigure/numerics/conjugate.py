"""Exact draws of the number unseen, given the chance to be on no list, under any prior on N."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

type LogTilt = Callable[[np.ndarray], np.ndarray]
"""Log weight of each population against p(N) ∝ 1/N, up to a constant."""

_POISSON_LIMIT = 1e15  # above it a Poisson count differs from its mean by less than a digit
_NODES = 129  # odd, for Simpson's rule
_PASSES = 6
_NEGLIGIBLE = 45.0  # log units below the largest term
_FURTHEST = 300.0  # log odds beyond which no prior tells one number from another
_ROWS = 20_000  # held at a time
_MOST_POINTS = 20_000
_PER_WIDTH = 4.0  # points of the interpolation within the spread of n0 given π0


def draw_unseen(seen: float, log_odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw n0 given π0 under p(N) ∝ 1/N: negative binomial with size n and probability 1 − π0.

    P(n0) = C(n + n0 − 1, n0) (1 − π0)^n π0^n0, a Poisson with a gamma mean (Manrique-Vallier
    2016, Biometrics 72:1246, section 4).

    Parameters
    ----------
    seen : float
        n, the people on at least one list.
    log_odds : ndarray of float
        log(π0 / (1 − π0)), any shape.

    Returns
    -------
    ndarray of float
        Whole numbers, of the shape of `log_odds`.
    """
    log_rate = np.log(rng.standard_gamma(seen, size=np.shape(log_odds))) + log_odds
    return poisson_of(log_rate, rng)


def poisson_of(log_rate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Poisson counts as floats, at any size; their rounded mean where they are past counting."""
    with np.errstate(over="ignore"):
        rate = np.exp(log_rate)
    small = np.minimum(rate, _POISSON_LIMIT)
    return np.where(rate < _POISSON_LIMIT, rng.poisson(small), np.rint(rate)).astype(float)


@dataclass(frozen=True)
class UnseenUnder:
    r"""The number unseen given π0, under a prior on the population other than 1/N.

    Under 1/N it is negative binomial; another prior p weighs each number by p(N) N. Summed over
    the numbers, that weight is what the prior says of π0:

    .. math:: w(\pi_0) = \sum_{n_0} P(n_0 \mid \pi_0)\, p(n + n_0)\,(n + n_0).

    Weighing draws of π0 by it, instead of draws of n0 by p(N) N, leaves out the noise of n0.

    Parameters
    ----------
    seen : float
        n.
    log_tilt : callable
        log p(N) + log N, up to a constant.
    fewest : float, default 0
        The smallest n0 that the prior allows.
    """

    seen: float
    log_tilt: LogTilt
    fewest: float = 0.0

    def log_weight(self, log_odds: np.ndarray) -> np.ndarray:
        """log w(π0), of the shape of `log_odds`; -inf where the prior rules it out."""
        from scipy.interpolate import CubicSpline

        x = np.ravel(log_odds)
        span = float(np.ptp(x))
        points = min(math.ceil(span * _PER_WIDTH * math.sqrt(self.seen + 1.0)), _MOST_POINTS) + 8
        if points < x.size and span > 0:
            grid = np.linspace(x.min(), x.max(), points)
            values = self._summed(grid)
            if np.isfinite(values).all():
                return CubicSpline(grid, values)(x).reshape(np.shape(log_odds))
        return self._summed(x).reshape(np.shape(log_odds))

    def draw(self, log_odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One n0 for each π0: whole numbers as floats, of the shape of `log_odds`."""
        x = np.ravel(log_odds)
        parts = [self._drawn(x[at : at + _ROWS], rng) for at in range(0, x.size, _ROWS)]
        return np.concatenate(parts).reshape(np.shape(log_odds))

    def _summed(self, log_odds: np.ndarray) -> np.ndarray:
        parts = [
            np.logaddexp.reduce(self._terms(log_odds[at : at + _ROWS])[1], axis=1)
            for at in range(0, log_odds.size, _ROWS)
        ]
        return np.concatenate(parts)

    def _drawn(self, log_odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        nodes, log_mass = self._terms(log_odds)
        mass = np.exp(log_mass - log_mass.max(axis=1, keepdims=True))
        whole = nodes[:, 1] - nodes[:, 0] == 1.0
        between = 0.5 * (mass[:, 1:] + mass[:, :-1])
        # at whole numbers the mass of a node is its own, else it is that of a stretch
        stretches = np.where(whole[:, None], mass[:, 1:], between)
        first = np.where(whole, mass[:, 0], 0.0)[:, None]
        below = np.concatenate([first, first + np.cumsum(stretches, axis=1)], axis=1)
        level = rng.random((len(nodes), 1)) * below[:, -1:]
        at = np.minimum((below < level).sum(axis=1), _NODES - 1)
        rows, left = np.arange(len(nodes)), np.maximum(at - 1, 0)
        step = below[rows, at] - below[rows, left]
        share = np.where(
            step > 0, (level[:, 0] - below[rows, left]) / np.where(step > 0, step, 1.0), 1.0
        )
        inside = nodes[rows, left] + np.clip(share, 0.0, 1.0) * (
            nodes[rows, at] - nodes[rows, left]
        )
        return np.maximum(np.where(whole, nodes[rows, at], np.rint(inside)), self.fewest)

    def _terms(self, log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nodes around the mass of each row, and log of the mass that each stands for.

        Where the mass lies within as many whole numbers as there are nodes, these are the nodes
        and the sum is exact. Else nodes are evenly spaced in log(n0 − fewest + 1), and found by
        narrowing down from all numbers: in N the terms rise, then fall.
        """
        x = np.minimum(log_odds, _FURTHEST)
        reach = (self.seen + 12.0 * math.sqrt(self.seen) + 80.0) * 1e4
        low = np.full(len(x), math.log(0.5))
        high = np.log1p(2.0 * self.fewest + reach * (1.0 + np.exp(x)))
        step = np.linspace(0.0, 1.0, _NODES)
        for _ in range(_PASSES):
            place = low[:, None] + (high - low)[:, None] * step
            value = self._log_term(np.exp(place) - 1.0 + self.fewest, x) + place
            top = value.max(axis=1, keepdims=True)
            inside = value >= np.where(np.isfinite(top), top - _NEGLIGIBLE, -np.inf)
            first = np.maximum(inside.argmax(axis=1) - 1, 0)
            last = _NODES - 1 - np.maximum(inside[:, ::-1].argmax(axis=1) - 1, 0)
            rows = np.arange(len(x))
            low, high = place[rows, first], place[rows, last]
        smallest = np.floor(np.maximum(np.exp(low) - 1.0, 0.0)) + self.fewest
        whole = np.exp(high) - 1.0 + self.fewest - smallest < _NODES
        place = low[:, None] + (high - low)[:, None] * step
        nodes = np.where(
            whole[:, None],
            smallest[:, None] + np.arange(_NODES),
            np.exp(place) - 1.0 + self.fewest,
        )
        simpson = np.full(_NODES, 2.0)
        simpson[1::2], simpson[[0, -1]] = 4.0, 1.0
        width = np.maximum(high - low, 1e-300)[:, None] / (_NODES - 1)
        stands_for = np.where(whole[:, None], 0.0, np.log(simpson * width / 3.0) + place)
        return nodes, self._log_term(nodes, x) + stands_for

    def _log_term(self, unseen: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
        """log P(n0 | π0) p(N) N; between whole numbers by the gamma function."""
        n, x = self.seen, log_odds[:, None]
        missed = -np.logaddexp(0.0, -x)
        log_mass = gammaln(n + unseen) - gammaln(n) - gammaln(unseen + 1.0)
        log_mass += n * -np.logaddexp(0.0, x) + unseen * missed
        with np.errstate(divide="ignore"):
            return log_mass + self.log_tilt(n + np.maximum(unseen, self.fewest))
