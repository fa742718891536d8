"""Rows that count sums of cells, and counts known within limits, as likelihoods in PyMC."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.limited_counts import SMALLEST, LimitedCounts

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable


def sums_of_cells(
    means: "TensorVariable", start: np.ndarray, cell: np.ndarray, weight: np.ndarray
) -> "TensorVariable":
    """Expected counts of rows, those of one length at a time.

    Parameters
    ----------
    means : TensorVariable, shape (cells,)
    start : ndarray of int64, shape (rows + 1,)
    cell : ndarray of int64, shape (start[-1],)
        Row r counts the cells ``cell[start[r]:start[r + 1]]``.
    weight : ndarray of float, shape (rows,)
    """
    import pytensor.tensor as pt

    length = np.diff(start)
    if (length == 1).all():
        return means[cell] * weight
    parts, order = [], []
    for cells in np.unique(length):
        which = np.flatnonzero(length == cells)
        at = cell[start[which][:, None] + np.arange(cells)]
        parts.append(means[at[:, 0]] if cells == 1 else means[at].sum(axis=1))
        order.append(which)
    return pt.concatenate(parts)[np.argsort(np.concatenate(order))] * weight


def observe_rows(expected: "TensorVariable", limits: LimitedCounts) -> None:
    """Add the likelihood of Poisson rows to the model at hand.

    Exact counts are the observed variable `counts` (dim row), with the data `people`; that others
    are in their limits is the potential `counts_in_limits`.
    """
    import pymc as pm

    exact, rows = limits.exact, len(limits.low)
    if len(exact):
        people = pm.Data("people", limits.low[exact], dims="row")
        mine = expected if len(exact) == rows else expected[exact]
        pm.Poisson("counts", mine, observed=people, dims="row")
    limited = _log_mass_in_limits(expected, limits)
    if limited:
        pm.Potential("counts_in_limits", sum(limited[1:], limited[0]))


def _log_mass_in_limits(
    expected: "TensorVariable", limits: LimitedCounts
) -> list["TensorVariable"]:
    """Log probabilities that counts are in their limits, as sums over few or many rows.

    Up to 64 possible counts are added up one by one; with more, the probability is the difference
    of two tails, on the side where neither is near 1.
    """
    import pymc as pm
    import pytensor.tensor as pt

    found = []
    if len(limits.narrow):
        possible, log_base = limits.possible
        mean = expected[limits.narrow][:, None]
        terms = possible * pt.log(mean) + log_base
        found.append((pm.math.logsumexp(terms, axis=1) - mean[:, 0]).sum())
    if len(limits.wide):
        low, high = limits.low[limits.wide], limits.high[limits.wide]
        found.append(_log_between(low, high, expected[limits.wide]).sum())
    return found


def _log_between(low: np.ndarray, high: np.ndarray, mean: "TensorVariable") -> "TensorVariable":
    """log P(low ≤ Y ≤ high) of Poisson counts; as `numerics.limited_counts`, with its gradient."""
    import pytensor.tensor as pt

    positive = np.maximum(low, 1).astype(float)
    above = pt.where(low > 0, pt.gammainc(positive, mean), 1.0)
    below = pt.where(low > 0, pt.gammaincc(positive, mean), 0.0)
    small = 2.0 * mean < low + high
    beyond = high + 1.0
    mass = pt.where(small, above - pt.gammainc(beyond, mean), pt.gammaincc(beyond, mean) - below)
    edge = pt.where(small, low, high)
    log_factorial = pt.where(small, gammaln(low + 1.0), gammaln(high + 1.0))
    ratio = pt.where(small, mean / (low + 1.0), high / mean)
    at_edge = edge * pt.log(mean) - mean - log_factorial - pt.log1p(-pt.minimum(ratio, 0.999))
    return pt.where(mass > SMALLEST, pt.log(pt.maximum(mass, SMALLEST)), at_edge)
