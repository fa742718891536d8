"""Every step against every neighbour fitted afresh, and against the search of two-way models."""

from itertools import pairwise

import numpy as np
import pytest

from darkfigure.numerics.composite import fit_composite
from darkfigure.numerics.composite_steps import select_composite, stepwise_composite
from darkfigure.numerics.two_way import TwoWay
from darkfigure.numerics.two_way_steps import stepwise_path
from numerics.composites import (
    cells_of,
    complete,
    design_over,
    list_away,
    main_effects,
    row_means,
    suppressed,
)


def drawn(k, shape, scale, seed, *, order=2):
    """A design and a complete table of a model with main effects and some two-way terms."""
    design = design_over(k, shape, order)
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, 0.35, design.columns) * (np.arange(design.columns) > 0)
    levels, _ = cells_of(k, shape)
    y = rng.poisson(scale * np.exp(design.matrix() @ effects))
    return design, complete(k, shape, y[levels[:, :k].any(axis=1)])


def tables():
    design, data = drawn(3, (2, 3), 12.0, 1)
    three, deep = drawn(4, (), 25.0, 2, order=3)
    yield "complete", design, data
    yield "suppressed", design, suppressed(data)
    yield "list away", design, list_away(data, 3, 0, [0, 1, 2])
    yield "both", design, suppressed(list_away(data, 3, 0, [0, 1, 2]), 8)
    yield "three-way terms", three, deep
    yield "three-way, suppressed", three, suppressed(deep)


TABLES = {name: (design, data) for name, design, data in tables()}


@pytest.fixture(params=TABLES, ids=str)
def table(request):
    return TABLES[request.param]


def neighbours(design, model):
    """Hierarchical models with a term more or less, main effects always in."""
    for t in np.flatnonzero(~main_effects(design)):
        other = np.array(model)
        other[t] = not other[t]
        terms = [design.factors[s] for s in np.flatnonzero(other)]
        if all(f - {x} in terms for f in terms for x in f):
            yield int(t), other


def brute_force_step(data, design, model, penalty):
    """The best of all neighbours, each fitted afresh."""
    current = fit_composite(data, design, model)
    found, least = -1, -2 * current.log_likelihood + penalty * current.parameters - 1e-7
    for t, other in neighbours(design, model):
        fit = fit_composite(data, design, other)
        value = -2 * fit.log_likelihood + penalty * fit.parameters
        if fit.converged and value < least:
            found, least = t, value
    return found


@pytest.mark.parametrize("slack", [4.0, np.inf])
def test_every_step_is_the_best_of_all_neighbours(table, slack):
    design, data = table
    penalties = (np.log(data.high.sum()), 2.0, 1.0)
    path = stepwise_composite(
        data, design, main_effects(design), design.full, penalties, slack=slack
    )
    assert len(path) > 2
    for before, after in pairwise(path):
        assert after.term == brute_force_step(data, design, before.fit.model, after.penalty)
        assert (before.fit.model != after.fit.model).sum() == 1
        assert after.fit.converged
    assert brute_force_step(data, design, path[-1].fit.model, 1.0) == -1


def test_exact_complete_tables_are_searched_as_before():
    for scale in (1.0, 5.0, 40.0):
        design, data = drawn(3, (4, 2), scale, 3)
        old = TwoWay(3, (4, 2), np.ones(8, dtype=bool))
        penalties = (np.log(data.low.sum()), 2.0)
        before = stepwise_path(data.low, old, penalties)
        now = stepwise_composite(data, design, main_effects(design), design.full, penalties)
        named = [frozenset(f"f{f}" for f in old.terms[s.term]) for s in before[1:]]
        assert [design.factors[s.term] for s in now[1:]] == named
        for one, two in zip(before, now, strict=True):
            assert two.fit.log_likelihood == pytest.approx(one.fit.log_likelihood, abs=1e-8)
            assert two.fit.expected == pytest.approx(one.fit.expected, rel=1e-7)


def test_backwards_from_the_upper_model():
    design, data = TABLES["complete"]
    path = stepwise_composite(
        data, design, main_effects(design), design.full, (6.0,), begin=design.full
    )
    assert path[0].fit.model.all()
    assert path[1].term == brute_force_step(data, design, design.full, 6.0)


def test_only_terms_of_the_range_change():
    design, data = TABLES["complete"]
    lower = np.array(main_effects(design))
    lower[-1] = True
    upper = np.array(design.full)
    upper[len(upper) // 2] = False
    for step in stepwise_composite(data, design, lower, upper, (2.0, 0.0)):
        assert step.fit.model[lower].all()
        assert not step.fit.model[~upper].any()


def test_the_search_repeated_is_the_path_in_each_table(table):
    design, data = table
    start = fit_composite(data, design, main_effects(design))
    rng = np.random.default_rng(6)
    low = rng.poisson(row_means(data, start.means), (24, data.rows)).astype(float)
    low[:6] = rng.poisson(0.3 * row_means(data, start.means), (6, data.rows))
    high = np.where(data.low < data.high, low + 3, low)
    penalty = np.log(high.sum(axis=1))
    arguments = (data, design, main_effects(design), design.full, penalty, start)
    one = select_composite(low, high, *arguments, workers=1)
    two = select_composite(low, high, *arguments, workers=2)
    every = select_composite(low, high, *arguments, slack=np.inf)
    assert (one.models == two.models).all()
    assert np.array_equal(one.expected, two.expected, equal_nan=True)
    assert (one.models == every.models).all()
    for t in range(0, 24, 3):
        here = data.with_counts(low[t], high[t])
        path = stepwise_composite(
            here, design, main_effects(design), design.full, (penalty[t],), slack=np.inf
        )
        if not path[0].fit.converged:
            assert np.isnan(one.expected[t]).all()
            continue
        assert (path[-1].fit.model == one.models[t]).all()
        assert one.expected[t] == pytest.approx(path[-1].fit.expected, rel=1e-6, abs=1e-9)
        assert one.log_likelihood[t] == pytest.approx(path[-1].fit.log_likelihood, abs=1e-7)
