"""Is a giver forgotten everywhere, and nobody else?"""

from datetime import datetime

from sqlalchemy import select

from offset.database.session import Database
from offset.giving import erasure
from offset.giving.models import ProcessorEvent
from offset.ledger import verify
from offset.people.contributors import Contributor
from tests.builders.giving import an_open_gift, books, deliver
from tests.fakes_giving import FakeProcessor


class TalkativeProcessor(FakeProcessor):
    """A processor whose events carry the giver's address, as Stripe's do."""

    def payload(self, subject: str) -> dict[str, object]:
        return {"object": repr(self.things[subject])}


def test_a_giver_is_forgotten_and_the_books_stay(database: Database, at: datetime) -> None:
    processor = TalkativeProcessor(at)
    for email in ("Ada@example.org", "a_a@example.org", "axa@example.org"):
        given = an_open_gift(database, processor, at=at)
        for sent in processor.pay(given.session_id, email=email):
            deliver(database, processor, sent, at=at)
    before = books(database)
    assert database.run(erasure.erase, " ada@EXAMPLE.org ", at=at) == 2
    assert database.run(erasure.erase, "a_a@example.org", at=at) == 2
    assert database.run(erasure.erase, "a_a@example.org", at=at) == 0
    with database.reading() as session:
        left = session.scalars(select(Contributor.email)).all()
        payloads = [str(one) for one in session.scalars(select(ProcessorEvent.payload))]
    assert sorted(left, key=str) == [None, None, "axa@example.org"]
    assert not [one for one in payloads if "ada@" in one.casefold() or "a_a@" in one]
    assert [one for one in payloads if "axa@example.org" in one]
    assert books(database) == before
    assert verify.verify(database).faults == ()
