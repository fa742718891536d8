import math

import numpy as np
import pytest

from darkfigure.numerics import implied_dependence as implied
from darkfigure.numerics.cell_ratios import ratios_of
from darkfigure.numerics.no_interaction import log_normal_limits, without_interaction
from darkfigure.numerics.observable_share import smallest_chances
from numerics.tables import KOSOVO, PALEMBANG, counts

Y = counts(KOSOVO)
SEEN = 4_400


def missed(total):
    return ratios_of(implied.missed_by_the_others(Y, total - SEEN), implied.FOURFOLD).value


def test_kosovo_at_thirty_thousand():
    # (N - n) y_ij / (y_i y_j) by hand from the printed table: pairs 12, 13, 14, 23, 24, 34
    assert np.round(missed(30_000), 2).tolist() == [4.74, 5.51, 7.84, 7.02, 3.07, 10.99]
    assert float(implied.top_interaction(Y, 25_600).value) == pytest.approx(0.49, abs=0.005)
    assert float(implied.top_interaction(Y, 3_600).value) == pytest.approx(3.48, abs=0.005)


def test_a_pair_is_independent_at_its_own_total():
    # Dulce Rubio & Kennedy (2024): each pair's total under conditional independence
    pairs = implied.pairs_of(4)
    totals = [9_799, 9_043, 7_665, 8_045, 12_741, 6_729]
    for row, ((i, j), total) in enumerate(zip(pairs, totals, strict=True)):
        found = without_interaction(Y, 1 << i | 1 << j)
        assert SEEN + found.unseen == pytest.approx(total, abs=0.5)
        assert missed(SEEN + found.unseen)[row] == pytest.approx(1.0)


def test_no_highest_order_interaction():
    found = without_interaction(Y, 15)
    assert found.unseen == pytest.approx(12_541.9, abs=0.05)  # Aleshin-Guendel et al. (2024)
    assert found.log_variance == pytest.approx((1 / Y[1:]).sum())
    assert float(implied.top_interaction(Y, found.unseen).value) == pytest.approx(1.0)


def test_a_history_of_nobody_is_named():
    palembang = counts(PALEMBANG)
    found = without_interaction(palembang, 0b110)
    assert math.isnan(found.unseen)
    assert found.empty == (0b110,)


def test_odds_ratios_of_everyone_by_brute_force():
    people = np.repeat(np.arange(16), np.r_[5_000, Y[1:]])  # one row per person
    found = ratios_of(implied.among_everyone(Y, 5_000), implied.FOURFOLD).value
    for row, (i, j) in enumerate(implied.pairs_of(4)):
        a, b = people >> i & 1 == 1, people >> j & 1 == 1
        odds = (a & b).sum() * (~a & ~b).sum() / ((a & ~b).sum() * (~a & b).sum())
        assert found[row] == pytest.approx(odds)


def test_observed_odds_ratios_by_brute_force():
    people = np.repeat(np.arange(16), np.r_[0, Y[1:]])
    found = implied.observed_odds_ratios(Y).value
    for row, (i, j) in enumerate(implied.pairs_of(4)):
        for other in range(4):
            if other in (i, j):
                assert math.isnan(found[row, other])
                continue
            inside = people[people >> other & 1 == 1]
            a, b = inside >> i & 1 == 1, inside >> j & 1 == 1
            odds = (a & b).sum() * (~a & ~b).sum() / ((a & ~b).sum() * (~a & b).sum())
            assert found[row, other] == pytest.approx(odds)


def test_observed_interactions_of_a_model_without_any():
    # log-linear in pairs only: no three lists interact, seen or unseen
    rng = np.random.default_rng(1)
    pairs = [1 << j for j in range(4)] + [1 << i | 1 << j for i, j in implied.pairs_of(4)]
    effect = {term: rng.normal() for term in pairs}
    log_mean = [sum(v for t, v in effect.items() if t & h == t) for h in range(16)]
    mean = 100 * np.exp(log_mean)
    assert implied.observed_top_interactions(mean).value == pytest.approx(np.ones(4))
    assert float(implied.top_interaction(mean, mean[0]).value) == pytest.approx(1.0)


