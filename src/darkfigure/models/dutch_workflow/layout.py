"""A table of lists and stratum variables as the cells of a two-way model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from darkfigure.data.names import did_you_mean
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.numerics.two_way import TwoWay, orthogonal_polynomials

_MOST_CELLS = 200_000


@dataclass(frozen=True)
class Layout:
    """The cells of a table, in the order of its strata, and the names that go with them.

    Attributes
    ----------
    table : CaptureTable
    year : str
        The stratum variable of the years.
    degree : int or None
        Of the polynomial of the year; None for a parameter per year.
    """

    table: CaptureTable
    year: str
    degree: int | None

    @property
    def variables(self) -> tuple[str, ...]:
        """Stratum variables with several levels: the others need no parameter."""
        return tuple(name for name, levels in self.table.strata.items() if len(levels) > 1)

    @property
    def names(self) -> tuple[str, ...]:
        """Lists and stratum variables of the model."""
        return (*self.table.lists, *self.variables)

    @cached_property
    def design(self) -> TwoWay:
        """Cells and terms."""
        table = self.table
        levels = tuple(len(table.strata[name]) for name in self.variables)
        polynomial = None
        if self.degree is not None:
            years = _as_numbers(table.strata[self.year], self.year)
            scores = orthogonal_polynomials(years, self.degree)
            polynomial = (self.variables.index(self.year), scores)
        return TwoWay(table.n_lists, levels, table.possible(), polynomial)

    @cached_property
    def counts(self) -> np.ndarray:
        """People in each observable cell, shape (observable,)."""
        design, table = self.design, self.table
        stratum = np.zeros(len(table.low), dtype=np.int64)
        for name in self.variables:
            at = {level: i for i, level in enumerate(table.strata[name])}
            stratum *= len(at)
            stratum += np.array([at[level] for level in table.labels[name].tolist()])
        history = (table.histories == 1) @ (1 << np.arange(table.n_lists))
        cell = stratum * len(design.histories) + np.searchsorted(design.histories, history)
        return np.bincount(cell, weights=table.low, minlength=design.observable)

    @property
    def strata(self) -> pd.DataFrame:
        """One row per stratum, the last variable fastest."""
        rows = list(product(*self.table.strata.values()))
        return pd.DataFrame(rows, columns=list(self.table.strata))

    @property
    def seen(self) -> np.ndarray:
        """People seen in each stratum, shape (strata,)."""
        return self.seen_in(self.counts).astype(np.int64)

    @cached_property
    def years(self) -> np.ndarray:
        """The year of each stratum, numbered, shape (strata,)."""
        levels = self.design.level[self.design.observable :]
        return levels[:, self.table.n_lists + self.variables.index(self.year)]

    def seen_in(self, counts: np.ndarray) -> np.ndarray:
        """People seen in each stratum of a table, along the last axis."""
        return counts.reshape(*counts.shape[:-1], self.design.strata, -1).sum(axis=-1)

    def name(self, term: int) -> str:
        """A term by its lists and variables: "P:year"."""
        return ":".join(self.names[f] for f in self.design.terms[term])

    def label(self, model: np.ndarray) -> str:
        """A model by its largest terms: "[P K][P year][Z]"."""
        terms = [self.design.terms[t] for t in np.flatnonzero(model)]
        pairs = [term for term in terms if len(term) == 2]
        alone = [f for f in range(self.design.factors) if not any(f in pair for pair in pairs)]
        groups = [*pairs, *((f,) for f in alone)]
        return "".join(f"[{' '.join(self.names[f] for f in group)}]" for group in groups)

    def empty_pairs(self, model: np.ndarray) -> list[str]:
        """Pairs of a model's lists and levels in which nobody was seen."""
        design, found = self.design, []
        for t in np.flatnonzero(model):
            code = design.margin[: design.observable, t]
            inside = code >= 0
            if len(design.terms[t]) < 2 or not inside.any():
                continue
            total = np.bincount(code[inside], weights=self.counts[inside])
            for empty in np.flatnonzero(total[: code.max() + 1] == 0):
                where = np.flatnonzero(code == empty)
                if len(where):
                    found.append(self._pair_name(design.terms[t], int(where[0])))
        return found

    def _pair_name(self, term: tuple[int, ...], cell: int) -> str:
        parts = []
        for factor in term:
            name = self.names[factor]
            if factor >= self.table.n_lists:
                name += f"={self.table.strata[name][self.design.level[cell, factor]]}"
            parts.append(name)
        return " and ".join(parts)


def lay_out(table: CaptureTable, year: str, degree: int | None) -> Layout:
    """Lay a table out.

    Raises
    ------
    NotEstimable
        If it has no strata, no years, too few of them, or too many cells.
    """
    if year not in table.strata:
        known = ", ".join(map(repr, table.strata)) or "none"
        raise NotEstimable(
            f"DutchWorkflow needs a table with years, in a stratum variable {year!r}; this table's "
            f"stratum variables: {known}.",
            did_you_mean(year, tuple(table.strata))
            or f"make the table with by=[{year!r}, ...], name the variable (year=...), or take "
            "LogLinear().",
        )
    years = table.strata[year]
    fewest = 2 if degree is None else degree + 1
    if len(years) < fewest:
        raise NotEstimable(
            f"DutchWorkflow(degree={degree}) needs at least {fewest} years; {year!r} has "
            f"{len(years)}.",
            "a table of one year is estimated with LogLinear(); a lower degree needs fewer years.",
        )
    strata = math.prod(len(levels) for levels in table.strata.values())
    if strata << table.n_lists > _MOST_CELLS:
        raise NotEstimable(
            f"{table.n_lists} lists and {strata:,} strata make {strata << table.n_lists:,} cells; "
            f"DutchWorkflow takes {_MOST_CELLS:,} at most.",
            "join strata with table.collapse(...), or lists with table.merge({...}).",
        )
    return Layout(table, year, degree)


def _as_numbers(years: Sequence[object], name: str) -> list[float]:
    try:
        return [float(str(year)) for year in years]
    except ValueError:
        raise NotEstimable(
            f"the levels of {name!r} are no numbers ({years[0]!r}), so that a polynomial of them "
            "has no meaning.",
            "DutchWorkflow(degree=None) has a parameter per year.",
        ) from None
