"""What does a steward see of the project's money, and how is its arrival confirmed?"""

import uuid

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.treasury import arrivals
from offset.treasury.arrivals import PaymentSeen, ProjectMoney
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import current_actor, limited, policy
from offset.web.steward.forms import Received
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services


@blueprint.get("/projects/<uuid:project_id>/payments")
@policy(Right.APPLY)
def money(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is allocated, ordered and sent, and what arrived."""
    return render_template(
        "steward/money.html", seen=_money(project_id), project_id=project_id, paths=_path
    )


@blueprint.route("/projects/<uuid:project_id>/payments/<uuid:payment_id>", methods=["GET", "POST"])
@policy(Right.APPLY)
@limited("60 per hour")
def received(project_id: uuid.UUID, payment_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a payment arrived: the day, and the amount in local money."""
    seen = _payment(project_id, payment_id)
    form = Received()
    if request.method == "POST" and form.validate() and form.received_on.data:
        try:
            services().database.run(
                arrivals.confirm,
                actor=current_actor(),
                at=now(),
                disbursement_id=payment_id,
                received_on=form.received_on.data,
                amount=form.amount.data or "",
                currency=form.currency.data or "",
                note=form.note.data or "",
            )
            flash(_("Thank you. The secretariat sees that the money arrived."))
            return redirect(_path(project_id), code=303)
        except OffsetError as fault:
            blame(form, fault)
    with services().database.reading() as session:
        earlier = arrivals.history(session, payment_id)
    return render_template(
        "steward/received.html", seen=seen, earlier=earlier, form=form, back=_path(project_id)
    ), 422 if request.method == "POST" else 200


def _path(project_id: uuid.UUID) -> str:
    return page(f"/steward/projects/{project_id}/payments")


def _money(project_id: uuid.UUID) -> ProjectMoney:
    with services().database.reading() as session:
        return arrivals.of_project(session, current_actor(), project_id)


def _payment(project_id: uuid.UUID, payment_id: uuid.UUID) -> PaymentSeen:
    found = next((one for one in _money(project_id).payments if one.line.id == payment_id), None)
    if found is None:
        raise NotFound("payment_unknown")
    return found
