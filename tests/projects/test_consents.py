"""May a named organisation act for another, within its consent, and is each act kept?"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from offset.clock import utc_day
from offset.database.session import Database
from offset.errors import InvalidInput, NotFound, OffsetError, Refused
from offset.people.access import Actor, Right, Role
from offset.people.models import AuditEvent
from offset.projects import applications, consents, drafts, organisations
from offset.projects.field_models import HelperScope
from offset.projects.models import OrganisationKind
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built

WORDS = {"title": "Rain", "body": "It rained.", "language": "en"}


def a_helper(database: Database, at: datetime) -> Actor:
    actor = database.run(build.an_actor, Role.STEWARD, at=at, name="helper")
    database.run(
        organisations.found,
        actor=actor,
        at=at,
        name="Union of the Plains",
        kind=OrganisationKind.NGO,
        country="FR",
    )
    return actor


def now_holding(database: Database, actor: Actor, at: datetime) -> Actor:
    assert actor.user_id is not None
    with database.reading() as session:
        return Actor(actor.user_id, actor.roles, consents.standing(session, actor.user_id, at))


def consented(database: Database, way: Way, at: datetime, **changed: Any) -> Any:
    told = {
        "helper": "union of the PLAINS",
        "scope": HelperScope.UPDATES,
        "ends_on": utc_day(at) + timedelta(days=30),
        "words": "Our assembly of 3 May agreed.",
        **changed,
    }
    return database.run(
        consents.consent,
        actor=way.cast.steward,
        at=at,
        organisation_id=way.organisation_id,
        **told,
    )


def begin(database: Database, way: Way, actor: Actor, at: datetime) -> Any:
    return database.run(
        drafts.begin, actor=actor, at=at, project_id=way.project_id, key="k", **WORDS
    )


def test_a_helper_acts_within_the_consent_and_each_act_is_kept(
    database: Database, at: datetime
) -> None:
    way = once_built(database, build.admitted, at=at)
    helper = a_helper(database, at)
    with pytest.raises(NotFound):
        begin(database, way, now_holding(database, helper, at), at)
    consent_id = consented(database, way, at)
    acting = now_holding(database, helper, at)
    update_id = begin(database, way, acting, at)
    database.run(drafts.hand_in, actor=acting, at=at, update_id=update_id)
    with database.reading() as session:
        [handed, begun] = consents.acts(session, way.organisation_id)
        details = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "project.submit_update")
        ).one()
    assert (begun.action, handed.action) == ("draft.begun", "update.handed_in")
    assert (begun.person, begun.helper) == ("helper", "Union of the Plains")
    assert begun.organisation == "Association green-bridges"
    assert details["on_behalf_of"] == str(way.organisation_id)
    with pytest.raises(NotFound):
        database.run(applications.begin_version, actor=acting, at=at, project_id=way.project_id)
    database.run(consents.revoke, actor=way.cast.steward, at=at, consent_id=consent_id)
    database.run(consents.revoke, actor=way.cast.steward, at=at, consent_id=consent_id)
    with pytest.raises(NotFound):
        begin(database, way, now_holding(database, helper, at), at)
    with pytest.raises(NotFound):
        # a page opened before the consent ended
        database.run(drafts.begin, actor=acting, at=at, project_id=way.project_id, key="n", **WORDS)


def test_a_consent_ends_with_its_day(embedded: Database, at: datetime) -> None:
    way = once_built(embedded, build.admitted, at=at)
    helper = a_helper(embedded, at)
    consented(embedded, way, at)
    assert now_holding(embedded, helper, at + timedelta(days=30)).helps == {
        (way.organisation_id, Right.POST_UPDATE)
    }
    assert now_holding(embedded, helper, at + timedelta(days=31)).helps == frozenset()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"helper": "Nobody known"}, "helper_unknown"),
        ({"helper": ""}, "helper_unknown"),
        ({"helper": "Association green-bridges"}, "helper_itself"),
        ({"ends_on": -1}, "helper_end_unusable"),
        ({"ends_on": 3650}, "helper_end_unusable"),
        ({"words": "  "}, "consent_words_missing"),
    ],
)
def test_a_consent_says_who_until_when_and_why(
    embedded: Database, at: datetime, changed: dict[str, Any], code: str
) -> None:
    way = once_built(embedded, build.admitted, at=at)
    a_helper(embedded, at)
    if "ends_on" in changed:
        changed = {"ends_on": utc_day(at) + timedelta(days=changed["ends_on"])}
    with pytest.raises(InvalidInput) as refused:
        consented(embedded, way, at, **changed)
    assert refused.value.code == code


def test_only_members_give_and_end_a_consent_and_one_is_enough(
    embedded: Database, at: datetime
) -> None:
    way = once_built(embedded, build.admitted, at=at)
    helper = a_helper(embedded, at)
    consent_id = consented(embedded, way, at)
    with pytest.raises(Refused, match="helper_consented"):
        consented(embedded, way, at)
    acting = now_holding(embedded, helper, at)
    with pytest.raises(OffsetError):
        embedded.run(consents.revoke, actor=acting, at=at, consent_id=consent_id)
    with embedded.reading() as session:
        assert [one.id for one in consents.helped(session, acting)] == [way.project_id]
        assert consents.given(session, way.cast.steward, way.organisation_id)[0].holds(utc_day(at))
        with pytest.raises(NotFound):
            consents.given(session, acting, way.organisation_id)
