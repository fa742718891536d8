"""Draws of effects and of the unseen as a Fit, with what ArviZ and later verbs read."""

import numpy as np
import pandas as pd
import xarray as xr

from darkfigure.contract import Fit
from darkfigure.models.bayesian_log_linear.averaging import Answer, Averaged, Candidates
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import EffectsPrior, linear_predictor, log_seen
from darkfigure.predictive import groups_of_cells

_TABLED = 1000  # models listed in est.models


def as_fit(layout: Layout, answer: Answer, *, chains: int, rng: np.random.Generator) -> Fit:
    """Lay draws out in chains, with effects, predictive draws and log-likelihood.

    Parameters
    ----------
    answer : Answer
        Draws chain after chain.
    chains : int
    """
    observed = layout.observed
    cells = np.flatnonzero(observed.cells)
    predictor = linear_predictor(answer.effects)[:, cells]
    chances = np.exp(predictor - log_seen(predictor, np.ones(len(cells), dtype=bool))[:, None])
    joint = layout.strata is not None
    unseen = answer.unseen if joint else answer.unseen[:, 0]
    return Fit(
        kind="posterior",
        seen=answer.seen.astype(np.int64) if joint else int(answer.seen[0]),
        unseen=unseen.reshape(chains, -1, *unseen.shape[1:]),
        label="BayesianLogLinear",
        strata=layout.strata,
        groups={
            "posterior": parameters(layout, answer, chains),
            **groups_of_cells(
                observed.counts[cells].astype(np.int64),
                cells & ((1 << layout.factors.lists) - 1),
                layout.cell_names(cells),
                chances.reshape(chains, -1, len(cells)),
                rng,
            ),
        },
    )


def parameters(layout: Layout, answer: Answer, chains: int) -> xr.Dataset:
    """Effects by term (0 where the draw's model lacks it), and the log odds of being missed."""
    used = np.flatnonzero((answer.effects != 0).any(axis=0))
    used = used[used > 0]  # the constant is drawn where cells are seen in sums, and told by none
    effects = answer.effects[:, used].reshape(chains, -1, len(used))
    log_odds = np.logaddexp.reduce(answer.log_odds, axis=1).reshape(chains, -1)
    return xr.Dataset(
        {
            "effects": (("chain", "draw", "term"), effects),
            "log_odds_unseen": (("chain", "draw"), log_odds),
        },
        coords={
            "chain": np.arange(chains),
            "draw": np.arange(log_odds.shape[1]),
            "term": layout.term_names(used),
        },
    )


def model_table(
    layout: Layout, candidates: Candidates, effects: EffectsPrior, found: Averaged
) -> pd.DataFrame:
    """The most probable models: label, population (at the mode), weight, evidence, parameters.

    The evidence has the scale of the prior integrated out; the mode is at its likeliest scale.
    """
    fits = candidates.fits
    top = np.argsort(-found.weight, kind="stable")[:_TABLED]
    best = np.argmax(fits.evidence[top], axis=1)
    seen = float(np.median(found.answer.seen.sum(axis=-1)))
    with np.errstate(over="ignore"):
        population = seen * (1.0 + np.exp(fits.log_odds[top, best]))
    return pd.DataFrame(
        {
            "label": layout.labels(candidates.variables[top]),
            "population": population,
            "weight": found.weight[top],
            "log_evidence": fits.log_evidence(effects)[top],
            "parameters": fits.models[top].sum(axis=1),
        }
    )
