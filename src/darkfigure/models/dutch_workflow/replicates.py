"""The bootstrap of the workflow: totals of all strata at once, the selection fixed or repeated."""

import time
from dataclasses import dataclass

import numpy as np

from darkfigure import progress
from darkfigure.models.dutch_workflow.layout import Layout
from darkfigure.models.dutch_workflow.path import Path
from darkfigure.numerics.strata_totals import at_least_seen
from darkfigure.numerics.two_way import fitted_two_way, refit_two_way
from darkfigure.numerics.two_way_steps import select_two_way
from darkfigure.uncertainty import Bootstrap

_PART = 64


@dataclass(frozen=True)
class Replicates:
    """Totals of every replicate.

    Attributes
    ----------
    totals : ndarray of float, shape (replicates, strata)
        Expected numbers in all; nan without an estimate.
    models : ndarray of bool, shape (replicates, terms)
        The model of each.
    """

    totals: np.ndarray
    models: np.ndarray

    @property
    def usable(self) -> np.ndarray:
        """Replicates that have an estimate, shape (replicates,)."""
        return np.isfinite(self.totals).all(axis=1)

    def share_of(self, model: np.ndarray) -> float:
        """Share of the usable replicates that chose a model."""
        return float((self.models[self.usable] == model).all(axis=1).mean())

    def different(self) -> int:
        """How many different models the usable replicates chose."""
        return len(np.unique(self.models[self.usable], axis=0))


def resampled(
    layout: Layout, path: Path, settings: Bootstrap, rng: np.random.Generator
) -> np.ndarray:
    """Tables drawn from the fitted model at its total, or from the people seen.

    Returns
    -------
    ndarray, shape (replicates, observable)
    """
    if settings.kind == "parametric":
        means = fitted_two_way(layout.counts, layout.design, path.fit)
    else:
        means = layout.counts
    tables = rng.multinomial(round(means.sum()), means / means.sum(), size=settings.replicates)
    return tables[:, : layout.design.observable]


def bootstrap(
    layout: Layout, path: Path, settings: Bootstrap, rng: np.random.Generator
) -> Replicates:
    """Fit the model chosen, or search again, in every replicate."""
    tables = resampled(layout, path, settings, rng)
    started, totals, models = time.monotonic(), [], []
    for first in range(0, len(tables), _PART):
        part = tables[first : first + _PART]
        if settings.reselect is False:
            expected = refit_two_way(part, layout.design, path.fit)
            models.append(np.repeat(path.fit.model[None, :], len(part), axis=0))
        else:
            found = select_two_way(part, layout.design, path.start)
            expected = found.expected
            models.append(found.models)
        totals.append(expected[:, :, 1])
        done = first + len(part)
        left = (time.monotonic() - started) / done * (len(tables) - done)
        progress.report(f"bootstrap, {left:.0f} s to go", done, len(tables))
    return Replicates(np.concatenate(totals), np.concatenate(models))


def unseen_draws(
    layout: Layout, replicates: Replicates, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws of the unseen of all strata: every replicate as often as any other, give or take one.

    Returns
    -------
    ndarray of float, shape (draws, strata)
    """
    totals = replicates.totals[replicates.usable]
    order = rng.permutation(len(totals))
    chosen = rng.permutation(np.resize(order, draws))
    return at_least_seen(totals, layout.seen, layout.years)[chosen] - layout.seen
