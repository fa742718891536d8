import math

import numpy as np
import pytest
from scipy.special import betaln, gammaln

import darkfigure as dk


def table(both=20, first=80, second=60):
    return dk.CaptureTable.from_counts(
        {"A": [1, 1, 0], "B": [1, 0, 1], "count": [both, first, second]}
    )


def closed_form(both, first, second, most=200_000):
    """Posterior of the unseen under independence, Beta(1, 1) capture and 1/N, summed directly."""
    unseen = np.arange(float(most))
    n = both + first + second
    log_mass = gammaln(unseen + n + 1) - gammaln(unseen + 1) - np.log(unseen + n)
    log_mass += betaln(both + first + 1, unseen + n - both - first + 1)
    log_mass += betaln(both + second + 1, unseen + n - both - second + 1)
    mass = np.exp(log_mass - log_mass.max())
    return n, np.cumsum(mass) / mass.sum()


@pytest.mark.parametrize("counts", [(20, 80, 60), (3, 10, 8), (200, 900, 700)])
def test_independence_against_the_closed_form(counts):
    est = dk.estimate(table(*counts), dk.TwoList(), seed=1)
    n, below = closed_form(*counts)
    for level, got in zip(
        (0.025, 0.5, 0.975), (est.interval()[0], est.median, est.interval()[1]), strict=True
    ):
        exact = n + int(np.searchsorted(below, level))
        assert got == pytest.approx(exact, rel=3e-3, abs=1.0)


def test_point_is_lincoln_petersen_and_chapman_stands_beside():
    est = dk.estimate(table(), dk.TwoList(), seed=1)
    assert est.point == pytest.approx(400)
    assert est.models.set_index("label").loc["Chapman", "population"] == pytest.approx(
        101 * 81 / 21 - 1
    )
    assert est.estimate == est.median


def test_positive_dependence_means_more_unseen():
    answers = [
        dk.estimate(table(), dk.TwoList(odds_ratio=ratio), seed=1).median
        for ratio in (0.5, 1.0, 2.0, 4.0)
    ]
    assert answers == sorted(answers)
    # n0 scales with the odds ratio, up to the prior's pull
    assert (answers[3] - 160) / (answers[1] - 160) == pytest.approx(4, rel=0.1)


def test_uncertain_odds_ratio_widens_the_interval():
    fixed = dk.estimate(table(), dk.TwoList(), seed=1)
    wide = dk.estimate(table(), dk.TwoList(odds_ratio=dk.prior.Between(0.5, 2.0)), seed=1)
    assert wide.interval()[0] < fixed.interval()[0]
    assert wide.interval()[1] > fixed.interval()[1]
    assert "0.5 to 2" in wide.label


def test_very_sure_odds_ratio_is_the_fixed_one():
    sure = dk.TwoList(odds_ratio=dk.prior.LogNormal(2.0, 1e-4))
    fixed = dk.estimate(table(), dk.TwoList(odds_ratio=2.0), seed=1)
    again = dk.estimate(table(), sure, seed=1)
    assert again.interval() == pytest.approx(fixed.interval(), rel=2e-3)


def test_no_overlap_is_said():
    est = dk.estimate(table(both=0, first=8, second=6), seed=1)
    assert "no_overlap" in [c.kind for c in est.cautions]
    assert math.isfinite(est.estimate)


@pytest.mark.parametrize("ratio", [0, -1, math.nan])
def test_impossible_odds_ratios_are_refused(ratio):
    with pytest.raises(dk.SettingsError, match="odds_ratio"):
        dk.TwoList(odds_ratio=ratio)
