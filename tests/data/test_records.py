"""Person-level records."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from darkfigure.data.datasets import load
from darkfigure.data.records import CaptureRecords
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, DataWarning

FRAME = pd.DataFrame(
    {"A": [1, 0, 1], "B": [0, None, 1], "C": [0, 1, 0], "sex": ["f", "m", "f"], "age": [20, 30, 40]}
)


@pytest.mark.parametrize("wrap", [lambda f: f, pl.from_pandas, lambda f: pl.from_pandas(f).lazy()])
def test_records_keep_every_person(wrap) -> None:
    records = CaptureRecords.from_frame(wrap(FRAME), lists=["A", "B", "C"], by=["sex", "age"])
    assert records.n_people == 3
    assert records.histories.tolist() == [[1, 0, 0], [0, 0, 1], [1, 1, 0]]
    assert records.covariates["age"].tolist() == [20, 30, 40]
    assert repr(records).splitlines()[0] == "3 people on 3 lists (A, B, C), one row each"


def test_records_become_a_table() -> None:
    records = CaptureRecords.from_frame(FRAME, lists=["A", "B", "C"], by=["sex", "age"])
    assert records.to_table().n_observed == 3
    table = records.to_table(by="sex")
    assert table.strata == {"sex": ("f", "m")}
    assert table.origin == "records.to_table(by=['sex'])"
    with pytest.raises(DataError, match="no column 'sx'"):
        records.to_table(by="sx")


def test_deer_mice_by_night() -> None:
    # 38 mice, captures per night 15, 20, 16, 19, 25, 25: Otis et al. (1978)
    records = load("deer_mice")
    assert isinstance(records, CaptureRecords)
    table = records.to_table(by=["sex", "age"])
    assert table.n_observed == records.n_people == 38
    assert table.totals().tolist() == [15, 20, 16, 19, 25, 25]
    assert table.about == records.about
    assert table.origin == "dk.load(\"deer_mice\").to_table(by=['sex', 'age'])"


def test_histories_cannot_be_written() -> None:
    records = CaptureRecords.from_frame(FRAME, lists=["A", "B", "C"])
    with pytest.raises(ValueError, match="read-only"):
        records.histories[0] = np.int8(0)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"A": [1, 2, 1]}, "row 2, column 'A': found 2"),
        ({"A": [0, 0, 1], "B": 0}, "row 1: someone on no list"),
    ],
)
def test_bad_records(change: dict[str, object], found: str) -> None:
    with pytest.raises(DataError, match=found):
        CaptureRecords.from_frame(FRAME.assign(**change), lists=["A", "B", "C"])
    with pytest.raises(DataError, match="no rows"):
        CaptureRecords.from_frame(FRAME.iloc[:0], lists=["A", "B"])


@pytest.mark.parametrize("name", ["count", "aantal", "n"])
def test_counts_left_over_are_never_people(name):
    frame = {"A": [1, 0, 1], "B": [0, 1, 1], name: [5000, 4000, 300]}
    for make in (CaptureRecords.from_frame, CaptureTable.from_records):
        with pytest.raises(DataError, match=f"column '{name}' is not used") as error:
            make(frame, lists=["A", "B"])
        assert f"dk.CaptureTable.from_counts(frame, count='{name}')" in str(error.value.hint)
        assert "frame[['A', 'B']]" in str(error.value.hint)
    records = CaptureRecords.from_frame(frame, lists=["A", "B"], by=name)
    assert records.to_table().n_observed == 3


def test_rows_that_look_like_cells_are_doubted():
    frame = {"A": [1, 0, 0, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 1], "x": [9, 3, 4, 1]}
    with pytest.warns(DataWarning, match="column 'x' holds whole numbers"):
        table = CaptureTable.from_records(frame, lists=["A", "B", "C"])
    assert [each.kind for each in table.cautions] == ["rows_as_people"]
