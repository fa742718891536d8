"""The report as a page, Markdown and JSON: valid, harmless, complete, silent on small counts."""

import json
import re
from html.parser import HTMLParser
from itertools import product

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.data.about import About

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def est():
    return dk.estimate("netherlands", seed=1)


@pytest.fixture(scope="module")
def small():
    """Lists with evil names and counts that would be recognised: 3, 4 and 1 people."""
    counts = {
        EVIL: [1, 0, 0, 1, 1, 0],
        'b"&': [0, 1, 0, 1, 0, 1],
        "c": [0, 0, 1, 0, 1, 1],
        "n": [61, 83, 97, 23, 3, 4],
    }
    about = About(title=EVIL, case_definition="a & b", source=f"by {EVIL}", people="victims")
    table = dk.CaptureTable.from_counts(counts, lists=[EVIL, 'b"&', "c"], count="n", about=about)
    return dk.estimate(table, seed=1)


def written(est, folder, ending, **settings):
    return dk.report(est, folder / f"page.{ending}", **settings).read_text("utf-8")


class Outline(HTMLParser):
    """What a page is made of; complains of tags that are not closed in order."""

    VOID = frozenset({"meta", "line", "rect", "circle", "polygon", "br"})

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.levels, self.tags, self.links, self.labels = (
            [],
            [],
            [],
            [],
            [],
            [],
        )
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if "aria-labelledby" in found:
            self.labels += found["aria-labelledby"].split()
        if tag == "a":
            self.links.append(found["href"])
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("which", ["est", "small"])
def test_page_is_valid_and_accessible(request, which, language, tmp_path):
    text = written(request.getfixturevalue(which), tmp_path, "html", language=language)
    page = Outline(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.levels[0] == 1
    assert page.levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.levels, page.levels[1:], strict=False))
    assert ("html", {"lang": language}) in page.tags
    assert {each[1:] for each in page.links} <= set(page.ids)
    assert set(page.labels) <= set(page.ids)
    heads = [found for tag, found in page.tags if tag == "th"]
    assert heads
    assert all(found.get("scope") in ("row", "col") for found in heads)
    pictures = [found for tag, found in page.tags if tag == "svg"]
    assert pictures
    assert all(found["role"] == "img" and "aria-labelledby" in found for found in pictures)
    assert re.findall(r"<desc[^>]*>(.*?)</desc>", text)
    assert all(each.strip() for each in re.findall(r"<desc[^>]*>(.*?)</desc>", text))
    assert "viewport" in text


def test_page_needs_no_network_and_is_small(est, tmp_path):
    text = written(est, tmp_path, "html")
    tags = [tag for tag, _ in Outline(text).tags]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "url(" not in text
    assert "@import" not in text
    assert len(text.encode()) < 200_000


@pytest.mark.parametrize("ending", ["html", "md"])
def test_names_of_users_are_harmless(small, ending, tmp_path):
    text = written(small, tmp_path, ending, disclose=True)
    assert re.search(r"(?<!\\)<script", text.lower()) is None  # Markdown reads \< as a letter
    assert "alert" in text
    if ending == "html":
        assert "&lt;script&gt;" in text


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Of WCAG 2.2, success criterion 1.4.3."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_have_contrast(est, tmp_path, scheme):
    text = written(est, tmp_path, "html")
    colours = dict(
        re.findall(r"--([\w-]+): (#\w{6})", text.split(":root {")[scheme + 1].split("}")[0])
    )
    on_paper = ("ink", "quiet", "link", "seen")
    pairs = [(name, "paper") for name in on_paper] + [(name, "stripe") for name in on_paper]
    for level in ("none", "range", "figure"):
        pairs += [("ink", f"{level}-paper"), (f"{level}-edge", f"{level}-paper")]
        pairs += [("link", f"{level}-paper")]
    poor = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert min(poor.values()) >= 4.5, poor


# -- small counts ---------------------------------------------------------------------------------


def numbers_on(text):
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)
    return set(re.findall(r"(?<![\w.,])\d[\d.,]*", text))


