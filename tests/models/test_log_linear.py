"""Log-linear models on the published tables.

Sources: Chan, Silverman & Vincent (2021), J. Am. Stat. Assoc. 116:1297, and the programs
SparseMSE 2.0.1 and MultipleSystemsEstimation 1.2.0 run on the same tables.
"""

import numpy as np
import pytest

import darkfigure as dk

QUICK = dk.Bootstrap(100)
QUICK_MODEL = dk.LogLinear(uncertainty=QUICK)

BEST = [
    ("palembang", {}, "[b c][c d]", 157.1667, 57.14081),
    ("kosovo", {}, "[EXH ABA OSCE][EXH HRW][OSCE HRW]", 10_356.52, 203.0296),
    ("uk_five_lists", {}, "[LA NG PFNCA][NG GP][PFNCA GO]", 25_311.29, 195.8791),
    ("uk_five_lists", {"order": 2}, None, 22_991.33, 196.5398),
    ("netherlands_five_lists", {}, None, 148_788.8, 219.1707),
    ("netherlands", {}, None, 116_667, None),
    ("netherlands", {"n": "cells"}, None, 43_585, None),
    ("uk", {}, None, 12_349.59, 244.11935),
]


@pytest.mark.parametrize(("name", "settings", "label", "population", "bic"), BEST)
def test_best_model_by_bic(name, settings, label, population, bic):
    table = dk.load(name)
    found = dk.LogLinear(**settings).candidates(table)
    total = table.n_observed + found.fits.unseen[0]
    assert total == pytest.approx(population, abs=0.5 if population > 40_000 else 0.01)
    if bic is not None:
        assert found.criterion[0] == pytest.approx(bic, abs=1e-4)
    if label is not None:
        est = dk.estimate(table, dk.LogLinear(**settings, uncertainty=QUICK), seed=1)
        assert est.models["label"][0] == label
        assert est.point == pytest.approx(population, abs=0.01)


def test_three_best_models_of_kosovo():
    est = dk.estimate("kosovo", dk.LogLinear(uncertainty=QUICK), seed=1)
    top = est.models.head(3)
    assert top["population"].tolist() == pytest.approx([10_356.52, 12_740.97, 18_393.31], abs=0.01)
    assert top["criterion"].tolist() == pytest.approx([203.0296, 203.1134, 203.9573], abs=1e-4)


def test_status_codes_of_the_artificial_table():
    est = dk.estimate("artificial", dk.LogLinear(uncertainty=QUICK), seed=1)
    status = est.models.set_index("label")["status"]
    # Chan et al. (2021), section 3.3
    assert status["[A B][A C][B C]"] == 2
    assert status["[A B][C]"] == 1
    assert status["[A C][B C]"] == 0


@pytest.mark.parametrize("terms", ["b*c + c*d", "[b c][c d]", [("b", "c"), ("c", "d")]])
def test_a_given_model_in_every_notation(terms):
    est = dk.estimate("palembang", dk.LogLinear(terms=terms, uncertainty=QUICK), seed=1)
    assert est.point == pytest.approx(157.1667, abs=1e-3)
    assert "the model given" in est.label


def test_a_model_without_an_estimate_is_refused_in_words():
    model = dk.LogLinear(terms="b*c + b*d")
    with pytest.raises(dk.NotEstimable, match="does not exist") as caught:
        dk.estimate("palembang", model, seed=1)
    assert "Hint:" in str(caught.value)


def test_the_saturated_model_is_refused():
    with pytest.raises(dk.NotEstimable, match="all lists"):
        dk.estimate("palembang", dk.LogLinear(terms="b*c*d"), seed=1)


def test_an_unknown_list_is_named_with_the_nearest():
    with pytest.raises(dk.SettingsError, match="EHX") as caught:
        dk.estimate("kosovo", dk.LogLinear(terms="EHX*ABA"), seed=1)
    assert 'Did you mean "EXH"?' in str(caught.value)


def test_dutch_six_lists_say_that_other_models_fit_nearly_as_well():
    est = dk.estimate("netherlands", dk.LogLinear(uncertainty=QUICK), seed=1)
    near = next(c for c in est.cautions if c.kind == "near_ties")
    assert "116,667" in repr(est) or "117,000" in repr(est)
    assert float(near.values["low"].replace(",", "")) < 45_000


