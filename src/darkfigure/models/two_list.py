"""Two lists: the posterior of the population under a given or uncertain odds ratio."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.contract import Fit, Handling, Model, exact_density, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.identification import Ratio, draw_log_ratio
from darkfigure.numerics import two_lists
from darkfigure.numerics.two_lists import TwoListCounts
from darkfigure.numerics.unseen_grid import first_nodes, trapezoid_weights, unseen_posterior
from darkfigure.prior.population import OneOverN, Prior, check_positive, check_prior, fewest_unseen
from darkfigure.prior.ranges import Between, LogNormal

_RATIOS = 161  # points over four standard deviations each side of an uncertain odds ratio
_SMALLEST_RATIO, _LARGEST_RATIO = 1e-8, 1e8


@dataclass(frozen=True)
class TwoList(Model):
    r"""Posterior of the population from two lists, given how they depend on one another.

    With both lists independent given the odds ratio
    :math:`\theta = \pi_{11}\pi_{00} / (\pi_{10}\pi_{01})`, capture probabilities are integrated
    out under Beta priors and the population has its own prior. Two lists hold no information on
    :math:`\theta`: it is an assumption, or a range whose prior passes to the answer unchanged
    (the posterior of the population is averaged over it).

    Parameters
    ----------
    odds_ratio : float, LogNormal or Between, default 1
        1 is independence; above 1, people on one list are more likely to be on the other
        (and more people are missed). `dk.prior.Between(1, 4)` makes it uncertain.
    capture : (float, float), default (1, 1)
        Beta parameters of each list's capture probability; (1, 1) is uniform.
    prior : Prior, default OneOverN()
        Prior on the population.

    Raises
    ------
    NotEstimable
        If the two lists cannot overlap, or the posterior is improper.

    Notes
    -----
    ``est.point`` is the Lincoln-Petersen total :math:`n + \theta y_{10}y_{01}/y_{11}`; it and
    Chapman's estimator stand in ``est.models``.

    References
    ----------
    Chapman (1951), Univ. Calif. Publ. Stat. 1:131; Seber (1970), Biometrics 26:13;
    Castledine (1981), Biometrika 68:197; Sekar & Deming (1949), J. Am. Stat. Assoc. 44:101.
    """

    odds_ratio: float | LogNormal | Between = 1.0
    capture: tuple[float, float] = (1.0, 1.0)
    prior: Prior = OneOverN()

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
        Assumption(
            "the odds ratio between the two lists is as stated",
            "The odds ratio between the two lists is as stated: the data cannot tell.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Chapman DG (1951). Some properties of the hypergeometric distribution with applications "
        "to zoological sample censuses. Univ. Calif. Publ. Stat. 1:131-160.",
        "Castledine BJ (1981). A Bayesian analysis of multiple-recapture sampling for a closed "
        "population. Biometrika 68:197-210.",
    )
    identifies: ClassVar[str] = "the odds ratio between the two lists is known"
    handles: ClassVar[frozenset[Handling]] = frozenset()
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if not isinstance(self.odds_ratio, LogNormal | Between):
            check_positive("odds_ratio", self.odds_ratio)
        low, high = (self._ratios()[0][i] for i in (0, -1))
        if not _SMALLEST_RATIO <= low <= high <= _LARGEST_RATIO:
            raise SettingsError(
                f"odds_ratio reaches from {low:.1g} to {high:.1g}; expected to stay within "
                f"{_SMALLEST_RATIO:g} and {_LARGEST_RATIO:g}.",
                "dk.prior.Between(0.2, 20) is wider than most lists show.",
            )
        check_prior(self.prior)
        if not isinstance(self.capture, tuple) or len(self.capture) != 2:
            raise SettingsError(f"capture is {self.capture!r}; expected two numbers, (a, b).")
        for value in self.capture:
            check_positive("capture", value)

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Integrate over capture probabilities and, if uncertain, over the odds ratio."""
        _, first, second, both = (int(count) for count in table.counts())
        counts = TwoListCounts(both, first, second)
        tail = self.prior.tail_exponent + both + 2 * self.capture[0]
        if tail <= 1:
            raise NotEstimable(
                f"the posterior is improper: with {both} people on both lists and this prior, "
                "it has no finite mass.",
                "TwoList(prior=dk.prior.OneOverN()) or a prior with a lighter tail.",
            )
        ratios, log_weights = self._ratios()

        def given(unseen: np.ndarray) -> np.ndarray:
            likelihood = two_lists.log_likelihood(counts, unseen, ratios, self.capture)
            return likelihood + self.prior.log_mass(unseen + counts.seen)[:, None]

        # each odds ratio keeps its prior weight: two lists cannot tell one from another
        size = {"overlap": float(both), "largest": float(counts.seen) ** 2}
        nodes = first_nodes(**size)
        in_all = np.logaddexp.reduce(
            given(nodes) + np.log(trapezoid_weights(nodes))[:, None], axis=0
        )

        def log_mass(unseen: np.ndarray) -> np.ndarray:
            return np.logaddexp.reduce(given(unseen) - in_all + log_weights, axis=1)

        lowest = fewest_unseen(self.prior, counts.seen)
        posterior = unseen_posterior(log_mass, tail_exponent=tail, lowest=lowest, **size)
        point = two_lists.lincoln_petersen(counts, self._central_ratio()).population
        return Fit(
            kind="posterior",
            seen=counts.seen,
            unseen=in_chains(posterior.draws(draws, rng)),
            label=f"TwoList, {self._in_words()}",
            point=point if math.isfinite(point) else None,
            models=self._classical(counts),
            density=exact_density(posterior),
            tail_exponent=tail,
        )

    def varied(self, k: int) -> tuple[Model, ...]:
        """The odds ratio halved and doubled."""
        if isinstance(self.odds_ratio, int | float):
            others: list[Ratio] = [self.odds_ratio / 2, self.odds_ratio * 2]
        else:
            given = self.odds_ratio.as_log_normal()
            others = [replace(given, median=given.median * by) for by in (0.5, 2.0)]
        return (self, *(replace(self, odds_ratio=ratio) for ratio in others))

    def draw_prior_odds(
        self, table: CaptureTable, size: int, rng: np.random.Generator
    ) -> np.ndarray:
        """log(π0 / (1 − π0)) with capture and the odds ratio drawn from their priors."""
        ratio = np.exp(draw_log_ratio(self.odds_ratio, (size,), rng))
        return two_lists.missed_before_looking(ratio, self.capture, rng)

    def _central_ratio(self) -> float:
        ratio = self.odds_ratio
        return float(ratio) if isinstance(ratio, int | float) else ratio.quantile(0.5)

    def _ratios(self) -> tuple[np.ndarray, np.ndarray]:
        """Odds ratios and their log prior weights."""
        if isinstance(self.odds_ratio, int | float):
            return np.array([float(self.odds_ratio)]), np.zeros(1)
        spread = self.odds_ratio.as_log_normal().sigma
        z = np.linspace(-4.0, 4.0, _RATIOS)
        log_weights = -0.5 * z**2
        ratios = self._central_ratio() * np.exp(spread * z)
        return ratios, log_weights - np.logaddexp.reduce(log_weights)

    def _in_words(self) -> str:
        if isinstance(self.odds_ratio, int | float):
            given = float(self.odds_ratio)
            return "independent lists" if given == 1 else f"odds ratio {given:g}"
        low, high = (self.odds_ratio.quantile(p) for p in (0.025, 0.975))
        return f"odds ratio {low:.3g} to {high:.3g} (95% of its prior)"

    def _classical(self, counts: TwoListCounts) -> pd.DataFrame:
        ratio = self._central_ratio()
        rows = {"Lincoln-Petersen": two_lists.lincoln_petersen(counts, ratio)}
        if ratio == 1:
            rows["Chapman"] = two_lists.chapman(counts)
        return pd.DataFrame(
            {
                "label": list(rows),
                "population": [row.population for row in rows.values()],
                "standard_error": [row.standard_error for row in rows.values()],
            }
        )
