"""Which entries can there be? Every kind of entry, one pure function each, for the accountant.

Each recipe names its event, its debits and its credits; docs/chart-of-accounts.md is made from
them. Amounts are positive unless said; a positive line is a debit. Lines of zero are left out.
G is gross, F the fee (old refunds show negative fees), N = G − F, S the secretariat's share.
Stripe's rows take their date, kind and amounts from the balance transaction alone, so that
replays in any order give the same books; each decision is an entry of its own.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, ParamSpec

from offset.errors import InvalidInput
from offset.ledger import chart
from offset.money import Money

P = ParamSpec("P")

# Our own kinds; Stripe's rows keep Stripe's `reporting_category`.
KINDS: Final = frozenset(
    {
        "bank_gift",
        "unidentified",
        "identified",
        "allocation",
        "deallocation",
        "source_refund",
        "refund_kept",
        "disbursement_order",
        "disbursement_sent",
        "disbursement_returned",
        "disbursement_restored",
        "bank_fee",
        "bank_interest",
        "fx",
        "fund_move",
        "share_drawn",
        "reserve_endowed",
        "explained",
        "reversal",
        "opening",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry; a positive amount is a debit, a negative one a credit."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is posted: its key, its cause and its lines."""

    idem_key: str
    kind: str
    effective_on: date
    source_type: str
    source_id: str
    lines: tuple[Line, ...]
    reverses_id: uuid.UUID | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the accountant reads about a recipe."""

    number: str
    name: str
    event: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class BankLine:
    """The bank line an entry books: its id, the part of it, its date and our account.

    A line that is split is booked in parts, counted from 1.
    """

    id: str
    on: date
    account: str
    part: int = 1


@dataclass(frozen=True, slots=True)
class Movement:
    """The balance transaction an entry books: its id, its date and its reporting category."""

    id: str
    on: date
    kind: str


_RECIPES: list[Recipe] = []


def recipe(
    number: str, event: str, *, debit: str, credit: str
) -> Callable[[Callable[P, Draft]], Callable[P, Draft]]:
    """Enter a function into the accountant's table of recipes."""

    def enter(function: Callable[P, Draft]) -> Callable[P, Draft]:
        _RECIPES.append(Recipe(number, function.__name__, event, debit, credit))
        return function

    return enter


def recipes() -> tuple[Recipe, ...]:
    """Return every recipe in the order of this page."""
    return tuple(_RECIPES)


# Gifts through Stripe


@recipe(
    "R1, R2",
    "Gift settled, by card or, days after the form, by SEPA debit (`charge`)",
    debit="Stripe N; Fees:Stripe F",
    credit="Fund:Pool or Restricted N − S; FeePart F; Share S",
)
def gift_settled(
    movement: Movement, *, gross: Money, fee: Money, share: Money, fund: str | None = None
) -> Draft:
    """Book a gift when its balance transaction exists; ``fund`` is the pool unless restricted."""
    currency = gross.currency
    net = gross - fee
    return _stripe(
        movement,
        (chart.stripe(currency), net),
        (chart.stripe_fees(currency), fee),
        (fund or chart.pool(currency), share - net),
        (chart.fee_part(currency), -fee),
        (chart.share(currency), -share),
    )


@recipe(
    "R1",
    "Payment settled for which no donation is known (`charge`)",
    debit="Stripe N; Fees:Stripe F",
    credit="Unidentified N; FeePart F",
)
def gift_unknown(movement: Movement, *, gross: Money, fee: Money) -> Draft:
    """Book a payment that no donation explains."""
    currency = gross.currency
    return _stripe(
        movement,
        (chart.stripe(currency), gross - fee),
        (chart.stripe_fees(currency), fee),
        (chart.unidentified(currency), fee - gross),
        (chart.fee_part(currency), -fee),
    )


@recipe(
    "R3",
    "Fee without a payment behind it (`fee`: billing, fraud checks, tax on fees)",
    debit="Fees:Stripe A",
    credit="Stripe A",
)
def fee_charged(movement: Movement, *, amount: Money) -> Draft:
    """Book a fee that Stripe took from the balance."""
    currency = amount.currency
    return _stripe(
        movement, (chart.stripe_fees(currency), amount), (chart.stripe(currency), -amount)
    )


