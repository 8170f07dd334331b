"""May anybody raise a concern and follow projects, without a mail's link acting by itself?"""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from offset.database.session import Database
from offset.people.models import OutboxMessage
from offset.projects import concerns, followers
from offset.projects.public_models import Concern, ConcernFinding, Follower
from tests.builders import portfolio as many
from tests.builders.projects import Way
from tests.fakes import FrozenClock
from tests.web.conftest import token_of
from tests.web.public.conftest import TRIP
from tests.web.public.test_estimate import plain, text_of


def sent(client: FlaskClient, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": token_of(client, path), **fields})
    return answer.status_code, answer.get_data(as_text=True)


def test_a_concern_from_the_form_to_the_answer(
    client: FlaskClient, embedded: Database, project: Way, clock: FrozenClock
) -> None:
    base = f"/projects/{project.slug}"
    assert "No concern has been raised so far." in plain(text_of(client, base))
    said = "Les bêtes entrent. <script>alert(1)</script>"
    status, html = sent(client, f"{base}/concern", text=said)
    assert status == 201
    assert re.search(r"Its reference is C-[2-9A-Z]{8}\.", plain(html))
    found = re.search(r"/concerns/[\w-]{40,}", html)
    assert found is not None
    link = found.group(0)
    mine = client.get(link)
    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "no-store")
    assert "noindex" in mine.headers["X-Robots-Tag"]
    assert "<script>alert" not in mine.get_data(as_text=True)
    assert "Les bêtes entrent." in plain(mine.get_data(as_text=True))
    status, html = sent(client, link, text="Again on Sunday.")
    assert (status, "Again on Sunday." in plain(html)) == (200, True)
    with embedded.reading() as session:
        row = session.scalars(select(Concern)).one()
        concern_id = row.id
    embedded.run(
        concerns.propose,
        actor=project.cast.clerk,
        at=clock.now(),
        concern_id=concern_id,
        finding=ConcernFinding.UPHELD,
        answer="The gate is mended.",
    )
    assert "The gate is mended." not in plain(text_of(client, link))
    embedded.run(
        concerns.close, actor=project.cast.treasurer, at=clock.now(), concern_id=concern_id
    )
    assert "The gate is mended." in plain(text_of(client, link))
    page = plain(text_of(client, base))
    assert "1 concern raised so far: 0 open, 1 closed." in page
    assert "bêtes" not in page
    assert "mended" not in page
    assert client.get("/concerns/another").status_code == 404


def test_what_is_wrong_comes_back_with_what_was_written(client: FlaskClient, project: Way) -> None:
    path = f"/projects/{project.slug}/concern"
    status, html = sent(client, path, text="They said no.", email="nobody")
    assert status == 422
    assert "They said no." in html
    assert "does not look like an e-mail address" in plain(html)
    status, html = sent(client, path, text=" ")
    assert (status, "Write what you want to say first." in plain(html)) == (422, True)
    status, html = sent(client, path, text="Buy this.", website="https://spam.example")
    assert (status, "only machines fill it" in plain(html)) == (422, True)
    assert client.post(path, data={"text": "x"}).status_code == 400
    assert client.get("/projects/nowhere/concern").status_code == 404
    assert client.post("/projects/nowhere/concern").status_code in {400, 404}


@pytest.mark.usefixtures("project")
def test_concerns_are_limited_by_the_hour(client: FlaskClient, project: Way) -> None:
    path = f"/projects/{project.slug}/concern"
    token = token_of(client, path)
    told = [
        client.post(path, data={"csrf_token": token, "text": f"{number}"}).status_code
        for number in range(8)
    ]
    assert told[:6] == [201] * 6
    assert told[6:] == [429, 429]


def test_following_begins_and_ends_with_a_button(
    client: FlaskClient, embedded: Database, project: Way, clock: FrozenClock
) -> None:
    path = f"/projects/{project.slug}/follow"
    status, html = sent(client, path, email="a@b.example")
    assert (status, "Nothing else is sent before you press it" in plain(html)) == (200, True)
    with embedded.reading() as session:
        secret = session.scalars(select(Follower.secret)).one()
        (mail,) = session.scalars(
            select(OutboxMessage).where(OutboxMessage.template == "follow_confirm")
        )
        assert mail.parameters["path"] == f"/follow/{secret}"
    link = f"/follow/{secret}"
    # What a scanner does with a mail's links: it opens them all, twice.
    for opened in (link, f"{link}/leave", link, f"{link}/leave"):
        assert client.get(opened, follow_redirects=True).status_code == 200
    with embedded.reading() as session:
        assert session.scalars(select(Follower.confirmed_at)).one() is None
    assert sent(client, link)[0] == 303
    with embedded.reading() as session:
        assert session.scalars(select(Follower.confirmed_at)).one() == clock.now()
    embedded.run(many.many_updates, project, 1, at=clock.now() + timedelta(minutes=1))
    assert followers.tell(embedded, at=clock.now() + timedelta(hours=1)) == 1
    # RFC 8058: the mail program posts without a cookie, a token or an origin.
    bare = client.application.test_client()
    answer = bare.post(f"{link}/leave", data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, "You have left" in answer.get_data(as_text=True)) == (200, True)
    assert bare.post(f"{link}/leave").status_code == 200
    with embedded.reading() as session:
        assert session.scalars(select(Follower.id)).all() == []
    assert client.get(link).status_code == 404


def test_bad_addresses_and_machines_do_not_follow(client: FlaskClient, embedded: Database) -> None:
    assert sent(client, "/follow", email="nobody")[0] == 422
    assert sent(client, "/follow", email="a@b.example", website="x")[0] == 422
    assert client.post("/follow", data={"email": "a@b.example"}).status_code == 400
    with embedded.reading() as session:
        assert session.scalars(select(Follower.id)).all() == []


@pytest.mark.usefixtures("project")
def test_reading_sets_no_cookie(client: FlaskClient) -> None:
    for path in ("/projects", "/projects/green-bridges", "/data/", f"/?{TRIP}", "/updates.atom"):
        assert "Set-Cookie" not in client.get(path).headers, path
