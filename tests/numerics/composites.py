"""Small tables seen in sums and between limits, with their designs, as arrays."""

from itertools import combinations, product

import numpy as np

from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.design import Design, design_of


def cells_of(k, shape):
    """Lists and levels of each complete cell, the history fastest: (cells, factors), stratum."""
    strata = list(product(*map(range, shape)))
    histories = np.arange(1 << k)[:, None] >> np.arange(k) & 1
    levels = np.array([[*h, *s] for s in strata for h in histories.tolist()])
    return levels, np.repeat(np.arange(len(strata)), 1 << k)


def design_over(k, shape, order=2, *, possible=None, scores=None):
    """Every term of at most `order` factors; the last variable by `scores` if they are given."""
    levels, _ = cells_of(k, shape)
    if possible is not None:
        levels = levels[possible[levels[:, :k] @ (1 << np.arange(k))]]
    blocks, factors, names = [np.ones((len(levels), 1))], [frozenset()], ["1"]
    each = []
    for f in range(k + len(shape)):
        number = 2 if f < k else shape[f - k]
        block = (levels[:, f : f + 1] == np.arange(1, number)).astype(float)
        if scores is not None and f == k + len(shape) - 1:
            block = scores[levels[:, f]]
        each.append(block)
    for size in range(1, order + 1):
        for chosen in combinations(range(k + len(shape)), size):
            block = np.ones((len(levels), 1))
            for f in chosen:
                block = (block[:, :, None] * each[f][:, None, :]).reshape(len(levels), -1)
            if not block.any():
                continue
            blocks.append(block)
            factors.append(frozenset(f"f{f}" for f in chosen))
            names += [f"{'x'.join(map(str, chosen))}.{j}" for j in range(block.shape[1])]
    return design_of(blocks, factors, names)


def main_effects(design: Design) -> np.ndarray:
    """The model of main effects, shape (terms,)."""
    return np.array([len(f) < 2 for f in design.factors])


def with_terms(design: Design, *chosen) -> np.ndarray:
    """Main effects and the terms of the factors given, by number."""
    wanted = [frozenset(f"f{f}" for f in term) for term in chosen]
    return main_effects(design) | np.array([f in wanted for f in design.factors])


def complete(k, shape, counts, *, possible=None) -> Composite:
    """Every observable cell a row of its own, with known counts: shape (rows,)."""
    levels, stratum = cells_of(k, shape)
    if possible is not None:
        kept = possible[levels[:, :k] @ (1 << np.arange(k))]
        levels, stratum = levels[kept], stratum[kept]
    seen = levels[:, :k].any(axis=1)
    cell = np.flatnonzero(seen)
    counts = np.array(counts, dtype=float)
    return Composite(
        np.arange(len(cell) + 1), cell, np.ones(len(cell)), counts, counts, ~seen, stratum,
        int(np.prod(shape, dtype=int)),
    )  # fmt: skip


def summed(data: Composite, groups) -> Composite:
    """The rows of a table added up by group: -1 leaves a row as it is."""
    groups = np.asarray(groups)
    alone = groups < 0
    key = np.where(alone, groups.max() + 1 + np.arange(len(groups)), groups)
    order = np.argsort(key, kind="stable")
    _, first, sizes = np.unique(key[order], return_index=True, return_counts=True)
    return Composite(
        np.concatenate([[0], np.cumsum(sizes)]), data.cell[order], np.ones(len(sizes)),
        np.add.reduceat(data.low[order], first), np.add.reduceat(data.high[order], first),
        data.unseen, data.stratum, data.strata,
    )  # fmt: skip


def list_away(data: Composite, k, j, strata) -> Composite:
    """The table as it is seen if a list was not at work in some strata."""
    history = np.arange(data.cells) % (1 << k)
    away = np.isin(data.stratum, strata)
    seen = np.where(away, history & ~(1 << j), history)
    key = data.stratum * (1 << k) + seen
    hidden = seen[data.cell] == 0
    kept = Composite(
        np.arange((~hidden).sum() + 1), data.cell[~hidden], np.ones((~hidden).sum()),
        data.low[~hidden], data.high[~hidden], seen == 0, data.stratum, data.strata,
    )  # fmt: skip
    return summed(kept, key[kept.cell])


def suppressed(data: Composite, threshold=5) -> Composite:
    """Counts below a threshold printed as such."""
    small = data.low < threshold
    return data.with_counts(
        np.where(small, 0.0, data.low), np.where(small, threshold - 1.0, data.high)
    )


def row_means(data: Composite, means):
    """Expected counts of the rows, from those of the cells: shape (..., rows)."""
    return np.add.reduceat(means[..., data.cell], data.start[:-1], axis=-1) * data.weight


def in_strata(data: Composite, means):
    """Expected numbers on no list, and in all, by stratum: shape (strata, 2)."""
    unseen = np.where(data.unseen, means, 0.0)
    return np.column_stack(
        [np.bincount(data.stratum, each, data.strata) for each in (unseen, means)]
    )
