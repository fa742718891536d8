import numpy as np
import pytest
from scipy.stats import gamma, lognorm, nbinom, poisson

import darkfigure as dk


def test_gamma_poisson_is_a_poisson_with_a_gamma_mean():
    prior = dk.prior.GammaPoisson(13.14, 55.17)
    population = np.array([400.0, 700.0, 1500.0])
    exact = nbinom(13.14, 1 / 56.17).logpmf(population)
    np.testing.assert_allclose(prior.log_mass(population), exact, rtol=1e-10)
    rates = gamma(13.14, scale=55.17).ppf((np.arange(20_000) + 0.5) / 20_000)
    mixed = [poisson(rates).pmf(n).mean() for n in population]
    np.testing.assert_allclose(np.exp(prior.log_mass(population)), mixed, rtol=1e-3)


def test_between_holds_its_probability():
    prior = dk.prior.Between(5_000, 7_500, prob=0.9)
    given = prior.as_log_normal()
    exact = lognorm(given.sigma, scale=given.median)
    assert exact.cdf(5_000) == pytest.approx(0.05)
    assert exact.cdf(7_500) == pytest.approx(0.95)
    assert given.quantile(0.95) == pytest.approx(7_500)
    population = np.array([4_000.0, 9_000.0])
    assert np.diff(prior.log_mass(population)) == pytest.approx(np.diff(exact.logpdf(population)))


def test_one_over_n_and_flat():
    population = np.array([10.0, 1_000.0])
    assert dk.prior.OneOverN().log_mass(population) == pytest.approx(-np.log(population))
    assert dk.prior.Flat().log_mass(population).tolist() == [0, 0]


def test_negative_binomial_by_mean_and_shape():
    prior = dk.prior.NegativeBinomial(1_000, 4)
    population = np.array([100.0, 900.0, 3_000.0])
    exact = nbinom(4, 4 / 1_004)
    np.testing.assert_allclose(prior.log_mass(population), exact.logpmf(population), rtol=1e-10)
    assert prior.range(0.9) == (exact.ppf(0.05), exact.ppf(0.95))
    assert exact.var() == pytest.approx(1_000 + 1_000**2 / 4)


def test_at_least_cuts_off_below():
    prior = dk.prior.AtLeast(500)
    mass = prior.log_mass(np.array([499.0, 500.0, 1_000.0]))
    assert mass[0] == -np.inf
    assert mass[1] - mass[2] == pytest.approx(np.log(2))
    for model in (dk.DecomposableGraphs, dk.TwoList):
        table = dk.load("palembang")
        table = table.drop("d") if model is dk.TwoList else table
        est = dk.estimate(table, model(prior=prior), seed=1)
        assert est.totals.min() == 500
    est = dk.estimate("palembang", dk.BayesianLogLinear(prior=prior), seed=1)
    assert est.totals.min() >= 500


def test_ranges_hold_their_probability():
    assert dk.prior.Between(5_000, 7_500, prob=0.9).range(0.9) == pytest.approx((5_000, 7_500))
    assert dk.prior.OneOverN().range(0.9) is None
    assert dk.prior.Flat().range(0.9) is None
    assert dk.prior.AtLeast(9).range(0.9) is None


def test_the_tilt_is_the_weight_against_one_over_n():
    population = np.array([10.0, 400.0])
    assert np.ptp(dk.prior.OneOverN().log_tilt(population)) == pytest.approx(0)
    assert np.diff(dk.prior.Flat().log_tilt(population)) == pytest.approx(np.log(40))


def test_widened_priors_on_interactions():
    assert dk.prior.Normal((3.0, 1.0)).widened(2).scale == (6.0, 2.0)
    assert dk.prior.Normal().widened(0.5) == dk.prior.Normal(1.0)
    assert dk.prior.UnitInformation().widened(2) == dk.prior.UnitInformation(2.0)
    assert dk.prior.HyperG().widened(2) == dk.prior.HyperG()
    assert dk.prior.RegularizedHorseshoe().widened(2).slab == 4.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: dk.prior.Normal(0),
        lambda: dk.prior.Normal(()),
        lambda: dk.prior.Normal((1.0, -1.0)),
        lambda: dk.prior.UnitInformation("wide"),
        lambda: dk.prior.HyperG(shape=0),
        lambda: dk.prior.RegularizedHorseshoe(expected=1.5),
        lambda: dk.prior.R2D2(mean=(0.5, 2.0)),
        lambda: dk.prior.NegativeBinomial(100, 0),
        lambda: dk.prior.AtLeast(-5),
    ],
)
def test_impossible_priors_are_refused(make):
    with pytest.raises(dk.SettingsError, match="expected"):
        make()


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (dk.prior.AtLeast(12_000), "at least 12,000"),
        (dk.prior.Between(5_000, 7_500, prob=0.9), "between 5,000 and 7,500 with probability 0.9"),
        (dk.prior.NegativeBinomial(10, 4), "between 1 and 24 with probability 0.95"),
        (dk.prior.LogNormal(1_000, 0.5), "between 375 and 2,664 with probability 0.95"),
        (dk.prior.Flat(), "as likely to be one number as another"),
    ],
)
def test_priors_in_words(prior, words):
    assert words in prior.words


