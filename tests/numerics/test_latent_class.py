import itertools

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import kstest

from darkfigure.convergence import agreement
from darkfigure.numerics.class_chains import ClassPrior
from darkfigure.numerics.class_mixture import observable_probability, prior_log_odds
from darkfigure.numerics.kernels import variates
from darkfigure.numerics.kernels.log_gamma import log_gamma_difference
from darkfigure.numerics.latent_class import Length, sample_latent_classes

# three lists, six people, lists 1 and 2 more often together than apart
TINY = np.array([0, 1, 1, 2, 1, 0, 0, 1])
KOSOVO = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
UNIFORM = {"concentration": (0.25, 0.25), "capture": (1.0, 1.0)}


def log_mass(population):
    """Negative binomial with size 4 and mean 12."""
    return gammaln(population + 4) - gammaln(population + 1) + population * np.log(0.75)


def log_tilt(population):
    return log_mass(population) + np.log(population)


def exact_unseen(counts, prior, top):
    """P(n0 = 0 ... top − 1) by summing over every allocation; α by quadrature."""
    K, (a, b) = prior.classes, prior.capture
    cells = np.flatnonzero(counts)
    k = len(counts).bit_length() - 1
    on = (cells[:, None] >> np.arange(k)) & 1
    t = np.linspace(-16, 5, 40)
    log_alpha = prior.concentration[0] * t - prior.concentration[1] * np.exp(t)
    alpha = np.exp(t)
    unseen = np.array([p for p in itertools.product(range(top), repeat=K) if sum(p) < top])
    total = unseen.sum(axis=1)
    log_p = np.full(top, -np.inf)
    for split in itertools.product(*[compositions(int(counts[c]), K) for c in cells]):
        by_cell = np.array(split)
        m, s = by_cell.sum(axis=0), by_cell.T @ on
        M = m + unseen
        sticks = np.tile(log_alpha, (len(M), 1))
        for z in range(K - 1):
            behind = M[:, z + 1 :].sum(axis=1)[:, None]
            here = M[:, z][:, None]
            sticks += t + gammaln(1 + here) + gammaln(alpha + behind)
            sticks -= gammaln(1 + alpha + here + behind)
        value = np.logaddexp.reduce(sticks, axis=1) - gammaln(by_cell + 1).sum()
        value += gammaln(counts.sum() + total + 1) - gammaln(unseen + 1).sum(axis=1)
        value += log_mass(counts.sum() + total)
        for j in range(k):
            value += (gammaln(a + s[:, j]) + gammaln(b + M - s[:, j]) - gammaln(a + b + M)).sum(1)
        np.logaddexp.at(log_p, total, value)
    return np.exp(log_p - np.logaddexp.reduce(log_p))


def compositions(total, parts):
    return [p for p in itertools.product(range(total + 1), repeat=parts) if sum(p) == total]


@pytest.mark.parametrize(
    ("classes", "capture", "top"), [(1, (1.0, 1.0), 80), (2, (0.5, 1.5), 80), (3, (1.0, 1.0), 20)]
)
def test_agrees_with_enumeration(classes, capture, top):
    """Every move leaves the exact posterior as it is: 96,000 draws against a sum over all."""
    prior = ClassPrior(classes, (0.25, 0.25), capture, log_tilt)
    exact = exact_unseen(TINY, prior, top)
    found = sample_latent_classes(
        TINY,
        prior,
        Length(8, 12_000, 40_000),
        draws=12_000,
        judge=agreement,
        rng=np.random.default_rng(1),
    )
    share = np.bincount(found.unseen.ravel().astype(int), minlength=top)[:top] / found.unseen.size
    # of at least 20,000 effective draws, a probability has a standard error below .0036; the
    # truncated sum (top) leaves out less than .002
    np.testing.assert_allclose(share, exact, atol=4 * 0.0036)
    error = np.sqrt((exact * np.arange(top) ** 2).sum() / 20_000)
    assert found.unseen.mean() == pytest.approx((exact * np.arange(top)).sum(), abs=5 * error)


def test_kosovo():
    """A converged chain of another program gave 10,401 (8,947 to 13,549)."""
    found = sample_latent_classes(
        KOSOVO, ClassPrior(10, **UNIFORM), Length(16, 2000, 14_000), draws=250,
        judge=agreement, rng=np.random.default_rng(1),
    )  # fmt: skip
    low, median, high = np.quantile(found.unseen + KOSOVO.sum(), [0.025, 0.5, 0.975])
    # with some 400 effective draws the median has a standard error near 60, the limits near 300
    assert median == pytest.approx(10_401, abs=240)
    assert low == pytest.approx(8_947, abs=600)
    assert high == pytest.approx(13_549, abs=1_200)


def test_one_class_is_independence():
    """Independent lists on Kosovo: 7,388 (7,142 to 7,652)."""
    found = sample_latent_classes(
        KOSOVO, ClassPrior(1, **UNIFORM), Length(16, 1000, 3000), draws=250,
        judge=agreement, rng=np.random.default_rng(1),
    )  # fmt: skip
    quantiles = np.quantile(found.unseen + KOSOVO.sum(), [0.025, 0.5, 0.975])
    np.testing.assert_allclose(quantiles, [7_142, 7_388, 7_652], atol=20)  # 4,000 draws
    assert found.agreement.holds


