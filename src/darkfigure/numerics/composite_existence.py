"""Whether a model of sums of cells and intervals has a maximum-likelihood estimate, and only one.

Let the parameters go off in a direction d. The likelihood keeps its height only if no mean with
an upper limit grows (x_c d ≤ 0 for its cells) and no row that must hold people empties (x_c d = 0
for one of its cells at least). If there is no such direction but those that change no mean at
all, the maximum exists. If there is one in which every cell of the rows that must hold people
keeps its mean, and some other empties, the likelihood rises along it from anywhere: there is
none. Between the two, where cells of a sum would empty at the expense of others of it, the
likelihood may fall or rise, and only the fit can tell.

For counts known exactly, cell by cell, it is the condition of Fienberg & Rinaldo (2012), Ann.
Stat. 40:996.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import qr

from darkfigure.numerics.composite import CompositeFit, fit_composite
from darkfigure.numerics.composite_margins import Margins, margins_of
from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.design import Design

_NULL = 1e-9  # of the largest eigenvalue: a direction that changes nothing
_MOVES = 1e-6
_LONGEST = 1e4
_MOST_PROGRAMMES = 200


@dataclass(frozen=True)
class CompositeStatus:
    """Whether the estimate of one model exists and is unique.

    Attributes
    ----------
    exists : bool
    identifiable : bool
        The numbers unseen and in all, by stratum, change with every change of the parameters
        that the rows do not see (locally, at the fit).
    proven : bool
        Existence, or that there is none, follows from linear programmes; if not, it is whether
        the fit converged, and true where the parameters are not identifiable.
    """

    exists: bool
    identifiable: bool
    proven: bool

    @property
    def code(self) -> int:
        """0 fine, 1 no estimate, 2 not identifiable, 3 both (Chan et al. 2021)."""
        return (0 if self.exists else 1) + (0 if self.identifiable else 2)

    @property
    def word(self) -> str:
        """The same in words, with "not proven" where it rests on the fit alone."""
        said = ("fine", "no estimate", "not identifiable", "no estimate, not identifiable")
        return said[self.code] + ("" if self.proven else " (not proven)")


def check_composite(
    data: Composite,
    design: Design,
    model: np.ndarray,
    *,
    fit: CompositeFit | None = None,
    margins: Margins | None = None,
) -> CompositeStatus:
    """Check existence by linear programmes and identifiability by rank.

    Parameters
    ----------
    data : Composite
    design : Design
    model : ndarray of bool, shape (terms,)
    fit : CompositeFit, optional
        Of this model; fitted if it is needed and not at hand.
    margins : Margins, optional
        Those of the design, where they are at hand.
    """
    model = np.asarray(model, dtype=bool)
    margins = margins_of(design, data.stratum) if margins is None else margins
    if fit is None:
        fit = fit_composite(data, design, model, margins=margins)
    if not fit.alive[data.counted].any() or not (data.low > 0).any():
        return CompositeStatus(exists=False, identifiable=False, proven=True)
    problem = _Problem(data, design, model, fit.alive)
    verdict = problem.exists()
    if fit.doubtful and not (verdict and fit.converged):
        verdict = None  # margins that the fit left empty might have held people
    identifiable = fit.converged or problem.identifiable()
    # a fit that ends nowhere because parameters are free says nothing of existence
    exists = fit.converged or not identifiable if verdict is None else verdict
    return CompositeStatus(exists, identifiable, proven=verdict is not None)


class ProgrammeUnsolvedError(Exception):
    """A linear programme ended without an answer: nothing is proven."""


class _Problem:
    """The cells and columns that are left, and the directions among them."""

    def __init__(
        self, data: Composite, design: Design, model: np.ndarray, alive: np.ndarray
    ) -> None:
        whole = sparse.csr_matrix(
            (design.value, design.column, design.start), shape=(design.cells, design.columns)
        )
        self.counted = data.counted & alive
        columns = np.flatnonzero(design.columns_of(model))
        kept = columns[whole[self.counted][:, columns].getnnz(axis=0) > 0]
        self.gone = len(columns) - len(kept)
        self.columns, self.matrix = kept, whole[:, kept].tocsr()
        self.unreached = whole[alive][:, np.setdiff1d(columns, kept)].getnnz() > 0
        self.data, self.alive = data, alive
        row = np.repeat(np.arange(data.rows), np.diff(data.start))
        self.cell, self.row = data.cell[alive[data.cell]], row[alive[data.cell]]
        self.size = np.bincount(self.row, minlength=data.rows)
        self.held = data.low > 0
        self.limited = np.isfinite(data.high)

    def exists(self) -> bool | None:
        """Whether there is a maximum; None where the programmes do not tell."""
        try:
            return False if self._rises() else (self._holds() or None)
        except ProgrammeUnsolvedError:
            return None

    def identifiable(self) -> bool:
        """Whether every flat direction leaves the numbers unseen and in all as they are.

        At means drawn around 1: the rank is the same nearly everywhere.
        """
        if self.unreached:
            return False
        number = len(self.columns)
        spread = np.sin(np.arange(1, number + 1) * 2.399963)  # no special point
        means = np.where(self.alive, np.exp(0.2 * (self.matrix @ spread)), 0.0)
        scaled = sparse.diags(means) @ self.matrix
        sums = self._sum(self.row, self.cell, self.data.rows)
        says = (sums @ means > 0) & (self.held | self.limited)
        weighted = sparse.diags(1.0 / np.sqrt((sums @ means)[says])) @ (sums @ scaled)[says]
        free = _null_space((weighted.T @ weighted).toarray())
        cells = np.arange(self.data.cells)
        for members in (self.data.unseen, np.ones(self.data.cells, dtype=bool)):
            inside = cells[members & self.alive]
            sums = self._sum(self.data.stratum[inside], inside, self.data.strata)
            change = np.abs(sums @ (scaled @ free))
            if (change > _MOVES * np.maximum(sums @ means, 1e-300)[:, None]).any():
                return False
        return True

    def _rises(self) -> bool:
        """Whether the likelihood rises in a direction that no row with people notices."""
        keeps = np.zeros(self.data.cells, dtype=bool)
        keeps[self.cell[(self.held & self.limited)[self.row]]] = True
        falls = np.zeros(self.data.cells, dtype=bool)
        falls[self.cell[(~self.held & self.limited)[self.row]]] = True
        grows = np.zeros(self.data.cells, dtype=bool)
        grows[self.cell[(self.held & ~self.limited)[self.row]]] = True
        keeps |= falls & grows
        free = self._directions(keeps)
        matrix = self.matrix @ free
        down, up = matrix[falls & ~keeps], -matrix[grows & ~keeps]
        return bool(_support(np.concatenate([down, up])).any())

    def _holds(self) -> bool:
        """Whether in every direction some row with people empties, or some mean grows."""
        if (self.held & ~self.limited).any():
            return False  # a mean without upper limit may grow: only the fit can tell
        free, sums = self._unfixed()
        cells = np.flatnonzero(
            np.isin(np.arange(self.data.cells), self.cell[self.limited[self.row]])
        )
        matrix = (self.matrix @ free)[cells]
        place = np.full(self.data.cells, -1)
        place[cells] = np.arange(len(cells))
        sums = [place[each] for each in sums]
        waiting: list[list[int]] = [[]]
        for _ in range(_MOST_PROGRAMMES):
            if not waiting:
                return True
            kept = waiting.pop()
            moving = _support(matrix, np.array(kept, dtype=np.int64))
            if not moving.any():
                continue
            emptied = [each for each in sums if moving[each].all()]
            if not emptied:
                return False
            # one of its cells has to keep its mean: whichever
            smallest = min(emptied, key=len)
            waiting += [[*kept, int(c)] for c in smallest]
        return False

    def _unfixed(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """Directions that empty no row with people of one cell, or of cells that change alike.

        Returns
        -------
        tuple
            Directions, shape (columns, directions), and the cells of the other sums with people.
        """
        entries = np.split(self.cell, np.cumsum(self.size)[:-1])
        sums = [entries[r] for r in np.flatnonzero(self.held & (self.size > 0))]
        fixed = np.zeros(self.data.cells, dtype=bool)
        while True:
            free = self._directions(fixed)
            matrix = self.matrix @ free
            alike = [np.ptp(matrix[each], axis=0).max(initial=0.0) < _MOVES for each in sums]
            moves = [np.abs(matrix[each]).max(axis=1, initial=0.0) > _MOVES for each in sums]
            found = [e for e, a, m in zip(sums, alike, moves, strict=True) if a and m.all()]
            sums = [e for e, a, m in zip(sums, alike, moves, strict=True) if not a and m.all()]
            if not found:
                return free, sums
            fixed[np.concatenate(found)] = True

    def _directions(self, fixed: np.ndarray) -> np.ndarray:
        """Directions in which the cells given keep their means, shape (columns, directions)."""
        rows = self.matrix[fixed]
        return _null_space((rows.T @ rows).toarray())

    def _sum(self, row: np.ndarray, cell: np.ndarray, rows: int) -> sparse.csr_matrix:
        shape = (rows, self.data.cells)
        return sparse.csr_matrix((np.ones(len(row)), (row, cell)), shape=shape)


def _null_space(square: np.ndarray) -> np.ndarray:
    """Directions that a matrix X'X takes to 0, columns of X scaled alike."""
    scale = np.sqrt(np.maximum(np.diag(square), 0.0))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(square / scale / scale[:, None])
    free = vectors[:, values < _NULL * max(len(square), 1)] / scale[:, None]
    if free.shape[1] in (0, len(free)):
        return np.eye(len(free))[:, : free.shape[1]]
    # as simple as can be, for the programmes: 1 at one column each, 0 at those of the others
    _, _, order = qr(free.T, pivoting=True, mode="economic")
    simple = np.linalg.solve(free[order[: free.shape[1]]].T, free.T).T
    return simple.round(9) + 0.0


