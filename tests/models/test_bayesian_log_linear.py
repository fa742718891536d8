"""Bayesian log-linear models against other programs, publications and one another."""

import numpy as np
import pytest

import darkfigure as dk

# Posterior by Silverman's thresholding, MultipleSystemsEstimation 1.2.0,
# estimate_population_bayesthresh(burnin=1000, mcmc=20000, seed=1): estimate, 95 % limits.
THRESHOLDED = {
    "palembang": (153.62, 134.75, 205.87),
    "kosovo": (14_018.5, 12_395.7, 16_207.7),
    "netherlands_five_lists": (49_640.0, 43_771.5, 56_574.5),
    "uk_five_lists": (12_392.0, 11_026.4, 14_129.0),
    "uk": (12_352.0, 11_040.9, 14_224.9),
}


@pytest.mark.parametrize("name", THRESHOLDED)
def test_thresholding_agrees_with_the_peer(name):
    """Its 20,000 correlated draws and our 4,000: 3 % on limits, 1.5 % on the middle."""
    middle, low, high = THRESHOLDED[name]
    est = dk.estimate(name, dk.BayesianLogLinear(selection="threshold", order=2), seed=1)
    assert est.median == pytest.approx(middle, rel=0.015)
    assert est.interval() == pytest.approx((low, high), rel=0.03)
    assert "threshold_fixed" in [c.kind for c in est.cautions]


def test_thresholding_is_near_what_was_published():
    """Silverman (2020), UK five lists: 12,188 (10,652-13,947), by another prior on main effects."""
    est = dk.estimate("uk_five_lists", dk.BayesianLogLinear(selection="threshold"), seed=1)
    kept = est.models["label"][0]
    assert "[LA NG" in kept
    est = dk.estimate("uk_five_lists", dk.BayesianLogLinear(selection="threshold", order=2), seed=1)
    assert est.median == pytest.approx(12_188, rel=0.05)
    assert est.interval() == pytest.approx((10_652, 13_947), rel=0.06)


@pytest.mark.parametrize(
    ("prior", "mean", "low", "high"),
    [
        # conting 1.7, bict, 8,000 samples: an effective sample size of 138; then the mean of two
        # runs worth 182 and 83, with means 725.02 and 729.72, limits 680-772 and 682-785
        (dk.prior.HyperG(), 727.95, 681, 781),
        (dk.prior.UnitInformation(), 727.37, 681, 778.5),
    ],
)
def test_spina_bifida_by_ethnicity_agrees_with_reversible_jump(prior, mean, low, high):
    """Three lists and ethnicity in one model; the peer's mean has a standard error of 2 to 4."""
    model = dk.BayesianLogLinear(interactions=prior)
    est = dk.estimate("spina_bifida_by_ethnicity", model, seed=1)
    assert est.totals.mean() == pytest.approx(mean, abs=8)
    assert est.interval() == pytest.approx((low, high), rel=0.03)
    assert est.models["label"][0] == "[S2 S3][S1][ethnicity]"  # as the peer's most probable
    parts = est.summary(by="ethnicity")
    assert parts.index.tolist() == ["Caucasian", "Afro-American", "other"]
    assert est.population.sum("stratum").to_numpy().ravel().tolist() == est.totals.tolist()
    assert est.seen.isel(chain=0, draw=0).to_numpy().tolist() == [583, 36, 2]


def test_averaging_needs_no_estimable_model():
    """Palembang holds a pair of empty cells, for which [b c][b d] has no maximum likelihood."""
    est = dk.estimate("palembang", dk.BayesianLogLinear(), seed=1)
    low, high = est.interval()
    assert low < 150 < high  # stepwise and decomposable answers lie near 150 to 160
    assert high < 2_000


def test_weights_of_models_are_a_distribution():
    est = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    assert len(est.models) == 113
    assert est.models["weight"].sum() == pytest.approx(1.0)
    assert est.models["weight"].is_monotonic_decreasing
    assert {"label", "population", "log_evidence", "parameters"} <= set(est.models)


def test_one_model_given_is_near_its_likelihood_interval():
    """Vague priors on [123,14,34] of Kosovo: N 10,334.5, 8,994-12,110 by profile likelihood."""
    model = dk.BayesianLogLinear(
        terms=[("EXH", "ABA", "OSCE"), ("EXH", "HRW"), ("OSCE", "HRW")],
        interactions=dk.prior.Normal(30.0, main=30.0),
    )
    est = dk.estimate("kosovo", model, seed=1)
    assert est.median == pytest.approx(10_334.5, rel=0.02)
    assert est.interval() == pytest.approx((8_994, 12_110), rel=0.03)


