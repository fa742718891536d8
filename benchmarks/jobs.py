"""The jobs: what is timed, on what, and the plain way of doing the same.

Run as `python benchmarks/jobs.py NAME`, one job measures itself and prints JSON.
"""

import json
import os
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
    operations : callable, optional
        Floating-point operations that the work cannot do without, from the input.
    effective : callable, optional
        Effective draws in what `run` (or `baseline`) gave.
    """

    size: str
    aim: str
    prepare: Callable[[], Any]
    run: Callable[[Any], object]
    baseline: Callable[[Any], object] | None = None
    part: float = 1.0
    calls: int = 5
    operations: Callable[[Any], float] | None = None
    effective: Callable[[Any], float] | None = None


def estimated(name: str) -> Callable[[], Any]:
    def prepare() -> Any:
        import darkfigure as dk

        return dk.estimate(name, seed=1)

    return prepare


def claims(est: Any) -> object:
    import darkfigure as dk

    return dk.claim(est, [15_000, 50_000])


def assumptions(table: Any) -> object:
    import darkfigure as dk

    return dk.identify(table, seed=1)


def checked(table: Any) -> object:
    import darkfigure as dk

    return dk.check(table, seed=1, cache=False)


def corrected(est: Any) -> object:
    import darkfigure as dk

    return dk.calibrate(est)


def page(est: Any) -> object:
    import darkfigure as dk

    with tempfile.TemporaryDirectory() as folder:
        return dk.report(est, Path(folder) / "page.html")


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


def newton_operations(table: Any, models: float, steps: float) -> float:
    """Operations of Newton's method on the lattice, for models of middling size.

    A step costs three lattice sums (k 2^k), an exponential per cell (counted as 20), and a
    Cholesky factorisation with two solves (p³/3 + 2p²) of p parameters.
    """
    k = table.n_lists
    p = 1 + k + k * (k - 1) / 4
    return models * steps * (1.5 * k * 2**k + 20 * 2**k + p**3 / 3 + 2 * p**2)


def existence_of_failed(table: Any) -> object:
    """Linear programme and rank for every model of order 3 or less that has no estimate."""
    from darkfigure.models.log_linear import LogLinear
    from darkfigure.numerics.existence import check_model

    found = LogLinear().candidates(table)
    failed = found.fits.models[~found.fits.converged]
    return [check_model(table.counts(), model, table.possible()) for model in failed]


def search_only(table: Any) -> object:
    """The fits of all models, without looking into those that fail."""
    from darkfigure.models.log_linear import LogLinear
    from darkfigure.numerics.hierarchy import hierarchical_models
    from darkfigure.numerics.log_linear import fit_log_linear

    order = LogLinear().highest_order(table.n_lists)
    models = hierarchical_models(table.n_lists, order, table.possible())
    fits = fit_log_linear(table.counts(), models, table.possible())
    return fits.criterion("bic", table.n_observed)


def bootstrap(table: Any) -> object:
    from darkfigure.models.log_linear import LogLinear

    return LogLinear().fit(table, draws=4000, rng=np.random.default_rng(1))


def bootstrap_stepwise(table: Any) -> object:
    from darkfigure.models.log_linear import LogLinear

    model = LogLinear(select="stepwise")
    return model.fit(table, draws=4000, rng=np.random.default_rng(1))


def stochastic(table: Any) -> object:
    from darkfigure.models.log_linear import LogLinear

    return LogLinear(order=3).candidates(table)


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


def own_import_time(statement: str) -> float:
    """Seconds that darkfigure's own modules take, by -X importtime, once their bytecode is kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", statement],
        capture_output=True,
        text=True,
        check=True,
        env=kept,
    )
    own = 0
    for line in done.stderr.splitlines():
        if "|" in line and line.rsplit("|", 1)[1].strip().split(".")[0] == "darkfigure":
            own += int(line.split(":", 1)[1].split("|")[0])
    return own / 1e6


def whole_estimate(table: Any) -> object:
    import darkfigure as dk

    return dk.estimate(table, seed=1)


def average_bayesian(table: Any) -> object:
    """All hierarchical models, exact draws, other priors tried: the whole fit."""
    from darkfigure.models.bayesian_log_linear import BayesianLogLinear

    return BayesianLogLinear().fit(table, draws=4000, rng=np.random.default_rng(1))


def ten_thousand_sweeps(table: Any) -> object:
    """Sixteen chains of 10,000 sweeps, every tenth state kept."""
    from darkfigure.numerics.class_chains import ClassPrior
    from darkfigure.numerics.latent_class import run_sweeps

    prior = ClassPrior(10, (0.25, 0.25), (1.0, 1.0))
    return run_sweeps(table.counts(), prior, chains=16, sweeps=10_000, kept=1000, rng=generator())


