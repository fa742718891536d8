import numpy as np
import pytest

import darkfigure as dk
from darkfigure.results.modes import exact_curve, modes_of, smoothed_curve


def mixture(weights, centres, spreads):
    unseen = np.rint(np.unique(np.geomspace(1, 1e7, 6000)))
    unseen = np.unique(unseen)
    logs = np.log(unseen + 1)
    density = sum(
        w * np.exp(-0.5 * ((logs - np.log(c)) / s) ** 2) / s
        for w, c, s in zip(weights, centres, spreads, strict=True)
    )
    return exact_curve(unseen, density / (unseen + 1))


def test_two_modes_with_their_weights():
    found = modes_of(mixture([0.7, 0.3], [5e3, 1e5], [0.2, 0.3]))
    assert [mode.unseen for mode in found] == pytest.approx([5e3, 1e5], rel=0.02)
    assert [mode.weight for mode in found] == pytest.approx([0.7, 0.3], abs=0.01)
    assert found[0].high == found[1].low


def test_a_shoulder_is_no_mode():
    assert len(modes_of(mixture([0.6, 0.4], [5e3, 9e3], [0.3, 0.3]))) == 1


def test_a_mode_of_one_in_a_hundred_is_left_out():
    found = modes_of(mixture([0.99, 0.01], [5e3, 1e6], [0.2, 0.2]))
    assert len(found) == 1
    assert found[0].weight == pytest.approx(1.0)


def test_modes_of_draws():
    rng = np.random.default_rng(4)
    draws = np.concatenate([rng.lognormal(8, 0.2, 2800), rng.lognormal(11, 0.2, 1200)])
    found = modes_of(smoothed_curve(draws))
    assert [mode.unseen for mode in found] == pytest.approx(np.exp([8, 11]), rel=0.1)
    # binomial error of 0.3 over 4,000 draws is 0.007
    assert found[1].weight == pytest.approx(0.3, abs=0.02)


def test_draws_of_a_normal_have_one_mode():
    draws = np.random.default_rng(5).lognormal(8, 0.3, 4000)
    assert len(modes_of(smoothed_curve(draws))) == 1


def test_infinite_and_constant_draws():
    assert len(modes_of(smoothed_curve(np.array([5.0] * 100)))) == 1
    draws = np.append(np.random.default_rng(6).lognormal(8, 0.3, 900), [np.inf] * 100)
    assert len(modes_of(smoothed_curve(draws))) == 1


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_small_whole_numbers_are_no_modes(seed):
    # found by a stranger: the posterior rises without a dip from the people seen, but on the log
    # scale the first whole numbers lie far apart
    model = dk.BayesianLogLinear(prior=dk.prior.NegativeBinomial(130, 1e6))
    assert len(dk.estimate("palembang", model, seed=seed).modes()) == 1
