"""What would four banks write of the invented year? Files as they come: CAMT.053, MT940, CSV.

The euro account speaks CAMT.053 of version 08, the dollar account MT940, the pound account a
table, the franc account CAMT.053 of version 02.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from offset.money import Money
from offset.sandbox import demo_bank
from offset.treasury.ports import Layout, Sign, StatementLine

LAYOUT: Final = Layout(
    columns={
        "booked_on": ("Date",),
        "money_out": ("Paid out",),
        "money_in": ("Paid in",),
        "text": ("Description",),
        "counterparty": ("Name",),
        "counterparty_iban": ("Account",),
        "bank_reference": ("Reference",),
        "balance": ("Balance",),
    },
    sign=Sign.TWO_COLUMNS,
    decimal=".",
    date_form="DD/MM/YYYY",
    encoding="utf-8",
    delimiter=",",
)
"""How the table of the pound account is read."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One file of one account."""

    account: str
    number: int
    name: str
    data: bytes


def written(
    code: str,
    iban: str,
    *,
    number: int,
    opening: Money,
    lines: Sequence[StatementLine],
    on: date,
) -> Paper:
    """Write one statement that closes on a day."""
    closing = sum((line.amount for line in lines), start=opening)
    match code:
        case "B2":
            data, suffix = _mt940(iban, number, opening, lines, on), "sta"
        case "B3":
            data, suffix = _table(opening, lines), "csv"
        case _:
            data = demo_bank.write_statement(
                account=iban,
                sequence=number,
                opening=opening,
                closing=closing,
                lines=lines,
                at=datetime.combine(on, time(22), UTC),
            )
            suffix = "xml"
            if code == "B4":
                data = data.replace(b"camt.053.001.08", b"camt.053.001.02")
                data = data.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>")
                data = data.replace(b"<Pty>", b"").replace(b"</Pty>", b"")
    name = f"{code}-{on.isoformat()}-{number:03d}.{suffix}"
    return Paper(account=code, number=number, name=name, data=data)


def _mt940(
    iban: str, number: int, opening: Money, lines: Sequence[StatementLine], on: date
) -> bytes:
    closing = sum((line.amount for line in lines), start=opening)
    rows = [":20:STARTUMS", f":25:{iban}", f":28C:{number:05d}/001"]
    first = min((line.booked_on for line in lines), default=on)
    rows.append(f":60F:{_balance(opening, min(first, on))}")
    for line in lines:
        side = "D" if line.amount.minor < 0 else "C"
        day = f"{line.value_on:%y%m%d}{line.booked_on:%m%d}"
        reference = line.bank_reference or "NONREF"
        rows.append(f":61:{day}{side}{_comma(line.amount)}NTRFNONREF//{reference}")
        words = f"EREF+{line.end_to_end_id} SVWZ+{line.text}" if line.end_to_end_id else line.text
        cut = "".join(
            f"?{20 + n}{words[n * 27 : n * 27 + 27]}" for n in range(len(words) // 27 + 1)
        )
        party = f"?31{line.counterparty_iban}" if line.counterparty_iban else ""
        rows.append(f":86:166?00TRANSFER{cut}{party}?32{line.counterparty or ''}")
    rows += [f":62F:{_balance(closing, on)}", "-", ""]
    return "\r\n".join(rows).encode()


def _balance(amount: Money, on: date) -> str:
    side = "D" if amount.minor < 0 else "C"
    return f"{side}{on:%y%m%d}{amount.currency}{_comma(amount)}"


def _comma(amount: Money) -> str:
    return Money(abs(amount.minor), amount.currency).decimal().replace(".", ",")


def _table(opening: Money, lines: Sequence[StatementLine]) -> bytes:
    rows = ["Date,Description,Name,Account,Reference,Paid out,Paid in,Balance"]
    balance = opening
    for line in lines:
        balance += line.amount
        size = Money(abs(line.amount.minor), line.amount.currency).decimal()
        sides = f"{size}," if line.amount.minor < 0 else f",{size}"
        rows.append(
            f'{line.booked_on:%d/%m/%Y},"{line.text}","{line.counterparty or ""}",'
            f"{line.counterparty_iban or ''},{line.bank_reference or ''},{sides},"
            f"{balance.decimal()}"
        )
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode()
