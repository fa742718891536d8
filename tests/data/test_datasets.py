"""The published tables: totals and cells as printed, and complete codebooks."""

import csv
import pickle
import runpy
import tomllib
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from darkfigure.data.datasets import datasets, load, tables_folder
from darkfigure.data.frequencies import CaptureFrequencies
from darkfigure.data.records import CaptureRecords
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError
from darkfigure.literals import Concept

# Units seen and number of lists, as each publication prints them.
PRINTED = {
    "netherlands": (8_234, 6),
    "netherlands_five_lists": (8_234, 5),
    "uk": (2_744, 6),
    "uk_five_lists": (2_744, 5),
    "new_orleans": (185, 8),
    "new_orleans_five_lists": (185, 5),
    "western_us": (345, 5),
    "australia": (414, 4),
    "kosovo": (4_400, 4),
    "palembang": (123, 3),
    "artificial": (96, 3),
    "rome_hiv": (1_896, 4),
    "allegheny": (2_185, 4),
    "hepatitis_a": (271, 3),
    "diabetes": (2_069, 4),
    "congenital": (537, 5),
    "spina_bifida": (626, 3),
    "spina_bifida_by_ethnicity": (621, 3),
    "scotland_pwid": (5_670, 4),
    "hare": (68, 6),
    "deer_mice": (38, 6),
    "illegal_immigrants": (1_880, 1),
    "illegal_immigrants_counts": (1_880, 1),
    "catbird_counts": (19, 1),
    "traffic_counts": (1_621, 1),
    "cottontail_counts": (76, 1),
    "breeding_birds_counts": (71, 1),
    "practice_register": (8_233, 6),  # as simulated
}

# People on each list.
LIST_TOTALS = {
    # Chao et al. 2001, Stat. Med. 20:3123; Bruno et al. 1994; Wittes, Colton & Sidel 1974
    "hepatitis_a": {"L1": 135, "L2": 122, "L3": 126},
    "diabetes": {"L1": 1_754, "L2": 452, "L3": 1_135, "L4": 173},
    "congenital": {"L1": 183, "L2": 215, "L3": 36, "L4": 263, "L5": 252},
    # sums of the printed cells
    "netherlands": {"I": 398, "K": 1_348, "O": 536, "P": 4_812, "R": 742, "Z": 848},
    "uk": {"LA": 94, "NG": 567, "PF": 1_102, "GO": 807, "GP": 336, "NCA": 102},
    "kosovo": {"EXH": 1_910, "ABA": 1_528, "OSCE": 1_786, "HRW": 685},
}

# Single cells: the lists a person is on, and how many such people.
CELLS = [
    ("netherlands", "P", 4_466),  # Silverman 2020, Table 2
    ("netherlands", "O P Z", 7),
    ("uk", "LA NG PF GO", 1),  # Silverman 2014
    ("new_orleans", "C D", 1),  # 2 in the version with 186 people
    ("western_us", "A C E", 1),
    ("kosovo", "EXH ABA OSCE HRW", 27),
    ("palembang", "b c", 54),
    ("artificial", "A B", 6),  # Chan, Silverman & Vincent 2021, Table 2
    ("rome_hiv", "c1 c2", 33),
    ("spina_bifida", "L1 L2 L3", 12),  # Madigan & York 1997
    ("hare", "c1 c2 c3 c4 c5 c6", 2),
]

# Pairs of lists that share no one, where the publications say so.
NEVER_OVERLAP = {
    "netherlands": {("I", "K"), ("K", "R")},
    "uk": {("LA", "GP"), ("LA", "NCA")},
    "western_us": {("A", "B"), ("B", "E")},
}

SAME_PEOPLE = [
    {"netherlands", "netherlands_five_lists"},
    {"uk", "uk_five_lists"},
    {"new_orleans", "new_orleans_five_lists"},
    {"spina_bifida", "spina_bifida_by_ethnicity"},
    {"illegal_immigrants", "illegal_immigrants_counts"},
]

