"""What may be read about gifts? One module a question; the names are gathered here."""

from offset.giving.queries.desk import (
    DonationDetail,
    DonationLine,
    EventLine,
    InboxLine,
    MovementLine,
    donation,
    donations,
    inbox_to_check,
)
from offset.giving.queries.figures import LastRun, last_run, received_this_month
from offset.giving.queries.gift_page import (
    STEPS,
    Chosen,
    GiftPage,
    GiftReturn,
    GiftRow,
    GiftStep,
    ReceiptLink,
    Split,
    gift,
    gift_of_session,
)
from offset.giving.queries.receipt_page import ReceiptPage, receipt, receipt_pdf
from offset.giving.queries.runs import EpochView, PolicyView, epochs, policies

__all__ = [
    "STEPS",
    "Chosen",
    "DonationDetail",
    "DonationLine",
    "EpochView",
    "EventLine",
    "GiftPage",
    "GiftReturn",
    "GiftRow",
    "GiftStep",
    "InboxLine",
    "LastRun",
    "MovementLine",
    "PolicyView",
    "ReceiptLink",
    "ReceiptPage",
    "Split",
    "donation",
    "donations",
    "epochs",
    "gift",
    "gift_of_session",
    "inbox_to_check",
    "last_run",
    "policies",
    "receipt",
    "receipt_pdf",
    "received_this_month",
]
