import json
import math

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.trust import needed

QUICK = dk.DecomposableGraphs()
PUBLISHED = dk.published()


@pytest.fixture(scope="module")
def kosovo():
    return dk.estimate("kosovo", QUICK, seed=1)


@pytest.fixture(scope="module")
def netherlands():
    return dk.estimate("netherlands_five_lists", QUICK, seed=1)


@pytest.fixture(scope="module")
def two(kosovo):
    return dk.claim(kosovo, [30_000, 8_000])


def rows(found, way, claim=0):
    frame = found.to_frame()
    return frame[(frame["way"] == way) & (frame["claim"] == found.claims[claim].label)]


def test_kosovo_at_thirty_and_eight_thousand(two):
    # (N − n) y_ij / (y_i y_j) and n0 / (N − n) from the printed counts
    pairs = rows(two, needed.AMONG_MISSED)
    assert pairs["needed"].round(2).tolist() == [4.74, 5.51, 7.84, 7.02, 3.07, 10.99]
    assert pairs["what"].iloc[0] == "EXH, ABA"
    assert rows(two, needed.INTERACTION)["needed"].iloc[0] == pytest.approx(0.49, abs=0.005)
    assert rows(two, needed.INTERACTION, 1)["needed"].iloc[0] == pytest.approx(3.48, abs=0.005)


def test_what_the_data_show_stands_beside(two):
    pairs = rows(two, needed.AMONG_MISSED)
    # EXH and ABA among people on OSCE: 208 on both, 270 and 249 on one, 1,059 on neither
    assert pairs["seen_high"].iloc[0] == pytest.approx(208 * 1_059 / (270 * 249))
    assert (pairs["low"] < pairs["needed"]).all()
    assert (pairs["needed"] < pairs["high"]).all()


def test_the_sentence_names_the_strongest_pair(two):
    text = two.text()
    assert "being on OSCE" in text
    assert "multiplies the odds of being on HRW by 11" in " ".join(text.split())
    assert "the data show 1 to 4.9" in " ".join(text.split())


def test_reference_far_from_the_claim_is_explained_by_links(kosovo, two):
    share = 1 - 8_000 / kosovo.estimate
    assert rows(two, needed.LINKS_MISSED, 1)["needed"].iloc[0] == pytest.approx(share)
    false = 1 - kosovo.estimate / 30_000
    assert rows(two, needed.LINKS_FALSE)["needed"].iloc[0] == pytest.approx(false)
    outside = 1 - math.sqrt(8_000 / kosovo.estimate)
    assert rows(two, needed.OUTSIDE, 1)["needed"].iloc[0] == pytest.approx(outside)
    assert "people outside make an estimate too high" in rows(two, needed.OUTSIDE)["note"].iloc[0]


def two_lists(both, first, second):
    return dk.CaptureTable.from_counts(
        {"a": [1, 1, 0], "b": [1, 0, 1], "count": [both, first, second]}
    )


def test_missed_links_undo_an_estimate_of_two_lists():
    # miss a quarter of 80 links: 60 on both, and the 20 stand on each list apart
    truth, linked = two_lists(80, 120, 160), two_lists(60, 140, 180)
    claimed = 200 * 240 / 80
    assert (200, 240) == tuple(truth.totals()) == tuple(linked.totals())
    est = dk.estimate(linked, dk.LogLinear(order=1, uncertainty=dk.Delta()), seed=1)
    found = dk.claim(est, claimed)
    assert rows(found, needed.LINKS_MISSED)["needed"].iloc[0] == pytest.approx(0.25)


def test_outsiders_undo_an_estimate_of_two_lists():
    # a fifth of either list is of people outside, on that list alone
    with_outsiders = two_lists(80, 170, 220)  # 250 and 300 records, of 200 and 240 people
    est = dk.estimate(with_outsiders, dk.LogLinear(order=1, uncertainty=dk.Delta()), seed=1)
    found = dk.claim(est, 200 * 240 / 80)
    assert rows(found, needed.OUTSIDE)["needed"].iloc[0] == pytest.approx(0.2)


