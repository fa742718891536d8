"""Each assumption of the models: how it could fail, and both in Dutch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from darkfigure.assumptions import (
    CLOSED,
    ERRORS_ALIKE,
    LINKAGE,
    NO_OUTSIDERS,
    SAME_CHANCES,
    Assumption,
)
from darkfigure.literals import Language


@dataclass(frozen=True)
class Failure:
    """How one assumption could fail.

    Attributes
    ----------
    english : str
    dutch : str
    assumption : str
        The assumption itself in Dutch.
    """

    english: str
    dutch: str
    assumption: str


FAILURES: Mapping[str, Failure] = {
    CLOSED.short: Failure(
        "people who belonged to the population for part of the time only could not be on every "
        "list: taken as missed by some, they make the figure too high. Those who came and went "
        "unseen are not in it at all.",
        "wie maar een deel van de tijd tot de populatie hoorde, kon niet op elke lijst staan: "
        "genomen als gemist door sommige maken zij het cijfer te hoog. Wie ongezien kwam en ging, "
        "zit er helemaal niet in.",
        "De populatie is gesloten: niemand komt erbij of gaat eruit tijdens de periode.",
    ),
    ERRORS_ALIKE.short: Failure(
        "people on a list are easier to see than people on none, so that the real error can be "
        "larger; and this table may be unlike those that were learned from.",
        "wie op een lijst staat is makkelijker te zien dan wie op geen enkele staat, zodat de "
        "echte fout groter kan zijn; en deze tabel kan anders zijn dan die waarvan is geleerd.",
        "Het model zit er bij mensen op geen enkele lijst zo ver naast als bij de mensen van één "
        "lijst, hier en in andere tabellen, die de andere lijsten moeten vinden.",
    ),
    "models that find the people of one list best also find those on none best": Failure(
        "all the models can be wrong in the same direction, and being good at finding people whom "
        "a list knows is no proof of being good at finding people whom none does.",
        "alle modellen kunnen er naar dezelfde kant naast zitten, en goed zijn in het vinden van "
        "mensen die een lijst kent bewijst niet dat een model ook goed is in wie geen lijst kent.",
        "De modellen die het best zeggen hoeveel mensen op een lijst staan, uit de andere lijsten, "
        "zeggen ook het best hoeveel er op geen enkele staan.",
    ),
    LINKAGE.short: Failure(
        "a missed link counts one person twice, and takes away an overlap: the figure becomes too "
        "high. A false link does the opposite. Where few people are on several lists, a handful of "
        "links decides.",
        "een gemiste koppeling telt één mens twee keer, en haalt een overlap weg: het cijfer wordt "
        "te hoog. Een valse koppeling doet het omgekeerde. Waar weinig mensen op meer lijsten "
        "staan, beslist een handvol koppelingen.",
        "Mensen op meer lijsten worden als dezelfde herkend, en niemand wordt voor een ander "
        "gehouden.",
    ),
    NO_OUTSIDERS.short: Failure(
        "people on a list who do not meet the case definition rarely stand on others: counted in, "
        "they make the figure too high, by more than their own number.",
        "mensen op een lijst die niet aan de definitie voldoen, staan zelden op andere: meegeteld "
        "maken zij het cijfer te hoog, met meer dan hun eigen aantal.",
        "Iedereen op een lijst hoort tot de populatie.",
    ),
    SAME_CHANCES.short: Failure(
        "some people are hard to find for every list. Then the lists overlap more than chance "
        "would have it among those seen, and the figure is too low; those whom no list can ever "
        "reach are not in it at all.",
        "sommige mensen zijn voor elke lijst moeilijk te vinden. Dan overlappen de lijsten onder "
        "de geziene mensen meer dan toevallig, en is het cijfer te laag; wie geen enkele lijst "
        "ooit kan bereiken, zit er helemaal niet in.",
        "Mensen verschillen in hun kans om op een lijst te staan alleen door de afhankelijkheid "
        "van de lijsten.",
    ),
    "some decomposable dependence between lists, the same for the unseen": Failure(
        "if lists depend on one another differently among people on no list, for instance because "
        "one list refers only people whom others know already, the extrapolation is wrong, in "
        "either direction, and the counts do not show it.",
        "als lijsten onder de mensen op geen enkele lijst anders van elkaar afhangen, bijvoorbeeld "
        "omdat één lijst alleen mensen doorverwijst die anderen al kennen, dan klopt de "
        "doortrekking niet, naar beide kanten, en de aantallen laten dat niet zien.",
        "Lijsten hangen volgens een of ander decomponeerbaar patroon van elkaar af, dat ook geldt "
        "voor mensen op geen enkele lijst.",
    ),
    (
        "no interaction between all lists at once, and none so large that the prior rules it out"
    ): Failure(
        "if people known to all but one of the lists are on that one for reasons that the unseen "
        "do not share, or if an interaction is larger than the prior expects, the figure is wrong, "
        "in either direction, and the counts do not show it.",
        "als mensen die op alle lijsten op één na staan, ook op die ene staan om redenen die voor "
        "de niet-geziene mensen niet gelden, of als een interactie groter is dan de prior "
        "verwacht, dan is het cijfer fout, naar beide kanten, en de aantallen laten dat niet zien.",
        "Interacties tussen lijsten zijn dezelfde voor mensen op geen enkele lijst, die tussen "
        "alle lijsten tegelijk ontbreekt, en geen is groter dan de prior toelaat.",
    ),
    "the interactions left out are absent among the unseen too": Failure(
        "an interaction that the data are too few to show is left out. Two lists that attract the "
        "same people then make the figure too low, two that avoid each other too high.",
        "een interactie die door te weinig gegevens niet blijkt, wordt weggelaten. Twee lijsten "
        "die dezelfde mensen aantrekken maken het cijfer dan te laag, twee die elkaar mijden te "
        "hoog.",
        "Interacties die het model weglaat, ontbreken ook bij mensen op geen enkele lijst.",
    ),
    "no interactions of three or more lists, strata or years, nor of pairs left out": Failure(
        "if two lists worked together more closely in some years or for some groups, or three "
        "lists share a path, the yearly figures are wrong, and their trend with them.",
        "als twee lijsten in sommige jaren of voor sommige groepen nauwer samenwerkten, of drie "
        "lijsten een pad delen, dan zijn de jaarcijfers fout, en het verloop met hen.",
        "Lijsten hangen in alle jaren en strata gelijk van elkaar af, en paren die het model "
        "weglaat zijn ook onafhankelijk onder mensen op geen enkele lijst.",
    ),
    "no interactions of three lists, and pairs alike in all strata": Failure(
        "if the lists depend on one another differently in some strata or years, or three lists "
        "share a path, strata borrow from others that are not like them.",
        "als de lijsten in sommige strata of jaren anders van elkaar afhangen, of drie lijsten een "
        "pad delen, dan lenen strata van andere die niet op ze lijken.",
        "Lijsten hangen alleen in paren van elkaar af, gelijk in alle strata (of bijna, van jaar "
        "op jaar, waar dat is gevraagd), ook voor mensen op geen enkele lijst; de paren zijn van "
        "één soort, zodat wat de meeste laten zien ook van de andere wordt verwacht.",
    ),
    "lists independent within a few kinds of people, each kind partly seen": Failure(
        "if one list sends people to another, they are not independent even among people of one "
        "kind; and a kind of people that no list reaches leaves no trace at all.",
        "als één lijst mensen naar een andere doorverwijst, zijn ze zelfs onder mensen van één "
        "soort niet onafhankelijk; en een soort mensen die geen lijst bereikt, laat geen enkel "
        "spoor na.",
        "Mensen zijn van een paar soorten; onder mensen van één soort zegt op de ene lijst staan "
        "niets over op de andere staan, en niemand is van een soort die geen lijst laat zien.",
    ),
    "the odds ratio between the two lists is as stated": Failure(
        "with two lists nothing in the data says how they depend on one another: if one refers "
        "people to the other, the figure is too low; if they divide people between them, too high.",
        "met twee lijsten zegt niets in de gegevens hoe ze van elkaar afhangen: als de ene mensen "
        "naar de andere verwijst, is het cijfer te laag; als ze de mensen verdelen, te hoog.",
        "De odds ratio tussen de twee lijsten is zoals opgegeven: de gegevens kunnen het niet "
        "zeggen.",
    ),
    "linkage as its draws say": Failure(
        "if the linkage model is wrong in the same way in all its draws, averaging over them does "
        "not help: the figure is too high where links are missed, too low where they are false.",
        "als het koppelmodel in al zijn trekkingen op dezelfde manier fout is, helpt middelen "
        "niet: het cijfer is te hoog waar koppelingen gemist zijn, te laag waar ze vals zijn.",
        "Wie dezelfde mens is, is zo onzeker als de trekkingen van de koppeling zeggen.",
    ),
    "what the model inside assumes of the people on no list": Failure(
        "errors of linkage are undone, and the figure is still wrong where the model inside is.",
        "fouten van de koppeling zijn hersteld, en het cijfer blijft fout waar het model binnenin "
        "dat is.",
        "Zijn fouten van de koppeling hersteld, dan geldt wat het model binnenin aanneemt over "
        "mensen op geen enkele lijst.",
    ),
}
"""By the few words in which an assumption is printed."""

_OF_SETTINGS: tuple[tuple[str, Failure], ...] = (
    (
        r"links (missed and false|wrong) at the rates stated.*",
        Failure(
            "the rates were put in: if more links are missed than stated the figure is too high, "
            "if more are false too low; and links that are easier to miss for some people or lists "
            "leave their mark.",
            "de aandelen zijn ingebracht: zijn er meer koppelingen gemist dan opgegeven, dan is "
            "het cijfer te hoog, zijn er meer vals, te laag; en koppelingen die voor sommige "
            "mensen of lijsten makkelijker gemist worden, laten hun spoor na.",
            "Koppelingen zijn gemist of vals in de opgegeven mate, gelijk voor alle lijsten en "
            "mensen: de lijsten kunnen het niet zeggen.",
        ),
    ),
    (
        r"population .+",
        Failure(
            "the prior is an opinion from outside the lists: where it is wrong, so is the figure.",
            "de prior is een mening van buiten de lijsten: waar die fout is, is het cijfer dat "
            "ook.",
            "De populatie heeft de prior die is opgegeven: dat is geen bevinding uit de lijsten, "
            "het is ernaast ingebracht.",
        ),
    ),
    (
        r"no interaction between all lists at once",
        Failure(
            "if people known to all but one of the lists are on that one for reasons that the "
            "unseen do not share, the figure is wrong, in either direction.",
            "als mensen die op alle lijsten op één na staan, ook op die ene staan om redenen die "
            "voor de niet-geziene mensen niet gelden, is het cijfer fout, naar beide kanten.",
            "Alle lijsten tegelijk hebben geen interactie: wat alle op één na bindt, is hetzelfde "
            "of iemand op die ene staat of niet.",
        ),
    ),
    (
        r"the interaction between all lists at once as stated: xi .+",
        Failure(
            "the strength of this interaction was put in, and the counts cannot contradict it.",
            "de sterkte van deze interactie is ingebracht, en de aantallen kunnen haar niet "
            "tegenspreken.",
            "De interactie tussen alle lijsten tegelijk is zoals opgegeven: de gegevens kunnen het "
            "niet zeggen.",
        ),
    ),
    (
        r"(?P<one>.+) and (?P<other>.+) independent among people on no other list",
        Failure(
            "if one of the two refers people to the other, the figure is too low; if they divide "
            "people between them, too high.",
            "als een van de twee mensen naar de andere verwijst, is het cijfer te laag; als ze de "
            "mensen verdelen, te hoog.",
            "Onder mensen op geen andere lijst zegt op {one} staan niets over op {other} staan.",
        ),
    ),
    (
        r"odds ratio of (?P<one>.+) and (?P<other>.+) among people on no other list .+",
        Failure(
            "the odds ratio was put in, and the counts cannot contradict it.",
            "de odds ratio is ingebracht, en de aantallen kunnen hem niet tegenspreken.",
            "Onder mensen op geen andere lijst is de odds ratio van {one} en {other} zoals "
            "opgegeven: de gegevens kunnen het niet zeggen.",
        ),
    ),
)


def failure_of(assumption: Assumption) -> Failure | None:
    """How an assumption could fail; None for one of a user's own model."""
    if assumption.short in FAILURES:
        return FAILURES[assumption.short]
    for pattern, failure in _OF_SETTINGS:
        found = re.fullmatch(pattern, assumption.short)
        if found:
            words = found.groupdict()
            return Failure(
                failure.english,
                failure.dutch,
                failure.assumption.format(**words) if words else failure.assumption,
            )
    return None


def in_language(assumption: Assumption, language: Language) -> tuple[str, str]:
    """The assumption and how it could fail; the latter empty where that is not known."""
    found = failure_of(assumption)
    if found is None:
        return assumption.sentence, ""
    if language == "nl":
        return found.assumption, found.dutch
    return assumption.sentence, found.english
