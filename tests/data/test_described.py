"""A table in words."""

import re

import pytest

from darkfigure.data.datasets import load
from darkfigure.data.table import CaptureTable


def test_repr_answers_first() -> None:
    lines = repr(load("netherlands")).splitlines()
    assert lines[0] == "8,234 people on 6 lists (I, K, O, P, R, Z), 2010-2015"
    assert lines[2] == "  lists    I 398, K 1,348, O 536, P 4,812, R 742, Z 848"
    assert lines[3] == "  overlap  94.8% on one list only; lists that share no one: I-K, K-R"


def test_html_says_the_same_as_text() -> None:
    table = load("scotland_pwid")
    assert isinstance(table, CaptureTable)
    words = re.sub(r"<[^>]+>", " ", table._repr_html_()).split()
    assert words == repr(table).split()


def test_html_is_escaped() -> None:
    table = CaptureTable.from_counts({"<b>": [1, 0], "B": [0, 1], "count": [1, 2]})
    assert "<b>" not in table._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"impossible": [("A", "B")]}, "never    on both, by their nature: A-B"),
        ({"count": ("count", "high")}, "3 to 7 people on 3 lists (A, B, C)"),
        ({"count": ("count", "high")}, "cells    1 exact, 1 known only between limits"),
        ({"by": "sex"}, "stratum  sex: f (blank for some)"),
        ({"blank": "inactive"}, "blank    not at work everywhere: C"),
        ({}, "overlap  100.0% on one list only; no two lists share anyone"),
    ],
)
def test_awkward_data_are_said(arguments: dict[str, object], found: str) -> None:
    data = {
        "A": [1, 0],
        "B": [0, 1],
        "C": [None, 0],
        "count": [1, 2],
        "high": [5, 2],
        "sex": ["f", None],
    }
    table = CaptureTable.from_counts(
        data,
        lists=["A", "B", "C"],
        **{"blank": 0, **arguments},  # type: ignore[arg-type]
    )
    assert found in repr(table)


def test_many_lists_are_shortened() -> None:
    data = {f"L{j}": [1, int(j == 0)] for j in range(30)} | {"count": [1, 2]}
    text = repr(CaptureTable.from_counts(data))
    assert "L11 and 18 more" in text.splitlines()[0]


def test_no_line_is_wider_than_the_terminal() -> None:
    assert max(map(len, repr(load("netherlands")).splitlines())) <= 100
