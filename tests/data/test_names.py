"""The nearest known name."""

import pytest

from darkfigure.data.names import did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [("netherland", "netherlands"), ("UK", "uk"), ("Police", "police"), ("qqqq", None), ("", None)],
)
def test_nearest(word: str, found: str | None) -> None:
    assert nearest(word, ["netherlands", "uk", "police"]) == found


def test_did_you_mean() -> None:
    assert did_you_mean("kosova", ["kosovo"]) == 'Did you mean "kosovo"?'
    assert did_you_mean("x", ["kosovo"]) == ""
