"""Bayesian log-linear models where lists say little or the prior contradicts them."""

import numpy as np
import pytest

import darkfigure as dk


def table_of(cells):
    """A table from histories such as "110", the first list first."""
    lists = "abcd"[: len(next(iter(cells)))]
    frame = {name: [int(each[j]) for each in cells] for j, name in enumerate(lists)}
    return dk.CaptureTable.from_counts({**frame, "count": list(cells.values())})


NO_OVERLAP = table_of({"100": 40, "010": 60, "001": 30})
ONE_HISTORY = table_of({"100": 40, "010": 0})
EVERYBODY = table_of({"111": 30})
ONE_PERSON = table_of({"100": 1})
TWO_APART = table_of({"10": 40, "01": 60})
HYPER_G = dk.BayesianLogLinear(interactions=dk.prior.HyperG())
THRESHOLD = dk.BayesianLogLinear(selection="threshold")


@pytest.mark.parametrize(
    ("table", "model", "message"),
    [
        (table_of({"100": 40, "010": 60}), THRESHOLD, "upper limit lies beyond"),
        (NO_OVERLAP, THRESHOLD, "upper limit lies beyond"),
        (TWO_APART, THRESHOLD, "upper limit lies beyond"),
        (ONE_HISTORY, THRESHOLD, "upper limit lies beyond"),
        (ONE_PERSON, THRESHOLD, "upper limit lies beyond"),
        (NO_OVERLAP, HYPER_G, "upper limit lies beyond"),
        (TWO_APART, HYPER_G, "upper limit lies beyond"),
        (ONE_HISTORY, HYPER_G, "how wide"),
        (ONE_PERSON, HYPER_G, "how wide"),
        (EVERYBODY, HYPER_G, "how wide"),
    ],
)
def test_lists_that_set_no_limit_are_refused_in_words(table, model, message):
    with pytest.raises(dk.NotEstimable, match=message) as caught:
        dk.estimate(table, model, seed=1)
    assert caught.value.hint


@pytest.mark.parametrize("table", [NO_OVERLAP, ONE_HISTORY, ONE_PERSON, TWO_APART])
def test_the_default_prior_gives_a_wide_answer_with_a_caution(table):
    est = dk.estimate(table, dk.BayesianLogLinear(), seed=1)
    low, high = est.interval()
    assert high > 20 * low
    assert "no_overlap" in [each.kind for each in est.cautions]


def test_an_interval_without_width_is_not_passed_off_as_an_answer():
    est = dk.estimate(table_of({"11": 300}), dk.BayesianLogLinear(), seed=1)
    assert est.interval() == (300, 300)
    assert "no_width" in [each.kind for each in est.cautions]


def test_one_stratum_of_one_person_does_not_spoil_the_sum():
    frame = dk.load("kosovo").to_frame().assign(region="north")
    one = {"EXH": 1, "ABA": 0, "OSCE": 0, "HRW": 0, "count": 1, "region": "south"}
    frame.loc[len(frame)] = [one[name] for name in frame.columns]
    table = dk.CaptureTable.from_counts(frame, by="region")
    with pytest.raises(dk.NotEstimable, match="stratum south"):
        dk.estimate(table, THRESHOLD, seed=1, strata="separate")


# -- the tail ---------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [NO_OVERLAP, dk.load("palembang")])
def test_a_flat_prior_with_a_learned_width_is_improper(table):
    """An empty pair: the likelihood does not fall as the effects run off."""
    model = dk.BayesianLogLinear(interactions=dk.prior.HyperG(), prior=dk.prior.Flat())
    with pytest.raises(dk.NotEstimable, match="improper"):
        dk.estimate(table, model, seed=1)


