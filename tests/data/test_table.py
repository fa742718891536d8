"""The table: what it says of itself, and the tables made from it."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkfigure.cautions import caution
from darkfigure.data.about import About, Period
from darkfigure.data.datasets import load
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError

THREE = pd.DataFrame(
    {
        "A": [1, 0, 0, 1, 0, 1, 1],
        "B": [0, 1, 0, 1, 1, 0, 1],
        "C": [0, 0, 1, 0, 1, 1, 1],
        "count": [60, 49, 4, 247, 112, 142, 12],
    }
)
BY_YEAR = pd.DataFrame(
    {
        "A": [1, 0, 1, 1, 0, 1],
        "B": [0, 1, 1, 0, 1, 1],
        "year": [2014, 2014, 2014, 2013, 2013, 2013],
        "sex": ["f", "f", "m", "m", "f", "m"],
        "count": [10, 20, 3, 40, 50, 6],
    }
)


def three() -> CaptureTable:
    return CaptureTable.from_counts(THREE)


def by_year(**changes: object) -> CaptureTable:
    return CaptureTable.from_counts(BY_YEAR, by=["year", "sex"]).with_about(**changes)


@st.composite
def count_frames(draw: st.DrawFn) -> pd.DataFrame:
    """A frame of counts on 3 or 4 lists with a stratum; every history at most once a stratum."""
    k = draw(st.integers(3, 4))
    keys = draw(
        st.lists(
            st.tuples(st.integers(1, 2**k - 1), st.sampled_from(["x", "y", "z"])),
            min_size=1,
            max_size=15,
            unique=True,
        )
    )
    counts = draw(st.lists(st.integers(1, 10_000), min_size=len(keys), max_size=len(keys)))
    frame = pd.DataFrame(
        {name: [history >> j & 1 for history, _ in keys] for j, name in enumerate("ABCD"[:k])}
    )
    return frame.assign(stratum=[stratum for _, stratum in keys], count=counts)


# -- facts --------------------------------------------------------------------------------------


def test_counts_are_indexed_by_bits_of_lists() -> None:
    assert three().counts().tolist() == [0, 60, 49, 247, 4, 142, 112, 12]


def test_known_totals_of_the_dutch_table() -> None:
    # totals per list: Silverman (2020), Table 2
    table = load("netherlands")
    assert isinstance(table, CaptureTable)
    assert table.n_observed == 8234
    assert table.totals().to_dict() == {
        "I": 398,
        "K": 1348,
        "O": 536,
        "P": 4812,
        "R": 742,
        "Z": 848,
    }
    assert table.overlap().loc["P", "Z"] == 137
    assert table.counts().sum() == 8234


def test_overlap_counts_people_on_both_lists() -> None:
    overlap = three().overlap()
    assert overlap.loc["A", "B"] == overlap.loc["B", "A"] == 247 + 12
    assert np.diagonal(overlap).tolist() == three().totals().tolist() == [461, 420, 270]


def test_describe_has_a_row_per_list() -> None:
    row = three().describe().loc["C"]
    assert row["people"] == 270
    assert row["only here"] == 4
    assert row["with others"] == 266
    assert row["share only here"] == pytest.approx(4 / 270)
    assert row["share of all"] == pytest.approx(270 / 626)


def test_possible_histories_leave_out_impossible_pairs() -> None:
    table = CaptureTable.from_counts(
        {"A": [1, 0, 0], "B": [0, 1, 0], "C": [0, 0, 1], "count": [1, 2, 3]},
        impossible=[("C", "A")],
    )
    assert table.impossible == (("A", "C"),)
    assert table.needs == ("impossible",)
    assert np.flatnonzero(~table.possible()).tolist() == [0b101, 0b111]
    assert three().possible().all()


def test_needs_say_what_a_model_must_handle() -> None:
    table = CaptureTable.from_counts(
        {"A": [1, 1], "B": [0, None], "sex": ["f", None], "low": [1, 2], "high": [4, 2]},
        by="sex",
        count=("low", "high"),
        blank="inactive",
    )
    assert table.needs == ("intervals", "blank lists", "blank strata")
    assert not table.is_exact
    assert three().needs == ()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"A": [1, 0], "B": [0, 1], "count": [1, 2], "high": [2, 2]}, "intervals"),
        ({"A": [1, 0], "B": [None, 1], "count": [1, 2]}, "blank lists"),
    ],
)
def test_counts_refuses_what_has_no_single_count(data: dict[str, list[int]], found: str) -> None:
    count = ("count", "high") if "high" in data else "count"
    table = CaptureTable.from_counts(data, count=count, blank="inactive")
    with pytest.raises(DataError, match=found):
        table.counts()


def test_counts_refuses_more_than_twenty_lists() -> None:
    data = {f"L{j}": [1, int(j == 0)] for j in range(21)} | {"count": [1, 2]}
    with pytest.raises(DataError, match=r"21 lists .* at most 20"):
        CaptureTable.from_counts(data).counts()


def test_arrays_cannot_be_written_and_input_is_left_alone() -> None:
    frame = THREE.copy()
    table = CaptureTable.from_counts(frame)
    for array in (table.histories, table.low, table.high):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    table.counts()[1] = 7
    pd.testing.assert_frame_equal(frame, THREE)
    assert table.n_observed == 626


def test_a_table_can_be_pickled() -> None:
    table = by_year(period=(2013, 2014))
    assert pickle.loads(pickle.dumps(table)).content_hash == table.content_hash


def test_levels_stand_in_order_of_first_appearance() -> None:
    assert by_year().strata == {"year": (2014, 2013), "sex": ("f", "m")}


# -- the same whatever the order ------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(count_frames(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(frame: pd.DataFrame, random) -> None:
    order = list(range(len(frame)))
    random.shuffle(order)
    first = CaptureTable.from_counts(frame, by="stratum")
    second = CaptureTable.from_counts(frame.iloc[order], by="stratum")
    assert first.content_hash == second.content_hash
    assert (first.counts() == second.counts()).all()
    assert first.collapse().to_frame().equals(second.collapse().to_frame())


@settings(max_examples=25, deadline=None)
@given(count_frames())
def test_order_of_lists_does_not_matter(frame: pd.DataFrame) -> None:
    lists = [name for name in frame if name in "ABCD"]
    first = CaptureTable.from_counts(frame, lists=lists, by="stratum")
    second = CaptureTable.from_counts(frame, lists=lists[::-1], by="stratum")
    assert second.lists == first.lists[::-1]
    assert second.totals()[lists].tolist() == first.totals().tolist()
    assert second.overlap().loc[lists, lists].equals(first.overlap())
    assert first.content_hash != second.content_hash


@settings(max_examples=25, deadline=None)
@given(count_frames())
def test_a_table_survives_its_frame(frame: pd.DataFrame) -> None:
    table = CaptureTable.from_counts(frame, by="stratum")
    again = CaptureTable.from_counts(table.to_frame(), by="stratum")
    assert again.content_hash == table.content_hash
    assert again.strata == table.strata


def test_empty_cells_do_not_matter() -> None:
    more = pd.concat([THREE.iloc[:-1], THREE.iloc[-1:].assign(count=0)])
    assert (
        CaptureTable.from_counts(more).content_hash
        == CaptureTable.from_counts(THREE.iloc[:-1]).content_hash
    )


def test_content_hash_sees_counts_labels_and_pairs() -> None:
    seen = {
        three().content_hash,
        CaptureTable.from_counts(THREE.assign(count=THREE["count"] + 1)).content_hash,
        CaptureTable.from_counts(THREE.rename(columns={"A": "D"})).content_hash,
        CaptureTable.from_counts(THREE.assign(s="x"), by="s").content_hash,
        CaptureTable.from_counts(THREE.assign(s=1), by="s").content_hash,
    }
    assert len(seen) == 5


def test_a_frame_with_blanks_and_limits_survives() -> None:
    table = CaptureTable.from_counts(
        {
            "A": [1, 1, 0],
            "B": [0, None, 1],
            "s": ["x", None, "y"],
            "low": [1, 2, 0],
            "high": [4, 2, 9],
        },
        by="s",
        count=("low", "high"),
        blank="inactive",
    )
    frame = table.to_frame()
    assert frame["B"].isna().sum() == 1
    again = CaptureTable.from_counts(frame, by="s", count=("low", "high"), blank="inactive")
    assert again.content_hash == table.content_hash


# -- merge, drop, select, collapse, split ---------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(count_frames())
def test_merge_keeps_people(frame: pd.DataFrame) -> None:
    table = CaptureTable.from_counts(frame, by="stratum")
    merged = table.merge({"AB": ["A", "B"]})
    assert merged.lists == ("AB", *table.lists[2:])
    assert merged.n_observed == table.n_observed
    both = table.overlap().loc["A", "B"]
    assert merged.totals()["AB"] == table.totals()["A"] + table.totals()["B"] - both
    assert merged.totals()["C"] == table.totals()["C"]


@settings(max_examples=25, deadline=None)
@given(count_frames())
def test_drop_loses_those_on_that_list_alone(frame: pd.DataFrame) -> None:
    table = CaptureTable.from_counts(frame, by="stratum")
    alone = table.describe().loc["A", "only here"]
    if alone == table.n_observed:
        with pytest.raises(DataError, match="nobody"):
            table.drop("A")
        return
    left = table.drop("A")
    assert left.n_observed == table.n_observed - alone
    assert left.totals().tolist() == table.totals().drop("A").tolist()
    known = table.with_about(known_unseen=100).drop("A")
    assert known.known_unseen == 100 + alone


@settings(max_examples=25, deadline=None)
@given(count_frames())
def test_collapse_and_split_keep_people(frame: pd.DataFrame) -> None:
    table = CaptureTable.from_counts(frame, by="stratum")
    flat = table.collapse("stratum")
    assert flat.strata == {}
    assert (flat.counts() == table.counts()).all()
    parts = table.split()
    assert list(parts) == [(level,) for level in table.strata["stratum"]]
    assert (sum(part.counts() for part in parts.values()) == table.counts()).all()
    assert all(part.strata == {} for part in parts.values())


def test_merging_lists_that_are_not_at_work() -> None:
    table = CaptureTable.from_counts(
        {"A": [1, 0, 0], "B": [None, None, 0], "C": [0, 1, 1], "count": [1, 2, 4]},
        blank="inactive",
    )
    merged = table.merge({"AB": ["A", "B"]})
    assert merged.to_frame()["AB"].tolist() == [1, 0, pd.NA]
    assert merged.low.tolist() == [1, 4, 2]


def test_a_merged_pair_is_impossible_only_if_all_its_members_are() -> None:
    data = {"A": [1, 0, 0, 0], "B": [0, 1, 0, 0], "C": [0, 0, 1, 0], "D": [0, 0, 0, 1]}
    table = CaptureTable.from_counts(
        data | {"count": [1] * 4}, impossible=[("A", "C"), ("B", "C"), ("A", "D")]
    )
    assert table.merge({"AB": ["A", "B"]}).impossible == (("AB", "C"),)
    assert table.drop("C").impossible == (("A", "D"),)


def test_merge_renames_and_describes() -> None:
    table = three().with_about(lists={"A": "police", "B": "border"}).merge({"X": ["A", "B"]})
    assert table.about.lists["X"] == "police; border"
    assert three().merge({"Z": ["A"]}).lists == ("Z", "B", "C")


@pytest.mark.parametrize(
    ("groups", "found", "hint"),
    [
        ({"AB": ["A", "Bb"]}, "no list 'Bb'", 'Did you mean "B"'),
        ({"X": ["A", "B"], "Y": ["B", "C"]}, "'B' is to be joined twice", "once"),
        ({"C": ["A", "B"]}, "'C' has the name of a list", "another name"),
        ({"X": ["A", "B", "C"]}, "only one list, 'X'", "CaptureFrequencies"),
        ({"X": []}, "made of no lists", "at least one"),
    ],
)
def test_merge_refuses(groups: dict[str, list[str]], found: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        three().merge(groups)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


def test_drop_refuses_an_unknown_list_and_too_few() -> None:
    with pytest.raises(DataError, match="no list 'GP'"):
        three().drop("GP")
    with pytest.raises(DataError, match="only one list, 'C'"):
        three().drop("A", "B")


def test_select_keeps_levels_and_shortens_the_period() -> None:
    table = by_year(period=(2010, 2015), known_unseen=9, population_id="p")
    one = table.select(year=2014)
    assert one.n_observed == 33
    assert one.about.period == Period(2014, 2014, 1.0, "2014")
    assert one.known_unseen is None
    assert one.about.population_id == ""
    both = table.select(year=[2013, 2014], sex="f")
    assert both.n_observed == 80
    assert both.about.period == Period(2013, 2014, 2.0, "2013-2014")


def test_a_stratum_of_one_year_is_of_that_year():
    # found by a stranger: a year split off kept the whole period, so that a claim of 5,000 a year
    # was set beside it as one of 10,000
    frame = {"a": [1, 0, 1, 1], "b": [0, 1, 1, 1], "year": [2014, 2014, 2014, 2015]}
    table = CaptureTable.from_counts({**frame, "count": [9, 8, 7, 6]}, by=["year"])
    table = table.with_about(period=(2014, 2015), population_id="mine")
    part = table.split()[(2014,)]
    assert part.about.period == Period(2014, 2014, 1.0, "2014")
    assert part.about.period == table.select(year=2014).about.period
    assert part.about.population_id == "mine"


def test_selected_years_apart_are_counted_one_by_one() -> None:
    frame = BY_YEAR.assign(year=[2010] * 3 + [2014] * 3)
    table = CaptureTable.from_counts(frame, by=["year", "sex"]).with_about(period=(2010, 2015))
    period = table.select(year=[2014, 2010]).about.period
    assert period == Period(2010, 2014, 2.0, "2010, 2014")


def test_select_leaves_a_period_of_part_of_a_year() -> None:
    part = Period(2013, 2014, 1.5, "July 2013 to December 2014")
    assert by_year(period=part).select(year=2014).about.period == part


@pytest.mark.parametrize(
    ("levels", "found", "hint"),
    [
        ({"year": 2016}, "'year' has no level 2016; it has 2014, 2013", "2014"),
        ({"year": "2014"}, "no level '2014'", "Say year=2014."),
        ({"sex": "ff"}, "no level 'ff'", 'Did you mean "f"'),
        ({"yeer": 2014}, "no stratum variable 'yeer'; the table has 'year', 'sex'", '"year"'),
        ({"sex": []}, "no level of 'sex' is named", "sex='f'"),
    ],
)
def test_select_refuses(levels: dict[str, object], found: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        by_year().select(**levels)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


def test_collapse_refuses_an_unknown_stratum() -> None:
    with pytest.raises(DataError, match="no stratum variable 'age'"):
        by_year().collapse("age")


def test_split_refuses_blank_strata() -> None:
    table = CaptureTable.from_counts(
        {"A": [1, 0], "B": [0, 1], "sex": ["f", None], "count": [1, 2]}, by="sex"
    )
    with pytest.raises(DataError, match="cannot be split") as error:
        table.split()
    assert "column 'sex' is blank in 1 row (2 people; first: A=0, B=1)" in error.value.problem
    assert "collapse('sex')" in str(error.value.hint)


def test_split_without_strata_is_the_table() -> None:
    assert list(three().split()) == [()]


# -- codebook and origin ------------------------------------------------------------------------


def test_with_about_reads_periods_and_refuses_unknown_entries() -> None:
    table = three().with_about(period=(2010, 2015), concept="flow")
    assert table.about.period == Period(2010, 2015, 6.0, "2010-2015")
    assert three().with_about(period=2014).about.period == Period(2014, 2014, 1.0, "2014")
    with pytest.raises(DataError, match="no entry 'periode'") as error:
        three().with_about(periode=2010)
    assert error.value.hint == 'Did you mean "period"?'
    with pytest.raises(DataError, match="from 2015 to 2010"):
        three().with_about(period=(2015, 2010))


def test_origin_says_how_the_table_was_made() -> None:
    table = load("netherlands")
    assert isinstance(table, CaptureTable)
    made = table.merge({"KR": ["K", "R"]}).drop("Z")
    assert made.origin == "dk.load(\"netherlands\").merge({'KR': ['K', 'R']}).drop('Z')"
    part = by_year().split()[(2013, "m")]
    assert part.origin.endswith(".select(year=2013, sex='m').collapse()")
    assert part.content_hash == by_year().select(year=2013, sex="m").collapse().content_hash


def test_a_table_given_as_cells_is_put_in_order() -> None:
    table = CaptureTable(
        lists=("A", "B"),
        histories=np.array([[1, 1], [0, 1], [1, 1]], dtype=np.int8),
        low=np.array([1, 2, 3]),
        high=np.array([1, 2, 3]),
    )
    assert table.histories.tolist() == [[0, 1], [1, 1]]
    assert table.low.tolist() == [2, 4]


def test_cautions_travel_with_the_table() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twice = CaptureTable.from_counts(pd.concat([THREE, THREE.iloc[:1]]))
    assert [each.kind for each in twice.drop("C").cautions] == ["duplicate_histories"]
    assert caution("encoding", encoding="x") not in twice.cautions


def test_about_is_not_stated_by_default() -> None:
    assert three().about == About()


@pytest.mark.parametrize("years", [[2020, "2020", 2020.0], ["2020", "2020.0", " 2020 "]])
def test_numbers_written_in_several_ways_are_one_level(years):
    frame = {"A": [1, 0, 1], "B": [0, 1, 1], "year": years, "count": [5, 6, 7]}
    table = CaptureTable.from_counts(frame, by="year")
    assert table.strata == {"year": (2020,)}
    codes = {**frame, "year": ["01", "2", "01"]}
    assert CaptureTable.from_counts(codes, by="year").strata == {"year": ("01", "2")}


def test_a_list_called_count_is_refused():
    frame = {"A": [1, 0], "B": [0, 1], "n": [5, 6]}
    table = CaptureTable.from_counts(frame, count="n")
    with pytest.raises(DataError, match="a list is called 'count'"):
        table.merge({"count": ["A"]})


def test_an_array_is_no_frame():
    with pytest.raises(DataError, match="from an ndarray"):
        CaptureTable.from_counts(np.zeros((2, 2)))


def test_censored_counts_are_upper_bounds() -> None:
    table = load("scotland_pwid")
    bounded = table.censor("S4")
    alone = (bounded.histories == [0, 0, 0, 1]).all(axis=1)
    assert alone.sum() == 8
    assert (bounded.low[alone] == 0).all()
    assert bounded.high[alone].sum() == 684  # Overstall et al. (2014): cells on S4 alone
    assert (bounded.low[~alone] == bounded.high[~alone]).all()
    assert bounded.needs == ("intervals",)


@pytest.mark.parametrize("lists", [(), ("S1", "S2", "S3", "S4")])
def test_censoring_needs_some_of_the_lists(lists) -> None:
    with pytest.raises(DataError, match="expected some of the lists"):
        load("scotland_pwid").censor(*lists)