@pytest.mark.parametrize("ending", ["html", "md", "json"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_small_counts_are_not_told(small, ending, language, tmp_path):
    hidden = written(small, tmp_path, ending, language=language)
    shown = written(small, tmp_path, ending, language=language, disclose=True)
    exact = {"61", "83", "97", "23", "87"}  # cells, and people on the first list
    assert exact - {"23"} <= numbers_on(shown)
    assert not exact & numbers_on(hidden)
    assert small.table.content_hash in shown
    assert small.table.content_hash not in hidden


def test_json_says_what_a_reader_knows_of_each_count(small, tmp_path):
    found = json.loads(written(small, tmp_path, "json"))["seen"]
    true = small.table.overlap()
    for pair in found["pairs"]:
        number = true.loc[pair["lists"][0], pair["lists"][1]]
        assert pair["low"] <= number <= pair["high"]
        if 0 < number < 5:
            assert (pair["printed"], pair["low"], pair["high"]) == (None, 1, 4)
    assert [each["printed"] for each in found["histories"]] == [100, 80, 60, 20]


def test_pairs_of_a_disclosed_page_are_the_overlaps(est, tmp_path):
    found = json.loads(written(est, tmp_path, "json", disclose=True))["seen"]
    overlap = est.table.overlap()
    assert all(p["printed"] == overlap.loc[tuple(p["lists"])] for p in found["pairs"])
    assert found["total"]["printed"] == 8234


# -- what it says ---------------------------------------------------------------------------------


def test_json_has_the_numbers_of_the_estimate(est, tmp_path):
    found = json.loads(written(est, tmp_path, "json", disclose=True, prob=0.8))
    low, high = est.interval(0.8)
    assert found["answer"]["estimate"] == est.estimate
    assert (found["answer"]["low"], found["answer"]["high"]) == (low, high)
    assert found["answer"]["per_year"]["estimate"] == pytest.approx(est.estimate / 6)
    assert found["again"]["call"] == est.call
    assert found["verdict"]["level"] == "none"
    assert found["models"]["best"][0]["label"] == est.models["label"][0]


def test_dutch_page_speaks_dutch(est, tmp_path):
    text = written(est, tmp_path, "md", language="nl")
    assert "Uit deze gegevens moet geen schatting worden gepubliceerd" in text
    assert "Ongeveer 46.500 mensen in 2010-2015" in text
    assert "8.234 van hen zijn gezien" in text
    own = re.sub(
        r"(?s)### Kanttekeningen.*?## |## Literatuur.*|\*\*(Bron|Definitie)\*\*.*?\n", "", text
    )
    left = re.findall(r"\b(the|people|lists?|are|from|models|of which|seen)\b", own)
    descriptions = "\n".join(est.table.about.lists.values())
    assert [word for word in left if word not in descriptions + est.table.about.title] == []


def test_what_is_not_known_is_not_stated(est, tmp_path):
    text = written(est, tmp_path, "md")
    assert "**Linkage keys**: not stated" in text
    told = dk.estimate(
        est.table.with_about(linkage_keys="name and date of birth", referral="police to shelters"),
        dk.DecomposableGraphs(),
        seed=1,
    )
    text = written(told, tmp_path, "md")
    assert "**Linkage keys**: name and date of birth" in text
    assert "**Referral between lists**: police to shelters" in text


def test_zeros_are_of_the_sample_or_of_structure(tmp_path):
    counts = {"a": [1, 0, 0, 1], "b": [0, 1, 0, 0], "c": [0, 0, 1, 1], "count": [60, 70, 80, 20]}
    table = dk.CaptureTable.from_counts(counts, impossible=[("a", "b")])
    text = written(dk.estimate(table, dk.LogLinear(order=1, select=None), seed=1), tmp_path, "md")
    assert "0 (structural zero)" in text
    assert "0 (sampling zero)" in text


@pytest.mark.parametrize(
    ("counts", "printed"),
    [
        ((60, 70, 20, 50, 80, 30, 40, 90, 25), [True, True, True]),
        # one person on each, and the smallest of the others, which would give it by difference
        ((60, 70, 20, 50, 80, 30, 1, 1, 1), [False, True, False]),
        # 95 people, but three on both lists: the total would tell that number
        ((60, 70, 20, 50, 80, 30, 42, 50, 3), [False, True, False]),
    ],
)
def test_levels_that_would_tell_a_few_people_are_hidden(counts, printed, tmp_path):
    columns = {"year": [2014] * 3 + [2015] * 3 + [2016] * 3, "a": [1, 0, 1] * 3}
    columns |= {"b": [0, 1, 1] * 3, "count": list(counts)}
    est = dk.estimate(dk.CaptureTable.from_counts(columns, by="year"), dk.TwoList(), seed=1)
    rows = json.loads(written(est, tmp_path, "json"))["how"]["by"]["year"]
    assert [each["printed"] for each in rows] == printed
    rows = json.loads(written(est, tmp_path, "json", disclose=True))["how"]["by"]["year"]
    assert [each["printed"] for each in rows] == [True, True, True]


FOUR_LISTS = [h for h in product((0, 1), repeat=4) if any(h)]
LARGE = [60, 70, 9, 80, 11, 8, 6, 90, 12, 10, 7, 14, 8, 9, 6]


def by_year(last):
    """Two years in which no count of four lists is small, and a third."""
    years = [dict(zip(FOUR_LISTS, LARGE, strict=True))] * 2 + [last]
    rows = [(2020 + y, *h, n) for y, cells in enumerate(years) for h, n in cells.items()]
    return dict(zip(["year", *"ABCD", "count"], map(list, zip(*rows, strict=True)), strict=True))


INDEPENDENT = dk.LogLinear(order=1, select=None, uncertainty=dk.Delta())
SINGLY = {(0, 0, 0, 1): 8, (0, 0, 1, 0): 7, (0, 1, 0, 0): 6, (1, 0, 0, 0): 6}


def test_a_level_of_four_lists_that_one_hidden_count_moves_far_is_hidden(tmp_path):
    printed = {}
    for both in (1, 4):  # the year's total is about 300 with one, 100 with four
        table = dk.CaptureTable.from_counts(by_year({**SINGLY, (1, 1, 0, 0): both}), by="year")
        est = dk.estimate(table, INDEPENDENT, seed=1, strata="separate")
        rows = json.loads(written(est, tmp_path, "json"))["how"]["by"]["year"]
        printed[both] = [each["printed"] for each in rows]
        totals = est.summary(by="year")["estimate"]
    # and the smallest other, so that the year's total is not the difference
    assert printed[1] == printed[4]
    assert printed[1].count(True) == 1
    assert not printed[1][2]
    assert totals.iloc[2] < 150


def test_lists_that_were_not_at_work_do_not_make_a_level_safe(tmp_path):
    # three lists in 2022: the total is a short formula of seven counts, one of them 3
    three = [h for h in product((0, 1), repeat=3) if any(h)]
    counts = (97, 83, 14, 61, 31, 23, 3)
    columns = by_year({(*h, -1): n for h, n in zip(three, counts, strict=True)})
    columns["D"] = [None if on == -1 else on for on in columns["D"]]
    table = dk.CaptureTable.from_counts(columns, by="year", blank="inactive")
    est = dk.estimate(table, dk.BayesianLogLinear(), seed=1, strata="separate")
    rows = json.loads(written(est, tmp_path, "json"))["how"]["by"]["year"]
    assert not rows[2]["printed"]


def test_comparisons_claims_and_checks_are_told(tmp_path):
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)
    assert json.loads(written(est, tmp_path, "json"))["checks"] == {"run": False}
    compared = dk.compare(est.table, [dk.DecomposableGraphs(), dk.LogLinear()], seed=1)
    check = dk.check(est.table, est.model, seed=1, checks=("internal", "merge"), cache=False)
    claims = dk.claim(est, 30_000)
    settings = {"compare": compared, "check": check, "claims": claims}
    found = json.loads(written(est, tmp_path, "json", disclose=True, **settings))
    assert len(found["models"]["compared"]["models"]) == 2
    needs = found["claims"]["claims"][0]["needs"]
    assert needs[0]["needed"] == pytest.approx(0.49, abs=0.005)  # ξ at 30,000
    internal = [each for each in found["checks"]["cases"] if each["check"] == "internal"]
    assert {each["case"]: each["truth"]["printed"] for each in internal} == dict(est.table.totals())
    text = written(est, tmp_path, "html", language="nl", **settings)
    assert Outline(text).open == []
    assert "odds ratio van EXH en HRW onder mensen op geen andere lijst" in text


def test_a_picture_of_one_model_in_words_tells_its_settings_apart(tmp_path):
    models = [dk.LogLinear(order=order, select=None, uncertainty=dk.Delta()) for order in (1, 2)]
    est = dk.estimate("kosovo", models[0], seed=1)
    varied = dk.compare(est.table, models, seed=1)
    page = written(est, tmp_path, "md", disclose=True, sensitivity=varied)
    [alt] = [each for each in page.splitlines() if "its estimate as a dot" in each]
    assert "LogLinear(order=1" in alt
    assert "LogLinear(order=2" in alt


def test_errors_up_and_down_do_not_cancel(tmp_path):
    model = dk.LogLinear(order=1, select=None, uncertainty=dk.Delta())
    est = dk.estimate("uk_five_lists", model, seed=1)
    check = dk.check(est.table, model, seed=1, checks=("internal",), cache=False)
    ratios = np.array([c.estimate / c.truth for c in check.of("internal")])
    ratios = ratios[np.isfinite(ratios)]
    assert ratios.min() < 1 < ratios.max()
    page = written(est, tmp_path, "md", disclose=True, check=check)
    said = float(re.search(r"off by a factor of ([\d.]+) or more", page)[1])
    assert said == pytest.approx(np.exp(np.median(np.abs(np.log(ratios)))), abs=0.05)


def test_published_figures_of_the_same_country_are_claimed(est, tmp_path):
    found = json.loads(written(est, tmp_path, "json"))["claims"]["claims"]
    published = dk.published()
    assert found
    assert {each["source"].split(",")[0] for each in found} <= {
        each.split(",")[0] for each in published.loc[published["country"] == "NL", "study"]
    }
    assert json.loads(written(est, tmp_path, "json", claims=False))["claims"]["claims"] == []


def test_assumptions_and_bounds_stand_on_the_page(tmp_path):
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1)
    found = dk.identify(est.table, models=[], seed=1)
    ranges = [
        dk.bounds(est.table, odds_ratios=(1, 5)),
        dk.bounds(est.table, odds_ratios=(1, float("inf"))),
    ]
    settings = {"identify": found, "bounds": ranges, "disclose": True}
    told = json.loads(written(est, tmp_path, "json", **settings))["identified"]
    known = found.to_frame().dropna(subset="estimate")
    assert [each["estimate"] for each in told["assumptions"]] == known["estimate"].tolist()
    assert [each["rivals"] for each in told["assumptions"]] == known["rivals"].tolist()
    assert told["bounds"][0]["exact"] == pytest.approx([9_691, 18_320], abs=1)
    text = written(est, tmp_path, "md", **settings)
    assert "| All lists at once do not interact | 16,900 |" in text
    assert "| EXH and ABA: independent among people on no other list | 9,800 |" in text
    assert "in the whole population lies between 1 and 5, and nothing else" in text
    assert "**With the counts taken as exact**: 9,690 to 18,300" in text
    assert "or more; no number is too large" in text
    assert Outline(written(est, tmp_path, "html", language="nl", **settings)).open == []


