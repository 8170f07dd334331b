"""What do Stripe's own reports say of past payouts? Two itemised CSV files, read exactly.

For periods that the interface lists no longer, and for auditors: amounts are in major units of the
settlement currency, times in UTC. The movements of a payout must make its amount to the unit.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from offset.errors import InvalidInput
from offset.giving.ports import BalanceTransaction, ChargeFacts, PayoutFacts
from offset.money import EXPONENTS, Money

MAX_BYTES: Final = 100_000_000
MAX_ROWS: Final = 500_000
_ITEMS: Final = (
    *("automatic_payout_id", "balance_transaction_id", "created_utc", "currency"),
    *("gross", "fee", "net", "reporting_category"),
)
_PAYOUTS: Final = (
    *("payout_id", "effective_at_utc", "currency", "gross", "fee", "net", "balance_transaction_id"),
    *("payout_status",),
)
# The column in which the report repeats what we wrote beside a payment.
_MARK: Final = "payment_metadata[donation]"
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_AMOUNT: Final = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,6}))?", re.ASCII)
# Stripe's types where they differ from the category; the category decides how it is booked.
_TYPES: Final = {"dispute": "adjustment", "dispute_reversal": "adjustment", "fee": "stripe_fee"}


class StripeReportReader:
    """Reads the two reports; the port is ``treasury.ports.ReportReader``."""

    def read(self, items: bytes, payouts: bytes) -> tuple[PayoutFacts, ...]:
        """Read payouts with their movements.

        Raises
        ------
        InvalidInput
            ``report_…`` with the row or the payout.
        """
        found: defaultdict[str, list[BalanceTransaction]] = defaultdict(list)
        charges: defaultdict[str, list[ChargeFacts]] = defaultdict(list)
        for number, row in enumerate(_rows(items, _ITEMS), start=2):
            payout, movement = row["automatic_payout_id"], _movement(row, number)
            found[payout].append(movement)
            if row["reporting_category"] == "charge" and movement.source_id:
                charges[payout].append(_charge(row, movement, number))
        told = tuple(
            replace(
                _payout(row, found[row["payout_id"]], number),
                charges=tuple(charges[row["payout_id"]]),
            )
            for number, row in enumerate(_rows(payouts, _PAYOUTS), start=2)
        )
        lost = sorted(set(found) - {one.payout_id for one in told})
        if lost:
            raise InvalidInput("report_payout_missing", field="file", payout=lost[0][:40])
        if not told:
            raise InvalidInput("report_empty", field="file")
        return told


def _rows(data: bytes, needed: tuple[str, ...]) -> list[dict[str, str]]:
    if len(data) > MAX_BYTES:
        raise InvalidInput("statement_too_large", field="file", megabytes=MAX_BYTES // 10**6)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("statement_encoding", field="file", encoding="utf-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInput("report_columns", field="file", missing=", ".join(missing))
        rows = [
            {name: value for name, value in row.items() if isinstance(value, str)} for row in reader
        ]
    except csv.Error:
        raise InvalidInput("statement_table", field="file", row=reader.line_num) from None
    if len(rows) > MAX_ROWS:
        raise InvalidInput("statement_too_many_lines", field="file", lines=MAX_ROWS)
    for number, row in enumerate(rows, start=2):
        if any(name not in row for name in needed):
            raise InvalidInput("statement_table", field="file", row=number)
    return rows


def _movement(row: Mapping[str, str], number: int) -> BalanceTransaction:
    created = _time(row["created_utc"], number)
    gross, fee, net = (_money(row, name, number) for name in ("gross", "fee", "net"))
    if gross - fee != net:
        raise InvalidInput("report_amount", field="file", row=number, text=row["net"][:40])
    category = row["reporting_category"]
    available = row.get("available_on_utc") or row["created_utc"]
    return BalanceTransaction(
        id=row["balance_transaction_id"],
        reporting_category=category,
        type=_TYPES.get(category, category),
        amount=gross,
        fee=fee,
        net=net,
        created=created,
        available_on=_time(available, number),
        source_id=row.get("source_id") or row.get("charge_id") or None,
        exchange_rate=None,
        payout_id=row["automatic_payout_id"],
    )


def _charge(row: Mapping[str, str], movement: BalanceTransaction, number: int) -> ChargeFacts:
    """Read what a row tells of the payment: our mark on it, and what the donor saw."""
    seen = {"currency": row.get("customer_facing_currency") or ""}
    presented = movement.amount
    if seen["currency"] and row.get("customer_facing_amount"):
        seen["customer_facing_amount"] = row["customer_facing_amount"]
        presented = _money(seen, "customer_facing_amount", number)
    return ChargeFacts(
        charge_id=movement.source_id or "",
        payment_intent_id=row.get("payment_intent_id") or None,
        donation_id=row.get(_MARK) or None,
        status="succeeded",
        presented=presented,
        movement=movement,
        method=row.get("payment_method_type") or None,
    )


def _payout(row: Mapping[str, str], items: list[BalanceTransaction], number: int) -> PayoutFacts:
    gross, fee, net = (_money(row, name, number) for name in ("gross", "fee", "net"))
    total = sum((item.net for item in items), start=Money(0, gross.currency))
    if total != -net or gross - fee != net:
        raise InvalidInput(
            "report_sum", field="file", payout=row["payout_id"][:40], items=total, payout_net=-net
        )
    created = _time(row["effective_at_utc"], number)
    arrives = row.get("payout_expected_arrival_date") or row["effective_at_utc"]
    own = BalanceTransaction(
        id=row["balance_transaction_id"],
        reporting_category="payout",
        type="payout",
        amount=gross,
        fee=fee,
        net=net,
        created=created,
        available_on=created,
        source_id=row["payout_id"],
        exchange_rate=None,
    )
    return PayoutFacts(
        payout_id=row["payout_id"],
        status=row["payout_status"],
        amount=-gross,
        created=created,
        arrival=_time(arrives, number),
        itemised=True,
        descriptor=row.get("description") or None,
        trace_id=row.get("trace_id") or None,
        movement=own,
        items=tuple(items),
    )


def _money(row: Mapping[str, str], name: str, number: int) -> Money:
    currency = row["currency"].upper()
    if currency not in EXPONENTS:
        raise InvalidInput("statement_currency_unknown", field="file", currency=currency[:8])
    found = _AMOUNT.fullmatch(row[name].strip())
    places = EXPONENTS[currency]
    decimals = (found[3] or "") if found else ""
    if found is None or decimals[places:].strip("0"):
        raise InvalidInput("report_amount", field="file", row=number, text=row[name][:40])
    minor = int(found[2] + decimals[:places].ljust(places, "0"))
    return Money(-minor if found[1] else minor, currency)


def _time(written: str, number: int) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(written.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise InvalidInput("report_time", field="file", row=number, text=written[:40])
