"""How is our bank told to pay? A file ``pain.001.001.09`` for SEPA, the same bytes each time.

One payment information block, booked as one batch; every creditor with an address in parts. The
characters are those of the European Payments Council's implementation guidelines: letters without
accents, digits and a few marks; other letters are written with these.
"""

import re
from datetime import UTC
from typing import Final

from lxml import etree

from offset.errors import InvalidInput
from offset.money import Money
from offset.treasury import names
from offset.treasury.payee_ports import Party, Transfer, TransferBatch

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_CURRENCY: Final = "EUR"  # the scheme pays in nothing else
_MOST: Final = 99_999_999_999  # 999,999,999.99 euros, the scheme's own limit, in cents
_NAME: Final = 70
_TEXT: Final = 140
_REFERENCE: Final = 35
_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_SPELLED: Final = {"&": " + ", "@": "(at)", "_": "-", ";": ",", "\u2013": "-", "\u2014": "-"}
_IDENTIFIER: Final = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/\-?:().,'+ ]{1,35}(?<!/)", re.ASCII)


class Pain001Writer:
    """Writes credit transfers; the port is ``treasury.payee_ports.TransferWriter``."""

    def write(self, batch: TransferBatch) -> bytes:
        """Write a batch; the same batch gives the same bytes.

        Raises
        ------
        InvalidInput
            ``transfer_none``, ``transfer_currency``, ``transfer_amount``, ``transfer_name`` or
            ``transfer_reference`` with the payment it is about.
        """
        if not batch.transfers:
            raise InvalidInput("transfer_none")
        for transfer in batch.transfers:
            _check(transfer)
        _identifier(batch.message_id)
        root = etree.Element(_tag("Document"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # no prefix; the stubs forget it
        whole = etree.SubElement(root, _tag("CstmrCdtTrfInitn"))
        _header(whole, batch)
        _block(whole, batch)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def plain(text: str, longest: int) -> str:
    """Write a text with the letters that every bank of SEPA takes."""
    told = text
    for letter, spelled in _SPELLED.items():
        told = told.replace(letter, spelled)
    told = "".join(_letter(one) for one in told)
    return " ".join(told.split())[:longest].strip()


def _letter(letter: str) -> str:
    if not _OUTSIDE.match(letter):
        return letter
    folded = names.fold(letter)
    # A letter of another alphabet becomes several; the first one keeps the capital.
    written = folded.capitalize() if letter.isupper() else folded
    return "" if not folded else _OUTSIDE.sub(" ", written)


def _check(transfer: Transfer) -> None:
    told = {"number": transfer.end_to_end_id}
    if transfer.amount.currency != _CURRENCY:
        raise InvalidInput("transfer_currency", **told, currency=transfer.amount.currency)
    if not 0 < transfer.amount.minor <= _MOST:
        raise InvalidInput("transfer_amount", **told)
    if not plain(transfer.creditor.name, _NAME):
        # An empty name would make the bank refuse the whole file.
        raise InvalidInput("transfer_name", **told, name=transfer.creditor.name[:_NAME])
    _identifier(transfer.end_to_end_id)


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise InvalidInput("transfer_reference", number=text[:_REFERENCE])
    return text


def _header(whole: etree._Element, batch: TransferBatch) -> None:
    head = _child(whole, "GrpHdr")
    _child(head, "MsgId", batch.message_id)
    made = batch.made_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    _child(head, "CreDtTm", f"{made.isoformat()}Z")
    _child(head, "NbOfTxs", str(len(batch.transfers)))
    _child(head, "CtrlSum", _total(batch))
    _child(_child(head, "InitgPty"), "Nm", plain(batch.debtor.name, _NAME))


def _block(whole: etree._Element, batch: TransferBatch) -> None:
    block = _child(whole, "PmtInf")
    _child(block, "PmtInfId", batch.message_id)
    _child(block, "PmtMtd", "TRF")
    _child(block, "BtchBookg", "true")
    _child(block, "NbOfTxs", str(len(batch.transfers)))
    _child(block, "CtrlSum", _total(batch))
    _child(_child(_child(block, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _child(_child(block, "ReqdExctnDt"), "Dt", batch.execute_on.isoformat())
    _party(_child(block, "Dbtr"), batch.debtor)
    _account(_child(block, "DbtrAcct"), batch.debtor, currency=_CURRENCY)
    _agent(_child(block, "DbtrAgt"), batch.debtor.bic)
    _child(block, "ChrgBr", "SLEV")
    for transfer in batch.transfers:
        _transfer(block, transfer)


def _transfer(block: etree._Element, transfer: Transfer) -> None:
    told = _child(block, "CdtTrfTxInf")
    ids = _child(told, "PmtId")
    _child(ids, "InstrId", transfer.end_to_end_id)
    _child(ids, "EndToEndId", transfer.end_to_end_id)
    amount = _child(_child(told, "Amt"), "InstdAmt", transfer.amount.decimal())
    amount.set("Ccy", transfer.amount.currency)
    if transfer.creditor.bic:
        _agent(_child(told, "CdtrAgt"), transfer.creditor.bic)
    _party(_child(told, "Cdtr"), transfer.creditor)
    _account(_child(told, "CdtrAcct"), transfer.creditor)
    text = plain(transfer.text, _TEXT)
    if text:
        _child(_child(told, "RmtInf"), "Ustrd", text)


def _party(node: etree._Element, party: Party) -> None:
    _child(node, "Nm", plain(party.name, _NAME))
    if not party.town:
        return  # an address in parts needs its town; none at all is allowed
    address = _child(node, "PstlAdr")
    for tag, text in (
        ("StrtNm", plain(party.street, 70)),
        ("PstCd", plain(party.postcode, 16)),
        ("TwnNm", plain(party.town, 35)),
        ("Ctry", party.country),
    ):
        if text:
            _child(address, tag, text)


def _account(node: etree._Element, party: Party, *, currency: str = "") -> None:
    _child(_child(node, "Id"), "IBAN", party.iban)
    if currency:
        _child(node, "Ccy", currency)


def _agent(node: etree._Element, bic: str | None) -> None:
    bank = _child(node, "FinInstnId")
    if bic:
        _child(bank, "BICFI", bic)
    else:
        _child(_child(bank, "Othr"), "Id", "NOTPROVIDED")


def _total(batch: TransferBatch) -> str:
    total = sum((one.amount for one in batch.transfers), start=Money(0, _CURRENCY))
    return total.decimal()


def _child(node: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(node, _tag(name))
    child.text = text
    return child


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
