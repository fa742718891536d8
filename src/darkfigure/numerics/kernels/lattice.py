"""Sums and products over the lattice of subsets, and Cholesky factorisation, compiled.

A subset of lists is a bit mask and an index of an array of length 2**k, as in
`darkfigure.numerics.lattice`. The first two bits are taken together, and what is left are loops
over neighbours in memory, which a processor does several at a time.
"""

import numpy as np
from numba import njit

_SMALLEST_PIVOT = 1e-11


@njit(cache=True, nogil=True)
def subset_products(values):
    """Replace values[s] by the product of values[t] over t ⊆ s, in place."""
    size = values.shape[0]
    step = 1
    if size >= 4:
        step = 4
        for s in range(0, size, 4):
            none, first, second = values[s], values[s + 1], values[s + 2]
            values[s + 1] = none * first
            values[s + 2] = none * second
            values[s + 3] *= none * first * second
    while step < size:
        for start in range(0, size, 2 * step):
            without = values[start : start + step]
            holding = values[start + step : start + 2 * step]
            for i in range(step):
                holding[i] *= without[i]
        step *= 2


@njit(cache=True, nogil=True)
def subset_sums(values):
    """Replace values[s] by the sum of values[t] over t ⊆ s, in place."""
    size, step = values.shape[0], 1
    while step < size:
        for start in range(0, size, 2 * step):
            without = values[start : start + step]
            holding = values[start + step : start + 2 * step]
            for i in range(step):
                holding[i] += without[i]
        step *= 2


@njit(cache=True, nogil=True)
def superset_sums(values):
    """Replace values[s] by the sum of values[t] over t ⊇ s, in place."""
    size = values.shape[0]
    step = 1
    if size >= 4:
        step = 4
        for s in range(0, size, 4):
            both = values[s + 3]
            second = values[s + 2] + both
            values[s] += values[s + 1] + second
            values[s + 1] += both
            values[s + 2] = second
    while step < size:
        for start in range(0, size, 2 * step):
            without = values[start : start + step]
            holding = values[start + step : start + 2 * step]
            for i in range(step):
                without[i] += holding[i]
        step *= 2


@njit(cache=True, nogil=True)
def gather(superset, terms, p, information):
    """The lower half of a matrix between terms: the superset sums at their unions."""
    for i in range(p):
        for j in range(i + 1):
            information[i, j] = superset[terms[i] | terms[j]]


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def dot(a, b, n):
    """Sum of the products of the first n numbers of each."""
    value = 0.0
    for i in range(n):
        value += a[i] * b[i]
    return value


@njit(cache=True, nogil=True, fastmath={"reassoc"})
def sum_of(a):
    """Sum of all numbers."""
    value = 0.0
    for i in range(a.shape[0]):
        value += a[i]
    return value


@njit(cache=True, nogil=True)
def factorise(matrix, p):
    """Replace the lower half by its Cholesky factor; False where singular to working precision."""
    for j in range(p):
        row_j = matrix[j]
        diagonal = row_j[j]
        pivot = diagonal - dot(row_j, row_j, j)
        if not pivot > _SMALLEST_PIVOT * diagonal:
            return False
        root = np.sqrt(pivot)
        row_j[j] = root
        for row in range(j + 1, p):
            matrix[row, j] = (matrix[row, j] - dot(matrix[row], row_j, j)) / root
    return True


@njit(cache=True, nogil=True)
def solve_lower(factor, right, p):
    """Solve L x = right in place."""
    for i in range(p):
        right[i] = (right[i] - dot(factor[i], right, i)) / factor[i, i]


@njit(cache=True, nogil=True)
def solve_upper(factor, right, p):
    """Solve Lᵀ x = right in place."""
    for i in range(p - 1, -1, -1):
        value = right[i] / factor[i, i]
        right[i] = value
        for j in range(i):
            right[j] -= factor[i, j] * value


@njit(cache=True, nogil=True)
def cholesky_solve(matrix, right, p):
    """Solve in place; False where the matrix is singular to working precision."""
    if not factorise(matrix, p):
        return False
    solve_lower(matrix, right, p)
    solve_upper(matrix, right, p)
    return True
