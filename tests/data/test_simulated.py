"""Simulated registers: what was set comes out, within Monte Carlo error, and nothing else."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.data.about import About, Truth, truth_of_part
from darkfigure.data.records import CaptureRecords
from darkfigure.data.simulated import simulate
from darkfigure.data.simulated_settings import SimulatedList
from darkfigure.errors import DataError, SettingsError

MANY = 200_000
SDS = 4  # all tolerances: four standard deviations of the simulated count; seeds are fixed
TWO = {"A": 0.3, "B": 0.2}


def simple(**settings):
    """A register without strata."""
    return simulate(**({"people": MANY, "covariates": {}, "lists": TWO, "seed": 1} | settings))


def cells(table):
    """People on A and B, A only, B only, neither."""
    rows = {tuple(h): n for h, n in zip(table.histories.tolist(), table.low.tolist(), strict=True)}
    return rows.get((1, 1), 0), rows.get((1, 0), 0), rows.get((0, 1), 0), table.known_unseen


def binomial(number, chance):
    return pytest.approx(number * chance, abs=SDS * math.sqrt(number * chance * (1 - chance)))


def people_in(table, name, **levels):
    """People on a list in some strata."""
    keep = table.histories[:, table.lists.index(name)] == 1
    for variable, level in levels.items():
        keep = keep & (table.labels[variable] == level)
    return int(table.low[keep].sum())


def log_odds(share):
    return math.log(share / (1 - share))


# -- what it says of itself ---------------------------------------------------------------------


def test_the_ready_made_register_is_labelled_and_holds_its_truth():
    table = simulate(seed=1)
    about = table.about
    assert about.simulated
    assert about.people == "simulated people"
    assert about.title.startswith("SIMULATED")
    assert about.caveats[0].startswith("SIMULATED")
    assert table.is_exact
    assert table.needs == ()
    assert about.truth.total == 8_700 == table.n_observed + table.known_unseen
    assert about.truth.by("year") == {2020: 1_800, 2021: 2_100, 2022: 2_500, 2023: 2_300}
    assert set(about.truth.by("sex")) == {"female", "male"}
    assert about.period.years == 4


def test_the_answer_is_printed_beside_the_truth():
    est = dk.estimate(simulate(seed=1).collapse(), dk.DecomposableGraphs(), seed=1, draws=400)
    assert "known    simulated, truth 8,700" in str(est)
    assert "simulated people" in str(est).splitlines()[0]
    part = dk.estimate(
        simulate(seed=1).collapse().with_about(truth=None),
        dk.DecomposableGraphs(),
        seed=1,
        draws=400,
    )
    assert "known    simulated, no real people" in str(part)


def test_the_truth_is_saved_with_an_estimate(tmp_path):
    est = dk.estimate(simulate(seed=1).collapse(), dk.DecomposableGraphs(), seed=1, draws=400)
    est.save(tmp_path / "est.nc")
    assert dk.open(tmp_path / "est.nc").table.about == est.table.about


# -- the same again -----------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_register():
    first, again = simulate(seed=7), simulate(seed=7)
    assert np.array_equal(first.histories, again.histories)
    assert np.array_equal(first.low, again.low)
    assert first.about == again.about
    assert simulate(seed=8).content_hash != first.content_hash
    by_generator = [simulate(seed=np.random.default_rng(3)).content_hash for _ in range(2)]
    assert by_generator[0] == by_generator[1]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"visibility": 0.0, "people": 500},
        {"lists": {"A": SimulatedList(0.3, loading=0.0, outside=0.1), "B": 0.2}},
        {"missed_links": 0.1, "covariates": {"sex": {"f": 0.5, "m": 0.5}}},
    ],
)
def test_its_origin_makes_it_again(settings):
    table = simulate(**settings)
    dk_ = SimpleNamespace(simulate=simulate, SimulatedList=SimulatedList)
    assert eval(table.origin, {"dk": dk_}).content_hash == table.content_hash


def test_records_count_to_the_table():
    settings = {"missed_links": 0.1, "false_links": 0.02, "seed": 5}
    records, table = simulate(records=True, **settings), simulate(**settings)
    assert isinstance(records, CaptureRecords)
    assert records.n_people == table.n_observed
    assert records.to_table(by=["year", "sex", "form"]).content_hash == table.content_hash
    assert records.about.truth == table.about.truth


# -- what was set comes out ---------------------------------------------------------------------


def test_chances_of_lists():
    table = simple()
    both, a, b, neither = cells(table)
    assert both + a == binomial(MANY, 0.3)
    assert both + b == binomial(MANY, 0.2)
    assert both == binomial(MANY, 0.06)
    assert both + a + b + neither == MANY == table.about.truth.total


def test_chances_are_averages_whatever_the_effects_visibility_and_dependence():
    table = simulate(
        people={2014: MANY // 2, 2015: MANY // 2},
        lists={
            "A": SimulatedList(0.1, effects={"sex": {"male": 1.0}, "year": {2015: -0.7}}),
            "B": SimulatedList(0.05, effects={"form": {"labour": 2.0}}),
        },
        visibility=1.0,
        dependence={("B", "A"): 5.0},
        seed=1,
    )
    assert people_in(table, "A") == binomial(MANY, 0.1)
    assert people_in(table, "B") == binomial(MANY, 0.05)


def test_effects_are_differences_of_log_odds():
    table = simulate(
        people={2014: MANY // 2, 2015: MANY // 2},
        lists={
            "A": SimulatedList(0.2, effects={"sex": {"male": 0.8}, "year": {2015: -0.5}}),
            "B": 0.1,
        },
        seed=1,
    )
    for variable, base, level, effect in (
        ("sex", "female", "male", 0.8),
        ("year", 2014, 2015, -0.5),
    ):
        other = "year" if variable == "sex" else "sex"
        held = {"year": 2014, "sex": "female"}[other]
        truth = table.about.truth.select(**{other: held}).by(variable)
        seen = {x: people_in(table, "A", **{variable: x, other: held}) for x in (base, level)}
        found = log_odds(seen[level] / truth[level]) - log_odds(seen[base] / truth[base])
        error = math.sqrt(sum(1 / seen[x] + 1 / (truth[x] - seen[x]) for x in seen))
        assert found == pytest.approx(effect, abs=SDS * error)


def test_covariates_have_their_shares_trends_and_associations():
    ratio = 4.0
    table = simulate(
        people={2010: MANY, 2011: MANY, 2012: MANY},
        covariates={
            "sex": {"f": {2010: 0.8, 2012: 0.6}, "m": {2010: 0.2, 2012: 0.4}},
            "form": {"x": 0.5, "y": 0.3, "z": 0.2},
        },
        associations={(("sex", "m"), ("form", "x")): ratio},
        lists=TWO,
        seed=1,
    )
    truth = table.about.truth
    for year, share in ((2010, 0.8), (2011, 0.7), (2012, 0.6)):
        assert truth.select(year=year).by("sex")["f"] == binomial(MANY, share)
        assert truth.select(year=year).by("form")["y"] == binomial(MANY, 0.3)
    n = {
        (s, f): truth.select(year=2011, sex=s, form=f).total for s in ("f", "m") for f in ("x", "y")
    }
    found = math.log(n["m", "x"] * n["f", "y"] / (n["m", "y"] * n["f", "x"]))
    error = math.sqrt(sum(1 / number for number in n.values()))
    assert found == pytest.approx(math.log(ratio), abs=SDS * error)


@pytest.mark.parametrize("ratio", [0.2, 1.0, 6.0])
def test_odds_ratio_of_a_pair(ratio):
    counts = cells(simple(dependence={("A", "B"): ratio}))
    both, a, b, neither = counts
    error = math.sqrt(sum(1 / count for count in counts))
    assert math.log(both * neither / (a * b)) == pytest.approx(math.log(ratio), abs=SDS * error)


@pytest.mark.parametrize(("loading", "sd"), [(1.0, 1.5), (0.5, 1.5), (0.0, 1.5)])
def test_visibility_is_normal_on_the_log_odds(loading, sd):
    lists = {"A": SimulatedList(0.1), "B": SimulatedList(0.1, loading=loading)}
    both = cells(simple(lists=lists, visibility=sd))[0]
    # the chance to be on both, by Gauss-Hermite quadrature
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()

    def chances(scale):
        grid = np.linspace(-8, 2, 20_001)[:, None]
        average = (weights / (1 + np.exp(-(grid + scale * nodes)))).sum(axis=1)
        return 1 / (1 + np.exp(-(grid[np.abs(average - 0.1).argmin()] + scale * nodes)))

    assert both == binomial(MANY, float((weights * chances(sd) * chances(loading * sd)).sum()))


def test_referral_puts_people_on_the_second_list():
    both, a, b, _ = cells(simple(referral={("A", "B"): 0.4}))
    assert both == binomial(MANY, 0.3 * (0.2 + 0.8 * 0.4))
    assert both + a == binomial(MANY, 0.3)
    assert b == binomial(MANY, 0.7 * 0.2)


def test_a_list_not_at_work_is_blank_and_keeps_its_chance_elsewhere():
    table = simulate(
        people={2010: MANY, 2011: MANY},
        covariates={},
        lists={"A": SimulatedList(0.1, inactive=[2010]), "B": 0.2, "C": 0.1},
        referral={("B", "A"): 0.5},
        seed=1,
    )
    blank = table.histories[:, 0] == -1
    assert blank.tolist() == [year == 2010 for year in table.labels["year"]]
    assert people_in(table, "A", year=2011) == binomial(MANY, 0.1 + 0.9 * 0.2 * 0.5)
    assert table.needs == ("blank lists",)


def test_a_stratum_where_nobody_was_seen_still_says_which_list_was_away():
    table = simulate(
        people={2010: 200, 2011: 200},
        covariates={"sex": {"f": 0.95, "m": 0.05}},
        lists={"A": SimulatedList(0.1, inactive=2010), "B": 0.01, "C": 0.01},
        seed=1,
    )
    frame = table.to_frame()
    away = frame[(frame["year"] == 2010) & (frame["sex"] == "m")]
    assert away[["B", "C", "count"]].to_numpy().tolist() == [[1, 0, 0]]
    assert away["A"].isna().all()


def test_missed_links_split_people():
    exact, missed = simple(), simple(missed_links=0.25)
    both = cells(exact)[0]
    assert cells(missed)[0] == binomial(both, 0.75)
    assert missed.n_observed - exact.n_observed == both - cells(missed)[0]
    assert missed.totals().equals(exact.totals())
    assert missed.about.truth.total == MANY
    assert missed.known_unseen == exact.known_unseen


def test_false_links_join_people():
    exact, linked = simple(people=20_000), simple(people=20_000, false_links=0.05)
    both, a, b, _ = cells(exact)
    joined = cells(linked)[0] - both
    # who waits for a partner is no partner of another, and a few find none in time
    assert joined == binomial(a + b, 0.05)
    assert exact.n_observed - linked.n_observed == joined
    assert linked.totals().equals(exact.totals())


def test_false_links_stay_within_the_year_and_covariates():
    exact, linked = simulate(seed=2), simulate(seed=2, false_links=0.1)
    assert linked.n_observed < exact.n_observed
    for name in exact.lists:
        for year in exact.strata["year"]:
            assert people_in(linked, name, year=year) == people_in(exact, name, year=year)


def test_people_from_outside_are_on_one_list_and_not_in_the_truth():
    lists = {"A": SimulatedList(0.3, outside=0.2), "B": 0.2}
    table, exact = simple(lists=lists), simple()
    added = table.totals()["A"] - exact.totals()["A"]
    assert added == round(exact.totals()["A"] * 0.2 / 0.8)
    assert cells(table)[0] == cells(exact)[0]
    assert table.about.truth == exact.about.truth
    assert any("no members" in caveat for caveat in table.about.caveats)


# -- the truth of parts -------------------------------------------------------------------------


def test_the_truth_stays_right_when_lists_and_strata_change():
    table = simulate(seed=1)
    truth = table.about.truth
    for other in (
        table.drop("police"),
        table.merge({"both": ["police", "shelter"]}),
        table.collapse("sex"),
        table.collapse(),
    ):
        assert other.about.simulated
        assert other.about.truth == truth
        assert other.n_observed + other.known_unseen == truth.total


def test_the_truth_of_a_part_is_its_own():
    table = simulate(seed=1)
    truth = table.about.truth
    part = table.select(year=[2021, 2022])
    assert part.about.simulated
    assert part.about.truth == truth.select(year=[2021, 2022])
    for (year, sex, form), each in table.split().items():
        assert each.about.truth == truth.select(year=year, sex=sex, form=form)


def test_truth_of_part():
    about = simulate(seed=1).about
    assert truth_of_part(about, {"year": [2021, 2022]}).total == 2_100 + 2_500
    assert truth_of_part(about, {"hair": ["red"]}) is None
    assert truth_of_part(About(), {"year": [2021]}) is None


def test_a_truth_in_words_and_as_a_frame():
    truth = Truth(("year", "sex"), ((2014, "f"), (2014, "m"), (2015, "f")), (5, 6, 7))
    assert repr(truth) == "18 people in truth, by year, sex"
    assert repr(Truth((), ((),), (9,))) == "9 people in truth"
    assert truth.select(year=range(2010, 2015)).total == 11
    assert truth.to_frame().to_dict("list") == {
        "year": [2014, 2014, 2015],
        "sex": ["f", "m", "f"],
        "people": [5, 6, 7],
    }
    with pytest.raises(DataError, match="not known by 'yaer'") as caught:
        truth.by("yaer")
    assert caught.value.hint == 'Did you mean "year"?'
    with pytest.raises(DataError, match="1 variables, 1 strata and 2 numbers"):
        Truth(("year",), ((2014,),), (5, 6))


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"people": 0}, "people is 0; expected a whole number"),
        ({"people": {2014: 2.5}}, "expected a whole number of people, or one per year"),
        ({"people": {"2014": 5}}, "expected a whole number of people, or one per year"),
        ({"covariates": ["sex"]}, "covariates is .*; expected a mapping"),
        ({"covariates": {"sex": {"f": 0.6, "m": 0.5}}}, "add up to 1.1 in 2020; expected 1"),
        ({"covariates": {"sex": {"f": 1.5, "m": -0.5}}}, "the share of sex='f' is 1.5"),
        ({"covariates": {"year": {"f": 1.0}}}, "name of the years"),
        ({"covariates": {"sex": {"f": {}}}}, "a number, or one per year"),
        ({"covariates": {"A": {"f": 1.0}}, "lists": TWO}, "name of a list"),
        ({"associations": {("sex", "form"): 2.0}}, "two pairs of a covariate and its level"),
        (
            {"associations": {(("sex", "man"), ("form", "labour")): 2.0}},
            "the level 'man' of 'sex'; it has 'female', 'male'",
        ),
        ({"associations": {(("year", 2020), ("sex", "male")): 2.0}}, "two different covariates"),
        ({"lists": {"A": 0.3}}, "there are 1 lists; expected 2 to 20"),
        ({"lists": {"A": 1.2, "B": 0.1}}, "probability is 1.2; expected a finite number above 0"),
        (
            {"lists": {"A": SimulatedList(0.1, effects={"age": {"old": 1}}), "B": 0.1}},
            "effects of list 'A' names 'age'; the stratum variables are 'year', 'sex', 'form'",
        ),
        (
            {"lists": {"A": SimulatedList(0.1, inactive=[2019]), "B": 0.1}},
            "inactive of list 'A' names the level 2019 of 'year'",
        ),
        (
            {"lists": {"A": SimulatedList(0.1, inactive=range(2020, 2024)), "B": 0.1}},
            "list 'A' is at work in no year",
        ),
        (
            {"lists": {n: SimulatedList(0.1, inactive=[2020]) for n in "AB"}},
            "no list is at work in 2020",
        ),
        ({"visibility": -1}, "visibility is -1; expected a finite number from 0"),
        ({"dependence": {"AB": 2.0}}, "dependence holds 'AB'; expected pairs of two lists"),
        ({"dependence": {("police", "shelters"): 2.0}}, "names the list 'shelters'"),
        ({"dependence": {("police", "shelter"): 0.0}}, "the odds ratio of police-shelter is 0"),
        (
            {"dependence": {("police", "shelter"): 2.0, ("shelter", "police"): 2.0}},
            "dependence names shelter-police twice",
        ),
        ({"referral": {("police", "shelter"): 1.5}}, "the referral from police to shelter is 1.5"),
        ({"missed_links": 2}, "missed_links is 2; expected a finite number from 0 to 1"),
        ({"false_links": math.nan}, "false_links is nan"),
        ({"seed": -1}, "seed is -1"),
        (
            {"lists": {"A": SimulatedList(0.1, inactive=[2020]), "B": 0.1}, "records": True},
            r"records cannot say that a list was not at work \(A\)",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, said):
    with pytest.raises(SettingsError, match=said):
        simulate(**({"seed": 1} | settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"outside": 1.0}, "outside is 1.0; expected a finite number from 0 below 1"),
        ({"loading": "x"}, "loading is 'x'"),
        ({"effects": {"sex": 2.0}}, "effects of 'sex' are 2.0; expected a number per level"),
        ({"effects": {"sex": {"m": math.inf}}}, "the effect of sex='m' is inf"),
    ],
)
def test_settings_of_a_list_that_cannot_be_are_refused(settings, said):
    with pytest.raises(SettingsError, match=said):
        SimulatedList(0.1, **settings)


def test_what_is_passed_in_is_left_alone():
    people, lists = {2014: 100, 2015: 100}, dict(TWO)
    simulate(people=people, lists=lists, seed=1)
    assert (people, lists) == ({2014: 100, 2015: 100}, TWO)
