"""Blanks under a stratum variable, named where they cannot be used."""

import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.data import not_recorded

ROWS = """A,B,C,sex,year,count
1,0,0,f,2014,50
0,1,0,f,2014,60
0,0,1,m,2014,40
1,1,0,m,2014,12
0,0,1,,2014,30
0,0,1,NA,2015,7
1,0,1,f,,3
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text(ROWS, encoding="utf-8")
    return dk.read(path, by=["sex", "year"])


def test_the_row_is_given_as_the_file_has_it(table):
    assert not_recorded.in_words(table) == (
        "column 'sex' is blank in 2 rows (37 people; first: A=0, B=0, C=1, year=2014) and "
        "column 'year' is blank in 1 row (3 people; first: A=1, B=0, C=1, sex=f)"
    )


def test_limits_and_lists_away_are_said():
    frame = pd.DataFrame(
        {
            "A": [1, 0, 1],
            "B": [0, 1, None],
            "sex": ["f", "m", None],
            "count": ["9", "8", "1-4"],
        }
    )
    table = dk.CaptureTable.from_counts(frame, by="sex", blank="inactive")
    assert not_recorded.in_words(table) == (
        "column 'sex' is blank in 1 row (1 to 4 people; first: A=1, B=blank)"
    )


@pytest.mark.parametrize("strata", [None, "joint"])
def test_a_model_that_cannot_use_blanks_names_them_and_what_to_do(table, strata):
    with pytest.raises(dk.NotEstimable, match="cannot use this table") as caught:
        dk.estimate(table, dk.DutchWorkflow(), strata=strata)
    assert "column 'sex' is blank in 2 rows" in caught.value.problem
    for remedy in ("fill the column in", "table.collapse('sex', 'year')", "strata='pooled'"):
        assert remedy in caught.value.hint
    assert "HierarchicalLogLinear" in caught.value.hint


def test_strata_apart_cannot_have_blanks(table):
    with pytest.raises(dk.DataError, match="column 'year' is blank in 1 row"):
        dk.estimate(table, dk.LogLinear(), strata="separate")


def test_what_the_remedies_say_can_be_done(table):
    pooled = dk.estimate(table, dk.BayesianLogLinear(), seed=1, strata="pooled")
    flat = dk.estimate(table.collapse("sex", "year"), dk.BayesianLogLinear(), seed=1)
    assert pooled.median == flat.median
