"""Profile limits, goodness of fit and influence on tables with strata, gaps and limits."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln

import darkfigure as dk
from darkfigure.models.log_linear.observed import Layout
from darkfigure.models.log_linear.observed_choice import choose
from darkfigure.models.log_linear.observed_diagnostics import goodness_of_fit
from darkfigure.models.log_linear.observed_fit import fit_observed
from models.test_log_linear_observed import expected_register, suppressed
from numerics.tables import PALEMBANG

PROFILE = dk.Profile()
MODEL = "(A + B) * year + C"


def small_register(share: float = 0.02) -> dk.CaptureTable:
    """A fiftieth of the register of two years in which list C was away in the first."""
    rows, _ = expected_register(inactive=True)
    few = [{**row, "count": round(share * int(str(row["count"])))} for row in rows]
    return dk.CaptureTable.from_counts(few, by="year", lists=["A", "B", "C"], blank="inactive")


def test_profile_with_a_list_away_against_a_general_optimiser() -> None:
    """Every point again by BFGS from the dense design, with Cormack's (1992) likelihood."""
    table, settings = small_register(), dk.LogLinear(MODEL, uncertainty=PROFILE)
    est = dk.estimate(table, settings, seed=1)
    assert est.kind == "profile"
    layout = Layout.of(settings, table)
    data, matrix = layout.data, layout.design.matrix()
    start = layout.fit(layout.design.full).coefficients
    n = data.low.sum()

    def value(n0: float) -> float:
        def negative(beta: np.ndarray) -> float:
            mu = np.exp(matrix @ beta)
            m = np.add.reduceat(mu[data.cell], data.start[:-1])
            unseen = mu[data.unseen].sum()
            share = np.append(m, unseen) / (m.sum() + unseen)
            return -float(np.append(data.low, n0) @ np.log(share))

        def held(beta: np.ndarray) -> float:  # the constant is free in shares: hold it
            return negative(beta) + (beta[0] - start[0]) ** 2

        found = minimize(held, start, method="BFGS", options={"gtol": 1e-7})
        return gammaln(n + n0 + 1) - gammaln(n0 + 1) - float(found.fun)

    top = max(value(n0) for n0 in (est.point - n) * np.array([0.99, 0.995, 1.0]))
    low, high = est.interval()
    for limit in (low, high):
        # 4,000 draws in strata of equal probability: 0.01 of a standard deviation at the limits
        root = np.sqrt(2 * (top - value(limit - n)))
        assert root == pytest.approx(1.96, abs=0.02), limit


def test_profile_of_an_exact_table_is_that_of_the_lattice() -> None:
    table = dk.load("kosovo")
    settings = dk.LogLinear(uncertainty=PROFILE)
    through_sums = fit_observed(settings, table, 4000, np.random.default_rng(1))
    lattice = dk.estimate(table, settings, seed=1)
    levels = [0.025, 0.25, 0.5, 0.75, 0.975]
    found = np.quantile(through_sums.unseen, levels) + table.n_observed
    # the strata of probability hold one draw each, at random
    assert found == pytest.approx(np.quantile(lattice.totals, levels), rel=2e-3)
    assert through_sums.point == pytest.approx(lattice.point, rel=1e-8)


def test_profile_of_suppressed_cells_is_wider_than_that_of_exact_ones() -> None:
    model = dk.LogLinear("LA*NG + LA*PFNCA + NG*PFNCA + PFNCA*GO + GP", uncertainty=PROFILE)
    exact = dk.estimate(dk.load("uk_five_lists"), model, seed=1)
    est = dk.estimate(suppressed(), model, seed=1)
    low, high = est.interval()
    assert low < exact.point < high
    assert np.log(high / low) > np.log(np.divide(*exact.interval()[::-1]))


def test_profile_parts_add_up_and_say_that_they_follow_the_total() -> None:
    est = dk.estimate(small_register(), dk.LogLinear(MODEL, uncertainty=PROFILE), seed=1)
    assert est.population.sum("stratum").to_numpy().ravel() == pytest.approx(est.totals)
    assert "levels_follow_total" in {each.kind for each in est.cautions}
    bootstrap = dk.estimate(small_register(), dk.LogLinear(MODEL), seed=1)
    assert "levels_follow_total" not in {each.kind for each in bootstrap.cautions}


