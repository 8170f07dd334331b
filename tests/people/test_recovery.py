"""Does a code on paper stand for a phone once, and does only another administrator take it away?"""

import uuid
from datetime import datetime

import pytest

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.people import logins, recovery, second_factor, signin, users
from offset.people.access import Actor, Role
from offset.people.models import OutboxMessage
from offset.people.second_factor import code_of, step_of
from tests.people.test_invitations import person


def with_phone(database: Database, actor: Actor, at: datetime) -> str:
    """Sign somebody in on a browser that showed a code; its secret."""
    browser = database.run(signin.begin, actor.user_id, at)
    key = database.run(second_factor.begin, user_id=actor.user_id, at=at)
    code = code_of(key, step_of(at))
    database.run(second_factor.show, user_id=actor.user_id, browser=browser, code=code, at=at)
    return browser


def passed(database: Database, actor: Actor, browser: str) -> bool:
    with database.reading() as session:
        assert actor.user_id is not None
        return second_factor.state_of(session, user_id=actor.user_id, browser=browser).passed


def notices(database: Database) -> list[str]:
    with database.reading() as session:
        rows = session.query(OutboxMessage).filter_by(template="account_notice")
        return [str(row.parameters["what"]) for row in rows]


def test_each_code_opens_one_browser_once(database: Database, at: datetime) -> None:
    cleo = person(database, at, "cleo", Role.CLERK)
    with pytest.raises(Refused, match="second_factor_needed"):
        database.run(recovery.make, user_id=cleo.user_id, at=at)
    with_phone(database, cleo, at)
    first = database.run(recovery.make, user_id=cleo.user_id, at=at)
    codes = database.run(recovery.make, user_id=cleo.user_id, at=at)
    assert len(set(codes)) == recovery.CODES
    assert all(recovery.looks_like_one(code) for code in codes)
    other = database.run(signin.begin, cleo.user_id, at)

    def use(code: str, browser: str = other) -> bool:
        return database.run(recovery.use, user_id=cleo.user_id, browser=browser, code=code, at=at)

    assert not use(first[0]), "a code of before counts no more"
    assert not use("AAAA-AAAA-AAAA-AAAA")
    assert not passed(database, cleo, other)
    assert use(codes[0].lower().replace("-", " "))
    assert passed(database, cleo, other)
    assert not use(codes[0])
    assert notices(database) == ["recovery_used"]
    with database.reading() as session:
        assert cleo.user_id is not None
        assert recovery.left(session, user_id=cleo.user_id) == recovery.CODES - 1


def test_codes_are_each_persons_own(embedded: Database, at: datetime) -> None:
    cleo = person(embedded, at, "cleo", Role.CLERK)
    tom = person(embedded, at, "tom", Role.TREASURER)
    with_phone(embedded, cleo, at)
    [code, *_] = embedded.run(recovery.make, user_id=cleo.user_id, at=at)
    browser = with_phone(embedded, tom, at)
    assert not embedded.run(recovery.use, user_id=tom.user_id, browser=browser, code=code, at=at)


def test_a_lost_phone_is_another_administrators_business(embedded: Database, at: datetime) -> None:
    ada = person(embedded, at, "ada", Role.ADMINISTRATOR)
    cleo = person(embedded, at, "cleo", Role.CLERK)
    browser = with_phone(embedded, cleo, at)
    codes = embedded.run(recovery.make, user_id=cleo.user_id, at=at)

    def lost(actor: Actor, user_id: object, reason: str = "called back") -> None:
        embedded.run(recovery.lost_phone, actor=actor, at=at, user_id=user_id, reason=reason)

    with pytest.raises(Refused, match="own_second_factor"):
        lost(ada, ada.user_id)
    with pytest.raises(Forbidden):
        lost(cleo, ada.user_id)
    with pytest.raises(InvalidInput, match="reason_missing"):
        lost(ada, cleo.user_id, " ")
    lost(ada, cleo.user_id)
    assert notices(embedded) == ["phone_reset"]
    with embedded.reading() as session:
        assert signin.person_of(session, secret=browser, at=at) is None
        assert cleo.user_id is not None
        assert recovery.left(session, user_id=cleo.user_id) == 0
    assert len(codes) == recovery.CODES
    with pytest.raises(NotFound):
        lost(ada, uuid.UUID(int=7))


