import math

import pytest

from darkfigure.results.wording import in_words, listed, one_in, rounded


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (50_459, 168_000, "50,500"),
        (210_277, 168_000, "210,000"),
        (12_594.7, 6_717, "12,600"),
        (2_465.4, 40, "2,465"),
        (2_465.4, 140, "2,470"),
        (159.3, 373, "159"),
        (7.6, 3, "8"),
        (1_234_567, math.inf, "1,230,000"),
        (math.inf, 10, "no upper limit"),
        (0.0, 5, "0"),
    ],
)
def test_rounded_to_what_the_interval_supports(value, width, text):
    assert rounded(value, width) == text


def test_one_in():
    assert one_in(8_234, 50_400) == "1 in 6 was registered"
    assert one_in(100, 250) == "1 in 2.5 was registered"
    assert one_in(90, 100) == "90% were registered"


def test_lists_and_numbers():
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert in_words(2) == "two"
    assert in_words(12) == "12"
