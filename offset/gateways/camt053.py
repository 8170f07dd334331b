"""How is a bank's CAMT.053 or 054 file read without trusting it and without losing a cent?

ISO 20022 ``camt.053.001`` versions 02, 04 and 08 differ in names of a few elements and in their
namespace; some banks declare none. So elements are found by their local name only. The file is
read as a stream: no DTD, no entities, no network, bounded size, depth and number of entries.
A notification (``camt.054``) has entries and no balances; a report of the day (``camt.052``) is
not a statement and is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Final

from lxml import etree

from offset.errors import InvalidInput
from offset.money import EXPONENTS, Money
from offset.treasury.ports import Statement, StatementLine

MAX_BYTES: Final = 100_000_000
MAX_DEPTH: Final = 64
MAX_ENTRIES: Final = 200_000
_MAX_WHOLE_DIGITS: Final = 13
_MAX_TEXT: Final = 1_000
_AMOUNT: Final = re.compile(r"(\d{1,18})(?:\.(\d{0,17}))?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[0-9:.,]{1,20})?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NOTHING: Final = frozenset({"NOTPROVIDED", "NOTAVAILABLE", "NONREF"})
# The line that is made of what the bank kept of a batch; the built-in rule knows these words.
_CHARGES: Final = "BANK CHARGES"
# A statement, and a notification of what was booked.
_WHOLES: Final = frozenset({"Stmt", "Ntfctn"})
_STOPS: Final = ("{*}Stmt", "{*}Ntfctn", "{*}Rpt", "{*}Ntry")
# No DTD, no entities, no network, no tree that grows without an end.
_WARY: Final[Mapping[str, bool]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_TOO_DEEP: Final = etree.XPath(f"boolean({'/'.join('*' * MAX_DEPTH)})")


class Camt053Reader:
    """Reads CAMT.053 bytes into statements; the port is ``treasury.ports.StatementReader``."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES) -> None:
        self.max_bytes = max_bytes
        self.max_entries = max_entries

    def read(self, data: bytes) -> tuple[Statement, ...]:
        """Read every statement of a file.

        Raises
        ------
        InvalidInput
            ``statement_…`` with what is wrong and, where it helps, in which statement or entry.
        """
        if len(data) > self.max_bytes:
            megabytes = self.max_bytes // 10**6
            raise InvalidInput("statement_too_large", field="file", megabytes=megabytes)
        if not data.strip():
            raise InvalidInput("statement_empty", field="file")
        # An empty line before the declaration comes from copying, not from the bank.
        data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        try:
            statements = tuple(_statements(data, self.max_entries))
        except etree.XMLSyntaxError as fault:
            if "depth" in str(fault).lower():  # the parser's own limit, far beyond ours
                raise InvalidInput("statement_too_deep", field="file", depth=MAX_DEPTH) from None
            line = fault.lineno or 0
            raise InvalidInput("statement_not_xml", field="file", line=line) from None
        if not statements:
            raise InvalidInput("statement_none", field="file")
        return statements


@dataclass
class _Gathered:
    """What has been read of the statement that is open in the stream."""

    form: str
    lines: list[StatementLine]
    pending: list[StatementLine]


def _statements(data: bytes, max_entries: int) -> Iterator[Statement]:
    """Stream the file; entries are read and dropped as they close, so memory stays small.

    The parser stops only at what matters: statements, reports and their entries.
    """
    entries = 0
    gathered: _Gathered | None = None
    form = _form(_root(data))
    stream = etree.iterparse(BytesIO(data), events=("start", "end"), tag=_STOPS, **_WARY)
    for event, node in stream:
        name = _name(node)
        if event == "start":
            gathered = _opened(name, form) or gathered
        elif gathered is None:
            continue
        elif name == "Ntry":
            entries += 1
            if entries > max_entries:
                raise InvalidInput("statement_too_many_lines", field="file", lines=max_entries)
            _check_depth(node)
            _gather(node, gathered)
            node.clear(keep_tail=False)
        elif name in _WHOLES:
            read = _statement if name == "Stmt" else _notice
            yield read(node, gathered)
            gathered = None
            node.clear(keep_tail=False)
    _check_depth(stream.root)


