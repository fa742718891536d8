"""R-hat and effective draws of several chains, by ArviZ."""

import numpy as np

from darkfigure.numerics.convergence import Agreement


def agreement(draws: np.ndarray) -> Agreement:
    """Rank-normalised R-hat, and effective draws of the middle and of the tails.

    Parameters
    ----------
    draws : ndarray of float, shape (chains, draws)

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), Bayesian Anal. 16:667.
    """
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    if np.ptp(draws) == 0:
        return Agreement(1.0, float(draws.size), float(draws.size))
    axes = {"chain_axis": 0, "draw_axis": 1}
    return Agreement(
        float(array_stats.rhat(draws, **axes)),
        float(array_stats.ess(draws, **axes, method="bulk")),
        float(array_stats.ess(draws, **axes, method="tail", prob=(0.05, 0.95))),
    )
