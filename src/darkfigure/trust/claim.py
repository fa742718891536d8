"""The verb `claim`: what would have to be true for a figure."""

import math
from typing import Any

import numpy as np

from darkfigure.contract import Model
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.literals import LinksAnswer, Per, check_choice
from darkfigure.results.estimate import Estimate, check_prob
from darkfigure.trust.claimed_totals import Claim, read_claims
from darkfigure.trust.claims import Claims, Judged
from darkfigure.trust.exact_counts import note_of_strata, without_strata
from darkfigure.trust.links_needed import curve_of, missed_links_needed
from darkfigure.trust.need import LINKS_MISSED, Need
from darkfigure.trust.needed import dependence_needed, errors_needed, observable_needed
from darkfigure.verbs import estimate


def claim(
    data: Captures | Estimate,
    totals: Any,
    *,
    per: Per | None = None,
    model: Model | None = None,
    prob: float = 0.95,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
    links: LinksAnswer | None = None,
) -> Claims:
    r"""Say what would have to be true for a figure that someone has named.

    With N claimed, N − n people are on no list, and the table is complete. What it then says of
    dependence is arithmetic: among people on no other list, lists i and j have the odds ratio
    :math:`(N - n)\, y_{ij} / (y_i\, y_j)`; all lists at once interact with
    :math:`\xi = \hat n_0 / (N - n)`, where n̂0 is the unseen count without that interaction. All of
    it holds at once if the claim is true and the records are right. If not, links were missed or
    false, or people outside the population are on the lists: how many, from how far a reference
    estimate is from the claim.

    Parameters
    ----------
    data : as in `estimate`, or an Estimate
        An estimate is taken as the reference. Strata are added up.
    totals : number, several, or rows of `published`
        What is claimed. A published row is claimed by its estimate, or by both ends of its range
        where it has no estimate. Reports, rates, shares and registrations are refused, and so is
        a figure of another concept (a stock on a day beside a flow over a period), other years,
        another country or one stratum. Among several rows such are set aside, with a sentence
        why. Claimed as a number, a figure is taken as meant.
    per : {"year", "period"}, optional
        What numbers are for. Per year they are multiplied by the length of the table's period.
    model : Model, optional
        For the reference estimate; by default the first that `suggest` names. `LatentClass` also
        tells down to which chance of being seen the claim reaches.
    prob : float, default 0.95
        Of all intervals: sampling uncertainty of the cells, and that of the reference.
    seed, draws : as in `estimate`
    links : {"exact", "first order"}, optional
        How the share of missed links is found. Exact, it is that of `missed_links`, which takes
        some fifteen fits of the model. So it is by default on up to four lists, with
        `DecomposableGraphs`, `LogLinear`, `BayesianLogLinear` (averaged) and `TwoList`, unless
        strata are estimated one by one. A first order is said to be one.

    Returns
    -------
    Claims

    Raises
    ------
    NotEstimable
        If capture histories have no single count, or the model cannot take the table.
    DataError
        If no claim measures what the table does.
    SettingsError
        If a claim is no number of people.

    References
    ----------
    Aleshin-Guendel, Sadinle & Wakefield (2024), Biometrics 80:ujad028; Dulce Rubio & Kennedy
    (2024), arXiv:2407.03539; Woolf (1955), Ann. Hum. Genet. 19:251; Ding & Fienberg (1994), Surv.
    Methodol. 20:149.

    Examples
    --------
    >>> import darkfigure as dk
    >>> found = dk.claim("kosovo", 30_000, model=dk.DecomposableGraphs(), seed=1)
    >>> found.to_frame()["needed"].head(3).round(2).tolist()
    [0.49, 4.74, 5.51]
    """
    check_prob(prob)
    if links is not None:
        check_choice(links, LinksAnswer, "links")
    given = data if isinstance(data, Estimate) else None
    if given is not None and model is not None:
        raise SettingsError(
            "model stands beside an estimate, which has its own.",
            "dk.claim(est, 30_000), or dk.claim(table, 30_000, model=...).",
        )
    whole = given.table if given is not None else as_table(data)
    table = without_strata(whole, "claim")
    claimed = read_claims(totals, whole, per)
    claims = claimed.claims
    reference = given or estimate(table, model, seed=seed, draws=draws)
    missed = _missed_links(claims, reference, prob, links)
    judged = tuple(_judged(each, table, reference, prob, missed.get(each)) for each in claims)
    return Claims(judged, table, reference, prob, note_of_strata(whole), claimed.aside)


def _missed_links(
    claims: tuple[Claim, ...], reference: Estimate, prob: float, links: LinksAnswer | None
) -> dict[Claim, Need]:
    """The share of missed links for each claim below the estimate, where it is worked out."""
    start = curve_of(reference, prob, links)
    if start is None:
        return {}
    below = [each for each in claims if each.total < reference.estimate]
    return {each: missed_links_needed(each, start) for each in below}


def _judged(
    each: Claim, table: CaptureTable, reference: Estimate, prob: float, missed: Need | None
) -> Judged:
    unseen = each.total - table.n_observed
    needs = dependence_needed(table, unseen, prob) if unseen >= 1 else []
    errors = errors_needed(table, each, reference, prob)
    needs += [missed if missed and need.way == LINKS_MISSED else need for need in errors]
    needs.append(observable_needed(each, reference, prob))
    above = float((reference.totals >= each.total).mean()) if reference.settled else math.nan
    return Judged(each, tuple(needs), above, contradicted=unseen < 1)
