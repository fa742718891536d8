"""Suppressed, rounded and missing cells: as they are written, read, shown, and written again."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import darkfigure as dk
from darkfigure.data.reading import read
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, NotEstimable, SettingsError

GRID = [(1, 0), (0, 1), (1, 1)]


def table_of(counts: list[object], **arguments: object) -> CaptureTable:
    """Counts of the histories A, B and A + B."""
    data = {"A": [a for a, _ in GRID], "B": [b for _, b in GRID], "count": counts}
    frame = pd.DataFrame({name: values[: len(counts)] for name, values in data.items()})
    return CaptureTable.from_counts(frame, **arguments)


def limits(table: CaptureTable) -> dict[str, tuple[int, int]]:
    """Limits by history and stratum, in letters: "A", "B", "AB 2014"; a blank list as "?"."""
    found = {}
    for row in range(len(table.low)):
        history = "".join(
            name if on == 1 else f"{name}?"
            for name, on in zip(table.lists, table.histories[row], strict=True)
            if on
        )
        strata = [str(values[row]) for values in table.labels.values()]
        found[" ".join([history, *strata])] = (int(table.low[row]), int(table.high[row]))
    return found


# -- counts written as limits ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<5", (0, 4)),
        ("< 5", (0, 4)),
        ("fewer than 5", (0, 4)),
        ("≤97", (0, 97)),
        ("<=97", (0, 97)),
        ("<= 1.097", (0, 1097)),
        ("1-4", (1, 4)),
        ("1–4", (1, 4)),
        (" 1 - 4 ", (1, 4)),
        ("1 to 4", (1, 4)),
        ("1 tot 4", (1, 4)),
        ("1.000-1.004", (1000, 1004)),
        ("4", (4, 4)),
    ],
)
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_counts_written_as_limits(tmp_path: Path, text: str, expected, ending: str) -> None:
    frame = pd.DataFrame({"A": [1, 0, 1], "B": [0, 1, 1], "count": ["10", "20", text]})
    path = tmp_path / f"cells{ending}"
    if ending == ".csv":
        frame.to_csv(path, index=False)
    elif ending == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        pl.from_pandas(frame).write_parquet(path)
    table = read(path, thousands=".")
    assert limits(table) == {"A": (10, 10), "B": (20, 20), "AB": expected}
    assert table.needs == (() if expected == (4, 4) else ("intervals",))


@pytest.mark.parametrize("mark", ["suppressed", "Suppressed", "*", "x", "X", "[c]"])
def test_a_mark_needs_a_threshold(mark: str) -> None:
    with pytest.raises(DataError) as error:
        table_of([10, 20, mark])
    assert f"row 3, column 'count': found {mark!r}, a suppressed count" in error.value.problem
    assert "threshold=5" in str(error.value.hint)
    assert limits(table_of([10, 20, mark], threshold=5))["AB"] == (0, 4)
    assert limits(table_of([10, 20, mark], threshold=5, zeros="shown"))["AB"] == (1, 4)


def test_zeros_shown_make_a_small_count_at_least_one() -> None:
    assert limits(table_of([10, "<5", 20], zeros="shown"))["B"] == (1, 4)
    assert limits(table_of([10, "≤4", 20], zeros="shown"))["B"] == (0, 4)
    assert "B" not in limits(table_of([10, 0, "<5"], threshold=5, zeros="shown"))
    assert limits(table_of([10, 0, "<5"], threshold=5))["B"] == (0, 4)


def test_limits_that_are_left_over_are_never_people(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("A,B,aantal\n1,0,10\n0,1,<5\n1,1,x\n")
    with pytest.raises(DataError, match="column 'aantal' is not used"):
        read(path, lists=["A", "B"])


# -- thresholds and rounding of a whole file ------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        ({}, None),
        ({"threshold": 5}, (0, 4)),
        ({"threshold": 5, "zeros": "shown"}, (0, 4)),
        ({"threshold": 5, "omitted": "suppressed"}, (0, 4)),
        ({"threshold": 5, "omitted": "zero"}, None),
        ({"rounding": 5}, (0, 2)),
        ({"rounding": "down to 10"}, (0, 9)),
        ({"rounding": "up to 10"}, None),
    ],
)
def test_histories_left_out(arguments: dict[str, object], left_out) -> None:
    assert limits(table_of([10, 20], **arguments)).get("AB") == left_out


def test_every_stratum_is_filled_also_one_without_a_row() -> None:
    frame = {
        "A": [1, 0, 1],
        "B": [0, 1, 1],
        "year": [2014, 2014, 2015],
        "sex": ["f", "m", "m"],
        "count": [10, 20, 30],
    }
    table = CaptureTable.from_counts(frame, by=["year", "sex"], threshold=5)
    found = limits(table)
    assert len(found) == 3 * 4
    assert found["A 2014 f"] == (10, 10)
    assert found["AB 2015 f"] == (0, 4)
    assert sum(each == (0, 4) for each in found.values()) == 9
    only = CaptureTable.from_counts(frame, by=["year", "sex"], threshold=5, omitted="zero")
    assert only.is_exact


def test_impossible_histories_stay_out() -> None:
    frame = {"A": [1, 0], "B": [0, 1], "C": [0, 0], "count": [10, 20]}
    table = CaptureTable.from_counts(frame, threshold=5, impossible=[("A", "B")])
    assert set(limits(table)) == {"A", "B", "C", "AC", "BC"}
    assert table.kinds_of_cells()["impossible"] == 2
    assert limits(table_of([10, 20, "<5"], impossible=[("A", "B")])) == {
        "A": (10, 10),
        "B": (20, 20),
    }
    with pytest.raises(DataError, match="1 people are on both 'A' and 'B'"):
        table_of([10, 20, "<5"], zeros="shown", impossible=[("A", "B")])


@pytest.mark.parametrize(
    ("counts", "arguments", "found", "hint"),
    [
        (
            [10, 12, 5],
            {"rounding": 5},
            "row 2, column 'count': found 12; expected a multiple",
            "ba",
        ),
        (
            [10, 3, 5],
            {"threshold": 5},
            "row 2, column 'count': found 3; expected none from",
            "with",
        ),
        (["10", "3", "<5"], {"threshold": 5}, "row 2, column 'count': found 3", "published"),
        ([10, 5, 0], {"threshold": 10, "rounding": 5}, "row 2, column 'count': found 5", "with"),
    ],
)
def test_counts_that_cannot_have_been_printed(counts, arguments, found, hint) -> None:
    with pytest.raises(DataError) as error:
        table_of(counts, **arguments)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


def test_limits_in_two_columns_need_no_threshold() -> None:
    frame = {"A": [1, 0], "B": [0, 1], "low": [1, 2], "high": [4, 2]}
    with pytest.raises(SettingsError, match="threshold= and rounding= explain counts in one"):
        CaptureTable.from_counts(frame, count=("low", "high"), threshold=5)


def test_people_are_not_rounded(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("A,B\n1,0\n0,1\n")
    with pytest.raises(DataError, match="has no column of them: each row is one person"):
        read(path, threshold=5)


def test_a_row_of_zeros_that_is_suppressed_says_nothing() -> None:
    frame = {"A": [1, 0, 0], "B": [0, 1, 0], "count": ["10", "20", "<5"]}
    assert set(limits(CaptureTable.from_counts(frame, threshold=5))) == {"A", "B", "AB"}
    with pytest.raises(DataError, match="on no list at all"):
        CaptureTable.from_counts(frame)


def test_too_many_histories_to_fill() -> None:
    frame = {f"L{j}": [1, int(j > 3)] for j in range(25)} | {"count": [10, 20]}
    with pytest.raises(DataError, match="33,554,432 histories") as error:
        CaptureTable.from_counts(frame, threshold=5)
    assert 'omitted="zero"' in str(error.value.hint)
    assert CaptureTable.from_counts(frame, threshold=5, omitted="zero").n_observed == 30


# -- lists that were not at work, strata that were not recorded -----------------------------------

YEARS = {
    "A": [1, 0, 1, 0, 1],
    "F": [0, 0, 0, 1, 1],
    "G": [0, 1, 0, 0, 0],
    "year": [2014, 2014, 2016, 2016, 2016],
    "count": [10, 20, 30, 40, 6],
}


def test_a_list_that_was_not_at_work_is_blank() -> None:
    table = CaptureTable.from_counts(YEARS, by="year", inactive={"F": {"year": range(2010, 2016)}})
    assert limits(table)["AF? 2014"] == (10, 10)
    assert limits(table)["A 2016"] == (30, 30)
    assert table.needs == ("blank lists",)
    blank = {**YEARS, "F": [None, None, 0, 1, 1]}
    written = CaptureTable.from_counts(blank, by="year", blank="inactive")
    said = CaptureTable.from_counts(blank, by="year", inactive={"F": {"year": 2014}})
    assert written.content_hash == said.content_hash == table.content_hash


def test_histories_left_out_where_a_list_was_not_at_work() -> None:
    table = CaptureTable.from_counts(YEARS, by="year", inactive={"F": {"year": 2014}}, threshold=5)
    found = limits(table)
    assert {name for name in found if name.endswith("2014")} == {
        "AF? 2014",
        "F?G 2014",
        "AF?G 2014",
    }
    assert found["AF?G 2014"] == (0, 4)
    assert sum(name.endswith("2016") for name in found) == 7
    assert table.kinds_of_cells().to_dict() == {
        "exact": 5,
        "between limits": 5,
        "summed": 3,
        "impossible": 0,
    }
    apart = CaptureTable.from_counts(
        YEARS, by="year", inactive={"F": {"year": 2014}}, threshold=5, impossible=[("G", "F")]
    )
    assert limits(apart)["AF?G 2014"] == (0, 4)
    assert "FG 2016" not in limits(apart)


def test_rows_of_nobody_on_a_list_that_was_not_at_work_are_left_out() -> None:
    frame = pd.DataFrame(YEARS)
    more = pd.DataFrame({"A": [1], "F": [1], "G": [0], "year": [2014], "count": ["<5"]})
    both = pd.concat([frame.astype({"count": str}), more])
    table = CaptureTable.from_counts(both, by="year", inactive={"F": {"year": 2014}})
    assert table.is_exact
    assert table.n_observed == 106


def test_a_list_away_in_several_places() -> None:
    frame = {
        **YEARS,
        "F": [0, 0, 0, 1, 0],
        "G": [0, 1, 0, 0, 1],
        "region": ["n", "s", "n", "s", "n"],
    }
    table = CaptureTable.from_counts(
        frame, by=["year", "region"], inactive={"F": [{"year": 2014}, {"region": "n"}]}
    )
    assert set(limits(table)) == {
        "AF? 2014 n",
        "F?G 2014 s",
        "AF? 2016 n",
        "AF?G 2016 n",
        "F 2016 s",
    }


@pytest.mark.parametrize(
    ("inactive", "found", "hint"),
    [
        (
            {"F": {"year": 2016}},
            "row 4, column 'F': found 1 for 40 people where year is 2016",
            "Co",
        ),
        ({"f": {"year": 2014}}, "no list 'f'", 'Did you mean "F"'),
        ({"F": {"yeer": 2014}}, "names 'yeer' for list 'F'; the stratum variables are", '"year"'),
        ({"F": {"year": "2014"}}, "'year' has no level '2014'", "year=2014"),
        ({"F": {"year": range(1990, 1995)}}, "'year' has no level 1990", "year"),
        ({"F": 2014}, "inactive= holds 2014 for list 'F'", "range(2010, 2016)"),
        ({"F": {}}, "inactive= holds {} for list 'F'", "range(2010, 2016)"),
        (["F"], "inactive= is ['F']", "range(2010, 2016)"),
    ],
)
def test_places_that_cannot_be(inactive, found: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        CaptureTable.from_counts(YEARS, by="year", inactive=inactive)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


def test_a_row_without_the_stratum_that_says_where_a_list_was_away() -> None:
    with pytest.raises(DataError, match="row 2 has no value of 'year'"):
        CaptureTable.from_counts(
            {**YEARS, "year": [2014, None, 2016, 2016, 2016]},
            by="year",
            inactive={"F": {"year": 2014}},
        )


PEOPLE = pd.DataFrame({"A": [1, 1, 0, 1], "F": [0, 0, 1, 1], "year": [2014, 2014, 2016, 2016]})


def test_people_of_a_list_that_was_not_at_work(tmp_path: Path) -> None:
    away = {"F": {"year": 2014}}
    table = CaptureTable.from_records(PEOPLE, lists=["A", "F"], by="year", inactive=away)
    assert limits(table) == {"AF? 2014": (2, 2), "F 2016": (1, 1), "AF 2016": (1, 1)}
    lists = {
        "A": {"key": [1, 2, 4], "year": [2014, 2014, 2016]},
        "F": {"key": [3, 4], "year": [2016, 2016]},
    }
    linked = CaptureTable.from_lists(lists, key="key", by="year", inactive=away)
    assert linked.content_hash == table.content_hash
    with pytest.raises(
        DataError, match="row 3, column 'F': found 1 for 1 people where year is 2016"
    ):
        CaptureTable.from_records(
            PEOPLE, lists=["A", "F"], by="year", inactive={"F": {"year": 2016}}
        )
    with pytest.raises(DataError, match="the history F, column 'F'"):
        CaptureTable.from_lists(lists, key="key", by="year", inactive={"F": {"year": 2016}})
    path = tmp_path / "people.csv"
    PEOPLE.to_csv(path, index=False)
    again = read(path, by="year", inactive=away)
    assert again.content_hash == table.content_hash
    assert again.origin.endswith("by='year', inactive={'F': {'year': 2014}})")
    with pytest.raises(DataError, match=r"row 3 \(line 4 of the file\), column 'F'"):
        read(path, by="year", inactive={"F": {"year": 2016}})


def test_a_variable_that_a_list_does_not_record_stays_blank() -> None:
    # B does not record sex: people on B alone lack it.
    frame = {
        "A": [1, 1, 0, 1, 1],
        "B": [0, 0, 1, 1, 0],
        "sex": ["f", "m", None, "f", "f"],
        "year": [2014, 2014, 2014, 2014, 2015],
        "count": [10, 20, 30, 40, 50],
    }
    found = limits(CaptureTable.from_counts(frame, by=["sex", "year"], threshold=5))
    left = {name for name, each in found.items() if each == (0, 4)}
    assert left == {"AB m 2014", "AB m 2015", "AB f 2015", "A m 2015", "B None 2015"}


# -- shown -----------------------------------------------------------------------------------------


def test_what_is_known_is_said_in_words() -> None:
    frame = {**YEARS, "count": ["10", "20", "30", "40", "<5"]}
    table = CaptureTable.from_counts(
        frame,
        by="year",
        inactive={"F": {"year": 2014}},
        threshold=5,
        zeros="shown",
        impossible=[("F", "G")],
    )
    lines = repr(table).splitlines()
    assert lines[0] == "101 to 116 people on 3 lists (A, F, G)"
    assert lines[1] == "  lists    at least A 41, F 41, G 20"
    assert lines[2] == "  overlap  at least 100 on one list only"
    assert "  cells    4 exact, 4 known only between limits; 3 of them summed over" in lines[5]
    assert "2 impossible" in repr(table)
    assert "  counts   counts below 5 suppressed (zeros shown as 0)" in lines
    assert table.totals("high").to_dict() == {"A": 52, "F": 44, "G": 32}
    assert table.overlap("high").loc["A", "G"] == 8
    assert list(table.describe()) == [
        "people at least",
        "at most",
        "only here at least",
        "only here at most",
    ]
    with pytest.raises(SettingsError, match="limit is 'middle'"):
        table.totals("middle")  # type: ignore[arg-type]


def test_impossible_histories_of_many_lists_are_counted() -> None:
    frame = {f"L{j:02}": [1, int(j == 1)] for j in range(40)} | {"count": [10, 20]}
    frame["L01"] = [0, 1]
    table = CaptureTable.from_counts(frame, impossible=[("L00", "L01")])
    assert table.kinds_of_cells()["impossible"] == 2**38


def test_models_refuse_in_words() -> None:
    table = dk.load("kosovo").disclose(rounding=5)
    with pytest.raises(NotEstimable, match="counts known only to lie in an interval"):
        dk.estimate(table, dk.DecomposableGraphs())


# -- written and read again -----------------------------------------------------------------------

SETTINGS = [
    {"threshold": 5},
    {"threshold": 5, "zeros": "shown"},
    {"rounding": 5},
    {"rounding": "down to 10"},
    {"rounding": "up to 10"},
    {"threshold": 5, "rounding": 5},
    {"threshold": 10, "rounding": "to 10", "zeros": "shown"},
    {"threshold": 5, "rounding": "down to 10"},
]


@st.composite
def awkward_tables(draw: st.DrawFn) -> CaptureTable:
    """Exact counts on four lists in strata; one list may be away, two never together."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 15), st.sampled_from([2014, 2015]), st.sampled_from("fm")),
            min_size=1,
            max_size=25,
            unique=True,
        )
    )
    away, apart = draw(st.booleans()), draw(st.booleans())
    if away:
        rows = [row for row in rows if not (row[0] & 8 and row[1] == 2014)]
    if apart:
        rows = [row for row in rows if row[0] & 3 != 3]
    assume(rows)
    counts = draw(st.lists(st.integers(1, 30), min_size=len(rows), max_size=len(rows)))
    frame = pd.DataFrame({name: [h >> j & 1 for h, _, _ in rows] for j, name in enumerate("ABCD")})
    frame = frame.assign(
        year=[year for _, year, _ in rows], sex=[sex for _, _, sex in rows], count=counts
    )
    has_2014 = 2014 in set(frame["year"])
    return CaptureTable.from_counts(
        frame,
        by=["year", "sex"],
        inactive={"D": {"year": 2014}} if away and has_2014 else None,
        impossible=[("A", "B")] if apart else (),
    )


