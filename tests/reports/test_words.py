"""English and Dutch say the same: every sentence, caution and assumption, with its blanks."""

import re
import string

import pytest

import darkfigure as dk
from darkfigure.cautions import KINDS, caution
from darkfigure.contract import registered
from darkfigure.reports.dutch_cautions import DUTCH_KINDS
from darkfigure.reports.dutch_phrases import in_dutch, with_dutch_numbers
from darkfigure.reports.failures import failure_of, in_language
from darkfigure.reports.words import CATALOGUES, Words
from darkfigure.results.assembly import gathered

ENGLISH, DUTCH = CATALOGUES["en"], CATALOGUES["nl"]


def blanks(text):
    return sorted(
        (name, spec, conversion)
        for _, name, spec, conversion in string.Formatter().parse(text)
        if name
    )


def test_both_languages_have_every_sentence_with_the_same_blanks():
    assert set(ENGLISH) == set(DUTCH)
    different = [n for n in ENGLISH if set(blanks(ENGLISH[n])) != set(blanks(DUTCH[n]))]
    assert different == []


def test_every_caution_has_its_dutch_with_the_same_blanks():
    assert set(KINDS) == set(DUTCH_KINDS)
    for name, kind in KINDS.items():
        assert set(blanks(kind.sentence)) == set(blanks(DUTCH_KINDS[name].sentence)), name
        assert set(blanks(kind.remedy)) == set(blanks(DUTCH_KINDS[name].remedy)), name


def test_nothing_in_dutch_was_left_in_english():
    same = {n for n in ENGLISH if ENGLISH[n] == DUTCH[n] and re.search(r"[a-z]{3}", n)}
    without_words = {n for n in same if not re.sub(r"\{[^}]*\}", "", ENGLISH[n]).strip(" ():<")}
    words_alike = {"period", "model", "in_stratum", "kind_word_posterior", "kind_word_bootstrap"}
    assert same - without_words - words_alike <= {"interval_kind", "which_n", "when", "claim_total"}


MODELS = [cls for cls in registered().values() if cls.__module__.startswith("darkfigure.")]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_assumption_says_how_it_could_fail_in_both_languages(model):
    for each in model.assumes:
        assert failure_of(each) is not None, each.short
        english, dutch = in_language(each, "en"), in_language(each, "nl")
        assert english[0] == each.sentence
        assert all((*english, *dutch))
        assert set(english) & set(dutch) == set()


@pytest.mark.parametrize(
    ("identify", "words"),
    [
        (dk.NoHighestOrderInteraction(), "Alle lijsten tegelijk"),
        (dk.NoHighestOrderInteraction(xi=2.0), "zoals opgegeven"),
        (dk.ConditionalPair("P", "R"), "op P staan niets over op R"),
        (dk.ConditionalPair("P", "R", odds_ratio=2.0), "odds ratio van P en R"),
    ],
)
def test_identifying_assumptions_name_their_lists_in_dutch(identify, words):
    assumption, failure = in_language(identify.assumption, "nl")
    assert words in assumption
    assert failure


def test_an_assumption_of_a_users_own_stays_as_it_is():
    own = dk.Assumption("mine", "All is as I say.")
    assert in_language(own, "nl") == ("All is as I say.", "")


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("8,234 people", "8.234 people"),
        ("0.5 behind, delta=0.5", "0,5 behind, delta=0.5"),
        ("Between(30_000, 45_000, 0.9) (10,000)", "Between(30_000, 45_000, 0.9) (10.000)"),
        ("ends in 116,667.", "ends in 116.667."),
        ("R-hat 1.34; 1.01)", "R-hat 1,34; 1,01)"),
        ("2**-5, 1,2", "2**-5, 1,2"),
    ],
)
def test_numbers_with_dutch_marks(english, dutch):
    assert with_dutch_numbers(english) == dutch


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("two", "twee"),
        ("10 to 20", "10 tot 20"),
        ("43,800 (70%) and 71,200 (30%)", "43,800 (70%) en 71,200 (30%)"),
        ("no one is on both A and C; B and C", "niemand staat op beide: A en C; B en C"),
        (
            "[A] gives 316 (52 a year), 5.6 BIC units behind the best (2 such models above it, "
            "245 to 316)",
            "[A] geeft 316 (52 per jaar), 5.6 BIC-eenheden achter het beste (2 zulke modellen "
            "erboven, 245 tot 316)",
        ),
        (
            "LogLinear [b c], best by BIC (n = people) of 8 models",
            "LogLinear [b c], beste volgens BIC (n = mensen) van 8 modellen",
        ),
    ],
)
def test_pieces_of_results_in_dutch(english, dutch):
    assert in_dutch(english) == dutch


