"""Which notices of the processor wait for a person, and which movements does nobody explain?"""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import OffsetError
from offset.people.access import Right
from offset.treasury import notices, payouts, suspense
from offset.web.errors import blame, sentence_of, status_of
from offset.web.secretariat import words
from offset.web.secretariat.forms import Finding, Press
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services


@blueprint.get("/notices")
@policy(Right.SEE_DESK)
def notice_list() -> ResponseReturnValue:
    """List the notices that could not be booked, and the movements in suspense."""
    return _page()


@blueprint.post("/notices/<event_id>/again")
@policy(Right.MATCH)
def read_notice_again(event_id: str) -> ResponseReturnValue:
    """Read what a notice speaks of once more at the processor."""
    if not Press().validate():
        return _page(status=422)
    try:
        helped = notices.read_again(
            services().database,
            services().events,
            actor=current_actor(),
            at=now(),
            event_id=event_id,
            on_payout=payouts.on_payout,
        )
    except OffsetError as fault:
        return _page(told=sentence_of(fault), status=status_of(fault))
    if helped:
        return back("/notices")
    return _page(told=gettext("It was read again and is as before. A person must look at it."))


@blueprint.post("/notices/<event_id>/note")
@policy(Right.MATCH)
def note_notice(event_id: str) -> ResponseReturnValue:
    """Write what was found out about a notice."""
    form = Finding()
    try:
        if form.validate():
            act(
                notices.note,
                event_id=event_id,
                text=form.text.data,
                explains=form.explains.data,
            )
            return back("/notices")
    except OffsetError as fault:
        blame(form, fault)
    return _page(opened=event_id, form=form, status=422)


def _page(
    *, told: str = "", opened: str = "", form: Finding | None = None, status: int = 200
) -> ResponseReturnValue:
    with services().database.reading() as session:
        found, following = notices.listed(session, at=now(), after=request.args.get("after", ""))
        unexplained = suspense.unexplained(session, on=today())
    return render_template(
        "secretariat/notices.html",
        notices=found,
        following=following,
        unexplained=unexplained,
        opened=opened or request.args.get("open", ""),
        form=form or Finding(),
        press=Press(),
        told=told,
        words=words,
    ), status
