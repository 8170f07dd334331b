"""How does a project tell new bank details? It proposes; the secretariat calls back."""

import uuid

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import organisations
from offset.treasury import payees, proposals
from offset.web.errors import blame
from offset.web.fields import Filled, Form
from offset.web.language import page
from offset.web.security import current_actor, fresh, limited, policy
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services


class Proposal(Form):
    """Bank details as a project proposes them."""

    holder = StringField(_l("Holder of the account"), [Filled()])
    number = StringField(
        _l("IBAN, or account number where there is none"),
        [Filled()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    bic = StringField(_l("BIC of the bank"), description=_l("Needed where there is no IBAN."))
    country = StringField(
        _l("Country of the bank"),
        description=_l("Two letters, needed where there is no IBAN."),
        render_kw={"maxlength": 2},
    )
    reason = TextAreaField(_l("Why it changes"), [Filled()], render_kw={"rows": 2})


@blueprint.route("/projects/<uuid:project_id>/bank-account", methods=["GET", "POST"])
@policy(Right.APPLY)
@fresh
@limited("10 per hour")
def bank_account(project_id: uuid.UUID) -> ResponseReturnValue:
    """Propose bank details; nothing is paid there before the secretariat has called back."""
    form = Proposal()
    with services().database.reading() as session:
        organisations.own_project(session, current_actor(), project_id, Right.APPLY)
        waiting = proposals.waiting(session, project_id=project_id)
    if request.method == "POST" and form.validate():
        try:
            services().database.run(
                proposals.propose,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                holder=form.holder.data or "",
                account=payees.read_account(
                    number=form.number.data or "",
                    bic=form.bic.data or "",
                    country=form.country.data or "",
                ),
                reason=form.reason.data or "",
            )
            flash(_("Thank you. The secretariat calls you on a number it knew before."))
            return redirect(page(f"/steward/projects/{project_id}/payments"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return render_template(
        "steward/bank_account.html", form=form, waiting=waiting, project_id=project_id
    ), (422 if request.method == "POST" else 200)
