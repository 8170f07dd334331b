import base64
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.people.access import Role
from offset.people.second_factor import code_of, step_of
from offset.web.square_codes import square
from tests.fakes import FrozenClock
from tests.web.conftest import build, settings_with, token_of

PAGE = "/account/second-factor"


@pytest.fixture
def client(embedded: Database, clock: FrozenClock) -> FlaskClient:
    settings = settings_with(OFFSET_SECOND_FACTOR="required")
    return build(settings, embedded, clock).test_client()


def key_on(text: str) -> bytes:
    found = re.search(r"<code>([A-Z2-7]{32})</code>", text)
    assert found
    return base64.b32decode(found[1])


def post(client: FlaskClient, code: str, wanted: str = "") -> tuple[int, str, str]:
    data = {"csrf_token": token_of(client, PAGE), "code": code, "next": wanted}
    answer = client.post(PAGE, data=data)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def test_a_room_of_staff_opens_after_the_code_and_not_before(
    client: FlaskClient, sign_in: Callable[..., None], clock: FrozenClock
) -> None:
    sign_in(Role.CLERK)
    turned = client.get("/secretariat")
    assert turned.status_code == 302
    assert turned.headers["Location"] == f"{PAGE}?next=%2Fsecretariat"
    key = key_on(client.get(turned.headers["Location"]).get_data(as_text=True))
    status, location, _ = post(client, code_of(key, step_of(clock.now())), "/secretariat")
    assert (status, location) == (303, f"{PAGE}/codes?next=%2Fsecretariat")
    assert client.get("/secretariat").status_code == 200
    assert "has shown a right code" in client.get(PAGE).get_data(as_text=True)


def test_a_proven_key_is_never_shown_again(
    client: FlaskClient, sign_in: Callable[..., None], clock: FrozenClock
) -> None:
    sign_in(Role.CLERK)
    key = key_on(client.get(PAGE).get_data(as_text=True))
    post(client, code_of(key, step_of(clock.now())))
    sign_in(Role.CLERK)
    text = client.get(PAGE).get_data(as_text=True)
    assert "<code>" not in text
    assert "Type the six digits" in text


def test_a_wrong_code_is_told_at_the_field(
    client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.RAPPORTEUR)
    client.get(PAGE)
    for _ in range(5):
        status, _location, text = post(client, "abc")
        assert status == 422
    assert "This code is not right" in text
    assert "Too many wrong codes" in post(client, "abc")[2]
    assert post(client, "")[0] == 422


def test_acts_are_refused_until_the_code_is_shown(
    client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.CLERK)
    token = token_of(client, PAGE)
    answer = client.post("/secretariat/statements", data={"csrf_token": token})
    assert answer.status_code == 403
    assert "Show the code of your phone first" in answer.get_data(as_text=True)


def test_stewards_and_donors_are_not_asked(
    client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.STEWARD)
    assert client.get("/steward").status_code == 200
    assert client.get("/account").status_code == 200


def test_another_place_to_go_to_is_not_taken(
    client: FlaskClient, sign_in: Callable[..., None], clock: FrozenClock
) -> None:
    sign_in(Role.CLERK)
    key = key_on(client.get(PAGE).get_data(as_text=True))
    _, location, _ = post(client, code_of(key, step_of(clock.now())), "//evil.example")
    assert location == f"{PAGE}/codes?next=%2Faccount"


def test_a_square_code_grows_with_its_text() -> None:
    side, path = square("https://give.example/gift/abc")
    longer, _ = square("https://give.example/gift/" + "a" * 200)
    assert side < longer
    assert path.startswith("M")
