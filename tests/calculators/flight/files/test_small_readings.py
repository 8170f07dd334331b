"""Are headings, letters, routes, numbers and dates read as people write them?"""

from __future__ import annotations

from datetime import date

import pytest

from calculators.errors import UnknownCabin, UnknownColumns, UnknownHeading, UnknownMethod
from calculators.flight.files.dates import day, tell_order
from calculators.flight.files.editions import choice
from calculators.flight.files.fares import FARE_LETTERS, cabin_of
from calculators.flight.files.headings import column_of, heading_row, read_headings
from calculators.flight.files.numbers import number, tell_decimal
from calculators.flight.files.routes import sections, triples
from calculators.flight.seats import CABINS


@pytest.mark.parametrize(
    "names",
    [
        ("origin", "destination", "class", "date", "travellers", "trip"),
        ("Départ", "ARRIVÉE", "Classe", "Date de départ", "Nb. passagers", "N° de voyage"),
        ("Salida", "Llegada", "Clase", "Fecha del vuelo", "Número de pasajeros", "Reserva"),
        ("From", "To", "Fare class", "Flight_Date", "PAX", "PNR"),
    ],
)
def test_headings_of_three_languages(names: tuple[str, ...]) -> None:
    found = read_headings(["note", *names], {})
    wanted = ("origin", "destination", "class", "date", "travellers")
    assert [found.places[column] for column in wanted] == [1, 2, 3, 4, 5]
    assert found.told["origin"] == names[0]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("origin_iata", "origin"),
        ("destination_iata", "destination"),
        ("Origin Code", "origin"),
        ("Orig", "origin"),
        ("Dest.", "destination"),
        ("Orig/Dest", "routing"),
        ("From - To", "routing"),
        ("From City", "origin"),
        ("To City", "destination"),
        ("Departure City", "origin"),
        ("Arrival City", "destination"),
        ("From airport", "origin"),
        ("To airport", "destination"),
        ("DepartureAirportCode", "origin"),
        ("ArrivalAirportIATA", "destination"),
        ("Code de l'aéroport de départ", "origin"),
        ("Código IATA de destino", "destination"),
        ("No. of passengers", "travellers"),
        ("Nb de passagers", "travellers"),
        ("Nº pasajeros", "travellers"),
        ("Pax count", "travellers"),
        ("Passenger count", "travellers"),
        ("Number of travellers", "travellers"),
        ("Nombre de passagers", "travellers"),
        ("Aller-retour", "return"),
        ("Aller/Retour", "return"),
        ("return", "return"),
        ("Round trip", "return"),
        ("Return (Y/N)", "return"),
        ("Ida y vuelta", "return"),
        ("Travel date", "date"),
        ("Fare Basis Code", "class"),
        ("Cabin type", "cabin"),
        ("Aircraft model", "aircraft"),
        ("Booking ref", "trip"),
        ("Flight distance (km)", "distance_km"),
        ("Distance (miles)", None),
        ("Departure date", "date"),
        ("Arrival date", None),
        ("Departure time", None),
        ("Return date", None),
        ("Departure to arrival time", None),
        ("Passenger", None),
        ("Passenger name", None),
        ("Invoice date", None),
        ("Prix", None),
    ],
)
def test_a_heading_is_read_word_by_word(heading: str, column: str | None) -> None:
    assert column_of(heading) == column


def test_codes_come_before_names_and_what_is_not_read_is_told() -> None:
    found = read_headings(["Departure city", "Departure airport code", "Arrival", "Prix", ""], {})
    assert found.places == {"origin": 1, "destination": 2}
    assert found.unused == ("Departure city (a second origin)", "Prix")


def test_the_exact_name_comes_before_a_word_like_it_and_the_first_before_the_second() -> None:
    assert read_headings(["from", "origin", "to", "arrival"], {}).places == {
        "origin": 1,
        "destination": 2,
    }


def test_an_assigned_heading_comes_first() -> None:
    found = read_headings(["origin", "to", "Ab Flughafen"], {"origin": "ab flughafen"})
    assert found.places["origin"] == 2
    with pytest.raises(UnknownHeading, match=r"'Ab Flug'.*origin.*Ab Flughafen"):
        read_headings(["Ab Flughafen", "to"], {"origin": "Ab Flug"})


