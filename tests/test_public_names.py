"""What `import darkfigure` offers: each name found where it is first used."""

import ast
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import darkfigure as dk
from darkfigure.contract import Model, registered

NAMES = [name for name in dk.__all__ if name != "__version__"]
HEAVY = ("pymc", "pytensor", "arviz", "matplotlib", "numba", "scipy.stats")


def in_a_new_process(code):
    """What the code prints, where nothing has been imported yet."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def imported_for_checkers():
    """The names under `if TYPE_CHECKING`, each with its module as the table has it."""
    tree = ast.parse(Path(dk.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    assert isinstance(block.test, ast.Name)
    assert block.test.id == "TYPE_CHECKING"
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name  # X as X: exported
            package = node.module == "darkfigure"
            found[alias.name] = f"darkfigure.{alias.name}" if package else node.module
    return found


def test_checkers_see_the_names_of_the_table():
    assert list(imported_for_checkers().items()) == list(dk._MODULES.items())
    assert dk.__all__ == [*dk._MODULES, "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_found(name):
    value = getattr(dk, name)
    assert value is getattr(dk, name)
    if name != "prior":
        assert value.__name__ == name
        assert value.__module__.startswith(dk._MODULES[name])


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="module 'darkfigure' has no attribute 'estimates'"):
        _ = dk.estimates
    assert not hasattr(dk, "_estimate")


def test_every_name_is_listed_before_it_is_used():
    code = "import darkfigure as dk; print(*(n for n in dir(dk) if not n.startswith('_')))"
    listed = in_a_new_process(code).split()
    assert set(NAMES) <= set(listed)


def test_all_names_can_be_imported_at_once():
    code = "before = set(globals()); from darkfigure import *; print(*(set(globals()) - before))"
    assert set(in_a_new_process(code).split()) == {*dk.__all__, "before"}


def test_import_loads_nothing_that_is_not_used():
    code = """
import sys
import darkfigure
print(*sys.modules)
"""
    loaded = in_a_new_process(code).split()
    assert sorted(m for m in loaded if m.startswith("darkfigure")) == [
        "darkfigure",
        "darkfigure.version",
    ]
    assert "numpy" not in loaded


def test_reading_a_table_loads_no_estimator():
    code = "import sys, darkfigure as dk; dk.load('kosovo'); print(*sys.modules)"
    loaded = in_a_new_process(code).split()
    unused = ("darkfigure.models", "darkfigure.trust", "darkfigure.reports", "darkfigure.results")
    assert [m for m in loaded if m.startswith(unused)] == []


def test_no_name_loads_what_only_some_models_need():
    code = """
import sys
import darkfigure as dk
for name in dk.__all__:
    getattr(dk, name)
print(*sys.modules)
"""
    loaded = in_a_new_process(code).split()
    assert "darkfigure.reports.writing" in loaded
    assert [m for m in loaded if m in HEAVY or m.startswith(tuple(f"{h}." for h in HEAVY))] == []


def test_threads_that_import_at_once_do_not_wait_for_each_other():
    """Without a lock some of these fail with a deadlock of import locks."""
    code = """
import random, sys, threading
import darkfigure as dk
sys.setswitchinterval(1e-6)
together, failed = threading.Barrier(24), []
def ask(number):
    names = list(dk.__all__)
    random.Random(number).shuffle(names)
    together.wait()
    try:
        for name in names:
            getattr(dk, name)
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(24)]
for each in threads: each.start()
for each in threads: each.join(60)
print(failed, sum(each.is_alive() for each in threads))
"""
    assert in_a_new_process(code) == "[] 0"


def test_no_module_takes_a_public_name_from_the_package():
    """It would wait for the lock of the names while another thread waits for the module."""
    for path in Path(dk.__file__).parent.rglob("*.py"):
        if path == Path(dk.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "darkfigure":
                assert not {each.name for each in node.names} & set(NAMES), path


def test_values_are_unpickled_where_nothing_was_imported():
    model = dk.LogLinear(order=2, uncertainty=dk.Bootstrap(50))
    held = pickle.dumps((model, dk.load("kosovo"), dk.CaptureTable, dk.estimate))
    code = f"""
import pickle
model, table, cls, verb = pickle.loads({held!r})
print(model, table.n_observed, cls.__name__, verb.__name__)
"""
    assert in_a_new_process(code) == f"{model} 4400 CaptureTable estimate"


def test_every_public_model_is_registered_though_none_was_used():
    public = [
        name
        for name in NAMES
        if isinstance(getattr(dk, name), type)
        and issubclass(getattr(dk, name), Model)
        and name != "Model"
    ]
    assert set(public) <= set(registered())
    code = "from darkfigure.contract import registered; print(*registered())"
    assert in_a_new_process(code).split() == public


def test_a_saved_answer_is_opened_where_nothing_was_imported(tmp_path):
    file = tmp_path / "kosovo.nc"
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1, draws=400)
    est.save(file)
    code = f"import darkfigure as dk; est = dk.open({str(file)!r}); print(est.model, est.median)"
    assert in_a_new_process(code) == f"{est.model} {est.median}"
