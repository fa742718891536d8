"""Frames of counts: what is accepted, and each kind of bad input with its place and remedy."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, DataWarning

GOOD = {"A": [1, 0, 1], "B": [0, 1, 1], "count": [10, 20, 5]}
EXPECTED = [0, 10, 20, 5]


def _relation(data: dict[str, list[object]]) -> duckdb.DuckDBPyRelation:
    return duckdb.from_arrow(pa.table(data))


@pytest.mark.parametrize(
    "make",
    [
        dict,
        pd.DataFrame,
        pl.DataFrame,
        lambda data: pl.DataFrame(data).lazy(),
        pa.table,
        lambda data: [
            dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)
        ],
        _relation,
    ],
    ids=["dict", "pandas", "polars", "polars lazy", "pyarrow", "list of dicts", "duckdb"],
)
def test_any_frame_is_read(make) -> None:
    assert CaptureTable.from_counts(make(GOOD)).counts().tolist() == EXPECTED


@pytest.mark.parametrize(
    "values",
    [
        [1, 0, 1],
        [1.0, 0.0, 1.0],
        [True, False, True],
        ["1", "0", "1"],
        [" 1", "0 ", "1"],
        ["1.0", "0", "1,0"],
        ["True", "FALSE", "true"],
        [True, 0, "1"],
        np.array([1, 0, 1], dtype=np.uint8),
        pd.array([1, 0, 1], dtype="Int64"),
        pd.array([True, False, True], dtype="boolean"),
        pd.Categorical(["1", "0", "1"]),
    ],
    ids=lambda values: f"{type(values).__name__} {list(values)!r}",
)
def test_list_columns_of_many_kinds(values: object) -> None:
    frame = pd.DataFrame({"B": [0, 1, 1], "count": [10, 20, 5]}).assign(A=values)
    table = CaptureTable.from_counts(frame, lists=["A", "B"])
    assert table.counts().tolist() == EXPECTED


@pytest.mark.parametrize(
    "values",
    [
        ["10", "20", "5"],
        ["10,0", "20", "5.00"],
        [10.0, 20.0, 5.0],
        np.array([10, 20, 5], dtype=np.uint64),
        pd.array([10, 20, 5], dtype="Int64"),
        ["10", 20, 5.0],
    ],
)
def test_count_columns_of_many_kinds(values: object) -> None:
    table = CaptureTable.from_counts(
        pd.DataFrame({"A": [1, 0, 1], "B": [0, 1, 1]}).assign(count=values)
    )
    assert table.counts().tolist() == EXPECTED


def test_names_with_spaces_and_numbers() -> None:
    table = CaptureTable.from_counts({"border police": [1, 0], "NGO & co": [0, 1], "count": [1, 2]})
    assert table.lists == ("border police", "NGO & co")
    numbered = pd.DataFrame([[1, 0, 3], [0, 1, 4]], columns=[1, 2, "count"])
    assert CaptureTable.from_counts(numbered).lists == ("1", "2")


# -- bad input: where it is, what it is, and what to do --------------------------------------------

BAD_CELLS = [
    ("A", 2, 2, "row 2, column 'A': found 2; expected 0 or 1", "by=['A']"),
    ("A", 3, "yes", "row 3, column 'A': found 'yes'; expected 0 or 1", "Write 1 for people on"),
    ("A", 1, 0.5, "row 1, column 'A': found 0.5; expected 0 or 1", "count='A'"),
    ("A", 1, -1, "row 1, column 'A': found -1; expected 0 or 1", "count='A'"),
    (
        "B",
        3,
        None,
        "row 3, column 'B': the cell is blank",
        'blank=0 (not on the list) or blank="ina',
    ),
    ("B", 2, " ", "row 2, column 'B': the cell is blank", "blank=0"),
    ("B", 2, float("nan"), "row 2, column 'B': the cell is blank", "blank=0"),
    ("count", 2, -3, "row 2, column 'count': found -3; expected a count of 0 or more", "correct"),
    ("count", 2, "-3", "row 2, column 'count': found -3; expected a count of 0 or more", "correct"),
    ("count", 3, 4.5, "row 3, column 'count': found 4.5; expected a whole number", "unweighted"),
    ("count", 3, "4,5", "row 3, column 'count': found 4,5; expected a whole number", "unweighted"),
    (
        "count",
        1,
        "1.234",
        "row 1, column 'count': found '1.234'; expected a whole",
        "thousands='.'",
    ),
    ("count", 1, "1,234,567", "found '1,234,567'", "thousands=','"),
    ("count", 1, None, "row 1, column 'count': the count is missing", "Write 0"),
    ("count", 1, "NA", "row 1, column 'count': the count is missing", "Write 0"),
    ("count", 1, "x", "row 1, column 'count': found 'x', a suppressed count", "threshold=5"),
    ("count", 1, ">5", "row 1, column 'count': found '>5', which has no upper limit", "5-200"),
    ("count", 1, "4-1", "row 1, column 'count': found '4-1'", "1-4"),
    ("count", 1, "<0", "row 1, column 'count': found '<0'", "1-4"),
    ("count", 1, "1.000-1.004", "found '1.000'", "thousands='.'"),
    ("count", 1, f"<{2**64}", "expected a count of at most", "check"),
    ("count", 1, pd.Timestamp("2026-04-01"), "found Timestamp", "takes 1-4 for a date"),
    ("count", 1, "many", "row 1, column 'count': found 'many'", "name the column"),
    ("count", 2, float("inf"), "row 2, column 'count': found inf", "Correct"),
    ("count", 2, 1e19, "row 2, column 'count': found 1e+19; expected a count of at most", "check"),
    ("count", 2, 2**63, "row 2, column 'count': found 9223372036854775808", "check"),
    ("count", 2, str(2**63), "row 2, column 'count': found 9223372036854775808", "check"),
    ("count", 2, True, "row 2, column 'count': found True", "unweighted"),
]


@pytest.mark.parametrize(("column", "row", "value", "found", "hint"), BAD_CELLS)
def test_a_bad_cell_is_named(column: str, row: int, value: object, found: str, hint: str) -> None:
    data: dict[str, list[object]] = {name: list(values) for name, values in GOOD.items()}
    data[column][row - 1] = value
    with pytest.raises(DataError) as error:
        CaptureTable.from_counts(pd.DataFrame(data))
    assert found in error.value.problem
    assert hint in str(error.value.hint)


@pytest.mark.parametrize("wrap", [pl.DataFrame, pl.LazyFrame, pa.table, _relation])
@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("A", [1, 2, 1], "row 2, column 'A': found 2; expected 0 or 1"),
        ("A", ["1", "0", "yes"], "row 3, column 'A': found 'yes'"),
        ("A", [1, 0, None], "row 3, column 'A': the cell is blank"),
        ("A", [True, None, True], "row 2, column 'A': the cell is blank"),
        ("count", [10, -20, 5], "row 2, column 'count': found -20"),
        ("count", [10.0, 20.0, 4.5], "row 3, column 'count': found 4.5"),
        ("count", [10, 20, None], "row 3, column 'count': the count is missing"),
        ("count", ["10", "20", "1.234"], "row 3, column 'count': found '1.234'"),
    ],
)
def test_a_bad_cell_is_named_in_any_frame(wrap, column, values, found) -> None:
    with pytest.raises(DataError) as error:
        CaptureTable.from_counts(wrap({**GOOD, column: values}))
    assert found in error.value.problem


@pytest.mark.parametrize(
    ("arguments", "found", "hint"),
    [
        ({"lists": ["A", "b"]}, "no column 'b' (named in lists=); the columns are 'A', 'B'", '"B"'),
        ({"count": "cuont"}, "no column 'cuont' (named in count=)", 'Did you mean "count"'),
        ({"count": "people"}, "no column 'people' (named in count=)", "from_records("),
        ({"by": "yaer"}, "no column 'yaer' (named in by=)", "by="),
        ({"lists": ["A", "B"], "by": "B"}, "'B' is named in lists= and by=", "Take 'B' out of by="),
        ({"lists": ["A", "A", "B"]}, "'A' is named twice in lists=", "Take 'A' out"),
        ({"lists": ["A", "count"]}, "'count' is named in lists= and count=", "Take 'count' out"),
        ({"lists": ["A"]}, "only one list, 'A'; expected at least two", "CaptureFrequencies"),
        ({"count": ("A", "B", "count")}, "names 3 columns", 'count=("low", "high")'),
        ({"impossible": [("A", "X")]}, "no list 'X'", "table.lists"),
        ({"impossible": ["AB"]}, "holds 'AB'; expected pairs", 'impossible=[("A", "B")]'),
        ({"impossible": [("A", "A")]}, "expected pairs of two lists", "impossible="),
        ({"impossible": [("A", "B")]}, "5 people are on both 'A' and 'B'", "impossible="),
    ],
)
def test_bad_arguments(arguments: dict[str, object], found: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        CaptureTable.from_counts(GOOD, **arguments)  # type: ignore[arg-type]
    assert found in error.value.problem
    assert hint in str(error.value.hint)


def test_a_column_that_is_no_list_is_named_with_what_it_may_be() -> None:
    with pytest.raises(DataError) as error:
        CaptureTable.from_counts({**GOOD, "year": [2013, 2014, 2015]})
    assert error.value.problem == "row 1, column 'year': found 2013; expected 0 or 1."
    assert "by=['year']" in str(error.value.hint)


def test_duplicate_histories_are_added_up_with_a_caution() -> None:
    data = {"A": [1, 0, 1, 1], "B": [0, 1, 0, 1], "count": [10, 20, 1, 5]}
    with pytest.warns(DataWarning, match=r"repeated \(1 in all; first: row 3, A\)") as seen:
        table = CaptureTable.from_counts(data)
    assert seen[0].filename == __file__
    assert len(seen) == 1
    assert table.counts().tolist() == [0, 11, 20, 5]
    assert [each.kind for each in table.cautions] == ["duplicate_histories"]


def test_a_row_of_zeros_is_refused() -> None:
    data = {"A": [1, 0, 0], "B": [0, 1, 0], "count": [10, 20, 300]}
    with pytest.raises(DataError, match="row 3, column 'count': 300 people on no list") as error:
        CaptureTable.from_counts(data)
    assert 'all_zero="truth"' in str(error.value.hint)


def test_a_row_of_zeros_is_the_truth_if_asked() -> None:
    data = {"A": [1, 0, 0], "B": [0, 1, 0], "count": [10, 20, 300]}
    with pytest.warns(DataWarning, match="row of zeros"):
        table = CaptureTable.from_counts(data, all_zero="truth")
    assert table.known_unseen == 300
    assert table.n_observed == 30
    assert [each.kind for each in table.cautions] == ["known_unseen"]


@pytest.mark.parametrize("zeros", [(0, 0), (None, 0), (None, None)])
def test_a_row_of_zeros_of_nobody_is_ignored(zeros: tuple[object, object]) -> None:
    data = {"A": [1, 0, zeros[0]], "B": [0, 1, zeros[1]], "count": [10, 20, 0]}
    table = CaptureTable.from_counts(data)
    assert table.counts().tolist() == [0, 10, 20, 0]
    assert table.known_unseen is None


def test_a_row_of_zeros_and_blanks_holds_the_unseen_and_is_refused() -> None:
    data = {"A": [1, 0], "B": [0, None], "count": [10, 20]}
    with pytest.raises(DataError, match="row 2, column 'count': 20 people on no list"):
        CaptureTable.from_counts(data, blank="inactive")


@pytest.mark.parametrize("data", [[], {"A": [], "B": [], "count": []}, pd.DataFrame(GOOD).iloc[:0]])
def test_no_rows(data: object) -> None:
    with pytest.raises(DataError, match="no rows"):
        CaptureTable.from_counts(data)


def test_nobody_at_all() -> None:
    with pytest.raises(DataError, match="nobody is on any list: all counts are 0"):
        CaptureTable.from_counts({**GOOD, "count": [0, 0, 0]})


def test_a_thousand_lists() -> None:
    data = {f"L{j}": [1, 0] for j in range(1000)} | {"count": [1, 2]}
    with pytest.raises(DataError, match=r"1,000 list columns .* at most 60") as error:
        CaptureTable.from_counts(data)
    assert "lists=[...]" in str(error.value.hint)


def test_sixty_lists_are_read() -> None:
    data = {f"L{j}": [1, int(j % 2)] for j in range(60)} | {"count": [1, 2]}
    assert CaptureTable.from_counts(data).n_observed == 3


def test_repeated_column_names() -> None:
    frame = pd.DataFrame([[1, 0, 1], [0, 1, 2]], columns=["A", "A", "count"])
    with pytest.raises(DataError, match="columns 1 and 2 have the same name, 'A'"):
        CaptureTable.from_counts(frame)


def test_counts_too_large_together() -> None:
    with pytest.raises(DataError, match="column 'count': the counts add up to more than"):
        CaptureTable.from_counts({**GOOD, "count": [2**62, 2**62, 2**62]})


def test_limits_the_wrong_way_round() -> None:
    data = {"A": [1, 0], "B": [0, 1], "low": [1, 5], "high": [2, 4]}
    with pytest.raises(
        DataError, match="row 2, column 'low': found 5, more than 4 in column 'high'"
    ):
        CaptureTable.from_counts(data, count=("low", "high"))


@pytest.mark.parametrize("data", [np.eye(3), 7, "netherlands", pd.Series([1, 2])])
def test_what_is_no_frame(data: object) -> None:
    with pytest.raises(DataError, match="captures cannot be read from"):
        CaptureTable.from_counts(data)


def test_columns_of_different_lengths() -> None:
    with pytest.raises(DataError, match="side by side"):
        CaptureTable.from_counts({"A": [1, 0], "B": [1], "count": [1, 2]})


def test_blank_zero_reads_blanks_as_not_on_the_list() -> None:
    data = {"A": [1, None, 1], "B": [None, 1, 1], "count": [10, 20, 5]}
    assert CaptureTable.from_counts(data, blank=0).counts().tolist() == EXPECTED
