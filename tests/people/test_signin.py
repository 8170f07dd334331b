"""Does a sign-in link work once, and does ending a login end it?"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import Forbidden
from offset.people import signin, users
from offset.people.access import SYSTEM, Role
from offset.people.models import OutboxMessage, User


def _link(database: Database, at: datetime, email: str) -> str | None:
    database.run(
        signin.ask_for_link,
        email=email,
        language="fr",
        next_path="/steward",
        public_url="https://example.org",
        at=at,
    )
    with database.reading() as session:
        row = session.scalar(select(OutboxMessage).order_by(OutboxMessage.id.desc()))
        return None if row is None else str(row.parameters["link"]).rsplit("/", 1)[1]


def _somebody(database: Database, at: datetime, *roles: Role) -> None:
    database.run(
        users.invite,
        actor=SYSTEM,
        at=at,
        email="Ana@Example.org ",
        name="Ana",
        roles=frozenset(roles),
        password="correct horse battery",
    )


def test_link_signs_in_once(database: Database, at: datetime) -> None:
    _somebody(database, at, Role.STEWARD)
    secret = _link(database, at, "ana@example.org")
    assert secret is not None
    browser = database.run(signin.use_link, secret=secret, at=at + timedelta(minutes=14))
    with database.reading() as session:
        person = signin.person_of(session, secret=browser, at=at + timedelta(minutes=15))
    assert person is not None
    assert person.roles == {Role.STEWARD}
    with pytest.raises(Forbidden, match="link_used_or_old"):
        database.run(signin.use_link, secret=secret, at=at + timedelta(minutes=14))


def test_link_grows_old(embedded: Database, at: datetime) -> None:
    _somebody(embedded, at)
    secret = _link(embedded, at, "ana@example.org")
    assert secret is not None
    with pytest.raises(Forbidden):
        embedded.run(signin.use_link, secret=secret, at=at + timedelta(minutes=15))


def test_unknown_address_gets_no_mail(embedded: Database, at: datetime) -> None:
    assert _link(embedded, at, "nobody@example.org") is None


def test_sign_out_kills_the_old_cookie(embedded: Database, at: datetime) -> None:
    _somebody(embedded, at)
    browser = embedded.run(
        signin.use_password, email="ana@example.org", password="correct horse battery", at=at
    )
    embedded.run(signin.end, secret=browser, at=at)
    with embedded.reading() as session:
        assert signin.person_of(session, secret=browser, at=at) is None


@pytest.mark.parametrize(("email", "password"), [("ana@example.org", "x"), ("bo@example.org", "x")])
def test_wrong_password_says_nothing_more(
    embedded: Database, at: datetime, email: str, password: str
) -> None:
    _somebody(embedded, at)
    with pytest.raises(Forbidden) as refused:
        embedded.run(signin.use_password, email=email, password=password, at=at)
    assert refused.value.code == "sign_in_wrong"
    assert not refused.value.parameters


@pytest.mark.parametrize(
    ("idle", "age", "stays"),
    [
        (timedelta(hours=11), timedelta(hours=11), True),
        (timedelta(hours=12), timedelta(hours=12), False),
    ],
)
def test_login_ends_when_idle(
    embedded: Database, at: datetime, idle: timedelta, age: timedelta, *, stays: bool
) -> None:
    del age
    _somebody(embedded, at)
    browser = embedded.run(
        signin.use_password, email="ana@example.org", password="correct horse battery", at=at
    )
    with embedded.reading() as session:
        assert (signin.person_of(session, secret=browser, at=at + idle) is not None) is stays


def test_login_has_an_absolute_end(embedded: Database, at: datetime) -> None:
    _somebody(embedded, at)
    browser = embedded.run(
        signin.use_password, email="ana@example.org", password="correct horse battery", at=at
    )
    now = at
    while now < at + signin.ABSOLUTE_LIFE:
        embedded.run(signin.seen, secret=browser, at=now)
        now += timedelta(hours=11)
    with embedded.reading() as session:
        assert signin.person_of(session, secret=browser, at=now) is None


def test_disabled_person_is_out_at_once(embedded: Database, at: datetime) -> None:
    _somebody(embedded, at)
    browser = embedded.run(
        signin.use_password, email="ana@example.org", password="correct horse battery", at=at
    )

    def disable(session: object) -> None:
        user = session.scalar(select(User))  # type: ignore[attr-defined]  # a session by run()
        user.disabled_at = at

    embedded.run(disable)
    with embedded.reading() as session:
        assert signin.person_of(session, secret=browser, at=at) is None


def test_password_is_kept_as_scrypt_and_whole() -> None:
    stored = signin.hash_password("p" * 100)
    assert stored.startswith("scrypt:16384:8:1:")
    assert signin.check_password("p" * 100, stored)
    assert not signin.check_password("p" * 99, stored)
