"""How fast the posterior of a log-linear model falls towards ever more people on no list.

The log odds of being missed grow without end along a ray of effects t d. Along it the likelihood
of those seen falls like exp(-t c), with c the people in the cells that have to empty; a prior
whose own tail is a power of t costs nothing beside that.
"""

import numpy as np


def least_cost(counts: np.ndarray, design: np.ndarray, missed: np.ndarray) -> float:
    r"""The power of N with which the likelihood falls along the cheapest ray.

    With η = X d the log of the cells' means and m their largest, the log odds of being missed are
    η_missed − m and the log-likelihood of those seen falls by Σ y (m − η). Least is

    .. math:: \min_{d, m} \sum_\omega y_\omega (m - x_\omega d) \quad\text{subject to}\quad
        x_\omega d \le m,\; x_{\mathrm{missed}} d - m = 1.

    Parameters
    ----------
    counts : ndarray of float, shape (cells,)
        People per observable cell.
    design : ndarray of float, shape (cells, effects)
        X, of the effects that the prior lets grow.
    missed : ndarray of float, shape (forms, effects)
        x of the log of the missed: one row per stratum.

    Returns
    -------
    float
        0 where it costs nothing; inf where these effects cannot move the odds without end.
    """
    from scipy.optimize import linprog

    people = counts.sum()
    if not people or not design.shape[1]:
        return float("inf")
    objective = np.append(-(counts @ design), people)
    below = np.column_stack([design, -np.ones(len(design))])
    best = float("inf")
    for form in missed:
        solved = linprog(
            objective / people,
            A_ub=below,
            b_ub=np.zeros(len(below)),
            A_eq=np.append(form, -1.0)[None, :],
            b_eq=[1.0],
            bounds=(None, None),
            method="highs",
        )
        if solved.status == 0:
            best = min(best, max(float(solved.fun) * people, 0.0))
    return best
