"""Does the public ledger say the same in every form, follow a gift, and keep names to itself?"""

import csv
import io
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

from offset.database.session import Database
from offset.ledger import checkpoints, entries, history, journal, queries, rates
from offset.ledger.entries import Line
from offset.money import Money
from offset.reports import public_ledger
from offset.reports.tables import safe
from tests.builders import treasury as build
from tests.builders.ledger import a_gift, eur
from tests.once_built import once_built

START = datetime(2026, 10, 1, 9, tzinfo=UTC)


def test_all_currencies_in_euro_at_the_rates_of_the_day(embedded: Database, at: datetime) -> None:
    embedded.run(journal.post, a_gift(1), at=at)
    for number, (gross, currency) in enumerate([(11_000, "USD"), (3_210, "JPY")], start=2):
        draft = entries.gift_settled(
            entries.Movement(f"txn_{number}", at.date(), "charge"),
            gross=Money(gross, currency),
            fee=Money(0, currency),
            share=Money(0, currency),
        )
        embedded.run(journal.post, draft, at=at)
    with embedded.reading() as session:
        found = queries.public_totals(session)
        assert public_ledger.in_euro(session, {"EUR": found["EUR"]}, at.date()) is None
        assert public_ledger.in_euro(session, found, at.date()) is None  # no rate is stored
    told = [
        rates.Rate(date(2026, 11, 13), "USD", Decimal("1.1"), rates.SOURCE),
        rates.Rate(date(2026, 11, 13), "JPY", Decimal("160.5"), rates.SOURCE),
    ]
    embedded.run(rates.keep, told, at=at)
    with embedded.reading() as session:
        total = public_ledger.in_euro(session, found, at.date())
    assert total is not None
    # 60.00 EUR, 110.00 USD at 1.1 and 3210 JPY at 160.5
    assert total.totals.received == eur("180.00")
    assert {one.currency for one in total.rates} == {"USD", "JPY"}
    assert {one.day for one in total.rates} == {date(2026, 11, 13)}


def test_what_was_known_then_and_as_of_then(database: Database) -> None:
    early, late = START, START.replace(day=20)
    database.run(journal.post, a_gift(1, on=date(2026, 10, 1)), at=early)
    second = database.run(journal.post, a_gift(2, on=date(2026, 10, 2)), at=late)
    undo = entries.reversal(
        entry_id=second.entry_id,
        on=date(2026, 10, 21),
        source_type="stripe_balance_txn",
        source_id="txn_2",
        lines=a_gift(2).lines,
        reason="booked twice",
    )
    database.run(journal.post, undo, at=late.replace(day=21))
    moments = {
        "then": {"known_at": early},
        "between": {"known_at": late},
        "as of the second day, known since": {"as_of": date(2026, 10, 2)},
        "as of the first day, known late": {"as_of": date(2026, 10, 1), "known_at": late},
        "now": {},
    }
    with database.reading() as session:
        received = {
            name: str(queries.public_totals(session, **asked)["EUR"].received)
            for name, asked in moments.items()
        }
        before = queries.Filters(known_at=late)
        now = queries.entries(session, queries.Filters(corrections=True)).entries
        known = queries.entries(session, before).entries
    assert received == {
        "then": "60.00 EUR",
        "between": "120.00 EUR",
        "as of the second day, known since": "120.00 EUR",
        "as of the first day, known late": "60.00 EUR",
        "now": "60.00 EUR",
    }
    assert [one.reverses_id for one in now] == [second.entry_id]
    assert public_ledger.reason_of(now[0]) == "booked twice"
    # what undid it later was not known
    assert [one.reversed_by_id for one in known] == [None, None]


