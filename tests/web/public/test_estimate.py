"""Does the estimate page answer, keep what was typed, and ask the database at most four times?"""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from calculators.flight.datasets import dataset
from calculators.flight.itinerary import METHOD_IDS, Itinerary, Leg, estimate
from calculators.flight.non_co2 import DEFAULT_TREATMENT, treatments
from offset.database.session import Database
from offset.people import phrases
from tests.builders.giving import Given
from tests.builders.projects import Way
from tests.fakes import FrozenClock
from tests.web.public.conftest import TRIP, statements


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return squeezed(answer.get_data(as_text=True))


def squeezed(html: str) -> str:
    """Take the white space out that only the template's layout brought in."""
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", html))


def plain(html: str) -> str:
    body = re.sub(r"<(script|template)[^>]*>.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&nbsp;", " ").split())


def test_the_first_page_has_the_form_and_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/?lang=en")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    for field in ('name="from"', 'name="to"', 'name="cabin"', 'name="travellers"', 'name="return"'):
        assert field in html
    assert "Follow the money into the ground" in html


def test_a_trip_is_answered_with_figure_range_and_amounts(client: FlaskClient) -> None:
    answer = client.get(f"/?{TRIP}")
    html, told = answer.get_data(as_text=True), plain(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    own = estimate(Itinerary((Leg("CDG", "JNB"), Leg("JNB", "CDG"))))
    assert f"{own.co2e_kg / 1000:.2f} t" in told
    assert "9 in 10" in told
    assert "The contribution does not change the emissions of your flight." in told
    assert html.index("does not change") < html.index('id="amount-0"')
    for method in ("DESNZ", "ADEME", "myclimate", "GoClimate"):
        assert method in told


def test_the_suggested_amounts_follow_from_the_printed_figures(client: FlaskClient) -> None:
    html = text_of(client, f"/?{TRIP}")
    amounts = [int(a) for a in re.findall(r'name="amount" id="amount-\d" value="(\d+)"', html)]
    (found,) = re.findall(r"\((\d+\.\d+) \+ (\d+\.\d+)\) t × €50", plain(html))
    fuel, apart = map(float, found)
    assert amounts == [round(fuel * 25 + 1e-9), round(fuel * 50 + 1e-9), round((fuel + apart) * 50)]
    assert re.search(r'id="amount-1"[^>]* checked', html)
    for amount in amounts:
        assert f"Contribute €{amount}" in html


def test_an_amount_is_split_to_the_cent(client: FlaskClient) -> None:
    html = text_of(client, f"/?{TRIP}")
    for block in re.findall(r'<div class="alt alt-\d.*?</dl>', html, flags=re.DOTALL):
        cents = [round(float(c) * 100) for c in re.findall(r"<dd>€([\d.]+)</dd>", block)]
        assert sum(cents[:3]) == cents[3]


@pytest.mark.parametrize(
    ("languages", "query", "currency"),
    [
        ("en-GB,en;q=0.8", "", "GBP"),
        ("fr-CH", "", "CHF"),
        ("en-US", "&currency=EUR", "EUR"),
        ("de-DE", "", "EUR"),
        ("en", "&currency=XXX", "EUR"),
    ],
)
def test_the_card_counts_in_the_currency_of_the_readers_country_without_a_cookie(
    client: FlaskClient, languages: str, query: str, currency: str
) -> None:
    answer = client.get(f"/?{TRIP}{query}", headers={"Accept-Language": languages})
    html = answer.get_data(as_text=True)
    assert re.search(rf'name="currency"[^>]*value="{currency}"', html)
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


def test_it_asks_the_database_four_times_at_most(
    client: FlaskClient, embedded: Database, project: Way
) -> None:
    with statements(embedded) as asked:
        html = text_of(client, f"/?{TRIP}")
    assert project.slug in html
    assert 1 <= len(asked) <= 4, "\n\n".join(asked)


def test_its_link_gives_the_same_page_again(client: FlaskClient) -> None:
    html = text_of(client, "/?from=Paris&to=Johannesburg&return=1&travellers=2&aircraft=789")
    link = re.search(r'href="(/\?[^"]*method=tim-3&amp;data=2026\.1)"', html)
    assert link is not None
    again = text_of(client, link.group(1).replace("&amp;", "&"))
    assert re.findall(r'class="big">([^<]+)', again) == re.findall(r'class="big">([^<]+)', html)


def test_what_was_typed_comes_back_with_the_message_at_the_field(client: FlaskClient) -> None:
    html = text_of(client, "/?from=Parris&to=JNB&cabin=first&travellers=0&return=0", 422)
    assert 'value="Parris"' in html
    assert 'value="JNB"' in html
    assert re.search(r'<option value="first" selected', html)
    assert re.search(r'name="return" value="0" checked', html)
    assert 'id="from-0-wrong"' in html
    assert 'aria-describedby="from-0-wrong"' in html
    assert "Did you mean" in html
    assert "from 1 to 99" in html
    assert '<a href="#travellers">' in html


def test_a_name_of_several_places_is_asked_about(client: FlaskClient) -> None:
    html = text_of(client, "/?from=San+Jose&to=JNB&return=1&travellers=3")
    links = re.findall(r'href="(/\?from=SJO[^"]*)"', html)
    assert len(links) == 1
    assert "travellers=3" in links[0]
    assert "Costa Rica" in html


def test_a_leg_is_added_without_a_script(client: FlaskClient) -> None:
    html = text_of(client, "/?from=ZRH&to=&return=1&add=1")
    assert html.count('name="from"') == 2
    assert 'value="ZRH"' in html
    assert "There is something to correct" not in html


def test_a_trip_can_be_changed(client: FlaskClient) -> None:
    html = text_of(client, f"/?{TRIP}&edit=1")
    assert "Charles de Gaulle" in html
    assert re.search(r'name="return" value="1" checked', html)


def test_a_published_method_without_range_says_so(client: FlaskClient) -> None:
    told = plain(text_of(client, f"/?{TRIP}&method=ademe"))
    assert "the method states no range" in told
    assert "inside this figure" in told


@pytest.mark.parametrize(("prefix", "first"), [("", "DESNZ"), ("/fr", "ADEME")])
def test_the_reader_s_own_country_comes_first(client: FlaskClient, prefix: str, first: str) -> None:
    html = text_of(client, f"{prefix}/?{TRIP}")
    rows = re.search(r'<ul class="methods.*?</ul>', html, flags=re.DOTALL)
    assert rows is not None
    names = re.findall(r"/methods/[^>]+>(\w+)", rows.group(0))
    assert names[1] == first
    axis = re.search(r'<svg class="axis.*?</svg>', html, flags=re.DOTALL)
    assert axis is not None
    labels = re.findall(r">(\w+) ?<tspan", axis.group(0))
    assert labels[0] == first


def test_how_shows_every_step_factor_and_method(client: FlaskClient) -> None:
    html = text_of(client, f"/how?{TRIP}&aircraft=789")
    own = estimate(Itinerary((Leg("CDG", "JNB", aircraft="789"),)))
    for factor in own.legs[0].provenance:
        assert factor.source.replace("&", "&amp;").replace("'", "&#39;") in html
    for step in own.legs[0].steps:
        assert step.formula.replace("'", "&#39;") in html
    assert "data=2026.1" in html
    assert "ADEME, without contrails" in html


def test_how_without_a_trip_shows_the_form(client: FlaskClient) -> None:
    assert 'name="from"' in text_of(client, "/how")


def test_how_keeps_what_cannot_be_understood(client: FlaskClient) -> None:
    assert 'value="Xyzzyx"' in text_of(client, "/how?from=Xyzzyx&to=JNB", 422)


def test_airports_are_answered_for_the_list(client: FlaskClient) -> None:
    answer = client.get("/fr/airports.json?q=par")
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in answer.headers
    assert 0 < len(told) <= 8
    assert told[0]["code"] == "PAR"
    assert any("France" in place["label"] for place in told)
    assert client.get("/airports.json").get_json() == []


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("path", ["/?lang=en", f"/?{TRIP}", f"/how?{TRIP}", "/fr/", f"/es/?{TRIP}"])
def test_no_page_makes_a_forbidden_claim(client: FlaskClient, path: str) -> None:
    told = plain(text_of(client, path))
    assert phrases.scan(told) == ()


@pytest.mark.usefixtures("project")
def test_pages_hold_no_inline_style_or_script(client: FlaskClient) -> None:
    for path in ("/?lang=en", f"/?{TRIP}", f"/how?{TRIP}", "/projects", "/ledger"):
        html = text_of(client, path)
        assert "style=" not in html.replace('rel="stylesheet"', "")
        assert not re.search(r"<script(?![^>]*src=)", html)
        assert not re.search(r"\son\w+=", html)


@pytest.mark.usefixtures("project")
def test_a_project_near_the_route_is_numbered_on_map_and_list(client: FlaskClient) -> None:
    html = text_of(client, f"/?{TRIP}")
    assert re.search(r'class="mk"[^>]*>1<', html)
    assert re.search(r'class="km num">[\d,]+ km<', html)


def test_a_partner_s_mark_and_a_project_are_handed_on(client: FlaskClient) -> None:
    form = text_of(client, "/?lang=en&ref=partner-1&project=green-bridges")
    assert '<input type="hidden" name="ref" value="partner-1">' in form
    answered = text_of(client, f"/?{TRIP}&ref=partner-1&project=green-bridges&unknown=1")
    assert answered.count('<input type="hidden" name="project" value="green-bridges">') == 1
    assert "ref=partner-1&amp;edit=1" in answered
    choice = text_of(client, "/?from=San+Jose&to=JNB&ref=partner-1")
    assert choice.count("ref=partner-1") >= 4


def test_non_co2_effects_are_counted_as_chosen_and_stay_apart(client: FlaskClient) -> None:
    usual = plain(text_of(client, f"/?{TRIP}"))
    chosen = text_of(client, f"/?{TRIP}&non_co2=desnz")
    assert usual.count("0.97 t") == plain(chosen).count("0.97 t")
    ratio = (
        treatments(dataset())["desnz"].central / treatments(dataset())[DEFAULT_TREATMENT].central
    )
    own = estimate(Itinerary((Leg("CDG", "JNB"), Leg("JNB", "CDG"))))
    assert own.non_co2 is not None
    assert f"+ {own.non_co2.central_kg * ratio / 1000:.2f} t" in plain(chosen)
    assert 'name="non_co2" value="desnz"' in chosen
    none = plain(text_of(client, f"/?{TRIP}&non_co2=none"))
    assert "left out, as chosen" in none
    assert 'id="amount-2"' not in text_of(client, f"/?{TRIP}&non_co2=none")
    assert "are not counted in a way called" in text_of(client, f"/?{TRIP}&non_co2=guess", 422)


def test_an_estimate_that_is_given_for_is_stored_by_the_default_treatment(
    client: FlaskClient,
) -> None:
    told = client.get(f"/estimate.json?{TRIP}&non_co2=desnz").json
    assert told["estimate"]["total"]["non_co2_kg"]["treatment"] == DEFAULT_TREATMENT
    assert [one["treatment"] for one in told["non_co2_kg"] if one["chosen"]] == ["desnz"]


def test_the_file_holds_every_input_factor_step_and_method(client: FlaskClient) -> None:
    answer = client.get(f"/estimate.json?{TRIP}")
    told = answer.json
    assert answer.headers["Content-Disposition"] == ('attachment; filename="estimate-CDG-JNB.json"')
    own = estimate(Itinerary((Leg("CDG", "JNB"), Leg("JNB", "CDG"))))
    assert told["estimate"] == json.loads(json.dumps(own.as_json()))
    others = {one["method"] for one in told["other_methods"]}
    assert others >= set(METHOD_IDS) - {"tim-3", "private-jet"}
    assert told["other_ways"]["airports"]["visits"] == 3
    assert "data=2026.1" in told["page"]
    page = told["page"].removeprefix("http://localhost").removeprefix("https://localhost")
    assert "0.97 t" in plain(text_of(client, page[page.index("/?") :]))


@pytest.mark.parametrize("query", ["", "from=San+Jose&to=JNB", "from=&to=JNB"])
def test_a_file_of_nothing_says_why(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/estimate.json?{query}")
    assert answer.status_code == 422
    assert answer.json["faults"]


def test_the_link_to_share_names_method_and_data_and_no_tonnes(client: FlaskClient) -> None:
    html = text_of(client, f"/?{TRIP}")
    link = re.search(r'id="share-link"[^>]*value="([^"]+)"', html)
    assert link is not None
    assert "method=tim-3" in link.group(1)
    assert "data=2026.1" in link.group(1)
    for card in re.findall(r'<meta property="og:[^>]+>', html):
        assert not re.search(r"\d\s?(t|kg)\b", card)


def test_the_airports_own_emissions_are_a_line_of_their_own(client: FlaskClient) -> None:
    without, shown = (plain(text_of(client, f"/?{TRIP}{more}")) for more in ("", "&airports=1"))
    assert "on a line of their own 5.1 kg" in shown
    assert "on a line of their own 5.1 kg" not in without
    assert "0.97 t" in shown


def test_other_cabins_no_stop_and_ways_over_land_stand_beside(client: FlaskClient) -> None:
    told = plain(text_of(client, "/?from=CDG&to=AMS&return=1"))
    for words in ("By coach", "By car", "British average", "Business", "The sum"):
        assert words in told
    assert "Without the stop" not in told
    assert "Without the stop" in plain(text_of(client, "/?from=CDG&to=JNB&via=DOH&return=1"))
    how = plain(text_of(client, "/how?from=CDG&to=AMS&return=1"))
    assert "Kilometres in an average British car" in how


def test_two_methods_differ_for_two_reasons(client: FlaskClient) -> None:
    told = plain(text_of(client, f"/fr/?{TRIP}"))
    assert "ADEME, avec traînées : 3,1" in told
    assert "Les deux plus grandes raisons" in told


def test_legs_have_cabins_of_their_own(client: FlaskClient) -> None:
    query = "leg=CDG-DOH&leg=DOH-JNB&cabin=business&cabin=economy&aircraft=359&aircraft=mix"
    told = text_of(client, f"/?{query}")
    assert "mixed cabins" in plain(told)
    own = estimate(Itinerary((Leg("CDG", "DOH", "business", "359"), Leg("DOH", "JNB", "economy"))))
    assert f"{own.co2e_kg / 1000:.1f} t" in plain(told)
    form = text_of(client, f"/?{query}&edit=1")
    assert re.findall(r'<option value="(\w+)" selected', form) == ["business", "economy"]
    assert 'value="359"' in form


def test_a_stopover_is_added_and_taken_out_without_a_script(client: FlaskClient) -> None:
    added = text_of(client, "/?from=CDG&to=JNB&cabin=business&return=1&stop=0")
    places = re.findall(r'name="(?:from|to)" value="([^"]*)"', added)
    assert places == ["CDG", "", "", "JNB"]
    assert len(re.findall(r'<option value="business" selected', added)) == 2
    gone = text_of(
        client, "/?from=CDG&to=DOH&from=DOH&to=JNB&cabin=first&cabin=first&return=1&remove=1"
    )
    assert re.findall(r'name="(?:from|to)" value="([^"]*)"', gone) == ["CDG", "JNB"]
    kept = text_of(client, "/?from=CDG&to=DOH&from=LHR&to=JNB&return=1&remove=1")
    assert re.findall(r'name="(?:from|to)" value="([^"]*)"', kept) == ["CDG", "DOH"]
    assert text_of(client, "/?from=CDG&to=DOH&remove=7").count('name="from"') == 1


def test_a_private_jet_is_asked_by_its_model(client: FlaskClient) -> None:
    told = plain(text_of(client, "/?leg=CDG-AMS&aircraft=Phenom+300&method=private-jet"))
    jet = Itinerary((Leg("CDG", "AMS", aircraft="Phenom 300"),))
    assert f"{estimate(jet, 'private-jet').co2e_kg / 1000:.2f} t" in told
    assert "Private jet" in told
    assert "needs to know the model" in plain(
        text_of(client, "/?leg=CDG-AMS&method=private-jet", 422)
    )


def test_a_second_visit_asks_for_the_settings_alone(
    client: FlaskClient, embedded: Database, clock: FrozenClock, project: Way
) -> None:
    first = text_of(client, f"/?{TRIP}")
    clock.advance(seconds=1)
    with statements(embedded) as asked:
        again = text_of(client, f"/?{TRIP}")
    assert len(asked) == 1
    assert again == first
    clock.advance(seconds=10)
    with statements(embedded) as later:
        assert project.slug in text_of(client, f"/?{TRIP}")
    assert len(later) > 1


def test_a_gift_is_seen_within_five_seconds(
    client: FlaskClient, clock: FrozenClock, give: Callable[..., Given]
) -> None:
    before = text_of(client, "/?lang=en")
    give("60.00 EUR")
    clock.advance(seconds=5)
    after = text_of(client, "/?lang=en")
    assert after != before


def test_a_page_of_all_methods_stays_light(client: FlaskClient) -> None:
    answer = client.get(f"/?{TRIP}", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 16_000
    assert len(client.get(f"/how?{TRIP}", headers={"Accept-Encoding": "gzip"}).data) < 16_000


def test_a_leg_that_begins_elsewhere_is_not_joined_to_the_one_before(client: FlaskClient) -> None:
    told = plain(text_of(client, "/?leg=CDG-DOH&leg=JNB-CDG"))
    assert "CDG → DOH · JNB → CDG" in told
    assert "via Doha" not in told


@pytest.mark.parametrize("button", ["stop=0", "add=1"])
def test_a_leg_is_added_before_anything_is_typed(client: FlaskClient, button: str) -> None:
    html = text_of(client, f"/?from=&to=&return=1&travellers=1&{button}")
    assert html.count('name="from"') == 2


def test_a_method_that_counts_more_than_fuel_is_not_labelled_fuel(client: FlaskClient) -> None:
    axis = re.search(
        r'<svg class="axis.*?</svg>', text_of(client, f"/?{TRIP}&method=ademe"), flags=re.DOTALL
    )
    assert axis is not None
    assert "all that it counts" in axis.group(0)
    assert ">fuel<" not in axis.group(0)
