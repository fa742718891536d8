import itertools

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


def test_diabetes_on_four_lists_of_chao_and_others():
    # Chao, Tsay, Lin, Shau & Chao (2001), Stat. Med. 20:3123: 2,069 cases, coverage 80 %
    found = sample_coverage(dk.load("diabetes").counts())
    assert float(found.coverage) == pytest.approx(0.803, abs=5e-4)
    assert round(float(found.independent)) == 2_272
    assert round(float(found.dependent)) == 2_609
    assert round(float(found.one_step)) == 2_458


@pytest.mark.parametrize("name", ["diabetes", "congenital", "uk"])
def test_any_number_of_lists_by_counting_people_one_by_one(name):
    """The definitions of the paper, person by person, with N̂ as the fixed point that it is."""
    table = dk.load(name)
    counts, k = table.counts(), table.n_lists
    on = np.repeat(np.arange(1 << k)[1:, None] >> np.arange(k) & 1 == 1, counts[1:], axis=0)
    alone = on.sum(axis=1) == 1
    coverage = 1 - np.mean([on[alone, j].sum() / on[:, j].sum() for j in range(k)])
    # D: people listed at all when one list is left out, on average
    listed = np.mean([np.delete(on, j, axis=1).any(axis=1).sum() for j in range(k)])

    def corrected(total):
        out = listed / coverage
        for i, j in itertools.combinations(range(k), 2):
            rest = ~np.delete(on, [i, j], axis=1).any(axis=1)
            people = on[rest, i].sum() + on[rest, j].sum()
            joint = (on[:, i] & on[:, j]).sum() / (on[:, i].sum() * on[:, j].sum())
            out += people * (total * joint - 1) / (k * coverage)
        return out

    found = sample_coverage(counts)
    assert float(found.coverage) == pytest.approx(coverage)
    assert float(found.independent) == pytest.approx(listed / coverage)
    assert corrected(float(found.dependent)) == pytest.approx(float(found.dependent))
    one_step = corrected(corrected(listed / coverage))
    assert float(found.one_step) == pytest.approx(one_step)


@pytest.mark.parametrize("k", [4, 5, 6])
def test_people_who_differ_on_many_lists(k):
    """Two kinds of people on independent lists: N̂ is nearer to the truth than independence."""
    on = np.arange(1 << k)[:, None] >> np.arange(k) & 1 == 1
    mean = np.zeros(1 << k)
    for people, chance in ((600, 0.25), (400, 0.6)):
        mean += people * np.where(on, chance, 1 - chance).prod(axis=1)
    found = sample_coverage(mean)
    assert float(found.independent) < float(found.one_step) < float(found.dependent)
    # the worst of the three: 4 lists, 1.7 % short, where independence is 10 % short
    assert float(found.dependent) == pytest.approx(1_000, rel=0.02)
    assert float(found.independent) < 950


@pytest.mark.parametrize("k", [4, 6])
def test_independent_lists_of_any_number_are_estimated_exactly(k):
    chances = np.linspace(0.2, 0.6, k)
    on = np.arange(1 << k)[:, None] >> np.arange(k) & 1 == 1
    mean = 1_000 * np.where(on, chances, 1 - chances).prod(axis=1)
    found = sample_coverage(mean)
    for each in (found.independent, found.dependent, found.one_step):
        assert float(each) == pytest.approx(1_000)