def test_what_was_ordered_counts_less_what_was_undone(database: Database) -> None:
    house = once_built(database, build.a_house, at=START)
    database.run(build.a_payment, house, at=START.replace(day=8))
    with database.reading() as session:
        (order,) = queries.entries(session, queries.Filters(kind="disbursement_order")).entries
    undo = entries.reversal(
        entry_id=order.id,
        on=date(2026, 10, 12),
        source_type=order.source_type,
        source_id=order.source_id,
        lines=[Line(line.account, line.amount) for line in order.lines],
        reason="came back",
    )
    database.run(journal.post, undo, at=START.replace(day=12))
    with database.reading() as session:
        ordered = {
            day: sum(
                flow.amount.minor
                for flow in history.flows(
                    session, {"disbursement_order"}, as_of=date(2026, 10, day)
                )
                if flow.account.startswith("Liabilities:Project:")
            )
            for day in (7, 8, 12)
        }
        known = history.flows(session, {"disbursement_order"}, known_at=START.replace(day=9))
    assert ordered == {7: 0, 8: 123456, 12: 0}
    assert {flow.amount.minor for flow in known} == {123456, -123456}


def test_a_gift_is_followed_by_its_entries(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    embedded.run(build.a_payment, house, at=START.replace(day=8))
    with embedded.reading() as session:
        listed = queries.entries(session, queries.Filters()).entries
        by_kind = {one.kind: one for one in listed}
        trails = {kind: public_ledger.trail(session, one) for kind, one in by_kind.items()}
    assert [one.kind for one in trails["charge"].same] == ["allocation"]
    assert [one.kind for one in trails["allocation"].same] == ["charge"]
    assert [one.kind for one in trails["allocation"].payments] == ["disbursement_order"]
    assert trails["disbursement_order"].payments == ()
    assert trails["charge"].run_id is None


def test_an_entry_of_a_strange_source_leads_nowhere(embedded: Database, at: datetime) -> None:
    draft = entries.unidentified_gift(
        entries.BankLine("not-a-uuid", at.date(), "Assets:Bank:B1"), amount=eur("5.00")
    )
    embedded.run(journal.post, a_gift(1), at=at)
    embedded.run(build.a_bank_account, at=at)
    posted = embedded.run(journal.post, draft, at=at)
    with embedded.reading() as session:
        trail = public_ledger.trail(session, queries.entry(session, posted.entry_id))
    assert (trail.same, trail.payments, trail.run_id) == ((), (), None)


def test_a_table_holds_no_formula_and_every_column(embedded: Database, at: datetime) -> None:
    posted = embedded.run(journal.post, a_gift(1), at=at)
    undo = entries.reversal(
        entry_id=posted.entry_id,
        on=at.date(),
        source_type="stripe_balance_txn",
        source_id="txn_1",
        lines=a_gift(1).lines,
        reason='=HYPERLINK("http://x")',
    )
    embedded.run(journal.post, undo, at=at)
    with embedded.reading() as session:
        found = queries.entries(session, queries.Filters()).entries
    rows = [public_ledger.row(one, {}, lambda key: f"/p/{key}") for one in found]
    read = list(csv.DictReader(io.StringIO(public_ledger.as_csv(rows))))
    assert [column.name for column in public_ledger.COLUMNS] == list(read[0])
    reasons = {line["kind"]: line["reason"] for line in read}
    assert reasons == {"charge": "", "reversal": safe('=HYPERLINK("http://x")')}
    told = public_ledger.document(found[0], {}, str)
    assert sum(Decimal(one["amount"]) for one in told["postings"]) == 0


def test_rules_are_told_by_version(embedded: Database, at: datetime) -> None:
    for number in (1, 2):
        embedded.run(
            checkpoints.seal_fact,
            kind="policy",
            fact_id=uuid.UUID(int=number),
            content={"version": number},
            at=at.replace(day=number),
        )
    embedded.run(
        checkpoints.seal_fact, kind="outcome", fact_id=uuid.UUID(int=9), content={"v": 1}, at=at
    )
    with embedded.reading() as session:
        assert [one.content["version"] for one in public_ledger.rules(session)] == [2, 1]
        known = public_ledger.rules(session, known_at=at.replace(day=1))
    assert [one.content["version"] for one in known] == [1]
