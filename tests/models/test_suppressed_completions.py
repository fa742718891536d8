"""Suppressed counts, by another way: every table they may have been, fitted exactly and weighed.

What the printed table says of the total is the mean, over its completions, of what each completed
table says, each weighed by its probability under the same models and priors. Every completed table
is fitted by the multinomial likelihood of exact counts, which shares no code with the likelihood
of counts between limits. Under p(N) ∝ 1/N the probability of a completed table y under a model is
Γ(n) / Π y! times the mean over the prior of its effects of Π π^y, with n = Σ y.

So it is seen that a printed table can rightly give a narrower interval than the exact one, and
another median: the counts that it hides may be the ones that speak for another model.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln

import darkfigure as dk
from darkfigure.models.bayesian_log_linear.averaging import candidate_models, draw_missed
from darkfigure.models.bayesian_log_linear.effects import effects_prior
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    Observed,
    fit_laplace,
    linear_predictor,
)
from darkfigure.numerics.bayes_pool import draw_pool
from darkfigure.numerics.bayes_sums import draw_pool_of_sums, fit_sums
from darkfigure.prior.interactions import Normal

PROBABILITIES = (0.025, 0.25, 0.5, 0.75, 0.975)

# Invented registers, counts in the order of HISTORIES. Of the first three cells are hidden (125
# tables), of the second four (625). Printed, the first gives 4,800 people (3,040 to 11,500), exact
# 10,600 (4,420 to 20,200); the second 4,670 (2,720 to 7,550) and 4,480 (2,600 to 7,230).
HISTORIES = [history for history in product((0, 1), repeat=4) if any(history)]
NARROWER = [417, 106, 9, 377, 37, 19, 5, 245, 7, 12, 1, 41, 4, 5, 2]
SAME = [210, 161, 52, 189, 10, 39, 12, 234, 32, 10, 7, 3, 0, 1, 0]


def register(counts):
    frame = pd.DataFrame(HISTORIES, columns=list("ABCD"))
    return dk.CaptureTable.from_counts(frame.assign(count=counts))


@dataclass(frozen=True)
class Exact:
    """What exact counts say: log probability of the table, models' weights, draws of the total."""

    log_probability: float
    weight: np.ndarray
    people: np.ndarray


def of_exact_counts(
    layout: Layout, models: np.ndarray, prior: EffectsPrior, counts, pool, draws, rng
) -> Exact:
    """Every model fitted to a completed table."""
    sums = layout.sums
    cells = np.zeros(1 << layout.factors.bits)
    cells[sums.cell] = counts
    observed = Observed(layout.factors, cells, np.isin(np.arange(len(cells)), sums.cell))
    fits = fit_laplace(observed, layout.factors.expand(models), prior)
    share = fits.evidence + prior.log_share
    drawn = draw_pool(observed, fits, prior, share, pool, rng)
    weight = np.exp(drawn.log_weight)
    kept = rng.choice(pool, draws, p=weight / weight.sum())
    seen = float(sum(counts))
    missed = draw_missed(seen, drawn.log_odds[kept], None, rng)[:, 0]
    by_model = np.bincount(drawn.model, weights=weight, minlength=len(models)) / weight.sum()
    laplace = float(np.logaddexp.reduce(share, axis=None))
    log_table = gammaln(seen) - gammaln(np.asarray(counts) + 1.0).sum()
    return Exact(laplace + np.log(weight.mean()) + log_table, by_model, seen + missed)


def quantiles(values, weights):
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return np.interp(PROBABILITIES, reached, values[order])


def every_completion(table, model, rng):
    """Quantiles of the total and probabilities of models, over all tables that may be behind one.

    Returns
    -------
    quantiles : ndarray, shape (5,)
    weights : Series by label of the model
    """
    layout = Layout.of(table)
    prior = effects_prior(model.effects, layout.factors)
    models = candidate_models(layout, layout.highest_order(None), prior, rng).variables
    low, high = layout.sums.low, layout.sums.high
    ranges = [range(first, last + 1) for first, last in zip(low, high, strict=True)]
    found = [
        of_exact_counts(layout, models, prior, counts, 2000, 400, rng)
        for counts in product(*ranges)
    ]
    log_probability = np.array([each.log_probability for each in found])
    weight = np.exp(log_probability - log_probability.max())
    by_model = weight @ np.array([each.weight for each in found]) / weight.sum()
    people = np.concatenate([each.people for each in found])
    return quantiles(people, np.repeat(weight, 400)), pd.Series(by_model, layout.labels(models))


@pytest.mark.parametrize("counts", [NARROWER, SAME], ids=["narrower", "same"])
def test_a_printed_table_says_what_all_tables_behind_it_say(counts):
    """Two runs of either side differ by .01 in the middle and .02 in the outer quantiles."""
    printed, model = register(counts).disclose(threshold=5), dk.BayesianLogLinear()
    expected, by_model = every_completion(printed, model, np.random.default_rng(1))
    est = dk.estimate(printed, model, seed=1, draws=8000)
    assert np.log(np.quantile(est.totals, PROBABILITIES) / expected) == pytest.approx(0.0, abs=0.06)
    weights = est.models.set_index("label")["weight"]
    assert weights[by_model.index].to_numpy() == pytest.approx(by_model.to_numpy(), abs=0.015)


