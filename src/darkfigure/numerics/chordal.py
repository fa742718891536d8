"""Decomposable (chordal) graphs on k lists, and their factorisation into cliques."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class DecomposableFamily:
    """All decomposable graphs on k labelled lists.

    A decomposable graph with cliques C and separators S factorises as
    f(∅)**-1 ∏ f(C) / ∏ f(S), a graph with c components having ∅ as a separator c - 1 times.

    Attributes
    ----------
    pairs : tuple of (int, int)
        The possible edges, in the order of the bits of `edges`.
    edges : ndarray of int64, shape (graphs,)
        Edge set of each graph as a bit mask over `pairs`.
    exponents : ndarray of int8, shape (graphs, 2**k)
        Power of f(subset) in the factorisation: +1 per clique, -1 per separator and for ∅.
        Rows sum to zero.
    """

    pairs: tuple[tuple[int, int], ...]
    edges: np.ndarray
    exponents: np.ndarray


@lru_cache(maxsize=8)
def decomposable_family(k: int) -> DecomposableFamily:
    """Enumerate every decomposable graph on k lists: 8, 61, 822, 18154, 617675 for k = 3..7.

    Every graph is put through maximum cardinality search; it is chordal iff the earlier
    neighbours of each vertex form a clique, and then those neighbours give the factorisation
    (Tarjan & Yannakakis 1984, SIAM J. Comput. 13:566).

    Parameters
    ----------
    k : int
        Number of lists, at least 1.
    """
    pairs = tuple(combinations(range(k), 2))
    batch = 1 << 16
    kept_edges, kept_exponents = [], []
    for start in range(0, 1 << len(pairs), batch):
        edges = np.arange(start, min(start + batch, 1 << len(pairs)), dtype=np.int64)
        chordal, exponents = _factorise(_neighbours(edges, pairs, k), k)
        kept_edges.append(edges[chordal])
        kept_exponents.append(exponents[chordal])
    return DecomposableFamily(pairs, np.concatenate(kept_edges), np.concatenate(kept_exponents))


def _neighbours(edges: np.ndarray, pairs: tuple[tuple[int, int], ...], k: int) -> np.ndarray:
    """Neighbour set of each vertex as a bit mask, shape (graphs, k)."""
    neighbours = np.zeros((len(edges), k), dtype=np.int16)
    for bit, (i, j) in enumerate(pairs):
        present = ((edges >> bit) & 1).astype(np.int16)
        neighbours[:, i] |= present << j
        neighbours[:, j] |= present << i
    return neighbours


def _factorise(neighbours: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Which graphs are chordal, and the powers of f(subset) by maximum cardinality search."""
    graphs = len(neighbours)
    rows = np.arange(graphs)
    numbered = np.zeros(graphs, dtype=np.int16)
    chordal = np.ones(graphs, dtype=bool)
    exponents = np.zeros((graphs, 1 << k), dtype=np.int8)
    for _ in range(k):
        vertex = _next_vertex(neighbours, numbered)
        clique_below = neighbours[rows, vertex] & numbered
        for other in range(k):
            inside = (clique_below >> other) & 1 == 1
            needed = clique_below & ~(np.int16(1) << np.int16(other))
            chordal &= ~inside | ((needed & ~neighbours[:, other]) == 0)
        bit = (1 << vertex).astype(np.int16)
        exponents[rows, clique_below | bit] += 1
        exponents[rows, clique_below] -= 1
        numbered |= bit
    return chordal, exponents


@dataclass(frozen=True)
class PerfectOrder:
    """The vertices of graphs in an order in which earlier neighbours form a clique.

    Attributes
    ----------
    vertex : ndarray of int, shape (graphs, k)
    parents : ndarray of int, shape (graphs, k)
        Earlier neighbours of each, as bit masks.
    """

    vertex: np.ndarray
    parents: np.ndarray


def perfect_order(family: DecomposableFamily, graphs: np.ndarray) -> PerfectOrder:
    """The order of maximum cardinality search of chosen graphs."""
    k = family.exponents.shape[1].bit_length() - 1
    neighbours = _neighbours(family.edges[graphs], family.pairs, k)
    rows = np.arange(len(graphs))
    numbered = np.zeros(len(graphs), dtype=np.int16)
    vertices, parents = (np.empty((len(graphs), k), dtype=np.int64) for _ in range(2))
    for step in range(k):
        vertex = _next_vertex(neighbours, numbered)
        vertices[:, step] = vertex
        parents[:, step] = neighbours[rows, vertex] & numbered
        numbered |= (1 << vertex).astype(np.int16)
    return PerfectOrder(vertices, parents)


def _next_vertex(neighbours: np.ndarray, numbered: np.ndarray) -> np.ndarray:
    """The vertex of each graph, not yet numbered, with the most numbered neighbours."""
    k = neighbours.shape[1]
    earlier = np.bitwise_count(neighbours & numbered[:, None]).astype(np.int8)
    taken = (numbered[:, None] >> np.arange(k, dtype=np.int16)) & 1
    return np.argmax(np.where(taken == 1, -1, earlier), axis=1)
