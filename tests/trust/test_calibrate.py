"""Calibrated estimates: what they hold, print, keep and refuse."""

import json
from dataclasses import replace

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.calls import read_model, write_call
from darkfigure.data.known_sizes import (
    as_known,
    public_tasks,
    read_reference,
    shipped,
    write_reference,
)
from darkfigure.numerics.known_errors import Form, Learned
from darkfigure.refit import fit_known_sizes
from darkfigure.results.calibrated import KNOWN, uncalibrated
from darkfigure.trust.calibrate import FORM, learned_errors
from darkfigure.trust.error_model import sample_errors
from darkfigure.version import __version__


@pytest.fixture(scope="module")
def kosovo():
    return dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)


@pytest.fixture(scope="module")
def calibrated(kosovo):
    return dk.calibrate(kosovo)


def test_it_is_printed_with_its_kind_and_beside_the_uncalibrated(kosovo, calibrated):
    text = repr(calibrated)
    assert "95% calibrated interval" in text
    assert "95% posterior interval" in text
    assert calibrated.kind == "calibrated"
    assert calibrated.estimate == calibrated.median
    said = [each.short for each in calibrated.assumes]
    assert "errors like those on populations of known size" in said
    assert "calibrated_no_bound" in {each.kind for each in calibrated.cautions}
    assert uncalibrated(calibrated).totals.tolist() == kosovo.totals.tolist()


def test_it_is_wider_here_and_draws_fit_together(kosovo, calibrated):
    low, high = calibrated.interval()
    assert low < kosovo.interval()[0]
    assert high > kosovo.interval()[1]
    assert (calibrated.population == calibrated.seen + calibrated.unseen).all()
    assert (calibrated.unseen >= 0).all()
    assert calibrated.unseen.shape == kosovo.unseen.shape
    assert calibrated.mean == np.inf  # log totals have the tails of Student's t


def test_same_seed_same_draws(kosovo, calibrated):
    assert (dk.calibrate(kosovo).totals == calibrated.totals).all()
    again = eval(calibrated.call, {"dk": dk})
    assert (again.totals == calibrated.totals).all()


def test_it_is_kept_whole(calibrated, tmp_path):
    kept = dk.open(calibrated.save(tmp_path / "a.nc"))
    assert repr(kept) == repr(calibrated)
    assert (kept.totals == calibrated.totals).all()
    written = json.loads(calibrated.to_json())
    assert written["kind"] == "calibrated"
    assert written["uncalibrated"]["kind"] == "posterior"
    assert written["uncalibrated"]["low"] > written["low"]


def test_it_has_a_summary_a_picture_and_a_figure_per_year():
    est = dk.calibrate(dk.estimate("uk_five_lists", dk.DecomposableGraphs(), seed=1))
    assert est.per("year")["low"] == pytest.approx(est.interval()[0])
    assert est.summary().loc["unseen", "median"] == np.median(est.totals) - 2_744
    axes = est.plot().axes[0]
    assert axes.get_title(loc="left").count("calibrated") == 1
    assert "uncalibrated" in {each.get_text() for each in axes.texts}
    low, high = uncalibrated(est).interval()
    assert any(list(line.get_xdata()) == [low, high] for line in axes.lines)


def learned_from(est):
    """The tables of the populations of known size: the estimate's own, and others."""
    group = est.draws[KNOWN].to_dataset()
    own = group["own"].to_numpy().astype(bool)
    tables = group["table"].to_numpy()
    return tables[own].tolist(), set(tables[~own])


def test_other_tables_of_the_same_people_are_left_out(calibrated):
    own, others = learned_from(calibrated)
    assert own == ["kosovo"] * 4
    assert {"netherlands", "netherlands_five_lists"} < others
    assert "kosovo" not in others
    dutch = dk.calibrate(dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1))
    assert not {"netherlands", "netherlands_five_lists"} & learned_from(dutch)[1]


def test_tables_named_are_left_out_too(kosovo, calibrated):
    fewer = dk.calibrate(kosovo, exclude=["uk", "rome_hiv"])
    assert not {"uk", "rome_hiv"} & set(fewer.draws[KNOWN]["table"].to_numpy())
    assert "uk_five_lists" in set(fewer.draws[KNOWN]["table"].to_numpy())
    assert "exclude=('uk', 'rome_hiv')" in fewer.call
    assert fewer.interval() != calibrated.interval()
    with pytest.raises(dk.SettingsError, match="no table") as error:
        dk.calibrate(kosovo, exclude="rome_hvi")
    assert "rome_hiv" in str(error.value)
    with pytest.raises(dk.NotEstimable, match="left to learn from"):
        dk.calibrate(kosovo, exclude=set(calibrated.draws[KNOWN]["population_id"].to_numpy()))


