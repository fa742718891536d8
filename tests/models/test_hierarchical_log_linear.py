"""Years and strata in one model: known truths, gaps in the data, and PyMC beside the numerics."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.models.hierarchical_log_linear.draws import Effects, groups_of, people_of
from darkfigure.models.hierarchical_log_linear.layout import times_of

REGISTER = Path(__file__).parent / "dutch_workflow" / "register.csv"
TRUTH = {2010: 1500, 2011: 1750, 2012: 2100, 2013: 2000, 2014: 1800, 2015: 1600}
"""Of the simulated register that the Dutch workflow is tested on: its intervals miss three."""

YEARS = tuple(range(2011, 2016))


def dutch(*by):
    frame = pd.read_csv(REGISTER)
    variables = ["year", "sex", "age", "form"]
    table = dk.CaptureTable.from_counts(frame, lists=["P", "K", "Z", "R"], by=variables)
    others = [name for name in variables[1:] if name not in by]
    return table.collapse(*others) if others else table


def simulated(seed=1, **settings):
    """Four lists of three years or more, sex among the covariates."""
    given = {
        "people": dict(zip(YEARS, (900, 1000, 1150, 1200, 1100), strict=True)),
        "covariates": {"sex": {"female": 0.6, "male": 0.4}},
        "lists": {"A": 0.3, "B": 0.25, "C": 0.2, "D": 0.15},
        "dependence": {("A", "B"): 2.0, ("C", "D"): 0.6},
        "seed": seed,
    }
    return dk.simulate(**(given | settings))


@pytest.fixture(scope="module")
def table():
    return simulated()


@pytest.fixture(scope="module")
def est(table):
    return dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)


# -- known truths


def test_yearly_totals_of_a_known_population(table, est):
    trend = est.trend()
    assert list(trend.index) == [str(year) for year in YEARS]
    assert ((trend["low"] < trend["truth"]) & (trend["truth"] < trend["high"])).all()
    assert np.log(trend["estimate"] / trend["truth"]).abs().max() < 0.15


def test_the_simulated_register_that_the_official_workflow_misses():
    """All six years inside, where fixed selection misses 2010, 2011 and 2015."""
    est = dk.estimate(dutch("sex", "age", "form"), dk.HierarchicalLogLinear(), seed=1)
    found = est.summary(by="year")
    truth = np.array(list(TRUTH.values()))
    assert ((found["low"] < truth) & (truth < found["high"])).all()
    theirs = dk.estimate(dutch("sex", "age", "form"), dk.DutchWorkflow(), seed=1).summary(by="year")
    missed = (theirs["low"] > truth) | (theirs["high"] < truth)
    assert list(theirs.index[missed]) == ["2010", "2011", "2015"]
    assert est.draws["importance"]["effective_size"] > 1000


def test_every_year_of_the_practice_register_is_covered():
    """List I is away in 2010; the truth of every year and of the total lies inside."""
    table = dk.load("practice_register").collapse("sex", "age", "form", "nationality")
    est = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)
    trend = est.trend()
    assert ((trend["low"] < trend["truth"]) & (trend["truth"] < trend["high"])).all()
    low, high = est.interval()
    assert low < 45_000 < high


def test_parts_add_up_draw_by_draw(table, est):
    by_year = est.population.groupby("stratum_year").sum()
    by_sex = est.population.groupby("stratum_sex").sum()
    assert (by_year.sum("stratum_year") == by_sex.sum("stratum_sex")).all()
    assert (est.population >= est.seen).all()
    assert int(est.seen.isel(chain=0, draw=0).sum()) == table.n_observed


def test_strata_borrow_strength():
    """Intervals of yearly totals are narrower than those of a model for each year alone."""
    table = simulated(people=dict.fromkeys(YEARS, 300)).collapse("sex")
    pooled = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1).summary(by="year")
    alone = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1, strata="separate")
    alone = alone.summary(by="year")
    width = np.log(pooled["high"] / pooled["low"]), np.log(alone["high"] / alone["low"])
    assert (width[0] < width[1]).all()
    assert width[0].mean() < 0.75 * width[1].mean()


# -- lists that come and go, strata not recorded, counts within limits


def test_a_list_that_starts_late_is_no_list_of_zeros():
    """Zeros in place of blanks make the model learn that lists jump from year to year."""
    lists = {
        "A": 0.3, "B": 0.2, "C": 0.25,
        "D": dk.SimulatedList(0.3, inactive=[2011, 2012]),
    }  # fmt: skip
    table = simulated(lists=lists, dependence={("A", "D"): 4.0}).collapse("sex")
    found = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)
    trend = found.trend()
    assert ((trend["low"] < trend["truth"]) & (trend["truth"] < trend["high"])).all()
    filled = table.to_frame().fillna({"D": 0}).astype({"D": int})
    zeros = dk.CaptureTable.from_counts(filled, lists=list("ABCD"), by=["year"])
    wrong = dk.estimate(zeros, dk.HierarchicalLogLinear(), seed=1)
    step, wrong_step = (
        float(each.draws["posterior"]["scale"].sel(scale_of="list: year").median())
        for each in (found, wrong)
    )
    assert wrong_step > 5 * step


def added_up(frame, *columns):
    """Rows that are alike in all but their counts, as one."""
    counts = ["count", *columns]
    names = [name for name in frame if name not in counts]
    return frame.groupby(names, dropna=False, as_index=False)[counts].sum()


def not_recorded(table, by="D"):
    """The same people, sex recorded for those on any list but D alone."""
    frame = table.to_frame()
    only = (frame[by] == 1) & (frame[["A", "B", "C"]].sum(axis=1) == 0)
    frame["sex"] = frame["sex"].where(~only)
    return dk.CaptureTable.from_counts(added_up(frame), lists=list("ABCD"), by=["year", "sex"])


def test_a_variable_that_one_list_does_not_record(table, est):
    """People seen of each sex are then draws; those of each year are still known."""
    found = dk.estimate(not_recorded(table), dk.HierarchicalLogLinear(), seed=1)
    assert found.seen.dims == ("chain", "draw", "stratum")
    by_year = found.seen.groupby("stratum_year").sum()
    assert (by_year.std(("chain", "draw")) == 0).all()
    by_sex = found.seen.groupby("stratum_sex").sum()
    assert (by_sex.std(("chain", "draw")) > 0).all()
    assert (found.seen_totals == table.n_observed).all()
    truth = est.seen.isel(chain=0, draw=0).groupby("stratum_sex").sum()
    for sex in ("female", "male"):
        low, high = np.quantile(by_sex.sel(stratum_sex=sex), [0.005, 0.995])
        assert low <= float(truth.sel(stratum_sex=sex)) <= high
    assert found.estimate == pytest.approx(est.estimate, rel=0.05)
    assert "about" not in str(found).split("\n")[1]


def test_suppressed_and_rounded_counts(table, est):
    """The people seen are drawn within the limits, and the interval widens about the same place."""
    hidden = table.disclose(threshold=5, rounding=5)
    found = dk.estimate(hidden, dk.HierarchicalLogLinear(), seed=1)
    assert found.seen_totals.min() >= hidden.low.sum()
    assert found.seen_totals.max() <= hidden.high.sum()
    low, high = found.interval(0.999)
    assert low < est.estimate < high
    assert found.summary().loc["seen", "sd"] > 0
    between = f"{hidden.low.sum():,} to {hidden.high.sum():,} by the limits of the counts, about "
    assert f"seen     {between}" in str(found)
    assert not np.isnan(found.trend().loc[:, "seen"]).any()
    with pytest.raises(dk.NotEstimable, match="within limits"):
        found.ppc()


def test_limits_that_say_nothing_more_are_exact_counts(table):
    frame = table.to_frame()
    frame["low"] = frame["high"] = frame["count"]
    other = dk.CaptureTable.from_counts(
        frame.drop(columns="count"), lists=list("ABCD"), count=("low", "high"), by=["year", "sex"]
    )
    mine, theirs = (
        dk.estimate(each, dk.HierarchicalLogLinear(), seed=1) for each in (table, other)
    )
    assert (mine.totals == theirs.totals).all()


def test_counts_that_may_all_be_nobody_are_refused():
    rows = {"A": [1, 0, 1], "B": [0, 1, 1], "C": [1, 0, 1], "low": [0] * 3, "high": [4] * 3}
    table = dk.CaptureTable.from_counts(rows, lists=list("ABC"), count=("low", "high"))
    with pytest.raises(dk.NotEstimable, match="nobody was seen"):
        dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)


def test_people_seen_are_drawn_from_their_distribution():
    """One row within limits over two strata: by enumeration."""
    frame = pd.DataFrame(
        {
            "A": [1, 1, 0, 0, 1, 1, 1],
            "B": [0, 0, 1, 1, 1, 1, 0],
            "C": [0, 0, 0, 0, 0, 1, 1],
            "year": [2011, 2012, 2011, 2012, None, 2011, 2012],
            "low": [30, 40, 20, 25, 2, 5, 6],
            "high": [30, 40, 20, 25, 9, 5, 6],
        }
    )
    table = dk.CaptureTable.from_counts(frame, lists=list("ABC"), count=("low", "high"), by="year")
    layout = dk.HierarchicalLogLinear()._layout(table)
    rng = np.random.default_rng(1)
    effects = layout.model.draw_prior(1, rng)[0]
    effects[:, 0] = 3.0
    many = Effects(np.tile(effects, (2, 10_000, 1)), np.zeros((2, 10_000, layout.model.scales)))
    people = people_of(layout, many, rng)
    means = layout.model.means(effects)[0]
    row = int(np.flatnonzero(layout.counts.is_sum & (layout.observation.high == 9))[0])
    cells = layout.observation.cell[layout.observation.start[row] :][:2]
    possible = np.arange(2, 10)
    log_mass = possible * np.log(means[cells].sum()) - np.cumsum(np.log(np.maximum(possible, 1)))
    share = np.exp(log_mass - log_mass.max())
    expected = possible @ share / share.sum() * means[cells] / means[cells].sum()
    known = np.array([55.0, 71.0])  # by year, without that row
    spread = people.seen.reshape(-1, 2).std(axis=0) / np.sqrt(20_000)
    assert (np.abs(people.seen.mean(axis=(0, 1)) - known - expected) < 4 * spread).all()
    unseen = layout.observation.unseen_in(means)
    error = np.sqrt(unseen / 20_000)
    assert (np.abs(people.unseen.mean(axis=(0, 1)) - unseen) < 4 * error).all()


def test_pairs_that_cannot_overlap_have_no_effect(table):
    frame = table.to_frame()
    frame = frame[(frame["A"] == 0) | (frame["B"] == 0)]
    other = dk.CaptureTable.from_counts(
        frame, lists=list("ABCD"), by=["year", "sex"], impossible=[("A", "B")]
    )
    est = dk.estimate(other, dk.HierarchicalLogLinear(), seed=1)
    pairs = est.draws["posterior"]["pair"].to_numpy().tolist()
    assert pairs == ["A + C", "A + D", "B + C", "B + D", "C + D"]


# -- years


def test_times_are_sorted_and_apart():
    order, gaps = times_of((2015, 2010, 2012))
    assert order.tolist() == [1, 2, 0]
    assert gaps.tolist() == [1.0, 1.5]
    assert times_of(("2011/12", "2010/11"))[0].tolist() == [1, 0]
    assert times_of(("01", "1"))[1].tolist() == [1.0]


def test_the_order_of_years_in_the_table_does_not_matter(table):
    frame = table.to_frame()
    frame["year"] = "y" + frame["year"].astype(str)
    forward, backward = (
        dk.CaptureTable.from_counts(each, lists=list("ABCD"), by=["year", "sex"])
        for each in (frame, frame.iloc[::-1])
    )
    layouts = [dk.HierarchicalLogLinear()._layout(each) for each in (forward, backward)]
    for layout in layouts:
        year = next(each for each in layout.variables if each.name == "year")
        sorted_basis = year.basis[np.argsort(year.levels)]
        assert np.diff(sorted_basis, axis=0) == pytest.approx(np.eye(len(YEARS) - 1))


def test_pairs_that_change_over_the_years(table):
    model = dk.HierarchicalLogLinear(dependence="by year")
    est = dk.estimate(table.collapse("sex"), model, seed=1)
    changes = est.draws["posterior"]["both_lists_by_year"]
    assert changes.sizes["pair"] == 6
    assert np.allclose(changes.sum("level_year"), 0.0)
    assert "pairs by year" in est.label
    plain = dk.estimate(table.collapse("sex"), dk.HierarchicalLogLinear(), seed=1)
    assert est.estimate == pytest.approx(plain.estimate, rel=0.1)


def test_exchangeable_years_have_no_order(table):
    model = dk.HierarchicalLogLinear(over_years="exchangeable")
    layout = model._layout(table)
    assert not any(each.walks for each in layout.variables)
    assert "list: year" in layout.scales
    assert "size: year" not in layout.scales


def test_years_of_another_name():
    frame = simulated().collapse("sex").to_frame().rename(columns={"year": "period"})
    table = dk.CaptureTable.from_counts(frame, lists=list("ABCD"), by="period")
    assert dk.HierarchicalLogLinear(year="period")._layout(table).variables[0].walks
    assert not dk.HierarchicalLogLinear()._layout(table).variables[0].walks
    with pytest.raises(dk.SettingsError, match='Did you mean "period"'):
        dk.estimate(table, dk.HierarchicalLogLinear(year="periods"), seed=1)
    with pytest.raises(dk.SettingsError, match="by year"):
        dk.estimate(table, dk.HierarchicalLogLinear(dependence="by year"), seed=1)


def test_variables_of_one_level_have_no_effect():
    frame = simulated().to_frame().assign(country="NL")
    table = dk.CaptureTable.from_counts(frame, lists=list("ABCD"), by=["year", "country", "sex"])
    layout = dk.HierarchicalLogLinear()._layout(table)
    assert [each.name for each in layout.variables] == ["year", "sex"]
    est = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1, draws=400)
    assert "stratum_country" in est.population.coords


# -- settings, priors, what is kept


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"year": ""}, "year is"),
        ({"over_years": "jumps"}, "over_years is 'jumps'; expected one of 'walk'"),
        ({"dependence": "by sex"}, "dependence is"),
        ({"inference": "importance"}, "inference is"),
        ({"step": 0.0}, "step"),
        ({"tune": 10}, "tune is 10"),
    ],
)
def test_settings_that_cannot_be(settings, match):
    with pytest.raises(dk.SettingsError, match=match):
        dk.HierarchicalLogLinear(**settings)


def test_too_many_strata_are_refused():
    areas = [f"area {i}" for i in range(60)]
    offices = [f"office {i}" for i in range(60)]
    frame = pd.DataFrame(
        {
            "A": [1, 0, 1] * 60,
            "B": [0, 1, 1] * 60,
            "C": [1, 1, 0] * 60,
            "area": np.repeat(areas, 3),
            "office": np.repeat(offices, 3),
            "count": 5,
        }
    )
    table = dk.CaptureTable.from_counts(frame, lists=list("ABC"), by=["area", "office"])
    with pytest.raises(dk.NotEstimable, match=r"area \(60 levels\), office \(60 levels\)"):
        dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)


def test_a_prior_on_the_population_as_setting_or_afterwards(table, est):
    prior = dk.prior.Between(5_000, 5_500, prob=0.9)
    within = dk.estimate(table, dk.HierarchicalLogLinear(prior=prior), seed=1)
    after = est.with_prior(prior)
    error = 4 * within.sd / np.sqrt(500)
    assert within.interval() == pytest.approx(after.interval(), abs=2.4 * error)
    assert within.median == pytest.approx(after.median, abs=error)
    assert within.sd < est.sd
    with pytest.raises(dk.NotEstimable, match="exclude each other"):
        dk.estimate(table, dk.HierarchicalLogLinear(prior=dk.prior.AtLeast(10**12)), seed=1)


def test_what_is_kept_with_the_draws(table, est):
    posterior = est.draws["posterior"]
    assert posterior["on_list_by_year"].dims == ("chain", "draw", "list", "level_year")
    assert np.allclose(posterior["size_by_sex"].sum("level_sex"), 0.0)
    assert "list: year" in posterior["scale_of"].to_numpy()
    ppc = est.ppc()
    assert (ppc["p"] > 0.01).all()
    assert est.draws["log_likelihood"]["counts"].dims == ("chain", "draw", "history")
    rows = est.draws["observed_data"]["counts"]
    assert int(rows.sum()) == table.n_observed


def test_rows_too_many_are_added_up_by_history():
    layout = dk.HierarchicalLogLinear()._layout(dk.load("practice_register"))
    rng = np.random.default_rng(1)
    effects = np.tile(layout.model.mean, (4, 250, 1))
    drawn = Effects(effects, np.zeros((4, 250, layout.model.scales)))
    groups = groups_of(layout, drawn, people_of(layout, drawn, rng), rng)
    assert "log_likelihood" not in groups
    assert groups["observed_data"]["counts"].sizes["history"] == 63
    assert int(groups["observed_data"]["counts"].sum()) == 8233


def test_uncertain_people_seen_are_saved_and_read(table, tmp_path):
    found = dk.estimate(table.disclose(threshold=5), dk.HierarchicalLogLinear(), seed=1, draws=400)
    again = dk.open(found.save(tmp_path / "est.nc"))
    assert (again.seen == found.seen).all()
    assert (again.summary() == found.summary()).all(axis=None)
    prior = dk.prior.LogNormal(5_000, 1.0) if hasattr(dk.prior, "LogNormal") else None
    changed = found.with_prior(prior)
    assert (changed.population == changed.seen + changed.unseen).all()


def test_before_the_data(table):
    odds = dk.prior_predictive(dk.HierarchicalLogLinear(), table, seed=1).ratio
    assert np.isfinite(odds).mean() > 0.99
    # one in 1.2 to one in 1,000 seen: all that such registers have been
    low, high = np.quantile(odds, [0.025, 0.975])
    assert low < 1.3
    assert high > 30
    varied = dk.HierarchicalLogLinear().varied(4)
    assert len(set(varied)) == 7
    assert varied[0] == dk.HierarchicalLogLinear()


def test_means_are_finite_where_the_tail_allows_them(table):
    """A power of N: that of 1/N, √k for lists of one kind, √(pairs that overlap) for the pairs."""
    model = dk.HierarchicalLogLinear()
    assert model._tail(model._layout(table)) == pytest.approx(1 + 2 + np.sqrt(6))
    apart = pd.DataFrame(np.eye(3, dtype=int), columns=list("ABC")).assign(count=30)
    apart = dk.CaptureTable.from_counts(apart)
    assert model._tail(model._layout(apart)) == pytest.approx(1 + np.sqrt(3))
    est = dk.estimate(apart, model, seed=1)
    assert {"no_overlap", "sd_infinite"} <= {each.kind for each in est.cautions}


def test_the_prior_decides_little_of_a_rich_table(table, est):
    for other in dk.HierarchicalLogLinear().varied(4)[1:]:
        changed = dk.estimate(table.collapse("sex"), other, seed=1, draws=400)
        assert changed.estimate == pytest.approx(est.estimate, rel=0.05)


# -- the PyMC model


def awkward():
    """A list that starts late, a variable not recorded, narrow and wide limits, all at once."""
    lists = {"A": 0.3, "B": 0.2, "C": dk.SimulatedList(0.25, inactive=[2011])}
    table = simulated(lists=lists, dependence={}, people=dict.fromkeys(YEARS[:3], 200))
    frame = table.to_frame()
    partly = frame[(frame["year"] == 2012) & (frame["B"] == 1)]
    frame.loc[partly.index, "count"] -= partly["count"] // 2
    missing = partly.assign(sex=None, count=partly["count"] // 2)
    frame = added_up(pd.concat([frame, missing]))
    frame["low"] = frame["high"] = frame["count"]
    small = (frame["count"] < 5) & frame["sex"].notna() & (frame["B"] == 0)
    frame.loc[small, ["low", "high"]] = [0, 4]
    most = frame["count"].where(frame["B"] == 0).idxmax()
    frame.loc[most, ["low", "high"]] = [0, 97]
    return dk.CaptureTable.from_counts(
        frame.drop(columns="count"), lists=list("ABC"), count=("low", "high"),
        by=["year", "sex"], blank="inactive",
    )  # fmt: skip


@pytest.mark.parametrize("by_year", [False, True])
def test_the_pymc_model_has_the_same_density(by_year):
    """Differences of log densities between points, Jacobians of the standard normals put in."""
    table = awkward()
    settings = dk.HierarchicalLogLinear(dependence="by year" if by_year else "constant")
    layout = settings._layout(table)
    limits = layout.counts.counts
    assert len(limits.narrow) > 0 < len(limits.wide)
    assert layout.counts.is_sum.any()
    assert (layout.counts.weight != 1.0).any()
    model = settings.build(table)
    density = model.compile_logp()
    blocks = layout.model.blocks
    rng = np.random.default_rng(1)
    theirs, mine = [], []
    for _ in range(4):
        effects, log_scale = layout.model.draw_prior(1, rng)
        effects[0, 0] = rng.normal(4.0, 0.3)
        standard = (effects - layout.model.mean) / layout.model.deviations(log_scale)
        seen = layout.counts.expected(layout.model.means(effects)).sum()
        point = {
            name: standard[0, max(block.effects.start, 1) : block.effects.stop]
            for name, block in blocks.items()
        }
        point |= {"scale_log__": log_scale[0], "log_rate": np.log(seen)}
        theirs.append(float(density(point)))
        proper = standard[0, 1:]
        mine.append(
            float(layout.counts.log_likelihood(effects)[0][0])
            - 0.5 * float(proper @ proper)
            + float(layout.model.log_prior_of_scales(log_scale[0]))
        )
    assert np.diff(theirs) == pytest.approx(np.diff(mine), rel=1e-8)


def test_the_pymc_model_has_no_prior_on_the_population(table):
    with pytest.raises(dk.SettingsError, match="1/N"):
        dk.HierarchicalLogLinear(prior=dk.prior.Flat()).build(table)


def test_the_slope_of_the_pymc_model_is_finite_far_from_wide_limits():
    """Where both tails of a wide interval are 0, the density still leads back."""
    model = dk.HierarchicalLogLinear().build(awkward())
    point = model.initial_point()
    values = []
    for log_rate in (-10.0, 3.0, 12.0):
        point["log_rate"] = np.array(log_rate)
        slope = model.compile_dlogp()(point)
        assert np.isfinite(slope).all()
        values.append(float(model.compile_logp()(point)))
    assert all(np.isfinite(values))
    assert max(values) == values[1]


def test_years_follow_one_another(est):
    """The table of the trend: shares of the draws."""
    trend = est.trend()
    totals = est.population.groupby("stratum_year").sum()
    pairs = list(pairwise(str(year) for year in YEARS))
    rises = [
        float((totals.sel(stratum_year=b) > totals.sel(stratum_year=a)).mean()) for a, b in pairs
    ]
    assert trend["increase"].iloc[1:].tolist() == pytest.approx(rises)
    first = totals.sel(stratum_year="2011")
    last = totals.sel(stratum_year="2015")
    assert trend["increase_since_first"].iloc[-1] == pytest.approx(float((last > first).mean()))