# What is taken back: refunds and disputes


@recipe(
    "R4, R20",
    "Source found for a refund or a return: the share pro rata, then what is unallocated, then"
    " undisbursed project balances, then the reserve",
    debit="Share, Fund, Project rows, RefundReserve (A)",
    credit="Refunds A",
)
def refund_sourced(
    *, cause_id: str, on: date, sources: Mapping[str, Money], memo: str | None = None
) -> Draft:
    """Take a refund from where the gift stands; ``cause_id`` is the refund's own id."""
    total = _total(sources.values())
    return Draft(
        f"source:{cause_id}",
        "source_refund",
        on,
        "refund",
        cause_id,
        _lines(*sources.items(), (chart.refunds(total.currency), -total)),
        memo=memo,
    )


@recipe("R5", "Refund paid out (`refund`)", debit="Refunds A; Fees:Stripe F", credit="Stripe A + F")
def refund_paid(movement: Movement, *, amount: Money, fee: Money) -> Draft:
    """Book money that left Stripe for a refund."""
    return _left_stripe(movement, chart.refunds(amount.currency), amount, fee)


@recipe(
    "R6",
    "Refund failed, the donor is still owed (`refund_failure`)",
    debit="Stripe A − F; Fees:Stripe F",
    credit="Refunds A",
)
def refund_failed(movement: Movement, *, amount: Money, fee: Money) -> Draft:
    """Book a refund that came back; ``amount`` is what came back, before the fee."""
    currency = amount.currency
    return _stripe(
        movement,
        (chart.stripe(currency), amount - fee),
        (chart.stripe_fees(currency), fee),
        (chart.refunds(currency), -amount),
    )


@recipe(
    "R6b",
    "Failed refund that the donor leaves with us: a contribution again, from where R4 took it,"
    " projects' parts to the fund",
    debit="Refunds A",
    credit="Share, Fund, RefundReserve (A)",
)
def refund_kept(
    *, keeping_id: str, donation_id: str, on: date, places: Mapping[str, Money]
) -> Draft:
    """Put what a failed refund had taken back to where the gift stands, by account."""
    total = _total(places.values())
    return Draft(
        f"kept:{keeping_id}",
        "refund_kept",
        on,
        "donation",
        donation_id,
        _lines(
            (chart.refunds(total.currency), total),
            *((account, -amount) for account, amount in places.items()),
        ),
    )


@recipe(
    "R7",
    "SEPA debit returned by the donor's bank (`charge_failure`), then R4 at once",
    debit="Refunds A; Fees:Stripe F",
    credit="Stripe A + F",
)
def debit_returned(movement: Movement, *, amount: Money, fee: Money) -> Draft:
    """Book a settled debit that the donor's bank took back."""
    return _left_stripe(movement, chart.refunds(amount.currency), amount, fee)


@recipe(
    "R8",
    "Dispute opened (`dispute`); payment of the gift's rows is held",
    debit="Receivable:Disputes A; Fees:Disputes F",
    credit="Stripe A + F",
)
def dispute_opened(movement: Movement, *, amount: Money, fee: Money) -> Draft:
    """Book what Stripe withdrew for a dispute."""
    currency = amount.currency
    return _stripe(
        movement,
        (chart.disputes(currency), amount),
        (chart.dispute_fees(currency), fee),
        (chart.stripe(currency), -(amount + fee)),
    )


@recipe(
    "R9",
    "Dispute won (`dispute_reversal`); a returned fee counts as F",
    debit="Stripe A + F",
    credit="Receivable:Disputes A; Fees:Disputes F",
)
def dispute_won(movement: Movement, *, amount: Money, fee_returned: Money) -> Draft:
    """Book what Stripe gave back after a dispute."""
    currency = amount.currency
    return _stripe(
        movement,
        (chart.stripe(currency), amount + fee_returned),
        (chart.disputes(currency), -amount),
        (chart.dispute_fees(currency), -fee_returned),
    )


