"""How draws are laid out: groups, dimensions and coordinates of the ArviZ schema."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from darkfigure.literals import DrawsKind

CONSTANT = "constant_data"
DENSITY = "density"
IMPORTANCE = "importance"
"""The group that says how many independent draws a weighted pool was worth."""


def levels_of(draws: xr.DataTree) -> dict[str, xr.DataArray]:
    """The level of each stratum variable, by stratum."""
    coords = draws[CONSTANT].to_dataset().coords
    return {str(name): coords[name] for name in coords if str(name).startswith("stratum_")}


def draws_tree(
    kind: DrawsKind,
    seen: np.ndarray,
    unseen: np.ndarray,
    *,
    strata: pd.DataFrame | None = None,
    groups: Mapping[str, xr.Dataset | Mapping[str, np.ndarray]] | None = None,
) -> xr.DataTree:
    """Lay draws out in the ArviZ schema.

    Parameters
    ----------
    kind : str
        Name of the group of draws.
    seen : ndarray, shape () or (strata,)
        Or, where it is uncertain, of the shape of `unseen`: it then stands with the draws.
    unseen : ndarray, shape (chains, draws) or (chains, draws, strata)
    strata : DataFrame, optional
        One row per stratum, one column per stratum variable.
    groups : mapping, optional
        Further groups: datasets, or arrays whose first axis becomes the dimension of the group.
        A dataset named like `kind` joins the draws.
    """
    dims: tuple[str, ...] = ("chain", "draw")
    coords: dict[str, Any] = {
        "chain": np.arange(unseen.shape[0]),
        "draw": np.arange(unseen.shape[1]),
    }
    over: tuple[str, ...] = ()
    if strata is not None:
        over = ("stratum",)
        coords["stratum"] = [", ".join(str(v) for v in row) for row in strata.to_numpy()]
        for name in strata.columns:
            coords[f"stratum_{name}"] = ("stratum", strata[name].astype(str).to_numpy(object))
    drawn = {"population": ((*dims, *over), unseen + seen), "unseen": ((*dims, *over), unseen)}
    constant = {}
    if np.ndim(seen) >= 2:
        drawn["seen"] = ((*dims, *over), seen)
    else:
        constant["seen"] = (over, np.asarray(seen))
    levels = {k: coords.pop(k) for k in list(coords) if k.startswith("stratum_")}
    strata_alone = {k: v for k, v in coords.items() if k == "stratum"}
    # ArviZ joins variables into tables, which those with a level and those without would not allow
    tree = {
        kind: xr.Dataset(drawn, coords=coords),
        CONSTANT: xr.Dataset(constant, coords={**strata_alone, **levels}),
    }
    dimension = {"replicates": "replicate", DENSITY: "point"}
    for group, arrays in (groups or {}).items():
        if isinstance(arrays, xr.Dataset):
            tree[group] = tree[group].merge(arrays) if group in tree else arrays
            continue
        own = dimension.get(group, group)
        tree[group] = xr.Dataset({name: ((own,), values) for name, values in arrays.items()})
    return xr.DataTree.from_dict(tree)
