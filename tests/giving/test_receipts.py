"""Is every receipt numbered without a gap, frozen, sent once, and cancelled in time?"""

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import canonical
from offset.errors import Forbidden, NotFound, Refused, TryLater
from offset.giving import numbers, papers, queries, receipt_facts, receipts, wording
from offset.giving.models import Donation, DonationStatus, Receipt, ReceiptChoice
from offset.ledger.models import EntrySeal
from offset.money import Money
from offset.people import contributors
from offset.people.access import Role
from offset.people.models import AuditEvent, OutboxMessage
from tests.builders.giving import (
    Given,
    a_donation,
    a_pledge,
    an_open_gift,
    deliver,
    row_of,
)
from tests.builders.projects import an_actor
from tests.builders.receipts import owner_of
from tests.fakes_giving import FakeProcessor
from tests.fakes_papers import Printer


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def receipts_of(database: Database, given: Given) -> list[Receipt]:
    with database.reading() as session:
        found = session.scalars(
            select(Receipt)
            .where(Receipt.donation_id == given.id)
            .order_by(Receipt.year, Receipt.number)
        ).all()
        session.expunge_all()
        return list(found)


def mails(database: Database) -> list[tuple[str, str | None, dict[str, object]]]:
    with database.reading() as session:
        return [
            (one.language, one.recipient, one.parameters)
            for one in session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
        ]


def test_a_settled_gift_gets_a_receipt_with_frozen_facts(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at, amount="60.00 EUR", language="fr")
    (one,) = receipts_of(database, given)
    assert (one.year, one.number, one.facts["number"]) == (2026, 1, "2026-000001")
    assert one.facts["amount"] == {"minor": 6000, "currency": "EUR"}
    assert [one.facts[part]["minor"] for part in ("projects", "fee", "share", "gross")] == [
        5585,
        115,
        300,
        6000,
    ]
    assert one.facts["sentences"] == wording.load("fr").some(wording.ON_THE_RECEIPT)
    assert one.facts["time_zone"] == "Europe/Paris"
    assert one.facts_sha256 == hashlib.sha256(canonical(one.facts).encode()).hexdigest()
    assert "Ada" not in canonical(one.facts)
    assert "ada@" not in canonical(one.facts)
    with database.reading() as session:
        seal = session.get_one(EntrySeal, row_of(database, given.id).entry_id)
        assert one.facts["leaf_hash"] == bytes(seal.hash).hex()
        assert one.facts["salt"] == bytes(seal.salt).hex()


