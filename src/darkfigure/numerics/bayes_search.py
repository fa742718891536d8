"""A search for the Bayesian log-linear models with the most evidence, where there are too many."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkfigure import progress
from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    LaplaceFits,
    Observed,
    evidence_changes,
    take_models,
    together,
)
from darkfigure.numerics.walk import Landscape, keys_of, walk_models

_GOOD = 14.0  # on the scale of −2 log evidence: models a thousand times less probable are left out
_MOST_VISITED = 20_000
_MOST_NUMBERS = 1 << 24  # held at a time: one for each model and term


@dataclass(frozen=True)
class Found:
    """Models that a search found, the most probable first.

    Attributes
    ----------
    variables : ndarray of bool, shape (models, 2**variables)
        Terms of each model over lists and stratum variables.
    fits : LaplaceFits
        Over bits.
    """

    variables: np.ndarray
    fits: LaplaceFits


type Fitter = Callable[[np.ndarray, EffectsPrior], LaplaceFits]
"""Finds mode and evidence of models over bits."""


def search_models(
    fit: Fitter,
    observed: Observed,
    possible: np.ndarray,
    order: int,
    prior: EffectsPrior,
    rng: np.random.Generator,
) -> Found:
    """Walk from many starts, then look around all good models.

    Parameters
    ----------
    fit : callable
        Finds mode and evidence of models over bits, under a prior.
    observed : Observed
        What neighbours are foretold by.
    possible : ndarray of bool, shape (2**variables,)
        Sets of lists and variables that may interact.
    order : int
        Most of them in one interaction.
    prior : EffectsPrior
    """
    fitting = _Fitting(fit, observed, prior)
    walk = walk_models(fitting, observed.factors.variables, possible, order, rng)
    walk.surround(within=_GOOD, most=min(_MOST_VISITED, _MOST_NUMBERS // len(observed.counts)))
    models = walk.in_order()
    return Found(models, fitting.fits_of(models))


class _Fitting(Landscape):
    """Laplace fits of the models that a search asks for; their value is −2 log evidence."""

    def __init__(self, fit: Fitter, observed: Observed, prior: EffectsPrior) -> None:
        self._fit, self._observed, self._prior = fit, observed, prior
        self._parts: list[LaplaceFits] = []
        self._at: dict[bytes, tuple[int, int]] = {}

    def values_of(self, models: np.ndarray) -> np.ndarray:
        fits = self._fit(self._observed.factors.expand(models), self._prior)
        part = len(self._parts)
        self._at.update((key, (part, row)) for row, key in enumerate(keys_of(models)))
        self._parts.append(fits)
        progress.report("models looked at", len(self._at), 0)
        return -2.0 * fits.log_evidence(self._prior)

    def forecast(self, models: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        at = [self._at[key] for key in keys_of(models)]
        fits = together([take_models(self._parts[part], [row]) for part, row in at])
        found = evidence_changes(self._observed, models, fits, self._prior, allowed)
        return -2.0 * (fits.log_evidence(self._prior)[:, None] + found)

    def fits_of(self, models: np.ndarray) -> LaplaceFits:
        """The fits of models looked at, in the order given."""
        first = np.cumsum([0, *(len(part.models) for part in self._parts)])
        rows = [first[part] + row for part, row in (self._at[key] for key in keys_of(models))]
        return take_models(together(self._parts), rows)
