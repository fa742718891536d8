"""What a page says of assumptions side by side, of bounds, and of an answer before calibration."""

from collections.abc import Mapping

ENGLISH_BELIEVED: Mapping[str, str] = {
    # before calibration
    "answer_uncalibrated": "Before it was calibrated the answer was {estimate} ({prob} {kind} "
    "interval {low} to {high}). The correction was learned on {number} lists of known size, {own} "
    "of them in this table.",
    # assumptions side by side
    "identified": "Every assumption side by side",
    "identified_lead": "What is not seen can be reached by many assumptions. {number} of them give "
    "a number here, from {low} to {high}. Those marked fit the counts as well as others (within "
    "{units} units of AIC or BIC) whose totals are more than a tenth away: the counts cannot "
    "choose between them.",
    "identified_none": "No assumption gives a number here that can be printed.",
    "identified_hidden": "{number} more are not printed: they rest on counts of fewer than "
    "{threshold} people.",
    "assumption": "Assumption",
    "fit": "Deviance (df)",
    "how_it_fits": "Fits",
    "fits_as_others": "as others",
    "fits_badly": "badly",
    "at_least": "at least {number}",
    "overall": "All lists at once do not interact",
    "pair": "{lists}: independent among people on no other list",
    "triple": "{lists}: do not interact all at once among people on no other list",
    "pairs_summed": "Two lists independent among people on no other list: {number} of {all} pairs "
    "({least} to {most})",
    "triples_summed": "Three lists do not interact among people on no other list: {number} of "
    "{all} triples ({least} to {most})",
    "near_model": "{name}, nearly as good",
    "people_none": "People do not differ in their chances",
    "people_chao": "People differ in whatever way (Chao's lower bound)",
    "people_poisson": "People differ as a Poisson mixture",
    "people_darroch": "People's log odds differ by a normal distribution (Darroch)",
    "people_gamma": "People differ as a gamma mixture",
    "lists_alike": "{people}; all lists reach the same share",
    "lists_unlike": "{people}; lists are independent",
    "coverage_n0": "Sample coverage: lists independent on average",
    "coverage_n": "Sample coverage: the same dependence over people on none, one and two lists",
    "coverage_n1": "Sample coverage: dependence corrected for in part",
    "middle": "half below {middle}",
    # bounds
    "bounds": "Bounds",
    "bounds_odds_ratios": "If the odds ratio of every two lists {among} lies between {low} and "
    "{high}{more}, and nothing else is assumed of how lists depend on one another:",
    "bounds_xi": "If the interaction ξ of all lists at once lies between {low} and {high}, and "
    "nothing else is assumed of how lists depend on one another:",
    "bounds_and_xi": ", and the interaction ξ of all lists at once between {low} and {high}",
    "among_everyone": "in the whole population",
    "among_missed": "among people on no other list",
    "bounds_interval": "{prob} interval",
    "bounds_exact": "With the counts taken as exact",
    "bounds_ends": "{low} to {high}",
    "bounds_open": "{low} or more; no number is too large",
    "bounds_contradicted": "no total agrees with the table and this range",
    "bounds_no_exact": "no total meets the range exactly",
}

DUTCH_BELIEVED: Mapping[str, str] = {
    # voor kalibratie
    "answer_uncalibrated": "Voor de kalibratie was het antwoord {estimate} ({prob}-{kind}-interval "
    "{low} tot {high}). De correctie is geleerd van {number} lijsten van bekende grootte, waarvan "
    "{own} in deze tabel.",
    # aannames naast elkaar
    "identified": "Alle aannames naast elkaar",
    "identified_lead": "Wat niet is gezien, is met veel aannames te bereiken. {number} ervan geven "
    "hier een getal, van {low} tot {high}. De gemerkte passen even goed bij de aantallen als "
    "andere (binnen {units} eenheden AIC of BIC) waarvan het totaal meer dan een tiende verder "
    "ligt: de aantallen kunnen er niet tussen kiezen.",
    "identified_none": "Geen aanname geeft hier een getal dat kan worden afgedrukt.",
    "identified_hidden": "Nog {number} zijn niet afgedrukt: ze berusten op aantallen van minder "
    "dan {threshold} mensen.",
    "assumption": "Aanname",
    "fit": "Deviantie (df)",
    "how_it_fits": "Past",
    "fits_as_others": "als andere",
    "fits_badly": "slecht",
    "at_least": "minstens {number}",
    "overall": "Alle lijsten tegelijk hebben geen interactie",
    "pair": "{lists}: onafhankelijk onder mensen op geen andere lijst",
    "triple": "{lists}: geen interactie van alle drie onder mensen op geen andere lijst",
    "pairs_summed": "Twee lijsten onafhankelijk onder mensen op geen andere lijst: {number} van "
    "{all} paren ({least} tot {most})",
    "triples_summed": "Drie lijsten zonder interactie onder mensen op geen andere lijst: {number} "
    "van {all} drietallen ({least} tot {most})",
    "near_model": "{name}, bijna even goed",
    "people_none": "Mensen verschillen niet in hun kansen",
    "people_chao": "Mensen verschillen hoe dan ook (ondergrens van Chao)",
    "people_poisson": "Mensen verschillen als een poissonmengsel",
    "people_darroch": "De log odds van mensen verschillen volgens een normale verdeling (Darroch)",
    "people_gamma": "Mensen verschillen als een gammamengsel",
    "lists_alike": "{people}; alle lijsten bereiken hetzelfde aandeel",
    "lists_unlike": "{people}; lijsten zijn onafhankelijk",
    "coverage_n0": "Steekproefdekking: lijsten gemiddeld onafhankelijk",
    "coverage_n": "Steekproefdekking: dezelfde afhankelijkheid onder mensen op geen, één en twee "
    "lijsten",
    "coverage_n1": "Steekproefdekking: deels gecorrigeerd voor afhankelijkheid",
    "middle": "de helft onder {middle}",
    # grenzen
    "bounds": "Grenzen",
    "bounds_odds_ratios": "Als de odds ratio van elke twee lijsten {among} tussen {low} en {high} "
    "ligt{more}, en er verder niets wordt aangenomen over hoe lijsten van elkaar afhangen:",
    "bounds_xi": "Als de interactie ξ van alle lijsten tegelijk tussen {low} en {high} ligt, en er "
    "verder niets wordt aangenomen over hoe lijsten van elkaar afhangen:",
    "bounds_and_xi": ", en de interactie ξ van alle lijsten tegelijk tussen {low} en {high}",
    "among_everyone": "in de hele populatie",
    "among_missed": "onder mensen op geen andere lijst",
    "bounds_interval": "{prob}-interval",
    "bounds_exact": "Met de aantallen als exact genomen",
    "bounds_ends": "{low} tot {high}",
    "bounds_open": "{low} of meer; geen aantal is te groot",
    "bounds_contradicted": "geen totaal past bij de tabel en dit bereik",
    "bounds_no_exact": "geen totaal voldoet precies aan het bereik",
}
