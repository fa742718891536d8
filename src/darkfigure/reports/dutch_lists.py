"""Dutch for the lists and stratum variables of the tables that come along."""

from collections.abc import Mapping

DUTCH_LISTS: Mapping[str, str] = {
    "mailing list of the first organisation": "adressenlijst van de eerste organisatie",
    "mailing list of the second organisation": "adressenlijst van de tweede organisatie",
    "mailing list of the third organisation": "adressenlijst van de derde organisatie",
    "mailing list of the fourth organisation": "adressenlijst van de vierde organisatie",
    "constructed": "bedacht",
    "not named": "niet genoemd",
    "obstetric records": "verloskundige dossiers",
    "other hospital records": "andere ziekenhuisdossiers",
    "Department of Public Health": "Department of Public Health (volksgezondheid)",
    "Department of Mental Health": "Department of Mental Health (geestelijke gezondheid)",
    "special schools": "speciale scholen",
    "diabetes clinic or family doctor": "diabeteskliniek of huisarts",
    "hospital discharges": "ontslagen uit het ziekenhuis",
    "prescriptions": "recepten",
    "purchases of reagent strips and insulin syringes": (
        "aankopen van teststrips en insulinespuiten"
    ),
    "first trapping day": "eerste vangdag",
    "second trapping day": "tweede vangdag",
    "third trapping day": "derde vangdag",
    "fourth trapping day": "vierde vangdag",
    "fifth trapping day": "vijfde vangdag",
    "sixth trapping day": "zesde vangdag",
    "serum test": "bloedtest",
    "hospital": "ziekenhuis",
    "questionnaire": "vragenlijst",
    "exhumations": "opgravingen",
    "American Bar Association": "American Bar Association (Amerikaanse orde van advocaten)",
    "Organization for Security and Co-operation in Europe": (
        "Organisatie voor Veiligheid en Samenwerking in Europa"
    ),
    "Human Rights Watch": "Human Rights Watch",
    "Inspectorate SZW (labour inspectorate)": "Inspectie SZW (arbeidsinspectie)",
    "Royal Marechaussee (border police)": "Koninklijke Marechaussee (grenspolitie)",
    "shelters and residential treatment, or others: sources disagree which of O and Z is which": (
        "opvang en residentiële behandeling, of overige: bronnen verschillen over wat O is en wat Z"
    ),
    "National Police": "Nationale Politie",
    "regional coordinators": "regiocoördinatoren",
    "I or O of the six lists: Inspectorate SZW (labour inspectorate), and either shelters "
    "and residential treatment or others": (
        "I of O van de zes lijsten: Inspectie SZW (arbeidsinspectie), en opvang en "
        "residentiële behandeling of overige"
    ),
    "confidential": "vertrouwelijk",
    "B, E, F or G of the eight lists; confidential": (
        "B, E, F of G van de acht lijsten; vertrouwelijk"
    ),
    "document b": "document b",
    "document c": "document c",
    "document d": "document d",
    "first reporting centre": "eerste meldende centrum",
    "second reporting centre": "tweede meldende centrum",
    "third reporting centre": "derde meldende centrum",
    "fourth reporting centre": "vierde meldende centrum",
    "social enquiry reports": "rapporten van maatschappelijk onderzoek",
    "hospital records": "ziekenhuisdossiers",
    "Scottish drug misuse database": "Schotse databank van drugsmisbruik",
    "hepatitis C diagnosis database, which also holds people who no longer inject": (
        "databank van hepatitis C-diagnoses, waarin ook mensen staan die niet meer spuiten"
    ),
    "birth certificates": "geboorteakten",
    "death certificates": "overlijdensakten",
    "medical rehabilitation records": "dossiers van medische revalidatie",
    "local authorities": "gemeenten en andere lokale overheden",
    "non-government organisations": "niet-gouvernementele organisaties",
    "police forces": "politiekorpsen",
    "government organisations": "overheidsorganisaties",
    "general public": "publiek",
    "National Crime Agency": "National Crime Agency (nationale recherche)",
    "police forces or the National Crime Agency": "politiekorpsen of de National Crime Agency",
    "first trapping night": "eerste vangnacht",
    "second trapping night": "tweede vangnacht",
    "third trapping night": "derde vangnacht",
    "fourth trapping night": "vierde vangnacht",
    "fifth trapping night": "vijfde vangnacht",
    "sixth trapping night": "zesde vangnacht",
    "50 stops along one route": "50 haltes langs één route",
    "11 visits to each place": "11 bezoeken aan elke plaats",
    "18 trapping occasions": "18 vangmomenten",
    "apprehensions by the police": "aanhoudingen door de politie",
    "claims made under each policy": "claims op elke polis",
    "simulated after the National Police": "gesimuleerd naar de Nationale Politie",
    "simulated after the Royal Marechaussee (border police)": (
        "gesimuleerd naar de Koninklijke Marechaussee (grenspolitie)"
    ),
    "simulated after the Inspectorate SZW (labour inspectorate); not at work in 2010": (
        "gesimuleerd naar de Inspectie SZW (arbeidsinspectie); niet in bedrijf in 2010"
    ),
    "simulated after the regional coordinators": "gesimuleerd naar de regiocoördinatoren",
    "simulated after the list of shelters or others that is called O": (
        "gesimuleerd naar de lijst van opvang of overige die O heet"
    ),
    "simulated after the list of shelters or others that is called Z": (
        "gesimuleerd naar de lijst van opvang of overige die Z heet"
    ),
    "GGC is Greater Glasgow and Clyde": "GGC is Greater Glasgow and Clyde",
    "male or female": "man of vrouw",
    "under 35, or 35 and over": "onder 35, of 35 en ouder",
    "Afro-American, Caucasian or other, as recorded": (
        "Afro-Amerikaans, Kaukasisch of anders, zoals geregistreerd"
    ),
    "female or male": "vrouw of man",
    "young or adult": "jong of volwassen",
    "weight in grams": "gewicht in gram",
    "under or over 40 years, as published": "onder of boven 40 jaar, zoals gepubliceerd",
    "apprehended for illegal stay or for another reason": (
        "aangehouden om illegaal verblijf of om een andere reden"
    ),
    "region or country of nationality": "regio of land van nationaliteit",
    "2010 to 2015": "2010 tot en met 2015",
    "minor or adult": "minderjarig of volwassen",
    "form of exploitation: sexual, labour or criminal": (
        "vorm van uitbuiting: seksueel, arbeid of crimineel"
    ),
    "Dutch, other EU or other": "Nederlands, andere EU of anders",
}