def _root(data: bytes) -> etree._Element:
    """Return the first element, which the parser may not reach through a DTD."""
    root: etree._Element = next(iter(etree.iterparse(BytesIO(data), events=("start",), **_WARY)))[1]
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # stubs forget it
        raise InvalidInput("statement_hostile", field="file")
    return root


def _opened(name: str, form: str) -> _Gathered | None:
    """Begin a statement or a notification; a report of the day is neither."""
    if name == "Rpt":
        raise InvalidInput("statement_intraday", field="file")
    return _Gathered(form, [], []) if name in _WHOLES else None


def _check_depth(node: etree._Element) -> None:
    if _TOO_DEEP(node):
        raise InvalidInput("statement_too_deep", field="file", depth=MAX_DEPTH)


def _form(node: etree._Element) -> str:
    """Return the version that the namespace names: ``camt.053.001.08``."""
    found = re.search(r"camt\.05\d\.\d{3}\.\d{2}", " ".join(map(str, node.nsmap.values())))
    return found[0] if found else "camt"


def _name(node: etree._Element) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(node: etree._Element | None, *path: str) -> etree._Element | None:
    """Walk down by local names; None where the path ends early."""
    for step in path:
        if node is None:
            return None
        node = next(node.iterchildren(f"{{*}}{step}"), None)
    return node


