"""Trimming a list of people outside the population: Zhang & Dunne's estimator, and known truth."""

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import darkfigure as dk

mpl.use("Agg")

COUNTS = {
    "A": [1, 1, 1, 1, 1, 1, 0],
    "B": [1, 0, 1, 0, 1, 0, 1],
    "score": ["low", "low", "mid", "mid", "top", "top", None],
    "count": [5, 195, 60, 140, 135, 265, 400],
}
"""List A of 800, 200 linked to a list B of 600."""


def table():
    return dk.CaptureTable.from_counts(COUNTS, by="score")


def register(seed, people=5_000, outsiders=900):
    """Half of the people are on A, three in ten on B; outsiders are on A, mostly with score 0."""
    rng = np.random.default_rng(seed)
    a, b = rng.random((2, people)) < np.array([[0.5], [0.3]])
    scores = np.where(rng.random(people) < 0.05, "0", np.where(rng.random(people) < 0.3, "1", "2"))
    inside = pd.DataFrame({"A": a, "B": b, "score": np.where(a, scores, None)})[a | b]
    outside = pd.DataFrame({"A": True, "B": False, "score": ["0"] * outsiders})
    both = pd.concat([inside, outside]).astype({"A": int, "B": int})
    return dk.CaptureTable.from_records(both, lists=["A", "B"], by="score")


def test_totals_are_those_of_the_trimmed_estimator():
    """n (x − k) / (m − k1), by hand: 600 × 800/200, 600 × 600/195 and 600 × 400/135."""
    found = dk.trimming(table(), "A", by="score", order=["low", "mid"], model=dk.TwoList(), seed=1)
    points = [
        dk.estimate(t.collapse(), dk.TwoList(), seed=1).point
        for t in (
            table(),
            table().trim("A", score="low"),
            table().trim("A", score=["low", "mid"]),
        )
    ]
    assert points == pytest.approx([600 * 800 / 200, 600 * 600 / 195, 600 * 400 / 135])
    # the posterior median beside the point, under 1/N and uniform capture
    assert found.steps["estimate"].to_numpy() == pytest.approx(points, rel=0.01)
    assert found.steps["trimmed"].tolist() == [0, 200, 400]
    assert found.steps["linked"].tolist() == [0, 5, 65]
    assert found.steps["share_linked"].tolist()[1:] == pytest.approx([5 / 200, 60 / 200])
    assert found.steps["share_linked_kept"].tolist()[1:] == pytest.approx([195 / 600, 135 / 400])


def test_people_on_other_lists_stay_and_those_alone_leave():
    trimmed = table().trim("A", score="low")
    assert trimmed.totals().to_dict() == {"A": 600, "B": 600}
    assert trimmed.n_observed == table().n_observed - 195
    assert "trim('A', score='low')" in trimmed.origin
    assert table().totals()["A"] == 800


def test_it_stops_where_the_trimmed_are_like_the_rest():
    found = dk.trimming(table(), "A", by="score", order=["low", "mid"], model=dk.TwoList(), seed=1)
    assert found.stop == 1  # 5 of 200 against a third; then 60 of 200 against a third, p = 0.2
    assert found.steps["p"].to_numpy()[1] < 1e-10 < 0.05 < found.steps["p"].to_numpy()[2]
    none = dk.trimming(table(), "A", by="score", order=["top"], model=dk.TwoList(), seed=1)
    assert none.stop == 0
    assert "nothing says they are outsiders" in repr(none)


def test_trimming_finds_the_truth_that_ignoring_outsiders_misses():
    """Ten registers of 5,000 with 900 outsiders whose score is 0."""
    held, naive = 0, 0
    for seed in range(10):
        found = dk.trimming(register(seed), "A", by="score", order=[0], model=dk.TwoList(), seed=1)
        first, last = found.steps.iloc[0], found.steps.iloc[found.stop]
        naive += first["low"] <= 5_000 <= first["high"]
        held += last["low"] <= 5_000 <= last["high"]
    assert naive == 0
    assert held >= 8  # of ten 95 % intervals


def test_levels_are_trimmed_upwards_but_for_the_last():
    found = dk.trimming(register(1), "A", by="score", model=dk.TwoList(), seed=1)
    assert found.steps["level"].tolist() == ["", "0", "1"]


def test_printed_drawn_and_written():
    found = dk.trimming(table(), "A", by="score", order=["low", "mid"], model=dk.TwoList(), seed=1)
    assert "instead of" in repr(found).splitlines()[0]
    assert "with 200 doubtful records taken off A" in repr(found).splitlines()[0]
    assert json.loads(found.to_json())["stop"] == 1
    assert found.plot().axes[0].get_ylabel() == "people in all"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"order": "none"}, "order is 'none'; expected several levels"),
        ({"order": 5}, "order is 5; expected several levels"),
        ({"list_name": "C"}, "there is no list 'C'"),
        ({"by": "age"}, "there is no stratum variable 'age'"),
        ({"order": ["low", "low"]}, "each once"),
        ({"order": ["high"]}, "expected levels of 'score' on A"),
        ({"order": []}, "expected levels of 'score' on A"),
        ({"order": ["low", "top", "mid"]}, "nobody would be left on it"),
    ],
)
def test_what_cannot_be_trimmed_is_refused(settings, message):
    given = {"list_name": "A", "by": "score", **settings}
    with pytest.raises(dk.SettingsError, match=message):
        dk.trimming(table(), given.pop("list_name"), model=dk.TwoList(), seed=1, **given)


def test_a_table_is_trimmed_of_what_it_has():
    with pytest.raises(dk.DataError, match="no stratum is named"):
        table().trim("A")
    with pytest.raises(dk.DataError, match="no level 'high'"):
        table().trim("A", score="high")


def test_a_list_with_one_level_has_nothing_to_trim():
    frame = {"A": [1, 1, 0], "B": [1, 0, 1], "s": [1, 1, 2], "count": [50, 60, 70]}
    table = dk.CaptureTable.from_counts(frame, by="s")
    with pytest.raises(dk.SettingsError, match="nothing can be trimmed"):
        dk.trimming(table, "A", by="s", model=dk.TwoList(), seed=1)
