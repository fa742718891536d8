"""The product form of design, means and information against the matrix written out."""

import numpy as np
import pytest

from darkfigure.numerics.limited_counts import LimitedCounts
from darkfigure.numerics.pooled_counts import PooledCounts
from darkfigure.numerics.pooled_draws import Pool, weighted_draws
from darkfigure.numerics.pooled_effects import PooledEffects, exchangeable_contrasts, walk_steps
from darkfigure.numerics.pooled_laplace import conditional_mode, starting_effects
from darkfigure.numerics.pooled_scales import scale_posterior

YEARS, SEXES = 4, 2


def model(pairs=((0, 1), (0, 2), (1, 2)), *, by_year=True):
    """Three lists over four years and two sexes; pairs may walk over the years."""
    year, sex = np.divmod(np.arange(YEARS * SEXES), SEXES)
    walk = walk_steps(np.ones(YEARS - 1))[year]
    other = exchangeable_contrasts(SEXES)[sex]
    one = np.ones((YEARS * SEXES, 1))
    both = (walk[:, :, None] * other[:, None, :]).reshape(len(year), -1)
    size, by_list = np.hstack([one, walk, other, both]), np.hstack([one, walk, other])
    by_pair = np.hstack([one, walk]) if by_year else one
    steps, number = YEARS - 1, len(pairs)
    group = [-1] + [0] * steps + [-1] + [1] * steps
    group += [-1] + ([2] + [3] * steps + [4]) * 3
    group += [-1] + ([5] + [6] * (by_pair.shape[1] - 1)) * number
    deviation = np.ones(len(group))
    deviation[0], deviation[1 + steps] = np.inf, 1.5
    mean = np.zeros(len(group))
    mean[size.shape[1]] = -2.0
    return PooledEffects(
        np.arange(8), 3, np.array(pairs, dtype=int).reshape(-1, 2), size, by_list, by_pair,
        np.array(group), deviation, mean, np.full(max(group) + 1, 0.5),
    )  # fmt: skip


def matrix(effects):
    """The design matrix, cell by cell and effect by effect."""
    rows = []
    for stratum in range(effects.strata):
        for history in effects.histories:
            on = [int(history) >> j & 1 for j in range(effects.lists)]
            both = [on[i] * on[j] for i, j in effects.pairs]
            row = [effects.size[stratum], [sum(on)]]
            row += [each * effects.by_list[stratum] for each in on]
            row += [[sum(both)]]
            row += [each * effects.by_pair[stratum] for each in both]
            rows.append(np.concatenate(row))
    return np.array(rows)


def counted(effects, rng, *, gaps=False):
    """Counts of all cells but those on no list; with gaps, sums over list 2 and limits."""
    cells = np.arange(effects.cells)
    history = cells % 8
    drawn = rng.poisson(np.exp(matrix(effects) @ truth(effects)))
    start, cell, low = [0], [], []
    for each in cells[history > 0]:
        away = gaps and each < 16  # list 2 not at work in the first two strata
        if away and (history[each] & 4 or history[each] & 3 == 0):
            continue
        cell += [each, each + 4] if away else [each]
        start.append(len(cell))
        low.append(drawn[cell[start[-2] :]].sum())
    low = np.array(low)
    high = low.copy()
    if gaps:
        low, high = np.where(low < 5, 0, low), np.where(low < 5, 4, high)
    found = np.ones(len(cells), dtype=bool)
    found[cell] = False
    weight = np.ones(len(low))
    weight[:3] = 0.5 if gaps else 1.0
    return PooledCounts(
        effects, np.array(start), np.array(cell), weight, LimitedCounts(low, high), found
    )


def truth(effects):
    found = effects.mean.copy()
    found[0] = 5.0
    return found + 0.3 * np.sin(np.arange(len(found)))


@pytest.mark.parametrize("pairs", [((0, 1), (0, 2), (1, 2)), ((0, 2),), ()], ids=len)
@pytest.mark.parametrize("by_year", [True, False])
def test_the_product_form_is_the_matrix(pairs, by_year):
    effects = model(pairs, by_year=by_year)
    rng = np.random.default_rng(1)
    design, drawn = matrix(effects), rng.normal(size=(3, effects.effects))
    weight = rng.random(effects.cells)
    assert effects.means(drawn) == pytest.approx(np.exp(drawn @ design.T))
    assert effects.gradient(weight) == pytest.approx(design.T @ weight)
    assert effects.information(weight) == pytest.approx(design.T @ (weight[:, None] * design))
    cells = np.array([3, 17, 40])
    assert effects.rows(cells) == pytest.approx(design[cells])


