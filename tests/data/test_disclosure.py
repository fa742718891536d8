"""What a printed number stands for, and how true counts are printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkfigure.data.disclosed import _known, _printed
from darkfigure.data.disclosure import disclosure_of
from darkfigure.errors import SettingsError

ROUNDINGS = (None, 3, 5, 10, "to 10", "down to 10", "up to 10", "down to 5")


@st.composite
def printings(draw: st.DrawFn):
    threshold = draw(st.sampled_from([None, 2, 3, 5, 6, 10, 11, 20]))
    roundings = ROUNDINGS[1:] if threshold is None else ROUNDINGS
    rounding = draw(st.sampled_from(roundings))
    zeros = draw(st.sampled_from(["suppressed", "shown"]))
    return disclosure_of(threshold=threshold, rounding=rounding, zeros=zeros)


@pytest.mark.parametrize(
    ("settings", "printed", "limits"),
    [
        ({}, 7, (7, 7)),
        ({"rounding": 5}, 10, (8, 12)),
        ({"rounding": 5}, 0, (0, 2)),
        ({"rounding": 5}, 12, None),
        ({"rounding": "to 10"}, 10, (5, 15)),  # halves may have gone either way
        ({"rounding": "10"}, 10, (5, 15)),
        ({"rounding": "down to 10"}, 10, (10, 19)),
        ({"rounding": "down to 10"}, 0, (0, 9)),
        ({"rounding": "Up to 10"}, 10, (1, 10)),
        ({"rounding": "up to 10"}, 0, (0, 0)),
        ({"threshold": 5}, 7, (7, 7)),
        ({"threshold": 5}, 3, None),
        ({"threshold": 5}, 0, (0, 4)),  # a suppressed cell may be printed as 0
        ({"threshold": 5, "zeros": "shown"}, 0, (0, 0)),
        ({"threshold": 5, "rounding": 5}, 5, (5, 7)),
        ({"threshold": 5, "rounding": 5, "zeros": "shown"}, 0, (0, 0)),
        ({"threshold": 5, "rounding": "down to 10"}, 0, (0, 9)),
        ({"threshold": 5, "rounding": "down to 10", "zeros": "shown"}, 0, (0, 9)),
        ({"threshold": 10, "rounding": 5}, 5, None),
    ],
)
def test_limits_of_a_printed_number(settings, printed, limits) -> None:
    assert disclosure_of(**settings).limits(printed) == limits


@pytest.mark.parametrize(
    ("settings", "suppressed", "left_out"),
    [
        ({"threshold": 5}, (0, 4), (0, 4)),
        ({"threshold": 5, "zeros": "shown"}, (1, 4), (0, 4)),
        ({"rounding": 5}, None, (0, 2)),
        ({"rounding": "down to 10"}, None, (0, 9)),
        ({"rounding": "up to 10"}, None, (0, 0)),
        ({"threshold": 5, "rounding": "down to 10"}, (0, 4), (0, 9)),
    ],
)
def test_limits_of_what_is_not_printed(settings, suppressed, left_out) -> None:
    printing = disclosure_of(**settings)
    assert printing.suppressed == suppressed
    assert printing.left_out == left_out


@given(printings(), st.integers(0, 60))
def test_limits_hold_the_true_count_and_are_printed_alike(printing, count) -> None:
    low, high = _known(count, printing)
    assert low <= count <= high
    assert _known_again(_printed((low, high), printing), printing) == (low, high)
    assert printing.left_out[1] >= _known(0, printing)[1]


def _known_again(text, printing):
    return printing.suppressed if text.startswith("<") else printing.limits(int(text))


@given(printings(), st.integers(0, 200))
def test_no_count_outside_the_limits_is_printed_so(printing, count) -> None:
    text = printing.printed(count)
    low, high = _known(count, printing)
    for other in range(max(low - 12, 0), high + 13):
        if printing.printed(other) == text:
            assert low <= other <= high


@pytest.mark.parametrize(
    ("settings", "found", "hint"),
    [
        ({"threshold": 1}, "threshold is 1; expected a whole number from 2", "threshold=5"),
        ({"threshold": True}, "threshold is True", "threshold=5"),
        ({"threshold": "5"}, "threshold is '5'", "threshold=5"),
        ({"rounding": 1}, "rounding is 1", "down to 10"),
        ({"rounding": "sideways to 5"}, "rounding is 'sideways to 5'", "up to 10"),
        ({"rounding": "to 0"}, "rounding is 'to 0'", "up to 10"),
        ({"zeros": "hidden"}, "zeros is 'hidden'; expected one of 'shown'", "None"),
        ({"omitted": 0}, "omitted is 0; expected one of 'suppressed', 'zero'", "None"),
        ({"omitted": "suppressed"}, "omitted='suppressed' needs limits", "threshold=5"),
    ],
)
def test_settings_that_cannot_be(settings, found, hint) -> None:
    with pytest.raises(SettingsError) as error:
        disclosure_of(**settings)
    assert found in error.value.problem
    assert hint in str(error.value.hint)
