"""How does the desk name states, kinds and reasons?"""

from collections.abc import Iterable, Mapping
from typing import Final

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _

from offset.money import Money
from offset.treasury.dossier import Check, Checked
from offset.treasury.matching import Kind, Reason, Why
from offset.treasury.queries import PaymentState
from offset.treasury.screen import Show, State
from offset.treasury.sides import MatchView
from offset.web.templating import locale, write_amount, write_instant

Labels = Mapping[str, LazyString]

STATES: Final[Labels] = {
    State.CERTAIN: _("Certain"),
    State.SUGGESTED: _("Suggested"),
    State.TO_CHECK: _("To check"),
    State.WAITING: _("Waiting"),
    State.IN_TRANSIT: _("In transit"),
    State.MATCHED: _("Matched"),
}
STATE_TONES: Final[Mapping[str, str]] = {
    State.CERTAIN: "ok",
    State.SUGGESTED: "warn",
    State.TO_CHECK: "warn",
    State.WAITING: "info",
    State.IN_TRANSIT: "info",
    State.MATCHED: "ok",
}
SHOWS: Final[Labels] = {
    Show.ALL: _("All"),
    Show.TODO: _("To do"),
    Show.CERTAIN: _("Certain"),
    Show.SUGGESTED: _("Suggested"),
    Show.TO_CHECK: _("To check"),
    Show.WAITING: _("Waiting"),
    Show.OLD: _("Older than 7 days"),
    Show.NOTED: _("With a note"),
    Show.SPLIT: _("Split"),
    Show.MATCHED: _("Matched"),
}
CHOOSE_GIFT: Final = _("Choose the gift or pledge that it is for.")
ANSWERS: Final[Labels] = {
    "identified": _("A gift"),
    "sent_back": _("Goes back to the sender"),
}
# The reasons that name what a line is.
NAMING: Final = frozenset({Why.REFERENCE, Why.NEAR_REFERENCE, Why.RULE})
# Why a notice of the processor could not be booked, or stands as alarm.
NOTICE_REASONS: Final[Labels] = {
    "gift_unknown": _("it names no gift of ours"),
    "amount_mismatch": _("the amount is not that of the gift"),
    "paid_twice": _("the gift was paid before"),
    "movement_unknown": _("no rule knows this kind of movement"),
    "nobody_takes_payouts": _("nobody was there to take the payout"),
}
KINDS: Final[Labels] = {
    Kind.PAYOUT: _("Payout of the card processor"),
    Kind.DISBURSEMENT: _("Payment to a project"),
    Kind.DISBURSEMENT_RETURN: _("Payment that came back"),
    Kind.GIFT: _("Gift by bank transfer"),
    Kind.UNIDENTIFIED: _("Money from somebody unknown"),
    Kind.BANK_FEE: _("Bank charge"),
    Kind.ENTRY: _("Something already booked"),
}
PAYMENT_STATES: Final[Labels] = {
    PaymentState.PREPARED: _("Waits for approval"),
    PaymentState.APPROVED: _("Ordered"),
    PaymentState.REFUSED: _("Refused"),
    PaymentState.SENT: _("Paid"),
    PaymentState.RETURNED: _("Came back"),
}
PAYMENT_TONES: Final[Mapping[str, str]] = {
    PaymentState.PREPARED: "warn",
    PaymentState.APPROVED: "info",
    PaymentState.REFUSED: "plain",
    PaymentState.SENT: "ok",
    PaymentState.RETURNED: "bad",
}
CATEGORIES: Final[Labels] = {
    "charge": _("Gift"),
    "charge_failure": _("Debit returned"),
    "refund": _("Refund"),
    "refund_failure": _("Refund failed"),
    "dispute": _("Dispute"),
    "dispute_reversal": _("Dispute won"),
    "fee": _("Fee of the processor"),
    "network_cost": _("Fee of the card network"),
    "tax": _("Tax on fees"),
    "payout": _("Payout"),
    "payout_reversal": _("Payout came back"),
    "topup": _("Top-up"),
}
GIFT_STATUSES: Final[Labels] = {
    "created": _("begun, not paid"),
    "pending": _("processing"),
    "succeeded": _("received"),
    "partly_refunded": _("partly returned"),
    "refunded": _("returned"),
    "failed": _("failed"),
    "expired": _("ran out unpaid"),
    "disputed": _("disputed"),
    "won": _("dispute won"),
    "lost": _("dispute lost"),
}
ENTRY_KINDS: Final[Labels] = {
    **CATEGORIES,
    "charge": _("Gift settled"),
    "bank_gift": _("Gift by bank transfer"),
    "unidentified": _("Receipt, giver unknown"),
    "identified": _("Receipt explained"),
    "allocation": _("Allocation"),
    "deallocation": _("Allocation taken back"),
    "source_refund": _("Source of a refund"),
    "refund_kept": _("Failed refund left with us"),
    "disbursement_order": _("Payment ordered"),
    "disbursement_sent": _("Payment left the bank"),
    "disbursement_returned": _("Payment came back"),
    "disbursement_restored": _("Return undone, the order stands again"),
    "bank_fee": _("Bank charge"),
    "bank_interest": _("Interest of the bank"),
    "share_drawn": _("Share drawn"),
    "reserve_endowed": _("Reserve filled"),
    "explained": _("Unknown movement explained"),
    "reversal": _("Reversal"),
    "opening": _("Opening balance"),
}
PAYOUT_STATES: Final[Labels] = {
    "pending": _("being prepared"),
    "in_transit": _("on its way"),
    "paid": _("sent"),
    "failed": _("failed"),
    "canceled": _("cancelled"),
}
REFUND_STATES: Final[Labels] = {
    "prepared": _("waits for approval"),
    "refused": _("refused"),
    "approved": _("approved, being asked for"),
    "pending": _("under way"),
    "succeeded": _("sent to the donor"),
    "failed": _("failed"),
    "external": _("external refund"),
}
REFUND_TONES: Final[Mapping[str, str]] = {
    "prepared": "warn",
    "refused": "plain",
    "approved": "info",
    "pending": "info",
    "succeeded": "ok",
    "failed": "bad",
    "external": "warn",
}
# The processor's words for why a refund has to wait, and why it failed.
PENDING_REASONS: Final[Labels] = {
    "insufficient_funds": _("our balance is too low for it"),
    "processing": _("the bank is working on it"),
    "charge_pending": _("the payment itself is not certain yet"),
}
REFUND_FAULTS: Final[Labels] = {
    "insufficient_funds": _("our balance was too low for it"),
    "expired_or_canceled_card": _("the card is closed"),
    "lost_or_stolen_card": _("the card was lost or stolen"),
    "charge_already_refunded": _("it was given back before"),
    "charge_disputed": _("the payment is disputed"),
    "declined": _("the bank refused it"),
}
DISPUTE_STATES: Final[Labels] = {
    "warning_needs_response": _("question, to answer"),
    "warning_under_review": _("question, answered"),
    "warning_closed": _("question closed, no money taken"),
    "needs_response": _("to answer"),
    "under_review": _("the bank decides"),
    "won": _("won"),
    "lost": _("lost"),
    "prevented": _("prevented, no money taken"),
    "appeal_needs_response": _("appealed, to answer"),
    "appeal_under_review": _("appealed, the bank decides"),
}
REGIMES: Final[Labels] = {
    "NONE": _("none: a plain receipt for a payment"),
    "FR_200": _("France, articles 200 and 238 bis of the tax code"),
    "US_501C3": _("United States, section 501(c)(3)"),
}
WHY_ROWS: Final[Labels] = {
    "by_weight": _("by its weight"),
    "cap_reached": _("up to its cap"),
    "no_weight": _("no weight yet"),
    "not_open": _("not open"),
}
GATE_REASONS: Final[Labels] = {
    "not_assessed": _("not assessed"),
    "not_positive": _("no positive decision"),
    "expired": _("the decision has expired"),
    "safeguards": _("a safeguard is not met"),
    "conditions_open": _("a condition is open"),
    "not_admitted": _("not admitted"),
    "on_hold": _("paused"),
    "withdrawn": _("withdrawn"),
    "completed": _("completed"),
    "not_open": _("not open for funding"),
    "report_overdue": _("report overdue"),
}


