"""The models: the candidates, how one was chosen or all averaged, and how far they disagree."""

import math
import re
from typing import Any

import numpy as np
import pandas as pd

from darkfigure.calls import write_call
from darkfigure.contract import Model
from darkfigure.reports.blocks import Block, Facts, Grid, Heading, Picture, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import places, withheld
from darkfigure.reports.picture_models import draw_models
from darkfigure.results.comparison import Comparison
from darkfigure.results.other_models import NEAR
from darkfigure.results.storage import as_plain

UNITS = 10.0
"""Of the criterion: models further behind have next to no support (Burnham & Anderson 2002)."""

_BEST = 10


def models_section(given: Contents) -> Section:
    """The candidates, those nearly as good as the best, and other kinds of models."""
    words = given.words
    candidates = candidates_of(given)
    blocks: list[Block] = [Facts(_facts(given, candidates))]
    if len(given.est.modes()) > 1:
        blocks.append(_modes(given))
    if given.told.models:
        blocks.append(Text(withheld(given, "withheld")))
    elif candidates is not None and len(candidates) > 1:
        blocks.append(_best(given, candidates))
        if candidates["behind"].notna().any():
            blocks.append(Text(words("units_note"), quiet=True))
    if given.told.headline in ("steady", "untested"):
        blocks.append(Text(withheld(given, "models_untested"), quiet=True))
    blocks.append(Heading(words("compared")))
    if given.compared is None:
        blocks.append(Text(words("compared_not_run")))
    elif given.told.models:
        blocks.append(Text(withheld(given, "withheld")))
    else:
        blocks += side_by_side(given, given.compared, "picture-models", words("compared"))
    return Section("models", words("models"), blocks, _data(given, candidates))


def inner_model(given: Contents) -> Model:
    """The model that is fitted: of one that repairs links first, the one inside it."""
    model = given.est.model
    inner = getattr(model, "model", None)
    return inner if isinstance(inner, Model) else model


def number_of_candidates(given: Contents) -> int:
    """Models that were weighed against one another; 1 where there was one, in whatever forms."""
    models = given.est.models
    weighed = {"criterion", "bic", "log_evidence", "weight"}
    return len(models) if models is not None and weighed & set(models.columns) else 1


def candidates_of(given: Contents) -> pd.DataFrame | None:
    """Label, population and units behind the best of every candidate; None where there are none."""
    models = given.est.models
    if models is None or "stratum" in models or "population" not in models:
        return None
    if "criterion" in models:
        behind = models["criterion"] - models["criterion"].min()
    elif "log_evidence" in models:
        behind = 2.0 * (models["log_evidence"].max() - models["log_evidence"])
    elif "bic" in models:  # a path of steps
        behind = models["bic"] - models["bic"].min()
    elif given.est.kind == "stacked":  # weights that say nothing of the fit
        behind = math.nan
    elif "weight" in models:
        with np.errstate(divide="ignore"):
            behind = -2.0 * np.log(models["weight"] / models["weight"].max())
    else:
        return None
    found = models[["label", "population"]].assign(behind=behind)
    if "weight" in models:
        found["weight"] = models["weight"]
    return found.sort_values("behind", kind="stable").reset_index(drop=True)


def near_of(given: Contents) -> pd.DataFrame | None:
    """Log-linear models near the best by BIC, kept beside an estimate by another model."""
    if NEAR not in given.est.draws.children:
        return None
    group = given.est.draws[NEAR].to_dataset()
    return pd.DataFrame({name: group[name].to_numpy() for name in ("population", "behind")})


def _facts(given: Contents, candidates: pd.DataFrame | None) -> list[tuple[str, str]]:
    words, est = given.words, given.est
    number = number_of_candidates(given)
    rows = [
        (words("model"), words.piece(est.label)),
        (words("model_settings"), write_call(est.model)),
        (
            words("candidates"),
            _candidates_in_words(given, number),
        ),
        (words("selection"), selection_in_words(given)),
        (words("which_n"), _sample_size(given)),
        (words("within", units=f"{UNITS:g}"), _within(given, candidates)),
    ]
    near = near_of(given)
    if near is not None:
        rows.append((words("within_near", units=f"{UNITS:g}"), _within(given, near)))
    modes = places(given)
    one = len(est.modes()) == 1
    rows.append((words("modes"), words("one_mode", place=modes) if one else modes))
    return rows


def _candidates_in_words(given: Contents, number: int) -> str:
    words = given.words
    if number > 1:
        return words("candidates_number", number=words.whole(number))
    inner = inner_model(given)
    if inner is not given.est.model and given.est.models is None:
        return words("candidates_inside", model=type(inner).__name__)
    return words("candidates_one")


def selection_in_words(given: Contents) -> str:
    """How one model was chosen, or that all were averaged."""
    words, model, est = given.words, inner_model(given), given.est
    if est.kind == "stacked":
        return words("selection_stacked")
    select = getattr(model, "select", "")
    if getattr(model, "terms", None) is not None:
        return words("selection_given")
    if getattr(model, "selection", "") == "threshold":
        return words("selection_threshold")
    if select == "average":
        return words("selection_weights")
    if select in ("stepwise", "downhill"):
        return words(f"selection_{select}")
    if select:
        criterion = getattr(model, "criterion_in_words", str(select).upper())
        return words("selection_bic", criterion=words.piece(criterion))
    if type(model).__name__ == "DutchWorkflow":
        return words("selection_stepwise")
    averaged = est.models is not None and "weight" in est.models and len(est.models) > 1
    return words("selection_average" if averaged else "selection_none")


