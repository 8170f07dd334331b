import base64
import uuid
from datetime import datetime, timedelta

import pytest

from offset.database.session import Database
from offset.errors import NotFound, Refused
from offset.people import second_factor, signin, users
from offset.people.access import SYSTEM, Role
from offset.people.second_factor import Shown, code_of, step_of

# RFC 4226, appendix D: the codes of the key "12345678901234567890" for the counts 0 to 9.
PUBLISHED = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)


@pytest.fixture
def person(database: Database, at: datetime) -> tuple[uuid.UUID, str]:
    """A clerk and the secret of a signed-in browser."""
    user_id = database.run(
        users.invite,
        actor=SYSTEM,
        at=at,
        email="clerk@demo.example",
        name="Clerk",
        roles=frozenset({Role.CLERK}),
        password="a long enough password",
    )
    browser = database.run(
        signin.use_password, email="clerk@demo.example", password="a long enough password", at=at
    )
    return user_id, browser


def show(database: Database, person: tuple[uuid.UUID, str], code: str, at: datetime) -> Shown:
    user_id, browser = person
    return database.run(second_factor.show, user_id=user_id, browser=browser, code=code, at=at)


@pytest.mark.parametrize(("count", "code"), list(enumerate(PUBLISHED)))
def test_codes_are_the_published_ones(count: int, code: str) -> None:
    assert code_of(b"12345678901234567890", count) == code


def test_a_right_code_proves_the_phone_and_opens_this_browser_only(
    database: Database, person: tuple[uuid.UUID, str], at: datetime
) -> None:
    user_id, browser = person
    key = database.run(second_factor.begin, user_id=user_id, at=at)
    assert database.run(second_factor.begin, user_id=user_id, at=at) == key
    assert len(base64.b32encode(key)) == 32
    code = code_of(key, step_of(at))
    assert show(database, person, f"{code[:3]} {code[3:]}", at) is Shown.RIGHT
    with database.reading() as session:
        here = second_factor.state_of(session, user_id=user_id, browser=browser)
        elsewhere = second_factor.state_of(session, user_id=user_id, browser="another")
    assert (here.confirmed, here.passed) == (True, True)
    assert (elsewhere.confirmed, elsewhere.passed) == (True, False)
    with pytest.raises(Refused, match="second_factor_set"):
        database.run(second_factor.begin, user_id=user_id, at=at)


def test_a_code_counts_once(
    database: Database, person: tuple[uuid.UUID, str], at: datetime
) -> None:
    key = database.run(second_factor.begin, user_id=person[0], at=at)
    code = code_of(key, step_of(at))
    assert show(database, person, code, at) is Shown.RIGHT
    assert show(database, person, code, at) is Shown.WRONG
    assert show(database, person, code_of(key, step_of(at) + 1), at) is Shown.RIGHT


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-30, Shown.RIGHT), (30, Shown.RIGHT), (60, Shown.WRONG), (-60, Shown.WRONG)],
)
def test_a_phone_may_be_half_a_minute_off(
    database: Database, person: tuple[uuid.UUID, str], at: datetime, seconds: int, shown: Shown
) -> None:
    key = database.run(second_factor.begin, user_id=person[0], at=at)
    code = code_of(key, step_of(at + timedelta(seconds=seconds)))
    assert show(database, person, code, at) is shown


def test_guessing_ends_after_five_tries_and_only_for_a_while(
    database: Database, person: tuple[uuid.UUID, str], at: datetime
) -> None:
    key = database.run(second_factor.begin, user_id=person[0], at=at)
    wrong = str((int(code_of(key, step_of(at))) + 1) % 10**6).zfill(6)
    for _ in range(5):
        assert show(database, person, wrong, at) is Shown.WRONG
    right = code_of(key, step_of(at))
    assert show(database, person, right, at) is Shown.TOO_OFTEN
    later = at + timedelta(minutes=5)
    assert show(database, person, code_of(key, step_of(later)), later) is Shown.RIGHT


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "１２３４５６"])
def test_what_is_no_code_is_wrong(
    database: Database, person: tuple[uuid.UUID, str], at: datetime, code: str
) -> None:
    database.run(second_factor.begin, user_id=person[0], at=at)
    assert show(database, person, code, at) is Shown.WRONG


def test_without_a_key_no_code_is_right(
    database: Database, person: tuple[uuid.UUID, str], at: datetime
) -> None:
    assert show(database, person, "000000", at) is Shown.WRONG
    with database.reading() as session:
        state = second_factor.state_of(session, user_id=person[0], browser=person[1])
    assert not state.confirmed


def test_a_lost_phone_ends_every_sign_in_and_is_set_up_anew(
    database: Database, person: tuple[uuid.UUID, str], at: datetime
) -> None:
    user_id, browser = person
    key = database.run(second_factor.begin, user_id=user_id, at=at)
    assert show(database, person, code_of(key, step_of(at)), at) is Shown.RIGHT
    database.run(second_factor.forget, email=" Clerk@demo.example", at=at)
    with database.reading() as session:
        assert signin.person_of(session, secret=browser, at=at) is None
        state = second_factor.state_of(session, user_id=user_id, browser=browser)
    assert (state.confirmed, state.passed) == (False, False)
    assert database.run(second_factor.begin, user_id=user_id, at=at) != key


def test_nobody_has_no_phone_to_lose(database: Database, at: datetime) -> None:
    with pytest.raises(NotFound, match="person_unknown"):
        database.run(second_factor.forget, email="nobody@demo.example", at=at)
