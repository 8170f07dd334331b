"""How is money of an unknown giver explained: as a gift, as nothing of ours, or taken back?

Money that nobody can explain stands on an account of its own. Later somebody finds the pledge it
was for, or sends it back where it came from; from the settable amount on two people do that.
Nothing is edited: an answer books an entry, taking it back books the reversal.
"""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused
from offset.giving import directives, donations, mistaken, pledges, shares
from offset.giving.directives import Directive
from offset.giving.models import Donation, DonationStatus, StripeBalanceTransaction
from offset.ledger import chart, entries, journal
from offset.ledger import queries as ledger
from offset.ledger.entries import Draft
from offset.ledger.models import Entry
from offset.money import Money
from offset.people import audit, deputies, settings
from offset.people.access import Actor, Right, require
from offset.treasury import receipts_apart, reconciliation
from offset.treasury.locks import hold
from offset.treasury.matching import Kind
from offset.treasury.models import BankAccount, BankLine, MatchItem
from offset.treasury.open_items import rest_of
from offset.treasury.reconciliation import Part
from offset.treasury.unidentified_models import (
    AnswerKind,
    UnidentifiedAnswer,
    UnidentifiedDecision,
    UnidentifiedNote,
    UnidentifiedUndone,
)

SENT_BACK: Final = "unidentified_return"
"""The cause of the entry by which the bank sent such money back."""
_LONGEST_NOTE: Final = 1_000


