"""Every notebook runs from top to bottom, and is kept with its outputs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SAMPLING = (
    "03_kosovo_seven_ways",
    "04_your_own_model_in_pymc",
    "05_suppressed_cells",
    "06_year_by_year",
    "07_the_dutch_figures",
)  # names of notebooks that take long: they run in the slow target
PARAMETERS = [
    pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.stem in SAMPLING else ())
    for path in NOTEBOOKS
]


def outputs(notebook):
    """The text that each cell shows."""
    return [
        "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


NUMBER = r"\d[\d,]*\.?\d*"


def words(text):
    return re.sub(r"[\s-]+", " ", re.sub(NUMBER, "#", text)).split()


def numbers(text):
    return [float(found.replace(",", "")) for found in re.findall(NUMBER, text)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("path", PARAMETERS)
def test_notebook_shows_what_it_computes(path):
    kept = nbformat.read(path, as_version=4)
    run = nbformat.read(path, as_version=4)
    NotebookClient(run, timeout=600, kernel_name="python3").execute(cwd=str(FOLDER))
    for now, then in zip(outputs(run), outputs(kept), strict=True):
        assert words(now) == words(then)
        # the last digits of a sum may differ between processors
        assert numbers(now) == pytest.approx(numbers(then), rel=1e-3)


def test_there_are_notebooks():
    assert NOTEBOOKS