def test_cautions_of_strata_keep_their_values_for_dutch():
    found = caution("few_people", people=3)
    [both] = gathered([("2014", [found]), ("2015", [found])])
    text, remedy = Words("nl").caution(both)
    assert text.startswith("in stratum 2014 en nog 1: er zijn maar 3 mensen gezien")
    assert "aanname" in remedy
    assert Words("en").caution(both) == (both.text, both.remedy)


def test_a_caution_without_its_values_stays_in_english():
    old = dk.Caution("few_people", "only 3 people were seen", "report it")
    assert Words("nl").caution(old) == ("only 3 people were seen", "report it")


def test_every_codebook_that_comes_along_has_its_dutch():
    words = Words("nl")
    names_kept = {"Human Rights Watch", "GGC is Greater Glasgow and Clyde"}
    names_kept |= {f"document {letter}" for letter in "bcd"}
    english = re.compile(r"\b(the|and|people|were|from|to|January|March|July)\b")
    left = []
    for name in dk.datasets()["name"]:
        about = dk.load(name).about
        texts = [about.title, about.case_definition, *about.caveats]
        texts += [*about.lists.values(), *about.strata.values(), *about.lists_active.values()]
        for entry in ("counted", "edition", "linkage_keys", "linkage_errors", "duplicates"):
            texts.append(getattr(about, entry))
        for entry in ("referral", "disclosure", "rounding", "comparability"):
            texts.append(getattr(about, entry))
        texts = [text for text in texts if text not in ("", "not stated", *names_kept)]
        left += [text for text in texts if words.codebook(text) == text]
        if about.period is not None and english.search(words.period(about.period.text)):
            left.append(about.period.text)
    assert left == []


@pytest.mark.parametrize(
    ("period", "english", "dutch"),
    [
        ("2010-2015", " in 2010-2015", " in 2010-2015"),
        (
            "20 March to 22 June 1999",
            " from 20 March to 22 June 1999",
            " van 20 maart tot en met 22 juni 1999",
        ),
        ("births of 1955-1959", " (births of 1955-1959)", " (geboorten van 1955-1959)"),
        ("the long winter", " (the long winter)", " (the long winter)"),
    ],
)
def test_a_period_within_a_sentence(period, english, dutch):
    assert Words("en").when(period) == english
    assert Words("nl").when(period) == dutch


def test_cautions_of_linkages_keep_their_values_for_dutch():
    table = dk.load("kosovo")
    inside = dk.LogLinear(uncertainty=dk.Delta())
    est = dk.estimate(table, dk.LinkageError(inside, missed=(0.0, 0.1)), seed=1)
    said = [Words("nl").caution(each) for each in est.cautions]
    assert said
    assert any(re.match(r"op \d+ van de 20 koppelingen, zoals op één ervan: ", t) for t, _ in said)
    assert not [t for t, do in said if re.search(r"\b(the|report|other|this|look)\b", t + do)]
    for each in est.cautions:
        assert Words("en").caution(each) == (each.text, each.remedy)
    label = Words("nl").piece(est.label)
    assert "gemist 0% tot 10%, op 20 herstelde tabellen" in label
    assert "zo op" in label


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("2.1 million", "2.1 miljoen"),
        (
            "6,230 by greedy search from independence",
            "6,230 volgens gulzig zoeken vanuit onafhankelijkheid",
        ),
        (
            "Stacked, by weight on populations of known size: LogLinear() 0.55",
            "Stacked, gewogen naar populaties van bekende grootte: LogLinear() 0.55",
        ),
        (
            "counts below 20 suppressed (zeros among them), the others rounded down to 5",
            "aantallen onder 20 onderdrukt (ook nullen), de andere naar beneden afgerond op 5",
        ),
    ],
)
def test_more_pieces_in_dutch(english, dutch):
    assert in_dutch(english) == dutch


def test_texts_made_by_the_library_itself_are_dutch():
    table = dk.load("kosovo").disclose(threshold=20, rounding=5)
    assert [Words("nl").codebook(each) for each in table.about.caveats][-1] == (
        "geschikt gemaakt voor publicatie: aantallen onder 20 onderdrukt (ook nullen), de andere "
        "afgerond op 5"
    )
    register = dk.simulate(people=2_000, lists={"a": 0.2, "b": 0.3}, seed=1)
    about = register.about
    texts = [about.title, about.case_definition, *about.caveats, *about.lists.values()]
    assert not [text for text in texts if Words("nl").codebook(text) == text]
    found = caution("empty_pairs", pairs="K and I; K and year=2014")
    assert "in K en I; K en year=2014" in Words("nl").caution(found)[0]


def test_why_a_model_was_not_used_is_said_in_dutch_or_left_out():
    assert Words("en").reason("too few people.") == "too few people."
    assert Words("nl").reason("too few people.") == "het past niet bij deze tabel"
    known = "some combinations of lists share too few people"
    assert Words("nl").reason(known).startswith("sommige combinaties")
