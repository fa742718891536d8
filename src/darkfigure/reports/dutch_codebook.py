"""Dutch for the codebooks of the tables that come along: titles, definitions, periods, caveats."""

from collections.abc import Mapping

DUTCH_CODEBOOK: Mapping[str, str] = {
    "SIMULATED register": "GESIMULEERD register",
    "People made up by a program.": "Mensen die door een programma zijn bedacht.",
    "Lesbians on four mailing lists, Allegheny County, Pennsylvania": (
        "Lesbische vrouwen op vier adressenlijsten, Allegheny County, Pennsylvania"
    ),
    "Constructed table in which existence and identifiability fail": (
        "Bedachte tabel waarin bestaan en identificeerbaarheid falen"
    ),
    "Victims of human trafficking and slavery, Australia, July 2015 to June 2017": (
        "Slachtoffers van mensenhandel en slavernij, Australië, juli 2015 tot en met juni 2017"
    ),
    "Children with a congenital anomaly, Massachusetts, born 1955-1959": (
        "Kinderen met een aangeboren afwijking, Massachusetts, geboren in 1955-1959"
    ),
    "People with diabetes, Casale Monferrato 1988": "Mensen met diabetes, Casale Monferrato 1988",
    "Snowshoe hares on six trapping days": "Sneeuwschoenhazen op zes vangdagen",
    "Hepatitis A outbreak at a college, northern Taiwan 1995": (
        "Uitbraak van hepatitis A op een hogeschool, Noord-Taiwan 1995"
    ),
    "Killings in Kosovo, 20 March to 22 June 1999": (
        "Gedode mensen in Kosovo, 20 maart tot en met 22 juni 1999"
    ),
    "Presumed victims of human trafficking, Netherlands 2010-2015, six lists": (
        "Vermoedelijke slachtoffers van mensenhandel, Nederland 2010-2015, zes lijsten"
    ),
    "Presumed victims of human trafficking, Netherlands 2010-2015, five lists": (
        "Vermoedelijke slachtoffers van mensenhandel, Nederland 2010-2015, vijf lijsten"
    ),
    "Victims of human trafficking, Greater New Orleans 2016, eight lists": (
        "Slachtoffers van mensenhandel, Greater New Orleans 2016, acht lijsten"
    ),
    "Victims of human trafficking, Greater New Orleans 2016, five lists": (
        "Slachtoffers van mensenhandel, Greater New Orleans 2016, vijf lijsten"
    ),
    "Korean women held in sexual slavery, Palembang 1945": (
        "Koreaanse vrouwen in seksuele slavernij, Palembang 1945"
    ),
    "People with HIV, Rome and Lazio 1990": "Mensen met hiv, Rome en Lazio 1990",
    "People who inject drugs, Scotland 2006": "Mensen die drugs spuiten, Schotland 2006",
    "Children born with spina bifida, upstate New York 1969-1974": (
        "Kinderen geboren met een open rug, de staat New York buiten de stad, 1969-1974"
    ),
    "Children born with spina bifida by ethnicity, upstate New York 1969-1974": (
        "Kinderen geboren met een open rug naar etniciteit, de staat New York buiten de stad, "
        "1969-1974"
    ),
    "Potential victims of modern slavery, United Kingdom 2013, six lists": (
        "Mogelijke slachtoffers van moderne slavernij, Verenigd Koninkrijk 2013, zes lijsten"
    ),
    "Potential victims of modern slavery, United Kingdom 2013, five lists": (
        "Mogelijke slachtoffers van moderne slavernij, Verenigd Koninkrijk 2013, vijf lijsten"
    ),
    "Victims of sex trafficking, a site in the western United States 2016": (
        "Slachtoffers van sekshandel, een plaats in het westen van de Verenigde Staten 2016"
    ),
    "Deer mice on six trapping nights, East Stuart Gulch, Colorado": (
        "Hertmuizen op zes vangnachten, East Stuart Gulch, Colorado"
    ),
    "Bird species along a survey route with 50 stops, Maryland 2001": (
        "Vogelsoorten langs een telroute met 50 haltes, Maryland 2001"
    ),
    "Places where catbirds were noticed on 11 visits": (
        "Plaatsen waar katvogels zijn opgemerkt bij 11 bezoeken"
    ),
    "Cottontail rabbits in an enclosure with 135 animals": (
        "Katoenstaartkonijnen in een omheining met 135 dieren"
    ),
    "Illegal immigrants apprehended by the police, four Dutch cities 1995, with covariates": (
        "Illegale immigranten aangehouden door de politie, vier Nederlandse steden 1995, met "
        "kenmerken"
    ),
    "Illegal immigrants apprehended by the police, four Dutch cities 1995": (
        "Illegale immigranten aangehouden door de politie, vier Nederlandse steden 1995"
    ),
    "Traffic accident claims per insurance policy": (
        "Claims na verkeersongevallen per verzekeringspolis"
    ),
    "SIMULATED practice register, shaped like the Dutch registrations of 2010-2015": (
        "GESIMULEERD oefenregister, naar het voorbeeld van de Nederlandse registraties van "
        "2010-2015"
    ),
    "Names on the mailing lists of four organisations that serve the lesbian and gay "
    "population of Allegheny County.": (
        "Namen op de adressenlijsten van vier organisaties voor lesbische vrouwen en "
        "homomannen in Allegheny County."
    ),
    "None: the table is constructed.": "Geen: de tabel is bedacht.",
    "Victims of human trafficking and slavery in Australia in the financial years 2015-16 "
    "and 2016-17.": (
        "Slachtoffers van mensenhandel en slavernij in Australië in de boekjaren 2015-16 en "
        "2016-17."
    ),
    "Children with Down's syndrome born in Massachusetts in 1955-1959 and alive on 31 "
    "December 1966.": (
        "Kinderen met het syndroom van Down, geboren in Massachusetts in 1955-1959 en in leven "
        "op 31 december 1966."
    ),
    "Residents of Casale Monferrato, Italy, known to have diabetes.": (
        "Inwoners van Casale Monferrato, Italië, van wie bekend is dat ze diabetes hebben."
    ),
    "Snowshoe hares trapped on at least one of six days.": (
        "Sneeuwschoenhazen die op minstens één van zes dagen zijn gevangen."
    ),
    "Students of one college infected with hepatitis A in the outbreak of April to July 1995.": (
        "Studenten van één hogeschool die bij de uitbraak van april tot en met juli 1995 met "
        "hepatitis A zijn besmet."
    ),
    "People killed in Kosovo between 20 March and 22 June 1999.": (
        "Mensen die in Kosovo zijn gedood tussen 20 maart en 22 juni 1999."
    ),
    "Presumed victims of human trafficking registered with CoMensha, the Dutch coordination "
    "centre, by the kind of organisation that reported them.": (
        "Vermoedelijke slachtoffers van mensenhandel geregistreerd bij CoMensha, naar het "
        "soort organisatie dat hen meldde."
    ),
    "Presumed victims of human trafficking registered with CoMensha, the Dutch coordination "
    "centre, by the kind of organisation that reported them; the two smallest lists are "
    "joined.": (
        "Vermoedelijke slachtoffers van mensenhandel geregistreerd bij CoMensha, naar het "
        "soort organisatie dat hen meldde; de twee kleinste lijsten zijn samengevoegd."
    ),
    "Victims related to human trafficking in Greater New Orleans, known to local "
    "organisations and law enforcement.": (
        "Slachtoffers van mensenhandel in Greater New Orleans die bekend zijn bij plaatselijke "
        "organisaties en politie."
    ),
    "Victims related to human trafficking in Greater New Orleans, known to local "
    "organisations and law enforcement; the four smallest lists are joined.": (
        "Slachtoffers van mensenhandel in Greater New Orleans die bekend zijn bij plaatselijke "
        "organisaties en politie; de vier kleinste lijsten zijn samengevoegd."
    ),
    "Korean women held in sexual slavery by the Japanese military in Palembang.": (
        "Koreaanse vrouwen die door het Japanse leger in Palembang in seksuele slavernij zijn "
        "gehouden."
    ),
    "People with human immunodeficiency virus type 1 reported by four large centres in 1990.": (
        "Mensen met hiv type 1 die in 1990 door vier grote centra zijn gemeld."
    ),
    "People who inject drugs in Scotland in 2006; S4 also holds people who no longer inject.": (
        "Mensen die in 2006 in Schotland drugs spuiten; op S4 staan ook mensen die niet meer "
        "spuiten."
    ),
    "Children born alive with spina bifida in upstate New York in 1969-1974.": (
        "Kinderen die in 1969-1974 in de staat New York buiten de stad levend zijn geboren met "
        "een open rug."
    ),
    "Children born alive with spina bifida in upstate New York in 1969-1974, by ethnicity.": (
        "Kinderen die in 1969-1974 in de staat New York buiten de stad levend zijn geboren met "
        "een open rug, naar etniciteit."
    ),
    "Potential victims of human trafficking in the strategic assessment of 2013, by the kind "
    "of organisation that knew of them.": (
        "Mogelijke slachtoffers van mensenhandel in de strategische beoordeling van 2013, naar "
        "het soort organisatie dat van hen wist."
    ),
    "Potential victims of human trafficking in the strategic assessment of 2013, by the kind "
    "of organisation that knew of them; police forces and the National Crime Agency are "
    "joined.": (
        "Mogelijke slachtoffers van mensenhandel in de strategische beoordeling van 2013, naar "
        "het soort organisatie dat van hen wist; politiekorpsen en de National Crime Agency "
        "zijn samengevoegd."
    ),
    "Victims related to sex trafficking at one site in the western United States.": (
        "Slachtoffers van sekshandel op één plaats in het westen van de Verenigde Staten."
    ),
    "Deer mice (Peromyscus maniculatus) trapped on at least one of six nights.": (
        "Hertmuizen (Peromyscus maniculatus) die op minstens één van zes nachten zijn gevangen."
    ),
    "Bird species noticed at one or more of the 50 stops of route 123 of the North American "
    "Breeding Bird Survey in 2001.": (
        "Vogelsoorten die in 2001 zijn opgemerkt bij een of meer van de 50 haltes van route "
        "123 van de North American Breeding Bird Survey."
    ),
    "Places at which catbirds were noticed on at least one of 11 visits.": (
        "Plaatsen waar bij minstens één van 11 bezoeken katvogels zijn opgemerkt."
    ),
    "Cottontail rabbits trapped at least once in an enclosure.": (
        "Katoenstaartkonijnen die minstens één keer zijn gevangen in een omheining."
    ),
    "Illegal immigrants apprehended in 1995 who could not be effectively expelled, by how "
    "often each was apprehended.": (
        "Illegale immigranten aangehouden in 1995 die niet konden worden uitgezet, naar hoe "
        "vaak elk is aangehouden."
    ),
    "Insurance policies with at least one traffic accident claim.": (
        "Verzekeringspolissen met minstens één claim na een verkeersongeval."
    ),
    "People made up by a program; no real person is among them.": (
        "Mensen die door een programma zijn bedacht; er is geen echt mens bij."
    ),
    "births of 1955-1959": "geboorten van 1955-1959",
}
