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
