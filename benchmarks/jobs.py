"""The jobs: what is timed, on what, and the plain way of doing the same.

Run as `python benchmarks/jobs.py NAME`, one job measures itself and prints JSON.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Job:
    """One thing to time.

    Attributes
    ----------
    size : str
        What it is run on.
    aim : str
        What was asked for.
    prepare : callable
        Makes the input; not timed.
    run : callable
        Takes the input.
    baseline : callable, optional
        Takes the input; the plain way.
    part : float
        Share of the work that the baseline does; its time is scaled up by it.
    calls : int
        Later calls timed.
    """

    size: str
    aim: str
    prepare: Callable[[], Any]
    run: Callable[[Any], object]
    baseline: Callable[[Any], object] | None = None
    part: float = 1.0
    calls: int = 5


def dataset(name: str) -> Any:
    import darkfigure as dk

    return dk.load(name)


def seven_lists() -> Any:
    """Eight New Orleans lists, two of which never meet another, merged to seven."""
    return dataset("new_orleans").merge({"GH": ["G", "H"]})


def average_decomposable(table: Any) -> object:
    from darkfigure.models.decomposable_graphs import DecomposableGraphs

    return DecomposableGraphs().fit(table, draws=4000, rng=np.random.default_rng(1))


def average_cold(table: Any) -> object:
    """Enumeration included: the list of graphs is forgotten first."""
    from darkfigure.numerics.chordal import decomposable_family

    decomposable_family.cache_clear()
    return average_decomposable(table)


def decomposable_one_by_one(table: Any) -> object:
    """One graph after another on a fixed grid of 60,000 unseen, as a peer does it."""
    from scipy.special import gammaln

    from darkfigure.numerics.decomposable import GraphPosterior
    from darkfigure.prior import OneOverN

    counts = table.counts()
    model = GraphPosterior(counts, 2.0**-table.n_lists, OneOverN().log_mass)
    unseen = np.arange(60_000.0)
    constants, cells = model.constants(), model.cell_mass()
    seen = counts[1:].sum()
    histories = np.arange(len(counts))
    total = np.zeros(len(unseen))
    for exponents in model.family.exponents:
        value = gammaln(unseen + seen + 1) - gammaln(unseen + 1) - np.log(unseen + seen)
        for subset in np.flatnonzero(exponents):
            missed = counts[(histories & subset) == 0][1:].sum() if subset else seen
            term = constants[subset] + gammaln(unseen + missed + cells[subset])
            value += exponents[subset] * term
        total += np.exp(value - 1e4)
    return total


def search_models(table: Any) -> object:
    from darkfigure.models.log_linear import LogLinear

    return LogLinear().candidates(table)


def fifty_models_by_scipy(table: Any) -> object:
    """Fifty of the models by an optimiser with a design matrix, one after another."""
    from scipy.optimize import minimize

    from darkfigure.numerics.hierarchy import hierarchical_models

    counts = table.counts().astype(float)
    k = table.n_lists
    models = hierarchical_models(k, 2 if k > 5 else 3, np.ones(len(counts), dtype=bool))
    chosen = models[np.linspace(0, len(models) - 1, 50).astype(int)]
    cells = np.arange(1, len(counts))
    for model in chosen:
        terms = np.flatnonzero(model)
        design = ((cells[:, None] & terms) == terms).astype(float)

        def negative(beta: np.ndarray, design: np.ndarray = design) -> tuple[float, np.ndarray]:
            eta = np.minimum(design @ beta, 50.0)
            mu = np.exp(eta)
            return mu.sum() - counts[1:] @ eta, design.T @ (mu - counts[1:])

        start = np.zeros(len(terms))
        start[0] = np.log(counts[1:].sum())
        minimize(negative, start, jac=True, method="L-BFGS-B")
    return None


def bootstrap(table: Any) -> object:
    from darkfigure.models.log_linear import LogLinear

    return LogLinear().fit(table, draws=4000, rng=np.random.default_rng(1))


def ten_million_records() -> Any:
    """Ten million people on six lists, as a pandas frame of int8."""
    import pandas as pd

    rng = np.random.default_rng(1)
    frame = {}
    for name, share in zip("ABCDEF", (0.3, 0.25, 0.2, 0.15, 0.1, 0.4), strict=True):
        frame[name] = (rng.random(10_000_000) < share).astype(np.int8)
    nobody = sum(frame.values()) == 0
    frame["F"][nobody] = 1
    return pd.DataFrame(frame)


def tabulate_pandas(frame: Any) -> object:
    import darkfigure as dk

    return dk.CaptureTable.from_records(frame, lists=list("ABCDEF"))


def tabulate_groupby(frame: Any) -> object:
    return frame.groupby(list("ABCDEF")).size()


def parquet_file() -> Any:
    path = Path(tempfile.mkdtemp()) / "records.parquet"
    ten_million_records().to_parquet(path)
    return path


def tabulate_polars(path: Any) -> object:
    import polars as pl

    import darkfigure as dk

    return dk.CaptureTable.from_records(pl.scan_parquet(path), lists=list("ABCDEF"))


def tabulate_duckdb(path: Any) -> object:
    import duckdb

    import darkfigure as dk

    return dk.CaptureTable.from_records(duckdb.read_parquet(str(path)), lists=list("ABCDEF"))


def read_parquet(path: Any) -> object:
    import darkfigure as dk

    return dk.read(path, lists=list("ABCDEF"))


def parquet_by_pandas(path: Any) -> object:
    import pandas as pd

    return pd.read_parquet(path).groupby(list("ABCDEF")).size()


def own_import_time(_: Any) -> float:
    """Seconds that darkfigure's own modules take, by -X importtime."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import darkfigure"],
        capture_output=True,
        text=True,
        check=True,
    )
    own = 0
    for line in done.stderr.splitlines():
        if "|" in line and line.rsplit("|", 1)[1].strip().split(".")[0] == "darkfigure":
            own += int(line.split(":", 1)[1].split("|")[0])
    return own / 1e6


