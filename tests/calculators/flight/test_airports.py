"""Does the search find the place a traveller means, in any language and with a typing error?"""

from __future__ import annotations

import pytest

from calculators.errors import AmbiguousPlace, UnknownPlace
from calculators.flight import airports


def codes(query: str, limit: int = 8) -> list[str]:
    return [place.code for place in airports.search(query, limit)]


def test_a_code_finds_its_airport_in_any_case() -> None:
    place = airports.find(" cdg ")
    assert (place.code, place.kind, place.city, place.country) == ("CDG", "airport", "Paris", "FR")
    assert place.country_name == "France"
    assert place.main_airport == "CDG"


def test_a_metropolitan_code_is_an_answer_and_stands_on_its_largest_airport() -> None:
    paris = airports.find("PAR")
    assert paris.kind == "city"
    assert paris.main_airport == "CDG"
    assert (paris.latitude, paris.longitude) == (
        airports.find("CDG").latitude,
        airports.find("CDG").longitude,
    )
    assert airports.find("LON").main_airport == "LHR"


def test_an_unknown_code_names_the_nearest() -> None:
    with pytest.raises(UnknownPlace) as caught:
        airports.find("CDX")
    assert caught.value.code == "unknown_place"
    assert any(text.startswith("CDG") for text in caught.value.suggestions)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("genf", "GVA"),
        ("Genève", "GVA"),
        ("londres", "LON"),
        ("Nueva York", "NYC"),
        ("東京", "TYO"),
        ("パリ", "PAR"),
        ("北京", "BJS"),
        ("лондон", "LON"),
        ("roma", "ROM"),
        ("zürich", "ZRH"),
        ("heathrow", "LHR"),
        ("charles de g", "CDG"),
        ("mont", "YUL"),
        ("cdg", "CDG"),
    ],
)
def test_names_in_many_languages_find_the_place_first(query: str, first: str) -> None:
    assert codes(query)[0] == first


def test_an_exact_code_comes_first_with_its_airports() -> None:
    assert codes("PAR")[:3] == ["PAR", "CDG", "ORY"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("montpelier", "MPL"), ("frankfrut", "FRA"), ("heatrow", "LHR")]
)
def test_a_typing_error_is_forgiven_when_nothing_else_fits(typed: str, meant: str) -> None:
    assert meant in codes(typed)


def test_indexes_can_be_built_before_the_first_search() -> None:
    airports.prepare()
    assert codes("frankfrut")[0] == "FRA"


def test_short_beginnings_give_the_largest_places() -> None:
    assert len(codes("s")) == 8
    assert len(codes("sa", limit=3)) == 3


@pytest.mark.parametrize("query", ["", "  ", "!?", "qqqqzzzzxxxx"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert codes(query) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CDG", "CDG"),
        ("par", "PAR"),
        ("Paris CDG", "CDG"),
        ("Charles de Gaulle (CDG)", "CDG"),
        ("Charles de Gaulle (cdg)", "CDG"),
        ("Charles de Gaulle", "CDG"),
        ("paris", "PAR"),
        ("Tokyo", "TYO"),
        ("London", "LON"),
        ("Roma", "ROM"),
        ("Manchester", "MAN"),
        ("Johannesburg", "JNB"),
        ("genf", "GVA"),
        ("Sydney", "SYD"),
        ("San Jose, Costa Rica", "SJO"),
        ("San Jose, US", "SJC"),
        ("LOS ANGELES", "LAX"),
        ("SAN FRANCISCO", "SFO"),
        ("Lagos LOS", "LOS"),
        ("CDG Paris", "CDG"),
        ("London LHR Terminal 5", "LHR"),
        ("CDG Airport France", "CDG"),
        ("LFPG", "CDG"),
        ("faor", "JNB"),
        ("Lima", "LIM"),
    ],
)
def test_a_text_resolves_to_what_is_plainly_meant(text: str, code: str) -> None:
    assert airports.resolve(text).code == code


def test_a_name_of_several_cities_offers_a_choice() -> None:
    with pytest.raises(AmbiguousPlace) as caught:
        airports.resolve("San Jose")
    assert {"SJC", "SJO"} <= {place.code for place in caught.value.candidates}
    assert caught.value.code == "ambiguous_place"
    assert caught.value.parameters == {"given": "San Jose"}


@pytest.mark.parametrize(
    "text",
    [
        "CDG X",
        "CDG X/DOH JNB",
        "CDG JNB",
        "Rome CDG",
        "xqzxqz",
        "!!",
        "Paris XQX",
        "Nowhere (XQX)",
        "Nowhere at all, FR",
        "paris, DE",
    ],
)
def test_a_name_nobody_has_is_unknown(text: str) -> None:
    with pytest.raises(UnknownPlace):
        airports.resolve(text)


def test_a_misspelt_name_is_suggested_never_assumed() -> None:
    with pytest.raises(UnknownPlace) as caught:
        airports.resolve("montpelier")
    assert caught.value.suggestions[0].startswith("MPL")


def test_every_place_is_on_the_globe_and_has_a_name() -> None:
    for start in "abcdefghijklmnopqrstuvwxyz":
        for place in airports.search(start, 40):
            assert -90 <= place.latitude <= 90
            assert -180 <= place.longitude <= 180
            assert place.name
            assert place.rank >= 1


def test_a_place_as_json() -> None:
    assert airports.find("LON").as_json() == {
        "code": "LON",
        "kind": "city",
        "name": "London",
        "city": "London",
        "country": "GB",
        "country_name": "United Kingdom",
        "latitude": airports.find("LHR").latitude,
        "longitude": airports.find("LHR").longitude,
        "rank": airports.find("LHR").rank,
        "airports": ["LHR", "LGW", "STN", "LTN", "LCY", "SEN"],
    }
