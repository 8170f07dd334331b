"""What does the secretariat see first?"""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from offset.giving import balance_check, disputes, guarded, refund_rows
from offset.people import access, deputies
from offset.people.access import Right
from offset.projects import rooms
from offset.treasury import queries
from offset.web.language import page
from offset.web.secretariat import approver, away, closing, run_words, words
from offset.web.secretariat.room import blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services


@blueprint.get("")
@policy(Right.SEE_DESK)
def home() -> ResponseReturnValue:
    """Show closers of months the oldest open one, approvers what waits, others the overview."""
    if approver.lands_here(current_actor()):
        return redirect(page("/secretariat/approvals"))
    if access.may(current_actor(), Right.CLOSE_PERIOD):
        with services().database.reading() as session:
            first = closing.oldest_open(session)
        if first is not None:
            return closing.shown(first)
    return overview()


@blueprint.get("/overview")
@policy(Right.SEE_DESK)
def overview() -> ResponseReturnValue:
    """Show what waits, where the money stands, what is late, and which jobs ran."""
    actor = current_actor()
    with services().database.reading() as session:
        desk = queries.desk(session, on=today())
        updates = (
            rooms.awaiting_moderation(session, actor) if access.may(actor, Right.MODERATE) else ()
        )
        applications = [
            line
            for line in rooms.desk_projects(session, actor)
            if line.assessment.value in {"submitted", "eligibility"}
        ]
        asked = [one for one in disputes.lines(session) if one.open]
        refunds = refund_rows.waiting(session)
        stripe = balance_check.compared(session)
        guard = guarded.held(session, at=now())
        lacks = deputies.lacking_ahead(session, on=today())
    return render_template(
        "secretariat/home.html",
        desk=desk,
        open_disputes=[one for one in asked if one.needs_answer],
        late_disputes=any(one.late(now()) for one in asked),
        waiting_refunds=refunds,
        guard=guard,
        stripe=stripe,
        updates=updates,
        applications=applications,
        lacks=lacks,
        acts=away.ACTS,
        words=words,
        job_words=run_words.JOBS,
    )
