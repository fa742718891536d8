r"""Three lists or more by sample coverage: what share of the population's chances was sampled.

With :math:`n_j` people on list j, :math:`u_j` of them on no other, and :math:`S_{ij}` people
on i alone, on j alone, and on exactly these two (those counted twice), over k lists

.. math:: \hat C = 1 - \frac1k \sum_j \frac{u_j}{n_j}, \qquad
    \hat N_0 = \frac{n - \frac1k \sum_j u_j}{\hat C}, \qquad
    \hat N = \hat N_0 + \frac{1}{k \hat C} \sum_{i<j} S_{ij}
    \left( \frac{\hat N\, n_{ij}}{n_i n_j} - 1 \right).

Chao & Tsay (1998), J. Am. Stat. Assoc. 93:283; Chao, Tsay, Lin, Shau & Chao (2001), Stat. Med.
20:3123, for any number of lists.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from darkfigure.numerics.lattice import superset_sums

ENOUGH = 0.55
"""Coverage from which the authors trust the full estimate; below it, the one-step one."""

FEWEST_LISTS = 3


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
    """Estimate from tables of k lists, shape (..., 2**k); entry 0 is not used."""
    y = np.array(counts, dtype=float)
    y[..., 0] = 0.0
    k = y.shape[-1].bit_length() - 1
    on, single = superset_sums(y), 1 << np.arange(k)
    coverage = 1.0 - (y[..., single] / on[..., single]).sum(axis=-1) / k
    start = (on[..., 0] - y[..., single].sum(axis=-1) / k) / coverage
    one, two = single[np.array(list(combinations(range(k), 2))).T]
    nowhere_else = y[..., one] + y[..., two] + 2.0 * y[..., one | two]
    together = on[..., one | two] / (on[..., one] * on[..., two])
    outside = nowhere_else.sum(axis=-1) / (k * coverage)
    inside = (nowhere_else * together).sum(axis=-1) / (k * coverage)
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
