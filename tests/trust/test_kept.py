"""Answers kept between calls can be late, but never wrong."""

import json
from dataclasses import dataclass

import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.contract import REGISTRY
from darkfigure.trust import kept

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
        del REGISTRY["Mine"]


def test_truths_are_part_of_the_content(tmp_path):
    table = dk.load("palembang")
    checked(tmp_path, data=table)
    known = table.with_about(known_unseen=30)
    found = checked(tmp_path, data=known)
    assert not found.cached
    assert found.base.truth == table.n_observed + 30
