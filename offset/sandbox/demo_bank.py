"""What would the bank of the demonstration write? A CAMT.053 file of version 08."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from xml.sax.saxutils import escape

from offset.money import Money
from offset.treasury.ports import StatementLine

_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def statement(
    *,
    account: str,
    opening: Money,
    lines: Sequence[StatementLine],
    number: int,
    on: date,
    at: datetime,
) -> bytes:
    """Write one statement whose closing follows from its opening and its lines.

    Parameters
    ----------
    account
        The IBAN of the account.
    opening
        What the account held before the first line: the closing of the statement before.
    number
        The statement's number; it also names it.
    on
        The day the statement closes.
    at
        When the bank wrote it.
    """
    closing = sum((line.amount for line in lines), start=opening)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{_NAMESPACE}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>DEMO-{number}</MsgId><CreDtTm>{at.isoformat()}</CreDtTm></GrpHdr>\n"
        f"<Stmt>\n<Id>DEMO-{on.year}-{number:03d}</Id>\n"
        f"<ElctrncSeqNb>{number}</ElctrncSeqNb>\n<CreDtTm>{at.isoformat()}</CreDtTm>\n"
        f"<Acct><Id><IBAN>{escape(account)}</IBAN></Id><Ccy>{opening.currency}</Ccy></Acct>\n"
        f"{_balance('OPBD', opening, on)}{_balance('CLBD', closing, on)}"
        f"{''.join(_entry(line, number, place) for place, line in enumerate(lines, start=1))}"
        "</Stmt>\n</BkToCstmrStmt>\n</Document>\n"
    ).encode()


def payout_line(amount: Money, *, on: date, payout_id: str) -> StatementLine:
    """Describe the arrival of a payout as the bank states it."""
    return StatementLine(
        amount=amount,
        booked_on=on,
        value_on=on,
        end_to_end_id=payout_id,
        text="STRIPE",
        counterparty="STRIPE PAYMENTS EUROPE LTD",
    )


def payment_line(amount: Money, *, on: date, number: str, holder: str) -> StatementLine:
    """Describe the debit of a payment to a project, by its end-to-end id."""
    return StatementLine(
        amount=-amount,
        booked_on=on,
        value_on=on,
        end_to_end_id=number,
        text=f"PAYMENT {number}",
        counterparty=holder,
    )


def charge_line(amount: Money, *, on: date) -> StatementLine:
    """Describe the bank's own charge."""
    return StatementLine(
        amount=-amount, booked_on=on, value_on=on, text="FRAIS TENUE DE COMPTE"
    )


def _balance(code: str, amount: Money, on: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(amount)}"
        f"<Dt><Dt>{on.isoformat()}</Dt></Dt></Bal>\n"
    )


def _entry(line: StatementLine, number: int, place: int) -> str:
    side = "Dbtr" if line.amount.minor > 0 else "Cdtr"
    party = (
        f"<RltdPties><{side}><Pty><Nm>{escape(line.counterparty)}</Nm></Pty></{side}></RltdPties>"
        if line.counterparty
        else ""
    )
    reference = line.bank_reference or f"DEMO-{number}-{place}"
    return (
        f"<Ntry>{_amount(line.amount)}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{line.booked_on.isoformat()}</Dt></BookgDt>"
        f"<ValDt><Dt>{line.value_on.isoformat()}</Dt></ValDt>"
        f"<AcctSvcrRef>{escape(reference)}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{escape(line.end_to_end_id or 'NOTPROVIDED')}</EndToEndId></Refs>"
        f"{party}<RmtInf><Ustrd>{escape(line.text)}</Ustrd></RmtInf>"
        "</TxDtls></NtryDtls></Ntry>\n"
    )


def _amount(amount: Money) -> str:
    size = Money(abs(amount.minor), amount.currency)
    side = "DBIT" if amount.minor < 0 else "CRDT"
    return (
        f'<Amt Ccy="{amount.currency}">{size.decimal()}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
    )