def named(session: Session, reference: str) -> uuid.UUID:
    """Find the pledge or the unpaid gift that carries a reference, as somebody typed it.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    told = reference.strip().upper()
    for pledge in pledges.named(session, [told]):
        return pledge.id
    found = session.scalar(select(Donation.id).where(Donation.reference == told))
    if found is None:
        raise NotFound("gift_unknown", field="reference")
    return found


def identify(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    entry_id: uuid.UUID,
    target_id: uuid.UUID,
    reason: str,
    amount: Money | None = None,
) -> uuid.UUID:
    """Book money of an unknown giver as a gift and return the gift's id.

    The target is a pledge, which receives a part; a gift that was announced and not paid; or a
    gift that arrived, whose giver gave once more.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``reason_missing``, ``amount_not_positive``.
    NotFound
        ``apart_unknown``, ``gift_unknown``.
    Refused
        ``receipt_rest`` where less is left; ``match_amount_differs``, ``pledge_currency``.
    LedgerRefused
        What the books say.
    """
    require(actor, Right.MATCH)
    person = _person(actor)
    receipt, taken = _take(session, entry_id, amount, reason)
    answer = _answer(
        session, receipt, AnswerKind.IDENTIFIED, taken, reason, two=False, at=at, person=person
    )
    gross, fee = _charged(session, receipt, taken)
    gift = _gift(session, target_id, gross, answer.id, at=at)
    share = Money(shares.share_of(gross.minor, taken.minor, gift.share_bp), taken.currency)
    draft = entries.identified(
        receipt_id=str(answer.id),
        on=answer.effective_on,
        amount=taken,
        share=share,
        fund=directives.fund_of(gift, taken.currency),
    )
    draft = replace(draft, source_type="donation", source_id=str(gift.id))
    posted = journal.post(session, draft, at=at, actor_id=person)
    gift.settled_at = at
    gift.settled_currency = taken.currency
    gift.gross, gift.fee, gift.net = gross.minor, fee.minor, taken.minor
    gift.share = share.minor
    gift.method = gift.method or ("bank_transfer" if receipt.line_id else "card")
    gift.entry_id = posted.entry_id
    gift.unallocated = taken.minor - share.minor
    gift.receipt_due = True
    donations.advance(
        session, gift, DonationStatus.SUCCEEDED, at=at, cause=f"identified:{answer.id}"
    )
    session.flush()
    _decide(session, answer, posted.entry_id, at=at, person=person, donation_id=gift.id)
    _trail(session, actor, at, "identified", answer, donation=str(gift.id))
    return gift.id


def send_back(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    entry_id: uuid.UUID,
    reason: str,
    amount: Money | None = None,
) -> uuid.UUID:
    """Prepare to send such money back to where it came from; a small sum is booked at once.

    Raises
    ------
    Forbidden
        Without the right to prepare a refund.
    InvalidInput
        ``reason_missing``, ``amount_not_positive``.
    NotFound
        ``apart_unknown``.
    Refused
        ``receipt_rest``; ``receipt_of_processor``: a card's money goes back at the processor.
    """
    require(actor, Right.PREPARE_REFUND)
    person = _person(actor)
    receipt, taken = _take(session, entry_id, amount, reason)
    if receipt.line_id is None:
        raise Refused("receipt_of_processor")
    limits = settings.current(session, "two_people_from").value
    two = taken.minor >= limits.get(taken.currency, 0)
    answer = _answer(
        session, receipt, AnswerKind.SENT_BACK, taken, reason, two=two, at=at, person=person
    )
    deputies.note_act(session, actor=actor, at=at, right=Right.PREPARE_REFUND, object_id=answer.id)
    _trail(session, actor, at, "return_prepared", answer)
    if not two:
        _book_return(session, answer, at=at, person=person)
        _trail(session, actor, at, "return_approved", answer)
    return answer.id


def approve_return(
    session: Session, *, actor: Actor, at: datetime, answer_id: uuid.UUID
) -> uuid.UUID:
    """Book a return that another person prepared.

    Raises
    ------
    Forbidden
        Without the right to approve refunds; ``same_person``.
    NotFound
        ``answer_unknown``.
    Conflict
        ``answer_decided`` already.
    """
    answer, person = _decider(session, actor, answer_id)
    _require_second(session, actor, answer)
    entry_id = _book_return(session, answer, at=at, person=person)
    _trail(session, actor, at, "return_approved", answer)
    return entry_id


def refuse_return(
    session: Session, *, actor: Actor, at: datetime, answer_id: uuid.UUID, reason: str
) -> None:
    """Refuse a return that another person prepared, with the reason.

    Raises
    ------
    Forbidden, NotFound, Conflict
        As ``approve_return``.
    InvalidInput
        ``reason_missing``.
    """
    answer, person = _decider(session, actor, answer_id)
    _require_second(session, actor, answer)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    _decide(session, answer, None, at=at, person=person, reason=reason.strip())
    _trail(session, actor, at, "return_refused", answer)


def match_return(
    session: Session, *, actor: Actor, at: datetime, answer_id: uuid.UUID, line_id: uuid.UUID
) -> uuid.UUID:
    """Match the bank's line by which the money left again, and book that it left.

    Raises
    ------
    Forbidden
        Without the right to match.
    NotFound
        ``answer_unknown``, ``bank_line_unknown``.
    Conflict
        ``subject_matched``: its line was found; ``line_matched``.
    Refused
        ``match_amount_differs``; ``answer_not_booked``.
    """
    require(actor, Right.MATCH)
    hold(session, f"bank line {line_id}")
    hold(session, f"unidentified answer {answer_id}")
    answer = session.get(UnidentifiedAnswer, answer_id)
    if answer is None or answer.kind is not AnswerKind.SENT_BACK:
        raise NotFound("answer_unknown")
    if not _stands(session, answer):
        raise Refused("answer_not_booked")
    if left(session, answer_id):
        raise Conflict("subject_matched", field="choice")
    line = session.get(BankLine, line_id)
    if line is None:
        raise NotFound("bank_line_unknown")
    amount = Money(answer.amount, answer.currency)
    rest = rest_of(session, line)
    if not rest:
        raise Conflict("line_matched")
    if Money(rest, line.currency) != -amount:
        raise Refused("match_amount_differs", field="choice", wanted=-amount)
    account = session.get_one(BankAccount, line.account_id)
    number = session.scalar(
        select(func.count()).select_from(MatchItem).where(MatchItem.line_id == line_id)
    )
    told = entries.BankLine(
        str(line.id), line.booked_on, chart.bank(account.code), part=int(number or 0) + 1
    )
    draft = entries.disbursement_sent(told, disbursement_id=str(answer.id), amount=amount)
    draft = replace(draft, source_type=SENT_BACK)
    posted = journal.post(session, draft, at=at, actor_id=actor.user_id)
    part = Part(kind=Kind.ENTRY, subject_id=posted.entry_id)
    return reconciliation.confirm(session, actor=actor, at=at, line_id=line_id, parts=[part])[0]


def undo(
    session: Session, *, actor: Actor, at: datetime, answer_id: uuid.UUID, reason: str
) -> None:
    """Take an answer back: the reversal is dated as the entry was, so a closed month refuses.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``reason_missing``.
    NotFound
        ``answer_unknown``.
    Conflict
        ``answer_undone`` already.
    Refused
        ``answer_not_booked``; ``answer_left``: the bank has sent it; ``gift_moved``.
    LedgerRefused
        ``period_locked``, ``floor_breached``.
    """
    require(actor, Right.MATCH)
    person = _person(actor)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    hold(session, f"unidentified answer {answer_id}")
    answer = session.get(UnidentifiedAnswer, answer_id)
    decision = session.get(UnidentifiedDecision, answer_id)
    if answer is None:
        raise NotFound("answer_unknown")
    if decision is None or decision.entry_id is None:
        raise Refused("answer_not_booked")
    if session.get(UnidentifiedUndone, answer_id) is not None:
        raise Conflict("answer_undone")
    if answer.kind is AnswerKind.SENT_BACK and left(session, answer_id):
        raise Refused("answer_left")
    if answer.kind is AnswerKind.IDENTIFIED:
        mistaken.undo(
            session,
            decision.entry_id,
            on=answer.effective_on,
            actor=actor,
            at=at,
            reason=reason.strip(),
        )
    draft = _mirror(session, decision.entry_id, answer, reason.strip())
    posted = journal.post(session, draft, at=at, actor_id=person)
    session.add(
        UnidentifiedUndone(
            answer_id=answer_id,
            reversal_entry_id=posted.entry_id,
            reason=reason.strip(),
            made_at=at,
            made_by=person,
        )
    )
    session.flush()
    _trail(session, actor, at, "answer_undone", answer)


def note(session: Session, *, actor: Actor, at: datetime, entry_id: uuid.UUID, text: str) -> None:
    """Write a note beside money of an unknown giver.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``note_missing``.
    NotFound
        ``apart_unknown``.
    """
    require(actor, Right.MATCH)
    told = text.strip()[:_LONGEST_NOTE]
    if not told:
        raise InvalidInput("note_missing", field="text")
    receipts_apart.one(session, entry_id, on=utc_day(at))
    person = _person(actor)
    row = UnidentifiedNote(
        id=uuid7(at), entry_id=entry_id, text=told, written_at=at, written_by=person
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="unidentified.noted",
        object_type="entry",
        object_id=entry_id,
    )


def left(session: Session, answer_id: uuid.UUID) -> bool:
    """Say whether the bank has sent the money back: an entry says so and was not undone."""
    return (
        session.scalar(receipts_apart.gone().where(Entry.source_id == str(answer_id))) is not None
    )


def _require_second(session: Session, actor: Actor, answer: UnidentifiedAnswer) -> None:
    """Refuse whoever prepared a return, or in whose name it was prepared."""
    deputies.require_second(
        session,
        actor=actor,
        right=Right.APPROVE_REFUND,
        first=answer.prepared_by,
        object_id=answer.id,
    )


def _person(actor: Actor) -> uuid.UUID:
    """Return who acts; the system explains nothing."""
    if actor.user_id is None:
        raise Forbidden("person_needed")
    return actor.user_id


def _take(
    session: Session, entry_id: uuid.UUID, amount: Money | None, reason: str
) -> tuple[receipts_apart.Receipt, Money]:
    """Hold a receipt and return it with how much of it is answered for now."""
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    hold(session, f"unidentified {entry_id}")
    receipt = receipts_apart.one(session, entry_id)
    taken = amount or receipt.rest
    if taken.minor <= 0 or taken.currency != receipt.rest.currency:
        if not receipt.rest:
            raise Refused("receipt_rest", rest=receipt.rest)
        raise InvalidInput("amount_not_positive", field="amount")
    if taken > receipt.rest:
        raise Refused("receipt_rest", field="amount", rest=receipt.rest)
    return receipt, taken


def _answer(
    session: Session,
    receipt: receipts_apart.Receipt,
    kind: AnswerKind,
    amount: Money,
    reason: str,
    *,
    two: bool,
    at: datetime,
    person: uuid.UUID,
) -> UnidentifiedAnswer:
    row = UnidentifiedAnswer(
        id=uuid7(at),
        entry_id=receipt.entry_id,
        kind=kind,
        amount=amount.minor,
        currency=amount.currency,
        reason=reason.strip(),
        effective_on=max(utc_day(at), receipt.on),
        two_people=two,
        prepared_at=at,
        prepared_by=person,
    )
    session.add(row)
    session.flush()
    return row


def _decide(
    session: Session,
    answer: UnidentifiedAnswer,
    entry_id: uuid.UUID | None,
    *,
    at: datetime,
    person: uuid.UUID,
    donation_id: uuid.UUID | None = None,
    reason: str = "",
) -> None:
    session.add(
        UnidentifiedDecision(
            answer_id=answer.id,
            prepared_by=answer.prepared_by,
            two_people=answer.two_people,
            approved=entry_id is not None,
            reason=reason,
            entry_id=entry_id,
            donation_id=donation_id,
            decided_at=at,
            decided_by=person,
        )
    )
    session.flush()


def _decider(
    session: Session, actor: Actor, answer_id: uuid.UUID
) -> tuple[UnidentifiedAnswer, uuid.UUID]:
    require(actor, Right.APPROVE_REFUND)
    person = _person(actor)
    hold(session, f"unidentified answer {answer_id}")
    answer = session.get(UnidentifiedAnswer, answer_id)
    if answer is None:
        raise NotFound("answer_unknown")
    if session.get(UnidentifiedDecision, answer_id) is not None:
        raise Conflict("answer_decided")
    return answer, person


def _stands(session: Session, answer: UnidentifiedAnswer) -> bool:
    decision = session.get(UnidentifiedDecision, answer.id)
    booked = decision is not None and decision.approved
    return booked and session.get(UnidentifiedUndone, answer.id) is None


def _book_return(
    session: Session, answer: UnidentifiedAnswer, *, at: datetime, person: uuid.UUID
) -> uuid.UUID:
    draft = entries.unidentified_sent_back(
        receipt_id=str(answer.id),
        on=answer.effective_on,
        amount=Money(answer.amount, answer.currency),
    )
    draft = replace(draft, source_type="unidentified_answer")
    posted = journal.post(session, draft, at=at, actor_id=person)
    _decide(session, answer, posted.entry_id, at=at, person=person)
    return posted.entry_id


def _charged(
    session: Session, receipt: receipts_apart.Receipt, taken: Money
) -> tuple[Money, Money]:
    """Return what the giver paid for what arrived, and the card's fee in it.

    Money of a card stands apart without its fee, which was booked when it came; a part of it is
    taken as it is.
    """
    nothing = Money(0, taken.currency)
    if receipt.movement is None or taken != receipt.amount:
        return taken, nothing
    row = session.get_one(StripeBalanceTransaction, receipt.movement)
    return Money(row.amount, row.currency), Money(row.fee, row.currency)


def _gift(
    session: Session, target_id: uuid.UUID, gross: Money, answer_id: uuid.UUID, *, at: datetime
) -> Donation:
    """Return the gift that the money settles: a part of a pledge, an announced one, or another."""
    part = pledges.part(session, target_id, amount=gross, line_id=str(answer_id), at=at)
    if part is not None:
        return part
    known = donations.locked(session, target_id)
    if known.settled_at is None:
        wanted = Money(known.amount, known.currency)
        if gross != wanted:
            raise Refused("match_amount_differs", field="amount", wanted=wanted)
        return known
    frozen = donations.promised(
        session,
        at=at,
        amount=gross,
        language=known.language,
        directive=Directive(),
        estimate_id=None,
        ref=None,
        sentences=None,
        tried_cards=False,
    )
    return donations.write(
        session,
        frozen,
        at=at,
        amount=gross,
        cause=f"identified:{answer_id}",
        contributor_id=known.contributor_id,
    )


def _mirror(
    session: Session, entry_id: uuid.UUID, answer: UnidentifiedAnswer, reason: str
) -> Draft:
    entry = ledger.entry(session, entry_id)
    return entries.reversal(
        entry_id=entry_id,
        on=answer.effective_on,
        source_type=entry.source_type,
        source_id=entry.source_id,
        lines=[entries.Line(line.account, line.amount) for line in entry.lines],
        reason=reason,
    )


def _trail(
    session: Session,
    actor: Actor,
    at: datetime,
    did: str,
    answer: UnidentifiedAnswer,
    **details: str,
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"unidentified.{did}",
        object_type="unidentified_answer",
        object_id=answer.id,
        details={
            "entry": str(answer.entry_id),
            "amount": str(Money(answer.amount, answer.currency)),
            "reason": answer.reason,
            **details,
        },
    )
