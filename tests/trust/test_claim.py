import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.trust import needed
from darkfigure.trust.repaired_totals import repaired_table

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
    false = 1 - kosovo.estimate / 30_000
    assert rows(two, needed.LINKS_FALSE)["needed"].iloc[0] == pytest.approx(false)
    assert rows(two, needed.LINKS_FALSE)["first_order"].iloc[0]
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
    for links in ("exact", "first order"):
        row = rows(dk.claim(est, claimed, links=links), needed.LINKS_MISSED).iloc[0]
        assert row["needed"] == pytest.approx(0.25, abs=0.005)  # repaired tables hold whole people
        assert not row["first_order"]


def test_outsiders_undo_an_estimate_of_two_lists():
    # a fifth of either list is of people outside, on that list alone
    with_outsiders = two_lists(80, 170, 220)  # 250 and 300 records, of 200 and 240 people
    est = dk.estimate(with_outsiders, dk.LogLinear(order=1, uncertainty=dk.Delta()), seed=1)
    found = dk.claim(est, 200 * 240 / 80)
    assert rows(found, needed.OUTSIDE)["needed"].iloc[0] == pytest.approx(0.2)


def test_missed_links_of_simulated_registers_are_about_found():
    # four independent lists, linked one after another; held to a tenth
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


def test_missed_links_are_those_of_missed_links(kosovo):
    """One truth: the first order said 52 % where repaired tables say 30 %."""
    found = dk.claim(kosovo, [6_100, 8_000])
    for at, claimed in enumerate((6_100, 8_000)):
        row = rows(found, needed.LINKS_MISSED, at).iloc[0]
        turned = dk.missed_links("kosovo", QUICK, total=claimed, seed=1)
        assert row["needed"] == turned.share
        assert not row["first_order"]
        assert row["low"] < row["needed"] < row["high"]
    assert rows(found, needed.LINKS_MISSED)["needed"].iloc[0] == pytest.approx(0.30, abs=0.01)
    text = " ".join(found.text().split())
    assert "or 30% (" in text
    assert "of the true links were missed, evenly outside" in text


def lost(people, missed):
    """Missed links by brute force over which records of a person are found together."""
    k = len(people).bit_length() - 1
    found, out = math.sqrt(1 - missed), np.zeros(len(people))
    for history in range(1, len(people)):
        records = [1 << j for j in range(k) if history >> j & 1]
        for kept in itertools.product([True, False], repeat=len(records)):
            core = sum(r for r, there in zip(records, kept, strict=True) if there)
            chance = math.prod(found if there else 1 - found for there in kept)
            together = core if sum(kept) > 1 else 0
            parts = [together] if together else []
            parts += [r for r in records if not r & together]
            for part in parts:
                out[part] += people[history] * chance
    return out


@pytest.mark.parametrize("missed", [0.1, 0.4])
def test_links_lost_by_brute_force_are_found_again(missed):
    """Four lists, two pairs of them dependent; the first order is .02 and .05 too high."""
    on = (np.arange(16)[:, None] >> np.arange(4)) & 1
    log_odds = on @ np.log([0.3, 0.37, 0.43, 0.5]) + 0.6 * (
        on[:, 0] * on[:, 1] + on[:, 2] * on[:, 3]
    )
    people = np.exp(log_odds) / np.exp(log_odds).sum() * 60_000
    linked = np.rint(lost(people, missed)).astype(int)
    rows_of = [{**dict(zip("ABCD", row, strict=True)), "count": int(n)}
               for row, n in zip(on[1:].tolist(), linked[1:], strict=True)]  # fmt: skip
    table = dk.CaptureTable.from_counts(rows_of)
    model = dk.LogLinear(terms=[("A", "B"), ("C", "D")], uncertainty=dk.Delta())
    row = rows(dk.claim(table, 60_000, model=model, seed=1), needed.LINKS_MISSED).iloc[0]
    assert row["needed"] == pytest.approx(missed, abs=0.003)
    roughly = dk.claim(table, 60_000, model=model, seed=1, links="first order")
    assert rows(roughly, needed.LINKS_MISSED)["needed"].iloc[0] > missed + 0.015


