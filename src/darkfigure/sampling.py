"""A model written with PyMC, sampled by NUTS: the run, and the fit that comes of it.

A model of one's own needs only a variable for the log of P(missed) / P(seen); the unseen are
drawn exactly given it, so that N is never sampled by a gradient, and the prior on the population
is put in afterwards by weights.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from darkfigure.cautions import Caution, caution
from darkfigure.contract import CHAINS, Fit
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.names import did_you_mean, name_of_history
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.numerics.conjugate import draw_unseen
from darkfigure.numerics.convergence import EFFECTIVE, FEWEST
from darkfigure.numerics.resampling import effective_size, systematic
from darkfigure.nuts import run_nuts, strictly_compiled
from darkfigure.prior.population import OneOverN, Prior, check_prior, unseen_under
from darkfigure.seeds import seeded

if TYPE_CHECKING:
    import pymc as pm

    from darkfigure.data.table import CaptureTable

COUNTS = "counts"
"""The observed variable that predictive draws and the log-likelihood are made for."""

ALONE = "lists_alone"
"""The group of draws of the total under 1/N, where another prior was put into the draws."""

ONE_OVER_N = OneOverN()
_OURS = ("population", "unseen")


@dataclass(frozen=True)
class Reweighted:
    """Draws chosen by their weight under a prior on the population.

    Attributes
    ----------
    index : ndarray of int, shape (chains, draws)
        Which draws of each chain are kept, in their order: what is left of a chain's
        autocorrelation, and repeats, stay visible to R-hat and the effective sample size.
    cautions : tuple of Caution
    """

    index: np.ndarray
    cautions: tuple[Caution, ...]

    def take(self, data: xr.Dataset) -> xr.Dataset:
        """The same draws of a dataset with dims (chain, draw, ...)."""
        chain = xr.DataArray(np.arange(len(self.index)), dims="chain")
        chosen = data.isel(chain=chain, draw=xr.DataArray(self.index, dims=("chain", "draw")))
        return chosen.drop_vars(("chain", "draw")).assign_coords(
            chain=data["chain"].to_numpy(), draw=np.arange(self.index.shape[1])
        )


def sample(
    model: "pm.Model",
    table: Captures,
    *,
    rng: np.random.Generator | int,
    draws: int = 4000,
    chains: int = CHAINS,
    tune: int = 1000,
    target_accept: float = 0.9,
    log_odds: str = "log_odds_unseen",
    prior: Prior = ONE_OVER_N,
) -> Fit:
    """Sample a PyMC model of a table, and draw the people on no list.

    Parameters
    ----------
    model : pymc.Model
        A model of the observable histories in `table`. Where its observed variable is called
        `counts`, predictive draws and the log-likelihood are added; where that is
        ``table.counts()[1:]``, `Estimate.ppc` can read them.
    table : CaptureTable, or what `estimate` takes
    rng : Generator, or int
        A number is its seed.
    draws : int, default 4000
        In all, a multiple of `chains`.
    chains, tune : int, default 4 and 1000
    target_accept : float, default 0.9
    log_odds : str, default "log_odds_unseen"
        Name of the scalar variable log(π0 / (1 − π0)), π0 the chance to be on no list.
    prior : Prior, default OneOverN()
        On the population; the model itself must have none.

    Returns
    -------
    Fit
        With all variables of the model that are scalars or vectors, but for any that is called
        `population` or `unseen`.
    """
    table = as_table(table)
    if not isinstance(rng, np.random.Generator):
        _, rng = seeded(rng)
    check_prior(prior)
    _check(model, table, log_odds)
    trace = run_nuts(
        model,
        draws=draws,
        chains=chains,
        tune=tune,
        rng=rng,
        target_accept=target_accept,
        key=(model, *model.named_vars),  # sampled again, it is compiled only if it has grown
    )
    posterior = trace["posterior"].to_dataset()
    seen, odds = float(table.n_observed), posterior[log_odds].to_numpy()
    if np.isnan(odds).any():
        raise NotEstimable(
            f"{log_odds!r} is not a number in {np.isnan(odds).mean():.0%} of the draws.",
            "look at how it is computed: the log of a negative number is none.",
        )
    weighed = weigh(prior, seen, odds, rng)
    odds, under = np.take_along_axis(odds, weighed.index, axis=1), unseen_under(prior, seen)
    groups = {
        "posterior": posterior.drop_vars(_OURS, errors="ignore"),
        "sample_stats": trace["sample_stats"].to_dataset(),
        **_predictive(model, table, trace, rng),
        **alone(prior, seen, posterior[log_odds].to_numpy(), rng),
    }
    kept = {
        name: weighed.take(data) if "draw" in data.dims else data for name, data in groups.items()
    }
    return Fit(
        kind="posterior",
        seen=table.n_observed,
        unseen=draw_unseen(seen, odds, rng) if under is None else under.draw(odds, rng),
        label=f"{model.name or 'a PyMC model'} of {_free_in_words(model)}, sampled by NUTS",
        cautions=weighed.cautions,
        groups=kept,
    )


def weigh(prior: Prior, seen: float, log_odds: np.ndarray, rng: np.random.Generator) -> Reweighted:
    """Put a prior on the population into draws of the odds made under p(N) ∝ 1/N.

    The weight of a draw is summed over the numbers it allows, so that the noise of the number
    unseen is left out; that number is then drawn under the prior (`unseen_under`).

    Parameters
    ----------
    prior : Prior
    seen : float
        People on at least one list.
    log_odds : ndarray of float, shape (chains, draws)
        log(π0 / (1 − π0)).

    Raises
    ------
    NotEstimable
        If the draws are worth too few under the prior.
    """
    under = unseen_under(prior, seen)
    if under is None:
        return _as_they_are(*log_odds.shape)
    with np.errstate(over="ignore"):
        expected = seen * (1.0 + np.exp(log_odds))
    return _by_weight(prior, under.log_weight(log_odds), expected, rng)


def alone(
    prior: Prior, seen: float, log_odds: np.ndarray, rng: np.random.Generator
) -> dict[str, xr.Dataset]:
    """What the lists say without a prior on the population, as the group that keeps it.

    Empty under 1/N, where the draws themselves say it.
    """
    if isinstance(prior, OneOverN):
        return {}
    population = seen + draw_unseen(seen, log_odds.ravel(), rng)
    return {ALONE: xr.Dataset({"population": ("alone", population)})}


def reweight(prior: Prior, population: np.ndarray, rng: np.random.Generator) -> Reweighted:
    """Put a prior on the population into draws of it made under p(N) ∝ 1/N, chain by chain.

    Parameters
    ----------
    prior : Prior
    population : ndarray of float, shape (chains, draws)

    Raises
    ------
    NotEstimable
        If the draws are worth too few under the prior.
    """
    if isinstance(prior, OneOverN):
        return _as_they_are(*population.shape)
    return _by_weight(prior, prior.log_tilt(population), population, rng)


def _as_they_are(chains: int, draws: int) -> Reweighted:
    return Reweighted(np.tile(np.arange(draws), (chains, 1)), ())


def _by_weight(
    prior: Prior, log_weight: np.ndarray, population: np.ndarray, rng: np.random.Generator
) -> Reweighted:
    """Resample each chain in its order, and say what the draws are worth."""
    effective = sum(effective_size(each) for each in log_weight)
    if effective < FEWEST or not np.isfinite(log_weight.max(axis=1)).all():
        raise NotEstimable(
            f"under dk.prior.{prior!r} the {log_weight.size:,} draws of the chains are worth only "
            f"{effective:,.0f}: without it they run from {population.min():,.0f} to "
            f"{population.max():,.0f} people.",
            "look at the estimate under dk.prior.OneOverN(): the prior and the lists all but "
            "exclude each other.",
        )
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    index = np.array([systematic(each, len(each), rng) for each in weight])
    found = []
    if effective < EFFECTIVE:
        found = [caution("few_effective", effective=f"{effective:,.0f}", pool=f"{weight.size:,}")]
    return Reweighted(index, tuple(found))


def _check(model: "pm.Model", table: "CaptureTable", log_odds: str) -> None:
    """Refuse a model that lacks the log odds, or was given other people."""
    if not hasattr(model, "free_RVs"):
        raise SettingsError(
            f"model is {model!r}; expected a PyMC model.", "dk.sample(pm_model, table, rng=...)"
        )
    known = [each.name for each in (*model.deterministics, *model.free_RVs)]
    if log_odds not in known:
        raise SettingsError(
            f"the model has no variable {log_odds!r}; it has {', '.join(known)}.",
            did_you_mean(log_odds, known)
            or f'pm.Deterministic("{log_odds}", ...), the log of P(missed) / P(seen).',
        )
    if model[log_odds].type.ndim:
        raise SettingsError(
            f"{log_odds!r} has {model[log_odds].type.ndim} dimensions; expected a single number.",
            "add up strata: the log of all expected to be missed over all expected to be seen.",
        )
    if COUNTS in [each.name for each in model.observed_RVs]:
        people = int(_observed(model).sum())
        if people != table.n_observed:
            raise SettingsError(
                f"the model's {COUNTS} add up to {people:,}, and the table has "
                f"{table.n_observed:,} people.",
                "build the model from this table.",
            )


def _observed(model: "pm.Model") -> np.ndarray:
    return np.asarray(model.rvs_to_values[model[COUNTS]].eval())


def _predictive(
    model: "pm.Model", table: "CaptureTable", trace: xr.DataTree, rng: np.random.Generator
) -> dict[str, xr.Dataset]:
    """Observed counts, predictive draws and log-likelihood, if the model has `counts`."""
    import pymc as pm

    if COUNTS not in [each.name for each in model.observed_RVs]:
        return {}
    seed = int(rng.integers(1 << 32))
    with _quiet(), strictly_compiled(), _without_initial_values(model):
        drawn = pm.sample_posterior_predictive(
            trace, model=model, var_names=[COUNTS], random_seed=seed, progressbar=False
        )
        likelihood = pm.compute_log_likelihood(
            trace, model=model, var_names=[COUNTS], extend_inferencedata=False, progressbar=False
        )
    groups = {
        "observed_data": drawn["observed_data"].to_dataset()[[COUNTS]],
        "posterior_predictive": drawn["posterior_predictive"].to_dataset()[[COUNTS]],
        "log_likelihood": likelihood
        if isinstance(likelihood, xr.Dataset)
        else likelihood["log_likelihood"].to_dataset(),
    }
    return _by_history(model, table, groups)


def _by_history(
    model: "pm.Model", table: "CaptureTable", groups: dict[str, xr.Dataset]
) -> dict[str, xr.Dataset]:
    """Name the histories, if the counts are those of the table in the order of its histories."""
    cells = np.flatnonzero(table.possible())
    cells = cells[cells > 0]
    observed = _observed(model)
    for data in groups.values():
        data.attrs = {}
    if observed.ndim != 1 or not np.array_equal(observed, table.counts()[cells]):
        return groups
    (dim,) = groups["observed_data"][COUNTS].dims
    names = [name_of_history(int(code), table.lists) for code in cells]
    named = {
        name: data.drop_vars(str(dim), errors="ignore")
        .rename_dims({} if dim == "history" else {dim: "history"})
        .assign_coords(history=names)
        if dim in data.dims
        else data  # one log-likelihood of all counts together, of a multinomial
        for name, data in groups.items()
    }
    code = xr.Dataset({"history_code": ("history", cells)}, coords={"history": names})
    return {**named, "constant_data": code}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyMC from writing what it samples."""
    logger = logging.getLogger("pymc")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _without_initial_values(model: "pm.Model") -> Iterator[None]:
    """Hide initial values for a while: PyMC copies no model that has any."""
    held = dict(model.rvs_to_initial_values)
    model.rvs_to_initial_values.update(dict.fromkeys(held))
    try:
        yield
    finally:
        model.rvs_to_initial_values.update(held)


def _free_in_words(model: "pm.Model") -> str:
    names = [variable.name for variable in model.free_RVs]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
