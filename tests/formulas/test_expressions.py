"""Functions of levels against those of formulaic and the house."""

import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

from darkfigure.formulas.expressions import FUNCTIONS, evaluate, read_expression
from darkfigure.numerics.two_way import orthogonal_polynomials

YEARS = (2010, 2011, 2013, 2014, 2015)
LEVELS = {"year": YEARS, "the year": YEARS, "sex": ("f", "m")}


def columns_of(text):
    expression = read_expression(text, LEVELS)
    return evaluate(expression, LEVELS[expression.variable])


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_polynomials_are_those_of_formulaic_but_for_their_length(degree):
    found = columns_of(f"poly(year, {degree})").values
    assert (found == orthogonal_polynomials(YEARS, degree)).all()
    frame = pd.DataFrame({"year": np.array(YEARS, dtype=float)})
    theirs = np.asarray(model_matrix(f"poly(year, {degree}) - 1", frame), dtype=float)
    assert np.allclose(found, theirs * np.sqrt(len(YEARS)), rtol=0, atol=1e-9)


@pytest.mark.parametrize("text", ["log(year)", "I(year**2)", "bs(year, df=4)", "cr(year, df=3)"])
def test_numbers_are_centred_and_of_mean_square_one(text):
    values = columns_of(text).values
    assert np.allclose(values.mean(axis=0), 0, atol=1e-12)
    assert np.allclose((values**2).mean(axis=0), 1)


def test_steps_and_contrasts_stay_as_they_are():
    assert columns_of("I(year > 2011)").values.ravel().tolist() == [0, 0, 1, 1, 1]
    assert columns_of("C(sex, contr.sum)").values.ravel().tolist() == [1, -1]
    levels = columns_of("C(year, contr.treatment(base=2013))")
    assert levels.names == ("[2010]", "[2011]", "[2014]", "[2015]")
    assert levels.values.tolist() == np.delete(np.eye(5), 2, axis=1).tolist()


def test_spline_without_the_constant():
    """A natural spline of three columns has the constant among their sums."""
    assert columns_of("cr(year, df=3)").names == ("[1]", "[2]")
    assert columns_of("bs(year, df=3)").names == ("[1]", "[2]", "[3]")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("poly( year,2 )", "poly(year, 2)"),
        ("poly(`year`, 2)", "poly(year, 2)"),
        ("poly(`the year`,2)", "poly(`the year`, 2)"),
        ("year**2", "I(year ** 2)"),
        ('I(sex=="f")', "I(sex == 'f')"),
        ("C(year,contr.treatment(base=2011))", "C(year, contr.treatment(base=2011))"),
    ],
)
def test_texts_are_written_in_one_way(text, same):
    assert read_expression(text, LEVELS).text == same
    assert read_expression(same, LEVELS).text == same


@pytest.mark.parametrize("text", ["year", "poly(year", "border police", "3", "year.real"])
def test_names_are_no_expressions(text):
    assert read_expression(text, LEVELS) is None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_works(name):
    more = {"bs": ", df=3", "cr": ", df=3", "cs": ", df=3", "cc": ", df=3", "exp": " - 2010"}
    found = columns_of(f"{name}(year{more.get(name, '')})")
    assert np.isfinite(found.values).all()
    both = np.column_stack([np.ones(len(YEARS)), found.values])
    assert np.linalg.matrix_rank(both) == both.shape[1]