def test_numbers_have_no_gap_and_begin_again_with_the_year(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = [a_donation(embedded, processor, at=at) for _ in range(3)]
    assert [receipts_of(embedded, one)[0].number for one in given] == [1, 2, 3]
    # 31 December, 23:30 UTC is the new year in Paris already.
    late = a_donation(embedded, processor, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    (one,) = receipts_of(embedded, late)
    assert (one.year, one.number, one.facts["issued_on"]) == (2027, 1, "2027-01-01")


def test_a_receipt_that_fails_leaves_no_gap(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_donation(embedded, processor, at=at)
    given = an_open_gift(embedded, processor, at=at)

    def fall(session: object) -> None:
        numbers.take(session, "[legal name of the receiver]", 2026)  # type: ignore[arg-type]  # the number is taken, then all is rolled back
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        embedded.run(fall)
    for sent in processor.pay(given.session_id):
        deliver(embedded, processor, sent, at=at)
    assert receipts_of(embedded, given)[0].number == 2


def test_twenty_four_at_once_take_twenty_four_numbers_without_a_gap(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    gifts = []
    for _ in range(24):
        given = an_open_gift(database, processor, at=at)
        database.run(receipts.choose, given.pledge.token, ReceiptChoice.NONE, at=at)
        for sent in processor.pay(given.session_id):
            deliver(database, processor, sent, at=at)
        gifts.append(given)
    start = threading.Barrier(24)
    faults: list[Exception] = []

    def issue(given: Given) -> None:
        start.wait()
        try:
            _with_patience(lambda: database.run(receipts.issue, given.id, at=at))
        except Exception as fault:  # noqa: BLE001 - a thread must not die silently
            faults.append(fault)

    threads = [threading.Thread(target=issue, args=(one,)) for one in gifts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    issued = [receipts_of(database, one)[0].number for one in gifts]
    assert sorted(issued) == list(range(1, 25))


def _with_patience(act: Callable[[], object]) -> None:
    """A web process answers 503 and the job comes again; here it comes again at once."""
    for _ in range(20):
        try:
            act()
        except TryLater:
            continue
        return
    raise AssertionError("never free")


GUARDED: Final = {
    "UPDATE receipt SET facts = '{}'": "receipt_no_update",
    "UPDATE receipt SET facts_sha256 = 'x'": "receipt_no_update",
    "UPDATE receipt SET number = 7": "receipt_no_update",
    "DELETE FROM receipt": "receipt_no_delete",
    "UPDATE receipt_document SET sha256 = 'x'": "receipt_document_no_update",
    "DELETE FROM receipt_document": "receipt_document_no_delete",
    "UPDATE receipt_counter SET last = 9": "receipt_counter_counts",
    "UPDATE kept_paper SET sha256 = 'x'": "kept_paper_no_update",
    "DELETE FROM kept_paper": "kept_paper_no_delete",
    "UPDATE cancellation_note SET facts = '{}'": "cancellation_note_no_update",
    "DELETE FROM cancellation_note": "cancellation_note_no_delete",
}


def test_what_was_issued_is_never_written_over(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    """The owner's own connection is refused as well: by triggers, whatever the code does."""
    given = a_donation(database, processor, at=at)
    papers.render_pending(database, Printer(), at=at)
    deliver(database, processor, processor.refund(given.charge_id, 500), at=at)
    receipts.issue_pending(database, at=at)
    papers.render_pending(database, Printer(), at=at)
    owner = create_engine(owner_of(database))
    try:
        for statement, guard in GUARDED.items():
            refused = pytest.raises(DBAPIError, match=guard)
            with refused, owner.begin() as connection:
                connection.execute(text(statement))
    finally:
        owner.dispose()


def test_a_replacement_and_its_note_name_both_numbers(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    receipts.issue_pending(embedded, at=at)
    first, second = receipts_of(embedded, given)
    assert second.facts["replaces"] == "2026-000001"
    assert second.facts["kept"] == {"minor": 2000, "currency": "EUR"}
    with embedded.reading() as session:
        page = queries.receipt(session, first.token)
        with pytest.raises(NotFound, match="receipt_unknown"):
            queries.cancellation_pdf(session, queries.receipt(session, second.token).cancelled)
    assert page.cancelled is not None
    told = page.cancelled.facts
    assert (told["cancelled_number"], told["replacement_number"]) == ("2026-000001", "2026-000002")
    assert told["cancelled_sha256"] == first.facts_sha256
    assert page.cancelled.replacement_path == f"/receipts/{second.token}"
    (_, _, mail) = mails(embedded)[-1]
    assert [kind for kind, _ in mail["papers"]] == ["receipt", "cancellation"]  # type: ignore[attr-defined]  # JSON


def test_a_receipt_that_nothing_replaces_is_cancelled_by_mail(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 2500), at=at)
    receipts.issue_pending(embedded, at=at)
    with embedded.reading() as session:
        (mail,) = session.scalars(
            select(OutboxMessage).where(OutboxMessage.template == "receipt_cancelled")
        ).all()
        assert mail.parameters["number"] == "2026-000001"
        assert "not_replaced" in mail.parameters["sentences"]
    # News that changes nothing neither cancels nor numbers anything.
    embedded.run(_due_again, given)
    receipts.issue_pending(embedded, at=at)
    assert len(receipts_of(embedded, given)) == 1


def _due_again(session: Session, given: Given) -> None:
    session.get_one(Donation, given.id).receipt_due = True


def test_news_that_changes_no_cent_leaves_a_receipt_alone(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    receipts.issue_pending(embedded, at=at)
    embedded.run(_due_again, given)
    receipts.issue_pending(embedded, at=at)
    assert [one.number for one in receipts_of(embedded, given)] == [1, 2]


@pytest.mark.parametrize("choice", [ReceiptChoice.ANNUAL, ReceiptChoice.NONE])
def test_whoever_wants_no_receipt_now_gets_thanks_and_no_number(
    embedded: Database, processor: FakeProcessor, at: datetime, choice: ReceiptChoice
) -> None:
    given = an_open_gift(embedded, processor, at=at, language="fr")
    embedded.run(receipts.choose, given.pledge.token, choice, at=at)
    for sent in processor.pay(given.session_id):
        deliver(embedded, processor, sent, at=at)
    receipts.issue_pending(embedded, at=at)
    assert receipts_of(embedded, given) == []
    ((language, to, told),) = mails(embedded)
    assert (language, to, told["choice"], told["year"]) == (
        "fr",
        "ada@example.org",
        choice.value,
        2026,
    )
    # A change of mind brings the receipt at once.
    embedded.run(receipts.choose, given.pledge.token, ReceiptChoice.EACH, at=at)
    receipts.issue_pending(embedded, at=at)
    assert [one.number for one in receipts_of(embedded, given)] == [1]
    with pytest.raises(NotFound, match="gift_unknown"):
        embedded.run(receipts.choose, "nobody", choice, at=at)


def test_a_guest_without_an_address_gets_no_thanks_either(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    embedded.run(receipts.choose, given.pledge.token, ReceiptChoice.NONE, at=at)
    for sent in processor.pay(given.session_id, email=None):
        deliver(embedded, processor, sent, at=at)
    receipts.issue_pending(embedded, at=at)
    assert mails(embedded) == []


def test_a_debit_is_dated_by_the_day_it_cleared(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    deliver(embedded, processor, processor.submit(given.session_id), at=at)
    assert receipts_of(embedded, given) == []
    processor.at = at + timedelta(days=9)
    deliver(embedded, processor, processor.clear(given.session_id), at=processor.at)
    receipts.issue_pending(embedded, at=processor.at)
    (one,) = receipts_of(embedded, given)
    assert one.facts["paid_on"] == (at + timedelta(days=9)).date().isoformat()


def test_the_desk_sends_a_receipt_again_and_the_trail_says_so(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    (one,) = receipts_of(embedded, given)
    clerk = embedded.run(an_actor, Role.CLERK, at=at)
    for _ in range(2):
        to = embedded.run(receipts.send_again, one.id, actor=clerk, at=at)
        assert to == "ada@example.org"
    sent = mails(embedded)
    assert len(sent) == 3
    assert sent[0][2] == sent[1][2] == sent[2][2]
    with embedded.reading() as session:
        trail = session.scalars(
            select(AuditEvent.actor_id).where(AuditEvent.action == "receipt.sent_again")
        ).all()
    assert trail == [clerk.user_id, clerk.user_id]
    auditor = embedded.run(an_actor, Role.AUDITOR, at=at)
    with pytest.raises(Forbidden):
        embedded.run(receipts.send_again, one.id, actor=auditor, at=at)
    embedded.run(receipts.cancel, one.id, reason="test", at=at)
    with pytest.raises(Refused, match="already_cancelled"):
        embedded.run(receipts.send_again, one.id, actor=clerk, at=at)


def test_a_receipt_nobody_left_an_address_for_cannot_be_sent(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    embedded.run(contributors.erase, "ada@example.org", at=at)
    (one,) = receipts_of(embedded, given)
    clerk = embedded.run(an_actor, Role.CLERK, at=at)
    with pytest.raises(Refused, match="giver_without_address"):
        embedded.run(receipts.send_again, one.id, actor=clerk, at=at)


def test_the_year_s_declaration_counts_by_regime_and_leaves_out_what_was_cancelled(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    kept, partly, gone = (a_donation(embedded, processor, at=at) for _ in range(3))
    deliver(embedded, processor, processor.refund(partly.charge_id, 500), at=at)
    deliver(embedded, processor, processor.refund(gone.charge_id, 2500), at=at)
    receipts.issue_pending(embedded, at=at)
    assert kept
    with embedded.reading() as session:
        (told,) = numbers.declaration(session, "[legal name of the receiver]", 2026)
        assert numbers.declaration(session, "[legal name of the receiver]", 2025) == ()
    assert (told.regime, told.receipts, told.cancelled) == ("NONE", 2, 2)
    assert told.totals == (Money(4500, "EUR"),)


def test_the_mail_goes_once_even_when_the_address_comes_after_the_money(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at, language="es")
    charge, page = processor.pay(given.session_id)
    deliver(embedded, processor, charge, at=at)
    assert mails(embedded) == []
    deliver(embedded, processor, page, at=at)
    assert receipts.issue_pending(embedded, at=at) == 1
    assert receipts.issue_pending(embedded, at=at) == 0
    ((language, recipient, told),) = mails(embedded)
    assert (language, recipient) == ("es", "ada@example.org")
    assert told["number"] == "2026-000001"
    assert told["replaces"] is None
    assert set(told["sentences"]) == set(wording.IN_THE_MAIL)  # type: ignore[call-overload]  # JSON


def test_a_guest_without_an_address_gets_no_mail(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    for sent in processor.pay(given.session_id, email=None):
        deliver(embedded, processor, sent, at=at)
    assert receipts_of(embedded, given)
    assert mails(embedded) == []


def test_a_partial_refund_cancels_and_replaces(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=at)
    later = at + timedelta(minutes=5)
    receipts.issue_pending(embedded, at=later)
    first, second = receipts_of(embedded, given)
    assert (first.cancelled_at, first.cancel_reason) == (later, "partly_refunded")
    assert second.facts["refunded"] == {"minor": 500, "currency": "EUR"}
    assert "refunded" in second.facts["sentences"]
    assert [told["replaces"] for _, _, told in mails(embedded)] == [None, "2026-000001"]
    with embedded.reading() as session:
        page = queries.gift(session, given.pledge.token)
    assert page.receipt is not None
    assert page.receipt.number == "2026-000002"


@pytest.mark.parametrize("how", ["refund", "dispute"])
def test_a_gift_that_goes_back_whole_keeps_no_receipt(
    embedded: Database, processor: FakeProcessor, at: datetime, how: str
) -> None:
    given = a_donation(embedded, processor, at=at)
    if how == "refund":
        deliver(embedded, processor, processor.refund(given.charge_id, 2500), at=at)
    else:
        deliver(embedded, processor, processor.dispute(given.charge_id), at=at)
        deliver(embedded, processor, processor.decide(f"du_{given.charge_id}", "lost"), at=at)
    receipts.issue_pending(embedded, at=at)
    (one,) = receipts_of(embedded, given)
    assert one.cancelled_at is not None
    with embedded.reading() as session:
        page = queries.receipt(session, one.token)
        assert queries.gift(session, given.pledge.token).receipt is None
    assert page.cancelled_on == at.date()
    with pytest.raises(Refused, match="already_cancelled"):
        embedded.run(receipts.cancel, one.id, reason="again", at=at)
    with pytest.raises(NotFound, match="receipt_unknown"):
        embedded.run(receipts.cancel, uuid.uuid4(), reason="none", at=at)


def test_a_gift_refunded_before_its_receipt_gets_none(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    charge, _ = processor.pay(given.session_id)
    refund = processor.refund(given.charge_id, 2500)
    deliver(embedded, processor, refund, at=at)
    deliver(embedded, processor, charge, at=at)
    receipts.issue_pending(embedded, at=at)
    assert row_of(embedded, given.id).status is DonationStatus.REFUNDED
    assert receipts_of(embedded, given) == []


def test_an_unpaid_pledge_gets_no_receipt(embedded: Database, at: datetime) -> None:
    pledged = a_pledge(embedded, at=at)
    assert embedded.run(receipts.bring_up_to_date, pledged.donation_id, at=at) is None
    with pytest.raises(Refused, match="gift_not_settled"):
        embedded.run(receipts.issue, pledged.donation_id, at=at)
    with pytest.raises(Refused, match="gift_not_settled"):
        receipt_facts.amounts(row_of(embedded, pledged.donation_id))


def test_the_pdf_is_printed_once_and_kept_as_bytes(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at)
    printer = Printer()
    assert papers.render_pending(database, printer, at=at) == 1
    assert papers.render_pending(database, printer, at=at) == 0
    assert [facts["name"] for facts in printer.printed] == ["Ada Lovelace"]
    (one,) = receipts_of(database, given)
    assert not database.run(papers.keep, one.id, "receipt", b"another", at=at)
    with database.reading() as session:
        pdf = queries.receipt_pdf(session, one.token)
        page = queries.receipt(session, one.token)
    assert pdf == b"receipt en 2026-000001 Ada Lovelace"
    assert page.pdf_sha256 == hashlib.sha256(pdf).hexdigest()
    assert (page.name, page.gift_token) == ("Ada Lovelace", given.pledge.token)


def test_without_the_drawing_library_the_page_still_works(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    assert papers.render_pending(embedded, Printer(fault="pdf_unavailable"), at=at) == 0
    (one,) = receipts_of(embedded, given)
    with embedded.reading() as session:
        assert queries.receipt(session, one.token).pdf_sha256 is None
        with pytest.raises(NotFound, match="pdf_not_ready"):
            queries.receipt_pdf(session, one.token)
        with pytest.raises(NotFound, match="receipt_unknown"):
            queries.receipt(session, "no such token")
        with pytest.raises(NotFound, match="receipt_unknown"):
            papers.receipt(session, uuid.uuid4())
    with pytest.raises(Refused, match="template_broken"):
        papers.render_pending(embedded, Printer(fault="template_broken"), at=at)


def test_a_receipt_without_a_name_is_printed_only_when_no_name_can_come_any_more(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = an_open_gift(embedded, processor, at=at)
    charge, _ = processor.pay(given.session_id)
    deliver(embedded, processor, charge, at=at)
    printer = Printer()
    assert papers.render_pending(embedded, printer, at=at) == 0
    assert papers.render_pending(embedded, printer, at=at + timedelta(hours=2)) == 1
    assert printer.printed[0]["name"] is None


def test_erasing_a_giver_leaves_the_facts_and_the_books(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(database, processor, at=at)
    a_donation(database, processor, at=at)
    assert database.run(contributors.erase, " Ada@Example.org ", at=at) == 2
    assert database.run(contributors.erase, "ada@example.org", at=at) == 0
    (one,) = receipts_of(database, given)
    with database.reading() as session:
        assert queries.receipt(session, one.token).name is None
        (line, _) = queries.donations(session)
    assert (line.name, line.email) == (None, None)
