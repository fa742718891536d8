"""Tables with strata, gaps or limits: what is observed of them, and the terms of their models."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.composite import composite_of
from darkfigure.data.observation import Observation, observe
from darkfigure.data.people_seen import known_seen, shared_out
from darkfigure.data.table import CaptureTable
from darkfigure.formulas import design_up_to, read_formula
from darkfigure.numerics.composite import CompositeFit, fit_composite
from darkfigure.numerics.composite_margins import Margins, margins_of
from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.design import Design
from darkfigure.numerics.limited_counts import LimitedCounts

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

_NUMBERS_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class Layout:
    """What is observed of a table, and the terms that its models may have.

    Attributes
    ----------
    table : CaptureTable
    observation : Observation
    design : Design
        Every term a selection may choose, or those of the model given.
    """

    table: CaptureTable
    observation: Observation
    design: Design

    @classmethod
    def of(cls, settings: "LogLinear", table: CaptureTable) -> "Layout":
        """Lay a table out for these settings."""
        observation = observe(table)
        if settings.terms is not None:
            design = read_formula(settings.terms, observation)
        elif settings.select is None:
            design = design_up_to(observation, 1)
        elif table.strata:
            lists = settings.order or 2
            design = design_up_to(observation, 2, order_of_lists=min(lists, table.n_lists - 1))
        else:
            design = design_up_to(observation, settings.highest_order(table.n_lists))
        return cls(table, observation, design)

    @cached_property
    def data(self) -> Composite:
        """The rows as the numerics read them."""
        return composite_of(self.observation)

    @cached_property
    def margins(self) -> Margins:
        """The margins of the terms, which every fit looks at."""
        return margins_of(self.design, self.data.stratum)

    @cached_property
    def counts(self) -> LimitedCounts:
        """The counts of the rows."""
        return LimitedCounts(self.observation.low, self.observation.high)

    @cached_property
    def people(self) -> float:
        """People seen: where a count lies between limits, in the middle."""
        return float((0.5 * (self.data.low + self.data.high)).sum())

    def between_limits(self, means: np.ndarray) -> np.ndarray:
        """Expected counts of the rows given their limits, shape (rows,).

        Parameters
        ----------
        means : ndarray of float, shape (cells,)
        """
        return self.counts.moments(self.observation.expected(means))[0]

    def reported(self, counts: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Limits of counts of other people, told as those of the table were: (tables, rows) each.

        Parameters
        ----------
        counts : ndarray of int, shape (tables, rows)
        means : ndarray of float, shape (cells,)
            Where the table's own counts lie between their limits.
        """
        observation = self.observation
        if observation.is_exact and observation.disclosure is None:
            return counts, counts
        at = np.rint(self.between_limits(means))
        return observation.reported(
            counts, np.clip(at, observation.low, observation.high).astype(np.int64)
        )

    def fit(self, model: np.ndarray, start: np.ndarray | None = None) -> CompositeFit:
        """Fit one model to the table."""
        return fit_composite(self.data, self.design, model, start, margins=self.margins)

    def seen_by_stratum(self, means: np.ndarray) -> np.ndarray:
        """People seen in each stratum: counted where that is known, else as the model expects.

        Parameters
        ----------
        means : ndarray of float, shape (cells,)

        Returns
        -------
        ndarray of float, shape (strata,)
        """
        observation = self.observation
        expected = observation.expected(means)
        counts = self.between_limits(means)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(expected > 0, counts / expected, 0.0)
        share = (
            means[observation.cell]
            * observation.weight[observation.row_of]
            * scale[observation.row_of]
        )
        in_stratum = observation.stratum[observation.cell]
        return np.bincount(in_stratum, share, minlength=len(observation.at_work))


def seen_draws(
    layout: Layout, means: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """People seen in each stratum, drawn given the limits and the strata not recorded.

    Parameters
    ----------
    means : ndarray of float, shape (cells,)

    Returns
    -------
    ndarray of float, shape (draws, strata), or (1, strata) where the counts are known
    """
    observation = layout.observation
    known = known_seen(observation)
    if known is not None:
        return known[None, :]
    expected = observation.expected(means)
    step = max(1, _NUMBERS_AT_ONCE // len(expected))
    parts = []
    for first in range(0, draws, step):
        size = min(step, draws - first)
        counts = layout.counts.draw(np.broadcast_to(expected, (size, len(expected))), rng)
        every = np.broadcast_to(means, (size, len(means)))
        parts.append(shared_out(observation, counts, every, rng))
    return np.concatenate(parts)