def _sample_size(given: Contents) -> str:
    """Which n stands in the penalty of BIC."""
    inner = inner_model(given)
    size = getattr(inner, "n", None)
    if size in ("people", "cells") and getattr(inner, "terms", None) is None:
        return given.words(f"n_{size}")
    return given.words("n_people" if "BIC (n = people)" in given.est.label else "n_unused")


def _within(given: Contents, models: pd.DataFrame | None) -> str:
    words = given.words
    if models is None or models["behind"].isna().all():
        apart = given.est.models is not None and "stratum" in given.est.models
        return words("within_strata" if apart else "within_none")
    if given.told.models:
        return words("not_printed")
    near = models.loc[(models["behind"] <= UNITS) & models["population"].notna(), "population"]
    return words(
        "within_answer",
        number=words.whole(len(near)),
        low=given.answer(float(near.min())),
        high=given.answer(float(near.max())),
    )


def _best(given: Contents, candidates: pd.DataFrame) -> Grid:
    words = given.words
    weighted = "weight" in candidates
    rows = []
    for row in candidates.head(_BEST).to_dict("records"):
        cells = [
            _unbroken(str(row["label"])),
            given.answer(row["population"]),
            units_in_words(given, row),
        ]
        if weighted:
            cells.append(words.percent(row["weight"], 0 if row["weight"] >= 0.1 else 1))
        rows.append(cells)
    head = ("model", "total", "behind", *(("weight",) if weighted else ()))
    return Grid(
        words("best_models"),
        [words(each) for each in head],
        rows,
        (False, *(True for _ in head[1:])),
    )


def _unbroken(label: str) -> str:
    """A model's label, in which lines break between terms only."""
    return re.sub(r"\[[^\]]*\]", lambda term: term.group().replace(" ", "\u00a0"), label)


def units_in_words(given: Contents, row: dict[Any, Any]) -> str:
    """Units behind the best; in whole ones where small counts are kept from being worked out."""
    behind = float(row["behind"])
    if math.isnan(behind) or math.isinf(behind):
        return "–"
    return given.words.decimal(behind, 1) if given.disclose else given.words.whole(behind)


def _modes(given: Contents) -> Grid:
    words = given.words
    rows = []
    for row in given.est.modes().to_dict("records"):
        weight = row["weight"]
        rows.append(
            (
                given.answer(row["location"]),
                given.answer(row["low"]),
                given.answer(row["high"]),
                "–" if math.isnan(weight) else words.percent(weight),
            )
        )
    head = ("mode_location", "mode_low", "mode_high", "weight")
    return Grid(words("modes_head"), [words(each) for each in head], rows, (True, True, True, True))


def side_by_side(given: Contents, compared: Comparison, name: str, caption: str) -> list[Block]:
    """Estimates of several models: a picture, a table, and those that could not be used."""
    words = given.words
    rows, said = [], []
    for est in compared.estimates:
        low, high = est.interval(given.prob)
        width = high - low
        cells = [given.answer(each, width) for each in (est.estimate, low, high)]
        rows.append((write_call(est.model), *cells, words(f"kind_word_{est.kind}")))
        between = words("between", low=cells[1], high=cells[2])
        said.append(f"{rows[-1][0]} {cells[0]} ({between})")
    drawn = draw_models(given, compared)
    picture = Picture(
        name,
        words("picture_models"),
        drawn.svg,
        drawn.size,
        words("picture_models_alt", prob=given.percent, rows="; ".join(said)),
    )
    head = ("model", "estimate", "low", "high", "interval_kind")
    grid = Grid(caption, [words(each) for each in head], rows, (False, True, True, True, False))
    unused = [
        Text(words("unused", model=model, reason=words.reason(reason)), quiet=True)
        for model, reason in compared.refusals.items()
    ]
    return [picture, grid, *unused]


def comparison_as_json(given: Contents, compared: Comparison | None) -> dict[str, Any] | None:
    """The same as plain values."""
    if compared is None:
        return None
    if given.told.models:
        return {"withheld": True}
    rows = [
        {
            "model": write_call(est.model),
            "kind": est.kind,
            "settled": est.settled,
            "estimate": given.plain(est.estimate),
            "low": given.plain(est.interval(given.prob)[0]),
            "high": given.plain(est.interval(given.prob)[1]),
        }
        for est in compared.estimates
    ]
    return {"models": rows, "refusals": dict(compared.refusals)}


def _data(given: Contents, candidates: pd.DataFrame | None) -> dict[str, object]:
    rows: list[dict[str, object]] = []
    if candidates is not None and not given.told.models:
        for row in candidates.head(_BEST).to_dict("records"):
            behind = row["behind"] if given.disclose else np.round(row["behind"])
            told: dict[str, object] = {
                "population": given.plain(row["population"]),
                "behind": behind,
            }
            if "weight" in row:
                told["weight"] = given.share(row["weight"])
            rows.append({**{str(name): row[name] for name in row}, **told})
    within = {}
    for name, models in (("candidates", candidates), ("log_linear", near_of(given))):
        if models is not None and not given.told.models:
            if models["behind"].isna().all():
                continue
            near = models.loc[(models["behind"] <= UNITS), "population"].dropna()
            ends = [given.plain(float(near.min())), given.plain(float(near.max()))]
            within[name] = {"number": len(near), "low": ends[0], "high": ends[1]}
    return as_plain(
        {
            "label": given.est.label,
            "model": write_call(given.est.model),
            "selection": selection_in_words(given),
            "sample_size": _sample_size(given),
            "candidates": number_of_candidates(given),
            "best": rows,
            "withheld": given.told.models,
            "within_10_units": within,
            "compared": comparison_as_json(given, given.compared),
        }
    )