def amount(value: Money) -> str:
    """Write an amount without its currency, for a table whose heading names it."""
    return write_amount(value, locale())


def named(labels: Labels, code: object) -> str:
    """Return the name of a code; a code without one is shown as words."""
    text = str(code)
    return str(labels[text]) if text in labels else text.replace("_", " ")


def matched_by(match: MatchView) -> str:
    """Tell who matched a line, when, and as what: for whoever comes second."""
    told = {"kind": named(KINDS, match.kind), "at": write_instant(match.made_at, locale())}
    if match.automatic or not match.made_by:
        return gettext("It was matched automatically on %(at)s: %(kind)s.", **told)
    return gettext("%(name)s matched it on %(at)s: %(kind)s.", name=match.made_by, **told)


def gate_words(reasons: Iterable[str]) -> str:
    """Name why money may not move."""
    return ", ".join(named(GATE_REASONS, reason) for reason in reasons)


def why(reasons: Iterable[Reason]) -> str:
    """Tell the reasons of a proposal as one sentence."""
    told = [_one(reason) for reason in reasons]
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


_REASONS: Final[Labels] = {
    Why.SAME_AMOUNT: _("same amount"),
    Why.REFERENCE: _("“%(word)s” found in the text"),
    Why.SAME_DAY: _("same day"),
    Why.ONLY_CANDIDATE: _("no other candidate"),
    Why.NEAR_REFERENCE: _("“%(word)s” with a slip of the pen"),
    Why.PAYER_KNOWN: _("this account paid for it before"),
    Why.PAYER_NAMED: _("the payer's name is the giver's"),
    Why.ABOVE_PLEDGE: _("more than was promised"),
    Why.SAME_SUM: _("%(word)s together make the amount"),
    Why.SAME_PAYER: _("all from one payer"),
    Why.RULE: _("rule “%(word)s”"),
    Why.FEE_RULE: _("rule for bank charges: “%(word)s”"),
    Why.NO_CANDIDATE: _("nothing in the books has this amount"),
}