def test_missed_links_of_simulated_registers_are_about_found():
    # four independent lists; a first-order answer, held to a tenth
    on = np.random.default_rng(6).random((30_000, 4)) < [0.15, 0.12, 0.1, 0.12]
    history = (on << np.arange(4)).sum(axis=1)
    rng = np.random.default_rng(7)
    split = []
    for h in history[history > 0].tolist():
        parts = []
        for bit in (1 << j for j in range(4) if h >> j & 1):
            if parts and rng.random() > 0.3:
                parts[rng.integers(len(parts))] |= bit
            else:
                parts.append(bit)
        split += parts
    y = np.bincount(split, minlength=16)
    frame = {f"l{j}": np.arange(1, 16) >> j & 1 for j in range(4)} | {"count": y[1:]}
    est = dk.estimate(
        dk.CaptureTable.from_counts(frame), dk.LogLinear(order=1, uncertainty=dk.Delta()), seed=1
    )
    found = dk.claim(est, 30_000)
    assert rows(found, needed.LINKS_MISSED)["needed"].iloc[0] == pytest.approx(0.3, abs=0.03)


def test_a_claim_at_or_below_the_people_seen_is_refuted(kosovo):
    found = dk.claim(kosovo, [4_400, 4_401])
    assert [each.contradicted for each in found.judged] == [True, False]
    assert "not above the 4,400 people seen" in found.text()
    assert needed.AMONG_MISSED not in {n.way for n in found.judged[0].needs}


def test_a_claim_per_year_is_of_the_whole_period(netherlands):
    found = dk.claim(netherlands, 30_000, per="year")
    assert found.claims[0].total == 180_000
    assert "30,000 a year, so 180,000 in 2010-2015" in found.text()


def test_nobody_on_exactly_two_lists_is_said(netherlands):
    found = dk.claim(netherlands, 60_000)
    all_lists = rows(found, needed.INTERACTION).iloc[0]
    assert math.isnan(all_lists["needed"])
    assert "not determined: nobody was on exactly" in all_lists["note"]
    frame = found.to_frame()
    assert (frame["note"] != "")[frame["needed"].isna()].all()


def test_published_flows_are_claimed(netherlands):
    row = PUBLISHED[(PUBLISHED["estimate"] == 6_250) & (PUBLISHED["unit"] == "people")].iloc[0]
    found = dk.claim(netherlands, row)
    assert found.claims[0].total == 37_500
    assert "2014-2015" in found.claims[0].source
    whole = PUBLISHED[(PUBLISHED["low"] == 42_000)]
    assert [each.total for each in dk.claim(netherlands, whole).claims] == [42_000, 58_000]


@pytest.mark.parametrize(
    ("concept", "unit", "message"),
    [
        ("stock", "people", "is a stock on a day, and this table measures a flow over a period"),
        ("not stated", "people", "does not say whether it is a flow over a period or a stock"),
        ("registered", "people", "counts the people who were registered"),
        ("registered", "reports", "is in reports, not in people"),
        ("flow", "rate per 100,000", "is in rate per 100,000, not in people"),
        ("flow", "share in percent", "is in share in percent, not in people"),
    ],
)
def test_what_is_no_such_claim_is_refused(netherlands, concept, unit, message):
    rows = PUBLISHED[(PUBLISHED["concept"] == concept) & (PUBLISHED["unit"] == unit)]
    with pytest.raises(dk.DataError, match=message) as refused:
        dk.claim(netherlands, rows.iloc[0])
    assert refused.value.hint


def test_a_flow_beside_a_stock_is_refused():
    flow = PUBLISHED[(PUBLISHED["concept"] == "flow") & (PUBLISHED["unit"] == "people")].iloc[0]
    table = dk.load("scotland_pwid")
    with pytest.raises(dk.DataError, match="this table measures a stock on a day"):
        dk.claim(table, flow, model=QUICK)
    with pytest.raises(dk.DataError, match="a stock on a day, which has no figure per year"):
        dk.claim(table, 20_000, per="year", model=QUICK)