def test_without_a_route_or_a_distance_the_columns_found_are_named() -> None:
    with pytest.raises(UnknownColumns, match="Found: 'Von', 'Nach'"):
        read_headings(["Von", "Nach", ""], {})
    with pytest.raises(UnknownColumns, match="an empty row"):
        read_headings([""], {})
    assert heading_row([["Von"], []], {}) is None


def test_the_row_that_names_most_is_the_row_of_headings() -> None:
    rows = [["Itinerary", ""], [], ["Date", "From", "To"], ["1", "CDG", "JNB"]]
    assert heading_row(rows, {}) == 2


def test_every_letter_of_the_table_has_its_cabin_and_no_letter_two() -> None:
    letters = "".join(FARE_LETTERS.values())
    assert len(set(letters)) == len(letters) == 22
    for cabin, own in FARE_LETTERS.items():
        assert {CABINS[cabin_of(letter)] for letter in own + own.lower()} == {cabin}


@pytest.mark.parametrize(
    ("text", "cabin"),
    [
        ("Économique", "economy"),
        ("classe affaires", "business"),
        ("Premium Éco", "premium"),
        ("1ère", "first"),
        ("Clase turista", "economy"),
        ("Y26NR", "economy"),
        ("J1", "business"),
        (" w ", "premium"),
        ("PremiumEconomy", "premium"),
        ("Affaire", "business"),
        ("Econ", "economy"),
    ],
)
def test_words_and_fare_bases(text: str, cabin: str) -> None:
    assert CABINS[cabin_of(text)] == cabin


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("G", "has no cabin in the table"),
        ("u", "E, G, O, U have none"),
        ("buisness", "business"),
        ("Jet", "business"),
    ],
)
def test_an_unknown_cabin_is_refused_with_the_nearest(text: str, says: str) -> None:
    with pytest.raises(UnknownCabin, match=says):
        cabin_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "CDG/DOH/JNB",
        "CDG-DOH-JNB",
        "CDG > DOH > JNB",
        "CDG–DOH–JNB",
        "CDG → DOH → JNB",
        "CDG, DOH, JNB",
        "CDG;DOH;JNB",
        "CDG DOH JNB",
        " CDG->DOH -> JNB ",
        "CDG|DOH\\JNB",
        "CDG X/DOH JNB",
        "CDG x/DOH JNB",
        "CDG/X/DOH/JNB",
        "CDG-O/DOH-JNB",
        "CDG.DOH.JNB",
        "CDG:DOH:JNB",
        "CDG*DOH~JNB",
        "CDG=DOH#JNB",
        "CDG_DOH_JNB",
        "CDG to DOH à JNB",
        "CDG a DOH a JNB",
    ],
)
def test_a_routing_with_any_separator(text: str) -> None:
    assert sections(text) == (("CDG", "DOH", "JNB"),)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Paris - New York", ("Paris", "New York")),
        ("Saint-Denis / Paris", ("Saint-Denis", "Paris")),
        ("Paris, Doha, Port-au-Prince", ("Paris", "Doha", "Port-au-Prince")),
        ("New York", ("New York",)),
        ("Genève→Lisboa", ("Genève", "Lisboa")),
        ("Paris to New York", ("Paris", "New York")),
        ("Paris à Lisboa", ("Paris", "Lisboa")),
        ("Madrid a Bogotá", ("Madrid", "Bogotá")),
        ("St. Louis = Paris", ("St. Louis", "Paris")),
        ("Paris X/Doha / Johannesburg", ("Paris", "Doha", "Johannesburg")),
        ("PHX/DFW", ("PHX", "DFW")),
    ],
)
def test_names_in_a_routing_keep_their_spaces_and_hyphens(
    text: str, places: tuple[str, ...]
) -> None:
    assert sections(text) == (places,)


@pytest.mark.parametrize(
    "text",
    ["CDG/DOH//DXB/JNB", "CDG DOH // DXB JNB", "CDG DOH ARNK DXB JNB", "CDG-DOH/ARNK/DXB-JNB"],
)
def test_a_routing_has_a_gap_where_no_flight_goes_on(text: str) -> None:
    assert sections(text) == (("CDG", "DOH"), ("DXB", "JNB"))
    assert sections(" / // ") == ()


