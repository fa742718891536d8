"""Log-linear models that fit nearly as well as the best, but lie outside an interval."""

from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from darkfigure.cautions import Caution, caution
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from darkfigure.data.table import CaptureTable
    from darkfigure.results.estimate import Estimate

NEAR = "near_models"
"""The group of log-linear models within a few BIC units of the best."""

_CLEARLY = 1.1  # a model counts as outside an interval by more than a tenth


def as_group(near: pd.DataFrame) -> xr.Dataset:
    """Label, population and units behind the best of each model, as a group of an estimate."""
    return xr.Dataset(
        {
            name: ("model", near[name].to_numpy(object if name == "label" else float))
            for name in ("label", "population", "behind")
        }
    )


def models_outside(est: "Estimate") -> list[Caution]:
    """Say which of the near models lie outside the interval, if the estimate keeps any."""
    if NEAR not in est.draws.children:
        return []
    group = est.draws[NEAR].to_dataset()
    near = pd.DataFrame({str(name): group[name].to_numpy() for name in group.data_vars})
    low, high = est.interval()
    outside = {
        "below": near[near["population"] < low / _CLEARLY],
        "above": near[near["population"] > high * _CLEARLY],
    }
    described = [
        _best_outside(side, models, est.table) for side, models in outside.items() if len(models)
    ]
    return [caution("models_disagree", models="; ".join(described))] if described else []


def _best_outside(side: str, models: pd.DataFrame, table: "CaptureTable") -> str:
    """The best-fitting model on one side of the interval, and how far that side reaches."""
    about = table.about
    years = about.period.years if about.period is not None and about.concept == "flow" else 0.0
    best = models.iloc[0]
    yearly = f" ({rounded(best['population'] / years)} a year)" if years > 1 else ""
    behind = f"{best['behind']:.1f} BIC units behind the best" if best["behind"] else "the best"
    more = ""
    if len(models) > 1:
        ends = models["population"].min(), models["population"].max()
        more = f" ({len(models)} such models {side} it, {ends[0]:,.0f} to {ends[1]:,.0f})"
    return f"{best['label']} gives {best['population']:,.0f}{yearly}, {behind}{more}"
