"""Log-linear models sampled by NUTS, against importance sampling, and against numbers by hand.

Compiling a model takes seconds: the quick tests share three compiled models.
"""

import arviz as az
import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

import darkfigure as dk
from darkfigure.errors import SettingsError
from darkfigure.models.bayesian_log_linear.layout import Layout

TERMS = "EXH*ABA*OSCE + EXH*HRW + OSCE*HRW"
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)
PRIORS = {
    "normal": dk.prior.Normal(2.0),
    "unit": dk.prior.UnitInformation(),
    "hyper-g": dk.prior.HyperG(),
    "horseshoe": dk.prior.RegularizedHorseshoe(),
    "r2d2": dk.prior.R2D2(),
}


def both(named, **settings):
    """The same model by NUTS and by importance sampling."""
    model = dk.BayesianLogLinear(terms=TERMS, interactions=PRIORS[named], **settings)
    nuts = dk.BayesianLogLinear(
        terms=TERMS, interactions=PRIORS[named], inference="nuts", **settings
    )
    return dk.estimate("kosovo", nuts, seed=1), dk.estimate("kosovo", model, seed=2)


def errors_between(nuts, exact):
    """Differences of mean, standard deviation and quantiles, in Monte Carlo errors.

    Importance draws are as good as independent (the pool is worth at least as many draws as are
    kept), NUTS draws are worth their effective number for the quantity at hand. The error of a
    mean is s/√ESS, of a standard deviation s √((κ − 1)/(4 ESS)) with κ the kurtosis, of the
    share below the other's quantile √(p(1 − p)/ESS).
    """
    a, b = nuts.to_numpy().ravel(), exact.to_numpy().ravel()

    def size(**kind):
        return 1 / (1 / float(az.ess(nuts, **kind)) + 1 / b.size)

    kurtosis = ((b - b.mean()) ** 4).mean() / b.var() ** 2
    errors = [(a.mean() - b.mean()) / (b.std() / np.sqrt(size(method="mean")))]
    sd_error = b.std() * np.sqrt((kurtosis - 1) / 4 / size(method="sd"))
    errors.append((a.std() - b.std()) / sd_error)
    for level in LEVELS:
        share = (a < np.quantile(b, level)).mean() - level
        error = np.sqrt(level * (1 - level) / size(method="quantile", prob=level))
        errors.append(share / error)
    return np.abs(errors)


@pytest.mark.parametrize(
    "prior", ["normal", "unit", pytest.param("hyper-g", marks=pytest.mark.slow)]
)
def test_agrees_with_importance_sampling(prior):
    nuts, exact = both(prior)
    ours, theirs = nuts.draws["posterior"], exact.draws["posterior"]
    names = ours["term"].to_numpy().tolist()
    assert names == theirs["term"].to_numpy().tolist()
    errors = [errors_between(ours["log_odds_unseen"], theirs["log_odds_unseen"])]
    errors += [
        errors_between(ours["effects"].sel(term=name), theirs["effects"].sel(term=name))
        for name in names
    ]
    # 11 quantities, 7 numbers each: 4.5 errors are passed by chance once in 2,000 times
    assert np.max(errors) < 4.5
    assert int(nuts.draws["sample_stats"]["diverging"].sum()) == 0


def test_prior_on_the_population_and_identification_agree_too():
    nuts, exact = both(
        "normal",
        prior=dk.prior.Between(8_000, 11_000),
        identify=dk.ConditionalPair("EXH", "HRW", odds_ratio=1.5),
    )
    errors = errors_between(nuts.population, exact.population)
    assert errors.max() < 4.5
    narrow = dk.estimate(
        "kosovo",
        dk.BayesianLogLinear(
            terms=TERMS,
            interactions=PRIORS["normal"],
            inference="nuts",
            prior=dk.prior.AtLeast(12_000),
        ),
        seed=1,
    )
    assert narrow.population.min() >= 12_000
    assert {each.kind for each in narrow.cautions} >= {"few_effective"}


def test_a_prior_that_leaves_hardly_any_draw_is_refused():
    model = dk.BayesianLogLinear(
        terms=TERMS,
        interactions=PRIORS["normal"],
        inference="nuts",
        prior=dk.prior.Between(1, 2),
    )
    with pytest.raises(dk.NotEstimable, match="worth only"):
        dk.estimate("kosovo", model, seed=1)


def test_same_seed_same_draws():
    model = dk.BayesianLogLinear(
        terms=TERMS, interactions=PRIORS["normal"], inference="nuts", chains=2, tune=300
    )
    one, same, other = (dk.estimate("kosovo", model, seed=seed, draws=400) for seed in (1, 1, 2))
    for group in ("posterior", "sample_stats", "posterior_predictive"):
        assert one.draws[group].to_dataset().equals(same.draws[group].to_dataset())
    assert not one.draws["posterior"].to_dataset().equals(other.draws["posterior"].to_dataset())
    assert one.unseen.shape == (2, 200)
    with pytest.raises(SettingsError, match="multiple of the 2 chains"):
        model.fit(dk.load("kosovo"), draws=401, rng=np.random.default_rng(1))


