"""A PyMC model of the user's own. Compiling takes seconds, so that one model serves most tests."""

import arviz as az
import numpy as np
import pytest

import darkfigure as dk
from darkfigure import nuts, progress, sampling
from darkfigure.errors import NotEstimable, SettingsError

pm = pytest.importorskip("pymc")
pt = pytest.importorskip("pytensor.tensor")

BOTH, FIRST, SECOND = 20, 60, 40
TABLE = dk.CaptureTable.from_counts(
    {"a": [1, 1, 0], "b": [1, 0, 1], "count": [BOTH, FIRST, SECOND]}
)


def two_lists(counts=(BOTH, FIRST, SECOND)):
    """Two independent lists with uniform capture probabilities: TwoList() by NUTS.

    Under p(N) ∝ 1/N the likelihood of the seen given that they were is multinomial.
    """
    with pm.Model(coords={"history": ["a+b", "a", "b"]}) as model:
        people = pm.Data("people", np.array(counts), dims="history")
        a, b = pm.Beta("capture", 1.0, 1.0, shape=2)
        missed = (1 - a) * (1 - b)
        pm.Deterministic("log_odds_unseen", pt.log(missed) - pt.log1p(-missed))
        pm.Deterministic("overlap", pt.outer(pt.stack([a, b]), pt.stack([a, b])))
        chances = pt.stack([a * b, a * (1 - b), b * (1 - a)]) / (1 - missed)
        rate = pm.Flat("log_rate", initval=4.0)
        pm.Poisson("counts", pt.exp(rate) * chances, observed=people, dims="history")
    return model


@pytest.fixture(scope="module")
def model():
    return two_lists()


@pytest.fixture(scope="module")
def fit(model):
    return sampling.sample(model, TABLE, rng=np.random.default_rng(1))


def shares_below(fit, exact, levels=(0.025, 0.25, 0.5, 0.75, 0.975)):
    """How far the share of draws below each exact quantile is from its level, in errors.

    The error of a share p is √(p(1 − p)/ESS), for as many effective draws as the quantile has;
    half a step either way for counts.
    """
    errors = []
    for level in levels:
        at = np.quantile(exact, level)
        below = (fit.unseen < at).mean() + (fit.unseen == at).mean() / 2
        size = float(az.ess(fit.unseen, method="quantile", prob=level))
        size = 1 / (1 / size + 1 / exact.size)
        errors.append((below - level) / np.sqrt(level * (1 - level) / size))
    return np.abs(errors)


def test_two_independent_lists_give_the_exact_posterior(fit):
    exact = dk.TwoList().fit(TABLE, draws=40_000, rng=np.random.default_rng(2)).unseen
    # five quantiles: 4 errors are passed by chance less than once in 3,000 times
    assert shares_below(fit, exact).max() < 4


def test_a_prior_on_the_population_is_put_in_by_weights(model):
    prior = dk.prior.LogNormal(400.0, 0.3)
    rng = np.random.default_rng(3)
    fit = sampling.sample(model, TABLE, rng=rng, prior=prior)
    exact = dk.TwoList(prior=prior).fit(TABLE, draws=40_000, rng=rng).unseen
    assert shares_below(fit, exact).max() < 4
    assert fit.unseen.shape == (4, 1000)
    assert fit.cautions == ()


def test_groups_are_in_the_arviz_schema(fit):
    posterior, stats = fit.groups["posterior"], fit.groups["sample_stats"]
    assert set(posterior.data_vars) == {"capture", "log_odds_unseen", "log_rate"}
    assert {"diverging", "energy", "lp", "tree_depth", "step_size"} <= set(stats.data_vars)
    assert stats["diverging"].dims == ("chain", "draw")
    assert int(stats["diverging"].sum()) == 0
    np.testing.assert_array_equal(fit.groups["observed_data"]["counts"], [BOTH, FIRST, SECOND])
    assert fit.groups["log_likelihood"]["counts"].dims == ("chain", "draw", "history")
    drawn = fit.groups["posterior_predictive"]["counts"].mean(("chain", "draw"))
    # three cells, two free chances: nearly saturated; the prior pulls by about one person
    np.testing.assert_allclose(drawn, [BOTH, FIRST, SECOND], atol=3)


def test_the_model_is_left_as_it_was(model, fit):
    assert [model.rvs_to_initial_values[each] for each in model.free_RVs][-1] == 4.0