def _children(node: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if node is None else list(node.iterchildren(f"{{*}}{name}"))


def _text(node: etree._Element | None, *path: str) -> str | None:
    found = _child(node, *path)
    if found is None or found.text is None:
        return None
    return " ".join(found.text.split())[:_MAX_TEXT] or None


def _statement(node: etree._Element, gathered: _Gathered) -> Statement:
    reference, account = _names(node, "Stmt/Id")
    balances: dict[str | None, list[etree._Element]] = {}
    for one in _children(node, "Bal"):
        code = _text(one, "Tp", "CdOrPrtry", "Cd") or _text(one, "Tp", "CdOrPrtry", "Prtry")
        balances.setdefault(code, []).append(one)
    # A page of a longer statement opens and closes with interim balances.
    interim = balances.get("ITBD", [])
    opening = next(iter(balances.get("OPBD", balances.get("PRCD", interim[:1]))), None)
    closing = next(iter(balances.get("CLBD", interim[-1:])), None)
    if opening is None or closing is None or opening is closing:
        missing = "OPBD" if opening is None else "CLBD"
        raise InvalidInput("statement_incomplete", field="file", missing=missing)
    return Statement(
        reference=reference,
        sequence=_sequence(node),
        account=account,
        opening=_signed(opening, reference),
        closing=_signed(closing, reference),
        opened_on=_day(opening, "Dt", reference),
        closed_on=_day(closing, "Dt", reference),
        lines=tuple(gathered.lines),
        pending=tuple(gathered.pending),
        form=gathered.form,
    )


def _notice(node: etree._Element, gathered: _Gathered) -> Statement:
    """Read a notification: what lines are made of, no balances."""
    if not gathered.lines:
        raise InvalidInput("statement_notice_empty", field="file")
    reference, account = _names(node, "Ntfctn/Id")
    nothing = Money(0, gathered.lines[0].amount.currency)
    days = [line.booked_on for line in gathered.lines]
    return Statement(
        reference=reference,
        sequence=_sequence(node),
        account=account,
        opening=nothing,
        closing=nothing,
        opened_on=min(days),
        closed_on=max(days),
        lines=tuple(gathered.lines),
        pending=tuple(gathered.pending),
        form=gathered.form,
        notice=True,
    )


def _names(node: etree._Element, missing: str) -> tuple[str, str]:
    reference = _text(node, "Id")
    if reference is None:
        raise InvalidInput("statement_incomplete", field="file", missing=missing)
    account = _text(node, "Acct", "Id", "IBAN") or _text(node, "Acct", "Id", "Othr", "Id")
    if account is None:
        raise InvalidInput("statement_incomplete", field="file", missing="Acct/Id")
    return reference, "".join(account.split()).upper()


def _sequence(node: etree._Element) -> int | None:
    told = _text(node, "ElctrncSeqNb") or _text(node, "LglSeqNb")
    return int(told) if told and re.fullmatch(r"[0-9]{1,18}", told) else None


def _gather(entry: etree._Element, gathered: _Gathered) -> None:
    """Read one entry; what is not booked stays apart."""
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    # Banks announce things of 0.00: they move nothing.
    read = [line for line in _lines(entry) if line.amount]
    (gathered.lines if status in {None, "BOOK"} else gathered.pending).extend(read)


def _lines(entry: etree._Element) -> list[StatementLine]:
    """Cut a batch entry into its transactions; an entry that cannot be cut stays one line."""
    reference = _text(entry, "AcctSvcrRef")
    total = _signed(entry, reference or _text(entry, "NtryRef") or "")
    details = [
        detail for group in _children(entry, "NtryDtls") for detail in _children(group, "TxDtls")
    ]
    amounts = _parts(details, total)
    if not amounts:
        return [_uncut(entry, details, total, reference)]
    kept = Money(total.minor - sum(amount.minor for amount in amounts), total.currency)
    if kept and -kept.minor not in _charges(entry, details, total.currency):
        raise InvalidInput("statement_batch_differs", field="file", amount=total)
    lines = [
        _line(entry, detail, amount, f"{reference}/{number}" if reference else None)
        for number, (detail, amount) in enumerate(zip(details, amounts, strict=True), start=1)
    ]
    if kept:
        whole = _line(entry, None, kept, f"{reference}/{len(lines) + 1}" if reference else None)
        lines.append(replace(whole, text=f"{_CHARGES} {whole.text}".strip()[:_MAX_TEXT]))
    return lines


def _charges(entry: etree._Element, details: list[etree._Element], currency: str) -> frozenset[int]:
    """Return what the bank may have kept of a batch: as the entry states it, or its parts do."""
    of_parts = [one for part in details for one in _children(part, "Chrgs")]
    return frozenset(
        _charged(charges, currency) for charges in (_children(entry, "Chrgs"), of_parts)
    )


def _charged(charges: list[etree._Element], currency: str) -> int:
    """Add what is stated as charges: the total where one stands, else its records (v2: Amt)."""
    found = 0
    for one in charges:
        total = _child(one, "TtlChrgsAndTaxAmt")
        records = [_child(record, "Amt") for record in _children(one, "Rcrd")]
        stated = [total] if total is not None else records or [_child(one, "Amt")]
        found += sum(
            _exact(amount, "").minor
            for amount in stated
            if amount is not None and amount.get("Ccy") == currency
        )
    return found


def _uncut(
    entry: etree._Element, details: list[etree._Element], total: Money, reference: str | None
) -> StatementLine:
    """Keep an entry as one line; what its parts say is kept as its text."""
    if len(details) <= 1:
        return _line(entry, details[0] if details else None, total, reference)
    whole = _line(entry, None, total, reference)
    told = [_line(entry, detail, total, reference).text for detail in details]
    text = " / ".join(dict.fromkeys(part for part in told if part)) or whole.text
    return replace(whole, text=text[:_MAX_TEXT])


def _parts(details: list[etree._Element], total: Money) -> list[Money]:
    """Read the amounts of a batch; empty when there is no batch or a part has no amount."""
    if len(details) <= 1:
        return []
    parts = []
    for detail in details:
        holder = _holder(detail)
        if holder is None or holder.get("Ccy") != total.currency:
            return []
        minor = _exact(holder, "").minor
        stated = _text(detail, "CdtDbtInd")
        negative = stated == "DBIT" if stated else total.minor < 0
        parts.append(Money(-minor if negative else minor, total.currency))
    # What is taken back may be told with the side of the first booking.
    return [-part for part in parts] if _mirrored(parts, total) else parts


def _mirrored(parts: list[Money], total: Money) -> bool:
    return sum(part.minor for part in parts) == -total.minor


def _holder(detail: etree._Element) -> etree._Element | None:
    """Find where a transaction states its amount: v4 and v8 directly, v2 inside AmtDtls."""
    direct = _child(detail, "Amt")
    return direct if direct is not None else _child(detail, "AmtDtls", "TxAmt", "Amt")


def _line(
    entry: etree._Element, detail: etree._Element | None, amount: Money, reference: str | None
) -> StatementLine:
    name = reference or ""
    booked = _booked(entry, name)
    parties = _child(detail, "RltdPties")
    # On a credit the other side is the debtor, on a debit the creditor; a reversal swaps them.
    reversal = _text(entry, "RvslInd") in {"true", "1"}
    side = "Dbtr" if (amount.minor > 0) is not reversal else "Cdtr"
    remittance = _child(detail, "RmtInf")
    told = [" ".join((part.text or "").split()) for part in _children(remittance, "Ustrd")]
    extra = _text(entry, "AddtlNtryInf") or _text(detail, "AddtlTxInf")
    iban = _text(parties, f"{side}Acct", "Id", "IBAN")
    return StatementLine(
        amount=amount,
        booked_on=booked,
        value_on=_day(entry, "ValDt", name, default=booked),
        bank_reference=reference,
        end_to_end_id=_meant(_text(detail, "Refs", "EndToEndId")),
        creditor_reference=_text(remittance, "Strd", "CdtrRefInf", "Ref"),
        text=(" ".join(part for part in told if part) or extra or "")[:_MAX_TEXT],
        counterparty=_text(parties, side, "Nm") or _text(parties, side, "Pty", "Nm"),
        counterparty_iban="".join(iban.split()).upper() if iban else None,
        reversal=reversal,
    )


def _meant(reference: str | None) -> str | None:
    """Drop the words by which banks say that there is no reference."""
    return None if reference is None or reference.upper() in _NOTHING else reference


def _signed(node: etree._Element, where: str) -> Money:
    amount = _child(node, "Amt")
    side = _text(node, "CdtDbtInd")
    if amount is None or side not in {"CRDT", "DBIT"}:
        missing = "Amt" if amount is None else "CdtDbtInd"
        raise InvalidInput("statement_incomplete", field="file", missing=missing, where=where)
    money = _exact(amount, where)
    return money if side == "CRDT" else -money


def _exact(node: etree._Element, where: str) -> Money:
    """Read a decimal exactly; a digit that the currency has no coin for is a fault."""
    written = (node.text or "").strip()
    currency = node.get("Ccy", "")
    if not currency:
        raise InvalidInput("statement_incomplete", field="file", missing="Amt/@Ccy")
    found = _AMOUNT.fullmatch(written)
    if currency not in EXPONENTS:
        raise InvalidInput("statement_currency_unknown", field="file", currency=currency[:8])
    if found is None or len(found[1].lstrip("0")) > _MAX_WHOLE_DIGITS:
        raise InvalidInput("statement_amount", field="file", text=written[:40], where=where)
    places = EXPONENTS[currency]
    decimals = found[2] or ""
    if decimals[places:].strip("0"):
        raise InvalidInput(
            "statement_amount_precise", field="file", text=written[:40], where=where, places=places
        )
    return Money(int(found[1] + decimals[:places].ljust(places, "0")), currency)


def _day(node: etree._Element, name: str, where: str, *, default: date | None = None) -> date:
    """Read ``<name><Dt>`` or ``<name><DtTm>``; the day is the one the bank wrote."""
    text = _text(node, name, "Dt") or _text(node, name, "DtTm")
    if text is None:
        if default is not None:
            return default
        raise InvalidInput("statement_incomplete", field="file", missing=f"{_name(node)}/{name}")
    found = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError:
        raise InvalidInput("statement_date", field="file", text=text[:40], where=where) from None


def _booked(entry: etree._Element, where: str) -> date:
    """Return the day of booking; where the bank leaves it out, the nearest that it states.

    The standard lets banks leave days out, above all of what is only announced. The balances of
    a statement stand before its entries.
    """
    for name in ("BookgDt", "ValDt"):
        if _child(entry, name) is not None:
            return _day(entry, name, where)
    stated = None
    whole = entry.getparent()
    for one in () if whole is None else whole.iterchildren("{*}Bal", "{*}Ntry"):
        if _name(one) == "Ntry":
            break
        if _text(one, "Tp", "CdOrPrtry", "Cd") in {"CLBD", "ITBD"}:
            stated = _day(one, "Dt", where)
    return _day(entry, "BookgDt", where, default=stated)
