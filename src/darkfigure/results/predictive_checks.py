"""Whether tables drawn from the posterior look like the one observed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from darkfigure.contract import Predicts
from darkfigure.errors import NotEstimable
from darkfigure.predictive import predictive_groups
from darkfigure.results.wording import in_words

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

PREDICTIVE = "posterior_predictive"


def predictive_checks(est: "Estimate", prob: float) -> pd.DataFrame:
    """Observed overlaps beside those of tables drawn from the posterior predictive."""
    groups = _groups(est)
    if "counts" not in groups["observed_data"]:
        raise NotEstimable(
            "counts of this table are known only within limits, so that no observed overlaps can "
            "be set beside the predicted ones.",
            "look at est.draws['posterior_predictive'] and the limits in "
            "est.draws['observed_data'].",
        )
    drawn = groups[PREDICTIVE]["counts"].to_numpy()
    drawn = drawn.reshape(-1, drawn.shape[-1]).astype(float)
    observed = groups["observed_data"]["counts"].to_numpy().astype(float)
    names, sums = _sums(est, groups["constant_data"]["history_code"].to_numpy())
    seen, predicted = sums @ observed, drawn @ sums.T
    tails = [(1 - prob) / 2, (1 + prob) / 2]
    low, high = np.quantile(predicted, tails, axis=0)
    below = (predicted < seen).mean(axis=0) + 0.5 * (predicted == seen).mean(axis=0)
    frame = pd.DataFrame(
        {
            "observed": seen.astype(int),
            "predicted": predicted.mean(axis=0),
            "sd": predicted.std(axis=0, ddof=1),
            "low": low,
            "high": high,
            "p": 2.0 * np.minimum(below, 1.0 - below),
        },
        index=pd.MultiIndex.from_tuples(names, names=["what", "name"]),
    )
    frame.attrs["prob"] = prob
    return frame


def with_predictive(est: "Estimate") -> "Estimate":
    """The same estimate, with observed and predictive counts and the likelihood of each draw."""
    if PREDICTIVE in est.draws.children:
        return est
    groups = {name: group.to_dataset() for name, group in est.draws.children.items()}
    for name, data in _groups(est).items():
        groups[name] = groups[name].merge(data) if name in groups else data
    return replace(est, draws=xr.DataTree.from_dict(groups))


def _groups(est: "Estimate") -> Mapping[str, xr.Dataset]:
    """Observed and predictive counts: kept with the draws, or drawn now."""
    if est.kind == "calibrated":
        raise NotEstimable(
            "a calibrated estimate predicts no tables: only its number unseen was corrected.",
            "ask the estimate that it was made of, before dk.calibrate.",
        )
    kept = est.draws.children
    if PREDICTIVE in kept and "history_code" in est.draws["constant_data"]:
        return {name: group.to_dataset() for name, group in kept.items()}
    if isinstance(est.model, Predicts) and "stratum" not in est.unseen.dims:
        table = est.table.collapse(*est.table.strata) if est.table.strata else est.table
        rng = np.random.default_rng(est.seed)
        chances = est.model.predict(table, est.unseen.to_numpy().ravel(), rng)
        return predictive_groups(table, chances.reshape(*est.unseen.shape, -1), rng)
    raise NotEstimable(
        f"there are no posterior-predictive tables with this estimate ({est.label}).",
        "estimate one table (strata not separate) with a Bayesian model, such as "
        "dk.BayesianLogLinear().",
    )


def _sums(est: "Estimate", code: np.ndarray) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Names of the sums looked at, and which cells each adds up, shape (sums, cells)."""
    lists = est.table.lists
    on = (code[:, None] >> np.arange(len(lists))) & 1 == 1
    sizes = on.sum(axis=1)
    names: list[tuple[str, str]] = []
    rows = []
    for i, name in enumerate(lists):
        names.append(("on the list", name))
        rows.append(on[:, i])
    for i in range(len(lists)):
        for j in range(i + 1, len(lists)):
            names.append(("on both", f"{lists[i]} + {lists[j]}"))
            rows.append(on[:, i] & on[:, j])
    for size in range(1, int(sizes.max()) + 1):
        word = "one list" if size == 1 else f"{in_words(size)} lists"
        names.append(("seen on", word))
        rows.append(sizes == size)
    return names, np.array(rows, dtype=float)
