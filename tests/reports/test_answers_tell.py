"""What answers tell of small counts, against every table that prints alike, refitted."""

import json
import re
from itertools import product

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.reports.answers_move import moved_by_hidden_counts
from darkfigure.reports.answers_tell import alike, three_lists, two_lists
from darkfigure.reports.secrecy import printed_safely
from darkfigure.results.wording import rounded

HISTORIES = [h for h in product((0, 1), repeat=3) if any(h)]
ENDINGS = ("html", "md", "json")


def two(first, second, both):
    return dk.CaptureTable.from_counts(
        {"A": [1, 0, 1], "B": [0, 1, 1], "count": [first, second, both]}
    )


def three(counts):
    rows = {name: [h[j] for h in HISTORIES] for j, name in enumerate("ABC")}
    return dk.CaptureTable.from_counts(rows | {"count": list(counts)})


ONLY_ALL_SMALL = three((97, 83, 14, 61, 31, 23, 3))  # C, B, BC, A, AC, AB, ABC
INDEPENDENT = dk.LogLinear(order=1, select=None, uncertainty=dk.Delta())


def written(est, folder, ending, **settings):
    return dk.report(est, folder / f"page.{ending}", **settings).read_text("utf-8")


# -- the reader's sums ----------------------------------------------------------------------------


def print_of(numbers, exact):
    """Every number printed of two lists, as the documentation says, base and threshold 5."""

    def said(n):
        return n if n == 0 else "small" if n < 5 else (n + 2) // 5 * 5

    first, second, both = numbers
    total = first + second + both
    sums = (first, second, both, first + both, second + both)
    return (*map(said, sums), total if exact else said(total))


def as_printed(total, est, exact):
    """An answer, no finer than the number of people seen."""
    low, high = est.interval()
    return rounded(total if exact else round(total / 5) * 5, high - low)


@pytest.mark.parametrize(
    ("counts", "small", "told"),
    [
        ((40, 50, 3), 2, True),  # the answer is about two lists over their overlap
        ((12, 9, 2), 2, True),
        ((3, 50, 100), 0, True),  # with the number of all people seen
        ((3, 12, 60), 0, False),  # one person on A only hardly moves it
    ],
)
def test_an_answer_tells_as_every_table_that_prints_alike_says(counts, small, told, tmp_path):
    est = dk.estimate(two(*counts), INDEPENDENT, seed=1)
    page = json.loads(written(est, tmp_path, "json"))
    answer, exact = page["answer"], page["cells"]["total_exact"]
    assert page["cells"]["rounded_to"] == 5
    around = [range(c - 5, c + 6) if c >= 5 else range(1, 5) for c in counts]
    values = set()
    for other in product(*around):
        if min(other) < 1 or print_of(other, exact) != print_of(counts, exact):
            continue
        first, second, both = other  # by maximum likelihood: Lincoln and Petersen
        total = (first + both) * (second + both) / both
        if as_printed(total, est, exact) == as_printed(est.estimate, est, exact):
            values.add(other[small])
    assert ({1, 4} <= values) is not told
    assert answer["small_counts_told"] == ("tells" if told else "perhaps")
    warned = "gives away" if told else "may give away"
    assert f"its answer {warned} a count of fewer than 5 people." in page["verdict"]["in_words"]
    page = written(est, tmp_path, "md")
    assert ("answer gives away a count of fewer than 5 people that" in page) is told
    assert ("With two lists it may tell them" in page) is not told


def test_tables_that_print_alike_are_all_found():
    table = two(12, 9, 2)
    printed = printed_safely(table, threshold=5, disclose=False)
    exact = printed.printing.total_exact
    found = {tuple(row) for row in alike(table, printed).tolist()}
    every = product(range(30), repeat=3)
    assert found == {
        other for other in every if print_of(other, exact) == print_of((12, 9, 2), exact)
    }


def test_totals_in_closed_form_are_those_of_the_fit():
    est = dk.estimate(ONLY_ALL_SMALL, dk.LogLinear(select="bic", uncertainty=dk.Delta()), seed=1)
    cells = ONLY_ALL_SMALL.counts()[1:].astype(float)
    assert len(est.models) == 8
    for label, total in zip(est.models["label"], est.models["population"], strict=True):
        terms = [set(term.split()) for term in label[1:-1].split("][")]
        pairs = [(0, 1), (0, 2), (1, 2)]
        together = [p for p in pairs if any({"ABC"[j] for j in p} <= term for term in terms)]
        assert three_lists(cells, together) == pytest.approx(total, rel=1e-6), label
    assert two_lists(np.array([40.0, 50.0, 3.0])) == pytest.approx(43 * 53 / 3)


