"""Populations drawn from a model's own prior, for simulation-based calibration."""

import numpy as np

from darkfigure.numerics.chordal import decomposable_family


def hyper_dirichlet(k, delta, rng):
    """Cell probabilities of a random decomposable graph under the hyper-Dirichlet prior.

    Vertices are added in a perfect order; given the earlier neighbours, the chance to be on the
    next list is Beta with parameter δ 2**(k-|clique|) on either side (Dawid & Lauritzen 1993).
    """
    family = decomposable_family(k)
    exponents = family.exponents[rng.integers(len(family.edges))].astype(int)
    steps = perfect_steps(exponents, k)
    cells = np.arange(1 << k)
    probability = np.ones(1 << k)
    for vertex, parents in steps:
        mass = delta * 2.0 ** (k - 1 - bin(parents).count("1"))
        chance = {}
        for history in cells:
            given = int(history) & parents
            if given not in chance:
                chance[given] = rng.beta(mass, mass)
            on = history >> vertex & 1
            probability[history] *= chance[given] if on else 1 - chance[given]
    return probability


def perfect_steps(exponents, k):
    """An order of the vertices, each with its earlier neighbours, from the cliques of a graph."""
    cliques = [int(s) for s in np.flatnonzero(exponents > 0)]
    near = [0] * k
    for clique in cliques:
        for vertex in range(k):
            if clique >> vertex & 1:
                near[vertex] |= clique & ~(1 << vertex)
    numbered, steps = 0, []
    for _ in range(k):
        left = [v for v in range(k) if not numbered >> v & 1]
        vertex = max(left, key=lambda v: bin(near[v] & numbered).count("1"))
        steps.append((vertex, near[vertex] & numbered))
        numbered |= 1 << vertex
    return steps


def rank_test(ranks, bins=20):
    """Chi-square of ranks in [0, 1) against uniform: the statistic and its p-value."""
    from scipy.stats import chi2

    counts, _ = np.histogram(ranks, bins=bins, range=(0, 1))
    expected = len(ranks) / bins
    statistic = ((counts - expected) ** 2 / expected).sum()
    return statistic, chi2.sf(statistic, bins - 1)


def rank_tests(found):
    """Tests of several sets of ranks by name, in words, and the smallest p-value."""
    tests = {name: rank_test(np.array(ranks)) for name, ranks in found.items()}
    words = "; ".join(
        f"{name}: chi-square {statistic:.1f}, p = {p:.2f}" for name, (statistic, p) in tests.items()
    )
    return words, min(p for _, p in tests.values())


def rank(draws, truth, rng):
    """Rank of the truth among draws, ties broken at random, as a share."""
    below, equal = (draws < truth).sum(), (draws == truth).sum()
    return (below + rng.uniform() * (equal + 1)) / (draws.size + 1)
