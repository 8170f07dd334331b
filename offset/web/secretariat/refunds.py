"""How does money go back to a donor, from the wish to the second person's word?"""

import uuid

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError, TryLater
from offset.giving import kept_refunds, refund_rows
from offset.giving.models import RefundState
from offset.money import parse_money
from offset.people.access import Right, may
from offset.web.errors import blame
from offset.web.secretariat import words
from offset.web.secretariat.forms import Back, Reason
from offset.web.secretariat.room import act, back, blueprint, press
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services


@blueprint.get("/refunds")
@policy(Right.SEE_DESK)
def refund_list() -> ResponseReturnValue:
    """List the refunds: what waits for a person first."""
    with services().database.reading() as session:
        lines = refund_rows.lines(session)
    return render_template("secretariat/refunds.html", lines=lines, words=words)


@blueprint.get("/gifts/<uuid:donation_id>/refund")
@policy(Right.PREPARE_REFUND)
def refund_form(donation_id: uuid.UUID) -> ResponseReturnValue:
    """Show what may go back of a gift, and what a refund needs."""
    return _form(donation_id, Back())


@blueprint.post("/gifts/<uuid:donation_id>/refund")
@policy(Right.PREPARE_REFUND)
def prepare_refund(donation_id: uuid.UUID) -> ResponseReturnValue:
    """Prepare a refund; a small one is asked for at once."""
    form = Back()
    with services().database.reading() as session:
        left = refund_rows.refundable(session, donation_id, at=now()).left
    try:
        if form.validate():
            refund_id = act(
                refund_rows.prepare,
                donation_id=donation_id,
                amount=parse_money(form.amount.data or "", left.currency),
                reason=form.reason.data or "",
                confirmation=form.confirmation.data or "",
            )
            _ask(refund_id)
            return back(f"/refunds/{refund_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _form(donation_id, form, status=422)


@blueprint.get("/refunds/<uuid:refund_id>")
@policy(Right.SEE_DESK)
def refund(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Show one refund; whoever did not prepare it may decide."""
    return _refund(refund_id)


@blueprint.post("/refunds/<uuid:refund_id>/approve")
@policy(Right.APPROVE_REFUND)
def approve_refund(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Approve a refund as the second person and ask the processor for it."""
    form = Reason()
    try:
        act(refund_rows.approve, refund_id=refund_id)
    except OffsetError as fault:
        blame(form, fault)
        return _refund(refund_id, form=form, status=422)
    _ask(refund_id)
    return back(f"/refunds/{refund_id}")


@blueprint.post("/refunds/<uuid:refund_id>/refuse")
@policy(Right.APPROVE_REFUND)
def refuse_refund(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a refund as the second person, with the reason."""
    return _with_reason(refund_id, refund_rows.refuse)


@blueprint.post("/refunds/<uuid:refund_id>/accept")
@policy(Right.APPROVE_REFUND)
def accept_refund(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Accept a refund that was made at the processor."""
    return _with_reason(refund_id, refund_rows.accept)


@blueprint.post("/refunds/<uuid:refund_id>/keep")
@policy(Right.PREPARE_REFUND)
def keep_refund(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that the donor leaves us a failed refund; a small one is booked at once."""
    return _with_reason(refund_id, kept_refunds.prepare)


@blueprint.post("/refunds/<uuid:refund_id>/keep/<uuid:keeping_id>/approve")
@policy(Right.APPROVE_REFUND)
def approve_keeping(refund_id: uuid.UUID, keeping_id: uuid.UUID) -> ResponseReturnValue:
    """Book, as the second person, that a failed refund is kept."""
    return press(
        kept_refunds.approve,
        f"/refunds/{refund_id}",
        lambda told, status: _refund(refund_id, told=told, status=status),
        keeping_id=keeping_id,
    )


@blueprint.post("/refunds/<uuid:refund_id>/keep/<uuid:keeping_id>/refuse")
@policy(Right.APPROVE_REFUND)
def refuse_keeping(refund_id: uuid.UUID, keeping_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse, as the second person, that a failed refund is kept."""
    form = Reason()
    try:
        if form.validate():
            reason = form.reason.data or ""
            act(kept_refunds.refuse, keeping_id=keeping_id, reason=reason)
            return back(f"/refunds/{refund_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _refund(refund_id, form=form, status=422)


def _with_reason(refund_id: uuid.UUID, verb: refund_rows.Decision) -> ResponseReturnValue:
    form = Reason()
    try:
        if form.validate():
            act(verb, refund_id=refund_id, reason=form.reason.data or "")
            return back(f"/refunds/{refund_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _refund(refund_id, form=form, status=422)


def _ask(refund_id: uuid.UUID) -> None:
    """Ask the processor; when it cannot be reached the job asks again under the same key."""
    try:
        refund_rows.send(services().database, services().refunds, refund_id, at=now())
    except TryLater:
        return


def _form(donation_id: uuid.UUID, form: Back, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        gift = refund_rows.refundable(session, donation_id, at=now())
        earlier = refund_rows.lines(session, donation_id=donation_id)
    return render_template(
        "secretariat/refund_form.html", gift=gift, form=form, earlier=earlier, words=words
    ), status


def _refund(
    refund_id: uuid.UUID, *, form: Reason | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    with services().database.reading() as session:
        line = refund_rows.line(session, refund_id)
        failed = line.state is RefundState.FAILED
        owed = kept_refunds.owed(session, refund_id) if failed else None
        kept = kept_refunds.of_refund(session, refund_id) if failed else ()
    actor = current_actor()
    return render_template(
        "secretariat/refund.html",
        line=line,
        form=form or Reason(),
        mine=line.prepared_by_id is not None and line.prepared_by_id == actor.user_id,
        may_decide=may(actor, Right.APPROVE_REFUND),
        may_prepare=may(actor, Right.PREPARE_REFUND),
        owed=owed,
        kept=kept,
        waits=next((one for one in kept if one.approved is None), None),
        me=actor.user_id,
        told=told,
        words=words,
    ), status
