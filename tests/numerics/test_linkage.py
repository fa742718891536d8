"""Undoing errors of linkage, against closed forms, brute force and the mechanism itself."""

import itertools

import numpy as np
import pytest
from scipy import optimize, stats

from darkfigure.numerics.linkage import expected_counts, expected_false_links, true_overlap
from darkfigure.numerics.linkage_expected import repaired_in_expectation
from darkfigure.numerics.linkage_possible import chances_of_room, links_among_nobody
from darkfigure.numerics.linkage_repair import draw_repaired_counts

TWO = np.array([0, 2_000, 800, 150])  # on list 1 alone, on list 2 alone, on both
THREE = np.array([0, 3_000, 2_000, 500, 1_500, 300, 240, 60])
DRAWS = 1_000


def repaired(counts, missed, false, *, seed=1, draws=DRAWS, sweeps=200):
    strata = np.atleast_2d(counts)
    found = draw_repaired_counts(
        strata,
        possible=np.ones(strata.shape[1], dtype=bool),
        missed=np.full(draws, missed),
        false=np.full(draws, false),
        rng=np.random.default_rng(seed),
        sweeps=sweeps,
    )
    assert found.moved.all()
    return found.counts


def linked(on, missed, false, rng):
    """The documented mechanism, person by person: counts per history after linkage."""
    k = on.shape[1]
    sizes = on.sum(axis=1)
    found = on & (rng.random(on.shape) < np.sqrt(1 - missed))
    together = np.where((found.sum(axis=1) >= 2)[:, None], found, False)
    together[sizes == 1] = on[sizes == 1]
    people = [(row, n == 1) for row, n in zip(together, sizes, strict=True) if row.any()]
    for row, whole in zip(together, on, strict=True):
        for j in np.flatnonzero(whole & ~row):
            people.append((np.eye(k, dtype=bool)[j], False))
    rows = np.array([row for row, _ in people])
    alone = np.array([at_risk for _, at_risk in people])
    totals, free = on.sum(axis=0), np.ones(len(rows), dtype=bool)
    for s, j in itertools.permutations(range(k), 2):
        if totals[j] <= totals[s]:
            continue
        for at in np.flatnonzero(alone & rows[:, s] & (rng.random(len(rows)) < false)):
            there = np.flatnonzero(free & rows[:, j] & ~rows[:, s])
            if free[at] and len(there):
                other = rng.choice(there)
                rows[other] |= rows[at]
                free[[at, other]] = False, True
                alone[other], rows[at] = False, False
    return np.bincount(rows[free] @ (1 << np.arange(k)), minlength=1 << k)


@pytest.mark.parametrize(
    ("missed", "false"), [(0.1, 0.0), (0.4, 0.0), (0.0, 0.05), (0.1, 0.02), (0.3, 0.1)]
)
def test_two_lists_are_those_of_ding_and_fienberg(missed, false):
    counts = repaired(TWO, missed, false)[:, 0]
    exact = true_overlap(150, 950, missed, false)
    # the gamma prior of shape 1/2 adds missed/(1 - missed)/2 people to a mean
    error = 4 * counts[:, 3].std() / np.sqrt(DRAWS)
    assert counts[:, 3].mean() == pytest.approx(exact, abs=error + missed / (1 - missed))
    assert (counts[:, 1] + counts[:, 3] == 2_150).all()
    assert (counts[:, 2] + counts[:, 3] == 950).all()


def test_missed_links_of_two_lists_are_negative_binomial():
    """y | y* under Jeffreys' prior on the mean: y* + NB(y* + 1/2, 1 - missed), in closed form."""
    more = repaired(TWO, 0.3, 0.0, draws=4_000)[:, 0, 3] - 150
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    exact = stats.nbinom(150.5, 0.7)
    below = [(more <= exact.ppf(level)).mean() for level in levels]
    assert below == pytest.approx(exact.cdf(exact.ppf(levels)), abs=0.03)  # four errors


