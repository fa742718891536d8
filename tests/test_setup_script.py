"""scripts/in-venv finds a Python and keeps .venv, on machines whose Pythons only pretend."""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the script is for a POSIX shell")

SCRIPT = Path(__file__).parents[1] / "scripts" / "in-venv"
TOOLS = (
    *("sh", "cat", "cksum", "cp", "cut", "dirname", "echo", "grep"),
    *("mkdir", "rm", "sed", "sort", "true"),
)

# Answers the script's questions as an interpreter would; pip calls are written down.
PRETENDER = r"""#!/bin/sh
case "$*" in
"-I -c"*ensurepip*) printf '%s\t%s\t%s\n' {version} {lacks} "{path}" ;;
"-I -c"*) printf '%s\n' {version} | cut -d . -f 1,2 ;;
*"-m venv"*) {venv}; for folder; do :; done; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
*"--help") echo --group ;;
*"pip install"*) printf '%s\n' "$*" >>"{calls}"; {pip} ;;
esac
"""


@dataclass
class Machine:
    """A folder that stands for a whole machine: its PATH, home and a checkout of the project."""

    folder: Path

    def __post_init__(self) -> None:
        self.checkout = self.folder / "home" / "my checkout"
        (self.checkout / "scripts").mkdir(parents=True)
        script = SCRIPT.read_text()
        for outside in ("/usr/local", "/opt/", "/Library"):
            assert outside in script
            script = script.replace(outside, f"{self.folder.as_posix()}{outside}")
        (self.checkout / "scripts" / "in-venv").write_text(script)
        (self.checkout / "pyproject.toml").write_text("[project]\n")
        for tool in TOOLS:
            self.place(f"tools/{tool}").symlink_to(shutil.which(tool))

    def place(self, path: str) -> Path:
        full = self.folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        return full

    def program(self, path: str, text: str) -> Path:
        full = self.place(path)
        full.write_text(text)
        full.chmod(0o755)
        return full

    def python(self, path, version, *, lacks="-", venv=":", pip=":") -> Path:
        calls, full = self.folder / "calls", self.folder / path
        text = PRETENDER.format(
            version=version, lacks=lacks, path=full, venv=venv, pip=pip, calls=calls
        )
        return self.program(path, text)

    def run(self, *arguments, cwd=None, **variables) -> subprocess.CompletedProcess:
        path = ":".join(str(self.folder / name) for name in ("shims", "bin", "tools"))
        return subprocess.run(
            [shutil.which("sh"), self.checkout / "scripts" / "in-venv", *arguments],
            env={"PATH": path, "HOME": str(self.folder / "home"), **variables},
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def which(self, **variables) -> str:
        answer = self.run("--which", **variables)
        assert answer.returncode == 0, answer.stderr
        assert answer.stderr == ""
        return answer.stdout.rstrip("\n")

    def refusal(self, *arguments) -> str:
        answer = self.run(*(arguments or ("--which",)))
        assert answer.returncode == 1
        assert answer.stdout == ""
        assert answer.stderr.count("\n") == 1
        return answer.stderr

    def installs(self) -> list[str]:
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return [line.partition("--editable ")[2] for line in lines]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


# --- the search ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        (["3.12.1"], "3.12.1"),
        (["3.14.0", "3.12.1", "3.13.2"], "3.13.2"),
        (["3.15.0", "3.14.0"], "3.14.0"),
        (["3.9.18", "3.14.0", "3.12.7"], "3.12.7"),
    ],
)
def test_prefers_3_13_and_accepts_3_12(machine, versions, chosen):
    for version in versions:
        machine.python(f"bin/python{version.rpartition('.')[0]}", version)
    assert machine.which() == str(machine.folder / f"bin/python{chosen.rpartition('.')[0]}")


def test_one_sentence_when_every_python_is_old(machine):
    old = machine.python("bin/python3", "3.11.7")
    sentence = machine.refusal()
    assert "Python 3.12 or newer is needed" in sentence
    assert f"(only 3.11.7, {old})" in sentence
    assert "uv python install 3.13" in sentence


def test_one_sentence_when_there_is_no_python(machine):
    assert "none was found: get one with" in machine.refusal("pytest")


@pytest.mark.parametrize("shim", ["exit 127", "echo 'pyenv: not installed' >&2; exit 1", "exit 0"])
def test_a_shim_that_fails_is_passed_over(machine, shim):
    for name in ("python3.13", "python3.12", "python3", "python"):
        machine.program(f"shims/{name}", f"#!/bin/sh\n{shim}\n")
    good = machine.python("bin/python3", "3.12.3")
    assert machine.which() == str(good)


def test_python_version_may_name_an_absent_version(machine):
    (machine.checkout / ".python-version").write_text("3.13.9\n")
    machine.program(
        "shims/python3",
        "#!/bin/sh\nread -r version <.python-version\n"
        'exec "$PYENV_ROOT/versions/$version/bin/python3" "$@"\n',
    )
    good = machine.python("pyenv/versions/3.12.1/bin/python3", "3.12.1")
    machine.python("pyenv/versions/3.10.4/bin/python3", "3.10.4")
    assert machine.which(PYENV_ROOT=str(machine.folder / "pyenv")) == str(good)


