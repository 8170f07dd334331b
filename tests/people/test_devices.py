"""Does a known device stay signed in for ninety days, and never longer or further?"""

from datetime import datetime, timedelta

import pytest

from offset.database.session import Database
from offset.errors import NotFound
from offset.people import devices, signin, users
from offset.people.access import SYSTEM, Role

PASSWORD = "correct horse battery"


def a_browser(database: Database, at: datetime, role: Role = Role.STEWARD) -> str:
    email = f"{role.value}@example.org"
    database.run(
        users.invite,
        actor=SYSTEM,
        at=at,
        email=email,
        name=role.value,
        roles=frozenset({role}),
        password=PASSWORD,
    )
    return database.run(signin.use_password, email=email, password=PASSWORD, at=at)


def remembered(database: Database, browser: str, at: datetime) -> str:
    secret = database.run(devices.remember, browser=browser, label=" Chrome,  Android ", at=at)
    assert secret is not None
    return secret


def person(database: Database, browser: str, at: datetime) -> signin.Person | None:
    with database.reading() as session:
        return signin.person_of(session, secret=browser, at=at)


def test_a_device_signs_in_again_for_ninety_days_without_proving_anything(
    embedded: Database, at: datetime
) -> None:
    secret = remembered(embedded, a_browser(embedded, at), at)
    late = at + devices.LIFE - timedelta(seconds=1)
    browser = embedded.run(devices.resume, secret=secret, at=late)
    assert browser is not None
    assert person(embedded, browser, late) is not None
    with embedded.reading() as session:
        assert signin.proved_at(session, secret=browser) is None
    assert embedded.run(devices.resume, secret=secret, at=at + devices.LIFE) is None
    assert embedded.run(devices.resume, secret="forged", at=at) is None


def test_its_owner_sees_it_and_ends_it_with_all_it_signed_in(
    database: Database, at: datetime
) -> None:
    first = a_browser(database, at)
    secret = remembered(database, first, at)
    second = database.run(devices.resume, secret=secret, at=at)
    assert second is not None
    found = person(database, first, at)
    assert found is not None
    with database.reading() as session:
        [line] = devices.listing(session, user_id=found.id, at=at, secret=secret)
    assert (line.label, line.here) == ("Chrome, Android", True)
    other = database.run(users.enrol, at=at, email="other@example.org", name="Other")
    with pytest.raises(NotFound):
        database.run(devices.end, user_id=other, device_id=line.id, at=at)
    database.run(devices.end, user_id=found.id, device_id=line.id, at=at)
    assert person(database, first, at) is None
    assert person(database, second, at) is None
    assert database.run(devices.resume, secret=secret, at=at) is None
    with database.reading() as session:
        assert devices.listing(session, user_id=found.id, at=at) == ()


@pytest.mark.parametrize("role", [Role.CLERK, Role.STC_MEMBER, Role.AUDITOR])
def test_staff_and_committee_are_never_signed_in_by_a_device(
    embedded: Database, at: datetime, role: Role
) -> None:
    browser = a_browser(embedded, at, role)
    assert embedded.run(devices.remember, browser=browser, label="x", at=at) is None


def test_a_steward_who_joins_the_staff_loses_the_device(embedded: Database, at: datetime) -> None:
    browser = a_browser(embedded, at)
    secret = remembered(embedded, browser, at)
    found = person(embedded, browser, at)
    assert found is not None
    embedded.run(users.grant, actor=SYSTEM, at=at, user_id=found.id, role=Role.CLERK)
    assert embedded.run(devices.resume, secret=secret, at=at) is None


def test_signing_out_everywhere_and_here_ends_devices(embedded: Database, at: datetime) -> None:
    browser = a_browser(embedded, at)
    here = remembered(embedded, browser, at)
    there = remembered(embedded, browser, at)
    embedded.run(devices.end_here, secret=here, at=at)
    embedded.run(devices.end_here, secret=here, at=at)
    assert embedded.run(devices.resume, secret=here, at=at) is None
    assert embedded.run(devices.resume, secret=there, at=at) is not None
    found = person(embedded, a_browser(embedded, at), at)
    assert found is not None
    embedded.run(signin.end_all, user_id=found.id, at=at)
    assert embedded.run(devices.resume, secret=there, at=at) is None
