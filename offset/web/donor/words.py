"""How is a contribution told to the person who gave it?"""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from offset.giving.models import DonationStatus, Overflow, RecurringStatus
from offset.giving.queries import GiftPage, GiftStep, MonthlyPage
from offset.people.access import Role
from offset.web.templating import locale, money, write_day
from offset.web.themes import theme_name

# The five words are the same on the button, in mails, on the receipt and in the ledger.
STEPS: Final[Mapping[str, LazyString]] = {
    "received": _l("received"),
    "allocated": _l("allocated"),
    "paid": _l("paid to the project"),
    "reported": _l("reported"),
    "measured": _l("measured"),
}
STATUSES: Final[Mapping[DonationStatus, tuple[str, LazyString]]] = {
    DonationStatus.CREATED: ("plain", _l("not paid")),
    DonationStatus.PENDING: ("info", _l("processing")),
    DonationStatus.SUCCEEDED: ("ok", _l("received")),
    DonationStatus.PARTLY_REFUNDED: ("info", _l("partly returned")),
    DonationStatus.REFUNDED: ("plain", _l("returned")),
    DonationStatus.FAILED: ("plain", _l("not paid")),
    DonationStatus.EXPIRED: ("plain", _l("not paid")),
    DonationStatus.DISPUTED: ("warn", _l("disputed")),
    DonationStatus.WON: ("ok", _l("received")),
    DonationStatus.LOST: ("plain", _l("returned")),
}
ROLES: Final[Mapping[Role, LazyString]] = {
    Role.STEWARD: _l("project steward"),
    Role.STC_MEMBER: _l("member of the STC"),
    Role.RAPPORTEUR: _l("rapporteur of the STC"),
    Role.CLERK: _l("clerk of the secretariat"),
    Role.TREASURER: _l("treasurer"),
    Role.APPROVER: _l("approver"),
    Role.ADMINISTRATOR: _l("administrator"),
    Role.AUDITOR: _l("auditor"),
    Role.SYSTEM: _l("system"),
}
RETURNS: Final[Mapping[str, LazyString]] = {
    "withdrawn": _l("the project was withdrawn; this part had not been paid to it"),
    "refund": _l("returned to you"),
    "dispute": _l("returned to you by your bank"),
}
_NOT_PAID: Final = frozenset({DonationStatus.FAILED, DonationStatus.EXPIRED})


def headline(gift: GiftPage) -> str:
    """Say in one line where a contribution stands."""
    amount = money(gift.amount)
    match gift.status:
        case DonationStatus.CREATED:
            return _("Not paid yet: %(amount)s", amount=amount)
        case DonationStatus.PENDING:
            return _("Your payment of %(amount)s is being processed", amount=amount)
        case status if status in _NOT_PAID:
            return _("Nothing was charged")
        case DonationStatus.REFUNDED | DonationStatus.LOST:
            return _("%(amount)s was returned to you", amount=amount)
        case _:
            return _("Thank you for %(amount)s", amount=amount)


def explanation(gift: GiftPage) -> str:
    """Say what the state means and what comes next."""
    match gift.status:
        case DonationStatus.CREATED:
            return _("The payment page was opened but nothing has been paid. You can start again.")
        case DonationStatus.PENDING:
            return _("Some ways to pay take a few days. This page and a mail will say when it is.")
        case status if status in _NOT_PAID:
            return _("The payment was not completed. Your amount is kept if you try again.")
        case DonationStatus.DISPUTED:
            return _(
                "Your bank is looking into this payment. Its money moves no further meanwhile."
            )
        case DonationStatus.REFUNDED | DonationStatus.LOST:
            return _("Its receipt has been cancelled. The way of the money stays in the ledger.")
        case _:
            return _("Below is where each cent stands today, taken from the ledger.")


def choice(gift: GiftPage) -> str:
    """Say where the donor wanted the money to go."""
    if gift.theme:
        return _("You chose the theme “%(theme)s”.", theme=theme_name(gift.theme))
    if len(gift.chosen) > 1:
        shares = ", ".join(f"{one.title} {one.percent} %" for one in gift.chosen)
        return _("You shared it among: %(projects)s.", projects=shares)
    if gift.chosen:
        return _("You chose “%(project)s”.", project=gift.chosen[0].title)
    return _("You gave it where it is needed most.")


def rest(gift: GiftPage) -> str:
    """Say where what is not allocated goes."""
    if gift.theme:
        return _("It waits for the next allocation run of that theme and goes nowhere else.")
    if not gift.chosen:
        return _("It goes where it is needed most, at the next allocation run.")
    if gift.next_project:
        return _("What does not fit goes to “%(project)s”.", project=gift.next_project)
    if gift.next_theme:
        theme = theme_name(gift.next_theme)
        return _("What does not fit goes to the theme “%(theme)s”.", theme=theme)
    if gift.overflow is Overflow.WAIT:
        return _("What does not fit waits for this project.")
    return _("What does not fit goes where it is needed most.")


def step(told: GiftStep) -> tuple[LazyString, str, str]:
    """Return the word of a step, what is to be said about it, and its state."""
    day = None if told.on is None else write_day(told.on, locale())
    if told.state == "open":
        return STEPS[told.word], _NEXT[told.word], told.state
    if told.amount is not None:
        text = _("%(amount)s on %(day)s", amount=money(told.amount), day=day)
    else:
        text = _("last on %(day)s", day=day)
    if told.state == "partly":
        text = _("in part: %(text)s", text=text)
    return STEPS[told.word], text, told.state


_NEXT: Final[Mapping[str, LazyString]] = {
    "received": _l("once the payment arrives"),
    "allocated": _l("at the next allocation run"),
    "paid": _l("with the next payment to the project"),
    "reported": _l("with the next report of the project"),
    "measured": _l("when the soil is sampled again, after years"),
}


def monthly_headline(monthly: MonthlyPage) -> str:
    """Say in one line where a monthly contribution stands."""
    amount = money(monthly.amount)
    match monthly.status:
        case RecurringStatus.ENDED:
            return _("Over: %(amount)s a month", amount=amount)
        case RecurringStatus.PAUSED:
            return _("Paused: %(amount)s a month", amount=amount)
        case RecurringStatus.PAST_DUE:
            return _("%(amount)s a month: the last payment failed", amount=amount)
        case _:
            return _("%(amount)s a month", amount=amount)


def monthly_explanation(monthly: MonthlyPage) -> str:
    """Say what happens next with a monthly contribution."""
    match monthly.status:
        case RecurringStatus.ENDED if monthly.ended_on is not None:
            day = write_day(monthly.ended_on, locale())
            told = _("It ended on %(day)s. Nothing more is charged.", day=day)
        case RecurringStatus.PAUSED:
            told = _("Nothing is charged until you go on.")
        case RecurringStatus.PAST_DUE:
            told = _("The payment service tries again by itself. Another card helps at once.")
        case RecurringStatus.CREATED:
            told = _("Its first payment has not arrived yet.")
        case _:
            told = _monthly_next(monthly)
    return told


def _monthly_next(monthly: MonthlyPage) -> str:
    if monthly.ends_on is not None:
        day = write_day(monthly.ends_on, locale())
        return _("You asked it to stop: nothing is charged after %(day)s.", day=day)
    if monthly.next_on is None:
        return _("It goes on every month until you say stop.")
    day = write_day(monthly.next_on, locale())
    return _("The next payment is on %(day)s, then every month until you say stop.", day=day)
