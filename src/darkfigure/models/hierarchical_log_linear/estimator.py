"""The hierarchical log-linear model: the settings, and the fit that brings the parts together."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.cautions import Caution
from darkfigure.contract import CHAINS, Fit, Handling, Model
from darkfigure.data.names import did_you_mean
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.literals import Dependence, OverYears, PooledInference, check_choice
from darkfigure.models.hierarchical_log_linear.draws import (
    Effects,
    People,
    groups_of,
    people_of,
)
from darkfigure.models.hierarchical_log_linear.laplace import draw_by_laplace
from darkfigure.models.hierarchical_log_linear.layout import Layout, Pooling, lay_out
from darkfigure.models.hierarchical_log_linear.prior_draws import draw_prior_odds
from darkfigure.prior.population import OneOverN, Prior, check_positive, check_prior
from darkfigure.sampling import reweight

if TYPE_CHECKING:
    import pymc as pm

_YEAR = "year"


@dataclass(frozen=True)
class HierarchicalLogLinear(Model):
    r"""One log-linear model over many years and strata, with effects that are pooled.

    The expected number of people of history :math:`\omega` in stratum s is

    .. math:: \log \mu_{\omega s} = \sigma_s + \sum_{j \in \omega} \lambda_{js}
        + \sum_{\{i,j\} \subseteq \omega} \delta_{ijs}.

    The size :math:`\sigma_s` and the log odds :math:`\lambda_{js}` of each list are sums over
    the stratum variables; :math:`\sigma_s` has every two variables together as well. Over the
    years they walk at random; the levels of other variables are exchangeable. How far years and
    levels differ is learned, so that sparse strata borrow strength from the others. The log odds
    of all lists come from one normal distribution, and the log odds ratios :math:`\delta_{ij}` of
    all pairs of lists from another, whose means and standard deviations are learned. Lists that
    come and go, strata that some lists do not record, and counts known within limits are used as
    they are.

    Parameters
    ----------
    year : str, default "year"
        The stratum variable of the years; where the table has none of that name, all its
        variables are exchangeable.
    over_years : {"walk", "exchangeable"}, default "walk"
        A year is near those beside it, or no more like them than like any other.
    dependence : {"constant", "by year"}, default "constant"
        Whether the log odds ratios of pairs change over the years.
    step : float, default 0.5
        Width of the half-normal prior on the standard deviation of a list's yearly steps, in log
        odds. (Pairs by year have a quarter of it.)
    spread : float, default 1
        That width for differences of a list between the levels of other variables.
    pairs : float, default 1
        That width for the standard deviation of log odds ratios between pairs of lists.
    prior : Prior, default OneOverN()
        Prior on the population.
    inference : {"laplace", "nuts"}, default "laplace"
        "laplace" finds the mode of the learned standard deviations by Laplace's approximation,
        draws from it and weighs the draws against the exact posterior, in seconds. "nuts" samples
        the same posterior with PyMC and nutpie, in a minute or two.
    chains, tune : int, default 4 and 1000
        For "nuts".

    Raises
    ------
    NotEstimable
        If the table has too many strata, or the prior on the population excludes what the lists
        say.

    Notes
    -----
    Further priors: the mean of the lists' log odds, averaged over strata, is Normal(-2, 2), their
    standard deviation half-normal of width 1; the mean of the pairs' log odds ratios is
    Normal(0, 0.5); logs of the sizes of a variable's levels are Normal(0, 1.5); and the steps of
    the size over the years and the terms of two variables have half-normal widths of 0.5. The
    overall size is flat on the log scale: p(N) ∝ 1/N.

    ``est.draws["importance"]`` says how many independent draws the weighted ones were worth.

    References
    ----------
    Gelman & Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models,
    Cambridge; Rue, Martino & Chopin (2009), J. R. Stat. Soc. B 71:319; King & Brooks (2001),
    Biometrika 88:317; Zwane, van der Pal & van der Heijden (2004), Stat. Med. 23:2267.
    """

    year: str = _YEAR
    over_years: OverYears = "walk"
    dependence: Dependence = "constant"
    step: float = 0.5
    spread: float = 1.0
    pairs: float = 1.0
    prior: Prior = OneOverN()
    inference: PooledInference = "laplace"
    chains: int = CHAINS
    tune: int = 1000

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
        Assumption(
            "no interactions of three lists, and pairs alike in all strata",
            "Lists depend on each other in pairs only, alike in all strata (or nearly so from year "
            "to year, where asked for), and for people on no list too; the pairs are of one kind, "
            "so that what most show is expected of the others.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "King R, Brooks SP (2001). On the Bayesian analysis of population size. Biometrika "
        "88:317-336.",
        "Zwane EN, van der Pal-de Bruin K, van der Heijden PGM (2004). The multiple-record systems "
        "estimator when registrations refer to different but overlapping populations. Stat. Med. "
        "23:2267-2281.",
        "Gelman A, Hill J (2007). Data Analysis Using Regression and Multilevel/Hierarchical "
        "Models. Cambridge University Press.",
        "Rue H, Martino S, Chopin N (2009). Approximate Bayesian inference for latent Gaussian "
        "models by using integrated nested Laplace approximations. J. R. Stat. Soc. B 71:319-392.",
    )
    identifies: ClassVar[str] = (
        "lists depend in pairs only, the pairs are of one kind, and neighbouring years and strata "
        "are alike as far as the data say"
    )
    handles: ClassVar[frozenset[Handling]] = frozenset(
        {"impossible", "intervals", "blank lists", "blank strata", "strata"}
    )
    fewest_lists: ClassVar[int] = 3
    most_lists: ClassVar[int] = 12

    def __post_init__(self) -> None:
        if not isinstance(self.year, str) or not self.year:
            raise SettingsError(f"year is {self.year!r}; expected the name of a stratum variable.")
        check_choice(self.over_years, OverYears, "over_years")
        check_choice(self.dependence, Dependence, "dependence")
        check_choice(self.inference, PooledInference, "inference")
        for name in ("step", "spread", "pairs"):
            check_positive(name, getattr(self, name))
        check_prior(self.prior)
        for name, least in (("chains", 2), ("tune", 100)):
            value = getattr(self, name)
            if not (isinstance(value, int) and not isinstance(value, bool) and value >= least):
                raise SettingsError(
                    f"{name} is {value!r}; expected a whole number from {least} up."
                )

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Draw by Laplace's approximation and weights, or by NUTS."""
        layout = self._layout(table)
        if self.inference == "nuts":
            return self._sampled(layout, draws, rng)
        found = draw_by_laplace(layout, self.prior, draws=draws, rng=rng)
        worth = {
            "effective_size": np.array([found.effective]),
            "pool": np.array([found.pool]),
        }
        fit = self._fit(layout, found.drawn, found.people, found.cautions, rng)
        label = f"{fit.label}, Laplace's approximation weighed"
        return replace(fit, label=label, groups={**fit.groups, "importance": worth})

    def build(self, table: CaptureTable) -> "pm.Model":
        """The model in PyMC, to look at, change and sample.

        Returns
        -------
        pm.Model
            With `scale` (the learned standard deviations), standard normals `size`, `list_mean`,
            `lists`, `pair_mean` and `pairs`, `log_rate`, Poisson `counts` of the rows with exact
            counts, the potential `counts_in_limits` of the others, and `log_odds_unseen`. The
            prior on N is 1/N.
        """
        from darkfigure.models.hierarchical_log_linear.pymc_model import build

        if not isinstance(self.prior, OneOverN):
            raise SettingsError(
                "the PyMC model has p(N) ∝ 1/N.",
                "leave prior out; sample(model, table, prior=...) weighs its draws.",
            )
        return build(self._layout(table))

    def varied(self, k: int) -> tuple[Model, ...]:
        """Half and twice the widths of the priors on steps, differences and pairs."""
        others = [
            replace(self, **{name: factor * getattr(self, name)})
            for name in ("step", "spread", "pairs")
            for factor in (0.5, 2.0)
        ]
        return (self, *others)

    def draw_prior_odds(
        self, table: CaptureTable, size: int, rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) over all strata, under the priors of sizes, lists and pairs."""
        return draw_prior_odds(self._layout(table), size, rng)

    # parts of a fit

    def _layout(self, table: CaptureTable) -> Layout:
        has_years = self.year in table.strata
        if not has_years and self.year != _YEAR:
            raise SettingsError(
                f"year is {self.year!r}, and the table's stratum variables are "
                f"{', '.join(table.strata) or 'none'}.",
                did_you_mean(self.year, table.strata) or None,
            )
        if not has_years and self.dependence == "by year":
            raise SettingsError(
                'dependence="by year" needs years, and the table\'s stratum variables are '
                f"{', '.join(table.strata) or 'none'}.",
                "name the variable of the years: year=...",
            )
        return lay_out(
            table,
            Pooling(
                year=self.year if has_years else None,
                walks=self.over_years == "walk",
                pairs_by_year=self.dependence == "by year",
                step=self.step,
                spread=self.spread,
                pairs=self.pairs,
            ),
        )

    def _sampled(self, layout: Layout, draws: int, rng: np.random.Generator) -> Fit:
        from darkfigure.models.hierarchical_log_linear.pymc_model import sample

        drawn, trace = sample(layout, draws=draws, chains=self.chains, tune=self.tune, rng=rng)
        people = people_of(layout, drawn, rng)
        weighed = reweight(self.prior, people.population, rng)
        drawn, people = drawn.take(weighed.index), people.take(weighed.index)
        fit = self._fit(layout, drawn, people, weighed.cautions, rng)
        stats = weighed.take(trace["sample_stats"].to_dataset())
        return replace(
            fit, label=f"{fit.label}, by NUTS", groups={**fit.groups, "sample_stats": stats}
        )

    def _fit(
        self,
        layout: Layout,
        drawn: Effects,
        people: People,
        cautions: tuple[Caution, ...],
        rng: np.random.Generator,
    ) -> Fit:
        joint = layout.observation.strata is not None
        seen = people.seen if joint else people.seen[..., 0]
        return Fit(
            kind="posterior",
            seen=int(seen) if seen.ndim == 0 else seen,
            unseen=people.unseen if joint else people.unseen[..., 0],
            label=self._label(layout),
            tail_exponent=self._tail(layout),
            cautions=cautions,
            groups=groups_of(layout, drawn, people, rng),
            strata=layout.observation.strata,
        )

    def _tail(self, layout: Layout) -> float:
        """The power with which the posterior falls: all lists rarer, overlaps made up for by pairs.

        What has a learned standard deviation has tails no lighter than exponential, at a rate of
        √(number of effects) / width; all other effects are normal. Either in all years at once, or
        in one year, where the size takes a step too.
        """
        k, width = layout.model.lists, dict(zip(layout.scales, layout.model.width, strict=True))
        overlap = layout.table.overlap().to_numpy()
        shared = (overlap[np.triu_indices(k, 1)] > 0).sum()
        rate = math.sqrt(k) / width["list"] + math.sqrt(shared) / width.get("pair", 1.0)
        if any(each.walks for each in layout.variables):
            step = 1.0 / width[f"size: {self.year}"] + math.sqrt(k) / width[f"list: {self.year}"]
            rate = min(rate, step)
        return float(self.prior.tail_exponent + rate)

    def _label(self, layout: Layout) -> str:
        sizes = [f"{each.name} ({len(each.levels)})" for each in layout.variables]
        over = f" over {', '.join(sizes)}" if sizes else ""
        by_year = f", pairs by {self.year}" if layout.over_years else ""
        return f"HierarchicalLogLinear{over}{by_year}"
