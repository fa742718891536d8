"""Tables on how one fitted model fits, from what it left on the draws."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.data.names import name_of_history
from darkfigure.errors import NotEstimable

_IN_WORDS = {
    "cells": "residuals",
    "fit": "numbers on the fit",
    "stability": "limits by the number of models allowed",
    "without_list": "totals without each list",
    "jackknife": "totals without one person",
}

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate


def residuals_of(est: "Estimate") -> pd.DataFrame:
    """Observed, fitted, Pearson and deviance residuals by history, largest residual first."""
    cells = _group(est, "cells")
    frame = pd.DataFrame(
        {name: cells[name] for name in ("observed", "fitted", "pearson", "deviance")},
        index=pd.Index(_names_of(est, cells), name="history"),
    )
    return frame.sort_values("deviance", key=np.abs, ascending=False, kind="stable")


def _names_of(est: "Estimate", cells: dict[str, np.ndarray]) -> list[str]:
    """The history of each row, with its stratum where there are strata."""
    if "name" in cells:
        return [str(name) for name in cells["name"]]
    return [name_of_history(int(code), est.table.lists) for code in cells["history"]]


def goodness_of(est: "Estimate") -> pd.Series:
    """The single numbers of the fit."""
    return pd.Series({name: values[0] for name, values in _group(est, "fit").items()}, name="fit")


def stability_of(est: "Estimate") -> pd.DataFrame:
    """Limits by the number of top models allowed."""
    limits = _group(est, "stability")
    if len(limits["allowed"]) == 0:
        raise NotEstimable(
            "a stepwise or downhill selection does not rank models, so there is no top of them.",
            "use select='bic', 'aic' or 'aicc'.",
        )
    frame = pd.DataFrame({name: limits[name] for name in ("allowed", "low", "high")})
    return frame.astype({"allowed": int}).set_index("allowed")


def influence_on(est: "Estimate") -> pd.DataFrame:
    """The total with each list, or one person of each history, left out."""
    lists = _group(est, "without_list")
    rows = [
        ("list", name, people, total)
        for name, people, total in zip(
            lists["list_name"], est.table.totals(), lists["population"], strict=True
        )
    ]
    if "jackknife" in est.draws.children:
        jackknife = _group(est, "jackknife")
        people = jackknife.get("people")
        if people is None:
            people = est.table.counts()[jackknife["history"]]
        rows += [
            ("one person of", name, number, total)
            for name, number, total in zip(
                _names_of(est, jackknife), people, jackknife["population"], strict=True
            )
        ]
    frame = pd.DataFrame(rows, columns=["left out", "name", "people", "population"])
    frame["change"] = frame["population"] - est.point
    return frame.set_index(["left out", "name"])


def _group(est: "Estimate", name: str) -> dict[str, np.ndarray]:
    if name not in est.draws.children:
        what = _IN_WORDS[name]
        raise NotEstimable(
            f"there are no {what} with this estimate ({est.label}).",
            "estimate one table (no strata, gaps or limits) with LogLinear() and a Bootstrap."
            if name == "stability"
            else "estimate with LogLinear(), one model given or selected.",
        )
    group = est.draws[name].to_dataset()
    return {str(key): group[key].to_numpy() for key in group.data_vars}
