"""Log-linear models of tables with strata, gaps and limits."""

import itertools

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.data.observation import observe
from darkfigure.errors import NotEstimable
from darkfigure.models.log_linear.observed import Layout, choose
from darkfigure.numerics.limited_counts import LimitedCounts

QUICK = dk.Bootstrap(100)


def expected_register(inactive: bool) -> tuple[list[dict[str, object]], float]:
    """Expected counts of three independent lists in two years, C away in the first.

    Capture chances .3, .25 and .4, in year 2 half of that on A and B; 10,000 people in year 1,
    20,000 in year 2.
    """
    rows = []
    for year, people in ((1, 10_000), (2, 20_000)):
        chances = np.array([0.3 / year, 0.25 / year, 0.4])
        at_work = 2 if year == 1 else 3
        for on in itertools.product((0, 1), repeat=at_work):
            if any(on):
                p = np.where(np.array(on) == 1, chances[:at_work], 1 - chances[:at_work]).prod()
                c = on[2] if at_work == 3 else (None if inactive else 0)
                rows.append(
                    {"A": on[0], "B": on[1], "C": c, "year": year, "count": round(people * p)}
                )
    return rows, 30_000.0


def test_exact_table_is_a_special_case() -> None:
    """The composite likelihood of a plain table is that of the lattice: to 1e-8."""
    table, settings = dk.load("kosovo"), dk.LogLinear()
    layout = Layout.of(settings, table)
    choice = choose(settings, layout)
    candidates = settings.candidates(table)
    assert choice.exhaustive
    assert len(choice.models) == candidates.visited
    best = candidates.estimated
    assert choice.criterion[:best] == pytest.approx(candidates.criterion[:best], abs=1e-7)
    assert choice.fit.unseen == pytest.approx(candidates.fits.unseen[0], rel=1e-8)


def test_list_away_is_estimated_and_zero_filling_is_biased() -> None:
    rows, truth = expected_register(inactive=True)
    table = dk.CaptureTable.from_counts(rows, by="year", lists=["A", "B", "C"], blank="inactive")
    model = dk.LogLinear("(A + B) * year + C", uncertainty=dk.Delta())
    est = dk.estimate(table, model, seed=1)
    assert est.point == pytest.approx(truth, rel=1e-3)  # counts are rounded expectations
    zeros, _ = expected_register(inactive=False)
    filled = dk.CaptureTable.from_counts(zeros, by="year", lists=["A", "B", "C"])
    biased = dk.estimate(filled, model, seed=1)
    assert biased.point > 1.1 * truth, (est.point, biased.point)


def test_levels_add_up_in_every_draw() -> None:
    rows, _ = expected_register(inactive=True)
    table = dk.CaptureTable.from_counts(rows, by="year", lists=["A", "B", "C"], blank="inactive")
    est = dk.estimate(table, dk.LogLinear("A*year + B + C", uncertainty=QUICK), seed=1)
    assert est.population.sum("stratum").to_numpy().ravel() == pytest.approx(est.totals)
    assert (est.unseen.to_numpy() >= 0).all()
    years = est.summary(by="year")
    assert years["estimate"].sum() == pytest.approx(est.point)


def test_upper_bounds_of_scotland() -> None:
    """Overstall et al. (2014): about 22,500 (18,800 to 25,200) with S4 censored.

    Taking the people on S4 alone as exact gives 30,000 to 42,000 there: another model average, so
    that only the direction and the region are the same here.
    """
    settings = dk.LogLinear(uncertainty=dk.Delta())
    bounded = dk.estimate(dk.load("scotland_pwid").censor("S4"), settings, seed=1)
    exact = dk.estimate(dk.load("scotland_pwid"), settings, seed=1)
    assert 18_800 < bounded.point < 25_200
    assert 27_000 < exact.point < 42_000
    assert bounded.interval()[1] < exact.point


def suppressed():
    """The five-list table of the United Kingdom with its 19 cells below five suppressed."""
    table = dk.load("uk_five_lists").disclose(threshold=5)
    assert (table.low < table.high).sum() == 19
    return table


def test_suppressed_cells_bracket_the_exact_answer() -> None:
    """The best model by BIC gives 25,311 on the exact table (Chan, Silverman & Vincent 2021)."""
    est = dk.estimate(suppressed(), dk.LogLinear(uncertainty=QUICK), seed=1)
    low, high = est.interval()
    assert low < 25_311 < high


