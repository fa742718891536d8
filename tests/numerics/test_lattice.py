import numpy as np
import pytest

from darkfigure.numerics.kernels import lattice
from darkfigure.numerics.lattice import popcount, seen_by_any, subset_any, superset_sums


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


def test_subset_any_by_definition():
    flags = np.random.default_rng(3).random((4, 32)) < 0.1
    expected = [[any(row[t] for t in range(32) if t & s == t) for s in range(32)] for row in flags]
    assert subset_any(flags).tolist() == expected


@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_compiled_sums_and_products_by_definition(k):
    values = np.random.default_rng(k).normal(size=1 << k)
    sums, products = values.copy(), values.copy()
    lattice.superset_sums(sums)
    lattice.subset_products(products)
    sets = range(1 << k)
    expected = [sum(values[t] for t in sets if t & s == s) for s in sets]
    np.testing.assert_allclose(sums, expected, rtol=1e-11)
    expected = [np.prod([values[t] for t in sets if t & s == t]) for s in sets]
    np.testing.assert_allclose(products, expected, rtol=1e-12)


def test_a_factor_of_zero_takes_all_above_it():
    values = np.full(16, 2.0)
    values[0b0101] = 0.0
    lattice.subset_products(values)
    assert np.flatnonzero(values == 0).tolist() == [s for s in range(16) if s & 0b0101 == 0b0101]


@pytest.mark.parametrize("p", [1, 5, 40])
def test_compiled_cholesky(p):
    rng = np.random.default_rng(p)
    design = rng.normal(size=(2 * p, p))
    matrix, right = design.T @ design, rng.normal(size=p)
    padded, solution = np.zeros((p + 3, p + 3)), np.append(right, [7.0, 7.0, 7.0])
    padded[:p, :p] = np.tril(matrix)  # only the lower half is read
    assert lattice.cholesky_solve(padded, solution, p)
    np.testing.assert_allclose(matrix @ solution[:p], right, rtol=1e-9, atol=1e-9)
    assert (solution[p:] == 7.0).all()


def test_compiled_cholesky_refuses_a_singular_matrix():
    design = np.ones((3, 2))
    assert not lattice.cholesky_solve(design.T @ design, np.ones(2), 2)
