"""What was seen: the table, the lists, their overlaps, and how they were joined."""

from darkfigure.data.columns import BLANK
from darkfigure.reports.blocks import Block, Facts, Grid, Heading, Picture, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.picture_histories import draw_histories
from darkfigure.reports.printed_counts import Count

_STATED = (
    "concept",
    "people",
    "counted",
    "case_definition",
    "source",
    "edition",
    "disclosure",
    "rounding",
    "comparability",
    "linkage_keys",
    "linkage_errors",
    "duplicates",
    "referral",
)
"""Entries of the codebook that go into JSON as they are."""


def seen_section(given: Contents) -> Section:
    """The people seen, as far as they are printed."""
    words = given.words
    blocks: list[Block] = [Text(_in_a_sentence(given))]
    if given.printed.printing.details:
        picture = _picture(given)
        blocks += [picture] if picture else []
        blocks += [_lists(given), _overlaps(given), Text(words("overlap_note"), quiet=True)]
    else:
        blocks.append(Text(words("details_hidden")))
    blocks += [Heading(words("linkage")), Facts(_linkage(given))]
    blocks += [Heading(words("table")), Facts(_table(given))]
    return Section("seen", words("seen"), blocks, _data(given))


def _in_a_sentence(given: Contents) -> str:
    words, about = given.words, given.about
    period = "" if about.period is None else words.when(about.period.text)
    said = words(
        "seen_total",
        seen=given.count(given.printed.total),
        people=given.people,
        lists=words.number_in_words(given.est.table.n_lists),
        period=period,
    )
    share = _share_alone(given)
    return said if share is None else f"{said} {words('seen_alone', share=share)}"


def _share_alone(given: Contents) -> str | None:
    """The share of people on one list, from the numbers as they are printed."""
    printed = given.printed
    counts = [*printed.alone.values(), printed.total]
    if not printed.alone or any(each.value is None and not each.is_small for each in counts):
        return None
    alone = sum(_middle(each) for each in printed.alone.values())
    return given.words.percent(min(alone / max(_middle(printed.total), 1), 1.0))


def _middle(count: Count) -> float:
    return count.value if count.value is not None else (count.low + count.high) / 2


def _share(given: Contents, part: Count, whole: Count) -> str:
    """A share of two printed numbers; in whole percent, so that it tells no more than they."""
    if part.value is None or not whole.value:
        return "–"
    return given.words.percent(min(part.value / whole.value, 1.0))


def _lists(given: Contents) -> Grid:
    words, printed, about = given.words, given.printed, given.about
    rows = [
        (
            name,
            given.count(printed.lists[name]),
            given.count(printed.alone[name]),
            _share(given, printed.alone[name], printed.lists[name]),
            _active(given, name),
            words.stated(about.lists.get(name, "")),
        )
        for name in given.est.table.lists
    ]
    head = ("list", "list_people", "list_alone", "list_share", "list_active", "list_what")
    return Grid(
        words("lists_head"),
        [words(each) for each in head],
        rows,
        (False, True, True, True, False, False),
    )


def _active(given: Contents, name: str) -> str:
    """When a list was at work: as stated, or as the blanks of the table show."""
    table, about = given.est.table, given.about
    if name in about.lists_active:
        return given.words.codebook(about.lists_active[name])
    year = "year" if "year" in table.strata else None
    if year is None:
        return given.words("not_stated")
    at_work = table.histories[:, table.lists.index(name)] != BLANK
    years = [str(level) for level in dict.fromkeys(table.labels[year][at_work].tolist()) if level]
    levels = [str(level) for level in table.strata[year]]
    if years == levels and len(levels) > 1:
        return f"{levels[0]}–{levels[-1]}"
    return ", ".join(years) or given.words("none")