def test_rounding_never_says_nobody_without_a_caution() -> None:
    """Small lists rounded down to 10: whatever the fit says, it is no silent zero."""
    rows = [
        {"A": a, "B": b, "C": c, "count": n}
        for (a, b, c), n in zip(
            itertools.product((0, 1), repeat=3), (0, 10, 10, 10, 20, 10, 10, 30), strict=True
        )
        if n
    ]
    table = dk.CaptureTable.from_counts(rows, rounding="down to 10")
    est = dk.estimate(table, dk.LogLinear(uncertainty=QUICK), seed=1)
    said = {each.kind for each in est.cautions}
    assert est.point - est.table.n_observed >= 0.5 or "boundary" in said


def test_variables_that_one_list_lacks_by_em() -> None:
    """Scoring and EM reach the same maximum (van der Heijden et al. 2012, Ann. Appl. Stat. 6:831).

    List A records x, list B records z; the model has [A z][B x][x z], as in that paper.
    """
    rng = np.random.default_rng(3)
    rows = []
    for a, b in ((1, 0), (0, 1), (1, 1)):
        for x in ("f", "m") if a else (None,):
            for z in ("u", "v") if b else (None,):
                count = int(rng.integers(20, 200))
                rows.append({"A": a, "B": b, "x": x, "z": z, "count": count})
    table = dk.CaptureTable.from_counts(rows, by=["x", "z"], lists=["A", "B"])
    settings = dk.LogLinear("A*z + B*x + x*z", uncertainty=dk.Delta())
    est = dk.estimate(table, settings, seed=1)
    layout = Layout.of(settings, table)
    observation, matrix = observe(table), layout.design.matrix()
    seen = ~observation.unseen
    means = np.ones(observation.cells)
    beta = np.eye(matrix.shape[1])[0] * 4.0  # a constant near the log of the counts
    for _ in range(5_000):
        scale = observation.low / observation.expected(means)
        complete = np.bincount(
            observation.cell, means[observation.cell] * scale[observation.row_of], len(means)
        )
        for _ in range(30):  # Poisson regression of the completed counts
            mu = np.exp(matrix[seen] @ beta)
            information = matrix[seen].T @ (mu[:, None] * matrix[seen])
            step = np.linalg.solve(information, matrix[seen].T @ (complete[seen] - mu))
            beta = beta + step
            if np.abs(step).max() < 1e-12:
                break
        new = np.exp(matrix @ beta)
        if np.abs(new - means).max() < 1e-11 * new.max():
            break
        means = new
    assert est.point == pytest.approx(means.sum(), rel=1e-7)


@pytest.mark.parametrize(("low", "high", "mean"), [(0, 4, 0.3), (1, 4, 3.0), (8, 12, 30.0)])
def test_truncated_mean_by_summing(low: int, high: int, mean: float) -> None:
    from scipy.stats import poisson

    counts = np.arange(low, high + 1)
    mass = poisson.pmf(counts, mean)
    found, _ = LimitedCounts(np.array([low]), np.array([high])).moments(np.array([mean]))
    assert found[0] == pytest.approx((counts * mass).sum() / mass.sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (dk.LogLinear(select="stepwise"), "not defined for strata in one model"),
        (dk.LogLinear(select="average"), "too many to average"),
        (dk.LogLinear(uncertainty=dk.Profile()), "profile likelihood of the total"),
    ],
)
def test_what_strata_in_one_model_cannot_have(settings, words) -> None:
    with pytest.raises(NotEstimable, match=words):
        dk.estimate(dk.load("spina_bifida_by_ethnicity"), settings, seed=1)


def test_a_fit_that_runs_off_says_so() -> None:
    """Every two-way term of the practice register by year: no estimate, and no error either."""
    table = dk.load("practice_register").collapse("sex", "age", "form", "nationality")
    settings = dk.LogLinear("(P + R + O + K + I + Z + year)**2", uncertainty=dk.Delta())
    layout = Layout.of(settings, table)
    fit = layout.fit(layout.design.full)
    assert not fit.converged
    assert (fit.covariance == 0).all()
    with pytest.raises(NotEstimable, match="the model given has no estimate"):
        dk.estimate(table, settings, seed=1)


def test_average_over_suppressed_cells_has_limits() -> None:
    est = dk.estimate(suppressed(), dk.LogLinear(select="average"), seed=1)
    low, high = est.interval()
    assert low < est.estimate < high