def test_codes_without_anything_between_them() -> None:
    assert triples("CDGDOHjnb ") == ("CDG", "DOH", "JNB")
    assert triples("CDG") == triples("CDGDO") == triples("CDG1OH") == triples("Orléan") == ()


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1 234,5", ",", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1\u202f234,5 km", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("\u22122", ".", -2),
        (".5", ".", 0.5),
        ("5.", ".", 5),
        ("12,34.5", ".", None),
        ("1,2,3", ",", None),
        ("zwei", ".", None),
        ("", ".", None),
    ],
)
def test_numbers(text: str, decimal: str, value: float | None) -> None:
    assert number(text, decimal) == value


@pytest.mark.parametrize(
    ("texts", "delimiter", "decimal"),
    [
        (["1,5", "2"], ",", ","),
        (["1.5"], ";", "."),
        (["1,234"], ",", "."),
        (["1,234"], ";", ","),
        (["1.234,5"], ",", ","),
        ([], ";", ","),
        ([], "\t", "."),
    ],
)
def test_the_decimal_mark_is_told_from_the_numbers_then_from_the_delimiter(
    texts: list[str], delimiter: str, decimal: str
) -> None:
    assert tell_decimal(texts, delimiter) == decimal


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("2025-12-31", "dmy", date(2025, 12, 31)),
        ("20251231", "dmy", date(2025, 12, 31)),
        ("2025-12-31T10:00:00Z", "dmy", date(2025, 12, 31)),
        ("2025/1/5", "mdy", date(2025, 1, 5)),
        ("31 décembre 2024", "dmy", date(2024, 12, 31)),
        ("1er août 2025", "dmy", date(2025, 8, 1)),
        ("3 de enero de 2025", "dmy", date(2025, 1, 3)),
        ("31-Dec-2024", "iso", date(2024, 12, 31)),
        ("December 31, 2024", "mdy", date(2024, 12, 31)),
        ("31 sept. 2024", "dmy", None),
        ("3 ju 2024", "dmy", None),
        ("3 jui 2024", "dmy", None),
        ("3 mes 2024", "dmy", None),
        ("31/12/2025", "dmy", date(2025, 12, 31)),
        ("12/31/2025", "mdy", date(2025, 12, 31)),
        ("31.12.25", "dmy", date(2025, 12, 31)),
        ("46022", "dmy", date(2025, 12, 31)),
        ("46022.75", "dmy", date(2025, 12, 31)),
        ("31/12/2025", "iso", None),
        ("31/12/2025", "mdy", None),
        ("soon", "dmy", None),
        ("2025-02-30", "dmy", None),
    ],
)
def test_dates(text: str, order: str, wanted: date | None) -> None:
    assert day(text, order) == wanted


def test_the_order_of_day_and_month_is_told_by_one_date_that_proves_it() -> None:
    assert tell_order(["01/02/2025", "01/31/2025"]) == "mdy"
    assert tell_order(["01/02/2025", "31/01/2025"]) == "dmy"
    assert tell_order(["01/02/2025", "no date"]) == "dmy"


def test_by_date_means_the_edition_of_the_year() -> None:
    dated = choice("by-date")
    assert dated == choice("desnz:by-date")
    days = [date(2025, 1, 1), date(2024, 12, 31), date(2030, 1, 1)]
    assert [dated.ids[dated.edition(d.toordinal())] for d in days] == [
        "desnz-2025",
        "desnz-2024",
        dated.ids[-1],
    ]
    assert dated.edition(date(1990, 1, 1).toordinal()) == -1
    swedish = choice("goclimate:by-date")
    assert swedish.ids[swedish.edition(date(2022, 12, 31).toordinal())] == "goclimate"
    assert choice("ademe").ids == ("ademe",)


@pytest.mark.parametrize("name", ["ademe:by-date", "by date", "nonsense"])
def test_a_method_without_editions_or_without_existence_is_refused(name: str) -> None:
    with pytest.raises(UnknownMethod):
        choice(name)
