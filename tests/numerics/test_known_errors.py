"""How errors are learned: against brute-force integration, and by simulation."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chisquare, norm, t

from darkfigure.numerics.known_errors import (
    LEVELS,
    PRIOR_SD,
    SLOPE_SD,
    Form,
    Known,
    Learned,
    given_own,
    learn,
    log_marginal,
    log_spread,
    predict,
)

FULL = Form()
ADDED = Form(spread="added")
PLAIN = Form(spread="no", shrinks=False)


def simulated(values, rng, populations=8, each=5):
    """Errors drawn from the model itself."""
    shift, between, scale, spread, slope, power = values
    size = populations * each
    group = np.repeat(np.arange(populations), each)
    median, log_seen = rng.normal(6, 1, size), rng.normal(5, 0.5, size)
    spread_of_draws = np.exp(rng.normal(-0.7, 0.7, size))[:, None]
    quantiles = median[:, None] + spread_of_draws * norm.ppf(LEVELS)
    draw = quantiles[np.arange(size), rng.integers(len(LEVELS), size=size)]
    shifts = rng.normal(shift, between, populations)
    odds = median - log_seen - 1.0
    truth = median + shifts[group] + slope * odds + spread * (draw - median)
    relative = ((quantiles[:, -1] - quantiles[:, 0]) / 3.92 + 0.1) / 0.5
    truth = truth + scale * relative**power * rng.standard_t(4, size)
    return Known(truth, quantiles, median, log_seen, group, np.ones(size))


def nothing():
    known = simulated((0, 1, 1, 1, 0, 0), np.random.default_rng(0))
    return known.take(np.zeros(len(known.truth), dtype=bool))


def test_the_shift_of_each_population_is_integrated_out():
    values = np.array([0.3, 0.4, 0.35, 0.6, -0.2, 0.3])
    known = simulated(values, np.random.default_rng(1), populations=3, each=2)

    def density(mu, tasks):
        centre = known.median[tasks] + mu - 0.2 * known.odds[tasks]
        inside = 0.6 * (known.quantiles[tasks] - known.median[tasks, None])
        scale = 0.35 * np.exp(0.3 * known.log_spread[tasks])[:, None]
        each = t.pdf((known.truth[tasks] - centre)[:, None] - inside, 4, scale=scale)
        return each.mean(axis=1).prod() * norm.pdf(mu, 0.3, 0.4)

    exact = sum(
        np.log(quad(density, -4, 5, args=(np.flatnonzero(known.group == g),), limit=200)[0])
        for g in range(3)
    )
    # the grid ends at four standard deviations, beyond which lie 6e-5
    assert log_marginal(values, known) == pytest.approx(exact, abs=5e-4)


def test_the_grid_is_fine_enough_for_little_noise_between_very_different_populations():
    values = np.array([0.2, 1.0, 0.03, 0.0, 0.0, 0.4])
    known = simulated(values, np.random.default_rng(4), populations=2, each=3)

    def density(mu, tasks):
        scale = 0.03 * np.exp(0.4 * known.log_spread[tasks])
        left = known.truth[tasks] - known.median[tasks] - mu
        return t.pdf(left, 4, scale=scale).prod() * norm.pdf(mu, 0.2, 1.0)

    exact = 0.0
    for g in range(2):
        tasks = np.flatnonzero(known.group == g)
        near = float(np.median(known.truth[tasks] - known.median[tasks]))
        points = np.linspace(near - 0.5, near + 0.5, 21)
        exact += np.log(
            sum(quad(density, a, b, args=(tasks,))[0] for a, b in itertools.pairwise(points))
        )
    assert log_marginal(values, known) == pytest.approx(exact, abs=2e-3)


def test_a_task_of_half_weight_counts_half():
    values = np.array([0.0, 1e-6, 0.5, 0.5, 0.0, 0.5])  # no differences between populations
    known = simulated((0, 0.1, 0.5, 0.5, 0, 0.5), np.random.default_rng(2), 2, 3)
    half = Known(**{**vars(known), "weight": np.full(6, 0.5)})
    assert log_marginal(values, half) == pytest.approx(0.5 * log_marginal(values, known), rel=1e-6)


def test_parameters_are_those_of_brute_force_integration():
    """Shift, between and scale on a grid, each log scale with the half-normal prior."""
    known = simulated((0.4, 0.4, 0.4, 0.0, 0.0, 0.0), np.random.default_rng(3))
    learned = learn(known, form=PLAIN, rng=np.random.default_rng(4), size=2_000)
    shifts = np.linspace(-1.2, 2.0, 25)
    scales = np.linspace(np.log(0.02), np.log(2.5), 28)
    grid = np.array([(a, np.exp(b), np.exp(c)) for a in shifts for b in scales for c in scales])
    log_mass = np.array([log_marginal(np.array([*point, 0.0, 0.0, 0.0]), known) for point in grid])
    log_mass += norm.logpdf(grid / PRIOR_SD).sum(axis=1) + np.log(grid[:, 1:]).sum(axis=1)
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    mean = mass @ grid
    sd = np.sqrt(mass @ (grid - mean) ** 2)
    found = learned.weight @ learned.values[:, :3]
    # 2,000 weighted draws are worth 1,000 and more: standard errors of 3 % of the sd
    assert np.abs(found - mean).max() < 0.12 * sd.max()
    spread = np.sqrt(learned.weight @ (learned.values[:, :3] - found) ** 2)
    assert spread == pytest.approx(sd, rel=0.12)
    assert 1 / (learned.weight**2).sum() > 800


def test_own_tasks_move_the_shift():
    rng = np.random.default_rng(5)
    learned = learn(simulated((0, 0.5, 0.3, 0.0, 0, 0.5), rng), form=FULL, rng=rng, size=500)
    own = simulated((1.2, 1e-9, 0.1, 0.0, 0.0, 0.0), rng, populations=1, each=5)
    draws = 6 + 0.5 * rng.standard_normal(4_000)
    alone = predict(draws, 5.0, learned, nothing(), np.random.default_rng(1))
    moved = predict(draws, 5.0, given_own(learned, own), own, np.random.default_rng(1))
    assert 0.5 < np.median(moved) - np.median(alone) < 1.3
    assert np.ptp(np.quantile(moved, [0.05, 0.95])) < np.ptp(np.quantile(alone, [0.05, 0.95]))


def test_the_power_of_the_spread_is_found():
    """Errors whose scale grows with the model's own spread, and errors whose scale does not."""
    for power in (0.0, 0.8):
        values = (0.2, 0.3, 0.4, 0.0, 0.0, power)
        known = simulated(values, np.random.default_rng(9), populations=30, each=5)
        learned = learn(known, form=FULL, rng=np.random.default_rng(10), size=500)
        mean = learned.weight @ learned.values[:, 5]
        sd = np.sqrt(learned.weight @ (learned.values[:, 5] - mean) ** 2)
        assert sd < 0.2
        assert abs(mean - power) < 3 * sd


