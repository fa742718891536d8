"""Log-linear models of tables with strata, gaps or limits: the fit that brings parts together."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import ndtr, ndtri

from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.formulas import label_of
from darkfigure.literals import DrawsKind
from darkfigure.models.log_linear import observed_diagnostics as diagnostics
from darkfigure.models.log_linear import observed_limits as limits
from darkfigure.models.log_linear.candidates import NEAR
from darkfigure.models.log_linear.observed import Layout, seen_draws
from darkfigure.models.log_linear.observed_choice import (
    Choice,
    checked,
    choose,
    model_table,
    why_none,
)
from darkfigure.models.log_linear.trouble import fit_cautions, lower_limit_only, near_cautions
from darkfigure.numerics import bca
from darkfigure.numerics.strata_totals import at_least_seen
from darkfigure.uncertainty import Bootstrap, Profile

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

_FEWEST = 20  # replicates that an interval can be read off
_NO_ONE = 0.5  # unseen: a fit below it is at its boundary
_MOST_IN_STRATA = 10  # models that a replicate of a table with strata chooses among
_NAMED = 3  # cells or parameters named in a sentence


def needs_observation(table: CaptureTable) -> bool:
    """Whether counts per history alone do not say what is known of the table."""
    return bool(table.strata) or table.needs_observation


def fit_observed(
    settings: "LogLinear",
    table: CaptureTable,
    draws: int,
    rng: np.random.Generator,
    *,
    plainly: bool = False,
) -> Fit:
    """Choose a model over lists and strata, and draw from its uncertainty.

    Plainly: without residuals, goodness of fit and influence.
    """
    _refuse(settings, table)
    resampling, ordering, counting, checking = rng.spawn(4)
    layout = Layout.of(settings, table)
    try:
        choice = choose(settings, layout)
    except NotEstimable:
        if settings.terms is None or not isinstance(settings.uncertainty, Profile):
            raise
        bound = _without_maximum(settings, layout, draws, ordering, counting)
        if bound is None:
            raise
        return bound
    seen = seen_draws(layout, choice.fit.means, draws, counting)
    models = model_table(layout, choice)
    found = _cautions(settings, layout, choice, models)
    if settings.averages:
        kind: DrawsKind = "asymptotic"
        totals = _averaged(layout, choice, draws, ordering)
        label = f"LogLinear, {choice.estimated:,} models averaged by BIC (n = {settings.n})"
        groups: dict[str, xr.Dataset | dict[str, np.ndarray]] = {}
    else:
        label = f"LogLinear {models['label'].iloc[0]}, {_how(settings, choice)}"
        groups = {}
        if not plainly:
            looked = diagnostics.all_of(settings, layout, choice, checking)
            found += fit_cautions(looked)
            groups = dict(looked)
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
            found += [caution("selection_fixed")] if choice.estimated > 1 else []
            if layout.observation.strata is not None:
                found.append(caution("levels_follow_total"))
            if isinstance(settings.uncertainty, Profile):
                kind = "profile"
                drawn, _ = limits.profile(layout, choice.fit, draws, ordering)
            else:
                kind = "asymptotic"
                drawn = _log_normal(layout, choice, draws, ordering)
            endless = float(np.isinf(drawn).mean())
            found += [caution("no_upper_limit", share=endless)] if endless else []
            totals = _over_strata(choice, drawn)
    points = choice.fit.expected[:, 1]
    together = np.zeros(seen.shape[1], dtype=np.int64)
    unseen = _unseen_of(totals, seen)
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
        models=models,
        cautions=tuple(found),
        groups=groups,
        strata=strata,
        tail_exponent=1.0 if np.isinf(totals).any() else np.inf,
    )


def _without_maximum(
    settings: "LogLinear",
    layout: Layout,
    draws: int,
    ordering: np.random.Generator,
    counting: np.random.Generator,
) -> Fit | None:
    """A given model whose likelihood rises without end still sets a lower limit; else None."""
    fit = layout.fit(layout.design.full)
    if layout.observation.strata is not None or not checked(layout, fit).identifiable:
        return None
    unseen, best = limits.profile(layout, fit, draws, ordering)
    if not np.isinf(best):
        return None
    seen = seen_draws(layout, fit.means, draws, counting)
    label = label_of(layout.design, fit.model)
    return lower_limit_only(label, _laid_out(seen, one=True), unseen, why_none(layout))


def _unseen_of(totals: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The unseen of each stratum, never below 0; endless where totals are: (draws, strata)."""
    together = np.zeros(seen.shape[1], dtype=np.int64)
    endless = np.isinf(totals)
    unseen = at_least_seen(
        np.where(endless.any(axis=1, keepdims=True), seen, totals), seen, together
    )
    return np.where(endless, np.inf, unseen - seen)


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


