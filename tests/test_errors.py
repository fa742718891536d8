"""Errors show what was given in one line, and not a whole frame."""

import pytest

import darkfigure as dk
from darkfigure.errors import MOST_LETTERS


@pytest.mark.parametrize(
    "wrong",
    [
        lambda frame: dk.read(frame),
        lambda frame: dk.load(frame),
        lambda frame: dk.open(frame),
        lambda frame: dk.report(frame, "page.html"),
        lambda frame: dk.report(dk.estimate("artificial", dk.DecomposableGraphs(), seed=1), frame),
    ],
)
def test_a_frame_in_the_wrong_place_is_not_printed(wrong):
    frame = dk.load("kosovo").to_frame()
    with pytest.raises(dk.DarkfigureError, match="a DataFrame") as caught:
        wrong(frame)
    assert "1131" not in str(caught.value)
    assert len(caught.value.problem) < MOST_LETTERS
