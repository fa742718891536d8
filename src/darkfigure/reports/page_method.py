"""How the counts were treated, how the answer was calculated, and how to get it again."""

import platform
from importlib.metadata import PackageNotFoundError, version

from darkfigure.convergence import agreement
from darkfigure.numerics.convergence import Agreement
from darkfigure.reports.answers_tell import comes_along
from darkfigure.reports.blocks import Block, Code, Facts, Points, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import withheld
from darkfigure.reports.page_models import number_of_candidates
from darkfigure.reports.page_strata import by_level, levels_as_json
from darkfigure.results.assembly import estimated_apart
from darkfigure.results.calibrated import uncalibrated
from darkfigure.results.draw_cautions import CONVERGENCE, SAMPLER
from darkfigure.results.draws import IMPORTANCE
from darkfigure.results.estimate import Estimate
from darkfigure.uncertainty import Bootstrap

PACKAGES = ("darkfigure", "numpy", "scipy", "pandas", "xarray", "numba", "arviz", "pymc", "nutpie")


def cells_section(given: Contents) -> Section:
    """How the counts were treated, before and on this page."""
    words, table = given.words, given.est.table
    kinds = table.kinds_of_cells()
    source = words.stated(given.about.disclosure)
    if given.about.disclosure == "not stated":
        source = (
            words("as_in_table") if table.disclosure is None else words.piece(str(table.disclosure))
        )
    # how many histories hold anyone would tell of the hidden ones which hold nobody
    guarded = hides_counts_of_cells(given)
    here = _printing(given)
    rows = [
        (
            words("cells_exact"),
            words("not_printed") if guarded else words.whole(int(kinds["exact"])),
        ),
        (words("cells_between"), words.whole(int(kinds["between limits"]))),
        (words("cells_summed"), words.whole(int(kinds["summed"]))),
        (words("cells_impossible"), words.whole(int(kinds["impossible"]))),
        (words("cells_source"), source),
        (words("rounding"), words.stated(given.about.rounding)),
        (words("cells_here"), here),
    ]
    blocks: list[Block] = [Facts(rows)]
    if not given.disclose:
        blocks.append(Text(withheld(given, f"answers_{given.told.headline}"), quiet=True))
    printing = given.printed.printing
    data = {
        "cells": {
            str(name): None if guarded and name == "exact" else int(number)
            for name, number in kinds.items()
        },
        "source": source,
        "threshold": None if given.disclose else printing.threshold,
        "rounded_to": None if given.disclose else printing.base,
        "total_exact": printing.total_exact,
        "small_counts_told_by_answers": given.told.headline,
    }
    return Section("cells", words("cells"), blocks, data)


def _printing(given: Contents) -> str:
    words, printing = given.words, given.printed.printing
    if given.disclose:
        return words("shown")
    if not printing.details:
        return words("hidden_details", base=printing.base)
    return words(
        "hidden",
        threshold=printing.threshold,
        most=printing.threshold - 1,
        base=printing.base,
        total=words("hidden_total") if printing.total_exact else "",
    )


def how_section(given: Contents) -> Section:
    """The interval, the choice of model, convergence, existence, strata and rounding."""
    words, est = given.words, given.est
    rows = [
        (words("kind"), words(f"kind_{est.kind}", prob=given.percent)),
        (words("repeated"), _repeated(given)),
        (words("existence"), _existence(given)),
        (words("convergence"), _convergence(given)),
        (words("draws"), words.whole(est.totals.size)),
        (words("strata_sums"), _strata(given)),
        (words("rounded"), words("rounded_how")),
    ]
    blocks: list[Block] = [Facts(rows)]
    levels = by_level(given)
    blocks += levels
    names = ("interval", "choice_of_model", "existence", "convergence", "draws", "strata")
    said = [text for _, text in rows[: len(names)]]
    data = dict(zip(names, said, strict=True))
    return Section("how", words("how"), blocks, {**data, "by": levels_as_json(given)})


def _repeated(given: Contents) -> str:
    """Whether the choice of the model is within the interval."""
    words, est, model = given.words, given.est, given.est.model
    kinds = {each.kind for each in est.cautions}
    if kinds & {"selection_fixed", "threshold_fixed", "official_selection"}:
        return words("repeated_no")
    number = number_of_candidates(given)
    if getattr(model, "terms", None) is not None or number == 1:
        return words("repeated_one")
    uncertainty = getattr(model, "uncertainty", None)
    if isinstance(uncertainty, Bootstrap) and getattr(model, "select", None) != "average":
        if uncertainty.reselect is False:
            return words("repeated_no")
        if uncertainty.reselect is True or uncertainty.reselect >= number:
            return words("repeated_all")
        return words("repeated_some", number=words.whole(uncertainty.reselect))
    return words("repeated_average")


