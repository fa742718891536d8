"""Tables with strata, gaps or limits: the models a selection looked at, and their estimates."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.data.composite import composite_of
from darkfigure.data.observation import Observation, observe
from darkfigure.data.people_seen import known_seen, shared_out
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.formulas import design_up_to, label_of, read_formula
from darkfigure.numerics.composite import (
    Composite,
    CompositeFit,
    fit_composite,
    refit_composite,
    saturated,
)
from darkfigure.numerics.composite_margins import Margins, margins_of
from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.design import Design
from darkfigure.numerics.hierarchy import hierarchical_models
from darkfigure.numerics.limited_counts import LimitedCounts

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

MOST_ENUMERATED = 40_000
"""Above so many models of a table without strata the search is stepwise."""

_PART = 256  # models fitted in one go
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


@dataclass(frozen=True, eq=False)
class Choice:
    """Models fitted, the selected one first and those without an estimate last.

    Attributes
    ----------
    models : ndarray of bool, shape (models, terms)
    log_likelihood, unseen, criterion : ndarray of float, shape (models,)
        criterion is inf where there is no estimate.
    parameters : ndarray of int, shape (models,)
    fit : CompositeFit
        Of the model selected.
    exhaustive : bool
        Whether every model allowed was fitted.
    """

    models: np.ndarray
    log_likelihood: np.ndarray
    unseen: np.ndarray
    criterion: np.ndarray
    parameters: np.ndarray
    fit: CompositeFit
    exhaustive: bool

    @property
    def estimated(self) -> int:
        """How many models have an estimate."""
        return int(np.isfinite(self.criterion).sum())

    def weights(self) -> np.ndarray:
        """exp(−criterion/2), normalised."""
        weight = np.exp(-0.5 * (self.criterion - self.criterion.min()))
        return weight / weight.sum()


@dataclass(frozen=True, eq=False)
class _Fitted:
    """Models fitted to the table: log-likelihood and unseen, nan where there is no estimate."""

    models: np.ndarray
    log_likelihood: np.ndarray
    unseen: np.ndarray


def choose(settings: "LogLinear", layout: Layout) -> Choice:
    """Fit the candidates, and put the best first."""
    start = layout.fit(layout.design.main).start
    every = _every_model(settings, layout)
    found = _walk(settings, layout, start) if every is None else _fit_all(layout, every, start)
    criterion = criterion_of(settings, layout, found.log_likelihood, found.models)
    order = np.argsort(criterion, kind="stable")
    for place, index in enumerate(order):
        if not np.isfinite(criterion[index]):
            break
        fit = layout.fit(found.models[index], start)
        if fit.converged:
            criterion[order[:place]] = np.inf
            order = np.roll(order, -place)
            return Choice(
                found.models[order],
                found.log_likelihood[order],
                found.unseen[order],
                criterion[order],
                _parameters(layout.design, found.models[order]),
                fit,
                exhaustive=every is not None,
            )
    which = "the model given" if settings.terms is not None else "none of the candidate models"
    verb = "has no" if settings.terms is not None else "has an"
    raise NotEstimable(
        f"{which} {verb} estimate: lists share too few people, strata hold too few, or the rows "
        "observed do not tell the parameters apart.",
        "look at table.overlap(); leave terms out, merge lists with table.merge({...}), add strata "
        "up with table.collapse(...), or use a model with priors: HierarchicalLogLinear().",
    )


def criterion_of(
    settings: "LogLinear", layout: Layout, log_likelihood: np.ndarray, models: np.ndarray
) -> np.ndarray:
    """-2 log L plus penalty; inf where there is no estimate, shape (..., models)."""
    name = settings.select if settings.select in ("bic", "aic", "aicc") else "bic"
    size = layout.people if settings.n == "people" else float(layout.data.rows)
    value = -2.0 * log_likelihood + penalty(name, _parameters(layout.design, models), size)
    return np.where(np.isfinite(log_likelihood), value, np.inf)


def model_table(layout: Layout, choice: Choice) -> pd.DataFrame:
    """Every candidate, best first, as `est.models` shows it."""
    have = np.isfinite(choice.criterion)
    top = saturated(layout.data.low, layout.data.high)
    seen = float(choice.fit.expected[:, 1].sum()) - choice.fit.unseen
    return pd.DataFrame(
        {
            "label": [label_of(layout.design, model) for model in choice.models],
            "population": np.where(have, seen + choice.unseen, np.nan),
            "criterion": np.where(have, choice.criterion, np.nan),
            "weight": choice.weights(),
            "parameters": choice.parameters,
            "deviance": np.where(have, np.maximum(2.0 * (top - choice.log_likelihood), 0), np.nan),
            "df": layout.data.rows - choice.parameters,
            "status": np.where(have, 0, -1),
        }
    )


def _parameters(design: Design, models: np.ndarray) -> np.ndarray:
    return models.astype(np.int64) @ design.size


def _fit_all(layout: Layout, models: np.ndarray, start: np.ndarray) -> _Fitted:
    """Fit models to the table, on threads."""
    data, margins = layout.data, layout.margins
    parts = [models[first : first + _PART] for first in range(0, len(models), _PART)]

    def fitted(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = refit_composite(
            data.low[None], data.high[None], data, layout.design, part,
            np.broadcast_to(start, (len(part), len(start))), margins=margins, workers=1,
        )  # fmt: skip
        return found.log_likelihood[0], found.expected[0, :, :, 0].sum(axis=1)

    with ThreadPoolExecutor() as pool:
        found = list(pool.map(fitted, parts))
    return _Fitted(models, *(np.concatenate(each) for each in zip(*found, strict=True)))


def _every_model(settings: "LogLinear", layout: Layout) -> np.ndarray | None:
    """All models to look at, shape (models, terms); None where terms are added and left out."""
    table, design = layout.table, layout.design
    if settings.terms is not None or settings.select is None:
        return design.full[None, :]
    if table.strata or settings.select == "downhill":
        return None
    order = settings.highest_order(table.n_lists)
    masks = hierarchical_models(table.n_lists, order, table.possible(), most=MOST_ENUMERATED)
    if masks is None:
        return None
    bits = [sum(1 << table.lists.index(name) for name in each) for each in design.factors]
    return masks[:, bits]


def _walk(settings: "LogLinear", layout: Layout, start: np.ndarray) -> _Fitted:
    """The models met by adding and leaving out terms, as long as the criterion falls."""
    design = layout.design
    current = design.main
    steps = [_fit_all(layout, current[None], start)]
    best = criterion_of(settings, layout, steps[0].log_likelihood, current[None])[0]
    known = {current.tobytes()}
    while True:
        around = [each for each in _neighbours(design, current) if each.tobytes() not in known]
        if not around:
            break
        known |= {each.tobytes() for each in around}
        steps.append(_fit_all(layout, np.array(around), start))
        values = criterion_of(settings, layout, steps[-1].log_likelihood, steps[-1].models)
        at = int(np.argmin(values))
        if not values[at] < best - 1e-9:
            break
        current, best = around[at], values[at]
        start = layout.fit(current, start).start
    return _Fitted(
        *(
            np.concatenate([getattr(step, name) for step in steps])
            for name in _Fitted.__dataclass_fields__
        )
    )


def _neighbours(design: Design, model: np.ndarray) -> Iterator[np.ndarray]:
    """Models with one term more or less, hierarchical, with all main effects."""
    for term in np.flatnonzero(~design.main):
        other = model.copy()
        other[term] = not model[term]
        inside = design.within[:, term]
        holding = design.within[term] & model
        if model[inside].all() if other[term] else not holding.any():
            yield other
