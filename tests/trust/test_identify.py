import json
import math

import numpy as np
import pytest

import darkfigure as dk


@pytest.fixture(scope="module")
def kosovo():
    return dk.identify("kosovo", seed=1)


def total(found, name, group=None):
    frame = found.to_frame()
    chosen = frame[frame["name"] == name]
    return float(
        (chosen if group is None else chosen[chosen["group"] == group])["estimate"].iloc[0]
    )


def test_kosovo_under_every_conditional_pair(kosovo):
    # Dulce Rubio & Kennedy (2024); Aleshin-Guendel et al. (2024) for all lists
    frame = kosovo.to_frame()
    pairs = frame[frame["group"] == "two lists among people on no other"]["estimate"]
    assert pairs.round().tolist() == [9_799, 9_043, 7_665, 8_045, 12_741, 6_729]
    assert total(kosovo, "no interaction") == pytest.approx(16_941.9, abs=0.05)
    assert (frame["group"] == "three lists among people on no other").sum() == 4


def test_models_join_with_the_assumption_they_declare(kosovo):
    frame = kosovo.to_frame()
    models = frame[frame["group"] == "models"]
    # Chan, Silverman & Vincent (2021): the best model by BIC
    assert models["estimate"].iloc[0] == pytest.approx(10_356.52, abs=0.01)
    assert models["name"].iloc[0].endswith("[EXH ABA OSCE][EXH HRW][OSCE HRW]")
    assert models["assumption"].tolist() == [
        cls.assumes[-1].sentence for cls in (dk.LogLinear, dk.DecomposableGraphs)
    ]
    near = frame[frame["group"] == "log-linear models that fit as well"]["estimate"]
    assert near.tolist() == pytest.approx([12_740.97, 18_393.31], abs=0.01)
    # all three are within two units of BIC and more than a tenth apart
    assert (frame.loc[near.index, "rivals"] >= 2).all()


def test_equal_fits_with_other_totals_are_marked():
    # Rome (Link 2003): the four families fit alike and differ threefold
    found = dk.identify("rome_hiv", models=[], seed=1)
    frame = found.to_frame().set_index("name")
    families = frame.loc[["Mth Chao", "Mth Poisson", "Mth Darroch", "Mth Gamma"]]
    assert (families["rivals"] >= 3).all()
    assert families["rivals_high"].iloc[0] == pytest.approx(30_623, abs=1)
    assert bool(families["lower_bound"].iloc[0])
    assert "at least 11,700" in found.text()
    assert frame.loc["M0", "rivals"] == 0  # it fits badly: no equal of anything
    assert bool(frame.loc["M0", "fits_badly"])


def test_hepatitis_by_sample_coverage():
    found = dk.identify("hepatitis_a", models=[], seed=1)
    for name, value in (("N0", 407.004), ("N", 970.805), ("N1", 507.772)):
        assert total(found, name, "sample coverage") == pytest.approx(value, abs=5e-4)
    assert "the one advised at a coverage of 51%" in found.text()


def test_what_is_not_determined_is_said():
    frame = dk.identify("palembang", models=[], seed=1).to_frame()
    missing = frame[frame["estimate"].isna()]
    assert len(missing)
    assert (missing["note"] != "").all()
    assert "nobody was on exactly c and d" in missing["note"].iloc[0]


def test_intervals_hold_their_estimate(kosovo):
    frame = kosovo.to_frame().dropna(subset=["low"])
    assert (frame["low"] <= frame["estimate"]).all()
    assert (frame["estimate"] <= frame["high"]).all()
    assert (frame["low"] >= 4_400).all()


def test_a_model_that_cannot_be_used_says_why():
    found = dk.identify("kosovo", models=[dk.TwoList()], seed=1)
    frame = found.to_frame().set_index("group")
    assert "TwoList needs exactly 2 lists" in frame.loc["models", "note"]


def test_two_lists():
    table = dk.CaptureTable.from_counts({"a": [1, 1, 0], "b": [1, 0, 1], "count": [30, 80, 60]})
    found = dk.identify(table, models=[], seed=1)
    assert total(found, "no interaction") == pytest.approx(110 * 90 / 30)
    assert total(found, "Mt") == pytest.approx(110 * 90 / 30)


def test_without_any_overlap_no_family_has_a_total():
    # found by a stranger: five people on one list gave 7 (Mt) and 180,000 (Mth Poisson)
    frame = {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1], "count": [5, 0, 0]}
    found = dk.identify(dk.CaptureTable.from_counts(frame), models=[], seed=1).to_frame()
    families = found[found["group"].str.startswith("people differ")]
    assert len(families) == 10
    assert set(families["note"]) == {"no one is on two lists"}
    assert families["estimate"].isna().all()


