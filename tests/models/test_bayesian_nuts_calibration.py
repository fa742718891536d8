"""Simulation-based calibration of shrinking priors sampled by NUTS: `make slow`.

The number of people seen is held fixed: under p(N) ∝ 1/N it says nothing of the effects, the
horseshoe's scale is set by it, and one compiled model serves every table.
"""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.models.bayesian_log_linear.shrinkage import Terms, draw_horseshoe, draw_r2d2
from darkfigure.numerics.conjugate import draw_unseen
from models.simulated import rank_test
from models.test_calibration import table_of

pytestmark = pytest.mark.slow

RUNS, SEEN = 200, 500
DRAWS, THIN = 4000, 10
PRIORS = {
    "horseshoe": dk.prior.RegularizedHorseshoe(main=1.0),
    "r2d2": dk.prior.R2D2(main=1.0),
}


@pytest.mark.parametrize("prior", PRIORS)
def test_sampled_log_linear_ranks_are_uniform(prior, keep):
    rng = np.random.default_rng(500)
    model = dk.BayesianLogLinear(interactions=PRIORS[prior], inference="nuts", tune=500)
    layout = Layout.of(dk.CaptureTable.from_counts(table_of(np.full(8, 1 / 8), 800, rng)))
    terms = Terms.of(layout, layout.largest(2))
    pair = int(np.flatnonzero(terms.terms == 0b11)[0])
    of_unseen, of_pair, diverging = [], [], 0
    for effects in draw_effects(PRIORS[prior], terms, rng):
        frame, unseen = table_from(effects, terms, rng)
        fit = model.fit(dk.CaptureTable.from_counts(frame), draws=DRAWS, rng=rng)
        # thinned to about as many as are effective: ranks among autocorrelated draws are no test
        drawn = fit.groups["posterior"]["effects"].sel(term="L0 + L1").to_numpy()
        of_unseen.append(rank(fit.unseen[:, ::THIN], unseen, rng))
        of_pair.append(rank(drawn[:, ::THIN], effects[pair], rng))
        diverging += int(fit.groups["sample_stats"]["diverging"].sum())
    statistic, p_value = rank_test(np.array(of_unseen), bins=10)
    pair_statistic, pair_p_value = rank_test(np.array(of_pair), bins=10)
    keep(
        f"BayesianLogLinear, {prior} by NUTS, 3 lists, {SEEN} seen: {RUNS} simulations; the "
        f"unseen: chi-square {statistic:.1f} on 9 degrees of freedom, p = {p_value:.2f}; an "
        f"interaction: {pair_statistic:.1f}, p = {pair_p_value:.2f}; {diverging} divergences in "
        f"{RUNS * DRAWS:,} draws",
        ranks=np.array(of_unseen),
    )
    assert min(p_value, pair_p_value) > 1e-3


def draw_effects(prior, terms, rng):
    if isinstance(prior, dk.prior.R2D2):
        return draw_r2d2(prior, terms, RUNS, rng)
    return draw_horseshoe(prior, terms, SEEN, RUNS, rng)


def table_from(effects, terms, rng):
    """Counts of those seen, and the number unseen under p(N) ∝ 1/N."""
    cells = np.arange(8)
    predictor = ((cells[:, None] & terms.terms) == terms.terms) @ effects
    log_seen = np.logaddexp.reduce(predictor[1:])
    chances = np.where(cells > 0, np.exp(predictor - log_seen), 0.0)
    unseen = draw_unseen(SEEN, np.array(-log_seen), rng)
    return table_of(chances / chances.sum(), SEEN, rng), unseen


def rank(draws, truth, rng):
    """Rank of the truth among draws, ties broken at random, as a share."""
    below, equal = (draws < truth).sum(), (draws == truth).sum()
    return (below + rng.uniform() * (equal + 1)) / (draws.size + 1)
