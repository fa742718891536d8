"""The sentence and the remedy of every kind of caution in Dutch, with the same placeholders."""

from collections.abc import Mapping

from darkfigure.cautions import Kind

DUTCH_KINDS: Mapping[str, Kind] = {
    "duplicate_histories": Kind(
        "combinaties van lijsten staan dubbel ({rows} in totaal; de eerste: rij {row}, {history}); "
        "hun aantallen zijn opgeteld",
        "ga na of het bestand niet twee tabellen onder elkaar is, en of geen stratumkolom in by= "
        "ontbreekt",
    ),
    "person_twice": Kind(
        "mensen die meer dan eens op lijst {list_name} staan ({people} van hen) zijn elk één keer "
        "geteld",
        "niets, als de lijst meldingen bevat en geen mensen; controleer anders de sleutel",
    ),
    "known_unseen": Kind(
        "de rij met nullen ({count}) is genomen als het bekende aantal op geen lijst; het staat "
        "naast de schatting en wordt er nooit voor gebruikt",
        "laat de rij weg als deze mensen niet echt bekend zijn",
    ),
    "encoding": Kind(
        "het bestand is geen UTF-8; het is gelezen als {encoding}",
        "controleer namen met accenten, of bewaar het bestand als UTF-8",
    ),
    "similar_levels": Kind(
        "kolom {column!r} heeft de niveaus {levels}, die alleen in hoofdletters verschillen; ze "
        "zijn apart gehouden",
        "schrijf ze gelijk als ze één stratum zijn, en lees de tabel opnieuw",
    ),
    "rows_as_people": Kind(
        "elke rij heeft een eigen combinatie van lijsten, en kolom {column!r} bevat gehele "
        "getallen; elke rij is als één mens geteld",
        "als {column!r} aantallen bevat, geef dan count={column!r} op",
    ),
    "perhaps_suppressed": Kind(
        "geen aantal ligt tussen 1 en {below}, terwijl {number} van de {cells} van {least} tot "
        "{most} zijn: kleine aantallen kunnen zijn onderdrukt, en zijn als niemand genomen",
        "kijk waar de tabel is gepubliceerd: zijn aantallen onder {least} onderdrukt, geef dan "
        "threshold={least} op; zo niet, niets",
    ),
    "perhaps_rounded": Kind(
        "alle {cells} aantallen zijn veelvouden van {base}: ze kunnen zijn afgerond, en zijn als "
        "exact genomen",
        "kijk waar de tabel is gepubliceerd: zijn aantallen afgerond, geef dan rounding={base} op, "
        "en threshold=... als kleine zijn onderdrukt; zo niet, niets",
    ),
    "no_overlap": Kind(
        "niemand staat op twee lijsten: de gegevens stellen geen bovengrens aan hoeveel er zijn "
        "gemist, en het bovenste deel van het antwoord komt alleen van de prior",
        "publiceer dit cijfer niet; koppel de lijsten opnieuw of voeg er een toe die overlapt",
    ),
    "overlap_not_certain": Kind(
        "van niemand is zeker dat die op twee lijsten staat: alle aantallen die dat zeggen liggen "
        "tussen grenzen die 0 toelaten, zodat het bovenste deel van het antwoord van de prior "
        "alleen kan komen",
        "vraag om de precieze aantallen mensen op twee lijsten, of publiceer alleen een ondergrens",
    ),
    "isolated_list": Kind(
        "lijst {list_name} heeft met geen andere lijst iemand gemeen",
        "controleer de koppeling van die lijst, of laat haar weg met table.drop({list_name!r})",
    ),
    "sparse": Kind(
        "{share} van de mensen staat op maar één lijst",
        "kleine veranderingen in een paar overlappingen verschuiven het antwoord: bekijk "
        "table.overlap()",
    ),
    "several_modes": Kind(
        "de {draws} heeft {number} toppen, bij {locations}: de gegevens kunnen er niet tussen "
        "kiezen",
        "vermeld de toppen {how} (est.modes()), nooit één getal",
    ),
    "bootstrap_modes": Kind(
        "de bootstraptotalen vallen in {number} groepen, bij {locations}: kleine veranderingen in "
        "de gegevens laten het antwoord van de ene naar de andere springen",
        "vermeld de groepen met hun gewicht (est.modes()), nooit één getal",
    ),
    "no_width": Kind(
        "{share:.0%} van de trekkingen geeft {total}, zodat het interval geen breedte heeft",
        "vermeld geen exact getal: dat het exact lijkt, komt van het model en zijn priors; "
        "vergelijk andere",
    ),
    "few_people": Kind(
        "er zijn maar {people} mensen gezien: elk interval uit zo weinig berust op zijn aannames",
        "vermeld de aanname bij het cijfer, of geen cijfer",
    ),
    "list_inside": Kind(
        "iedereen op lijst {inner} staat ook op lijst {outer}: de twee zijn geen aparte bronnen",
        "ga na hoe de lijsten zijn gemaakt, of voeg ze samen met table.merge(...)",
    ),
    "mean_infinite": Kind(
        "het gemiddelde van de {draws} is oneindig",
        "gebruik de mediaan en het interval",
    ),
    "sd_infinite": Kind(
        "de standaarddeviatie van de {draws} is oneindig",
        "gebruik het interval",
    ),
    "prior_sensitivity": Kind(
        "{parameter} beslist veel: de mediaan is {medians}",
        "vermeld het hele bereik, en zeg waarom deze prior is gekozen",
    ),
    "grid_truncated": Kind(
        "de posterior daalt zo langzaam dat een deel {mass} ervan voorbij {edge} niet-geziene "
        "mensen ligt; dat deel is uit de machtsstaart getrokken",
        "vermeld de bovengrens niet; gebruik een prior op de populatie met een lichtere staart",
    ),
    "models_disagree": Kind(
        "loglineaire modellen die bijna even goed passen, liggen buiten het interval: {models}",
        "vermeld beide; dk.compare zet de modellen naast elkaar, en om te kiezen is een reden van "
        "buiten de gegevens nodig",
    ),
    "near_ties": Kind(
        "{number} van {candidates} modellen liggen binnen {units:g} eenheden van het beste en "
        "geven {low} tot {high}: {models}",
        "bekijk est.models, en vermeld het bereik",
    ),
    "ties": Kind(
        "andere modellen liggen binnen {units:g} eenheden van het beste: {models}",
        "kies niet op zo weinig; vermeld ook deze totalen",
    ),
    "choices_disagree": Kind(
        "deze keuze geeft {mine}, een andere zou {others} geven",
        "vermeld ook deze totalen; leg de keuzeregel vast voordat de gegevens worden gezien",
    ),
    "poor_fit": Kind(
        "het model past slecht: van {tables} eruit getrokken tabellen passen er {number} even "
        "slecht",
        "bekijk est.residuals(); sta meer interacties toe, of schat strata apart",
    ),
    "no_maximum": Kind(
        "de aannemelijkheid stijgt zonder einde met het totaal, zodat er een ondergrens is maar "
        "geen schatting ({reason})",
        "vermeld alleen de ondergrens, of laat een interactie weg",
    ),
    "no_upper_limit": Kind(
        "er is geen bovengrens te stellen: een deel {share:.1%} van de betrouwbaarheidsverdeling "
        "ligt op oneindig",
        "vermeld de ondergrens, en dat deze gegevens geen bovengrens stellen",
    ),
    "correction_large": Kind(
        "de schatting ligt aan de rand van haar herhalingen, zodat de gecorrigeerde grenzen er "
        "{share:.0%} van weglaten",
        "vergelijk Bootstrap(kind='percentile'); een interval dat van de correctie afhangt is niet "
        "te vertrouwen",
    ),
    "limits_at_ends": Kind(
        "een gecorrigeerde grens ligt voorbij de {replicates} herhalingen en is op hun einde gezet",
        "gebruik meer herhalingen, of vergelijk Bootstrap(kind='percentile'): weinig verschillende "
        "totalen verdragen geen correctie",
    ),
    "prior_tension": Kind(
        "de prior op de populatie en de lijsten {how}: {prior} legt {prob:.0%} tussen {low} en "
        "{high}; de lijsten alleen zeggen {median} ({limits}), het {which} van de twee in "
        "{share:.0%} van de paren die eruit zijn getrokken",
        "vermeld beide, en zeg welke van de twee u vertrouwt, en waarom",
    ),
    "prior_excludes": Kind(
        "de prior op de populatie en de lijsten {how}: {prior} laat niets onder {least} toe; de "
        "lijsten alleen zeggen {median} ({limits}), minder dan dat in {share:.0%} van hun "
        "trekkingen",
        "vermeld beide, en zeg welke van de twee u vertrouwt, en waarom",
    ),
    "prior_edge": Kind(
        "de trekkingen hopen zich op bij {least}, het kleinste aantal dat {prior} toelaat: de "
        "lijsten alleen zeggen minder",
        "schat ook zonder die prior, en vermeld beide",
    ),
    "not_mixed": Kind(
        "de {chains} ketens zijn het niet eens (R-hat {r_hat}; die hoort onder 1.01 te liggen): "
        "hun medianen lopen van {low} tot {high}, zodat noch op de gewichten van de toppen noch op "
        "het interval te bouwen is",
        "geef geen enkel getal: noem de toppen (est.modes()), laat de ketens langer lopen, of "
        "gebruik een model dat exact wordt gemiddeld, zoals BayesianLogLinear()",
    ),
    "few_tail_draws": Kind(
        "het interval berust op {effective} effectieve trekkingen",
        "laat de ketens langer lopen, of vermeld de grenzen in ronde getallen",
    ),
    "divergences": Kind(
        "{number} van {draws} stappen van de steekproeftrekker liepen uiteen: delen van de "
        "posterior kunnen zijn gemist",
        'vergelijk inference="importance", of een prior met minder ruimte',
    ),
    "few_effective": Kind(
        "de {pool} gewogen trekkingen zijn maar {effective} onafhankelijke waard: de grenzen zijn "
        "onzeker",
        "vergelijk een ander startgetal; vermeld beide waar een prior op de populatie de lijsten "
        "tegenspreekt",
    ),
    "few_reweighted": Kind(
        "de {pool} trekkingen zijn onder de nieuwe prior maar {effective} onafhankelijke waard: de "
        "grenzen zijn onzeker",
        "schat opnieuw met de prior als instelling van het model",
    ),
    "heavy_weights": Kind(
        "de trekkingen reiken nauwelijks tot waar de nieuwe prior mensen verwacht: een paar ervan "
        "dragen veel van het gewicht (Paretovorm {shape} van de gewichten, boven 0,5), zodat de "
        "grenzen te dicht bij elkaar kunnen liggen",
        "schat opnieuw met de prior als instelling van het model",
    ),
    "linkages_failed": Kind(
        "{lost} van {linkages} koppelingen gaven geen schatting en zijn weggelaten: {reason}",
        "het interval is te kort, met een onbekende hoeveelheid; gebruik een Bayesiaans model",
    ),
    "many_false_links": Kind(
        "tot {expected} van de {links} mensen op twee of meer lijsten kunnen valse koppelingen "
        "zijn: het antwoord hangt aan dat getal",
        "controleer een steekproef van de koppelingen met de hand, en vermeld het bereik",
    ),
    "threshold_fixed": Kind(
        "de interacties zijn uit de gegevens gekozen en daarna vastgehouden: het interval laat weg "
        "dat ook andere gekozen hadden kunnen worden",
        'vergelijk selection="average"',
    ),
    "search_not_exhaustive": Kind(
        "{visited} van {number} modellen zijn gepast, die een zoektocht veelbelovend vond: er kan "
        "een beter zijn",
        "geef de termen zelf op (terms=...), verlaag de orde, of voeg lijsten samen",
    ),
    "no_mle": Kind(
        "{number} van {candidates} kandidaatmodellen hebben geen schatting en zijn weggelaten: "
        "{reason}",
        "niets, als het beste model zinnig is; voeg anders lijsten die weinig mensen delen samen, "
        "of laat ze weg",
    ),
    "boundary": Kind(
        "de schatting van de niet-geziene mensen ligt onder één: zo'n model kan niemand niet van "
        "enkelen onderscheiden",
        "meld niet 'niemand gemist'; kijk naar het interval en naar andere modellen",
    ),
    "boundary_replicates": Kind(
        "een deel {share:.1%} van de bootstraptotalen ligt op de rand: niemand gemist",
        "de ondergrens zegt niet meer dan dat er zoveel zijn gezien",
    ),
    "failed_replicates": Kind(
        "{share:.1%} van de bootstrapherhalingen had geen schatting en is weggelaten",
        "het interval is te kort, onbekend hoeveel; gebruik een Bayesiaans model",
    ),
    "selection_pool": Kind(
        "{share:.0%} van de bootstrapherhalingen koos een van de {last} laatst gerangschikte van "
        "de {pool} toegelaten modellen",
        "laat meer modellen toe: Bootstrap(reselect=True)",
    ),
    "selection_fixed": Kind(
        "het model is uit de gegevens gekozen en daarna vastgehouden: het interval laat weg dat "
        "een ander gekozen had kunnen worden",
        "gebruik Bootstrap(reselect=100)",
    ),
    "strata_disagree": Kind(
        "apart geschatte strata tellen op tot {separate}, samengenomen geven ze {pooled}",
        "de kans om gezien te worden verschilt tussen strata: verkies de som van de aparte waar "
        "lijsten in elk stratum overlappen, en zeg dat",
    ),
    "official_selection": Kind(
        "het model is met BIC gekozen en daarna in de bootstrap vastgehouden, zoals bij de "
        "officiële Nederlandse cijfers: het interval laat weg dat andere gegevens tot een ander "
        "model hadden geleid, en jaren waarin het gekozen model fout is",
        'vergelijk Bootstrap(1000, kind="parametric", reselect=True)',
    ),
    "selection_repeated": Kind(
        "de stapsgewijze keuze is in elke herhaling opnieuw gedaan: {models} verschillende "
        "modellen werden gekozen, het hier gebruikte in {share:.0%}",
        "vermeld dat aandeel; een model met priors op de interacties middelt erover",
    ),
    "levels_follow_total": Kind(
        "de grenzen zijn die van het totaal: de delen zijn verdeeld zoals geschat, en bewegen mee",
        "gebruik Bootstrap() voor grenzen van de delen",
    ),
    "not_told": Kind(
        "{parameters} is uit deze gegevens niet te bepalen, omdat de lijsten daar niet in bedrijf "
        "waren, en is weggelaten",
        "niets, als die lijsten zich daar als elders zouden hebben gedragen; laat ze anders weg "
        "met table.drop(...)",
    ),
    "existence_not_proven": Kind(
        "dat de aannemelijkheid haar maximum bij de schatting heeft, is bij het passen gevonden en "
        "niet bewezen: de mensen van een opgetelde rij kunnen allen in één van haar cellen zitten",
        "vergelijk een model met minder termen, of een met priors: HierarchicalLogLinear()",
    ),
    "limits_at_boundary": Kind(
        "{parameters} ligt op min oneindig: aantallen waarvan alleen bekend is dat ze klein zijn, "
        "zijn het waarschijnlijkst waar niemand is, en het model laat ook onder de niet-geziene "
        "mensen daar niemand zijn",
        "gebruik een model met priors, zoals BayesianLogLinear() of HierarchicalLogLinear(), of "
        "laat de interactie weg",
    ),
    "hidden_interactions": Kind(
        "{number} van {rows} aantallen zijn alleen tussen grenzen bekend, waaruit een interactie "
        "nauwelijks blijkt: de keuze laat weg wat alleen zij zouden tonen, en het antwoord kan ver "
        "liggen van dat uit de exacte aantallen, ook buiten dit interval",
        "vergelijk BayesianLogLinear(), dat middelt over alle modellen met priors op de "
        "interacties",
    ),
    "calibrated_no_bound": Kind(
        "de correctie is geleerd van mensen die op een lijst staan, en wie op geen enkele staat is "
        "moeilijker te zien: ook de gekalibreerde bovengrens is geen echte bovengrens",
        "geef beide intervallen, en zeg wat elk aanneemt",
    ),
    "calibrated_narrower": Kind(
        "het gekalibreerde interval is smaller dan dat van het model zelf ({low} tot {high}): bij "
        "populaties van bekende grootte groeiden de fouten minder dan de spreiding van het model",
        "geef beide intervallen; neem bij gegevens die dunner zijn dan die populaties het wijdste",
    ),
    "known_sizes_failed": Kind(
        "het model had geen schatting voor {number} populaties van bekende grootte, die dus niets "
        "konden leren: {names}",
        "vertrouw bij zulke dunne gegevens het gekalibreerde interval niet meer dan het andere",
    ),
    "calibrated_strata": Kind(
        "de fouten zijn geleerd van tabellen zonder strata; elk stratum wordt per trekking met "
        "dezelfde factor gecorrigeerd",
        "geef het gecorrigeerde totaal, en neem de delen als ruwe aanwijzing",
    ),
    "members_disagree": Kind(
        "de modellen die zijn samengenomen zijn het oneens; hun medianen zijn {models}",
        "geef de omhullende van hun intervallen, {low} tot {high}, naast het gewogen antwoord",
    ),
    "member_refused": Kind(
        "{model} was niet te gebruiken en het gewicht ging naar de andere: {reason}",
        "laat het weg uit Stacked, of kijk waarom het weigert",
    ),
    "empty_pairs": Kind(
        "niemand is gezien in {pairs}: het model laat ook onder de niet-geziene mensen daar "
        "niemand zijn",
        "voeg niveaus of lijsten die zo klein zijn samen, als daar mensen kunnen zijn",
    ),
}
