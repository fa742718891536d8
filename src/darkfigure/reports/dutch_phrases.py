"""Dutch for the pieces of results that are filled into sentences: model labels, ranges, choices."""

import re

_NUMBER = r"\d[\d,.]*"

_PHRASES: tuple[tuple[str, str], ...] = (
    # ranges and places
    (r"\bmore than (\d[\d,.]*) million\b", r"meer dan \1 miljoen"),
    (r"\b(\d[\d,.]*) million\b", r"\1 miljoen"),
    (r"\babout (\d+ × 10)", r"ongeveer \1"),
    (r"\bmore than (\d)", r"meer dan \1"),
    (rf"({_NUMBER}%?) to ({_NUMBER}%?)", r"\1 tot \2"),
    (r"\bpast counting\b", "niet te tellen"),
    (r"\bno upper limit\b", "geen bovengrens"),
    (r"\bnot estimable\b", "niet te schatten"),
    (r"\bat least\b", "minstens"),
    (r"\band (\d+) more\b", r"en nog \1"),
    # modes and draws
    (r"\bposterior distribution\b", "posteriorverdeling"),
    (r"\bbootstrap distribution\b", "bootstrapverdeling"),
    (r"\bprofile distribution\b", "profielverdeling"),
    (r"\bstacked distribution\b", "gestapelde verdeling"),
    (r"\bcalibrated distribution\b", "gekalibreerde verdeling"),
    (r"\basymptotic distribution\b", "asymptotische verdeling"),
    (
        r"\bwithout their weights, on which the chains disagree\b",
        "zonder hun gewicht, waarover de ketens het niet eens zijn",
    ),
    (r"\bwith their weights\b", "met hun gewicht"),
    # models that fit nearly as well
    (r"\bBIC units behind the best\b", "BIC-eenheden achter het beste"),
    (rf"\((\d+) such models (below|above) it, ({_NUMBER} tot {_NUMBER})\)", r"(\1 zulke \2, \3)"),
    (r"\bzulke below\b", "zulke modellen eronder"),
    (r"\bzulke above\b", "zulke modellen erboven"),
    (r"zulke (below|above)", r"zulke modellen \1"),
    (r", the best\b", ", het beste"),
    (r"\bgives\b", "geeft"),
    (r"\ba year\b", "per jaar"),
    (r"\bbehind\b", "erachter"),
    # choices
    (r"\bwith n = ", "met n = "),
    (rf"({_NUMBER}) at (\d+\*\*)", r"\1 bij \2"),
    (r"\bn = people\b", "n = mensen"),
    (r"\bn = cells\b", "n = cellen"),
    (rf"({_NUMBER}) by\b", r"\1 volgens"),
    (r"\bbest by\b", "beste volgens"),
    (r"\bof (\d[\d,]*) models seen\b", r"van \1 geziene modellen"),
    (r"\bof (\d[\d,]*) models\b", r"van \1 modellen"),
    (r"\bmodels found by a search averaged\b", "door een zoektocht gevonden modellen gemiddeld"),
    (r"\bmodels averaged by\b", "modellen gemiddeld volgens"),
    (r"\bmodels averaged\b", "modellen gemiddeld"),
    (r"\bmodels seen\b", "modellen gezien"),
    (r"\bdownhill by\b", "bergafwaarts volgens"),
    (r"\bstepwise\b", "stapsgewijs"),
    (r"\bsmallest BIC\b", "kleinste BIC"),
    (r"\bafter (\d+) steps\b", r"na \1 stappen"),
    (r"\bgreedy search from independence\b", "gulzig zoeken vanuit onafhankelijkheid"),
    (r"\bterms added and left out by\b", "termen toegevoegd en weggelaten volgens"),
    (r"\bmain effects only\b", "alleen hoofdeffecten"),
    (r"\b1 model seen\b", "1 model gezien"),
    (r"\|mean\| / sd at least\b", "|gemiddelde| / sd minstens"),
    (r"\bLaplace's approximation weighed\b", "gewogen benadering van Laplace"),
    (r"(LogLinear) over\b", r"\1 over"),
    # models inside others
    (r"\bby weight on populations of known size\b", "gewogen naar populaties van bekende grootte"),
    (r"\bmissed (?=\d)", "gemist "),
    (r"\bfalse (?=\d)", "vals "),
    (r"\bon ([\d,]+) repaired tables\b", r"op \1 herstelde tabellen"),
    (r"\(so on ([\d,]+) of ([\d,]+)\)", r"(zo op \1 van \2)"),
    (r"\bno link taken for wrong\b", "geen koppeling voor fout gehouden"),
    (r"\baveraged over ([\d,]+) linkages\b", r"gemiddeld over \1 koppelingen"),
    # lists of simulated registers
    (
        r"^on average ([\d.]+) of the people, before referral",
        r"gemiddeld \1 van de mensen, voor "
        "doorverwijzing",
    ),
    (r"\bnot at work in\b", "niet in bedrijf in"),
    (r"\bof the list from outside the population\b", "van de lijst van buiten de populatie"),
    # counts made fit to print
    (r"^made fit to publish:", "geschikt gemaakt voor publicatie:"),
    (r"\bcounts below ([\d,]+) suppressed\b", r"aantallen onder \1 onderdrukt"),
    (r"\bzeros among them\b", "ook nullen"),
    (r"\bzeros shown as 0\b", "nullen getoond als 0"),
    (r"\bthe others rounded to\b", "de andere afgerond op"),
    (r"\bthe others rounded down to\b", "de andere naar beneden afgerond op"),
    (r"\bthe others rounded up to\b", "de andere naar boven afgerond op"),
    (r"\bcounts rounded to\b", "aantallen afgerond op"),
    (r"\bcounts rounded down to\b", "aantallen naar beneden afgerond op"),
    (r"\bcounts rounded up to\b", "aantallen naar boven afgerond op"),
    (r"\bthe model given\b", "het opgegeven model"),
    (r"\binteractions of up to two lists\b", "interacties van hoogstens twee lijsten"),
    (r"\binteractions of up to three lists\b", "interacties van hoogstens drie lijsten"),
    (r"\bindependent lists\b", "onafhankelijke lijsten"),
    (r"\bin each of (\d+) strata\b", r"in elk van \1 strata"),
    (r"\bchains of\b", "ketens van"),
    (r"\bsweeps after\b", "rondes na"),
    (r"\bby NUTS\b", "met NUTS"),
    (r"\bpairs by\b", "paren per"),
    # priors
    (r"\bthe prior on interactions\b", "de prior op de interacties"),
    (r"\bdelta, a setting of the prior\b", "delta, een instelling van de prior,"),
    (r"\bprior on interactions\b", "prior op interacties"),
    (r"\bnormal with sd\b", "normaal met sd"),
    (r"\bunit information\b", "eenheidsinformatie"),
    (r"\bregularised horseshoe with slab\b", "geregulariseerde horseshoe met slab"),
    (r"\bused here\b", "hier gebruikt"),
    (r"\b95% of its prior\b", "95% van zijn prior"),
    (r"\bodds ratio\b", "odds ratio"),
    (r"\bcontradict each other\b", "spreken elkaar tegen"),
    (r"\bpull apart\b", "trekken uiteen"),
    (r"^larger$", "grootste"),
    (r"^smaller$", "kleinste"),
    # reasons
    (
        r"\bsome combinations of lists share too few people\b",
        "sommige combinaties van lijsten delen te weinig mensen",
    ),
    (
        r"\bsome combinations of lists and strata hold too few people, "
        r"or no row tells them apart\b",
        "sommige combinaties van lijsten en strata bevatten te weinig mensen, of geen rij houdt ze "
        "uiteen",
    ),
    (
        r"\bsome combinations of lists hold too few people, or no row tells them apart\b",
        "sommige combinaties van lijsten bevatten te weinig mensen, of geen rij houdt ze uiteen",
    ),
    (
        r"\btoo few people share the lists or levels of a term\b",
        "te weinig mensen delen de lijsten of niveaus van een term",
    ),
)

