"""How does the desk help a giver, and forget one who asks? Each look is on the trail."""

import uuid

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import NotFound, OffsetError
from offset.giving import donor_desk, forgetting
from offset.giving.queries import donor_page
from offset.giving.queries.donor_page import DonorPage
from offset.people.access import Right
from offset.web.errors import blame, sentence_of
from offset.web.language import page
from offset.web.secretariat import words
from offset.web.secretariat.look_forms import Correction, Forget, Resend, Why
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/donors/<uuid:contributor_id>")
@policy(Right.SEE_DONORS)
def donor(contributor_id: uuid.UUID) -> ResponseReturnValue:
    """Show a giver: gifts, papers, promises, mails; that somebody looked is written down."""
    return _donor(contributor_id, None)


@blueprint.get("/gifts/<uuid:donation_id>/giver")
@policy(Right.SEE_DONORS)
def giver(donation_id: uuid.UUID) -> ResponseReturnValue:
    """Lead from a gift to who gave it.

    Raises
    ------
    NotFound
        ``donor_unknown``: the gift names nobody.
    """
    with services().database.reading() as session:
        found = donor_page.of_gift(session, donation_id)
    if found is None:
        raise NotFound("donor_unknown")
    return redirect(page(f"/secretariat/donors/{found}"), code=303)


@blueprint.post("/donors/<uuid:contributor_id>/correct")
@policy(Right.SEE_DONORS)
def correct_donor(contributor_id: uuid.UUID) -> ResponseReturnValue:
    """Correct a name, an address or where mails go; standing receipts are replaced."""
    form = Correction()
    try:
        if form.validate():
            act(
                donor_desk.correct,
                contributor_id=contributor_id,
                name=form.name.data or "",
                address=form.address.data or "",
                email=form.email.data or "",
                reason=form.reason.data or "",
            )
            return back(f"/donors/{contributor_id}?done=corrected")
    except OffsetError as fault:
        blame(form, fault)
    return _donor(contributor_id, form, status=422)


@blueprint.get("/donors/mails")
@policy(Right.SEE_DONORS)
def lost_mails() -> ResponseReturnValue:
    """List the mails that were given up, each to be sent again."""
    return _mails()


@blueprint.post("/donors/mails/<uuid:message_id>")
@policy(Right.SEE_DONORS)
def mail_again(message_id: uuid.UUID) -> ResponseReturnValue:
    """Send a mail that was given up again, to the right address."""
    form = Resend()
    if not form.validate():
        return _mails(gettext("Write the address the mail shall go to."), status=422)
    try:
        act(donor_desk.mail_again, message_id=message_id, email=form.email.data or "")
    except OffsetError as fault:
        return _mails(sentence_of(fault), status=422)
    return back("/donors/mails?done=again")


@blueprint.get("/donors/forget")
@policy(Right.FORGET_PERSON)
def forget_form() -> ResponseReturnValue:
    """Ask whom to forget."""
    return render_template("secretariat/forget.html", form=Forget(formdata=None))


@blueprint.post("/donors/forget")
@policy(Right.FORGET_PERSON)
def forget() -> ResponseReturnValue:
    """Empty a person's name and address everywhere."""
    form = Forget()
    try:
        if form.validate():
            if (form.email.data or "").strip() != (form.again.data or "").strip():
                form.again.errors = [gettext("The two addresses differ.")]
            else:
                act(forgetting.forget, email=form.email.data or "")
                return back("/donors/forget?done=forgotten")
    except OffsetError as fault:
        blame(form, fault)
    return render_template("secretariat/forget.html", form=form), 422


def _donor(
    contributor_id: uuid.UUID, form: Correction | None, *, status: int = 200
) -> ResponseReturnValue:
    why = Why(request.args)
    try:
        seen: DonorPage = act(
            donor_desk.look, contributor_id=contributor_id, why=why.why.data or ""
        )
    except OffsetError as fault:
        if fault.field != "why":
            raise
        blame(why, fault)
        seen = act(donor_desk.look, contributor_id=contributor_id)
        status = 422
    told = {"name": seen.name, "address": seen.address, "email": seen.email}
    with services().database.reading() as session:
        lives = {one.id: donor_page.life(session, one.id) for one in seen.gifts[:20]}
    return render_template(
        "secretariat/donor.html",
        seen=seen,
        lives=lives,
        why=why,
        form=form or Correction(formdata=None, data=told),
        me=current_actor().user_id,
        words=words,
    ), status


def _mails(told: str = "", *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = donor_desk.undelivered(session, actor=current_actor())
    return render_template(
        "secretariat/lost_mails.html", found=found, form=Resend(formdata=None), told=told
    ), status
