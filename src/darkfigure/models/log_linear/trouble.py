"""What to be careful of in a log-linear fit, from its search, its bootstrap and its residuals."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.literals import SampleSize
from darkfigure.models.log_linear import intervals
from darkfigure.models.log_linear.candidates import (
    NEAR,
    Candidates,
    best_total,
    near_models,
    none_usable,
    why_not,
)
from darkfigure.numerics.hierarchy import count_models

if TYPE_CHECKING:
    from darkfigure.models.log_linear.estimator import LogLinear

_TIES = 2.0  # units of the criterion that no reader should choose by
_MOST_INSIDE = 0.6  # of the replicates between the corrected limits: below that it is said
_NO_ONE = 0.5  # unseen: a fit below it is at its boundary
_CHANGED = 1.05  # another choice changes the answer if its total is a twentieth away


def search_cautions(
    settings: "LogLinear", candidates: Candidates, table: CaptureTable
) -> list[Caution]:
    """Ties, models without an estimate, and what another choice would have given."""
    found = []
    if candidates.visited > 1 and settings.select != "stepwise":
        found += near_cautions(near_models(candidates, table, NEAR), candidates.visited)
    failed = candidates.visited - candidates.estimated
    if failed:
        found.append(
            caution(
                "no_mle",
                number=f"{failed:,}",
                candidates=f"{candidates.visited:,}",
                reason=why_not(table),
            )
        )
    if not candidates.exhaustive and settings.select not in ("stepwise", "downhill"):
        k = table.n_lists
        number = count_models(k, settings.highest_order(k), table.possible())
        found.append(
            caution("search_not_exhaustive", visited=f"{candidates.visited:,}", number=str(number))
        )
    if settings.terms is None and settings.select is not None:
        found += _other_choices(settings, candidates, table)
    if candidates.fits.unseen[0] < 0.5 and not settings.averages:
        found.append(caution("boundary"))
    return found


def _other_choices(
    settings: "LogLinear", candidates: Candidates, table: CaptureTable
) -> list[Caution]:
    """Whether another criterion, n or search would have given another answer."""
    mine = table.n_observed + settings.point_unseen(candidates)
    cells: SampleSize = "cells" if settings.n == "people" else "people"
    others = {
        "by BIC": replace(settings, select="bic"),
        f"by BIC with n = {cells}": replace(settings, select="bic", n=cells),
        "by AIC": replace(settings, select="aic"),
        "by greedy search from independence": replace(settings, select="downhill"),
    }
    answers = []
    for name, other in others.items():
        if (other.select, other.n) == (settings.select, settings.n):
            continue
        if other.select in ("bic", "aic") and candidates.exhaustive:
            choice = other.criterion(table)
            values = candidates.fits.criterion(choice.name, choice.sample_size)
            total = best_total(candidates, values, table)
        elif candidates.exhaustive or settings.select in ("stepwise", "downhill"):
            best = other.candidates(table)
            total = (
                table.n_observed + float(best.fits.unseen[0]) if best.estimated else float("nan")
            )
        else:
            continue
        if np.isfinite(total) and not 1 / _CHANGED < total / mine < _CHANGED:
            answers.append(f"{total:,.0f} {name}")
    if not answers:
        return []
    return [caution("choices_disagree", mine=f"{mine:,.0f}", others="; ".join(answers))]


def bootstrap_cautions(
    settings: "LogLinear",
    candidates: Candidates,
    found: intervals.Bootstrapped,
    columns: tuple[int, ...],
) -> list[Caution]:
    """Replicates lost, models at the end of those allowed, and limits beyond the replicates."""
    cautions = []
    lost = float(np.mean(~np.isfinite(found.population)))
    if lost > 0:
        cautions.append(caution("failed_replicates", share=lost))
    at_boundary = float(np.mean(found.draws < _NO_ONE))
    if at_boundary > 0.01:
        cautions.append(caution("boundary_replicates", share=at_boundary))
    pool = columns[-1] if columns else 0
    if settings.terms is None and pool == 1 and candidates.estimated > 1:
        cautions.append(caution("selection_fixed"))
    if 10 <= pool < candidates.estimated:
        last = pool // 10
        share = float(np.mean(found.rank >= pool - last))
        if share > 0.05:
            cautions.append(caution("selection_pool", share=share, last=last, pool=pool))
    if found.correction is not None:
        cautions += _limit_cautions(found)
    return cautions


def near_cautions(near: pd.DataFrame, visited: int) -> list[Caution]:
    """Models within two units, and how far the totals range within ten.

    Parameters
    ----------
    near : DataFrame
        Of the models within ten units, best first: label, population, behind.
    visited : int
        How many models were fitted.
    """
    found = []
    ties = near[near["behind"] <= _TIES]
    if len(ties) > 1:
        named = "; ".join(
            f"{row.label} {row.population:,.0f} ({row.behind:.2f} behind)"
            for row in ties.iloc[1:4].itertuples()
        )
        more = f" and {len(ties) - 4} more" if len(ties) > 4 else ""
        found.append(caution("ties", units=_TIES, models=named + more))
    low, high = near["population"].min(), near["population"].max()
    if high > 2 * low:
        ends = near.loc[[near["population"].idxmin(), near["population"].idxmax()]]
        described = "; ".join(
            f"{row.label} gives {row.population:,.0f}, {row.behind:.1f} behind"
            for row in ends.itertuples()
        )
        found.append(
            caution(
                "near_ties",
                number=f"{len(near):,}",
                candidates=f"{visited:,}",
                units=NEAR,
                low=f"{low:,.0f}",
                high=f"{high:,.0f}",
                models=described,
            )
        )
    return found


def _limit_cautions(found: intervals.Bootstrapped) -> list[Caution]:
    """BCa limits that ask for more than the replicates hold."""
    correction = found.correction
    assert correction is not None
    replicates = int(np.isfinite(found.population).sum())
    levels = correction.levels(np.array([-1.959964, 1.959964]))
    if levels[1] - levels[0] < _MOST_INSIDE:
        return [caution("correction_large", share=1 - (levels[1] - levels[0]))]
    if levels[0] < 1 / replicates or levels[1] > 1 - 1 / replicates:
        return [caution("limits_at_ends", replicates=f"{replicates:,}")]
    return []


def fit_cautions(groups: "dict[str, dict[str, np.ndarray]]") -> list[Caution]:
    """Whether the model fits badly."""
    p_value = float(groups["fit"]["p_deviance"][0])
    if p_value >= 0.01:
        return []
    tables = int(groups["fit"]["tables"][0])
    worse = round(p_value * (tables + 1)) - 1
    return [caution("poor_fit", number=worse or "none", tables=tables)]


def not_estimable(
    settings: "LogLinear", candidates: Candidates, table: CaptureTable
) -> NotEstimable:
    """Why no model can be used, and what to do."""
    if candidates.fits.converged.any() and settings.select == "aicc":
        return NotEstimable(
            f"AICc is not defined: {settings.criterion(table).sample_size:,.0f} is too small a "
            "sample for the number of parameters.",
            'LogLinear(select="bic").',
        )
    problem = none_usable(candidates.status, given=settings.terms is not None)
    return NotEstimable(
        f"{problem} ({why_not(table)}).",
        "leave out interactions between lists that share no one, merge them with "
        "table.merge({...}), or use DecomposableGraphs().",
    )


def lower_limit_only(label: str, seen: int | np.ndarray, unseen: np.ndarray, reason: str) -> Fit:
    """What is left of a given model whose likelihood rises without end: a lower limit.

    Parameters
    ----------
    unseen : ndarray of float, shape (draws,)
        By inverting the profile; infinite where it has levelled off.
    reason : str
        Why there is no maximum.
    """
    return Fit(
        kind="profile",
        seen=seen,
        unseen=in_chains(unseen),
        label=f"LogLinear {label}, the model given",
        point=np.inf,
        tail_exponent=1.0,
        cautions=(
            caution("no_maximum", reason=reason),
            caution("no_upper_limit", share=float(np.isinf(unseen).mean())),
        ),
    )
