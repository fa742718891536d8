"""Answers kept between calls, by the content of table and settings: JSON in the user's cache.

Nothing here can make an answer wrong or a call fail: an entry that cannot be read, or whose sum
does not fit, is as good as none, and a folder that cannot be written is left alone.
"""

import hashlib
import json
import math
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, get_args

from darkfigure.literals import CaseOutcome
from darkfigure.results.storage import as_plain
from darkfigure.trust.answering import Timed
from darkfigure.trust.checked_case import Answered
from darkfigure.version import __version__

_FORMAT = 1
_NUMBERS = ("estimate", "low", "high", "truth")


def users_cache() -> Path:
    """The folder in which programs keep what they can make again."""
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "darkfigure" / "check"


def key_of(settings: Mapping[str, object]) -> str:
    """SHA-256 of the settings, of the program's own text and of the libraries beneath it."""
    libraries = {name: version(name) for name in ("numpy", "scipy", "numba")}
    everything = {
        **settings,
        "format": _FORMAT,
        "version": __version__,
        "program": _program(),
        "libraries": libraries,
    }
    return _sum_of(json.dumps(as_plain(everything), sort_keys=True))


def read_kept(folder: Path, key: str) -> Timed | None:
    """The answers kept under a key; None if there are none that can be used."""
    try:
        entry = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        content = entry["content"]
        if entry["key"] != key or entry["sum"] != _sum_of(json.dumps(content, sort_keys=True)):
            return None
        answers = tuple(_answered(row) for row in content["answers"])
        return Timed(
            answers,
            str(content["kind"]),
            int(content["seed"]),
            float(content["forecast"]),
            float(content["seconds"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep(folder: Path, key: str, timed: Timed) -> None:
    """Write the answers under a key, whole or not at all."""
    content = {
        "answers": [as_plain(asdict(each)) for each in timed.answers],
        "kind": timed.kind,
        "forecast": timed.forecast,
        "seconds": timed.seconds,
        "seed": timed.seed,
    }
    entry = {"key": key, "sum": _sum_of(json.dumps(content, sort_keys=True)), "content": content}
    with suppress(OSError, ValueError):  # a name that no folder can have is a ValueError
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, prefix=".", suffix=".json", delete=False
        ) as file:
            partial = Path(file.name)
            try:
                json.dump(entry, file)
                file.close()
                partial.replace(folder / f"{key}.json")
            except BaseException:  # a stop from the keyboard too leaves nothing behind
                file.close()
                partial.unlink(missing_ok=True)
                raise


def _answered(row: Mapping[str, Any]) -> Answered:
    """One answer read back."""
    if set(row) != {each.name for each in fields(Answered)}:
        raise ValueError("not the row of an answer")
    if row["outcome"] not in get_args(CaseOutcome):
        raise ValueError("not the outcome of a case")
    numbers = {name: _number(row[name]) for name in _NUMBERS}
    seed = None if row["seed"] is None else int(row["seed"])
    return Answered(**{**row, **numbers, "seen": int(row["seen"]), "seed": seed})


def _number(value: object) -> float:
    """A number as `as_plain` writes it: null for nan, "infinity" in words."""
    if value is None:
        return math.nan
    if value == "infinity":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    return float(value)


@cache
def _program() -> str:
    """SHA-256 of the package's own modules: answers of another program are not these."""
    root = Path(__file__).parents[1]
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        whole.update(path.relative_to(root).as_posix().encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _sum_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