def test_what_the_model_lacks_is_said(model):
    rng = np.random.default_rng(1)
    with pytest.raises(SettingsError, match="no variable 'log_odds'") as error:
        sampling.sample(model, TABLE, rng=rng, log_odds="log_odds")
    assert "log_odds_unseen" in error.value.hint
    with pytest.raises(SettingsError, match="2 dimensions"):
        sampling.sample(model, TABLE, rng=rng, log_odds="overlap")
    with pytest.raises(SettingsError, match="add up to 120, and the table has 8,234"):
        sampling.sample(model, dk.load("netherlands"), rng=rng)
    with pytest.raises(SettingsError, match="multiple of the 4 chains") as error:
        sampling.sample(model, TABLE, draws=4001, rng=rng)
    assert error.value.hint == "draws=4000"


def test_discrete_variables_are_refused():
    with pm.Model() as model:
        unseen = pm.Geometric("unseen", 0.1)
        pm.Deterministic("log_odds_unseen", pt.log(unseen))
    with pytest.raises(NotEstimable, match=r"discrete variables \(unseen\)"):
        sampling.sample(model, TABLE, rng=np.random.default_rng(1))


def test_no_finite_density_is_said():
    with pm.Model() as model:
        odds = pm.Normal("log_odds_unseen")
        pm.Potential("impossible", pt.log(-pt.exp(odds)))
    with pytest.raises(NotEstimable, match="could not sample"):
        nuts.run_nuts(model, draws=8, chains=4, tune=100, rng=np.random.default_rng(1))


def test_same_key_same_compiled_model(monkeypatch):
    import nutpie

    compiled, compile_model = [], nutpie.compile_pymc_model
    monkeypatch.setattr(
        nutpie, "compile_pymc_model", lambda *a, **k: compiled.append(a) or compile_model(*a, **k)
    )
    told = []
    settings = {"draws": 4000, "chains": 4, "tune": 500, "key": "two lists"}
    with progress.listening(lambda *each: told.append(each)):
        first = nuts.run_nuts(two_lists(), rng=np.random.default_rng(5), **settings)
        again = nuts.run_nuts(two_lists(), rng=np.random.default_rng(5), **settings)
    other = nuts.run_nuts(two_lists((200, 600, 400)), rng=np.random.default_rng(5), **settings)
    assert len(compiled) == 1
    assert first["posterior"].equals(again["posterior"])
    assert first["sample_stats"].equals(again["sample_stats"])
    assert all(done <= total == 6000 for _, done, total in told)
    # ten times as many people: the counts are read anew
    rate = float(other["posterior"]["log_rate"].mean() - first["posterior"]["log_rate"].mean())
    assert rate == pytest.approx(np.log(10), abs=0.05)


def test_weights_leave_chains_apart():
    population = np.array([[100.0, 200.0, 300.0, 400.0], [100.0, 100.0, 100.0, 200.0]])
    population = np.tile(population, (1, 25))
    found = sampling.reweight(dk.prior.AtLeast(150.0), population, np.random.default_rng(1))
    assert set(found.index[0] % 4) == {1, 2, 3}
    np.testing.assert_array_equal(found.index[1] % 4, 3)
    assert [each.kind for each in found.cautions] == ["few_effective"]
    with pytest.raises(NotEstimable, match="from 100 to 400 people"):
        sampling.reweight(dk.prior.AtLeast(300.0), population, np.random.default_rng(1))


def test_a_multinomial_has_one_log_likelihood():
    table = dk.load("palembang")
    counts = table.counts()[1:]
    on = np.array([[code >> j & 1 for j in range(3)] for code in range(1, 8)], dtype=float)
    with pm.Model() as multinomial:
        effect = pm.math.dot(on, pm.Normal("effects", 0, 3, shape=3))
        total = pm.math.logsumexp(effect)
        pm.Multinomial("counts", n=counts.sum(), p=pm.math.exp(effect - total), observed=counts)
        pm.Deterministic("log_odds_unseen", -total)
    fit = dk.sample(multinomial, table, rng=1, draws=400, tune=200)
    assert fit.groups["posterior_predictive"]["counts"].dims[2:] == ("history",)
    assert fit.groups["log_likelihood"]["counts"].shape == (4, 100)


def test_what_is_no_model_or_prior_is_said():
    table = dk.load("palembang")
    with pytest.raises(dk.SettingsError, match="expected a PyMC model"):
        dk.sample("a model", table, rng=1)
    with pytest.raises(dk.SettingsError, match="Flat"):
        dk.sample(pm.Model(), table, rng=1, prior=dk.prior.Flat)
    with pytest.raises(dk.SettingsError, match="seed"):
        dk.sample(pm.Model(), table, rng="one")
