"""Exact averaging over decomposable graphs (Madigan & York 1997, Biometrika 84:19)."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.chordal import (
    DecomposableFamily,
    decomposable_family,
    perfect_order,
)
from darkfigure.numerics.gamma import log_gamma_ratio
from darkfigure.numerics.lattice import popcount, seen_by_any
from darkfigure.numerics.unseen_grid import UnseenPosterior, unseen_posterior

_ROWS = 1024  # graphs at a time: a block of 1024 x 300 doubles stays in the caches
_MOST_NUMBERS = 1 << 22  # held at a time, one for each graph and number of unseen
_NO_MASS = 1e-15  # nodes with less posterior mass weigh nothing in P(G | y)


@dataclass(frozen=True)
class GraphAverage:
    """Posterior of the unseen averaged over all decomposable graphs.

    Attributes
    ----------
    posterior : UnseenPosterior
    family : DecomposableFamily
    probability : ndarray of float, shape (graphs,)
        Posterior probability of each graph.
    """

    posterior: UnseenPosterior
    family: DecomposableFamily
    probability: np.ndarray


@dataclass(frozen=True)
class GraphPosterior:
    """log p(y, n0 | G) for every graph at once, as a matrix product.

    With f(A) = ∏ Γ(y_a + δ 2**(k-|A|)) / Γ(δ 2**(k-|A|)) over the cells a of margin A, only the
    all-zero cell of each margin depends on n0.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
        People per capture history (entry 0 unused).
    delta : float
        Dirichlet parameter of each cell of the full table.
    log_prior : callable
        Log prior mass of the population at an array of N.
    """

    counts: np.ndarray
    delta: float
    log_prior: Callable[[np.ndarray], np.ndarray]

    @property
    def n_lists(self) -> int:
        """Number of lists k."""
        return len(self.counts).bit_length() - 1

    @property
    def family(self) -> DecomposableFamily:
        """The decomposable graphs on these lists."""
        return decomposable_family(self.n_lists)

    def constants(self) -> np.ndarray:
        """The part of each log f(A) that does not depend on n0, shape (2**k,)."""
        y = self.counts.astype(float)
        y[0] = 0.0
        histories = np.arange(len(y))
        out = np.empty(len(y))
        for subset, cells in enumerate(self.cell_mass()):
            margin = np.bincount(histories & subset, weights=y, minlength=len(y))
            occupied = margin[1:][margin[1:] > 0]
            out[subset] = (gammaln(occupied + cells) - gammaln(cells)).sum() - gammaln(cells)
        return out

    def cell_mass(self) -> np.ndarray:
        """δ 2**(k-|A|): the Dirichlet parameter of a cell of each margin, shape (2**k,)."""
        k = self.n_lists
        return self.delta * 2.0 ** (k - popcount(k))

    def margins_at(self, unseen: np.ndarray) -> np.ndarray:
        """log f(A) at each unseen count, shape (2**k, points), less a term common to all A."""
        n = int(self.counts[1:].sum())
        missed = n - seen_by_any(self.counts)
        shift = missed + self.cell_mass()
        return self.constants()[:, None] + log_gamma_ratio(unseen[None, :], shift[:, None])

    def common_at(self, unseen: np.ndarray) -> np.ndarray:
        """The part of the log posterior that all graphs share, shape (points,)."""
        n = int(self.counts[1:].sum())
        return log_gamma_ratio(unseen, n + 1.0) + self.log_prior(unseen + n)

    def log_average(self, unseen: np.ndarray) -> np.ndarray:
        """log Σ_G p(y, n0 | G) with equal prior weight on graphs, shape (points,)."""
        margins = self.margins_at(unseen)

        def part(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            block = self.family.exponents[rows].astype(float) @ margins
            top = block.max(axis=0)
            block -= top
            return top, np.exp(block, out=block).sum(axis=0)

        tops, totals = zip(*self._over_blocks(part), strict=True)
        highest = np.max(tops, axis=0)
        total = (np.array(totals) * np.exp(np.array(tops) - highest)).sum(axis=0)
        return highest + np.log(total) + self.common_at(unseen)

    def probabilities(self, posterior: UnseenPosterior) -> np.ndarray:
        """P(G | y) = E[P(G | y, n0)], the mean over the posterior of n0, shape (graphs,)."""
        held = np.abs(posterior.node_mass) > _NO_MASS
        nodes, mass = posterior.nodes[held], posterior.node_mass[held]
        margins = self.margins_at(nodes)
        offset = self.common_at(nodes) - posterior.log_mass[held]

        def part(rows: slice) -> np.ndarray:
            block = self.family.exponents[rows].astype(float) @ margins
            block += offset
            return np.exp(block, out=block) @ mass

        return np.concatenate(list(self._over_blocks(part)))

    def log_mass_up_to_a_constant(self, unseen: np.ndarray) -> np.ndarray:
        """log p(y, n0 | G) of every graph less what all share, shape (graphs, points)."""
        margins = self.margins_at(unseen)
        parts = self._over_blocks(lambda rows: self.family.exponents[rows].astype(float) @ margins)
        return np.concatenate(list(parts))

    def _over_blocks[T](self, task: Callable[[slice], T]) -> Iterator[T]:
        """Run a task on all graphs, a block of rows at a time; results in the order of rows."""
        graphs = len(self.family.edges)
        blocks = [slice(i, min(i + _ROWS, graphs)) for i in range(0, graphs, _ROWS)]
        if len(blocks) == 1:
            yield task(blocks[0])
            return
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield from pool.map(task, blocks)

    def log_mass_of(self, graphs: np.ndarray, unseen: np.ndarray) -> np.ndarray:
        """log p(y, n0 | G) of chosen graphs, shape (graphs, points)."""
        chosen = self.family.exponents[graphs].astype(float)
        return chosen @ self.margins_at(unseen) + self.common_at(unseen)


def unseen_under(
    model: GraphPosterior, *, tail_exponent: float, lowest: float = 0.0
) -> UnseenPosterior:
    """The exact posterior of the unseen, at least `lowest`, averaged over all graphs."""
    return unseen_posterior(
        model.log_average,
        tail_exponent=tail_exponent,
        overlap=shared_people(model.counts),
        largest=float(model.counts[1:].sum()) ** 2,
        finest=finest_step(model.n_lists),
        lowest=lowest,
    )


def shared_people(counts: np.ndarray) -> float:
    """People on two lists or more."""
    k = len(counts).bit_length() - 1
    return float(counts[1:].sum() - counts[1 << np.arange(k)].sum())


def finest_step(k: int) -> float:
    """How close together in log n0 nodes can be afforded, with the graphs on k lists."""
    return {6: 5e-4, 7: 5e-3}.get(k, 1e-4)


def average_over_graphs(model: GraphPosterior, posterior: UnseenPosterior) -> GraphAverage:
    """The probability of every graph beside the posterior of the unseen (`unseen_under`)."""
    probability = model.probabilities(posterior)
    return GraphAverage(posterior, model.family, probability / probability.sum())


def medians_of(model: GraphPosterior, average: GraphAverage, graphs: np.ndarray) -> np.ndarray:
    """Posterior median of the unseen under each chosen graph alone, shape (graphs,)."""
    posterior = average.posterior
    given = model.log_mass_of(graphs, posterior.nodes) - posterior.log_mass
    given -= given.max(axis=1, keepdims=True)
    below = np.cumsum(np.exp(given) * posterior.node_mass, axis=1)
    cumulative = np.maximum.accumulate(below, axis=1)  # shares of mass may be slightly negative
    half = cumulative[:, -1] / 2
    nodes = posterior.nodes
    edges = np.append((nodes[:-1] + nodes[1:]) / 2, nodes[-1])
    return np.array([np.interp(h, c, edges) for h, c in zip(half, cumulative, strict=True)])


def missed_before_looking(
    family: DecomposableFamily, delta: float, size: int, rng: np.random.Generator
) -> np.ndarray:
    """log(π0 / (1 − π0)) under the prior: a graph at random, cells hyper-Dirichlet, shape (size,).

    In a perfect order of the lists the chance to be off a list, given that one is off the
    earlier neighbours P that it has, is Beta(m, m) with m = δ 2**(k − 1 − |P|) (Dawid &
    Lauritzen 1993, Ann. Stat. 21:1272); π0 is the product of these chances.
    """
    k = family.exponents.shape[1].bit_length() - 1
    graphs = rng.integers(len(family.edges), size=size)
    parents = np.bitwise_count(perfect_order(family, graphs).parents).astype(float)
    mass = delta * 2.0 ** (k - 1 - parents)
    log_off = log_beta_draws(mass, mass, rng).sum(axis=1)
    with np.errstate(divide="ignore"):
        return log_off - np.log(-np.expm1(log_off))


def log_beta_draws(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Log of Beta draws, also for parameters so small that they all but pile up at 0 and 1."""
    # log G_m = log G_{m+1} + log(U) / m for gamma variables
    one, other = (
        np.log(rng.standard_gamma(mass + 1.0)) + np.log(rng.random(mass.shape)) / mass
        for mass in (first, second)
    )
    return one - np.logaddexp(one, other)


