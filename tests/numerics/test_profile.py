import numpy as np
import pytest
from scipy.special import gammaln

from darkfigure.numerics.hierarchy import closure
from darkfigure.numerics.log_linear import fit_log_linear
from darkfigure.numerics.profile import profile_of
from numerics.tables import ARTIFICIAL, KOSOVO, counts


def profile(table, terms):
    y = counts(table)
    k = len(y).bit_length() - 1
    possible = np.ones(len(y), dtype=bool)
    model = closure(terms, k)
    fit = fit_log_linear(y, model[None, :], possible)
    return int(y.sum()), profile_of(y, model, possible, fit.coefficients[0])


# by hand with Cormack's (1992) formula; Rcapture 1.4-4 gives 8,994 to 12,110
def test_kosovo():
    seen, curve = profile(KOSOVO, [0b0111, 0b1001, 0b1100])
    assert seen + curve.best == pytest.approx(10_334.5, abs=1.0)
    low, high = seen + curve.at(np.array([-1.959964, 1.959964]))
    assert (low, high) == pytest.approx((8_994, 12_110), abs=1.0)
    assert curve.bounded


def test_two_independent_lists_in_closed_form():
    """Under independence the fitted cells are products of margins, for every N."""
    table = {"11": 20, "10": 80, "01": 60}
    seen, curve = profile(table, [])
    n1, n2 = 100, 80
    unseen = np.arange(50.0, 2_000.0)
    population = unseen + 160

    def entropy(n):
        return n * np.log(n / population) + (population - n) * np.log1p(-n / population)

    value = gammaln(population + 1) - gammaln(unseen + 1) + entropy(n1) + entropy(n2)
    best = unseen[np.argmax(value)]
    assert curve.best == pytest.approx(best, abs=1.0)
    inside = unseen[value > value.max() - 1.959964**2 / 2]
    low, high = curve.at(np.array([-1.959964, 1.959964]))
    assert (low, high) == pytest.approx((inside[0], inside[-1]), abs=1.5)
    assert seen == 160


def test_signed_root_increases_and_zero_is_at_the_maximum():
    _, curve = profile(ARTIFICIAL, [0b101, 0b110])
    assert (np.diff(curve.signed_root) > 0).all()
    assert curve.at(np.array([0.0]))[0] == pytest.approx(curve.best, rel=0.01)
