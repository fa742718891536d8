"""The search for models with the most evidence, against all of them."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure import progress
from darkfigure.models.bayesian_log_linear.effects import effects_prior
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import fit_laplace
from darkfigure.numerics.bayes_search import search_models
from darkfigure.numerics.hierarchy import hierarchical_models
from darkfigure.numerics.walk import keys_of


@pytest.mark.parametrize("name", ["uk_five_lists", "netherlands_five_lists", "western_us"])
def test_a_search_finds_what_enumeration_finds_on_five_lists(name):
    """Of all 6,212 models those found hold all but a hundredth of the posterior."""
    layout = Layout.of(dk.load(name))
    prior = effects_prior(dk.prior.Normal(2), layout.factors)
    every = hierarchical_models(5, 3, layout.possible)
    evidence = fit_laplace(layout.observed, every, prior).log_evidence(prior)
    found = search_models(
        layout.fit_laplace, layout.observed, layout.possible, 3, prior, np.random.default_rng(1)
    )
    assert len(found.variables) < len(every)
    assert len(set(keys_of(found.variables))) == len(found.variables)
    place = {key: i for i, key in enumerate(keys_of(every))}
    at = [place[key] for key in keys_of(found.variables)]
    assert at[0] == int(np.argmax(evidence))
    mine = found.fits.log_evidence(prior)
    # each climb stops within 1e-13 of its top, from wherever it starts
    np.testing.assert_allclose(mine, evidence[at], atol=1e-7)
    assert (np.diff(mine) <= 0).all()
    weight = np.exp(evidence - evidence.max())
    assert weight[at].sum() > 0.99 * weight.sum()


def test_strata_are_searched_over_variables():
    """Three lists and a variable of three levels: its interactions come and go whole."""
    rng = np.random.default_rng(3)
    frame = {
        "A": [1, 0, 0, 1, 1, 0, 1] * 3,
        "B": [0, 1, 0, 1, 0, 1, 1] * 3,
        "C": [0, 0, 1, 0, 1, 1, 1] * 3,
        "region": [level for level in "xyz" for _ in range(7)],
        "count": rng.poisson([90, 70, 60, 20, 10, 15, 4] * 3),
    }
    layout = Layout.of(dk.CaptureTable.from_counts(frame, by="region"))
    prior = effects_prior(dk.prior.Normal(2), layout.factors)
    every = hierarchical_models(4, 3, layout.possible)
    fits = fit_laplace(layout.observed, layout.factors.expand(every), prior)
    found = search_models(
        layout.fit_laplace, layout.observed, layout.possible, 3, prior, np.random.default_rng(1)
    )
    weight = np.exp(fits.log_evidence(prior) - fits.log_evidence(prior).max())
    place = {key: i for i, key in enumerate(keys_of(every))}
    at = [place[key] for key in keys_of(found.variables)]
    assert weight[at].sum() > 0.99 * weight.sum()
    assert (found.fits.models == layout.factors.expand(found.variables)).all()


def test_a_search_says_how_far_it_is():
    layout = Layout.of(dk.load("kosovo"))
    prior = effects_prior(dk.prior.Normal(2), layout.factors)
    heard = []
    with progress.listening(lambda *report: heard.append(report)):
        found = search_models(
            layout.fit_laplace, layout.observed, layout.possible, 3, prior, np.random.default_rng(1)
        )
    done = [steps for task, steps, _ in heard if task == "models looked at"]
    assert done == sorted(done)
    assert done[-1] == len(found.variables)
