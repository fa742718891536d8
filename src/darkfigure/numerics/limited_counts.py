"""Poisson counts known only to lie within limits: their log mass, moments and draws."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln

_WIDEST_SUM = 64
"""Counts between limits that are added up one by one; more are a difference of two tails."""

SMALLEST = 1e-280
"""Probabilities below it are taken from the count at the limit that is nearest."""

_RANGE = 1e-300, 1e300  # of means: beyond it a product of logs and counts is no number


@dataclass(frozen=True, eq=False)
class LimitedCounts:
    """Counts of rows, each known to lie in [low, high].

    Means have the rows along their last axis; so has what the methods return.

    Attributes
    ----------
    low, high : ndarray of int64, shape (rows,)
    """

    low: np.ndarray
    high: np.ndarray

    @cached_property
    def exact(self) -> np.ndarray:
        """Rows whose count is known."""
        return np.flatnonzero(self.low == self.high)

    @cached_property
    def narrow(self) -> np.ndarray:
        """Rows with few possible counts."""
        width = self.high - self.low
        return np.flatnonzero((width > 0) & (width < _WIDEST_SUM))

    @cached_property
    def wide(self) -> np.ndarray:
        """Rows with many possible counts."""
        return np.flatnonzero(self.high - self.low >= _WIDEST_SUM)

    @cached_property
    def possible(self) -> tuple[np.ndarray, np.ndarray]:
        """Counts of the narrow rows and the logs of 1 / their factorial, -inf beyond the limits.

        Returns
        -------
        counts, log_base : ndarray of float, shape (narrow rows, counts)
        """
        low, high = self.low[self.narrow], self.high[self.narrow]
        most = int((high - low).max()) + 1
        counts = low[:, None] + np.arange(most, dtype=float)
        log_base = np.where(counts <= high[:, None], -gammaln(counts + 1.0), -np.inf)
        return counts, log_base

    def log_mass(self, means: np.ndarray) -> np.ndarray:
        """log P(low ≤ Y ≤ high) of Poisson counts Y with these means."""
        means = np.clip(means, *_RANGE)
        found = np.empty(means.shape)
        y, mean = self.low[self.exact], means[..., self.exact]
        found[..., self.exact] = y * np.log(mean) - mean - gammaln(y + 1.0)
        if len(self.narrow):
            terms, top = self._terms(means)
            found[..., self.narrow] = np.log(np.exp(terms).sum(axis=-1)) + top
        if len(self.wide):
            low, high = self.low[self.wide], self.high[self.wide]
            found[..., self.wide] = _log_between(low, high, means[..., self.wide])
        return found

    def log_mass_of_all(self, means: np.ndarray) -> np.ndarray:
        """The sum of `log_mass` over the rows: shape (...), without logs of counts of nobody."""
        means = np.clip(means, *_RANGE)
        y = self.low[self._counted]
        found = np.log(means[..., self._counted]) @ y.astype(float) - self._constant
        found -= means[..., self.exact].sum(axis=-1)
        if len(self.narrow):
            terms, top = self._terms(means)
            found += (np.log(np.exp(terms).sum(axis=-1)) + top).sum(axis=-1)
        if len(self.wide):
            low, high = self.low[self.wide], self.high[self.wide]
            found += _log_between(low, high, means[..., self.wide]).sum(axis=-1)
        return found

    @cached_property
    def _counted(self) -> np.ndarray:
        """Rows whose count is known, and not 0."""
        return self.exact[self.low[self.exact] > 0]

    @cached_property
    def _constant(self) -> float:
        """Log factorials of the counts known."""
        return float(gammaln(self.low[self.exact] + 1.0).sum())

    def moments(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of Poisson counts with these means, given that they are in limits."""
        means = np.clip(means, *_RANGE)
        centre, spread = np.empty(means.shape), np.zeros(means.shape)
        centre[..., self.exact] = self.low[self.exact]
        if len(self.narrow):
            terms, _ = self._terms(means)
            share = np.exp(terms)
            share /= share.sum(axis=-1, keepdims=True)
            counts, _ = self.possible
            middle = (share * counts).sum(axis=-1)
            centre[..., self.narrow] = middle
            spread[..., self.narrow] = (share * (counts - middle[..., None]) ** 2).sum(axis=-1)
        if len(self.wide):
            low, high, mean = self.low[self.wide], self.high[self.wide], means[..., self.wide]
            whole = _log_between(low, high, mean)
            first = mean * np.exp(_log_between(low - 1, high - 1, mean) - whole)
            second = mean**2 * np.exp(_log_between(low - 2, high - 2, mean) - whole)
            first = np.clip(first, low, high)
            centre[..., self.wide] = first
            spread[..., self.wide] = np.maximum(second + first - first**2, 0.0)
        return centre, spread

    def draw(self, means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Poisson counts with these means, given that they are in limits: int64."""
        means = np.clip(means, *_RANGE)
        found = np.empty(means.shape, dtype=np.int64)
        found[...] = self.low
        if len(self.narrow):
            terms, _ = self._terms(means)
            reached = np.cumsum(np.exp(terms), axis=-1)
            at = rng.random((*reached.shape[:-1], 1)) * reached[..., -1:]
            found[..., self.narrow] += (reached < at).sum(axis=-1)
        if len(self.wide):
            low, high = self.low[self.wide], self.high[self.wide]
            found[..., self.wide] = _draw_between(low, high, means[..., self.wide], rng)
        return found

    def _terms(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log mass of each possible count of the narrow rows, the largest at 0, and that one."""
        counts, log_base = self.possible
        mean = means[..., self.narrow, None]
        terms = counts * np.log(mean) + log_base
        top = terms.max(axis=-1, keepdims=True)
        return terms - top, (top - mean)[..., 0]


def _log_between(low: np.ndarray, high: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """log P(low ≤ Y ≤ high), by the tails on the side where neither is near 1."""
    low, high, mean = np.broadcast_arrays(np.maximum(low, 0), high, mean)
    above = np.where(low > 0, gammainc(np.maximum(low, 1), mean), 1.0)  # P(Y ≥ low)
    below = np.where(low > 0, gammaincc(np.maximum(low, 1), mean), 0.0)  # P(Y < low)
    small = 2.0 * mean < low + high
    mass = np.where(small, above - gammainc(high + 1.0, mean), gammaincc(high + 1.0, mean) - below)
    # so far beyond a limit that both tails are 0: nearly all is at the limit itself
    edge = np.where(small, low, high)
    ratio = np.where(small, mean / (low + 1.0), high / mean)
    at_edge = edge * np.log(mean) - mean - gammaln(edge + 1.0) - np.log1p(-np.minimum(ratio, 0.999))
    return np.where(mass > SMALLEST, np.log(np.maximum(mass, SMALLEST)), at_edge)


def _draw_between(
    low: np.ndarray, high: np.ndarray, mean: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draws by the inverse of the distribution function, found by halving."""
    first = np.broadcast_to(low, mean.shape).astype(np.int64)
    last = np.broadcast_to(high, mean.shape).astype(np.int64)
    wanted = _log_between(low, high, mean) + np.log(rng.random(mean.shape))
    while (first < last).any():
        middle = (first + last) // 2
        enough = _log_between(low, middle, mean) >= wanted
        first, last = np.where(enough, first, middle + 1), np.where(enough, middle, last)
        first = np.minimum(first, last)
    return first
