"""The latent-class model written with PyMC."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.names import name_of_history
from darkfigure.data.table import CaptureTable

if TYPE_CHECKING:
    import pymc as pm


def latent_class_model(
    table: CaptureTable,
    classes: int,
    concentration: tuple[float, float],
    capture: tuple[float, float],
) -> "pm.Model":
    """Latent classes of a table: sticks, chances and Poisson counts, classes summed out."""
    import pymc as pm
    import pytensor.tensor as pt
    from pymc.math import logsumexp

    k, counts = table.n_lists, table.counts()
    codes = np.arange(1, 1 << k)
    on = ((codes[:, None] >> np.arange(k)) & 1).astype(float)
    coords = {
        "class": np.arange(1, classes + 1),
        "stick": np.arange(1, classes),
        "list": list(table.lists),
        "history": [name_of_history(int(code), table.lists) for code in codes],
    }
    with pm.Model(coords=coords) as model:
        chance = pm.Beta("capture", *capture, dims=("class", "list"))
        log_weight = pt.zeros(1)
        if classes > 1:
            shape, rate = concentration
            alpha = pm.Gamma("concentration", alpha=shape, beta=rate)
            sticks = pm.Beta("sticks", 1.0, alpha, dims="stick")
            rest = pt.concatenate([pt.zeros(1), pt.cumsum(pt.log1p(-sticks))])
            log_weight = rest + pt.concatenate([pt.log(sticks), pt.zeros(1)])
        log_on, log_off = pt.log(chance), pt.log1p(-chance)
        log_missed = log_off.sum(axis=1)
        log_cell = logsumexp(
            log_weight + pt.dot(on, log_on.T) + pt.dot(1.0 - on, log_off.T), axis=1
        )
        log_seen = logsumexp(log_weight + pt.log(-pt.expm1(log_missed)))
        pm.Deterministic("log_odds_unseen", logsumexp(log_weight + log_missed) - log_seen)
        # flat on the log scale: the Poisson form then has the multinomial's posterior
        log_expected = pm.Flat("log_expected_seen")
        pm.Poisson(
            "counts",
            pt.exp(log_expected + log_cell - log_seen),
            observed=counts[codes],
            dims="history",
        )
    return model