def _existence(given: Contents) -> str:
    words = given.words
    found = {each.kind: each for each in given.est.cautions}
    if "no_maximum" in found:
        return words("existence_no")
    if "existence_not_proven" in found:
        return words("existence_unproven")
    left_out = found.get("no_mle")
    if left_out is not None and {"number", "candidates"} <= set(left_out.values):
        numbers = {name: left_out.values[name] for name in ("number", "candidates")}
        return words.localised(words("existence_left_out", **numbers))
    kind = before_calibration(given).kind
    if kind == "stacked":
        return words("existence_stacked")
    return words("existence_posterior" if kind == "posterior" else "existence_yes")


def _convergence(given: Contents) -> str:
    words, est = given.words, before_calibration(given)
    if est.kind == "stacked":
        return words("convergence_stacked")
    if SAMPLER in est.draws.children:
        found = _agreement(est)
        name = "convergence_yes" if est.settled else "convergence_no"
        effective = _roughly(given, min(found.bulk, found.tail)) if est.settled else ""
        r_hat = words.decimal(found.r_hat, 2 if given.told.to_be_guarded else 3)
        return words(name, r_hat=r_hat, effective=effective)
    if IMPORTANCE in est.draws.children:
        worth = float(est.draws[IMPORTANCE].to_dataset()["effective_size"].to_numpy().ravel()[0])
        return words("convergence_weighted", effective=_roughly(given, worth))
    return words("convergence_exact")


def _roughly(given: Contents, number: float) -> str:
    """In two digits where counts are hidden: all of them would tell a right guess from a wrong."""
    guarded = given.told.to_be_guarded
    return given.words.whole(float(f"{number:.2g}") if guarded else number)


def before_calibration(given: Contents) -> Estimate:
    """The estimate that was fitted: of a calibrated one, what it was made of."""
    return uncalibrated(given.est) if given.est.kind == "calibrated" else given.est


def _agreement(est: Estimate) -> Agreement:
    if CONVERGENCE in est.draws.children:
        kept = est.draws[CONVERGENCE]
        return Agreement(*(float(kept[name]) for name in ("r_hat", "bulk", "tail")))
    return agreement(est.totals.reshape(est.population.sizes["chain"], -1))


def _strata(given: Contents) -> str:
    words, est = given.words, given.est
    if "stratum" not in est.population.dims:
        return words("strata_none")
    return words("strata_separate" if estimated_apart(est) else "strata_joint")


# -- again ----------------------------------------------------------------------------------------


def again_section(given: Contents) -> Section:
    """The call, the seed, the content hash and the versions."""
    words, est = given.words, given.est
    installed = versions()
    digest = content_hash(given)
    rows = [
        (words("seed"), str(est.seed)),
        (words("hash"), digest or words("hash_hidden")),
        (words("versions"), ", ".join(f"{name} {number}" for name, number in installed.items())),
    ]
    blocks: list[Block] = [Code(est.call), Facts(rows)]
    data = {
        "call": est.call,
        "seed": est.seed,
        "content_hash": digest or None,
        "versions": installed,
        "estimated_with": est.version,
    }
    return Section("again", words("again"), blocks, data)


def content_hash(given: Contents) -> str:
    """The hash of the counts, unless guesses at small ones could be tested against it.

    It hides nothing where the same table comes with the library.
    """
    return "" if hides_counts_of_cells(given) else given.est.table.content_hash


def hides_counts_of_cells(given: Contents) -> bool:
    """Whether some cell of the table, in some stratum, is known and not to be told."""
    table = given.est.table
    small = (table.low == table.high) & (table.low > 0)
    small &= table.low < given.printed.printing.threshold
    return bool(small.any()) and not given.disclose and not comes_along(table)


def versions() -> dict[str, str]:
    """Python and the packages that the numbers come from."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def references_section(given: Contents) -> Section:
    """The publications behind the method, the data and the software."""
    lines = given.est.cite().splitlines()
    return Section(
        "references",
        given.words("references"),
        [Points([(each, "") for each in lines])],
        {"references": lines},
    )
