"""Which rows would the processor's reports hold of the invented year? Stripe's own columns."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from offset.sandbox.year.processor import YearProcessor

_ITEMS = (
    *("automatic_payout_id", "automatic_payout_effective_at_utc", "balance_transaction_id"),
    *("created_utc", "available_on_utc", "currency", "gross", "fee", "net", "reporting_category"),
    *("source_id", "description"),
)
_PAYOUTS = (
    *("payout_id", "effective_at_utc", "currency", "gross", "fee", "net", "reporting_category"),
    *("balance_transaction_id", "description", "payout_expected_arrival_date", "payout_status"),
    *("payout_type", "trace_id"),
)


def items(processor: YearProcessor) -> str:
    """Write the itemised payout reconciliation report."""
    return _written(
        _ITEMS,
        (
            (
                payout.payout_id,
                _time(payout.created),
                item.id,
                _time(item.created),
                _time(item.available_on),
                item.amount.currency.lower(),
                item.amount.decimal(),
                item.fee.decimal(),
                item.net.decimal(),
                item.reporting_category,
                item.source_id or "",
                item.reporting_category,
            )
            for payout in processor.paid_out()
            for item in payout.items
        ),
    )


def payouts(processor: YearProcessor) -> str:
    """Write the itemised payouts report."""
    return _written(
        _PAYOUTS,
        (
            (
                payout.payout_id,
                _time(payout.created),
                payout.amount.currency.lower(),
                (-payout.amount).decimal(),
                "0.00",
                (-payout.amount).decimal(),
                "payout",
                payout.movement.id if payout.movement else "",
                "STRIPE PAYOUT",
                payout.arrival.date().isoformat(),
                payout.status,
                "bank_account",
                "",
            )
            for payout in processor.paid_out()
        ),
    )


def _written(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
