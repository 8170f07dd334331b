"""What do we not know, on which day, and where is the list behind each figure?"""

from typing import Final

from flask import jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from offset.clock import utc_day
from offset.reports import unknowns
from offset.reports.unknowns import Unknowns
from offset.web import labels
from offset.web.language import page
from offset.web.public import blueprint, texts
from offset.web.public.ledger import end_of, known_day
from offset.web.security import public
from offset.web.wiring import now, services

_MINUTE: Final = 60


@blueprint.get("/what-we-do-not-know")
@public
def what_we_do_not_know() -> ResponseReturnValue:
    """Show what nobody measured, what waits, what was corrected and how we decide."""
    return render_template(
        "public/unknown.html",
        told=_told(),
        known=request.args.get("known", ""),
        verdicts=texts.VERDICTS_OF_MONEY,
        outcomes=labels.OUTCOMES,
    )


@blueprint.get("/what-we-do-not-know.json")
@public
def unknown_json() -> ResponseReturnValue:
    """Hand out the same for programs."""
    answer = jsonify(unknowns.document(_told()))
    answer.headers["Cache-Control"] = f"public, max-age={_MINUTE}"
    return answer


@blueprint.get("/unknown")
@public
def unknown() -> ResponseReturnValue:
    """Send readers of the short address to the page."""
    return redirect(page("/what-we-do-not-know"), code=301)


def _told() -> Unknowns:
    """Read it, now or as it was known at the end of a day.

    Raises
    ------
    InvalidInput
        ``day_unreadable``.
    """
    known_at = end_of(known_day(request.args.get("known", "").strip(), "known"))
    with services().database.reading() as session:
        return unknowns.unknowns(session, on=utc_day(known_at or now()), known_at=known_at)
