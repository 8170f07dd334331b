"""Does a giver's receipt of the year list what arrived and was kept, once, under its own number?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from offset.database.session import Database
from offset.errors import NotFound
from offset.giving import annual, numbers, papers, queries, receipts
from offset.giving.models import AnnualReceipt, ReceiptChoice
from offset.ledger.models import EntrySeal
from offset.money import Money
from offset.people import contributors
from offset.people.models import OutboxMessage
from tests.builders.giving import Given, an_open_gift, deliver, row_of
from tests.builders.receipts import AMERICAN, FRENCH, an_issuer, owner_of
from tests.fakes_giving import FakeProcessor
from tests.fakes_papers import Printer

JANUARY = datetime(2027, 1, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def a_yearly_gift(
    database: Database,
    processor: FakeProcessor,
    *,
    at: datetime,
    email: str = "ada@example.org",
    amount: str = "25.00 EUR",
) -> Given:
    """A settled gift whose donor wants one receipt a year."""
    processor.at = at
    given = an_open_gift(database, processor, at=at, amount=amount)
    database.run(receipts.choose, given.pledge.token, ReceiptChoice.ANNUAL, at=at)
    for sent in processor.pay(given.session_id, email=email):
        deliver(database, processor, sent, at=at)
    receipts.issue_pending(database, at=at)
    return given


def annuals(database: Database) -> list[AnnualReceipt]:
    with database.reading() as session:
        found = session.scalars(select(AnnualReceipt).order_by(AnnualReceipt.number)).all()
        session.expunge_all()
        return list(found)


def annual_mails(database: Database) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.template == "receipt_annual")
            .order_by(OutboxMessage.created_at)
        )
        return [one.parameters for one in rows]


def test_january_lists_the_year_s_gifts_without_what_went_back(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    """Two are kept, one partly, one is returned whole; another giver's stands elsewhere."""
    first = a_yearly_gift(database, processor, at=at)
    partly = a_yearly_gift(database, processor, at=at + timedelta(days=1), amount="40.00 EUR")
    gone = a_yearly_gift(database, processor, at=at + timedelta(days=2))
    a_yearly_gift(database, processor, at=at + timedelta(days=2), email="bob@example.org")
    deliver(database, processor, processor.refund(partly.charge_id, 1000), at=at)
    deliver(database, processor, processor.refund(gone.charge_id, 2500), at=at)
    receipts.issue_pending(database, at=at)
    assert annual.issue_due(database, at=JANUARY) == 2
    assert annual.issue_due(database, at=JANUARY + timedelta(days=1)) == 0
    ada, bob = annuals(database)
    assert [one["paid_on"] for one in ada.facts["gifts"]] == ["2026-11-15", "2026-11-16"]
    assert [one["kept"]["minor"] for one in ada.facts["gifts"]] == [2500, 3000]
    assert ada.facts["totals"] == [{"minor": 5500, "currency": "EUR"}]
    assert (ada.number, bob.number, ada.year, ada.covers_year) == (1, 2, 2027, 2026)
    with database.reading() as session:
        seal = session.get_one(EntrySeal, row_of(database, first.id).entry_id)
        assert ada.facts["gifts"][0]["leaf_hash"] == bytes(seal.hash).hex()
    told = annual_mails(database)
    assert [one["number"] for one in told] == ["2027-000001", "2027-000002"]
    assert told[0]["papers"] == [["annual", str(ada.id)]]


