"""How wrong are the models on populations of known size? Kept in benchmarks/known_sizes.txt.

    python benchmarks/known_sizes.py [MODEL ...]

Every list is a population of known size: keep the people on it, drop the list, and estimate how
many they are from the other lists. The populations are all lists of the public tables with four
lists or more, of which at least 30 people and three lists remain; several overlap.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import darkfigure as dk
from darkfigure.calls import read_model
from darkfigure.data.known_sizes import public_tasks
from darkfigure.data.tasks import Task

DEFAULT = [
    *(
        f"BayesianLogLinear(interactions={prior})"
        for prior in (
            *(f"UnitInformation({scale})" for scale in (0.5, 1, 2, 4)),
            "HyperG()",
            *(f"Normal({scale})" for scale in (1, 2, 4)),
            "Normal((3, 1.5))",
        )
    ),
    "BayesianLogLinear(order=2)",
    "DecomposableGraphs()",
    'LogLinear(select="average")',
    'LogLinear(select="average", n="cells")',
]
HEAD = ("bias", "RMSE", "coverage", "width", "score", "failed")


def scores(model: dk.Model, known: tuple[Task, ...]) -> pd.Series:
    """Errors are of log estimate over truth; widths and interval scores of log limits."""
    errors, covered, widths, score = [], [], [], []
    for each in known:
        try:
            fit = model.fit(each.table, draws=2000, rng=np.random.default_rng(1))
        except dk.NotEstimable:
            continue
        draws = fit.unseen + fit.seen
        middle = float(np.median(draws)) if fit.point is None else fit.point
        low, high, truth = np.log([*np.quantile(draws, [0.025, 0.975]), each.size])
        errors.append(np.log(middle) - truth)
        covered.append(low <= truth <= high)
        widths.append(high - low)
        score.append(high - low + 40 * max(low - truth, 0) + 40 * max(truth - high, 0))
    failed = len(known) - len(errors)
    rmse = float(np.sqrt(np.mean(np.square(errors))))
    values = [np.median(errors), rmse, sum(covered) / len(known), np.mean(widths), np.mean(score)]
    return pd.Series([*values, failed], index=HEAD)


def main() -> int:
    warnings.simplefilter("ignore", dk.DataWarning)
    models = [read_model(text) for text in sys.argv[1:] or DEFAULT]
    known = public_tasks()
    rows = {}
    for text, model in zip(sys.argv[1:] or DEFAULT, models, strict=True):
        print(f"estimating with {text} ...", file=sys.stderr)
        rows[text] = scores(model, known)
    frame = pd.DataFrame(rows).T.round(2).astype({"failed": int})
    text = "\n".join(
        [
            f"{len(known)} populations of known size: the people on each list of the public tables",
            "",
            frame.to_string(),
            "",
            "bias: median log of estimate over truth; RMSE of the same; coverage: of nominal 95%",
            "intervals (failures cover nothing); width: mean log of upper over lower limit; score:",
            "mean interval score of the log limits (Gneiting & Raftery 2007), less is better.",
        ]
    )
    print(text)
    if len(sys.argv) == 1:
        Path(__file__).with_suffix(".txt").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
