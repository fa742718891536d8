"""LinkageError around other models: against closed forms and simulations of known truth."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.assumptions import LINKAGE
from darkfigure.calls import read_model, write_call, write_python
from darkfigure.numerics.linkage import true_overlap

ROUND_TRIPS = [
    dk.LinkageError(dk.LogLinear(), missed=(0.02, 0.1)),
    dk.LinkageError(dk.TwoList(odds_ratio=dk.prior.Between(1, 4)), missed=0.05, false=0.001),
    dk.LinkageError(dk.BayesianLogLinear(), missed=dk.prior.Beta(5, 95), imputations=40),
    dk.LinkageError(dk.LatentClass(), false=dk.prior.ClericalSample(checked=200, wrong=3)),
]


def two_lists(both=150, first=2_000, second=800):
    return dk.CaptureTable.from_counts(
        {"A": [1, 1, 0], "B": [1, 0, 1], "count": [both, first, second]}
    )


@pytest.mark.parametrize("model", [dk.DecomposableGraphs(), dk.LogLinear()], ids=write_call)
def test_without_errors_it_is_the_model_inside(model):
    table = dk.load("kosovo")
    inside = dk.estimate(table, model, seed=4)
    around = dk.estimate(table, dk.LinkageError(model), seed=4)
    assert (inside.totals == around.totals).all()
    assert inside.point == around.point
    assert around.seen_totals.max() == table.n_observed


def test_without_errors_strata_are_those_of_the_model_inside():
    table = dk.simulate(
        people={2014: 800, 2015: 900}, covariates={}, lists={"A": 0.4, "B": 0.3, "C": 0.3}, seed=1
    )
    inside = dk.estimate(table, dk.DecomposableGraphs(), seed=4)
    around = dk.estimate(table, dk.LinkageError(dk.DecomposableGraphs()), seed=4)
    assert (inside.population.to_numpy() == around.population.to_numpy()).all()


@pytest.mark.parametrize(("missed", "false"), [(0.1, 0.0), (0.1, 0.02), (0.3, 0.05), (0.0, 0.05)])
def test_two_lists_are_those_of_ding_and_fienberg(missed, false):
    """m1 m2 over the corrected overlap: Ding & Fienberg (1994); posterior median within 2 %."""
    model = dk.LinkageError(dk.TwoList(), missed=missed, false=false, imputations=200)
    est = dk.estimate(two_lists(), model, seed=1)
    exact = 2_150 * 950 / true_overlap(150, 950, missed, false)
    assert est.point == pytest.approx(exact, rel=0.02)
    # the median of the posterior under independence lies a little below m1 m2 / m12
    inside = dk.estimate(two_lists(), dk.TwoList(), seed=1)
    assert est.median / exact == pytest.approx(inside.median / inside.point, rel=0.03)


def test_order_of_the_lists_does_not_matter():
    """The records of the smaller list are looked up in the larger, whichever comes first."""
    turned = dk.CaptureTable.from_counts(
        {"B": [1, 0, 1], "A": [1, 1, 0], "count": [150, 2000, 800]}
    )
    model = dk.LinkageError(dk.TwoList(), missed=0.1, false=0.04, imputations=100)
    mine = dk.estimate(two_lists(), model, seed=1)
    theirs = dk.estimate(turned, model, seed=2)
    assert theirs.point == pytest.approx(mine.point, rel=0.03)


def test_seen_are_draws_and_total_is_their_sum():
    est = dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), missed=0.2), seed=1)
    exact = 2_950 - (true_overlap(150, 950, 0.2, 0.0) - 150)
    assert np.median(est.seen_totals) == pytest.approx(exact, abs=6)
    assert est.seen_totals.min() < est.seen_totals.max()
    assert (est.population == est.seen + est.unseen).all()
    assert "about 2," in repr(est)
    assert {"missed", "false", "seen", "population"} == set(est.draws["linkage"].data_vars)


def test_a_range_of_rates_widens_the_interval():
    table = two_lists(1_500, 2_000, 3_000)
    point = dk.estimate(table, dk.LinkageError(dk.TwoList(), missed=0.15), seed=1).interval()
    wide = dk.estimate(table, dk.LinkageError(dk.TwoList(), missed=(0.0, 0.3)), seed=1).interval()
    assert wide[0] < point[0]
    assert wide[1] > point[1]


def test_a_clerical_sample_is_its_beta_posterior():
    sample = dk.prior.ClericalSample(checked=200, wrong=20)
    beta = dk.prior.Beta(20.5, 180.5)
    mine, theirs = (
        dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), missed=each), seed=1)
        for each in (sample, beta)
    )
    assert (mine.totals == theirs.totals).all()
    assert mine.draws["linkage"]["missed"].mean() == pytest.approx(0.102, abs=0.003)


def test_errors_made_by_simulation_are_undone():
    """Twelve registers of 4,000 with a link in five missed: the truth is covered, and only so."""
    covered, naive, ratio = 0, 0, []
    for seed in range(12):
        table = dk.simulate(
            people=4_000, covariates={}, lists={"A": 0.4, "B": 0.3}, missed_links=0.2, seed=seed
        )
        inside = dk.estimate(table, dk.TwoList(), seed=seed)
        est = dk.estimate(table, dk.LinkageError(dk.TwoList(), missed=0.2), seed=seed)
        low, high = est.interval()
        covered += low <= 4_000 <= high
        naive += inside.interval()[0] <= 4_000 <= inside.interval()[1]
        ratio.append(est.median / 4_000)
    assert covered >= 10  # of twelve 95 % intervals; nine or fewer would be one chance in 5,000
    assert naive == 0
    assert np.mean(ratio) == pytest.approx(1, abs=0.02)


def test_assumption_names_the_rates_in_place_of_perfect_linkage():
    est = dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), missed=(0.05, 0.1)), seed=1)
    assert LINKAGE not in est.assumes
    assert any("missed 5% to 10%" in each.short for each in est.assumes)
    assert est.assumes[-1] == dk.TwoList.assumes[-1]
    assert "missed 5% to 10%" in est.label
    assert "Ding" in est.cite()
    assert "Chapman" in est.cite()


@pytest.mark.parametrize("model", ROUND_TRIPS, ids=write_call)
def test_written_and_read_back(model):
    assert read_model(write_call(model)) == model
    assert eval(write_python(model), {"dk": dk}) == model


def test_read_as_a_person_writes_it():
    assert read_model("LinkageError(LogLinear(), missed=(0.02, 0.1))") == ROUND_TRIPS[0]


def test_saved_and_opened(tmp_path):
    model = dk.LinkageError(dk.TwoList(), missed=dk.prior.ClericalSample(100, 4))
    est = dk.estimate(two_lists(), model, seed=1)
    again = dk.open(est.save(tmp_path / "a.nc"))
    assert again.model == model
    assert repr(again) == repr(est)
    assert again.assumes == est.assumes


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"missed": 1.0}, "missed is 1.0; expected a share from 0 to below 1"),
        ({"missed": -0.1}, "missed is -0.1"),
        ({"false": (0.1, 0.02)}, "false runs from 0.1 to 0.02; expected the lower end first"),
        ({"missed": "5%"}, "missed is '5%'"),
        ({"missed": dk.prior.Between(0.1, 0.2)}, "missed is Between"),
        ({"imputations": 2}, "imputations is 2"),
        ({"model": "LogLinear"}, "model is 'LogLinear'; expected settings of a model"),
        ({"model": dk.LinkageError(dk.LogLinear())}, "stands inside another"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(dk.SettingsError) as caught:
        dk.LinkageError(**{"model": dk.LogLinear(), **settings})
    assert message in str(caught.value)


@pytest.mark.parametrize("sample", [(0, 0), (10, 11), (10.5, 1), (10, -1)])
def test_impossible_samples_are_refused(sample):
    with pytest.raises(dk.SettingsError, match=r"checked|wrong"):
        dk.prior.ClericalSample(*sample)


def test_so_many_false_links_that_no_overlap_remains_are_refused():
    with pytest.raises(dk.NotEstimable, match="no true overlap would be left"):
        dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), false=0.3), seed=1)


def test_many_false_links_are_cautioned():
    est = dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), false=0.12), seed=1)
    assert "many_false_links" in [each.kind for each in est.cautions]


@pytest.mark.parametrize(
    ("table", "rates"),
    [
        (two_lists(both=400, first=3, second=2), {"missed": 0.5}),
        (two_lists(), {"missed": 0.99}),
        (two_lists(), {"missed": 0.9}),
        (two_lists(), {"missed": (0.0, 0.99)}),
        (two_lists(), {"missed": dk.prior.Beta(1, 1)}),
        (two_lists(both=5_000, first=100, second=50), {"missed": 0.3, "false": 0.5}),
        ("kosovo", {"missed": 0.99}),
        ("kosovo", {"missed": 0.7}),
        ("uk_five_lists", {"missed": 0.95}),
    ],
)
def test_more_missed_links_than_there_can_be_are_refused(table, rates):
    """150 on both of lists of 2,150 and 950: at most 84 % can be missed, by counting."""
    with pytest.raises(dk.NotEstimable, match="more than can be: no true table") as caught:
        dk.estimate(table, dk.LinkageError(dk.LogLinear(order=1), **rates), seed=1)
    assert "some list would lie within another" in caught.value.hint


def test_as_many_missed_links_as_there_can_be_are_not_refused():
    """84 % can be; a table with next to nobody alone may still miss one link in fifty."""
    dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), missed=0.8), seed=1, draws=400)
    close = two_lists(both=100, first=1, second=1)
    dk.estimate(close, dk.LinkageError(dk.TwoList(), missed=0.02), seed=1, draws=400)


@pytest.mark.parametrize("false", [0.16, 0.17, 0.5])
def test_false_links_that_leave_no_overlap_are_refused_where_ding_and_fienberg_do(false):
    """Their overlap is (150 − β 950) / (1 − β): none from β = .158 on."""
    with pytest.raises(dk.NotEstimable, match="no true overlap would be left"):
        dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), false=false), seed=1)
    dk.estimate(two_lists(), dk.LinkageError(dk.TwoList(), false=0.15), seed=1, draws=400)


def test_false_links_of_three_lists_that_explain_every_overlap_are_refused():
    with pytest.raises(dk.NotEstimable, match="if nobody were on two lists"):
        dk.estimate("kosovo", dk.LinkageError(dk.LogLinear(), false=0.2), seed=1)


def test_a_stratum_without_room_is_named():
    frame = {"A": [1, 1, 0] * 2, "B": [1, 0, 1] * 2, "year": [2014] * 3 + [2015] * 3}
    frame["count"] = [150, 2_000, 800, 400, 3, 2]
    table = dk.CaptureTable.from_counts(frame, by="year")
    with pytest.raises(dk.NotEstimable, match=r"alone \(stratum 2015\)"):
        dk.estimate(table, dk.LinkageError(dk.TwoList(), missed=0.5), seed=1)


@pytest.mark.parametrize(
    "rates",
    [
        {"missed": 0.5, "false": 0.5},
        {"missed": 0.3, "false": 0.9},
        {"missed": (0.1, 0.6), "false": 0.4},
        {"missed": dk.prior.Beta(90, 10), "false": dk.prior.Beta(10, 90)},
    ],
)
def test_rates_under_which_a_link_says_nothing_are_refused(rates):
    with pytest.raises(dk.SettingsError, match="a link would say nothing"):
        dk.LinkageError(dk.TwoList(), **rates)


def test_the_model_inside_says_what_takes_time_on_a_few_tables_only(monkeypatch):
    """Answers under other priors are three quarters of the time of a fit."""
    looked, plainly = [], []
    full, plain = dk.BayesianLogLinear.fit, dk.BayesianLogLinear.fit_plainly

    def fit(self, table, **more):
        looked.append(table.n_observed)
        return full(self, table, **more)

    def fit_plainly(self, table, **more):
        plainly.append(table.n_observed)
        return plain(self, table, **more)

    monkeypatch.setattr(dk.BayesianLogLinear, "fit", fit)
    monkeypatch.setattr(dk.BayesianLogLinear, "fit_plainly", fit_plainly)
    est = dk.estimate("kosovo", dk.LinkageError(dk.BayesianLogLinear(), missed=0.1), seed=1)
    assert (len(looked), len(plainly)) == (5, 15)
    assert min(plainly) < min(looked) < np.median(plainly) < max(looked) < max(plainly)
    found = {c.kind: c.text for c in est.cautions}
    assert "of the 5 linkages looked at for this" in found["prior_sensitivity"]


def test_data_that_the_model_inside_cannot_take_are_refused():
    model = dk.LinkageError(dk.TwoList(), missed=0.1)
    with pytest.raises(dk.NotEstimable, match="needs exactly 2 lists"):
        dk.estimate("kosovo", model, seed=1)
    assert "impossible" not in model.handles
    assert "impossible" in dk.LinkageError(dk.LogLinear(), missed=0.1).handles


def test_one_rate_holds_in_all_strata():
    """Rates common to strata make their totals move together; estimated apart they would not."""
    table = dk.simulate(
        people={2014: 9_000, 2015: 9_000},
        covariates={},
        lists={"A": 0.6, "B": 0.6},
        missed_links=0.2,
        seed=1,
    )
    model = dk.LinkageError(dk.TwoList(), missed=(0.05, 0.35), imputations=60)
    est = dk.estimate(table, model, seed=1)
    first, second = est.population.to_numpy().reshape(-1, 2).T
    assert np.corrcoef(first, second)[0, 1] > 0.8


def test_cautions_of_the_model_inside_are_kept():
    est = dk.estimate("palembang", dk.LinkageError(dk.DecomposableGraphs(), missed=0.05), seed=1)
    found = {c.kind: c.text for c in est.cautions}
    assert "linkages looked at for this, as on one of them: delta" in found["prior_sensitivity"]


def test_errors_of_both_kinds_on_three_lists_are_undone():
    """The simulation's mechanism is its own: one record of a person astray, any partner for one."""
    lists = {"A": 0.35, "B": 0.3, "C": 0.25}
    errors = {"missed": 0.2, "false": 0.02}
    covered, naive = 0, 0
    for seed in range(10):
        table = dk.simulate(
            people=3_000,
            covariates={},
            lists=lists,
            missed_links=errors["missed"],
            false_links=errors["false"],
            seed=seed,
        )
        inside = dk.DecomposableGraphs()
        low, high = dk.estimate(table, dk.LinkageError(inside, **errors), seed=seed).interval()
        covered += low <= 3_000 <= high
        low, high = dk.estimate(table, inside, seed=seed).interval()
        naive += low <= 3_000 <= high
    assert covered >= 8  # of ten 95 % intervals; seven or fewer would be one chance in 1,000
    assert naive == 0


