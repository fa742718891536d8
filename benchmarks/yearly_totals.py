"""How well are yearly totals estimated? Kept in benchmarks/yearly_totals.txt.

    python benchmarks/yearly_totals.py [REGISTERS]

Simulated registers with known totals by year: four to six lists, six years, sex and form of
exploitation. In half of them the assumptions of the models hold; in the others people differ in
how visible they are, and one list refers to another. Each method gives a total per year with a
95 % interval; NUTS and Laplace's approximation are compared on a few registers.
"""

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import darkfigure as dk

REGISTERS = 12
BY_NUTS = 2
YEARS = tuple(range(2014, 2020))
COLUMNS = ("bias", "RMSE", "coverage", "all six", "width", "score", "seconds")

type Method = Callable[[dk.CaptureTable], dk.Estimate]


def workflow(*, reselect: bool) -> dk.Model:
    return dk.DutchWorkflow(uncertainty=dk.Bootstrap(500, kind="parametric", reselect=reselect))


def by_year(table: dk.CaptureTable) -> dk.CaptureTable:
    return table.collapse("sex", "form")


METHODS: dict[str, Method] = {
    "HierarchicalLogLinear()": lambda table: dk.estimate(table, dk.HierarchicalLogLinear(), seed=1),
    "the same, years alone": lambda table: dk.estimate(
        by_year(table), dk.HierarchicalLogLinear(), seed=1
    ),
    'the same, dependence="by year"': lambda table: dk.estimate(
        by_year(table), dk.HierarchicalLogLinear(dependence="by year"), seed=1
    ),
    "DutchWorkflow(), selection fixed": lambda table: dk.estimate(
        table, workflow(reselect=False), seed=1
    ),
    "DutchWorkflow(), selection repeated": lambda table: dk.estimate(
        table, workflow(reselect=True), seed=1
    ),
    "BayesianLogLinear() in each year": lambda table: dk.estimate(
        by_year(table), dk.BayesianLogLinear(), seed=1, strata="separate"
    ),
    "LogLinear(), BCa, in each year": lambda table: dk.estimate(
        by_year(table), dk.LogLinear(uncertainty=dk.Bootstrap(400)), seed=1, strata="separate"
    ),
}


def register(seed: int) -> dk.CaptureTable:
    """A register whose totals, lists and dependence are drawn at random from a seed."""
    rng = np.random.default_rng(seed)
    heterogeneous = seed % 2 == 1
    size = rng.uniform(500, 2500) * np.exp(np.cumsum(rng.normal(0, 0.15, len(YEARS))))
    names = ["police", "shelter", "border", "labour", "youth", "clinic"][: rng.integers(4, 7)]
    lists = {
        name: dk.SimulatedList(
            probability=float(np.exp(rng.uniform(np.log(0.04), np.log(0.25)))),
            effects={
                "year": dict(zip(YEARS, np.cumsum(rng.normal(0, 0.15, len(YEARS))), strict=True)),
                "sex": {"male": rng.normal(0, 0.5)},
                "form": {"labour": rng.normal(0, 0.7), "criminal": rng.normal(0, 0.7)},
            },
            loading=float(rng.uniform(0.3, 1.2)),
        )
        for name in names
    }
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    return dk.simulate(
        people={year: round(float(each)) for year, each in zip(YEARS, size, strict=True)},
        covariates={
            "sex": {"female": 0.7, "male": 0.3},
            "form": {"sexual": 0.55, "labour": 0.25, "criminal": 0.2},
        },
        associations={(("sex", "male"), ("form", "labour")): 3.0},
        lists=lists,
        visibility=0.5 if heterogeneous else 0.0,
        dependence={pair: float(np.exp(rng.normal(0, 0.5))) for pair in pairs},
        referral={("police", "shelter"): 0.1} if heterogeneous else {},
        seed=rng,
    )