def test_false_links_of_two_lists_are_poisson():
    """Nearly Poisson with Ding & Fienberg's mean; Jeffreys' prior adds a sixth of a person."""
    counts = repaired(TWO, 0.0, 0.04, draws=4_000)[:, 0]
    false = 150 - counts[:, 3]
    mean = 150 - true_overlap(150, 950, 0.0, 0.04)
    assert false.mean() == pytest.approx(mean, abs=0.2 + 4 * np.sqrt(mean / 4_000))
    assert false.var() == pytest.approx(mean, rel=0.15)  # those at risk vary with it a little


@pytest.mark.parametrize(
    ("missed", "false"), [(0.3, 0.0), (0.05, 0.01), (0.2, 0.02), (0.1, 0.05), (0.3, 0.1)]
)
def test_three_lists_solve_the_moment_equations(missed, false):
    """E[y*] = M μ solved by brute force for μ, beside the mean of the repaired tables."""
    totals = THREE @ ((np.arange(8)[:, None] >> np.arange(3)) & 1)

    def gap(people):
        people = np.concatenate([[0.0], people])
        return (expected_counts(people, missed=missed, false=false, totals=totals) - THREE)[1:]

    exact = optimize.root(gap, THREE[1:].astype(float), tol=1e-9)
    assert exact.success
    counts = repaired(THREE, missed, false)[:, 0, 1:]
    error = 4 * counts.std(axis=0) / np.sqrt(DRAWS)
    # a posterior mean differs from a solution by about one person per overlap; with so many wrong
    # links that the overlap of all three is known to within half of itself, by a tenth of its sd
    allowed = np.maximum(error + 1.5, error + 0.15 * counts.std(axis=0))
    assert (np.abs(counts.mean(axis=0) - exact.x) <= allowed).all()


@pytest.mark.parametrize(("missed", "false"), [(0.2, 0.0), (0.0, 0.03), (0.15, 0.02)])
def test_expected_counts_are_those_of_the_mechanism(missed, false):
    rng = np.random.default_rng(5)
    people = np.array([0, 600, 400, 150, 250, 90, 60, 40])
    codes = np.repeat(np.arange(8), people)
    on = ((codes[:, None] >> np.arange(3)) & 1).astype(bool)
    found = np.array([linked(on, missed, false, rng) for _ in range(300)])
    exact = expected_counts(people.astype(float), missed=missed, false=false)
    error = 4 * found.std(axis=0) / np.sqrt(300)
    # false links made one after another take a few of those still at risk: second order
    assert np.abs(found.mean(axis=0) - exact)[1:].max() < (error[1:] + 40 * false).max()


def test_every_pair_of_records_is_linked_alike():
    """However many lists a person is on, two records are linked with chance 1 − missed."""
    for history in (0b11, 0b111, 0b1111, 0b11111):
        people = np.zeros(32)
        people[history] = 1.0
        out = expected_counts(people, missed=0.19, false=0.0)
        both = [h for h in range(32) if h & 0b11 == 0b11]
        assert out[both].sum() == pytest.approx(0.81)
        records = out @ np.bitwise_count(np.arange(32))
        assert records == pytest.approx(history.bit_count())


def test_records_stay_on_their_lists():
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    counts = repaired(THREE, 0.2, 0.01, draws=50)[:, 0]
    assert (counts @ bits == THREE @ bits).all()
    assert (counts >= 0).all()


def test_strata_are_repaired_apart():
    both = np.stack([THREE, THREE[[0, 4, 2, 6, 1, 5, 3, 7]]])
    counts = repaired(both, 0.1, 0.0, draws=400)
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    for stratum in range(2):
        assert (counts[:, stratum] @ bits == both[stratum] @ bits).all()
    turned = counts[:, 1][:, [0, 4, 2, 6, 1, 5, 3, 7]]
    error = 4 * np.sqrt(2) * counts[:, 0].std(axis=0) / 20
    assert (np.abs(turned.mean(axis=0) - counts[:, 0].mean(axis=0)) <= error + 1e-9).all()


def test_without_errors_nothing_is_repaired():
    assert (repaired(THREE, 0.0, 0.0, draws=3) == THREE).all()


def test_impossible_pairs_are_never_made():
    possible = np.array([True] * 8)
    possible[[5, 7]] = False  # lists 1 and 3
    counts = np.where(possible, THREE, 0)
    found = draw_repaired_counts(
        counts[None],
        possible=possible,
        missed=np.full(50, 0.3),
        false=np.zeros(50),
        rng=np.random.default_rng(1),
    )
    assert (found.counts[..., ~possible] == 0).all()
    assert found.counts[..., 3].mean() > 600


