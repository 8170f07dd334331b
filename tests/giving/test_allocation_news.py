"""Does a donor hear once, in their language, where the money went, unless they said stop?"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving import allocation_news
from offset.giving.models import AllocationTold, Donation
from offset.people import contributors, mail_choices
from offset.people.models import OutboxMessage
from tests.builders import treasury as build

LATER = timedelta(minutes=30)


@pytest.fixture
def given(embedded: Database, at: datetime) -> Database:
    """Books in which one donor with an address gave to a project."""
    embedded.run(build.a_house, at=at, gift="100.00")
    embedded.run(_with_address, at=at)
    return embedded


def _with_address(session: Session, *, at: datetime) -> None:
    gift = session.scalars(select(Donation)).one()
    gift.contributor_id = contributors.keep(session, at=at, email="dana@demo.example", name="Dana")
    gift.language = "fr"
    session.flush()


def _choose(session: Session, *, at: datetime, news: bool) -> None:
    token = mail_choices.kept(session, "dana@demo.example", at=at).token
    mail_choices.choose(session, token=token, news=news, at=at)


def mails(database: Database) -> list[tuple[str, str | None, Any]]:
    with database.reading() as session:
        rows = session.execute(
            select(OutboxMessage.language, OutboxMessage.recipient, OutboxMessage.parameters).where(
                OutboxMessage.template == "allocated"
            )
        )
        return [(language, recipient, told) for language, recipient, told in rows]


def test_a_donor_is_told_once(given: Database, at: datetime) -> None:
    assert allocation_news.tell_pending(given, at=at) == 0
    assert allocation_news.tell_pending(given, at=at + LATER) == 1
    assert allocation_news.tell_pending(given, at=at + 2 * LATER) == 0
    ((language, recipient, told),) = mails(given)
    assert (language, recipient) == ("fr", "dana@demo.example")
    assert told["amount"]["minor"] == sum(part["amount"]["minor"] for part in told["parts"]) > 0
    assert told["unsubscribe_path"].endswith("/stop")


def test_whoever_said_stop_hears_nothing_now_or_later(given: Database, at: datetime) -> None:
    given.run(_choose, at=at, news=False)
    assert allocation_news.tell_pending(given, at=at + LATER) == 0
    given.run(_choose, at=at, news=True)
    assert allocation_news.tell_pending(given, at=at + 2 * LATER) == 0
    with given.reading() as session:
        assert session.scalars(select(AllocationTold)).all()


def test_what_is_old_is_no_news(given: Database, at: datetime) -> None:
    assert allocation_news.tell_pending(given, at=at + timedelta(days=15)) == 0
    assert mails(given) == []