@pytest.mark.parametrize(
    "model",
    [
        dk.Stacked([dk.LogLinear(uncertainty=dk.Delta()), dk.DecomposableGraphs()]),
        dk.LinkageError(dk.DecomposableGraphs(), missed=(0.0, 0.05)),
        dk.BayesianLogLinear(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_kind_of_answer_is_said_to_tell_or_that_it_may(tmp_path, model):
    frame = ONLY_ALL_SMALL.to_frame()
    years = dk.CaptureTable.from_counts(
        {name: [*frame[name]] * 2 for name in frame} | {"sex": ["f"] * 7 + ["m"] * 7}, by="sex"
    )
    tables = [ONLY_ALL_SMALL] if isinstance(model, dk.Stacked) else [ONLY_ALL_SMALL, years]
    for table in tables:
        est = dk.estimate(table, model, seed=1)
        found = json.loads(written(est, tmp_path, "json"))
        whole = table.collapse("sex") if table.strata else table
        small = ((whole.low > 0) & (whole.low < 5)).any()
        assert (found["answer"]["small_counts_told"] in ("tells", "perhaps")) == small
        assert not small or not found["models"]["best"]
        levels = found["how"]["by"].get("sex", [])
        assert not any(each["printed"] for each in levels)  # three on all lists in each


def test_names_of_several_words_are_read_from_the_label(tmp_path):
    words = {"A": "border police", "B": "shelter, north", "C": "[c]"}
    frame = ONLY_ALL_SMALL.to_frame().rename(columns=words)
    table = dk.CaptureTable.from_counts(frame, lists=list(words.values()))
    model = dk.LogLinear(select="bic", uncertainty=dk.Profile())
    both = [
        json.loads(written(dk.estimate(each, model, seed=1), tmp_path, "json"))["answer"]
        for each in (ONLY_ALL_SMALL, table)
    ]
    assert both[0]["small_counts_told"] == both[1]["small_counts_told"]


# -- the page -------------------------------------------------------------------------------------


def numbers_on(text):
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)
    found = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)
    return {float(each.replace(",", "").rstrip(".")) for each in found}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_totals_of_models_do_not_tell_the_one_small_count_of_three_lists(
    tmp_path, ending, language
):
    # found by a stranger: the candidates' totals rule out 1 and 2 people on all three lists
    model = dk.LogLinear(select="bic", uncertainty=dk.Profile())
    est = dk.estimate(ONLY_ALL_SMALL, model, seed=1)
    everything = {
        "compare": dk.compare(ONLY_ALL_SMALL, [model, dk.DecomposableGraphs()], seed=1),
        "claims": dk.claim(est, [2_000]),
        "check": dk.check(ONLY_ALL_SMALL, model, seed=1, cache=False, checks=("drop", "merge")),
        "identify": dk.identify(ONLY_ALL_SMALL, seed=1),
        "bounds": dk.bounds(ONLY_ALL_SMALL, odds_ratios=(1, 5)),
    }
    totals = {float(f"{n:.3g}") for n in est.models["population"]} - {float(f"{est.estimate:.3g}")}
    totals |= {float(f"{e.estimate:.3g}") for e in everything["identify"].assumed}
    shown = numbers_on(written(est, tmp_path, ending, disclose=True, **everything))
    hidden = numbers_on(written(est, tmp_path, ending, language=language, **everything))
    low, high = est.interval()
    known = {float(f"{n:.3g}") for n in (est.estimate, low, high, *est.modes()["location"])}
    known |= {round(n / 5) * 5.0 for n in known} | {float(n) for n in range(5, 320, 5)}
    apart = {t for t in totals if t == t} - known
    assert len(apart) > 6
    if ending != "json":  # there in full
        assert len(apart & shown) > 6
    assert not apart & {float(f"{n:.3g}") for n in hidden}


def test_counts_that_the_source_suppressed_are_not_there_to_tell(tmp_path):
    table = ONLY_ALL_SMALL.disclose(threshold=5, zeros="shown")
    est = dk.estimate(table, dk.BayesianLogLinear(), seed=1)
    answer = json.loads(written(est, tmp_path, "json"))
    assert answer["answer"]["small_counts_told"] == "nothing"
    assert answer["models"]["best"]


def test_numbers_that_tell_a_right_guess_from_a_wrong_one_are_rounded(tmp_path):
    est = dk.estimate(ONLY_ALL_SMALL, dk.BayesianLogLinear(), seed=1)
    worth = r"worth ([\d,]+) independent ones"
    full, rough = (
        float(re.search(worth, written(est, tmp_path, "md", disclose=told))[1].replace(",", ""))
        for told in (True, False)
    )
    assert full != rough == float(f"{full:.2g}")


def test_a_page_says_only_of_printed_counts_that_they_were_checked(tmp_path):
    own = dk.CaptureTable.from_counts(dk.load("netherlands").to_frame())
    for table in (two(40, 50, 3), own):
        page = written(dk.estimate(table, seed=1), tmp_path, "md")
        assert "it was checked that these counts leave every small one open" in page
        assert "That says nothing of the answers" in page
    assert "no hidden count moves the totals of the best models by more than a tenth" in page
    assert "by running the same models on many guesses was not tested" in page


def test_answers_of_a_table_that_comes_along_tell_what_is_public(tmp_path):
    public = dk.load("spina_bifida")
    own = dk.CaptureTable.from_counts(public.to_frame())
    model = dk.LogLinear(select="bic", uncertainty=dk.Profile())
    found = [
        json.loads(written(dk.estimate(table, model, seed=1), tmp_path, "json"))
        for table in (public, own, public.with_about(source="me").drop("L3"))
    ]
    assert [each["answer"]["small_counts_told"] for each in found][:2] == ["public", "perhaps"]
    assert [bool(each["models"]["best"]) for each in found][:2] == [True, False]
    assert found[2]["answer"]["small_counts_told"] != "public"
    assert "it comes with darkfigure" in written(dk.estimate(public, model), tmp_path, "md")


def test_a_small_register_of_many_lists_keeps_other_totals_to_itself(tmp_path):
    # all counts large but that of all lists: without their interaction the total is a product of
    # odd counts over even ones (Fienberg 1972), so that it goes with the one small count
    columns = {name: [int(h >> j & 1) for h in range(1, 16)] for j, name in enumerate("ABCD")}
    counts = [400, 380, 90, 360, 85, 80, 40, 340, 70, 75, 35, 65, 30, 32, 3]
    table = dk.CaptureTable.from_counts(columns | {"count": counts})
    largest = dk.LogLinear(terms="A*B*C + A*B*D + A*C*D + B*C*D", uncertainty=dk.Delta())
    est = dk.estimate(table, largest, seed=1)
    by_times = [int(h).bit_count() for h in range(1, 16)]
    odd, even = (
        np.prod([n for n, times in zip(counts, by_times, strict=True) if times % 2 == rest])
        for rest in (1, 0)
    )
    assert est.estimate - sum(counts) == pytest.approx(odd / even, rel=1e-6)
    # with the total of the others held, n_ABCD stands in the denominator: from 3 to 1, three times
    unseen = est.estimate - sum(counts)
    expected = np.log((sum(counts) - 2 + 3 * unseen) / (sum(counts) + unseen))
    assert moved_by_hidden_counts(est, table, 5) == pytest.approx(expected, rel=1e-6)
    found = json.loads(written(est, tmp_path, "json"))
    assert found["answer"]["small_counts_told"] == "moves"
    assert found["models"]["withheld"]
    independent = dk.estimate(table, dk.LogLinear(order=1, select=None, uncertainty=dk.Delta()))
    assert moved_by_hidden_counts(independent, table, 5) < 0.1
    found = json.loads(written(independent, tmp_path, "json"))
    assert found["answer"]["small_counts_told"] == "steady"
    assert found["models"]["withheld"] is False


def test_totals_from_fewer_lists_of_four_are_left_out_with_small_counts(tmp_path):
    columns = {name: [int(h >> j & 1) for h in range(1, 16)] for j, name in enumerate("ABCD")}
    counts = [90, 80, 30, 70, 25, 20, 9, 60, 18, 16, 8, 15, 7, 6, 3]
    table = dk.CaptureTable.from_counts(columns | {"count": counts})
    model = dk.LogLinear(order=1, select=None, uncertainty=dk.Delta())
    est = dk.estimate(table, model, seed=1)
    check = dk.check(table, model, seed=1, cache=False, checks=("drop", "internal"))
    found = json.loads(written(est, tmp_path, "json", check=check))
    assert {tuple(sorted(row)) for row in found["checks"]["cases"]} == {
        ("case", "check", "held", "outcome")
    }
    assert found["sensitivity"]["without_list"] is None
    page = written(est, tmp_path, "md", check=check)
    assert "interval from the other lists held the true number of" in page
    assert "Not printed: with four lists these numbers could tell" in page
    full = json.loads(written(est, tmp_path, "json", check=check, disclose=True))
    assert all("estimate" in row for row in full["checks"]["cases"])


def test_reasons_and_cautions_keep_the_totals_of_other_models_to_themselves(tmp_path):
    table = three((60, 50, 3, 40, 2, 12, 2))
    est = dk.estimate(table, dk.LogLinear(select="bic", uncertainty=dk.Profile()), seed=1)
    compared = dk.compare(table, [est.model, dk.LogLinear(order=1, select=None)], seed=1)
    kinds = {each.kind for each in est.cautions}
    assert kinds & {"ties", "near_ties", "choices_disagree", "models_disagree"}
    found = json.loads(written(est, tmp_path, "json", compare=compared))
    others = {rounded(n) for n in est.models["population"].iloc[1:]} - {rounded(est.estimate)}
    said = [each["text"] for each in found["cautions"]["cautions"]]
    said += [each["in_words"] for each in found["verdict"]["reasons"]]
    assert found["models"]["compared"] == {"withheld": True}
    assert not [text for text in said if others & set(re.findall(r"[\d,]+", text))]
    reasons = {each["reason"]: each for each in found["verdict"]["reasons"]}
    assert reasons["why_compared"]["ratio"] is None
    assert (
        reasons["why_compared"]["in_words"] == "Models of different kinds give answers far apart."
    )


# -- numbers beside the counts --------------------------------------------------------------------


def pairs_needed(counts, folder, **settings):
    """What a claim of 3,000 asks of each pair, as JSON."""
    est = dk.estimate(three(counts), INDEPENDENT, seed=1)
    text = written(est, folder, "json", claims=dk.claim(est, 3000), **settings)
    return [n for n in json.loads(text)["claims"]["claims"][0]["needs"] if n["lists"]]


def test_odds_ratios_seen_do_not_tell_the_count_they_rest_on(tmp_path):
    # among people on the third list the ratio is n_ABC n_C / (n_AC n_BC): 0.02 to 0.08 for 1 to 4
    seen = []
    for small in (1, 2, 3, 4):
        counts = (200, 400, 100, 500, 100, 100, small)  # C, B, BC, A, AC, AB, ABC
        needs = pairs_needed(counts, tmp_path)
        seen.append([(n["seen_low"], n["seen_high"]) for n in needs])
        assert needs
    assert seen == [seen[0]] * 4
    disclosed = pairs_needed(counts, tmp_path, disclose=True)
    assert disclosed[0]["seen_low"] == pytest.approx(4 * 200 / (100 * 100))


def test_odds_ratios_seen_that_rest_on_enough_people_stay(tmp_path):
    counts = (200, 400, 100, 500, 100, 100, 50)
    of_a_and_b = pairs_needed(counts, tmp_path)[0]
    assert of_a_and_b["seen_low"] == of_a_and_b["seen_high"] == 50 * 200 / (100 * 100)


def test_the_number_of_cells_does_not_tell_which_hold_nobody(tmp_path):
    # four cells behind "<5": were it said that none of 15 is empty, each would hold one person
    columns = {name: [int(h >> j & 1) for h in range(1, 16)] for j, name in enumerate("ABCD")}
    full = [120, 64, 1, 41, 23, 22, 1, 33, 19, 16, 1, 18, 7, 6, 1]
    for counts in (full, [0 if n == 1 else n for n in full[:-1]] + [3]):
        table = dk.CaptureTable.from_counts(columns | {"count": counts})
        est = dk.estimate(table, INDEPENDENT, seed=1)
        assert json.loads(written(est, tmp_path, "json"))["cells"]["cells"]["exact"] is None
        page = written(est, tmp_path, "md")
        assert "**Cells with an exact count**: not printed" in page
    page = written(est, tmp_path, "md", disclose=True)
    assert "**Cells with an exact count**: 12" in page
