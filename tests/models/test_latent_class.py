import numpy as np
import pytest

import darkfigure as dk
from darkfigure.models.latent_class import LatentClass
from darkfigure.results.observable import observable_of, people_above

SHORT = {"sweeps": 500, "most": 1500}


def two_kinds(population=1_500, seed=1):
    """People of two kinds on four lists: a third are seen often, the others seldom."""
    rng = np.random.default_rng(seed)
    chances = np.where(
        rng.random((population, 1)) < 1 / 3, [0.7, 0.6, 0.65, 0.5], [0.2, 0.25, 0.15, 0.3]
    )
    on = rng.random(chances.shape) < chances
    histories, counts = np.unique(on[on.any(axis=1)], axis=0, return_counts=True)
    columns = {name: histories[:, j].astype(int) for j, name in enumerate("abcd")}
    return dk.CaptureTable.from_counts({**columns, "count": counts})


@pytest.fixture(scope="module")
def est():
    return dk.estimate(two_kinds(), LatentClass(), seed=1)


def test_recovers_a_population_of_two_kinds(est):
    low, high = est.interval(0.99)
    assert low < 1_500 < high
    assert est.median == pytest.approx(1_500, rel=0.15)
    assert "not_mixed" not in [each.kind for each in est.cautions]


def test_uk_six_lists():
    """A converged chain of another program gave 22,985 (17,173 to 34,416)."""
    est = dk.estimate("uk", LatentClass(sweeps=4_000, most=12_000), seed=1)
    low, high = est.interval()
    # some 3,000 effective draws: standard errors near 90, 150 and 500
    assert est.median == pytest.approx(22_985, abs=600)
    assert low == pytest.approx(17_173, abs=800)
    assert high == pytest.approx(34_416, abs=2_800)


def test_modes_that_chains_do_not_leave_are_said():
    """The Netherlands on five lists: near 48,000 and 142,000 after millions of sweeps."""
    est = dk.estimate("netherlands_five_lists", LatentClass(sweeps=1_000, most=4_000), seed=1)
    kinds = [each.kind for each in est.cautions]
    assert "not_mixed" in kinds
    assert "several_modes" in kinds
    location = est.modes()["location"]
    assert abs(location - 48_000).min() < 5_000
    assert abs(location - 142_000).min() < 25_000


def test_draws_are_laid_out_as_chains(est):
    assert est.unseen.shape == (16, 250)
    posterior = est.draws["posterior"].to_dataset()
    assert posterior["weight"].dims == ("chain", "draw", "rank")
    assert {"log_odds_unseen", "concentration"} <= set(posterior)
    assert {"log_likelihood", "posterior_predictive", "sample_stats"} <= set(est.draws.children)
    more = dk.estimate(two_kinds(), LatentClass(**SHORT), draws=1000, seed=1)
    assert more.unseen.shape == (16, 63)  # rounded up


def test_people_that_can_be_observed(est):
    everyone = observable_of(est, 0.0)
    assert everyone["estimate"] == est.median
    assert everyone["share"] == 1.0
    often = observable_of(est, 0.9)
    assert often["low"] <= often["estimate"] <= often["high"] < everyone["high"]
    with pytest.raises(dk.NotEstimable, match="classes"):
        observable_of(dk.estimate("palembang", dk.DecomposableGraphs(), seed=1))


def test_people_above_a_chance():
    # a class seen with probability 1 − .9 × .8 = .28, and one with .0199
    people, capture = np.array([100.0, 7.0]), np.array([[0.1, 0.2], [0.01, 0.01]])
    assert people_above(people, capture, 0.01) == 107
    assert people_above(people, capture, 0.02) == 100
    assert people_above(people, capture, 0.3) == 0


def test_prior_on_the_population_has_its_say():
    prior = dk.prior.GammaPoisson(400.0, 3.0)  # 1,200, give or take 69
    est = dk.estimate(two_kinds(), LatentClass(prior=prior, **SHORT), seed=1)
    alone = dk.estimate(two_kinds(), LatentClass(**SHORT), seed=1)
    # the sampler's answer is that of draws without the prior, weighted
    log_weight = prior.log_tilt(alone.totals)
    weight = np.exp(log_weight - log_weight.max())
    assert np.median(est.totals) == pytest.approx(
        np.average(alone.totals, weights=weight), rel=0.02
    )
    with pytest.raises(dk.NotEstimable, match="people seen"):
        dk.estimate(two_kinds(), LatentClass(prior=_Few()), seed=1)


class _Few(dk.prior.Prior):
    """At most ten people."""

    tail_exponent = np.inf

    def log_mass(self, population):
        return np.where(np.asarray(population) <= 10, 0.0, -np.inf)

    def range(self, prob):
        return None

    @property
    def words(self):
        return "at most ten"