@recipe(
    "R10",
    "Dispute lost (no money moves): sources as for a refund",
    debit="Share, Fund, Project rows, RefundReserve (A)",
    credit="Receivable:Disputes A",
)
def dispute_lost(
    *, cause_id: str, on: date, sources: Mapping[str, Money], memo: str | None = None
) -> Draft:
    """Take a lost dispute from where the gift stands; ``cause_id`` is the dispute's own id."""
    total = _total(sources.values())
    return Draft(
        f"source:{cause_id}",
        "source_refund",
        on,
        "dispute",
        cause_id,
        _lines(*sources.items(), (chart.disputes(total.currency), -total)),
        memo=memo,
    )


# Payouts and top-ups


@recipe(
    "R11",
    "Payout left Stripe (`payout`); a payout's own fee is F",
    debit="InTransit:Payouts N; Fees:Stripe F",
    credit="Stripe N + F",
)
def payout_sent(movement: Movement, *, amount: Money, fee: Money) -> Draft:
    """Book a payout on its way to the bank; a payout that Stripe collects has a negative one."""
    return _left_stripe(movement, chart.payouts_in_transit(amount.currency), amount, fee)


@recipe(
    "R12",
    "Payout failed or was cancelled (`payout_reversal`)",
    debit="Stripe N",
    credit="InTransit:Payouts N",
)
def payout_failed(movement: Movement, *, amount: Money) -> Draft:
    """Book a payout that came back to Stripe."""
    currency = amount.currency
    return _stripe(
        movement, (chart.stripe(currency), amount), (chart.payouts_in_transit(currency), -amount)
    )


@recipe("R13", "Bank line of a payout", debit="Bank N", credit="InTransit:Payouts N")
def payout_arrived(line: BankLine, *, amount: Money) -> Draft:
    """Book a payout that the bank credited."""
    return _bank(line, "payout", amount, chart.payouts_in_transit(amount.currency))


@recipe("R14", "Top-up arrived at Stripe (`topup`)", debit="Stripe A", credit="InTransit:Payouts A")
def topped_up(movement: Movement, *, amount: Money) -> Draft:
    """Book money that we sent to Stripe, when Stripe has it."""
    currency = amount.currency
    return _stripe(
        movement, (chart.stripe(currency), amount), (chart.payouts_in_transit(currency), -amount)
    )


@recipe("R14", "Bank line of a top-up", debit="InTransit:Payouts A", credit="Bank A")
def top_up_sent(line: BankLine, *, amount: Money) -> Draft:
    """Book money that the bank sent to Stripe."""
    return _bank(line, "topup", -amount, chart.payouts_in_transit(amount.currency))


@recipe(
    "R15",
    "Any other kind of balance transaction, with an alarm; a negative A the other way round",
    debit="Stripe A",
    credit="Suspense A",
)
def unknown_kind(movement: Movement, *, net: Money) -> Draft:
    """Book a movement that no recipe knows, so that the balance still equals Stripe's."""
    currency = net.currency
    return _stripe(movement, (chart.stripe(currency), net), (chart.suspense(currency), -net))


@recipe(
    "R15b",
    "Movement in suspense booked where it belongs, by two people: a cost, the secretariat's own,"
    " the reserve, a fund or a bank account; a negative A the other way round",
    debit="Suspense A",
    credit="the place A",
)
def suspense_explained(*, explanation_id: str, on: date, target: str, amount: Money) -> Draft:
    """Take an unknown movement, or a part of it, out of suspense to an account, by its code.

    ``amount`` is positive for money that came to Stripe and negative for money that left it.
    """
    return Draft(
        f"explained:{explanation_id}",
        "explained",
        on,
        "manual_entry",
        explanation_id,
        _lines((chart.suspense(amount.currency), amount), (target, -amount)),
    )


# Gifts through the bank


@recipe(
    "R16",
    "Gift by bank transfer",
    debit="Bank A",
    credit="Fund:Pool or Restricted A − S; Share S",
)
def bank_gift(
    line: BankLine, *, amount: Money, share: Money | None = None, fund: str | None = None
) -> Draft:
    """Book a gift that came to the bank; ``fund`` is the pool unless restricted."""
    currency = amount.currency
    taken = share or Money(0, currency)
    return Draft(
        _bank_key(line),
        "bank_gift",
        line.on,
        "bank_line",
        line.id,
        _lines(
            (line.account, amount),
            (fund or chart.pool(currency), taken - amount),
            (chart.share(currency), -taken),
        ),
    )


