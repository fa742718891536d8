"""Swapping the prior on the population afterwards, against fitting under it."""

import numpy as np
import pytest
import xarray as xr
from scipy.special import gammaln

import darkfigure as dk
from darkfigure.results.draw_cautions import cautions_of_draws
from darkfigure.results.prior_tension import tension

AMONG_KOSOVO = dk.prior.Between(11_000, 14_000, prob=0.9)


@pytest.fixture(scope="module")
def exact():
    return dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)


@pytest.fixture(scope="module")
def drawn():
    return dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1, draws=8_000)


@pytest.mark.parametrize(
    "prior",
    [
        AMONG_KOSOVO,
        dk.prior.GammaPoisson(40.0, 300.0),
        dk.prior.AtLeast(12_000),
        dk.prior.Between(30_000, 40_000, prob=0.9),  # far from what the lists say
    ],
)
def test_an_exact_posterior_is_reweighed_exactly(exact, prior):
    swapped = exact.with_prior(prior)
    fitted = dk.estimate("kosovo", dk.DecomposableGraphs(prior=prior), seed=1)
    assert swapped.median == pytest.approx(fitted.median, rel=2e-3)
    assert swapped.interval() == pytest.approx(fitted.interval(), rel=3e-3)
    assert swapped.model == fitted.model
    assert swapped.tail_exponent == fitted.tail_exponent


def test_draws_and_their_groups_are_resampled_together(drawn):
    swapped = drawn.with_prior(AMONG_KOSOVO)
    low, high = drawn.interval()
    assert low < swapped.interval()[0] < swapped.interval()[1] < high
    # the odds of a draw go with its total: n0 given the odds has a spread of 2 %
    draws = swapped.draws["posterior"]
    expected = 4_400 * np.exp(draws["log_odds_unseen"].to_numpy())
    ratio = draws["unseen"].to_numpy() / expected
    assert ratio.std() < 0.04
    assert swapped.ppc().shape == drawn.ppc().shape
    assert swapped.models is None


def test_the_call_gives_the_same_answer_again(drawn):
    swapped = drawn.with_prior(AMONG_KOSOVO)
    again = eval(swapped.call, {"dk": dk})
    assert (again.totals == swapped.totals).all()


def test_two_lists_against_the_formula():
    """p(N | y) ∝ p(N) N! / (N − n)! B(n1 + 1, N − n1 + 1) B(n2 + 1, N − n2 + 1), by hand."""
    table = dk.CaptureTable.from_counts({"A": [1, 1, 0], "B": [1, 0, 1], "count": [20, 40, 30]})
    prior = dk.prior.GammaPoisson(5.0, 30.0)
    swapped = dk.estimate(table, dk.TwoList(), seed=1).with_prior(prior)
    population = np.arange(90.0, 20_000.0)
    log_mass = prior.log_mass(population) + gammaln(population + 1) - gammaln(population - 89)
    for on_list in (60, 50):
        log_mass += gammaln(population - on_list + 1) - gammaln(population + 2)
    below = np.cumsum(np.exp(log_mass - log_mass.max()))
    exact = population[np.searchsorted(below / below[-1], [0.025, 0.5, 0.975])]
    found = [swapped.interval()[0], swapped.median, swapped.interval()[1]]
    assert found == pytest.approx(exact.tolist(), abs=1.5)


def test_few_effective_draws_are_cautioned(drawn):
    far = drawn.with_prior(dk.prior.Between(18_000, 21_000, prob=0.9))
    kinds = [each.kind for each in far.cautions]
    assert "few_reweighted" in kinds
    assert "prior_tension" in kinds


def test_hardly_any_effective_draws_are_refused(drawn):
    with pytest.raises(dk.NotEstimable, match="pull too far apart for weights") as caught:
        drawn.with_prior(dk.prior.Between(27_000, 33_000, prob=0.9))
    assert "dk.BayesianLogLinear(prior=dk.prior.Between" in str(caught.value)


def test_out_of_reach_is_refused(drawn):
    with pytest.raises(dk.NotEstimable, match="none of the draws") as caught:
        drawn.with_prior(dk.prior.AtLeast(1e9))
    assert "dk.BayesianLogLinear(prior=dk.prior.AtLeast" in str(caught.value)