FIVE_LISTS = [
    ("netherlands", {"IO": ["I", "O"]}, "netherlands_five_lists"),
    ("uk", {"PFNCA": ["PF", "NCA"]}, "uk_five_lists"),
    ("new_orleans", {"BEFG": ["B", "E", "F", "G"]}, "new_orleans_five_lists"),
]


def cells(table: CaptureTable) -> dict[frozenset[str], int]:
    """People per set of lists, strata summed, cells of zero left out."""
    found: dict[frozenset[str], int] = {}
    for row in table.to_frame().to_dict("records"):
        if row["count"]:
            history = frozenset(name for name in table.lists if row[name] == 1)
            found[history] = found.get(history, 0) + row["count"]
    return found


def codebook(name: str) -> dict:
    return tomllib.loads((tables_folder() / f"{name}.toml").read_text(encoding="utf-8"))


def header(name: str) -> list[str]:
    with (tables_folder() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def test_all_datasets_are_listed_with_their_printed_totals():
    listed = datasets().set_index("name")
    assert {
        name: (row["people"], row["lists"]) for name, row in listed.to_dict("index").items()
    } == PRINTED


@pytest.mark.parametrize("name", PRINTED)
def test_loaded_total_is_the_printed_one(name):
    data = load(name)
    people, lists = PRINTED[name]
    seen = data.n_people if isinstance(data, CaptureRecords) else data.n_observed
    assert seen == people
    if not isinstance(data, CaptureFrequencies):
        assert len(data.lists) == lists


@pytest.mark.parametrize("name", PRINTED)
def test_kind_says_what_is_loaded(name):
    classes = {
        "table": CaptureTable,
        "records": CaptureRecords,
        "frequencies": CaptureFrequencies,
        "simulated": CaptureTable,
    }
    assert type(load(name)) is classes[datasets().set_index("name").loc[name, "kind"]]


@pytest.mark.parametrize("name", LIST_TOTALS)
def test_list_totals(name):
    assert load(name).totals().to_dict() == LIST_TOTALS[name]


@pytest.mark.parametrize(("name", "lists", "count"), CELLS)
def test_cells_as_printed(name, lists, count):
    assert cells(load(name))[frozenset(lists.split())] == count


@pytest.mark.parametrize("name", NEVER_OVERLAP)
def test_pairs_that_never_overlap(name):
    shared = load(name).overlap()
    k = len(shared)
    pairs = {
        (shared.index[i], shared.columns[j])
        for i in range(k)
        for j in range(i + 1, k)
        if shared.iloc[i, j] == 0
    }
    assert pairs == NEVER_OVERLAP[name]


def test_share_of_the_dutch_on_one_list_only():
    dutch = cells(load("netherlands"))
    on_one = sum(count for history, count in dutch.items() if len(history) == 1)
    assert round(100 * on_one / 8_234, 1) == 94.8


@pytest.mark.parametrize(("whole", "merged", "five"), FIVE_LISTS)
def test_five_list_tables_are_merges_of_the_whole_ones(whole, merged, five):
    assert cells(load(whole).merge(merged)) == cells(load(five))


def test_by_ethnicity_holds_no_more_than_the_whole_spina_bifida_table():
    whole = cells(load("spina_bifida"))
    part = {
        frozenset(name.replace("S", "L") for name in history): count
        for history, count in cells(load("spina_bifida_by_ethnicity")).items()
    }
    assert all(count <= whole[history] for history, count in part.items())
    assert load("spina_bifida_by_ethnicity").strata == {
        "ethnicity": ("Caucasian", "Afro-American", "other")
    }


def test_scottish_strata_and_upper_bounds():
    table = load("scotland_pwid")
    # Region, sex and age have two levels each (King et al. 2013).
    assert {name: len(levels) for name, levels in table.strata.items()} == {
        "region": 2,
        "gender": 2,
        "age": 2,
    }
    assert cells(table)[frozenset({"S4"})] == 684


def test_deer_mice_are_records_with_covariates():
    mice = load("deer_mice")
    assert mice.lists == ("y1", "y2", "y3", "y4", "y5", "y6")
    assert list(mice.covariates.columns) == ["sex", "age", "weight"]
    assert np.asarray(mice.histories).sum(axis=0).tolist() == [15, 20, 16, 19, 25, 25]
    assert mice.covariates["age"].value_counts().to_dict() == {"young": 24, "adult": 14}


def test_illegal_immigrants_with_covariates_add_up_to_the_counts():
    frame = pd.read_csv(tables_folder() / "illegal_immigrants.csv")
    # f1 to f6 of van der Heijden et al. 2003
    printed = {1: 1_645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}
    assert frame.groupby("captures")["count"].sum().to_dict() == printed
    counts = load("illegal_immigrants_counts")
    assert dict(zip(counts.captures.tolist(), counts.counts.tolist(), strict=True)) == printed


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("traffic_counts", 5_249.638),  # Rcapture 1.4-4, closedp.0 "Mh Chao (LB)"
        ("illegal_immigrants_counts", 9_273.5),  # n + f1**2 / (2 f2), by hand
    ],
)
def test_frequencies_give_the_known_lower_bound(name, bound):
    data = load(name)
    f = dict(zip(data.captures.tolist(), data.counts.tolist(), strict=True))
    assert data.n_observed + f[1] ** 2 / (2 * f[2]) == pytest.approx(bound, abs=0.05)


