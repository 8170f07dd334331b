"""What does the demonstration's reconciliation show: a line of every state, notes and a split?

The bank writes once more before the visitor comes: a pledge named by its reference, one named with
a slip of the pen, two pledges in one transfer, a charge, and money that nobody knows. Some of it
is matched by a person, one line in parts, and one carries a question for a colleague.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from offset.clock import utc_day
from offset.database.session import Database
from offset.giving import pledges
from offset.money import Money
from offset.people import jobs
from offset.people.access import Actor
from offset.treasury import queries, receipts_apart, reconciliation, suggestions, unidentified
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine
from offset.treasury.ports import StatementLine
from offset.treasury.reconciliation import Part

_SPLIT: Final = "VIR DONS COLLECTE MARCHE"
_DETAIL: Final = "0 certain lines matched"
_NOTED: Final = "VIR ASSOCIATION DES VOISINS"


def lines(database: Database, *, at: datetime) -> list[StatementLine]:
    """Write what the bank states, for pledges that are made here a few days before."""
    with database.reading() as session:
        account = queries.receiving_account(session, "EUR")
    if account is None:
        return []
    made = [
        _pledge(database, account, amount, name, at=at - timedelta(days=6))
        for amount, name in (
            (12_000, "Awa Diallo (invented)"),
            (8_000, "Jean Petit (invented)"),
            (4_000, "Inès Roca (invented)"),
            (6_000, "Inès Roca (invented)"),
        )
    ]
    named, slipped, first, second = made
    wrong = slipped[:-1] + ("2" if slipped[-1] != "2" else "3")
    return [
        _line(12_000, f"VIR {named} MERCI", "AWA DIALLO (invented)", 1, at=at),
        _line(8_000, f"VIR DON {wrong}", "JEAN PETIT (invented)", 2, at=at),
        _line(10_000, f"VIR {first} ET {second}", "INES ROCA (invented)", 3, at=at),
        _line(7_500, _SPLIT, "COMITE DES FETES (invented)", 4, at=at),
        _line(3_000, _NOTED, "ASSOCIATION DES VOISINS (invented)", 5, at=at),
        _line(-1_240, "FRAIS VIREMENT INTERNATIONAL", "", 6, at=at),
    ]


def work(database: Database, people: Mapping[str, Actor], *, at: datetime) -> None:
    """Let the clerk do some of it: a line in two parts, a note, and a note beside unknown money."""
    clerk = people["clerk"]
    split, noted = (_found(database, text) for text in (_SPLIT, _NOTED))
    if split is not None:
        database.run(
            reconciliation.confirm,
            actor=clerk,
            at=at,
            line_id=split,
            parts=[
                Part(kind=Kind.UNIDENTIFIED, amount=Money(5_000, "EUR")),
                Part(kind=Kind.UNIDENTIFIED),
            ],
        )
    if noted is not None:
        database.run(
            reconciliation.note,
            actor=clerk,
            at=at,
            line_id=noted,
            text="Is this the collection of the spring market? I wrote to them.",
        )
    # The job that matches what is certain runs again in some minutes, not before the visitor looks.
    database.run(jobs.begin, name="matching", at=at)
    database.run(jobs.finish, name="matching", at=at, outcome="done", detail=_DETAIL)
    with database.reading() as session:
        apart = receipts_apart.listed(session, receipts_apart.Search(), on=utc_day(at)).receipts
    for one in apart[:1]:
        database.run(
            unidentified.note,
            actor=clerk,
            at=at,
            entry_id=one.entry_id,
            text="No pledge has this name. Asked the bank for the address on 3 lines.",
        )
    suggestions.keep_fresh(database, at=at, code="B1")


def _pledge(
    database: Database,
    account: queries.ReceivingAccount,
    minor: int,
    name: str,
    *,
    at: datetime,
) -> str:
    promised = database.run(
        pledges.promise,
        at=at,
        amount=Money(minor, "EUR"),
        language="fr",
        email=f"{name.split(maxsplit=1)[0].casefold()}@demo.example",
        name=name,
        account=pledges.Account(account.holder, account.number),
    )
    return str(promised.reference)


def _line(minor: int, text: str, payer: str, number: int, *, at: datetime) -> StatementLine:
    on = utc_day(at)
    return StatementLine(
        amount=Money(minor, "EUR"),
        booked_on=on,
        value_on=on,
        bank_reference=f"BNK-LIFE-{number}",
        text=text,
        counterparty=payer or None,
    )


def _found(database: Database, text: str) -> uuid.UUID | None:
    with database.reading() as session:
        return session.scalar(select(BankLine.id).where(BankLine.text == text))
