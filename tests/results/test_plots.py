"""Pictures are looked at by people; here, that they are drawn and say what they should."""

import matplotlib as mpl
import pytest

import darkfigure as dk

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def texts(figure):
    axes = figure.axes[0]
    return " | ".join([axes.get_title(loc="left"), *(t.get_text() for t in axes.texts)])


def test_estimate_shows_seen_modes_and_interval(tmp_path):
    est = dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1)
    figure = est.plot()
    shown = texts(figure)
    assert "8,234 seen" in shown
    assert "95% posterior interval 41,700 to 210,000" in shown
    assert "47,900" in shown
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_a_given_axis_is_used():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    est = dk.estimate("palembang", dk.DecomposableGraphs(), seed=1)
    assert est.plot(ax) is ax.figure


def test_forest_plot_has_a_row_per_model():
    found = dk.compare(
        "kosovo", [dk.DecomposableGraphs(), dk.LogLinear(uncertainty=dk.Bootstrap(50))], seed=1
    )
    labels = [t.get_text() for t in found.plot().axes[0].get_yticklabels()]
    assert len(labels) == 2
    assert "posterior" in labels[0]
    assert "bootstrap" in labels[1]


def test_everyone_seen_can_be_drawn(tmp_path):
    frame = {"A": [1, 1, 0], "B": [1, 0, 1], "count": [500, 1, 1]}
    dk.estimate(frame, dk.TwoList(), seed=1).plot().savefig(tmp_path / "b.png")
