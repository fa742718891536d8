"""Log-linear models of tables with strata, gaps and limits."""

import itertools

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.data.observation import observe
from darkfigure.errors import NotEstimable
from darkfigure.models.log_linear.observed import Layout
from darkfigure.models.log_linear.observed_choice import choose
from darkfigure.numerics.limited_counts import LimitedCounts
from numerics.tables import ARTIFICIAL, PALEMBANG

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


def partly_recorded(recorded: dict[str, str], scale: int = 1) -> dk.CaptureTable:
    """Counts drawn at random of people on lists that record x, z or both, blank where none did."""
    rng = np.random.default_rng(3)
    levels = {"x": ("f", "m"), "z": ("u", "v")}
    rows = []
    for on in itertools.product((0, 1), repeat=len(recorded)):
        if not any(on):
            continue
        known = {v for name, at in zip(recorded, on, strict=True) if at for v in recorded[name]}
        for x, z in itertools.product(*(levels[v] if v in known else (None,) for v in levels)):
            count = scale * int(rng.integers(20, 200))
            rows.append(dict(zip(recorded, on, strict=True)) | {"x": x, "z": z, "count": count})
    return dk.CaptureTable.from_counts(rows, by=["x", "z"], lists=list(recorded))


PARTLY = [
    ({"A": "x", "B": "z"}, "A*z + B*x + x*z"),
    ({"A": "x", "B": "z", "C": "xz"}, "A*z + B*x + x*z + A*C + C*x"),
]


@pytest.mark.parametrize(("recorded", "formula"), PARTLY)
def test_variables_that_one_list_lacks_by_em(recorded: dict[str, str], formula: str) -> None:
    """Scoring and EM reach the same maximum (van der Heijden et al. 2012, Ann. Appl. Stat. 6:831).

    List A records x, list B records z: [A z][B x][x z] is the model of that paper. A third list
    records both.
    """
    table = partly_recorded(recorded)
    settings = dk.LogLinear(formula, uncertainty=dk.Delta())
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
    ],
)
def test_what_strata_in_one_model_cannot_have(settings, words) -> None:
    with pytest.raises(NotEstimable, match=words):
        dk.estimate(dk.load("spina_bifida_by_ethnicity"), settings, seed=1)


def every_two_way_term_by_year():
    """The practice register by year, with list I away in 2010; every two-way term."""
    table = dk.load("practice_register").collapse("sex", "age", "form", "nationality")
    settings = dk.LogLinear("(P + R + O + K + I + Z + year)**2", uncertainty=dk.Delta())
    return table, settings, Layout.of(settings, table)


def test_a_hard_fit_ends_at_a_maximum() -> None:
    """Sums that are badly fitted at first: the score at the end is 0, and no step leads up."""
    _, _, layout = every_two_way_term_by_year()
    fit = layout.fit(layout.design.full)
    assert fit.converged
    data, finite = layout.data, np.isfinite(fit.coefficients)
    matrix = layout.design.matrix()[:, finite]
    assert (data.low == data.high).all()

    def row_sums(cells: np.ndarray) -> np.ndarray:
        return np.add.reduceat(cells[data.cell], data.start[:-1], axis=0)

    def log_likelihood(beta: np.ndarray) -> float:
        m = data.weight * row_sums(np.where(fit.alive, np.exp(matrix @ beta), 0.0))
        return float((data.low[m > 0] * np.log(m[m > 0])).sum() - m.sum())

    m = data.weight * row_sums(fit.means)
    jacobian = data.weight[:, None] * row_sums(fit.means[:, None] * matrix)
    left = m > 0
    assert (data.low[~left] == 0).all()
    score = jacobian[left].T @ (data.low[left] / m[left] - 1.0)
    information = (jacobian[left] ** 2 / m[left, None]).sum(axis=0)
    assert np.abs(score / np.sqrt(information)).max() < 1e-6  # in standard errors or less
    beta, rng = fit.coefficients[finite], np.random.default_rng(1)
    highest = log_likelihood(beta)
    for size in (0.01, 0.1, 1.0):
        for _ in range(50):
            assert log_likelihood(beta + rng.normal(0.0, size, len(beta))) < highest


def test_a_fit_that_runs_off_has_no_covariance() -> None:
    """Palembang has one pair too many (Chan, Silverman & Vincent 2021): no estimate."""
    settings = dk.LogLinear("A*B + A*C", uncertainty=dk.Delta())
    rows = [
        {"A": int(h[0]), "B": int(h[1]), "C": int(h[2]), "count": n} for h, n in PALEMBANG.items()
    ]
    layout = Layout.of(settings, dk.CaptureTable.from_counts(rows))
    fit = layout.fit(layout.design.full)
    assert not fit.converged
    assert (fit.covariance == 0).all()


