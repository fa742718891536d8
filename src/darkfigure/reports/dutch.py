"""The page's own words in Dutch."""

from collections.abc import Mapping

DUTCH: Mapping[str, str] = {
    # getallen
    "fewer": "<{threshold}",
    "between": "{low} tot {high}",
    "at_most": "hoogstens {high}",
    "no_limit": "geen bovengrens",
    "none": "geen",
    "not_stated": "niet vermeld",
    "not_run": "niet uitgevoerd",
    "yes": "ja",
    "no": "nee",
    "years": "{years} jaar",
    # de kop van de pagina
    "title": "Hoeveel in totaal? {title}",
    "title_plain": "{people}, gezien en niet gezien",
    "skip": "Naar het antwoord",
    "contents": "Op deze pagina",
    "made_by": "Gemaakt met darkfigure {version}.",
    # het antwoord
    "answer": "Het antwoord",
    "answer_figure": "Ongeveer {estimate} {people}{when}, gezien en niet gezien; {seen} van hen "
    "zijn gezien. {interval}",
    "answer_interval": "Het {prob}-{kind}-interval loopt van {low} tot {high}.",
    "answer_interval_open": "Het {prob}-{kind}-interval begint bij {low} en heeft geen bovengrens.",
    "answer_lower": "Minstens {low} {people}{when} (ondergrens van het {prob}-{kind}-interval): er "
    "is geen schatting en geen bovengrens.",
    "answer_unsettled": "Niet één aantal {people}{when}: de ketens van de steekproeftrekker zijn "
    "het niet eens. De trekkingen liggen vooral bij {places}; {prob} ervan ligt tussen {low} en "
    "{high}.",
    "answer_modes": "Er zijn {number} verschillende antwoorden, bij {places}: de gegevens kunnen "
    "er niet tussen kiezen.",
    "answer_mode": "{place} ({weight})",
    "answer_year": "Per jaar: {estimate} ({low} tot {high}), het totaal gedeeld door {years} jaar.",
    "answer_rests": "Dit berust op een aanname die de gegevens niet kunnen toetsen: {assumption}",
    "when": " in {period}",
    "when_from": " van {period}",
    "when_other": " ({period})",
    "verdict": "Oordeel",
    "verdict_none": "Uit deze gegevens moet geen schatting worden gepubliceerd.",
    "verdict_range": "Publiceer het hele bereik met de redenen, en niet één getal.",
    "verdict_figure": "Het getal kan worden gepubliceerd, samen met het interval, de aannames en "
    "de waarschuwingen hieronder.",
    "verdict_alone": "Niets in de controles van dit model zelf pleit ertegen het getal met zijn "
    "interval, aannames en waarschuwingen te publiceren; andere modellen zijn niet vergeleken.",
    "known": "In werkelijkheid bekend",
    "known_total": "{total} {people} in totaal",
    "known_simulated": "gesimuleerd: geen echte mensen",
    "verdict_why": "Want:",
    "verdict_rule_head": "Hoe het oordeel tot stand komt, volgens regels die vooraf vastliggen",
    "verdict_rule": "Geen schatting als ketens het "
    "niet eens zijn, geen twee lijsten overlappen, er geen bovengrens of geen maximum is, het "
    "interval geen breedte heeft, de bovengrens meer dan {interval_none} keer de ondergrens is, of "
    "antwoorden die ongeveer even goed worden gesteund meer dan {spread_none} keer uiteenliggen; "
    "alleen een bereik als dat meer dan {interval_range} en {spread_range} keer is, of als minder "
    "dan {few} mensen zijn gezien.",
    "why_not_mixed": "De ketens van de steekproeftrekker zijn het niet eens.",
    "why_no_overlap": "Niemand staat op twee lijsten: de gegevens stellen geen bovengrens.",
    "why_no_maximum": "De aannemelijkheid heeft geen maximum: er is een ondergrens, maar geen "
    "schatting.",
    "why_no_upper_limit": "Het interval heeft geen bovengrens.",
    "why_no_width": "Het interval heeft geen breedte: dat het getal exact lijkt, komt van het "
    "model.",
    "why_interval": "De bovengrens van het interval is {ratio} keer de ondergrens ({low} tot "
    "{high}).",
    "why_modes": "De gegevens laten verschillende antwoorden toe, {ratio} keer uiteen ({low} en "
    "{high}).",
    "why_prior": "Andere instellingen van de prior, waartussen de gegevens niet kunnen kiezen, "
    "verschuiven het antwoord {ratio} keer ({low} tot {high}).",
    "why_near_models": "Modellen die even goed passen als het beste (binnen {units} eenheden van "
    "zijn BIC) geven een ander antwoord: {low} tot {high}, tegen {estimate} hier.",
    "why_compared": "Verschillende soorten modellen geven antwoorden die {ratio} keer uiteenliggen "
    "({low} tot {high}).",
    "why_varied": "Hetzelfde model geeft met andere instellingen antwoorden die {ratio} keer "
    "uiteenliggen ({low} tot {high}).",
    "why_few_people": "Minder dan {few} mensen zijn gezien.",
    # afbeeldingen
    "picture_answer": "Hoe waarschijnlijk elk totaal is",
    "picture_answer_alt": "Kromme over het totale aantal {people}, op een logaritmische schaal. "
    "{seen} zijn gezien. Het {prob}-interval loopt van {low} tot {high}.",
    "picture_peaks": "De kromme heeft toppen bij {places}.",
    "picture_peak": "De kromme heeft haar top bij {places}.",
    "picture_axis": "{people} in totaal, gezien en niet gezien (logaritmisch)",
    "picture_seen": "{seen} gezien",
    "picture_histories": "Op welke lijsten mensen zijn gezien",
    "picture_histories_alt": "Staven: hoeveel {people} zijn gezien op precies de lijsten die "
    "eronder met stippen zijn gemerkt. De grootste: {largest}.",
    "picture_histories_axis": "{people} (logaritmisch)",
    "picture_histories_left": "Niet getekend: andere combinaties van lijsten, elk met minder dan "
    "{threshold} {people} of niemand.",
    "picture_histories_more": "Niet getekend: {number} kleinere combinaties van lijsten.",
    "picture_models": "De modellen naast elkaar",
    "picture_models_alt": "Voor elk model de schatting als stip en het {prob}-interval als balk, "
    "op een logaritmische schaal: {rows}.",
    "picture_away": "Een kruis: de lijst was niet in bedrijf.",
    # wat is gezien
    "seen": "Wat is gezien",
    "seen_total": "{seen} {people} zijn gezien op {lists} lijsten{period}.",
    "table": "De tabel",
    "concept": "Wat is geteld",
    "concept_flow": "een stroom: allen die ergens in de periode tot de populatie hoorden",
    "concept_stock": "een stand: wie er op één dag toe hoort",
    "concept_registered": "registraties: wie is gezien",
    "people": "Eenheid",
    "counted": "Mensen of meldingen",
    "period": "Periode",
    "case_definition": "Definitie",
    "source": "Bron",
    "edition": "Uitgave",
    "comparability": "Vergelijkbaarheid",
    "caveats": "Kanttekeningen bij de bron",
    "list": "Lijst",
    "list_what": "Wat het is",
    "list_people": "Erop",
    "list_alone": "Op geen andere lijst",
    "list_share": "Aandeel op geen andere",
    "list_active": "In bedrijf",
    "lists_head": "De lijsten",
    "overlap": "Mensen op beide van twee lijsten",
    "overlap_note": "Een paar zonder mensen is een toevallige nul waar mensen op beide hadden "
    "kunnen staan, en een structurele nul waar dat niet kan.",
    "sampling_zero": "0 (toevallige nul)",
    "structural_zero": "0 (structurele nul)",
    "linkage": "Hoe de lijsten zijn gekoppeld",
    "linkage_keys": "Koppelsleutels",
    "linkage_errors": "Koppelfouten",
    "duplicates": "Mensen twee keer op één lijst",
    "referral": "Doorverwijzing tussen lijsten",
    # aannames
    "assumed": "Wat wordt aangenomen, en hoe dat hier mis kan zijn",
    "assumed_lead": "De lijsten laten zien wie is gezien. Hoeveel mensen niet zijn gezien volgt "
    "alleen onder deze aannames. Geen ervan kan met deze aantallen alleen worden getoetst.",
    "assumed_fails": "Hoe dat hier mis kan zijn:",
    "assumed_identifies": "De aanname die de mensen op geen enkele lijst bereikt",
    # modellen
    "models": "De modellen, en hoe ver ze uiteenlopen",
    "model": "Model",
    "model_settings": "Instellingen",
    "candidates": "Kandidaten",
    "candidates_number": "{number} modellen bewaard",
    "candidates_one": "één model; er waren geen andere kandidaten",
    "candidates_inside": "die van {model}, opnieuw op elke herstelde tabel",
    "selection": "Keuze ertussen",
    "selection_average": "geen: alle zijn gemiddeld, elk gewogen naar hoe goed het de gegevens "
    "voorspelt",
    "selection_threshold": "interacties behouden boven een drempel, en daarna vastgehouden",
    "selection_bic": "de kleinste {criterion}",
    "selection_stepwise": "stapsgewijs",
    "selection_downhill": "bergafwaarts naar BIC",
    "selection_weights": "gemiddeld met BIC-gewichten",
    "selection_given": "geen: het model is opgegeven",
    "selection_stacked": "geen: ze zijn gemengd, elk gewogen naar hoe goed het populaties van "
    "bekende grootte vindt",
    "selection_none": "geen",
    "which_n": "n in BIC",
    "n_people": "het aantal geziene mensen",
    "n_cells": "het aantal cellen",
    "n_unused": "er is geen BIC gebruikt",
    "within": "Modellen binnen {units} eenheden van het beste",
    "within_answer": "{number}, met {low} tot {high}",
    "within_none": "de kandidaten hebben geen criterium",
    "within_strata": "geteld in elk stratum apart: zie de waarschuwingen",
    "within_near": "Loglineaire modellen binnen {units} BIC-eenheden van het beste",
    "units_note": "Eenheden zijn verschillen in het criterium, of in twee keer de logaritme van "
    "het posteriorgewicht.",
    "best_models": "De beste kandidaten",
    "total": "Totaal",
    "behind": "Eenheden achter",
    "weight": "Gewicht",
    "modes": "Toppen",
    "modes_head": "Verschillende antwoorden",
    "mode_location": "Bij",
    "mode_low": "Van",
    "mode_high": "Tot",
    "one_mode": "één, bij {place}",
    "compared": "Verschillende soorten modellen op dezelfde gegevens",
    "compared_not_run": "Andere modellen: niet uitgevoerd.",
    "estimate": "Schatting",
    "low": "Ondergrens",
    "high": "Bovengrens",
    "interval_kind": "Interval",
    "unsuited": "het past niet bij deze tabel",
    "unused": "Niet gebruikt: {model}: {reason}",
    "unsettled": "niet één getal",
    "existence": "Bestaan van de schatting",
    "existence_posterior": "een posterior met echte priors bestaat altijd",
    "existence_yes": "getoetst: de aannemelijkheid heeft haar maximum bij de schatting",
    "existence_no": "de aannemelijkheid heeft geen maximum",
    "existence_left_out": "getoetst: {number} van {candidates} kandidaten hebben geen schatting en "
    "zijn weggelaten",
    "existence_stacked": "elk van de gemengde modellen heeft een schatting",
    "existence_unproven": "gevonden bij het passen, niet bewezen",
    # waarschuwingen
    "cautions": "Waarschuwingen",
    "remedy": "Wat te doen",
    "no_cautions": "De controles die bij elke schatting horen gaven geen waarschuwing. Dat bewijst "
    "niet dat er niets mis is.",
    "in_stratum": "in stratum {stratum}: {text}",
    "looked_at": " die hiervoor zijn bekeken",
    "on_linkages": "op {number} van de {all} koppelingen{looked_at}, zoals op één ervan: {text}",
    "on_each_linkage": "op elk van de {number} koppelingen{looked_at}, zoals op één ervan: {text}",
    "in_strata": "in stratum {stratum} en nog {number}: {text}",
    # gevoeligheid
    "sensitivity": "Wat het antwoord zou verschuiven",
    "priors": "Andere instellingen van de prior",
    "setting": "Instelling",
    "median": "Mediaan",
    "used_here": "{setting} (hier gebruikt)",
    "without_list": "Eén lijst weggelaten",
    "left_out": "Weggelaten",
    "change": "Verschil",
    "merging": "Lijsten samenvoegen",
    "dependence": "Afhankelijkheid tussen lijsten",
    "varied": "Hetzelfde model met andere instellingen",
    "claims": "Wat waar zou moeten zijn voor andere cijfers",
    "checks": "Toetsen op populaties van bekende grootte",
    "internal": "Interne consistentie",
    "in_checks": "zie de toetsen hieronder",
    "in_claims": "zie wat waar zou moeten zijn, hieronder",
    # behandeling van cellen
    "cells": "Hoe de aantallen zijn behandeld",
    "cells_exact": "Cellen met een exact aantal",
    "cells_between": "Cellen die alleen tussen grenzen bekend zijn",
    "cells_summed": "Cellen die sommen zijn over wat niet bekend is",
    "cells_impossible": "Combinaties die niet kunnen bestaan",
    "cells_source": "Onderdrukking en afronding in de bron",
    "rounding": "Afronding van cijfers die eruit zijn gepubliceerd",
    "cells_here": "Onderdrukking en afronding op deze pagina",
    # strata
    "strata": "Naar stratum",
    "level": "Niveau",
    "strata_sums": "Sommen over strata",
    "strata_none": "geen strata",
    "strata_joint": "één model over alle strata; hun trekkingen zijn opgeteld",
    "strata_separate": "elk stratum apart geschat; trekkingen opgeteld",
    # hoe
    "how": "Hoe het is berekend",
    "kind": "Soort interval",
    "kind_posterior": "posterior: gegeven het model en zijn priors ligt het totaal er met kans "
    "{prob} in. Een verkeerde aanname is niet gedekt.",
    "kind_bootstrap": "bootstrap: hoe ver het antwoord zou verschuiven met andere mensen uit "
    "dezelfde bron. Het is geen kans over het totaal, en een verkeerde aanname is niet gedekt.",
    "kind_profile": "profielaannemelijkheid: totalen waarbij het ene model bijna even goed past. "
    "Dat het model uit de gegevens kan zijn gekozen, is weggelaten.",
    "kind_asymptotic": "asymptotisch: een normale benadering. Bij dunne tabellen is die te kort.",
    "kind_stacked": "gestapeld: een mengsel van de trekkingen van enkele modellen, gewogen naar "
    "hoe goed elk populaties van bekende grootte vindt. Een verkeerde aanname van alle is niet "
    "gedekt.",
    "kind_calibrated": "gekalibreerd: gecorrigeerd met de fouten van dit model op populaties van "
    "bekende grootte.",
    "repeated": "Keuze van het model in het interval",
    "repeated_average": "meegenomen: het interval middelt over de kandidaten",
    "repeated_all": "meegenomen: de keuze is in elke herhaling opnieuw gemaakt uit alle modellen",
    "repeated_some": "deels meegenomen: in elke herhaling uit de {number} beste modellen",
    "repeated_no": "weggelaten: het model is vastgehouden",
    "repeated_one": "er was er geen",
    "convergence": "Convergentie",
    "convergence_exact": "er is geen steekproeftrekker gebruikt: de trekkingen zijn onafhankelijk",
    "convergence_stacked": "die van de gemengde modellen: zie de waarschuwingen, en hun eigen "
    "schattingen",
    "convergence_weighted": "onafhankelijke gewogen trekkingen, zoveel waard als {effective} "
    "onafhankelijke",
    "convergence_yes": "de ketens zijn het eens (R-hat {r_hat}, {effective} effectieve trekkingen)",
    "convergence_no": "de ketens zijn het niet eens (R-hat {r_hat})",
    "draws": "Bewaarde trekkingen",
    "rounded": "Afronding van antwoorden",
    "rounded_how": "tot wat het interval draagt: een tiende van het eerste cijfer van de breedte, "
    "minstens drie cijfers",
    # herhaalbaarheid
    "again": "Hoe deze getallen opnieuw te krijgen zijn",
    "call": "Aanroep",
    "seed": "Startgetal",
    "hash": "Inhoudshash van de tabel",
    "versions": "Versies",
    "references": "Literatuur",
    # andere woorden van resultaten
    "kind_word_posterior": "posterior",
    "kind_word_bootstrap": "bootstrap",
    "kind_word_profile": "profiel",
    "kind_word_asymptotic": "asymptotisch",
    "kind_word_stacked": "gestapeld",
    "kind_word_calibrated": "gekalibreerd",
    "claims_lead": "Als een cijfer klopt en de registraties juist zijn, dan moeten de lijsten van "
    "elkaar afhangen zoals hieronder. Een odds ratio van 7 zegt: op de ene lijst staan "
    "vermenigvuldigt de kansverhouding voor de andere met 7; 1 is onafhankelijkheid. Tussen paren "
    "lijsten, onder mensen die een andere lijst zag, tonen de gegevens odds ratio's als in de "
    "laatste kolom.",
    "claim_total": "{claim}: {total}{when}",
    "claim_title_source": "{title} ({source})",
    "claim_contradicted": "Dat ligt niet boven het aantal geziene mensen: het kan alleen kloppen "
    "als mensen dubbel zijn geteld, of sommigen niet tot de populatie horen.",
    "claim_share": "{share} van de trekkingen van het model van deze pagina ligt erop of erboven.",
    "way": "Wat waar zou moeten zijn",
    "needed": "Nodig",
    "seen_between": "Gezien",
    "way_interaction": "interactie van alle lijsten tegelijk (ξ)",
    "way_missed": "odds ratio van {lists} onder mensen op geen andere lijst",
    "way_everyone": "odds ratio van {lists} in de hele populatie",
    "way_links_missed": "aandeel van de echte koppelingen dat is gemist",
    "way_links_false": "aandeel van de koppelingen dat vals is",
    "way_outside": "aandeel registraties van mensen buiten de populatie",
    "way_observable": "kleinste kans om gezien te worden van wie is meegeteld (α)",
    "needed_between": "{value} ({low} tot {high})",
    "roughly": "ongeveer {value}: een eerste benadering, alleen bij twee lijsten precies",
    "claim_years": "Het cijfer gaat over {years}; het staat naast het jaargemiddelde van {period}.",
    "claim_country": "Het cijfer gaat over {country}; de tabel vermeldt haar land niet.",
    "undetermined": "niet bepaald",
    "no_way": "kan het daar niet brengen",
    "claims_none": "Er is hier geen gepubliceerd cijfer van hetzelfde land, dezelfde periode en "
    "hetzelfde begrip bekend; er is geen cijfer genoemd.",
    "known_sizes": "Elke lijst als populatie van bekende grootte, geschat uit de andere",
    "known_lead": "Hoeveel mensen op een lijst staan is bekend. Van {number} lijsten die kunnen "
    "dienen bevatte het {prob}-interval uit de andere lijsten bij {held} het ware aantal.",
    "known_lead_one": "Hoeveel mensen op een lijst staan is bekend. Van {number} lijst die kan "
    "dienen bevatte het {prob}-interval uit de andere lijsten bij {held} het ware aantal.",
    "known_error": "De middelste fout is {error}.",
    "known_factor": "Te hoog of te laag, de helft van de schattingen zit er een factor {factor} of "
    "meer naast.",
    "no_list_can_serve": "Geen lijst kan dienen als populatie van bekende grootte.",
    "truth": "Bekend",
    "held": "Bevat",
    "error": "Fout",
    "moved_drop": "Eén lijst weggelaten",
    "moved_merge": "Twee lijsten samengevoegd",
    "moved_prior": "Andere priors",
    "moved_accrual": "Naarmate er mensen bijkomen",
    "moved_years": "Naarmate er jaren bijkomen",
    "moved_existence": "Schattingen met maximale aannemelijkheid",
    "moved_cells": "Een paar mensen minder met één combinatie",
    "case": "Geval",
    "times": "Keer het antwoord",
    "no_estimate": "geen schatting",
    "as_it_is": "De tabel zoals die is",
    "why_internal": "Waar de waarheid bekend is, mist het model haar vaak: van {number} lijsten "
    "als populaties van bekende grootte bevatte zijn interval er {held}.",
    "why_moves": "Lijsten weglaten of samenvoegen verschuift het antwoord {ratio} keer ({low} tot "
    "{high}).",
    "and": "en",
    "only": "alleen {list}",
    "seen_alone": "{share} van hen staat op maar één lijst.",
}