def settled_classes(table: Any) -> object:
    """As long as the chains need to agree."""
    from darkfigure.models.latent_class import LatentClass

    return LatentClass().fit(table, draws=4000, rng=generator())


def effective_of_sweeps(states: Any) -> float:
    from darkfigure.convergence import agreement

    return agreement(states.n0.sum(axis=-1)).bulk


def kosovo_model(_: Any = None) -> Any:
    """Every interaction of up to three lists on Kosovo, normal priors, as a PyMC model."""
    from darkfigure.models.bayesian_log_linear import BayesianLogLinear
    from darkfigure.prior import Normal

    settings = BayesianLogLinear(interactions=Normal(2.0), inference="nuts")
    return settings.build(dataset("kosovo"))


def by_nutpie(model: Any) -> Any:
    from darkfigure.nuts import run_nuts

    return run_nuts(
        model, draws=4000, chains=4, tune=1000, rng=generator(), target_accept=0.95, key="kosovo"
    )


def by_pymc(model: Any) -> Any:
    import pymc as pm

    return pm.sample(
        draws=1000,
        tune=1000,
        chains=4,
        cores=2,
        random_seed=1,
        model=model,
        target_accept=0.95,
        nuts_sampler="pymc",
        progressbar=False,
        compute_convergence_checks=False,
    )


def effective_of_trace(trace: Any) -> float:
    from darkfigure.convergence import agreement

    return agreement(trace["posterior"]["log_odds_unseen"].to_numpy()).bulk


def dutch_register() -> Any:
    """Four lists, six years, sex, age and form of exploitation: 1,152 cells, simulated."""
    import pandas as pd

    import darkfigure as dk

    folder = Path(__file__).parents[1] / "tests" / "models" / "dutch_workflow"
    frame = pd.read_csv(folder / "register.csv")
    return dk.CaptureTable.from_counts(
        frame, lists=["P", "K", "Z", "R"], by=["year", "sex", "age", "form"]
    )


def dutch_path(table: Any) -> object:
    from darkfigure.models.dutch_workflow.layout import lay_out
    from darkfigure.models.dutch_workflow.path import walk

    return walk(lay_out(table, "year", None))


def dutch_workflow(table: Any) -> object:
    """The path, and 1,000 parametric bootstraps of the model selected."""
    import darkfigure as dk

    return dk.DutchWorkflow().fit(table, draws=4000, rng=generator())


def dutch_reselected(table: Any) -> object:
    """The same with the selection repeated in every replicate."""
    import darkfigure as dk

    again = dk.Bootstrap(1000, kind="parametric", reselect=True)
    return dk.DutchWorkflow(uncertainty=again).fit(table, draws=4000, rng=generator())


def one_formula(table: Any) -> object:
    """Six lists by sex, age and form of exploitation and by year: the point and its interval."""
    import darkfigure as dk

    lists, others = " + ".join(table.lists), " + ".join(each for each in table.strata)
    model = dk.LogLinear(f"({lists}) * year + {others}", uncertainty=dk.Delta())
    return model.fit(table, draws=4000, rng=generator())


def pooled(table: Any) -> object:
    import darkfigure as dk

    return dk.HierarchicalLogLinear().fit(table, draws=4000, rng=generator())


def average_suppressed(table: Any) -> object:
    from darkfigure.models.bayesian_log_linear import BayesianLogLinear

    return BayesianLogLinear().fit(table, draws=4000, rng=generator())


def suppressed(name: str) -> Any:
    return dataset(name).disclose(threshold=5)


