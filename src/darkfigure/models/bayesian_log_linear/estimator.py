"""Bayesian log-linear models: the settings, and the fit that brings the parts together."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.calls import write_call
from darkfigure.cautions import caution
from darkfigure.contract import CHAINS, Fit, Handling, Model, check_table
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.identification import Identification, check_identification
from darkfigure.literals import Averaging, Inference, check_choice
from darkfigure.models.bayesian_log_linear import trouble
from darkfigure.models.bayesian_log_linear.averaging import (
    MOST_MODELS,
    Averaged,
    Candidates,
    average,
    candidate_models,
)
from darkfigure.models.bayesian_log_linear.draws import as_fit, model_table
from darkfigure.models.bayesian_log_linear.effects import effects_prior, tail_exponent
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.models.bayesian_log_linear.sums import (
    average_sums,
    fit_of_sums,
    refuse_identification,
)
from darkfigure.models.bayesian_log_linear.threshold import interactions_kept
from darkfigure.numerics.bayes_log_linear import EffectsPrior
from darkfigure.numerics.hierarchy import count_models
from darkfigure.prior.interactions import (
    HyperG,
    InteractionPrior,
    Normal,
    RegularizedHorseshoe,
    UnitInformation,
    check_interactions,
)
from darkfigure.prior.population import OneOverN, Prior, check_positive, check_prior
from darkfigure.prior_sensitivity import GROUP
from darkfigure.terms import Terms, freeze_terms

if TYPE_CHECKING:
    import pymc as pm

_BY_INFERENCE = {
    "average": Normal(),
    "threshold": Normal(1.0, main=1000.0),
    "nuts": RegularizedHorseshoe(),
}
_MODELS_IN_A_UNIT = 1_500  # fitted in the time that is needed beside them
_OVER_SCALES = 12.0  # times as long for each model, where the scale of the prior is learned
QUADRATIC = (UnitInformation, HyperG, Normal)
"""Priors that can be averaged over models."""


@dataclass(frozen=True)
class BayesianLogLinear(Model):
    r"""Hierarchical log-linear models with proper priors on their interactions, averaged.

    Given that they were seen, people fall into the histories with probability proportional to
    :math:`\exp \sum_{\tau \subseteq \omega,\, \tau \in M} \beta_\tau`. Interactions have proper
    priors, so that there always is an estimate; every hierarchical model M has the same prior
    weight. Models are drawn by their evidence, effects by importance sampling around the mode,
    and the unseen exactly: under p(N) ∝ 1/N they are negative binomial given the effects.
    Stratum variables enter the models as further variables.

    Parameters
    ----------
    terms : str or iterable of tuples of str, optional
        One model instead of all: "P*R + O*Z", "[P R][O Z]", or [("P", "R"), ("O", "Z")].
    order : int, optional
        Most lists and stratum variables in one interaction: by default all but the one of all
        lists for up to four, 3 for five, 2 for six and more.
    selection : {"average", "threshold"}, default "average"
        Average over all models; or Silverman's thresholding: fit the largest model, keep the
        interactions whose posterior mean is `threshold` standard deviations from zero, fit those.
    threshold : float, default 2
    interactions : dk.prior.UnitInformation, HyperG, Normal, RegularizedHorseshoe or R2D2, optional
        Prior on the effects. By default Normal(2), a log odds ratio within four of zero, when
        models are averaged; Normal(1, main=1000) for a threshold (as Silverman);
        RegularizedHorseshoe() for NUTS.
    prior : Prior, default OneOverN()
        Prior on the population.
    identify : NoHighestOrderInteraction or ConditionalPair, optional
        What reaches the unseen; by default the models' own extrapolation.
    inference : {"importance", "nuts"}, default "importance"
        "nuts" samples one model (that of `terms`, or the largest) with PyMC and nutpie, for
        priors that shrink instead of select.
    chains, tune : int, default 4 and 1000
        For "nuts".

    Raises
    ------
    NotEstimable
        If the table has too many strata for one model, or the prior on the population excludes
        what the lists say.

    Notes
    -----
    ``est.draws["importance"]`` says how many independent draws the weighted pool was worth.

    References
    ----------
    Madigan & York (1997), Biometrika 84:19; Overstall & King (2014), J. Stat. Softw. 58(7);
    Sabanés Bové & Held (2011), Bayesian Anal. 6:387; Silverman (2020), J. R. Stat. Soc. A
    183:691; King & Brooks (2001), Biometrika 88:317.
    """

    terms: Terms | None = None
    order: int | None = None
    selection: Averaging = "average"
    threshold: float = 2.0
    interactions: InteractionPrior | None = None
    prior: Prior = OneOverN()
    identify: Identification | None = None
    inference: Inference = "importance"
    chains: int = CHAINS
    tune: int = 1000

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
        Assumption(
            "no interaction between all lists at once, and none so large that the prior rules it "
            "out",
            "Interactions between lists are the same for people on no list, that between all "
            "lists at once is absent, and none is larger than the prior allows.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "King R, Brooks SP (2001). On the Bayesian analysis of population size. Biometrika "
        "88:317-336.",
        "Overstall AM, King R (2014). conting: an R package for Bayesian analysis of complete and "
        "incomplete contingency tables. J. Stat. Softw. 58(7):1-27.",
        "Silverman BW (2020). Multiple-systems analysis for the quantification of modern slavery: "
        "classical and Bayesian approaches. J. R. Stat. Soc. A 183:691-736.",
    )
    identifies: ClassVar[str] = (
        "there is no interaction between all lists at once, and the prior keeps the others in "
        "bounds"
    )
    handles: ClassVar[frozenset[Handling]] = frozenset(
        {"impossible", "intervals", "blank lists", "blank strata", "strata"}
    )
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 12

    def __post_init__(self) -> None:
        check_choice(self.selection, Averaging, "selection")
        check_choice(self.inference, Inference, "inference")
        for name, least in (("order", 1), ("chains", 2), ("tune", 100)):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and value >= least) and not (name == "order" and value is None):
                raise SettingsError(
                    f"{name} is {value!r}; expected a whole number from {least} up."
                )
        check_positive("threshold", self.threshold)
        check_prior(self.prior)
        check_identification(self.identify)
        if self.interactions is not None:
            check_interactions(self.interactions)
        if self.inference == "importance" and not isinstance(self.effects, QUADRATIC):
            raise SettingsError(
                f"{write_call(self.effects)} shrinks interactions in one large model, which is "
                "sampled, not averaged.",
                'add inference="nuts", or use dk.prior.UnitInformation(), HyperG() or Normal().',
            )
        if self.selection == "threshold" and (self.terms is not None or self.inference == "nuts"):
            raise SettingsError(
                'selection="threshold" chooses the interactions of one model by importance '
                "sampling.",
                "leave terms and inference out, or selection.",
            )
        object.__setattr__(self, "terms", freeze_terms(self.terms))

    @property
    def effects(self) -> InteractionPrior:
        """The prior on the effects that is used."""
        if self.interactions is not None:
            return self.interactions
        return _BY_INFERENCE["nuts" if self.inference == "nuts" else self.selection]

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Average over models, or fit the one given, kept by threshold or sampled."""
        return self._fitted(table, draws, rng, plainly=False)

    def fit_plainly(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """The same draws, without the answers under other priors."""
        return self._fitted(table, draws, rng, plainly=True)

    def _fitted(
        self, table: CaptureTable, draws: int, rng: np.random.Generator, *, plainly: bool
    ) -> Fit:
        layout = Layout.of(table)
        self._check(layout)
        trouble.refuse_improper(self, layout, self._single(layout))
        if self.inference == "nuts":
            return self._sampled(layout, draws, rng)
        effects = effects_prior(self.effects, layout.factors, self.prior)
        candidates, found = self.chosen(layout, effects, draws, rng)
        trouble.refuse_past_counting(self, found.answer.unseen)
        fixed = [caution("threshold_fixed")] if self.selection == "threshold" else []
        laid_out = fit_of_sums if layout.in_sums else as_fit
        fit = laid_out(layout, found.answer, chains=CHAINS, rng=rng)
        worth = {"effective_size": np.array([found.effective]), "pool": np.array([found.pool])}
        fit = replace(
            fit,
            groups={**fit.groups, "importance": worth},
            label=self._label(layout, candidates),
            models=model_table(layout, candidates, effects, found),
            tail_exponent=self.tail_exponent(layout, _largest_of(candidates)),
            cautions=(*trouble.of_the_draws(found, candidates), *fixed),
        )
        return fit if plainly else self._with_other_priors(fit, layout, candidates, found)

    def _with_other_priors(
        self, fit: Fit, layout: Layout, candidates: Candidates, found: Averaged
    ) -> Fit:
        """Totals under other priors on interactions beside the draws, and a caution."""
        others = trouble.other_priors(self, layout, candidates)
        mine = float(np.median(found.answer.people))
        said = others.cautions(mine, lambda each: float(np.median(each)))
        return replace(
            fit,
            groups={**fit.groups, GROUP: others.as_group()},
            cautions=(*fit.cautions, *said),
        )

    def chosen(
        self, layout: Layout, effects: EffectsPrior, draws: int, rng: np.random.Generator
    ) -> tuple[Candidates, Averaged]:
        """The models averaged, or the one kept by threshold, and the posterior over them."""
        candidates = self.candidates(layout, effects, rng)
        found = self.averaged(layout, candidates, effects, draws, rng)
        if self.selection == "threshold":
            order = layout.highest_order(self.order)
            kept = interactions_kept(layout, order, found, self.threshold)
            candidates = _one(layout, kept, effects)
            found = self.averaged(layout, candidates, effects, draws, rng)
        return candidates, found

    def candidates(
        self, layout: Layout, effects: EffectsPrior, rng: np.random.Generator
    ) -> Candidates:
        """The models to be averaged, with their Laplace evidence."""
        order = layout.highest_order(self.order)
        if self.terms is not None:
            return _one(layout, layout.given(self.terms), effects)
        if self.selection == "threshold":
            return _one(layout, layout.largest(order), effects)
        return candidate_models(layout, order, effects, rng)

    def build(self, table: Captures) -> "pm.Model":
        """The PyMC model of one set of terms: those given, or the largest allowed.

        Its variables: `effects` (dim term), `counts` (observed, dim history), `log_odds_unseen`.
        Under any prior on the population its posterior of the effects is that under 1/N.
        """
        from darkfigure.models.bayesian_log_linear.pymc_model import build

        table = as_table(table)
        check_table(self, table)
        layout = Layout.of(table)
        self._check(layout)
        return build(layout, self._single(layout), self.effects)

    def draw_prior_odds(
        self, table: CaptureTable, size: int, rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) under the prior alone, shape (size,)."""
        from darkfigure.models.bayesian_log_linear.prior_draws import draw_prior_odds

        layout = Layout.of(table)
        self._check(layout)
        return draw_prior_odds(self, layout, size, rng)

    def varied(self, k: int) -> tuple[Model, ...]:
        """The same model under other priors on the interactions, this one among them."""
        mine = self.effects
        others = [*trouble.wider_and_narrower(mine)]
        if isinstance(mine, QUADRATIC):
            rest = (UnitInformation(), HyperG(), Normal(1.0), Normal(2.0))
            others += [each for each in rest if each != mine and each not in others]
        return (self, *(replace(self, interactions=each) for each in others))

    def effort(self, table: CaptureTable) -> float:
        """How long a fit takes: what all fits need, and so much for each model and its scales."""
        if self.inference == "nuts" or self.terms is not None:
            return 1.0
        layout = Layout.of(table)
        order = layout.highest_order(self.order)
        models = count_models(layout.factors.variables, order, layout.possible).number
        over_scales = _OVER_SCALES if isinstance(self.effects, HyperG) else 1.0
        return 1.0 + over_scales * min(models, MOST_MODELS) / _MODELS_IN_A_UNIT

    # parts of a fit

    def _check(self, layout: Layout) -> None:
        if self.identify is None:
            return
        self.identify.check_lists(layout.table.lists)
        if layout.table.impossible:
            raise NotEstimable(
                "an identifying assumption needs every history, and this table has pairs of lists "
                "that cannot overlap.",
                "leave identify out: the models' own extrapolation does without them.",
            )
        if layout.in_sums:
            refuse_identification(layout)

    def averaged(
        self,
        layout: Layout,
        candidates: Candidates,
        effects: EffectsPrior,
        draws: int,
        rng: np.random.Generator,
    ) -> Averaged:
        """Draw from the posterior over these models."""
        trouble.refuse_limitless(self, candidates.fits.evidence, effects)
        draw = average_sums if layout.in_sums else average
        return draw(layout, candidates, effects, self.prior, self.identify, draws=draws, rng=rng)

    def _single(self, layout: Layout) -> np.ndarray:
        if self.terms is not None:
            return layout.given(self.terms)
        return layout.largest(layout.highest_order(self.order))

    def _sampled(self, layout: Layout, draws: int, rng: np.random.Generator) -> Fit:
        from darkfigure.models.bayesian_log_linear.pymc_model import sample

        model = self._single(layout)
        if isinstance(self.effects, HyperG):
            effects = effects_prior(self.effects, layout.factors)
            evidence = _one(layout, model, effects).fits.evidence
            trouble.refuse_limitless(self, evidence, effects)
        fit = sample(self, layout, model, draws=draws, rng=rng)
        label = layout.labels(model[None, :])[0]
        return replace(
            fit,
            label=f"BayesianLogLinear {label}, prior on interactions {self.effects.words}, by NUTS",
            tail_exponent=self.tail_exponent(layout, model),
        )

    def tail_exponent(self, layout: Layout, model: np.ndarray) -> float:
        """The power with which the posterior falls: that of the largest model averaged."""
        effects = tail_exponent(self.effects, layout, model, self.identify)
        return effects + self.prior.tail_exponent - OneOverN().tail_exponent

    def _label(self, layout: Layout, candidates: Candidates) -> str:
        prior = f"prior on interactions {self.effects.words}"
        if len(candidates.variables) == 1:
            which = layout.labels(candidates.variables)[0]
            kept = (
                f" (|mean| / sd at least {self.threshold:g})"
                if self.selection == "threshold"
                else ""
            )
            return f"BayesianLogLinear {which}{kept}, {prior}"
        found = "" if candidates.exhaustive else " found by a search"
        return f"BayesianLogLinear, {prior}, {len(candidates.variables):,} models{found} averaged"


def _largest_of(candidates: Candidates) -> np.ndarray:
    """The terms of all models together: the largest of them, where all were listed."""
    return candidates.variables.any(axis=0)


def _one(layout: Layout, model: np.ndarray, effects: EffectsPrior) -> Candidates:
    variables = model[None, :]
    fits = layout.fit_laplace(layout.factors.expand(variables), effects)
    return Candidates(variables, fits, exhaustive=True)