def test_a_model_that_is_sure_of_itself_gets_a_shorter_interval_where_spread_tells():
    values = np.tile([0.0, 0.1, 0.4, 0.0, 0.0, 0.7], (1_000, 1))
    learned = Learned(values, np.zeros(1_000), values[0])
    widths = []
    for sd in (0.05, 1.0):
        draws = 6 + sd * norm.ppf((np.arange(4_000) + 0.5) / 4_000)
        drawn = predict(draws, 5.0, learned, nothing(), np.random.default_rng(1))
        widths.append(np.ptp(np.quantile(drawn, [0.25, 0.75])))
    # by the form: ((1 + .1) / (.05 + .1))^.7 = 4.03, a little less for the differences of .1
    assert widths[1] / widths[0] == pytest.approx(4.03, rel=0.15)


def test_draws_all_alike_have_a_spread():
    assert np.isfinite(log_spread(np.array(3.0), np.array(3.0)))


def test_same_seed_same_draws():
    known = simulated((0.3, 0.3, 0.4, 0.0, -0.1, 0.5), np.random.default_rng(6))
    first, again = (
        predict(
            known.quantiles[0],
            5.0,
            learn(known, form=FULL, rng=np.random.default_rng(7), size=200),
            nothing(),
            np.random.default_rng(8),
        )
        for _ in range(2)
    )
    assert (first == again).all()


def _rank(rng, form):
    """Where the truth of a new population falls among its predictive draws."""
    values = np.array(
        [
            rng.normal(),
            abs(rng.normal()),
            abs(rng.normal()),
            abs(rng.normal()) if form.spread == "added" else 0.0,
            SLOPE_SD * rng.normal() if form.shrinks else 0.0,
            SLOPE_SD * rng.normal() if form.spread == "power" else 0.0,
        ]
    )
    every = simulated(values, rng, populations=7, each=4)
    last = every.group == 6
    target = np.flatnonzero(last)[0]
    own = last.copy()
    own[target] = False
    learned = learn(every.take(~last), form=form, rng=rng, size=300)
    mine = Known(**{**vars(every.take(own)), "group": np.zeros(own.sum(), dtype=int)})
    draws = np.repeat(every.quantiles[target], 25)
    drawn = predict(draws, every.log_seen[target], given_own(learned, mine), mine, rng)
    return (drawn < every.truth[target]).mean()


def test_intervals_hold_the_truth_where_errors_are_exchangeable():
    ranks = np.array([_rank(np.random.default_rng(100 + i), FULL) for i in range(40)])
    # 90 % intervals; 40 draws of which fewer than 31 are inside have a chance of 1 in 100
    assert ((ranks > 0.05) & (ranks < 0.95)).sum() >= 31


@pytest.mark.slow
@pytest.mark.parametrize("form", [FULL, ADDED, PLAIN], ids=["full", "added", "plain"])
def test_ranks_of_the_truth_are_uniform(form):
    ranks = np.array([_rank(np.random.default_rng(1_000 + i), form) for i in range(1_000)])
    numbers = np.histogram(ranks, np.linspace(0, 1, 11))[0]
    assert chisquare(numbers).pvalue > 0.001
