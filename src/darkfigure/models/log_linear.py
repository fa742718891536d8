"""Hierarchical log-linear models by maximum likelihood, given or chosen by BIC."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from darkfigure import progress
from darkfigure.assumptions import CLOSED, LINKAGE, NO_OUTSIDERS, SAME_CHANCES, Assumption
from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, Handling, Model, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.literals import Criterion, SampleSize, check_choice
from darkfigure.numerics.existence import check_model
from darkfigure.numerics.hierarchy import allowed_terms, hierarchical_models
from darkfigure.numerics.log_linear import (
    LogLinearFits,
    Refits,
    downhill_search,
    fit_log_linear,
    refit_log_linear,
    take,
)
from darkfigure.numerics.resampling import resample_people, stratified_draws
from darkfigure.terms import Terms, labels_of, read_terms
from darkfigure.uncertainty import Bootstrap

MOST_MODELS = 250_000
"""Above so many candidates the search is greedy instead of exhaustive."""

NEAR = 10.0
"""BIC units within which a model counts as nearly as good as the best."""

STATUS = {
    0: "it has one estimate",
    1: "its maximum-likelihood estimate does not exist",
    2: "its parameters are not identifiable",
    3: "its estimate does not exist and its parameters are not identifiable",
    -1: "the fit does not converge",
}
"""Status codes in words; 0 to 3 as in Chan, Silverman & Vincent (2021)."""

_EXAMINED = 200  # failed models whose failure is examined by linear programme
_UNEXAMINED = -1


@dataclass(frozen=True)
class Candidates:
    """Fitted models in order of criterion, those without an estimate last.

    Attributes
    ----------
    fits : LogLinearFits
    criterion : ndarray of float, shape (models,)
        BIC; inf where there is no estimate.
    status : ndarray of int, shape (models,)
        0 fine, 1 no estimate, 2 not identifiable, 3 both; -1 failed and not examined further.
    exhaustive : bool
    visited : int
    """

    fits: LogLinearFits
    criterion: np.ndarray
    status: np.ndarray
    exhaustive: bool
    visited: int

    @property
    def estimated(self) -> int:
        """How many models have an estimate."""
        return int(np.isfinite(self.criterion).sum())

    def near(self, units: float = NEAR) -> np.ndarray:
        """Indices of the models within so many units of the best."""
        if not self.estimated:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(self.criterion <= self.criterion[0] + units)


@dataclass(frozen=True)
class LogLinear(Model):
    r"""A hierarchical log-linear model of the capture histories, given or chosen by BIC.

    Counts are Poisson with :math:`\log \mu_\omega = \sum_{\tau \subseteq \omega,\,
    \tau \in M} \alpha_\tau`, the model M closed under subsets and holding all main effects;
    the unseen are estimated by :math:`\exp \alpha_\emptyset`. Interactions between lists that
    share no one are estimated at minus infinity (extended maximum likelihood). A model is only
    used if its estimate exists and is unique.

    Parameters
    ----------
    terms : str or iterable of tuples of str, optional
        The model: "P*R + O*Z", "[P R][O Z]", or [("P", "R"), ("O", "Z")]. By default the best
        by `select` among all hierarchical models.
    order : int, optional
        Most lists in one interaction: by default all for up to four lists, 3 for five, 2 for
        six and more.
    select : {"bic"}
        Criterion; smaller is better.
    n : {"people", "cells"}, default "people"
        The sample size in the penalty p log n.
    uncertainty : Bootstrap, default Bootstrap(1000)

    Raises
    ------
    NotEstimable
        If the model given, or every candidate, has no estimate.

    References
    ----------
    Fienberg (1972), Biometrika 59:591; Cormack (1989), Biometrics 45:395; Fienberg & Rinaldo
    (2012), Ann. Stat. 40:996; Chan, Silverman & Vincent (2021), J. Am. Stat. Assoc. 116:1297.
    """

    terms: Terms | None = None
    order: int | None = None
    select: Criterion = "bic"
    n: SampleSize = "people"
    uncertainty: Bootstrap = Bootstrap()

    assumes: ClassVar[tuple[Assumption, ...]] = (
        CLOSED,
        LINKAGE,
        NO_OUTSIDERS,
        SAME_CHANCES,
        Assumption(
            "the interactions left out are absent among the unseen too",
            "Interactions left out of the model are absent among people on no list too.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Fienberg SE (1972). The multiple recapture census for closed populations and incomplete "
        "2^k contingency tables. Biometrika 59:591-603.",
        "Cormack RM (1989). Log-linear models for capture-recapture. Biometrics 45:395-413.",
        "Chan L, Silverman BW, Vincent K (2021). Multiple systems estimation for sparse capture "
        "data: inferential challenges when there are nonoverlapping lists. J. Am. Stat. Assoc. "
        "116:1297-1306.",
    )
    identifies: ClassVar[str] = "there is no interaction between all lists at once"
    handles: ClassVar[frozenset[Handling]] = frozenset({"impossible"})
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 12

    def __post_init__(self) -> None:
        check_choice(self.select, Criterion, "select")
        check_choice(self.n, SampleSize, "n")
        if self.order is not None and self.order < 1:
            raise SettingsError(f"order is {self.order}; expected a number of lists, 1 or more.")
        if self.terms is not None and not isinstance(self.terms, str):
            frozen = tuple(t if isinstance(t, str) else tuple(t) for t in self.terms)
            object.__setattr__(self, "terms", frozen)

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Fit the candidates, take the best, and bootstrap it with selection repeated."""
        candidates = self.candidates(table)
        if not candidates.estimated:
            raise _not_estimable(candidates, table)
        replicates = self._bootstrap(table, candidates, rng)
        kept = np.isfinite(replicates.unseen)
        if kept.sum() < 20:
            raise NotEstimable(
                f"only {kept.sum()} of {len(kept)} bootstrap replicates have an estimate: the "
                "data are too sparse for a bootstrap interval.",
                "use a model with a prior, such as DecomposableGraphs().",
            )
        best = labels_of(candidates.fits.models[:1], table.lists)[0]
        unseen = stratified_draws(replicates.unseen[kept], draws, rng)
        return Fit(
            kind="bootstrap",
            seen=table.n_observed,
            unseen=in_chains(unseen),
            label=f"LogLinear {best}, {self._chosen_from(candidates)}",
            point=table.n_observed + float(candidates.fits.unseen[0]),
            models=model_table(candidates, table),
            cautions=(
                *_search_cautions(self, candidates, table),
                *_bootstrap_cautions(self, candidates, replicates),
            ),
            groups={
                "replicates": {
                    "population": table.n_observed + replicates.unseen,
                    "model": replicates.chosen,
                }
            },
        )

    def highest_order(self, k: int) -> int:
        """Most lists in an interaction, with k lists."""
        default = k - 1 if k <= 4 else 3 if k == 5 else 2
        return min(self.order or default, k - 1)

    def sample_size(self, table: CaptureTable) -> int:
        """The n of BIC's penalty."""
        return table.n_observed if self.n == "people" else 2**table.n_lists - 1

    def candidates(self, table: CaptureTable) -> Candidates:
        """Fit every candidate model once, without uncertainty."""
        counts, possible = table.counts(), table.possible()
        k, order = table.n_lists, self.highest_order(table.n_lists)
        size = self.sample_size(table)
        if self.terms is not None:
            model = self._given_model(table)
            return _ranked(fit_log_linear(counts, model[None, :], possible), table, size)
        models = hierarchical_models(k, order, possible, most=MOST_MODELS)
        if models is None:
            search = downhill_search(counts, possible, order, size)
            found = _ranked(search.fits, table, size)
            return replace(found, exhaustive=False, visited=search.visited)
        return _ranked(fit_log_linear(counts, models, possible), table, size)

    def _given_model(self, table: CaptureTable) -> np.ndarray:
        model = read_terms(self.terms or (), table.lists)
        if model[-1]:
            raise NotEstimable(
                "the model holds the interaction between all lists: it fits any table, and the "
                "unseen cannot be estimated.",
                "leave the interaction of all lists out of terms.",
            )
        allowed = allowed_terms(table.n_lists, table.n_lists, table.possible())
        interactions = [t for t in np.flatnonzero(model).tolist() if t & (t - 1)]
        for term in interactions:
            if term not in allowed:
                names = " and ".join(n for j, n in enumerate(table.lists) if term >> j & 1)
                raise SettingsError(
                    f"terms hold an interaction between {names}, which cannot overlap "
                    "(impossible=...).",
                    "leave it out: what cannot happen needs no parameter.",
                )
        return model

    def _chosen_from(self, candidates: Candidates) -> str:
        if self.terms is not None:
            return "the model given"
        number = "people" if self.n == "people" else "cells"
        how = f"best by BIC (n = {number})"
        visited = f"{candidates.visited:,} models"
        return f"{how} of {visited}" if candidates.exhaustive else f"{how}, greedy over {visited}"

    def _bootstrap(
        self, table: CaptureTable, candidates: Candidates, rng: np.random.Generator
    ) -> Refits:
        """Resample the people and choose again among the models allowed."""
        settings = self.uncertainty
        tables = resample_people(table.counts(), settings.replicates, rng)
        pool = take(candidates.fits, np.arange(self.pool_size(candidates)))
        penalty = pool.parameters * np.log(self.sample_size(table))
        step = max(1, 2_000_000 // (len(pool.models) * len(tables[0])))
        unseen, chosen = [], []
        for start in range(0, len(tables), step):
            part = refit_log_linear(tables[start : start + step], pool, table.possible(), penalty)
            unseen.append(part.unseen)
            chosen.append(part.chosen)
            progress.report("bootstrap", min(start + step, len(tables)), len(tables))
        return Refits(np.concatenate(unseen), np.concatenate(chosen))

    def pool_size(self, candidates: Candidates) -> int:
        """How many of the best models a replicate may choose from."""
        allowed = self.uncertainty.reselect
        if allowed is True:
            return candidates.estimated
        return 1 if allowed is False else min(allowed, candidates.estimated)


def _ranked(fits: LogLinearFits, table: CaptureTable, sample_size: int) -> Candidates:
    """Order the fits by BIC, checking that the best one's estimate exists and is unique."""
    counts, possible = table.counts(), table.possible()
    criterion = np.where(fits.converged, fits.bic(sample_size), np.inf)
    status = np.where(fits.converged, 0, _UNEXAMINED)
    for index in np.flatnonzero(~fits.converged)[:_EXAMINED]:
        status[index] = check_model(counts, fits.models[index], possible).code or _UNEXAMINED
    while np.isfinite(criterion).any():
        best = int(np.argmin(criterion))
        status[best] = check_model(counts, fits.models[best], possible).code
        if status[best] == 0:
            break
        criterion[best] = np.inf
    order = np.argsort(criterion, kind="stable")
    return Candidates(take(fits, order), criterion[order], status[order], True, len(order))


def model_table(candidates: Candidates, table: CaptureTable) -> pd.DataFrame:
    """Every candidate, best first, as `est.models` shows it."""
    fits = candidates.fits
    have = np.isfinite(candidates.criterion)
    weight = np.exp(-0.5 * (candidates.criterion - candidates.criterion.min()))
    return pd.DataFrame(
        {
            "label": labels_of(fits.models, table.lists),
            "population": np.where(have, table.n_observed + fits.unseen, np.nan),
            "criterion": np.where(have, candidates.criterion, np.nan),
            "weight": weight / weight.sum(),
            "parameters": fits.parameters,
            "deviance": np.where(have, fits.deviance, np.nan),
            "df": fits.degrees_of_freedom,
            "status": candidates.status,
        }
    )


def near_models(candidates: Candidates, table: CaptureTable) -> pd.DataFrame:
    """The models within NEAR units of the best: label, population, behind (BIC units)."""
    near = candidates.near()
    return pd.DataFrame(
        {
            "label": labels_of(candidates.fits.models[near], table.lists),
            "population": table.n_observed + candidates.fits.unseen[near],
            "behind": candidates.criterion[near] - candidates.criterion[0],
        }
    )


def _search_cautions(
    settings: LogLinear, candidates: Candidates, table: CaptureTable
) -> list[Caution]:
    found = []
    near = near_models(candidates, table)
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
                candidates=f"{candidates.visited:,}",
                units=NEAR,
                low=f"{low:,.0f}",
                high=f"{high:,.0f}",
                models=described,
            )
        )
    failed = len(candidates.criterion) - candidates.estimated
    if failed:
        found.append(
            caution(
                "no_mle",
                number=f"{failed:,}",
                candidates=f"{candidates.visited:,}",
                reason=_why(table),
            )
        )
    if not candidates.exhaustive:
        found.append(caution("search_not_exhaustive", visited=f"{candidates.visited:,}"))
    if candidates.fits.unseen[0] < 0.5:
        found.append(caution("boundary"))
    return found


