"""Designs held cell by cell against dense matrices."""

import numpy as np
import pytest

from darkfigure.numerics import design as module
from darkfigure.numerics.design import design_by_stratum, design_of
from darkfigure.numerics.independent_columns import independent_columns


@pytest.mark.parametrize("at_once", [1, 40, 1 << 22])
def test_columns_by_stratum_are_those_of_the_dense_matrix(monkeypatch, at_once):
    monkeypatch.setattr(module, "_ENTRIES_AT_ONCE", at_once)
    rng = np.random.default_rng(1)
    values = np.column_stack([np.ones(4), rng.normal(size=(4, 5)) * (rng.random((4, 5)) < 0.7)])
    lists = np.array([0, 1, 2, 0, 3, 3])
    history, stratum = np.tile(np.arange(4), 4), np.repeat(np.arange(4), 4)
    factors = [frozenset(), frozenset("a"), frozenset("b"), frozenset("c"), frozenset("ab")]
    term, names = np.array([0, 1, 2, 3, 4, 4]), list("123456")
    dense = np.where((history[:, None] & lists) == lists, values[stratum], 0.0)
    found = design_by_stratum(history, stratum, lists, values, term, factors, names)
    blocks = [dense[:, term == t] for t in range(5)]
    same = design_of(blocks, factors, names)
    assert (found.matrix() == dense).all()
    for field in ("start", "column", "value", "term"):
        assert (getattr(found, field) == getattr(same, field)).all(), field
        assert getattr(found, field).dtype == getattr(same, field).dtype, field
    assert found.size.tolist() == [1, 1, 1, 1, 2]
    assert found.main.tolist() == [True, True, True, True, False]
    assert found.within[1:3, 4].all()
    assert not found.within[3, 4]
    chosen = np.array([True, False, True, False, True])
    assert (found.matrix(chosen) == dense[:, [0, 2, 4, 5]]).all()


def test_independent_columns_span_all():
    rng = np.random.default_rng(1)
    for _ in range(20):
        base = rng.normal(size=(12, 2)) @ rng.normal(size=(2, 3))
        columns = rng.normal(size=(12, 4)) @ rng.normal(size=(4, 7))
        columns[:, 3] = base @ [1.0, -2.0, 0.5]
        columns[:, 5] = 0.0
        order = rng.permutation(7)
        needed = independent_columns(base, columns, order)
        every = np.linalg.matrix_rank(np.column_stack([base, columns]))
        kept = np.linalg.matrix_rank(np.column_stack([base, columns[:, needed]]))
        assert kept == every == 2 + needed.sum()
        first = [c for c in order if c not in (3, 5)][:4]
        assert sorted(first) == np.flatnonzero(needed).tolist()


def test_no_rows_need_no_columns():
    assert not independent_columns(np.empty((0, 2)), np.empty((0, 3))).any()
