"""Log-linear models of tables with strata, gaps or limits: the fit that brings parts together."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.formulas import label_of
from darkfigure.literals import DrawsKind
from darkfigure.models.log_linear import observed_limits as limits
from darkfigure.models.log_linear.candidates import NEAR
from darkfigure.models.log_linear.observed import (
    Choice,
    Layout,
    between_limits,
    choose,
    model_table,
    seen_draws,
)
from darkfigure.numerics import bca
from darkfigure.numerics.strata_totals import at_least_seen
from darkfigure.uncertainty import Bootstrap, Profile

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

_FEWEST = 20  # replicates that an interval can be read off
_NO_ONE = 0.5  # unseen: a fit below it is at its boundary
_TIES = 2.0  # units of the criterion that no reader should choose by
_MOST_IN_STRATA = 10  # models that a replicate of a table with strata chooses among
_NAMED = 3  # cells or parameters named in a sentence


def needs_observation(table: CaptureTable) -> bool:
    """Whether counts per history alone do not say what is known of the table."""
    return bool(table.strata) or any(need != "impossible" for need in table.needs)


def fit_observed(
    settings: "LogLinear", table: CaptureTable, draws: int, rng: np.random.Generator
) -> Fit:
    """Choose a model over lists and strata, and draw from its uncertainty."""
    _refuse(settings, table)
    resampling, ordering, counting = rng.spawn(3)
    layout = Layout.of(settings, table)
    choice = choose(settings, layout)
    seen = seen_draws(layout, choice.fit.means, draws, counting)
    found = _cautions(settings, layout, choice)
    if settings.averages:
        kind: DrawsKind = "asymptotic"
        totals = _averaged(layout, choice, draws, ordering)
        label = f"LogLinear, {choice.estimated:,} models averaged by BIC (n = {settings.n})"
        groups: dict[str, xr.Dataset | dict[str, np.ndarray]] = {}
    else:
        label = f"LogLinear {label_of(layout.design, choice.models[0])}, {_how(settings, choice)}"
        groups = {"cells": _residuals(layout, choice)}
        if isinstance(settings.uncertainty, Bootstrap):
            kind = "bootstrap"
            pool = _pool(settings, layout, choice)
            replicates = limits.bootstrap(
                settings, layout, choice, settings.uncertainty, pool, resampling
            )
            found += _of_replicates(settings, choice, replicates, pool)
            totals = limits.picked(layout, replicates, draws, ordering)
            groups["replicates"] = {"population": replicates.population, "rank": replicates.rank}
        else:
            kind = "asymptotic"
            totals = _delta(layout, choice, draws, ordering)
            found += [caution("selection_fixed")] if choice.estimated > 1 else []
    points = choice.fit.expected[:, 1]
    together = np.zeros(seen.shape[1], dtype=np.int64)
    unseen = at_least_seen(totals, seen, together) - seen
    strata = layout.observation.strata
    if strata is not None:
        middle = layout.seen_by_stratum(choice.fit.means)
        of_strata = at_least_seen(points, middle, together)
        groups["point"] = xr.Dataset({"population": ("stratum_number", of_strata)})
    return Fit(
        kind=kind,
        seen=_laid_out(seen, strata is None),
        unseen=_laid_out(unseen, strata is None),
        label=label,
        point=float(points.sum()) if not settings.averages else float(np.median(totals.sum(1))),
        models=model_table(layout, choice),
        cautions=tuple(found),
        groups=groups,
        strata=strata,
    )


def _laid_out(values: np.ndarray, one: bool) -> np.ndarray:
    """Draws as chains, of one total or by stratum; what is the same in every draw, once."""
    if len(values) == 1:
        return values[0, 0].astype(np.int64) if one else values[0].astype(np.int64)
    if one:
        return in_chains(values[:, 0])
    return np.stack([in_chains(column) for column in values.T], axis=-1)


def _refuse(settings: "LogLinear", table: CaptureTable) -> None:
    """What these settings cannot do on such a table."""
    what = "strata in one model" if table.strata else "counts between limits"
    if settings.terms is None and settings.select == "stepwise":
        raise NotEstimable(
            f"the stepwise addition of pairs by their Poisson tail is not defined for {what}.",
            'LogLinear(select="bic") adds and leaves out terms by BIC; strata="separate" takes '
            "each stratum apart.",
        )
    if settings.averages and table.strata:
        raise NotEstimable(
            "models over lists and strata are too many to average by maximum likelihood.",
            'BayesianLogLinear() averages them with priors; strata="separate" averages in each '
            "stratum.",
        )
    if isinstance(settings.uncertainty, Profile):
        raise NotEstimable(
            f"the profile likelihood of the total is not available for {what}.",
            "uncertainty=Bootstrap() or Delta().",
        )


def _how(settings: "LogLinear", choice: Choice) -> str:
    if settings.terms is not None:
        return "the model given"
    if settings.select is None:
        return "main effects only"
    by = {"downhill": "BIC"}.get(settings.select, settings.select.upper().replace("AICC", "AICc"))
    size = f" (n = {settings.n})" if settings.select != "aic" else ""
    number = f"{len(choice.models):,} models"
    if choice.exhaustive:
        return f"best by {by}{size} of {number}"
    return f"terms added and left out by {by}{size}, {number} seen"


def _pool(settings: "LogLinear", layout: Layout, choice: Choice) -> int:
    """How many of the best models a replicate may choose from."""
    uncertainty = settings.uncertainty
    assert isinstance(uncertainty, Bootstrap)
    if uncertainty.reselect is False or settings.terms is not None or settings.select is None:
        return 1
    if uncertainty.reselect is True:
        return choice.estimated
    if not layout.table.strata:
        return min(uncertainty.reselect, choice.estimated)
    near = int((choice.criterion <= choice.criterion[0] + NEAR).sum())
    return min(uncertainty.reselect, near, _MOST_IN_STRATA)


def _averaged(layout: Layout, choice: Choice, draws: int, rng: np.random.Generator) -> np.ndarray:
    """A mixture over models of log-normal distributions of the unseen: shape (draws, 1)."""
    from darkfigure.numerics.composite import fit_composite

    weights = choice.weights()
    kept = int(np.searchsorted(np.cumsum(weights), 1.0 - 1e-4)) + 1
    shares = weights[:kept] / weights[:kept].sum()
    centre, spread = np.empty(kept), np.empty(kept)
    for index in range(kept):
        fit = fit_composite(layout.data, layout.design, choice.models[index], choice.fit.start)
        one = Choice(**{**vars(choice), "fit": fit})
        centre[index] = np.log(max(fit.unseen, 1e-12))
        spread[index] = limits.log_spread(layout, one)
    grid = np.linspace((centre - 8 * spread).min(), (centre + 8 * spread).max(), 20_001)
    below = (shares[:, None] * ndtr((grid - centre[:, None]) / spread[:, None])).sum(axis=0)
    seen = float(choice.fit.expected[:, 1].sum()) - choice.fit.unseen
    levels = bca.stratified_levels(draws, rng)
    return seen + np.exp(np.interp(levels, below, grid))[:, None]


def _delta(layout: Layout, choice: Choice, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Log-normal draws of the unseen, shared out over strata as estimated: (draws, strata)."""
    unseen, total = choice.fit.expected.T
    spread = limits.log_spread(layout, choice)
    z = ndtri(bca.stratified_levels(draws, rng))
    return (total - unseen) + unseen * np.exp(spread * z)[:, None]