def _bootstrap_cautions(
    settings: LogLinear, candidates: Candidates, replicates: Refits
) -> list[Caution]:
    found = []
    lost = float(np.mean(~np.isfinite(replicates.unseen)))
    if lost > 0:
        found.append(caution("failed_replicates", share=lost))
    pool = settings.pool_size(candidates)
    if settings.terms is None and pool == 1 and candidates.estimated > 1:
        found.append(caution("selection_fixed"))
    if 10 <= pool < candidates.estimated:
        last = pool // 10
        share = float(np.mean(replicates.chosen >= pool - last))
        if share > 0.05:
            found.append(caution("selection_pool", share=share, last=last, pool=pool))
    return found


def _why(table: CaptureTable) -> str:
    """The lists behind a failure, in words."""
    overlap = table.overlap().to_numpy()
    pairs = [
        f"{a} and {b}"
        for i, a in enumerate(table.lists)
        for j, b in enumerate(table.lists)
        if i < j and overlap[i, j] == 0
    ]
    if not pairs:
        return "some combinations of lists share too few people"
    return f"no one is on both {'; '.join(pairs)}"


def _not_estimable(candidates: Candidates, table: CaptureTable) -> NotEstimable:
    if len(candidates.status) > 1:
        problem = "none of the candidate models has an estimate"
    else:
        problem = f"the model given cannot be used: {STATUS[int(candidates.status[0])]}"
    return NotEstimable(
        f"{problem} ({_why(table)}).",
        "leave out interactions between lists that share no one, merge them with "
        "table.merge({...}), or use DecomposableGraphs().",
    )
