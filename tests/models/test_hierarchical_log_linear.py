"""Years and strata in one model: the truth of a simulated register, and what it takes."""

import numpy as np
import pytest

import darkfigure as dk


def by_year():
    """The practice register by year alone: list I is away in 2010."""
    return dk.load("practice_register").collapse("sex", "age", "form", "nationality")


def test_every_year_of_the_practice_register_is_covered() -> None:
    """The simulation's truth by year lies in all six 95 % intervals, and in that of the total."""
    table = by_year()
    est = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)
    frame = est.summary(by="year")
    for year in table.strata["year"]:
        truth = table.select(year=year).about.truth.total
        assert frame["low"][str(year)] < truth < frame["high"][str(year)], year
    low, high = est.interval()
    assert low < 45_000 < high


def test_years_add_up_in_every_draw() -> None:
    est = dk.estimate(by_year(), dk.HierarchicalLogLinear(), seed=2)
    assert est.population.sum("stratum").to_numpy().ravel() == pytest.approx(est.totals)
    assert (est.unseen.to_numpy() >= 0).all()


def test_suppressed_cells_are_taken_as_limits() -> None:
    """Estimates from a table made fit to publish bracket that of the exact one."""
    table = by_year().select(year=range(2011, 2016))
    exact = dk.estimate(table, dk.HierarchicalLogLinear(), seed=1)
    hidden = dk.estimate(table.disclose(threshold=5), dk.HierarchicalLogLinear(), seed=1)
    low, high = hidden.interval()
    assert low < exact.median < high
    assert np.ptp(hidden.interval()) > 0.5 * np.ptp(exact.interval())


def test_build_is_a_pymc_model() -> None:
    import pymc as pm

    assert isinstance(dk.HierarchicalLogLinear().build(by_year()), pm.Model)