def test_hepatitis_gives_the_published_coverage_estimate():
    # Chao et al. 2001: D = n - (those on one list only)/3, coverage .51269, N0 = 407.004
    table = load("hepatitis_a")
    once = {name: cells(table)[frozenset({name})] for name in table.lists}
    coverage = 1 - sum(once[name] / table.totals()[name] for name in table.lists) / 3
    assert coverage == pytest.approx(0.51269, abs=5e-6)
    assert (271 - sum(once.values()) / 3) / coverage == pytest.approx(407.004, abs=5e-4)


def test_known_unseen_only_where_the_truth_is_known():
    known = {name: load(name).about.known_unseen for name in PRINTED}
    assert {name: n for name, n in known.items() if n is not None} == {
        "traffic_counts": 9_461 - 1_621,
        "cottontail_counts": 135 - 76,
        "practice_register": 45_000 - 8_233,
    }


@pytest.mark.parametrize("name", PRINTED)
def test_codebook_is_complete(name):
    book = codebook(name)
    columns = book["columns"]
    for key in ("title", "people", "case_definition", "population_id", "source"):
        assert book[key].strip(), key
    assert book["concept"] in get_args(Concept)
    assert book["caveats"], "every table has something to be careful of"
    assert all(caveat.endswith(".") for caveat in book["caveats"])
    assert set(book.get("strata", {})) == set(columns.get("by", []))
    if book["kind"] == "frequencies":
        assert len(book["lists"]) == 1
        expected = [*columns.get("by", []), columns["captures"], columns["count"]]
    else:
        assert list(book["lists"]) == columns["lists"]
        expected = [*columns["lists"], *columns.get("by", [])]
        expected += [columns["count"]] if book["kind"] in ("table", "simulated") else []
    assert header(name) == expected


@pytest.mark.parametrize("name", PRINTED)
def test_about_says_what_the_codebook_says(name):
    about, book = load(name).about, codebook(name)
    assert about.name == name
    assert about.title == book["title"]
    assert about.population_id == book["population_id"]
    assert dict(about.lists) == book["lists"]
    assert about.caveats == tuple(book["caveats"])
    if about.period is None:
        assert "period" not in book
    else:
        assert about.period.year_from <= about.period.year_to
        assert 0 < about.period.years <= about.period.year_to - about.period.year_from + 1


def test_the_same_people_have_the_same_population_id():
    ids: dict[str, set[str]] = {}
    for name in PRINTED:
        ids.setdefault(load(name).about.population_id, set()).add(name)
    shared = [names for names in ids.values() if len(names) > 1]
    assert sorted(shared, key=min) == sorted(SAME_PEOPLE, key=min)


