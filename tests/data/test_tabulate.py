"""Records counted into cells: against a plain count in Python, and in every engine."""

from collections import Counter

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkfigure.data.table import CaptureTable
from darkfigure.data.tabulate import count_codes, tabulate_records
from darkfigure.errors import DataError, DataWarning

LISTS = ["A", "B", "C"]


def people(n: int = 400, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    on = rng.random((n, 3)) < 0.3
    on[~on.any(axis=1), 1] = True
    frame = pd.DataFrame(on.astype(np.int8), columns=LISTS)
    return frame.assign(year=rng.integers(2013, 2016, n), sex=rng.choice(["f", "m"], n))


def plain_count(frame: pd.DataFrame, by: tuple[str, ...]) -> Counter:
    """The same, one person at a time."""
    return Counter(
        tuple(int(row[n]) for n in LISTS) + tuple(row[b] for b in by)
        for row in frame.to_dict("records")
    )


def as_counter(table: CaptureTable, by: tuple[str, ...]) -> Counter:
    return Counter(
        {
            tuple(int(row[n]) for n in LISTS) + tuple(row[b] for b in by): row["count"]
            for row in table.to_frame().to_dict("records")
        }
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda frame: frame,
        pl.from_pandas,
        lambda frame: pl.from_pandas(frame).lazy(),
        pa.Table.from_pandas,
        lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame)),
    ],
    ids=["pandas", "polars", "polars lazy", "pyarrow", "duckdb"],
)
@pytest.mark.parametrize("by", [(), ("year",), ("year", "sex")])
def test_every_engine_counts_alike(wrap, by: tuple[str, ...]) -> None:
    frame = people()
    table = CaptureTable.from_records(wrap(frame), lists=LISTS, by=by)
    assert as_counter(table, by) == plain_count(frame, by)
    assert table.n_observed == len(frame)


@pytest.mark.parametrize(
    "kind", ["int8", "int64", "float64", "bool", "str", "object", "Int64", "boolean"]
)
def test_kinds_of_columns_count_alike(kind: str) -> None:
    frame = people()
    columns = frame[LISTS].astype("int64").astype(kind)
    table = CaptureTable.from_records(columns, lists=LISTS)
    assert as_counter(table, ()) == plain_count(frame, ())


@pytest.mark.parametrize("wrap", [lambda f: f, pl.from_pandas, lambda f: pl.from_pandas(f).lazy()])
def test_a_missing_value_is_not_on_the_list(wrap) -> None:
    frame = people()
    gaps = frame[LISTS].astype("float64").where(frame[LISTS] == 1)
    table = CaptureTable.from_records(wrap(gaps), lists=LISTS)
    assert as_counter(table, ()) == plain_count(frame, ())


def test_a_missing_stratum_is_blank() -> None:
    frame = people(20).astype({"sex": object})
    frame.loc[3, "sex"] = None
    table = CaptureTable.from_records(frame, lists=LISTS, by="sex")
    assert table.needs == ("blank strata",)
    assert table.n_observed == 20


def test_levels_of_a_frame_in_memory_stand_in_order_of_first_appearance() -> None:
    frame = pd.DataFrame({"A": [1, 1, 1], "B": [0, 0, 1], "s": ["z", "a", "m"], "t": [1, 2, 3]})
    table = CaptureTable.from_records(frame, lists=["A", "B"], by=["s", "t"])
    assert table.strata == {"s": ("z", "a", "m"), "t": (1, 2, 3)}


def test_levels_of_a_lazy_frame_are_sorted() -> None:
    frame = pl.LazyFrame({"A": [1, 1, 1], "B": [0, 0, 1], "s": ["z", None, "m"]})
    table = CaptureTable.from_records(frame, lists=["A", "B"], by="s")
    assert table.labels["s"].tolist() == ["m", "z", None]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 2**5 - 1), min_size=1, max_size=60), st.randoms(use_true_random=False)
)
def test_order_of_people_does_not_matter(histories: list[int], random) -> None:
    lists = list("ABCDE")
    first = pd.DataFrame([[h >> j & 1 for j in range(5)] for h in histories], columns=lists)
    random.shuffle(histories)
    second = pd.DataFrame([[h >> j & 1 for j in range(5)] for h in histories], columns=lists)
    one = CaptureTable.from_records(first, lists=lists)
    assert one.content_hash == CaptureTable.from_records(second, lists=lists).content_hash
    assert one.counts().tolist() == np.bincount(histories, minlength=32).tolist()


