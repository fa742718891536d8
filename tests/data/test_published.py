"""The published estimates: what each figure measures, and that its numbers hang together."""

from darkfigure.data.datasets import published


def test_published_rows_are_all_there_and_consistent():
    rows = published()
    assert len(rows) == 120
    assert set(rows["concept"]) == {"flow", "stock", "registered", "not stated"}
    assert set(rows["per"]) == {"year", "day", "period", "not stated"}
    assert set(rows["level"]) == {"95", "not stated"}
    assert set(rows["unit"]) == {
        "people",
        "reports",
        "rate per 100,000",
        "share in percent",
        "ratio",
        "not stated",
    }
    dated = rows.dropna(subset=["year_from"])
    assert (dated["year_from"] <= dated["year_to"]).all()
    for lower, upper in [("low", "estimate"), ("estimate", "high"), ("low", "high")]:
        both = rows.dropna(subset=[lower, upper])
        assert (both[lower] <= both[upper]).all()
    numbers = rows[["observed", "estimate", "low", "high"]]
    assert (numbers.notna().any(axis=1)).all()
    for column in ("study", "country", "stratum", "model", "source"):
        assert (rows[column] != "").all(), column


def test_published_concepts_keep_stocks_flows_and_registrations_apart():
    rows = published()
    assert set(rows.loc[rows["concept"] == "stock", "per"]) == {"day"}
    assert set(rows.loc[rows["concept"] == "registered", "model"]) == {"count of registrations"}
    slavery_index = rows["study"].str.contains("Global Slavery Index")
    assert set(rows.loc[slavery_index, "concept"]) == {"stock"}
    registrations = rows["study"] == "CoMensha registrations"
    assert set(rows.loc[registrations, "concept"]) == {"registered"}
    assert rows.loc[registrations, ["estimate", "low", "high"]].isna().all(axis=None)


def test_the_dutch_headlines():
    rows = published()
    dutch = rows[(rows["country"] == "NL") & (rows["unit"] == "people")]
    range_2017 = dutch[(dutch["low"] == 5_000) & (dutch["high"] == 7_500)].iloc[0]
    assert (range_2017["concept"], range_2017["per"]) == ("flow", "year")
    assert (range_2017["year_from"], range_2017["year_to"]) == (2014, 2015)
    thirty_thousand = dutch[dutch["estimate"] == 30_000]
    # one is a stock on a day in 2016, the other a share of an ILO figure of unstated concept
    assert sorted(thirty_thousand["concept"]) == ["not stated", "stock"]
    registered_2019 = dutch[(dutch["year_from"] == 2019) & dutch["stratum"].str.startswith("all")]
    seen = set(registered_2019.loc[registered_2019["per"] == "year", "observed"].dropna())
    assert seen == {1_334, 1_372}
    summed = dutch[dutch["high"] == 58_000].iloc[0]
    assert (summed["per"], summed["observed"]) == ("period", 8_234)


def test_what_a_caller_changes_stays_with_the_caller():
    estimates = published()
    estimates.loc[0, "study"] = "changed"
    assert "changed" not in set(published()["study"])
