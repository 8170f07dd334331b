"""What waits for a member of the committee, for how many minutes, and what is known of them?"""

import uuid
from typing import Final

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import dossiers, invitations, members, thanks
from offset.projects.models import AssessmentStatus, Seat
from offset.web import labels, letters
from offset.web.committee.forms import Press, Profile
from offset.web.committee.room import act, blueprint
from offset.web.errors import blame, sentence_of, status_of
from offset.web.language import page
from offset.web.security import by_link, current_actor, limited, policy
from offset.web.wiring import now, services

_LONGEST_SECRET: Final = 64


@blueprint.get("")
@policy(Right.SEE_COMMITTEE)
def home() -> ResponseReturnValue:
    """List the seats somebody holds, what waits for this person first."""
    return _home()


@blueprint.post("/seats/<uuid:assignment_id>/decline")
@policy(Right.REVIEW)
def decline(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Give a seat back with one button."""
    if not Press().validate():
        return _home(status=422)
    try:
        act(invitations.decline, assignment_id=assignment_id)
    except OffsetError as fault:
        if status_of(fault) < 409:  # noqa: PLR2004 - what is not theirs is not there
            raise
        return _home(told=sentence_of(fault), status=status_of(fault))
    return redirect(page("/committee"), code=303)


@blueprint.route("/profile", methods=["GET", "POST"])
@policy(Right.SEE_COMMITTEE)
def profile() -> ResponseReturnValue:
    """Show and keep what a member knows well and where they belong."""
    actor = current_actor()
    if actor.user_id is None:
        return redirect(page("/committee"), code=303)
    with services().database.reading() as session:
        held = members.profile(session, actor, actor.user_id)
    form = Profile()
    if request.method == "GET":
        form.expertise.data = list(held.expertise)
        form.affiliations.data = "\n".join(held.affiliations)
    elif form.validate():
        try:
            act(
                members.save_profile,
                user_id=actor.user_id,
                expertise=form.expertise.data or (),
                affiliations=(form.affiliations.data or "").splitlines(),
            )
            return redirect(page("/committee/profile"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    status = 200 if request.method == "GET" else 422
    return render_template("committee/profile.html", held=held, form=form), status


@blueprint.get("/thanks/<uuid:letter_id>.pdf")
@policy(Right.SEE_COMMITTEE)
def thanks_letter(letter_id: uuid.UUID) -> Response:
    """Hand out the letter of thanks about a member's own year."""
    with services().database.reading() as session:
        written = thanks.letter(session, current_actor(), letter_id)
    return letters.thanks(written)


@blueprint.get("/asked/<secret>")
@by_link
def asked(secret: str) -> ResponseReturnValue:
    """Show what a mail asks for: one button to say no, a link to say yes. Opening does nothing."""
    return _asked(secret)


@blueprint.post("/asked/<secret>/decline")
@by_link
@limited("20 per 5 minutes")
def decline_by_link(secret: str) -> ResponseReturnValue:
    """Say no with the address of the mail."""
    if not Press().validate():
        return _asked(secret, status=422)
    try:
        services().database.run(
            invitations.decline_by_link, secret=secret[:_LONGEST_SECRET], at=now()
        )
    except OffsetError as fault:
        if status_of(fault) < 409:  # noqa: PLR2004 - an unknown address is not there
            raise
        return _asked(secret, told=sentence_of(fault), status=status_of(fault))
    return redirect(page(f"/committee/asked/{secret}"), code=303)


def _asked(secret: str, *, told: str = "", status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = invitations.asked(session, secret=secret[:_LONGEST_SECRET])
    return render_template(
        "committee/asked.html", seen=seen, secret=secret, press=Press(), told=told, labels=labels
    ), status


def _home(*, told: str = "", status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with services().database.reading() as session:
        seats = dossiers.invitations(session, actor)
        written = thanks.own(session, actor)
    lines = sorted(((one, _waiting(one)) for one in seats), key=lambda line: not line[1])
    return render_template(
        "committee/home.html",
        lines=lines,
        waiting=sum(bool(act) for _seat, act in lines),
        minutes=sum(one.minutes for one, act in lines if act),
        letters=written,
        press=Press(),
        told=told,
        labels=labels,
    ), status


def _waiting(seat: dossiers.Invitation) -> str:
    """Return what a seat waits for from its holder, or nothing."""
    if not seat.declared:
        return gettext("declare")
    match seat.line.assessment, seat.seat:
        case AssessmentStatus.IN_REVIEW, Seat.REVIEWER if not seat.submitted:
            return gettext("review")
        case AssessmentStatus.CONSENSUS, Seat.RAPPORTEUR:
            return gettext("decide")
        case _:
            return ""