def test_a_likelihood_without_maximum_sets_a_lower_limit() -> None:
    """Palembang with two pairs (Chan, Silverman & Vincent 2021), one count between limits."""
    rows = [
        {"A": int(h[0]), "B": int(h[1]), "C": int(h[2]), "count": "40-42" if h == "001" else n}
        for h, n in PALEMBANG.items()
    ]
    table = dk.CaptureTable.from_counts(rows)
    exact = dk.CaptureTable.from_counts(
        [row | {"count": PALEMBANG[h]} for h, row in zip(PALEMBANG, rows, strict=True)]
    )
    settings = dk.LogLinear("A*B + A*C", uncertainty=PROFILE)
    est = dk.estimate(table, settings, seed=1)
    assert np.isinf(est.point)
    assert {each.kind for each in est.cautions} >= {"no_maximum", "no_upper_limit"}
    low, high = est.interval()
    assert np.isinf(high)
    assert low == pytest.approx(dk.estimate(exact, settings, seed=1).interval()[0], rel=0.05)


def test_goodness_of_fit_of_an_exact_table_is_that_of_the_lattice() -> None:
    table, settings = dk.load("kosovo"), dk.LogLinear(uncertainty=dk.Delta())
    layout = Layout.of(settings, table)
    found = goodness_of_fit(layout, choose(settings, layout), np.random.default_rng(2))
    expected = dk.estimate(table, settings, seed=1).goodness_of_fit()
    for name in ("deviance", "pearson", "degrees_of_freedom"):
        assert found[name][0] == pytest.approx(expected[name], rel=1e-7)
    p = expected["p_deviance"]  # four standard errors of a difference of two shares of 999
    assert found["p_deviance"][0] == pytest.approx(p, abs=4 * np.sqrt(2 * p * (1 - p) / 999))


def test_a_wrong_model_with_gaps_fits_badly_and_the_right_one_well() -> None:
    """In the expected counts A and B halve in the second year: leaving that out is seen."""
    table = small_register(0.2)
    right = dk.estimate(table, dk.LogLinear(MODEL, uncertainty=dk.Delta()), seed=1)
    wrong = dk.estimate(table, dk.LogLinear("A + B + C + year", uncertainty=dk.Delta()), seed=1)
    assert right.goodness_of_fit()["p_deviance"] > 0.9  # rounded expectations: no noise at all
    assert wrong.goodness_of_fit()["p_deviance"] == pytest.approx(0.001)
    assert "poor_fit" in {each.kind for each in wrong.cautions}
    assert "poor_fit" not in {each.kind for each in right.cautions}


def test_one_person_of_each_row_against_fitting_again() -> None:
    table = small_register(0.2)
    settings = dk.LogLinear(MODEL, uncertainty=dk.Delta())
    est = dk.estimate(table, settings, seed=1)
    found = est.influence().loc["one person of"]
    layout = Layout.of(settings, table)
    assert len(found) == layout.data.rows
    for row, (_, change) in enumerate(found["change"].items()):
        fewer = layout.data.low - (np.arange(layout.data.rows) == row)
        again = layout.data.with_counts(fewer, fewer)
        fit = Refit(layout, again).total
        # second-order terms are of the order of one over the count of the row
        assert change == pytest.approx(fit - est.point, rel=3 / layout.data.low[row], abs=1e-3)


class Refit:
    """The full model fitted to other counts of the same rows."""

    def __init__(self, layout, data) -> None:
        from darkfigure.numerics.composite import fit_composite

        self.total = fit_composite(data, layout.design, layout.design.full).expected[:, 1].sum()


def test_each_list_left_out_against_the_table_without_it() -> None:
    table = small_register(0.2)
    found = dk.estimate(table, dk.LogLinear(MODEL, uncertainty=dk.Delta()), seed=1).influence()
    without = {"A": "B * year + C", "B": "A * year + C", "C": "(A + B) * year"}
    for name, terms in without.items():
        if name != "C":
            # with C away in the first year nothing is left to tell the unseen by there
            assert np.isnan(found.loc[("list", name), "population"])
            continue
        est = dk.estimate(table.drop(name), dk.LogLinear(terms, uncertainty=dk.Delta()), seed=1)
        assert found.loc[("list", name), "population"] == pytest.approx(est.point, rel=1e-8)


