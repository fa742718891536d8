"""Whether a log-linear model has a maximum-likelihood estimate, and only one.

Fienberg & Rinaldo (2012), Ann. Stat. 40:996; Chan, Silverman & Vincent (2021), J. Am. Stat.
Assoc. 116:1297, section 3.
"""

from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.lattice import superset_sums

_POSITIVE = 1e-7


@dataclass(frozen=True)
class Status:
    """Whether the estimate of one model exists and is unique.

    Attributes
    ----------
    exists : bool
        There are positive expected counts on all remaining cells that reproduce the
        sufficient statistics.
    identifiable : bool
        The remaining terms are linearly independent on the remaining cells.
    """

    exists: bool
    identifiable: bool

    @property
    def code(self) -> int:
        """0 fine, 1 no estimate, 2 not identifiable, 3 both (Chan et al. 2021)."""
        return (0 if self.exists else 1) + (0 if self.identifiable else 2)


def check_model(counts: np.ndarray, model: np.ndarray, possible: np.ndarray) -> Status:
    """Check existence by linear programme and identifiability by rank.

    With A the 0/1 matrix of terms by remaining cells and t = A y, the estimate exists iff
    max {s : A x = t, x_ω ≥ s} is positive.

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
        People per history; entry 0 is not used.
    model : ndarray of bool, shape (2**k,)
        Terms of the model.
    possible : ndarray of bool, shape (2**k,)
        False for structural zeros.
    """
    matrix, observed = _remaining(counts, model, possible)
    if matrix.shape[1] == 0:
        return Status(exists=False, identifiable=False)
    identifiable = _has_full_rank(matrix)
    return Status(exists=positive_solution(matrix, observed), identifiable=identifiable)


def _has_full_rank(matrix: np.ndarray) -> bool:
    """Whether the rows are independent; the triangle of Aᵀ = QR has the singular values of A."""
    if matrix.shape[0] > matrix.shape[1]:
        return False
    values = np.linalg.svd(np.linalg.qr(matrix.T, mode="r"), compute_uv=False)
    return bool(values[-1] > values[0] * matrix.shape[1] * np.finfo(float).eps)


def _remaining(
    counts: np.ndarray, model: np.ndarray, possible: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Terms by cells left after terms with a zero margin take their cells with them."""
    y = np.array(counts, dtype=float)
    y[0] = 0.0
    margin = superset_sums(y)
    cells = np.arange(len(y))
    terms = cells[model]
    active = np.array(possible)
    active[0] = False
    for term in terms[margin[terms] == 0]:
        active &= (cells & term) != term
    kept = terms[margin[terms] > 0]
    left = cells[active]
    return ((left[None, :] & kept[:, None]) == kept[:, None]).astype(float), y[active]


def positive_solution(matrix: np.ndarray, observed: np.ndarray) -> bool:
    """Whether some table with every cell positive has the same sums as the one observed.

    Parameters
    ----------
    matrix : ndarray of float, shape (terms, cells)
    observed : ndarray of float, shape (cells,)
    """
    from scipy.optimize import linprog

    if (observed > 0).all():
        return True
    scale = observed.sum()
    # x = z + s with z >= 0, so that every cell has at least s
    equality = np.column_stack([matrix, matrix.sum(axis=1)])
    objective = np.zeros(equality.shape[1])
    objective[-1] = -1.0
    solved = linprog(
        objective,
        A_eq=equality,
        b_eq=matrix @ observed / scale,
        bounds=[(0, None)] * matrix.shape[1] + [(None, None)],
        method="highs",
    )
    return bool(solved.status == 0 and solved.x[-1] > _POSITIVE / scale)
