"""Priors on the effects as PyMC variables: called inside a model with the dim `term`."""

from typing import TYPE_CHECKING, Any

import numpy as np

from darkfigure.models.bayesian_log_linear.effects import effects_prior, normal_deviations
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.models.bayesian_log_linear.shrinkage import Terms, beta_parameters
from darkfigure.prior.interactions import (
    R2D2,
    HyperG,
    InteractionPrior,
    Normal,
    RegularizedHorseshoe,
    UnitInformation,
)

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable


def effects_variable(
    settings: InteractionPrior, layout: Layout, terms: Terms, people: "TensorVariable"
) -> "TensorVariable":
    """The variable `effects` (dim term) under a prior.

    Quadratic priors are written centred: the people seen tell the effects apart far better than
    the prior does, and what correlation is left the sampler learns. Shrinking priors are not
    centred: an interaction that the data hardly inform on follows its scale into the neck of
    the funnel.

    Parameters
    ----------
    settings : InteractionPrior
    layout : Layout
    terms : Terms
    people : tensor of int
        Observed counts.
    """
    if isinstance(settings, Normal):
        return _normal(settings, layout, terms)
    if isinstance(settings, HyperG):
        return _hyper_g(settings, layout, terms)
    if isinstance(settings, RegularizedHorseshoe):
        return _horseshoe(settings, terms, people)
    if isinstance(settings, R2D2):
        return _r2d2(settings, terms)
    assert isinstance(settings, UnitInformation)
    return _multivariate(settings.scale * _root(layout, terms), terms)


def _normal(settings: Normal, layout: Layout, terms: Terms) -> Any:
    import pymc as pm

    deviation = normal_deviations(settings, layout.factors)[terms.terms]
    return pm.Normal("effects", 0.0, deviation, dims="term")


def _hyper_g(settings: HyperG, layout: Layout, terms: Terms) -> Any:
    """The inverse gamma distribution of s², as the density of log s² over the scales averaged."""
    import pymc as pm
    import pytensor.tensor as pt

    scales = np.log(effects_prior(settings, layout.factors).scales)
    half = (scales[1] - scales[0]) / 2.0
    log_variance = pm.Uniform("log_variance", scales[0] - half, scales[-1] + half)
    pm.Potential(
        "inverse_gamma", -settings.shape * log_variance - settings.rate * pt.exp(-log_variance)
    )
    return _multivariate(pt.exp(log_variance / 2.0) * _root(layout, terms), terms)


def _horseshoe(settings: RegularizedHorseshoe, terms: Terms, people: "TensorVariable") -> Any:
    import pymc as pm
    import pytensor.tensor as pt

    main = pm.Normal("main_effects", 0.0, settings.main, dims="main_effect")
    if not len(terms.interactions):
        return pm.Deterministic("effects", main, dims="term")
    ratio = settings.expected / (1.0 - settings.expected)
    overall = pm.HalfCauchy("global_scale", ratio / pt.sqrt(people.sum()))
    local = pm.HalfCauchy("local_scale", 1.0, dims="interaction")
    standardised = pm.Normal("standardised", 0.0, 1.0, dims="interaction")
    wide = overall * local / terms.deviation[terms.interactions]
    spread = settings.slab / pt.sqrt(1.0 + (settings.slab / wide) ** 2)
    return _in_order(main, [(terms.interactions, spread * standardised)], terms)


def _r2d2(settings: R2D2, terms: Terms) -> Any:
    import pymc as pm
    import pytensor.tensor as pt

    main = pm.Normal("main_effects", 0.0, settings.main, dims="main_effect")
    parts = []
    for order in terms.orders:
        chosen, dim = terms.of_order(order), f"interaction_{order}"
        explained = pm.Beta(f"r2_{order}", *beta_parameters(settings, order))
        # a single interaction has all that its order explains: no simplex of one
        share = (
            pm.Dirichlet(f"share_{order}", np.full(len(chosen), settings.concentration), dims=dim)
            if len(chosen) > 1
            else 1.0
        )
        standardised = pm.Normal(f"standardised_{order}", 0.0, 1.0, dims=dim)
        spread = pt.sqrt(explained / (1.0 - explained) * share) / terms.deviation[chosen]
        parts.append((chosen, spread * standardised))
    return _in_order(main, parts, terms)


def _multivariate(root: Any, terms: Terms) -> Any:
    import pymc as pm

    return pm.MvNormal("effects", np.zeros(len(terms.terms)), chol=root, dims="term")


def _root(layout: Layout, terms: Terms) -> np.ndarray:
    """Lower Cholesky factor of the unit-information prior's covariance."""
    precision = layout.factors.cell_variance()[np.ix_(terms.terms, terms.terms)]
    return np.linalg.cholesky(np.linalg.inv(precision))


def _in_order(main: Any, parts: list[tuple[np.ndarray, Any]], terms: Terms) -> Any:
    """Effects in the order of the terms, from main effects and parts with their positions."""
    import pymc as pm
    import pytensor.tensor as pt

    positions = np.concatenate([terms.main, *(chosen for chosen, _ in parts)])
    together = pt.concatenate([main, *(part for _, part in parts)])
    return pm.Deterministic("effects", together[np.argsort(positions)], dims="term")
