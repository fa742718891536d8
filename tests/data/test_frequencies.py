"""One-list frequencies."""

import pandas as pd
import pytest

from darkfigure.data.datasets import load
from darkfigure.data.frequencies import CaptureFrequencies
from darkfigure.errors import DataError, DataWarning

# apprehensions of illegal immigrants: van der Heijden et al. (2003), Table 1
IMMIGRANTS = {1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}


def test_a_mapping_is_read() -> None:
    frequencies = CaptureFrequencies.from_counts(IMMIGRANTS)
    assert frequencies.n_observed == 1880
    assert frequencies.captures.tolist() == [1, 2, 3, 4, 5, 6]
    assert "1,645 once, 183 twice, 37 3 times" in repr(frequencies)


def test_a_frame_with_strata_agrees_with_the_pooled_counts() -> None:
    detailed, pooled = load("illegal_immigrants"), load("illegal_immigrants_counts")
    assert isinstance(detailed, CaptureFrequencies)
    assert isinstance(pooled, CaptureFrequencies)
    totals = pd.Series(detailed.counts).groupby(detailed.captures).sum()
    assert totals.to_dict() == IMMIGRANTS
    assert dict(zip(pooled.captures.tolist(), pooled.counts.tolist(), strict=True)) == IMMIGRANTS
    assert set(detailed.labels) == {"gender", "age", "reason", "nationality"}


def test_order_and_empty_rows_do_not_matter() -> None:
    shuffled = CaptureFrequencies.from_counts({3: 5, 1: 10, 2: 0})
    assert shuffled.captures.tolist() == [1, 3]
    assert shuffled.counts.tolist() == [10, 5]


def test_repeated_captures_are_added_up() -> None:
    frame = {"captures": [1, 2, 1], "count": [10, 3, 5]}
    with pytest.warns(DataWarning, match="first: row 3, 1 captures"):
        frequencies = CaptureFrequencies.from_counts(frame)
    assert frequencies.counts.tolist() == [15, 3]


@pytest.mark.parametrize(
    ("data", "found", "hint"),
    [
        ({0: 7840, 1: 10}, "row 1, column 'captures': found 0 captures of 7,840 people", "known"),
        ({1: -3}, "row 1, column 'count': found -3", "correct"),
        ({1: 2.5}, "row 1, column 'count': found 2.5", "unweighted"),
        ({1.5: 2}, "row 1, column 'captures': found 1.5", "unweighted"),
        ({1: 0}, "nobody", "Check"),
        ({}, "no rows|no column", ""),
        ({"times": [1], "count": [2]}, "no column 'captures'", "captures="),
    ],
)
def test_bad_frequencies(data: dict[object, object], found: str, hint: str) -> None:
    with pytest.raises(DataError, match=found) as error:
        CaptureFrequencies.from_counts(data)
    assert hint in str(error.value.hint)