def _support(matrix: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
    """Rows that can be negative when none is positive, and those kept are 0: shape (rows,).

    max Σ s with A z ≤ −s, 0 ≤ s ≤ 1: directions may be as long as one likes, so every row that
    can be negative has s = 1. Not so long, though, that rounding in A moves a row.
    """
    from scipy.optimize import linprog

    rounded = (matrix / max(np.abs(matrix).max(initial=0.0), _MOVES)).round(8) + 0.0
    moving = rounded.any(axis=1)
    found = np.zeros(len(matrix), dtype=bool)
    if not moving.any():
        return found
    unique, of = np.unique(rounded[moving], axis=0, return_inverse=True)
    number, free = unique.shape
    equal = None
    if kept is not None and len(kept):
        equal = np.column_stack([rounded[kept], np.zeros((len(kept), number))])
    solved = linprog(
        np.concatenate([np.zeros(free), -np.ones(number)]),
        A_ub=np.column_stack([unique, np.eye(number)]),
        b_ub=np.zeros(number),
        A_eq=equal,
        b_eq=None if equal is None else np.zeros(len(equal)),
        bounds=[(-_LONGEST, _LONGEST)] * free + [(0.0, 1.0)] * number,
        method="highs",
    )
    if solved.status != 0:
        raise ProgrammeUnsolvedError(solved.message)
    found[moving] = (solved.x[free:] > 0.5)[of.reshape(-1)]
    return found
