"""How fast is a page of the reconciliation with ten thousand open lines, and how fast its matching?

A tenth and whole; the page may not grow with what is open.
"""

import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta

from offset.database import migrate
from offset.database.session import Database
from offset.money import Money
from offset.people.access import SYSTEM
from offset.treasury import screen, statements, suggestions
from offset.treasury.ports import Statement, StatementLine
from tests.models import load_models

AT = datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
DAY = date(2026, 11, 14)
OPEN = 10_000 if os.environ.get("FULL") else 5_000
IBAN = "FR7630006000011234567890189"

load_models()


def screens() -> None:
    """Time the suggestions of all open lines, the first page and the one after it."""
    for count in (OPEN // 10, OPEN):
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            database = _filled(f"sqlite:///{folder}/offset.db", count)
            begin = time.perf_counter()
            suggestions.keep_fresh(database, at=AT, code="B1")
            kept = time.perf_counter()
            with database.reading() as session:
                first = screen.screen(session, "B1", on=DAY)
            shown = time.perf_counter()
            with database.reading() as session:
                screen.screen(session, "B1", on=DAY, view=screen.View(after=first.following))
            turned = time.perf_counter()
            database.dispose()
        print(
            f"screen, {count:>6} open lines: suggestions {kept - begin:6.2f} s,"
            f" first page {shown - kept:5.3f} s, next page {turned - shown:5.3f} s"
        )


def _filled(url: str, count: int) -> Database:
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
    lines = tuple(
        StatementLine(
            amount=Money(500 + n % 9_000, "EUR"),
            booked_on=DAY,
            value_on=DAY,
            bank_reference=f"BNK-{n:07d}",
            text=f"VIR gift {n}",
            counterparty=f"Giver {n}",
        )
        for n in range(count)
    )
    nothing = Money(0, "EUR")
    told = Statement(
        reference="BENCH",
        sequence=None,
        account=IBAN,
        opening=nothing,
        closing=sum((line.amount for line in lines), start=nothing),
        opened_on=DAY,
        closed_on=DAY,
        lines=lines,
    )
    database.run(
        statements.take_in, actor=SYSTEM, at=AT, data=b"bench", name="bench.xml", statements=[told]
    )
    return database


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a name to guess
