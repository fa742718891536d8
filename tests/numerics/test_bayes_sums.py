"""Bayesian log-linear models of sums and limits: against those of exact cells, and quadrature."""

import numpy as np
import pytest
from scipy.stats import norm, poisson

import darkfigure as dk
from darkfigure.models.bayesian_log_linear.effects import effects_prior
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import fit_laplace
from darkfigure.numerics.bayes_sums import ObservedSums, draw_pool_of_sums, fit_sums
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.hierarchy import hierarchical_models
from darkfigure.numerics.resampling import effective_size

PRIORS = [dk.prior.Normal(2), dk.prior.UnitInformation(), dk.prior.HyperG()]


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
@pytest.mark.parametrize("name", ["kosovo", "spina_bifida_by_ethnicity", "uk_five_lists"])
def test_exact_cells_are_a_special_case(name, prior):
    """Integrating the flat constant out exactly or by Laplace differs by one number for all."""
    layout = Layout.of(dk.load(name))
    order = min(2, layout.highest_order(None))
    models = hierarchical_models(layout.factors.variables, order, layout.possible)
    models = layout.factors.expand(models[:: max(1, len(models) // 60)])
    effects = effects_prior(prior, layout.factors)
    exact = fit_laplace(layout.observed, models, effects)
    found = fit_sums(layout.sums, models, effects)
    apart = exact.evidence - found.evidence
    assert apart.max() - apart.min() < 1e-5
    assert found.log_odds == pytest.approx(exact.log_odds, abs=1e-4)
    assert found.spread == pytest.approx(exact.spread, rel=1e-4)


# two lists: list 0 alone 30 people, both between 0 and 4; list 1 alone 8 to 11; or, in sums,
# what list 0 has in all is 33, and of the cell of both we know that it holds 1 to 12
LIMITED = ObservedSums(
    factors=Factors(2),
    start=np.array([0, 1, 2, 3]),
    cell=np.array([1, 2, 3]),
    weight=np.ones(3),
    low=np.array([30, 8, 0]),
    high=np.array([30, 11, 4]),
    unseen=np.array([0]),
)
IN_SUMS = ObservedSums(
    factors=Factors(2),
    start=np.array([0, 2, 3, 4]),
    cell=np.array([1, 3, 2, 3]),
    weight=np.array([1.0, 0.5, 1.0]),
    low=np.array([33, 9, 1]),
    high=np.array([33, 9, 12]),
    unseen=np.array([0]),
)
MAIN_ONE, INDEPENDENT = np.array([1, 1, 0, 0], dtype=bool), np.array([1, 1, 1, 0], dtype=bool)


def by_quadrature(observed, model, deviation):
    """Log evidence (without log y! of exact rows) and the mean of the log of the unseen."""
    constant = np.linspace(-12, 14, 261)
    effect = np.linspace(-7, 7, 141)
    axes = [constant, *([effect] if model[j] else [np.zeros(1)] for j in (1, 2))]
    grid = np.meshgrid(constant, *[each[0] for each in axes[1:]], indexing="ij")
    alpha, one, two = grid
    log_cells = [alpha, alpha + one, alpha + two, alpha + one + two]
    value = np.zeros(alpha.shape)
    for r, (low, high) in enumerate(zip(observed.low, observed.high, strict=True)):
        cells = observed.cell[observed.start[r] : observed.start[r + 1]]
        mean = observed.weight[r] * sum(np.exp(log_cells[c]) for c in cells)
        if low == high:
            value += low * np.log(mean) - mean
        else:
            value += np.log(
                np.maximum(poisson.cdf(high, mean) - poisson.cdf(low - 1, mean), 1e-300)
            )
    step = constant[1] - constant[0]
    for j, each in ((1, one), (2, two)):
        if model[j]:
            value += norm.logpdf(each, scale=deviation)
            step *= effect[1] - effect[0]
    mass = np.exp(value - value.max())
    return np.log(mass.sum() * step) + value.max(), (mass * alpha).sum() / mass.sum()


@pytest.mark.parametrize("model", [MAIN_ONE, INDEPENDENT], ids=["one", "independent"])
@pytest.mark.parametrize("observed", [LIMITED, IN_SUMS], ids=["limits", "sums"])
def test_weighted_draws_have_the_evidence_and_mean_of_quadrature(observed, model):
    prior = effects_prior(dk.prior.Normal(2.0, main=1.5), observed.factors)
    fits = fit_sums(observed, model[None, :], prior)
    rng = np.random.default_rng(3)
    size = 40_000
    pool = draw_pool_of_sums(observed, fits, prior, fits.evidence, size, rng)
    weight = np.exp(pool.log_weight)
    log_evidence, mean = by_quadrature(observed, model, 1.5)
    found = np.log(weight.mean()) + fits.evidence[0, 0] + 0.5 * np.log(2 * np.pi)
    noise = weight.std() / weight.mean() / np.sqrt(size)
    # the trapezium rule on these grids is good to four digits
    assert found == pytest.approx(log_evidence, abs=4 * noise + 2e-3)
    share = weight / weight.sum()
    middle = share @ pool.effects[:, 0]
    deviation = np.sqrt(share @ (pool.effects[:, 0] - middle) ** 2)
    effective = effective_size(pool.log_weight)
    assert effective > size / 4
    assert middle == pytest.approx(mean, abs=4 * deviation / np.sqrt(effective) + 2e-3)


def test_draws_do_not_depend_on_the_number_of_workers():
    layout = Layout.of(dk.load("uk_five_lists").disclose(threshold=5))
    effects = effects_prior(dk.prior.Normal(2), layout.factors)
    models = hierarchical_models(5, 2, layout.possible)
    one, many = (fit_sums(layout.sums, models, effects, workers=n) for n in (1, 2))
    np.testing.assert_array_equal(one.evidence, many.evidence)
    pools = [
        draw_pool_of_sums(
            layout.sums, one, effects, one.evidence, 500, np.random.default_rng(1), workers=n
        )
        for n in (1, 2)
    ]
    np.testing.assert_array_equal(pools[0].log_weight, pools[1].log_weight)
    np.testing.assert_array_equal(pools[0].effects, pools[1].effects)
