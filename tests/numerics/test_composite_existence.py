"""Against the check of exact tables, and against where the fits of sparse tables end."""

import numpy as np
import pytest

from darkfigure.numerics.composite import fit_composite
from darkfigure.numerics.composite_existence import check_composite
from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.existence import check_model
from darkfigure.numerics.hierarchy import hierarchical_models
from numerics.composites import (
    cells_of,
    complete,
    design_over,
    list_away,
    main_effects,
    summed,
    suppressed,
    with_terms,
)
from numerics.tables import ARTIFICIAL, PALEMBANG, counts

# as in test_existence.py
CODES = [([(0, 1), (0, 2), (1, 2)], 2), ([(0, 1)], 1), ([(0, 2), (1, 2)], 0)]


@pytest.mark.parametrize(("terms", "code"), CODES)
def test_status_codes_of_the_artificial_table(terms, code):
    design = design_over(3, ())
    data = complete(3, (), counts(ARTIFICIAL)[1:])
    status = check_composite(data, design, with_terms(design, *terms))
    assert status.code == code
    assert status.proven
    assert "not proven" not in status.word


@pytest.mark.parametrize("k", [3, 4])
def test_exact_complete_tables_as_before(k):
    rng = np.random.default_rng(12)
    design = design_over(k, (), 3)
    lattice = hierarchical_models(k, 3, np.ones(1 << k, dtype=bool))
    bits = [sum(1 << int(f[1:]) for f in factors) for factors in design.factors]
    found = set()
    for _ in range(25 if k == 3 else 6):
        y = rng.poisson(rng.choice([0.3, 0.7, 1.5, 4.0]), 1 << k)
        if not y[1:].sum():
            continue
        data = complete(k, (), y[1:])
        for each in lattice[rng.permutation(len(lattice))[:15]]:
            expected = check_model(y, each, np.ones(1 << k, dtype=bool)).code
            status = check_composite(data, design, each[bits])
            assert status.code == expected, (y.tolist(), each)
            assert status.proven
            found.add(expected)
    assert found >= {0, 1, 3}


def test_palembang_has_one_pair_too_many():
    design, data = design_over(3, ()), complete(3, (), counts(PALEMBANG)[1:])
    status = check_composite(data, design, with_terms(design, (0, 1), (0, 2)))
    assert status.word == "no estimate"


def sparse_tables(rng):
    """Small tables with gaps: lists away, rows not told apart, suppressed cells."""
    k, shape = 3, (3,)
    levels, _ = cells_of(k, shape)
    effects = rng.normal(0, 0.7, k + 1)
    scale = rng.choice([0.7, 2.0, 8.0])
    y = rng.poisson(scale * np.exp(levels @ effects))[levels[:, :k].any(axis=1)]
    data = complete(k, shape, y)
    if rng.random() < 0.5:
        data = list_away(data, k, int(rng.integers(3)), [int(rng.integers(3))])
    if rng.random() < 0.5:
        groups = rng.integers(-1, 6, data.rows)
        data = summed(data, np.where(rng.random(data.rows) < 0.5, groups, -1))
    if rng.random() < 0.5:
        data = suppressed(data, int(rng.choice([2, 3, 5])))
    return data


def test_what_is_proven_is_where_the_fit_ends():
    rng = np.random.default_rng(21)
    design = design_over(3, (3,))
    seen, open_cases = {True: 0, False: 0}, 0
    for _ in range(250):
        data = sparse_tables(rng)
        chosen = [f for f in [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3)] if rng.random() < 0.4]
        model = with_terms(design, *chosen)
        fit = fit_composite(data, design, model)
        status = check_composite(data, design, model, fit=fit)
        if not status.proven:
            open_cases += 1
            assert (status.code == 0) == fit.converged
            # only the cells of a sum that must hold people leave it open
            assert ((data.low > 0) & (np.diff(data.start) > 1)).any()
            continue
        seen[status.code == 0] += 1
        assert fit.converged == (status.code == 0), (data, chosen, status)
    assert min(*seen.values(), open_cases) > 30


def pair_of_cells(counts_of_pair, low, high):
    """Two lists; people on the first only, or on both, are counted together."""
    return Composite(
        np.array([0, 2, 3]), np.array([1, 3, 2]), np.ones(2),
        np.array([counts_of_pair, low], dtype=float), np.array([counts_of_pair, high], dtype=float),
        np.array([True, False, False, False]), np.zeros(4, dtype=int), 1,
    )  # fmt: skip


def test_a_sum_that_may_empty_in_part_is_not_proven():
    """One cell of a sum can take all of its people: nothing then holds the other."""
    design = design_over(2, ())
    status = check_composite(pair_of_cells(9, 4, 4), design, main_effects(design))
    assert not status.proven
    assert status.word.endswith("(not proven)")


def test_sums_that_others_hold_are_proven():
    """A list away in one stratum, at work in another: its cells cannot empty there."""
    rng = np.random.default_rng(3)
    design = design_over(3, (2,))
    full = complete(3, (2,), rng.poisson(20.0, 14) + 1)
    data = list_away(full, 3, 1, [1])
    status = check_composite(data, design, main_effects(design))
    assert (status.code, status.proven) == (0, True)


def test_branches_over_the_cells_of_a_sum():
    """Singly each cell of a sum may empty, and nothing else holds: both together may not."""
    design = design_over(2, (2,))
    # in the second stratum the three observable cells are counted together
    data = summed(complete(2, (2,), np.array([5, 7, 3, 4, 0, 0])), [-1, -1, -1, 0, 0, 0])
    status = check_composite(data, design, main_effects(design))
    assert (status.code, status.proven) == (0, True)
    assert fit_composite(data, design, main_effects(design)).converged