def test_another_phone_only_from_a_browser_that_showed_a_code(
    embedded: Database, at: datetime
) -> None:
    cleo = person(embedded, at, "cleo", Role.CLERK)
    browser = with_phone(embedded, cleo, at)
    other = embedded.run(signin.begin, cleo.user_id, at)
    with pytest.raises(Refused, match="second_factor_missing"):
        embedded.run(recovery.renew, user_id=cleo.user_id, browser=other, at=at)
    embedded.run(recovery.renew, user_id=cleo.user_id, browser=browser, at=at)
    assert not passed(embedded, cleo, browser)
    assert embedded.run(second_factor.begin, user_id=cleo.user_id, at=at)


def test_browsers_are_listed_and_ended(embedded: Database, at: datetime) -> None:
    ada = person(embedded, at, "ada", Role.ADMINISTRATOR)
    cleo = person(embedded, at, "cleo", Role.CLERK)
    secrets = [embedded.run(signin.begin, cleo.user_id, at) for _ in range(3)]
    embedded.run(logins.describe, secret=secrets[0], label="Firefox,  Linux\n")
    with embedded.reading() as session:
        assert cleo.user_id is not None
        found = logins.listing(session, user_id=cleo.user_id, at=at, secret=secrets[0])
    [here] = [one for one in found if one.here]
    assert (len(found), here.label) == (3, "Firefox, Linux")
    other = next(one for one in found if not one.here)
    tom = person(embedded, at, "tom", Role.TREASURER)
    with pytest.raises(Forbidden):
        embedded.run(logins.end, actor=tom, user_id=cleo.user_id, login_id=other.id, at=at)
    with pytest.raises(NotFound, match="login_unknown"):
        embedded.run(logins.end, actor=tom, user_id=tom.user_id, login_id=other.id, at=at)
    embedded.run(logins.end, actor=ada, user_id=cleo.user_id, login_id=other.id, at=at)
    assert embedded.run(logins.end_others, actor=cleo, secret=secrets[0], at=at) == 1
    with embedded.reading() as session:
        [left] = logins.listing(session, user_id=cleo.user_id, at=at, secret=secrets[0])
    assert left.here


def test_roles_are_set_as_a_whole_and_accounts_close_and_open(
    embedded: Database, at: datetime
) -> None:
    ada = person(embedded, at, "ada", Role.ADMINISTRATOR)
    cleo = person(embedded, at, "cleo", Role.CLERK)
    assert cleo.user_id is not None

    def act(verb: object, actor: Actor = ada, **told: object) -> None:
        embedded.run(verb, actor=actor, at=at, user_id=told.pop("user_id", cleo.user_id), **told)  # type: ignore[arg-type]

    act(users.set_roles, roles=frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}))
    with embedded.reading() as session:
        assert users.roles_of(session, cleo.user_id) == {Role.STC_MEMBER, Role.RAPPORTEUR}
    assert notices(embedded) == ["roles_changed"]
    with pytest.raises(Refused, match="roles_clash"):
        act(users.set_roles, roles=frozenset({Role.STC_MEMBER, Role.CLERK}))
    with pytest.raises(Refused, match="own_role"):
        act(users.set_roles, user_id=ada.user_id, roles=frozenset())
    browser = embedded.run(signin.begin, cleo.user_id, at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        act(users.disable, reason=" ")
    act(users.disable, reason="left the house")
    with embedded.reading() as session:
        assert signin.person_of(session, secret=browser, at=at) is None
    with pytest.raises(Refused, match="already_disabled"):
        act(users.disable, reason="again")
    act(users.enable, reason="came back")
    with pytest.raises(Refused, match="not_disabled"):
        act(users.enable, reason="again")
    with pytest.raises(Refused, match="own_role"):
        act(users.disable, user_id=ada.user_id, reason="myself")
