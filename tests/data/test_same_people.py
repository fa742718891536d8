"""Public tables known again by their counts."""

import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.data.same_people import people_of

KOSOVO, DUTCH = "kosovo_killings_1999", "netherlands_trafficking_2010_2015"
KILLINGS = dk.load("kosovo")


def own(frame, lists, **about):
    return dk.CaptureTable.from_counts(frame, lists=lists).with_about(**about)


def of_kosovo(kept):
    frame = KILLINGS.to_frame().groupby(list(kept))["count"].sum().reset_index()
    return own(frame[frame[list(kept)].any(axis=1)], list(kept))


@pytest.mark.parametrize(
    "table",
    [
        own(KILLINGS.to_frame(), KILLINGS.lists),
        own(KILLINGS.to_frame(), KILLINGS.lists[::-1]),
        own(KILLINGS.to_frame().set_axis([*"abcd", "count"], axis=1), list("dbca")),
        of_kosovo(KILLINGS.lists[1:]),
        of_kosovo(KILLINGS.lists[:3]),
    ],
)
def test_lists_renamed_moved_or_left_out(table):
    assert table.about.population_id == ""
    assert people_of(table) == {KOSOVO}


def test_a_name_of_ones_own_does_not_hide_the_counts():
    table = own(KILLINGS.to_frame(), KILLINGS.lists, population_id="mine")
    assert people_of(table) == {KOSOVO, "mine"}


def test_a_list_less_of_six():
    table = dk.load("netherlands").drop("K")
    copy = own(table.to_frame(), table.lists)
    assert people_of(copy) == {DUTCH}


def test_others_are_not_taken_for_them():
    frame = KILLINGS.to_frame()
    frame.loc[0, "count"] += 1
    assert people_of(own(frame, KILLINGS.lists)) == frozenset()
    two = dk.load("kosovo").drop("EXH", "ABA")
    assert people_of(own(two.to_frame(), two.lists)) == frozenset()  # two lists are too little
    assert people_of(dk.load("hepatitis_a")) == {"taiwan_hepatitis_a_1995"}


def test_strata_and_limits():
    frame = KILLINGS.to_frame()
    half = frame.assign(count=frame["count"] // 2, sex="f")
    rest = frame.assign(count=frame["count"] - half["count"], sex="m")
    both = dk.CaptureTable.from_counts(
        pd.concat([half, rest], ignore_index=True), lists=KILLINGS.lists, by=["sex"]
    )
    assert people_of(both) == {KOSOVO}
    hidden = both.disclose(threshold=20)
    assert people_of(hidden) == frozenset()  # counts within limits: not known