def test_percentile_limits_are_quantiles_of_the_replicates():
    percentile = dk.Bootstrap(200, kind="percentile")
    est = dk.estimate("kosovo", dk.LogLinear(uncertainty=percentile), seed=1)
    replicates = est.draws["replicates"]["population"].to_numpy()
    expected = np.quantile(replicates, [0.025, 0.975])
    # stratified draws follow the quantile function of the replicates to one slice in 4,000
    assert est.interval() == pytest.approx(tuple(expected), rel=0.01)
    assert est.kind == "bootstrap"


def test_selection_held_fixed_is_narrower_and_cautioned():
    repeated = dk.estimate("kosovo", dk.LogLinear(), seed=1)
    fixed = dk.estimate("kosovo", dk.LogLinear(uncertainty=dk.Bootstrap(reselect=False)), seed=1)
    assert np.ptp(fixed.interval()) < np.ptp(repeated.interval())
    assert "selection_fixed" in [c.kind for c in fixed.cautions]


# MultipleSystemsEstimation 1.2.0, estimate_population_bic, BCa with 200 (100) replicates and all
# (20 top) models; UK five pairwise also [11,456, 43,894] in Chan et al. (2021). Their limits are
# the 5th or so of 200 from either end: 8 to 15 % Monte Carlo error.
PUBLISHED_BCA = [
    ("kosovo", {}, 6_947, 18_353, 0.1),
    ("palembang", {}, 128, 371.7, 0.1),
    ("rome_hiv", {}, 8_473, 13_595, 0.1),
    ("uk_five_lists", {"order": 2}, 11_470, 41_400, 0.15),
]


@pytest.mark.parametrize(("name", "settings", "low", "high", "error"), PUBLISHED_BCA)
def test_published_bca_limits(name, settings, low, high, error):
    est = dk.estimate(name, dk.LogLinear(**settings), seed=1)
    assert est.interval() == pytest.approx((low, high), rel=error)


# SparseMSE 2.0.1, estimatepopulation.0 and estimatepopulation (BCa, 200 replicates):
# (table, threshold, N, acceleration, low, high)
STEPWISE = [
    ("palembang", 0.02, 268.777777777778, -0.0288, 123.3, 417.3),
    ("kosovo", 0.02, 14341.6638004272, -0.0042, 12_584, 16_541),
    ("uk_five_lists", 0.02, 11312.9902894352, -0.0122, 8_922, 15_653),
    ("netherlands_five_lists", 0.02, 121521.613712277, -0.0166, 45_539, 157_682),
    ("netherlands", 0.02, 111139.371230396, 0.0333, 45_517, 146_408),
    ("uk_five_lists", 0.001, 13100.8432931713, None, None, None),
    ("uk_five_lists", 0.005, 12262.4124205469, None, None, None),
    ("uk_five_lists", 0.2, 11174.8268201917, None, None, None),
    ("uk", 0.02, 11417.9910915046, None, None, None),
    ("uk", 0.2, 11989.8182748445, None, None, None),
    ("netherlands", 0.05, 68246.4855367603, None, None, None),
    ("netherlands_five_lists", 0.2, 45135.4382527365, None, None, None),
    ("hepatitis_a", 0.02, 388.483494836853, None, None, None),
    ("hepatitis_a", 0.2, 1312.76470588235, None, None, None),
    ("rome_hiv", 0.05, 12318.4676767586, None, None, None),
    ("artificial", 0.02, 539.093929428606, None, None, None),
    ("artificial", 0.2, 296.0, None, None, None),
]


@pytest.mark.parametrize(("name", "threshold", "population", "a", "low", "high"), STEPWISE)
def test_stepwise(name, threshold, population, a, low, high):
    model = dk.LogLinear(select="stepwise", threshold=threshold)
    found = model.candidates(dk.load(name))
    assert dk.load(name).n_observed + found.fits.unseen[0] == pytest.approx(population, rel=1e-7)
    if a is None:
        return
    est = dk.estimate(name, model, seed=1)
    jackknife = est.influence().loc["one person of"]
    y, theta = jackknife["people"].to_numpy(float), jackknife["population"].to_numpy(float)
    d = (y * theta).sum() / y.sum() - theta
    acceleration = (y * d**3).sum() / (6 * (y * d**2).sum() ** 1.5)
    assert acceleration == pytest.approx(a, abs=1e-4)
    # theirs is one run of 200 replicates: within three standard deviations of such runs
    few = dk.LogLinear(select="stepwise", threshold=threshold, uncertainty=dk.Bootstrap(200))
    limits = np.log([dk.estimate(name, few, seed=seed).interval() for seed in range(12)])
    error = np.abs(np.log([low, high]) - limits.mean(axis=0)) / limits.std(axis=0, ddof=1)
    assert (error < 3).all()


