"""A log-linear model over strata whose effects are pooled: its cells, effects and information.

The design is a product: a stratum gives each of a few terms (the size of the stratum, each list,
each pair of lists) its value, and a history says which terms it holds. All sums over cells are
done on strata × terms × histories, and no matrix of cells × effects is ever made.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import helmert

_MEAN = 2  # the place of the pairs' mean among the parts


def walk_steps(gaps: np.ndarray) -> np.ndarray:
    """Values of a random walk of unit steps about their mean, by its standard normal steps.

    Parameters
    ----------
    gaps : ndarray of float, shape (levels - 1,)
        From each level to the next; a step over a gap g has variance g.

    Returns
    -------
    ndarray of float, shape (levels, levels - 1)
        Columns add up to 0.
    """
    steps = np.tril(np.ones((len(gaps) + 1, len(gaps))), -1) * np.sqrt(gaps)
    return steps - steps.mean(axis=0)


def exchangeable_contrasts(levels: int) -> np.ndarray:
    """Deviations of exchangeable levels from their mean, by standard normals that are fewer by one.

    Returns
    -------
    ndarray of float, shape (levels, levels - 1)
        Orthonormal columns that add up to 0.
    """
    return helmert(levels).T


@dataclass(frozen=True, eq=False)
class PooledEffects:
    """Terms of a log-linear model, each with normal effects over the strata.

    log μ of history ω in stratum s is the size of s, plus the value in s of each list of ω and of
    each pair of lists of ω. These values are linear in the effects, which are ordered so: of the
    size; of the lists, list by list; the mean of all pairs; of the pairs, pair by pair.

    Attributes
    ----------
    histories : ndarray of int64, shape (histories,)
        Bit j is set where a history holds list j.
    lists : int
    pairs : ndarray of int64, shape (pairs, 2)
    size : ndarray of float, shape (strata, q)
        Columns of the size; the first is the constant.
    by_list, by_pair : ndarray of float, shape (strata, q)
        Columns of each list and of each pair; the first is the constant.
    group : ndarray of int64, shape (effects,)
        The learned scale of each effect; -1 where its scale is given.
    deviation : ndarray of float, shape (effects,)
        The given standard deviations, inf for a flat prior; 1 where it is learned.
    mean : ndarray of float, shape (effects,)
    width : ndarray of float, shape (scales,)
        Learned scales have half-normal priors of these widths.
    """

    histories: np.ndarray
    lists: int
    pairs: np.ndarray
    size: np.ndarray
    by_list: np.ndarray
    by_pair: np.ndarray
    group: np.ndarray
    deviation: np.ndarray
    mean: np.ndarray
    width: np.ndarray

    @property
    def effects(self) -> int:
        """Number of effects."""
        return len(self.group)

    @property
    def scales(self) -> int:
        """Number of learned scales."""
        return len(self.width)

    @property
    def strata(self) -> int:
        """Number of strata."""
        return len(self.size)

    @property
    def cells(self) -> int:
        """Number of complete cells, stratum by stratum."""
        return self.strata * len(self.histories)

    @cached_property
    def parts(self) -> tuple[slice, slice, slice, slice]:
        """Where the effects of the size, the lists, the mean of the pairs and the pairs stand."""
        first = self.size.shape[1]
        second = first + self.lists * self.by_list.shape[1]
        third = second + (1 if len(self.pairs) else 0)
        return (
            slice(0, first), slice(first, second), slice(second, third),
            slice(third, self.effects),
        )  # fmt: skip

    @cached_property
    def holds(self) -> np.ndarray:
        """Whether a history holds each term (size, lists, pairs): shape (histories, terms)."""
        on = (self.histories[:, None] >> np.arange(self.lists)) & 1
        both = on[:, self.pairs[:, 0]] * on[:, self.pairs[:, 1]]
        return np.column_stack([np.ones(len(on)), on, both]).astype(float)

    # -- means ------------------------------------------------------------------------------

    def values(self, effects: np.ndarray) -> np.ndarray:
        """Value of each term in each stratum: shape (draws, strata, terms).

        Parameters
        ----------
        effects : ndarray of float, shape (draws, effects)
        """
        draws, (size, lists, mean, pairs) = len(effects), self.parts
        found = np.empty((draws, self.strata, self.holds.shape[1]))
        found[:, :, 0] = effects[:, size] @ self.size.T
        of_lists = effects[:, lists].reshape(draws, self.lists, -1) @ self.by_list.T
        found[:, :, 1 : 1 + self.lists] = of_lists.swapaxes(1, 2)
        of_pairs = effects[:, pairs].reshape(draws, len(self.pairs), -1) @ self.by_pair.T
        found[:, :, 1 + self.lists :] = of_pairs.swapaxes(1, 2)
        if len(self.pairs):
            found[:, :, 1 + self.lists :] += effects[:, mean, None]
        return found

    def means(self, effects: np.ndarray) -> np.ndarray:
        """Expected counts of the complete cells: shape (draws, cells)."""
        predictor = self.values(effects) @ self.holds.T
        with np.errstate(over="ignore"):
            return np.exp(predictor).reshape(len(effects), -1)

    def gradient(self, by_cell: np.ndarray) -> np.ndarray:
        """X' r of a number r per cell: shape (effects,)."""
        by_term = by_cell.reshape(self.strata, -1) @ self.holds
        size, lists = self.size.T @ by_term[:, 0], by_term[:, 1 : 1 + self.lists].T @ self.by_list
        of_pairs = by_term[:, 1 + self.lists :]
        mean = [of_pairs.sum()] if len(self.pairs) else []
        return np.concatenate([size, lists.ravel(), mean, (of_pairs.T @ self.by_pair).ravel()])

    def rows(self, cells: np.ndarray) -> np.ndarray:
        """The rows of the design matrix X at some cells: shape (len(cells), effects)."""
        stratum, history = np.divmod(cells, len(self.histories))
        held, number = self.holds[history], len(cells)
        lists = held[:, 1 : 1 + self.lists, None] * self.by_list[stratum][:, None, :]
        pairs = held[:, 1 + self.lists :, None] * self.by_pair[stratum][:, None, :]
        parts = [self.size[stratum], lists.reshape(number, -1)]
        if len(self.pairs):
            parts += [held[:, 1 + self.lists :].sum(axis=1, keepdims=True)]
        return np.concatenate([*parts, pairs.reshape(number, -1)], axis=1)

    def information(self, by_cell: np.ndarray) -> np.ndarray:
        """X' diag(w) X of a weight w per cell: shape (effects, effects)."""
        terms = self.holds.shape[1]
        both = np.zeros((self.strata, terms, terms))
        upper, lower = np.triu_indices(terms)
        both[:, upper, lower] = by_cell.reshape(self.strata, -1) @ self._holds_both
        both[:, lower, upper] = both[:, upper, lower]
        size, lists, pairs = slice(0, 1), slice(1, 1 + self.lists), slice(1 + self.lists, terms)
        blocks = [(size, self.size), (lists, self.by_list), (pairs, self.by_pair)]
        found = np.empty((self.effects, self.effects))
        at = [part for number, part in enumerate(self.parts) if number != _MEAN]
        for i, (a, left) in enumerate(blocks):
            for j, (b, right) in enumerate(blocks[i:], start=i):
                block = _crossed(both[:, a, b], left, right)
                found[at[i], at[j]] = block
                found[at[j], at[i]] = block.T
        if len(self.pairs):
            self._put_mean(found, both)
        return found

    def _put_mean(self, found: np.ndarray, both: np.ndarray) -> None:
        """Fill the row and column of the pairs' mean, a term held once for every pair."""
        at = self.parts[_MEAN].start
        pairs = both[:, :, 1 + self.lists :].sum(axis=2)
        of_pairs = pairs[:, 1 + self.lists :]
        found[at, :] = found[:, at] = np.concatenate(
            [
                self.size.T @ pairs[:, 0],
                (pairs[:, 1 : 1 + self.lists].T @ self.by_list).ravel(),
                [of_pairs.sum()],
                (of_pairs.T @ self.by_pair).ravel(),
            ]
        )

    @cached_property
    def _holds_both(self) -> np.ndarray:
        """Whether a history holds two terms, for every pair of terms: (histories, pairs)."""
        upper, lower = np.triu_indices(self.holds.shape[1])
        return self.holds[:, upper] * self.holds[:, lower]

    # -- the prior --------------------------------------------------------------------------

    def deviations(self, log_scale: np.ndarray) -> np.ndarray:
        """Prior standard deviation of each effect: shape (..., effects).

        Parameters
        ----------
        log_scale : ndarray of float, shape (..., scales)
        """
        learned = self.group >= 0
        found = np.broadcast_to(self.deviation, (*log_scale.shape[:-1], self.effects)).copy()
        found[..., learned] = np.exp(log_scale)[..., self.group[learned]]
        return found

    def log_prior(self, effects: np.ndarray, log_scale: np.ndarray) -> np.ndarray:
        """Log density of effects given the scales, of those whose prior is not flat."""
        proper = np.isfinite(self.deviation)
        deviation = self.deviations(log_scale)[..., proper]
        away = (effects[..., proper] - self.mean[proper]) / deviation
        of_each = -0.5 * away**2 - np.log(deviation) - 0.5 * np.log(2.0 * np.pi)
        return of_each.sum(axis=-1)

    def log_prior_of_scales(self, log_scale: np.ndarray) -> np.ndarray:
        """Log density of the logs of the scales: shape (...)."""
        ratio = log_scale - np.log(self.width)
        half_normal = 0.5 * np.log(2.0 / np.pi) - 0.5 * np.exp(2.0 * ratio)
        return (half_normal + ratio).sum(axis=-1)

    def draw_prior(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws of the effects and of the logs of the scales; effects with flat priors are 0.

        Returns
        -------
        effects : ndarray of float, shape (size, effects)
        log_scale : ndarray of float, shape (size, scales)
        """
        log_scale = np.log(np.abs(rng.standard_normal((size, self.scales))) * self.width)
        deviation = self.deviations(log_scale)
        deviation[:, ~np.isfinite(self.deviation)] = 0.0
        return self.mean + deviation * rng.standard_normal(deviation.shape), log_scale


def _crossed(both: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Σ over strata of both[s, a, b] left[s, i] right[s, j], as a block (a i) × (b j).

    Parameters
    ----------
    both : ndarray of float, shape (strata, a, b)
    left : ndarray of float, shape (strata, i)
    right : ndarray of float, shape (strata, j)
    """
    strata, a, b = both.shape
    i, j = left.shape[1], right.shape[1]
    products = (left[:, :, None] * right[:, None, :]).reshape(strata, i * j)
    found = both.reshape(strata, a * b).T @ products
    return found.reshape(a, b, i, j).transpose(0, 2, 1, 3).reshape(a * i, b * j)