def test_less_than_a_year_is_not_extrapolated(kosovo):
    with pytest.raises(dk.DataError, match="less than a year"):
        dk.claim(kosovo, 30_000, per="year")


@pytest.mark.parametrize("totals", ["many", -5, 0, math.nan, math.inf, True, []])
def test_no_number_of_people(kosovo, totals):
    with pytest.raises(dk.SettingsError):
        dk.claim(kosovo, totals)


def test_strata_are_added_up_and_it_is_said():
    found = dk.claim("spina_bifida_by_ethnicity", 900, model=QUICK, seed=1)
    assert found.table.strata == {}
    assert "strata (ethnicity) were added up" in found.text()


def test_suppressed_counts_are_refused():
    table = dk.load("kosovo").disclose(threshold=50)
    with pytest.raises(dk.NotEstimable, match="no single count"):
        dk.claim(table, 30_000)


def test_lists_that_cannot_overlap_have_no_odds_ratio():
    frame = {"a": [1, 0, 0, 1, 0], "b": [0, 1, 0, 0, 1], "c": [0, 0, 1, 1, 1]}
    frame["count"] = [50, 40, 60, 12, 9]
    table = dk.CaptureTable.from_counts(frame, impossible=[("a", "b")])
    found = dk.claim(table, 500, model=dk.LogLinear(uncertainty=dk.Delta()), seed=1)
    pair = rows(found, needed.AMONG_MISSED).iloc[0]
    assert pair["note"] == "no one can be on both lists"
    assert rows(found, needed.AMONG_MISSED)["needed"].notna().sum() == 2


def test_latent_classes_tell_down_to_which_chance_a_claim_reaches():
    est = dk.estimate("kosovo", dk.LatentClass(sweeps=300, most=900), seed=1, draws=400)
    found = dk.claim(est, 6_000)
    row = rows(found, needed.OBSERVABLE).iloc[0]
    assert 0 < row["low"] <= row["needed"] <= row["high"] < 1
    # back again: at that chance the observable population is about what was claimed, or more
    assert est.alpha_observable(row["needed"])["high"] >= 6_000
    assert (
        "dk.LatentClass()"
        in rows(dk.claim("kosovo", 6_000, model=QUICK), needed.OBSERVABLE)["note"].iloc[0]
    )


def test_result_in_all_its_forms(two):
    content = json.loads(two.to_json())
    assert content["seen"] == 4_400
    assert [each["claim"]["total"] for each in content["claims"]] == [30_000, 8_000]
    summary = two.summary()
    assert list(summary.columns) == ["30,000", "8,000", "seen_low", "seen_high"]
    assert repr(two) == two.text()
    figure = two.plot()
    labels = {text.get_text() for text in figure.axes[0].texts}
    assert {"30,000", "8,000", "4,400 seen", "OSCE, HRW", "all lists (1/ξ)"} <= labels


def test_a_model_beside_an_estimate_is_refused(kosovo):
    with pytest.raises(dk.SettingsError, match="model stands beside an estimate"):
        dk.claim(kosovo, 30_000, model=QUICK)


def test_a_row_that_does_not_say_what_it_measures_is_refused():
    row = dk.published().query("concept == 'flow' and unit == 'people'").iloc[0].copy()
    for concept in (None, "", "annual"):
        row["concept"] = concept
        with pytest.raises(dk.DataError, match="does not say whether"):
            dk.claim("netherlands", row)


def test_a_figure_of_another_country_is_refused():
    rows = dk.published().query("country == 'UK' and concept == 'flow' and unit == 'people'")
    with pytest.raises(dk.DataError, match="is of UK, and this table of NL"):
        dk.claim("netherlands", rows)