def test_assumptions_that_rest_on_a_few_people_are_left_out(tmp_path):
    table = dk.load("netherlands_five_lists")
    est = dk.estimate(table, dk.DecomposableGraphs(), seed=1)
    found = dk.identify(table, models=[], seed=1)
    counts = {frozenset(c): n for c, n in _by_history(table).items()}

    def rests_on_few(names):
        inside = [n for lists, n in counts.items() if lists <= set(names)]
        return any(0 < n < 5 for n in inside)

    pairs = [each for each in found.assumed if each.group.startswith("two lists")]
    few = {each.name for each in pairs if rests_on_few(each.name.split(", "))}
    told = json.loads(written(est, tmp_path, "json", identify=found))["identified"]
    names = [
        each["assumption"].split(":")[0].replace(" and ", ", ") for each in told["assumptions"]
    ]
    for each in pairs:
        if each.estimate == each.estimate:
            assert (each.name in names) is (each.name not in few), each.name
    assert "All lists at once do not interact" not in names  # the smallest cells are small
    ranges = dk.bounds(table, odds_ratios=(0.02, 50))
    told = json.loads(written(est, tmp_path, "json", bounds=ranges))["identified"]
    assert told["bounds"][0]["exact"] == [None, None]
    assert told["bounds"][0]["interval"] == [float(f"{n:.3g}") for n in ranges.interval]


