"""Every identifying assumption side by side, and the totals that ranges of dependence allow."""

import math
from collections.abc import Iterator

import numpy as np

from darkfigure.reports.answers_tell import without_strata
from darkfigure.reports.blocks import Block, Facts, Grid, Heading, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import withheld
from darkfigure.reports.secrecy import has_small_counts
from darkfigure.results.storage import as_plain
from darkfigure.trust import assumed
from darkfigure.trust.assumed import Assumed
from darkfigure.trust.bounds_found import Bounds
from darkfigure.trust.side_by_side import MOST_ROWS, UNITS, SideBySide

_SUMMED = {assumed.PAIRS: "pairs_summed", assumed.TRIPLES: "triples_summed"}
_FAMILIES = {"M0": "none", "Mt": "none"}


def believed_section(given: Contents) -> Section:
    """What `dk.identify` and `dk.bounds` found."""
    words, found = given.words, given.identified
    title = words("identified")
    if given.told.models and (found is not None or given.bounded):
        data: dict[str, object] = {"run": True, "withheld": True}
        return Section("identified", title, [Text(withheld(given, "withheld"))], data)
    blocks: list[Block] = []
    rows: list[Assumed] = []
    if found is None:
        blocks.append(Text(words("not_run").capitalize() + "."))
    else:
        rows = printable(given, found)
        blocks += _side_by_side(given, found, rows)
    blocks.append(Heading(words("bounds")))
    if not given.bounded:
        blocks.append(Text(words("not_run").capitalize() + "."))
    for each in given.bounded:
        blocks += [Text(_range(given, each)), Facts(_limits(given, each))]
    data = {
        "run": found is not None,
        "assumptions": [] if found is None else [_as_json(given, found, row) for row in rows],
        "bounds": [_bounds_as_json(given, each) for each in given.bounded],
    }
    return Section("identified", title, blocks, as_plain(data))


# -- which tell no small count --------------------------------------------------------------------


def printable(given: Contents, found: SideBySide) -> list[Assumed]:
    """The assumptions that give a number, but those that rest on a small count."""
    known = [each for each in found.assumed if math.isfinite(each.estimate)]
    if given.disclose:
        return known
    return [each for each in known if not _rests_on_few(given, found, each)]


def _rests_on_few(given: Contents, found: SideBySide, each: Assumed) -> bool:
    """Whether the total is a formula of a few counts, one of them small."""
    counts, lists = found.table.counts(), found.table.lists
    codes = np.arange(len(counts))
    if each.group == assumed.OVERALL:
        behind = counts[1:]
    elif each.group in _SUMMED:
        inside = sum(1 << lists.index(name) for name in each.name.split(", "))
        behind = counts[(codes > 0) & (codes & ~inside == 0)]
    elif each.group in (assumed.ALIKE, assumed.UNLIKE):
        times = np.array([int(code).bit_count() for code in codes])
        behind = np.bincount(times, weights=counts)[1:]
    else:
        return False
    return bool(((behind > 0) & (behind < given.printed.printing.threshold)).any())


# -- side by side ---------------------------------------------------------------------------------


def _side_by_side(given: Contents, found: SideBySide, rows: list[Assumed]) -> Iterator[Block]:
    words = given.words
    if not rows:
        yield Text(words("identified_none"))
    else:
        totals = [each.estimate for each in rows]
        low, high = given.answer(min(totals)), given.answer(max(totals))
        number = words.whole(len(rows))
        units = f"{UNITS:g}"
        yield Text(words("identified_lead", number=number, low=low, high=high, units=units))
        head = [words(n) for n in ("assumption", "total", "low", "high", "fit", "how_it_fits")]
        numbers = (False, True, True, True, True, False)
        yield Grid(words("identified"), head, list(_rows(given, found, rows)), numbers)
    hidden = sum(math.isfinite(each.estimate) for each in found.assumed) - len(rows)
    if hidden:
        threshold = given.printed.printing.threshold
        said = words("identified_hidden", number=words.whole(hidden), threshold=threshold)
        yield Text(said, quiet=True)


def _rows(given: Contents, found: SideBySide, rows: list[Assumed]) -> Iterator[tuple[str, ...]]:
    for group in dict.fromkeys(each.group for each in rows):
        inside = [each for each in rows if each.group == group]
        if group in _SUMMED and len(inside) > MOST_ROWS:
            yield _summed(given, found, group, inside)
        else:
            yield from (_row(given, found, each) for each in inside)


def _row(given: Contents, found: SideBySide, each: Assumed) -> tuple[str, ...]:
    words, total = given.words, each.total
    width = total.high - total.low if math.isfinite(total.low) else math.inf
    number = given.answer(total.estimate, width)
    return (
        name_of(given, each),
        words("at_least", number=number) if each.lower_bound else number,
        *("–" if math.isnan(n) else given.answer(n, width) for n in (total.low, total.high)),
        _fit(given, each),
        _how_it_fits(given, found, each),
    )