def _residuals(layout: Layout, choice: Choice) -> dict[str, np.ndarray]:
    """Observed (in the middle of what the limits leave) and fitted counts of the rows."""
    observation = layout.observation
    fitted = observation.expected(choice.fit.means)
    observed = between_limits(layout.data, fitted)
    difference = observed - fitted
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = np.where(fitted > 0, difference / np.sqrt(fitted), 0.0)
        part = 2.0 * (np.where(observed > 0, observed * np.log(observed / fitted), 0) - difference)
    part = np.where(fitted > 0, part, 0.0)
    names = np.array([observation.row_name(r) for r in range(observation.rows)], dtype=object)
    return {
        "name": names,
        "observed": observed,
        "fitted": fitted,
        "pearson": pearson,
        "deviance": np.sign(difference) * np.sqrt(np.maximum(part, 0.0)),
    }


def _cautions(settings: "LogLinear", layout: Layout, choice: Choice) -> list[Caution]:
    """Ties, models without an estimate, parameters not told, and cells that limits leave empty."""
    found = []
    behind = choice.criterion - choice.criterion[0]
    ties = np.flatnonzero(behind <= _TIES)
    seen = float(choice.fit.expected[:, 1].sum()) - choice.fit.unseen
    if len(ties) > 1 and not settings.averages:
        named = "; ".join(
            f"{label_of(layout.design, choice.models[i])} {seen + choice.unseen[i]:,.0f} "
            f"({behind[i]:.2f} behind)"
            for i in ties[1:4]
        )
        more = f" and {len(ties) - 4} more" if len(ties) > 4 else ""
        found.append(caution("ties", units=_TIES, models=named + more))
    near = np.flatnonzero(behind <= NEAR)
    low, high = seen + choice.unseen[near].min(), seen + choice.unseen[near].max()
    if high > 2 * low:
        ends = near[[int(choice.unseen[near].argmin()), int(choice.unseen[near].argmax())]]
        described = "; ".join(
            f"{label_of(layout.design, choice.models[i])} gives {seen + choice.unseen[i]:,.0f}, "
            f"{behind[i]:.1f} behind"
            for i in ends
        )
        found.append(
            caution(
                "near_ties",
                number=f"{len(near):,}",
                candidates=f"{len(behind):,}",
                units=NEAR,
                low=f"{low:,.0f}",
                high=f"{high:,.0f}",
                models=described,
            )
        )
    if failed := len(behind) - choice.estimated:
        found.append(
            caution(
                "no_mle",
                number=f"{failed:,}",
                candidates=f"{len(behind):,}",
                reason="the rows observed do not determine their parameters",
            )
        )
    if layout.design.dropped:
        found.append(caution("not_told", parameters=_some(layout.design.dropped)))
    if choice.fit.boundary.any():
        names = np.array(layout.design.names)[choice.fit.boundary]
        found.append(caution("limits_at_boundary", parameters=_some(tuple(names))))
    if choice.fit.unseen < _NO_ONE:
        found.append(caution("boundary"))
    return found


def _of_replicates(
    settings: "LogLinear", choice: Choice, replicates: limits.Replicates, pool: int
) -> list[Caution]:
    """Replicates lost or at the boundary, and a selection held fixed."""
    found = []
    kept = int(replicates.usable.sum())
    if kept < _FEWEST:
        raise NotEstimable(
            f"only {kept} of {len(replicates.usable)} bootstrap replicates have an estimate: the "
            "data are too sparse for a bootstrap interval.",
            "use a model with priors, such as HierarchicalLogLinear().",
        )
    if kept < len(replicates.usable):
        found.append(caution("failed_replicates", share=float((~replicates.usable).mean())))
    if settings.terms is None and pool == 1 and choice.estimated > 1:
        found.append(caution("selection_fixed"))
    return found


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