def test_settings_without_known_errors_are_refused_with_the_command():
    est = dk.estimate("kosovo", dk.DecomposableGraphs(delta=0.5), seed=1)
    with pytest.raises(dk.SettingsError, match="not known") as error:
        dk.calibrate(est)
    assert "dk.make_reference(dk.DecomposableGraphs(delta=0.5)" in str(error.value)


def test_errors_of_another_version_or_model_are_refused(kosovo, tmp_path):
    found = read_reference(shipped()["DecomposableGraphs()"])
    write_reference(replace(found, version="0.0.1"), tmp_path / "old.csv")
    with pytest.raises(dk.SettingsError, match=r"version 0\.0\.1"):
        dk.calibrate(kosovo, reference=tmp_path / "old.csv")
    write_reference(replace(found, call="TwoList()"), tmp_path / "other.csv")
    with pytest.raises(dk.SettingsError, match="errors of TwoList"):
        dk.calibrate(kosovo, reference=tmp_path / "other.csv")
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    with pytest.raises(dk.DataError, match="holds no errors"):
        dk.calibrate(kosovo, reference=tmp_path / "none.csv")


def test_what_cannot_be_calibrated_is_refused(calibrated):
    with pytest.raises(dk.NotEstimable, match="calibrated already"):
        dk.calibrate(calibrated)
    with pytest.raises(dk.NotEstimable, match="under its own prior"):
        calibrated.with_prior(dk.prior.OneOverN())


def test_a_reference_of_ones_own(tmp_path, monkeypatch):
    few = [each for each in public_tasks() if each.table.n_lists < 5]
    monkeypatch.setattr("darkfigure.trust.reference.public_tasks", lambda: few)
    model = dk.DecomposableGraphs(delta=0.5)
    path = dk.make_reference(model, tmp_path / "mine.csv")
    est = dk.calibrate(dk.estimate("kosovo", model, seed=1), reference=path)
    assert est.kind == "calibrated"
    kept = read_reference(path)
    assert kept.call == write_call(model)
    assert len(kept.outcomes) == len(few)


def test_references_that_come_along_are_of_this_version_and_again_the_same():
    """Two tasks of each quick model are estimated again; files keep four decimals."""
    assert {"BayesianLogLinear()", "DecomposableGraphs()", "LogLinear(select='average')"} <= set(
        shipped()
    )
    tasks = [each for each in public_tasks() if each.name in ("kosovo, EXH", "rome_hiv, c1")]
    for call, path in shipped().items():
        found = read_reference(path)
        assert found.version == __version__
        assert [each.name for each in found.outcomes] == [each.name for each in public_tasks()]
        if call.startswith(("Latent", "LogLinear()")):
            continue  # slow
        again = fit_known_sizes(read_model(call), tasks)
        kept = [each for each in found.outcomes if each.name in {task.name for task in tasks}]
        for mine, theirs in zip(again, kept, strict=True):
            assert mine.quantiles == pytest.approx(theirs.quantiles, abs=2e-3)
            assert (mine.seen, mine.unseen) == (theirs.seen, theirs.unseen)


def test_tasks_without_an_estimate_are_listed():
    est = dk.calibrate(dk.estimate("kosovo", dk.LogLinear(select="average"), seed=1))
    said = next(each for each in est.cautions if each.kind == "known_sizes_failed")
    assert "netherlands, K and netherlands_five_lists, K" in said.text


def test_strata_are_corrected_by_one_factor():
    est = dk.estimate(
        dk.load("scotland_pwid").collapse("gender", "age"),
        dk.LogLinear(select="average"),
        seed=1,
        strata="separate",
    )
    new = dk.calibrate(est)
    share = est.unseen / est.unseen.sum("stratum")
    expected = share * new.unseen.sum("stratum")
    assert float(np.abs(new.unseen - expected).max()) <= 1.0  # in whole people
    assert "calibrated_strata" in {each.kind for each in new.cautions}
    assert new.summary(by="region").shape[0] == 2


