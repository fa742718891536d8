"""Observed counts, their posterior-predictive draws and log-likelihood, in the ArviZ schema."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.special import gammaln, xlogy

from darkfigure.data.names import name_of_history

if TYPE_CHECKING:
    from darkfigure.data.observation import Observation
    from darkfigure.data.table import CaptureTable
    from darkfigure.numerics.limited_counts import LimitedCounts

_MOST_NUMBERS = 8_000_000
"""Predictive counts and log-likelihoods by row that are kept; more are added up by history."""


def predictive_groups(
    table: "CaptureTable", probability: np.ndarray, rng: np.random.Generator
) -> dict[str, xr.Dataset]:
    """What `az.loo`, `az.plot_ppc_dist` and `est.ppc` read, from draws of the observable histories.

    Parameters
    ----------
    table : CaptureTable
        Without strata.
    probability : ndarray of float, shape (chains, draws, 2**k)
        π̃: of each history, given that it is observable; 0 where it is not.
    rng : Generator

    Returns
    -------
    dict of Dataset
        observed_data, posterior_predictive and log_likelihood, each with `counts`; constant_data
        with the `history_code` of each.
    """
    cells = np.flatnonzero(table.possible())
    cells = cells[cells > 0]
    names = [name_of_history(int(code), table.lists) for code in cells]
    return groups_of_cells(table.counts()[cells], cells, names, probability[..., cells], rng)


def groups_of_cells(
    observed: np.ndarray,
    histories: np.ndarray,
    names: Sequence[str],
    chances: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, xr.Dataset]:
    """The same for cells of any kind.

    Each cell is a Poisson count with mean Λ π̃; Λ, the expected number seen, has its posterior
    Gamma(n) under a flat prior on log Λ, which makes the Poisson and the multinomial form of a
    model give the same posterior.

    Parameters
    ----------
    observed : ndarray of int, shape (cells,)
    histories : ndarray of int, shape (cells,)
        Bit j is set where the cell's history holds list j; kept as `history_code`.
    names : sequence of str
    chances : ndarray of float, shape (chains, draws, cells)
        π̃ of each cell.
    """
    counts = observed.astype(float)
    expected = rng.standard_gamma(counts.sum(), size=(*chances.shape[:-1], 1))
    rate = expected * chances
    log_likelihood = -rate
    some = np.flatnonzero(counts)  # of many cells few are not empty
    log_likelihood[..., some] += xlogy(counts[some], rate[..., some]) - gammaln(counts[some] + 1.0)

    def dataset(values: np.ndarray) -> xr.Dataset:
        dims = ("chain", "draw", "history")[3 - values.ndim :]
        coords = {name: np.arange(size) for name, size in zip(dims, values.shape, strict=True)}
        return xr.Dataset({"counts": (dims, values)}, coords={**coords, "history": list(names)})

    return {
        "constant_data": xr.Dataset(
            {"history_code": ("history", histories)}, coords={"history": list(names)}
        ),
        "observed_data": dataset(observed),
        "posterior_predictive": dataset(rng.poisson(rate)),
        "log_likelihood": dataset(log_likelihood),
    }


def groups_of_rows(
    observation: "Observation",
    limits: "LimitedCounts",
    expected: Iterable[tuple[slice, np.ndarray]],
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> dict[str, xr.Dataset]:
    """The same for rows that count sums of cells, or are known within limits.

    By row, or by history if there are many. Counts known within limits stand as `low` and `high`,
    and have no `counts`.

    Parameters
    ----------
    observation : Observation
    limits : LimitedCounts
        Of its rows.
    expected : iterable of (slice, ndarray of float, shape (draws, rows))
        Expected counts of the rows, some draws at a time.
    shape : (int, int)
        Chains and draws of each.
    """
    seen, size = observation, shape[0] * shape[1]
    by_row = seen.rows * size <= _MOST_NUMBERS
    codes, group = np.unique(seen.shown, return_inverse=True)
    if by_row:
        names, codes, group = seen.row_names(), seen.shown, np.arange(seen.rows)
    else:
        names = [name_of_history(int(code), seen.lists) for code in codes]
    again = np.empty((size, len(names)), dtype=np.int64)
    log_likelihood = np.empty((size, len(names) if by_row else 0))
    adds = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[adds], np.arange(len(names)))
    for part, rows in expected:
        again[part] = rng.poisson(np.add.reduceat(rows[:, adds], starts, axis=-1))
        if by_row:
            log_likelihood[part] = limits.log_mass(rows)
    low, high = (
        np.bincount(group, weights=each, minlength=len(names)).astype(np.int64)
        for each in (seen.low, seen.high)
    )
    at = {"history": names}
    chained = {"chain": range(shape[0]), "draw": range(shape[1]), **at}
    observed = {"counts": low} if seen.is_exact else {"low": low, "high": high}
    dims = ("chain", "draw", "history")
    found = {
        "constant_data": xr.Dataset({"history_code": ("history", codes)}, coords=at),
        "observed_data": xr.Dataset(
            {name: ("history", values) for name, values in observed.items()}, coords=at
        ),
        "posterior_predictive": xr.Dataset(
            {"counts": (dims, again.reshape(*shape, -1))}, coords=chained
        ),
    }
    if by_row:
        values = log_likelihood.reshape(*shape, -1)
        found["log_likelihood"] = xr.Dataset({"counts": (dims, values)}, coords=chained)
    return found
