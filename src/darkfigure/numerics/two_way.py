"""Log-linear models of main effects and two-way terms over lists and stratum variables.

Every list and every stratum variable is a factor. A term is the constant, a factor, or a pair of
factors: one column per level (or pair of levels) but the first, or, for a factor with polynomial
scores, one per degree. The observable cells are all combinations of strata and histories with at
least one list; those of the unseen have none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.kernels import two_way_kernels
from darkfigure.numerics.log_linear import in_parts


@dataclass(frozen=True)
class TwoWay:
    """The cells and terms of a table.

    Parameters
    ----------
    lists : int
        Number of lists k.
    levels : tuple of int
        Number of levels of each stratum variable.
    possible : ndarray of bool, shape (2**k,)
        Histories that can occur.
    polynomial : tuple of int and ndarray, optional
        A stratum variable, and the scores of its levels, shape (levels, degree).
    """

    lists: int
    levels: tuple[int, ...]
    possible: np.ndarray
    polynomial: tuple[int, np.ndarray] | None = None

    @property
    def factors(self) -> int:
        """Lists and stratum variables together."""
        return self.lists + len(self.levels)

    @property
    def strata(self) -> int:
        """Number of combinations of levels."""
        return int(np.prod(self.levels, dtype=np.int64))

    @cached_property
    def histories(self) -> np.ndarray:
        """Observable histories as bits, shape (histories,)."""
        return np.flatnonzero(self.possible)[1:]

    @property
    def observable(self) -> int:
        """Number of observable cells, history fastest."""
        return self.strata * len(self.histories)

    @cached_property
    def level(self) -> np.ndarray:
        """Level of each factor in each cell, those of the unseen last, shape (cells, factors)."""
        strata = np.array(list(product(*map(range, self.levels))), dtype=np.int64)
        strata = strata.reshape(self.strata, len(self.levels))
        on = self.histories[:, None] >> np.arange(self.lists) & 1
        seen = np.column_stack([np.tile(on, (self.strata, 1)), strata.repeat(len(on), axis=0)])
        missed = np.column_stack([np.zeros((self.strata, self.lists), dtype=np.int64), strata])
        return np.concatenate([seen, missed])

    @cached_property
    def terms(self) -> tuple[tuple[int, ...], ...]:
        """Factors of each term: the constant, main effects, then pairs that can occur."""
        pairs = [
            (a, b)
            for a, b in combinations(range(self.factors), 2)
            if b >= self.lists or self.possible[1 << a | 1 << b]
        ]
        return ((), *((f,) for f in range(self.factors)), *pairs)

    @cached_property
    def main(self) -> np.ndarray:
        """The model of main effects, shape (terms,)."""
        return np.array([len(term) < 2 for term in self.terms])

    @cached_property
    def size(self) -> np.ndarray:
        """Parameters of each term, shape (terms,)."""
        each = [self._contrasts(f) for f in range(self.factors)]
        return np.array([int(np.prod([each[f] for f in term])) for term in self.terms])

    @cached_property
    def offset(self) -> np.ndarray:
        """First column of each term when all are in, shape (terms,)."""
        return np.concatenate([[0], np.cumsum(self.size)[:-1]])

    @cached_property
    def scored(self) -> np.ndarray:
        """Terms with polynomial scores, shape (terms,)."""
        return np.array([self._polynomial_factor in term for term in self.terms])

    @cached_property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
        """What the kernels read (see `numerics.kernels.two_way`)."""
        scores = np.ones((len(self.level), 1))
        if self.polynomial is not None:
            scores = np.ascontiguousarray(
                self.polynomial[1][self.level[:, self._polynomial_factor]]
            )
        within = np.column_stack([self._within(term) for term in self.terms]).astype(np.int32)
        width = np.where(self.scored, scores.shape[1], 1)
        return within, width, self.scored, scores, self.observable

    @cached_property
    def margin(self) -> np.ndarray:
        """Level or levels whose margin a term fits, -1 for none, shape (cells, terms).

        Only margins of people on a list count: people off it are also among the unseen.
        """
        return np.column_stack([self._margin(term) for term in self.terms]).astype(np.int32)

    def design(self, model: np.ndarray) -> np.ndarray:
        """The design matrix of a model over all cells, shape (cells, parameters)."""
        within, width, scored, scores, _ = self.arrays
        rows = np.arange(len(within))
        blocks = []
        for t in np.flatnonzero(model):
            block = np.zeros((len(within), self.size[t]))
            inside = rows[within[:, t] >= 0]
            for d in range(width[t]):
                value = scores[inside, d] if scored[t] else 1.0
                block[inside, within[inside, t] + d] = value
            blocks.append(block)
        return np.column_stack(blocks)

    @property
    def _polynomial_factor(self) -> int:
        return -1 if self.polynomial is None else self.lists + self.polynomial[0]

    def _contrasts(self, factor: int) -> int:
        if factor == self._polynomial_factor and self.polynomial is not None:
            return self.polynomial[1].shape[1]
        return 1 if factor < self.lists else self.levels[factor - self.lists] - 1

    def _within(self, term: tuple[int, ...]) -> np.ndarray:
        """Column of a term in which each cell has its value, the polynomial's degree fastest."""
        column = np.zeros(len(self.level), dtype=np.int64)
        inside = np.ones(len(self.level), dtype=bool)
        for factor in sorted(term, key=lambda f: f == self._polynomial_factor):
            column *= self._contrasts(factor)
            if factor != self._polynomial_factor:
                inside &= self.level[:, factor] > 0
                column += self.level[:, factor] - 1
        return np.where(inside, column, -1)

    def _margin(self, term: tuple[int, ...]) -> np.ndarray:
        code = np.zeros(len(self.level), dtype=np.int64)
        if self._polynomial_factor in term or not term:
            return code - 1
        inside = np.ones(len(self.level), dtype=bool)
        for factor in term:
            if factor < self.lists:
                inside &= self.level[:, factor] == 1
            else:
                code = code * self.levels[factor - self.lists] + self.level[:, factor]
        return np.where(inside, code, -1)


