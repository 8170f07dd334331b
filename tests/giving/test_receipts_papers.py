"""Are papers printed once, sent as they were printed, and shown without a name when asked?"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import Forbidden, NotFound
from offset.giving import certificates, erasure, papers, queries, receipts, wording
from offset.giving.models import KeptPaper, ReceiptDocument
from offset.people import contributors, outbox
from offset.people.access import Role
from offset.people.models import AuditEvent, OutboxMessage
from offset.people.ports import Mail
from tests.builders import projects
from tests.builders.giving import a_donation, a_pledge, an_open_gift, deliver
from tests.builders.projects import an_actor
from tests.fakes_giving import FakeProcessor
from tests.fakes_papers import Printer


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


@dataclass
class KeptMail:
    """A mailer that keeps what it was given."""

    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.sent.append(mail)


def receipt_of(database: Database, token: str) -> tuple[uuid.UUID, str]:
    with database.reading() as session:
        link = queries.gift(session, token).receipts[0]
    assert link.receipt_id is not None
    return link.receipt_id, link.token


def test_a_mail_brings_the_very_bytes_that_are_kept(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    printer, mailer = Printer(), KeptMail()
    attach = papers.attacher(printer)
    # Not printed yet: the mail waits for its paper.
    assert outbox.deliver(embedded, mailer, at=at, attach=attach) == 0
    papers.render_pending(embedded, printer, at=at)
    assert outbox.deliver(embedded, mailer, at=at, attach=attach) == 1
    (mail,) = mailer.sent
    _, token = receipt_of(embedded, given.pledge.token)
    with embedded.reading() as session:
        kept = queries.receipt_pdf(session, token)
    (paper,) = mail.attachments
    assert (paper.name, paper.content, paper.kind) == ("2026-000001.pdf", kept, "application/pdf")


def test_a_replacement_brings_both_papers(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    receipts.issue_pending(embedded, at=at)
    papers.render_pending(embedded, Printer(), at=at)
    mailer = KeptMail()
    outbox.deliver(embedded, mailer, at=at, attach=papers.attacher(Printer()))
    names = [paper.name for paper in mailer.sent[-1].attachments]
    assert names == ["2026-000002.pdf", "2026-000001-x.pdf"]


@pytest.mark.parametrize(
    ("fault", "after"), [("pdf_unavailable", timedelta(0)), (None, timedelta(hours=1))]
)
def test_a_machine_without_the_library_or_a_late_printer_holds_no_mail_back(
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    fault: str | None,
    after: timedelta,
) -> None:
    a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    mailer = KeptMail()
    attach = papers.attacher(Printer(fault=fault))
    assert outbox.deliver(embedded, mailer, at=at + after, attach=attach) == 1
    assert mailer.sent[0].attachments == ()


def test_whoever_is_forgotten_is_on_the_kept_original_only(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at)
    papers.render_pending(database, Printer(), at=at)
    receipt_id, token = receipt_of(database, given.pledge.token)
    database.run(erasure.erase, "ada@example.org", at=at)
    with database.reading() as session:
        # At once, and before anything else is printed, the link serves nothing with a name.
        with pytest.raises(NotFound, match="pdf_not_ready"):
            queries.receipt_pdf(session, token)
        assert queries.receipt(session, token).pdf_sha256 is None
    papers.render_pending(database, Printer(), at=at)
    with database.reading() as session:
        shown = queries.receipt_pdf(session, token)
        page = queries.receipt(session, token)
        kept = session.get_one(KeptPaper, (receipt_id, "unnamed")).sha256
        assert session.get_one(ReceiptDocument, receipt_id).pdf.endswith(b"Ada Lovelace")
    assert shown == b"receipt en 2026-000001 None"
    assert page.pdf_sha256 == kept == hashlib.sha256(shown).hexdigest()
    assert (page.name, page.erased) == (None, True)
    assert papers.render_pending(database, Printer(), at=at) == 0


def test_the_kept_original_is_behind_a_right_and_the_trail_says_who_saw_it(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    papers.render_pending(embedded, Printer(), at=at)
    receipt_id, _ = receipt_of(embedded, given.pledge.token)
    embedded.run(contributors.erase, "ada@example.org", at=at)
    clerk = embedded.run(an_actor, Role.CLERK, at=at)
    auditor = embedded.run(an_actor, Role.AUDITOR, at=at)
    with pytest.raises(Forbidden):
        embedded.run(papers.original, receipt_id, "receipt", actor=clerk, at=at)
    seen = embedded.run(papers.original, receipt_id, "receipt", actor=auditor, at=at)
    assert seen.endswith(b"Ada Lovelace")
    with embedded.reading() as session:
        trail = session.scalars(
            select(AuditEvent.actor_id).where(AuditEvent.action == "receipt.original_seen")
        ).all()
    assert trail == [auditor.user_id]


def test_erasure_empties_what_the_mails_say_of_whoever_is_forgotten(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    embedded.run(erasure.erase, "Ada@example.org", at=at)
    with embedded.reading() as session:
        assert session.scalars(select(OutboxMessage.recipient)).all() == [None]
    assert outbox.deliver(embedded, KeptMail(), at=at) == 0


def test_a_note_that_nobody_wrote_is_unknown(embedded: Database) -> None:
    with embedded.reading() as session:
        for read in (papers.receipt, papers.annual, papers.cancellation):
            with pytest.raises(NotFound, match="receipt_unknown"):
                read(session, uuid.uuid4())
        with pytest.raises(NotFound, match="receipt_unknown"):
            queries.gift_of_receipt(session, uuid.uuid4())


# The paper that thanks


def thanks(database: Database, token: str, **wanted: bool) -> Mapping[str, Any]:
    with database.reading() as session:
        seen = certificates.of_gift(session, token)
    return seen.facts(**{"with_name": True, "with_amount": True, **wanted})


def test_a_certificate_thanks_names_projects_and_knows_no_tonne(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    way = projects.a_project(embedded, at=at)
    given = a_donation(
        embedded, processor, at=at, amount="60.00 EUR", project_id=way.project_id, language="fr"
    )
    told = thanks(embedded, given.pledge.token)
    assert told["amount"] == {"minor": 6000, "currency": "EUR"}
    assert told["name"] == "Ada Lovelace"
    assert told["projects"] == ["Green bridges: permanent cover on maize land"]
    assert told["sentences"] == wording.load("fr").some(wording.ON_THE_CERTIFICATE)
    said = str(told).casefold()
    assert not any(unit in said for unit in ("tonne", "co2", " kg", "tco"))
    less = thanks(embedded, given.pledge.token, with_name=False, with_amount=False)
    assert (less["name"], less["amount"]) == (None, None)


def test_a_partly_returned_gift_is_thanked_for_what_is_left(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    assert thanks(embedded, given.pledge.token)["amount"] == {"minor": 2000, "currency": "EUR"}


def test_a_gift_that_went_back_or_never_came_has_no_certificate(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 2500), at=at)
    unpaid = an_open_gift(embedded, processor, at=at)
    promised = a_pledge(embedded, at=at)
    for token, code in (
        (given.pledge.token, "gift_went_back"),
        (unpaid.pledge.token, "gift_not_settled"),
        (promised.token, "gift_not_settled"),
        ("nobody", "gift_unknown"),
    ):
        with pytest.raises(Exception, match=code):
            thanks(embedded, token)