def draw_tables(model: GraphPosterior, unseen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Chances of all histories from the posterior of graph and cells, given the number unseen.

    A graph is drawn from P(G | y, n0), then for each list in a perfect order the chance to be on
    it given its earlier neighbours, which is Beta with the counts of the complete table added to
    the prior's (Dawid & Lauritzen 1993, Ann. Stat. 21:1272).

    Parameters
    ----------
    unseen : ndarray of float, shape (draws,)

    Returns
    -------
    ndarray of float, shape (draws, 2**k)
        Probabilities of the histories, the unseen one first.
    """
    graphs = _draw_graphs(model, unseen, rng)
    k, size = model.n_lists, len(model.counts)
    steps = perfect_order(model.family, graphs)
    complete = np.tile(model.counts.astype(float), (len(unseen), 1))
    complete[:, 0] = unseen
    cells = np.arange(size)
    rows = np.arange(len(unseen))[:, None]
    chances = np.ones((len(unseen), size))
    for vertex, parents in zip(steps.vertex.T, steps.parents.T, strict=True):
        bit = (1 << vertex)[:, None]
        given = cells & parents[:, None]
        inside = np.zeros((2, len(unseen), size))
        for on in (0, 1):
            here = ((cells & bit) > 0) == bool(on)
            index = (rows * size + given).ravel()
            weights = np.where(here, complete, 0.0).ravel()
            inside[on] = np.bincount(index, weights, minlength=rows.size * size).reshape(-1, size)
        mass = model.delta * 2.0 ** (k - 1 - np.bitwise_count(parents).astype(float))[:, None]
        share = np.exp(log_beta_draws(inside[1] + mass, inside[0] + mass, rng))
        share = np.take_along_axis(share, given, axis=1)
        chances *= np.where((cells & bit) > 0, share, 1.0 - share)
    return chances


def _draw_graphs(model: GraphPosterior, unseen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A graph from P(G | y, n0) for each draw; n0 is rounded to three digits for the weights."""
    scale = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(unseen, 1.0))) - 2.0, 0.0)
    levels, level_of = np.unique(np.rint(unseen / scale) * scale, return_inverse=True)
    graphs = np.empty(len(unseen), dtype=np.int64)
    order = np.argsort(level_of, kind="stable")
    first = np.searchsorted(level_of[order], np.arange(len(levels) + 1))
    step = max(1, _MOST_NUMBERS // len(model.family.edges))
    for start in range(0, len(levels), step):
        value = model.log_mass_up_to_a_constant(levels[start : start + step])
        for at, column in enumerate(value.T, start):
            weight = np.cumsum(np.exp(column - column.max()))
            mine = order[first[at] : first[at + 1]]
            graphs[mine] = np.searchsorted(weight, rng.random(len(mine)) * weight[-1], side="right")
    return np.minimum(graphs, len(model.family.edges) - 1)
