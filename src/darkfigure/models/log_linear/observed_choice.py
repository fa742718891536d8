"""The models a selection looked at in a table with strata, gaps or limits, and their estimates."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.errors import NotEstimable
from darkfigure.formulas import label_of
from darkfigure.literals import Criterion
from darkfigure.models.log_linear.candidates import none_usable, why_not
from darkfigure.models.log_linear.observed import Layout
from darkfigure.numerics.composite import CompositeFit, refit_composite
from darkfigure.numerics.composite_existence import CompositeStatus, check_composite
from darkfigure.numerics.composite_rows import saturated
from darkfigure.numerics.composite_steps import stepwise_composite
from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.design import Design
from darkfigure.numerics.hierarchy import hierarchical_models

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

MOST_ENUMERATED = 40_000
"""Above so many models of a table without strata the search is stepwise."""

_PART = 64  # models fitted in one go
_EXAMINED = 20  # failed models whose failure is examined by linear programme
_CELLS_EXAMINED = 40_000  # of all of them together
_UNEXAMINED = -1


@dataclass(frozen=True, eq=False)
class Choice:
    """Models fitted, the selected one first and those without an estimate last.

    Attributes
    ----------
    models : ndarray of bool, shape (models, terms)
    log_likelihood, unseen, criterion : ndarray of float, shape (models,)
        criterion is inf where there is no estimate.
    parameters : ndarray of int, shape (models,)
    status : ndarray of int, shape (models,)
        0 fine, 1 no estimate, 2 not identifiable, 3 both; -1 failed and not examined further.
    fit : CompositeFit
        Of the model selected.
    proven : bool
        Whether linear programmes prove that its estimate exists; if not, the fit alone says so.
    exhaustive : bool
        Whether every model allowed was fitted.
    """

    models: np.ndarray
    log_likelihood: np.ndarray
    unseen: np.ndarray
    criterion: np.ndarray
    parameters: np.ndarray
    status: np.ndarray
    fit: CompositeFit
    proven: bool
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
    """Fit the candidates, and put the best first whose estimate exists and is unique.

    Raises
    ------
    NotEstimable
        If none has an estimate.
    """
    every = _every_model(settings, layout)
    start = layout.fit(layout.design.main).start
    found = _search(settings, layout) if every is None else _fit_all(layout, every, start)
    criterion = criterion_of(settings, layout, found.log_likelihood, found.models)
    status = np.where(np.isfinite(criterion), 0, _UNEXAMINED)
    order = np.argsort(criterion, kind="stable")
    for index in order[np.isfinite(criterion[order])]:
        fit = layout.fit(found.models[index], start)
        proof = checked(layout, fit)
        if fit.converged and proof.code == 0:
            break
        status[index], criterion[index] = proof.code or _UNEXAMINED, np.inf
    most = max(1, min(_EXAMINED, _CELLS_EXAMINED // layout.data.cells))
    for index in np.flatnonzero(status == _UNEXAMINED)[:most]:
        status[index] = checked(layout, layout.fit(found.models[index])).code or _UNEXAMINED
    if not np.isfinite(criterion).any():
        raise _not_estimable(settings, layout, status)
    order = np.argsort(criterion, kind="stable")
    return Choice(
        found.models[order],
        found.log_likelihood[order],
        found.unseen[order],
        criterion[order],
        _parameters(layout.design, found.models[order]),
        status[order],
        fit,
        proof.proven,
        exhaustive=every is not None,
    )


def checked(layout: Layout, fit: CompositeFit) -> CompositeStatus:
    """Whether the estimate of a model exists and is unique."""
    return check_composite(layout.data, layout.design, fit.model, fit=fit, margins=layout.margins)


def why_none(layout: Layout) -> str:
    """What is behind a failure, in words."""
    said = why_not(layout.table) if layout.observation.is_exact else ""
    if said.startswith("no one"):
        return said
    where = "lists and strata" if layout.table.strata else "lists"
    return f"some combinations of {where} hold too few people, or no row tells them apart"


def _not_estimable(settings: "LogLinear", layout: Layout, status: np.ndarray) -> NotEstimable:
    problem = none_usable(status, given=settings.terms is not None)
    return NotEstimable(
        f"{problem} ({why_none(layout)}).",
        "look at table.overlap(); leave terms out, merge lists with table.merge({...}), add strata "
        "up with table.collapse(...), or use a model with priors: BayesianLogLinear(), "
        "HierarchicalLogLinear().",
    )


def criterion_of(
    settings: "LogLinear", layout: Layout, log_likelihood: np.ndarray, models: np.ndarray
) -> np.ndarray:
    """-2 log L plus penalty; inf where there is no estimate, shape (..., models)."""
    size = _sample_size(settings, layout)
    parameters = _parameters(layout.design, models)
    value = -2.0 * log_likelihood + penalty(_criterion_name(settings), parameters, size)
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
            "status": choice.status,
        }
    )


def penalty_of_one(settings: "LogLinear", layout: Layout) -> float:
    """The penalty of one parameter: log n, or 2 (to begin with, where AICc corrects it)."""
    bic = _criterion_name(settings) == "bic"
    return float(np.log(_sample_size(settings, layout))) if bic else 2.0


def _criterion_name(settings: "LogLinear") -> Criterion:
    return settings.select if settings.select in ("bic", "aic", "aicc") else "bic"


def _sample_size(settings: "LogLinear", layout: Layout) -> float:
    return layout.people if settings.n == "people" else float(layout.data.rows)


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


def _search(settings: "LogLinear", layout: Layout) -> _Fitted:
    """The models met by adding and leaving out terms, as long as the criterion falls.

    Steps by a penalty per parameter are compiled; at their end every neighbour is fitted, and the
    walk goes on if one of them is better.
    """
    design, data = layout.design, layout.data
    path = stepwise_composite(
        data,
        design,
        design.main,
        design.full,
        (penalty_of_one(settings, layout),),
        margins=layout.margins,
    )
    met = [
        _Fitted(
            step.fit.model[None], np.array([step.fit.log_likelihood]), np.array([step.fit.unseen])
        )
        for step in path
        if step.fit.converged
    ]
    current, start = path[-1].fit.model, path[-1].fit.start
    known = {step.fit.model.tobytes() for step in path}
    best = np.inf
    if met:
        best = criterion_of(settings, layout, met[-1].log_likelihood, met[-1].models)[0]
    else:
        met = [_fit_all(layout, current[None], start)]
    while True:
        around = [m for m in _neighbours(design, current) if m.tobytes() not in known]
        if not around:
            break
        known |= {m.tobytes() for m in around}
        met.append(_fit_all(layout, np.array(around), start))
        values = criterion_of(settings, layout, met[-1].log_likelihood, met[-1].models)
        at = int(np.argmin(values))
        if not values[at] < best - 1e-9:
            break
        current, best = around[at], values[at]
        start = layout.fit(current, start).start
    return _Fitted(
        *(
            np.concatenate([getattr(step, name) for step in met])
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
