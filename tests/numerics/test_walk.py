"""The walk through models, on values that are known for every model."""

import numpy as np
import pytest

from darkfigure.numerics.hierarchy import (
    allowed_terms,
    closure,
    hierarchical_models,
    main_effects,
    neighbours,
)
from darkfigure.numerics.walk import Landscape, Walk, keys_of, walk_models

LISTS, ORDER = 4, 3
EVERY = hierarchical_models(LISTS, ORDER, np.ones(1 << LISTS, dtype=bool))
ALLOWED = allowed_terms(LISTS, ORDER, np.ones(1 << LISTS, dtype=bool))


class Known(Landscape):
    """Values from a table; forecasts are the values, off by a given error."""

    def __init__(self, values, error=None):
        self.values = dict(zip(keys_of(EVERY), values, strict=True))
        self.error = error or (lambda size: np.zeros(size))
        self.asked = []

    def values_of(self, models):
        keys = keys_of(models)
        self.asked += keys
        return np.array([self.values[key] for key in keys])

    def forecast(self, models, allowed):
        assert all(np.isfinite(self.values[key]) for key in keys_of(models))
        found = np.full((len(models), len(allowed)), np.nan)
        for row, model in enumerate(models):
            for column, term in enumerate(allowed):
                other = model.copy()
                other[term] ^= True
                found[row, column] = self.values.get(keys_of(other[None, :])[0], np.nan)
        return found + self.error(found.shape)


def rugged(seed, *, unusable=0.0):
    rng = np.random.default_rng(seed)
    values = rng.normal(0.0, 8.0, len(EVERY)) + 2.0 * EVERY.sum(axis=1)
    values[rng.random(len(EVERY)) < unusable] = np.inf
    return values


def value_in(landscape, model):
    return landscape.values[keys_of(model[None, :])[0]]


@pytest.mark.parametrize("seed", range(5))
def test_a_descent_ends_where_no_neighbour_is_better(seed):
    landscape = Known(rugged(seed))
    walk = Walk(landscape, ALLOWED)
    for start in EVERY[::7]:
        end = walk.descend(start)
        around = neighbours(end, ORDER, np.ones(1 << LISTS, dtype=bool))
        assert value_in(landscape, end) <= value_in(landscape, start)
        assert min(value_in(landscape, other) for other in around) >= value_in(landscape, end)


def test_forecasts_off_by_less_than_the_slack_lead_to_the_same_end():
    rng = np.random.default_rng(3)
    exact = Known(rugged(1))
    roughly = Known(rugged(1), lambda size: rng.uniform(-2.9, 2.9, size))
    end = Walk(roughly, ALLOWED).descend(main_effects(LISTS))
    around = neighbours(end, ORDER, np.ones(1 << LISTS, dtype=bool))
    assert min(value_in(exact, other) for other in around) >= value_in(exact, end)


def test_no_value_is_asked_for_twice():
    landscape = Known(rugged(2))
    walk = walk_models(
        landscape, LISTS, np.ones(1 << LISTS, dtype=bool), ORDER, np.random.default_rng(1)
    )
    walk.surround(within=20.0, most=1000)
    assert len(landscape.asked) == len(set(landscape.asked)) == len(walk)
    ranked = [value_in(landscape, model) for model in walk.in_order()]
    assert ranked == sorted(ranked)


def test_a_model_given_twice_at_once_is_asked_for_once():
    landscape = Known(rugged(2))
    walk = Walk(landscape, ALLOWED)
    values = walk.values_of(np.repeat(EVERY[:3], 2, axis=0))
    assert len(landscape.asked) == 3
    assert values[0] == values[1] == value_in(landscape, EVERY[0])


@pytest.mark.parametrize("seed", range(3))
def test_the_walk_finds_the_best_model(seed):
    landscape = Known(rugged(seed, unusable=0.2))
    walk = walk_models(
        landscape, LISTS, np.ones(1 << LISTS, dtype=bool), ORDER, np.random.default_rng(seed)
    )
    walk.surround(within=20.0, most=1000)
    best = walk.in_order()[0]
    assert value_in(landscape, best) == min(landscape.values.values())


def test_all_good_models_that_good_ones_lead_to_are_looked_at():
    landscape = Known(np.abs(EVERY[:, ALLOWED].sum(axis=1) - 4.0))  # no ridge between any two
    walk = Walk(landscape, ALLOWED)
    walk.values_of(main_effects(LISTS)[None, :])
    walk.descend(main_effects(LISTS))
    walk.surround(within=2.0, most=1000)
    good = {key for key, value in landscape.values.items() if value <= 2.0}
    assert good <= set(landscape.asked)


def test_looking_around_stops_at_the_most():
    walk = Walk(Known(np.zeros(len(EVERY))), ALLOWED)
    walk.values_of(main_effects(LISTS)[None, :])
    walk.surround(within=1.0, most=30)
    assert len(walk) == 30


def test_where_no_model_can_be_used_nothing_is_found():
    landscape = Known(np.full(len(EVERY), np.inf))
    walk = walk_models(
        landscape, LISTS, np.ones(1 << LISTS, dtype=bool), ORDER, np.random.default_rng(1)
    )
    walk.surround(within=1.0, most=30)
    assert len(walk) > 0


def test_neighbours_are_one_interaction_away():
    walk = Walk(Known(rugged(1)), ALLOWED)
    model = closure([0b0011], LISTS)
    found = walk.neighbours(model, np.arange(len(ALLOWED)))
    assert ((found != model).sum(axis=1) == 1).all()
    assert found[:, ALLOWED].diagonal().tolist() == (~model[ALLOWED]).tolist()
