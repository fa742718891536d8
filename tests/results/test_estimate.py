import json
import math
import re
import warnings

import arviz as az
import numpy as np
import pandas as pd
import pytest

import darkfigure as dk


@pytest.fixture(scope="module")
def dutch():
    return dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1)


@pytest.fixture(scope="module")
def kosovo():
    return dk.estimate("kosovo", dk.LogLinear(uncertainty=dk.Bootstrap(200)), seed=1)


def test_printed_answer_comes_first(dutch):
    first, *rest = repr(dutch).splitlines()
    assert first.startswith("50,")
    assert "95% posterior interval 41,700 to 210,000" in first
    # the second mode is near 163,500, so that its rounding may fall either way
    assert re.search("two modes, near 47,900 and 16[34],000", first)
    labels = [line.split()[0] for line in rest if line[2:3] != " "]
    assert list(dict.fromkeys(labels))[:5] == ["seen", "period", "caveat", "model", "assumes"]
    assert "8,234 on 5 lists: 1 in 6 was registered" in repr(dutch)
    assert "822 models averaged" in repr(dutch)


def test_every_caution_is_printed_with_its_remedy(dutch):
    text = " ".join(repr(dutch).split())
    kinds = {c.kind for c in dutch.cautions}
    assert {"several_modes", "mean_infinite", "sparse", "prior_sensitivity"} <= kinds
    for each in dutch.cautions:
        assert each.text in text
        assert each.remedy in text


def test_the_kind_is_printed_with_every_interval(dutch, kosovo):
    assert "posterior interval" in repr(dutch)
    assert "bootstrap interval" in repr(kosovo)
    assert "posterior" not in repr(kosovo).splitlines()[0]


def test_html_holds_the_same_words(dutch):
    page = dutch._repr_html_()
    assert repr(dutch).splitlines()[0] in page
    assert all(each.text in page for each in dutch.cautions if "<" not in each.text)


def test_html_escapes_names():
    frame = pd.DataFrame({"<b>A</b>": [1, 1, 0], "B": [1, 0, 1], "count": [20, 30, 40]})
    page = dk.estimate(frame, dk.LogLinear(uncertainty=dk.Bootstrap(50)), seed=1)._repr_html_()
    assert "<b>A</b>" not in page


def test_headline_is_the_point_for_likelihood_and_the_median_for_posterior(dutch, kosovo):
    assert kosovo.estimate == kosovo.point == pytest.approx(10_356.52, abs=0.01)
    assert dutch.estimate == dutch.median == dutch.point


def test_summary(dutch):
    frame = dutch.summary(prob=0.9)
    assert list(frame.index) == ["population", "seen", "unseen", "share unseen"]
    assert list(frame.columns) == ["estimate", "median", "mean", "sd", "low", "high"]
    low, high = dutch.interval(0.9)
    assert frame.loc["population", ["low", "high"]].tolist() == [low, high]
    assert frame.loc["unseen", "median"] == pytest.approx(dutch.median - 8_234)
    assert frame.loc["share unseen", "median"] == pytest.approx(1 - 8_234 / dutch.median, rel=1e-3)


def test_per_year(dutch):
    yearly = dutch.per("year")
    assert yearly["estimate"] == pytest.approx(dutch.estimate / 6)
    assert yearly["high"] == pytest.approx(dutch.interval()[1] / 6)


def test_per_year_needs_a_period():
    est = dk.estimate("artificial", dk.LogLinear(uncertainty=dk.Bootstrap(50)), seed=1)
    with pytest.raises(dk.NotEstimable, match="period") as caught:
        est.per("year")
    assert "with_about(period=" in str(caught.value)
    with pytest.raises(dk.SettingsError, match="year"):
        est.per("month")


@pytest.mark.parametrize("prob", [0, 1, 95, -0.5])
def test_impossible_probabilities_are_refused(dutch, prob):
    with pytest.raises(dk.SettingsError, match="prob"):
        dutch.interval(prob)


def test_difference_of_independent_estimates(dutch, kosovo):
    frame = dutch.diff(kosovo)
    assert frame.loc["difference", "estimate"] == pytest.approx(dutch.estimate - kosovo.estimate)
    assert frame.loc["difference", "probability above"] == 1.0
    # against itself, shuffled: as independent draws, so about one half above
    other = dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1)
    itself = dutch.diff(other)
    assert itself.loc["ratio", "probability above"] == pytest.approx(0.5, abs=0.03)
    assert itself.loc["ratio", "low"] < 0.6


def test_arviz_reads_the_draws(dutch, kosovo):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        posterior = az.summary(dutch.draws, var_names=["population"], ci_prob=0.95)
        bootstrap = az.summary(kosovo.draws, group="bootstrap", var_names=["unseen"])
    assert float(posterior.loc["population", "r_hat"]) == pytest.approx(1.0, abs=0.01)
    assert len(bootstrap) == 1


def test_save_and_open(dutch, kosovo, tmp_path):
    for est in (dutch, kosovo):
        path = est.save(tmp_path / f"{est.kind}.nc")
        back = dk.open(path)
        assert repr(back) == repr(est)
        assert (back.totals == est.totals).all()
        assert back.model == est.model
        assert back.table.content_hash == est.table.content_hash
        assert back.seed == est.seed
        assert back.modes().equals(est.modes())
        pd.testing.assert_frame_equal(back.models, est.models, check_dtype=False, check_exact=True)
        assert back.to_json() == est.to_json()
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_open_refuses_what_is_not_an_estimate(tmp_path):
    with pytest.raises(dk.DataError, match="no file"):
        dk.open(tmp_path / "absent.nc")
    other = tmp_path / "other.nc"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(dk.DataError, match="not an estimate"):
        dk.open(other)


def test_json(dutch, tmp_path):
    content = json.loads(dutch.to_json(tmp_path / "a.json"))
    assert content["estimate"] == dutch.estimate
    assert content["mean"] == "infinity"
    assert content["prob"] == 0.95
    assert content["kind"] == "posterior"
    assert content["per_year"]["estimate"] == pytest.approx(dutch.estimate / 6)
    assert len(content["modes"]) == 2
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == content


def test_cite_names_method_data_and_software(dutch):
    text = dutch.cite()
    assert "Madigan" in text
    assert "Silverman" in text
    assert f"darkfigure {dk.__version__}" in text


def test_infinite_mean(dutch):
    assert dutch.mean == math.inf
    assert dutch.sd == math.inf


def test_exact_draws_have_no_monte_carlo_error_to_speak_of():
    answers = [
        dk.estimate("kosovo", dk.DecomposableGraphs(), seed=seed).median for seed in range(5)
    ]
    assert np.ptp(answers) / answers[0] < 1e-3