def _read_again(path: Path, table: CaptureTable, **arguments: object) -> CaptureTable:
    return read(
        path, by=list(table.labels), blank="inactive", impossible=table.impossible, **arguments
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(awkward_tables(), st.sampled_from(SETTINGS))
def test_a_disclosed_table_brackets_and_survives(tmp_path: Path, table, given_settings) -> None:
    disclosed = table.disclose(**given_settings)
    for name, (low, high) in limits(disclosed).items():
        true = limits(table).get(name, (0, 0))[0]
        assert low <= true <= high
    assert set(limits(table)) <= set(limits(disclosed))
    assert disclosed.strata == table.strata
    assert disclosed.n_observed <= table.n_observed <= disclosed.high.sum()

    disclosed.to_csv(tmp_path / "printed.csv")
    again = _read_again(tmp_path / "printed.csv", table, **given_settings)
    assert again.content_hash == disclosed.content_hash
    again.to_csv(tmp_path / "limits.csv")
    assert _read_again(tmp_path / "limits.csv", table).content_hash == disclosed.content_hash


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(awkward_tables(), st.data())
def test_limits_survive_frame_and_file(tmp_path: Path, table: CaptureTable, data) -> None:
    low = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(table.low), max_size=99)))
    low = low[: len(table.low)]
    wide = table.with_about()
    wide = CaptureTable(
        table.lists,
        table.histories,
        np.minimum(low, table.low),
        table.high + low,
        table.labels,
        table.impossible,
    )
    wide.to_csv(tmp_path / "cells.csv")
    assert _read_again(tmp_path / "cells.csv", wide).content_hash == wide.content_hash
    count = "count" if wide.is_exact else ("low", "high")
    frame = CaptureTable.from_counts(
        wide.to_frame(),
        by=list(wide.labels),
        count=count,
        blank="inactive",
        impossible=wide.impossible,
    )
    assert frame.content_hash == wide.content_hash


