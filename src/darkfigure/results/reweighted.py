"""The same estimate under another prior on the population, by weights, without a new fit."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from darkfigure.calls import write_call, write_python
from darkfigure.cautions import Caution, caution
from darkfigure.contract import replace_setting
from darkfigure.convergence import agreement
from darkfigure.errors import NotEstimable
from darkfigure.numerics.bca import stratified_levels
from darkfigure.numerics.convergence import EFFECTIVE, FEWEST
from darkfigure.numerics.resampling import effective_size, systematic
from darkfigure.prior.population import (
    OneOverN,
    Prior,
    check_prior,
    fewest_unseen,
    smallest_population,
)
from darkfigure.prior_sensitivity import GROUP as SENSITIVITY
from darkfigure.prior_sensitivity import OtherSettings
from darkfigure.results.assembly import estimated_apart
from darkfigure.results.draw_cautions import CONVERGENCE, KINDS, SAMPLER, cautions_of_draws
from darkfigure.results.other_models import NEAR, models_outside
from darkfigure.results.prior_tension import tension
from darkfigure.results.storage import as_tree, of_tree
from darkfigure.results.wording import rounded
from darkfigure.sampling import ALONE

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

ORIGINAL = "original"
"""The group in which a reweighed estimate keeps the one it was made of, whole."""

_HEAVY = 0.5  # a Pareto shape above which weights have no variance
_NEARLY_IMPROPER = 0.02  # an exponent this close to 1 leaves limits beyond any number
_OF_THE_OLD_DRAWS = (SAMPLER, CONVERGENCE, "importance", "density", ALONE)
_LOG_ODDS = "log_odds_unseen"
_STALE = {
    *KINDS,
    "prior_tension",
    "prior_excludes",
    "prior_edge",
    "prior_sensitivity",
    "models_disagree",
    "few_effective",
    "few_reweighted",
    "heavy_weights",
    "grid_truncated",
}


def with_prior(est: "Estimate", prior: Prior) -> "Estimate":
    """Reweigh an estimate from its own prior on the population to another.

    Where the exact posterior is known its mass function is reweighed, else the draws are: those
    of the first fit, however often the prior has been exchanged since.
    """
    check_prior(prior)
    if est.kind == "calibrated":
        raise NotEstimable(
            "this estimate is calibrated: the errors it was corrected by are those of its model "
            "under its own prior.",
            "put the prior into the estimate before, and calibrate that one.",
        )
    est = of_tree(est.draws.children[ORIGINAL]) if ORIGINAL in est.draws.children else est
    old = _prior_of(est)
    tail = _tail_exponent(est, old, prior)
    if "density" in est.draws.children:
        tree, effective = _from_density(est, old, prior), float(len(est.totals))
        shape = -np.inf
    else:
        log_weight = _log_weights(est.totals, old, prior)
        tree, effective = _from_draws(est, log_weight, prior)
        shape = _tail_shape(log_weight)
    if not effective >= FEWEST:
        raise _too_few(est, prior, effective)
    kept = {name: group.to_dataset() for name, group in tree.children.items()}
    kept |= {
        name: est.draws[name].to_dataset()
        for name in (NEAR, SENSITIVITY)
        if name in est.draws.children
    }
    if "density" not in kept:
        worth = {"effective_size": effective, "pool": float(len(est.totals))}
        kept["importance"] = xr.Dataset({k: ("importance", [v]) for k, v in worth.items()})
    tree = xr.DataTree.from_dict(kept)
    tree[ORIGINAL] = as_tree(est)
    changed = replace(
        est,
        draws=tree,
        model=replace_setting(est.model, prior=prior),
        call=f"{est.call}.with_prior({write_python(prior)})",
        models=None,
        tail_exponent=tail,
        cautions=(),
    )
    found = cautions_of_draws(changed)
    if shape > _HEAVY:
        found.append(caution("heavy_weights", shape=f"{shape:.2f}"))
    if effective < EFFECTIVE:
        pool = f"{len(est.totals):,}"
        found.append(caution("few_reweighted", effective=f"{effective:,.0f}", pool=pool))
    found += _of_other_settings(changed, old, prior)
    found += tension(prior, *lists_alone(est))
    found += models_outside(changed)
    still = [each for each in est.cautions if each.kind not in _STALE]
    return replace(changed, cautions=(*still, *found))


def lists_alone(est: "Estimate") -> tuple[np.ndarray, np.ndarray]:
    """Draws of the total as under 1/N, and their weights: what the lists say without the prior.

    Where a model left such draws they are taken, else its own prior is taken out of its draws.
    """
    if ALONE in est.draws.children:
        totals = est.draws[ALONE].to_dataset()["population"].to_numpy()
        return totals, np.ones(len(totals))
    prior = _prior_of(est, settled=False)
    return est.totals, _weights(_log_weights(est.totals, prior, OneOverN()))


def _prior_of(est: "Estimate", *, settled: bool = True) -> Prior:
    """The prior on the population that an estimate was made under, or a refusal."""
    prior = getattr(est.model, "prior", None)
    if est.kind != "posterior" or not isinstance(prior, Prior):
        raise NotEstimable(
            f"{type(est.model).__name__} has no prior on the population to exchange.",
            "use a Bayesian model: dk.BayesianLogLinear(), dk.DecomposableGraphs().",
        )
    if estimated_apart(est):
        raise NotEstimable(
            "the strata were estimated apart, each under a prior of its own.",
            "pool them (strata='pooled'), or model them jointly with dk.BayesianLogLinear().",
        )
    if settled and not est.settled:
        raise NotEstimable(
            "the chains of this estimate do not agree: weighing their draws would give a single "
            "number that they do not.",
            "run longer, or put the prior into a model that is averaged exactly, such as "
            "dk.BayesianLogLinear(prior=...).",
        )
    return prior


def _tail_exponent(est: "Estimate", old: Prior, new: Prior) -> float:
    least = smallest_population(old)
    if least > max(est.table.n_observed, smallest_population(new)):
        raise _does_not_reach(est, old, new)
    if np.isinf(old.tail_exponent) and np.isfinite(new.tail_exponent):
        raise _does_not_reach(est, old, new)
    if np.isinf(new.tail_exponent):
        return np.inf
    tail = est.tail_exponent - old.tail_exponent + new.tail_exponent
    # with as light a tail as that it was made under it is as proper
    if new.tail_exponent < old.tail_exponent and tail <= 1 + _NEARLY_IMPROPER:
        raise NotEstimable(
            f"under {write_call(new)} the posterior is improper.",
            "use a prior with a lighter tail, such as dk.prior.OneOverN().",
        )
    return tail


def _of_other_settings(changed: "Estimate", old: Prior, new: Prior) -> tuple[Caution, ...]:
    """What other settings of the model's prior give, reweighed likewise."""
    if SENSITIVITY not in changed.draws.children:
        return ()

    def median(totals: np.ndarray) -> float | None:
        log_weight = _log_weights(totals, old, new)
        if not effective_size(log_weight) >= FEWEST:
            return None
        order = np.argsort(totals)
        below = np.cumsum(_weights(log_weight)[order])
        return float(totals[order][np.searchsorted(below, 0.5 * below[-1])])

    others = OtherSettings.of_group(changed.draws[SENSITIVITY].to_dataset())
    return others.cautions(changed.median, median)


