"""Is a concern taken from anybody, answered by two people, and kept whole by the database?"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, OffsetError, Refused, StateRefused
from offset.people.access import ANONYMOUS, Actor, Role
from offset.people.models import OutboxMessage
from offset.projects import concerns, queries
from offset.projects.concerns import Raised
from offset.projects.models import ProjectStatus
from offset.projects.public_models import Concern, ConcernFinding, ConcernStatus
from tests.builders.projects import Way, a_project, an_actor

SAID = "Des animaux entrent dans les parcelles. No one answers. ¿Quién decide?"


def raised(database: Database, way: Way, at: datetime, **more: str) -> Raised:
    told = {"text": SAID, "language": "fr", **more}
    return database.run(concerns.raise_concern, at=at, slug=way.slug, **told)


def the_one(database: Database) -> Concern:
    with database.reading() as session:
        found = session.scalars(select(Concern)).one()
        session.expunge(found)
    return found


def mails(database: Database) -> list[OutboxMessage]:
    with database.reading() as session:
        found = list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
        session.expunge_all()
    return found


def proposed(database: Database, way: Way, at: datetime) -> Concern:
    row = the_one(database)
    database.run(
        concerns.propose,
        actor=way.cast.clerk,
        at=at,
        concern_id=row.id,
        finding=ConcernFinding.PARTLY,
        answer="We went there: two gates were open and are mended.",
    )
    return row


def test_a_concern_goes_its_way_by_two_people(embedded: Database, at: datetime) -> None:
    way = a_project(embedded, at=at)
    kept = raised(embedded, way, at, email=" Amina@Example.org ", name=" Amina  K. ")
    assert kept.reference.startswith("C-")
    with embedded.reading() as session:
        mine = concerns.followed(session, kept.secret)
        page = queries.page(session, way.slug, on=at.date())
    assert (mine.text, mine.status, mine.answer) == (SAID, ConcernStatus.OPEN, None)
    assert (page.concerns.open, page.concerns.closed) == (1, 0)
    told = {mail.template for mail in mails(embedded)}
    assert told >= {"concern_desk", "concern_received"}
    assert SAID not in str([mail.parameters for mail in mails(embedded)])
    embedded.run(concerns.add_message, at=at, secret=kept.secret, text="Again this week.")
    row = proposed(embedded, way, at)
    with embedded.reading() as session:
        waiting = concerns.followed(session, kept.secret)
    assert (waiting.status, waiting.answer) == (ConcernStatus.OPEN, None)
    assert [one.text for one in waiting.messages] == ["Again this week."]
    with pytest.raises(Refused, match="same_person"):
        embedded.run(concerns.close, actor=way.cast.clerk, at=at, concern_id=row.id)
    embedded.run(concerns.close, actor=way.cast.treasurer, at=at, concern_id=row.id)
    with embedded.reading() as session:
        answered = concerns.followed(session, kept.secret)
        page = queries.page(session, way.slug, on=at.date())
        assert concerns.waiting(session) == 0
    assert answered.finding is ConcernFinding.PARTLY
    assert answered.answer is not None
    assert (page.concerns.open, page.concerns.closed) == (0, 1)
    assert [mail.recipient for mail in mails(embedded) if mail.template == "concern_answered"] == [
        "amina@example.org"
    ]
    for verb, more in (
        (concerns.note, {"text": "x"}),
        (concerns.hold, {"reason": "x"}),
        (concerns.send_back, {"reason": "x"}),
        (concerns.close, {}),
    ):
        with pytest.raises(StateRefused, match="concern_closed"):
            embedded.run(verb, actor=way.cast.clerk, at=at, concern_id=row.id, **more)
    with pytest.raises(StateRefused, match="concern_closed"):
        embedded.run(concerns.add_message, at=at, secret=kept.secret, text="And now?")
    assert embedded.run(concerns.erase, "AMINA@example.org") == 1
    assert the_one(embedded).email is None


def test_a_concern_may_pause_the_project_and_an_answer_go_back(
    embedded: Database, at: datetime
) -> None:
    way = a_project(embedded, at=at)
    raised(embedded, way, at)
    row = the_one(embedded)
    embedded.run(
        concerns.hold, actor=way.cast.clerk, at=at, concern_id=row.id, reason="Looking into it."
    )
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=at.date())
        seen = concerns.file(session, way.cast.treasurer, row.id)
        assert not queries.gate(session, way.project_id, at.date()).open
    assert page.status is ProjectStatus.ON_HOLD
    assert not seen.may_hold
    with pytest.raises(StateRefused, match="no_such_step"):
        embedded.run(concerns.hold, actor=way.cast.clerk, at=at, concern_id=row.id, reason="Twice.")
    proposed(embedded, way, at)
    with pytest.raises(StateRefused, match="concern_proposed"):
        proposed(embedded, way, at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(
            concerns.send_back, actor=way.cast.treasurer, at=at, concern_id=row.id, reason=" "
        )
    embedded.run(
        concerns.send_back, actor=way.cast.treasurer, at=at, concern_id=row.id, reason="Who went?"
    )
    with pytest.raises(StateRefused, match="concern_not_proposed"):
        embedded.run(concerns.close, actor=way.cast.treasurer, at=at, concern_id=row.id)
    with embedded.reading() as session:
        steps = [one.step.value for one in concerns.file(session, way.cast.clerk, row.id).notes]
        assert [one.reference for one in concerns.lines(session, way.cast.clerk)] == [row.reference]
        assert concerns.lines(session, way.cast.clerk, closed=True) == ()
    assert steps == ["held", "proposed", "returned"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": " \n "}, "text_missing"),
        ({"text": "x" * 6_001}, "too_long"),
        ({"email": "nobody"}, "email_unreadable"),
        ({"name": "n" * 121}, "too_long"),
        ({"slug": "nowhere"}, "project_unknown"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(
    embedded: Database, at: datetime, more: dict[str, str], code: str
) -> None:
    way = a_project(embedded, at=at)
    told = {"slug": way.slug, "text": SAID, "language": "en", **more}
    with pytest.raises(OffsetError) as fault:
        embedded.run(concerns.raise_concern, at=at, **told)
    assert fault.value.code == code


def test_the_same_words_twice_and_too_many_messages(embedded: Database, at: datetime) -> None:
    way = a_project(embedded, at=at)
    kept = raised(embedded, way, at)
    with pytest.raises(Refused, match="concern_twice"):
        raised(embedded, way, at + timedelta(hours=23))
    raised(embedded, way, at + timedelta(hours=25))
    for number in range(20):
        embedded.run(concerns.add_message, at=at, secret=kept.secret, text=f"{number}")
    with pytest.raises(Refused, match="too_many_messages"):
        embedded.run(concerns.add_message, at=at, secret=kept.secret, text="21")
    with embedded.reading() as session, pytest.raises(NotFound, match="concern_unknown"):
        concerns.followed(session, "another")


def test_only_the_desk_reads_and_handles(embedded: Database, at: datetime) -> None:
    way = a_project(embedded, at=at)
    raised(embedded, way, at)
    row = the_one(embedded)
    stranger: Actor = embedded.run(an_actor, Role.AUDITOR, at=at)
    for actor in (ANONYMOUS, way.cast.steward, way.cast.reviewer, way.cast.rapporteur, stranger):
        with embedded.reading() as session:
            with pytest.raises(Forbidden):
                concerns.lines(session, actor)
            with pytest.raises(Forbidden):
                concerns.file(session, actor, row.id)
        with pytest.raises(Forbidden):
            embedded.run(concerns.close, actor=actor, at=at, concern_id=row.id)
    approver: Actor = embedded.run(an_actor, Role.APPROVER, at=at)
    with pytest.raises(Forbidden):
        embedded.run(concerns.hold, actor=approver, at=at, concern_id=row.id, reason="No right.")


def test_the_database_holds_two_people_and_what_was_said(database: Database, at: datetime) -> None:
    way = a_project(database, at=at)
    raised(database, way, at)
    row = proposed(database, way, at)

    def write(session: Session, statement: str, **told: object) -> None:
        session.execute(text(statement), told)

    clerk = way.cast.clerk.user_id
    assert clerk is not None
    lite = database.engine.dialect.name == "sqlite"
    same = {"who": clerk.bytes if lite else clerk}
    for statement, told in (
        ("UPDATE concern SET text = 'other'", {}),
        ("UPDATE concern SET reference = 'C-X'", {}),
        ("DELETE FROM concern", {}),
        ("UPDATE concern_note SET text = 'other'", {}),
        (
            "UPDATE concern SET status = 'closed', closed_by = :who, closed_at = received_at",
            same,
        ),
        ("UPDATE concern SET status = 'closed'", {}),
    ):
        with pytest.raises(Exception, match=r"concern|denied|not authorized|prohibited"):
            database.run(write, statement, **told)
    database.run(concerns.close, actor=way.cast.treasurer, at=at, concern_id=row.id)
    with pytest.raises((IntegrityError, OffsetError)):
        database.run(write, "UPDATE concern SET status = 'open'")
