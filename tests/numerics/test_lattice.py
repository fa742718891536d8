import numpy as np

from darkfigure.numerics.lattice import popcount, seen_by_any, superset_sums


def test_superset_sums_by_definition():
    values = np.random.default_rng(1).normal(size=(3, 16))
    expected = np.zeros_like(values)
    for s in range(16):
        for t in range(16):
            if t & s == s:
                expected[:, s] += values[:, t]
    np.testing.assert_allclose(superset_sums(values), expected, rtol=1e-12)


def test_superset_sums_leaves_its_input_alone():
    values = np.arange(8.0)
    superset_sums(values)
    assert values.tolist() == list(range(8))


def test_seen_by_any_by_definition():
    counts = np.random.default_rng(2).integers(0, 20, 16)
    expected = [sum(counts[w] for w in range(1, 16) if w & s) for s in range(16)]
    assert seen_by_any(counts).tolist() == expected


def test_popcount():
    assert popcount(3).tolist() == [0, 1, 1, 2, 1, 2, 2, 3]