# MultipleSystemsEstimation 1.2.0, check_extended_MLE over all models: how many have each code
STATUS_CODES = [
    ("artificial", None, {0: 4, 1: 3, 2: 1}),
    ("palembang", None, {0: 6, 1: 2}),
    ("rome_hiv", None, {0: 111, 1: 1, 2: 1}),
    ("kosovo", None, {0: 113}),
    ("uk_five_lists", 2, {0: 1024}),
    ("netherlands_five_lists", 2, {0: 1024}),
]


@pytest.mark.parametrize(("name", "order", "codes"), STATUS_CODES)
def test_status_codes_of_all_models(name, order, codes):
    found = dk.LogLinear(order=order).candidates(dk.load(name))
    numbers, counts = np.unique(found.status, return_counts=True)
    assert dict(zip(numbers.tolist(), counts.tolist(), strict=True)) == codes


def test_one_dutch_estimate_names_all_three_answers():
    est = dk.estimate("netherlands", dk.LogLinear(), seed=1)
    assert est.point == pytest.approx(116_667, abs=0.5)
    text = " ".join(repr(est).split())
    assert "this selection gives 116,667" in text
    assert "43,585 by BIC with n = cells" in text
    assert "43,585 by greedy search from independence" in text
    assert "41,561 by AIC" in text
    assert "121,530 (0.06 behind)" in text


@pytest.mark.parametrize(
    ("settings", "population"),
    [
        ({"select": "aic"}, 41_561),
        ({"select": "downhill"}, 43_585),
        ({"n": "cells"}, 43_585),
        ({"select": None}, 52_823),
    ],
)
def test_dutch_six_lists_by_other_selections(settings, population):
    found = dk.LogLinear(**settings).candidates(dk.load("netherlands"))
    assert 8_234 + found.fits.unseen[0] == pytest.approx(population, abs=0.5)


# Cormack (1992); by hand from Rcapture 1.4-4, closedpMS.t: N 10,356.5, profile 8,994 to 12,110
def test_profile_limits():
    model = dk.LogLinear(terms="[EXH ABA OSCE][EXH HRW][OSCE HRW]", uncertainty=dk.Profile())
    est = dk.estimate("kosovo", model, seed=1)
    assert est.interval() == pytest.approx((8_994, 12_110), abs=10)
    assert est.kind == "profile"
    # Rcapture's closedpCI.t with all pairs: 12,523 to 16,668
    pairs = "(EXH + ABA + OSCE + HRW)**2"
    wide = dk.estimate("kosovo", dk.LogLinear(terms=pairs, uncertainty=dk.Profile()), seed=1)
    assert wide.interval() == pytest.approx((12_523, 16_668), rel=2e-3)


def test_profile_without_an_upper_limit_is_said_in_words():
    """[b c][b d] on Palembang has no estimate: its fit runs off to N = 1.2e11."""
    model = dk.LogLinear(terms="[b c][b d]", uncertainty=dk.Profile())
    est = dk.estimate("palembang", model, seed=1)
    low, high = est.interval()
    assert 123 < low < 1_000
    assert high == np.inf
    assert repr(est).startswith("At least ")
    kinds = [c.kind for c in est.cautions]
    assert "no_maximum" in kinds
    assert "no_upper_limit" in kinds
    assert "infinity" in est.to_json()


# Rcapture 1.4-4: standard errors of N, sqrt(n0 + n0² var α_∅)
@pytest.mark.parametrize(
    ("terms", "population", "error"),
    [
        ("[EXH ABA OSCE][EXH HRW][OSCE HRW]", 10356.5189572519, 785.902224195224),
        ("EXH + ABA + OSCE + HRW", 7394.58666230024, 129.62539096441),
        ("(EXH + ABA + OSCE + HRW)**2", 14402.488951687, 1050.9047687089),
    ],
)
def test_delta_standard_errors(terms, population, error):
    est = dk.estimate("kosovo", dk.LogLinear(terms=terms, uncertainty=dk.Delta()), seed=1)
    assert est.point == pytest.approx(population, rel=1e-7)
    spread = np.log(est.unseen.to_numpy()).std()
    # 4,000 stratified normal draws: their spread is within 0.2 % of the distribution's
    assert spread * (population - 4_400) == pytest.approx(error, rel=3e-3)
    assert est.kind == "asymptotic"