def _how(settings: "LogLinear", choice: Choice) -> str:
    if settings.terms is not None:
        return "the model given"
    if settings.select is None:
        return "main effects only"
    by = settings.criterion_in_words
    number = f"{len(choice.models):,} models"
    if choice.exhaustive:
        return f"best by {by} of {number}"
    return f"terms added and left out by {by}, {number} seen"


def _pool(settings: "LogLinear", layout: Layout, choice: Choice) -> int:
    """How many of the best models a replicate may choose from; 0 to search again."""
    uncertainty = settings.uncertainty
    assert isinstance(uncertainty, Bootstrap)
    if uncertainty.reselect is False or settings.terms is not None or settings.select is None:
        return 1
    if uncertainty.reselect is True:
        again = not choice.exhaustive and settings.select != "aicc"
        return 0 if again else choice.estimated
    if not layout.table.strata:
        return min(uncertainty.reselect, choice.estimated)
    near = int((choice.criterion <= choice.criterion[0] + NEAR).sum())
    return min(uncertainty.reselect, near, _MOST_IN_STRATA)


def _averaged(layout: Layout, choice: Choice, draws: int, rng: np.random.Generator) -> np.ndarray:
    """A mixture over models of log-normal distributions of the unseen: shape (draws, 1)."""
    weights = choice.weights()
    kept = int(np.searchsorted(np.cumsum(weights), 1.0 - 1e-4)) + 1
    shares = weights[:kept] / weights[:kept].sum()
    centre, spread = np.empty(kept), np.empty(kept)
    for index in range(kept):
        fit = layout.fit(choice.models[index], choice.fit.start)
        centre[index] = np.log(max(fit.unseen, 1e-12))
        spread[index] = limits.log_spread(layout, fit)
    grid = np.linspace((centre - 8 * spread).min(), (centre + 8 * spread).max(), 20_001)
    below = (shares[:, None] * ndtr((grid - centre[:, None]) / spread[:, None])).sum(axis=0)
    seen = float(choice.fit.expected[:, 1].sum()) - choice.fit.unseen
    levels = bca.stratified_levels(draws, rng)
    return seen + np.exp(np.interp(levels, below, grid))[:, None]


def _log_normal(layout: Layout, choice: Choice, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws of all the unseen by the delta method: shape (draws,)."""
    z = ndtri(bca.stratified_levels(draws, rng))
    return choice.fit.unseen * np.exp(limits.log_spread(layout, choice.fit) * z)


def _over_strata(choice: Choice, drawn: np.ndarray) -> np.ndarray:
    """Totals of strata: draws of all the unseen shared out as estimated, (draws, strata)."""
    unseen, total = choice.fit.expected.T
    share = unseen / max(float(unseen.sum()), 1e-300)
    with np.errstate(invalid="ignore"):
        spread = np.where(share > 0, drawn[:, None] * share, 0.0)
    return (total - unseen) + spread


def _cautions(
    settings: "LogLinear", layout: Layout, choice: Choice, models: pd.DataFrame
) -> list[Caution]:
    """Ties, models without an estimate, parameters not told, and cells that limits leave empty."""
    behind = models["criterion"] - models["criterion"].iloc[0]
    near = near_cautions(models.assign(behind=behind)[behind <= NEAR], len(models))
    found = [each for each in near if each.kind != "ties" or not settings.averages]
    if failed := len(models) - choice.estimated:
        found.append(
            caution(
                "no_mle",
                number=f"{failed:,}",
                candidates=f"{len(models):,}",
                reason=why_none(layout),
            )
        )
    if not choice.proven:
        found.append(caution("existence_not_proven"))
    if layout.design.dropped:
        found.append(caution("not_told", parameters=_some(layout.design.dropped)))
    if choice.fit.boundary.any():
        names = np.array(layout.design.names)[choice.fit.boundary]
        found.append(caution("limits_at_boundary", parameters=_some(tuple(names))))
    hidden = int((layout.observation.low < layout.observation.high).sum())
    if hidden and settings.terms is None:
        rows = f"{layout.observation.rows:,}"
        found.append(caution("hidden_interactions", number=f"{hidden:,}", rows=rows))
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
            "use a model with priors, such as BayesianLogLinear().",
        )
    if kept < len(replicates.usable):
        found.append(caution("failed_replicates", share=float((~replicates.usable).mean())))
    if settings.terms is None and pool == 1 and choice.estimated > 1:
        found.append(caution("selection_fixed"))
    return found


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
