import matplotlib as mpl
import pytest

import darkfigure as dk
from darkfigure.results.trend import plot_trend, trend_of

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
