"""Does the estimate page answer, keep what was typed, and ask the database at most four times?"""

import re

import pytest
from flask.testing import FlaskClient

from calculators.flight.itinerary import Itinerary, Leg, estimate
from offset.database.session import Database
from offset.people import phrases
from tests.builders.projects import Way
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
    assert names[:2] == ["TIM", first]
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