def test_identification_changes_only_what_reaches_the_unseen():
    own = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    nhoi = dk.estimate(
        "kosovo", dk.BayesianLogLinear(identify=dk.NoHighestOrderInteraction()), seed=1
    )
    np.testing.assert_allclose(own.totals, nhoi.totals)  # hierarchical models have none
    half = dk.BayesianLogLinear(identify=dk.NoHighestOrderInteraction(2.0))
    halved = dk.estimate("kosovo", half, seed=1)
    assert halved.median - 4_400 == pytest.approx((own.median - 4_400) / 2, rel=0.02)


def test_a_conditional_pair_is_near_its_plug_in_value():
    """Dulce Rubio & Kennedy (2024): 9,799 for EXH and ABA; models smooth the three cells."""
    model = dk.BayesianLogLinear(identify=dk.ConditionalPair("EXH", "ABA"))
    est = dk.estimate("kosovo", model, seed=1)
    low, high = est.interval()
    assert low < 9_799 < high


def test_an_uncertain_ratio_widens_the_interval():
    """Under 1/N lists say nothing of ξ: its prior passes to log n0 unchanged."""
    fixed = dk.estimate(
        "kosovo", dk.BayesianLogLinear(identify=dk.NoHighestOrderInteraction()), seed=1
    )
    ratio = dk.prior.LogNormal(1.0, 0.5)
    model = dk.BayesianLogLinear(identify=dk.NoHighestOrderInteraction(ratio))
    loose = dk.estimate("kosovo", model, seed=1)
    spread = [np.log(est.totals - 4_400).std() for est in (fixed, loose)]
    # standard error of a standard deviation of 4,000 draws: 1.1 %
    assert spread[1] ** 2 == pytest.approx(spread[0] ** 2 + 0.25, rel=0.1)


def test_impossible_pairs():
    table = dk.CaptureTable.from_counts(
        dk.load("netherlands").to_frame(), lists=list("IKOPRZ"), impossible=[("I", "K")]
    )
    est = dk.estimate(table, dk.BayesianLogLinear(), seed=1)
    assert not est.models["label"].str.contains("I K").any()
    with pytest.raises(dk.NotEstimable, match="needs every history"):
        dk.estimate(table, dk.BayesianLogLinear(identify=dk.NoHighestOrderInteraction()))
    with pytest.raises(dk.SettingsError, match="I and K"):
        dk.estimate(table, dk.BayesianLogLinear(terms="I*K"))


def test_a_search_finds_the_models_that_enumeration_finds(monkeypatch):
    from darkfigure.models.bayesian_log_linear import averaging

    every = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    monkeypatch.setattr(averaging, "MOST_MODELS", 10)
    found = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    assert "search_not_exhaustive" in [c.kind for c in found.cautions]
    assert "found by a search" in found.label
    # models a thousand times less probable than the best are left out
    assert found.median == pytest.approx(every.median, rel=0.02)
    top = set(every.models["label"].head(15))
    assert top <= set(found.models["label"])


def test_the_prior_on_interactions_that_decides_is_named():
    est = dk.estimate("netherlands", dk.BayesianLogLinear(), seed=1)
    found = next(c for c in est.cautions if c.kind == "prior_sensitivity")
    for name in ("normal with sd 2, used here", "normal with sd 1", "unit information"):
        assert f"({name})" in found.text


def test_a_prior_the_lists_contradict_is_said_in_words():
    prior = dk.prior.Between(30_000, 45_000, prob=0.9)
    est = dk.estimate("netherlands", dk.BayesianLogLinear(prior=prior), seed=1)
    found = next(c for c in est.cautions if c.kind == "prior_tension")
    assert "pull apart" in found.text
    assert "the lists alone say" in found.text


def test_a_prior_on_the_population_agrees_with_reweighing():
    """Refitted under the prior, and swapped afterwards by weights."""
    prior = dk.prior.NegativeBinomial(11_000, 60)
    fitted = dk.estimate("kosovo", dk.BayesianLogLinear(prior=prior), seed=1)
    swapped = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=2, draws=16_000).with_prior(prior)
    # limits of 4,000 draws have a standard error of .042 standard deviations
    tolerance = 5 * 0.042 * fitted.sd
    assert swapped.interval() == pytest.approx(fitted.interval(), abs=tolerance)
    assert swapped.median == pytest.approx(fitted.median, abs=tolerance)


