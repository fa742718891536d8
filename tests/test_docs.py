"""The book keeps step with the code: nothing public, assumed or cautioned goes unexplained."""

import importlib.util
import re
from pathlib import Path

import pytest

import darkfigure as dk
from darkfigure.assumptions import Assumption
from darkfigure.cautions import KINDS
from darkfigure.contract import registered
from darkfigure.data.reading import read
from darkfigure.literals import DrawsKind
from darkfigure.results.printed import facts

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    page: (DOCS / page).read_text(encoding="utf-8")
    for page in ("how-to-choose.md", "assumptions.md", "reading-an-answer.md", "data.md")
}


@pytest.fixture(scope="module")
def from_code():
    """The generator of the pages' tables."""
    spec = importlib.util.spec_from_file_location("from_code", DOCS / "from_code.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_stands_in_the_reference(from_code):
    names = from_code.public_names()
    assert {"estimate", "CaptureTable", "LogLinear", "prior", "open"} <= set(names)
    index = from_code.reference_index()
    for name in names:
        assert f"[{name}](generated/{name}.md)" in index
        assert f"darkfigure.{name}" in from_code.reference_page(name)


def test_every_exported_name_is_public(from_code):
    from_modules = {
        name
        for name in dir(dk)
        if getattr(getattr(dk, name), "__module__", "").startswith("darkfigure.")
    }
    assert from_modules <= set(from_code.public_names())


def test_every_model_stands_in_the_table_of_how_to_choose(from_code):
    models = [cls for cls in registered().values() if cls.__module__.startswith("darkfigure.")]
    assert dk.LogLinear in models
    table, references = from_code.models_table(), from_code.models_references()
    for model in models:
        assert model.__name__ in table
        assert model.identifies in table
        assert all(reference in references for reference in model.references)


def test_every_caution_is_documented_with_its_remedy(from_code):
    listed = from_code.cautions_list()
    for name, kind in KINDS.items():
        assert f"\n`{name}`\n" in listed
        assert kind.remedy.split("{")[0] in listed
    assert "{" not in listed


def test_pages_name_only_cautions_that_exist():
    for page in DOCS.rglob("*.md"):
        if "generated" not in page.parts:
            named = re.findall(r"caution\s+`(\w+)`", page.read_text(encoding="utf-8"))
            assert set(named) <= set(KINDS), page


def test_every_assumption_is_explained(from_code):
    headings = [
        line[3:].lower() for line in PAGES["assumptions.md"].splitlines() if line[:3] == "## "
    ]
    for shared in from_code.shared_assumptions():
        assert shared.short in headings
    table = from_code.assumptions_table()
    for model in from_code.models():
        for each in model.assumes:
            assert isinstance(each, Assumption)
            assert each.sentence in table


def test_every_line_of_a_printed_estimate_is_explained(tmp_path):
    file = tmp_path / "cells.csv"
    file.write_text("a,b,count\n1,1,5\n1,0,10\n0,1,10\n0,0,20\n")
    with pytest.warns(dk.DataWarning):
        table = read(file, all_zero="truth").with_about(period=2020)
    est = dk.estimate(table, dk.TwoList(), seed=1)
    labels = {label for label, _ in facts(est, 0.95)} | {"caution"}
    assert {"known", "period"} <= labels
    for label in labels:
        assert f"\n`{label}`\n: " in PAGES["reading-an-answer.md"]


def test_every_kind_of_draws_in_use_is_explained():
    page = PAGES["reading-an-answer.md"]
    used = {
        kind
        for kind in DrawsKind.__args__
        for file in (DOCS.parent / "src" / "darkfigure" / "models").rglob("*.py")
        if re.search(rf'kind ?= ?"{kind}"', file.read_text(encoding="utf-8"))
    }
    assert {"posterior", "bootstrap", "profile", "asymptotic"} <= used
    for kind in used:
        assert f"\n{kind}\n: " in page


def test_pages_include_only_what_is_generated(from_code):
    for page in [*DOCS.glob("*.md"), *(DOCS / "reference").glob("*.md")]:
        for name in re.findall(r"\{include\} (?:\.\./)?generated/(\w+)\.md", page.read_text()):
            assert callable(getattr(from_code, name)), page


def test_ranks_are_for_the_picture_and_not_for_the_list(from_code, tmp_path):
    (tmp_path / "one.txt").write_text("TwoList: 3 simulations, p = 0.5\nranks: 1 2 0\n")
    assert from_code.calibration(tmp_path) == "- TwoList: 3 simulations, p = 0.5\n"


def test_the_default_prior_stands_among_those_tried_on_known_sizes(from_code):
    table = from_code.known_sizes(DOCS.parent / "benchmarks" / "known_sizes.txt")
    scale = dk.BayesianLogLinear().effects.scale
    assert f"`Normal({scale:g})` (the default)\n" in table
    assert "`DecomposableGraphs()`" in table


def test_pages_are_written_once_and_then_left_alone(from_code, tmp_path):
    folder = tmp_path / "docs"
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_one.ipynb").write_text("{}")
    from_code.write_pages(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
    assert "notebooks/01_one" in (folder / "generated" / "notebooks_toctree.md").read_text()
    (folder / "generated" / "gone.md").write_text("left by an older version")
    from_code.write_pages(folder)
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
