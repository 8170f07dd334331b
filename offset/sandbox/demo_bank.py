"""What would the bank of the demonstration write? A CAMT.053 file of version 08."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from xml.sax.saxutils import escape

from offset.money import Money
from offset.treasury.ports import StatementLine

_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def write_statement(
    *,
    account: str,
    sequence: int,
    opening: Money,
    closing: Money,
    lines: Sequence[StatementLine],
    at: datetime,
) -> bytes:
    """Write one statement of one account.

    Parameters
    ----------
    account
        The IBAN of the account.
    sequence
        The statement's number; it also names it.
    opening, closing
        What the account held before and after the lines; the import refuses a file whose lines
        do not make the difference.
    at
        When the bank wrote it; its day closes the statement.
    """
    on = at.date()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{_NAMESPACE}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>DEMO-{sequence}</MsgId><CreDtTm>{at.isoformat()}</CreDtTm></GrpHdr>\n"
        f"<Stmt>\n<Id>DEMO-{on.year}-{sequence:03d}</Id>\n"
        f"<ElctrncSeqNb>{sequence}</ElctrncSeqNb>\n<CreDtTm>{at.isoformat()}</CreDtTm>\n"
        f"<Acct><Id><IBAN>{escape(account)}</IBAN></Id><Ccy>{opening.currency}</Ccy></Acct>\n"
        f"{_balance('OPBD', opening, on)}{_balance('CLBD', closing, on)}"
        f"{''.join(_entry(line, sequence, place) for place, line in enumerate(lines, start=1))}"
        "</Stmt>\n</BkToCstmrStmt>\n</Document>\n"
    ).encode()


def _balance(code: str, amount: Money, on: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(amount)}"
        f"<Dt><Dt>{on.isoformat()}</Dt></Dt></Bal>\n"
    )


def _entry(line: StatementLine, number: int, place: int) -> str:
    side = "Dbtr" if line.amount.minor > 0 else "Cdtr"
    party = (
        f"<{side}><Pty><Nm>{escape(line.counterparty)}</Nm></Pty></{side}>"
        if line.counterparty
        else ""
    )
    account = (
        f"<{side}Acct><Id><IBAN>{escape(line.counterparty_iban)}</IBAN></Id></{side}Acct>"
        if line.counterparty_iban
        else ""
    )
    party = f"<RltdPties>{party}{account}</RltdPties>" if party or account else ""
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
    return f'<Amt Ccy="{amount.currency}">{size.decimal()}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