def _by_history(table):
    codes = range(1, 1 << table.n_lists)
    named = (tuple(n for j, n in enumerate(table.lists) if c >> j & 1) for c in codes)
    return dict(zip(named, table.counts()[1:].tolist(), strict=True))


def test_the_answer_before_calibration_stands_beside_it(tmp_path):
    before = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    est = dk.calibrate(before)
    found = json.loads(written(est, tmp_path, "json", disclose=True))["answer"]
    low, high = before.interval()
    assert found["uncalibrated"] == {
        "kind": "posterior",
        "estimate": before.estimate,
        "low": low,
        "high": high,
    }
    text = written(est, tmp_path, "md", language="nl")
    assert "12.200 (95%-posterior-interval 9.360 tot 18.200)" in text
    assert json.loads(written(before, tmp_path, "json"))["answer"]["uncalibrated"] is None


def test_the_path_of_a_stepwise_choice_counts_as_candidates(tmp_path):
    columns = {"year": [2014] * 7 + [2015] * 7 + [2016] * 7}
    histories = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]
    columns |= {name: [h[j] for h in histories] * 3 for j, name in enumerate("abc")}
    counts = [90, 120, 80, 40, 12, 11, 9, 95, 110, 85, 42, 14, 12, 8, 99, 130, 70, 38, 13, 15, 10]
    table = dk.CaptureTable.from_counts(columns | {"count": counts}, by="year")
    est = dk.estimate(
        table, dk.DutchWorkflow(uncertainty=dk.Bootstrap(50, kind="parametric")), seed=1
    )
    found = json.loads(written(est, tmp_path, "json", disclose=True))["models"]
    assert found["candidates"] == len(est.models) > 1
    behind = est.models["bic"] - est.models["bic"].min()
    near = est.models.loc[behind <= 10, "population"]
    told = found["within_10_units"]["candidates"]
    assert (told["number"], told["low"], told["high"]) == (len(near), near.min(), near.max())


