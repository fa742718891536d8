"""Swapping the prior on the population afterwards, against fitting under it."""

import dataclasses
import re

import numpy as np
import pytest
import xarray as xr
from scipy.special import gammaln

import darkfigure as dk
from darkfigure.results.draw_cautions import cautions_of_draws
from darkfigure.results.prior_tension import piled_up, tension

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


@pytest.mark.parametrize("model", [dk.BayesianLogLinear(), dk.DecomposableGraphs()])
def test_a_prior_exchanged_twice_is_put_into_the_first_draws(model, tmp_path):
    """A prior cuts off what another would have wanted back."""
    est = dk.estimate("kosovo", model, seed=1)
    high, low = dk.prior.AtLeast(14_000), dk.prior.Between(9_000, 12_000, prob=0.9)
    at_once, twice = est.with_prior(low), est.with_prior(high).with_prior(low)
    assert (twice.totals == at_once.totals).all()
    assert repr(twice) == repr(at_once)
    from_file = dk.open(est.with_prior(high).save(tmp_path / "a.nc")).with_prior(low)
    assert (from_file.totals == at_once.totals).all()
    assert repr(from_file) == repr(at_once)
    assert repr(dk.open(twice.save(tmp_path / "b.nc"))) == repr(twice)


def test_draws_that_stand_there_many_times_are_one():
    """Weights of a weighted pool: what the fit was worth bounds what is left of it."""
    prior = dk.prior.Between(20_000, 22_000)
    est = dk.estimate("kosovo", dk.BayesianLogLinear(prior=prior), seed=1, draws=20_000)
    worth = float(est.draws["importance"]["effective_size"][0])
    assert worth < 2_000
    same = est.with_prior(dk.prior.Between(20_000, 22_001))  # all but the same prior
    left = float(same.draws["importance"]["effective_size"][0])
    assert left == pytest.approx(worth, rel=0.3)


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


@pytest.mark.parametrize("model", [dk.BayesianLogLinear, dk.DecomposableGraphs])
def test_what_a_prior_cut_off_cannot_come_back(model):
    cut = dk.estimate("palembang", model(prior=dk.prior.AtLeast(200)), seed=1)
    for prior in (dk.prior.OneOverN(), dk.prior.AtLeast(150), dk.prior.LogNormal(200, 1)):
        with pytest.raises(dk.NotEstimable, match="do not reach as far"):
            cut.with_prior(prior)
    assert cut.with_prior(dk.prior.AtLeast(250)).interval()[0] >= 250
    # below the people seen it cut nothing off
    whole = dk.estimate("palembang", model(prior=dk.prior.AtLeast(100)), seed=1)
    assert whole.with_prior(dk.prior.OneOverN()).interval()[0] < 150


def test_draws_of_a_narrow_prior_say_that_they_hardly_reach_a_wide_one():
    narrow = dk.BayesianLogLinear(prior=dk.prior.Between(150, 250))
    wide = dk.estimate("palembang", narrow, seed=1).with_prior(dk.prior.LogNormal(200, 1))
    assert "heavy_weights" in {each.kind for each in wide.cautions}
    usual = dk.estimate("palembang", dk.BayesianLogLinear(), seed=1)
    for prior in (dk.prior.Between(150, 250), dk.prior.AtLeast(150)):
        said = {each.kind for each in usual.with_prior(prior).cautions}
        assert "heavy_weights" not in said


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
    at = {dim: np.arange(size) for dim, size in zip(dims, chains.shape, strict=True)}
    posterior = xr.Dataset(
        {"population": (dims, chains), "unseen": (dims, chains - seen)}, coords=at
    )
    stats = xr.Dataset({"diverging": (dims, np.zeros(chains.shape, dtype=bool))})
    stats["diverging"][0, :7] = True
    tree = {
        "posterior": posterior,
        "constant_data": est.draws["constant_data"].to_dataset(),
        "sample_stats": stats,
    }
    return dataclasses.replace(est, draws=xr.DataTree.from_dict(tree))


def test_chains_that_disagree_are_given_no_single_number(drawn):
    rng = np.random.default_rng(1)
    centre = np.repeat([9_000.0, 20_000.0], 4)[:, None]
    stuck = with_chains(drawn, centre * np.exp(0.05 * rng.normal(size=(8, 250))))
    found = {each.kind: each for each in cautions_of_draws(stuck)}
    assert "medians run from 8,9" in found["not_mixed"].text
    assert found["divergences"].values["number"] == "7"
    stuck = dataclasses.replace(stuck, cautions=tuple(found.values()))
    assert not stuck.settled
    assert repr(stuck).startswith("No single number of killings: the chains do not agree.")
    assert "pile up near 8,9" in repr(stuck).splitlines()[0]
    assert '"estimate": null' in stuck.to_json()


