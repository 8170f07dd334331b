"""Do small contributions wait because somebody tries stolen cards, since when, and who ends it?"""

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.giving import guarded
from offset.people import settings
from offset.people.access import Right
from offset.web.errors import blame
from offset.web.secretariat.forms import Reason
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import policy
from offset.web.wiring import now, services


@blueprint.get("/guard")
@policy(Right.SEE_DESK)
def guard() -> ResponseReturnValue:
    """Show whether small contributions wait, why, since when, and what came before."""
    return _page(Reason())


@blueprint.post("/guard/end")
@policy(Right.END_GUARD)
def end_guard() -> ResponseReturnValue:
    """Take small contributions again, with a reason."""
    form = Reason()
    try:
        if form.validate():
            act(guarded.end, reason=form.reason.data or "")
            return back("/guard")
    except OffsetError as fault:
        blame(form, fault)
    return _page(form, status=422)


def _page(form: Reason, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        held = guarded.held(session, at=now())
        past = guarded.past(session, at=now())
        setting = settings.current(session, "guard").value
    body = render_template(
        "secretariat/guard.html", form=form, held=held, past=past, setting=setting
    )
    return body, status