def _summed(given: Contents, found: SideBySide, group: str, rows: list[Assumed]) -> tuple[str, ...]:
    words = given.words
    every = sum(each.group == group for each in found.assumed)
    ends = sorted(rows, key=lambda each: each.estimate)
    said = words(
        _SUMMED[group],
        number=words.whole(len(rows)),
        all=words.whole(every),
        least=ends[0].name,
        most=ends[-1].name,
    )
    middle = given.answer(float(np.median([each.estimate for each in rows])))
    low, high = given.answer(ends[0].estimate), given.answer(ends[-1].estimate)
    marked = words("fits_as_others") if any(found.rivals(each) for each in rows) else ""
    return (said, words("middle", middle=middle), low, high, _fit(given, rows[0]), marked)


def name_of(given: Contents, each: Assumed) -> str:
    """An assumption in a few words."""
    words = given.words
    if each.group == assumed.OVERALL:
        return words("overall")
    if each.group in _SUMMED:
        name = "pair" if each.group == assumed.PAIRS else "triple"
        return words(name, lists=words.listed(each.name.split(", ")))
    if each.group == assumed.NEAR:
        return words("near_model", name=each.name)
    if each.group in (assumed.ALIKE, assumed.UNLIKE):
        family = _FAMILIES.get(each.name, each.name.split()[-1].lower())
        lists = "lists_alike" if each.group == assumed.ALIKE else "lists_unlike"
        return words(lists, people=words(f"people_{family}"))
    if each.group == assumed.COVERAGE:
        return words(f"coverage_{each.name.lower()}")
    return each.name


def _fit(given: Contents, each: Assumed) -> str:
    words, fit = given.words, each.fit
    if math.isnan(fit.deviance):
        return "–"
    return f"{words.decimal(fit.deviance, 1 if given.disclose else 0)} ({fit.df:.0f})"


def _how_it_fits(given: Contents, found: SideBySide, each: Assumed) -> str:
    if each.fit.is_bad:
        return given.words("fits_badly")
    return given.words("fits_as_others") if found.rivals(each) else ""


def _as_json(given: Contents, found: SideBySide, each: Assumed) -> dict[str, object]:
    total, fit = each.total, each.fit
    return {
        "assumption": name_of(given, each),
        "estimate": given.plain(total.estimate),
        "low": given.plain(total.low),
        "high": given.plain(total.high),
        "kind": total.kind,
        "lower_bound": each.lower_bound,
        "deviance": fit.deviance if given.disclose else np.round(fit.deviance),
        "df": fit.df,
        "fits_badly": fit.is_bad,
        "rivals": len(found.rivals(each)),
    }


# -- bounds ---------------------------------------------------------------------------------------


def _range(given: Contents, each: Bounds) -> str:
    words = given.words
    xi = None if each.xi is None else _ends(given, each.xi)
    if each.odds_ratios is None:
        return words("bounds_xi", **(xi or {}))
    more = "" if xi is None else words("bounds_and_xi", **xi)
    among = words("among_everyone" if each.among == "everyone" else "among_missed")
    return words("bounds_odds_ratios", among=among, more=more, **_ends(given, each.odds_ratios))


def _ends(given: Contents, ends: tuple[float, float]) -> dict[str, str]:
    said = ["∞" if math.isinf(end) else given.words.localised(f"{end:g}") for end in ends]
    return dict(zip(("low", "high"), said, strict=True))


def _limits(given: Contents, each: Bounds) -> list[tuple[str, str]]:
    words = given.words
    inside = words("bounds_interval", prob=words.localised(f"{100 * each.prob:g}%"))
    if each.contradicted:
        return [(inside, words("bounds_contradicted"))]
    rows = [(inside, _from_to(given, each.interval))]
    if math.isnan(each.low):
        return [*rows, (words("bounds_exact"), words("bounds_no_exact"))]
    exact = _from_to(given, (each.low, each.high)) if _may_be_exact(given) else words("not_printed")
    return [*rows, (words("bounds_exact"), exact)]


def _from_to(given: Contents, ends: tuple[float, float]) -> str:
    low, high = ends
    if math.isinf(high):
        return given.words("bounds_open", low=given.answer(low))
    width = high - low
    low_said, high_said = given.answer(low, width), given.answer(high, width)
    return given.words("bounds_ends", low=low_said, high=high_said)


def _may_be_exact(given: Contents) -> bool:
    """The ends at exact counts are formulas of the counts of one pair."""
    small = has_small_counts(without_strata(given.est.table), given.printed.printing.threshold)
    return given.disclose or not small


def _bounds_as_json(given: Contents, each: Bounds) -> dict[str, object]:
    exact = (each.low, each.high) if _may_be_exact(given) else (None, None)
    return {
        "odds_ratios": None if each.odds_ratios is None else list(each.odds_ratios),
        "among": each.among,
        "xi": None if each.xi is None else list(each.xi),
        "prob": each.prob,
        "interval": [given.plain(end) for end in each.interval],
        "exact": [None if end is None else given.plain(end) for end in exact],
        "contradicted": each.contradicted,
    }