def test_the_mean_is_infinite_only_where_a_scale_is_learned_from_empty_cells():
    normal = dk.estimate("palembang", dk.BayesianLogLinear(), seed=1)
    learned = dk.BayesianLogLinear(interactions=dk.prior.HyperG())
    assert np.isfinite(normal.mean)
    est = dk.estimate("palembang", learned, seed=1)
    assert np.isinf(est.mean)
    assert "mean_infinite" in [c.kind for c in est.cautions]


def test_too_many_strata_for_one_model_are_refused_with_a_way_out():
    frame = dk.load("kosovo").to_frame()
    frame = frame.merge(dk.load("kosovo").to_frame()[["EXH"]].drop_duplicates(), on="EXH")
    rows = frame.loc[frame.index.repeat(12)].reset_index(drop=True)
    rows["year"] = np.arange(len(rows)) % 12
    table = dk.CaptureTable.from_counts(rows, lists=["EXH", "ABA", "OSCE", "HRW"], by="year")
    with pytest.raises(dk.NotEstimable, match="too many for one model") as caught:
        dk.estimate(table, dk.BayesianLogLinear(), seed=1)
    assert "separate" in str(caught.value)
    est = dk.estimate(table, dk.BayesianLogLinear(), seed=1, strata="separate", draws=400)
    assert est.population.sizes["stratum"] == 12


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"interactions": dk.prior.RegularizedHorseshoe()}, 'add inference="nuts"'),
        ({"selection": "best"}, "selection is 'best'"),
        ({"selection": "threshold", "terms": "a*b"}, "leave terms"),
        ({"order": 0}, "order is 0"),
        ({"chains": 1}, "chains is 1"),
        ({"interactions": dk.prior.Normal}, "dk.prior.Normal()"),
        ({"interactions": 2.0}, "prior on interactions"),
        ({"threshold": -1}, "threshold is -1"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(dk.SettingsError) as caught:
        dk.BayesianLogLinear(**settings)
    assert message in str(caught.value)


def test_all_lists_at_once_are_refused():
    with pytest.raises(dk.SettingsError, match="all lists at once"):
        dk.estimate("palembang", dk.BayesianLogLinear(terms="b*c*d"))


def test_draws_are_what_arviz_reads():
    import arviz as az

    est = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    assert {"posterior", "observed_data", "posterior_predictive", "log_likelihood"} <= set(
        est.draws.children
    )
    table = az.summary(est.draws, var_names=["population", "log_odds_unseen"])
    assert float(table.loc["population", "r_hat"]) == pytest.approx(1.0, abs=0.01)
    with pytest.warns(UserWarning, match="Pareto"):  # fifteen cells, as many effects
        assert np.isfinite(az.loo(est.draws).elpd)
    assert est.draws["posterior"]["effects"].dims == ("chain", "draw", "term")


def test_says_how_many_draws_the_pool_is_worth():
    worth = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1).draws["importance"]
    assert 4_000 <= float(worth["effective_size"][0]) <= float(worth["pool"][0])


def test_survives_a_file(tmp_path):
    est = dk.estimate("spina_bifida_by_ethnicity", dk.BayesianLogLinear(), seed=1, draws=400)
    again = dk.open(est.save(tmp_path / "a.nc"))
    assert repr(again) == repr(est)
    assert again.ppc().equals(est.ppc())
    assert again.model == est.model


def test_evidence_under_hyper_g_is_integrated_over_g():
    found = dk.estimate(
        "spina_bifida", dk.BayesianLogLinear(interactions=dk.prior.HyperG()), seed=1
    )
    top = found.models.head(4)
    change = np.diff(top["log_evidence"]) - np.diff(np.log(top["weight"]))
    # weights are by importance sampling, the evidence by Laplace: on 600 people a hundredth or so
    assert np.abs(change).max() < 0.1


def test_a_ratio_that_leaves_no_limit_is_named():
    ratio = dk.ConditionalPair("EXH", "ABA", 1e300)
    with pytest.raises(dk.NotEstimable, match="ConditionalPair"):
        dk.estimate("kosovo", dk.BayesianLogLinear(identify=ratio), seed=1)