def test_limits_of_the_share_are_where_the_limits_of_the_total_are_the_claim(kosovo):
    row = rows(dk.claim(kosovo, 8_000), needed.LINKS_MISSED).iloc[0]
    for share, which in ((row["low"], 0), (row["high"], 1)):
        repaired = dk.estimate(repaired_table(kosovo.table, share), QUICK, seed=1)
        assert repaired.interval()[which] == pytest.approx(8_000, rel=0.05)


def test_a_first_order_is_said_to_be_one(kosovo, netherlands):
    found = dk.claim(kosovo, 6_100, links="first order")
    row = rows(found, needed.LINKS_MISSED).iloc[0]
    assert row["needed"] == pytest.approx(1 - 6_100 / kosovo.estimate)
    assert row["first_order"]
    text = " ".join(found.text().split())
    assert "or, to a first order that is exact for two lists only, 52%" in text
    assert "dk.missed_links(table, model, total=6_100) works it out" in text
    assert rows(dk.claim(netherlands, 40_000), needed.LINKS_MISSED)["first_order"].iloc[0]


def test_what_cannot_be_worked_out_is_not_called_exact(kosovo):
    changed = kosovo.with_prior(dk.prior.Between(5_000, 20_000, prob=0.9))
    assert rows(dk.claim(changed, 6_100), needed.LINKS_MISSED)["first_order"].iloc[0]
    with pytest.raises(dk.NotEstimable, match="prior on the population was exchanged"):
        dk.claim(changed, 6_100, links="exact")
    corrected = dk.estimate("kosovo", dk.LinkageError(QUICK, missed=0.05), seed=1)
    with pytest.raises(dk.NotEstimable, match="takes account of errors of linkage already"):
        dk.claim(corrected, 6_100, links="exact")
    with pytest.raises(dk.SettingsError, match="links is 'roughly'"):
        dk.claim(kosovo, 6_100, links="roughly")


def test_no_share_of_missed_links_is_said(kosovo):
    found = dk.claim(kosovo, 4_410)
    row = rows(found, needed.LINKS_MISSED).iloc[0]
    if math.isnan(row["needed"]):
        assert row["note"].startswith("no: ")
        assert "no share of missed links makes it the estimate" in " ".join(found.text().split())
    else:
        assert 0.3 < row["needed"] < 0.7


def test_pooled_strata_are_repaired_as_they_were_estimated():
    table = dk.load("spina_bifida_by_ethnicity")
    est = dk.estimate(table, QUICK, seed=1, strata="pooled")
    row = rows(dk.claim(est, 690), needed.LINKS_MISSED).iloc[0]
    assert not row["first_order"]
    by_itself = dk.missed_links(table.collapse("ethnicity"), QUICK, total=690, seed=1)
    assert row["needed"] == pytest.approx(by_itself.share, abs=0.02)


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


@pytest.mark.parametrize(
    "totals",
    ["many", -5, 0, 0.4, math.nan, math.inf, True, None, [], 1e300, 10**400, [8_000, 1e13]],
)
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


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"stratum": "domestic sexual exploitation"}, "is of one stratum (domestic sexual"),
        ({"year_from": 2018, "year_to": 2019}, "is of 2018-2019, and this table of 2010-2015"),
        ({"year_from": 2014, "year_to": 2016}, "is of 2014-2016, and this table of 2010-2015"),
        ({"year_from": None}, "does not say of which years it is"),
        ({"per": "period"}, "is a total over its own period, which is not that of this table"),
        ({"concept": "stock", "per": "day"}, "is a stock on a day, and this table measures a flow"),
        ({"country": "UK"}, "is of UK, and this table of NL"),
    ],
)
def test_a_figure_of_other_people_is_refused_and_among_others_set_aside(netherlands, row, message):
    """1,320 girls a year beside the whole table were once "refuted" by its 8,234 people."""
    good = PUBLISHED[(PUBLISHED["estimate"] == 6_250) & (PUBLISHED["unit"] == "people")].iloc[0]
    other = good.copy()
    for name, value in row.items():
        other[name] = value
    with pytest.raises(dk.DataError) as refused:
        dk.claim(netherlands, other)
    assert message in refused.value.problem
    assert refused.value.hint
    found = dk.claim(netherlands, [good, other])
    assert [each.figure for each in found.claims] == [6_250]
    assert len(found.aside) == 1
    assert message in found.aside[0]
    assert "Not set beside this table" in found.text()
    assert json.loads(found.to_json())["set_aside"] == list(found.aside)


