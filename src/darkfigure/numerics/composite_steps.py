"""Stepwise selection of terms, in both directions, for sums of cells and counts between limits."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.composite import CompositeFit, design_arrays, fit_composite
from darkfigure.numerics.composite_margins import Margins, margins_of
from darkfigure.numerics.composite_rows import Composite, counts_of
from darkfigure.numerics.design import Design
from darkfigure.numerics.kernels import composite_step_kernels
from darkfigure.numerics.log_linear import in_parts

SLACK = 4.0
"""How far a score or Wald statistic may be from the deviance it stands for, as a factor.

A candidate is only passed over without a fit where even this factor would not make it the best.
"""


@dataclass(frozen=True, eq=False)
class CompositeStep:
    """One step of a path.

    Attributes
    ----------
    term : int
        The term added or taken out; -1 for the model that the path starts from.
    penalty : float
        Per parameter, under which the step was the best.
    fit : CompositeFit
        After the step.
    refused : int
        Candidates passed over because they have no estimate.
    """

    term: int
    penalty: float
    fit: CompositeFit
    refused: int


@dataclass(frozen=True, eq=False)
class CompositeSelected:
    """The models that a search chose in several tables.

    Attributes
    ----------
    expected : ndarray of float, shape (tables, strata, 2)
        On no list, and in all; nan where the model begun at has no estimate.
    models : ndarray of bool, shape (tables, terms)
    log_likelihood : ndarray of float, shape (tables,)
        Of the rows, constants included.
    """

    expected: np.ndarray
    models: np.ndarray
    log_likelihood: np.ndarray


def stepwise_composite(
    data: Composite,
    design: Design,
    lower: np.ndarray,
    upper: np.ndarray,
    penalties: tuple[float, ...],
    *,
    begin: np.ndarray | None = None,
    slack: float = SLACK,
    margins: Margins | None = None,
) -> list[CompositeStep]:
    """Walk to the minimum of −2ℓ + penalty · parameters, for each penalty in turn.

    The models are hierarchical: a term enters only where those within it are in, and leaves only
    where no other holds it.

    Parameters
    ----------
    data : Composite
    design : Design
    lower, upper : ndarray of bool, shape (terms,)
        Terms that are in every model; terms that may be in one.
    penalties : tuple of float
        Each begins where the one before it ended.
    begin : ndarray of bool, shape (terms,), optional
        The model to start from; `lower` by default.
    slack : float
        inf fits every candidate at every step.
    margins : Margins, optional
        Those of the design, where they are at hand.

    Returns
    -------
    list of CompositeStep
        The first is the model begun at; it alone is there, not converged, if it has no estimate.
    """
    steps = composite_step_kernels()
    low, high = counts_of(data.low), counts_of(data.high)
    allowed = np.asarray(upper, dtype=bool) & ~np.asarray(lower, dtype=bool)
    margins = margins_of(design, data.stratum) if margins is None else margins
    dead = np.empty(len(margins.term), dtype=np.int8)
    steps.zero_margins(low, data.row_arrays, margins.arrays, dead)
    fit = fit_composite(data, design, lower if begin is None else begin, margins=margins)
    path = [CompositeStep(-1, penalties[0], fit, 0)]
    if not fit.converged:
        return path
    factorials = float(gammaln(low[low == high] + 1.0).sum())
    for penalty in penalties:
        while True:
            model, full = np.array(fit.model), fit.start
            expected = np.empty((data.strata, 2))
            term, _, refused = steps.best_step(
                low, high, data.row_arrays, design_arrays(design), margins.arrays, dead,
                data.strata_arrays, model, allowed, design.size, float(penalty), float(slack),
                full, fit.log_likelihood + factorials, expected,
            )  # fmt: skip
            if term < 0:
                break
            fit = fit_composite(data, design, model, full, margins=margins)
            path.append(CompositeStep(int(term), float(penalty), fit, int(refused)))
    return path


def select_composite(
    low: np.ndarray,
    high: np.ndarray,
    data: Composite,
    design: Design,
    lower: np.ndarray,
    upper: np.ndarray,
    penalty: np.ndarray | float,
    start: CompositeFit,
    *,
    slack: float = SLACK,
    margins: Margins | None = None,
    workers: int | None = None,
) -> CompositeSelected:
    """Repeat the search in each of several tables, from the model of a fit on.

    Parameters
    ----------
    low, high : ndarray, shape (tables, rows)
        Limits of the counts in each table, of the rows of `data`.
    lower, upper : ndarray of bool, shape (terms,)
    penalty : float or ndarray of float, shape (tables,)
        Per parameter.
    start : CompositeFit
        Of the model to begin at, with the coefficients to start its fit from.
    slack : float
        inf fits every candidate at every step.
    margins : Margins, optional
        Those of the design, where they are at hand.
    workers : int, optional
        Threads; the number never changes a result.
    """
    steps = composite_step_kernels()
    low, high = counts_of(low), counts_of(high)
    allowed = np.asarray(upper, dtype=bool) & ~np.asarray(lower, dtype=bool)
    margins = margins_of(design, data.stratum) if margins is None else margins
    each = np.array(np.broadcast_to(penalty, len(low)), dtype=float)
    expected = np.empty((len(low), data.strata, 2))
    models, value = np.empty((len(low), design.terms), dtype=bool), np.empty(len(low))
    in_parts(
        lambda a, b: steps.select_tables(
            low, high, data.row_arrays, design_arrays(design), margins.arrays, data.strata_arrays,
            start.model, allowed, design.size, each, start.start, float(slack), a, b, expected,
            models, value,
        ),
        len(low),
        workers,
        part=8,
    )  # fmt: skip
    return CompositeSelected(expected, models, value)
