"""How are the jobs of the house and the ends of allocation runs called at the desk?"""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _

JOBS: Final[Mapping[str, Any]] = {
    "scheduler": _("The round that calls all others"),
    "outbox": _("Mails sent"),
    "allocation": _("Gifts allocated"),
    "receipts": _("Receipts made"),
    "annual_receipts": _("Receipts of the year"),
    "guard": _("Watch on cards being tried"),
    "unmatched": _("Notices of the processor sorted in"),
    "returns": _("Refunds and returns"),
    "terms": _("Rates, shares and rules sealed"),
    "catch_up": _("Missed notices read from the processor"),
    "matching": _("Certain bank lines matched"),
    "checkpoints": _("Checkpoints of the books"),
    "expiry": _("Decisions and pledges that end"),
    "rates": _("Exchange rates fetched"),
    "pledges": _("Promised transfers recalled"),
    "followers": _("News to followers"),
    "reminders": _("Reports recalled"),
    "news": _("News to donors"),
    "month_papers": _("Papers of closed months"),
    "digest": _("Work lists by mail"),
    "backup": _("Backup"),
    "drill": _("Trial restore of a backup"),
}
RUN_ENDS: Final[Mapping[str, Any]] = {
    "policy_changed": _("closed: the weights changed"),
    "superseded": _("closed: a newer run followed"),
    "portfolio_changed": _("closed: the projects changed"),
    "caps_shared": _("closed: its limits were shared out, and a new one goes on"),
}