def in_two_strata(counts: dict[str, int]) -> dk.CaptureTable:
    """The same three-list table in each of two strata."""
    return dk.CaptureTable.from_counts(
        [
            {"A": int(h[0]), "B": int(h[1]), "C": int(h[2]), "s": s, "count": n}
            for h, n in counts.items()
            for s in ("one", "two")
        ],
        by="s",
    )


@pytest.mark.parametrize(
    ("counts", "terms", "words"),
    [
        (PALEMBANG, "A*B + A*C + s", "maximum-likelihood estimate does not exist"),
        (ARTIFICIAL, "A*B + C + s", "maximum-likelihood estimate does not exist"),
        (ARTIFICIAL, "A*B + A*C + B*C + s", "parameters are not identifiable"),
    ],
)
def test_a_model_without_an_estimate_is_refused_in_words(counts, terms, words) -> None:
    """Chan, Silverman & Vincent (2021): Table 2, and Palembang with two pairs.

    With the strata alike and no term between strata and lists, the existence is that of one table.
    """
    with pytest.raises(NotEstimable, match=f"the model given cannot be used: its .*{words}"):
        dk.estimate(in_two_strata(counts), dk.LogLinear(terms, uncertainty=dk.Delta()), seed=1)


def test_a_model_with_an_estimate_beside_them() -> None:
    """[13, 23] exists on the artificial table: both pairs at -inf leave A and B alone."""
    est = dk.estimate(
        in_two_strata(ARTIFICIAL), dk.LogLinear("A*C + B*C + s", uncertainty=dk.Delta()), seed=1
    )
    rows = [
        {"A": int(h[0]), "B": int(h[1]), "C": int(h[2]), "count": n} for h, n in ARTIFICIAL.items()
    ]
    table = dk.CaptureTable.from_counts(rows)
    alone = dk.estimate(table, dk.LogLinear("A*C + B*C", uncertainty=dk.Delta()), seed=1)
    assert est.point == pytest.approx(2 * alone.point, rel=1e-8)


def test_statuses_are_those_of_the_lattice() -> None:
    """Every model of Palembang, through sums of cells and through the subset lattice."""
    table, settings = dk.load("palembang"), dk.LogLinear()
    expected = settings.candidates(table)
    assert set(expected.status) >= {0, 1}
    found = choose(settings, Layout.of(settings, table))
    assert sorted(found.status) == sorted(expected.status)
    assert found.fit.unseen == pytest.approx(expected.fits.unseen[0], rel=1e-8)


def test_every_two_way_term_of_the_practice_register_has_an_estimate() -> None:
    """The truth of the simulated register is known: 45,000 people in six years."""
    table, settings, _ = every_two_way_term_by_year()
    est = dk.estimate(table, settings, seed=1)
    low, high = est.interval()
    assert low < 45_000 < high
    assert "existence_not_proven" not in {each.kind for each in est.cautions}


def test_existence_that_only_the_fit_tells_is_said() -> None:
    """x is recorded by whoever is on A and another list; all of C alone may be of one level."""
    counts = {
        "001": (11,), "010": (8,), "100": (4,), "101": (1, 6), "110": (7, 9), "111": (7, 0)
    }  # fmt: skip
    rows = [
        {"A": int(h[0]), "B": int(h[1]), "C": int(h[2]), "x": x, "count": n}
        for h, each in counts.items()
        for x, n in zip("fm" if len(each) == 2 else (None,), each, strict=True)
    ]
    table = dk.CaptureTable.from_counts(rows, by="x")
    est = dk.estimate(table, dk.LogLinear("A*x + B + C", uncertainty=dk.Delta()), seed=1)
    assert "existence_not_proven" in {each.kind for each in est.cautions}


def test_a_variable_that_nobody_recorded_is_refused() -> None:
    rows = [
        {"A": a, "B": b, "x": None, "count": n} for a, b, n in ((1, 0, 9), (0, 1, 7), (1, 1, 4))
    ]
    table = dk.CaptureTable.from_counts(rows, by="x", lists=["A", "B"])
    with pytest.raises(NotEstimable, match="x is recorded for nobody"):
        dk.estimate(table, dk.LogLinear(), seed=1)


def test_average_over_suppressed_cells_has_limits() -> None:
    est = dk.estimate(suppressed(), dk.LogLinear(select="average"), seed=1)
    low, high = est.interval()
    assert low < est.estimate < high
