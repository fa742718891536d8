"""Which change of a model to try first in stepwise selection, and which not at all, compiled.

A term not in the model has a score statistic, one in it a Wald statistic: about the fall, and the
rise, of the deviance that the change would bring.
"""

import numpy as np
from numba import njit

GAIN = 1e-7
"""A step must lower the criterion by more than rounding."""


@njit(cache=True, nogil=True)
def in_promising_order(model, changing, size, penalty, statistic):
    """Terms that may change, the largest predicted fall of the criterion first."""
    terms = np.flatnonzero(changing)
    predicted = np.empty(terms.shape[0])
    for c in range(terms.shape[0]):
        t = terms[c]
        fall = statistic[t] - penalty * size[t]
        predicted[c] = fall if model[t] else -fall
    return terms[np.argsort(predicted)]


@njit(cache=True, nogil=True)
def price_of(held, size, penalty):
    """What the change of a term adds to the penalty: taken out, it is saved."""
    return -penalty * size if held else penalty * size


@njit(cache=True, nogil=True)
def is_hopeless(held, size, penalty, statistic, slack, current, needed):
    """Whether twice the log-likelihood cannot reach `needed`, the statistic wrong by `slack`."""
    if held:
        return statistic > slack * penalty * size
    return 2.0 * current + slack * statistic < needed
