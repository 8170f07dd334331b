"""How is a journal written in a test's docstring, posted, and its balances checked?

After prose that may stand first, one block an entry, and balances as assertions::

    2026-11-14 charge stripe:txn_1
      Assets:Stripe:EUR           58.85 EUR
      Liabilities:Fund:Pool:EUR  -58.85 EUR

    2026-11-15 reversal of stripe:txn_1
    2026-11-15 balance Assets:Stripe:EUR 0.00 EUR

A positive amount is a debit. A balance is the one at the end of its day.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.ledger import balances, entries, journal, queries
from offset.ledger.entries import Draft, Line
from offset.ledger.journal import Posted
from offset.ledger.models import Entry
from offset.money import Money, exponent

_HEADER = re.compile(r"\d{4}-\d\d-\d\d ")


@dataclass
class Block:
    """One entry or assertion of a written journal."""

    words: list[str]
    lines: list[Line] = field(default_factory=list)

    @property
    def on(self) -> date:
        return date.fromisoformat(self.words[0])


def amount(number: str, currency: str) -> Money:
    """Read ``-58.85`` and ``EUR``."""
    sign = -1 if number.startswith("-") else 1
    whole, _, decimals = number.lstrip("-").partition(".")
    assert len(decimals) == exponent(currency), f"{number} {currency}"
    return Money(sign * int(whole + decimals), currency)


def load(database: Database, text: str, *, at: datetime) -> dict[str, Posted]:
    """Post every entry of a written journal, then check its balances; give the entries by key."""
    told = list(_blocks(text))
    posted: dict[str, Posted] = {}
    for block in told:
        if block.words[1] != "balance":
            draft = database.run(_draft, block)
            posted[draft.idem_key] = database.run(journal.post, draft, at=at)
    with database.reading() as session:
        for block in told:
            if block.words[1] == "balance":
                _day, _word, account, number, currency = block.words
                found = balances.balance(session, account, as_of=block.on)
                assert found == amount(number, currency), f"{account}: {found}"
    return posted


def _blocks(text: str) -> Iterator[Block]:
    block: Block | None = None
    for line in (line.strip() for line in text.splitlines()):
        if _HEADER.match(line):
            if block is not None:
                yield block
            block = Block(line.split())
        elif line and block is not None:
            account, number, currency = line.split()
            block.lines.append(Line(account, amount(number, currency)))
    assert block is not None, "the docstring holds no journal"
    yield block


def _draft(session: Session, block: Block) -> Draft:
    _day, kind, *rest = block.words
    if kind == "reversal":
        first = queries.entry(
            session, session.scalars(select(Entry.id).where(Entry.idem_key == rest[1])).one()
        )
        return entries.reversal(
            entry_id=first.id,
            on=block.on,
            source_type=first.source_type,
            source_id=first.source_id,
            lines=[Line(line.account, line.amount) for line in first.lines],
            reason="written in the journal",
        )
    return Draft(rest[0], kind, block.on, "test", rest[0], tuple(block.lines))
