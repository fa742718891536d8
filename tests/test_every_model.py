"""The contract: what every exported estimator must do, whatever it estimates."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.contract import FitsPlainly, registered

MODELS = list(registered().values())
QUICK = {
    "LogLinear": {"uncertainty": dk.Bootstrap(100)},
    "LatentClass": {"sweeps": 1000, "most": 8000},
    "LinkageError": {"model": dk.DecomposableGraphs(), "missed": (0.0, 0.02)},
    "Stacked": {"models": (dk.BayesianLogLinear(), dk.LogLinear(select="average"))},
    "DutchWorkflow": {"uncertainty": dk.Bootstrap(100, kind="parametric", reselect=False)},
}
BY_YEAR = ("DutchWorkflow", "HierarchicalLogLinear")
"""Models for registers with years."""


def settings(cls, **more):
    return cls(**QUICK.get(cls.__name__, {}), **more)


def simulated(population, chances, seed, *, years=False):
    """A table of independent lists on a known population."""
    rng = np.random.default_rng(seed)
    on = rng.random((population, len(chances))) < chances
    names = ["police", "shelter", "labour", "border"][: len(chances)]
    frame = pd.DataFrame(on[on.any(axis=1)].astype(int), columns=names)
    if not years:
        return dk.CaptureTable.from_records(frame, lists=names)
    frame["year"] = rng.integers(2010, 2013, len(frame))
    return dk.CaptureTable.from_records(frame, lists=names, by="year")


def suited(cls, seed=1, population=2_000):
    chances = [0.35, 0.3, 0.25, 0.4][: min(cls.most_lists, 3)]
    return simulated(population, chances, seed, years=cls.__name__ in BY_YEAR)


@pytest.fixture(params=MODELS, ids=lambda cls: cls.__name__)
def model_class(request):
    return request.param


def test_recovers_a_known_population(model_class):
    """Independent lists, three quarters seen: within 10 %, and inside the 99.9 % interval."""
    est = dk.estimate(suited(model_class), settings(model_class), seed=1)
    assert est.estimate == pytest.approx(2_000, rel=0.1)
    low, high = est.interval(0.999)
    assert low <= 2_000 <= high


def test_settings_are_frozen(model_class):
    model = settings(model_class)
    field = dataclasses.fields(model)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(model, field, None)
    assert hash(model) == hash(settings(model_class))


def test_is_exported(model_class):
    assert getattr(dk, model_class.__name__) is model_class


def test_states_what_it_assumes_and_whom_it_cites(model_class):
    assert len(model_class.assumes) >= 3
    assert all(each.short and each.sentence.endswith(".") for each in model_class.assumes)
    assert all(text.rstrip(".")[-1].isalnum() for text in model_class.references)
    assert model_class.identifies
    assert "References" in (model_class.__doc__ or "")


def test_same_seed_same_answer(model_class):
    table = suited(model_class)
    first = dk.estimate(table, settings(model_class), seed=7)
    again = dk.estimate(table, settings(model_class), seed=7)
    other = dk.estimate(table, settings(model_class), seed=8)
    assert (first.totals == again.totals).all()
    assert (first.totals != other.totals).any()
    assert first.kind in first.draws.children


PRINTS_TOTALS = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from test_every_model import MODELS, dk, settings, suited
for cls in MODELS:
    est = dk.estimate(suited(cls), settings(cls), seed=7, draws=400)
    print(cls.__name__, hashlib.sha256(est.totals.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_same_seed_same_answer_in_another_process():
    """Nothing hangs on the order in which a process keeps sets of names."""
    printed = [
        subprocess.run(
            [sys.executable, "-c", PRINTS_TOTALS, str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert printed[0].count("\n") == len(MODELS)
    assert printed[0] == printed[1]


def test_order_and_names_of_lists_do_not_matter(model_class):
    table = suited(model_class)
    frame = table.to_frame()
    names = list(table.lists)
    renamed = frame.rename(columns=dict(zip(names, ["x y", "Ünï", "c"], strict=False)))
    turned = list(renamed.columns[: len(names)])[::-1]
    other = dk.CaptureTable.from_counts(
        renamed.sample(frac=1, random_state=1), lists=turned, by=list(table.strata)
    )
    mine = dk.estimate(table, settings(model_class), seed=1)
    theirs = dk.estimate(other, settings(model_class), seed=1)
    if mine.kind == "bootstrap":  # resampled cells come in another order
        assert theirs.point == pytest.approx(mine.point, rel=1e-6)
    elif "density" in mine.draws.children:  # exact
        assert theirs.interval() == pytest.approx(mine.interval(), rel=1e-3)
    else:
        # a 2.5 % limit of 4,000 draws has a standard error of about .042 standard deviations;
        # a sampler's draws are worth at least 400, three times fewer per error
        error = 0.13 if "sample_stats" in mine.draws.children else 0.042
        tolerance = 4 * 2**0.5 * error * mine.sd
        assert theirs.interval() == pytest.approx(mine.interval(), abs=tolerance)


def test_refuses_what_it_cannot_do(model_class):
    many = model_class.most_lists + 1
    frame = pd.DataFrame(np.eye(many, dtype=int), columns=[f"L{j}" for j in range(many)])
    with pytest.raises(dk.NotEstimable, match="lists"):
        dk.estimate(frame.assign(count=5), settings(model_class), seed=1)
    if "intervals" not in model_class.handles:
        frame = suited(model_class).to_frame()
        wide = frame.assign(low=frame["count"], high=frame["count"] + 4).drop(columns="count")
        by = list(suited(model_class).strata)
        table = dk.CaptureTable.from_counts(wide, count=("low", "high"), by=by)
        with pytest.raises(dk.NotEstimable, match="interval"):
            dk.estimate(table, settings(model_class), seed=1)


def test_leaves_its_input_untouched(model_class):
    table = suited(model_class)
    before = table.content_hash
    dk.estimate(table, settings(model_class), seed=1)
    assert table.content_hash == before


def test_draws_are_in_the_arviz_schema(model_class):
    est = dk.estimate(suited(model_class), settings(model_class), seed=1, draws=400)
    assert est.unseen.dims[:2] == ("chain", "draw")
    chains = est.unseen.sizes["chain"]
    assert chains >= 4
    assert est.unseen.shape[:2] == (chains, 400 // chains)
    assert (est.population == est.seen + est.unseen).all()
    assert (est.unseen >= 0).all()


def test_own_call_gives_the_same_answer(model_class):
    table = suited(model_class) if model_class.__name__ in BY_YEAR else dk.load("palembang")
    if not model_class.fewest_lists <= 3 <= model_class.most_lists:
        table = table.drop("d")
    est = dk.estimate(table, settings(model_class), seed=3)
    again = eval(est.call, {"dk": dk, "table": table})
    assert (again.totals == est.totals).all()


def test_a_plain_fit_has_the_same_draws(model_class):
    if not issubclass(model_class, FitsPlainly):
        pytest.skip("says nothing beside its draws that it could leave out")
    table, model = suited(model_class), settings(model_class)
    whole = model.fit(table, draws=400, rng=np.random.default_rng(5))
    plain = model.fit_plainly(table, draws=400, rng=np.random.default_rng(5))
    assert (whole.unseen == plain.unseen).all()
    assert (whole.kind, whole.point, whole.label) == (plain.kind, plain.point, plain.label)
    assert set(plain.groups) < set(whole.groups)
