"""Three lists by sample coverage: the share of the population's chances that the sample holds.

Chao & Tsay (1998), J. Am. Stat. Assoc. 93:283; Chao, Tsay, Lin, Shau & Chao (2001), Stat. Med.
20:3123.
"""

from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.lattice import superset_sums

ENOUGH = 0.55
"""Coverage from which the authors trust the full estimate; below it, the one-step one."""


@dataclass(frozen=True)
class SampleCoverage:
    """Estimates of the population, for one table or many.

    Attributes
    ----------
    coverage : ndarray of float, shape (...)
        Ĉ: one less the mean share of a list's people who are on that list only.
    independent : ndarray of float, shape (...)
        N̂0, as if lists did not depend on one another.
    dependent : ndarray of float, shape (...)
        N̂, with dependence between pairs; needs a high coverage.
    one_step : ndarray of float, shape (...)
        N̂1, which corrects for dependence in part; for a low coverage.
    """

    coverage: np.ndarray
    independent: np.ndarray
    dependent: np.ndarray
    one_step: np.ndarray


def sample_coverage(counts: np.ndarray) -> SampleCoverage:
    """Estimate from tables of three lists, shape (..., 8); entry 0 is not used."""
    y = np.array(counts, dtype=float)
    y[..., 0] = 0.0
    on = superset_sums(y)
    seen = on[..., 0]
    only = sum(y[..., 1 << j] / on[..., 1 << j] for j in range(3)) / 3
    coverage = 1.0 - only
    distinct = seen - sum(y[..., 1 << j] for j in range(3)) / 3
    start = distinct / coverage
    ties = [_pair(on, i, j, 3 - i - j) for i, j in ((0, 1), (0, 2), (1, 2))]
    outside = sum(total for total, _ in ties) / (3 * coverage)
    inside = sum(total * ratio for total, ratio in ties) / (3 * coverage)
    first = start + start * inside - outside
    return SampleCoverage(
        coverage=coverage,
        independent=start,
        dependent=(start - outside) / (1 - inside),
        one_step=start + first * inside - outside,
    )


def coverage_spread(
    counts: np.ndarray, rng: np.random.Generator, replicates: int = 1000
) -> SampleCoverage:
    """Bootstrap standard deviations of the four numbers: people drawn again, seen and unseen.

    The number seen varies as that of a population of N̂1 (or N̂, where coverage is enough) would.
    Replicates without an estimate are left out.
    """
    found = sample_coverage(counts)
    total = found.dependent if found.coverage >= ENOUGH else found.one_step
    people = np.array(counts, dtype=float)
    people[0] = max(float(total) - people[1:].sum(), 0.0)
    size = round(float(people.sum()))
    tables = rng.multinomial(size, people / people.sum(), size=replicates)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = sample_coverage(tables)
    return SampleCoverage(
        coverage=_spread(drawn.coverage),
        independent=_spread(drawn.independent),
        dependent=_spread(drawn.dependent),
        one_step=_spread(drawn.one_step),
    )


def _spread(drawn: np.ndarray) -> np.ndarray:
    """Standard deviation of the replicates that give an estimate."""
    usable = drawn[np.isfinite(drawn) & (drawn > 0)]
    return np.asarray(usable.std(ddof=1))


def _pair(on: np.ndarray, i: int, j: int, other: int) -> tuple[np.ndarray, np.ndarray]:
    """People of either list who are not on the third, and the ratio m_ij / (n_i n_j)."""
    one, two, third = 1 << i, 1 << j, 1 << other
    outside = on[..., one] - on[..., one | third] + on[..., two] - on[..., two | third]
    return outside, on[..., one | two] / (on[..., one] * on[..., two])
