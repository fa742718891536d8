"""What a page says of small counts: how they are hidden, and what answers tell of them."""

from collections.abc import Mapping

ENGLISH_SECRECY: Mapping[str, str] = {
    "details_hidden": "List totals and overlaps are not printed: with the number of people seen, "
    "small counts could be worked out from them, or there are too many lists to be sure that they "
    "could not.",
    "hidden": "counts of people from 1 to {most} are printed as <{threshold} or not at all, others "
    "are rounded to {base}{total}; over all tables that would print the same counts it was checked "
    "that these counts leave every small one open from 1 to {most}. That says nothing of the "
    "answers",
    "hidden_total": ", the number of all people seen excepted",
    "hidden_details": "only the number of all people seen is printed, rounded to {base}",
    "shown": "none: every count is printed as it is (disclose=True)",
    "answers_nothing": "An answer is worked out from the exact counts. Someone who knows all but "
    "one of them, and runs the same model on guesses, can still learn from it: for very small "
    "registers, do not publish this page.",
    "answers_public": "The counts of this table are public: it comes with darkfigure. They are "
    "printed here as those of a register of your own would be, but answers are not kept from "
    "telling them.",
    "answers_steady": "Answers are worked out from the exact counts and tell more of them than the "
    "printed counts do. It was checked that no hidden count moves the totals of the best models by "
    "more than a tenth when it goes from 1 to {most}. Whether small counts can be found by "
    "running the same models on many guesses was not tested: for very small registers, do not "
    "publish this page.",
    "answers_untested": "Answers are worked out from the exact counts and tell more of them than "
    "the printed counts do. Whether small counts can be found from them was not tested: for very "
    "small registers, do not publish this page.",
    "answers_moves": "The answer on this page may tell counts below {threshold}: the totals of its "
    "best models move by more than a tenth when one of these counts goes from 1 to {most}. Totals "
    "of other models, of fewer lists and under other settings would tell more, and are left out.",
    "answer_moves": "This answer is worked out from counts of fewer than {threshold} people that "
    "are not printed here, and moves with them so far that it may tell them.",
    "answers_perhaps": "With {lists} lists every answer is a short formula of few counts. The "
    "answer on this page may tell counts below {threshold} to a reader who sets it beside the "
    "printed counts; that it does was not shown. Totals of other models, of fewer lists and under "
    "other settings would tell more, and are left out.",
    "answers_tells": "With {lists} lists every answer is a short formula of few counts. The answer "
    "on this page gives one away: among all tables that would print the same counts and this "
    "answer, a count below {threshold} cannot be every number from 1 to {most}. Totals of other "
    "models, of fewer lists and under other settings would tell more, and are left out.",
    "verdict_tells": "Before this page is passed on: its answer gives away a count of fewer than "
    "{threshold} people.",
    "verdict_may_tell": "Before this page is passed on: its answer may give away a count of fewer "
    "than {threshold} people.",
    "answer_tells": "This answer gives away a count of fewer than {threshold} people that is not "
    "printed here: whoever sets it beside the printed counts can narrow that count down, or work "
    "it out. Publish it only if that count may be known.",
    "answer_perhaps": "This answer is worked out from counts of fewer than {threshold} people that "
    "are not printed here. With {lists} lists it may tell them.",
    "withheld": "Not printed: with {lists} lists these numbers could tell counts of fewer than "
    "{threshold} people (disclose=True prints them).",
    "not_printed": "not printed: it would tell small counts",
    "ways_withheld": "Other ways of being wrong are not printed: with {lists} lists what they need "
    "would tell counts of fewer than {threshold} people.",
    "models_untested": "Totals of single models are worked out from the exact counts. Whether "
    "counts of fewer than {threshold} people can be found from them was not tested.",
    "why_near_models_only": "Models that fit as well as the best (within {units} units of its BIC) "
    "give another answer.",
    "why_prior_only": "Other settings of the prior, which the data cannot choose, move the answer.",
    "why_compared_only": "Models of different kinds give answers far apart.",
    "why_varied_only": "The same model under other settings gives answers far apart.",
    "why_moves_only": "Leaving out or merging lists moves the answer far.",
    "as_in_table": "none known: the counts were taken as exact",
    "stratum_hidden": "fewer than {threshold} seen: not printed",
    "stratum_tells": "would tell counts below {threshold}: not printed",
    "stratum_with": "not printed: it could be worked out from the others",
    "hash_hidden": "not printed: guesses at the small counts could be tested against it",
    "pair_hidden": "The odds ratio of {number} pair is not printed: it rests on fewer than "
    "{threshold} people.",
    "pairs_hidden": "Odds ratios of {number} pairs are not printed: they rest on fewer than "
    "{threshold} people.",
    "seen_hidden": "Under what was seen, odds ratios that rest on fewer than {threshold} people "
    "are left out.",
}