def test_selection_by_compiled_steps_is_that_of_fitting_every_neighbour() -> None:
    """Three lists by year and sex: at the end no neighbour is better, and BIC has one minimum."""
    table = dk.load("practice_register").collapse("age", "form", "nationality")
    settings = dk.LogLinear(uncertainty=dk.Delta())
    layout = Layout.of(settings, table)
    choice = choose(settings, layout)
    design, n = layout.design, float(table.n_observed)

    def bic(model: np.ndarray) -> float:
        fit = layout.fit(model)
        return -2 * fit.log_likelihood + np.log(n) * fit.parameters if fit.converged else np.inf

    best, current = bic(design.main), design.main
    while True:  # greedy: every term in or out, each fitted from scratch
        around = []
        for term in np.flatnonzero(~design.main):
            other = current.copy()
            other[term] = ~other[term]
            around.append(other)
        values = [bic(model) for model in around]
        if min(values) >= best - 1e-7:
            break
        best, current = min(values), around[int(np.argmin(values))]
    assert choice.criterion[0] == pytest.approx(best, abs=1e-5)
    assert (choice.models[0] == current).all()


def test_selection_redone_as_a_whole_in_every_replicate() -> None:
    """Replicates of a search begin at the model selected; few draw another, and none is lost."""
    table = small_register(0.2)
    again = dk.LogLinear(uncertainty=dk.Bootstrap(60, kind="percentile", reselect=True))
    fixed = dk.LogLinear(uncertainty=dk.Bootstrap(60, kind="percentile", reselect=False))
    est, held = (dk.estimate(table, each, seed=1) for each in (again, fixed))
    assert "selection_fixed" not in {each.kind for each in est.cautions}
    assert "selection_fixed" in {each.kind for each in held.cautions}
    # the same people drawn: a replicate differs only where another model was chosen
    same = np.isclose(
        est.draws["replicates"]["population"], held.draws["replicates"]["population"], rtol=1e-6
    )
    assert 0.2 < same.mean() < 1.0
    low, high = est.interval()
    assert low < 6_000 < high


def test_people_seen_are_said_as_the_limits_leave_them() -> None:
    """Of 2,752 people, 2,733 stand in cells that are printed, and 19 cells hold 0 to 4 each."""
    table = suppressed()
    assert (table.low.sum(), table.high.sum()) == (2_733, 2_733 + 19 * 4)
    est = dk.estimate(table, dk.LogLinear(uncertainty=dk.Delta()), seed=1)
    seen = next(line for line in str(est).splitlines() if line.startswith("  seen"))
    assert "2,733 to 2,809 by the limits of the counts, about 2,7" in seen
    assert "1 in 9 was registered" in " ".join(str(est).split())
    drawn = est.seen_totals
    assert drawn.min() >= table.low.sum()
    assert drawn.max() <= table.high.sum()
    alone = next(each for each in est.cautions if each.kind == "sparse")
    once = table.low[(table.histories == 1).sum(axis=1) == 1].sum()
    least = once / (once + table.high[(table.histories == 1).sum(axis=1) > 1].sum())
    assert f"at least {least:.0%} of people are on one list only" in str(alone)


def test_limits_that_may_hold_an_overlap_are_no_lack_of_one() -> None:
    """Overlaps printed as "0-4" only: nobody need be there, and nobody says that nobody is."""
    rows = [
        {"A": a, "B": b, "C": c, "count": "0-4" if a + b + c > 1 else 40}
        for a, b, c in itertools.product((0, 1), repeat=3)
        if a + b + c
    ]
    table = dk.CaptureTable.from_counts(rows)
    kinds = {each.kind for each in dk.estimate(table, dk.HierarchicalLogLinear(), seed=1).cautions}
    assert not kinds & {"no_overlap", "isolated_list"}
    assert "sparse" in kinds
