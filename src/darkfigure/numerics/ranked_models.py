"""Models in order of a criterion, and the best of them in each of many tables like one another."""

import numpy as np

from darkfigure.numerics.kernels import refit_kernels
from darkfigure.numerics.log_linear import Refits, in_parts

_SLACK = 6.0  # units of a criterion by which its forecast may be too high


class RankedModels:
    """Models in order of a criterion, from which the best of each of many tables is picked.

    Their log likelihood is expanded to second order around the parameters given; in a table near
    the one they come from, that tells which models need a fit of their own.

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
        The table that the parameters come from.
    models : ndarray of bool, shape (models, 2**k)
    coefficients : ndarray of float, shape (models, 2**k)
    penalty : ndarray of float, shape (models,)
        Added to −2 log L.
    possible : ndarray of bool, shape (2**k,)
    """

    def __init__(
        self,
        counts: np.ndarray,
        models: np.ndarray,
        coefficients: np.ndarray,
        penalty: np.ndarray,
        possible: np.ndarray,
    ) -> None:
        self._models, self._coefficients = models, coefficients
        self._penalty, self._possible = penalty.astype(float), possible
        size, most = len(models), int(models.sum(axis=1).max())
        self._expansion = (
            np.empty(size, dtype=np.int64),
            np.empty((size, most), dtype=np.int64),
            np.empty((size, most)),
            np.empty((size, most)),
            np.empty((size, most, most)),
            np.empty(size, dtype=bool),
        )
        y = np.array(counts, dtype=float)
        kernels = refit_kernels()
        in_parts(
            lambda a, b: kernels.expand_around(
                y, possible, models, coefficients, a, b, *self._expansion
            ),
            size,
            None,
            part=64,
        )

    def refit(self, tables: np.ndarray, *, workers: int | None = None) -> Refits:
        """Fit to each table the models that may be better than all those before them.

        Parameters
        ----------
        tables : ndarray, shape (tables, 2**k)

        Returns
        -------
        Refits
            nan for models that another before them beats by far.
        """
        kernels = refit_kernels()
        y = np.array(tables, dtype=float)
        found = Refits(*(np.empty((len(y), len(self._models))) for _ in range(2)))
        in_parts(
            lambda a, b: kernels.refit_promising(
                y,
                self._possible,
                self._models,
                self._coefficients,
                self._penalty,
                _SLACK,
                *self._expansion,
                a,
                b,
                found.unseen,
                found.log_likelihood,
            ),
            len(y),
            workers,
            part=16,
        )
        return found
