"""Is the list found, filtered, sorted and paged by the database, with the route's soils first?"""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.projects import queries
from offset.projects.queries import Order, Wanted
from offset.sandbox import demo_projects
from tests.builders import portfolio as many
from tests.builders.giving import Given
from tests.builders.projects import Way, a_project
from tests.web.public.conftest import statements
from tests.web.public.test_estimate import plain, text_of


def titles(html: str) -> list[str]:
    return [one.strip() for one in re.findall(r"<h3>.*?<a[^>]*>([^<]+)", html, re.DOTALL)]


def kilometres(html: str) -> list[int]:
    return [int(km.replace(",", "")) for km in re.findall(r"([\d,]+) km from your route", html)]


def test_a_thousand_projects_cost_five_statements_at_most(
    client: FlaskClient, embedded: Database, project: Way
) -> None:
    embedded.run(many.many_projects, project, 1_000)
    with statements(embedded) as asked:
        html = text_of(client, "/projects?page=2")
    assert len(asked) <= 5, "\n\n".join(asked)
    assert len(titles(html)) == queries.PAGE
    assert "Page 2 of 42" in plain(html)
    with statements(embedded) as asked:
        near = text_of(client, "/projects?from=CDG&to=NBO&q=maize&country=KE&sdg=13")
    assert len(asked) <= 5
    assert kilometres(near) == sorted(kilometres(near))
    assert len(near) < 250_000


FITS = (
    (Wanted(), 101),
    (Wanted(country="MX"), 25),
    (Wanted(practice="biochar"), 33),
    (Wanted(climate="boreal_moist"), 50),
    (Wanted(status="funded"), 10),
    (Wanted(status="withdrawn"), 101),  # no state of the list: as if not asked
    (Wanted(goal=2), 51),
    (Wanted(goal=1), 1),
    (Wanted(goal=99), 0),
    (Wanted(words=("maize",)), 101),
    (Wanted(words=("mai_e",)), 0),
    (Wanted(words=("%",)), 0),
    (Wanted(words=("maize", "kenya")), 0),
    (Wanted(words=("kenya",), also={"kenya": (frozenset({"KE"}), frozenset())}), 25),
    (Wanted(country="MX", practice="biochar", status="open"), 8),
)


def test_filters_hold_in_the_database(embedded: Database, project: Way) -> None:
    embedded.run(many.many_projects, project, 100)
    for wanted, count in FITS:
        with embedded.reading() as session:
            found = queries.portfolio(session, wanted)
        assert (found.found, len(found.projects)) == (count, min(count, queries.PAGE)), wanted


def test_every_page_and_order_shows_each_project_once(database: Database, at: datetime) -> None:
    way = a_project(database, at=at)
    database.run(many.many_projects, way, 60)
    for order in Order:
        with database.reading() as session:
            seen = [
                one.slug
                for number in (1, 2, 3)
                for one in queries.portfolio(session, Wanted(order=order), number=number).projects
            ]
            beyond = queries.portfolio(session, Wanted(order=order), number=99)
        assert len(seen) == len(set(seen)) == 61
        assert beyond.number == beyond.pages == 3


def test_the_least_funded_come_first_and_by_need_is_by_the_books(
    client: FlaskClient, embedded: Database, project: Way, give: Callable[..., Given]
) -> None:
    embedded.run(many.many_projects, project, 3)
    give("60.00 EUR", project)
    assert "Green bridges" in titles(text_of(client, "/projects"))[-2]  # one copy is funded
    assert "Green bridges" in titles(text_of(client, "/projects?sort=funded"))[0]


def test_the_soils_under_a_flight_come_first_with_their_distance(
    client: FlaskClient, embedded: Database, at: datetime
) -> None:
    demo_projects.load_projects(embedded, start=at)
    html = text_of(client, "/projects?from=CDG&to=JNB")
    assert titles(html)[0].startswith("Green bridges")
    assert kilometres(html) == sorted(kilometres(html))
    assert kilometres(html)[0] == 469
    assert 'class="s-arc"' in html
    assert "Paris CDG" in html
    by_title = text_of(client, "/projects?leg=CDG-JNB&sort=title")
    assert titles(by_title) == sorted(titles(by_title), key=str.casefold)
    assert len(kilometres(by_title)) == 8


@pytest.mark.usefixtures("project")
def test_a_route_that_cannot_be_read_is_said_and_the_list_stays(client: FlaskClient) -> None:
    for way in ("from=nowhere-at-all&to=JNB", "from=&to=JNB", "from=CDG&to=CDG", "from=%00&to=%FF"):
        html = text_of(client, f"/projects?{way}")
        assert "The route was not read" in plain(html), way
        assert len(titles(html)) == 1


@pytest.mark.usefixtures("project")
def test_bad_input_never_breaks_the_list(client: FlaskClient) -> None:
    for query in (
        *("page=-1", "page=x", "page=99999999", "sort=%27", "sdg=%3Cscript%3E", "status=draft"),
        *("q=%00", "q=" + "x" * 5_000, "leg=-", "leg=CDG", "sdg=-1", "country=%F0%9F%8C%B1"),
    ):
        assert "<script>" not in text_of(client, f"/projects?{query}")


@pytest.mark.usefixtures("project")
def test_an_empty_result_says_what_to_do(client: FlaskClient) -> None:
    html = text_of(client, "/projects?country=XX&q=nothing")
    told = plain(html)
    assert "No project fits all of this." in told
    assert "take this filter away" in told
    assert 'href="/projects?country=XX"' in html
    assert "Show the 1 project" in told


@pytest.mark.usefixtures("project")
def test_words_find_countries_and_practices_in_the_reader_s_language(client: FlaskClient) -> None:
    for path in ("/projects?q=france", "/fr/projects?q=FRANCE", "/es/projects?q=francia"):
        assert len(titles(text_of(client, path))) == 1, path
    assert len(titles(text_of(client, "/projects?q=b%C3%A9arn+MAIZE"))) == 1
    assert titles(text_of(client, "/projects?q=kenya")) == []


@pytest.mark.usefixtures("project")
def test_the_estimate_leads_to_the_soils_under_the_flight(client: FlaskClient) -> None:
    html = text_of(client, "/?leg=CDG-JNB&leg=JNB-CDG&cabin=economy&travellers=1")
    assert "/projects?leg=CDG-JNB" in html


@pytest.mark.usefixtures("project")
def test_a_letter_that_no_table_keeps_is_left_out_before_any_question(client: FlaskClient) -> None:
    whole = titles(text_of(client, "/projects?country=FR"))
    assert titles(text_of(client, "/projects?country=F%00R&%00practice=")) == whole
    assert client.get("/projects/green%00").status_code == 404