def test_a_flat_prior_is_proper_where_every_cell_holds_people():
    """The rarest even history of Kosovo holds 27: the posterior falls like N**-27."""
    model = dk.BayesianLogLinear(interactions=dk.prior.HyperG(), prior=dk.prior.Flat())
    est = dk.estimate("kosovo", model, seed=1)
    counts = dk.load("kosovo").counts()
    even = [counts[c] for c in range(1, 16) if c.bit_count() % 2 == 0]
    assert est.tail_exponent == pytest.approx(min(even))
    with pytest.raises(dk.NotEstimable, match="improper"):
        dk.estimate("palembang", HYPER_G, seed=1).with_prior(dk.prior.Flat())
    raised = dk.estimate("palembang", HYPER_G, seed=1).with_prior(dk.prior.AtLeast(160))
    assert raised.totals.min() >= 160  # as proper as 1/N


@pytest.mark.parametrize(
    ("settings", "exponent"),
    [
        ({}, np.inf),
        ({"interactions": dk.prior.UnitInformation()}, np.inf),
        ({"interactions": dk.prior.RegularizedHorseshoe(), "inference": "nuts"}, np.inf),
        # main effects are normal: without them the odds of being missed are bounded
        ({"interactions": dk.prior.R2D2(), "inference": "nuts"}, np.inf),
        ({"interactions": dk.prior.HyperG()}, 1.0),
        ({"interactions": dk.prior.HyperG(), "prior": dk.prior.AtLeast(9)}, 1.0),
        ({"interactions": dk.prior.HyperG(), "prior": dk.prior.Between(9, 99)}, np.inf),
        # by the pair b, c the odds run off where that interaction does: 67 - 1 people on both
        (
            {
                "interactions": dk.prior.R2D2(),
                "inference": "nuts",
                "identify": dk.ConditionalPair("b", "c"),
            },
            67.0,
        ),
    ],
)
def test_tail_exponents(settings, exponent):
    from darkfigure.models.bayesian_log_linear.layout import Layout

    model, layout = dk.BayesianLogLinear(**settings), Layout.of(dk.load("palembang"))
    found = model.tail_exponent(layout, layout.largest(layout.highest_order(None)))
    assert found == pytest.approx(exponent)


# -- priors on the population that pull --------------------------------------------------------


@pytest.mark.parametrize(
    "prior",
    [
        dk.prior.Between(7_000, 8_000),  # below all that the lists say
        dk.prior.Between(20_000, 22_000),  # above it
        dk.prior.Between(30_000, 33_000, prob=0.9),
        dk.prior.Between(12_000, 12_010),  # narrower than the number unseen given its odds
    ],
)
def test_priors_far_from_the_lists_rest_on_many_draws(prior):
    est = dk.estimate("kosovo", dk.BayesianLogLinear(prior=prior), seed=1)
    assert float(est.draws["importance"]["effective_size"][0]) > 1_000
    # the exact average over decomposable graphs, another family: these priors decide
    exact = dk.estimate("kosovo", dk.DecomposableGraphs(prior=prior), seed=1)
    assert est.median == pytest.approx(exact.median, rel=0.01)
    assert est.interval() == pytest.approx(exact.interval(), rel=0.01)


@pytest.mark.parametrize(
    "prior",
    [dk.prior.NegativeBinomial(10, 4), dk.prior.Between(1, 2), dk.prior.AtLeast(1e7)],
)
def test_priors_that_exclude_the_lists_are_refused(prior):
    with pytest.raises(dk.NotEstimable, match="exclude each other"):
        dk.estimate("kosovo", dk.BayesianLogLinear(prior=prior), seed=1)


def test_strata_in_one_model_share_the_total_that_a_prior_allows():
    prior = dk.prior.Between(700, 720)
    est = dk.estimate("spina_bifida_by_ethnicity", dk.BayesianLogLinear(prior=prior), seed=1)
    swapped = dk.estimate(
        "spina_bifida_by_ethnicity", dk.BayesianLogLinear(), seed=1, draws=16_000
    ).with_prior(prior)
    error = 5 * 0.042 * est.sd  # of a limit of 4,000 draws
    assert est.interval() == pytest.approx(swapped.interval(), abs=error)
    mine, theirs = (each.summary(by="ethnicity")["mean"].to_numpy() for each in (est, swapped))
    spread = est.summary(by="ethnicity")["sd"].to_numpy()
    assert (np.abs(mine - theirs) < 0.15 * spread).all()
