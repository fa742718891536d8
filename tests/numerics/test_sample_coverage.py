import numpy as np
import pytest

import darkfigure as dk
from darkfigure.numerics.sample_coverage import coverage_spread, sample_coverage

HEPATITIS = dk.load("hepatitis_a").counts()


def test_hepatitis_of_chao_and_others():
    # Chao, Tsay, Lin, Shau & Chao (2001), Stat. Med. 20:3123, Table
    found = sample_coverage(HEPATITIS)
    assert float(found.coverage) == pytest.approx(0.51269, abs=5e-6)
    assert float(found.independent) == pytest.approx(407.004, abs=5e-4)
    assert float(found.dependent) == pytest.approx(970.805, abs=5e-4)
    assert float(found.one_step) == pytest.approx(507.772, abs=5e-4)


def test_spread_is_near_the_published_one():
    # published from other bootstrap tables: about 29 and 48
    found = coverage_spread(HEPATITIS, np.random.default_rng(1))
    assert float(found.independent) == pytest.approx(29, rel=0.15)
    assert float(found.one_step) == pytest.approx(48, rel=0.15)


def test_independent_lists_are_estimated_exactly():
    chances = np.array([0.3, 0.5, 0.4])
    on = np.arange(8)[:, None] >> np.arange(3) & 1 == 1
    mean = 1_000 * np.where(on, chances, 1 - chances).prod(axis=1)
    found = sample_coverage(mean)
    # with no dependence all three are the truth
    for each in (found.independent, found.dependent, found.one_step):
        assert float(each) == pytest.approx(1_000)
