"""The rules of the house that no linter knows."""

import ast
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import darkfigure
from darkfigure.cautions import KINDS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

DRAWERS = {"utils", "helpers", "base", "common", "core", "misc"}
MADE = {"__pycache__", "_build", "build", "dist", "generated", "jupyter_execute"}

# What would tie the project to one machine or one package index.
TIES = re.compile(
    r"""
      \bindex-ur[l]\b | \bfind-link[s]\b | //[\w.]*(?:py[p]i|python[h]osted)\.
    | (?<![\w.:~$}-]) / (?: root | wor[k] | Users/\w+ | home/\w+ | tmp/ipykernel_\d+ ) /
    | \b[A-Z]:\\+Users\\
    """,
    re.VERBOSE,
)


def project_files() -> list[Path]:
    """Every file git keeps; where git knows of none (an unpacked archive), every file not made."""
    if shutil.which("git"):
        command = ["git", "ls-files", "-z"]
        git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if git.stdout:
            return [ROOT / name for name in git.stdout.split("\0") if name]
    found = []
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [d for d in inner if d == ".ci" or not (d in MADE or d.startswith("."))]
        found += [Path(folder, name) for name in files]
    return found


def syntax_trees() -> list[ast.Module]:
    return [ast.parse(p.read_text("utf-8")) for p in SOURCES if p.name != "cautions.py"]


def strings(node: ast.AST) -> set[str]:
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def kinds_given(tree: ast.AST) -> set[str]:
    """The kinds written out in calls of `caution` and `Caution`."""
    kinds: set[str] = set()
    for node in ast.walk(tree):
        called = getattr(node, "func", None)
        name = getattr(called, "attr", getattr(called, "id", ""))
        if name not in {"caution", "Caution"} or not node.args:
            continue
        kind = node.args[0]
        choices = [kind.body, kind.orelse] if isinstance(kind, ast.IfExp) else [kind]
        kinds |= {c.value for c in choices if isinstance(c, ast.Constant)}
    return kinds


@pytest.mark.parametrize(
    "tie",
    [
        "/".join(["", "root", ".pyenv"]),
        "file '" + "/".join(["", "home", "ada", "x.csv"]),
        "https://" + "py" + "pi.example/simple",
        "pip install --index" + "-url there",
    ],
)
def test_ties_are_recognised(tie):
    assert TIES.search(tie)


def test_no_file_ties_the_project_to_a_machine_or_an_index():
    tied = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        tied += [f"{path.relative_to(ROOT)}: {tie.group()}" for tie in TIES.finditer(text)]
    assert tied == []


def test_no_lock_file_is_kept():
    assert [path for path in project_files() if path.name == "uv.lock"] == []


def test_no_module_is_a_drawer():
    named = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert named & DRAWERS == set()


def test_every_module_says_what_it_is():
    silent = [p for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []


def test_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert darkfigure.__version__ == project["version"]
    assert citation.group(1).strip("\"'") == project["version"]


def test_every_caution_given_is_defined():
    assert set().union(*map(kinds_given, syntax_trees())) - set(KINDS) == set()


def test_every_caution_defined_is_given():
    assert set(KINDS) - set().union(*map(strings, syntax_trees())) == set()
