"""The pooled model by NUTS: the same posterior as by Laplace's approximation: `make slow`."""

import time

import numpy as np
import pytest

import darkfigure as dk
from models.test_hierarchical_log_linear import TRUTH, dutch, not_recorded, simulated

pytestmark = pytest.mark.slow


def late():
    """Four lists, the last not at work in the first two years."""
    lists = {"A": 0.3, "B": 0.2, "C": 0.25, "D": dk.SimulatedList(0.3, inactive=[2011, 2012])}
    return simulated(lists=lists, dependence={("A", "D"): 2.0}).collapse("sex")


TABLES = {
    "complete": lambda: dutch(),
    "pairs by year": lambda: dutch(),
    "suppressed": lambda: dutch("form").disclose(threshold=5, rounding=5),
    "a list that starts late": late,
    "sex not recorded": lambda: not_recorded(simulated()),
}


@pytest.mark.parametrize("name", TABLES)
def test_laplace_and_nuts_agree(name, keep):
    """Medians within 0.15 posterior standard deviations, 95 % limits within 0.4.

    A limit of 1,000 effective draws has an error of 0.085 deviations; there are two of them, and
    the largest of a dozen is looked at.
    """
    table = TABLES[name]()
    settings = {"dependence": "by year"} if name == "pairs by year" else {}
    quick, slow = (
        dk.estimate(table, dk.HierarchicalLogLinear(inference=each, **settings), seed=1)
        for each in ("laplace", "nuts")
    )
    assert not {"not_mixed", "few_tail_draws", "few_effective"} & {
        each.kind for each in (*quick.cautions, *slow.cautions)
    }
    mine, theirs = quick.summary(by="year"), slow.summary(by="year")
    apart = (mine - theirs).abs().div(theirs["sd"], axis=0)[["estimate", "low", "high"]].max()
    keep(
        f"HierarchicalLogLinear, {name}: yearly totals by Laplace's approximation and by NUTS are "
        f"at most {apart['estimate']:.2f} (medians), {apart['low']:.2f} and {apart['high']:.2f} "
        "(95% limits) posterior standard deviations apart"
    )
    assert apart["estimate"] < 0.15
    assert max(apart["low"], apart["high"]) < 0.4
    scales = [each.draws["posterior"]["scale"].to_numpy() for each in (quick, slow)]
    medians = [np.median(each.reshape(-1, each.shape[-1]), axis=0) for each in scales]
    assert np.log(medians[0] / medians[1]) == pytest.approx(0.0, abs=0.3)


def test_all_six_years_of_the_register_that_the_official_workflow_misses(keep):
    started = time.perf_counter()
    table = dutch("sex", "age", "form")
    est = dk.estimate(table, dk.HierarchicalLogLinear(inference="nuts"), seed=1)
    took = time.perf_counter() - started
    trend = est.trend()
    truth = np.array(list(TRUTH.values()))
    inside = (trend["low"] < truth) & (truth < trend["high"])
    years = ", ".join(
        f"{year} {row.low:,.0f}-{row.high:,.0f} ({true:,})"
        for (year, row), true in zip(trend.iterrows(), truth, strict=True)
    )
    keep(
        f"HierarchicalLogLinear by NUTS on the simulated Dutch register, {took:.0f} s: 95% "
        f"intervals (truth) {years}"
    )
    assert inside.all()
    assert est.settled
