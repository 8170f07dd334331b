"""Does a deputy act in their own name, on the days given, and never as both sides of one act?"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, OffsetError
from offset.people import deputies, signin
from offset.people.access import Actor, Right, Role, may, require_other, stands_for
from offset.people.models import AuditEvent
from offset.treasury import disbursements
from tests.builders import projects as build_projects
from tests.builders import treasury as build
from tests.once_built import once_built

FIRST = date(2026, 11, 15)
LAST = date(2026, 11, 19)


def an_actor(database: Database, role: Role, at: datetime) -> Actor:
    return database.run(build_projects.an_actor, role, at=at)


def signed_in(database: Database, actor: Actor, at: datetime) -> Actor:
    """The same person as a browser brings them in, with what they stand in for."""
    assert actor.user_id is not None
    secret = database.run(signin.begin, actor.user_id, at)
    with database.reading() as session:
        person = signin.person_of(session, secret=secret, at=at)
    assert person is not None
    return person.actor


def code_of(database: Database, verb: Any, **told: Any) -> str:
    with pytest.raises(OffsetError) as caught:
        database.run(verb, **told)
    return caught.value.code


def test_a_deputy_has_the_rights_of_the_absent_between_two_days(
    database: Database, at: datetime
) -> None:
    admin = an_actor(database, Role.ADMINISTRATOR, at)
    clerk, approver = an_actor(database, Role.CLERK, at), an_actor(database, Role.APPROVER, at)
    told = {
        "actor": admin,
        "at": at,
        "absent_id": approver.user_id,
        "deputy_id": clerk.user_id,
        "starts_on": FIRST,
        "ends_on": LAST,
        "reason": "Holidays",
    }
    reviewer = an_actor(database, Role.STC_MEMBER, at)
    for changed, code in (
        ({"actor": clerk}, "right_missing"),
        ({"deputy_id": approver.user_id}, "deputy_oneself"),
        ({"deputy_id": admin.user_id}, "same_person"),
        ({"deputy_id": reviewer.user_id}, "roles_clash"),
        ({"deputy_id": uuid7(at)}, "person_unknown"),
        ({"absent_id": reviewer.user_id}, "nothing_to_lend"),
        ({"reason": " "}, "reason_missing"),
        ({"reason": "x" * 301}, "too_long"),
        ({"ends_on": FIRST - timedelta(days=1)}, "days_backwards"),
        ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 2, 1)}, "days_past"),
        ({"ends_on": date(2028, 1, 1)}, "days_many"),
    ):
        assert code_of(database, deputies.appoint, **{**told, **changed}) == code
    grant = database.run(deputies.appoint, **told)
    assert code_of(database, deputies.appoint, **told) == "deputy_there"
    inside = signed_in(database, clerk, at + timedelta(days=4))
    assert may(inside, Right.APPROVE_DISBURSEMENT)
    assert stands_for(inside, Right.APPROVE_DISBURSEMENT) == {approver.user_id}
    assert not stands_for(inside, Right.PREPARE_DISBURSEMENT)
    for day in (at - timedelta(days=1), at + timedelta(days=5)):
        assert not may(signed_in(database, clerk, day), Right.APPROVE_DISBURSEMENT)
    stranger = an_actor(database, Role.AUDITOR, at)
    ending = {"at": at, "grant_id": grant}
    assert code_of(database, deputies.end, actor=stranger, **ending) == "right_missing"
    database.run(deputies.end, actor=approver, **ending)
    assert code_of(database, deputies.end, actor=approver, **ending) == "deputy_unknown"
    assert not may(signed_in(database, clerk, at), Right.APPROVE_DISBURSEMENT)
    with database.reading() as session:
        (listed,) = deputies.listed(session, on=FIRST)
        assert (listed.ended, listed.reason) == (True, "Holidays")


def test_nobody_is_both_sides_by_a_deputy_and_the_trail_says_for_whom(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    approver, treasurer = house.approver.user_id, house.treasurer.user_id
    assert approver is not None
    assert treasurer is not None
    told = {"at": at, "disbursement_id": prepared}
    # The clerk who prepared it stands in for the approver: the clerk's own act all the same.
    own = replace(house.clerk, deputises=frozenset({(approver, Role.APPROVER)}))
    assert code_of(database, disbursements.approve, actor=own, **told) == "same_person"
    # Somebody who may approve only in the name of whoever prepared it.
    clerk_id = house.clerk.user_id
    assert clerk_id is not None
    other = an_actor(database, Role.AUDITOR, at)
    lent = replace(other, deputises=frozenset({(clerk_id, Role.TREASURER)}))
    assert code_of(database, disbursements.approve, actor=lent, **told) == "same_person"
    with pytest.raises(Forbidden, match="same_person"):
        require_other(lent, Right.APPROVE_DISBURSEMENT, clerk_id)
    # In the name of somebody else it is a second person, and the trail names whom.
    standing = replace(other, deputises=frozenset({(approver, Role.APPROVER)}))
    database.run(disbursements.approve, actor=standing, **told)
    with database.reading() as session:
        line = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "disbursement.approved")
        ).one()
        assert line.actor_id == other.user_id
        assert line.details["deputy_for"] == [str(approver)]


def test_the_absent_do_not_decide_on_what_was_done_in_their_name(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    treasurer = house.treasurer.user_id
    assert treasurer is not None
    database.run(build.a_payee, house, at=at)
    other = an_actor(database, Role.AUDITOR, at)
    standing = replace(other, deputises=frozenset({(treasurer, Role.TREASURER)}))

    def prepare(session: Session) -> Any:
        return build.a_payment(
            session, replace(house, clerk=standing), at=at, amount="100.00", approved=False
        )

    payment = database.run(prepare)
    told = {"at": at, "disbursement_id": payment}
    assert code_of(database, disbursements.approve, actor=house.treasurer, **told) == "same_person"
    database.run(disbursements.approve, actor=house.approver, **told)


def test_days_away_warn_ahead_of_acts_that_will_lack_a_second_person(
    embedded: Database, at: datetime
) -> None:
    clerk = an_actor(embedded, Role.CLERK, at)
    treasurer = an_actor(embedded, Role.TREASURER, at)
    approver = an_actor(embedded, Role.APPROVER, at)
    admin = an_actor(embedded, Role.ADMINISTRATOR, at)

    def away(actor: Actor, since: date, until: date, by: Actor | None = None) -> Any:
        return {
            "actor": by or actor,
            "at": at,
            "user_id": actor.user_id,
            "starts_on": since,
            "ends_on": until,
        }

    def lacks() -> list[tuple[Right, date, date, tuple[str, ...]]]:
        with embedded.reading() as session:
            found = deputies.lacking_ahead(session, on=FIRST)
        return [
            (one.first, one.since, one.until, one.away)
            for one in found
            if one.first is Right.PREPARE_DISBURSEMENT
        ]

    assert lacks() == []
    stranger = away(treasurer, FIRST, LAST, by=clerk)
    assert code_of(embedded, deputies.note_absence, **stranger) == "right_missing"
    backwards = away(treasurer, LAST, FIRST)
    assert code_of(embedded, deputies.note_absence, **backwards) == "days_backwards"
    embedded.run(
        deputies.note_absence, **away(treasurer, date(2026, 12, 1), date(2026, 12, 10), by=admin)
    )
    assert lacks() == []
    absence = embedded.run(
        deputies.note_absence, **away(approver, date(2026, 12, 5), date(2026, 12, 20))
    )
    both = ("approver", "treasurer")
    assert lacks() == [(Right.PREPARE_DISBURSEMENT, date(2026, 12, 5), date(2026, 12, 10), both)]
    # A deputy who is here stands in; the clerk alone would be both sides, an auditor is not.
    auditor = an_actor(embedded, Role.AUDITOR, at)
    grant = {
        "actor": admin,
        "at": at,
        "absent_id": approver.user_id,
        "starts_on": date(2026, 12, 5),
        "ends_on": date(2026, 12, 7),
        "reason": "Holidays",
    }
    embedded.run(deputies.appoint, deputy_id=auditor.user_id, **grant)
    assert lacks() == [(Right.PREPARE_DISBURSEMENT, date(2026, 12, 8), date(2026, 12, 10), both)]
    embedded.run(deputies.take_back_absence, actor=approver, at=at, absence_id=absence)
    assert lacks() == []
    gone = {"at": at, "absence_id": absence}
    assert code_of(embedded, deputies.take_back_absence, actor=approver, **gone) == (
        "absence_unknown"
    )
    with embedded.reading() as session:
        assert {name for _key, name in deputies.desk(session)} >= {"clerk", "approver", "auditor"}
