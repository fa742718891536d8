"""Fit the same model many times: once per stratum, each with its own seed."""

from dataclasses import dataclass

import numpy as np

from darkfigure import progress
from darkfigure.contract import Fit, Model, check_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable


@dataclass(frozen=True)
class StratumFit:
    """The fit of one stratum.

    Attributes
    ----------
    levels : tuple
        The stratum's value of each stratum variable.
    table : CaptureTable
    fit : Fit
    """

    levels: tuple[object, ...]
    table: CaptureTable
    fit: Fit


def fit_each_stratum(
    model: Model, table: CaptureTable, *, draws: int, rng: np.random.Generator
) -> list[StratumFit]:
    """Fit every stratum apart, with independent draws.

    Raises
    ------
    NotEstimable
        Naming the first stratum the model cannot estimate.
    """
    parts = table.split()
    streams = rng.spawn(len(parts))
    fits = []
    for done, ((levels, part), stream) in enumerate(zip(parts.items(), streams, strict=True)):
        try:
            check_table(model, part)
            fit = model.fit(part, draws=draws, rng=stream)
        except NotEstimable as error:
            name = ", ".join(str(level) for level in levels)
            raise NotEstimable(
                f"stratum {name}: {error.problem}",
                "estimate the strata together with strata='pooled', or join small ones with "
                "table.collapse(...).",
            ) from error
        fits.append(StratumFit(levels, part, fit))
        progress.report("strata", done + 1, len(parts))
    return fits
