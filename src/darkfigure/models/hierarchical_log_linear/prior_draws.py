"""What the pooled model says of the people on no list before it looks at any counts."""

import numpy as np

from darkfigure.models.hierarchical_log_linear.layout import Layout


def draw_prior_odds(layout: Layout, size: int, rng: np.random.Generator) -> np.ndarray:
    """log(π0 / (1 − π0)) over all strata: of the table only lists, strata and gaps are used.

    Returns
    -------
    ndarray of float, shape (size,)
    """
    effects, _ = layout.model.draw_prior(size, rng)
    found = np.empty(size)
    for first in range(0, size, layout.counts.at_once):
        part = slice(first, first + layout.counts.at_once)
        means = layout.model.means(effects[part])
        seen = layout.counts.expected(means).sum(axis=-1)
        found[part] = np.log(means[:, layout.counts.unseen].sum(axis=-1)) - np.log(seen)
    return found