def test_rows_of_mixed_and_repaired_estimates_say_what_they_are(tmp_path):
    pair = dk.Stacked([dk.LogLinear(uncertainty=dk.Delta()), dk.DecomposableGraphs()])
    text = written(dk.estimate("kosovo", pair, seed=1), tmp_path, "md")
    assert "each weighted by how well it finds populations of known size" in text
    assert "each of the models mixed has an estimate" in text
    assert "the candidates carry no criterion" in text
    inside = dk.LogLinear(uncertainty=dk.Delta())
    repaired = dk.LinkageError(inside, missed=(0.0, 0.1))
    text = written(dk.estimate("kosovo", repaired, seed=1), tmp_path, "md")
    assert "**Candidates**: those of LogLinear, again on every repaired table" in text
    assert "**Choice among them**: the smallest BIC (n = people)" in text
    before = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    text = written(dk.calibrate(before), tmp_path, "md")
    assert "a posterior with proper priors always exists" in text
    assert "independent weighted draws" in text


def test_rounding_of_the_source_is_told(est, tmp_path):
    assert "**Rounding of figures published from it**: not stated" in written(est, tmp_path, "md")
    table = est.table.with_about(rounding="to hundreds")
    told = dk.estimate(table, dk.LogLinear(order=1, select=None, uncertainty=dk.Delta()), seed=1)
    assert "published from it**: to hundreds" in written(told, tmp_path, "md")
    assert json.loads(written(told, tmp_path, "json"))["seen"]["about"]["rounding"] == "to hundreds"


