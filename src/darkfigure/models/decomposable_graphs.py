"""Exact Bayesian averaging over all decomposable graphical models."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.cautions import caution
from darkfigure.contract import Fit, Model, exact_density, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.numerics.chordal import decomposable_family
from darkfigure.numerics.decomposable import (
    GraphAverage,
    GraphPosterior,
    average_over_graphs,
    draw_tables,
    finest_step,
    medians_of,
    missed_before_looking,
    shared_people,
    unseen_under,
)
from darkfigure.numerics.unseen_grid import UnseenPosterior, spread_of_peaks
from darkfigure.prior.population import (
    OneOverN,
    Prior,
    check_positive,
    check_prior,
    fewest_unseen,
)
from darkfigure.prior_sensitivity import DRAWS, GROUP, OtherSettings
from darkfigure.terms import labels_of

_TABLED = 200  # graphs listed in est.models
_LARGEST_DELTA = 1e6
_NEARLY_IMPROPER = 0.02  # an exponent this close to 1 leaves limits beyond any number
_SENSITIVE = 1.1  # a median that moves by more than a tenth is cautioned


@dataclass(frozen=True)
class DecomposableGraphs(Model):
    r"""Average over every decomposable graph on the lists, exactly.

    A graph says which lists depend on which. Under a hyper-Dirichlet prior the probability of
    the data and of :math:`n_0` unseen is a product over cliques and separators,

    .. math:: p(y, n_0 \mid G) \propto \frac{\Gamma(N+1)}{n_0!\,\prod y!}\,
        \frac{\prod_C f(C)}{f(\emptyset) \prod_S f(S)}, \qquad
        f(A) = \prod_{a} \frac{\Gamma(y_a + \delta 2^{k-|A|})}{\Gamma(\delta 2^{k-|A|})},

    computed for all graphs at once on an adaptive grid of :math:`n_0` that is never cut off.

    Parameters
    ----------
    delta : float, optional
        Dirichlet parameter of each cell; by default 2**-k for k lists. On sparse tables it
        decides much: the result says how much.
    prior : Prior, default OneOverN()
        Prior on the population.

    Raises
    ------
    NotEstimable
        If the posterior is improper under the prior given.

    References
    ----------
    Madigan & York (1997), Biometrika 84:19, sections 2-3.
    """

    delta: float | None = None
    prior: Prior = OneOverN()

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
        Assumption(
            "some decomposable dependence between lists, the same for the unseen",
            "Lists depend on one another in some decomposable pattern, which holds "
            "for people on no list too.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Madigan D, York JC (1997). Bayesian methods for estimation of the size of a closed "
        "population. Biometrika 84:19-31.",
    )
    identifies: ClassVar[str] = (
        "conditional independences between lists, averaged over all decomposable graphs (for the "
        "complete graph, which has none, the prior)"
    )
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 7

    def __post_init__(self) -> None:
        if self.delta is not None:
            check_positive("delta", self.delta)
            if self.delta > _LARGEST_DELTA:
                raise SettingsError(
                    f"delta is {self.delta:g}; expected at most {_LARGEST_DELTA:g}."
                )
        check_prior(self.prior)

    def delta_for(self, k: int) -> float:
        """The Dirichlet parameter used with k lists."""
        return 2.0**-k if self.delta is None else float(self.delta)

    def tail_exponent(self, k: int) -> float:
        """The power with which the posterior falls: that of the complete graph."""
        return self.prior.tail_exponent + self.delta_for(k) * (2**k - 1)

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Average over all graphs on the lists of the table."""
        model, posterior = self._posterior(table)
        fit = self._fitted(table, posterior, draws, rng)
        others = _other_deltas(self, table.counts())
        median = table.n_observed + float(posterior.quantile(0.5)[0])
        return replace(
            fit,
            models=_graph_table(model, average_over_graphs(model, posterior), table),
            cautions=(
                *others.cautions(median, lambda each: float(np.median(each))),
                *fit.cautions,
            ),
            groups={GROUP: others.as_group()},
        )

    def fit_plainly(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """The same draws, without the answers under other settings and the graphs one by one."""
        return self._fitted(table, self._posterior(table)[1], draws, rng)

    def _posterior(self, table: CaptureTable) -> tuple[GraphPosterior, UnseenPosterior]:
        """The exact posterior of the unseen, or why there is none."""
        counts = table.counts()
        k = table.n_lists
        if self.tail_exponent(k) <= 1 + _NEARLY_IMPROPER:
            kind = "improper" if self.tail_exponent(k) <= 1 else "so nearly improper"
            raise NotEstimable(
                f"the posterior is {kind}: with delta={_power(self.delta_for(k))} and "
                f"{self.prior!r} it has no finite limits on {k} lists.",
                "use a prior on the population with a lighter tail, such as dk.prior.OneOverN(), "
                "or a larger delta.",
            )
        if spread_of_peaks(shared_people(counts)) < finest_step(k) / 2:
            raise NotEstimable(
                f"{shared_people(counts):,.0f} people are on two lists or more: the posterior is "
                "narrower than the averaging can resolve.",
                "with so many, use LogLinear().",
            )
        return _graph_posterior(self, counts), _posterior_only(self, counts)

    def _fitted(
        self,
        table: CaptureTable,
        posterior: UnseenPosterior,
        draws: int,
        rng: np.random.Generator,
    ) -> Fit:
        k = table.n_lists
        cut_off = posterior.tail_mass > 1e-6
        mass, edge = f"{posterior.tail_mass:.2g}", f"{posterior.edges[-1]:.0e}"
        return Fit(
            kind="posterior",
            seen=table.n_observed,
            unseen=in_chains(posterior.draws(draws, rng)),
            label=f"DecomposableGraphs(delta={_power(self.delta_for(k))}), "
            f"{len(decomposable_family(k).edges):,} models averaged",
            density=exact_density(posterior),
            tail_exponent=self.tail_exponent(k),
            cautions=(caution("grid_truncated", mass=mass, edge=edge),) if cut_off else (),
        )

    def varied(self, k: int) -> tuple[Model, ...]:
        """Delta four times smaller and larger."""
        delta = self.delta_for(k)
        return (self, replace(self, delta=delta / 4), replace(self, delta=delta * 4))

    def draw_prior_odds(
        self, table: CaptureTable, size: int, rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) of random graphs under the hyper-Dirichlet prior."""
        k = table.n_lists
        return missed_before_looking(decomposable_family(k), self.delta_for(k), size, rng)

    def predict(
        self, table: CaptureTable, unseen: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Chances of the observable histories from the posterior of graphs and cells."""
        chances = draw_tables(_graph_posterior(self, table.counts()), unseen, rng)
        chances[:, 0] = 0.0
        return chances / chances.sum(axis=1, keepdims=True)


def _other_deltas(settings: DecomposableGraphs, counts: np.ndarray) -> OtherSettings:
    """Totals under a delta four times smaller and larger."""
    k = len(counts).bit_length() - 1
    seen, delta = float(counts[1:].sum()), settings.delta_for(k)
    levels = (np.arange(DRAWS) + 0.5) / DRAWS
    totals = {}
    for other in (delta / 4, delta * 4):
        changed = replace(settings, delta=other)
        if changed.tail_exponent(k) > 1 + _NEARLY_IMPROPER:
            totals[other] = seen + _posterior_only(changed, counts).quantile(levels)
    values = sorted([delta, *totals])
    return OtherSettings(
        parameter="delta, a setting of the prior,",
        described=tuple(
            f"at {_power(value)}{' (used here)' if value == delta else ''}" for value in values
        ),
        used=values.index(delta),
        totals=np.array([totals[value] for value in values if value != delta]).reshape(-1, DRAWS),
        ratio=_SENSITIVE,
    )


def _graph_posterior(settings: DecomposableGraphs, counts: np.ndarray) -> GraphPosterior:
    k = len(counts).bit_length() - 1
    return GraphPosterior(counts, settings.delta_for(k), settings.prior.log_mass)


def _posterior_only(settings: DecomposableGraphs, counts: np.ndarray) -> UnseenPosterior:
    k = len(counts).bit_length() - 1
    return unseen_under(
        _graph_posterior(settings, counts),
        tail_exponent=settings.tail_exponent(k),
        lowest=fewest_unseen(settings.prior, counts[1:].sum()),
    )


def _graph_table(model: GraphPosterior, average: GraphAverage, table: CaptureTable) -> pd.DataFrame:
    """The most probable graphs: label, population (median), weight, free parameters."""
    top = np.argsort(-average.probability, kind="stable")[:_TABLED]
    medians = medians_of(model, average, top)
    return pd.DataFrame(
        {
            "label": labels_of(average.family.exponents[top] > 0, table.lists),
            "population": table.n_observed + medians,
            "weight": average.probability[top],
            "parameters": [_parameters(average.family.exponents[graph]) for graph in top],
        }
    )


def _parameters(exponents: np.ndarray) -> int:
    """Free cell probabilities: Σ_C 2^|C| − Σ_S 2^|S|, the separators ∅ included, less one."""
    sizes = np.bitwise_count(np.arange(len(exponents))).astype(int)
    return int((exponents.astype(int) * 2**sizes).sum())


def _power(value: float) -> str:
    """A power of two as 2**-5, any other number as it is."""
    exponent = np.log2(value)
    if exponent < 0 and exponent == round(exponent):
        return f"2**{int(exponent)}"
    return f"{value:g}"