def whole_estimate(table: Any) -> object:
    import darkfigure as dk

    return dk.estimate(table, seed=1)


JOBS: dict[str, Job] = {
    "decomposable, 5 lists": Job(
        "822 graphs, netherlands_five_lists",
        "0.1 s",
        lambda: dataset("netherlands_five_lists"),
        average_cold,
        decomposable_one_by_one,
    ),
    "decomposable, 6 lists": Job(
        "18,154 graphs, netherlands", "2 s", lambda: dataset("netherlands"), average_cold
    ),
    "decomposable, 7 lists": Job(
        "617,675 graphs, new_orleans merged", "40 s, 2 GiB", seven_lists, average_cold, calls=1
    ),
    "log-linear search, 5 lists": Job(
        "6,212 models, uk_five_lists",
        "",
        lambda: dataset("uk_five_lists"),
        search_models,
        fifty_models_by_scipy,
        part=50 / 6212,
    ),
    "log-linear search, 6 lists": Job(
        "32,768 models, netherlands",
        "",
        lambda: dataset("netherlands"),
        search_models,
        fifty_models_by_scipy,
        part=50 / 32768,
    ),
    "log-linear bootstrap": Job(
        "1,000 x best 100 models, uk_five_lists", "", lambda: dataset("uk_five_lists"), bootstrap
    ),
    "estimate(), 6 lists": Job(
        "averaging and second opinion, netherlands",
        "",
        lambda: dataset("netherlands"),
        whole_estimate,
    ),
    "records from pandas": Job(
        "10 million x 6 lists", "3 s", ten_million_records, tabulate_pandas, tabulate_groupby
    ),
    "records through polars": Job(
        "10 million x 6 lists, Parquet", "1 s", parquet_file, tabulate_polars, parquet_by_pandas
    ),
    "records through DuckDB": Job(
        "10 million x 6 lists, Parquet", "1 s", parquet_file, tabulate_duckdb, parquet_by_pandas
    ),
    "dk.read of Parquet": Job(
        "10 million x 6 lists, Parquet", "1 s", parquet_file, read_parquet, parquet_by_pandas
    ),
    "import darkfigure": Job("its own modules", "0.15 s", lambda: None, own_import_time, calls=5),
}


def measure(job: Job) -> dict[str, Any]:
    """Time one job in this process."""
    given = job.prepare()
    first, result = timed(job.run, given)
    later = []
    for _ in range(job.calls):
        spent, result = timed(job.run, given)
        later.append(result if isinstance(result, float) else spent)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    baseline = None if job.baseline is None else timed(job.baseline, given)[0] / job.part
    return {
        "size": job.size,
        "aim": job.aim,
        "first": first,
        "later": median(later),
        "baseline": baseline,
        "scaled": "" if job.part == 1.0 else "~",
        "memory": memory,
    }


def timed(task: Callable[[Any], object], given: Any) -> tuple[float, object]:
    start = perf_counter()
    result = task(given)
    return perf_counter() - start, result


if __name__ == "__main__":
    print(json.dumps(measure(JOBS[sys.argv[1]])))
