"""What a model says of the unseen before it looks at the lists."""

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.calls import write_call
from darkfigure.contract import Model
from darkfigure.data.table import CaptureTable
from darkfigure.numerics.resampling import quantiles
from darkfigure.results.estimate import check_prob
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class PriorPredictive:
    """The prior of the population over those seen, N/n; made by `prior_predictive`.

    If it is narrow, or far from what the posterior says, the prior has a say in the answer.

    Attributes
    ----------
    model : Model
    table : CaptureTable
        Whose lists and strata were used; its counts were not.
    ratio : ndarray of float, shape (draws,)
        Expected number of people per person seen, 1/(1 − π0).
    population : tuple of float or None
        The central 95 % range of the prior on the population itself, where it is proper.
    """

    model: Model
    table: CaptureTable
    ratio: np.ndarray
    population: tuple[float, float] | None = field(default=None)

    def summary(self, prob: float = 0.95) -> pd.DataFrame:
        """Median, low and high of the people per person seen, and of the share unseen."""
        check_prob(prob)
        levels = np.array([0.5, (1 - prob) / 2, (1 + prob) / 2])
        with np.errstate(divide="ignore"):
            share = 1.0 - 1.0 / self.ratio
        frame = pd.DataFrame(
            [quantiles(self.ratio, levels), quantiles(share, levels)],
            index=["people per person seen", "share unseen"],
            columns=["median", "low", "high"],
        )
        frame.attrs["prob"] = prob
        return frame

    def text(self, *, prob: float = 0.95) -> str:
        """The printed form."""
        middle, low, high = self.summary(prob).to_numpy(float)[0]
        seen = self.table.n_observed
        without = "" if self.population is None else ", before the prior on the population"
        lines = [
            f"Before looking at the overlaps: {_times(middle)} people per person seen "
            f"({100 * prob:g}% of the prior: {_times(low)} to {_times(high)})",
            f"  for {seen:,} seen: {rounded(seen * low)} to {rounded(seen * high)} "
            f"{self.table.about.people}{without}",
            f"  model    {write_call(self.model)}",
        ]
        if self.population is not None:
            least, most = map(rounded, self.population)
            lines.append(f"  prior    95% of the prior on the population: {least} to {most}")
        return "\n".join(lines)

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """Histogram of the share of people on no list."""
        from darkfigure.results.predictive_plots import plot_prior

        return plot_prior(self, ax)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"


def _times(value: float) -> str:
    if not np.isfinite(value) or value >= 1e6:
        return "over a million" if value >= 1e6 else "any number"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