def test_a_compiled_model_serves_other_counts_and_names():
    both("normal")  # compiles, if this test runs first
    table = dk.load("kosovo")
    frame = table.to_frame().rename(columns=dict(zip(table.lists, "abcd", strict=True)))
    frame["count"] //= 4
    quarter = dk.CaptureTable.from_counts(frame, lists=list("abcd"))
    settings = {"terms": "a*b*c + a*d + c*d", "interactions": PRIORS["normal"]}
    nuts = dk.estimate(quarter, dk.BayesianLogLinear(**settings, inference="nuts"), seed=1)
    exact = dk.estimate(quarter, dk.BayesianLogLinear(**settings), seed=2)
    ours, theirs = (each.draws["posterior"]["log_odds_unseen"] for each in (nuts, exact))
    assert errors_between(ours, theirs).max() < 4.5
    assert nuts.draws["posterior"]["term"].to_numpy().tolist()[:3] == ["a", "b", "a + b"]


# Pareto k is high wherever a cell has nearly a parameter to itself, as here
@pytest.mark.filterwarnings("ignore:Estimated shape parameter")
def test_arviz_reads_the_draws(tmp_path):
    import matplotlib.pyplot as plt

    est = both("normal")[0]
    summary = az.summary(est.draws, var_names=["effects", "log_odds_unseen", "population"])
    assert len(summary) == 12
    assert (summary["r_hat"].astype(float) < 1.02).all()
    loo = az.loo(est.draws)
    # ten effects and the rate for fifteen cells
    assert 4 < loo.p < 16
    for plot in (az.plot_rank, az.plot_dist, az.plot_trace_dist):
        plot(est.draws, var_names=["log_odds_unseen"])
    az.plot_energy(est.draws)
    az.plot_ppc_dist(est.draws, kind="ecdf")
    plt.close("all")
    assert dk.open(est.save(tmp_path / "a.nc")).median == est.median


def test_horseshoe_finds_independence():
    """Three independent lists, N = 3,000: interactions go to zero and N comes back."""
    rng = np.random.default_rng(8)
    on = rng.random((3_000, 3)) < [0.3, 0.25, 0.2]
    on = on[on.any(axis=1)]
    histories, counts = np.unique(on.astype(int), axis=0, return_counts=True)
    frame = {**{name: histories[:, j] for j, name in enumerate("abc")}, "count": counts}
    table = dk.CaptureTable.from_counts(frame)
    est = dk.estimate(table, dk.BayesianLogLinear(inference="nuts"), seed=1)
    normal = dk.estimate(
        table, dk.BayesianLogLinear(terms="a*b + a*c + b*c", interactions=PRIORS["normal"]), seed=1
    )
    low, high = est.interval()
    assert low < 3_000 < high
    widths = [upper - lower for lower, upper in (est.interval(), normal.interval())]
    # with all three interactions free the interval is about four times that of independence
    assert widths[0] < 0.7 * widths[1]
    effects = est.draws["posterior"]["effects"].sel(term=["a + b", "a + c", "b + c"])
    assert float(np.abs(effects.mean(("chain", "draw"))).max()) < 0.2
    assert int(est.draws["sample_stats"]["diverging"].sum()) == 0
    assert {"global_scale", "local_scale", "standardised"} <= set(est.draws["posterior"].data_vars)


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["horseshoe", "r2d2"])
@pytest.mark.parametrize("dataset", ["kosovo", "uk_five_lists"])
def test_shrinking_priors_are_sane(dataset, prior):
    """Between independence and the largest model with wide priors; hardly a divergence."""
    model = dk.BayesianLogLinear(interactions=PRIORS[prior], inference="nuts")
    est = dk.estimate(dataset, model, seed=1)
    log_odds = est.draws["posterior"]["log_odds_unseen"]
    assert float(az.rhat(log_odds)) < 1.03
    assert float(az.ess(log_odds)) > 300
    assert int(est.draws["sample_stats"]["diverging"].sum()) <= 4
    # best models by BIC: Kosovo 10,357, pairwise average 14,019; UK 22,991, independence 5,992
    low, high = {"kosovo": (8_000, 12_000), "uk_five_lists": (10_000, 20_000)}[dataset]
    assert low < est.median < high


# the density, by hand


def points_of(model, seed):
    """Two points near zero, by the names of the model's unconstrained variables."""
    rng = np.random.default_rng(seed)
    return [
        {
            variable.name: np.asarray(value + 0.3 * rng.standard_normal(np.shape(value)))
            for variable, value in (
                (model.rvs_to_values[free], start)
                for free, start in zip(model.free_RVs, model.initial_point().values(), strict=True)
            )
        }
        for _ in range(2)
    ]


