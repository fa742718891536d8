"""Which models suit a table, best first: what `estimate` and `compare` take by default."""

from dataclasses import dataclass, replace

from darkfigure.contract import Model, check_table
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.models.bayesian_log_linear import BayesianLogLinear
from darkfigure.models.decomposable_graphs import DecomposableGraphs
from darkfigure.models.dutch_workflow import DutchWorkflow
from darkfigure.models.hierarchical_log_linear import HierarchicalLogLinear
from darkfigure.models.log_linear import LogLinear
from darkfigure.models.two_list import TwoList

_MOST_ENUMERATED = 6  # lists whose log-linear models can all be averaged
_SEARCHED = (
    "averages over the log-linear models that a search finds, with priors on their interactions: "
    "on so many lists they cannot all be averaged, and it was not tried on populations of known "
    "size"
)


@dataclass(frozen=True)
class Suggestion:
    """A model that suits a table, and why."""

    model: Model
    reason: str


def suggest(data: Captures, *, year: str = "year") -> tuple[Suggestion, ...]:
    """Models that suit these data, best first, each with its reason.

    Parameters
    ----------
    data : as in `estimate`
    year : str, default "year"
        The stratum variable that holds the years, if there is one.

    Returns
    -------
    tuple of Suggestion

    Raises
    ------
    NotEstimable
        If no model in this version takes these data.
    """
    table = as_table(data)
    k = table.n_lists
    found = []
    over_years = year in table.strata
    pooled = Suggestion(
        HierarchicalLogLinear(year=year) if over_years else HierarchicalLogLinear(),
        "one model over all years and strata, with lists that come and go, strata not recorded "
        "and counts within limits as they are: sparse years borrow strength from their neighbours",
    )
    if over_years:
        found.append(pooled)
    if k == 2:
        found.append(
            Suggestion(
                TwoList(),
                "two lists: nothing in the data tells how they depend on one another, so the "
                "odds ratio is a setting",
            )
        )
    bayesian = Suggestion(
        BayesianLogLinear(),
        "averages over hierarchical log-linear models with priors on their interactions: on "
        "populations of known size its intervals held the truth more often than those below",
    )
    graphs = Suggestion(
        DecomposableGraphs(),
        "averages exactly over all decomposable patterns of dependence, so no single model has "
        "to be chosen",
    )
    if 3 <= k <= _MOST_ENUMERATED:
        found += [bayesian, graphs]
    elif k > _MOST_ENUMERATED:
        found += [graphs]
    if not over_years and table.needs_observation:
        found.append(pooled)
    found.append(
        Suggestion(
            LogLinear(),
            "the field's habit: the best hierarchical log-linear model by BIC, with selection "
            "repeated in a bootstrap",
        )
    )
    if k > _MOST_ENUMERATED:
        found.append(replace(bayesian, reason=_SEARCHED))
    if year in table.strata:
        found.append(
            Suggestion(
                DutchWorkflow(year=year),
                "the official Dutch way with years and other covariates: one stepwise model over "
                "lists and strata",
            )
        )
    able = tuple(each for each in found if _takes(each.model, table))
    if not able:
        check_table(found[-1].model, table)
    return able


def _takes(model: Model, table: CaptureTable) -> bool:
    try:
        check_table(model, table)
    except NotEstimable:
        return False
    return True