def test_threads_do_not_change_a_result():
    def run(workers):
        return sample_latent_classes(
            KOSOVO, ClassPrior(10, **UNIFORM), Length(4, 300, 900), draws=50,
            judge=agreement, rng=np.random.default_rng(3), workers=workers,
        )  # fmt: skip

    one, two = run(1), run(2)
    np.testing.assert_array_equal(one.unseen, two.unseen)
    np.testing.assert_array_equal(one.capture, two.capture)


def test_order_of_lists_does_not_change_a_result():
    histories = np.arange(16)
    bits = (histories[:, None] >> np.arange(4)) & 1
    turned = np.zeros(16, dtype=int)
    turned[(bits[:, ::-1] << np.arange(4)).sum(axis=1)] = KOSOVO

    def run(counts):
        return sample_latent_classes(
            counts, ClassPrior(10, **UNIFORM), Length(4, 300, 900), draws=50,
            judge=agreement, rng=np.random.default_rng(3),
        )  # fmt: skip

    mine, theirs = run(KOSOVO), run(turned)
    np.testing.assert_array_equal(mine.unseen, theirs.unseen)
    np.testing.assert_array_equal(mine.capture, theirs.capture[..., ::-1])


def test_draws_hang_together():
    found = sample_latent_classes(
        KOSOVO, ClassPrior(6, **UNIFORM), Length(4, 300, 900), draws=50,
        judge=agreement, rng=np.random.default_rng(3),
    )  # fmt: skip
    np.testing.assert_allclose(found.people.sum(axis=-1), found.unseen + KOSOVO.sum())
    np.testing.assert_allclose(found.weight.sum(axis=-1), 1.0)
    assert (np.diff(found.people, axis=-1) <= 0).all()
    missed = (found.weight * (1 - found.capture).prod(axis=-1)).sum(axis=-1)
    np.testing.assert_allclose(found.log_odds, np.log(missed / (1 - missed)), rtol=1e-8)
    observable = observable_probability(found.weight, found.capture)
    np.testing.assert_allclose(observable.sum(axis=-1), 1.0)
    first = found.weight * found.capture[..., 0] * (1 - found.capture[..., 1:]).prod(axis=-1)
    np.testing.assert_allclose(observable[..., 1], first.sum(axis=-1) / (1 - missed))


def test_prior_of_the_unseen_with_one_class():
    """Uniform chances on three lists: log π0 is a sum of three logs of uniforms, Gamma(3)."""
    log_odds = prior_log_odds(1, (0.25, 0.25), (1.0, 1.0), 3, 20_000, np.random.default_rng(1))
    log_missed = -np.log1p(np.exp(-log_odds))
    assert kstest(-log_missed, "gamma", args=(3,)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "arguments", "distribution", "parameters"),
    [
        ("poisson", (3.5,), "poisson", (3.5,)),
        ("poisson", (250.0,), "poisson", (250.0,)),
        ("binomial", (12.0, 0.3), "binom", (12, 0.3)),
        ("binomial", (900.0, 0.8), "binom", (900, 0.8)),
        ("gamma_variate", (1.0,), "gamma", (1.0,)),
        ("gamma_variate", (7.5,), "gamma", (7.5,)),
        # beyond every table, where plain log-gammas would cancel
        ("poisson", (3e12,), "poisson", (3e12,)),
        ("binomial", (1e13, 0.3), "binom", (1e13, 0.3)),
        ("binomial", (1e13, 2e-12), "binom", (1e13, 2e-12)),
        ("gamma_variate", (1e13,), "gamma", (1e13,)),
    ],
)
def test_variates(name, arguments, distribution, parameters):
    import scipy.stats

    state = np.random.default_rng(5).integers(1, 2**64, 4, dtype=np.uint64)
    drawn = np.array([getattr(variates, name)(*arguments, state) for _ in range(20_000)])
    known = getattr(scipy.stats, distribution)(*parameters)
    if distribution != "gamma":  # continuous by a uniform within each step
        step = np.random.default_rng(6).random(len(drawn))
        drawn = known.cdf(drawn - 1) + step * known.pmf(drawn)
    else:
        drawn = known.cdf(drawn)
    assert kstest(drawn, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("poisson", (np.nan,)), ("binomial", (50.0, np.nan)), ("gamma_variate", (np.nan,))],
)
def test_variates_of_no_distribution_end(name, arguments):
    state = np.random.default_rng(5).integers(1, 2**64, 4, dtype=np.uint64)
    assert np.isnan(getattr(variates, name)(*arguments, state))


def test_log_of_tiny_gammas():
    """−log of a Gamma(c) variate times c tends to an exponential as c tends to 0."""
    state = np.random.default_rng(5).integers(1, 2**64, 4, dtype=np.uint64)
    drawn = np.array([variates.log_gamma_variate(1e-6, state) for _ in range(5_000)])
    assert kstest(-1e-6 * drawn, "expon").pvalue > 1e-3


@pytest.mark.parametrize(("a", "b"), [(0.3, 2.5), (40.0, 12.0), (1e12 + 3.0, 1e12)])
def test_log_gamma_difference(a, b):
    exact = (
        gammaln(a) - gammaln(b) if a < 1e6 else np.log(1e12) + np.log(1e12 + 1) + np.log(1e12 + 2)
    )
    assert log_gamma_difference(a, b) == pytest.approx(exact, rel=1e-9)
