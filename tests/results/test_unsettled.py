"""What an estimate gives where the chains of a sampler disagree: places and ranges, no number."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import darkfigure as dk

HEADLINES = ["estimate", "median", "mean", "sd"]


@pytest.fixture(scope="module")
def est():
    found = dk.estimate(
        "netherlands_five_lists", dk.LatentClass(sweeps=500, most=1500), seed=1, draws=800
    )
    assert not found.settled
    return found


def test_headlines_are_not_numbers(est):
    assert np.isnan([est.estimate, est.point, est.median, est.mean, est.sd]).all()
    low, high = est.interval()
    assert est.totals.min() <= low < high <= est.totals.max()


def test_tables_keep_the_ranges_alone(est):
    frame = est.summary()
    unknown = frame.loc[["population", "unseen", "share unseen"]]
    assert unknown[HEADLINES].isna().all(axis=None)
    assert unknown[["low", "high"]].notna().all(axis=None)
    assert frame.loc["seen", "estimate"] == est.table.n_observed
    yearly = est.per("year")
    assert yearly[["estimate", "median"]].isna().all()
    assert yearly["high"] == est.interval()[1] / 6


def test_modes_have_places_but_no_weights(est):
    modes = est.modes()
    assert len(modes) > 1
    assert modes["weight"].isna().all()
    assert modes["location"].notna().all()
    advice = {each.kind: each for each in est.cautions}
    assert "without their weights" in advice["several_modes"].remedy
    assert "%" not in advice["several_modes"].text
    assert "with their weights" not in est.text()


def test_json_has_no_single_number(est):
    content = json.loads(est.to_json())
    assert content["settled"] is False
    for name in ("estimate", "median", "point", "mean", "sd"):
        assert content[name] is None
    assert content["per_year"]["estimate"] is None
    assert content["per_year"]["low"] < content["per_year"]["high"]
    assert {mode["weight"] for mode in content["modes"]} == {None}


def test_the_observable_population_likewise(est):
    found = est.alpha_observable(0.05)
    assert found[["estimate", "share"]].isna().all()
    assert found["low"] < found["high"]


def test_differences_likewise(est):
    other = dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1)
    frame = other.diff(est)
    assert frame[["estimate", "probability above"]].isna().all(axis=None)
    assert frame["low"].notna().all()


def test_comparisons_say_so(est):
    other = dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1)
    both = dk.Comparison((other, est), {})
    assert both.disagreement == 1.0
    assert both.text().splitlines()[0].endswith("; 1 more gives no single number")
    assert np.isnan(both.summary()["estimate"].iloc[1])
    alone = dk.Comparison((est,), {})
    assert "no single number" in alone.text().splitlines()[0]
    assert np.isnan(alone.disagreement)


def test_pictures_name_places_without_weights(est):
    figure = est.plot()
    written = [text.get_text() for text in figure.axes[0].texts]
    assert not any("%" in text for text in written)
    title = figure.axes[0].get_title(loc="left")
    assert title == "No single number of people: the chains do not agree"
    assert "heights" in figure.axes[0].get_xlabel()
    plt.close(figure)


def test_print_gives_no_ratio(est):
    assert est.text().splitlines()[0].startswith("No single number")
    assert "was registered" not in est.text()
    assert "a year" not in est.text().split("caution")[0]


def test_chains_are_judged_in_each_stratum():
    """Added up, chains that disagree on one stratum may hide behind the noise of another."""
    one = dk.load("netherlands_five_lists").to_frame().assign(part="one")
    other = dk.load("kosovo").to_frame()
    other.columns = [*one.columns[:4], "count"]
    frame = pd.concat([one, other.assign(part="other")]).fillna(0)
    table = dk.CaptureTable.from_counts(frame, lists=list(one.columns[:5]), by=["part"])
    found = dk.estimate(table, dk.LatentClass(sweeps=500, most=1500), seed=1, draws=800)
    disagree = next(each for each in found.cautions if each.kind == "not_mixed")
    assert disagree.text.startswith("in stratum one")
    assert not found.settled
    assert found.summary(by="part")[HEADLINES].isna().all(axis=None)
