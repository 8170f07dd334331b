"""Does the public ledger show the books as they are, without anybody's name?"""

import re
from collections.abc import Callable
from datetime import datetime

from flask.testing import FlaskClient

from offset.database.session import Database
from offset.ledger import checkpoints
from offset.people import phrases
from tests.builders.giving import Given
from tests.builders.projects import Way
from tests.web.public.test_estimate import plain, text_of


def test_empty_books_say_so(client: FlaskClient) -> None:
    told = plain(text_of(client, "/ledger"))
    assert "Nothing has been booked yet." in told
    assert "No entry fits these filters." in told


def test_the_sums_are_those_of_the_books(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    give("100.00 EUR")
    told = plain(text_of(client, "/ledger"))
    assert "€160.00 received, refunds taken off" in told
    assert "€55.85 allocated to projects" in told
    assert "€93.25 not yet allocated" in told
    assert "card fees €2.90, secretariat share €8.00" in told
    assert "What is there covers what is owed." in told
    assert phrases.scan(told) == ()


def test_entries_are_filtered_by_the_address(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    give("100.00 EUR")

    def rows(query: str) -> int:
        return text_of(client, f"/ledger?{query}").count('<th scope="row">')

    assert rows("") == 3
    assert rows("kind=allocation") == 1
    assert rows(f"project={project.slug}") == 1
    assert rows("since=2030-01-01") == 0
    assert rows("since=not-a-day") == 3
    assert client.get("/ledger?project=nowhere").status_code == 404


def test_pages_follow_one_another_without_a_gap(
    client: FlaskClient, give: Callable[..., Given]
) -> None:
    for _ in range(60):
        give("25.00 EUR")
    first = text_of(client, "/ledger")
    link = re.search(r'href="(/ledger\?[^"]*after=[^"#]*)', first)
    assert link is not None
    second = text_of(client, link.group(1).replace("&amp;", "&"))
    found = [re.findall(r"/ledger/entries/([0-9a-f-]{36})", html) for html in (first, second)]
    assert [len(page) for page in found] == [50, 10]
    assert len(set(found[0] + found[1])) == 60
    assert client.get("/ledger?after=nonsense").status_code == 422


def test_an_entry_shows_its_postings_and_proof(
    client: FlaskClient,
    embedded: Database,
    project: Way,
    give: Callable[..., Given],
    at: datetime,
) -> None:
    give("60.00 EUR", project)
    gifts = text_of(client, "/ledger?kind=charge")
    links = re.findall(r'href="(/ledger/entries/[^"]+)"', gifts)
    html = text_of(client, links[-1])
    assert "The next checkpoint" in html
    taken = embedded.run(checkpoints.take, at=at)
    assert taken is not None
    html = text_of(client, links[-1])
    assert taken.root.hex() in html
    told = plain(html)
    assert "Secretariat" in told or "Share" in told
    assert "€60.00" in told
    assert taken.root.hex() in text_of(client, "/ledger/checkpoints")


def test_no_entry_of_that_name(client: FlaskClient) -> None:
    assert client.get("/ledger/entries/00000000-0000-7000-8000-000000000000").status_code == 404
    assert "No checkpoint has been taken yet." in text_of(client, "/ledger/checkpoints")