def test_a_printed_table_may_say_less_and_be_surer():
    table = register(NARROWER)
    found, exact = (
        dk.estimate(each, seed=1).interval() for each in (table.disclose(threshold=5), table)
    )
    assert np.log(found[1] / found[0]) < 0.95 * np.log(exact[1] / exact[0])


# Of the six lists of the Netherlands 49 cells of 63 are hidden: their completions are drawn. The
# first two models give about 43,000 people, the others about 74,000. On the exact table the latter
# kind has 30% of the probability, on the printed one 3%: hence the narrower interval, 31,900 to
# 65,800 for 36,100 to 90,400.
OF_SIX = (
    "[I K][I P][I R][I Z][K O][K P][K R][K Z][O R][O Z][P Z][R Z]",
    "[I K][I P][I Z][K O][K P][K R][K Z][O Z][P Z][R Z]",
    "[I K][I Z][K O][K P][K R][K Z][O P][O Z][P R][P Z][R Z]",
    "[I K][I R][I Z][K O][K P][K R][K Z][O P][O Z][P R][P Z][R Z]",
)
PROPOSED, DRAWN = 1500, 1500


def by_rows(layout, bits, prior, rng, *, pool=40_000):
    """Log probability of a printed table, expected counts, weights and totals, as the model has it.

    Without log y! of exact rows, and without log √(2π) for the constant of the rows.
    """
    sums = layout.sums
    fits = fit_sums(sums, bits, prior)
    drawn = draw_pool_of_sums(sums, fits, prior, fits.evidence + prior.log_share, pool, rng)
    weight = np.exp(drawn.log_weight)
    means = np.exp(linear_predictor(drawn.effects))
    rows = means[:, sums.cell]
    people = layout.limits.draw(rows, rng).sum(axis=1) + rng.poisson(means[:, 0])
    log_probability = fits.log_evidence(prior)[0] + np.log(weight.mean())
    return log_probability, rows, weight, people.astype(float)


def drawn_completions(low, high, means, size, rng):
    """Counts within limits, and the log of the probability with which they were drawn.

    From a mixture over draws of the means, with a uniform part so that no weight is large.
    """
    counts = low[:, None] + np.arange(int((high - low).max()) + 1)
    inside = counts <= high[:, None]
    log_mass = counts * np.log(means)[:, :, None] - gammaln(counts + 1.0)
    log_mass = np.where(inside, log_mass, -np.inf)
    log_mass -= np.logaddexp.reduce(log_mass, axis=2, keepdims=True)
    uniform = np.where(inside, -np.log(inside.sum(axis=1))[:, None], -np.inf)
    log_mass = np.logaddexp(np.log(0.97) + log_mass, np.log(0.03) + uniform)
    reached = np.exp(log_mass[rng.integers(len(means), size=size)]).cumsum(axis=2)
    at = (reached < rng.random((size, len(low), 1))).sum(axis=2)
    at = np.minimum(at, high - low)
    each = np.arange(len(low))
    log_drawn = [np.logaddexp.reduce(log_mass[:, each, row].sum(axis=1)) for row in at]
    return low + at, np.array(log_drawn) - np.log(len(means))


@pytest.mark.slow
@pytest.mark.parametrize("terms", OF_SIX, ids=["43000", "44000", "75000", "74000"])
def test_six_lists_printed_say_what_the_tables_behind_them_say(terms, keep):
    """One model: its probability to .12 (standard error .03) and its total, by completions."""
    layout = Layout.of(dk.load("netherlands").disclose(threshold=5))
    prior, rng = effects_prior(Normal(), layout.factors), np.random.default_rng(1)
    model = layout.given(terms)[None, :]
    log_probability, rows, weight, people = by_rows(
        layout, layout.factors.expand(model), prior, rng
    )

    low, high = layout.sums.low, layout.sums.high
    hidden = low < high
    means = rows[rng.choice(len(rows), PROPOSED, p=weight / weight.sum())][:, hidden]
    completed, log_drawn = drawn_completions(low[hidden], high[hidden], means, DRAWN, rng)
    counts = np.tile(low, (DRAWN, 1))
    counts[:, hidden] = completed
    found = [of_exact_counts(layout, model, prior, each, 400, 20, rng) for each in counts]
    log_weight = np.array([each.log_probability for each in found]) - log_drawn
    relative = np.exp(log_weight - log_weight.max())
    by_completions = np.log(relative.mean()) + log_weight.max()

    by_rows_alone = log_probability - gammaln(low[~hidden] + 1.0).sum() + 0.5 * np.log(2 * np.pi)
    mine = quantiles(people, weight)
    theirs = quantiles(np.concatenate([each.people for each in found]), np.repeat(relative, 20))
    keep(
        f"netherlands with cells below five suppressed, {terms}: log probability "
        f"{by_rows_alone:.2f}, by completions {by_completions:.2f}; people {mine[2]:,.0f} "
        f"({mine[0]:,.0f} to {mine[-1]:,.0f}), by completions {theirs[2]:,.0f} ({theirs[0]:,.0f} "
        f"to {theirs[-1]:,.0f})"
    )
    assert by_completions == pytest.approx(by_rows_alone, abs=0.12)
    spread = np.log(mine[-1] / mine[0]) / 4
    assert np.log(mine / theirs) == pytest.approx(0.0, abs=0.25 * spread)
