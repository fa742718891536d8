import numpy as np
import pytest

import darkfigure as dk
from results.test_plots import texts


@pytest.fixture(scope="module")
def kosovo():
    return dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)


def test_observed_sums_are_those_of_the_table(kosovo):
    frame, table = kosovo.ppc(), dk.load("kosovo")
    overlap = table.overlap()
    assert frame.loc[("on both", "EXH + HRW"), "observed"] == overlap.loc["EXH", "HRW"]
    for name, people in table.totals().items():
        assert frame.loc[("on the list", name), "observed"] == people
    assert frame.loc["seen on", "observed"].sum() == 4_400
    assert frame.loc["seen on"].index.tolist() == [
        "one list",
        "two lists",
        "three lists",
        "four lists",
    ]


def test_a_model_that_fits_predicts_what_was_seen(kosovo):
    frame = kosovo.ppc()
    assert (frame["p"] > 0.05).all()
    assert ((frame["low"] <= frame["observed"]) & (frame["observed"] <= frame["high"])).all()


def test_a_model_that_does_not_fit_is_found_out():
    """Independence on Kosovo: several pairs overlap far more than by chance."""
    model = dk.BayesianLogLinear(terms="EXH + ABA + OSCE + HRW")
    est = dk.estimate("kosovo", model, seed=1)
    frame = est.ppc()
    assert (frame.loc["on both", "p"] < 0.05).sum() >= 2
    figure = est.plot_ppc()
    assert "not as the model predicts" in texts(figure)


def test_predicted_counts_have_the_right_spread(kosovo):
    """A list's total is Poisson around its expectation: n draws' quantiles within Monte Carlo."""
    frame = kosovo.ppc(0.5)
    on_list = frame.loc["on the list"]
    width = on_list["high"] - on_list["low"]
    # 2 × .674 standard deviations of a Poisson, twice: parameters and counts vary
    expected = 2 * 0.674 * np.sqrt(2 * on_list["observed"])
    np.testing.assert_allclose(width, expected, rtol=0.12)


def test_strata_of_one_model_are_added_up():
    est = dk.estimate("spina_bifida_by_ethnicity", dk.BayesianLogLinear(), seed=1, draws=400)
    frame = est.ppc()
    assert frame.loc[("on the list", "S1"), "observed"] == 230 + 134 + 107 + 12 + 13 + 8 + 3 + 1 + 1


def test_without_predictive_tables_it_is_refused():
    est = dk.estimate("kosovo", dk.LogLinear(uncertainty=dk.Delta()), seed=1)
    with pytest.raises(dk.NotEstimable, match="posterior-predictive"):
        est.ppc()


def test_decomposable_graphs_predict_when_asked():
    """The fit of the averaged graphs on Kosovo: nearly all weight is on one that fits."""
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)
    frame = est.ppc()
    assert (frame["p"] > 0.05).all()
    assert frame.equals(est.ppc())  # drawn from the estimate's own seed


def test_one_graph_predicts_as_its_dirichlet_says():
    """The complete graph: cells are Dirichlet(y + δ), whose mean is known."""
    from darkfigure.numerics.chordal import DecomposableFamily, decomposable_family
    from darkfigure.numerics.decomposable import GraphPosterior, draw_tables

    family = decomposable_family(3)
    complete = DecomposableFamily(family.pairs, family.edges[-1:], family.exponents[-1:])

    class Complete(GraphPosterior):
        @property
        def family(self):
            return complete

    counts = np.array([0, 30, 20, 5, 12, 3, 1, 0])
    model = Complete(counts, 0.5, dk.prior.OneOverN().log_mass)
    drawn = draw_tables(model, np.full(20_000, 15.0), np.random.default_rng(1))
    alpha = counts + 0.5
    alpha[0] = 15.5
    mean = alpha / alpha.sum()
    error = np.sqrt(mean * (1 - mean) / (alpha.sum() + 1) / 20_000)
    assert (np.abs(drawn.mean(axis=0) - mean) < 4.5 * error).all()
    assert drawn.sum(axis=1) == pytest.approx(np.ones(20_000))