@settings(max_examples=20, deadline=None)
@given(awkward_tables())
def test_what_a_file_leaves_out_is_what_a_full_one_suppresses(table: CaptureTable) -> None:
    full = table.disclose(threshold=2)
    left = table.to_frame()
    left["count"] = left["count"].where(left["count"] >= 2, "<2").astype(str)
    if "2014" in map(str, table.strata["year"]) and "blank lists" in table.needs:
        assume((table.low[table.labels["year"] == 2014] > 0).any())
    read_left = CaptureTable.from_counts(
        left,
        by=["year", "sex"],
        blank="inactive",
        impossible=table.impossible,
        threshold=2,
    )
    assert read_left.content_hash == full.content_hash


# -- disclosing ---------------------------------------------------------------------------------


def test_a_disclosed_table_is_printed_as_an_office_would(tmp_path: Path) -> None:
    table = table_of([103, 7, 2]).disclose(threshold=5, rounding=5)
    assert limits(table) == {"A": (103, 107), "B": (5, 7), "AB": (0, 4)}
    table.to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "A,B,count\n1,0,105\n0,1,5\n1,1,<5\n"
    shown = table_of([103, 7]).disclose(threshold=5, zeros="shown")
    assert limits(shown) == {"A": (103, 103), "B": (7, 7)}
    shown.to_csv(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == "A,B,count\n1,0,103\n0,1,7\n1,1,0\n"


def test_disclosing_says_so_and_is_not_done_twice() -> None:
    table = table_of([103, 7, 2])
    once = table.disclose(threshold=5, rounding="down to 5")
    assert once.about.caveats == (
        "made fit to publish: counts below 5 suppressed (zeros among them), the others rounded "
        "down to 5",
    )
    assert once.origin == "table.disclose(threshold=5, rounding='down to 5')"
    assert once.disclose(threshold=5, rounding="down to 5") is once
    with pytest.raises(DataError, match="only a table of exact counts"):
        once.disclose(threshold=10)
    with pytest.raises(SettingsError, match="nothing is to be hidden"):
        table.disclose()
    assert table.is_exact


def test_the_dutch_table_is_bracketed_and_its_small_cells_are_never_0() -> None:
    table = dk.load("netherlands")
    printed = table.disclose(threshold=5)
    small = int(((table.low > 0) & (table.low < 5)).sum())
    assert small == 10
    assert printed.kinds_of_cells()["between limits"] == 63 - int((table.low >= 5).sum())
    assert printed.n_observed < 8234 < printed.high.sum()
    assert limits(printed)["IK"] == (0, 4)  # no one; a reader cannot know


def test_a_part_is_still_what_was_printed_and_a_sum_is_not() -> None:
    table = CaptureTable.from_counts(YEARS, by="year").disclose(threshold=5)
    assert table.select(year=2014).disclosure == table.disclosure
    assert table.split()[(2014,)].disclosure == table.disclosure
    assert table.collapse().disclosure is None
    assert limits(table.collapse())["AF"] == (6, 10)