@recipe("R17", "Receipt at the bank, giver unknown", debit="Bank A", credit="Unidentified A")
def unidentified_gift(line: BankLine, *, amount: Money) -> Draft:
    """Book a receipt that nobody can explain yet."""
    return _bank(line, "unidentified", amount, chart.unidentified(amount.currency))


@recipe(
    "R18",
    "Unidentified receipt explained as a gift",
    debit="Unidentified A",
    credit="Fund:Pool or Restricted A − S; Share S",
)
def identified(
    *,
    receipt_id: str,
    on: date,
    amount: Money,
    share: Money | None = None,
    fund: str | None = None,
) -> Draft:
    """Book what an unidentified receipt turned out to be; ``receipt_id`` is its bank line."""
    currency = amount.currency
    taken = share or Money(0, currency)
    return Draft(
        f"identified:{receipt_id}",
        "identified",
        on,
        "bank_line",
        receipt_id,
        _lines(
            (chart.unidentified(currency), amount),
            (fund or chart.pool(currency), taken - amount),
            (chart.share(currency), -taken),
        ),
    )


@recipe(
    "R18",
    "Unidentified receipt to be sent back, then R23",
    debit="Unidentified A",
    credit="InTransit:Disbursements A",
)
def unidentified_sent_back(*, receipt_id: str, on: date, amount: Money) -> Draft:
    """Order an unidentified receipt back to where it came from."""
    currency = amount.currency
    return Draft(
        f"sent_back:{receipt_id}",
        "unidentified",
        on,
        "bank_line",
        receipt_id,
        _lines(
            (chart.unidentified(currency), amount),
            (chart.disbursements_in_transit(currency), -amount),
        ),
    )


# Allocation


@recipe(
    "R19",
    "Gift allocated to projects, directed or from the pool; what is left over stays in the fund",
    debit="Fund A",
    credit="Project rows A",
)
def allocation(
    *,
    epoch: str,
    donation_id: str,
    on: date,
    shares: Mapping[str, Money],
    fund: str | None = None,
) -> Draft:
    """Move one gift to project accounts; ``epoch`` names the run, ``shares`` account to amount."""
    total = _total(shares.values())
    rows = [(account, -amount) for account, amount in shares.items()]
    return Draft(
        f"alloc:{epoch}:{donation_id}",
        "allocation",
        on,
        "donation",
        donation_id,
        _lines((fund or chart.pool(total.currency), total), *rows),
    )


@recipe(
    "R21",
    "Project withdrawn, per gift, the part not yet paid out",
    debit="Project A",
    credit="Fund:Pool or the donor's stated fallback A",
)
def deallocation(
    *,
    project: str,
    donation_id: str,
    on: date,
    amount: Money,
    fund: str | None = None,
    part: int = 1,
) -> Draft:
    """Move one gift's part back from a project account; ``project`` is the account's code.

    A payment that the bank gives back after the withdrawal makes a further part.
    """
    again = "" if part == 1 else f":{part}"
    return Draft(
        f"withdraw:{project}:{donation_id}{again}",
        "deallocation",
        on,
        "donation",
        donation_id,
        _lines((project, amount), (fund or chart.pool(amount.currency), -amount)),
    )


@recipe(
    "R19b",
    "What no chosen project could take goes to the theme that the donor named for it",
    debit="Fund:Pool A",
    credit="Fund:Restricted A",
)
def earmarked(*, donation_id: str, on: date, source: str, target: str, amount: Money) -> Draft:
    """Move what is left of one gift from a fund to a restricted one; both are accounts' codes."""
    return Draft(
        f"earmark:{donation_id}",
        "fund_move",
        on,
        "donation",
        donation_id,
        _lines((source, amount), (target, -amount)),
    )


@recipe(
    "R21b",
    "Project pays money back: a new receipt under the same restriction",
    debit="Bank A",
    credit="Fund A",
)
def paid_back(line: BankLine, *, amount: Money, fund: str | None = None) -> Draft:
    """Book money that a project returned to the bank."""
    return _bank(line, "deallocation", amount, fund or chart.pool(amount.currency))


