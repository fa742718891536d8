"""A log-linear model over strata whose effects are pooled: its cells, effects and information.

The design is a product: a stratum gives each of a few terms (the size of the stratum, each list,
each pair of lists) its value, and a history says which terms it holds. All sums over cells are
done on strata × terms × histories, and no matrix of cells × effects is ever made.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import helmert


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
class Block:
    """Terms of one kind, whose values over the strata have the same columns.

    Attributes
    ----------
    terms : slice
    effects : slice
        Term by term.
    columns : ndarray of float, shape (strata, q)
    """

    terms: slice
    effects: slice
    columns: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of terms, and effects of each."""
        return self.terms.stop - self.terms.start, self.columns.shape[1]


@dataclass(frozen=True, eq=False)
class PooledEffects:
    """Terms of a log-linear model, each with normal effects over the strata.

    log μ of history ω in stratum s is the size of s, plus the value in s of each list of ω and of
    each pair of lists of ω; all lists share a mean, and so do all pairs. These values are linear
    in the effects, which stand in blocks: of the size; the mean of the lists; of the lists, list
    by list; the mean of the pairs; of the pairs, pair by pair.

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
    def blocks(self) -> dict[str, Block]:
        """The blocks of terms: size, list_mean, lists, pair_mean and pairs."""
        one = self.size[:, :1]
        kinds = {
            "size": (1, self.size),
            "list_mean": (1, one),
            "lists": (self.lists, self.by_list),
            "pair_mean": (1, one),
            "pairs": (len(self.pairs), self.by_pair),
        }
        found, term, effect = {}, 0, 0
        for name, (number, columns) in kinds.items():
            terms = slice(term, term + number)
            effects = slice(effect, effect + number * columns.shape[1])
            found[name] = Block(terms, effects, columns)
            term, effect = terms.stop, effects.stop
        return found

    @cached_property
    def holds(self) -> np.ndarray:
        """How often a history holds each term: shape (histories, terms)."""
        on = (self.histories[:, None] >> np.arange(self.lists)) & 1
        both = on[:, self.pairs[:, 0]] * on[:, self.pairs[:, 1]]
        sums = [on.sum(axis=1, keepdims=True), on, both.sum(axis=1, keepdims=True), both]
        return np.concatenate([np.ones((len(on), 1)), *sums], axis=1).astype(float)

    # -- means ------------------------------------------------------------------------------

    def values(self, effects: np.ndarray) -> np.ndarray:
        """Value of each term in each stratum: shape (draws, strata, terms).

        Parameters
        ----------
        effects : ndarray of float, shape (draws, effects)
        """
        draws = len(effects)
        found = np.empty((draws, self.strata, self.holds.shape[1]))
        for block in self.blocks.values():
            of_terms = effects[:, block.effects].reshape(draws, *block.shape) @ block.columns.T
            found[:, :, block.terms] = of_terms.swapaxes(1, 2)
        return found

    def means(self, effects: np.ndarray) -> np.ndarray:
        """Expected counts of the complete cells: shape (draws, cells)."""
        predictor = self.values(effects) @ self.holds.T
        with np.errstate(over="ignore"):
            return np.exp(predictor).reshape(len(effects), -1)

    def gradient(self, by_cell: np.ndarray) -> np.ndarray:
        """X' r of a number r per cell: shape (effects,)."""
        by_term = by_cell.reshape(self.strata, -1) @ self.holds
        parts = [
            (by_term[:, block.terms].T @ block.columns).ravel() for block in self.blocks.values()
        ]
        return np.concatenate(parts)

    def rows(self, cells: np.ndarray) -> np.ndarray:
        """The rows of the design matrix X at some cells: shape (len(cells), effects)."""
        stratum, history = np.divmod(cells, len(self.histories))
        held = self.holds[history]
        parts = [
            held[:, block.terms, None] * block.columns[stratum][:, None, :]
            for block in self.blocks.values()
        ]
        return np.concatenate([part.reshape(len(cells), -1) for part in parts], axis=1)

    def information(self, by_cell: np.ndarray) -> np.ndarray:
        """X' diag(w) X of a weight w per cell: shape (effects, effects)."""
        terms = self.holds.shape[1]
        both = np.zeros((self.strata, terms, terms))
        upper, lower = np.triu_indices(terms)
        both[:, upper, lower] = by_cell.reshape(self.strata, -1) @ self._holds_both
        both[:, lower, upper] = both[:, upper, lower]
        found = np.empty((self.effects, self.effects))
        blocks = list(self.blocks.values())
        for i, left in enumerate(blocks):
            for right in blocks[i:]:
                products = both[:, left.terms, right.terms]
                crossed = _crossed(products, left.columns, right.columns)
                found[left.effects, right.effects] = crossed
                found[right.effects, left.effects] = crossed.T
        return found

    @cached_property
    def _holds_both(self) -> np.ndarray:
        """How often a history holds two terms, for every pair of terms: (histories, pairs)."""
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
