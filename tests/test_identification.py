"""Identifying assumptions against published numbers and against each other."""

import numpy as np
import pytest

import darkfigure as dk

KOSOVO = dk.load("kosovo").counts().astype(float)
LISTS = ("EXH", "ABA", "OSCE", "HRW")


def unseen(assumption, counts=KOSOVO, lists=LISTS):
    with np.errstate(divide="ignore"):
        given = np.log(counts / counts[1:].sum())
    return counts[1:].sum() * np.exp(assumption.log_odds(given[None, :], lists, None)[0])


def test_no_highest_order_interaction_of_the_saturated_table():
    """Aleshin-Guendel, Sadinle & Wakefield (2024): n0 = 12,541.9 on Kosovo, N = 16,941.9."""
    assert unseen(dk.NoHighestOrderInteraction()) == pytest.approx(12_541.9, abs=0.1)


def test_xi_divides_the_unseen_for_every_number_of_lists():
    for counts, lists in [(KOSOVO, LISTS), (dk.load("spina_bifida").counts() * 1.0, "abc")]:
        base = unseen(dk.NoHighestOrderInteraction(), counts, lists)
        assert unseen(dk.NoHighestOrderInteraction(2.5), counts, lists) == pytest.approx(base / 2.5)


@pytest.mark.parametrize(
    ("pair", "total"),
    [("12", 9_799), ("13", 9_043), ("14", 7_665), ("23", 8_045), ("24", 12_741), ("34", 6_729)],
)
def test_conditional_pairs_of_kosovo(pair, total):
    """Dulce Rubio & Kennedy (2024): each pair of lists, by number, gives this total."""
    assumption = dk.ConditionalPair(*(LISTS[int(number) - 1] for number in pair))
    assert 4_400 + unseen(assumption) == pytest.approx(total, abs=0.6)


def test_the_odds_ratio_multiplies_the_unseen():
    base = unseen(dk.ConditionalPair("EXH", "ABA"))
    assert unseen(dk.ConditionalPair("EXH", "ABA", odds_ratio=4.74)) == pytest.approx(4.74 * base)
    # at a claim of 30,000 killings the pair's odds ratio would be 4.74 (same source)
    assert (30_000 - 4_400) / base == pytest.approx(4.74, abs=0.01)


def test_two_lists_are_lincoln_petersen():
    counts = np.array([0.0, 60.0, 40.0, 20.0])
    pair = unseen(dk.ConditionalPair("a", "b"), counts, ("a", "b"))
    assert pair == pytest.approx(60 * 40 / 20)
    assert unseen(dk.NoHighestOrderInteraction(), counts, ("a", "b")) == pytest.approx(pair)


def test_an_uncertain_ratio_is_drawn_once_per_draw():
    prior = dk.prior.Between(0.5, 2.0)
    rng = np.random.default_rng(1)
    given = np.zeros((20_000, 3, 16))
    odds = dk.NoHighestOrderInteraction(prior).log_odds(given, LISTS, rng)
    assert odds.shape == (20_000, 3)
    assert (odds[:, 0] == odds[:, 2]).all()
    # quantiles of 20,000 normal draws: standard error about .003 sigma at 2.5 %, of .35
    low, high = np.quantile(np.exp(-odds[:, 0]), [0.025, 0.975])
    assert low == pytest.approx(0.5, rel=0.03)
    assert high == pytest.approx(2.0, rel=0.03)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: dk.NoHighestOrderInteraction(0), "xi is 0"),
        (lambda: dk.NoHighestOrderInteraction("a"), "xi is 'a'"),
        (lambda: dk.ConditionalPair("a", "a"), "twice"),
        (lambda: dk.ConditionalPair("a", 3), "name of a list"),
        (lambda: dk.ConditionalPair("a", "b", odds_ratio=-1), "odds_ratio is -1"),
        (lambda: dk.BayesianLogLinear(identify="nhoi"), "identifying assumption"),
    ],
)
def test_refused(make, message):
    with pytest.raises(dk.SettingsError, match=message):
        make()


def test_unknown_lists_are_refused():
    model = dk.BayesianLogLinear(identify=dk.ConditionalPair("EXH", "ABAA"))
    with pytest.raises(dk.SettingsError, match='Did you mean "ABA"'):
        dk.estimate("kosovo", model, seed=1)


def test_an_estimate_says_what_identifies_it():
    pair = dk.ConditionalPair("EXH", "ABA", odds_ratio=2)
    est = dk.estimate("kosovo", dk.BayesianLogLinear(identify=pair), seed=1)
    assert "odds ratio of EXH and ABA" in est.assumes[-1].short
    assert "all lists at once" not in repr(est)