@pytest.mark.parametrize(
    "place",
    [
        "home/.pyenv/versions/3.13.0/bin/python3",
        "home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3",
        "usr/local/bin/python3.13",
        "opt/python3.13/bin/python3",
    ],
)
def test_looks_beyond_path(machine, place):
    machine.python("bin/python3", "3.11.7")
    good = machine.python(place, "3.13.0")
    assert machine.which() == str(good)


def test_a_python_without_ensurepip_gives_way(machine):
    lame = machine.python("bin/python3.13", "3.13.0", lacks="ensurepip")
    assert f"({lame}) lacks the module ensurepip" in machine.refusal()
    assert "apt install python3-venv" in machine.refusal()
    good = machine.python("bin/python3", "3.12.3")
    assert machine.which() == str(good)


def test_uv_makes_up_for_ensurepip_only(machine):
    machine.program("bin/uv", "#!/bin/sh\n")
    lame = machine.python("bin/python3.13", "3.13.0", lacks="ensurepip")
    assert machine.which() == str(lame)
    machine.python("bin/python3.13", "3.13.0", lacks="_ssl")
    assert "lacks the module _ssl" in machine.refusal()


@pytest.mark.skipif(not importlib.util.find_spec("ensurepip"), reason="this Python lacks ensurepip")
def test_a_real_python_is_named_by_its_absolute_path(machine):
    machine.program("bin/python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    assert machine.which() == sys._base_executable


# --- .venv --------------------------------------------------------------------------------------


def test_installs_once_then_runs_in_the_callers_folder(machine, tmp_path):
    machine.python("bin/python3", "3.12.3")
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    for installed in (["."], []):
        answer = machine.run("sh", "-c", 'pwd -P; echo "$VIRTUAL_ENV"', cwd=elsewhere)
        assert answer.stdout.splitlines() == [
            str(elsewhere.resolve()),
            str(machine.checkout.resolve() / ".venv"),
        ]
        assert machine.installs() == installed


def test_installs_again_only_what_changed(machine):
    machine.python("bin/python3", "3.12.3")
    tests, checks = ("--group", "test"), ("--group", "checks")
    machine.run(*tests, "true")
    assert machine.installs() == [". --group test"]
    machine.run(*tests, *checks, "true")
    assert machine.installs() == [". --group test --group checks"]
    machine.run(*checks, "true")
    machine.run("true")
    assert machine.installs() == []
    (machine.checkout / "pyproject.toml").write_text("[project]\nversion = '2'\n")
    machine.run(*tests, "true")
    assert machine.installs() == [". --group test"]
    machine.run(*checks, "true")
    assert machine.installs() == [". --group checks"]


def lost_its_python(machine, python):
    python.unlink()
    python.symlink_to(machine.folder / "gone")


def python_was_upgraded(machine, python):
    machine.python(python, "3.14.0")


def is_too_old(machine, python):
    machine.python(python, "3.11.7")


def was_moved(machine, python):
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))


@pytest.mark.parametrize("harm", [lost_its_python, python_was_upgraded, is_too_old, was_moved])
def test_a_venv_no_longer_sound_is_made_anew(machine, harm):
    machine.python("bin/python3", "3.12.3")
    machine.run("true")
    leftover = machine.checkout / ".venv" / "leftover"
    leftover.touch()
    harm(machine, machine.checkout / ".venv" / "bin" / "python")
    assert machine.run("true").returncode == 0
    assert machine.installs() == [".", "."]
    assert not (machine.checkout / ".venv" / "leftover").exists()


def test_the_next_python_is_tried_when_one_makes_no_venv(machine):
    machine.python("bin/python3.13", "3.13.0", venv="exit 1")
    machine.python("bin/python3.12", "3.12.3")
    answer = machine.run("true")
    assert answer.returncode == 0
    assert "Python 3.12" in answer.stderr
    machine.python("bin/python3.12", "3.12.3", venv="exit 1")
    shutil.rmtree(machine.checkout / ".venv")
    assert "cannot make a virtual environment" in machine.refusal("true")


def test_a_failed_install_is_shown_and_tried_again(machine):
    machine.python("bin/python3", "3.12.3", pip="echo no such package; exit 1")
    for _ in range(2):
        answer = machine.run("echo", "ran")
        assert (answer.returncode, answer.stdout) == (1, "")
        assert "no such package" in answer.stderr
        assert answer.stderr.endswith("installing into .venv failed, as shown above.\n")
        assert machine.installs() == ["."]


def test_pip_steps_in_when_uv_fails(machine):
    machine.program("bin/uv", '#!/bin/sh\n[ "$1" = --version ]\n')
    machine.python("bin/python3", "3.12.3")
    assert machine.run("echo", "ran").stdout == "ran\n"
    assert machine.installs() == ["."]