def test_chains_that_disagree_take_no_other_prior(drawn):
    rng = np.random.default_rng(1)
    centre = np.repeat([9_000.0, 20_000.0], 4)[:, None]
    stuck = with_chains(drawn, centre * np.exp(0.05 * rng.normal(size=(8, 250))))
    stuck = dataclasses.replace(stuck, cautions=tuple(cautions_of_draws(stuck)))
    with pytest.raises(dk.NotEstimable, match="chains of this estimate do not agree"):
        stuck.with_prior(AMONG_KOSOVO)


def test_draws_of_a_sampler_are_worth_what_they_are_independent(drawn):
    """Each draw stands there ten times: so many fewer are left under any prior."""
    rng = np.random.default_rng(1)
    apart = 12_000 * np.exp(0.2 * rng.normal(size=(4, 1_000)))
    often = np.repeat(12_000 * np.exp(0.2 * rng.normal(size=(4, 100))), 10, axis=1)
    left = [
        float(
            with_chains(drawn, chains)
            .with_prior(AMONG_KOSOVO)
            .draws["importance"]["effective_size"][0]
        )
        for chains in (apart, often)
    ]
    assert left[1] == pytest.approx(left[0] / 10, rel=0.3)


# -- cautions after the exchange ---------------------------------------------------------------


def kinds(est):
    return [each.kind for each in est.cautions]


def test_other_settings_of_the_prior_are_reweighed_too():
    """As in a fit under the new prior; medians of 1,000 draws there, and of weighted ones here."""
    prior = dk.prior.Between(30_000, 150_000)
    swapped = dk.estimate("netherlands", dk.BayesianLogLinear(), seed=1).with_prior(prior)
    fitted = dk.estimate("netherlands", dk.BayesianLogLinear(prior=prior), seed=1)
    mine, theirs = (
        next(each.text for each in est.cautions if each.kind == "prior_sensitivity")
        for est in (swapped, fitted)
    )
    pattern = r"([\d,]+) \((.+?)\)"
    mine, theirs = (
        {name: float(n.replace(",", "")) for n, name in re.findall(pattern, text)}
        for text in (mine, theirs)
    )
    assert list(mine) == list(theirs)
    assert list(mine.values()) == pytest.approx(list(theirs.values()), rel=0.1)
    assert mine["normal with sd 2, used here"] == pytest.approx(swapped.median, abs=1)


def test_a_prior_that_settles_the_matter_leaves_no_sensitivity():
    est = dk.estimate("uk_five_lists", dk.DecomposableGraphs(), seed=1)
    assert "prior_sensitivity" in kinds(est)
    swapped = est.with_prior(dk.prior.Between(11_000, 11_500))
    assert "prior_sensitivity" not in kinds(swapped)


def test_models_outside_the_new_interval_are_named():
    est = dk.estimate("netherlands_five_lists", dk.BayesianLogLinear(), seed=1)
    swapped = est.with_prior(dk.prior.Between(40_000, 50_000))
    found = next(each for each in swapped.cautions if each.kind == "models_disagree")
    low, high = swapped.interval()
    near = swapped.draws["near_models"]["population"].to_numpy()
    outside = (near < low / 1.1) | (near > high * 1.1)
    assert outside.any()
    assert f"{near[near > high * 1.1].max():,.0f}" in found.text
    back = swapped.with_prior(dk.prior.OneOverN())
    assert ("models_disagree" in kinds(back)) == ("models_disagree" in kinds(est))


def test_a_number_that_leaves_out_what_the_lists_say_is_cautioned(drawn):
    found = next(
        each
        for each in drawn.with_prior(dk.prior.AtLeast(17_000)).cautions
        if each.kind == "prior_excludes"
    )
    share = (drawn.totals < 17_000).mean()
    assert f"less than that in {share:.0%}" in found.text
    assert "prior_excludes" not in kinds(drawn.with_prior(dk.prior.AtLeast(11_000)))


def test_draws_that_pile_up_at_the_edge_of_a_prior():
    rng = np.random.default_rng(1)
    log_totals = rng.normal(np.log(10_000), 0.2, 400_000)
    least = dk.prior.AtLeast(12_000)
    above = np.exp(log_totals)[np.exp(log_totals) > 12_000][:4_000]
    assert [each.kind for each in piled_up(least, above)] == ["prior_edge"]
    inside = np.exp(log_totals)[np.exp(log_totals) > 8_000][:4_000]
    assert piled_up(dk.prior.AtLeast(8_000), inside) == []


def test_chains_that_agree_are_left_alone(drawn):
    rng = np.random.default_rng(1)
    mixed = with_chains(drawn, 9_000 * np.exp(0.05 * rng.normal(size=(8, 250))))
    assert {each.kind for each in cautions_of_draws(mixed)} == {"divergences"}