def generator() -> np.random.Generator:
    return np.random.default_rng(1)


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
        "0.3 s",
        lambda: dataset("uk_five_lists"),
        search_only,
        fifty_models_by_scipy,
        part=50 / 6212,
        operations=lambda table: newton_operations(table, 6212, 6),
    ),
    "log-linear search, 6 lists": Job(
        "32,768 models, netherlands",
        "1 s",
        lambda: dataset("netherlands"),
        search_only,
        fifty_models_by_scipy,
        part=50 / 32768,
        operations=lambda table: newton_operations(table, 32768, 6),
    ),
    "existence of failed models": Job(
        "129 linear programmes, netherlands_five_lists",
        "",
        lambda: dataset("netherlands_five_lists"),
        existence_of_failed,
    ),
    "stochastic search, order 3": Job(
        "of 3,702,013 models, netherlands", "", lambda: dataset("netherlands"), stochastic
    ),
    "bootstrap, BIC among 100": Job(
        "1,000 replicates, BCa, uk_five_lists",
        "3 s",
        lambda: dataset("uk_five_lists"),
        bootstrap,
        operations=lambda table: newton_operations(table, 100_000, 3),
    ),
    "bootstrap, stepwise": Job(
        "1,000 replicates, BCa, netherlands",
        "3 s",
        lambda: dataset("netherlands"),
        bootstrap_stepwise,
    ),
    "Bayesian averaging, 5 lists": Job(
        "6,212 models, uk_five_lists",
        "5 s",
        lambda: dataset("uk_five_lists"),
        average_bayesian,
    ),
    "Bayesian averaging, 6 lists": Job(
        "32,768 models, netherlands", "", lambda: dataset("netherlands"), average_bayesian
    ),
    "latent classes, sweeps": Job(
        "10,000 x 16 chains, kosovo",
        "3 s, 73 ESS/s",
        lambda: dataset("kosovo"),
        ten_thousand_sweeps,
        effective=effective_of_sweeps,
        calls=3,
    ),
    "latent classes, agreed": Job(
        "16 chains until R-hat < 1.01, kosovo",
        "",
        lambda: dataset("kosovo"),
        settled_classes,
        calls=1,
    ),
    "NUTS by nutpie": Job(
        "4,000 draws, kosovo; baseline: PyMC's own",
        "",
        kosovo_model,
        by_nutpie,
        by_pymc,
        effective=effective_of_trace,
        calls=3,
    ),
    "averaging, counts suppressed": Job(
        "6,212 models, uk_five_lists with <5",
        "",
        lambda: suppressed("uk_five_lists"),
        average_suppressed,
        calls=3,
    ),
    "register, stepwise path": Job(
        "1,152 cells, 4 lists; authors' program 11 s", "3 s", dutch_register, dutch_path, calls=3
    ),
    "register, path and bootstrap": Job(
        "the same, 1,000 replicates; authors' 44 s", "6 s", dutch_register, dutch_workflow, calls=3
    ),
    "register, selection repeated": Job(
        "the same, selected again 1,000 times", "60 s", dutch_register, dutch_reselected, calls=1
    ),
    "one formula, 13,824 cells": Job(
        "6 lists x 6 years x 36 strata, practice_register",
        "3 s",
        lambda: dataset("practice_register"),
        one_formula,
        calls=3,
    ),
    "pooled years, Laplace": Job(
        "1,152 cells, 4 lists, 4,000 draws", "", dutch_register, pooled, calls=1
    ),
    "estimate(), 6 lists": Job(
        "averaging and second opinion, netherlands",
        "",
        lambda: dataset("netherlands"),
        whole_estimate,
    ),
    "claim": Job("uk six lists, beyond the estimate", "0.1 s", estimated("uk"), claims),
    "identify": Job("uk six lists", "10 s", lambda: dataset("uk"), assumptions, calls=1),
    "check": Job("uk six lists, every case", "60 s", lambda: dataset("uk"), checked, calls=1),
    "calibrate": Job(
        "netherlands, six lists", "10 s", estimated("netherlands"), corrected, calls=2
    ),
    "report": Job("netherlands, HTML", "2 s", estimated("netherlands"), page, calls=2),
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
    "import darkfigure": Job(
        "its own modules", "0.15 s", lambda: "import darkfigure", own_import_time, calls=5
    ),
    "import dk.load": Job(
        "its own modules", "0.15 s", lambda: "from darkfigure import load", own_import_time, calls=5
    ),
    "import dk.estimate": Job(
        "its own modules",
        "0.15 s",
        lambda: "from darkfigure import estimate",
        own_import_time,
        calls=5,
    ),
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
    baseline, rates = None, []
    if job.effective is not None:
        rates.append(job.effective(result) / median(later))
    if job.baseline is not None:
        spent, result = timed(job.baseline, given)
        baseline = spent / job.part
        if job.effective is not None:
            rates.append(job.effective(result) / spent)
    limit = None if job.operations is None else job.operations(given) / peak_rate()
    return {
        "limit": limit,
        "size": job.size,
        "aim": job.aim,
        "first": first,
        "later": median(later),
        "baseline": baseline,
        "rates": rates,
        "scaled": "" if job.part == 1.0 else "~",
        "memory": memory,
    }


def peak_rate() -> float:
    """Floating-point operations a second in a matrix product, on all cores."""
    matrix = np.random.default_rng(1).random((1500, 1500))
    matrix @ matrix
    spent = min(timed(lambda m: m @ m, matrix)[0] for _ in range(5))
    return 2 * 1500**3 / spent


def timed(task: Callable[[Any], object], given: Any) -> tuple[float, object]:
    start = perf_counter()
    result = task(given)
    return perf_counter() - start, result


if __name__ == "__main__":
    print(json.dumps(measure(JOBS[sys.argv[1]])))