def test_identified_otherwise():
    model = LatentClass(identify=dk.NoHighestOrderInteraction(), **SHORT)
    low, high = dk.estimate("kosovo", model, seed=1).interval(0.9)
    # the saturated table gives 16,942; smoothing by classes stays near it
    assert low < 16_942 < 1.5 * high


def test_other_settings_of_the_prior():
    others = LatentClass().varied(4)
    assert others[2] == LatentClass()
    assert {each.classes for each in others} == {5, 10, 20}
    assert len(LatentClass(classes=1).varied(4)) == 4


def test_prior_of_the_unseen():
    odds = LatentClass().draw_prior_odds(two_kinds(), 4_000, np.random.default_rng(1))
    ratio = 1 + np.exp(odds)
    # one class on four lists has π0 with median .026; several move it little
    assert 1.01 < np.median(ratio) < 1.2


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"classes": 0}, "classes"),
        ({"capture": (1.0, -1.0)}, "capture"),
        ({"concentration": 1.0}, "two numbers"),
        ({"chains": 1}, "chains"),
        ({"sweeps": 1000, "most": 2000}, "three times"),
    ],
)
def test_settings_are_checked(settings, match):
    with pytest.raises(dk.SettingsError, match=match):
        LatentClass(**settings)


@pytest.mark.slow
def test_agrees_with_nuts():
    """The PyMC model has classes and the unseen integrated out; the posterior is the same."""
    from darkfigure.sampling import sample

    table = two_kinds()
    model = LatentClass(classes=2, concentration=(2.0, 2.0))
    gibbs = dk.estimate(table, model, seed=1)
    nuts = sample(model.build(table), table, rng=np.random.default_rng(1), draws=4000)
    totals = nuts.unseen + nuts.seen
    # 1,000 effective draws or more each: standard errors under .05 standard deviations
    tolerance = 0.25 * gibbs.sd
    quantiles = np.quantile(totals, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(
        quantiles, np.quantile(gibbs.totals, [0.25, 0.5, 0.75]), atol=tolerance
    )


def test_more_people_than_can_be_moved_are_refused():
    counts = {"a": [1, 0, 1], "b": [0, 1, 1], "c": [1, 1, 1], "count": [10**9, 10**9, 10**8]}
    with pytest.raises(dk.NotEstimable, match="more than the sampler"):
        dk.estimate(dk.CaptureTable.from_counts(counts), dk.LatentClass(), seed=1)


@pytest.mark.parametrize("low", [20_000, 1e8])
def test_a_prior_that_begins_above_what_the_lists_say(low):
    """Starts must lie where the prior has mass, or no move is ever possible."""
    model = LatentClass(sweeps=200, most=600, prior=dk.prior.AtLeast(low))
    est = dk.estimate("kosovo", model, seed=1, draws=400)
    assert est.totals.min() >= low


def test_a_prior_out_of_reach_is_refused():
    with pytest.raises(dk.NotEstimable, match="allows no population"):
        dk.estimate("kosovo", LatentClass(prior=dk.prior.AtLeast(1e12)), seed=1)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"capture": (0.1, 0.1), "prior": dk.prior.Flat()}, r"is improper: .*N\*\*-0.3,"),
        ({"capture": (0.005, 1.0)}, "so nearly improper"),
        (
            {"identify": dk.ConditionalPair("d", "a"), "capture": (0.2, 1.0)}
            | {"prior": dk.prior.Flat()},
            "is improper",
        ),
        (
            {"identify": dk.NoHighestOrderInteraction(), "prior": dk.prior.Flat()},
            "not known to be proper",
        ),
    ],
)
def test_improper_posteriors_are_refused(settings, match):
    counts = {"a": [1, 0, 1, 0], "d": [0, 1, 1, 1], "c": [0, 0, 1, 1], "count": [30, 40, 9, 12]}
    with pytest.raises(dk.NotEstimable, match=match) as refused:
        dk.estimate(dk.CaptureTable.from_counts(counts), LatentClass(**settings), seed=1)
    assert "OneOverN" in refused.value.hint


def test_tail_of_the_posterior():
    """t + k a under 1/N; the pair's own count where a pair leads to the unseen."""
    table = dk.load("palembang")
    assert LatentClass().tail_exponent(table) == 1 + 3
    assert LatentClass(capture=(0.5, 2.0), prior=dk.prior.Flat()).tail_exponent(table) == 1.5
    lists = table.lists
    both = int(table.counts()[0b011])
    pair = LatentClass(identify=dk.ConditionalPair(lists[0], lists[1]))
    assert pair.tail_exponent(table) == 1 + both + 2
    assert np.isinf(LatentClass(prior=dk.prior.Between(200, 400)).tail_exponent(table))
