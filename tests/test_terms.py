import numpy as np
import pytest

import darkfigure as dk
from darkfigure.errors import SettingsError
from darkfigure.numerics.hierarchy import closure, hierarchical_models
from darkfigure.terms import labels_of, read_terms

LISTS = ("A", "B", "C", "D")


def test_labels_name_the_generators_largest_first():
    models = np.array([closure([0b0111, 0b1001], 4), closure([], 4), closure([0b1010], 4)])
    assert labels_of(models, LISTS) == ["[A B C][A D]", "[A][B][C][D]", "[B D][A][C]"]


def test_labels_and_back():
    models = hierarchical_models(4, 3, np.ones(16, dtype=bool))
    for model, label in zip(models, labels_of(models, LISTS), strict=True):
        assert (read_terms(label, LISTS) == model).all()


def test_names_with_spaces():
    lists = ("border police", "shelter", "labour")
    model = closure([0b011], 3)
    assert labels_of(model[None], lists) == ["[`border police` shelter][labour]"]
    assert (read_terms("[`border police` shelter][labour]", lists) == model).all()
    assert (read_terms("[border police, shelter][labour]", lists) == model).all()
    assert (read_terms("`border police`*shelter", lists) == model).all()
    assert (read_terms([("border police", "shelter")], lists) == model).all()


def test_any_names_are_read_back():
    lists = ("border police", "c,d", "[e]", "f`g", "``", "h*i", "k  l")
    models = np.array([closure([0b11, 0b1010100, 0b1001000], 7), closure([0b0101101], 7)])
    for model, label in zip(models, labels_of(models, lists), strict=True):
        assert (read_terms(label, lists) == model).all()


UNREADABLE = [
    *("A*", "[A B", "A B]", "[A][B", "A***B"),
    *("y ~ A*B", "A|B", ".", "__import__('os').getcwd()", "log(A)"),
    *({"A": "B"}, 5, [5], None),
]


@pytest.mark.parametrize("text", UNREADABLE, ids=str)
def test_unreadable_terms(text):
    with pytest.raises(SettingsError):
        read_terms(text, LISTS)


@pytest.mark.parametrize("terms", [3, True, [3], [("A", 3)], [(1, 2)], b"A*B", {"A": "B"}])
def test_what_is_no_terms_is_refused_at_once(terms):
    for model in (dk.BayesianLogLinear, dk.LogLinear):
        with pytest.raises(SettingsError, match="tuples of list names"):
            model(terms=terms)


def test_terms_are_frozen():
    given = (each for each in (["A", "B"], "C"))
    assert dk.BayesianLogLinear(terms=given).terms == (("A", "B"), "C")