@pytest.mark.parametrize("gaps", [False, True])
def test_slope_and_curvature_are_the_derivatives(gaps):
    """Central differences; limits and sums have curvature of their own."""
    effects = model()
    counts = counted(effects, np.random.default_rng(2), gaps=gaps)
    at, step = truth(effects) + 0.05, 1e-4
    found = counts.curvature(at)
    moved = step * np.eye(effects.effects)
    up, _ = counts.log_likelihood(at + moved)
    down, _ = counts.log_likelihood(at - moved)
    assert found.log_likelihood == pytest.approx(counts.log_likelihood(at[None])[0][0])
    assert found.slope == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
    slopes = [counts.curvature(at + m).slope - counts.curvature(at - m).slope for m in moved]
    assert found.information == pytest.approx(-np.array(slopes) / (2 * step), rel=1e-4, abs=1e-3)
    assert np.linalg.eigvalsh(found.positive()).min() > -1e-8


def test_walks_and_contrasts():
    steps = walk_steps(np.array([1.0, 4.0]))
    covariance = steps @ steps.T
    assert np.diff(steps, axis=0) == pytest.approx(np.diag([1.0, 2.0]))
    assert covariance.sum(axis=0) == pytest.approx(0.0)
    assert exchangeable_contrasts(1).shape == (1, 0)
    both = exchangeable_contrasts(4)
    assert both @ both.T == pytest.approx(np.eye(4) - 0.25)


@pytest.mark.parametrize("gaps", [False, True])
def test_the_mode_is_one(gaps):
    effects = model()
    counts = counted(effects, np.random.default_rng(3), gaps=gaps)
    log_scale = np.log(np.full(effects.scales, 0.3))
    mode = conditional_mode(counts, log_scale, starting_effects(counts))
    slope = counts.curvature(mode.effects).slope
    slope -= (mode.effects - effects.mean) / effects.deviations(log_scale) ** 2
    spread = np.linalg.inv(mode.root @ mode.root.T)
    assert float(slope @ spread @ slope) < 1e-8
    other = conditional_mode(counts, log_scale, truth(effects))
    assert other.effects == pytest.approx(mode.effects, abs=1e-4)
    # the curvature is taken one last step before the mode, of less than 5e-5 deviations
    assert other.log_evidence == pytest.approx(mode.log_evidence, abs=1e-4)


def test_weighted_draws_are_those_of_the_posterior():
    """Nine people on three lists: prior draws weighed by the likelihood are the brute force.

    With a flat log size the likelihood of the effects is that of the histories of those seen.
    """
    one = np.ones((1, 1))
    effects = PooledEffects(
        np.arange(8), 3, np.array([[0, 1], [0, 2], [1, 2]]), one, one, one,
        np.array([-1, -1, 0, 0, 0, -1, 1, 1, 1]),
        np.array([np.inf, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        np.array([0.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), np.array([1.0, 1.0]),
    )  # fmt: skip
    low = np.array([2, 1, 1, 2, 1, 1, 1])
    counts = PooledCounts(
        effects, np.arange(8), np.arange(1, 8), np.ones(7), LimitedCounts(low, low),
        np.arange(8) == 0,
    )  # fmt: skip
    rng = np.random.default_rng(4)
    pool = weighted_draws(scale_posterior(counts), None, draws=20_000, rng=rng)
    kept = pool.resampled(20_000, rng)
    means = effects.means(pool.effects[kept])
    mine = np.log(means[:, 0]) - np.log(means[:, 1:].sum(axis=1))

    prior, log_scale = effects.draw_prior(1_000_000, rng)
    means = effects.means(prior)
    chances = means[:, 1:] / means[:, 1:].sum(axis=1, keepdims=True)
    weight = np.exp(np.log(chances) @ low - (np.log(chances) @ low).max())
    assert weight.sum() ** 2 / (weight**2).sum() > 10_000
    again = rng.choice(len(weight), 100_000, p=weight / weight.sum())
    theirs = np.log(means[again, 0]) - np.log(means[again, 1:].sum(axis=1))

    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    # a quantile of 4,000 effective draws: 0.034 standard deviations at 5 %, three of them
    assert np.quantile(mine, levels) == pytest.approx(
        np.quantile(theirs, levels), abs=0.1 * theirs.std()
    )
    scales = pool.log_scale[kept, 1], log_scale[again, 1]
    # 400 draws of the scale, spread evenly: independent ones would have an error of 0.08
    assert np.quantile(scales[0], levels[1:]) == pytest.approx(
        np.quantile(scales[1], levels[1:]), abs=0.15 * scales[1].std()
    )


def test_a_pool_is_worth_no_more_than_its_scales():
    rng = np.random.default_rng(5)
    size, groups = 4000, 20
    group = np.arange(size) % groups
    unseen = np.exp(rng.normal(size=groups)[group])  # all the variance is between the groups

    def pool(log_weight, unseen):
        return Pool(np.zeros((size, 1)), np.zeros((size, 1)), log_weight, unseen, group)

    even = np.zeros(size)
    assert pool(even, unseen).effective == pytest.approx(groups)
    assert pool(even, np.exp(rng.normal(size=size))).effective > 0.3 * size
    one = np.where(np.arange(size) == 0, 0.0, -50.0)
    assert pool(one, np.exp(rng.normal(size=size))).effective == pytest.approx(1.0)
    assert pool(np.full(size, -np.inf), unseen).effective == 0.0