def test_intervals_and_strata():
    with pytest.raises(dk.NotEstimable, match="no single count"):
        dk.identify(dk.load("kosovo").disclose(threshold=50))
    found = dk.identify("spina_bifida_by_ethnicity", models=[], seed=1)
    assert "strata (ethnicity) were added up" in found.text()


def test_settings_are_checked():
    with pytest.raises(dk.SettingsError, match="models holds 'LogLinear'"):
        dk.identify("kosovo", models=["LogLinear"])
    with pytest.raises(dk.SettingsError, match="prob is 95"):
        dk.identify("kosovo", prob=95)


def test_result_in_all_its_forms(kosovo):
    content = json.loads(kosovo.to_json())
    assert len(content["assumptions"]) == len(kosovo.assumed)
    assert kosovo.summary()["estimate"].notna().all()
    assert repr(kosovo) == kosovo.text()
    names = [tick.get_text() for tick in kosovo.plot().axes[0].get_yticklabels()]
    assert "Mth Darroch" in names
    assert any("missed by others" in name for name in names)


def test_the_same_seed_gives_the_same_answer():
    first, second = (dk.identify("hepatitis_a", models=[], seed=3).to_frame() for _ in range(2))
    assert np.array_equal(first["low"], second["low"], equal_nan=True)
    assert math.isfinite(first["low"].iloc[0])


def test_averages_have_a_fit_beside_the_others(kosovo):
    frame = kosovo.to_frame().set_index("name")
    best = frame[frame["group"] == "models"].iloc[0]
    graphs = frame.loc["DecomposableGraphs()"]
    assert not best.effective
    assert graphs.effective
    # the average holds larger models than the one best by BIC: a lower deviance, more parameters
    assert 0 < graphs.deviance < best.deviance
    assert best.parameters < graphs.parameters < 15
    assert graphs.aic == pytest.approx(graphs.deviance + 2 * graphs.parameters)
    # by AIC it is six units better than that model: no equal of it
    assert graphs.aic < best.aic - 2
    assert "effective parameters" in kosovo.text()


def test_latent_classes_have_a_fit():
    found = dk.identify("kosovo", models=dk.LatentClass(sweeps=1000, most=3000), seed=1)
    (row,) = (each for each in found.assumed if each.group == "models")
    assert row.fit.effective
    assert 0 < row.fit.deviance < 40
    assert 5 < row.fit.parameters < 15


def test_a_model_by_linkage_says_that_its_fit_is_not_measured():
    model = dk.LinkageError(dk.TwoList(), missed=0.05)
    table = dk.CaptureTable.from_counts({"a": [1, 1, 0], "b": [1, 0, 1], "count": [30, 80, 60]})
    (row,) = (e for e in dk.identify(table, models=model, seed=1).assumed if e.group == "models")
    assert "its fit to the observed counts is not measured" in row.note
    assert math.isnan(row.fit.deviance)


def test_hares_are_caught_on_days_in_order():
    frame = dk.identify("hare", models=[], seed=1).to_frame().set_index("name")
    # Baillargeon & Rivest (2007): Mb 81.1, Mbh 74.2
    assert frame.loc["Mb", "estimate"] == pytest.approx(81.1, abs=0.05)
    assert frame.loc["Mbh", "estimate"] == pytest.approx(74.2, abs=0.05)
    assert frame.loc["Mb", "df"] == 60
    mice = dk.identify("deer_mice", models=[], seed=1).to_frame().set_index("name")
    # Otis, Burnham, White & Anderson (1978), whole animals by the full likelihood: 41 (s.e. 3)
    assert mice.loc["Mb", "estimate"] == pytest.approx(41, abs=1.5)


def test_registers_have_no_order(kosovo):
    row = kosovo.to_frame().set_index("group").loc["a first capture changes the later ones"]
    assert row["name"] == "Mb, Mbh"
    assert "registers have no order" in row["note"]
    table = dk.load("kosovo").with_about(occasions=True)
    frame = dk.identify(table, models=[], seed=1).to_frame().set_index("name")
    assert "Mb, Mbh" not in frame.index
    assert {"Mb", "Mbh"} <= set(frame.index)
    merged = dk.load("hare").merge({"first": ["c1", "c2"]})  # a day twice as long as the others
    assert not merged.about.occasions
    assert dk.load("hare").drop("c3").about.occasions


def test_sample_coverage_of_more_than_three_lists():
    found = dk.identify("diabetes", models=[], seed=1)
    # Chao, Tsay, Lin, Shau & Chao (2001), four lists
    for name, value in (("N0", 2_272), ("N", 2_609), ("N1", 2_458)):
        assert round(total(found, name, "sample coverage")) == value
    assert "the one advised at a coverage of 80%" in found.text()
    two = dk.CaptureTable.from_counts({"a": [1, 1, 0], "b": [1, 0, 1], "count": [30, 80, 60]})
    text = dk.identify(two, models=[], seed=1).text()
    assert "given for three lists or more; this table has 2" in text
