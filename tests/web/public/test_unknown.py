"""Does the page of what we do not know say it plainly, with links that lead somewhere?"""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from offset.database.session import Database
from offset.people import phrases
from tests.builders.giving import Given
from tests.builders.projects import Way
from tests.web.public.conftest import statements
from tests.web.public.test_estimate import plain, text_of

PATH = "/what-we-do-not-know"


def test_the_page_tells_and_links(
    client: FlaskClient, embedded: Database, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    give("100.00 EUR")
    with statements(embedded) as asked:
        html = text_of(client, PATH)
    assert len(asked) <= 12
    told = plain(html)
    assert "The soil of 1 project was never measured" in told
    assert "Not yet measured €55.85" in told
    assert "€93.25 of 1 contribution waits for a project, the oldest cent since" in told
    assert "No entry was ever reversed." in told
    assert phrases.scan(told) == ()
    main = html.split("<main", 1)[1].split("</main>", 1)[0]
    links = set(re.findall(r'href="(/[^"#]+)"', main))
    assert len(links) > 8
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link
    assert PATH in text_of(client, "/ledger")
    assert client.get("/unknown").headers["Location"].endswith(PATH)


def test_another_day_and_another_form(client: FlaskClient, give: Callable[..., Given]) -> None:
    assert "Nothing has been booked yet." in text_of(client, PATH)
    give("60.00 EUR")
    told = client.get(f"{PATH}.json").get_json()
    assert told["money"]["EUR"]["at_payment_service"] == "58.85"
    assert told["waiting"][0]["gifts"] == 1
    earlier = client.get(f"{PATH}.json?known=2026-11-01").get_json()
    assert (earlier["money"], earlier["waiting"]) == ({}, None)
    assert "due dates keep no history" in text_of(client, f"{PATH}?known=2026-11-01")
    assert client.get(f"{PATH}?known=soon").status_code == 422