# Disbursement


@recipe(
    "R22",
    "Disbursement ordered, after two different people prepared and approved it",
    debit="Project A",
    credit="InTransit:Disbursements A",
)
def disbursement_ordered(*, disbursement_id: str, on: date, project: str, amount: Money) -> Draft:
    """Order money from a project account (its code) to the project's bank."""
    return Draft(
        f"disb:{disbursement_id}:ordered",
        "disbursement_order",
        on,
        "disbursement",
        disbursement_id,
        _lines((project, amount), (chart.disbursements_in_transit(amount.currency), -amount)),
    )


@recipe(
    "R23",
    "Bank debit line of a disbursement",
    debit="InTransit:Disbursements A",
    credit="Bank A",
)
def disbursement_sent(line: BankLine, *, disbursement_id: str, amount: Money) -> Draft:
    """Book a disbursement that the bank paid."""
    return _paid(line, "disbursement_sent", disbursement_id, -amount)


@recipe(
    "R24",
    "Bank credit line of a disbursement that came back, then the reversal of R22",
    debit="Bank A",
    credit="InTransit:Disbursements A",
)
def disbursement_returned(line: BankLine, *, disbursement_id: str, amount: Money) -> Draft:
    """Book a disbursement that the bank gave back."""
    return _paid(line, "disbursement_returned", disbursement_id, amount)


@recipe(
    "R24b",
    "The line was no return: R24 is reversed, and the order stands again by the word of its two",
    debit="Project A",
    credit="InTransit:Disbursements A",
)
def disbursement_restored(
    *, match_id: str, disbursement_id: str, on: date, project: str, amount: Money
) -> Draft:
    """Let an order stand again whose return was mistaken; ``match_id`` is the match undone."""
    return Draft(
        f"disb:{disbursement_id}:restored:{match_id}",
        "disbursement_restored",
        on,
        "disbursement",
        disbursement_id,
        _lines((project, amount), (chart.disbursements_in_transit(amount.currency), -amount)),
    )


@recipe("R25", "Bank charge", debit="Fees:Bank A", credit="Bank A")
def bank_fee(line: BankLine, *, amount: Money) -> Draft:
    """Book a charge of our bank."""
    return _bank(line, "bank_fee", -amount, chart.bank_fees(amount.currency))


@recipe("R25", "Interest paid by our bank", debit="Bank A", credit="Interest A")
def bank_interest(line: BankLine, *, amount: Money) -> Draft:
    """Book interest that our bank paid."""
    return _bank(line, "bank_interest", amount, chart.interest(amount.currency))


# Currencies


@recipe(
    "R26",
    "Currency converted, at the provider's own rate and fee",
    debit="target account b (new currency); FX:Clearing a (old currency)",
    credit="source account a (old currency); FX:Clearing b (new currency)",
)
def fx(
    *, conversion_id: str, on: date, source: str, sold: Money, target: str, bought: Money
) -> Draft:
    """Book a conversion of money that is really held in two currencies."""
    return Draft(
        f"fx:{conversion_id}",
        "fx",
        on,
        "conversion",
        conversion_id,
        _lines(
            (target, bought),
            (chart.fx(bought.currency), -bought),
            (chart.fx(sold.currency), sold),
            (source, -sold),
        ),
    )


@recipe(
    "R27",
    "The fund follows its converted money",
    debit="Fund a (old currency); FX:Clearing b (new currency)",
    credit="FX:Clearing a (old currency); Fund b (new currency)",
)
def fund_move(
    *, conversion_id: str, on: date, source: str, sold: Money, target: str, bought: Money
) -> Draft:
    """Move a fund from one currency to the other after its money was converted."""
    return Draft(
        f"fund_move:{conversion_id}",
        "fund_move",
        on,
        "conversion",
        conversion_id,
        _lines(
            (source, sold),
            (chart.fx(sold.currency), -sold),
            (chart.fx(bought.currency), bought),
            (target, -bought),
        ),
    )


# Corrections and the secretariat's own