_ENGLISH_NUMBER = re.compile(
    r"(?<![\w.,=*\[])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\w*]|\.\d)"
)

_MONTHS = {
    "January": "januari",
    "February": "februari",
    "March": "maart",
    "April": "april",
    "May": "mei",
    "June": "juni",
    "July": "juli",
    "August": "augustus",
    "September": "september",
    "October": "oktober",
    "November": "november",
    "December": "december",
}
_DATES = re.compile(rf"(?:{'|'.join(_MONTHS)}|\d{{1,4}}|to|and|[-–, ])+")

_PAIRS = re.compile(r"\S+ and \S+(; \S+ and \S+)*")

_WORDS = {
    "no": "geen",
    "one": "één",
    "two": "twee",
    "three": "drie",
    "four": "vier",
    "five": "vijf",
    "six": "zes",
    "seven": "zeven",
    "eight": "acht",
    "nine": "negen",
}

_PEOPLE = {
    "people": "mensen",
    "persons": "mensen",
    "victims": "slachtoffers",
    "cases": "gevallen",
    "reports": "meldingen",
    "patients": "patiënten",
    "killings": "gedode mensen",
    "children": "kinderen",
    "hares": "hazen",
    "rabbits": "konijnen",
    "mice": "muizen",
    "places": "plaatsen",
    "species": "soorten",
    "policies": "polissen",
    "simulated people": "gesimuleerde mensen",
}


def in_dutch(text: str) -> str:
    """A piece of a result in Dutch, numbers still as in English; what is not known stays."""
    if text in _WORDS:
        return _WORDS[text]
    for english, dutch in _PHRASES:
        text = re.sub(english, dutch, text)
    text = re.sub(r"\bno one is on both (.+)", _in_no_pair, text)
    if _PAIRS.fullmatch(text):
        return text.replace(" and ", " en ")
    return re.sub(r"(?<=[\d)]) and (?=\d)", " en ", text)


def period_in_dutch(text: str) -> str:
    """Dates in Dutch; a period that is said in other words stays as it is."""
    if not _DATES.fullmatch(text):
        return text
    for english, dutch in _MONTHS.items():
        text = text.replace(english, dutch)
    return text.replace(" to ", " tot en met ").replace(" and ", " en ")


def people_in_dutch(people: str) -> str:
    """What is counted; a word of the user's own stays as it is."""
    return _PEOPLE.get(people, people)


def with_dutch_numbers(text: str) -> str:
    """Turn 8,234 into 8.234 and 0.5 into 0,5, except in calls such as Between(30_000, 0.9)."""
    pieces = re.split(r"([A-Za-z_.]+\([^()]*\))", text)
    return "".join(
        piece if at % 2 else _ENGLISH_NUMBER.sub(lambda found: _swapped(found.group()), piece)
        for at, piece in enumerate(pieces)
    )


def _in_no_pair(found: re.Match[str]) -> str:
    return f"niemand staat op beide: {found[1].replace(' and ', ' en ')}"


def _swapped(number: str) -> str:
    return number.translate(str.maketrans(",.", ".,"))