def test_one_pair_of_two_lists_is_one_pair(tmp_path):
    table = dk.CaptureTable.from_counts({"A": [1, 0, 1], "B": [0, 1, 1], "count": [40, 50, 3]})
    est = dk.estimate(table, dk.TwoList(), seed=1)
    text = written(est, tmp_path, "md", claims=dk.claim(est, [2_000]))
    assert "The odds ratio of one pair is not printed" in text
    assert "two pairs" not in text
    assert "one model; no others were candidates" in text  # not its two classical forms


@pytest.mark.parametrize(
    ("name", "settings", "problem"),
    [
        ("page.txt", {}, "expected a report: .html"),
        ("page", {}, "has no ending"),
        ("no/page.html", {}, "no folder"),
        ("page.html", {"language": "de"}, "'en', 'nl'"),
        ("page.html", {"threshold": 1}, "at least 2"),
        ("page.html", {"check": 3}, "expected what dk.check found"),
        ("page.html", {"claims": 30_000}, "expected what dk.claim found"),
        ("page.html", {"identify": True}, "expected what dk.identify found"),
        ("page.html", {"bounds": (1, 5)}, "expected what dk.bounds found"),
        ("page.html", {"bounds": None}, "expected what dk.bounds found"),
        ("page.html", {"compare": "all"}, "expected True, False"),
    ],
)
def test_refusals(est, tmp_path, name, settings, problem):
    with pytest.raises(dk.SettingsError, match=problem):
        dk.report(est, tmp_path / name, **settings)
    assert list(tmp_path.iterdir()) == []


def test_a_comparison_of_another_table_is_refused(est, tmp_path):
    other = dk.compare("kosovo", dk.DecomposableGraphs(), seed=1)
    with pytest.raises(dk.SettingsError, match="another table"):
        dk.report(est, tmp_path / "page.html", compare=other)
    with pytest.raises(dk.SettingsError, match="identify was made from another table"):
        dk.report(est, tmp_path / "page.html", identify=dk.identify("hare", models=[], seed=1))
    with pytest.raises(dk.SettingsError, match="bounds was made from another table"):
        dk.report(est, tmp_path / "page.html", bounds=dk.bounds("kosovo", odds_ratios=(1, 5)))


@pytest.mark.parametrize(
    "model",
    [
        dk.LogLinear(select="bic", uncertainty=dk.Profile()),
        dk.LogLinear(select="average"),
        dk.LogLinear(uncertainty=dk.Bootstrap(50)),
        dk.DecomposableGraphs(),
        dk.LatentClass(sweeps=1000, most=3000),
        dk.BayesianLogLinear(selection="threshold"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_kind_of_interval_has_its_page(model, tmp_path):
    est = dk.estimate("uk_five_lists", model, seed=1)
    for language in ("en", "nl"):
        assert Outline(written(est, tmp_path, "html", language=language)).open == []


def test_an_opened_estimate_gives_the_same_page(est, tmp_path):
    est.save(tmp_path / "a.nc")
    again = dk.open(tmp_path / "a.nc")
    for language in ("en", "nl"):
        first = written(est, tmp_path, "html", language=language)
        assert written(again, tmp_path, "html", language=language) == first


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"disclose": "no"}, "disclose is 'no'"),
        ({"disclose": 1}, "disclose is 1"),
        ({"path": ""}, "expected a file"),
        ({"path": None}, "expected a file"),
        ({"est": "kosovo"}, "expected an Estimate"),
    ],
)
def test_what_could_give_small_counts_away_by_mistake_is_refused(tmp_path, settings, words):
    est = dk.estimate("palembang", seed=1)
    given = {"est": est, "path": tmp_path / "page.html"} | settings
    with pytest.raises(dk.SettingsError, match=words):
        dk.report(given.pop("est"), given.pop("path"), **given)
    assert list(tmp_path.iterdir()) == []