def _log_weights(totals: np.ndarray, old: Prior, new: Prior) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        change = new.log_mass(totals) - old.log_mass(totals)
    return np.where(np.isfinite(change), change, -np.inf)


def _weights(log_weight: np.ndarray) -> np.ndarray:
    return np.exp(log_weight - log_weight.max())


def _tail_shape(log_weight: np.ndarray) -> float:
    """Pareto shape of the largest weights (Vehtari et al. 2024, J. Mach. Learn. Res. 25(72))."""
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    finite = log_weight[np.isfinite(log_weight)]
    if len(np.unique(finite)) < FEWEST:
        return -np.inf  # a few different weights have no tail
    try:
        return float(array_stats.psislw(-finite)[1])
    except ValueError:  # the largest are all the same
        return -np.inf


def _from_draws(est: "Estimate", log_weight: np.ndarray, new: Prior) -> tuple[xr.DataTree, float]:
    """Every group of draws, resampled by weight, and how many draws they are worth."""
    if not np.isfinite(log_weight).any():
        raise _out_of_reach(est, new)
    rng = np.random.default_rng(est.seed)
    kept = rng.permutation(systematic(_weights(log_weight), len(log_weight), rng))
    tree = xr.DataTree.from_dict(
        {
            name: _taken(group.to_dataset(), kept)
            for name, group in est.draws.children.items()
            if name not in _OF_THE_OLD_DRAWS  # resampled draws are no chains any more
        }
    )
    return tree, _worth(est, log_weight)


def _worth(est: "Estimate", log_weight: np.ndarray) -> float:
    """How many independent draws weighted ones are worth.

    Draws that stand there twice, as a weighted pool leaves them, are one; those of a sampler are
    as many fewer as they depend on one another.
    """
    posterior = est.draws[est.kind].to_dataset()
    share = 1.0
    if SAMPLER in est.draws.children:
        chains = est.totals.reshape(posterior.sizes["chain"], -1)
        share = min(agreement(chains).bulk / est.totals.size, 1.0)
    elif _LOG_ODDS in posterior:
        same = np.unique(posterior[_LOG_ODDS].to_numpy().ravel(), return_inverse=True)[1]
        together = np.bincount(same, weights=_weights(log_weight))
        with np.errstate(divide="ignore"):
            log_weight = np.log(together)
    return share * effective_size(log_weight)


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
    lowest = fewest_unseen(new, est.table.n_observed)
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


def _too_few(est: "Estimate", new: Prior, effective: float) -> NotEstimable:
    low, high = est.interval()
    return NotEstimable(
        f"the {len(est.totals):,} draws, 95% of them between {rounded(low)} and {rounded(high)}, "
        f"are worth only {effective:,.0f} under {write_call(new)}: the prior and the lists pull "
        "too far apart for weights.",
        f"estimate again: dk.estimate(..., dk.{type(est.model).__name__}"
        f"(prior={write_python(new)})), and look at what it says of the two.",
    )


def _does_not_reach(est: "Estimate", old: Prior, new: Prior) -> NotEstimable:
    return NotEstimable(
        f"draws under {write_call(old)} do not reach as far as {write_call(new)} does: they "
        "cannot be reweighed to it.",
        f"dk.estimate(..., dk.{type(est.model).__name__}(prior={write_python(new)})).",
    )


def _out_of_reach(est: "Estimate", new: Prior) -> NotEstimable:
    return NotEstimable(
        f"none of the draws has any probability under {write_call(new)}.",
        f"dk.estimate(..., dk.{type(est.model).__name__}(prior={write_python(new)})).",
    )