def _one(reason: Reason) -> str:
    if reason.why is Why.DAYS_APART:
        return ngettext("%(num)s day apart", "%(num)s days apart", int(reason.value))
    return str(_REASONS[reason.why]) % {"word": reason.value}


_BUTTONS: Final[Labels] = {
    Kind.PAYOUT: _("Match the payout, %(amount)s"),
    Kind.DISBURSEMENT: _("Match the payment, %(amount)s"),
    Kind.DISBURSEMENT_RETURN: _("Book the return, %(amount)s"),
    Kind.GIFT: _("Match and book the gift, %(amount)s"),
    Kind.UNIDENTIFIED: _("Set apart as unidentified, %(amount)s"),
    Kind.BANK_FEE: _("Book the charge, %(amount)s"),
    Kind.ENTRY: _("Match the booking, %(amount)s"),
}


def button(kind: Kind, sum_: Money) -> str:
    """Say what the main button of a row does."""
    return str(_BUTTONS[kind]) % {"amount": amount(sum_)}


SHORT: Final[Labels] = {
    Kind.PAYOUT: _("Match"),
    Kind.DISBURSEMENT: _("Match"),
    Kind.DISBURSEMENT_RETURN: _("Book the return"),
    Kind.GIFT: _("Book the gift"),
    Kind.UNIDENTIFIED: _("Set apart"),
    Kind.BANK_FEE: _("Book the charge"),
    Kind.ENTRY: _("Match"),
}
CONSEQUENCES: Final[Labels] = {
    Kind.PAYOUT: _("The money in transit arrives at the bank."),
    Kind.DISBURSEMENT: _("From then on the payment counts as paid, in public too."),
    Kind.DISBURSEMENT_RETURN: _("The money stands with the project again."),
    Kind.GIFT: _("It is booked as a gift by bank transfer; the receipt is sent."),
    Kind.UNIDENTIFIED: _("It stays apart until somebody explains it."),
    Kind.BANK_FEE: _("It is booked as a charge of our bank."),
    Kind.ENTRY: _("Nothing is booked twice."),
}
# (what is said when a check is good, what is said when it is not)
CHECKS: Final[Mapping[str, tuple[LazyString, LazyString]]] = {
    Check.GATE: (
        _("Assessment and admission hold; conditions closed"),
        _("Money may not go out: %(value)s"),
    ),
    Check.REPORT: (_("No report overdue"), _("A report is overdue")),
    Check.DISPUTES: (
        _("No dispute on the gifts behind it"),
        _("Disputed gifts behind it: %(value)s"),
    ),
    Check.PAYEE: (
        _("Account checked by a second person, unchanged since"),
        _("The account has changed since this was prepared"),
    ),
    Check.BALANCE: (
        _("The project holds the amount"),
        _("The project does not hold the amount"),
    ),
    Check.SANCTIONS: (
        _("Nobody of the organisation is on the EU sanctions list"),
        _("The organisation is not cleared: %(value)s"),
    ),
}
SCREENING_FAULTS: Final[Labels] = {
    "organisation_file_missing": _("it has no file"),
    "organisation_file_old": _("its file is older than 24 months"),
    "sanctions_list_missing": _("there is no sanctions list here"),
    "sanctions_list_old": _("the newest sanctions list here is too old"),
    "screening_missing": _("it was not compared with the newest list"),
    "hit_undecided": _("a likeness to a listed name waits for a decision"),
    "hit_confirmed": _("somebody is on the list"),
}


def checked(one: Checked) -> str:
    """Write one check as the approver reads it."""
    value = gate_words(one.value.split(", ")) if one.check is Check.GATE else one.value
    if one.check is Check.SANCTIONS:
        value = named(SCREENING_FAULTS, one.value)
    good, bad = CHECKS[one.check]
    return str(good) if one.good else str(bad) % {"value": value}
