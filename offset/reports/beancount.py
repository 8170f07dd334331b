"""How are the books handed to Beancount? One file a year that ``bean-check`` accepts.

Balances brought forward stand on the eve of the first day, so that reports of the year leave
them out. The balances that each close wrote down, and those at the end, are assertions: a file
that lost a posting is refused by whoever loads it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, TextIO

from offset.reports.rows import Books, Close, Place

_HEAD: Final = """\
; The books from {since} to {until}, both included. Debits are positive.
; Check with: bean-check <this file>
option "title" "Books {since} to {until}"
option "operating_currency" "EUR"
"""


def write(books: Books, out: TextIO) -> None:
    """Write the books of a span; it should lie within one year, since Beancount loads all of it."""
    span = books.span
    out.write(_HEAD.format(since=span.since, until=span.until))
    out.writelines(_opened(books))
    out.writelines(_carried(books))
    put = out.write
    for one in books.story():
        if isinstance(one, Close):
            out.writelines(_asserted(one.balances, one.ends_on))
            continue
        lines = "".join(
            [f"  {place.code}  {place.decimal(n)} {place.currency}\n" for place, n in one.lines]
        )
        put(
            f'\n{one.day} * "{_safe(one.kind)}"\n  entry: "{one.id}"\n'
            f'  idem: "{_safe(one.idem_key)}"\n  kind: "{_safe(one.kind)}"\n'
            f"{_undoing(one.reverses_id)}{lines}"
        )
    out.write("\n; at the end\n")
    out.writelines(_asserted(books.standing(span.until), span.until))


def _opened(books: Books) -> Iterator[str]:
    """Open each account before its first use: an entry may be dated before it was recorded."""
    for place in books.places:
        on = min(place.opened_on, books.span.eve)
        yield f"\n{on} open {place.code} {place.currency}\n"
        yield f'  name: "{_safe(place.name)}"\n  opened: {place.opened_on}\n'
        if place.closed_on is not None:
            yield f"  closed: {place.closed_on}\n"


def _carried(books: Books) -> Iterator[str]:
    balances = books.standing(books.span.eve)
    if balances:
        yield f'\n{books.span.eve} * "opening" "Balances brought forward"\n  kind: "opening"\n'
    for place, balance in balances:
        yield f"  {place.code}  {place.decimal(balance)} {place.currency}\n"


def _asserted(balances: Iterable[tuple[Place, int]], day: date) -> Iterator[str]:
    """Assert balances at the end of a day: Beancount checks at the start of the next."""
    yield "\n"
    for place, balance in balances:
        after = min(day, date.max - timedelta(days=1)) + timedelta(days=1)
        yield f"{after} balance {place.code}  {place.decimal(balance)} {place.currency}\n"


def _undoing(entry_id: str) -> str:
    return f'  reverses: "{entry_id}"\n' if entry_id else ""


def _safe(text: str) -> str:
    if '"' in text or "\\" in text or "\n" in text:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return text
