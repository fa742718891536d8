"""Answers kept between calls can be late, but never wrong."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.contract import registered
from darkfigure.trust import answering, kept

MODEL = dk.LogLinear(order=2, uncertainty=dk.Delta())


def checked(folder, data="palembang", model=MODEL, **more):
    return dk.check(
        data, model, **{"seed": 1, "draws": 400, "checks": "drop", "cache": folder, **more}
    )


def only_entry(folder):
    (path,) = folder.glob("*.json")
    return path


def test_a_second_call_has_the_same_answers(tmp_path):
    first = checked(tmp_path, checks=("drop", "internal", "prior", "existence"))
    second = checked(tmp_path, checks=("existence", "drop", "internal", "prior"))
    assert not first.cached
    assert second.cached
    assert second.answers == first.answers or repr(second.answers) == repr(first.answers)
    pd.testing.assert_frame_equal(first.summary(), second.summary(), check_exact=True)
    assert (second.seed, second.kind, second.seconds) == (first.seed, first.kind, first.seconds)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"draws": 800},
        {"prob": 0.9},
        {"checks": "merge"},
        {"model": dk.LogLinear(uncertainty=dk.Delta())},
        {"data": "kosovo"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_settings_are_other_answers(tmp_path, change):
    checked(tmp_path)
    assert not checked(tmp_path, **change).cached


def test_workers_are_no_setting_of_the_answer(tmp_path):
    checked(tmp_path, workers=1)
    assert checked(tmp_path, workers=2).cached


def test_without_a_seed_the_last_answers_serve(tmp_path):
    first = checked(tmp_path, seed=None)
    second = checked(tmp_path, seed=None)
    assert second.cached
    assert second.seed == first.seed
    assert checked(tmp_path, seed=first.seed).cached


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: "null",
        lambda text: "[" * 100_000,
        lambda text: text.replace('"seen": ', '"seen": 1'),
        lambda text: json.dumps({**json.loads(text), "key": "of another table"}),
    ],
    ids=["empty", "half", "list", "no entries", "null", "nested", "a number changed", "other key"],
)
def test_a_spoilt_entry_is_made_again(tmp_path, spoil):
    first = checked(tmp_path)
    path = only_entry(tmp_path)
    whole = path.read_text(encoding="utf-8")
    path.write_text(spoil(whole), encoding="utf-8")
    again = checked(tmp_path)
    assert not again.cached
    pd.testing.assert_frame_equal(first.summary(), again.summary(), check_exact=True)
    assert checked(tmp_path).cached


def test_an_entry_of_the_wrong_form_is_none(tmp_path):
    """Even one whose sum fits, as another version could have written it."""
    checked(tmp_path)
    path = only_entry(tmp_path)
    for change in ({"outcome": "guessed"}, {"estimate": "many"}, {"more": 1}):
        entry = json.loads(path.read_text(encoding="utf-8"))
        entry["content"]["answers"][0].update(change)
        entry["sum"] = kept._sum_of(json.dumps(entry["content"], sort_keys=True))
        path.write_text(json.dumps(entry), encoding="utf-8")
        assert kept.read_kept(tmp_path, path.stem) is None
        checked(tmp_path)


def test_bytes_that_are_no_text(tmp_path):
    checked(tmp_path)
    only_entry(tmp_path).write_bytes(b"\xff\xfe\x00")
    assert not checked(tmp_path).cached


def test_cache_false_neither_reads_nor_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "users_cache", lambda: tmp_path)
    for name in ("read_kept", "keep"):
        monkeypatch.setattr(kept, name, lambda *_: pytest.fail("the cache was used"))
    assert not checked(False).cached
    assert list(tmp_path.iterdir()) == []


def test_true_is_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    checked(True)
    assert only_entry(tmp_path / "darkfigure" / "check").is_file()
    assert checked(True).cached


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path):
    file = tmp_path / "a file"
    file.write_text("not a folder")
    found = checked(file / "inside")
    assert not found.cached
    assert found.base.outcome == "estimated"


def test_models_made_elsewhere_are_not_kept(tmp_path):
    @dataclass(frozen=True)
    class Mine(dk.LogLinear):
        """A model whose name says nothing."""

    try:
        checked(tmp_path, model=Mine(uncertainty=dk.Delta()))
        assert list(tmp_path.iterdir()) == []
    finally:
        del registered()["Mine"]


def test_truths_are_part_of_the_content(tmp_path):
    table = dk.load("palembang")
    checked(tmp_path, data=table)
    known = table.with_about(known_unseen=30)
    found = checked(tmp_path, data=known)
    assert not found.cached
    assert found.base.truth == table.n_observed + 30


def test_a_stop_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def stopped(content, file):
        file.write('{"half": ')
        raise KeyboardInterrupt

    monkeypatch.setattr(kept.json, "dump", stopped)
    with pytest.raises(KeyboardInterrupt):
        checked(tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert not checked(tmp_path).cached
    assert checked(tmp_path).cached


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_while_answering_leaves_nothing(tmp_path, monkeypatch, workers):
    answer, asked = answering._answer, []

    def stopped(case, how):
        asked.append(case.name)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return answer(case, how)

    monkeypatch.setattr(answering, "_answer", stopped)
    with pytest.raises(KeyboardInterrupt):
        checked(tmp_path, "kosovo", checks=("drop", "merge"), workers=workers)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_on_the_command_line(tmp_path):
    """A real interrupt in the middle of the work: no file is left, and it ends at once."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "darkfigure.cli", "check", "netherlands", "--seed", "1"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        line = running.stderr.readline()  # the first estimates are being made
        assert "timing" in line or "compiling" in line
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode != 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