DUTCH_SECRECY: Mapping[str, str] = {
    "details_hidden": "Aantallen per lijst en overlap zijn niet afgedrukt: samen met het aantal "
    "geziene mensen zouden kleine aantallen eruit kunnen worden afgeleid, of er zijn te veel "
    "lijsten om zeker te zijn dat dat niet kan.",
    "hidden": "aantallen mensen van 1 tot en met {most} zijn afgedrukt als <{threshold} of "
    "helemaal niet, andere zijn afgerond op {base}{total}; over alle tabellen die dezelfde "
    "aantallen zouden afdrukken is nagegaan dat deze aantallen elk klein aantal openlaten van 1 "
    "tot en met {most}. Dat zegt niets over de antwoorden",
    "hidden_total": ", behalve het aantal van alle geziene mensen",
    "hidden_details": "alleen het aantal van alle geziene mensen is afgedrukt, afgerond op {base}",
    "shown": "geen: elk aantal is afgedrukt zoals het is (disclose=True)",
    "answers_nothing": "Een antwoord is uit de precieze aantallen berekend. Wie ze op één na kent, "
    "en hetzelfde model op gissingen loslaat, kan er nog iets uit leren: publiceer deze pagina "
    "niet voor heel kleine registers.",
    "answers_public": "De aantallen van deze tabel zijn openbaar: ze komt met darkfigure mee. Ze "
    "zijn hier afgedrukt zoals die van een eigen register zouden zijn, maar de antwoorden mogen ze "
    "verraden.",
    "answers_steady": "Antwoorden zijn uit de precieze aantallen berekend en zeggen er meer over "
    "dan de afgedrukte aantallen. Nagegaan is dat geen verborgen aantal de totalen van de beste "
    "modellen meer dan een tiende verschuift als het van 1 naar {most} gaat. Of kleine aantallen "
    "te vinden zijn door dezelfde modellen op veel gissingen los te laten, is niet getoetst: "
    "publiceer deze pagina niet voor heel kleine registers.",
    "answers_untested": "Antwoorden zijn uit de precieze aantallen berekend en zeggen er meer over "
    "dan de afgedrukte aantallen. Of kleine aantallen eruit te vinden zijn, is niet getoetst: "
    "publiceer deze pagina niet voor heel kleine registers.",
    "answers_moves": "Het antwoord op deze pagina kan aantallen onder {threshold} verraden: de "
    "totalen van de beste modellen verschuiven meer dan een tiende als een van deze aantallen van "
    "1 naar {most} gaat. Totalen van andere modellen, van minder lijsten en met andere "
    "instellingen zouden meer verraden, en zijn weggelaten.",
    "answer_moves": "Dit antwoord is berekend uit aantallen van minder dan {threshold} mensen die "
    "hier niet zijn afgedrukt, en verschuift er zo ver mee dat het ze kan verraden.",
    "answers_perhaps": "Bij {lists} lijsten is elk antwoord een korte formule van weinig "
    "aantallen. Het antwoord op deze pagina kan aantallen onder {threshold} verraden aan wie het "
    "naast de afgedrukte aantallen legt; dat het dat doet, is niet aangetoond. Totalen van andere "
    "modellen, van minder lijsten en met andere instellingen zouden meer verraden, en zijn "
    "weggelaten.",
    "answers_tells": "Bij {lists} lijsten is elk antwoord een korte formule van weinig aantallen. "
    "Het antwoord op deze pagina verraadt er een: over alle tabellen die dezelfde aantallen en dit "
    "antwoord zouden afdrukken, kan een aantal onder {threshold} niet elk getal van 1 tot en met "
    "{most} zijn. Totalen van andere modellen, van minder lijsten en met andere instellingen "
    "zouden meer verraden, en zijn weggelaten.",
    "verdict_tells": "Voordat deze pagina wordt doorgegeven: het antwoord verraadt een aantal van "
    "minder dan {threshold} mensen.",
    "verdict_may_tell": "Voordat deze pagina wordt doorgegeven: het antwoord kan een aantal van "
    "minder dan {threshold} mensen verraden.",
    "answer_tells": "Dit antwoord verraadt een aantal van minder dan {threshold} mensen dat hier "
    "niet is afgedrukt: wie het naast de afgedrukte aantallen legt, kan dat aantal inperken of "
    "uitrekenen. Publiceer het alleen als dat aantal bekend mag zijn.",
    "answer_perhaps": "Dit antwoord is berekend uit aantallen van minder dan {threshold} mensen "
    "die hier niet zijn afgedrukt. Bij {lists} lijsten kan het ze verraden.",
    "withheld": "Niet afgedrukt: bij {lists} lijsten kunnen deze getallen aantallen van minder dan "
    "{threshold} mensen verraden (disclose=True drukt ze af).",
    "not_printed": "niet afgedrukt: het zou kleine aantallen verraden",
    "ways_withheld": "Andere manieren om fout te zitten zijn niet afgedrukt: bij {lists} lijsten "
    "zou wat daarvoor nodig is aantallen van minder dan {threshold} mensen verraden.",
    "models_untested": "Totalen van afzonderlijke modellen zijn uit de precieze aantallen "
    "berekend. Of aantallen van minder dan {threshold} mensen eruit te vinden zijn, is niet "
    "getoetst.",
    "why_near_models_only": "Modellen die even goed passen als het beste (binnen {units} eenheden "
    "van zijn BIC) geven een ander antwoord.",
    "why_prior_only": "Andere instellingen van de prior, waartussen de gegevens niet kunnen "
    "kiezen, verschuiven het antwoord.",
    "why_compared_only": "Verschillende soorten modellen geven antwoorden die ver uiteenliggen.",
    "why_varied_only": "Hetzelfde model geeft met andere instellingen antwoorden die ver "
    "uiteenliggen.",
    "why_moves_only": "Lijsten weglaten of samenvoegen verschuift het antwoord ver.",
    "as_in_table": "geen bekend: de aantallen zijn als exact genomen",
    "stratum_hidden": "minder dan {threshold} gezien: niet afgedrukt",
    "stratum_tells": "zou aantallen onder {threshold} verraden: niet afgedrukt",
    "stratum_with": "niet afgedrukt: uit de andere te berekenen",
    "hash_hidden": "niet afgedrukt: gissingen naar de kleine aantallen zouden ermee te toetsen "
    "zijn",
    "pair_hidden": "De odds ratio van {number} paar is niet afgedrukt: die berust op minder dan "
    "{threshold} mensen.",
    "pairs_hidden": "Odds ratio's van {number} paren zijn niet afgedrukt: ze berusten op minder "
    "dan {threshold} mensen.",
    "seen_hidden": "Bij wat is gezien zijn odds ratio's weggelaten die op minder dan {threshold} "
    "mensen berusten.",
}
