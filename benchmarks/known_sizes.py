"""How wrong are the models on populations of known size? Kept in benchmarks/known_sizes.txt.

    python benchmarks/known_sizes.py [MODEL ...]

Every list is a population of known size: keep the people on it, drop the list, and estimate how
many they are from the other lists. The populations are all lists of the public tables with four
lists or more, of which at least 30 people and three lists remain; several overlap.
"""

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import darkfigure as dk
from darkfigure.calls import read_model

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
FEWEST_PEOPLE, FEWEST_LISTS = 30, 3
HEAD = ("bias", "RMSE", "coverage", "width", "score", "failed")


@dataclass(frozen=True)
class Known:
    """The people on one list, without that list: `table.known_unseen` are on no other."""

    name: str
    table: dk.CaptureTable

    @property
    def size(self) -> int:
        """The people on the list."""
        assert self.table.known_unseen is not None
        return self.table.n_observed + self.table.known_unseen


def known_populations() -> Iterator[Known]:
    for name in dk.datasets().query("lists >= 4 and kind != 'simulated'")["name"]:
        table = dk.load(name)
        if isinstance(table, dk.CaptureRecords):
            table = table.to_table()
        if not isinstance(table, dk.CaptureTable):
            continue
        frame = (table.collapse(*table.strata) if table.strata else table).to_frame()
        for chosen in table.lists:
            inside = frame[frame[chosen] == 1].drop(columns=chosen)
            lists = [x for x in table.lists if x != chosen and (inside[x] * inside["count"]).any()]
            if len(lists) < FEWEST_LISTS:
                continue
            inside = inside.groupby(lists, as_index=False)["count"].sum()
            if inside.loc[inside[lists].any(axis=1), "count"].sum() >= FEWEST_PEOPLE:
                part = dk.CaptureTable.from_counts(inside, lists=lists, all_zero="truth")
                yield Known(f"{name}, {chosen}", part)


def scores(model: dk.Model, known: list[Known]) -> pd.Series:
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
    known = list(known_populations())
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
