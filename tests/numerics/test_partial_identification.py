import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

import darkfigure as dk
from darkfigure.numerics import partial_identification as partial
from darkfigure.numerics import single_restrictions
from darkfigure.numerics.cell_ratios import ratios_of
from darkfigure.numerics.implied_dependence import FOURFOLD, among_everyone
from numerics.tables import KOSOVO, PALEMBANG, counts

# Plettinckx et al. (2020), people who inject drugs in Brussels, three lists.
BRUSSELS = counts({"100": 89, "110": 24, "010": 103, "111": 27, "101": 29, "011": 13, "001": 21})
CRITICAL = 3.8415


def limits(y, restrictions):
    return partial.limits_of(y, restrictions, partial.identified_set(y, restrictions), CRITICAL)


def test_brussels_near_the_published_interval():
    # Sun et al. (2020), odds ratios in the population: 453-748 by their profile, 434-784 by their
    # bootstrap. Their profile is of another likelihood and an optimiser that stops early; ours is
    # of the completed table. So only the neighbourhood is compared (3 %).
    found = limits(BRUSSELS, partial.pairs_among_everyone(3, 1, 5))
    assert 306 + found.low == pytest.approx(453, rel=0.03)
    assert 306 + found.high == pytest.approx(748, rel=0.03)


def test_two_registers_near_the_published_interval():
    # The same authors' example: Poles in the Netherlands, 2009, odds ratio from 0.5 to 2:
    # 109,557-383,319. Large counts, so that likelihoods differ little: within 0.3 %.
    found = limits(np.array([0, 39_488, 1_445, 374]), partial.pairs_among_everyone(2, 0.5, 2))
    assert 41_307 + found.low == pytest.approx(109_557, rel=0.003)
    assert 41_307 + found.high == pytest.approx(383_319, rel=0.003)


def test_identified_set_is_where_all_odds_ratios_are_in_range():
    y = counts(KOSOVO)
    found = partial.identified_set(y, partial.pairs_among_everyone(4, 1, 5))
    for unseen, inside in ((found.low, True), (found.high, True), (found.low * 0.99, False)):
        values = ratios_of(among_everyone(y, unseen), FOURFOLD).value
        assert bool(((values > 1 - 1e-9) & (values < 5 + 1e-9)).all()) == inside
    assert partial.deviance_at(y, found.low * 1.001, partial.pairs_among_everyone(4, 1, 5)) == 0.0


def fourfold_deviance(cells, ratio):
    """2 Σ (λ − y − y log λ/y) of a table of two lists whose odds ratio is given: one unknown."""
    a, d, b, c = cells

    def shift(t):  # λ = y ± t keeps the margins, as the score equations ask
        return math.log((a + t) * (d + t) / ((b - t) * (c - t))) - math.log(ratio)

    t = brentq(shift, -min(a, d) + 1e-9, min(b, c) - 1e-9)
    pairs = ((a, a + t), (d, d + t), (b, b - t), (c, c - t))
    return 2 * sum(y * math.log(y / m) for y, m in pairs if y)


@pytest.mark.parametrize("unseen", [20.0, 60.0, 900.0])
def test_two_lists_by_one_equation(unseen):
    y = np.array([0, 80, 60, 30])
    low, high = 1.0, 4.0
    odds = 30 * unseen / (80 * 60)
    nearest = min(max(odds, low), high)
    by_hand = fourfold_deviance((30, unseen, 80, 60), nearest)
    found = partial.deviance_at(y, unseen, partial.pairs_among_everyone(2, low, high))
    assert found == pytest.approx(by_hand, abs=1e-4)


@pytest.mark.parametrize("unseen", [90.0, 600.0])
@pytest.mark.parametrize(
    "make", [partial.pairs_among_everyone, partial.pairs_among_the_missed], ids=["all", "missed"]
)
def test_three_lists_by_a_general_optimiser(make, unseen):
    restrictions = make(3, 1.0, 5.0)
    y = BRUSSELS.astype(float)
    y[0] = unseen

    def loss(z):
        return 2 * (np.exp(z) - y - y * z + y * np.log(y)).sum()

    rules = [
        {"type": "ineq", "fun": lambda z, e=each, s=s, v=v: s * (e.value(np.exp(z)) - v)}
        for each in restrictions
        for s, v in ((1, 0.0), (-1, math.log(5)))
    ]
    best = minimize(loss, np.log(y), constraints=rules, method="SLSQP", options={"maxiter": 2_000})
    assert partial.deviance_at(BRUSSELS, unseen, restrictions) == pytest.approx(best.fun, abs=2e-3)


