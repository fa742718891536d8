"""Latent classes: people of several kinds, on each list with a chance of their kind."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xarray as xr

from darkfigure.assumptions import CLOSED, LINKAGE, NO_OUTSIDERS, Assumption
from darkfigure.calls import write_python
from darkfigure.cautions import Caution
from darkfigure.contract import Fit, Model
from darkfigure.convergence import agreement
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.identification import (
    ConditionalPair,
    Identification,
    NoHighestOrderInteraction,
    check_identification,
)
from darkfigure.models.latent_class.pymc_model import latent_class_model
from darkfigure.numerics.class_chains import ClassPrior
from darkfigure.numerics.class_mixture import (
    alternating_tail,
    class_tail,
    observable_probability,
    pair_tail,
    prior_log_odds,
)
from darkfigure.numerics.conjugate import draw_unseen
from darkfigure.numerics.latent_class import (
    LatentClassDraws,
    Length,
    sample_latent_classes,
)
from darkfigure.predictive import predictive_groups
from darkfigure.prior.population import OneOverN, Prior, check_positive, check_prior
from darkfigure.sampling import reweight

if TYPE_CHECKING:
    import pymc as pm

CLASSES = "classes"
"""The group of draws with the people in each class and their capture probabilities."""

_TINY = 1e-300
_NEARLY_IMPROPER = 0.02  # an exponent this close to 1 leaves limits beyond any number
_MOST_PEOPLE = 100_000_000
_LARGEST = 1e9


@dataclass(frozen=True)
class LatentClass(Model):
    r"""People of several kinds; within a kind, lists are independent.

    .. math:: x_{ij} \mid z_i \sim \mathrm{Bernoulli}(\lambda_{j z_i}), \qquad
        z_i \sim \mathrm{Stick}(\alpha), \qquad \alpha \sim \mathrm{Gamma}(a, b),

    with the stick-breaking cut off at K classes, so that as many are used as the lists ask for.
    Sampled by Gibbs sampling on the cells of the table; the unseen and the people of each cell
    are also moved between classes with capture probabilities and sticks integrated out. Chains
    start far apart and run until they agree (R-hat below 1.01 and 400 effective draws, for the
    population and for the odds of being missed) or `most` sweeps are done: then the estimate
    says that they do not agree.

    Parameters
    ----------
    classes : int, default 10
        K, the most classes.
    concentration : (float, float), default (0.25, 0.25)
        Shape and rate of the prior on α: small α means few classes.
    capture : (float, float), default (1, 1)
        Beta parameters of each capture probability; (1, 1) is uniform.
    prior : Prior, default OneOverN()
        Prior on the population.
    identify : NoHighestOrderInteraction or ConditionalPair, optional
        What reaches the unseen; by default, independence within classes.
    chains : int, default 16
        Draws are rounded up to a multiple of it.
    sweeps : int, default 3000
        Sweeps of each chain before it is looked at; then as many again are judged. Each further
        part is twice as long, and what went before it is thrown away.
    most : int, default 120_000
        Most sweeps of a chain in all.

    Raises
    ------
    NotEstimable
        If the prior on the population allows no number as large as that seen.

    Notes
    -----
    Draws of the classes stand in ``est.draws["classes"]``, the largest class first. Above 1e9
    people in a cell or class, counts are drawn from normal distributions.

    References
    ----------
    Manrique-Vallier (2016), Biometrics 72:1246; Johndrow, Lum & Manrique-Vallier (2019),
    Biometrika 106:197; Vehtari et al. (2021), Bayesian Anal. 16:667.
    """

    classes: int = 10
    concentration: tuple[float, float] = (0.25, 0.25)
    capture: tuple[float, float] = (1.0, 1.0)
    prior: Prior = OneOverN()
    identify: Identification | None = None
    chains: int = 16
    sweeps: int = 3_000
    most: int = 120_000

    assumes: ClassVar[tuple[Assumption, ...]] = (
        CLOSED,
        LINKAGE,
        NO_OUTSIDERS,
        Assumption(
            "lists independent within a few kinds of people, each kind partly seen",
            "People are of a few kinds; among people of one kind, being on one list says nothing "
            "about being on another, and nobody is of a kind that no list shows.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Manrique-Vallier D (2016). Bayesian population size estimation using Dirichlet process "
        "mixtures. Biometrics 72:1246-1254.",
        "Johndrow JE, Lum K, Manrique-Vallier D (2019). Low-risk population size estimates in the "
        "presence of capture heterogeneity. Biometrika 106:197-210.",
    )
    identifies: ClassVar[str] = "independence of the lists within latent classes"
    fewest_lists: ClassVar[int] = 3
    most_lists: ClassVar[int] = 10

    def __post_init__(self) -> None:
        for name, least in (("classes", 1), ("chains", 2), ("sweeps", 100), ("most", 300)):
            value = getattr(self, name)
            if not (isinstance(value, int) and not isinstance(value, bool) and value >= least):
                raise SettingsError(
                    f"{name} is {value!r}; expected a whole number from {least} up."
                )
        for name in ("concentration", "capture"):
            pair = getattr(self, name)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise SettingsError(f"{name} is {pair!r}; expected two numbers, (a, b).")
            for value in pair:
                check_positive(name, value)
        if self.most < 3 * self.sweeps:
            raise SettingsError(
                f"most is {self.most}, with sweeps {self.sweeps}; expected at least three times "
                "as many.",
            )
        check_prior(self.prior)
        check_identification(self.identify)

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Run the chains until they agree, or to their end."""
        if self.identify is not None:
            self.identify.check_lists(table.lists)
        if table.n_observed > _MOST_PEOPLE:
            raise NotEstimable(
                f"{table.n_observed:,} people are more than the sampler of classes can move about; "
                f"{_MOST_PEOPLE:,} at most.",
                "with so many, use LogLinear().",
            )
        self._check_proper(table)
        self._check_prior_reaches(table.n_observed)
        found = sample_latent_classes(
            table.counts(),
            self._class_prior(),
            Length(self.chains, self.sweeps, self.most),
            draws=-(-draws // self.chains),
            judge=agreement,
            rng=rng,
        )
        observable = observable_probability(found.weight, found.capture)
        unseen, groups = found.unseen, _groups(table, found, observable)
        groups |= predictive_groups(table, observable, rng)
        # judged on more states than are returned
        groups["convergence"] = xr.Dataset(asdict(found.agreement))
        cautions: tuple[Caution, ...] = ()
        if self.identify is not None:
            unseen, groups, cautions = self._identified(table, observable, groups, rng)
        return Fit(
            kind="posterior",
            seen=table.n_observed,
            unseen=unseen,
            label=f"LatentClass(classes={self.classes}), {self.chains} chains of "
            f"{found.sweeps:,} sweeps after {found.warm_up:,}",
            tail_exponent=self.tail_exponent(table),
            cautions=cautions,
            groups=groups,
        )

    def tail_exponent(self, table: CaptureTable) -> float:
        """The power with which the posterior of the population falls, or a lower bound of it.

        Exact for the classes' own way to the unseen and for `ConditionalPair`; for
        `NoHighestOrderInteraction` it may fall faster.
        """
        counts = table.counts()
        if self.identify is None or self.classes == 1:
            likelihood = class_tail(counts, self.classes, self.capture)
        elif isinstance(self.identify, ConditionalPair):
            pair = (self.identify.first, self.identify.second)
            one, other = (1 << table.lists.index(name) for name in pair)
            likelihood = pair_tail(counts, one, other, self.capture)
        else:
            likelihood = alternating_tail(counts, self.capture)
        return self.prior.tail_exponent + likelihood

    def varied(self, k: int) -> tuple[Model, ...]:
        """Half and twice the classes, another prior on α and on the capture probabilities."""
        others = (
            replace(self, classes=max(1, self.classes // 2)),
            replace(self, concentration=(1.0, 1.0)),
            self,
            replace(self, capture=(self.capture[0] / 2, self.capture[1] / 2)),
            replace(self, classes=2 * self.classes),
        )
        return tuple(dict.fromkeys(others))

    def draw_prior_odds(
        self, table: CaptureTable, size: int, rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) under the prior of classes and capture probabilities alone."""
        return prior_log_odds(
            self.classes, self.concentration, self.capture, table.n_lists, size, rng
        )

    def build(self, table: Captures) -> "pm.Model":
        """The same posterior in PyMC, classes and the number unseen integrated out.

        Returns
        -------
        pm.Model
            With `concentration`, `sticks`, `capture` (class, list), `expected_seen`, Poisson
            `counts` and `log_odds_unseen`. The prior on N is 1/N.
        """
        if self.identify is not None or not isinstance(self.prior, OneOverN):
            raise SettingsError(
                "the PyMC model has p(N) ∝ 1/N and its own way to the unseen.",
                "leave prior and identify out; sample(model, table, prior=...) weighs its draws.",
            )
        return latent_class_model(as_table(table), self.classes, self.concentration, self.capture)

    def _class_prior(self) -> ClassPrior:
        plain = self.identify is not None or isinstance(self.prior, OneOverN)
        tilt = None if plain else self.prior.log_tilt
        return ClassPrior(self.classes, self.concentration, self.capture, tilt)

    def _check_proper(self, table: CaptureTable) -> None:
        """Refuse a posterior without finite mass: chains would run away without end."""
        exponent = self.tail_exponent(table)
        if exponent > 1.0 + _NEARLY_IMPROPER:
            return
        falls = f"it falls only like N**-{max(exponent, 0.0):.3g}"
        kind = "improper" if exponent <= 1.0 else "so nearly improper that no limit can be given"
        if isinstance(self.identify, NoHighestOrderInteraction):
            kind, falls = "not known to be proper", f"it may fall like N**-{max(exponent, 0.0):.3g}"
        raise NotEstimable(
            f"the posterior is {kind}: with capture={self.capture} and {write_python(self.prior)} "
            f"on {table.n_lists} lists {falls}, and it has a finite total only where that power is "
            "above 1.",
            "use a prior on the population with a lighter tail, such as dk.prior.OneOverN(), or "
            "a larger first parameter of the capture probabilities, such as capture=(1, 1).",
        )

    def _check_prior_reaches(self, seen: int) -> None:
        numbers = np.ceil(np.geomspace(seen, max(10.0 * seen, _LARGEST), 2000))
        if not np.isfinite(self.prior.log_mass(numbers)).any():
            raise NotEstimable(
                f"{self.prior!r} allows no population from {seen:,}, the people seen, to "
                f"{_LARGEST:,.0f}, as many as the sampler of classes can move about.",
                "use a prior on the population that has some of its mass there.",
            )

    def _identified(
        self,
        table: CaptureTable,
        observable: np.ndarray,
        groups: dict[str, xr.Dataset],
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, dict[str, xr.Dataset], tuple[Caution, ...]]:
        """The unseen by an assumption of its own; the classes tell only who is seen where."""
        assert self.identify is not None
        flat = np.log(np.maximum(observable, _TINY)).reshape(-1, observable.shape[-1])
        log_odds = self.identify.log_odds(flat, table.lists, rng).reshape(observable.shape[:2])
        unseen = draw_unseen(table.n_observed, log_odds, rng)
        weighed = reweight(self.prior, table.n_observed + unseen, rng)
        posterior = groups["posterior"].assign(log_odds_unseen=(("chain", "draw"), log_odds))
        groups = {**groups, "posterior": posterior}
        del groups[CLASSES], groups["convergence"]
        kept = {
            name: weighed.take(data) if "draw" in data.dims else data
            for name, data in groups.items()
        }
        return np.take_along_axis(unseen, weighed.index, axis=1), kept, weighed.cautions


def _groups(
    table: CaptureTable, found: LatentClassDraws, observable: np.ndarray
) -> dict[str, xr.Dataset]:
    """Monitors that no exchange of labels can change, and the classes behind them."""
    chains, draws, classes = found.weight.shape
    at = {"chain": np.arange(chains), "draw": np.arange(draws)}
    rank = {"rank": np.arange(1, classes + 1)}
    counts = table.counts()
    cells = np.flatnonzero(counts)
    log_likelihood = np.log(np.maximum(observable[..., cells], _TINY)) @ counts[cells]
    posterior = xr.Dataset(
        {
            "log_odds_unseen": (("chain", "draw"), found.log_odds),
            "weight": (("chain", "draw", "rank"), found.weight),
            "concentration": (("chain", "draw"), found.concentration),
        },
        coords={**at, **rank},
    )
    classes_of = xr.Dataset(
        {
            "people": (("chain", "draw", "rank"), found.people),
            "capture": (("chain", "draw", "rank", "list"), found.capture),
        },
        coords={**at, **rank, "list": list(table.lists)},
    )
    stats = xr.Dataset({"log_likelihood": (("chain", "draw"), log_likelihood)}, coords=at)
    return {"posterior": posterior, "sample_stats": stats, CLASSES: classes_of}