def test_averaging_mixes_the_models_by_weight():
    est = dk.estimate("kosovo", dk.LogLinear(select="average", uncertainty=dk.Delta()), seed=1)
    weights, totals = est.models["weight"], est.models["population"]
    assert est.point == pytest.approx((weights * totals).sum(), rel=1e-3)
    low, high = est.interval()
    single = dk.estimate("kosovo", dk.LogLinear(uncertainty=dk.Delta()), seed=1).interval()
    assert low < single[1] < high
    assert "models averaged" in est.label


def test_parametric_bootstrap_of_a_given_model():
    model = dk.LogLinear(
        terms="[EXH ABA OSCE][EXH HRW][OSCE HRW]", uncertainty=dk.Bootstrap(kind="parametric")
    )
    est = dk.estimate("kosovo", model, seed=1)
    # near the delta method's 10,357 ± 786
    assert est.totals.std() == pytest.approx(786, rel=0.1)


def test_aicc_lies_between_aic_and_bic_in_size():
    sizes = [
        int(dk.LogLinear(select=name).candidates(dk.load("uk_five_lists")).fits.parameters[0])
        for name in ("bic", "aicc", "aic")
    ]
    assert sizes == sorted(sizes)


# diagnostics


def test_residuals_add_up():
    est = dk.estimate("kosovo", QUICK_MODEL, seed=1)
    frame = est.residuals()
    assert len(frame) == 15
    assert frame["observed"].sum() == 4_400
    assert frame["fitted"].sum() == pytest.approx(4_400)
    assert (frame["deviance"] ** 2).sum() == pytest.approx(est.models["deviance"][0])
    fit = est.goodness_of_fit()
    assert (frame["pearson"] ** 2).sum() == pytest.approx(fit["pearson"])
    assert fit["degrees_of_freedom"] == est.models["df"][0]


def test_goodness_of_fit_is_valid_under_the_model():
    """Independent lists: the p-value of the independence model is uniform."""
    rng = np.random.default_rng(8)
    histories = (np.arange(8)[:, None] >> np.arange(3)) & 1
    chance = np.where(histories == 1, [0.2, 0.3, 0.25], [0.8, 0.7, 0.75]).prod(axis=1)
    p_values = []
    for _ in range(60):
        columns = dict(zip("ABC", histories[1:].T, strict=True))
        counts = rng.multinomial(400, chance)[1:]
        table = dk.CaptureTable.from_counts({**columns, "count": counts})
        fit = dk.LogLinear(select=None, uncertainty=dk.Delta()).fit(table, draws=400, rng=rng)
        p_values.append(fit.groups["fit"]["p_deviance"][0])
    # the mean of 60 uniforms has standard error 0.037
    assert np.mean(p_values) == pytest.approx(0.5, abs=4 * 0.037)


def test_influence_of_lists_is_the_answer_without_them():
    est = dk.estimate("kosovo", QUICK_MODEL, seed=1)
    frame = est.influence()
    for name in ("EXH", "ABA", "OSCE", "HRW"):
        part = dk.load("kosovo").drop(name)
        total = part.n_observed + dk.LogLinear().candidates(part).fits.unseen[0]
        assert frame.loc[("list", name), "population"] == pytest.approx(total)


def test_influence_of_one_person():
    est = dk.estimate("kosovo", QUICK_MODEL, seed=1)
    frame = dk.load("kosovo").to_frame()
    chosen = (frame["EXH"] == 1) & (frame["ABA"] == 1) & (frame["OSCE"] + frame["HRW"] == 0)
    frame.loc[chosen, "count"] -= 1
    less = dk.CaptureTable.from_counts(frame)
    total = less.n_observed + dk.LogLinear().candidates(less).fits.unseen[0]
    got = est.influence().loc[("one person of", "EXH + ABA"), "population"]
    assert got == pytest.approx(total, rel=1e-6)


def test_stability_grows_from_one_model_to_all():
    est = dk.estimate("kosovo", dk.LogLinear(), seed=1)
    frame = est.stability()
    assert frame.index.tolist() == [1, 2, 5, 10, 20, 50, 100]
    width = frame["high"] - frame["low"]
    assert width.iloc[0] < 0.6 * width.iloc[-1]
    assert tuple(frame.iloc[-1]) == pytest.approx(est.interval(), rel=0.01)


def test_what_a_model_does_not_leave_is_refused_in_words():
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)
    for ask in (est.residuals, est.goodness_of_fit, est.influence, est.stability, est.plot_models):
        with pytest.raises(dk.NotEstimable, match=r"there are no"):
            ask()


