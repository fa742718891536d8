"""The estimate: draws of the seen and the unseen, and what they rest on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from darkfigure.assumptions import ERRORS_ALIKE, LINKAGE, LINKAGE_DRAWN, Assumption
from darkfigure.cautions import Caution
from darkfigure.contract import Model, assumptions_of
from darkfigure.data.about import Period
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError, briefly
from darkfigure.linkages import LINKAGE_DRAWS
from darkfigure.literals import DrawsKind
from darkfigure.numerics.resampling import quantiles
from darkfigure.prior.population import Prior
from darkfigure.results import modes
from darkfigure.results.draws import CONSTANT, DENSITY, IMPORTANCE, levels_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """How many people there are, seen and unseen, with the reasons why it may be wrong.

    Made by `estimate`; printed, it answers first and then says what the answer rests on.

    Attributes
    ----------
    draws : DataTree
        In the ArviZ schema: a group named by `kind` with `population` and `unseen` (chain, draw
        [, stratum]), `constant_data` with `seen` and the levels of each stratum, and what the
        model adds (`density`, `replicates`).
    kind : str
        Where the draws come from: "posterior", "bootstrap", ...
    model : Model
        The settings used.
    label : str
        The model in words.
    table : CaptureTable
        The data used.
    seed : int
        Run again with it, the same model gives the same draws.
    cautions : tuple of Caution
        What to be careful of, each with a remedy.
    models : DataFrame or None
        The candidates of an averaged or searched model, best first.
    call : str
        Python text that gives this estimate again.
    version : str
        Of darkfigure.
    tail_exponent : float
        Power with which the draws' density falls; the mean is finite above 2.
    likelihood_point : float or None
        The maximum-likelihood total, where the model has one.
    """

    draws: xr.DataTree
    kind: DrawsKind
    model: Model
    label: str
    table: CaptureTable
    seed: int
    cautions: tuple[Caution, ...]
    models: pd.DataFrame | None
    call: str
    version: str
    tail_exponent: float = math.inf
    likelihood_point: float | None = None

    # the draws

    @property
    def unseen(self) -> xr.DataArray:
        """Draws of the number on no list, dims (chain, draw[, stratum])."""
        return self._with_levels("unseen")

    @property
    def population(self) -> xr.DataArray:
        """Draws of the total, dims (chain, draw[, stratum])."""
        return self._with_levels("population")

    @property
    def seen(self) -> xr.DataArray:
        """People on at least one list, dims (chain, draw[, stratum]); uncertain ones are drawn."""
        if "seen" in self.draws[self.kind]:
            return self._with_levels("seen")
        return self.draws[CONSTANT]["seen"].broadcast_like(self.unseen).transpose(*self.unseen.dims)

    def _with_levels(self, name: str) -> xr.DataArray:
        """Draws with the level of each stratum variable as coordinates `stratum_...`."""
        drawn = self.draws[self.kind].to_dataset()[name]
        return drawn.assign_coords(levels_of(self.draws)) if "stratum" in drawn.dims else drawn

    @cached_property
    def totals(self) -> np.ndarray:
        """Draws of the total over all strata, shape (chains * draws,)."""
        total = self.population
        if "stratum" in total.dims:
            total = total.sum("stratum")
        return total.to_numpy().ravel()

    @cached_property
    def seen_totals(self) -> np.ndarray:
        """People on at least one list over all strata, by draw: shape (chains * draws,)."""
        return self.seen.sum([d for d in self.seen.dims if d == "stratum"]).to_numpy().ravel()

    # the answer

    @property
    def estimate(self) -> float:
        """The headline: `point` for likelihood models, the median for posteriors.

        Where a sampler's chains disagree (`settled` is false) there is no single number: this,
        `point`, `median`, `mean` and `sd` are nan. `modes` names the places where the draws pile
        up, and `totals` are the draws as they are.
        """
        return self.point if self.kind in ("bootstrap", "profile", "asymptotic") else self.median

    @property
    def point(self) -> float:
        """The maximum-likelihood total where the model has one, else the median."""
        if self.likelihood_point is None or not self.settled:
            return self.median
        return self.likelihood_point

    @property
    def median(self) -> float:
        """Median of the draws of the total; nan where there is no single number."""
        return float(quantiles(self.totals, 0.5)) if self.settled else math.nan

    @property
    def mean(self) -> float:
        """Mean of the draws of the total; inf where their distribution has none."""
        if not self.settled:
            return math.nan
        return float(self.totals.mean()) if self.tail_exponent > 2 else math.inf

    @property
    def sd(self) -> float:
        """Standard deviation of the draws of the total; inf where there is none."""
        if not self.settled:
            return math.nan
        return float(self.totals.std(ddof=1)) if self.tail_exponent > 3 else math.inf

    def interval(self, prob: float = 0.95) -> tuple[float, float]:
        """Equal-tailed interval of the total with probability `prob`.

        Where chains disagree it is a range of the draws, with no probability to speak of.
        """
        check_prob(prob)
        low, high = quantiles(self.totals, np.array([(1 - prob) / 2, (1 + prob) / 2]))
        return float(low), float(high)

    def summary(self, prob: float = 0.95, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Table of population, seen, unseen and share unseen, or of the levels of `by`.

        Parameters
        ----------
        prob : float, default 0.95
            Probability of the equal-tailed interval from `low` to `high`.
        by : str or sequence of str, optional
            A stratum variable: one row per level instead. Several: one row per combination of
            their levels. Draws are added up over the other variables, draw by draw.

        Returns
        -------
        DataFrame
            Columns estimate, median, mean, sd, low, high; nan but for the last two where there is
            no single number.

        Raises
        ------
        SettingsError
            If `by` names what is no stratum variable of this estimate.
        """
        from darkfigure.results.summary import by_level, in_total

        check_prob(prob)
        return in_total(self, prob) if by is None else by_level(self, prob, by)

    def per(self, unit: str = "year", *, prob: float = 0.95) -> pd.Series:
        """The total divided by the length of the table's period.

        Parameters
        ----------
        unit : {"year"}
        prob : float, default 0.95

        Returns
        -------
        Series
            estimate, median, low, high: people per year; the first two nan where there is no
            single number.

        Raises
        ------
        NotEstimable
            If the table's period is not stated, or it counts a stock on a day.
        """
        if unit != "year":
            raise SettingsError(f"unit is {unit!r}; figures are given per 'year'.")
        years = self._period().years
        low, high = self.interval(prob)
        return pd.Series(
            {
                "estimate": self.estimate / years,
                "median": self.median / years,
                "low": low / years,
                "high": high / years,
            },
            name=f"{self.table.about.people} per year",
        )

    def _period(self) -> Period:
        about = self.table.about
        if about.concept == "stock":
            raise NotEstimable(
                "this table measures a stock on a day, which has no figure per year.",
                "compare it with other stocks only.",
            )
        if about.period is None:
            raise NotEstimable(
                "the period of this table is not stated, so there is no figure per year.",
                "table = table.with_about(period=(2010, 2015)), then estimate again.",
            )
        if about.period.years < 1:
            raise NotEstimable(
                f"this table covers {about.period.text}, less than a year: a figure per year "
                "would be an extrapolation.",
                "report the figure for the period.",
            )
        return about.period

    # how a fitted model fits, and what its estimate hangs on

    def residuals(self) -> pd.DataFrame:
        """Observed and fitted counts, Pearson and deviance residuals, by capture history.

        Raises
        ------
        NotEstimable
            If the model has no fitted counts (averages and posteriors have none).
        """
        from darkfigure.results.fitted import residuals_of

        return residuals_of(self)

    def goodness_of_fit(self) -> pd.Series:
        """Deviance and Pearson's X², degrees of freedom, and parametric-bootstrap p-values."""
        from darkfigure.results.fitted import goodness_of

        return goodness_of(self)

    def influence(self) -> pd.DataFrame:
        """The total without each list, and without one person of each capture history.

        On one table with exact counts the model is selected again. With strata, gaps or limits
        it is held fixed: each list is left out of it, and one person moves the total to first
        order.

        Returns
        -------
        DataFrame
            Rows (kind, name): columns people, population (with it left out), change.
        """
        from darkfigure.results.fitted import influence_on

        return influence_on(self)

    def stability(self) -> pd.DataFrame:
        """The 95 % bootstrap limits when each replicate may choose among so many top models."""
        from darkfigure.results.fitted import stability_of

        return stability_of(self)

    def plot_models(self, ax: "Axes | None" = None, *, units: float = 30.0) -> "Figure":
        """Every candidate model's total against its criterion, within so many units of the best."""
        from darkfigure.results.model_plots import plot_models

        return plot_models(self, ax, units=units)

    def plot_residuals(self, ax: "Axes | None" = None) -> "Figure":
        """Deviance residuals against fitted counts, the largest named."""
        from darkfigure.results.model_plots import plot_residuals

        return plot_residuals(self, ax)

    def trend(self, *, prob: float = 0.95, by: str = "year") -> pd.DataFrame:
        """The total of each year (or another ordered stratum variable), and whether it rises.

        Returns
        -------
        DataFrame
            A row per year, in order: estimate, low, high; increase, the share of the draws in
            which the total is above the year before (a probability, for a posterior);
            increase_since_first, the same against the first year; seen; truth, where known.

        Raises
        ------
        NotEstimable
            If the estimate has no strata.
        """
        from darkfigure.results.trend import trend_of

        check_prob(prob)
        return trend_of(self, prob, by)

    def plot_trend(
        self, ax: "Axes | None" = None, *, prob: float = 0.95, by: str = "year"
    ) -> "Figure":
        """Draw the total of each year (or another ordered stratum variable) with its interval."""
        from darkfigure.results.trend import plot_trend

        check_prob(prob)
        return plot_trend(self, ax, prob=prob, by=by)

    # what it rests on

    @cached_property
    def curve(self) -> modes.Curve:
        """The density of the unseen: exact where known, else smoothed from the draws."""
        if DENSITY in self.draws.children:
            exact = self.draws[DENSITY]
            return modes.exact_curve(exact["unseen"].to_numpy(), exact["mass"].to_numpy())
        if "replicates" in self.draws.children:  # corrected limits would bend the curve
            seen = float(np.median(self.seen_totals))
            return modes.smoothed_curve(self.draws["replicates"]["population"].to_numpy() - seen)
        worth = math.inf
        if IMPORTANCE in self.draws.children:
            worth = float(self.draws[IMPORTANCE].to_dataset()["effective_size"][0])
        return modes.smoothed_curve(self.totals - self.seen_totals, worth)

    def modes(self) -> pd.DataFrame:
        """Each mode of the total: location, low and high (valley to valley), weight.

        Modes are peaks of the density of the log number unseen that are separated by a clear
        valley and hold at least one part in forty. Where a sampler's chains disagree the weights
        are nan: how many draws lie in each mode then only says where the chains began.
        """
        seen = int(np.median(self.seen_totals))
        found = modes.modes_of(self.curve, seen)
        return pd.DataFrame(
            {
                "location": [seen + mode.unseen for mode in found],
                "low": [seen + mode.low for mode in found],
                "high": [seen + mode.high for mode in found],
                "weight": [mode.weight if self.settled else math.nan for mode in found],
            }
        )

    @property
    def assumes(self) -> tuple[Assumption, ...]:
        """What must be true of the registers for this estimate to hold."""
        given = assumptions_of(self.model)
        if LINKAGE_DRAWS in self.draws.children:
            given = tuple(LINKAGE_DRAWN if each == LINKAGE else each for each in given)
        return (*given, ERRORS_ALIKE) if self.kind == "calibrated" else given

    @property
    def settled(self) -> bool:
        """False where a sampler's chains disagree, so that no single number can be given."""
        return all(each.kind != "not_mixed" for each in self.cautions)

    def with_prior(self, prior: Prior) -> "Estimate":
        """The same estimate under another prior on the population, without a new fit.

        Draws (or the exact mass function, where it is known) are weighed by new over old prior
        and resampled; if few are left, or prior and lists pull apart, a caution says so.
        `models` is then None: the weights of models have changed. The estimate as it was before
        stays with the new one: exchanged again, the prior is put into its draws.

        Parameters
        ----------
        prior : Prior
            Such as ``dk.prior.Between(5_000, 7_500, prob=0.9)``.

        Raises
        ------
        NotEstimable
            If the model has no prior on the population, the posterior would be improper, the
            draws do not reach where the new prior is, or their chains do not agree.
        """
        from darkfigure.results.reweighted import with_prior

        return with_prior(self, prior)

    def ppc(self, prob: float = 0.95) -> pd.DataFrame:
        """Compare observed overlaps with those of tables drawn from the posterior predictive.

        Returns
        -------
        DataFrame
            Rows (what, name): people on each list, on both of each pair, and seen on one, two,
            ... lists. Columns observed, predicted (mean over tables), sd, low, high (of `prob` of
            the tables), and p, the two-sided share of tables as far out as the observed one.

        Raises
        ------
        NotEstimable
            If the model leaves no posterior-predictive tables.
        """
        from darkfigure.results.predictive_checks import predictive_checks

        check_prob(prob)
        return predictive_checks(self, prob)

    def with_predictive(self) -> "Estimate":
        """The same estimate, whose draws hold what `az.loo` and predictive plots of ArviZ read.

        Most Bayesian models leave `observed_data`, `posterior_predictive` and `log_likelihood` at
        once, and nothing is changed. `DecomposableGraphs` has the cells integrated out, and
        draws them here given the unseen of each draw: half a second on five lists, several on
        six.

        Raises
        ------
        NotEstimable
            If the model leaves no posterior-predictive tables.
        """
        from darkfigure.results.predictive_checks import with_predictive

        return with_predictive(self)

    def plot_ppc(self, ax: "Axes | None" = None, *, prob: float = 0.95) -> "Figure":
        """Draw the observed overlaps on the intervals that the model predicts for them."""
        from darkfigure.results.predictive_plots import plot_ppc

        return plot_ppc(self, ax, prob=prob)

    def alpha_observable(self, alpha: float = 0.01, *, prob: float = 0.95) -> pd.Series:
        """The people whose chance to be on some list is at least `alpha`; for `LatentClass`.

        Returns
        -------
        Series
            estimate (the median), low, high, and the share of the population that it is; the
            first and the last are nan where there is no single number.

        References
        ----------
        Johndrow, Lum & Manrique-Vallier (2019), Biometrika 106:197.
        """
        from darkfigure.results.observable import observable_of

        check_prob(prob)
        return observable_of(self, alpha, prob)

    def cite(self) -> str:
        """The publications behind the method, the data and the software."""
        parts = [*self.model.references]
        if self.table.about.source != "not stated":
            parts.append(f"Data: {self.table.about.source}")
        parts.append(f"Software: darkfigure {self.version}.")
        return "\n".join(parts)

    def diff(self, other: "Estimate", *, prob: float = 0.95) -> pd.DataFrame:
        """Set this total against another's, taken as independent.

        Returns
        -------
        DataFrame
            Rows difference (self − other) and ratio (self / other); columns estimate, low,
            high, and the probability that it is above 0 and 1 respectively. Estimate and
            probability are nan where either has no single number.
        """
        from darkfigure.results.summary import difference

        check_prob(prob)
        return difference(self, other, prob)

    # pictures, files, print

    def plot(self, ax: "Axes | None" = None, *, prob: float = 0.95) -> "Figure":
        """Density of the total, with the observed count, the modes and the interval."""
        from darkfigure.results.plots import plot_estimate

        return plot_estimate(self, ax, prob=prob)

    def save(self, path: str | Path) -> Path:
        """Write draws, data, settings and cautions to one NetCDF file; read with `dk.open`."""
        from darkfigure.results.storage import save_estimate

        return save_estimate(self, Path(path))

    def to_json(
        self, path: str | Path | None = None, *, prob: float = 0.95, year: str = "year"
    ) -> str:
        """Every number of the answer as JSON text, also written to `path` if given.

        Where `year` is a stratum variable, its `trend` is among them.
        """
        from darkfigure.results.storage import estimate_as_json

        text = estimate_as_json(self, prob, year)
        if path is not None:
            Path(path).write_text(text + "\n", encoding="utf-8")
        return text

    def text(self, *, prob: float = 0.95) -> str:
        """The printed form, with an interval of another probability."""
        from darkfigure.results.printed import as_text

        return as_text(self, prob)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from darkfigure.results.printed import as_html

        return as_html(self, 0.95)


def check_estimate(given: object, example: str) -> None:
    """Refuse what is no estimate: a table, a name, a saved file."""
    if not isinstance(given, Estimate):
        raise SettingsError(
            f"{briefly(given)} was given; expected an Estimate, as dk.estimate or dk.open "
            "returns it.",
            example,
        )


def check_prob(prob: float) -> None:
    """Refuse a probability outside (0, 1)."""
    if not isinstance(prob, int | float) or not 0 < prob < 1:
        hint = None
        if isinstance(prob, int | float) and 50 <= prob < 100:
            hint = f"prob={prob / 100:g}"
        raise SettingsError(f"prob is {prob!r}; expected a number between 0 and 1.", hint)
