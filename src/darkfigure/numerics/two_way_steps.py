"""Stepwise selection of two-way terms in both directions, and its repetition on many tables."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.kernels import two_way_step_kernels
from darkfigure.numerics.log_linear import in_parts
from darkfigure.numerics.two_way import TwoWay, TwoWayFit, fit_two_way, zero_margins

SLACK = 4.0
"""How far a score or Wald statistic may be from the deviance it stands for, as a factor.

A candidate is only passed over without a fit where even this factor would not make it the best.
"""


@dataclass(frozen=True)
class Step:
    """One step of a path.

    Attributes
    ----------
    term : int
        The term added or taken out; -1 for the main effects that the path starts from.
    penalty : float
        Per parameter, under which the step was the best.
    fit : TwoWayFit
        After the step.
    refused : int
        Candidates passed over because they have no estimate.
    """

    term: int
    penalty: float
    fit: TwoWayFit
    refused: int


@dataclass(frozen=True)
class Selected:
    """The models that a search chose in several tables.

    Attributes
    ----------
    expected : ndarray of float, shape (tables, strata, 2)
        On no list, and in all; nan where the main effects have no estimate.
    models : ndarray of bool, shape (tables, terms)
    """

    expected: np.ndarray
    models: np.ndarray


def stepwise_path(
    counts: np.ndarray,
    design: TwoWay,
    penalties: tuple[float, ...],
    *,
    slack: float = SLACK,
) -> list[Step]:
    """Walk from main effects to the minimum of −2ℓ + penalty · parameters, for each in turn.

    Parameters
    ----------
    counts : ndarray, shape (observable,)
    penalties : tuple of float
        Each begins where the one before it ended.
    slack : float
        inf fits every candidate at every step.

    Returns
    -------
    list of Step
        The first is the main effects; it alone is there, not converged, if they have no estimate.
    """
    steps = two_way_step_kernels()
    y = np.asarray(counts, dtype=float)
    allowed = ~design.main
    dead, any_dead = zero_margins(y, design)
    fit = fit_two_way(y, design, design.main)
    path = [Step(-1, penalties[0], fit, 0)]
    if not fit.converged:
        return path
    factorials = float(gammaln(y + 1.0).sum())
    for penalty in penalties:
        while True:
            model, full = np.array(fit.model), np.array(fit.full)
            expected = np.empty((design.strata, 2))
            current = fit.log_likelihood + factorials
            term, _, refused = steps.best_step(
                y, model, allowed, dead, any_dead, design.size, design.offset, design.arrays,
                penalty, slack, full, current, expected,
            )  # fmt: skip
            if term < 0:
                break
            fit = fit_two_way(y, design, model, full)
            path.append(Step(int(term), penalty, fit, int(refused)))
    return path


def select_two_way(
    tables: np.ndarray,
    design: TwoWay,
    start: TwoWayFit,
    *,
    slack: float = SLACK,
    workers: int | None = None,
) -> Selected:
    """Repeat the search with penalty log n in each table.

    Parameters
    ----------
    tables : ndarray, shape (tables, observable)
    start : TwoWayFit
        Of main effects, to start their fit from.
    slack : float
        inf fits every candidate at every step.
    """
    kernels = two_way_step_kernels()
    y = np.ascontiguousarray(tables, dtype=float)
    expected = np.empty((len(y), design.strata, 2))
    models = np.empty((len(y), len(design.main)), dtype=bool)
    in_parts(
        lambda a, b: kernels.select_tables(
            y, ~design.main, design.size, design.offset, design.margin, design.arrays, start.full,
            slack, a, b, expected, models,
        ),
        len(y),
        workers,
        part=8,
    )  # fmt: skip
    return Selected(expected, models)
