"""How is a bank's MT940 file read, whatever the dialect, without losing a cent?

Each statement stands for itself: ``:60F:`` or ``:60M:`` opens it and ``:62F:`` or ``:62M:`` closes
it; a file in which no statement is whole is a fault, never an empty import.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from offset.errors import InvalidInput
from offset.gateways.mt940_details import read_details
from offset.money import EXPONENTS, Money
from offset.treasury.ports import Statement, StatementLine

MAX_LINES: Final = 200_000
_FORM: Final = "mt940"
_MAX_TEXT: Final = 1_000
_MAX_FIELD: Final = 20_000
_TAG: Final = re.compile(r":(\d\d[A-Z]?|NS):")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})?(\d{1,15}(?:[.,]\d{0,4})?)\s*", re.ASCII)
_MOVE: Final = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<back>R)?(?P<side>[CD])[A-Z]?"
    r"(?P<amount>\d{1,15}(?:[.,]\d{0,4})?)(?![0-9.,])"
    r"(?:[A-Z][A-Z0-9]{3})?(?P<own>[^\n]*?)(?://(?P<bank>[^\n]*))?(?:\n(?P<more>.*))?",
    re.ASCII | re.DOTALL,
)
_NOTHING: Final = frozenset({"NONREF", "NOTPROVIDED", "EREF", "KREF+", ""})
_HALF_YEAR: Final = timedelta(days=183)
_IBAN: Final = re.compile(r"([A-Z]{2}\d{2}[A-Z0-9]{11,30})")


def looks_like(text: str) -> bool:
    """Say whether a file speaks MT940: it has lines that begin with one of its tags."""
    return re.search(r"^\s*:(?:20|25|28C?|60[FM]|61|940):", text, flags=re.MULTILINE) is not None


def read_mt940(text: str, *, max_lines: int = MAX_LINES) -> tuple[Statement, ...]:
    """Read every statement of a file.

    Raises
    ------
    InvalidInput
        ``statement_…`` with what is wrong and where.
    """
    drafts = list(_drafts(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))))
    if not drafts:
        raise InvalidInput("statement_none", field="file")
    if sum(len(draft.moves) for draft in drafts) > max_lines:
        raise InvalidInput("statement_too_many_lines", field="file", lines=max_lines)
    return tuple(_statement(draft) for draft in drafts)


@dataclass
class _Move:
    """Field 61 and the field 86 that follows it."""

    written: str
    details: str = ""


@dataclass
class _Draft:
    """The fields of one statement as they came."""

    reference: str = ""
    account: str = ""
    number: str = ""
    opening: str = ""
    closing: str = ""
    moves: list[_Move] = field(default_factory=list)


def _drafts(text: str) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for tag, written in _fields(text):
        if tag == "20":
            if draft is not None:
                yield draft
            draft = _Draft(reference=written)
        elif draft is None:
            # Fields before any statement: a cut file, or an envelope of the network.
            continue
        else:
            _take(draft, tag, written)
    if draft is not None:
        yield draft


def _take(draft: _Draft, tag: str, written: str) -> None:
    match tag:
        case "25" | "25P":
            draft.account = written
        case "28" | "28C":
            draft.number = written
        case "60F" | "60M":
            draft.opening = written
        case "62F" | "62M":
            draft.closing = written
        case "61":
            draft.moves.append(_Move(written))
        case "86" | "NS" if draft.moves and not draft.closing:
            # Some banks cut what they tell of a line into several fields.
            move = draft.moves[-1]
            move.details = f"{move.details}\n{written}" if move.details else written


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Cut a file into tags and what stands behind them; ``-`` ends a statement."""
    tag, told = "", list[str]()
    for line in text.split("\n"):
        found = _TAG.match(line.lstrip())
        if found:
            if tag:
                yield tag, "\n".join(told).strip("\n")
            tag, told = found[1], [line.lstrip()[found.end() :]]
        elif tag and re.fullmatch(r"-(?:\}.*|X{3})?\s*", line):
            yield tag, "\n".join(told).strip("\n")
            tag, told = "", []
        elif tag:
            told.append(line)
            if sum(map(len, told)) > _MAX_FIELD:
                raise InvalidInput("statement_amount", field="file", text=told[0][:40], where=tag)
    if tag:
        yield tag, "\n".join(told).strip("\n")