@pytest.mark.slow
def test_nuts_gives_the_same_as_weighted_draws():
    outcomes = read_reference(shipped()["DecomposableGraphs()"]).outcomes
    own = tuple(each for each in outcomes if each.table == "kosovo")
    others = as_known(tuple(each for each in outcomes if each.table != "kosovo"))
    rng = np.random.default_rng(1)
    by_weight = learned_errors(others, as_known(own), rng)
    by_nuts = sample_errors(others, as_known(own), form=FORM, rng=rng)

    def moments(learned: Learned):
        values = learned.values[:, FORM.free]
        mean = learned.weight @ values
        return mean, np.sqrt(learned.weight @ (values - mean) ** 2)

    (mean, sd), (mean_nuts, sd_nuts) = moments(by_weight), moments(by_nuts)
    # some hundred independent draws each: standard errors of at most a tenth of the sd
    assert np.abs(mean - mean_nuts).max() < 0.3 * sd_nuts.max()
    assert (np.abs(mean - mean_nuts) / sd_nuts).max() < 0.35
    assert sd == pytest.approx(sd_nuts, rel=0.25)


def test_nuts_can_be_asked_for(kosovo, calibrated):
    by_nuts = dk.calibrate(kosovo, inference="nuts")
    assert np.log(by_nuts.interval()) == pytest.approx(np.log(calibrated.interval()), abs=0.12)
    with pytest.raises(dk.SettingsError, match="inference"):
        dk.calibrate(kosovo, inference="guess")


@pytest.mark.parametrize(
    ("form", "more"),
    [(Form(), {"power"}), (Form(spread="added"), {"spread"}), (Form(spread="no"), set())],
)
def test_the_public_model_has_the_named_variables(form, more):
    known = as_known(read_reference(shipped()["DecomposableGraphs()"]).outcomes)
    built = dk.build_errors(known, known.take(np.zeros(len(known.truth), dtype=bool)), form=form)
    names = {variable.name for variable in built.free_RVs}
    assert names == {"shift", "between", "scale", "slope", "standard"} | more


def test_what_is_no_estimate_is_refused():
    for given in ("kosovo", dk.load("kosovo"), None):
        with pytest.raises(dk.SettingsError, match="expected an Estimate"):
            dk.calibrate(given)


@pytest.mark.parametrize("exclude", [3, [3], None])
def test_what_names_no_table_is_refused(exclude):
    est = dk.estimate("kosovo", seed=1)
    with pytest.raises(dk.SettingsError, match="exclude is"):
        dk.calibrate(est, exclude)


def test_a_published_table_read_from_a_file_does_not_learn_from_itself(tmp_path):
    # found by a stranger: without its codebook its own lists taught a second time
    dk.load("kosovo").to_csv(tmp_path / "cells.csv")
    own = dk.estimate(dk.read(tmp_path / "cells.csv"), seed=1)
    assert own.table.about.population_id == ""
    known = dk.calibrate(dk.estimate("kosovo", seed=1))
    assert dk.calibrate(own).interval() == known.interval()


def test_an_interval_that_gets_narrower_says_so(calibrated):
    est = dk.estimate("artificial", seed=1)
    new = dk.calibrate(est)
    assert np.ptp(np.log(new.interval())) < np.ptp(np.log(est.interval()))
    said = next(each for each in new.cautions if each.kind == "calibrated_narrower")
    assert "236 to 30,100" in said.text
    assert "calibrated_narrower" not in {each.kind for each in calibrated.cautions}


def test_a_calibrated_estimate_predicts_no_tables(calibrated):
    with pytest.raises(dk.NotEstimable, match="calibrated estimate predicts no tables"):
        calibrated.ppc()


def test_a_reference_that_is_no_text_is_refused(kosovo, tmp_path):
    (tmp_path / "mine.csv").write_bytes(bytes(range(128, 256)))
    with pytest.raises(dk.DataError, match="holds no errors"):
        dk.calibrate(kosovo, reference=tmp_path / "mine.csv")


def test_a_model_without_any_estimate_makes_no_reference(tmp_path):
    # found by a stranger: TwoList on tasks of three lists and more wrote a file of refusals
    with pytest.raises(dk.NotEstimable, match="of any of the 47 populations"):
        dk.make_reference(dk.TwoList(), tmp_path / "two.csv")
    assert not (tmp_path / "two.csv").exists()
