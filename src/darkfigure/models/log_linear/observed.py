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
from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.design import Design
from darkfigure.numerics.hierarchy import hierarchical_models

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

MOST_ENUMERATED = 40_000
"""Above so many models of a table without strata the search is stepwise."""

_PART = 256  # models fitted in one go


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
    def people(self) -> float:
        """People seen: where a count lies between limits, in the middle."""
        high = np.where(np.isfinite(self.data.high), self.data.high, self.data.low)
        return float((0.5 * (self.data.low + high)).sum())

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
        counts = between_limits(self.data, expected)
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
    observation, data = layout.observation, layout.data
    strata = len(observation.at_work)
    first = observation.stratum[observation.cell[observation.start[:-1]]]
    spread = np.maximum.reduceat(observation.stratum[observation.cell], observation.start[:-1])
    loose = np.flatnonzero((data.low < data.high) | (spread != first))
    firm = np.setdiff1d(np.arange(observation.rows), loose)
    known = np.bincount(first[firm], data.low[firm], minlength=strata).astype(float)
    if not len(loose):
        return known[None, :]
    found = np.tile(known, (draws, 1))
    expected = observation.expected(means)
    for row in loose:
        counts, chances = _chances(data.low[row], data.high[row], expected[row])
        people = rng.choice(counts, size=draws, p=chances)
        cells = observation.cell[observation.start[row] : observation.start[row + 1]]
        share = np.bincount(observation.stratum[cells], means[cells], minlength=strata)
        inside = np.flatnonzero(share)
        if len(inside) < 2:
            found[:, first[row]] += people
            continue
        shares = share[inside] / share.sum()
        found[:, inside] += rng.multinomial(people.astype(np.int64), shares)
    return found