def test_limits_are_where_the_deviance_is_critical():
    restrictions = partial.pairs_among_the_missed(3, 1, 5)
    found = limits(BRUSSELS, restrictions)
    for unseen in (found.low, found.high):
        at = partial.deviance_at(BRUSSELS, unseen, restrictions)
        assert at == pytest.approx(CRITICAL, abs=1e-2)


def test_interaction_of_all_lists_has_a_closed_set():
    y = counts(KOSOVO)
    found = partial.identified_set(y, [partial.interaction_of_all(4, 0.5, 2)])
    assert (found.low, found.high) == pytest.approx((12_541.88 / 2, 12_541.88 * 2), rel=1e-6)


def test_no_upper_limit_without_an_upper_end():
    found = limits(BRUSSELS, partial.pairs_among_everyone(3, 1, math.inf))
    assert math.isinf(found.high)


def test_a_range_that_the_table_rejects():
    # Palembang: two lists nearly coincide (more than 5), two others overlap too little (below 1)
    found = limits(counts(PALEMBANG), partial.pairs_among_everyone(3, 1, 5))
    assert math.isnan(found.low)
    assert found.deviance > CRITICAL


def test_the_interval_holds_the_truth_as_often_as_it_says():
    # odds ratios of 5 in truth, at the end of the range: the least favourable place
    theta, p, q, size = 5.0, 0.3, 0.25, 2_000
    both = brentq(lambda x: x * (1 - p - q + x) / ((p - x) * (q - x)) - theta, 1e-6, q - 1e-6)
    mean = size * np.array([1 - p - q + both, p - both, q - both, both])
    rng = np.random.default_rng(5)
    hits = 0
    for y in rng.multinomial(size, mean / size, size=300):
        table = np.array([0, *y[1:]])
        hits += partial.deviance_at(table, y[0], partial.pairs_among_everyone(2, 1, 5)) <= CRITICAL
    # one side of a two-sided limit: 97.5 %, less three standard errors
    assert hits / 300 >= 0.975 - 3 * math.sqrt(0.975 * 0.025 / 300)


@pytest.mark.parametrize("within", [(20.0, 30.0), (50.0, 60.0), (0.1, 0.2)])
def test_what_one_pair_rejects_is_rejected_whatever_the_others(within):
    """Six Dutch lists: at every total some pair alone is rejected, by its fourfold table."""
    table = dk.load("netherlands")
    restrictions = partial.pairs_among_everyone(6, *within)
    worst = []
    for unseen in [1.0, *np.geomspace(10, 1e12, 200)]:
        rejected = [0.0]
        for a, d, b, c in among_everyone(table.counts(), unseen):
            ratio = a * d / (b * c)
            nearest = min(max(ratio, within[0]), within[1])
            if nearest != ratio:
                rejected.append(fourfold_deviance((a, d, b, c), nearest))
        worst.append(max(rejected))
    assert min(worst) > CRITICAL
    found = limits(table.counts(), restrictions)
    assert math.isnan(found.low)
    assert found.deviance <= min(worst) * (1 + 1e-6)  # what none has less than
    assert found.deviance > 0.9 * min(worst)


def test_the_deviance_of_one_restriction_is_a_floor_under_that_of_all():
    """Against the general solver, which it does not use; and equal to it where there is one."""
    restrictions = partial.pairs_among_everyone(3, 1.0, 5.0)
    for unseen in (20.0, 90.0, 600.0, 4_000.0):
        together = partial.deviance_at(BRUSSELS, unseen, restrictions)
        singly = [single_restrictions.deviance_of_one(BRUSSELS, unseen, r) for r in restrictions]
        assert max(singly) <= together + 1e-3
        for each, floor in zip(restrictions, singly, strict=True):
            assert partial.deviance_at(BRUSSELS, unseen, [each]) == pytest.approx(floor, abs=1e-3)