@pytest.mark.parametrize(
    ("name", "years"), [("netherlands", 6.0), ("uk", 1.0), ("australia", 2.0), ("kosovo", 0.26)]
)
def test_length_of_the_period(name, years):
    assert load(name).about.period.years == years


def test_load_says_how_it_was_called_and_keeps_what_it_made():
    assert load("netherlands").origin == 'dk.load("netherlands")'
    assert load("netherlands") is load("netherlands")
    copy = pickle.loads(pickle.dumps(load("netherlands")))
    assert copy.content_hash == load("netherlands").content_hash


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("netherland", 'Did you mean "netherlands"?'),
        ("UK", 'Did you mean "uk"?'),
        ("zzz", "dk.datasets() lists all 28."),
        (2014, "dk.datasets() lists all 28."),
    ],
)
def test_unknown_name_is_refused_with_the_nearest(wrong, said):
    with pytest.raises(DataError) as caught:
        load(wrong)
    assert said in caught.value.hint


def test_what_a_caller_changes_stays_with_the_caller():
    listed, mice = datasets(), load("deer_mice").covariates
    listed.loc[0, "name"] = "changed"
    mice.loc[0, "sex"] = "changed"
    assert "changed" not in set(datasets()["name"])
    assert "changed" not in set(load("deer_mice").covariates["sex"])


# -- the practice register ----------------------------------------------------------------------

MAKER = Path(__file__).parents[2] / "scripts" / "make_practice_register.py"


def test_the_practice_register_is_what_its_script_writes(tmp_path):
    runpy.run_path(str(MAKER))["main"](tmp_path)
    for name in ("practice_register.csv", "practice_register.toml"):
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert written == (tables_folder() / name).read_text(encoding="utf-8")


def test_the_practice_register_is_near_the_published_one():
    made, real = load("practice_register"), load("netherlands")
    # the least list has 398 people: 6 % is a standard deviation or so of it
    assert made.n_observed == pytest.approx(real.n_observed, rel=0.01)
    for name, people in real.totals().items():
        assert made.totals()[name] == pytest.approx(people, rel=0.06)
    alone = made.low[(made.histories == 1).sum(axis=1) == 1].sum() / made.n_observed
    assert alone == pytest.approx(0.948, abs=0.005)
    both = made.overlap()
    assert both.loc["I", "K"] + both.loc["K", "R"] <= 2
    assert both.loc["P", "Z"] == pytest.approx(real.overlap().loc["P", "Z"], rel=0.1)


def test_the_practice_register_has_its_truth_by_year_and_says_that_it_is_simulated():
    about = load("practice_register").about
    assert about.simulated
    assert about.truth.total == 45_000
    per_year = [5_600, 6_800, 9_000, 8_600, 8_000, 7_000]
    assert about.truth.by("year") == dict(zip(range(2010, 2016), per_year, strict=True))
    assert sum(about.truth.by("nationality").values()) == 45_000
    assert about.title.startswith("SIMULATED")
    assert about.caveats[0].startswith("SIMULATED")
    assert about.source.startswith("SIMULATED")
    assert "SIMULATED" in repr(load("practice_register"))
    listed = datasets()
    assert listed.iloc[-1][["name", "kind"]].tolist() == ["practice_register", "simulated"]


def test_only_made_up_people_are_called_simulated():
    assert [name for name in PRINTED if load(name).about.simulated] == ["practice_register"]


def test_the_inspectorate_was_not_at_work_in_2010():
    table = load("practice_register")
    blank = table.histories[:, table.lists.index("I")] == -1
    assert blank.tolist() == [year == 2010 for year in table.labels["year"]]
    assert table.needs == ("blank lists",)
    assert table.select(year=range(2011, 2016)).needs == ()
    without = table.drop("I")
    assert without.needs == ()
    assert without.n_observed + without.known_unseen == without.about.truth.total == 45_000
