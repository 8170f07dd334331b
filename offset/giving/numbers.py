"""Which number does the next receipt of an issuer get, and how many were there in a year?

One series an issuer and year for every paper that carries a number, without a gap: the number is
taken in the transaction of its receipt, so what is rolled back gives it back.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from offset.giving.models import AnnualReceipt, Receipt, ReceiptCounter
from offset.money import Money


@dataclass(frozen=True)
class Declared:
    """What the yearly declaration of an issuer states of one regime.

    Cancelled receipts are counted apart and are in no total.
    """

    regime: str
    receipts: int
    cancelled: int
    totals: tuple[Money, ...]


def take(session: Session, issuer: str, year: int) -> int:
    """Take the next number; whoever takes one meanwhile waits until this one is committed."""
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = upsert(ReceiptCounter).values(issuer=issuer, year=year, last=1)
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["issuer", "year"], set_={"last": ReceiptCounter.last + 1}
        ).returning(ReceiptCounter.last)
    )
    return int(taken or 0)


def declaration(session: Session, issuer: str, year: int) -> tuple[Declared, ...]:
    """Count an issuer's receipts of a year and add them up, by regime and currency."""
    both = union_all(
        *(
            select(kind.facts, kind.cancelled_at).where(kind.issuer == issuer, kind.year == year)
            for kind in (Receipt, AnnualReceipt)
        )
    )
    standing: Counter[str] = Counter()
    cancelled: Counter[str] = Counter()
    sums: dict[str, Counter[str]] = {}
    for facts, gone in session.execute(both):
        regime = facts.get("regime", "NONE")
        if gone is not None:
            cancelled[regime] += 1
            continue
        standing[regime] += 1
        for minor, currency in _kept(facts):
            sums.setdefault(regime, Counter())[currency] += minor
    return tuple(
        Declared(
            regime,
            standing[regime],
            cancelled[regime],
            tuple(Money(sums[regime][code], code) for code in sorted(sums.get(regime, ()))),
        )
        for regime in sorted({*standing, *cancelled})
    )


def _kept(facts: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return what a receipt stands for: one sum, or one a currency on an annual one."""
    told = facts.get("totals") or [facts.get("kept") or facts["gross"]]
    return [(one["minor"], one["currency"]) for one in told]