def _overlaps(given: Contents) -> Grid:
    words, printed, table = given.words, given.printed, given.est.table
    impossible = {frozenset(pair) for pair in table.impossible}
    rows = []
    for i, first in enumerate(table.lists):
        row = [first]
        for j, second in enumerate(table.lists):
            if i == j:
                row.append(given.count(printed.lists[first]))
                continue
            count = printed.pairs[(first, second) if i < j else (second, first)]
            if count.value == 0:
                never = frozenset((first, second)) in impossible
                row.append(words("structural_zero" if never else "sampling_zero"))
            else:
                row.append(given.count(count))
        rows.append(row)
    return Grid(
        words("overlap"),
        [words("list"), *table.lists],
        rows,
        (False, *(True for _ in table.lists)),
    )


def _picture(given: Contents) -> Picture | None:
    drawn = draw_histories(given)
    if drawn is None:
        return None
    words, printed = given.words, given.printed
    largest = [
        f"{words('only', list=on[0]) if len(on) == 1 else ' + '.join(on)} {given.count(count)}"
        for on, _, count in printed.histories[:3]
    ]
    notes = []
    if printed.others < 0:
        threshold = printed.printing.threshold
        notes.append(words("picture_histories_left", threshold=threshold, people=given.people))
    elif printed.others:
        notes.append(words("picture_histories_more", number=words.whole(printed.others)))
    if any(away for _, away, _ in printed.histories):
        notes.append(words("picture_away"))
    return Picture(
        "picture-histories",
        words("picture_histories"),
        drawn.svg,
        drawn.size,
        words("picture_histories_alt", people=given.people, largest="; ".join(largest)),
        " ".join(notes),
    )


def _linkage(given: Contents) -> list[tuple[str, str]]:
    words, about = given.words, given.about
    return [
        (words(name), words.stated(getattr(about, name)))
        for name in ("linkage_keys", "linkage_errors", "duplicates", "referral")
    ]


def _table(given: Contents) -> list[tuple[str, str]]:
    words, about = given.words, given.about
    concept = "not_stated" if about.concept == "not stated" else f"concept_{about.concept}"
    rows = [
        (words("concept"), words(concept)),
        (words("people"), given.people),
        (words("counted"), words.stated(about.counted)),
        (
            words("period"),
            words("not_stated") if about.period is None else words.period(about.period.text),
        ),
        (words("case_definition"), words.stated(about.case_definition)),
        (words("source"), words.stated(about.source)),
        (words("edition"), words.stated(about.edition)),
        (words("comparability"), words.stated(about.comparability)),
    ]
    known = _known(given)
    return [*rows, (words("known"), known)] if known else rows


def _known(given: Contents) -> str:
    """The truth, where it is known and the number seen is printed in full."""
    words, table = given.words, given.est.table
    if not given.printed.printing.total_exact:
        return ""
    if table.about.simulated and table.about.truth is None:
        return words("known_simulated")
    total = None
    if table.about.simulated and table.about.truth is not None:
        total = table.about.truth.total
    elif table.known_unseen is not None:
        unseen = given.printed.printing.of(table.known_unseen, table.known_unseen)
        total = None if unseen.is_small else table.n_observed + table.known_unseen
    if total is None:
        return ""
    return words("known_total", total=words.whole(total), people=given.people)


def _data(given: Contents) -> dict[str, object]:
    printed, about = given.printed, given.about
    return {
        "total": printed.total.as_json(),
        "lists": {name: count.as_json() for name, count in printed.lists.items()},
        "alone": {name: count.as_json() for name, count in printed.alone.items()},
        "pairs": [
            {"lists": list(pair), **count.as_json()} for pair, count in printed.pairs.items()
        ],
        "histories": [
            {"on": list(on), "not_at_work": list(away), **count.as_json()}
            for on, away, count in printed.histories
        ],
        "impossible": [list(pair) for pair in given.est.table.impossible],
        "period": None if about.period is None else about.period.text,
        "about": {name: getattr(about, name) for name in _STATED},
        "list_descriptions": dict(about.lists),
        "at_work": {name: _active(given, name) for name in given.est.table.lists},
        "caveats": list(about.caveats),
    }
