"""Hierarchical log-linear models: the settings, and the fit that brings the parts together."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.cautions import caution
from darkfigure.contract import Fit, Handling, Model, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError, NotEstimable, SettingsError
from darkfigure.literals import Criterion, DrawsKind, SampleSize, Selection, check_choice
from darkfigure.models.log_linear import diagnostics, intervals, trouble
from darkfigure.models.log_linear.candidates import (
    NEAR,
    Candidates,
    model_table,
    ranked,
    why_not,
)
from darkfigure.models.log_linear.observed_fit import fit_observed, needs_observation
from darkfigure.numerics import search
from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.hierarchy import (
    allowed_terms,
    hierarchical_models,
    main_effects,
    without_lists,
)
from darkfigure.numerics.log_linear import fit_log_linear
from darkfigure.terms import Terms, freeze_terms, labels_of, read_terms
from darkfigure.uncertainty import Bootstrap, Delta, Profile

MOST_MODELS = 250_000
"""Above so many candidates the search is a walk instead of exhaustive."""

MOST_FITTED = 5_000
"""A walk then fits about so many, those most promising."""


@dataclass(frozen=True)
class LogLinear(Model):
    r"""A hierarchical log-linear model of the capture histories: given, selected or averaged.

    Counts are Poisson with :math:`\log \mu_\omega = \sum_{\tau \subseteq \omega,\,
    \tau \in M} \alpha_\tau`, the model M closed under subsets and holding all main effects;
    the unseen are estimated by :math:`\exp \alpha_\emptyset`. Interactions between lists that
    share no one are estimated at minus infinity (extended maximum likelihood). A model is only
    used if its estimate exists and is unique.

    Parameters
    ----------
    terms : str or iterable of tuples of str, optional
        The model: "P*R + O*Z", "[P R][O Z]", or [("P", "R"), ("O", "Z")]. By default one is
        selected.
    order : int, optional
        Most lists in one interaction: by default all for up to four lists, 3 for five, 2 for
        six and more.
    select : {"bic", "aic", "aicc", "stepwise", "downhill", "average"} or None
        The best of all models by a criterion; Chan, Silverman & Vincent's stepwise addition of
        pairs; downhill from independence by BIC; or no single model but all, weighted by
        exp(-BIC/2). None takes the independence model where no terms are given. Where there are
        too many models to fit them all, a stochastic search with memory looks for the best.
    n : {"people", "cells"}, default "people"
        The sample size in the penalty p log n (and in AICc).
    threshold : float, default 0.02
        For "stepwise": pairs are added while the Poisson tail of their overlap is below it.
    uncertainty : Bootstrap, Profile or Delta, default Bootstrap(1000, kind="bca")
        "average" takes its limits from the mixture of models, each by the delta method.

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
    select: Selection | None = "bic"
    n: SampleSize = "people"
    threshold: float = 0.02
    uncertainty: Bootstrap | Profile | Delta = Bootstrap()

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
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
    handles: ClassVar[frozenset[Handling]] = frozenset(
        {"impossible", "strata", "intervals", "blank lists", "blank strata"}
    )
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 12

    def __post_init__(self) -> None:
        if self.select is not None:
            check_choice(self.select, Selection, "select")
        check_choice(self.n, SampleSize, "n")
        whole = isinstance(self.order, int) and not isinstance(self.order, bool)
        if self.order is not None and not (whole and self.order >= 1):
            raise SettingsError(f"order is {self.order!r}; expected a number of lists, 1 or more.")
        if not isinstance(self.threshold, int | float) or not 0 <= self.threshold <= 1:
            raise SettingsError(f"threshold is {self.threshold!r}; expected a number from 0 to 1.")
        if self.terms is not None and (self.order is not None or self.select not in ("bic", None)):
            raise SettingsError(
                "terms give the model, so that nothing is selected.",
                "leave select and order out, or terms.",
            )
        if self.averages and self.uncertainty not in (Bootstrap(), Delta()):
            raise SettingsError(
                f"uncertainty is {self.uncertainty!r}; an average takes its limits from the "
                "mixture of models.",
                'LogLinear(select="average")',
            )
        if not isinstance(self.uncertainty, Bootstrap | Profile | Delta):
            raise SettingsError(
                f"uncertainty is {self.uncertainty!r}; expected Bootstrap(), Profile() or Delta()."
            )
        object.__setattr__(self, "terms", freeze_terms(self.terms))

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Fit the candidates, take the best or average them, and draw from its uncertainty."""
        return self._fitted(table, draws, rng, plainly=False)

    def fit_plainly(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """The same draws, without residuals, goodness of fit and totals without each list."""
        return self._fitted(table, draws, rng, plainly=True)

    def _fitted(
        self, table: CaptureTable, draws: int, rng: np.random.Generator, *, plainly: bool
    ) -> Fit:
        if needs_observation(table):
            return fit_observed(self, table, draws, rng, plainly=plainly)
        searching, drawing, checking = rng.spawn(3)
        candidates = self.candidates(table, searching)
        if not candidates.estimated:
            if self.terms is not None and isinstance(self.uncertainty, Profile):
                return self._without_maximum(table, candidates, draws, drawing)
            raise trouble.not_estimable(self, candidates, table)
        averaged = self.averages
        fit = (self._averaged if averaged else self._selected)(table, candidates, draws, drawing)
        groups = {} if averaged or plainly else dict(self._diagnostics(table, candidates, checking))
        found = trouble.fit_cautions(groups) if groups else []
        return replace(
            fit,
            models=model_table(candidates, table),
            cautions=(*trouble.search_cautions(self, candidates, table), *fit.cautions, *found),
            groups={**fit.groups, **groups},
        )

    def highest_order(self, k: int) -> int:
        """Most lists in an interaction, with k lists."""
        default = k - 1 if k <= 4 else 3 if k == 5 else 2
        return min(self.order or default, k - 1)

    def criterion(self, table: CaptureTable) -> search.Criterion:
        """The criterion that models are ranked by, with its sample size."""
        size = table.n_observed if self.n == "people" else 2**table.n_lists - 1
        name: Criterion = self.select if self.select in ("bic", "aic", "aicc") else "bic"
        return search.Criterion(name, size)

    def candidates(
        self,
        table: CaptureTable,
        rng: np.random.Generator | None = None,
        *,
        near: np.ndarray | None = None,
    ) -> Candidates:
        """Fit every candidate model once, without uncertainty.

        Parameters
        ----------
        near : ndarray of bool, shape (2**k,), optional
            Where there are too many, search down from this model instead of far and wide.
        """
        counts, possible = table.counts(), table.possible()
        k, order = table.n_lists, self.highest_order(table.n_lists)
        criterion = self.criterion(table)
        exhaustive, first = True, False
        if self.terms is not None:
            fits = fit_log_linear(counts, self._given_model(table)[None, :], possible)
        elif self.select is None:
            fits = fit_log_linear(counts, main_effects(k)[None, :], possible)
        elif self.select == "stepwise":
            path = search.stepwise_path(counts, possible, self.threshold)
            fits, exhaustive, first = fit_log_linear(counts, path, possible), False, True
        elif self.select == "downhill":
            fits, exhaustive = search.downhill_search(counts, possible, order, criterion), False
        else:
            models = hierarchical_models(k, order, possible, most=MOST_MODELS)
            exhaustive = models is not None
            if models is None and near is not None:
                fits = search.search_from(near, counts, possible, order, criterion)
            elif models is None:
                walk = rng or np.random.default_rng(0)
                fits = search.stochastic_search(
                    counts, possible, order, criterion, walk, within=NEAR, most=MOST_FITTED
                )
            else:
                fits = fit_log_linear(counts, models, possible)
        values = fits.criterion(criterion.name, criterion.sample_size)
        return ranked(fits, table, values, exhaustive=exhaustive, first=first)

    @property
    def averages(self) -> bool:
        """Whether all models are averaged instead of one selected."""
        return self.select == "average" and self.terms is None

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

    # the two kinds of answer

    def _selected(
        self, table: CaptureTable, candidates: Candidates, draws: int, rng: np.random.Generator
    ) -> Fit:
        """One model, with the uncertainty asked for."""
        seen, counts, possible = table.n_observed, table.counts(), table.possible()
        best = labels_of(candidates.fits.models[:1], table.lists)[0]
        fit = Fit(
            kind="bootstrap",
            seen=seen,
            unseen=np.empty((1, 0)),
            label=f"LogLinear {best}, {self._chosen_from(candidates)}",
            point=seen + float(candidates.fits.unseen[0]),
        )
        if isinstance(self.uncertainty, Bootstrap):
            return self._bootstrapped(fit, table, candidates, draws, rng)
        fixed = [] if candidates.estimated == 1 else [caution("selection_fixed")]
        kind: DrawsKind
        if isinstance(self.uncertainty, Profile):
            kind = "profile"
            unseen, _ = intervals.profile_draws(counts, possible, candidates, draws, rng)
            share = float(np.isinf(unseen).mean())
            if share > 0:
                fixed.append(caution("no_upper_limit", share=share))
        else:
            kind = "asymptotic"
            unseen = intervals.delta_draws(counts, possible, candidates, draws, rng)
        tail = 1.0 if np.isinf(unseen).any() else np.inf
        return replace(
            fit,
            kind=kind,
            unseen=in_chains(unseen),
            cautions=tuple(fixed),
            tail_exponent=tail,
        )

    def _without_maximum(
        self, table: CaptureTable, candidates: Candidates, draws: int, rng: np.random.Generator
    ) -> Fit:
        """A given model whose likelihood rises without end still sets a lower limit."""
        unseen, best = intervals.profile_draws(
            table.counts(), table.possible(), candidates, draws, rng
        )
        if not np.isinf(best) or candidates.status[0] >= 2:
            raise trouble.not_estimable(self, candidates, table)
        label = labels_of(candidates.fits.models[:1], table.lists)[0]
        return trouble.lower_limit_only(label, table.n_observed, unseen, why_not(table))

    def _averaged(
        self, table: CaptureTable, candidates: Candidates, draws: int, rng: np.random.Generator
    ) -> Fit:
        """All models by weight: a mixture of log-normal distributions of the unseen."""
        kept = candidates.averaged_weights()
        unseen = intervals.delta_draws(
            table.counts(), table.possible(), candidates, draws, rng, weights=kept
        )
        return Fit(
            kind="asymptotic",
            seen=table.n_observed,
            unseen=in_chains(unseen),
            label=f"LogLinear, {len(kept):,} of {candidates.visited:,} models averaged by "
            f"BIC (n = {self.n})",
            point=table.n_observed + self.point_unseen(candidates),
        )

    def _bootstrapped(
        self,
        fit: Fit,
        table: CaptureTable,
        candidates: Candidates,
        draws: int,
        rng: np.random.Generator,
    ) -> Fit:
        settings = self.uncertainty
        assert isinstance(settings, Bootstrap)
        select, columns = self._selection(table, candidates, settings)
        found = intervals.bootstrap(
            table.counts(),
            table.possible(),
            candidates,
            settings,
            select,
            columns,
            draws=draws,
            rng=rng,
        )
        kept = int(np.isfinite(found.population).sum())
        if kept < 20:
            raise NotEstimable(
                f"only {kept} of {len(found.population)} bootstrap replicates have an estimate: "
                "the data are too sparse for a bootstrap interval.",
                "use a model with a prior, such as DecomposableGraphs().",
            )
        cells = np.flatnonzero(table.counts()[1:]) + 1
        groups = {
            "replicates": {"population": found.population, "rank": found.rank},
            "stability": dict(zip(("allowed", "low", "high"), found.stability.T, strict=True)),
            "jackknife": {
                "history": cells,
                "population": table.n_observed - 1 + found.without_one[cells],
            },
        }
        if settings.kind != "bca":
            del groups["jackknife"]
        return replace(
            fit,
            unseen=in_chains(found.draws),
            cautions=tuple(trouble.bootstrap_cautions(self, candidates, found, columns)),
            groups=groups,
        )

    def _selection(
        self, table: CaptureTable, candidates: Candidates, settings: Bootstrap
    ) -> tuple[intervals.Select, tuple[int, ...]]:
        """How a replicate chooses its model."""
        possible, criterion = table.possible(), self.criterion(table)
        again = settings.reselect is not False and self.terms is None
        if again and self.select in ("stepwise", "downhill"):
            order = self.highest_order(table.n_lists)

            def select(tables: np.ndarray) -> intervals.Reselected:
                if self.select == "stepwise":
                    found = search.stepwise_tables(tables, possible, self.threshold)
                else:
                    found = search.downhill_tables(tables, possible, order, criterion)
                return intervals.Reselected(
                    found.unseen[:, None], np.full(len(tables), -1, dtype=np.int64)
                )

            return select, ()
        penalties = penalty(criterion.name, candidates.fits.parameters, criterion.sample_size)
        pool = self.pool_size(candidates)
        return intervals.among_the_best(table.counts(), candidates, penalties, possible, pool)

    def point_unseen(self, candidates: Candidates) -> float:
        """The estimate of the unseen: of the best model, or the weighted mean of all."""
        unseen = candidates.fits.unseen
        if not self.averages:
            return float(unseen[0])
        weights = candidates.averaged_weights()
        return float((weights * unseen[: len(weights)]).sum())

    def pool_size(self, candidates: Candidates) -> int:
        """How many of the best models a replicate may choose from."""
        allowed = self.uncertainty.reselect if isinstance(self.uncertainty, Bootstrap) else False
        if allowed is True:
            return candidates.estimated
        if allowed is False or self.select in ("stepwise", "downhill", None):
            return 1
        return min(allowed, candidates.estimated)

    def _diagnostics(
        self, table: CaptureTable, candidates: Candidates, rng: np.random.Generator
    ) -> "dict[str, dict[str, np.ndarray]]":
        counts, possible = table.counts(), table.possible()
        fit = diagnostics.goodness_of_fit(counts, possible, candidates, rng)

        order = self.highest_order(table.n_lists)

        def total_of(part: CaptureTable) -> float:
            try:
                terms = self._terms_without(table, part)
                same = replace(self, order=order if terms is None else None, terms=terms)
                gone = [j for j, name in enumerate(table.lists) if name not in part.lists]
                near = without_lists(candidates.fits.models[0], gone)
                found = same.candidates(part, near=near)
            except DarkfigureError:
                return np.nan
            if not found.estimated:
                return np.nan
            return part.n_observed + float(found.fits.unseen[0])

        return {
            "cells": dict(diagnostics.residuals(counts, possible, candidates.fits.coefficients[0])),
            "fit": {name: np.array([value]) for name, value in vars(fit).items()},
            "without_list": dict(diagnostics.without_each_list(table, total_of)),
        }

    def _terms_without(self, table: CaptureTable, part: CaptureTable) -> Terms | None:
        """The given terms, less those of the list left out."""
        if self.terms is None:
            return None
        kept = [j for j, name in enumerate(table.lists) if name in part.lists]
        model = read_terms(self.terms, table.lists)
        inside = [t for t in np.flatnonzero(model).tolist() if t]
        groups = [
            tuple(table.lists[j] for j in kept if term >> j & 1)
            for term in inside
            if not any(term >> j & 1 for j in range(table.n_lists) if j not in kept)
        ]
        return tuple(groups)

    # words

    def _chosen_from(self, candidates: Candidates) -> str:
        if self.terms is not None:
            return "the model given"
        if self.select is None:
            return "independent lists"
        if self.select == "stepwise":
            return f"stepwise (p < {self.threshold:g})"
        number = candidates.visited
        visited = "1 model" if number == 1 else f"{number:,} models"
        by = self.criterion_in_words
        if self.select == "downhill":
            return f"downhill by {by}, {visited} seen"
        return f"best by {by} of {visited}{'' if candidates.exhaustive else ' seen'}"

    @property
    def criterion_in_words(self) -> str:
        """The criterion with its sample size: "BIC (n = people)"."""
        by = {"downhill": "BIC", "aicc": "AICc"}.get(str(self.select), str(self.select).upper())
        return by if self.select == "aic" else f"{by} (n = {self.n})"
