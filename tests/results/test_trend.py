from dataclasses import replace

import matplotlib as mpl
import pytest

import darkfigure as dk
from darkfigure.cautions import caution
from darkfigure.results.trend import percent, plot_trend, trend_of

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def table():
    frame = {
        "A": [1, 0, 1] * 3,
        "B": [0, 1, 1] * 3,
        "year": [2012] * 3 + [2010] * 3 + [2011] * 3,
        "count": [90, 60, 20, 50, 40, 10, 70, 60, 15],
    }
    return dk.CaptureTable.from_counts(frame, lists=["A", "B"], by=["year"])


def test_years_are_in_order_with_the_people_seen():
    est = dk.estimate(table(), dk.TwoList(), seed=1)
    trend = trend_of(est, 0.95, "year")
    assert list(trend.index) == ["2010", "2011", "2012"]
    assert list(trend["seen"]) == [100, 145, 170]
    assert (trend["low"] > trend["seen"]).all()
    assert trend["truth"].isna().all()


def test_a_trend_is_drawn(tmp_path):
    est = dk.estimate(table(), dk.TwoList(), seed=1)
    figure = plot_trend(est, None, prob=0.9)
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert "seen" in legend
    assert "90% posterior interval" in legend
    figure.savefig(tmp_path / "trend.png")
    assert (tmp_path / "trend.png").stat().st_size > 10_000


def test_no_strata_no_trend():
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)
    with pytest.raises(dk.NotEstimable, match="no trend"):
        trend_of(est, 0.95, "year")


def test_chains_that_disagree_know_no_direction():
    est = dk.estimate(table(), dk.TwoList(), seed=1)
    words = {"chains": 4, "r_hat": "1.5", "low": "1", "high": "2"}
    unsettled = replace(est, cautions=(*est.cautions, caution("not_mixed", **words)))
    trend = unsettled.trend()
    assert trend[["estimate", "increase", "increase_since_first"]].isna().all(axis=None)
    assert unsettled.plot_trend().axes[0].get_title(loc="left").endswith("seen, and in all")


@pytest.mark.parametrize(
    ("share", "text"), [(0, "<1%"), (0.009, "<1%"), (0.01, "1%"), (0.5, "50%"), (1, ">99%")]
)
def test_no_share_of_draws_is_all_or_nothing(share, text):
    assert percent(share) == text
