"""How are the books handed to hledger? A journal that ``hledger check --strict`` accepts.

Every account and currency is declared; the balances of each close and of the end are asserted.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, TextIO

from offset.money import exponent
from offset.reports.rows import Books, Close, Place

_HEAD: Final = """\
; The books from {since} to {until}, both included. Debits are positive.
; Check with: hledger -f <this file> check --strict
decimal-mark .
"""
_TYPES: Final = {"A": "Asset", "L": "Liability", "E": "Equity", "I": "Revenue", "X": "Expense"}


def write(books: Books, out: TextIO) -> None:
    """Write the books of a span as an hledger journal."""
    span = books.span
    out.write(_HEAD.format(since=span.since, until=span.until))
    out.writelines(_declared(books.places))
    out.writelines(_carried(books))
    put = out.write
    for one in books.story():
        if isinstance(one, Close):
            out.writelines(_asserted(one.balances, one.ends_on, "balances at the close"))
            continue
        lines = "".join(
            [f"    {place.code}  {place.decimal(n)} {place.currency}\n" for place, n in one.lines]
        )
        undoing = f", reverses:{one.reverses_id}" if one.reverses_id else ""
        put(
            f"\n{one.day} * {_safe(one.kind)}  ; entry:{one.id}, idem:{_safe(one.idem_key)},"
            f" kind:{_safe(one.kind)}{undoing}\n{lines}"
        )
    out.writelines(_asserted(books.standing(span.until), span.until, "balances at the end"))


def _declared(places: Iterable[Place]) -> Iterator[str]:
    places = tuple(places)
    yield "\n"
    for currency in sorted({place.currency for place in places}):
        yield f"commodity 1000.{'0' * exponent(currency)} {currency}\n"
    yield "\n"
    for place in places:
        yield f"account {place.code}  ; type:{_TYPES[place.type]}, name:{_safe(place.name)}\n"


def _carried(books: Books) -> Iterator[str]:
    balances = books.standing(books.span.eve)
    if balances:
        yield f"\n{books.span.eve} * balances brought forward  ; kind:opening\n"
    for place, balance in balances:
        yield f"    {place.code}  {place.decimal(balance)} {place.currency}\n"


def _asserted(balances: Iterable[tuple[Place, int]], day: date, what: str) -> Iterator[str]:
    yield f"\n{day} * {what}\n"
    for place, balance in balances:
        zero = f"{place.decimal(0)} {place.currency}"
        yield f"    {place.code}  {zero} = {place.decimal(balance)} {place.currency}\n"


def _safe(text: str) -> str:
    """Keep a text from ending its tag or its line, or from being read as a date."""
    for mark in ",;\n[]|":
        if mark in text:
            text = text.replace(mark, " ")
    return text
