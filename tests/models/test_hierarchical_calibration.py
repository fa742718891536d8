"""Simulation-based calibration of the pooled model, and its Laplace path beside NUTS: `make slow`.

Registers are drawn from the prior of the effects with a proper prior on the population, so that
nothing is given but the settings: the rank of the truth among its draws is uniform.
"""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk
from models.simulated import rank, rank_tests

pytestmark = pytest.mark.slow

REGISTER = Path(__file__).parent / "dutch_workflow" / "register.csv"
TRUTH = {2010: 1500, 2011: 1750, 2012: 2100, 2013: 2000, 2014: 1800, 2015: 1600}
LISTS, YEARS, SEXES = list("ABC"), [2011, 2012, 2013], ["female", "male"]
RUNS, DRAWS = 200, 400


def strata(*, by_sex):
    return list(product(YEARS, SEXES)) if by_sex else [(year,) for year in YEARS]


def frame_of(counts, levels):
    """A row per history (but that on no list) and stratum."""
    histories = (np.arange(1, 8)[:, None] >> np.arange(3)) & 1
    names = ["year", "sex"][: len(levels[0])]
    parts = [
        pd.DataFrame(histories, columns=LISTS).assign(
            count=each[1:], **dict(zip(names, level, strict=True))
        )
        for each, level in zip(counts, levels, strict=True)
    ]
    return pd.concat(parts, ignore_index=True), names


def exact(frame, names):
    return dk.CaptureTable.from_counts(frame, lists=LISTS, by=names)


def suppressed(frame, names):
    """Counts below 5 within limits, zeros among them."""
    return exact(frame, names).disclose(threshold=5)


def starting_late(frame, names):
    """List C is not at work in the first year."""
    away = frame["year"] == YEARS[0]
    frame = frame.assign(C=frame["C"].astype("Int64").mask(away))
    by = [*LISTS, *names]
    frame = frame.groupby(by, dropna=False, as_index=False)["count"].sum()
    frame = frame[(frame[LISTS] == 1).any(axis=1)]
    return dk.CaptureTable.from_counts(frame, lists=LISTS, by=names, blank="inactive")


def not_recorded(frame, names):
    """Sex is recorded by lists A and B alone."""
    only = (frame["A"] == 0) & (frame["B"] == 0)
    frame = frame.assign(sex=frame["sex"].where(~only))
    frame = frame.groupby([*LISTS, *names], dropna=False, as_index=False)["count"].sum()
    return dk.CaptureTable.from_counts(frame, lists=LISTS, by=names)


@pytest.mark.parametrize("made", [exact, suppressed, starting_late, not_recorded])
def test_pooled_effects_ranks_are_uniform(made, keep):
    rng = np.random.default_rng(900)
    prior = dk.prior.GammaPoisson(4.0, 150.0)
    model = dk.HierarchicalLogLinear(prior=prior)
    levels = strata(by_sex=made is not_recorded)
    blank = np.ones((len(levels), 8), dtype=int)
    layout = model._layout(exact(*frame_of(blank, levels)))
    design, step = layout.model, layout.scales.index("list: year")
    shape = [len(YEARS), len(SEXES)][: len(levels[0])]
    of_total, of_first, of_scale = [], [], []
    while len(of_total) < RUNS:
        effects, log_scale = design.draw_prior(1, rng)
        means = design.means(effects)[0]
        population = rng.poisson(rng.gamma(prior.a, prior.b))
        counts = rng.multinomial(population, means / means.sum()).reshape(-1, 8)
        table = made(*frame_of(counts, levels)) if counts[:, 1:].any() else None
        if table is None or [len(each) for each in table.strata.values()] != shape:
            continue  # a year or sex of nobody seen is not in the table; ranks stay uniform
        if not table.low.any():
            continue  # refused: all may be 0
        fit = model.fit(table, draws=DRAWS, rng=rng)
        total = fit.unseen + fit.seen
        year = fit.strata["year"].to_numpy() == YEARS[0]
        of_total.append(rank(total.sum(axis=-1), population, rng))
        first = counts[[level[0] == YEARS[0] for level in levels]].sum()
        of_first.append(rank(total[..., year].sum(axis=-1), first, rng))
        scale = fit.groups["posterior"]["scale"].sel(scale_of="list: year").to_numpy()
        of_scale.append(rank(scale, np.exp(log_scale[0, step]), rng))
    found = {"total": of_total, "first year": of_first, "yearly steps of lists": of_scale}
    words, least = rank_tests(found)
    keep(
        f"HierarchicalLogLinear, {made.__name__.replace('_', ' ')}, 3 lists and years: {RUNS} "
        f"simulations on 19 degrees of freedom; {words}",
        ranks=np.array(of_total),
    )
    assert least > 1e-3
