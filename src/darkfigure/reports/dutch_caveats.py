"""Dutch for the caveats of the tables that come along."""

from collections.abc import Mapping

DUTCH_CAVEATS: Mapping[str, str] = {
    "SIMULATED: no real people; the truth is in about.truth.": (
        "GESIMULEERD: geen echte mensen; de waarheid staat in about.truth."
    ),
    "Records were linked with errors, made on purpose.": (
        "Registraties zijn met opzettelijke fouten gekoppeld."
    ),
    "Some people on the lists are no members of the population, on purpose.": (
        "Sommige mensen op de lijsten horen met opzet niet tot de populatie."
    ),
    "The lists were matched by name.": "De lijsten zijn op naam gekoppeld.",
    "Constructed: no such people. With all three pairs the log-linear model is not "
    "identifiable; with A-B and not both of the other pairs its maximum-likelihood estimate "
    "does not exist.": (
        "Bedacht: deze mensen bestaan niet. Met alle drie de paren is het loglineaire model "
        "niet identificeerbaar; met A-B en niet beide andere paren bestaat zijn schatting met "
        "maximale aannemelijkheid niet."
    ),
    "The counts are of two financial years together; an annual figure is the total divided "
    "by two.": (
        "De aantallen zijn van twee boekjaren samen; een jaarcijfer is het totaal gedeeld door "
        "twee."
    ),
    "The period is that of birth; the children are counted as they were alive at the end of "
    "1966.": (
        "De periode is die van de geboorte; de kinderen zijn geteld zoals ze eind 1966 in "
        "leven waren."
    ),
    "A hospital discharge, a prescription and a visit to a clinic follow from one another: "
    "the lists can hardly be independent.": (
        "Ontslag uit het ziekenhuis, een recept en een bezoek aan een kliniek volgen uit "
        "elkaar: de lijsten kunnen nauwelijks onafhankelijk zijn."
    ),
    "The lists are trapping days in order of time, not registers: a first capture can change "
    "the later ones.": (
        "De lijsten zijn vangdagen in volgorde van tijd, geen registers: een eerste vangst kan "
        "de latere veranderen."
    ),
    "Two hares were caught on all six days, which pulls models with unequal catchability "
    "upwards.": (
        "Twee hazen zijn op alle zes dagen gevangen; dat trekt modellen met ongelijke "
        "vangkansen omhoog."
    ),
    "A later screening put the true number near 545, so about 274 were on no list: a test case.": (
        "Een latere screening bracht het ware aantal op ongeveer 545, zodat er ongeveer 274 op "
        "geen lijst stonden: een toets."
    ),
    "The period is four months: a figure per year has no meaning here.": (
        "De periode is vier maanden: een cijfer per jaar heeft hier geen betekenis."
    ),
    "The period is 95 days: a figure per year has no meaning here.": (
        "De periode is 95 dagen: een cijfer per jaar heeft hier geen betekenis."
    ),
    "The counts are of six years together; an annual figure is the total divided by six.": (
        "De aantallen zijn van zes jaar samen; een jaarcijfer is het totaal gedeeld door zes."
    ),
    "The table by year, sex, age, form and nationality is not public: the published yearly "
    "figures cannot be recomputed from these counts, only the pooled six-year total can be "
    "compared.": (
        "De tabel naar jaar, geslacht, leeftijd, vorm en nationaliteit is niet openbaar: de "
        "gepubliceerde jaarcijfers zijn uit deze aantallen niet na te rekenen, alleen het "
        "totaal over zes jaar is te vergelijken."
    ),
    "Sources disagree whether O or Z is the list of shelters and residential treatment; the "
    "letters are kept.": (
        "Bronnen verschillen over de vraag of O of Z de lijst van opvang en residentiële "
        "behandeling is; de letters zijn behouden."
    ),
    "Joining I and O is a choice, and it moves the answer: compare with the six lists of the "
    "table netherlands.": (
        "I en O samenvoegen is een keuze, en die verschuift het antwoord: vergelijk met de zes "
        "lijsten van de tabel netherlands."
    ),
    "Of the 28 pairs of lists 18 never overlap.": "Van de 28 paren lijsten overlappen er 18 nooit.",
    "A version with 186 people is in circulation, with one more on C and D only. Accounts of "
    "that cell differ (2 instead of 1, or 3 instead of 2); here it holds 1.": (
        "Er is een versie met 186 mensen in omloop, met één meer op alleen C en D. Opgaven van "
        "die cel verschillen (2 in plaats van 1, of 3 in plaats van 2); hier staat er 1."
    ),
    "The lists are confidential: they are known by letters only.": (
        "De lijsten zijn vertrouwelijk: alleen hun letters zijn bekend."
    ),
    "The year 2016 was not checked against the publication.": (
        "Het jaar 2016 is niet met de publicatie vergeleken."
    ),
    "No one is on c and d without b: some models have no estimate here.": (
        "Niemand staat op c en d zonder b: sommige modellen hebben hier geen schatting."
    ),
    "The posterior of the total has a heavy tail: the median is the summary.": (
        "De posterior van het totaal heeft een zware staart: de mediaan vat hem samen."
    ),
    "Models that fit these counts equally well give totals from about 11,700 to 30,600.": (
        "Modellen die even goed bij deze aantallen passen, geven totalen van ongeveer 11.700 "
        "tot 30.600."
    ),
    "S4 also holds people who no longer inject: the eight cells seen on S4 only (684 people) "
    "are upper bounds, and models that take them as exact give too much.": (
        "Op S4 staan ook mensen die niet meer spuiten: de acht cellen met alleen S4 (684 "
        "mensen) zijn bovengrenzen, en modellen die ze als exact nemen geven te veel."
    ),
    "The table spina_bifida_by_ethnicity holds 621 of these 626 children: it is not a second "
    "population.": (
        "De tabel spina_bifida_by_ethnicity bevat 621 van deze 626 kinderen: het is geen "
        "tweede populatie."
    ),
    "A child who died young can hardly be on the rehabilitation list: L2 and L3 overlap less "
    "than by chance.": (
        "Een kind dat jong stierf kan nauwelijks op de lijst van revalidatie staan: L2 en L3 "
        "overlappen minder dan toevallig."
    ),
    "621 children, five fewer than in the table spina_bifida: no cell holds more than there. "
    "The lists S1, S2, S3 are its L1, L2, L3.": (
        "621 kinderen, vijf minder dan in de tabel spina_bifida: geen cel bevat er meer dan "
        "daar. De lijsten S1, S2, S3 zijn daar L1, L2, L3."
    ),
    "Two children only are in the stratum other.": "In het stratum other zijn maar twee kinderen.",
    "Putting PF and NCA together is a choice that others made, and it moves the answer: "
    "compare with the five lists of the table uk_five_lists.": (
        "PF en NCA samenvoegen is een keuze die anderen maakten, en die verschuift het "
        "antwoord: vergelijk met de vijf lijsten van de tabel uk_five_lists."
    ),
    "Joining PF and NCA is a choice, and it moves the answer: compare with the six lists of "
    "the table uk.": (
        "PF en NCA samenvoegen is een keuze, en die verschuift het antwoord: vergelijk met de "
        "zes lijsten van de tabel uk."
    ),
    "The lists are trapping nights in order of time, not registers: a first capture can "
    "change the later ones.": (
        "De lijsten zijn vangnachten in volgorde van tijd, geen registers: een eerste vangst "
        "kan de latere veranderen."
    ),
    "Two semi-adult animals are counted as adult.": (
        "Twee halfvolwassen dieren zijn als volwassen geteld."
    ),
    "The units are species, not birds: a count of 15 means that 15 species were noticed at "
    "one stop only.": (
        "De eenheden zijn soorten, geen vogels: een aantal van 15 betekent dat 15 soorten bij "
        "maar één halte zijn opgemerkt."
    ),
    "No species can be noticed more than 50 times.": (
        "Geen soort kan meer dan 50 keer worden opgemerkt."
    ),
    "The units are places, not birds: a count of 6 means six places.": (
        "De eenheden zijn plaatsen, geen vogels: een aantal van 6 betekent zes plaatsen."
    ),
    "50 places were visited 11 times each: the total cannot exceed 50, and how many of the "
    "31 silent ones hold catbirds is what is estimated.": (
        "50 plaatsen zijn elk 11 keer bezocht: het totaal kan niet boven 50 liggen, en geschat "
        "wordt op hoeveel van de 31 stille er katvogels zijn."
    ),
    "The truth is known: 135 rabbits were in the enclosure, so 59 were never trapped. A test "
    "case.": (
        "De waarheid is bekend: er zaten 135 konijnen in de omheining, zodat er 59 nooit zijn "
        "gevangen. Een toets."
    ),
    "The captures are those of 18 trapping occasions.": "De vangsten zijn die van 18 vangmomenten.",
    "One list only: what is known is how often each person was seen, and the answer rests on "
    "the distribution assumed for it.": (
        "Maar één lijst: bekend is hoe vaak elk mens is gezien, en het antwoord berust op de "
        "verdeling die daarvoor wordt aangenomen."
    ),
    "87.5% of people were apprehended once.": "87,5% van de mensen is één keer aangehouden.",
    "The same 1,880 people as in illegal_immigrants_counts.": (
        "Dezelfde 1.880 mensen als in illegal_immigrants_counts."
    ),
    "The same 1,880 people as in illegal_immigrants, without covariates.": (
        "Dezelfde 1.880 mensen als in illegal_immigrants, zonder kenmerken."
    ),
    "The zero class is known: 7,840 of the 9,461 policies have no claim. A test case.": (
        "De nulklasse is bekend: 7.840 van de 9.461 polissen hebben geen claim. Een toets."
    ),
    "SIMULATED: no real people, and no finding about the Netherlands. In truth there were "
    "45,000 in the six years; about.truth has them by stratum.": (
        "GESIMULEERD: geen echte mensen, en geen bevinding over Nederland. In werkelijkheid "
        "waren er 45.000 in de zes jaar; about.truth heeft ze naar stratum."
    ),
    "List I was not at work in 2010 and is blank there, which many models refuse: leave the "
    'year out, table.select(year=range(2011, 2016)), or the list, table.drop("I").': (
        "Lijst I was in 2010 niet in bedrijf en is daar leeg, wat veel modellen weigeren: laat "
        'het jaar weg, table.select(year=range(2011, 2016)), of de lijst, table.drop("I").'
    ),
    'By all its strata the table is thin: .collapse("age") and the like add strata up.': (
        'Naar al haar strata is de tabel dun: .collapse("age") en dergelijke tellen strata op.'
    ),
}
