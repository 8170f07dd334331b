"""Do six digits of a mail sign in once, for ten minutes, after few wrong tries?"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.people import codes, signin, users
from offset.people.access import SYSTEM, Role
from offset.people.device_models import SignInCode
from offset.people.models import OutboxMessage

ANA = "ana@example.org"


def asked(database: Database, at: datetime) -> tuple[str, str | None]:
    """Ask for a mail and return its link's secret and its code."""
    database.run(
        users.invite, actor=SYSTEM, at=at, email=ANA, name="Ana", roles=frozenset({Role.STEWARD})
    )
    database.run(
        signin.ask_for_link,
        email=ANA,
        language="fr",
        next_path="",
        public_url="https://example.org",
        at=at,
    )
    with database.reading() as session:
        mail = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert mail is not None
        return str(mail.parameters["link"]).rsplit("/", 1)[1], mail.parameters["code"]


def use(database: Database, code: str | None, at: datetime, email: str = ANA) -> str | None:
    return database.run(signin.use_code, email=email, code=code or "", at=at)


def wrong(code: str | None) -> str:
    return f"{(int(code or 0) + 1) % 10**6:06d}"


def test_a_code_signs_in_once_however_it_is_typed(database: Database, at: datetime) -> None:
    link, code = asked(database, at)
    assert code is not None
    assert code.isdecimal()
    assert len(code) == codes.DIGITS
    browser = use(database, f" {code[:3]}-{code[3:]} ", at, email=" Ana@Example.org ")
    assert browser is not None
    with database.reading() as session:
        person = signin.person_of(session, secret=browser, at=at)
        assert signin.proved_at(session, secret=browser) == at
    assert person is not None
    assert use(database, code, at) is None
    with pytest.raises(signin.Forbidden):
        database.run(signin.use_link, secret=link, at=at)


def test_a_used_link_takes_its_code_with_it(embedded: Database, at: datetime) -> None:
    link, code = asked(embedded, at)
    embedded.run(signin.use_link, secret=link, at=at)
    assert use(embedded, code, at) is None


def test_a_code_grows_old_and_is_kept_only_as_a_hash(embedded: Database, at: datetime) -> None:
    _, code = asked(embedded, at)
    with embedded.reading() as session:
        stored = session.scalars(select(SignInCode.code_hash)).one()
    assert str(code) not in stored
    assert use(embedded, code, at + codes.LIFE) is None
    _, code = asked(embedded, at)
    assert use(embedded, code, at + codes.LIFE - timedelta(seconds=1)) is not None


def test_five_wrong_tries_end_a_code(database: Database, at: datetime) -> None:
    _, code = asked(database, at)
    for _ in range(codes.TRIES):
        assert use(database, wrong(code), at) is None
    assert use(database, code, at) is None


def test_the_earlier_of_two_mails_works_too(embedded: Database, at: datetime) -> None:
    _, first = asked(embedded, at)
    asked(embedded, at + timedelta(minutes=1))
    assert use(embedded, first, at + timedelta(minutes=2)) is not None


def test_asking_again_buys_no_more_guesses(embedded: Database, at: datetime) -> None:
    for hour in range(4):
        when = at + timedelta(hours=hour)
        _, code = asked(embedded, when)
        for _ in range(codes.TRIES):
            assert use(embedded, wrong(code), when) is None
    later = at + timedelta(hours=5)
    link, code = asked(embedded, later)
    assert use(embedded, code, later) is None, "twenty wrong tries a day are enough"
    assert embedded.run(signin.use_link, secret=link, at=later)
    tomorrow = at + timedelta(hours=30)
    _, code = asked(embedded, tomorrow)
    assert use(embedded, code, tomorrow) is not None


def test_the_seventh_mail_of_an_hour_has_a_link_alone(embedded: Database, at: datetime) -> None:
    told = [asked(embedded, at + timedelta(minutes=minute))[1] for minute in range(7)]
    assert all(told[:6])
    assert told[6] is None


def test_an_unknown_address_reads_like_a_wrong_code(embedded: Database, at: datetime) -> None:
    assert use(embedded, "123456", at, email="nobody@example.org") is None
    with embedded.reading() as session:
        assert session.scalars(select(SignInCode)).all() == []
