from itertools import combinations

import numpy as np
import pytest

from darkfigure.numerics.hierarchy import (
    closure,
    count_models,
    hierarchical_models,
    main_effects,
    neighbours,
    without_lists,
)

# Chan, Silverman & Vincent (2021), section 2, and MultipleSystemsEstimation 1.2.0
NUMBERS = [
    (3, 2, 8),
    (3, 3, 9),
    (4, 2, 64),
    (4, 3, 113),
    (4, 4, 114),
    (5, 2, 1_024),
    (5, 3, 6_212),
    (6, 2, 32_768),
]


def everywhere(k):
    return np.ones(1 << k, dtype=bool)


@pytest.mark.parametrize(("k", "order", "number"), NUMBERS)
def test_number_of_models(k, order, number):
    assert len(hierarchical_models(k, order, everywhere(k))) == number


@pytest.mark.parametrize(("k", "order", "number"), [*NUMBERS, (6, 3, 3_702_013)])
def test_models_are_counted_without_making_them(k, order, number):
    found = count_models(k, order, everywhere(k))
    if order <= 3:
        assert (found.number, found.exact) == (number, True)
    else:
        assert not found.exact
        assert found.number < number


def test_impossible_pairs_are_not_counted():
    possible = everywhere(5)
    possible[[mask for mask in range(32) if mask & 0b00011 == 0b00011]] = False
    assert count_models(5, 3, possible).number == len(hierarchical_models(5, 3, possible))


@pytest.mark.parametrize(
    ("k", "order", "words"),
    [
        (6, 2, "32,768"),
        (6, 3, "3.7 million"),
        (6, 5, "more than 3.7 million"),
        (12, 2, "about 7 × 10^19"),
        (12, 3, "more than 7 × 10^19"),
    ],
)
def test_numbers_of_models_in_words(k, order, words):
    assert str(count_models(k, order, everywhere(k))) == words


def test_every_model_is_hierarchical_and_distinct():
    models = hierarchical_models(4, 4, everywhere(4))
    assert len(np.unique(models, axis=0)) == len(models)
    for model in models:
        for term in np.flatnonzero(model):
            members = [1 << j for j in range(4) if term >> j & 1]
            for size in range(len(members)):
                for kept in combinations(members, size):
                    assert model[sum(kept)]


def test_gives_up_above_a_limit():
    assert hierarchical_models(6, 3, everywhere(6), most=250_000) is None


def test_impossible_pairs_have_no_interaction():
    possible = everywhere(3)
    possible[[0b011, 0b111]] = False
    assert len(hierarchical_models(3, 3, possible)) == 4


def test_neighbours_are_one_term_away():
    start = closure([0b011], 3)
    around = neighbours(start, 2, everywhere(3))
    assert sorted(int((model != start).sum()) for model in around) == [1, 1, 1]
    assert any((model == main_effects(3)).all() for model in around)


def test_a_pair_inside_a_triple_cannot_be_dropped():
    start = closure([0b0111], 4)
    around = neighbours(start, 3, everywhere(4))
    # the triple itself, or any of the three pairs with the fourth list
    assert len(around) == 4


def test_a_model_without_a_list():
    model = closure([0b0111, 0b1001], 4)
    assert (without_lists(model, [1]) == closure([0b011, 0b101], 3)).all()
    assert (without_lists(model, [0, 3]) == closure([0b11], 2)).all()