def test_all_dutch_rows_at_once(netherlands):
    found = dk.claim(netherlands, PUBLISHED[PUBLISHED["country"] == "NL"])
    assert [each.figure for each in found.claims] == [6_250, 42_000, 58_000, 5_000, 8_000]
    assert not any(each.contradicted for each in found.judged)
    reasons = " ".join(found.aside)
    for why in ("one stratum", "of 2018-2019", "stock", "registered"):
        assert why in reasons
    assert f"{len(found.aside) - 6} more: found.aside" in found.text()


def test_years_within_those_of_the_table_are_compared_and_it_is_said(netherlands):
    row = PUBLISHED[(PUBLISHED["estimate"] == 6_250) & (PUBLISHED["unit"] == "people")].iloc[0]
    text = " ".join(dk.claim(netherlands, row).text().split())
    assert "the figure is of 2014-2015, and is set beside the yearly mean of 2010-2015" in text
    few = row.copy()
    few["estimate"] = 1_000.0
    text = " ".join(dk.claim(netherlands, few).text().split())
    assert "or some are not of the population, or of what the figure counts" in text


def test_a_stratum_that_the_table_is_of_is_claimed():
    new_orleans = PUBLISHED[PUBLISHED["stratum"].str.startswith("Greater New Orleans")]
    model = dk.LogLinear(order=1, uncertainty=dk.Delta())
    found = dk.claim("new_orleans_five_lists", new_orleans, model=model, seed=1)
    assert [each.figure for each in found.claims] == [650, 1_700, 1_544]
    text = " ".join(found.text().split())
    assert "the figure is of US; this table does not state its country" in text
    with pytest.raises(dk.DataError, match="is of one stratum"):
        dk.claim("western_us", new_orleans, model=model, seed=1)


def test_ratios_beyond_all_bounds_are_printed_short(kosovo):
    text = dk.claim(kosovo, [1e12, 4_401], links="first order").text()
    assert max(len(line) for line in text.splitlines()) < 105
    assert "430,000,000 (350,000,000 to 530,000,000)" in text
    assert dk.claim(kosovo, 4_400.5).judged[0].contradicted


def test_the_claim_that_is_the_estimate_needs_nothing(kosovo):
    found = dk.claim(kosovo, kosovo.estimate)
    assert rows(found, needed.LINKS_MISSED)["note"].iloc[0] == "the claim is the estimate itself"


@pytest.mark.parametrize("cut", ["select", "split"])
def test_a_figure_of_all_people_is_no_claim_about_a_stratum(cut):
    # found by a stranger: 6,250 victims a year were claimed of the women among them
    frame = pd.DataFrame({"p": [1, 0, 1] * 2, "q": [0, 1, 1] * 2, "sex": ["f"] * 3 + ["m"] * 3})
    table = dk.CaptureTable.from_counts(frame.assign(count=[90, 80, 30, 50, 40, 20]), by=["sex"])
    table = table.with_about(concept="flow", period=(2010, 2015), country="NL", people="victims")
    published = dk.published()
    row = published[(published["country"] == "NL") & (published["estimate"] == 6_250)]
    assert dk.claim(table, row, seed=1).claims[0].figure == 6_250
    part = table.select(sex="f") if cut == "select" else table.split()[("f",)]
    with pytest.raises(dk.DataError, match=r"of all people, .* cut down to sex='f'"):
        dk.claim(part, row, seed=1)
    with pytest.raises(dk.DataError, match="cut down"):
        dk.claim(part.with_about(title="Women"), row, seed=1)
