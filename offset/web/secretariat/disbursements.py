"""How does a payment go from one person's desk to another's?"""

import uuid

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right, may
from offset.treasury import arrivals, disbursements, dossier, orders, payees, proposals, queries
from offset.treasury.models import CheckOutcome
from offset.web import labels
from offset.web.errors import blame
from offset.web.secretariat import words
from offset.web.secretariat.forms import Checked, Payee, Prepare, Refuse
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/disbursements")
@policy(Right.SEE_DESK)
def payment_list() -> ResponseReturnValue:
    """List the payments, what may be paid, and whose accounts wait to be checked."""
    return _list()


@blueprint.post("/disbursements")
@policy(Right.PREPARE_DISBURSEMENT)
def prepare_payment() -> ResponseReturnValue:
    """Prepare a payment for another person to approve."""
    form = Prepare()
    try:
        if form.validate() and form.amount.money is not None:
            payment_id = act(
                disbursements.prepare,
                project_id=_id(form.project.data, "project"),
                amount=form.amount.money,
                purpose=form.purpose.data or "",
            )
            return back(f"/disbursements/{payment_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _list(prepare=form, status=422)


@blueprint.post("/payees")
@policy(Right.PREPARE_DISBURSEMENT)
def enter_payee() -> ResponseReturnValue:
    """Enter a project's bank account, for another person to check."""
    form = Payee()
    try:
        if form.validate():
            account = payees.read_account(
                number=form.number.data or "",
                bic=form.bic.data or "",
                country=form.country.data or "",
            )
            act(
                payees.enter,
                project_id=_id(form.project.data, "project"),
                holder=form.holder.data or "",
                account=account,
                reason=form.reason.data or "",
                explanation=form.explanation.data or "",
            )
            return back("/disbursements#payees")
    except OffsetError as fault:
        blame(form, fault)
    return _list(payee=form, status=422)


@blueprint.get("/payees/<uuid:payee_id>")
@policy(Right.SEE_DESK)
def payee(payee_id: uuid.UUID) -> ResponseReturnValue:
    """Show a payee's account in full to whoever checks it."""
    return _payee(payee_id, Checked())


@blueprint.post("/payees/<uuid:payee_id>")
@policy(Right.APPROVE_DISBURSEMENT)
def check_payee(payee_id: uuid.UUID) -> ResponseReturnValue:
    """Say as the second person whether the account is the payee's."""
    form = Checked()
    try:
        if form.validate():
            act(
                payees.check,
                beneficiary_id=payee_id,
                outcome=CheckOutcome(form.outcome.data),
                note=form.note.data or "",
            )
            return back("/disbursements#payees")
    except OffsetError as fault:
        blame(form, fault)
    return _payee(payee_id, form, status=422)


@blueprint.get("/disbursements/<uuid:payment_id>")
@policy(Right.SEE_DESK)
def payment(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Show one payment; whoever did not prepare it may approve or refuse."""
    return _payment(payment_id)


@blueprint.post("/disbursements/<uuid:payment_id>/approve")
@policy(Right.APPROVE_DISBURSEMENT)
def approve_payment(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Approve a payment as the second person."""
    return press(
        disbursements.approve,
        f"/disbursements/{payment_id}",
        lambda told, status: _payment(payment_id, told=told, status=status),
        disbursement_id=payment_id,
    )


@blueprint.post("/disbursements/<uuid:payment_id>/refuse")
@policy(Right.APPROVE_DISBURSEMENT)
def refuse_payment(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a payment as the second person, with the reason."""
    form = Refuse()
    try:
        if form.validate():
            act(
                disbursements.refuse,
                disbursement_id=payment_id,
                reason=form.reason.data or "",
            )
            return back(f"/disbursements/{payment_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _payment(payment_id, refuse=form, status=422)


def _payment(
    payment_id: uuid.UUID, *, refuse: Refuse | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = dossier.approval(session, payment_id, on=today())
        arrived = arrivals.history(session, payment_id)
        file = orders.file_of(session, payment_id)
        order = orders.order(session, payment_id)
    actor = current_actor()
    return render_template(
        "secretariat/payment.html",
        seen=seen,
        arrived=arrived,
        file=file,
        order=order,
        mine=seen.line.prepared_by_id == actor.user_id,
        may_decide=may(actor, Right.APPROVE_DISBURSEMENT),
        refuse=refuse or Refuse(),
        told=told,
        words=words,
    ), status


def _payee(payee_id: uuid.UUID, form: Checked, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        number = dossier.payee_in_full(session, payee_id)
        seen = next(view for view in dossier.payee_views(session) if view.id == payee_id)
    actor = current_actor()
    return render_template(
        "secretariat/payee.html",
        seen=seen,
        number=number,
        form=form,
        mine=seen.entered_by_id == actor.user_id,
        may_decide=may(actor, Right.APPROVE_DISBURSEMENT),
    ), status


def _list(
    *, prepare: Prepare | None = None, payee: Payee | None = None, status: int = 200
) -> ResponseReturnValue:
    prepare, payee = prepare or Prepare(), payee or Payee()
    with services().database.reading() as session:
        found = dossier.payable(session, on=today())
        lines = queries.payments(session)
        waiting = dossier.payee_views(session, unchecked=True)
        proposed = proposals.waiting(session)
    prepare.project.choices = labels.options(
        (str(one.project_id), f"{one.code} {one.title} ({words.amount(one.free)})")
        for one in found
        if one.payee is not None and one.may_pay and one.free.minor > 0
    )
    payee.project.choices = labels.options(
        (str(one.project_id), f"{one.code} {one.title}") for one in found
    )
    return render_template(
        "secretariat/disbursements.html",
        payable=found,
        payments=lines,
        waiting=waiting,
        proposed=proposed,
        prepare=prepare,
        payee=payee,
        words=words,
    ), status


def _id(text: str | None, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise InvalidInput("project_unknown", field=field) from None
