"""Does the public ledger show the books as they are, without anybody's name?"""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from flask.testing import FlaskClient

from offset.database.session import Database
from offset.ledger import chart, checkpoints, entries, journal, queries, rates
from offset.ledger.entries import Line
from offset.ledger.queries import Filters
from offset.money import Money
from offset.people import phrases
from offset.reports import public_ledger
from offset.web.public import texts
from tests.builders import treasury as build
from tests.builders.giving import Given
from tests.builders.projects import Way
from tests.fakes import FrozenClock
from tests.web.public.conftest import statements
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


def test_a_short_refund_reserve_is_told_beside_what_is_covered(
    client: FlaskClient, embedded: Database, at: datetime, give: Callable[..., Given]
) -> None:
    give("100.00 EUR")
    lost = entries.refund_sourced(
        cause_id="lost", on=at.date(), sources={chart.reserve("EUR"): Money(300, "EUR")}
    )
    embedded.run(journal.post, lost, at=at)
    for path in ("/ledger", "/what-we-do-not-know"):
        assert "the refund reserve is short by €3.00" in plain(text_of(client, path))


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
    assert client.get("/ledger?since=not-a-day").status_code == 422
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


def test_the_same_view_as_a_file_and_for_programs(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    give("100.00 EUR")
    asked = f"project={project.slug}&kind=allocation&fund=Pool&currency=eur&since=2026-01-01"
    html = text_of(client, f"/ledger?{asked}")
    assert html.count('<th scope="row">') == 1
    told = client.get(f"/ledger.json?{asked}")
    document = told.get_json()
    assert [one["kind"] for one in document["entries"]] == ["allocation"]
    assert document["entries"][0]["amount"] == "55.85"
    assert document["totals"]["EUR"]["received"] == "160.00"
    assert document["next_key"] is None
    assert "Link" not in told.headers
    table = client.get(f"/ledger.csv?{asked}")
    (line,) = csv.DictReader(io.StringIO(table.get_data(as_text=True)))
    first = document["entries"][0]
    assert {name: first[name] for name in line} == dict(line)
    assert first["proof"].endswith(f"/ledger/entries/{first['entry_id']}/proof.json")
    for address in ("/ledger.csv", "/ledger.json"):
        link = re.search(rf'href="({address}[^"]*)"', html)
        assert link is not None
        assert client.get(link[1].replace("&amp;", "&")).status_code == 200


def test_pages_of_a_file_name_the_next_one(client: FlaskClient, give: Callable[..., Given]) -> None:
    for _ in range(5):
        give("25.00 EUR")
    seen: list[str] = []
    address = "/ledger.csv?limit=2&kind=charge"
    for _ in range(3):
        answer = client.get(address)
        seen += [one["entry_id"] for one in csv.DictReader(answer.text.splitlines())]
        link = re.match(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
        address = link[1] if link else ""
    assert not address
    assert len(seen) == len(set(seen)) == 5
    assert client.get("/ledger.json?after=nonsense").status_code == 422


def test_a_figure_can_be_asked_for_as_known_on_a_day(
    client: FlaskClient, clock: FrozenClock, give: Callable[..., Given]
) -> None:
    give("60.00 EUR")
    clock.advance(days=3)
    give("100.00 EUR")

    def received(query: str) -> object:
        return client.get(f"/ledger.json?{query}").get_json()["totals"]["EUR"]["received"]

    assert received("") == "160.00"
    assert received("known=2026-11-16") == "60.00"
    assert received("as_of=2026-11-20&known=2026-11-20") == "160.00"
    assert received("as_of=2026-11-15&known=2026-11-15") == "60.00"
    assert client.get("/ledger.json?as_of=2026-11-01").get_json()["totals"] == {}
    html = text_of(client, "/ledger?known=2026-11-16")
    assert html.count('<th scope="row">') == 1
    assert "this is what was known then" in plain(html)
    assert client.get("/ledger?known=yesterday").status_code == 422
    # the names of an early release
    assert text_of(client, "/ledger?from=2026-11-16").count('<th scope="row">') == 0
    assert text_of(client, "/ledger?from=2026-11-15").count('<th scope="row">') == 2
    assert text_of(client, "/ledger?until=2026-11-17&as_of=2026-11-20").count("<tbody>") == 1


def test_a_correction_is_linked_both_ways_with_its_reason(
    client: FlaskClient, embedded: Database, give: Callable[..., Given], at: datetime
) -> None:
    give("60.00 EUR")
    with embedded.reading() as session:
        (gift,) = queries.entries(session, Filters()).entries
    undo = entries.reversal(
        entry_id=gift.id,
        on=at.date(),
        source_type=gift.source_type,
        source_id=gift.source_id,
        lines=[Line(line.account, line.amount) for line in gift.lines],
        reason="Booked <twice>",
    )
    posted = embedded.run(journal.post, undo, at=at)
    told = text_of(client, "/ledger?corrections=1")
    assert told.count('<th scope="row">') == 1
    assert "Reason: Booked &lt;twice&gt;" in told
    assert f"/ledger/entries/{gift.id}" in text_of(client, f"/ledger/entries/{posted.entry_id}")
    assert f"/ledger/entries/{posted.entry_id}" in text_of(client, f"/ledger/entries/{gift.id}")


def test_all_currencies_stand_in_euro_with_their_rate(
    client: FlaskClient, embedded: Database, give: Callable[..., Given], at: datetime
) -> None:
    give("60.00 EUR")
    dollars = entries.gift_settled(
        entries.Movement("txn_usd", at.date(), "charge"),
        gross=Money(11_000, "USD"),
        fee=Money(0, "USD"),
        share=Money(0, "USD"),
    )
    embedded.run(journal.post, dollars, at=at)
    assert "All currencies together" not in text_of(client, "/ledger")
    rate = rates.Rate(at.date(), "USD", Decimal("1.1"), rates.SOURCE)
    embedded.run(rates.keep, [rate], at=at)
    told = plain(text_of(client, "/ledger"))
    assert "All currencies together, in EUR" in told
    assert "1 EUR = 1.1000 USD" in told
    assert "€160.00 received" in told


def test_a_newcomer_follows_a_gift_in_four_clicks(
    client: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    """From the receipt's entry to the allocation, to the payment, to the project."""
    house = embedded.run(build.a_house, at=clock.now())
    embedded.run(build.a_payment, house, at=clock.now())
    with embedded.reading() as session:
        (gift,) = queries.entries(session, Filters(kind="charge")).entries
    sheet = (Path(__file__).parents[3] / "templates" / "donor" / "receipt.html").read_text()
    assert "page('/ledger/entries/' ~ facts.entry_id)" in sheet
    page = text_of(client, f"/ledger/entries/{gift.id}")  # the first click, on the receipt
    for words in ("Allocated to a project", "Payment to a project ordered"):
        link = re.search(rf'href="(/ledger/entries/[^"]+)">{words}<', page)
        assert link is not None, words
        page = text_of(client, link[1])
    account = re.search(r'href="(/ledger\?project=[^"]+)"', page)
    assert account is not None
    assert "Payment to a project ordered" in text_of(client, account[1])
    project = re.search(r'href="(/projects/[^"]+)"', page)
    assert project is not None
    assert client.get(project[1]).status_code == 200  # the fourth


def test_the_page_asks_as_much_of_long_books_as_of_short_ones(
    client: FlaskClient, embedded: Database, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    counts = []
    for _ in range(2):
        with statements(embedded) as asked:
            text_of(client, "/ledger")
        counts.append(len(asked))
        for _ in range(5):
            give("25.00 EUR", project)
    assert counts[0] == counts[1] <= 9


def test_every_kind_of_account_has_a_name_for_readers() -> None:
    assert [place.pattern for place in chart.PLACES if place.pattern not in texts.ACCOUNTS] == []
    assert not set(texts.ACCOUNTS) - {place.pattern for place in chart.PLACES}


def test_the_columns_are_written_down() -> None:
    written = (Path(__file__).parents[3] / "docs" / "public-ledger.md").read_text(encoding="utf-8")
    for column in public_ledger.COLUMNS:
        assert f"| `{column.name}` | {column.meaning} |" in written
