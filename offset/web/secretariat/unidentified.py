"""Who gave the money that nobody could explain, and how does it go back where it came from?"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.money import Money, parse_money
from offset.people.access import Right
from offset.treasury import receipts_apart, unidentified
from offset.treasury import screen as screens
from offset.treasury.receipts_apart import Receipt, Search
from offset.treasury.unidentified_models import AnswerKind
from offset.web.errors import blame, sentence_of, status_of
from offset.web.secretariat import recon_view, words
from offset.web.secretariat.forms import Choice, Identify, Note, Press, Reason, SendBack
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/unidentified")
@policy(Right.SEE_DESK)
def unidentified_list() -> ResponseReturnValue:
    """List the money that stands apart because nobody knows the giver."""
    asked = request.args
    search = Search(
        text=asked.get("text", "").strip()[:100],
        amount=recon_view.amount_of(asked.get("amount", ""), "EUR"),
        answered=asked.get("show") == "answered",
        after=asked.get("after", ""),
    )
    with services().database.reading() as session:
        found = receipts_apart.listed(session, search, on=today())
    return render_template(
        "secretariat/unidentified.html",
        found=found,
        search=search,
        query=recon_view.query,
        words=words,
        AnswerKind=AnswerKind,
    )


@blueprint.get("/unidentified/<uuid:entry_id>")
@policy(Right.SEE_DESK)
def unidentified_one(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show money of an unknown giver, what it may be, and what was done about it."""
    return _page(entry_id)


@blueprint.post("/unidentified/<uuid:entry_id>/identify")
@policy(Right.MATCH)
def identify_receipt(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Book the money as the gift that was chosen."""
    form = Identify()
    return _take(
        entry_id,
        form,
        lambda amount: act(
            unidentified.identify,
            entry_id=entry_id,
            target_id=uuid.UUID(form.target.data or ""),
            amount=amount,
            reason=form.reason.data,
        ),
        identify=form,
    )


@blueprint.post("/unidentified/<uuid:entry_id>/send-back")
@policy(Right.PREPARE_REFUND)
def send_receipt_back(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Prepare to send the money back; a large sum waits for a second person."""
    form = SendBack()
    return _take(
        entry_id,
        form,
        lambda amount: act(
            unidentified.send_back, entry_id=entry_id, amount=amount, reason=form.reason.data
        ),
        send=form,
    )


@blueprint.post("/unidentified/<uuid:entry_id>/note")
@policy(Right.MATCH)
def note_receipt(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Write a note beside the money."""
    form = Note()
    try:
        if form.validate():
            act(unidentified.note, entry_id=entry_id, text=form.text.data)
            return back(f"/unidentified/{entry_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(entry_id, note=form, status=422)


@blueprint.post("/unidentified/<uuid:entry_id>/answers/<uuid:answer_id>/approve")
@policy(Right.APPROVE_REFUND)
def approve_return(entry_id: uuid.UUID, answer_id: uuid.UUID) -> ResponseReturnValue:
    """Approve a return that another person prepared."""
    return _press(entry_id, lambda: act(unidentified.approve_return, answer_id=answer_id))


@blueprint.post("/unidentified/<uuid:entry_id>/answers/<uuid:answer_id>/refuse")
@policy(Right.APPROVE_REFUND)
def refuse_return(entry_id: uuid.UUID, answer_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a return, with the reason."""
    return _with_reason(entry_id, answer_id, unidentified.refuse_return)


@blueprint.post("/unidentified/<uuid:entry_id>/answers/<uuid:answer_id>/undo")
@policy(Right.MATCH)
def undo_answer(entry_id: uuid.UUID, answer_id: uuid.UUID) -> ResponseReturnValue:
    """Take an answer back, with the reason."""
    return _with_reason(entry_id, answer_id, unidentified.undo)


@blueprint.post("/unidentified/<uuid:entry_id>/answers/<uuid:answer_id>/match")
@policy(Right.MATCH)
def match_return(entry_id: uuid.UUID, answer_id: uuid.UUID) -> ResponseReturnValue:
    """Match the bank's line by which the money left again."""
    form = Choice()
    line_id = recon_view.id_of(form.choice.data or "")
    if line_id is None:
        return _page(entry_id, status=422)
    return _press(
        entry_id, lambda: act(unidentified.match_return, answer_id=answer_id, line_id=line_id)
    )


def _take(
    entry_id: uuid.UUID, form: Any, do: Callable[[Money | None], object], **shown: Any
) -> ResponseReturnValue:
    """Take a form with an amount; a refusal stands at its field."""
    with services().database.reading() as session:
        receipt = receipts_apart.one(session, entry_id)
    try:
        if form.validate():
            told = (form.amount.data or "").strip()
            do(parse_money(told, receipt.rest.currency, field="amount") if told else None)
            return back(f"/unidentified/{entry_id}")
    except ValueError:
        form.form_errors.append(words.CHOOSE_GIFT)
    except OffsetError as fault:
        blame(form, fault)
    return _page(entry_id, status=422, **shown)


def _press(entry_id: uuid.UUID, do: Callable[[], object]) -> ResponseReturnValue:
    if not Press().validate():
        return _page(entry_id, status=422)
    try:
        do()
    except OffsetError as fault:
        return _page(entry_id, told=sentence_of(fault), status=status_of(fault))
    return back(f"/unidentified/{entry_id}")


def _with_reason(
    entry_id: uuid.UUID, answer_id: uuid.UUID, verb: Callable[..., object]
) -> ResponseReturnValue:
    form = Reason()
    try:
        if form.validate():
            act(verb, answer_id=answer_id, reason=form.reason.data)
            return back(f"/unidentified/{entry_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(entry_id, reason=form, undo=str(answer_id), status=422)


def _page(
    entry_id: uuid.UUID,
    *,
    identify: Identify | None = None,
    send: SendBack | None = None,
    note: Note | None = None,
    reason: Reason | None = None,
    undo: str = "",
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    looked_for = request.args.get("q", "").strip()[:100]
    with services().database.reading() as session:
        receipt = receipts_apart.one(session, entry_id, on=today())
        answers = receipts_apart.answers(session, entry_id)
        proposed = receipts_apart.proposed(session, receipt)
        found = receipts_apart.looked_for(session, looked_for)
        leaving = {
            one.id: screens.open_lines_of(session, -one.amount, on=today())
            for one in answers
            if one.kind is AnswerKind.SENT_BACK
            and one.approved
            and not one.left
            and not one.undone_by_name
        }
    return render_template(
        "secretariat/unidentified_one.html",
        receipt=receipt,
        answers=answers,
        proposed=proposed,
        found=found,
        looked_for=looked_for,
        leaving=leaving,
        identify=identify or Identify(),
        send=send or SendBack(),
        note=note or Note(),
        reason=reason or Reason(),
        undo=undo or request.args.get("undo", ""),
        press=Press(),
        told=told,
        me=current_actor().user_id,
        may_send=_may_send(receipt),
        words=words,
        AnswerKind=AnswerKind,
    ), status


def _may_send(receipt: Receipt) -> bool:
    """Say whether this money can be sent back from our bank: what came by card cannot."""
    return bool(receipt.rest) and receipt.line_id is not None
