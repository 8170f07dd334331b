"""Is every mail sent once, and does one that fails wait without harm?"""

from datetime import datetime, timedelta

from sqlalchemy import select

from offset.database.session import Database
from offset.errors import TryLater
from offset.people import outbox
from offset.people.models import OutboxMessage
from offset.people.ports import Mail
from tests.fakes import KeptMail


class BrokenMail:
    """A mailer whose server is away."""

    def send(self, mail: Mail) -> None:
        del mail
        raise TryLater("mail_unreachable")


def _enqueue(database: Database, at: datetime, key: str = "receipt:1") -> None:
    database.run(
        outbox.enqueue,
        at=at,
        template="receipt",
        to="ana@example.org",
        language="fr",
        parameters={"amount": "60.00"},
        key=key,
    )


def test_same_key_is_one_mail(database: Database, at: datetime) -> None:
    _enqueue(database, at)
    _enqueue(database, at)
    mailer = KeptMail()
    assert outbox.deliver(database, mailer, at=at) == 1
    assert outbox.deliver(database, mailer, at=at + timedelta(days=1)) == 0
    assert [mail.key for mail in mailer.sent] == ["receipt:1"]


def test_failed_mail_waits_longer_each_time(embedded: Database, at: datetime) -> None:
    _enqueue(embedded, at)
    assert outbox.deliver(embedded, BrokenMail(), at=at) == 0
    with embedded.reading() as session:
        row = session.scalars(select(OutboxMessage)).one()
        assert (row.attempts, row.fault, row.sent_at) == (1, "mail_unreachable", None)
        assert row.due_at == at + timedelta(minutes=2)
    mailer = KeptMail()
    assert outbox.deliver(embedded, mailer, at=at + timedelta(minutes=1)) == 0
    assert outbox.deliver(embedded, mailer, at=at + timedelta(minutes=2)) == 1


def test_one_broken_mail_does_not_hold_the_next(embedded: Database, at: datetime) -> None:
    class Picky(KeptMail):
        def send(self, mail: Mail) -> None:
            if mail.key == "a":
                raise TryLater("mail_unreachable")
            super().send(mail)

    _enqueue(embedded, at, "a")
    _enqueue(embedded, at, "b")
    mailer = Picky()
    assert outbox.deliver(embedded, mailer, at=at) == 1
    assert [mail.key for mail in mailer.sent] == ["b"]
