"""Whether tables drawn from the posterior look like the one observed."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.errors import NotEstimable
from darkfigure.results.wording import in_words

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

PREDICTIVE = "posterior_predictive"


def predictive_checks(est: "Estimate", prob: float) -> pd.DataFrame:
    """Observed overlaps beside those of tables drawn from the posterior predictive."""
    known = PREDICTIVE in est.draws.children and "history_code" in est.draws["constant_data"]
    if not known:
        raise NotEstimable(
            f"there are no posterior-predictive tables with this estimate ({est.label}).",
            "estimate one table (strata not separate) with dk.BayesianLogLinear() or "
            "dk.LatentClass().",
        )
    drawn = est.draws[PREDICTIVE]["counts"].to_numpy()
    drawn = drawn.reshape(-1, drawn.shape[-1]).astype(float)
    observed = est.draws["observed_data"]["counts"].to_numpy().astype(float)
    names, sums = _sums(est)
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


def _sums(est: "Estimate") -> tuple[list[tuple[str, str]], np.ndarray]:
    """Names of the sums looked at, and which cells each adds up, shape (sums, cells)."""
    code = est.draws["constant_data"]["history_code"].to_numpy()
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
