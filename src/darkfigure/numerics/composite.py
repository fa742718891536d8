"""Maximum likelihood for tables whose counts are sums of cells, or known between limits only.

The expected count of a row is m = weight · Σ μ over the complete cells that it counts, with
log μ linear in the parameters. A count that is known gives y log m − m − log y!; one between
limits log P(low ≤ Y ≤ high), Y ~ Poisson(m). Blank lists, blank strata, suppressed and rounded
counts and upper bounds are all of this form.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from darkfigure.numerics.composite_margins import Margins, margins_of
from darkfigure.numerics.composite_rows import Composite, counts_of, saturated, whole
from darkfigure.numerics.design import Design
from darkfigure.numerics.kernels import composite_kernels
from darkfigure.numerics.log_linear import in_parts


@dataclass(frozen=True, eq=False)
class CompositeFit:
    """The maximum-likelihood fit of one model.

    Attributes
    ----------
    model : ndarray of bool, shape (terms,)
    coefficients : ndarray of float, shape (columns,)
        -inf for a column whose cells are all empty; nan for one not in the model.
    means : ndarray of float, shape (cells,)
        Expected counts of the complete cells; 0 for those that are empty.
    alive : ndarray of bool, shape (cells,)
        Cells that are not empty.
    doubtful : bool
        Whether a margin was taken as empty that other cells of its sums could have hidden people
        in: the likelihood falls with the first of them.
    expected : ndarray of float, shape (strata, 2)
        Expected number on no list, and in all.
    log_likelihood : float
        Of the rows, constants included.
    deviance : float
        Twice the log-likelihood lost against a mean of its own for every row.
    degrees_of_freedom : int
        Rows left less parameters left, after empty margins took theirs.
    parameters : int
        Those at minus infinity included.
    covariance : ndarray of float, shape (columns, columns)
        Inverse of the information; 0 for columns that are not estimated, and throughout where
        the fit did not converge. Of exact rows the information is the expected one, of others
        the curvature of the log of their mean.
    boundary : ndarray of bool, shape (columns,)
        Coefficients at -inf although people may be among their cells: counts between 0 and some
        limit are likeliest where nobody is.
    at_boundary : ndarray of bool, shape (cells,)
        Cells that are empty for that reason.
    converged : bool
        False too where the numbers unseen and in all are not determined.
    """

    model: np.ndarray
    coefficients: np.ndarray
    means: np.ndarray
    alive: np.ndarray
    doubtful: bool
    expected: np.ndarray
    log_likelihood: float
    deviance: float
    degrees_of_freedom: int
    parameters: int
    covariance: np.ndarray
    boundary: np.ndarray
    at_boundary: np.ndarray
    converged: bool

    @property
    def unseen(self) -> float:
        """Expected number on no list."""
        return float(self.expected[:, 0].sum())

    @property
    def start(self) -> np.ndarray:
        """Coefficients to start another fit from, shape (columns,)."""
        return np.where(np.isfinite(self.coefficients), self.coefficients, 0.0)


@dataclass(frozen=True, eq=False)
class CompositeRefits:
    """Fits of several models to each of several tables, nan where there is none.

    Attributes
    ----------
    expected : ndarray of float, shape (tables, models, strata, 2)
        Expected number on no list, and in all.
    log_likelihood : ndarray of float, shape (tables, models)
        Of the rows, constants included.
    """

    expected: np.ndarray
    log_likelihood: np.ndarray


def fit_composite(
    data: Composite,
    design: Design,
    model: np.ndarray,
    start: np.ndarray | None = None,
    *,
    margins: Margins | None = None,
) -> CompositeFit:
    """Fit a model by extended maximum likelihood, by Fisher scoring.

    A margin none of whose rows must hold people is empty: its coefficient is at -inf, its cells
    have mean 0, and it still counts as a parameter. With counts known exactly that is a zero
    margin; with counts between limits, a margin seen only in counts such as "<5".

    Parameters
    ----------
    data : Composite
    design : Design
    model : ndarray of bool, shape (terms,)
    start : ndarray of float, shape (columns,), optional
        Coefficients to start from.
    margins : Margins, optional
        Those of the design, where they are at hand.
    """
    kernels = composite_kernels()
    model = np.asarray(model, dtype=bool)
    margins = margins_of(design, data.stratum) if margins is None else margins
    low, high = counts_of(data.low), counts_of(data.high)
    full = np.zeros(design.columns) if start is None else np.array(start, dtype=float)
    alive, means = np.empty(data.cells, dtype=bool), np.zeros(data.cells)
    dead = np.empty(len(margins.term), dtype=np.int8)
    p = int(design.size[model].sum())
    factor, expected = np.zeros((p, p + 1)), np.zeros((data.strata, 2))
    status, value, lost = kernels.fit_table(
        low, high, data.row_arrays, design_arrays(design), margins.arrays, data.strata_arrays,
        model, start is not None, full, dead, alive, means, factor, expected,
    )  # fmt: skip
    columns = np.flatnonzero(design.columns_of(model))
    certain = _certain(data, design, model, margins)
    value -= float(gammaln(low[low == high] + 1.0).sum())
    return CompositeFit(
        model=model,
        coefficients=_coefficients(design, full, columns, alive),
        means=means,
        alive=alive,
        doubtful=bool((dead[model[margins.term]] == kernels.DOUBTFUL).any()),
        expected=expected,
        log_likelihood=value,
        deviance=max(2.0 * (saturated(low, high) - value), 0.0),
        degrees_of_freedom=_informative_rows(data, alive) - (p - int(lost)),
        parameters=p,
        covariance=_covariance(factor, columns, design.columns, status == kernels.CONVERGED),
        boundary=_empty(design, columns, alive) & ~_empty(design, columns, certain),
        at_boundary=certain & ~alive,
        converged=status == kernels.CONVERGED,
    )


def refit_composite(
    low: np.ndarray,
    high: np.ndarray,
    data: Composite,
    design: Design,
    models: np.ndarray,
    starts: np.ndarray,
    *,
    margins: Margins | None = None,
    workers: int | None = None,
) -> CompositeRefits:
    """Fit every model to every table, starting from the coefficients given.

    Parameters
    ----------
    low, high : ndarray, shape (tables, rows)
        Limits of the counts in each table, of the rows of `data`.
    models : ndarray of bool, shape (models, terms)
    starts : ndarray of float, shape (models, columns)
        Coefficients to start from; those that are not finite start at 0.
    margins : Margins, optional
        Those of the design, where they are at hand.
    workers : int, optional
        Threads; the number never changes a result.
    """
    kernels = composite_kernels()
    low, high = counts_of(low), counts_of(high)
    models = np.require(models, bool, ["C", "W"])
    starts = np.require(starts, float, ["C", "W"])
    margins = margins_of(design, data.stratum) if margins is None else margins
    arrays = (data.row_arrays, design_arrays(design), margins.arrays, data.strata_arrays)
    expected = np.empty((len(low), len(models), data.strata, 2))
    log_likelihood = np.empty((len(low), len(models)))
    in_parts(
        lambda a, b: kernels.refit_tables(
            low, high, *arrays, models, starts, a, b, expected, log_likelihood
        ),
        len(low),
        workers,
        part=16,
    )  # fmt: skip
    return CompositeRefits(expected, log_likelihood)


def design_arrays(design: Design) -> tuple[np.ndarray, ...]:
    """A design as the kernels read it (see `numerics.kernels.composite_models`)."""
    return design.start, design.column, design.value, whole(design.term), design.within


def _certain(data: Composite, design: Design, model: np.ndarray, margins: Margins) -> np.ndarray:
    """Cells that would not be empty if all were there that can be, shape (cells,)."""
    kernels = composite_kernels()
    dead, alive = np.empty(len(margins.term), dtype=np.int8), np.empty(data.cells, dtype=bool)
    kernels.zero_margins(counts_of(data.high), data.row_arrays, margins.arrays, dead)
    dead[dead == kernels.DOUBTFUL] = kernels.HELD
    kernels.living(dead, margins.arrays, model, design.within, alive)
    return alive


def _empty(design: Design, columns: np.ndarray, alive: np.ndarray) -> np.ndarray:
    """Columns of a model with no cell left, shape (columns,)."""
    cell = np.repeat(np.arange(design.cells), np.diff(design.start))
    left = np.zeros(design.columns, dtype=bool)
    left[design.column[alive[cell]]] = True
    return np.isin(np.arange(design.columns), columns) & ~left


def _coefficients(
    design: Design, full: np.ndarray, columns: np.ndarray, alive: np.ndarray
) -> np.ndarray:
    found = np.full(design.columns, np.nan)
    found[columns] = full[columns]
    found[_empty(design, columns, alive)] = -np.inf
    return found


def _informative_rows(data: Composite, alive: np.ndarray) -> int:
    """Rows with a cell that is left, and with a limit."""
    left = np.logical_or.reduceat(alive[data.cell], data.start[:-1])
    return int((left & ((data.low > 0) | np.isfinite(data.high))).sum())


def _covariance(
    factor: np.ndarray, columns: np.ndarray, number: int, converged: bool
) -> np.ndarray:
    """Inverse of the information, over all columns; 0 for those set aside."""
    if not converged:
        return np.zeros((number, number))
    kept = np.diag(factor) < composite_kernels().GONE
    lower = np.tril(factor[:, :-1])[np.ix_(kept, kept)]
    inverse = solve_triangular(lower, np.eye(len(lower)), lower=True)
    covariance = np.zeros((number, number))
    covariance[np.ix_(columns[kept], columns[kept])] = inverse.T @ inverse
    return covariance