def _chances(low: float, high: float, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """The counts that a Poisson row may have between its limits, and their chances."""
    from scipy.special import gammaln, softmax

    if low == high or mean <= 0.0:
        return np.array([low]), np.ones(1)
    counts = _likely(low, high, mean)
    return counts, softmax(counts * np.log(mean) - gammaln(counts + 1.0))


def between_limits(data: Composite, expected: np.ndarray) -> np.ndarray:
    """Expected counts of the rows given their limits, shape (rows,)."""
    counts = np.array(data.low)
    rows = np.flatnonzero(data.low < data.high)
    if len(rows):
        counts[rows] = truncated_mean(data.low[rows], data.high[rows], expected[rows])
    return counts


def truncated_mean(low: np.ndarray, high: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """E[Y | low ≤ Y ≤ high] of Poisson counts, shape (rows,)."""
    found = np.array(low, dtype=float)
    for row in np.flatnonzero(mean > 0):
        counts, chances = _chances(low[row], high[row], mean[row])
        found[row] = (chances * counts).sum()
    return found


def _likely(low: float, high: float, mean: float) -> np.ndarray:
    """The counts between limits that are not beyond all likelihood."""
    spread = 12.0 * np.sqrt(mean) + 40.0
    first = max(low, min(np.floor(mean - spread), high - 60.0))
    last = min(high, max(np.ceil(mean + spread), low + 60.0))
    return np.arange(max(first, low), last + 1.0)


@dataclass(frozen=True, eq=False)
class Choice:
    """Models fitted, the selected one first and those without an estimate last.

    Attributes
    ----------
    models : ndarray of bool, shape (models, terms)
    coefficients : ndarray of float, shape (columns,)
        Of the model selected.
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


def choose(settings: "LogLinear", layout: Layout) -> Choice:
    """Fit the candidates, and put the best first."""
    design = layout.design
    if settings.terms is not None or settings.select is None:
        models, exhaustive = design.full[None, :], True
        start = _independence(layout)
    else:
        start = _independence(layout)
        every = None
        if not layout.table.strata and settings.select != "downhill":
            every = _every_model(layout, settings.highest_order(layout.table.n_lists))
        exhaustive = every is not None
        models = _walk(settings, layout, start) if every is None else every
    log_likelihood, unseen = _fit_all(layout, models, start)
    criterion = criterion_of(settings, layout, log_likelihood, models)
    order = np.argsort(criterion, kind="stable")
    for place, index in enumerate(order):
        if not np.isfinite(criterion[index]):
            break
        fit = fit_composite(layout.data, design, models[index], start)
        if fit.converged:
            order = np.concatenate([order[place:], order[:place]])
            criterion[order[len(order) - place :]] = np.inf
            return Choice(
                models[order],
                log_likelihood[order],
                unseen[order],
                criterion[order],
                _parameters(design, models[order]),
                fit,
                exhaustive,
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
    rows = int((layout.data.high > 0).sum() + (layout.data.high == 0).sum())
    return pd.DataFrame(
        {
            "label": [label_of(layout.design, model) for model in choice.models],
            "population": np.where(have, seen + choice.unseen, np.nan),
            "criterion": np.where(have, choice.criterion, np.nan),
            "weight": choice.weights(),
            "parameters": choice.parameters,
            "deviance": np.where(have, np.maximum(2.0 * (top - choice.log_likelihood), 0), np.nan),
            "df": rows - choice.parameters,
            "status": np.where(have, 0, -1),
        }
    )


def _parameters(design: Design, models: np.ndarray) -> np.ndarray:
    return models.astype(np.int64) @ design.size


def _independence(layout: Layout) -> np.ndarray:
    """Coefficients of the main effects, from which other models start."""
    return fit_composite(layout.data, layout.design, layout.design.main).start


def _fit_all(
    layout: Layout, models: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood and unseen of every model of the table, nan where there is none."""
    parts = [models[first : first + _PART] for first in range(0, len(models), _PART)]

    def fitted(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        data = layout.data
        found = refit_composite(
            data.low[None], data.high[None], data, layout.design, part,
            np.broadcast_to(start, (len(part), len(start))), workers=1,
        )  # fmt: skip
        return found.log_likelihood[0], found.expected[0, :, :, 0].sum(axis=1)

    with ThreadPoolExecutor() as pool:
        found = list(pool.map(fitted, parts))
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _every_model(layout: Layout, order: int) -> np.ndarray | None:
    """All hierarchical models of the lists, shape (models, terms); None if they are too many."""
    table, design = layout.table, layout.design
    masks = hierarchical_models(table.n_lists, order, table.possible(), most=MOST_ENUMERATED)
    if masks is None:
        return None
    bits = [sum(1 << table.lists.index(name) for name in each) for each in design.factors]
    return masks[:, bits]


def _walk(settings: "LogLinear", layout: Layout, start: np.ndarray) -> np.ndarray:
    """The models met by adding and leaving out terms, as long as the criterion falls."""
    design = layout.design
    current = design.main
    known = {current.tobytes(): current}
    log_likelihood, _ = _fit_all(layout, current[None], start)
    best = criterion_of(settings, layout, log_likelihood, current[None])[0]
    while True:
        around = [each for each in _neighbours(design, current) if each.tobytes() not in known]
        if not around:
            break
        known |= {each.tobytes(): each for each in around}
        models = np.array(around)
        log_likelihood, _ = _fit_all(layout, models, start)
        values = criterion_of(settings, layout, log_likelihood, models)
        at = int(np.argmin(values))
        if not values[at] < best - 1e-9:
            break
        current, best = models[at], values[at]
        start = fit_composite(layout.data, design, current, start).start
    return np.array(list(known.values()))


def _neighbours(design: Design, model: np.ndarray) -> Iterator[np.ndarray]:
    """Models with one term more or less, hierarchical, with all main effects."""
    for term in np.flatnonzero(~design.main):
        other = model.copy()
        other[term] = not model[term]
        inside = design.within[:, term]
        holding = design.within[term] & model
        if model[inside].all() if other[term] else not holding.any():
            yield other
