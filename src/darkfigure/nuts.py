"""A PyMC model run by the No-U-Turn sampler of nutpie, the same from the same seed."""

import contextvars
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from darkfigure import progress
from darkfigure.errors import NotEstimable, SettingsError

if TYPE_CHECKING:
    import pymc as pm

_STATS = {
    "logp": "lp",
    "diverging": "diverging",
    "energy": "energy",
    "energy_error": "energy_error",
    "max_energy_error": "max_energy_error",
    "mean_tree_accept": "acceptance_rate",
    "depth": "tree_depth",
    "maxdepth_reached": "reached_max_treedepth",
    "n_steps": "n_steps",
    "step_size": "step_size",
}
"""nutpie's names of the sampler's statistics, and those of the ArviZ schema."""

_MOST_COMPILED = 8
_compiled: OrderedDict[Hashable, Any] = OrderedDict()
_compiling = RLock()


def run_nuts(
    model: "pm.Model",
    *,
    draws: int,
    chains: int,
    tune: int,
    rng: np.random.Generator,
    target_accept: float = 0.9,
    start: Mapping[str, Any] | None = None,
    key: Hashable | None = None,
    task: str = "draws by NUTS",
) -> xr.DataTree:
    """Run the No-U-Turn sampler of nutpie, with a mass matrix that learns correlations.

    Parameters
    ----------
    model : pymc.Model
    draws : int
        In all, a multiple of `chains`.
    chains, tune : int
        Number of chains, and of steps that each adapts for, not returned.
    rng : Generator
        The same state gives the same draws, whatever the number of processors, and whether the
        model was compiled now or is read from PyTensor's cache on disk.
    target_accept : float, default 0.9
        Nearer 1 takes smaller steps, for posteriors with narrow necks.
    start : mapping of str to array, optional
        Values of free variables about which the chains start, each its own way off.
    key : hashable, optional
        Models with the same key differ in the values of their `pm.Data` alone, so that they are
        compiled once (which takes seconds, where sampling takes less than one).
    task : str
        What progress is reported as.

    Returns
    -------
    DataTree
        Groups posterior and sample_stats in the ArviZ schema.

    Raises
    ------
    NotEstimable
        If the model has discrete variables, or no point with a finite density is found.
    """
    import nutpie

    check_draws(draws, chains)
    if model.discrete_value_vars:
        names = ", ".join(variable.name for variable in model.discrete_value_vars)
        raise NotEstimable(
            f"NUTS moves along gradients, and the model has discrete variables ({names}).",
            "sum them out of the likelihood.",
        )
    seed = int(rng.integers(1 << 32))
    ready = _ready(model, dict(start or {}), key)
    try:
        trace = nutpie.sample(
            ready,
            draws=draws // chains,
            tune=tune,
            chains=chains,
            cores=min(chains, os.cpu_count() or 1),
            seed=seed,
            progress_bar=False,
            progress_callback=_reporter(task),
            save_warmup=False,
            adaptation="low_rank",
            target_accept=target_accept,
        )
    except RuntimeError as error:
        raise NotEstimable(
            f"NUTS could not sample the model: {error}.",
            "look at model.point_logps(): a variable with -inf or nan is at fault.",
        ) from error
    return _labelled(model, trace)


def check_draws(draws: int, chains: int) -> None:
    """Refuse a number of draws that the chains cannot share evenly."""
    if draws % chains or draws < chains:
        nearest = max(round(draws / chains), 1) * chains
        raise SettingsError(
            f"draws is {draws:,}; expected a multiple of the {chains} chains.", f"draws={nearest}"
        )


def _ready(model: "pm.Model", start: dict[str, Any], key: Hashable | None) -> Any:
    """The compiled model with this one's data and starting points."""
    import nutpie

    with strictly_compiled():
        found = None if key is None else _compiled.get(key)
        if found is None:
            vectors = [each.name for each in model.deterministics if each.type.ndim <= 1]
            free = [each.name for each in model.free_RVs]
            found = nutpie.compile_pymc_model(model, backend="numba", var_names=[*free, *vectors])
        if key is not None:
            _compiled[key] = found
            _compiled.move_to_end(key)
            if len(_compiled) > _MOST_COMPILED:
                _compiled.popitem(last=False)
        starting = _starting(model, start)
    shared = {variable.name for variable in found.shared_var_keys}
    data = {each.name: each.get_value() for each in model.data_vars if each.name in shared}
    return replace(found.with_data(**data), initial_point_func=starting)


@contextmanager
def strictly_compiled() -> Iterator[None]:
    """Compile without leave to reorder sums, which PyTensor gives its compiler by default.

    With it the rounding depends on what is compiled together. That differs between the first run
    on a computer and later ones, which read parts from the cache on disk: the chains then part, and
    one seed gives two answers. The setting is of the whole process, hence the lock.
    """
    from pytensor.configdefaults import config

    with _compiling, config.change_flags(numba__fastmath=False):
        yield


def _starting(model: "pm.Model", start: dict[str, Any]) -> Callable[[Any], np.ndarray]:
    """A chain's starting point as a flat array: the model's own, moved by up to 1 each way."""
    from pymc.initial_point import make_initial_point_fn

    point_of = make_initial_point_fn(
        model=model, overrides=start, jitter_rvs=set(model.free_RVs), return_transformed=True
    )
    names = [model.rvs_to_values[variable].name for variable in model.free_RVs]
    lock = Lock()

    def flat(seed: Any) -> np.ndarray:
        with lock:
            point = point_of(seed)
        return np.concatenate([np.ravel(point[name]).astype(float) for name in names])

    return flat


def _reporter(task: str) -> Callable[[list[Any]], None]:
    """Pass progress on: the sampler calls from a thread that knows of no listener."""
    context = contextvars.copy_context()

    def tell(chains: list[Any]) -> None:
        done = sum(chain.finished_draws for chain in chains)
        context.run(progress.report, task, done, sum(chain.total_draws for chain in chains))

    return tell


def _labelled(model: "pm.Model", trace: xr.DataTree) -> xr.DataTree:
    """The draws with this model's coordinates, and the statistics under ArviZ's names."""
    from nutpie import __version__

    attrs = {"inference_library": "nutpie", "inference_library_version": __version__}
    posterior, stats = trace["posterior"].to_dataset(), trace["sample_stats"].to_dataset()
    coords = {
        dim: list(values)
        for dim, values in model.coords.items()
        if dim in posterior.dims and values is not None
    }
    posterior = posterior.assign_coords(coords)
    stats = stats[[name for name in _STATS if name in stats]].rename(
        {name: new for name, new in _STATS.items() if name in stats}
    )
    whole = {name: stats[name].astype(np.int64) for name in ("tree_depth", "n_steps")}
    posterior.attrs, stats.attrs = dict(attrs), dict(attrs)
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats.assign(whole)})
