"""Does everybody whose money is at a project hear once of each event, and nobody who said stop?"""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import NotFound
from offset.giving import erasure, news
from offset.giving.models import Donation
from offset.people import mail_choices
from offset.people.contributors import Contributor
from offset.people.models import OutboxMessage
from offset.projects import moderation, reminders, reversals, updates
from offset.projects.life_models import ReversalCause
from offset.projects.models import ProjectUpdate
from tests.builders.giving import Given, a_donation
from tests.builders.ledger import a_bank_account
from tests.builders.projects import Way, admitted
from tests.fakes_giving import FakeProcessor
from tests.giving.test_queries import pay, tell
from tests.once_built import once_built


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def mails(database: Database) -> list[tuple[str | None, str, dict[str, Any]]]:
    """What donors were told: to whom, in which language, what."""
    with database.reading() as session:
        rows = session.execute(
            select(OutboxMessage.recipient, OutboxMessage.language, OutboxMessage.parameters)
            .where(OutboxMessage.template == "project_news")
            .order_by(OutboxMessage.created_at, OutboxMessage.recipient)
        )
        return [(to, language, dict(told)) for to, language, told in rows]


def named(session: Session, given: Given, email: str) -> None:
    """The giver of a gift has this address."""
    contributor_id = session.get_one(Donation, given.id).contributor_id
    assert contributor_id is not None
    session.execute(update(Contributor).where(Contributor.id == contributor_id).values(email=email))


def a_season(database: Database, processor: FakeProcessor, at: datetime) -> Way:
    """One project, two gifts of one person, one of another, one that is elsewhere."""
    way = once_built(database, admitted, at=at - timedelta(days=2))
    gifts = [
        a_donation(database, processor, at=at, project_id=project_id, language=language)
        for project_id, language in (
            (way.project_id, "fr"),
            (way.project_id, "es"),
            (way.project_id, "en"),
            (None, "en"),
        )
    ]
    addresses = ("ana@example.org", "ana@example.org", "bo@example.org", "cy@example.org")
    for given, email in zip(gifts, addresses, strict=True):
        database.run(named, given, email)
    return way


def test_each_donor_hears_once_in_the_language_of_the_gift(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = a_season(database, processor, at)
    soon = at + timedelta(hours=1)
    database.run(tell, way, at=soon)
    assert news.tell_pending(database, at=soon) == 2
    assert news.tell_pending(database, at=soon + timedelta(minutes=5)) == 0
    told = mails(database)
    assert [(to, said["kind"], said["title"]) for to, _, said in told] == [
        ("ana@example.org", "update", "Rain came"),
        ("bo@example.org", "update", "Rain came"),
    ]
    assert told[0][1] in {"fr", "es"}
    assert told[1][1] == "en"
    assert told[0][2]["unsubscribe_path"].endswith("/stop")


def test_whoever_said_stop_hears_no_more_and_may_come_back(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = a_season(embedded, processor, at)
    soon = at + timedelta(hours=1)
    embedded.run(tell, way, at=soon)
    news.tell_pending(embedded, at=soon)
    [token] = {
        said["leave_path"].rpartition("/")[2]
        for to, _, said in mails(embedded)
        if to == "ana@example.org"
    }
    embedded.run(mail_choices.choose, token=token, news=False, at=soon)
    embedded.run(mail_choices.choose, token=token, news=False, at=soon)
    embedded.run(tell, way, at=soon + timedelta(hours=1))
    news.tell_pending(embedded, at=soon + timedelta(hours=1))
    assert [to for to, _, _ in mails(embedded)].count("ana@example.org") == 1
    embedded.run(mail_choices.choose, token=token, news=True, at=soon)
    embedded.run(tell, way, at=soon + timedelta(hours=2))
    news.tell_pending(embedded, at=soon + timedelta(hours=2))
    assert [to for to, _, _ in mails(embedded)].count("ana@example.org") == 2
    with pytest.raises(NotFound, match="mail_choice_unknown"):
        embedded.run(mail_choices.choose, token="guessed", news=False, at=soon)
    embedded.run(erasure.erase, "ana@example.org", at=soon)
    with pytest.raises(NotFound, match="mail_choice_unknown"):
        embedded.run(mail_choices.choose, token=token, news=False, at=soon)


def test_payments_losses_and_silence_are_told(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = a_season(embedded, processor, at)
    embedded.run(a_bank_account, at=at)
    embedded.run(pay, way, "30.00", at.date(), at=at + timedelta(hours=1))
    embedded.run(
        reversals.report,
        actor=way.cast.steward,
        at=at + timedelta(hours=2),
        project_id=way.project_id,
        happened_on=at.date(),
        area_ha=12.0,
        cause=ReversalCause.FIRE,
        told="A fire came from the road.",
        language="en",
    )
    news.tell_pending(embedded, at=at + timedelta(hours=3))
    late = at + timedelta(days=91 + 40)
    reminders.remind(embedded, at=late)
    news.tell_pending(embedded, at=late)
    kinds = [said["kind"] for to, _, said in mails(embedded) if to == "bo@example.org"]
    assert kinds == ["payment", "reversal", "overdue"]
    told = {said["kind"]: said for _, _, said in mails(embedded)}
    assert told["payment"]["amount"] == {"minor": 3000, "currency": "EUR"}
    assert (told["reversal"]["hectares"], told["reversal"]["on"]) == (12.0, at.date().isoformat())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["overdue"]["due_on"])


def test_a_correction_is_told_as_one_and_old_news_are_none(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = a_season(embedded, processor, at)
    embedded.run(tell, way, at=at + timedelta(hours=1))
    with embedded.reading() as session:
        old = session.scalars(select(ProjectUpdate.id)).one()
    later = at + news.WINDOW + timedelta(days=1)
    assert news.tell_pending(embedded, at=later) == 0
    told: dict[str, Any] = {"actor": way.cast.steward, "at": later}
    new = embedded.run(updates.begin_correction, update_id=old, reason="It snowed.", **told)
    embedded.run(updates.submit, update_id=new, **told)
    embedded.run(moderation.publish, actor=way.cast.clerk, at=later, update_id=new)
    assert news.tell_pending(embedded, at=later) == 2
    assert {said["kind"] for _, _, said in mails(embedded)} == {"correction"}


def test_many_donors_are_told_a_few_hundred_at_a_time(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = a_season(embedded, processor, at)
    soon = at + timedelta(hours=1)
    embedded.run(tell, way, at=soon)
    embedded.run(news.find, at=soon)
    wrote = [embedded.run(news.tell_some, at=soon, limit=1) for _ in range(5)]
    assert sum(one or 0 for one in wrote) == 2
    assert wrote[-1] is None
