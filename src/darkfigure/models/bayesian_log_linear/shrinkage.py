"""Shrinking priors on interactions as numbers: their scales, and draws from them."""

from dataclasses import dataclass

import numpy as np

from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.factors import Factors
from darkfigure.prior.interactions import R2D2, RegularizedHorseshoe, by_order


@dataclass(frozen=True)
class Terms:
    """The terms of one model, told apart into main effects and interactions.

    Attributes
    ----------
    terms : ndarray of int, shape (terms,)
        In bits, without the empty term.
    order : ndarray of int, shape (terms,)
        Lists and variables in each.
    deviation : ndarray of float, shape (terms,)
        Standard deviation of each term's column over the cells.
    """

    terms: np.ndarray
    order: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, layout: Layout, model: np.ndarray) -> "Terms":
        """Those of a model over lists and variables."""
        factors = layout.factors
        terms = np.flatnonzero(factors.expand(model[None, :])[0])
        terms = terms[terms > 0]
        return cls(terms, factors.order()[terms], _column_deviations(factors)[terms])

    @property
    def main(self) -> np.ndarray:
        """Positions of the main effects."""
        return np.flatnonzero(self.order == 1)

    @property
    def interactions(self) -> np.ndarray:
        """Positions of the interactions."""
        return np.flatnonzero(self.order > 1)

    def of_order(self, order: int) -> np.ndarray:
        """Positions of the interactions of one order."""
        return np.flatnonzero(self.order == order)

    @property
    def orders(self) -> list[int]:
        """Orders of interaction that occur."""
        return sorted({int(order) for order in self.order if order > 1})


def global_scale(settings: RegularizedHorseshoe, seen: float) -> float:
    """Scale of the horseshoe's global parameter: p₀ / (D − p₀) σ / √n.

    Of D interactions p₀ are expected to matter. With people as observations the
    pseudo-deviation σ of a Poisson count is 1: the log of an expected count μ has information μ,
    one for each person. It is for columns of deviation 1 and is divided by a term's own.

    References
    ----------
    Piironen & Vehtari (2017), Electron. J. Stat. 11:5018, equation 3.12 and section 3.5.
    """
    return settings.expected / (1.0 - settings.expected) / seen**0.5


def draw_horseshoe(
    settings: RegularizedHorseshoe, terms: Terms, seen: float, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Effects from the regularised horseshoe, shape (size, terms)."""
    effects = settings.main * rng.standard_normal((size, len(terms.terms)))
    chosen = terms.interactions
    overall = global_scale(settings, seen) * np.abs(rng.standard_cauchy((size, 1)))
    local = np.abs(rng.standard_cauchy((size, len(chosen))))
    wide = overall * local / terms.deviation[chosen]
    spread = settings.slab / np.sqrt(1.0 + (settings.slab / wide) ** 2)
    effects[:, chosen] = spread * rng.standard_normal(spread.shape)
    return effects


def draw_r2d2(settings: R2D2, terms: Terms, size: int, rng: np.random.Generator) -> np.ndarray:
    """Effects from the R2D2 prior by order, shape (size, terms)."""
    effects = settings.main * rng.standard_normal((size, len(terms.terms)))
    for order in terms.orders:
        chosen = terms.of_order(order)
        explained = rng.beta(*beta_parameters(settings, order), size=(size, 1))
        explained = np.minimum(explained, 1.0 - 2.0**-53)
        share = rng.dirichlet(np.full(len(chosen), settings.concentration), size=size)
        variance = explained / (1.0 - explained) * share / terms.deviation[chosen] ** 2
        effects[:, chosen] = np.sqrt(variance) * rng.standard_normal(variance.shape)
    return effects


def beta_parameters(settings: R2D2, order: int) -> tuple[float, float]:
    """The two parameters of R²'s Beta distribution at one order."""
    mean = by_order(settings.mean, order)
    return mean * settings.precision, (1.0 - mean) * settings.precision


def _column_deviations(factors: Factors) -> np.ndarray:
    share = factors.term_share()
    return np.sqrt(share * (1.0 - share))
