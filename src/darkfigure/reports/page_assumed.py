"""What is assumed, each assumption with how it could fail."""

from darkfigure.reports.blocks import Block, Heading, Points, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.failures import in_language


def assumed_section(given: Contents) -> Section:
    """The assumptions, the one that reaches the unseen last and by itself."""
    words = given.words
    said = [in_language(each, words.language) for each in given.est.assumes]
    *others, last = said
    fails = words("assumed_fails")
    blocks: list[Block] = [
        Text(words("assumed_lead")),
        Points(others, fails),
        Heading(words("assumed_identifies")),
        Points([last], fails),
    ]
    data = {
        "assumes": [
            {
                "assumption": assumption,
                "how_it_could_fail": failure,
                "reaches_the_unseen": at == len(said) - 1,
            }
            for at, (assumption, failure) in enumerate(said)
        ],
        "identifies": given.est.model.identifies,
    }
    return Section("assumed", words("assumed"), blocks, data)