def test_pictures_of_models_and_residuals(tmp_path):
    est = dk.estimate("netherlands", QUICK_MODEL, seed=1)
    cloud = est.plot_models(units=20)
    assert "within 20 units" in cloud.axes[0].get_title(loc="left")
    cloud.savefig(tmp_path / "cloud.png")
    est.plot_residuals().savefig(tmp_path / "residuals.png")


# searches that cannot be exhaustive


def test_stochastic_search_finds_the_best_of_all():
    """On five lists all 6,212 models can be fitted: the walk must find the best of them."""
    from darkfigure.numerics.search import Criterion, stochastic_search

    for name in ("uk_five_lists", "netherlands_five_lists", "western_us"):
        table = dk.load(name)
        every = dk.LogLinear().candidates(table)
        criterion = Criterion("bic", table.n_observed)
        found = stochastic_search(
            table.counts(), table.possible(), 3, criterion, np.random.default_rng(1)
        )
        best = found.criterion("bic", table.n_observed).min()
        assert best == pytest.approx(every.fits.criterion("bic", table.n_observed).min())
        assert len(found.models) < every.visited


def test_six_lists_of_higher_order_are_searched():
    found = dk.LogLinear(order=3).candidates(dk.load("netherlands"))
    pairs = dk.LogLinear().candidates(dk.load("netherlands"))
    assert not found.exhaustive
    assert found.criterion[0] <= pairs.criterion[0]


def test_structural_zeros_are_left_out():
    table = dk.load("netherlands")
    impossible = dk.CaptureTable.from_counts(
        table.to_frame(), lists=list(table.lists), impossible=[("I", "K"), ("K", "R")]
    )
    found = dk.LogLinear().candidates(impossible)
    assert found.visited == 2**13
    labels = dk.estimate(impossible, dk.LogLinear(uncertainty=QUICK), seed=1).models["label"]
    assert not labels.str.contains("[I K]", regex=False).any()


def test_many_lists_are_searched_greedily_and_said_so():
    est = dk.estimate("new_orleans", dk.LogLinear(uncertainty=QUICK), seed=1)
    assert "search_not_exhaustive" in [c.kind for c in est.cautions]


def test_profile_of_a_billion_is_bounded():
    """Unseen far above anything else: Delta gives 941.9 to 1,065.9 million."""
    frame = {"A": [1, 0, 1], "B": [0, 1, 1], "count": [10**6, 10**6, 1000]}
    est = dk.estimate(frame, dk.LogLinear(uncertainty=dk.Profile()), seed=1)
    assert est.interval() == pytest.approx((941.9e6, 1_065.9e6), rel=5e-3)


@pytest.mark.parametrize(
    "settings",
    [
        {"threshold": None},
        {"threshold": "a"},
        {"terms": "EXH*ABA", "order": 2},
        {"terms": "EXH*ABA", "select": "aic"},
        {"select": "average", "uncertainty": dk.Profile()},
    ],
)
def test_settings_that_contradict_are_refused(settings):
    with pytest.raises(dk.SettingsError):
        dk.LogLinear(**settings)


def test_aicc_without_enough_people_is_said():
    frame = {
        "A": [1, 0, 0, 0, 1, 1],
        "B": [0, 1, 0, 0, 1, 1],
        "C": [0, 0, 1, 0, 0, 1],
        "D": [0, 0, 0, 1, 0, 1],
        "count": [1] * 6,
    }
    with pytest.raises(dk.NotEstimable, match="AICc is not defined"):
        dk.estimate(frame, dk.LogLinear(select="aicc"), seed=1)


def test_replicates_at_the_boundary_are_said():
    frame = {
        "A": [1, 1, 0, 1, 0, 1, 0],
        "B": [1, 0, 1, 1, 0, 0, 1],
        "C": [0, 0, 0, 1, 1, 1, 1],
        "count": [9, 1, 1, 30, 1, 9, 9],
    }
    est = dk.estimate(frame, dk.LogLinear(select=None, uncertainty=QUICK), seed=1)
    assert "boundary_replicates" in [c.kind for c in est.cautions]


def test_a_large_correction_is_said():
    est = dk.estimate("new_orleans", dk.LogLinear(uncertainty=dk.Bootstrap(200)), seed=1)
    assert {"correction_large", "limits_at_ends"} & {c.kind for c in est.cautions}


def test_profile_of_a_model_without_a_maximum_gives_a_lower_limit():
    """Nobody is on C and another list of the artificial table: [A B][C] has no estimate."""
    est = dk.estimate("artificial", dk.LogLinear(terms="[A B]", uncertainty=dk.Profile()), seed=1)
    low, high = est.interval()
    assert est.table.n_observed < low < np.inf
    assert np.isinf(high)
