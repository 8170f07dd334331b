"""Which payment waits for the approver? One page each, made for a phone."""

import uuid

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from offset.errors import OffsetError
from offset.people.access import Actor, Right, may
from offset.treasury import disbursements, dossier, queries
from offset.treasury.queries import PaymentLine, PaymentState
from offset.web.errors import blame, sentence_of, status_of
from offset.web.language import page
from offset.web.secretariat import words
from offset.web.secretariat.forms import Press, Refuse
from offset.web.secretariat.room import act, blueprint, today
from offset.web.security import current_actor, fresh, policy
from offset.web.templating import locale, write_money
from offset.web.wiring import services


def lands_here(actor: Actor) -> bool:
    """Say whether somebody approves and prepares nothing: then this is their home."""
    return may(actor, Right.APPROVE_DISBURSEMENT) and not may(actor, Right.PREPARE_DISBURSEMENT)


@blueprint.get("/approvals")
@policy(Right.APPROVE_DISBURSEMENT)
def approvals() -> ResponseReturnValue:
    """Show the payment that has waited longest for somebody else than who prepared it."""
    waiting = _waiting()
    if waiting:
        return redirect(page(f"/secretariat/approvals/{waiting[0].id}"))
    return render_template("secretariat/approvals_done.html")


@blueprint.get("/approvals/<uuid:payment_id>")
@policy(Right.APPROVE_DISBURSEMENT)
@fresh
def approval(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Show one payment with everything that a decision needs; opening it decides nothing."""
    return _page(payment_id)


@blueprint.post("/approvals/<uuid:payment_id>/approve")
@policy(Right.APPROVE_DISBURSEMENT)
@fresh
def approve_here(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Approve a payment as the second person, and go on to the next."""
    if not Press().validate():
        return _page(payment_id, status=422)
    try:
        act(disbursements.approve, disbursement_id=payment_id)
    except OffsetError as fault:
        return _page(payment_id, told=sentence_of(fault), status=status_of(fault))
    return _decided(payment_id)


@blueprint.post("/approvals/<uuid:payment_id>/refuse")
@policy(Right.APPROVE_DISBURSEMENT)
@fresh
def refuse_here(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a payment as the second person, with the reason, and go on to the next."""
    form = Refuse()
    try:
        if form.validate():
            act(
                disbursements.refuse,
                disbursement_id=payment_id,
                reason=form.reason.data or "",
            )
            return _decided(payment_id)
    except OffsetError as fault:
        blame(form, fault)
    return _page(payment_id, refuse=form, status=422)


def _waiting() -> tuple[PaymentLine, ...]:
    """Return what this person may decide on, the oldest first."""
    actor = current_actor()
    with services().database.reading() as session:
        lines = queries.payments(session, state=PaymentState.PREPARED)
    return tuple(reversed([line for line in lines if line.prepared_by_id != actor.user_id]))


def _decided(payment_id: uuid.UUID) -> ResponseReturnValue:
    with services().database.reading() as session:
        line = queries.payment(session, payment_id)
    sum_ = write_money(line.amount, locale())
    if line.state is PaymentState.REFUSED:
        flash(_("%(number)s of %(sum)s is refused.", number=line.number, sum=sum_))
    else:
        flash(_("%(number)s of %(sum)s is approved.", number=line.number, sum=sum_))
    return redirect(page("/secretariat/approvals"), code=303)


def _page(
    payment_id: uuid.UUID, *, refuse: Refuse | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    waiting = _waiting()
    with services().database.reading() as session:
        seen = dossier.approval(session, payment_id, on=today())
    ids = [line.id for line in waiting]
    place = ids.index(payment_id) if payment_id in ids else None
    return render_template(
        "secretariat/approval.html",
        seen=seen,
        place=None if place is None else place + 1,
        count=len(ids),
        before=ids[place - 1] if place else None,
        after=ids[place + 1] if place is not None and place + 1 < len(ids) else None,
        mine=seen.line.prepared_by_id == current_actor().user_id,
        stopped=[one for one in seen.checks if not one.good],
        refuse=refuse or Refuse(),
        told=told,
        words=words,
    ), status