SCALARS = (np.float64, np.float32, np.int64, np.uint8)


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize(
    "make",
    [
        lambda two: dk.prior.Normal(two, main=two),
        lambda two: dk.prior.Normal((two, two)),
        lambda two: dk.prior.LogNormal(two, two),
        lambda two: dk.prior.AtLeast(two),
        lambda two: dk.TwoList(odds_ratio=two, capture=(two, two)),
        lambda two: dk.DecomposableGraphs(delta=two, prior=dk.prior.Between(two, two + two)),
        lambda two: dk.BayesianLogLinear(threshold=two, interactions=dk.prior.HyperG(two)),
        lambda two: dk.NoHighestOrderInteraction(two),
        lambda two: dk.ConditionalPair("a", "b", two),
        lambda two: dk.LatentClass(capture=(two, two)),
    ],
)
def test_settings_take_numbers_of_numpy_as_those_of_python(make, scalar):
    """The same settings, written and read back the same."""
    settings, plain = make(scalar(2)), make(2)
    assert settings == plain
    assert hash(settings) == hash(plain)
    assert "np." not in repr(settings)


def test_whole_numbers_of_numpy_are_whole_numbers(tmp_path):
    prior = dk.prior.Between(np.int64(8_000), np.float64(20_000), prob=np.float64(0.9))
    model = dk.BayesianLogLinear(order=np.int64(2), prior=prior)
    assert type(model.order) is int
    assert type(dk.Bootstrap(np.int64(200)).replicates) is int
    assert type(dk.LatentClass(classes=np.int32(5)).classes) is int
    est = dk.estimate("kosovo", model, seed=1, draws=400)
    assert repr(dk.open(est.save(tmp_path / "a.nc"))) == repr(est)


@pytest.mark.parametrize(
    "make",
    [
        lambda: dk.prior.LogNormal(1, 1_000),
        lambda: dk.prior.LogNormal(1e308, 1),
        lambda: dk.prior.LogNormal(10, 1e-300),
        lambda: dk.prior.Between(1, 2, 1e-300),
        lambda: dk.prior.Between(1, 2, 1e-10),
        lambda: dk.prior.Between(1_000, 1_000.0000001),
        lambda: dk.prior.Between(1e-300, 1e300),
        lambda: dk.prior.GammaPoisson(1e300, 1e300),
        lambda: dk.prior.NegativeBinomial(1e300, 4),
        lambda: dk.prior.AtLeast(1e300),
        lambda: dk.prior.Normal(1e-200),
        lambda: dk.prior.Normal(2, main=1e200),
        lambda: dk.prior.UnitInformation(1e200),
        lambda: dk.prior.HyperG(1e-300),
        lambda: dk.prior.R2D2(concentration=1e-300),
    ],
)
def test_numbers_past_what_a_computer_works_with_are_refused(make):
    with pytest.raises(dk.SettingsError):
        make()


@pytest.mark.parametrize(
    "prior",
    [
        dk.prior.LogNormal(1, 60),
        dk.prior.LogNormal(10_000, 1e-6),
        dk.prior.GammaPoisson(1e-6, 1e15),
        dk.prior.GammaPoisson(1e12, 1e-6),
        dk.prior.NegativeBinomial(1e15, 1e12),
        dk.prior.NegativeBinomial(1e3, 1e12),
    ],
)
def test_numbers_at_the_limits_are_worked_with(prior):
    population = np.array([1.0, 1e4, 1e9, 1e15])
    assert np.isfinite(prior.log_mass(population)).all()
    low, high = prior.range(0.95)
    assert 0 <= low <= high < np.inf
    assert prior.words


@pytest.mark.parametrize("prior", [dk.prior.Normal(1e6, main=1e6), dk.prior.Normal(1e-6, 1e-6)])
def test_effects_at_the_limits_are_worked_with(prior):
    est = dk.estimate("kosovo", dk.BayesianLogLinear(interactions=prior), seed=1, draws=400)
    assert np.isfinite(est.totals).all()
    assert prior.widened(2).main == prior.main


@pytest.mark.parametrize(
    "make",
    [
        lambda: dk.prior.GammaPoisson(0, 1),
        lambda: dk.prior.GammaPoisson(1, -1),
        lambda: dk.prior.LogNormal(np.inf, 1),
        lambda: dk.prior.Between(10, 5),
        lambda: dk.prior.Between(5, 10, prob=1.5),
    ],
)
def test_impossible_settings_are_refused(make):
    with pytest.raises(dk.SettingsError):
        make()
