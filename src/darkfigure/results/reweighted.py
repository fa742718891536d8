"""The same estimate under another prior on the population, by weights, without a new fit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from darkfigure.calls import write_call, write_python
from darkfigure.cautions import Caution, caution
from darkfigure.contract import replace_setting
from darkfigure.errors import NotEstimable
from darkfigure.numerics.bca import stratified_levels
from darkfigure.numerics.convergence import EFFECTIVE
from darkfigure.numerics.resampling import effective_size, systematic
from darkfigure.prior.population import Prior, check_prior, smallest_population
from darkfigure.results.draw_cautions import CONVERGENCE, KINDS, SAMPLER, cautions_of_draws
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

RANGE = 0.95
_TENSION = 0.2  # two-sided chance that the smaller of the two opinions is the larger
_OF_THE_OLD_DRAWS = (SAMPLER, CONVERGENCE, "importance", "density")
_CONTRADICTION = 0.02
_FEWEST = 50.0  # effective draws below which no estimate is made
_STALE = ({*KINDS} - {"not_mixed"}) | {"prior_tension", "few_effective", "grid_truncated"}


def with_prior(est: "Estimate", prior: Prior) -> "Estimate":
    """Reweigh an estimate from its own prior on the population to another.

    Where the exact posterior is known its mass function is reweighed, else the draws are.
    """
    check_prior(prior)
    old = getattr(est.model, "prior", None)
    if est.kind != "posterior" or not isinstance(old, Prior):
        raise NotEstimable(
            f"{type(est.model).__name__} has no prior on the population to exchange.",
            "use a Bayesian model: dk.BayesianLogLinear(), dk.DecomposableGraphs().",
        )
    if "stratum" in est.population.dims and "posterior_predictive" not in est.draws.children:
        raise NotEstimable(
            "the strata were estimated apart, each under a prior of its own.",
            "pool them (strata='pooled'), or model them jointly with dk.BayesianLogLinear().",
        )
    tail = _tail_exponent(est, old, prior)
    model = replace_setting(est.model, prior=prior)
    if "density" in est.draws.children and "stratum" not in est.population.dims:
        tree, effective = _from_density(est, old, prior), float(len(est.totals))
    else:
        tree, effective = _from_draws(est, old, prior)
    if effective < _FEWEST:
        raise _too_few(est, prior, effective)
    changed = replace(
        est,
        draws=tree,
        model=model,
        call=f"{est.call}.with_prior({write_python(prior)})",
        models=None,
        tail_exponent=tail,
        cautions=(),
    )
    found = cautions_of_draws(changed)
    if effective < EFFECTIVE:
        pool = f"{len(est.totals):,}"
        found.append(caution("few_effective", effective=f"{effective:,.0f}", pool=pool))
    reference = est.totals, _weights(-old.log_tilt(est.totals))
    found += tension(prior, *reference)
    kept = [c for c in est.cautions if c.kind not in _STALE and _still_true(c, est, changed)]
    return replace(changed, cautions=(*kept, *found))


def tension(prior: Prior, totals: np.ndarray, weights: np.ndarray) -> list[Caution]:
    """Whether the prior and the lists alone, as two opinions on the number, are far apart.

    They are where a number drawn from one is nearly always larger than one drawn from the other
    (a prior that is only sharper than the lists is no conflict).

    Parameters
    ----------
    totals, weights : ndarray of float, shape (draws,)
        Of the population under 1/N.
    """
    given = prior.range(RANGE)
    if given is None:
        return []
    order = np.argsort(totals)
    below = np.cumsum(weights[order]) / weights.sum()
    beyond = np.mean([np.interp(each, totals[order], below) for each in _quantiles(prior)])
    chance = 2.0 * min(beyond, 1.0 - beyond)
    if chance >= _TENSION:
        return []
    low, middle, high = (totals[order][np.searchsorted(below, p)] for p in (0.025, 0.5, 0.975))
    larger = beyond < 0.5
    return [
        caution(
            "prior_tension",
            how="contradict each other" if chance < _CONTRADICTION else "pull apart",
            prior=write_call(prior).removeprefix("prior."),
            prob=RANGE,
            low=rounded(given[0]),
            high=rounded(given[1]),
            median=rounded(middle),
            limits=f"{rounded(low)} to {rounded(high)}",
            share=max(beyond, 1.0 - beyond),
            which="larger" if larger else "smaller",
        )
    ]


def _quantiles(prior: Prior) -> list[float]:
    """Numbers at even steps of probability of a proper prior."""
    pairs = [prior.range(prob) for prob in np.arange(0.02, 1.0, 0.02)]
    return [each for pair in pairs if pair is not None for each in pair]


def _tail_exponent(est: "Estimate", old: Prior, new: Prior) -> float:
    if np.isinf(old.tail_exponent) and np.isfinite(new.tail_exponent):
        raise NotEstimable(
            f"draws under {write_call(old)} do not reach as far as {write_call(new)} does: they "
            "cannot be reweighed to it.",
            f"dk.estimate(..., dk.{type(est.model).__name__}(prior={write_python(new)})).",
        )
    if np.isinf(new.tail_exponent):
        return np.inf
    tail = est.tail_exponent - old.tail_exponent + new.tail_exponent
    if tail <= 1:
        raise NotEstimable(
            f"under {write_call(new)} the posterior is improper.",
            "use a prior with a lighter tail, such as dk.prior.OneOverN().",
        )
    return tail


def _log_weights(totals: np.ndarray, old: Prior, new: Prior) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        change = new.log_mass(totals) - old.log_mass(totals)
    return np.where(np.isfinite(change), change, -np.inf)


def _weights(log_weight: np.ndarray) -> np.ndarray:
    return np.exp(log_weight - log_weight.max())


def _from_draws(est: "Estimate", old: Prior, new: Prior) -> tuple[xr.DataTree, float]:
    """Every group of draws, resampled by weight."""
    log_weight = _log_weights(est.totals, old, new)
    if not np.isfinite(log_weight).any():
        raise _out_of_reach(est, new)
    rng = np.random.default_rng(est.seed)
    kept = rng.permutation(systematic(_weights(log_weight), len(log_weight), rng))
    tree: Mapping[str, xr.Dataset] = {
        name: _taken(group.to_dataset(), kept)
        for name, group in est.draws.children.items()
        if name
        not in (
            SAMPLER,
            CONVERGENCE,
            "importance",
            "density",
        )  # resampled draws are no chains any more
    }
    return xr.DataTree.from_dict(tree), effective_size(log_weight)


def _taken(data: xr.Dataset, kept: np.ndarray) -> xr.Dataset:
    """Draws in the order given, laid out in the same chains."""
    if not {"chain", "draw"} <= set(data.dims):
        return data
    shape = data.sizes["chain"], data.sizes["draw"]
    chain, draw = np.unravel_index(kept, shape)
    index = {
        "chain": xr.DataArray(chain.reshape(shape), dims=("chain", "draw")),
        "draw": xr.DataArray(draw.reshape(shape), dims=("chain", "draw")),
    }
    coords = {"chain": data["chain"].to_numpy(), "draw": data["draw"].to_numpy()}
    bare = data.drop_vars(["chain", "draw"])
    return bare.isel(index).assign_coords(coords)


def _from_density(est: "Estimate", old: Prior, new: Prior) -> xr.DataTree:
    """The exact mass function, reweighed, and fresh stratified draws from it."""
    density = est.draws["density"].to_dataset()
    unseen, mass = density["unseen"].to_numpy(), density["mass"].to_numpy()
    log_weight = _log_weights(est.table.n_observed + unseen, old, new)
    with np.errstate(divide="ignore"):
        log_mass = np.where(mass > 0, np.log(np.maximum(mass, 1e-300)), -np.inf) + log_weight
    if not np.isfinite(log_mass).any():
        raise _out_of_reach(est, new)
    mass = _weights(log_mass)
    edges = np.append(np.append(-0.5, (unseen[:-1] + unseen[1:]) / 2), unseen[-1])
    cumulative = np.append(0.0, np.cumsum(mass * np.diff(edges)))
    mass, cumulative = mass / cumulative[-1], cumulative / cumulative[-1]
    rng = np.random.default_rng(est.seed)
    levels = stratified_levels(len(est.totals), rng)
    lowest = max(np.ceil(smallest_population(new) - est.table.n_observed), 0.0)
    drawn = np.maximum(np.rint(np.interp(levels, cumulative, edges)), lowest)
    draws = est.draws[est.kind].to_dataset()
    dims, shape = est.unseen.dims, est.unseen.shape
    drawn = drawn.reshape(shape)
    tree = {
        est.kind: draws[[]].assign(
            population=(dims, drawn + est.table.n_observed), unseen=(dims, drawn)
        ),
        "constant_data": est.draws["constant_data"].to_dataset(),
        "density": xr.Dataset({"unseen": ("point", unseen), "mass": ("point", mass)}),
    }
    return xr.DataTree.from_dict(tree)


def _still_true(each: Caution, est: "Estimate", changed: "Estimate") -> bool:
    """Models outside the old interval are outside a new one that lies within it."""
    if each.kind != "models_disagree":
        return True
    (low, high), (low_now, high_now) = est.interval(), changed.interval()
    return low_now >= low and high_now <= high


def _too_few(est: "Estimate", new: Prior, effective: float) -> NotEstimable:
    low, high = est.interval(RANGE)
    return NotEstimable(
        f"the {len(est.totals):,} draws, 95% of them between {rounded(low)} and {rounded(high)}, "
        f"are worth only {effective:,.0f} under {write_call(new)}: the prior and the lists pull "
        "too far apart for weights.",
        f"estimate again: dk.estimate(..., dk.{type(est.model).__name__}"
        f"(prior={write_python(new)})), and look at what it says of the two.",
    )


def _out_of_reach(est: "Estimate", new: Prior) -> NotEstimable:
    return NotEstimable(
        f"none of the draws has any probability under {write_call(new)}.",
        f"dk.estimate(..., dk.{type(est.model).__name__}(prior={write_python(new)})).",
    )
