import _thread
import signal
import threading
import time
from dataclasses import fields

import numpy as np
import pytest
from scipy.special import gammaln

import darkfigure as dk
from darkfigure.convergence import agreement
from darkfigure.numerics import class_chains
from darkfigure.numerics.class_chains import Chains, ClassPrior
from darkfigure.numerics.latent_class import Length, sample_latent_classes

# three lists, six people, lists 1 and 2 more often together than apart
Y = np.array([1.0, 1.0, 2.0, 1.0, 1.0])
ON = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 1, 1]], dtype=bool)


def chains_of(y=Y, prior=None, number=2):
    prior = prior or ClassPrior(3, (0.25, 0.25), (1.0, 1.0))
    return Chains(np.asarray(y, dtype=float), ON, prior, number, np.random.default_rng(1))


def test_parts_do_not_change_a_result(monkeypatch):
    whole = chains_of().run(4000, 4)
    monkeypatch.setattr(class_chains, "_LOOK_UP", 1e-4)
    chains = chains_of()
    parts = chains.run(1000, 4).followed_by(chains.run(3000, 4))
    for each in fields(whole):
        np.testing.assert_array_equal(getattr(whole, each.name), getattr(parts, each.name))


@pytest.fixture
def heeds_interruptions():
    """A process started in the background ignores Ctrl-C until it is told not to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interruptions")
def test_an_interruption_stops_the_chains():
    """Sweeps enough for minutes; Ctrl-C comes after a second."""
    chains = chains_of()
    chains.run(4, 4)  # compiled
    threading.Timer(1.0, _thread.interrupt_main).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        chains.run(100_000_000, 100_000)
    assert time.monotonic() - started < 10
    assert not [each for each in threading.enumerate() if "ThreadPool" in each.name]


def test_those_who_listen_are_told():
    told = []
    chains_of().run(400, 4, tell=told.append)
    assert told[-1] == 400


def test_chains_that_run_away_are_an_error():
    """Under a flat prior and capture (.1, .1) on three lists the posterior has no finite mass."""
    prior = ClassPrior(3, (0.25, 0.25), (0.1, 0.1), np.log)
    counts = np.zeros(8, dtype=int)
    counts[ON @ [1, 2, 4]] = Y
    with pytest.raises(dk.NotEstimable, match="run up to"):
        sample_latent_classes(
            counts, prior, Length(4, 300, 900), draws=50,
            judge=agreement, rng=np.random.default_rng(1),
        )  # fmt: skip


def test_a_state_that_is_no_number_is_an_error():
    chains = chains_of()
    chains._lam[:] = np.nan
    with pytest.raises(dk.NotEstimable, match="not a number"):
        chains.run(100, 1)


def test_starts_lie_where_the_prior_has_mass_and_a_run_ends_even_if_not():
    def log_tilt(population):
        return np.where(population >= 500, 0.0, -np.inf)

    chains = chains_of(prior=ClassPrior(3, (0.25, 0.25), (1.0, 1.0), log_tilt))
    assert (chains.run(200, 1).n0.sum(axis=-1) + Y.sum() >= 500).all()
    chains._n0[:] = 0.0  # the level of every slice is then -inf
    assert np.isfinite(chains.run(200, 1).n0).all()


@pytest.mark.parametrize("seen", [1e4, 1e7])
def test_many_people_and_little_overlap(seen):
    """One class has an exact posterior, here far wider than the number seen suggests."""
    y = np.array([seen, seen, 30.0, seen, 1.0])
    n = y.sum()
    chains = chains_of(y, ClassPrior(1, (0.25, 0.25), (1.0, 1.0)), number=8)
    chains.run(2000, 1)
    drawn = chains.run(10_000, 10).n0.sum(axis=-1)
    x = np.geomspace(seen, seen**2, 200_000)
    s = y @ ON
    # Stirling's errors cancel to far below 1e-3 at these sizes, those of lgamma at 1e11 do not
    value = _log_gamma_rise(n + x, x) - 3.0 * np.log(n + x + 1.0)
    for j in range(3):
        value = value + _log_gamma_rise(1.0 + n + x - s[j], 1.0 + n + x)
    mass = np.exp(value - value.max()) * np.gradient(x)
    exact = np.interp([0.1, 0.5, 0.9], np.cumsum(mass) / mass.sum(), np.log(x))
    found = np.quantile(np.log(drawn), [0.1, 0.5, 0.9])
    spread = (exact[2] - exact[0]) / 2.56
    # 8,000 states, worth at least 1,000: standard errors below .06 standard deviations
    np.testing.assert_allclose(found, exact, atol=4 * 0.06 * spread)


def _log_gamma_rise(a, b):
    """log Γ(a) − log Γ(b) by Stirling's series, differences of large terms written out."""
    if np.max(a) < 1e7:
        return gammaln(a) - gammaln(b)
    d = a - b
    return (b - 0.5) * np.log1p(d / b) + d * (np.log(a) - 1.0) + (1 / a - 1 / b) / 12.0
