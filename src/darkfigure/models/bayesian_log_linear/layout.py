"""A table on the lattice of its lists and stratum variables, and the models it may have."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from darkfigure.data.names import name_of_history
from darkfigure.data.observation import Observation, observe
from darkfigure.data.people_seen import refuse_nobody
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    LaplaceFits,
    Observed,
    fit_laplace,
)
from darkfigure.numerics.bayes_sums import ObservedSums, fit_sums
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.hierarchy import allowed_terms, main_effects
from darkfigure.numerics.limited_counts import LimitedCounts
from darkfigure.terms import Terms, labels_of, read_terms

_MOST_BITS = 13  # cells and terms are 2**bits, and a prior precision the square of that


@dataclass(frozen=True)
class Layout:
    """The cells of a table as bits, with the names that go with them.

    Attributes
    ----------
    table : CaptureTable
    factors : Factors
        Lists, then stratum variables in the order of the table.
    """

    table: CaptureTable
    factors: Factors

    @classmethod
    def of(cls, table: CaptureTable) -> "Layout":
        """Lay a table out.

        Raises
        ------
        NotEstimable
            If it has too many lists and levels for one model.
        """
        factors = Factors(table.n_lists, tuple(len(levels) for levels in table.strata.values()))
        if factors.bits > _MOST_BITS:
            raise NotEstimable(
                f"{table.n_lists} lists and {len(factors.strata):,} strata are too many for one "
                f"model over all of them ({factors.bits} parameters before any interaction; "
                f"{_MOST_BITS} at most).",
                "strata='separate' estimates each stratum apart and adds up; or join strata with "
                "table.collapse(...).",
            )
        return cls(table, factors)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the lists and stratum variables."""
        return (*self.table.lists, *self.table.strata)

    @cached_property
    def observed(self) -> Observed:
        """Counts and observable cells; of rows in sums and limits, the fewest in single cells."""
        if self.in_sums:
            return self._at_least()
        factors, table = self.factors, self.table
        size = 1 << factors.bits
        history = (table.histories == 1) @ (1 << np.arange(factors.lists))
        cell = history.astype(np.int64)
        for masks, (name, levels) in zip(factors.level_bits, table.strata.items(), strict=True):
            at = dict(zip(levels, masks, strict=True))
            cell |= np.array([at[level] for level in table.labels[name].tolist()], dtype=np.int64)
        counts = np.bincount(cell, weights=table.low.astype(float), minlength=size)
        listed = np.arange(size) & ((1 << factors.lists) - 1)
        possible = np.tile(table.possible(), size >> factors.lists)
        return Observed(factors, counts, factors.exists & possible & (listed > 0))

    @cached_property
    def in_sums(self) -> bool:
        """Whether some count is between limits, or is a sum of several cells."""
        return self.table.needs_observation

    @cached_property
    def observation(self) -> Observation:
        """The rows of a table over its complete cells."""
        return observe(self.table)

    @cached_property
    def cells(self) -> np.ndarray:
        """The complete cells of `observation` as bits."""
        return self.observation.history | self.factors.strata[self.observation.stratum]

    @cached_property
    def limits(self) -> LimitedCounts:
        """What is known of the count of each row of `observation`."""
        return LimitedCounts(self.observation.low, self.observation.high)

    @cached_property
    def sums(self) -> ObservedSums:
        """The rows of `observation` over cells as bits."""
        seen = self.observation
        refuse_nobody(seen)
        return ObservedSums(
            self.factors,
            seen.start,
            self.cells[seen.cell],
            seen.weight,
            seen.low,
            seen.high,
            self.cells[seen.unseen],
        )

    def fit_laplace(self, models: np.ndarray, prior: EffectsPrior) -> LaplaceFits:
        """Mode and Laplace evidence of models over bits."""
        if self.in_sums:
            return fit_sums(self.sums, models, prior)
        return fit_laplace(self.observed, models, prior)

    @property
    def foretold_by(self) -> Observed:
        """Counts by which a search foretells what a model is worth: of sums a guess at them."""
        if not self.in_sums:
            return self.observed
        rows = self.sums
        return Observed(self.factors, rows.guess, np.isin(np.arange(len(rows.guess)), rows.cell))

    @property
    def strata(self) -> pd.DataFrame | None:
        """One row per stratum, in the order of `factors.strata`; None without variables."""
        if not self.table.strata:
            return None
        rows = list(product(*self.table.strata.values()))
        return pd.DataFrame(rows, columns=list(self.table.strata))

    def _at_least(self) -> Observed:
        rows, size = self.sums, 1 << self.factors.bits
        single = np.diff(rows.start) == 1
        cell = rows.cell[rows.start[:-1][single]]
        counts = np.bincount(cell, weights=rows.low[single], minlength=size)
        return Observed(self.factors, counts, np.isin(np.arange(size), rows.cell))

    @property
    def seen(self) -> np.ndarray:
        """People seen in each stratum, shape (strata,), where every count is of one cell."""
        by_stratum = np.arange(len(self.observed.counts)) >> self.factors.lists
        sums = np.bincount(by_stratum, weights=self.observed.counts)
        return sums[self.factors.strata >> self.factors.lists]

    @cached_property
    def possible(self) -> np.ndarray:
        """Sets of lists and variables that may interact, shape (2**variables,)."""
        sets = np.arange(1 << self.factors.variables)
        every_list = (1 << self.factors.lists) - 1
        lists = sets & every_list
        return self.table.possible()[lists] & (lists != every_list)

    def highest_order(self, order: int | None) -> int:
        """Most lists and variables in an interaction."""
        k = self.factors.variables
        default = k - 1 if k <= 4 else 3 if k == 5 else 2
        return min(order or default, k - 1)

    def largest(self, order: int) -> np.ndarray:
        """The model with every interaction allowed, over lists and variables."""
        model = main_effects(self.factors.variables)
        model[allowed_terms(self.factors.variables, order, self.possible)] = True
        return model

    def given(self, terms: Terms) -> np.ndarray:
        """The model with these terms, over lists and variables."""
        model = read_terms(terms, self.variables)
        sizes = np.bitwise_count(np.arange(len(model)))
        for term in np.flatnonzero(model & ~self.possible & (sizes > 1)).tolist():
            names = " and ".join(n for j, n in enumerate(self.variables) if term >> j & 1)
            raise SettingsError(
                f"terms hold an interaction between {names}, of which the data can hold nothing: "
                "it binds lists that cannot overlap, or all lists at once.",
                "leave it out.",
            )
        return model

    def labels(self, models: np.ndarray) -> list[str]:
        """Names of models over lists and variables."""
        return labels_of(models, self.variables)

    def term_names(self, terms: np.ndarray) -> list[str]:
        """Names of terms in bits: "police + shelter", "police + year=2011"."""
        return [self._name(int(term)) for term in terms]

    def cell_names(self, cells: np.ndarray) -> list[str]:
        """Names of observable cells: the history, then the stratum in brackets."""
        strata = self.strata
        if strata is None:
            return [name_of_history(int(cell), self.table.lists) for cell in cells]
        rows: Sequence[str] = [", ".join(map(str, row)) for row in strata.to_numpy()]
        of_bits = dict(zip(self.factors.strata.tolist(), rows, strict=True))
        every_list = (1 << self.factors.lists) - 1
        return [
            f"{name_of_history(int(cell) & every_list, self.table.lists)} "
            f"[{of_bits[int(cell) & ~every_list]}]"
            for cell in cells
        ]

    def _name(self, term: int) -> str:
        parts = [name for j, name in enumerate(self.table.lists) if term >> j & 1]
        for masks, (name, levels) in zip(
            self.factors.level_bits, self.table.strata.items(), strict=True
        ):
            parts += [
                f"{name}={level}" for mask, level in zip(masks, levels, strict=True) if term & mask
            ]
        return " + ".join(parts)
