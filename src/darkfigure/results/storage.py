"""Estimates in files: one NetCDF file that reads back whole, and JSON for other programs."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from darkfigure.calls import read_model, write_call
from darkfigure.cautions import Caution
from darkfigure.data.about import About, Period
from darkfigure.data.disclosure import Disclosure, Rounding
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, SettingsError, briefly

if TYPE_CHECKING:
    import xarray as xr

    from darkfigure.results.estimate import Estimate

_FORMAT = 1
_HEADER = "darkfigure"  # the attribute of the draws that holds what is no array


def save_estimate(est: "Estimate", path: Path) -> Path:
    """Write an estimate to a NetCDF file, replacing it only when the new one is whole."""
    check_writable(path)
    tree = as_tree(est)
    try:
        # a name of its own: whatever else stands beside it is left alone
        with TemporaryDirectory(prefix=".darkfigure", dir=path.parent) as folder:
            partial = Path(folder) / "estimate.nc"
            tree.to_netcdf(partial, engine="h5netcdf")
            partial.replace(path)
    except OSError as error:
        raise SettingsError(
            f"{str(path)!r} cannot be written: {error.strerror or error}.",
            "Name a file in a folder where files may be written.",
        ) from error
    return path


def as_tree(est: "Estimate") -> "xr.DataTree":
    """The draws with everything else of the estimate written on them."""
    tree = est.draws.copy()
    tree.attrs[_HEADER] = json.dumps(_header(est))
    return tree


def check_writable(path: Path) -> None:
    """Refuse a path where no file can be written, or that is no regular file.

    Raises
    ------
    SettingsError
    """
    if path.is_dir():
        raise SettingsError(f"{str(path)!r} is a folder; expected a file.", "Name a file in it.")
    if not path.resolve().parent.is_dir():
        raise SettingsError(
            f"there is no folder {str(path.parent)!r} to write {path.name} in.",
            "Make the folder first.",
        )
    if not os.access(path if path.is_file() else path.resolve().parent, os.W_OK):
        raise SettingsError(f"{str(path)!r} cannot be written: permission denied.")
    if path.exists() and not path.is_file():
        raise SettingsError(f"{str(path)!r} is not a regular file, and is left as it is.")


def open(path: str | Path) -> "Estimate":
    """Read an estimate that `Estimate.save` wrote.

    Raises
    ------
    DataError
        If there is no such file, or it was not written by darkfigure.
    """
    import xarray as xr

    if not isinstance(path, str | os.PathLike):
        raise DataError(f"path is {briefly(path)}; expected a file.", 'dk.open("estimate.nc")')
    file = Path(path)
    if not file.is_file():
        raise DataError(f"there is no file {str(path)!r}.", "est.save(path) writes one.")
    try:
        with xr.open_datatree(file, engine="h5netcdf") as opened:
            tree = opened.load()
        header = json.loads(tree.attrs[_HEADER])
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"{str(path)!r} is not an estimate saved by darkfigure.", "est.save(path) writes one."
        ) from error
    return _estimate(tree, header)


def of_tree(tree: "xr.DataTree") -> "Estimate":
    """The estimate that `as_tree` wrote."""
    return _estimate(tree.copy(), json.loads(tree.attrs[_HEADER]))


def _estimate(tree: "xr.DataTree", header: dict[str, Any]) -> "Estimate":
    from darkfigure.results.estimate import Estimate

    del tree.attrs[_HEADER]
    models = header["models"]
    return Estimate(
        draws=tree,
        kind=header["kind"],
        model=read_model(header["model"]),
        label=header["label"],
        table=_read_table(header["table"]),
        seed=header["seed"],
        cautions=_read_cautions(header["cautions"]),
        models=None if models is None else pd.DataFrame(models),
        call=header["call"],
        version=header["version"],
        tail_exponent=float(header["tail_exponent"]),
        likelihood_point=header["likelihood_point"],
    )


def estimate_as_json(est: "Estimate", prob: float, year: str) -> str:
    """Every number of the answer, for other programs."""
    low, high = est.interval(prob)
    content = {
        "estimate": est.estimate,
        "settled": est.settled,
        "low": low,
        "high": high,
        "prob": prob,
        "kind": est.kind,
        "median": est.median,
        "point": est.point,
        "mean": est.mean,
        "sd": est.sd,
        "seen": est.table.n_observed,
        "unit": est.table.about.people,
        "per_year": _per_year(est, prob),
        "uncalibrated": _uncalibrated(est, prob),
        "modes": est.modes().to_dict(orient="records"),
        "by": _by_level(est, prob),
        "trend": trend_as_plain(est, prob, year),
        "model": write_call(est.model),
        "label": est.label,
        "caveats": list(est.table.about.caveats),
        "assumes": [each.sentence for each in est.assumes],
        "cautions": [asdict_caution(each) for each in est.cautions],
        "models": None if est.models is None else est.models.head(10).to_dict(orient="records"),
        "table": {
            "name": est.table.about.name,
            "lists": list(est.table.lists),
            "content_hash": est.table.content_hash,
            "source": est.table.about.source,
            "simulated": est.table.about.simulated,
            "truth": None if est.table.about.truth is None else est.table.about.truth.total,
        },
        "seed": est.seed,
        "call": est.call,
        "references": list(est.model.references),
        "version": est.version,
    }
    return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)


def asdict_caution(each: Caution) -> dict[str, Any]:
    """A caution as plain values."""
    return {
        "kind": each.kind,
        "text": each.text,
        "remedy": each.remedy,
        "values": as_plain(dict(each.values)),
    }


def as_plain(value: Any) -> Any:
    """Plain JSON values: numpy numbers unwrapped, infinities as text, nan as null."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [as_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "infinity"
    return value