def test_sixty_lists_with_strata() -> None:
    rng = np.random.default_rng(1)
    on = rng.random((300, 60)) < 0.05
    on[:, 59] = True
    lists = [f"L{j}" for j in range(60)]
    frame = pd.DataFrame(on, columns=lists).assign(s=rng.integers(0, 5, 300))
    table = CaptureTable.from_records(frame, lists=lists, by="s")
    assert table.n_observed == 300
    assert table.totals().tolist() == on.sum(axis=0).tolist()


@pytest.mark.parametrize("size", [16, 1 << 30])
def test_codes_are_counted_by_position_or_by_sorting(size: int) -> None:
    found = count_codes(np.array([3, 1, 3, 15]), size)
    assert [each.tolist() for each in found] == [[1, 3, 15], [1, 2, 1]]


def test_lists_not_at_work_stay_blank() -> None:
    frame = pd.DataFrame({"A": [1, 0, 1, 1], "B": [None, 1, None, 0], "C": [0, 0, 0, 1]})
    found = tabulate_records(frame, lists=LISTS, by=(), all_zero="error", blank="inactive")
    assert found.cells.histories.tolist() == [[1, -1, 0], [0, 1, 0], [1, 0, 1]]
    assert found.cells.low.tolist() == [2, 1, 1]


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        lambda f: f,
        pl.from_pandas,
        lambda f: pl.from_pandas(f).lazy(),
        lambda f: duckdb.from_arrow(pa.Table.from_pandas(f)),
    ],
    ids=["pandas", "polars", "polars lazy", "duckdb"],
)
@pytest.mark.parametrize(
    ("column", "value", "found", "hint"),
    [
        ("B", 2, "row 8, column 'B': found 2; expected 0 or 1", "by=['B']"),
        ("B", "yes", "row 8, column 'B': found 'yes'; expected 0 or 1", "Write 1"),
        (None, 0, "row 8: someone on no list at all", 'all_zero="truth"'),
    ],
)
def test_a_bad_person_is_named(wrap, column, value, found: str, hint: str) -> None:
    frame = people(30)
    if column is None:
        frame.loc[7, LISTS] = 0
    elif isinstance(value, str):
        frame = frame.astype({column: str})
        frame.loc[7, column] = value
    else:
        frame.loc[7, column] = value
    with pytest.raises(DataError) as error:
        CaptureTable.from_records(wrap(frame), lists=LISTS)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


def test_people_on_no_list_are_the_truth_if_asked() -> None:
    frame = people(30)
    frame.loc[[7, 9], LISTS] = 0
    for wrapped in (frame, pl.from_pandas(frame).lazy()):
        with pytest.warns(DataWarning, match=r"row of zeros \(2\)"):
            table = CaptureTable.from_records(wrapped, lists=LISTS, all_zero="truth")
        assert (table.n_observed, table.known_unseen) == (28, 2)


def test_nobody_on_any_list() -> None:
    with pytest.raises(DataError, match="nobody is on any list"):
        CaptureTable.from_records({"A": [0], "B": [0]}, lists=["A", "B"], all_zero="truth")


@pytest.mark.parametrize("wrap", [lambda f: f, lambda f: pl.from_pandas(f).lazy()])
def test_no_people(wrap) -> None:
    with pytest.raises(DataError, match="there are no rows"):
        CaptureTable.from_records(wrap(people().iloc[:0]), lists=LISTS)


def test_an_unknown_list() -> None:
    with pytest.raises(DataError, match="no column 'D'"):
        CaptureTable.from_records(people(), lists=["A", "D"])
