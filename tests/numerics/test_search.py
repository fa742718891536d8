import numpy as np
import pytest
from scipy.stats import poisson

from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.hierarchy import closure, hierarchical_models, neighbours
from darkfigure.numerics.kernels.selection import _poisson_tail
from darkfigure.numerics.log_linear import fit_log_linear, fitted_means
from darkfigure.numerics.resampling import resample_people
from darkfigure.numerics.search import (
    Criterion,
    downhill_search,
    downhill_tables,
    stepwise_path,
    stepwise_tables,
)
from numerics.tables import KOSOVO, PALEMBANG, counts


def everywhere(y):
    return np.ones(len(y), dtype=bool)


@pytest.mark.parametrize(
    ("count", "mean"), [(0, 0.3), (3, 0.5), (40, 55.2), (900, 700.0), (2000, 2001.5), (5, 60.0)]
)
def test_poisson_tail(count, mean):
    exact = min(poisson.cdf(count, mean), poisson.sf(count - 1, mean))
    assert _poisson_tail(float(count), mean) == pytest.approx(exact, rel=1e-9)


def stepwise_by_hand(y, threshold):
    """The rule written out with full fits at every step."""
    k = len(y).bit_length() - 1
    pairs = [t for t in range(1 << k) if bin(t).count("1") == 2]
    overlap = {p: sum(y[w] for w in range(1, 1 << k) if w & p == p) for p in pairs}
    chosen: list[int] = []
    while True:
        fit = fit_log_linear(y, closure(chosen, k)[None, :], everywhere(y))
        means = fitted_means(fit.coefficients[0])
        means[0] = 0
        tails = {}
        for pair in pairs:
            if pair not in chosen:
                mean = sum(means[w] for w in range(1, 1 << k) if w & pair == pair)
                m = overlap[pair]
                tails[pair] = min(poisson.cdf(m, mean), poisson.sf(m - 1, mean))
        for pair in sorted(tails, key=tails.__getitem__):
            if tails[pair] >= threshold:
                return chosen
            trial = fit_log_linear(y, closure([*chosen, pair], k)[None, :], everywhere(y))
            if trial.converged[0]:
                chosen.append(pair)
                break
        else:
            return chosen


@pytest.mark.parametrize("threshold", [0.001, 0.02, 0.2])
def test_stepwise_against_the_rule_written_out(threshold):
    rng = np.random.default_rng(31)
    for table in (KOSOVO, PALEMBANG):
        y = counts(table)
        for counted in [y, *resample_people(y, 4, rng)]:
            path = stepwise_path(counted, everywhere(y), threshold)
            k = len(y).bit_length() - 1
            expected = closure(stepwise_by_hand(counted, threshold), k)
            assert (path[0] == expected).all()
            together = stepwise_tables(counted[None, :], everywhere(y), threshold)
            assert (together.models[0] == expected).all()


def test_downhill_stops_where_no_neighbour_is_better():
    y = counts(KOSOVO)
    criterion = Criterion("bic", float(y.sum()))
    found = downhill_search(y, everywhere(y), 3, criterion)
    values = found.criterion("bic", y.sum())
    best = found.models[int(np.argmin(values))]
    around = fit_log_linear(y, neighbours(best, 3, everywhere(y)), everywhere(y))
    assert (around.criterion("bic", y.sum()) >= values.min()).all()
    assert len(found.models) < len(hierarchical_models(4, 3, everywhere(y)))


def test_downhill_in_many_tables_is_the_same_search():
    y = counts(KOSOVO)
    criterion = Criterion("bic", float(y.sum()))
    tables = resample_people(y, 12, np.random.default_rng(4))
    found = downhill_tables(tables, everywhere(y), 3, criterion)
    for table, unseen in zip(tables, found.unseen, strict=True):
        alone = downhill_search(table, everywhere(y), 3, criterion)
        values = alone.criterion("bic", y.sum())
        assert unseen == pytest.approx(alone.unseen[int(np.argmin(values))], rel=1e-6)


def test_penalties():
    p = np.array([3, 10])
    assert penalty("bic", p, 100.0) == pytest.approx(p * np.log(100))
    assert penalty("aic", p, 100.0).tolist() == [6, 20]
    assert penalty("aicc", p, 100.0) == pytest.approx([6 + 24 / 96, 20 + 220 / 89])
    assert penalty("aicc", np.array([9]), 10.0)[0] == np.inf
