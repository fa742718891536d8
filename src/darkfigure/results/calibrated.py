"""An estimate corrected on populations of known size: how it is put together and put in words."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from darkfigure.cautions import caution
from darkfigure.data.known_sizes import HALF, Outcome
from darkfigure.results.draw_cautions import KINDS, cautions_of_draws
from darkfigure.results.draws import CONSTANT
from darkfigure.results.estimate import Estimate
from darkfigure.results.reweighted import ORIGINAL
from darkfigure.results.storage import as_tree, of_tree
from darkfigure.results.wording import listed, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWN = "known_errors"
"""The group that lists the populations of known size, and how far the model was off."""

NO_MEAN = 1.0
"""The exponent of totals whose logarithm has the tails of Student's t."""

_OF_THE_OLD_DRAWS = {*KINDS, "few_effective", "few_reweighted", "models_disagree"}


def calibrated(
    est: Estimate,
    log_unseen: np.ndarray,
    *,
    own: "Sequence[Outcome]",
    others: "Sequence[Outcome]",
    call: str,
) -> Estimate:
    """Put new draws in the place of the old, which stay with the estimate whole.

    Parameters
    ----------
    est : Estimate
    log_unseen : ndarray of float, shape (draws,)
        log(unseen + 1/2) over all strata, draw by draw.
    own, others : sequence of Outcome
        The populations of known size, of the table itself and of others.
    call : str
    """
    unseen, seen = _in_strata(est, log_unseen), est.seen
    tree = xr.DataTree.from_dict(
        {
            "calibrated": xr.Dataset({"population": seen + unseen, "unseen": unseen, "seen": seen}),
            CONSTANT: est.draws[CONSTANT].to_dataset(),
            KNOWN: _as_group(own, others),
        }
    )
    tree[ORIGINAL] = as_tree(est)
    changed = replace(
        est,
        draws=tree,
        kind="calibrated",
        call=call,
        tail_exponent=NO_MEAN,
        likelihood_point=None,
        cautions=(),
    )
    found = [caution("calibrated_no_bound")]
    (low, high), (new_low, new_high) = est.interval(), changed.interval()
    if new_high * low < high * new_low:
        found.append(caution("calibrated_narrower", low=rounded(low), high=rounded(high)))
    failed = [each.name for each in (*own, *others) if not each.estimated]
    if failed:
        found.append(caution("known_sizes_failed", number=len(failed), names=listed(failed)))
    if "stratum" in est.unseen.dims:
        found.append(caution("calibrated_strata"))
    still = [each for each in est.cautions if each.kind not in _OF_THE_OLD_DRAWS]
    return replace(changed, cautions=(*found, *still, *cautions_of_draws(changed)))


def uncalibrated(est: Estimate) -> Estimate:
    """The estimate that a calibrated one was made of."""
    return of_tree(est.draws.children[ORIGINAL])


def learned_from(est: Estimate) -> str:
    """In words, the populations of known size behind a calibrated estimate."""
    group = est.draws[KNOWN].to_dataset()
    own = group["own"].to_numpy().astype(bool)
    others = len(set(group["population_id"].to_numpy()[~own].tolist()))
    lists = "no list of this table" if not own.any() else f"{own.sum()} lists of this table"
    lists = "1 list of this table" if own.sum() == 1 else lists
    return (
        f"{len(own)} populations of known size: {lists}, and {(~own).sum()} lists of other "
        f"tables, of {others} populations"
    )


def _in_strata(est: Estimate, log_unseen: np.ndarray) -> xr.DataArray:
    """The new numbers unseen in whole people; strata keep their shares of each draw."""
    old = est.unseen
    shape = tuple(old.sizes[name] for name in ("chain", "draw"))
    total = np.rint(np.maximum(np.exp(log_unseen) - HALF, 0.0)).reshape(shape)
    if "stratum" not in old.dims:
        return old.copy(data=total)
    # where a draw has nobody unseen, people are shared out as in the average draw
    usual = old.mean(["chain", "draw"])
    whole = old.sum("stratum")
    share = xr.where(whole > 0, old / whole.where(whole > 0, 1.0), usual / usual.sum())
    new = np.rint(share * xr.DataArray(total, dims=("chain", "draw")))
    return new.transpose(*old.dims).assign_coords(old.coords)


def _as_group(own: "Sequence[Outcome]", others: "Sequence[Outcome]") -> xr.Dataset:
    """A row per population of known size; nan where the model had no estimate."""
    rows = [*own, *others]
    columns = {
        "table": np.array([each.table for each in rows], dtype=object),
        "population_id": np.array([each.population_id for each in rows], dtype=object),
        "list": np.array([each.list_name for each in rows], dtype=object),
        "own": np.array([True] * len(own) + [False] * len(others)),
        "seen": np.array([each.seen for each in rows]),
        "unseen": np.array([each.unseen for each in rows]),
        "estimated_unseen": np.exp([each.median for each in rows]) - HALF,
    }
    return xr.Dataset({name: ("task", values) for name, values in columns.items()})
