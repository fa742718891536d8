"""Weights of models by how well they foretold populations of known size."""

import numpy as np

WIDTH = 0.25
"""Scale of the kernel on log(unseen + 1/2): being wrong by a quarter is no ground to prefer."""

PSEUDO = 4.0
"""Tasks' worth of equal weights that are added."""

REFERENCE = 0.25
"""How much a task of another table counts beside one of the table at hand."""

_STEPS = 500


def densities(truth: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Density of what was true under a model's draws, smoothed by a kernel with heavy tails.

    Parameters
    ----------
    truth : ndarray of float, shape (tasks,)
        log(true unseen + 1/2).
    quantiles : ndarray of float, shape (tasks, levels)
        Of the draws, at levels of equal mass; nan where the model had no estimate.

    Returns
    -------
    ndarray of float, shape (tasks,)
        0 where there was no estimate.
    """
    z = (truth[:, None] - quantiles) / WIDTH
    return np.nan_to_num((0.375 / WIDTH * (1.0 + 0.25 * z * z) ** -2.5).mean(axis=1))


def stacking_weights(density: np.ndarray, counts: np.ndarray) -> np.ndarray:
    r"""Weights that maximise :math:`\sum_j v_j \log \sum_m w_m p_{mj}`, shrunk towards equal.

    Stacking of predictive distributions (Yao, Vehtari, Simpson & Gelman 2018, Bayesian Anal.
    13:917), with tasks of known truth in the place of observed cells left out, and a Dirichlet
    prior worth `PSEUDO` tasks. Found by expectation-maximisation.

    Parameters
    ----------
    density : ndarray of float, shape (tasks, models)
    counts : ndarray of float, shape (tasks,)
        How much each task counts, v.

    Returns
    -------
    ndarray of float, shape (models,)
    """
    models = density.shape[1]
    weights = np.full(models, 1.0 / models)
    told = (density > 0).any(axis=1)
    density, counts = density[told], counts[told]
    for _ in range(_STEPS):
        share = density * weights
        share /= share.sum(axis=1, keepdims=True)
        weights = (counts @ share + PSEUDO / models) / (counts.sum() + PSEUDO)
    return weights
