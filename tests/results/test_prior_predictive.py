"""What models say before looking, against closed forms."""

import numpy as np
import pytest
from scipy.stats import kstest

import darkfigure as dk

DRAWS = 4_000


def test_independent_uniform_capture():
    """Two lists, uniform capture: π0 is a product of two uniforms, P(π0 < x) = x (1 − log x)."""
    table = dk.load("palembang").drop("d")
    prior = dk.prior_predictive(dk.TwoList(), table, seed=1, draws=DRAWS)
    missed = 1.0 - 1.0 / prior.ratio
    assert kstest(missed, lambda x: x * (1 - np.log(np.maximum(x, 1e-300)))).pvalue > 1e-3


def test_an_odds_ratio_reaches_the_prior():
    """π00 under the conjugate prior at θ, by importance weights from θ = 1."""
    table = dk.load("palembang").drop("d")
    theta = 4.0
    prior = dk.prior_predictive(dk.TwoList(odds_ratio=theta), table, seed=1, draws=DRAWS)
    rng = np.random.default_rng(2)
    u, v = (1 / (1 - rng.random(400_000)) - 1 for _ in range(2))
    z = 1 + u + v + theta * u * v
    weight = ((1 + u) * (1 + v) / z) ** 2
    expected = np.average(1 / z, weights=weight)
    found = 1.0 - 1.0 / prior.ratio
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / DRAWS**0.5)


def test_the_independence_graph_of_the_hyper_dirichlet():
    """One list off: Beta(m, m) with m = δ 2^(k−1); on two independent lists π0 is their product."""
    from darkfigure.numerics.chordal import DecomposableFamily, decomposable_family
    from darkfigure.numerics.decomposable import missed_before_looking

    family = decomposable_family(2)
    independent = DecomposableFamily(family.pairs, family.edges[:1], family.exponents[:1])
    delta = 0.5  # m = 1: uniform
    odds = missed_before_looking(independent, delta, DRAWS, np.random.default_rng(1))
    missed = 1 / (1 + np.exp(-odds))
    assert kstest(missed, lambda x: x * (1 - np.log(np.maximum(x, 1e-300)))).pvalue > 1e-3


def test_the_complete_graph_of_the_hyper_dirichlet():
    """Cells are Dirichlet(δ): π0 is Beta(δ, (2^k − 1) δ)."""
    from darkfigure.numerics.chordal import DecomposableFamily, decomposable_family
    from darkfigure.numerics.decomposable import missed_before_looking

    family = decomposable_family(3)
    complete = DecomposableFamily(family.pairs, family.edges[-1:], family.exponents[-1:])
    odds = missed_before_looking(complete, 0.5, DRAWS, np.random.default_rng(1))
    assert kstest(1 / (1 + np.exp(-odds)), "beta", args=(0.5, 3.5)).pvalue > 1e-3


def test_the_printed_form_gives_people():
    prior = dk.prior_predictive(
        dk.DecomposableGraphs(delta=0.5, prior=dk.prior.Between(5_000, 20_000)), "kosovo", seed=1
    )
    text = repr(prior)
    assert text.startswith("Before looking at the overlaps:")
    assert "for 4,400 seen:" in text
    assert "5,000 to 20,000" in text
    assert prior.summary(0.9).loc["share unseen"].between(0, 1).all()
    assert "before looking" in prior.plot().axes[0].get_title(loc="left")


def test_a_model_without_a_prior_is_refused():
    with pytest.raises(dk.NotEstimable, match="has no prior"):
        dk.prior_predictive(dk.LogLinear(), "kosovo")


def test_a_table_of_another_size_is_refused():
    with pytest.raises(dk.NotEstimable, match="exactly 2 lists"):
        dk.prior_predictive(dk.TwoList(), "kosovo")


@pytest.mark.parametrize("draws", [0, -5, "x", True, 2.5])
def test_draws_are_a_whole_number(draws):
    with pytest.raises(dk.SettingsError, match="draws is"):
        dk.prior_predictive(dk.BayesianLogLinear(), "kosovo", draws=draws)


def test_a_pair_that_is_not_there_is_named():
    model = dk.BayesianLogLinear(identify=dk.ConditionalPair("EXH", "OSCD"))
    with pytest.raises(dk.SettingsError, match="'OSCD', which is not a list") as caught:
        dk.prior_predictive(model, "kosovo", seed=1)
    assert "OSCE" in caught.value.hint
