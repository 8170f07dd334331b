import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.people import contributors, outbox, users
from offset.people.access import SYSTEM, Role
from tests.fakes import FrozenClock, KeptMail
from tests.web.conftest import build, settings_with, token_of

EMAIL = "clerk@demo.example"
PASSWORD = "demo-only-password"


@pytest.fixture
def clerk(embedded: Database, clock: FrozenClock) -> str:
    embedded.run(
        users.invite,
        actor=SYSTEM,
        at=clock.now(),
        email=EMAIL,
        name="M. Duval",
        roles=frozenset({Role.CLERK}),
        password=PASSWORD,
    )
    return EMAIL


def post(client: FlaskClient, path: str, **data: str) -> tuple[int, str, str]:
    token = token_of(client, "/sign-in")
    answer = client.post(path, data={"csrf_token": token, **data})
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def mailed_link(database: Database, clock: FrozenClock) -> str:
    mailer = KeptMail()
    outbox.deliver(database, mailer, at=clock.now())
    (mail,) = mailer.sent
    link = str(mail.parameters["link"])
    assert link.startswith("http://localhost/")
    return link.removeprefix("http://localhost")


@pytest.mark.usefixtures("clerk")
def test_a_mailed_link_signs_in_once_and_only_by_the_button(
    client: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    status, _, text = post(client, "/sign-in", email=" Clerk@demo.example ", next="/account")
    assert status == 200
    assert "Look into your mailbox" in text
    path = mailed_link(embedded, clock)
    for _scanner in range(3):
        assert client.get(path).status_code == 200
    assert client.get("/account").status_code == 302, "opening the link signs nobody in"
    token = client.get(path).get_data(as_text=True).split('csrf_token" type="hidden" value="')[1]
    data = {"csrf_token": token.partition('"')[0], "next": "/account"}
    answer = client.post(path, data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "M. Duval" in client.get("/account").get_data(as_text=True)
    again = build(settings_with(), embedded, clock, beside=True).test_client()
    assert post(again, path)[0] == 422


def test_a_known_and_an_unknown_address_get_the_same_answer(
    client: FlaskClient, clerk: str
) -> None:
    known = post(client, "/sign-in", email=clerk)
    unknown = post(client, "/sign-in", email="nobody@demo.example")
    assert known == unknown


@pytest.mark.usefixtures("clerk")
def test_an_old_link_is_refused(
    client: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    post(client, "/sign-in", email=EMAIL)
    path = mailed_link(embedded, clock)
    clock.advance(minutes=16)
    status, _, text = post(client, path)
    assert status == 422
    assert "This link has been used or is too old" in text


@pytest.mark.usefixtures("clerk")
def test_the_mail_speaks_the_language_of_the_page(
    client: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    post(client, "/fr/sign-in", email=EMAIL)
    assert mailed_link(embedded, clock).startswith("/fr/sign-in/")


def test_an_empty_form_comes_back_with_the_fault_at_the_field(client: FlaskClient) -> None:
    status, _, text = post(client, "/sign-in", email="  ")
    assert status == 422
    assert 'aria-invalid="true"' in text
    assert 'href="#link-email"' in text


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize(
    ("wanted", "place"),
    [("", "/secretariat"), ("/fr/account", "/fr/account"), ("//evil.example", "/secretariat")],
)
def test_a_password_signs_in_and_leads_on(client: FlaskClient, wanted: str, place: str) -> None:
    status, location, _ = post(
        client, "/sign-in/password", email=EMAIL, password=PASSWORD, next=wanted
    )
    assert (status, location) == (303, place)


@pytest.mark.usefixtures("clerk")
def test_a_wrong_password_and_an_unknown_address_read_the_same(client: FlaskClient) -> None:
    wrong = post(client, "/sign-in/password", email=EMAIL, password="wrong")
    nobody = post(client, "/sign-in/password", email="nobody@demo.example", password="wrong")
    assert wrong[0] == nobody[0] == 422
    assert "do not belong together" in wrong[2]
    token = re.compile(r'(name="csrf_token" type="hidden" value=")[^"]+')
    texts = [token.sub(r"\1", told[2]) for told in (wrong, nobody)]
    assert texts[0].replace(EMAIL, "") == texts[1].replace("nobody@demo.example", "")
    assert 'value="wrong"' not in wrong[2]


def test_without_the_setting_there_is_no_password(embedded: Database, clock: FrozenClock) -> None:
    client = build(settings_with(OFFSET_PASSWORD_SIGN_IN="off"), embedded, clock).test_client()
    assert "password" not in client.get("/sign-in").get_data(as_text=True).replace(
        "no password is needed", ""
    )
    assert post(client, "/sign-in/password", email=EMAIL, password=PASSWORD)[0] == 404


@pytest.mark.usefixtures("clerk")
def test_signing_in_starts_a_new_session_and_signing_out_ends_it_everywhere(
    client: FlaskClient,
) -> None:
    client.get("/sign-in")
    with client.session_transaction() as session:
        before = session["csrf_token"]
    post(client, "/sign-in/password", email=EMAIL, password=PASSWORD)
    with client.session_transaction() as session:
        assert session.get("csrf_token") != before
        secret = session["_user_id"]
    token = token_of(client, "/account")
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.get("/account").status_code == 302
    with client.session_transaction() as session:
        session["_user_id"] = secret
    assert client.get("/account").status_code == 302, "an old copy of the cookie is dead"


def test_a_person_who_is_signed_in_is_led_on(
    client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.RAPPORTEUR)
    assert client.get("/sign-in").headers["Location"] == "/committee"
    assert client.get("/es/sign-in?next=/es/account").headers["Location"] == "/es/account"


def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    token = token_of(client, "/sign-in")
    told = [
        client.post("/sign-in", data={"csrf_token": token, "email": EMAIL}).status_code
        for _ in range(11)
    ]
    assert told == [200] * 10 + [429]


def test_a_guest_who_gave_signs_in_with_the_address_of_the_gift(
    client: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    embedded.run(contributors.keep, at=clock.now(), email="guest@demo.example", name="Guest")
    post(client, "/sign-in", email="Guest@demo.example", next="/account")
    path = mailed_link(embedded, clock)
    status, location, _ = post(client, path, next="/account")
    assert (status, location) == (303, "/account")
    assert "guest@demo.example" in client.get("/account").get_data(as_text=True)
    assert client.get("/steward").status_code == 403
