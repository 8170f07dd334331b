"""What needs me today? The work list as a page, and the choice of its daily mail."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.people import installation
from offset.people.access import Right, may
from offset.people.installation import Mode
from offset.treasury import worklist
from offset.web import ready
from offset.web.ready_words import WORDS
from offset.web.secretariat.forms import Press
from offset.web.secretariat.room import blueprint, press, today
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services


@blueprint.get("/tasks")
@policy(Right.SEE_DESK)
def work_list() -> ResponseReturnValue:
    """Show what waits for whoever is signed in, with its age and its place."""
    return _shown()


@blueprint.post("/tasks/digest")
@policy(Right.SEE_DESK)
def work_digest() -> ResponseReturnValue:
    """Stop the daily mail, or let it come again."""
    if request.form.get("wanted") not in {"yes", "no"}:
        return _shown(status=422)
    return press(
        worklist.choose_digest,
        "/tasks",
        _shown,
        wanted=request.form["wanted"] == "yes",
    )


def _shown(told: str = "", status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with services().database.reading() as session:
        reds: list[str] = []
        if may(actor, Right.SEE_READY):
            mode = installation.mode(session) or Mode.REHEARSAL
            reds = sorted(ready.red(ready.look(services(), session, mode, at=now())))
        piles = worklist.everything(session, at=now()).of(actor, reds)
        wanted = worklist.wants_digest(session, actor.user_id)
    return render_template(
        "secretariat/tasks.html",
        piles=piles,
        ready_words=WORDS,
        on=today(),
        wanted=wanted,
        press=Press(formdata=None),
        told=told,
    ), status
