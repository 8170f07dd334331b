"""Which payments does a donor's bank question, and until when may we answer?"""

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.giving import disputes
from offset.people.access import Right
from offset.web.secretariat import words
from offset.web.secretariat.room import blueprint
from offset.web.security import policy
from offset.web.wiring import now, services


@blueprint.get("/disputes")
@policy(Right.SEE_DESK)
def dispute_list() -> ResponseReturnValue:
    """List the disputes, those to answer soonest first."""
    with services().database.reading() as session:
        lines = disputes.lines(session)
    return render_template("secretariat/disputes.html", lines=lines, words=words, at=now())
