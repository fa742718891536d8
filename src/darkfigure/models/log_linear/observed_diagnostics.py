"""How a model of a table with strata, gaps or limits fits, and what its estimate hangs on."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.errors import DarkfigureError
from darkfigure.models.log_linear.diagnostics import REPLICATES, residuals_of
from darkfigure.models.log_linear.observed import Layout
from darkfigure.models.log_linear.observed_choice import Choice, checked
from darkfigure.models.log_linear.observed_limits import influence_of_one
from darkfigure.numerics.composite import refit_composite
from darkfigure.numerics.composite_rows import saturated

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

_FEWER = 199  # tables, where they are large
_LARGE = 200_000  # rows times parameters


def all_of(
    settings: "LogLinear", layout: Layout, choice: Choice, rng: np.random.Generator
) -> dict[str, dict[str, np.ndarray]]:
    """Residuals, numbers on the fit, and totals without each list and without one person."""
    return {
        "cells": residuals(layout, choice),
        "fit": goodness_of_fit(layout, choice, rng),
        "without_list": without_each_list(settings, layout, choice),
        "jackknife": without_one_person(layout, choice),
    }


def residuals(layout: Layout, choice: Choice) -> dict[str, np.ndarray]:
    """Observed (in the middle of what the limits leave) and fitted counts of the rows."""
    observation = layout.observation
    names = np.array([observation.row_name(r) for r in range(observation.rows)], dtype=object)
    observed = layout.between_limits(choice.fit.means)
    return {"name": names, **residuals_of(observed, observation.expected(choice.fit.means))}


def goodness_of_fit(
    layout: Layout, choice: Choice, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """The deviance against tables drawn from the model, and observed as this one was.

    As many people are drawn over the rows as were seen; sums, suppression and rounding are done
    again, and the model is fitted again to each table.
    """
    fit = choice.fit
    expected = layout.observation.expected(fit.means)
    large = len(expected) * fit.parameters > _LARGE
    people = round(float(layout.between_limits(fit.means).sum()))
    counts = rng.multinomial(
        people, expected / expected.sum(), size=_FEWER if large else REPLICATES
    )
    low, high = layout.reported(counts, fit.means)
    refits = refit_composite(
        low, high, layout.data, layout.design, fit.model[None], fit.start[None],
        margins=layout.margins,
    )  # fmt: skip
    value = refits.log_likelihood[:, 0]
    top = np.array([saturated(*each) for each in zip(1.0 * low, 1.0 * high, strict=True)])
    have = np.isfinite(value)
    reached = (2.0 * (top - value)[have] >= fit.deviance - 1e-9).sum()
    inside = expected > 0
    difference = (layout.between_limits(fit.means) - expected)[inside]
    found = {
        "deviance": fit.deviance,
        "pearson": float((difference**2 / expected[inside]).sum()),
        "degrees_of_freedom": fit.degrees_of_freedom,
        "p_deviance": float((reached + 1) / (have.sum() + 1)),
        "tables": int(have.sum()),
    }
    return {name: np.array([value]) for name, value in found.items()}


def without_each_list(
    settings: "LogLinear", layout: Layout, choice: Choice
) -> dict[str, np.ndarray]:
    """The total with each list left out of the table and of the model; nan without an estimate.

    Nothing is selected again: what is left of the model stands.
    """
    table = layout.table
    totals = [
        _total_without(settings, layout, choice, name) if table.n_lists > 2 else np.nan
        for name in table.lists
    ]
    return {"list_name": np.array(table.lists, dtype=object), "population": np.array(totals)}


def without_one_person(layout: Layout, choice: Choice) -> dict[str, np.ndarray]:
    """The total with one person of each row left out, the model held fixed, to first order.

    The parameters move by the inverse information times J_r / m_r; rows that may hold nobody are
    left out.
    """
    counts = layout.between_limits(choice.fit.means)
    rows = np.flatnonzero(layout.observation.low > 0)
    names: np.ndarray = np.array([layout.observation.row_name(int(r)) for r in rows], dtype=object)
    total = float(choice.fit.expected[:, 1].sum())
    moved = influence_of_one(layout, choice.fit)[rows]
    return {"name": names, "people": counts[rows], "population": total - moved}


def _total_without(settings: "LogLinear", layout: Layout, choice: Choice, name: str) -> float:
    design = layout.design
    kept = [
        ":".join(parts)
        for parts, factors, inside in zip(
            design.parts, design.factors, choice.fit.model, strict=True
        )
        if inside and factors and name not in factors
    ]
    try:
        same = replace(settings, terms=" + ".join(kept), order=None, select="bic")
        part = Layout.of(same, layout.table.drop(name))
    except DarkfigureError:  # nobody is left, or the model holds what is left at once
        return np.nan
    fit = part.fit(part.design.full)
    sound = fit.converged and checked(part, fit).code == 0
    return float(fit.expected[:, 1].sum()) if sound else np.nan