def likelihood_by_hand(effects, layout, terms, log_rate):
    """Poisson cells, term by term."""
    total, cells = 0.0, np.flatnonzero(layout.observed.cells)
    predictor = np.array(
        [sum(b for b, t in zip(effects, terms, strict=True) if cell & t == t) for cell in cells]
    )
    log_chance = predictor - logsumexp(predictor)
    for count, log_p in zip(layout.observed.counts[cells], log_chance, strict=True):
        rate = np.exp(log_rate + log_p)
        total += count * np.log(rate) - rate - gammaln(count + 1)
    return total


def normal_by_hand(point, layout, terms):
    deviation = np.where(np.bitwise_count(terms) == 1, 10.0, 2.0)
    return -0.5 * (point["effects"] ** 2 / deviation**2).sum(), point["effects"]


def unit_by_hand(point, layout, terms):
    """X over all 16 cells of four lists, the empty one among them: −½ βᵀ(XᵀX/16)β, centred."""
    cells = np.arange(16)
    design = ((cells[:, None] & terms) == terms).astype(float)
    design -= design.mean(axis=0)
    return -0.5 * point["effects"] @ design.T @ design @ point["effects"] / 16, point["effects"]


def horseshoe_by_hand(point, layout, terms):
    """Half-Cauchy scales with the Jacobian of their logs, and the effects that they make."""
    sizes = np.bitwise_count(terms)
    overall, local = np.exp(point["global_scale_log__"]), np.exp(point["local_scale_log__"])
    scale = 0.25 / 0.75 / np.sqrt(layout.observed.counts.sum())
    log_prior = -np.log1p((overall / scale) ** 2) + point["global_scale_log__"]
    log_prior += (-np.log1p(local**2) + point["local_scale_log__"]).sum()
    log_prior -= 0.5 * (point["standardised"] ** 2).sum()
    log_prior -= 0.5 * (point["main_effects"] ** 2).sum() / 10.0**2
    share = 0.5 ** sizes[sizes > 1]
    wide = overall * local / np.sqrt(share * (1 - share))
    spread = np.sqrt(2.0**2 * wide**2 / (2.0**2 + wide**2))
    effects = np.empty(len(terms))
    effects[sizes == 1] = point["main_effects"]
    effects[sizes > 1] = spread * point["standardised"]
    return log_prior, effects


@pytest.mark.parametrize(
    ("prior", "by_hand"),
    [("normal", normal_by_hand), ("unit", unit_by_hand), ("horseshoe", horseshoe_by_hand)],
)
def test_density_is_the_one_written_down(prior, by_hand):
    pytest.importorskip("pymc")
    table = dk.load("kosovo")
    settings = dk.BayesianLogLinear(terms=TERMS, interactions=PRIORS[prior], inference="nuts")
    model, layout = settings.build(table), Layout.of(table)
    terms = np.flatnonzero(layout.given(TERMS))[1:]
    log_density = model.compile_logp()
    values, hand = [], []
    for point in points_of(model, seed=4):
        values.append(float(log_density(point)))
        log_prior, effects = by_hand(point, layout, terms)
        hand.append(log_prior + likelihood_by_hand(effects, layout, terms, point["log_rate"]))
    assert values[1] - values[0] == pytest.approx(hand[1] - hand[0], rel=1e-9)


def test_strata_are_sampled_jointly():
    """Two strata with the same chances: the totals of each come back, and add up."""
    rng = np.random.default_rng(9)
    rows = []
    for level, people in (("m", 1_500), ("w", 3_000)):
        on = rng.random((people, 2)) < [0.4, 0.5]
        histories, counts = np.unique(on[on.any(axis=1)].astype(int), axis=0, return_counts=True)
        rows += [(*h, level, c) for h, c in zip(histories.tolist(), counts, strict=True)]
    columns = dict(zip(("a", "b", "sex", "count"), zip(*rows, strict=True), strict=True))
    table = dk.CaptureTable.from_counts(columns, lists=["a", "b"], by=["sex"])
    settings = {"terms": "a*sex + b*sex", "interactions": PRIORS["normal"]}
    nuts = dk.BayesianLogLinear(**settings, inference="nuts")
    fit = nuts.fit(table, draws=2000, rng=np.random.default_rng(1))
    exact = dk.BayesianLogLinear(**settings).fit(table, draws=2000, rng=np.random.default_rng(2))
    assert fit.unseen.shape == (4, 500, 2)
    ours, theirs = (each.groups["posterior"]["log_odds_unseen"] for each in (fit, exact))
    assert errors_between(ours, theirs).max() < 4.5
    model = nuts.build(table)
    assert model.coords["term"] == ("a", "b", "sex=w", "a + sex=w", "b + sex=w")


@pytest.mark.parametrize("model", [dk.BayesianLogLinear(terms=TERMS), dk.LatentClass(classes=2)])
def test_build_takes_what_estimate_takes(model):
    frame = dk.load("kosovo").to_frame()
    for data in ("kosovo", frame, dk.load("kosovo")):
        assert model.build(data).free_RVs
    with pytest.raises(dk.DataError, match="neither a dataset nor a file"):
        model.build("kosovi")
    with pytest.raises(dk.DataError):
        model.build(3)
