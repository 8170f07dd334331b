"""The secretariat's room: import, match, allocate, pay, and see where every cent stands."""

from offset.web.secretariat import (
    allocation,
    by_hand,
    closing,
    committee,
    disbursements,
    disputes,
    exports,
    home,
    journal,
    measurements,
    projects,
    receipts,
    reconciliation,
    refunds,
    statements,
    updates,
)
from offset.web.secretariat.room import blueprint

__all__ = [
    "allocation",
    "blueprint",
    "by_hand",
    "closing",
    "committee",
    "disbursements",
    "disputes",
    "exports",
    "home",
    "journal",
    "measurements",
    "projects",
    "receipts",
    "reconciliation",
    "refunds",
    "statements",
    "updates",
]