def test_too_many_missed_links_for_those_alone_do_not_move():
    counts = np.array([[0, 3, 2, 400]])
    found = draw_repaired_counts(
        counts,
        possible=np.ones(4, bool),
        missed=np.full(5, 0.5),
        false=np.zeros(5),
        rng=np.random.default_rng(1),
    )
    assert not found.moved.any()


def test_false_links_expected_of_counts():
    assert expected_false_links(TWO, 0.02) == pytest.approx(0.02 * 800)


@pytest.mark.parametrize("missed", [0.0, 0.1, 0.3, 0.6])
def test_the_expectation_solves_the_moment_equations(missed):
    people = repaired_in_expectation(THREE, possible=np.ones(8, bool), missed=missed)
    back = expected_counts(people, missed=missed, false=0.0)
    assert back[1:] == pytest.approx(THREE[1:], abs=0.3)  # prior shapes of a quarter person fade
    two = repaired_in_expectation(TWO, possible=np.ones(4, bool), missed=missed)
    assert two[3] == pytest.approx(true_overlap(150, 950, missed, 0.0), abs=1e-3)


def test_the_expectation_never_makes_fewer_than_nobody_of_an_overlap():
    """Too few pairs for the triples: the equations' own solution would be negative."""
    counts = np.array([0, 900, 900, 1, 900, 1, 1, 60])
    people = repaired_in_expectation(counts, possible=np.ones(8, bool), missed=0.3)
    assert people[[3, 5, 6, 7]].min() >= 0
    assert people[7] > 60


def test_a_person_on_two_lists_is_not_lost_to_three():
    """One on two lists beside 16 on three, 5 % missed: some .4 are what is left of three."""
    counts = np.array([0, 900, 900, 1, 900, 30, 30, 16])
    people = repaired(counts, 0.05, 0.0)[:, 0, 3]
    exact = repaired_in_expectation(counts, possible=np.ones(8, bool), missed=0.05)[3]
    assert exact == pytest.approx(0.64, abs=0.05)
    assert people.mean() == pytest.approx(exact, abs=0.15)


@pytest.mark.parametrize(("missed", "false"), [(0.0, 0.05), (0.1, 0.05), (0.3, 0.1)])
def test_the_expectation_solves_the_moment_equations_with_false_links_too(missed, false):
    totals = THREE @ ((np.arange(8)[:, None] >> np.arange(3)) & 1)
    ones = np.ones(8, bool)
    people = repaired_in_expectation(THREE, possible=ones, missed=missed, false=false)
    back = expected_counts(people, missed=missed, false=false, totals=totals)
    assert back[1:] == pytest.approx(THREE[1:], abs=0.01)


def test_links_among_nobody_are_beta_times_the_smaller_list():
    assert links_among_nobody(TWO, missed=0.0, false=0.1) == pytest.approx(0.1 * 950)
    assert links_among_nobody(TWO, missed=0.3, false=0.0) == 0.0


def test_room_is_the_negative_binomial_chance():
    """Of y + NB(y + 1/2, 1 - missed) on both lists, no more than stand alone on the smaller."""
    counts, ones = np.array([0, 90, 12, 30]), np.ones(4, bool)
    found = chances_of_room(counts, ones, missed=0.25, false=0.0)
    exact = stats.nbinom(30.0, 0.75).cdf([90, 12])
    assert found == pytest.approx(exact, abs=1e-6)
    assert chances_of_room(counts, ones, missed=0.0, false=0.0).min() == 1.0


@pytest.mark.parametrize("missed", [1e-6, 0.001, 0.01, 0.02])
def test_a_list_within_another_may_have_lost_no_record(missed):
    """Nobody alone on the second list: that none of NB(200 + 1/2, 1 - missed) went astray."""
    found = chances_of_room(np.array([0, 500, 0, 200]), np.ones(4, bool), missed=missed, false=0.0)
    assert found[1] == pytest.approx((1.0 - missed) ** 200, rel=0.02)
    assert found[0] == pytest.approx(1.0)