def of_one(method: Method, table: dk.CaptureTable) -> pd.DataFrame:
    """Errors of the logs of the yearly totals, and what the intervals hold."""
    started = time.perf_counter()
    try:
        found = method(table).summary(by="year")
    except dk.NotEstimable:
        found = pd.DataFrame(np.nan, [str(y) for y in YEARS], ["estimate", "low", "high"])
    took = time.perf_counter() - started
    truth = np.log([table.about.truth.by("year")[year] for year in YEARS])
    found = np.log(found.loc[[str(year) for year in YEARS], ["estimate", "low", "high"]])
    low, high = found["low"].to_numpy(), found["high"].to_numpy()
    beyond = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return pd.DataFrame(
        {
            "error": found["estimate"].to_numpy() - truth,
            "inside": (low <= truth) & (truth <= high),
            "width": high - low,
            "score": high - low + 40 * beyond,
            "seconds": took,
        }
    )


def scores(results: list[pd.DataFrame]) -> pd.Series:
    every = pd.concat(results)
    known = every[np.isfinite(every["width"])]
    values = [
        known["error"].median(),
        np.sqrt((known["error"] ** 2).mean()),
        every["inside"].mean(),
        np.mean([each["inside"].all() for each in results]),
        known["width"].mean(),
        known["score"].mean(),
        np.median([each["seconds"].iloc[0] for each in results]),
    ]
    return pd.Series(values, index=COLUMNS)


def table_of(results: dict[str, list[pd.DataFrame]]) -> list[str]:
    rows = {name: scores(found) for name, found in results.items()}
    failed = {
        name: sum(not np.isfinite(each["width"]).all() for each in found)
        for name, found in results.items()
    }
    frame = pd.DataFrame(rows).T.round(2).assign(failed=failed)
    return frame.to_string().splitlines()


def against_nuts(seeds: range) -> list[str]:
    """Yearly medians and limits of Laplace's approximation beside those of NUTS."""
    lines = []
    for seed in seeds:
        table, found = by_year(register(seed)), {}
        for inference in ("laplace", "nuts"):
            started = time.perf_counter()
            est = dk.estimate(table, dk.HierarchicalLogLinear(inference=inference), seed=1)
            took = time.perf_counter() - started
            found[inference] = est.summary(by="year"), took
            if not est.settled:
                found.clear()
                break
        if not found:
            lines.append(f"register {seed}: the chains of NUTS do not agree ({took:.1f} s)")
            continue
        (mine, quick), (theirs, slow) = found["laplace"], found["nuts"]
        off = np.log(mine / theirs)[["estimate", "low", "high"]]
        sd = np.log1p(theirs["sd"] / theirs["estimate"]).to_numpy()[:, None]
        worst = (off.abs().to_numpy() / sd).max(axis=0)
        text = ", ".join(
            f"{name} {each:.2f}" for name, each in zip(off.columns, worst, strict=True)
        )
        lines.append(
            f"register {seed}: at most {text} posterior standard deviations apart; {quick:.1f} s "
            f"and {slow:.1f} s"
        )
    return lines


def main() -> int:
    warnings.simplefilter("ignore", dk.DataWarning)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else REGISTERS
    kinds = {
        "the models' assumptions hold": range(0, number, 2),
        "people differ in how visible they are, and one list refers to another": range(
            1, number, 2
        ),
    }
    text = [f"yearly totals of {number} simulated registers, {len(YEARS)} years each", ""]
    for kind, seeds in kinds.items():
        results: dict[str, list[pd.DataFrame]] = {name: [] for name in METHODS}
        for seed in seeds:
            table = register(seed)
            print(f"register {seed}, {table.n_observed:,} seen ...", file=sys.stderr)
            for name, method in METHODS.items():
                results[name].append(of_one(method, table))
        text += [f"{len(seeds)} registers in which {kind}:", "", *table_of(results), ""]
    text += [f"Laplace's approximation against NUTS ({BY_NUTS} registers, years alone):"]
    text += [*against_nuts(range(min(BY_NUTS, number))), "", *NOTES]
    print("\n".join(text))
    if len(sys.argv) == 1:
        kept = "\n".join(text) + "\n"
        Path(__file__).with_suffix(".txt").write_text(kept, encoding="utf-8")
    return 0


NOTES = (
    "bias: median log of estimate over truth of a year; RMSE of the same; coverage: of nominal",
    "95% intervals of a year (failures cover nothing); all six: registers whose intervals hold",
    "the truth in every year; width: mean log of upper over lower limit; score: mean interval",
    "score of the log limits (Gneiting & Raftery 2007), less is better; seconds: median of a fit.",
)


if __name__ == "__main__":
    sys.exit(main())
