"""How fast are statements imported and lines matched, and does ten times cost ten times?

A CAMT.053 file of gifts is read and stored, then as many open lines are held against as many
candidates; each at a tenth and whole, in seconds of the processor. Growth matters: the last column
may be at most 15.
"""

import os
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from offset.database import migrate
from offset.database.session import Database
from offset.gateways.bank_files import BankFileReader
from offset.money import Money
from offset.people.access import SYSTEM
from offset.sandbox import demo_bank
from offset.treasury import statements
from offset.treasury.matching import Line, gift_candidate, propose
from offset.treasury.ports import StatementLine
from tests.models import load_models

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
DAY = date(2026, 11, 14)
FULL = bool(os.environ.get("FULL"))
LINES = 100_000 if FULL else 10_000
OPEN = 10_000 if FULL else 5_000
IBAN = "FR7630006000011234567890189"
MOST_GROWTH = 15

load_models()


def treasury() -> None:
    """Time import and matching at a tenth and whole."""
    _table("import, lines", LINES, _imported)
    _table("matching, amounts apart", OPEN, lambda count: _matched(count, spread=count))
    _table("matching, one amount", OPEN, lambda count: _matched(count, spread=1))


def _table(name: str, count: int, timed: Callable[[int], float]) -> None:
    few, many = timed(count // 10), timed(count)
    print(
        f"{name:<26} {count // 10:>7} in {few:7.2f} s, {count:>7} in {many:7.2f} s,"
        f" x{many / few:5.1f} for ten times (at most x{MOST_GROWTH})"
    )


def _imported(count: int) -> float:
    lines = [
        StatementLine(
            amount=Money(500 + n % 9_000, "EUR"),
            booked_on=DAY,
            value_on=DAY,
            bank_reference=f"BNK-{n:07d}",
            text=f"VIR gift {n}",
            counterparty=f"Giver {n}",
        )
        for n in range(count)
    ]
    data = demo_bank.write_statement(
        account=IBAN,
        sequence=1,
        opening=Money(0, "EUR"),
        closing=sum((line.amount for line in lines), start=Money(0, "EUR")),
        lines=lines,
        at=AT,
    )
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        url = f"sqlite:///{folder}/offset.db"
        migrate.upgrade(url)
        database = Database(url)
        database.run(
            statements.register_account,
            actor=SYSTEM,
            at=AT - timedelta(days=9),
            code="B1",
            number=IBAN,
            holder="bench",
            opened_on=DAY - timedelta(days=9),
            opening=Money(0, "EUR"),
        )
        begin = time.process_time()
        read = BankFileReader().read(data)
        done = database.run(
            statements.take_in, actor=SYSTEM, at=AT, data=data, name="bench.xml", statements=read
        )
        took = time.process_time() - begin
        database.dispose()
    assert done.lines == count
    return took


def _matched(count: int, *, spread: int) -> float:
    """Hold lines against gifts: amounts that few share, or one amount that all share."""
    gifts = [
        gift_candidate(
            uuid.UUID(int=10**9 + n),
            Money(500 + n % spread, "EUR"),
            DAY - timedelta(days=n % 30),
            reference=f"DON-{n:08d}",
        )
        for n in range(count)
    ]
    lines = [
        Line(
            id=uuid.UUID(int=n + 1),
            amount=Money(500 + n % spread, "EUR"),
            booked_on=DAY,
            text=f"VIR DON-{n:08d} merci",
        )
        for n in range(count)
    ]
    begin = time.process_time()
    found = propose(lines, gifts, fee_ceiling=Money(2_000, "EUR"))
    took = time.process_time() - begin
    right = sum(
        found[line.id][0].candidate_id == gift.id for line, gift in zip(lines, gifts, strict=True)
    )
    assert right == count
    return took


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a name to guess