@recipe(
    "R28",
    "Reversal: every line with the opposite sign, once only, with a reason",
    debit="what was credited",
    credit="what was debited",
)
def reversal(
    *,
    entry_id: uuid.UUID,
    on: date,
    source_type: str,
    source_id: str,
    lines: Sequence[Line],
    reason: str,
) -> Draft:
    """Undo an entry; it keeps the cause of what it undoes.

    Raises
    ------
    InvalidInput
        ``reason_missing``.
    """
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    return Draft(
        f"reverse:{entry_id}",
        "reversal",
        on,
        source_type,
        source_id,
        tuple(Line(line.account, -line.amount) for line in lines),
        reverses_id=entry_id,
        memo=reason.strip(),
    )


@recipe(
    "R29",
    "Share drawn to the secretariat's operating account, by two people, never above what was"
    " earned",
    debit="Equity:Operating A",
    credit="Bank A",
)
def share_drawn(line: BankLine, *, acct: str, amount: Money) -> Draft:
    """Book the share that left our bank for the operating account ``acct``."""
    return _bank(line, "share_drawn", -amount, chart.operating(acct))


@recipe(
    "R30",
    "Refund reserve endowed, from the share or by an endowment at the bank",
    debit="Share or Bank A",
    credit="RefundReserve A",
)
def reserve_endowed(*, endowment_id: str, on: date, source: str, amount: Money) -> Draft:
    """Fill the refund reserve from an account, by its code."""
    return Draft(
        f"endow:{endowment_id}",
        "reserve_endowed",
        on,
        "endowment",
        endowment_id,
        _lines((source, amount), (chart.reserve(amount.currency), -amount)),
    )


@recipe(
    "R30b",
    "Money in which no gift waits is moved between funds by the secretariat, with a reason",
    debit="Fund A",
    credit="Fund A",
)
def fund_moved(*, move_id: str, on: date, source: str, target: str, amount: Money) -> Draft:
    """Move money from a fund to another, both named by their accounts' codes."""
    return Draft(
        f"fund_moved:{move_id}",
        "fund_move",
        on,
        "manual_entry",
        move_id,
        _lines((source, amount), (target, -amount)),
    )


@recipe(
    "R31",
    "Balance brought in when the books are opened; a liability the other way round",
    debit="the account A",
    credit="Equity:Opening A",
)
def opening(*, reference: str, on: date, account: str, amount: Money) -> Draft:
    """Bring in the balance of one account, debit positive."""
    return Draft(
        f"opening:{reference}",
        "opening",
        on,
        "opening",
        reference,
        _lines((account, amount), (chart.opening(amount.currency), -amount)),
    )


def _lines(*parts: tuple[str, Money]) -> tuple[Line, ...]:
    return tuple(Line(account, amount) for account, amount in parts if amount)


def _total(amounts: Iterable[Money]) -> Money:
    parts = list(amounts)
    if not parts:
        raise InvalidInput("amount_missing", field="amount")
    return sum(parts[1:], start=parts[0])


def _stripe(movement: Movement, *parts: tuple[str, Money]) -> Draft:
    return Draft(
        f"stripe:{movement.id}",
        movement.kind,
        movement.on,
        "stripe_balance_txn",
        movement.id,
        _lines(*parts),
    )


def _left_stripe(movement: Movement, account: str, amount: Money, fee: Money) -> Draft:
    currency = amount.currency
    return _stripe(
        movement,
        (account, amount),
        (chart.stripe_fees(currency), fee),
        (chart.stripe(currency), -(amount + fee)),
    )


def _bank_key(line: BankLine) -> str:
    return f"bank:{line.id}:{line.part}"


def _bank(line: BankLine, kind: str, amount: Money, other: str) -> Draft:
    """Book a bank line: ``amount`` as the bank credits it, the other side on one account."""
    return Draft(
        _bank_key(line),
        kind,
        line.on,
        "bank_line",
        line.id,
        _lines((line.account, amount), (other, -amount)),
    )


def _paid(line: BankLine, kind: str, disbursement_id: str, amount: Money) -> Draft:
    """Book a bank line of a disbursement; its cause is the disbursement, as in its order."""
    return Draft(
        _bank_key(line),
        kind,
        line.on,
        "disbursement",
        disbursement_id,
        _lines((line.account, amount), (chart.disbursements_in_transit(amount.currency), -amount)),
    )