def test_the_year_is_that_of_paris(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    del at
    a_yearly_gift(embedded, processor, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert annual.issue_due(embedded, at=JANUARY) == 0
    assert annual.issue_due(embedded, at=datetime(2028, 1, 2, tzinfo=UTC)) == 1
    assert annuals(embedded)[0].covers_year == 2027


def test_a_later_refund_cancels_it_and_makes_another(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    one = a_yearly_gift(embedded, processor, at=at)
    other = a_yearly_gift(embedded, processor, at=at)
    annual.issue_due(embedded, at=JANUARY)
    later = JANUARY + timedelta(days=3)
    deliver(embedded, processor, processor.refund(one.charge_id, 2500), at=later)
    receipts.issue_pending(embedded, at=later)
    old, new = annuals(embedded)
    assert (old.cancel_reason, new.cancelled_at) == ("gifts_changed", None)
    assert new.facts["replaces"] == old.facts["number"]
    assert new.facts["totals"] == [{"minor": 2500, "currency": "EUR"}]
    assert [kind for kind, _ in annual_mails(embedded)[-1]["papers"]] == ["annual", "cancellation"]
    with embedded.reading() as session:
        page = queries.annual(session, old.token)
        assert page.cancelled is not None
        assert page.cancelled.replacement_path == f"/receipts/annual/{new.token}"
        (told,) = numbers.declaration(session, new.issuer, 2027)
    assert (told.receipts, told.cancelled, told.totals) == (1, 1, (Money(2500, "EUR"),))
    # The last one goes back too: nothing takes its place, and a mail says so.
    deliver(embedded, processor, processor.refund(other.charge_id, 2500), at=later)
    receipts.issue_pending(embedded, at=later)
    assert [one.cancelled_at is None for one in annuals(embedded)] == [False, False]
    with embedded.reading() as session:
        (mail,) = session.scalars(
            select(OutboxMessage).where(OutboxMessage.template == "receipt_cancelled")
        ).all()
        assert mail.parameters["number"] == new.facts["number"]


def test_a_gift_has_its_own_receipt_or_stands_on_the_year_s_never_both(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_yearly_gift(embedded, processor, at=at)
    alone = an_open_gift(embedded, processor, at=at)
    for sent in processor.pay(alone.session_id):
        deliver(embedded, processor, sent, at=at)
    embedded.run(receipts.choose, alone.pledge.token, ReceiptChoice.ANNUAL, at=at)
    annual.issue_due(embedded, at=JANUARY)
    (year,) = annuals(embedded)
    assert [one["gift_path"] for one in year.facts["gifts"]] == [f"/gift/{given.pledge.token}"]
    # A change of mind after January brings no second receipt for the same money.
    embedded.run(receipts.choose, given.pledge.token, ReceiptChoice.EACH, at=JANUARY)
    receipts.issue_pending(embedded, at=JANUARY)
    with embedded.reading() as session:
        assert queries.gift(session, given.pledge.token).receipt is None


def test_the_gift_s_page_leads_to_it(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_yearly_gift(embedded, processor, at=at)
    with embedded.reading() as session:
        assert queries.gift(session, given.pledge.token).annual is None
    annual.issue_due(embedded, at=JANUARY)
    with embedded.reading() as session:
        link = queries.gift(session, given.pledge.token).annual
    assert link is not None
    assert link.number == "2027-000001"


@pytest.mark.parametrize(("issuer", "regime"), [(FRENCH, "FR_200"), (AMERICAN, "US_501C3")])
def test_a_tax_regime_holds_for_the_year_too(
    embedded: Database,
    processor: FakeProcessor,
    at: datetime,
    issuer: dict[str, Any],
    regime: str,
) -> None:
    an_issuer(embedded, issuer, at=at)
    given = a_yearly_gift(embedded, processor, at=at)
    a_yearly_gift(embedded, processor, at=at + timedelta(days=1))
    if regime == "FR_200":
        embedded.run(receipts.give_address, given.pledge.token, name="Ada", address="Rue 1", at=at)
    annual.issue_due(embedded, at=JANUARY)
    (year,) = annuals(embedded)
    assert year.facts["regime"] == regime
    assert "2026" in " ".join([year.facts["tax"]["received"], *year.facts["tax"]["closing"]])
    with embedded.reading() as session:
        paper = papers.annual(session, year.id)
    assert paper.facts["name"] == ("Ada" if regime == "FR_200" else "Ada Lovelace")


def test_the_paper_is_kept_and_loses_the_name_of_whoever_is_forgotten(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_yearly_gift(embedded, processor, at=at)
    annual.issue_due(embedded, at=JANUARY)
    (year,) = annuals(embedded)
    with embedded.reading() as session, pytest.raises(NotFound, match="pdf_not_ready"):
        queries.annual_pdf(session, year.token)
    papers.render_pending(embedded, Printer(), at=JANUARY)
    with embedded.reading() as session:
        assert queries.annual_pdf(session, year.token).endswith(b"Ada Lovelace")
        with pytest.raises(NotFound, match="receipt_unknown"):
            queries.annual(session, "nobody")
        with pytest.raises(NotFound, match="receipt_unknown"):
            papers.annual(session, given.id)
    embedded.run(contributors.erase, "ada@example.org", at=JANUARY)
    papers.render_pending(embedded, Printer(), at=JANUARY)
    with embedded.reading() as session:
        assert queries.annual_pdf(session, year.token).endswith(b"None")
        page = queries.annual(session, year.token)
    assert (page.erased, page.name) == (True, None)
    # Whoever is forgotten gets no mail when the receipt must be made anew.
    sent = len(annual_mails(embedded))
    deliver(embedded, processor, processor.refund(given.charge_id, 500), at=JANUARY)
    receipts.issue_pending(embedded, at=JANUARY)
    assert len(annuals(embedded)) == 2
    assert len(annual_mails(embedded)) == sent


def test_it_is_never_written_over(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    a_yearly_gift(database, processor, at=at)
    annual.issue_due(database, at=JANUARY)
    plain = create_engine(owner_of(database))
    try:
        for statement, guard in {
            "UPDATE annual_receipt SET facts = '{}'": "annual_receipt_no_update",
            "DELETE FROM annual_receipt": "annual_receipt_no_delete",
            "UPDATE annual_gift SET amount = 1": "annual_gift_no_update",
        }.items():
            refused = pytest.raises(DBAPIError, match=guard)
            with refused, plain.begin() as connection:
                connection.execute(text(statement))
    finally:
        plain.dispose()
