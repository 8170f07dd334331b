"""Do code, known device and fresh sign-in hold in the browser?"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.people import outbox, users
from offset.people.access import SYSTEM, Right, Role
from offset.web.security import fresh, policy
from tests.fakes import FrozenClock, KeptMail
from tests.web.conftest import build, settings_with, token_of

EMAIL = "steward@demo.example"
PHONE = "Mozilla/5.0 (Linux; Android 8.1) AppleWebKit/537.36 Chrome/70.0 Mobile Safari/537.36"


def _grave(app: Flask) -> None:
    """Add a page such as bank details to the application."""

    @policy(Right.APPLY)
    @fresh
    def grave() -> str:
        return '<form><input name="csrf_token" type="hidden" value="">grave</form>'

    app.add_url_rule("/grave", view_func=grave, methods=["GET", "POST"])


@pytest.fixture(params=["http://localhost", "https://localhost"])
def public_url(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def phone(embedded: Database, clock: FrozenClock, public_url: str) -> Iterator[FlaskClient]:
    embedded.run(
        users.invite,
        actor=SYSTEM,
        at=clock.now(),
        email=EMAIL,
        name="Stella",
        roles=frozenset({Role.STEWARD}),
    )
    app = build(settings_with(OFFSET_PUBLIC_URL=public_url), embedded, clock, before=_grave)
    with app.test_client() as client:
        client.environ_base["HTTP_USER_AGENT"] = PHONE
        client.environ_base["wsgi.url_scheme"] = public_url.partition(":")[0]
        yield client


def post(client: FlaskClient, path: str, page: str = "", **data: str) -> tuple[int, str, str]:
    token = token_of(client, page or path)
    answer = client.post(path, data={"csrf_token": token, **data})
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def mailed_code(database: Database, clock: FrozenClock) -> str:
    mailer = KeptMail()
    outbox.deliver(database, mailer, at=clock.now())
    return str(mailer.sent[-1].parameters["code"])


def enter(client: FlaskClient, database: Database, clock: FrozenClock, **more: str) -> None:
    post(client, "/sign-in", email=EMAIL, next="/account/devices")
    code = mailed_code(database, clock)
    told = post(client, "/sign-in/code", email=EMAIL, code=code, next="/account/devices", **more)
    assert told[:2] == (303, "/account/devices")


def forget_session(client: FlaskClient) -> None:
    """Close the browser: what lives as long as its window is gone."""
    for name in ("offset", "__Host-offset"):
        client.delete_cookie(name)


def test_a_code_signs_in_and_the_page_asks_for_it(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    enter(phone, embedded, clock)
    assert "None." in phone.get("/account/devices").get_data(as_text=True)
    forget_session(phone)
    assert phone.get("/account/devices").status_code == 302


def test_wrong_code_and_unknown_address_read_the_same(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    post(phone, "/sign-in", email=EMAIL)
    code = mailed_code(embedded, clock)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    texts = []
    for email in (EMAIL, "nobody@demo.example"):
        status, _, text = post(phone, "/sign-in/code", email=email, code=wrong)
        assert status == 422
        plain = re.sub(r'(name="csrf_token" type="hidden" value=")[^"]+', r"\1", text)
        texts.append(plain.replace(email, ""))
    assert texts[0] == texts[1]
    assert wrong not in texts[0]


def test_guessing_codes_is_slowed_down(phone: FlaskClient) -> None:
    token = token_of(phone, "/sign-in/code")
    told = [
        phone.post(
            "/sign-in/code", data={"csrf_token": token, "email": EMAIL, "code": "000000"}
        ).status_code
        for _ in range(11)
    ]
    assert told == [422] * 10 + [429]


def test_a_known_device_stays_signed_in_is_listed_and_ended(
    phone: FlaskClient, embedded: Database, clock: FrozenClock, public_url: str
) -> None:
    post(phone, "/sign-in", email=EMAIL)
    code = mailed_code(embedded, clock)
    token = token_of(phone, "/sign-in/code")
    told = {"csrf_token": token, "email": EMAIL, "code": code, "remember": "y"}
    answer = phone.post("/sign-in/code", data=told)
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if "device" in c]
    secure = public_url.startswith("https")
    assert cookie.startswith("__Host-offset-device=" if secure else "offset-device=")
    assert ("Secure" in cookie) is secure
    for part in ("HttpOnly", "SameSite=Lax", "Max-Age=7776000", "Path=/"):
        assert part in cookie
    forget_session(phone)
    for _month in range(2):
        clock.advance(days=40)
        assert phone.get("/steward").status_code == 200
    listed = phone.get("/account/devices").get_data(as_text=True)
    assert "Chrome, Android" in listed
    path = re.search(r'action="(/account/devices/[^"]+/end)"', listed)
    assert path
    post(phone, path[1], page="/account/devices")
    forget_session(phone)
    assert phone.get("/steward").status_code == 302


def test_ninety_days_are_ninety_days(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    enter(phone, embedded, clock, remember="y")
    clock.advance(days=90)
    forget_session(phone)
    assert phone.get("/steward").status_code == 302


def test_signing_out_forgets_the_device(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    enter(phone, embedded, clock, remember="y")
    post(phone, "/sign-out", page="/account/devices")
    forget_session(phone)
    assert phone.get("/steward").status_code == 302


def test_public_pages_do_not_look_at_the_device(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    enter(phone, embedded, clock, remember="y")
    forget_session(phone)
    answer = phone.get("/terms")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_what_is_grave_asks_again_and_leads_back(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    enter(phone, embedded, clock, remember="y")
    assert phone.get("/grave").status_code == 200
    clock.advance(minutes=16)
    answer = phone.get("/grave")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/sign-in/again?next=%2Fgrave",
    )
    token = token_of(phone, "/account/devices")
    posted = phone.post("/grave", data={"csrf_token": token})
    assert posted.status_code == 200, "a form opened in time may be posted a while longer"
    clock.advance(minutes=20)
    token = token_of(phone, "/account/devices")
    assert phone.post("/grave", data={"csrf_token": token}).status_code == 403
    assert EMAIL in phone.get("/sign-in/again?next=/grave").get_data(as_text=True)
    assert post(phone, "/sign-in/again", next="/grave")[:2] == (303, "/sign-in/code")
    code = mailed_code(embedded, clock)
    told = post(phone, "/sign-in/code", email=EMAIL, code=code, next="/grave")
    assert told[:2] == (303, "/grave")
    assert phone.get("/grave").status_code == 200


def test_a_device_alone_never_opens_what_is_grave(
    phone: FlaskClient, embedded: Database, clock: FrozenClock
) -> None:
    enter(phone, embedded, clock, remember="y")
    forget_session(phone)
    assert phone.get("/steward").status_code == 200
    assert phone.get("/grave").status_code == 302
    token = token_of(phone, "/account/devices")
    assert phone.post("/grave", data={"csrf_token": token}).status_code == 403