def test_an_improper_posterior_is_refused(exact):
    with pytest.raises(dk.NotEstimable, match="improper"):
        exact.with_prior(dk.prior.Flat())  # its tail falls with 2 - 2**-4 under 1/N, one less here


def test_a_light_tail_cannot_be_made_heavy():
    est = dk.estimate("kosovo", dk.DecomposableGraphs(prior=AMONG_KOSOVO), seed=1)
    with pytest.raises(dk.NotEstimable, match="do not reach"):
        est.with_prior(dk.prior.OneOverN())


def test_a_model_without_a_prior_is_refused():
    est = dk.estimate("kosovo", dk.LogLinear(uncertainty=dk.Delta()), seed=1)
    with pytest.raises(dk.NotEstimable, match="no prior on the population"):
        est.with_prior(AMONG_KOSOVO)


def test_strata_estimated_apart_have_no_prior_on_the_total():
    apart = dk.estimate("spina_bifida_by_ethnicity", dk.DecomposableGraphs(), seed=1, draws=400)
    with pytest.raises(dk.NotEstimable, match="estimated apart"):
        apart.with_prior(dk.prior.Between(700, 800))
    jointly = dk.estimate("spina_bifida_by_ethnicity", dk.BayesianLogLinear(), seed=1)
    swapped = jointly.with_prior(dk.prior.Between(700, 760, prob=0.9))
    parts = swapped.summary(by="ethnicity")["median"].sum()
    assert parts == pytest.approx(swapped.median, rel=0.01)


def test_what_is_no_prior_is_refused(drawn):
    with pytest.raises(dk.SettingsError, match="expected a prior"):
        drawn.with_prior(12_000)


def test_tension_is_a_matter_of_place_not_of_width():
    totals = np.exp(np.random.default_rng(1).normal(np.log(10_000), 0.5, size=4_000))
    equal = np.ones(4_000)
    assert tension(dk.prior.Between(9_000, 11_000), totals, equal) == []
    assert tension(dk.prior.OneOverN(), totals, equal) == []
    (above,) = tension(dk.prior.Between(40_000, 60_000), totals, equal)
    assert "the smaller of the two" in above.text
    (below,) = tension(dk.prior.Between(1_000, 2_000), totals, equal)
    assert "the larger of the two" in below.text


def with_chains(est, chains):
    """The same estimate with other draws, as a sampler would leave them."""
    seen = float(est.table.n_observed)
    dims = ("chain", "draw")
    posterior = xr.Dataset({"population": (dims, chains), "unseen": (dims, chains - seen)})
    stats = xr.Dataset({"diverging": (dims, np.zeros(chains.shape, dtype=bool))})
    stats["diverging"][0, :7] = True
    tree = {
        "posterior": posterior,
        "constant_data": est.draws["constant_data"].to_dataset(),
        "sample_stats": stats,
    }
    import dataclasses

    return dataclasses.replace(est, draws=xr.DataTree.from_dict(tree))


def test_chains_that_disagree_are_given_no_single_number(drawn):
    rng = np.random.default_rng(1)
    centre = np.repeat([9_000.0, 20_000.0], 4)[:, None]
    stuck = with_chains(drawn, centre * np.exp(0.05 * rng.normal(size=(8, 250))))
    found = {each.kind: each for each in cautions_of_draws(stuck)}
    assert "medians run from 8,9" in found["not_mixed"].text
    assert found["divergences"].values["number"] == "7"
    import dataclasses

    stuck = dataclasses.replace(stuck, cautions=tuple(found.values()))
    assert not stuck.settled
    assert repr(stuck).startswith("No single number of killings: the chains do not agree.")
    assert "pile up near 8,9" in repr(stuck).splitlines()[0]
    assert '"estimate": null' in stuck.to_json()


def test_chains_that_agree_are_left_alone(drawn):
    rng = np.random.default_rng(1)
    mixed = with_chains(drawn, 9_000 * np.exp(0.05 * rng.normal(size=(8, 250))))
    assert {each.kind for each in cautions_of_draws(mixed)} == {"divergences"}
