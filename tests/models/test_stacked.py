"""Models weighted by how they find populations of known size."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.models.stacked import weights_of

AVERAGE, GRAPHS = dk.LogLinear(select="average"), dk.DecomposableGraphs()
TWO = dk.Stacked([AVERAGE, GRAPHS])


def test_draws_are_the_mixture_of_the_models():
    est = dk.estimate("rome_hiv", TWO, seed=1)
    weight = dict(zip(est.models["label"], est.models["weight"], strict=True))
    assert est.models["weight"].sum() == pytest.approx(1.0)
    models = {"LogLinear(select='average')": AVERAGE, "DecomposableGraphs()": GRAPHS}
    parts = {name: dk.estimate("rome_hiv", m, seed=1).totals for name, m in models.items()}
    at = np.quantile(np.concatenate(list(parts.values())), [0.2, 0.5, 0.8])
    expected = [sum(weight[name] * (part < x).mean() for name, part in parts.items()) for x in at]
    # 4,000 draws: standard errors of .008 each way
    assert [(est.totals < x).mean() for x in at] == pytest.approx(expected, abs=0.035)


def test_the_envelope_holds_every_interval():
    est = dk.estimate("kosovo", TWO, seed=1)
    members = est.draws["members"]
    assert float(members["low"].min()) == est.models["low"].min()
    assert "\n  envelope " in repr(est)
    assert "stacked interval" in repr(est)
    for label, low, high in est.models[["label", "low", "high"]].itertuples(index=False):
        own = dk.estimate("kosovo", GRAPHS if "Graphs" in label else AVERAGE, seed=5).interval()
        assert (low, high) == pytest.approx(own, rel=0.05)


def test_a_model_that_finds_known_people_gets_the_weight():
    """A table in which one model is right by construction and the other far off."""
    lists = {"A": 0.3, "B": 0.3, "C": 0.3, "D": 0.3, "E": 0.3}
    pairs = {("A", "B"): 4.0, ("C", "D"): 4.0}
    table = dk.simulate(people=6_000, covariates={}, lists=lists, dependence=pairs, seed=2)
    right, wrong = (
        dk.LogLinear(terms="A*B + C*D + E", uncertainty=dk.Delta()),
        dk.LogLinear(select=None, uncertainty=dk.Delta()),
    )
    # terms name lists that the tasks have lost: that model is refused there, and is not chosen
    assert weights_of([right, wrong], table)[0] < 0.5
    weights = weights_of([dk.LogLinear(uncertainty=dk.Delta()), wrong], table)
    assert weights[0] > 0.6


def test_models_that_refuse_are_listed_and_their_weight_goes_to_the_others():
    table = dk.load("palembang")
    est = dk.estimate(table, dk.Stacked([dk.TwoList(), GRAPHS, AVERAGE]), seed=1)
    refused = est.models[est.models["status"] != "used"]
    assert refused["label"].tolist() == ["TwoList()"]
    assert est.models["weight"].sum() == pytest.approx(1.0)
    assert "member_refused" in {each.kind for each in est.cautions}
    with pytest.raises(dk.NotEstimable, match="none of the models"):
        dk.estimate(table, dk.Stacked([dk.TwoList(), dk.TwoList(odds_ratio=2.0)]), seed=1)


def test_people_of_the_same_table_are_not_asked_twice():
    """The reference leaves out the Dutch tables for a Dutch table, else weights would differ."""
    table = dk.load("palembang")  # sets no task: weights come from the other tables alone
    whole = weights_of([AVERAGE, GRAPHS], table)
    dutch = table.with_about(population_id="netherlands_trafficking_2010_2015")
    assert weights_of([AVERAGE, GRAPHS], dutch) != pytest.approx(whole, abs=1e-4)


def test_a_copy_of_a_public_table_is_weighed_as_the_table_itself():
    # found by a stranger: under no name its own lists taught a second time
    table = dk.load("kosovo")
    copy = dk.CaptureTable.from_counts(table.to_frame(), lists=table.lists)
    models = [dk.BayesianLogLinear(), GRAPHS]
    assert weights_of(models, copy) == pytest.approx(weights_of(models, table), abs=1e-12)


def test_models_not_tried_elsewhere_count_as_the_average():
    table = dk.load("palembang")
    weights = weights_of([GRAPHS, dk.DecomposableGraphs(delta=0.3)], table)
    assert weights == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    "models", [AVERAGE, [AVERAGE], [AVERAGE, AVERAGE], ["LogLinear", GRAPHS], None, 3]
)
def test_settings_that_cannot_be_are_refused(models):
    with pytest.raises(dk.SettingsError, match="models"):
        dk.Stacked(models)


def test_disagreement_is_said():
    est = dk.estimate("netherlands_five_lists", TWO, seed=1)
    assert ("members_disagree" in {each.kind for each in est.cautions}) == (
        est.models["population"].max() > 1.25 * est.models["population"].min()
    )
    kept = dk.estimate("uk_five_lists", TWO, seed=1)
    assert "envelope" in repr(kept)


def test_it_is_kept_whole(tmp_path):
    est = dk.estimate("palembang", TWO, seed=1)
    kept = dk.open(est.save(tmp_path / "a.nc"))
    assert kept.model == TWO
    assert repr(kept) == repr(est)
