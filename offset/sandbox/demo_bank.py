"""What would the demonstration's bank send? A CAMT.053 file, version 8, made from given lines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from lxml import etree

from offset.clock import utc_day
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
    """Write one statement of one account as a bank would."""
    document = etree.Element("Document", nsmap={None: _NAMESPACE})  # type: ignore[dict-item]  # lxml takes None for the default
    body = etree.SubElement(document, "BkToCstmrStmt")
    header = etree.SubElement(body, "GrpHdr")
    _text(header, "MsgId", f"DEMO-{sequence:04d}")
    _text(header, "CreDtTm", at.isoformat())
    statement = etree.SubElement(body, "Stmt")
    _text(statement, "Id", f"DEMO-STATEMENT-{sequence}")
    _text(statement, "ElctrncSeqNb", str(sequence))
    _text(statement, "CreDtTm", at.isoformat())
    holder = etree.SubElement(statement, "Acct")
    _text(etree.SubElement(holder, "Id"), "IBAN", account)
    _text(holder, "Ccy", opening.currency)
    first = min((line.booked_on for line in lines), default=utc_day(at))
    _balance(statement, "OPBD", opening, first.isoformat())
    _balance(statement, "CLBD", closing, utc_day(at).isoformat())
    for line in lines:
        _entry(statement, line)
    return bytes(
        etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    )


def _balance(statement: etree._Element, code: str, amount: Money, day: str) -> None:
    balance = etree.SubElement(statement, "Bal")
    kind = etree.SubElement(etree.SubElement(balance, "Tp"), "CdOrPrtry")
    _text(kind, "Cd", code)
    _amount(balance, amount)
    _text(etree.SubElement(balance, "Dt"), "Dt", day)


def _entry(statement: etree._Element, line: StatementLine) -> None:
    entry = etree.SubElement(statement, "Ntry")
    _amount(entry, line.amount)
    _text(etree.SubElement(entry, "Sts"), "Cd", "BOOK")
    _text(etree.SubElement(entry, "BookgDt"), "Dt", line.booked_on.isoformat())
    _text(etree.SubElement(entry, "ValDt"), "Dt", line.value_on.isoformat())
    _text(entry, "AcctSvcrRef", line.bank_reference or "")
    detail = etree.SubElement(etree.SubElement(entry, "NtryDtls"), "TxDtls")
    if line.end_to_end_id:
        _text(etree.SubElement(detail, "Refs"), "EndToEndId", line.end_to_end_id)
    if line.counterparty:
        side = "Dbtr" if line.amount.minor > 0 else "Cdtr"
        party = etree.SubElement(etree.SubElement(detail, "RltdPties"), side)
        _text(etree.SubElement(party, "Pty"), "Nm", line.counterparty)
    _text(etree.SubElement(detail, "RmtInf"), "Ustrd", line.text)


def _amount(parent: etree._Element, amount: Money) -> None:
    written = Money(abs(amount.minor), amount.currency).decimal()
    _text(parent, "Amt", written).set("Ccy", amount.currency)
    _text(parent, "CdtDbtInd", "DBIT" if amount.minor < 0 else "CRDT")


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text
    return element