@dataclass(frozen=True)
class TwoWayFit:
    """The maximum-likelihood fit of one model.

    Attributes
    ----------
    model : ndarray of bool, shape (terms,)
    full : ndarray of float, shape (columns,)
        Parameters of all terms, 0 for those not in the model.
    expected : ndarray of float, shape (strata, 2)
        Expected number on no list, and in all.
    log_likelihood : float
        Poisson, of the cells whose mean is positive.
    deviance : float
    degrees_of_freedom : int
        Cells left less parameters left, after zero margins took theirs.
    parameters : int
        Those at minus infinity included.
    converged : bool
        False too where the unseen are not determined.
    """

    model: np.ndarray
    full: np.ndarray
    expected: np.ndarray
    log_likelihood: float
    deviance: float
    degrees_of_freedom: int
    parameters: int
    converged: bool


def fit_two_way(
    counts: np.ndarray, design: TwoWay, model: np.ndarray, start: np.ndarray | None = None
) -> TwoWayFit:
    """Fit a model by extended maximum likelihood: cells above a zero margin have mean 0.

    Parameters
    ----------
    counts : ndarray, shape (observable,)
    model : ndarray of bool, shape (terms,)
    start : ndarray of float, shape (columns,), optional
        Parameters to start from.
    """
    kernels = two_way_kernels()
    y = np.asarray(counts, dtype=float)
    dead, any_dead = zero_margins(y, design)
    full = _cold_start(y, design) if start is None else np.array(start)
    means, expected = np.empty(design.observable), np.empty((design.strata, 2))
    terms = np.flatnonzero(model)
    status, value, lost = kernels.fit_fully(
        y, dead, any_dead, terms, design.size, design.offset, design.arrays, full, means, expected
    )
    alive = ~dead[: design.observable][:, terms].any(axis=1)
    parameters = int(design.size[terms].sum())
    inside = y[y > 0]
    saturated = float((inside * np.log(inside)).sum() - y.sum())
    return TwoWayFit(
        model=np.array(model),
        full=full,
        expected=expected,
        log_likelihood=value - float(gammaln(y + 1.0).sum()),
        deviance=max(2.0 * (saturated - value), 0.0),
        degrees_of_freedom=int(alive.sum()) - parameters + int(lost),
        parameters=parameters,
        converged=status == kernels.CONVERGED,
    )


def fitted_two_way(counts: np.ndarray, design: TwoWay, fit: TwoWayFit) -> np.ndarray:
    """Expected counts of the cells, shape (cells,): the observable, then the unseen."""
    dead, _ = zero_margins(np.asarray(counts, dtype=float), design)
    terms = np.flatnonzero(fit.model)
    eta = design.design(fit.model) @ np.concatenate(
        [fit.full[design.offset[t] : design.offset[t] + design.size[t]] for t in terms]
    )
    return np.where(dead[:, terms].any(axis=1), 0.0, np.exp(eta))


def refit_two_way(
    tables: np.ndarray, design: TwoWay, fit: TwoWayFit, *, workers: int | None = None
) -> np.ndarray:
    """Fit one model to many tables: expected numbers on no list and in all, nan without one.

    Parameters
    ----------
    tables : ndarray, shape (tables, observable)

    Returns
    -------
    ndarray of float, shape (tables, strata, 2)
    """
    kernels = two_way_kernels()
    y = np.ascontiguousarray(tables, dtype=float)
    expected = np.empty((len(y), design.strata, 2))
    terms = np.flatnonzero(fit.model)
    in_parts(
        lambda a, b: kernels.refit_tables(
            y, terms, design.size, design.offset, design.margin, design.arrays, fit.full, a, b,
            expected,
        ),
        len(y),
        workers,
        part=16,
    )  # fmt: skip
    return expected


def orthogonal_polynomials(values: Sequence[float], degree: int) -> np.ndarray:
    """Orthogonal polynomials of degree 1 to `degree` at some values, each with mean square 1."""
    x = np.asarray(values, dtype=float)
    powers = np.vander((x - x.mean()) / np.ptp(x), degree + 1, increasing=True)
    basis, triangle = np.linalg.qr(powers)
    return basis[:, 1:] * np.sign(np.diag(triangle)[1:]) * np.sqrt(len(x))


def zero_margins(y: np.ndarray, design: TwoWay) -> tuple[np.ndarray, np.ndarray]:
    """Cells without people once a term is in, shape (cells, terms), and whether it has any."""
    dead = np.empty(design.margin.shape, dtype=bool)
    any_dead = np.empty(dead.shape[1], dtype=bool)
    y = np.asarray(y, dtype=float)
    two_way_kernels().zero_margins(y, design.margin, design.observable, dead, any_dead)
    return dead, any_dead


def _cold_start(y: np.ndarray, design: TwoWay) -> np.ndarray:
    """Every mean the same: Newton steps then go down, never up to means without bound."""
    full = np.zeros(design.offset[-1] + design.size[-1])
    full[0] = np.log(max(y.mean(), 0.1))
    return full
