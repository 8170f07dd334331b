"""Which two years do the exports of the tests tell? Every recipe, three currencies, closes."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.ledger import chart, entries, journal, periods
from offset.ledger.entries import BankLine, Draft, Line, Movement
from offset.ledger.models import PeriodStatus
from offset.money import Money
from offset.people import settings
from offset.people.access import Actor, Role
from tests.builders.ledger import a_project_account

ADMIN = Actor(None, frozenset({Role.ADMINISTRATOR}))
B1, B2 = chart.bank(), chart.bank("B2")
P1 = chart.project("P0001", "EUR")
POOL = chart.pool("EUR")
SAHEL = chart.restricted("Sahel", "EUR")
RATES = {"USD": {"2025-01-01": "1.10", "2026-01-01": "1.25"}, "JPY": {"2025-01-01": "160"}}


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def instant(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def drafts() -> Iterator[Draft]:
    """Tell both years in order; every recipe of the accountant's page comes once at least."""
    d25, d1, d2, d3 = date(2025, 12, 3), date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)
    yield entries.opening(reference="B1", on=d25, account=B1, amount=eur(100_000))
    yield entries.opening(reference="pool", on=d25, account=POOL, amount=eur(-90_000))
    yield _gift("25", d25, "USD", 10_000, 300, 500)
    yield _gift("1", d1, "EUR", 6_000, 115, 300)
    yield _gift("2", d1, "JPY", 12_345, 377, 600)
    yield _gift("3", d1, "USD", 50_001, 1_451, 2_500)
    yield entries.gift_settled(
        Movement("txn_4", d1, "charge"), gross=eur(9_000), fee=eur(160), share=eur(450), fund=SAHEL
    )
    unknown = Movement("txn_5", d1, "charge")
    yield entries.gift_unknown(unknown, gross=eur(2_000), fee=eur(55))
    yield entries.fee_charged(Movement("txn_6", d1, "fee"), amount=eur(77))
    yield entries.bank_gift(_line(1, d1), amount=eur(5_000), share=eur(250))
    yield entries.unidentified_gift(_line(2, d1), amount=eur(3_000))
    yield entries.unidentified_gift(_line(3, d1), amount=eur(1_000))
    yield entries.identified(receipt_id="line-2", on=d2, amount=eur(3_000))
    yield entries.unidentified_sent_back(receipt_id="line-3", on=d2, amount=eur(1_000))
    yield entries.allocation(epoch="e1", donation_id="d1", on=d2, shares={P1: eur(20_000)})
    yield entries.disbursement_ordered(disbursement_id="p1", on=d2, project=P1, amount=eur(12_000))
    yield entries.disbursement_sent(_line(4, d2), disbursement_id="p1", amount=eur(12_000))
    yield entries.disbursement_returned(_line(5, d2), disbursement_id="p1", amount=eur(12_000))
    yield entries.deallocation(project=P1, donation_id="d1", on=d2, amount=eur(2_000))
    yield entries.paid_back(_line(6, d2), amount=eur(500))
    yield entries.bank_fee(_line(7, d2), amount=eur(850))
    yield entries.refund_sourced(cause_id="re_1", on=d2, sources={POOL: eur(1_000)})
    yield entries.refund_paid(Movement("txn_7", d2, "refund"), amount=eur(1_000), fee=eur(0))
    yield entries.refund_failed(
        Movement("txn_8", d2, "refund_failure"), amount=eur(1_000), fee=eur(0)
    )
    yield entries.debit_returned(
        Movement("txn_9", d2, "charge_failure"), amount=eur(1_000), fee=eur(400)
    )
    yield entries.dispute_opened(Movement("txn_10", d2, "dispute"), amount=eur(600), fee=eur(1_500))
    yield entries.dispute_won(
        Movement("txn_11", d2, "dispute_reversal"), amount=eur(300), fee_returned=eur(1_500)
    )
    yield entries.dispute_lost(cause_id="dp_1", on=d2, sources={POOL: eur(300)})
    yield entries.payout_sent(Movement("txn_12", d3, "payout"), amount=eur(4_000), fee=eur(10))
    yield entries.payout_arrived(_line(8, d3), amount=eur(4_000))
    yield entries.payout_sent(Movement("txn_13", d3, "payout"), amount=eur(700), fee=eur(0))
    yield entries.payout_failed(Movement("txn_14", d3, "payout_reversal"), amount=eur(700))
    yield entries.top_up_sent(_line(9, d3), amount=eur(2_000))
    yield entries.topped_up(Movement("txn_15", d3, "topup"), amount=eur(2_000))
    yield entries.unknown_kind(Movement("txn_16", d3, "issuing"), net=eur(-12))
    stripe_usd, fund_usd = chart.stripe("USD"), chart.pool("USD")
    yield entries.fx(
        conversion_id="c1", on=d3, source=stripe_usd, sold=Money(33_333, "USD"),
        target=chart.stripe("EUR"), bought=eur(27_001),
    )  # fmt: skip
    yield entries.fund_move(
        conversion_id="c1", on=d3, source=fund_usd, sold=Money(33_333, "USD"),
        target=POOL, bought=eur(27_001),
    )  # fmt: skip
    yield entries.share_drawn(_line(10, d3), acct="OP", amount=eur(500))
    yield entries.reserve_endowed(endowment_id="1", on=d3, source=B1, amount=eur(2_500))


def tell(database: Database, *, lock_until: date | None = None) -> None:
    """Post both years and a reversal, then lock the months that end by a day."""
    at = instant(date(2025, 12, 1))
    database.run(_prepare, at=at)
    first: uuid.UUID | None = None
    for draft in drafts():
        posted = database.run(journal.post, draft, at=instant(draft.effective_on))
        first = first if draft.idem_key != "stripe:txn_6" else posted.entry_id
    assert first is not None
    undo = entries.reversal(
        entry_id=first,
        on=date(2026, 3, 11),
        source_type="stripe_balance_txn",
        source_id="txn_6",
        lines=[
            Line(chart.stripe_fees("EUR"), eur(77)),
            Line(chart.stripe("EUR"), eur(-77)),
        ],
        reason="=booked twice, says Ada Lovelace",
    )
    database.run(journal.post, undo, at=instant(date(2026, 3, 11)), actor_id=None)
    if lock_until is not None:
        lock(database, lock_until)


def lock(database: Database, until: date) -> None:
    """Lock every month that ends by a day."""
    with database.reading() as session:
        months = sorted(
            one.starts_on
            for one in periods.months(session)
            if one.ends_on <= until and one.status is not PeriodStatus.LOCKED
        )
    for starts_on in months:
        database.run(periods.begin_close, starts_on)
        database.run(periods.lock, starts_on)


def set_rates(database: Database, at: datetime) -> None:
    value = {"siren": "123456789", "accounts": {}, "rates": RATES}
    database.run(settings.change, "fec", value, actor=ADMIN, at=at, reason="The accountant's")


def _prepare(session: Session, *, at: datetime) -> None:
    for acct in ("B1", "B2"):
        chart.open_account(session, chart.bank(acct), at=at, currency="EUR")
    chart.open_account(session, chart.operating("OP"), at=at, currency="EUR")
    a_project_account(session, at=at)


def _gift(number: str, on: date, currency: str, *amounts: int) -> Draft:
    gross, fee, share = (Money(one, currency) for one in amounts)
    return entries.gift_settled(
        Movement(f"txn_{number}", on, "charge"), gross=gross, fee=fee, share=share
    )


def _line(number: int, on: date) -> BankLine:
    return BankLine(f"line-{number}", on, B1)
