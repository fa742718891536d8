"""ArviZ reads the draws as they are."""

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pytest

import darkfigure as dk

# of importance sampling by PSIS, and of counts drawn as densities: ArviZ's own advice
pytestmark = [
    pytest.mark.filterwarnings("ignore:Estimated shape parameter of Pareto"),
    pytest.mark.filterwarnings("ignore:Variables counts in .* look discrete"),
]

ESTIMATES = {
    "joint strata": ("spina_bifida_by_ethnicity", dk.BayesianLogLinear()),
    "strata apart": ("spina_bifida_by_ethnicity", dk.DecomposableGraphs()),
    "averaged": ("kosovo", dk.BayesianLogLinear()),
    "graphs": ("kosovo", dk.DecomposableGraphs()),
    "sampled": ("kosovo", dk.LatentClass(sweeps=300, most=900)),
}


@pytest.fixture(scope="module", params=ESTIMATES)
def est(request):
    data, model = ESTIMATES[request.param]
    return dk.estimate(data, model, seed=1, draws=800)


def test_summary_and_plots(est):
    frame = az.summary(est.draws)
    totals = [name for name in frame.index if name.startswith("population")]
    assert len(totals) == (3 if "stratum" in est.population.dims else 1)
    for plot in (az.plot_trace, az.plot_dist):
        plot(est.draws, var_names=["population"])
        plt.close("all")


def test_levels_of_strata_are_told_apart(est):
    if "stratum" not in est.population.dims:
        assert est.population.dims == ("chain", "draw")
        return
    for drawn in (est.population, est.unseen, est.seen):
        assert drawn.coords["stratum_ethnicity"].to_numpy()[0] == "Caucasian"
    assert est.summary(by="ethnicity").index[0] == "Caucasian"


def test_loo_and_predictive_plots(est):
    if est.label.startswith("DecomposableGraphs in each"):
        with pytest.raises(dk.NotEstimable, match="posterior-predictive"):
            est.with_predictive()
        return
    ready = est.with_predictive()
    assert np.isfinite(az.loo(ready.draws).elpd)
    az.plot_ppc_dist(ready.draws)
    plt.close("all")
    np.testing.assert_array_equal(ready.totals, est.totals)
    assert ready.ppc()["observed"].equals(est.ppc()["observed"])


def test_the_likelihood_of_graphs_is_that_of_the_cells_drawn():
    """Its mean is a little below that of the best possible fit, by about half a unit per cell."""
    est = dk.estimate("kosovo", dk.DecomposableGraphs(), seed=1, draws=4000).with_predictive()
    counts = est.draws["observed_data"]["counts"].to_numpy().astype(float)
    found = est.draws["log_likelihood"]["counts"].sum("history").to_numpy()
    best = (counts * np.log(counts) - counts - _log_factorial(counts)).sum()
    assert found.max() < best
    # the saturated model would lose 15 / 2 on average; graphs with fewer terms fit less well
    assert 15 / 2 - 1 < best - found.mean() < 3 * 15 / 2


def _log_factorial(counts):
    return np.array([np.log(np.arange(1, int(count) + 1)).sum() for count in counts])
