"""Lists linked by a key."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, DataWarning

POLICE = pd.DataFrame({"person": ["a", "b", "c"], "sex": ["f", "f", "m"]})
SHELTER = pd.DataFrame({"person": ["c", "d"], "sex": ["m", "f"]})
HOSPITAL = pd.DataFrame({"person": ["d", "a", "e"]})
THREE = {"police": POLICE, "shelter": SHELTER, "hospital": HOSPITAL}


def test_people_are_found_on_every_list() -> None:
    table = CaptureTable.from_lists(THREE, key="person")
    assert table.lists == ("police", "shelter", "hospital")
    assert table.counts().tolist() == [0, 1, 0, 1, 1, 1, 1, 0]
    assert table.totals().tolist() == [3, 2, 3]


def test_any_frames_may_be_mixed() -> None:
    mixed = {
        "police": pl.from_pandas(POLICE),
        "shelter": pl.from_pandas(SHELTER).lazy(),
        "hospital": HOSPITAL.to_dict("records"),
    }
    linked = CaptureTable.from_lists(mixed, key="person")
    assert linked.content_hash == CaptureTable.from_lists(THREE, key="person").content_hash


def test_a_stratum_comes_from_the_lists_that_record_it() -> None:
    table = CaptureTable.from_lists(THREE, key="person", by="sex")
    assert table.strata == {"sex": ("f", "m")}
    assert table.needs == ("blank strata",)  # e is on hospital alone
    assert table.select(sex="f").n_observed == 3


def test_whole_floats_are_numbers() -> None:
    first, second = pd.DataFrame({"id": [1, 2]}), pd.DataFrame({"id": [2.0, 3.0]})
    assert CaptureTable.from_lists({"A": first, "B": second}, key="id").counts().tolist() == [
        0,
        1,
        1,
        1,
    ]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sets(st.integers(0, 30), min_size=1), min_size=2, max_size=4))
def test_agrees_with_sets(members: list[set[int]]) -> None:
    names = list("ABCD")[: len(members)]
    table = CaptureTable.from_lists(
        {name: {"id": sorted(each)} for name, each in zip(names, members, strict=True)}, key="id"
    )
    assert table.n_observed == len(set.union(*members))
    expected = [[len(a & b) for b in members] for a in members]
    assert table.overlap().to_numpy().tolist() == expected


def test_a_person_twice_on_one_list_is_counted_once() -> None:
    twice = pd.concat([POLICE, POLICE.iloc[:1], POLICE.iloc[:2]])
    with pytest.warns(DataWarning, match=r"more than once on list police \(2 of them\)") as seen:
        table = CaptureTable.from_lists({**THREE, "police": twice}, key="person")
    assert seen[0].filename == __file__
    assert table.totals()["police"] == 3
    assert [each.kind for each in table.cautions] == ["person_twice"]


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys", [["a", None, "c"], ["a", "", "c"], ["a", float("nan"), "c"], [1.0, np.nan, 3.0]]
)
def test_a_missing_key(keys: list[object]) -> None:
    with pytest.raises(DataError) as error:
        CaptureTable.from_lists({**THREE, "shelter": pd.DataFrame({"person": keys})}, key="person")
    assert "list 'shelter', row 2, column 'person': the key is missing" in error.value.problem
    assert "Leave out rows" in str(error.value.hint)


def test_keys_of_different_types() -> None:
    numbers = pd.DataFrame({"person": [7, 8]})
    with pytest.raises(DataError) as error:
        CaptureTable.from_lists({"police": POLICE, "shelter": numbers}, key="person")
    assert "holds text on list 'police' (row 1: 'a') and numbers on list 'shelter' (row 1: 7)" in (
        error.value.problem
    )
    assert "astype(str)" in str(error.value.hint)


def test_keys_of_different_types_on_one_list() -> None:
    mixed = pd.DataFrame({"person": ["d", 7]}, dtype=object)
    with pytest.raises(DataError, match=r"list 'shelter', row 2, .*the number 7 among texts"):
        CaptureTable.from_lists({"police": POLICE, "shelter": mixed}, key="person")


def test_lists_that_disagree_on_a_stratum() -> None:
    other = pd.DataFrame({"person": ["d", "b"], "sex": ["f", "m"]})
    with pytest.raises(DataError) as error:
        CaptureTable.from_lists({"police": POLICE, "shelter": other}, key="person", by="sex")
    assert error.value.problem == (
        "person 'b' has sex 'f' on list 'police' (row 2) and 'm' on list 'shelter' (row 2); "
        "expected one value of column 'sex' per person."
    )
    assert "Correct one" in str(error.value.hint)


def test_a_list_that_disagrees_with_itself() -> None:
    both = pd.DataFrame({"person": ["d", "d"], "sex": ["f", "m"]})
    with pytest.raises(DataError, match=r"'f' on list 'shelter' \(row 1\) and 'm' on list 'shel"):
        CaptureTable.from_lists({"police": POLICE, "shelter": both}, key="person", by="sex")


@pytest.mark.parametrize(
    ("frames", "arguments", "found", "hint"),
    [
        ({"police": POLICE}, {"key": "person"}, "only one list, 'police'", "Name them"),
        (THREE, {"key": "persons"}, "list 'police' has no column 'persons'", '"person"'),
        (THREE, {"key": "person", "by": "age"}, "no list has a column 'age'", "at least one list"),
        ({**THREE, "ngo": POLICE.iloc[:0]}, {"key": "person"}, "list 'ngo' has no rows", "out"),
        ([POLICE, SHELTER], {"key": "person"}, "the lists come as list", "from_lists({"),
        (THREE, {"key": "person", "by": "person"}, "named in key= and by=", "by="),
    ],
)
def test_bad_arguments(frames, arguments, found: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        CaptureTable.from_lists(frames, **arguments)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


@pytest.mark.parametrize("name", ["count", "two\nlines"])
def test_names_that_a_written_table_could_not_hold(name):
    frames = {name: {"id": [1, 2]}, "b": {"id": [2, 3]}}
    with pytest.raises(DataError, match="is called"):
        CaptureTable.from_lists(frames, key="id")


def test_a_key_of_two_columns_is_refused():
    frames = {"a": {"id": [1, 2]}, "b": {"id": [2, 3]}}
    with pytest.raises(DataError, match="expected the name of one column"):
        CaptureTable.from_lists(frames, key=("id", "x"))


def test_a_person_is_named_plainly():
    frames = {"a": {"id": [1, 2], "s": ["x", "y"]}, "b": {"id": [2], "s": ["x"]}}
    with pytest.raises(DataError, match="person 2 has s 'y'"):
        CaptureTable.from_lists(frames, key="id", by="s")