def _by_level(est: "Estimate", prob: float) -> dict[str, list[dict[Any, Any]]]:
    """The population in each level of every stratum variable."""
    names = [str(name) for name in est.population.coords]
    return {
        name: est.summary(prob, by=name).rename_axis("level").reset_index().to_dict("records")
        for name in (each.removeprefix("stratum_") for each in names if each[:8] == "stratum_")
    }


def trend_as_plain(est: "Estimate", prob: float, year: str) -> list[dict[Any, Any]] | None:
    """The total of each year, and how probably it rises; None where there are no years."""
    if f"stratum_{year}" not in est.population.coords:
        return None
    return est.trend(prob=prob, by=year).rename_axis("level").reset_index().to_dict("records")


def _uncalibrated(est: "Estimate", prob: float) -> dict[str, Any] | None:
    """The answer before it was calibrated, if it was."""
    if est.kind != "calibrated":
        return None
    from darkfigure.results.calibrated import uncalibrated

    before = uncalibrated(est)
    low, high = before.interval(prob)
    return {"estimate": before.estimate, "low": low, "high": high, "kind": before.kind}


def _per_year(est: "Estimate", prob: float) -> dict[str, float] | None:
    about = est.table.about
    if about.period is None or about.concept != "flow" or about.period.years < 1:
        return None
    return {str(name): float(value) for name, value in est.per("year", prob=prob).items()}


def _header(est: "Estimate") -> dict[str, Any]:
    table = est.table
    return {
        "format": _FORMAT,
        "kind": est.kind,
        "model": write_call(est.model),
        "label": est.label,
        "seed": est.seed,
        "call": est.call,
        "version": est.version,
        "tail_exponent": repr(est.tail_exponent),
        "likelihood_point": est.likelihood_point,
        "cautions": [asdict_caution(each) for each in est.cautions],
        "models": None
        if est.models is None
        else {str(name): column.tolist() for name, column in est.models.items()},
        "table": {
            "lists": list(table.lists),
            "histories": table.histories.tolist(),
            "low": table.low.tolist(),
            "high": table.high.tolist(),
            "labels": {name: as_plain(list(values)) for name, values in table.labels.items()},
            "impossible": [list(pair) for pair in table.impossible],
            "about": as_plain(asdict(table.about)),
            "cautions": [asdict_caution(each) for each in table.cautions],
            "origin": table.origin,
            "disclosure": None if table.disclosure is None else asdict(table.disclosure),
        },
    }


def _read_table(stored: dict[str, Any]) -> CaptureTable:
    about = dict(stored["about"])
    if about["period"] is not None:
        about["period"] = Period(**about["period"])
    about["caveats"] = tuple(about["caveats"])
    return CaptureTable(
        lists=tuple(stored["lists"]),
        histories=np.array(stored["histories"], dtype=np.int8),
        low=np.array(stored["low"], dtype=np.int64),
        high=np.array(stored["high"], dtype=np.int64),
        labels={name: np.array(values, dtype=object) for name, values in stored["labels"].items()},
        impossible=tuple((a, b) for a, b in stored["impossible"]),
        about=About(**about),
        cautions=_read_cautions(stored["cautions"]),
        origin=stored["origin"],
        disclosure=_read_disclosure(stored.get("disclosure")),
    )


def _read_disclosure(stored: dict[str, Any] | None) -> Disclosure | None:
    if stored is None:
        return None
    rounding = stored["rounding"]
    return Disclosure(**{**stored, "rounding": None if rounding is None else Rounding(**rounding)})


def _read_cautions(stored: list[dict[str, Any]]) -> tuple[Caution, ...]:
    return tuple(Caution(c["kind"], c["text"], c["remedy"], c["values"]) for c in stored)
