"""Draws from Laplace's approximation, weighed against the exact posterior."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from darkfigure.cautions import Caution, caution
from darkfigure.contract import CHAINS
from darkfigure.errors import NotEstimable
from darkfigure.models.hierarchical_log_linear.draws import Effects, People, people_of
from darkfigure.models.hierarchical_log_linear.layout import Layout
from darkfigure.numerics.convergence import EFFECTIVE
from darkfigure.numerics.pooled_draws import weighted_draws
from darkfigure.numerics.pooled_scales import scale_posterior
from darkfigure.numerics.resampling import systematic
from darkfigure.prior.population import OneOverN, Prior


@dataclass(frozen=True, eq=False)
class Weighted:
    """Equally weighted draws, and what the pool they come from was worth.

    Attributes
    ----------
    drawn : Effects
    people : People
    effective : float
        Independent draws that the pool is worth.
    pool : int
        Draws in it.
    cautions : tuple of Caution
    """

    drawn: Effects
    people: People
    effective: float
    pool: int
    cautions: tuple[Caution, ...]


def draw_by_laplace(
    layout: Layout, prior: Prior, *, draws: int, rng: np.random.Generator
) -> Weighted:
    """Draw scales and effects, weigh them with the prior on the population, and resample.

    Raises
    ------
    NotEstimable
        If no draw has any probability under the prior on the population.
    """
    seen = layout.counts.people
    plain = isinstance(prior, OneOverN)
    tilt = None if plain else lambda unseen: prior.log_tilt(seen + unseen)
    with threadpool_limits(limits=1, user_api="blas"):  # many small matrices: threads only wait
        pool = weighted_draws(scale_posterior(layout.counts), tilt, draws=draws, rng=rng)
    if not np.isfinite(pool.log_weight).any():
        raise NotEstimable(
            f"no model of the lists has any probability under {prior!r}.",
            "look at the estimate under dk.prior.OneOverN(): the prior and the lists exclude "
            "each other.",
        )
    kept = pool.resampled(draws, rng)
    drawn = Effects(
        pool.effects[kept].reshape(CHAINS, -1, pool.effects.shape[1]),
        pool.log_scale[kept].reshape(CHAINS, -1, pool.log_scale.shape[1]),
    )
    people = people_of(layout, drawn, rng)
    if tilt is not None:
        # weighed by the expected number so far: what the drawn one adds
        more = prior.log_tilt(people.population) - tilt(people.expected_unseen)
        index = np.array([systematic(np.exp(one - one.max()), len(one), rng) for one in more])
        drawn, people = drawn.take(index), people.take(index)
    size, effective = len(pool.log_weight), pool.effective
    few = caution("few_effective", effective=f"{effective:,.0f}", pool=f"{size:,}")
    return Weighted(drawn, people, effective, size, (few,) if effective < EFFECTIVE else ())