def test_a_model_of_more_chains_stands_inside_as_others_do():
    """Sixteen chains do not share 1,000 draws evenly: more are drawn."""
    model = dk.LinkageError(dk.LatentClass(sweeps=100, most=300), missed=0.1, imputations=10)
    est = dk.estimate("kosovo", model, seed=1)
    assert est.totals.size == 4_000
    inside = dk.estimate("kosovo", model.model, seed=1, draws=1_000)
    assert inside.totals.size == 1_008
    shift = np.median(est.totals) / np.median(inside.totals)
    assert 0.7 < shift < 0.95  # fewer by about the links missed: ten in a hundred


def test_a_list_within_another_is_repaired_where_few_links_are_missed():
    """With 1 % of 200 links missed, none of those missed is no wonder; with 5 % it is."""
    table = two_lists(200, 500, 0)
    est = dk.estimate(table, dk.LinkageError(dk.TwoList(), missed=0.01), seed=1)
    assert est.median == pytest.approx(700, rel=0.01)
    with pytest.raises(dk.NotEstimable, match="more than can be"):
        dk.estimate(table, dk.LinkageError(dk.TwoList(), missed=0.05), seed=1)


@pytest.mark.parametrize("share", [(0.1,), (0.0, 0.1, 0.2), (), {"A": 0.1}, {("A", "B"): 0.1}])
def test_what_is_no_share_for_all_lists_is_refused(share):
    with pytest.raises(dk.SettingsError, match="the same for all lists"):
        dk.LinkageError(dk.TwoList(), missed=share)


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (dk.prior.ClericalSample(10, 10), "missed 78% to 100% (95% of its prior)"),
        (dk.prior.Beta(99, 1), "missed 96% to 100% (95% of its prior)"),
        (dk.prior.Beta(0.5, 0.5), "missed 0.15% to 99.8% (95% of its prior)"),
    ],
)
def test_high_shares_are_said_in_plain_digits(prior, words):
    assert dk.LinkageError(dk.TwoList(), missed=prior).rates == words
