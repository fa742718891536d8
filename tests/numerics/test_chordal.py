from itertools import combinations

import numpy as np
import pytest

from darkfigure.numerics.chordal import decomposable_family

# OEIS A058862: labelled chordal graphs on k nodes.
NUMBERS = {1: 1, 2: 2, 3: 8, 4: 61, 5: 822, 6: 18154}


@pytest.mark.parametrize(("k", "number"), NUMBERS.items())
def test_number_of_decomposable_graphs(k, number):
    assert len(decomposable_family(k).edges) == number


def test_number_of_decomposable_graphs_on_seven_lists():
    family = decomposable_family(7)
    assert len(family.edges) == 617_675
    assert not family.exponents.sum(axis=1).any()


def is_chordal(k, edges):
    """By definition: a graph is chordal iff simplicial vertices can be removed one by one."""
    left = set(range(k))
    while left:
        for vertex in left:
            around = [w for w in left if frozenset((vertex, w)) in edges]
            if all(frozenset(pair) in edges for pair in combinations(around, 2)):
                left.remove(vertex)
                break
        else:
            return False
    return True


def maximal_cliques(k, edges):
    cliques = [
        frozenset(group)
        for size in range(1, k + 1)
        for group in combinations(range(k), size)
        if all(frozenset(pair) in edges for pair in combinations(group, 2))
    ]
    return [c for c in cliques if not any(c < other for other in cliques)]


@pytest.mark.parametrize("k", [3, 4, 5])
def test_exponents_against_brute_force_cliques(k):
    family = decomposable_family(k)
    chosen = set()
    for mask, exponents in zip(family.edges.tolist(), family.exponents, strict=True):
        edges = {frozenset(p) for bit, p in enumerate(family.pairs) if mask >> bit & 1}
        chosen.add(mask)
        assert is_chordal(k, edges)
        positive = {
            frozenset(j for j in range(k) if s >> j & 1) for s in np.flatnonzero(exponents > 0)
        }
        assert positive == set(maximal_cliques(k, edges))
    for mask in set(range(1 << len(family.pairs))) - chosen:
        edges = {frozenset(p) for bit, p in enumerate(family.pairs) if mask >> bit & 1}
        assert not is_chordal(k, edges)
