"""What does the secretariat see first?"""

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.people import access
from offset.people.access import Right
from offset.projects import rooms
from offset.treasury import queries
from offset.web.secretariat import words
from offset.web.secretariat.room import blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("")
@policy(Right.SEE_DESK)
def home() -> ResponseReturnValue:
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
    return render_template(
        "secretariat/home.html",
        desk=desk,
        updates=updates,
        applications=applications,
        words=words,
    )