def _statement(draft: _Draft) -> Statement:
    reference = " ".join(f"{draft.reference} {draft.number}".split())
    for told, missing in (
        (draft.account, ":25:"),
        (draft.opening, ":60F:"),
        (draft.closing, ":62F:"),
    ):
        if not told.strip():
            raise InvalidInput("statement_incomplete", field="file", missing=missing)
    opened_on, opening = _balance(draft.opening, None)
    closed_on, closing = _balance(draft.closing, opening.currency)
    sequence = re.match(r"\s*(\d{1,9})", draft.number)
    return Statement(
        reference=reference[:120],
        sequence=int(sequence[1]) if sequence else None,
        account=_account(draft.account),
        opening=opening,
        closing=closing,
        opened_on=opened_on,
        closed_on=closed_on,
        lines=tuple(_line(move, opening.currency) for move in draft.moves),
        form=_FORM,
    )


def _account(written: str) -> str:
    """Return the IBAN where there is one, else the number as the bank writes it."""
    tidy = "".join(written.split()).upper().strip("/")
    found = _IBAN.match(tidy)
    if found is None:
        return tidy
    # Some banks write the currency behind the number.
    return re.sub(r"(?<=\d)(?:EUR|USD|GBP|CHF|PLN)$", "", found[1])


def _balance(written: str, currency: str | None) -> tuple[date, Money]:
    found = _BALANCE.match("".join(written.split()))
    if found is None:
        raise InvalidInput("statement_amount", field="file", text=written[:40], where=":60/:62")
    side, day, told, amount = found.groups()
    money = _money(amount, told or currency or "", written)
    return _day(day, written), -money if side == "D" else money


def _line(move: _Move, currency: str) -> StatementLine:
    found = _MOVE.fullmatch(move.written.strip())
    if found is None:
        raise InvalidInput("statement_line", field="file", text=move.written[:60])
    value_on = _day(found["value"], move.written)
    booked_on = _booked(value_on, found["entry"], move.written)
    money = _money(found["amount"], currency, move.written)
    # A reversed credit takes money away, a reversed debit brings it back.
    out = (found["side"] == "D") is not bool(found["back"])
    details = read_details(move.details)
    own, bank = (_meant(found[name]) for name in ("own", "bank"))
    more = " ".join((found["more"] or "").split())
    return StatementLine(
        amount=-money if out else money,
        booked_on=booked_on,
        value_on=value_on,
        bank_reference=bank,
        end_to_end_id=details.end_to_end_id or own,
        text=(details.text or more)[:_MAX_TEXT],
        counterparty=details.counterparty,
        counterparty_iban=details.iban or (more if _IBAN.fullmatch(more) else None),
        reversal=bool(found["back"]),
    )


def _booked(value_on: date, entry: str | None, where: str) -> date:
    """Return the entry date; it has no year, and lies within half a year of the value date."""
    if entry is None or entry == "0000":
        return value_on
    near = _day(f"{value_on.year % 100:02d}{entry}", where)
    if near - value_on > _HALF_YEAR:
        return _day(f"{(value_on.year - 1) % 100:02d}{entry}", where)
    if value_on - near > _HALF_YEAR:
        return _day(f"{(value_on.year + 1) % 100:02d}{entry}", where)
    return near


def _day(written: str, where: str) -> date:
    try:
        year = int(written[:2])
        return date(year + (1900 if year > 79 else 2000), int(written[2:4]), int(written[4:6]))  # noqa: PLR2004 - SWIFT's century
    except ValueError:
        raise InvalidInput(
            "statement_date", field="file", text=written, where=where.partition("\n")[0][:40]
        ) from None


def _money(written: str, currency: str, where: str) -> Money:
    if currency not in EXPONENTS:
        raise InvalidInput("statement_currency_unknown", field="file", currency=currency[:8])
    whole, _, decimals = written.replace(".", ",").partition(",")
    places = EXPONENTS[currency]
    if decimals[places:].strip("0"):
        raise InvalidInput(
            "statement_amount_precise",
            field="file",
            text=written,
            where=where.partition("\n")[0][:40],
            places=places,
        )
    return Money(int(whole + decimals[:places].ljust(places, "0")), currency)


def _meant(reference: str | None) -> str | None:
    told = " ".join((reference or "").split())
    return None if told.upper() in _NOTHING else told