def test_woolf_interval_of_a_textbook_table():
    # Woolf (1955): log OR ± 1.96 √Σ 1/y; 10 24 / (12 30), limits by hand
    found = ratios_of(np.array([10, 24, 12, 30]), implied.FOURFOLD)
    half = 1.959964 * math.sqrt(1 / 10 + 1 / 24 + 1 / 12 + 1 / 30)
    assert float(found.value) == pytest.approx(2 / 3)
    assert float(found.low) == pytest.approx(2 / 3 * math.exp(-half), rel=1e-6)
    assert float(found.high) == pytest.approx(2 / 3 * math.exp(half), rel=1e-6)


@pytest.mark.parametrize(
    ("cells", "value", "low", "high"),
    [
        ([0, 50, 10, 20], 0.0, 0.0, 3.688879 * 50 / 200),  # P(0 | 3.689) = 0.025
        ([5, 50, 0, 20], math.inf, 250 / (3.688879 * 20), math.inf),
        ([0, 50, 0, 20], math.nan, 0.0, math.inf),
    ],
)
def test_cells_of_nobody_leave_one_limit(cells, value, low, high):
    found = ratios_of(np.array(cells), implied.FOURFOLD)
    assert float(found.value) == pytest.approx(value, nan_ok=True)
    assert not found.determined
    assert float(found.low) == pytest.approx(low, rel=1e-6)
    assert float(found.high) == pytest.approx(high, rel=1e-6)


def test_intervals_hold_the_odds_ratio_as_often_as_they_say():
    rng = np.random.default_rng(2)
    tables = rng.poisson([40, 900, 120, 150], size=(4_000, 4))
    found = ratios_of(tables, implied.FOURFOLD)
    inside = (found.low <= 2.0) & (found.high >= 2.0)  # 40 · 900 / (120 · 150)
    assert inside.mean() == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 4_000))


def test_limits_of_the_unseen_hold_it_as_often_as_they_say():
    rng = np.random.default_rng(3)
    mean = np.array([600.0, 300, 200, 100])  # independent: 600 = 300 · 200 / 100
    hits = 0
    for y in rng.poisson(mean, size=(2_000, 4)):
        found = without_interaction(np.array([0, *y[1:]]), 3)
        low, high = log_normal_limits(found.unseen, found.log_variance, 0.95)
        hits += low <= y[0] <= high
    assert hits / 2_000 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 2_000))


def test_limits_hold_the_unseen_where_overlaps_are_few():
    # found by a stranger: with Chao's log(1 + Var) for the variance of a log, 90.5 % did
    rng = np.random.default_rng(6)
    mean = np.array([3136, 283, 211, 234, 77, 44, 57, 26, 54, 8, 31, 45, 5, 10, 8, 7.0])
    lists = [(), (0,), (1,), (2,), (3,), (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    lists += [(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3), (0, 1, 2, 3)]
    history = np.array([sum(1 << one for one in each) for each in lists])
    odd = np.array([len(each) % 2 == 1 for each in lists[1:]])
    mean[0] = np.exp(np.where(odd, 1, -1) @ np.log(mean[1:]))
    hits, tables = 0, 0
    for y in rng.poisson(mean, size=(4_000, 16)):
        counts = np.zeros(16, dtype=int)
        counts[history[1:]] = y[1:]
        found = without_interaction(counts, 15)
        if found.empty:
            continue
        low, high = log_normal_limits(found.unseen, found.log_variance, 0.95)
        hits, tables = hits + (low <= y[0] <= high), tables + 1
    assert hits / tables == pytest.approx(0.955, abs=0.015)


def test_links_and_outsiders_by_hand():
    y = np.array([0, 60, 20, 20])  # 80 and 40 people on two lists, 20 on both
    assert implied.most_missed_links(y) == pytest.approx(0.5)  # 40 links make one lie in the other
    assert implied.most_outsiders(y) == pytest.approx(0.5)  # half of the second list are only there


def test_smallest_chance_by_hand():
    people = np.array([[100.0, 50.0, 300.0]])
    capture = np.array([[[0.5, 0.5], [0.9, 0.0], [0.1, 0.0]]])  # chances .75, .9, .1
    for claimed, alpha in ((40, 0.9), (120, 0.75), (151, 0.1)):
        assert smallest_chances(people, capture, claimed)[0] == pytest.approx(alpha)
    assert math.isnan(smallest_chances(people, capture, 451)[0])
