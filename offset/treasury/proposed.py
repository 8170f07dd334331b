"""Which entry would a match make? The postings, before anybody presses the button.

Nothing is written; the same recipes book it afterwards.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from offset.giving import directives, shares, terms
from offset.giving.models import BankPledge, Donation
from offset.ledger import chart, entries
from offset.ledger.entries import Line
from offset.money import Money
from offset.treasury.matching import Kind
from offset.treasury.models import BankRule


@dataclass(frozen=True)
class Proposed:
    """The postings a match would make; ``booked_id`` is the entry that stands already."""

    lines: tuple[Line, ...]
    booked_id: uuid.UUID | None = None


def proposed(
    session: Session,
    *,
    line_id: uuid.UUID,
    on: date,
    account: str,
    kind: Kind,
    subject_id: uuid.UUID | None,
    amount: Money,
    rule_id: uuid.UUID | None = None,
) -> Proposed | None:
    """Draft what matching a line of an account with something would post.

    None where it cannot be matched so; without postings where the entry stands already.
    """
    told = entries.BankLine(str(line_id), on, chart.bank(account))
    return _DRAFTS[kind](_Asked(session, told, subject_id, amount, rule_id))


@dataclass(frozen=True)
class _Asked:
    session: Session
    line: entries.BankLine
    subject_id: uuid.UUID | None
    amount: Money
    rule_id: uuid.UUID | None

    @property
    def comes_in(self) -> bool:
        return self.amount.minor > 0


def _payout(asked: _Asked) -> Proposed | None:
    return Proposed(entries.payout_arrived(asked.line, amount=asked.amount).lines)


def _sent(asked: _Asked) -> Proposed | None:
    if asked.comes_in:
        return None
    draft = entries.disbursement_sent(
        asked.line, disbursement_id=str(asked.subject_id), amount=-asked.amount
    )
    return Proposed(draft.lines)


def _returned(asked: _Asked) -> Proposed | None:
    if not asked.comes_in:
        return None
    draft = entries.disbursement_returned(
        asked.line, disbursement_id=str(asked.subject_id), amount=asked.amount
    )
    return Proposed(draft.lines)


def _gift(asked: _Asked) -> Proposed | None:
    if not asked.comes_in or asked.subject_id is None:
        return None
    currency = asked.amount.currency
    pledge = asked.session.get(BankPledge, asked.subject_id)
    gift = None if pledge else asked.session.get(Donation, asked.subject_id)
    if pledge is not None:
        frozen = terms.frozen(pledge.terms)
        share_bp, fund = frozen.share_bp, directives.fund(frozen.directive.tag, currency)
    elif gift is not None:
        share_bp, fund = gift.share_bp, directives.fund_of(gift, currency)
    else:
        return None
    share = shares.share_of(asked.amount.minor, asked.amount.minor, share_bp)
    draft = entries.bank_gift(
        asked.line, amount=asked.amount, share=Money(share, currency), fund=fund
    )
    return Proposed(draft.lines)


def _unidentified(asked: _Asked) -> Proposed | None:
    if not asked.comes_in:
        return None
    return Proposed(entries.unidentified_gift(asked.line, amount=asked.amount).lines)


def _fee(asked: _Asked) -> Proposed | None:
    if not asked.comes_in:
        return Proposed(entries.bank_fee(asked.line, amount=-asked.amount).lines)
    rule = asked.session.get(BankRule, asked.rule_id) if asked.rule_id else None
    if rule is None or rule.books != "interest":
        return None
    return Proposed(entries.bank_interest(asked.line, amount=asked.amount).lines)


def _entry(asked: _Asked) -> Proposed | None:
    return Proposed((), booked_id=asked.subject_id) if asked.subject_id else None


_DRAFTS: Final[Mapping[Kind, Callable[[_Asked], Proposed | None]]] = {
    Kind.PAYOUT: _payout,
    Kind.DISBURSEMENT: _sent,
    Kind.DISBURSEMENT_RETURN: _returned,
    Kind.GIFT: _gift,
    Kind.UNIDENTIFIED: _unidentified,
    Kind.BANK_FEE: _fee,
    Kind.ENTRY: _entry,
}
