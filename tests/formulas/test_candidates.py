"""Candidates of a selection against the Dutch workflow's own design and against enumeration."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.data.observation import observe
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.formulas import design_up_to, label_of, read_formula, two_way_design
from darkfigure.numerics.two_way import TwoWay, orthogonal_polynomials
from formulas.cells import observed, same_span, table_of

REGISTER = Path(__file__).parents[1] / "models" / "dutch_workflow" / "register.csv"


@pytest.fixture(scope="module")
def register():
    frame = pd.read_csv(REGISTER)
    table = dk.CaptureTable.from_counts(
        frame, lists=["P", "K", "Z", "R"], by=["year", "sex", "age", "form"]
    )
    return observe(table)


@pytest.mark.parametrize("degree", [None, 1, 2, 3])
def test_terms_are_those_of_the_dutch_workflow(register, degree):
    sizes = tuple(len(levels) for levels in register.levels.values())
    polynomial = None
    if degree is not None:
        polynomial = (0, orthogonal_polynomials(register.levels["year"], degree))
    two_way = TwoWay(4, sizes, np.ones(16, dtype=bool), polynomial)
    place = {tuple(level): i for i, level in enumerate(two_way.level.tolist())}
    on = register.history[:, None] >> np.arange(4) & 1
    level = np.column_stack([on, register.codes[register.stratum]])
    rows = [place[tuple(each)] for each in level.tolist()]
    design = two_way_design(register, degree)
    names = (*register.lists, *register.levels)
    terms = [frozenset(names[f] for f in term) for term in two_way.terms]
    assert list(design.factors) == terms
    assert (design.size == two_way.size).all()
    assert (design.main == two_way.main).all()
    rng = np.random.default_rng(1)
    models = [two_way.main, design.full, *(two_way.main | (rng.random(len(terms)) < 0.3),) * 2]
    for model in models:
        theirs = two_way.design(model)[rows]
        assert same_span(design.matrix(model), theirs)
        assert design.matrix(model).shape == theirs.shape
    for t in range(design.terms):  # a term's own columns, in whatever order
        one = np.zeros(design.terms, dtype=bool)
        one[t] = True
        ours, theirs = design.matrix(one), two_way.design(one)[rows]
        assert np.allclose(np.sort(ours, axis=1), np.sort(theirs, axis=1), rtol=0, atol=1e-12)


def test_orders_of_lists_and_of_variables():
    observation = observed(("P", "R", "O", "Z"))
    names = ("P", "R", "O", "Z", "year", "sex")
    for order, of_lists in ((1, None), (2, None), (3, None), (2, 3), (1, 2), (3, 2), (6, 6)):
        design = design_up_to(observation, order, order_of_lists=of_lists)
        expected = [
            frozenset(chosen)
            for size in range(7)
            for chosen in itertools.combinations(names, size)
            if size <= (of_lists or order if set(chosen) <= set(names[:4]) else order)
            and not set(chosen) >= set(names[:4])
        ]
        expected += [frozenset([n]) for n in names if frozenset([n]) not in expected]
        assert list(design.factors) == expected, (order, of_lists)
        assert np.linalg.matrix_rank(design.matrix()) == design.columns


def test_impossible_pairs_are_no_candidates():
    rows = table_of(("P", "R", "O", "Z")).to_frame()
    rows = rows[~((rows["P"] == 1) & (rows["Z"] == 1))]
    table = dk.CaptureTable.from_counts(
        rows, lists=["P", "R", "O", "Z"], by=["year", "sex"], impossible=[("P", "Z")]
    )
    design = design_up_to(observe(table), 3)
    assert not any(factors >= {"P", "Z"} for factors in design.factors)
    assert {"P", "R", "O"} in design.factors


def test_lists_away():
    observation = observed(("P", "R", "O", "Z"), inactive={"O": {"year": 2013}})
    design = two_way_design(observation)
    assert design.dropped == ("O:year[2013]",)
    assert two_way_design(observation, degree=2).dropped == ()


def test_every_model_of_the_candidates_is_read_back():
    observation = observed(("P", "border police", "O", "Z"), inactive={"O": {"year": 2010}})
    for design in (design_up_to(observation, 3), design_up_to(observation, 2, degree=2)):
        rng = np.random.default_rng(1)
        for _ in range(20):
            model = design.main | (rng.random(design.terms) < 0.3)
            for t in np.flatnonzero(model):
                model |= design.within[:, t]
            read = read_formula(label_of(design, model), observation)
            chosen = design.columns_of(model)
            assert read.names == tuple(itertools.compress(design.names, chosen))
            assert np.allclose(read.matrix(), design.matrix(model), rtol=0, atol=1e-12)


def test_year_by_another_name():
    observation = observed(levels={"sex": ("f", "m"), "the year": (2010, 2011, 2014)})
    design = two_way_design(observation, degree=2, year="the year")
    assert ("P", "poly(`the year`, 2)") in design.parts
    with pytest.raises(NotEstimable, match="'year' is not a stratum variable"):
        two_way_design(observation, degree=2)
    with pytest.raises(NotEstimable, match='Did you mean "the year"'):
        two_way_design(observation, degree=2, year="teh year")
    with pytest.raises(NotEstimable, match="of degree 3, and 'the year' has 3 levels"):
        two_way_design(observation, degree=3, year="the year")


@pytest.mark.parametrize("settings", [{"order": 0}, {"order": 2.0}, {"order_of_lists": True}])
def test_orders_that_are_none(settings):
    with pytest.raises(SettingsError, match="expected a whole number, 1 or more"):
        design_up_to(observed(), **settings)


def test_large_register_is_sparse():
    lists = ("P", "K", "I", "R", "O", "Z")
    levels = {"year": tuple(range(2010, 2016)), "a": (0, 1), "b": (0, 1, 2), "c": (0, 1, 2, 3)}
    design = two_way_design(observed(lists, levels))
    assert design.cells == 9216
    assert design.columns == 1 + 6 + 11 + 15 + 6 * 11 + (5 + 10 + 15 + 2 + 3 + 6)
    per_cell = np.diff(design.start)
    assert per_cell.max() == design.terms  # one column of each term at most
    increasing = np.diff(design.column) > 0
    assert increasing[np.setdiff1d(np.arange(len(increasing)), design.start[1:-1] - 1)].all()
