import numpy as np

from darkfigure.numerics.factors import Factors
from darkfigure.numerics.hierarchy import closure


def indicator_design(factors):
    """Columns of every term over the cells that exist, by looking at each cell."""
    cells = np.flatnonzero(factors.exists)
    terms = np.arange(1 << factors.bits)
    return ((cells[:, None] & terms) == terms).astype(float)


def test_cells_are_combinations_of_histories_and_levels():
    factors = Factors(3, (3, 2))
    assert factors.bits == 3 + 2 + 1
    assert factors.exists.sum() == 2**3 * 3 * 2
    assert len(factors.strata) == 6
    assert factors.strata.tolist() == [0, 32, 8, 40, 16, 48]


def test_terms_of_a_variable_are_its_levels_but_the_first():
    factors = Factors(2, (3,))
    assert factors.terms_of(0b100) == [4, 8]
    assert factors.terms_of(0b101) == [5, 9]
    model = closure([0b101], 3)[None, :]
    assert np.flatnonzero(factors.expand(model)[0]).tolist() == [0, 1, 2, 4, 5, 8, 9]


def test_cell_variance_is_the_gram_matrix_of_the_centred_design():
    """Against the design matrix written out: the quadratic form of unit information."""
    for factors in (Factors(4), Factors(3, (3,)), Factors(2, (2, 3))):
        design = indicator_design(factors)
        centred = design - design.mean(axis=0)
        expected = centred.T @ centred / len(design)
        np.testing.assert_allclose(factors.cell_variance(), expected, atol=1e-12)


def test_unit_information_is_standard_normal_in_sum_to_zero_coding():
    """With two levels and ±1 coding XᵀX / cells is the identity (Dellaportas & Forster 1999)."""
    factors = Factors(3)
    cells, terms = np.arange(8), np.arange(1, 8)
    signs = np.where((cells[:, None] >> np.arange(3)) & 1, 1.0, -1.0)
    sum_to_zero = np.array(
        [np.prod([signs[:, j] for j in range(3) if t >> j & 1], axis=0) for t in terms]
    ).T
    zero_one = ((cells[:, None] & terms) == terms).astype(float)
    # effects in 0/1 coding -> effects in sum-to-zero coding of the same function of the cell
    change = np.linalg.lstsq(sum_to_zero, zero_one - zero_one.mean(axis=0), rcond=None)[0]
    precision = factors.cell_variance()[1:, 1:]
    np.testing.assert_allclose(change.T @ change, precision, atol=1e-12)
    assert np.linalg.inv(precision[np.ix_([0, 1, 2], [0, 1, 2])])[2, 2] == 16.0  # sd 4
