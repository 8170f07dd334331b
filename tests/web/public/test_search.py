"""Is a place found in any language, by a typing error, with and without a script?"""

import re

import pytest
from flask.testing import FlaskClient


def codes(client: FlaskClient, typed: str) -> list[str]:
    return [one["code"] for one in client.get("/airports.json", query_string={"q": typed}).json]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("genf", "GVA"),
        ("londres", "LON"),
        ("montpelier", "MPL"),
        ("Нью-Йорк", "NYC"),
        ("nueva york", "NYC"),
        ("lon", "LON"),
        ("CDG", "CDG"),
        ("東京", "TYO"),
    ],
)
def test_a_place_is_found_in_any_language_and_by_a_typing_error(
    client: FlaskClient, typed: str, first: str
) -> None:
    found = codes(client, typed)
    assert found[0] == first
    assert len(found) <= 8


def test_suggestions_are_bounded_kept_and_limited(client: FlaskClient) -> None:
    answer = client.get("/airports.json", query_string={"q": "x" * 10_000})
    assert answer.json == []
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    statuses = {client.get("/airports.json?q=par").status_code for _ in range(300)}
    assert statuses == {200, 429}


def test_a_mistyped_name_is_asked_about_without_a_script(client: FlaskClient) -> None:
    answer = client.get("/?from=montpelier&to=Johannesburg&return=1&travellers=2&cabin=business")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    (link,) = re.findall(r'href="(/\?from=MPL[^"]*)"', html)
    assert "spelled alike" in html
    page = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
    assert "Montpellier MPL" in page
    assert "cabin=business" in page
    assert "travellers=2" in page


def test_a_name_like_no_other_stays_a_fault(client: FlaskClient) -> None:
    answer = client.get("/?from=Xyzzyx&to=JNB")
    assert answer.status_code == 422
    assert 'value="Xyzzyx"' in answer.get_data(as_text=True)
