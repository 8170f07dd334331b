"""Does nobody get a mail without a button, everybody what is new once, nothing after leaving?"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound, Refused
from offset.people.models import OutboxMessage
from offset.projects import assessments, followers
from offset.projects.models import Project
from offset.projects.public_models import Follower
from tests.builders import portfolio as many
from tests.builders.projects import Way, a_project


def rows(database: Database) -> list[Follower]:
    with database.reading() as session:
        found = list(session.scalars(select(Follower).order_by(Follower.asked_at)))
        session.expunge_all()
    return found


def mails(database: Database, template: str) -> list[OutboxMessage]:
    with database.reading() as session:
        found = session.scalars(select(OutboxMessage).where(OutboxMessage.template == template))
        kept = list(found)
        session.expunge_all()
    return kept


def follows(database: Database, way: Way | None, at: datetime, email: str = "a@b.example") -> str:
    database.run(followers.ask, at=at, email=email, language="fr", slug=way.slug if way else None)
    secret = rows(database)[-1].secret
    database.run(followers.confirm, at=at, secret=secret)
    return secret


def test_nothing_is_sent_before_the_button_and_everything_once_after(
    embedded: Database, at: datetime
) -> None:
    way = a_project(embedded, at=at)
    embedded.run(followers.ask, at=at, email=" A@B.example", language="es", slug=way.slug)
    (row,) = rows(embedded)
    assert (row.email, row.confirmed_at) == ("a@b.example", None)
    embedded.run(many.many_updates, way, 1, at=at + timedelta(minutes=1))
    assert followers.tell(embedded, at=at + timedelta(hours=1)) == 0
    with embedded.reading() as session:
        assert not followers.following(session, row.secret).confirmed
    embedded.run(followers.confirm, at=at + timedelta(hours=2), secret=row.secret)
    embedded.run(followers.confirm, at=at + timedelta(hours=9), secret=row.secret)
    assert followers.tell(embedded, at=at + timedelta(hours=3)) == 0, "what was before is not news"
    embedded.run(many.many_updates, way, 2, at=at + timedelta(hours=4))
    assert followers.tell(embedded, at=at + timedelta(hours=5)) == 2
    assert followers.tell(embedded, at=at + timedelta(hours=6)) == 0
    (one, _) = mails(embedded, "follow_news")
    assert one.language == "es"
    assert one.parameters["unsubscribe_path"] == f"/follow/{row.secret}/leave"
    assert embedded.run(followers.leave, secret=row.secret)
    assert not embedded.run(followers.leave, secret=row.secret)
    assert rows(embedded) == []
    embedded.run(many.many_updates, way, 1, at=at + timedelta(hours=7))
    assert followers.tell(embedded, at=at + timedelta(hours=8)) == 0


def test_many_followers_are_told_in_parts_and_all_projects_include_one(
    embedded: Database, at: datetime
) -> None:
    way = a_project(embedded, at=at)
    for number in range(4):
        follows(embedded, way if number % 2 else None, at, f"{number}@b.example")
    embedded.run(many.many_updates, way, 1, at=at + timedelta(minutes=1))
    assert followers.tell(embedded, at=at + timedelta(hours=1)) == 4
    told = {mail.recipient: mail.parameters["all"] for mail in mails(embedded, "follow_news")}
    assert told == {
        "0@b.example": True,
        "1@b.example": False,
        "2@b.example": True,
        "3@b.example": False,
    }
    with embedded.reading() as session:
        assert followers.counted(session, way.project_id) == 2


def test_a_withdrawn_project_tells_nothing_more(embedded: Database, at: datetime) -> None:
    way = a_project(embedded, at=at)
    follows(embedded, way, at)
    embedded.run(many.many_updates, way, 1, at=at + timedelta(minutes=1))
    embedded.run(
        assessments.change_status,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        step="withdraw",
        reason="The association dissolved.",
    )
    assert followers.tell(embedded, at=at + timedelta(hours=1)) == 0
    with pytest.raises(NotFound, match="project_unknown"):
        embedded.run(followers.ask, at=at, email="c@b.example", language="en", slug=way.slug)


def test_addresses_that_never_pressed_are_forgotten_and_whoever_asks_is_erased(
    embedded: Database, at: datetime
) -> None:
    way = a_project(embedded, at=at)
    embedded.run(followers.ask, at=at, email="late@b.example", language="en", slug=way.slug)
    follows(embedded, None, at + timedelta(minutes=1))
    assert embedded.run(followers.forget, at=at + timedelta(days=7)) == 0
    assert embedded.run(followers.forget, at=at + timedelta(days=7, minutes=1)) == 1
    assert [row.email for row in rows(embedded)] == ["a@b.example"]
    assert embedded.run(followers.erase, " A@b.example ") == 1
    assert rows(embedded) == []


def test_asking_twice_sends_one_mail_for_a_while_and_tells_nothing_new(
    embedded: Database, at: datetime
) -> None:
    for minutes in (0, 1, 9):
        embedded.run(
            followers.ask, at=at + timedelta(minutes=minutes), email="a@b.example", language="en"
        )
    assert len(mails(embedded, "follow_confirm")) == 1
    embedded.run(followers.ask, at=at + timedelta(hours=1), email="a@b.example", language="en")
    assert len(mails(embedded, "follow_confirm")) == 2
    assert len(rows(embedded)) == 1


def test_bad_addresses_and_dead_links_are_refused(embedded: Database, at: datetime) -> None:
    with pytest.raises(InvalidInput, match="email_unreadable"):
        embedded.run(followers.ask, at=at, email="no address", language="en")
    for verb in (followers.confirm,):
        with pytest.raises(NotFound, match="follow_unknown"):
            embedded.run(verb, at=at, secret="nothing")
    with embedded.reading() as session, pytest.raises(NotFound, match="follow_unknown"):
        followers.following(session, "nothing")


def test_one_address_follows_only_so_many(embedded: Database, at: datetime) -> None:
    way = a_project(embedded, at=at)
    embedded.run(many.many_projects, way, 101)

    def fill(session: Session) -> None:
        copies = session.scalars(select(Project.id).where(Project.slug.like("copy-%"))).all()
        session.add_all(
            Follower(
                id=uuid.uuid4(),
                email="a@b.example",
                language="en",
                project_id=one,
                secret=str(one),
                asked_at=at,
            )
            for one in copies[:100]
        )

    embedded.run(fill)
    with pytest.raises(Refused, match="too_many_followed"):
        embedded.run(followers.ask, at=at, email="a@b.example", language="en", slug=way.slug)
