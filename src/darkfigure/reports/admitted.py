"""What may stand in a report beside its estimate: findings of the right kind, on the same table."""

from collections.abc import Sequence

from darkfigure.calls import write_call
from darkfigure.errors import SettingsError, briefly
from darkfigure.results.estimate import Estimate
from darkfigure.trust.bounds_found import Bounds
from darkfigure.trust.checked import Check
from darkfigure.trust.claims import Claims
from darkfigure.trust.side_by_side import SideBySide


def check_believed(
    est: Estimate, *, claims: object, check: object, identify: object, bounds: object
) -> None:
    """Refuse findings that are none, or of another table or model.

    Raises
    ------
    SettingsError
    """
    _check_kind("claims", claims, Claims, 'claims=dk.claim(est, 30_000, per="year")', (None, False))
    _check_kind("check", check, Check, "check=dk.check(est.table, est.model)")
    _check_kind("identify", identify, SideBySide, "identify=dk.identify(est.table)")
    hint = "bounds=dk.bounds(est.table, odds_ratios=(1, 5))"
    if not isinstance(bounds, Sequence) or isinstance(bounds, str):
        _check_kind("bounds", bounds, Bounds, hint, ())
        return
    for each in bounds:
        _check_kind("bounds", each, Bounds, hint, ())
    flat = est.table.collapse(*est.table.strata) if est.table.strata else est.table
    known = {est.table.content_hash, flat.content_hash}
    names = ["claims", "check", "identify", *("bounds" for _ in bounds)]
    for name, found in zip(names, (claims, check, identify, *bounds), strict=True):
        table = getattr(found, "table", None)
        if table is not None and table.content_hash not in known:
            raise SettingsError(
                f"{name} was made from another table than the estimate.",
                "give it est.table, or the estimate itself.",
            )
    if isinstance(check, Check) and check.model != est.model:
        raise SettingsError(
            f"check is of {write_call(check.model)}, and the estimate of {write_call(est.model)}.",
            "check=dk.check(est.table, est.model).",
        )


def _check_kind(
    name: str, found: object, kind: type, hint: str, also: tuple[object, ...] = (None,)
) -> None:
    if not isinstance(found, kind) and not any(found is each for each in also):
        raise SettingsError(
            f"{name} is {briefly(found)}; expected what dk.{_VERBS[name]} found.", hint
        )


_VERBS = {"claims": "claim", "check": "check", "identify": "identify", "bounds": "bounds"}
