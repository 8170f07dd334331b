"""Which address takes a project's updates by mail, and how is it renewed?"""

import uuid

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from offset.people.access import Right
from offset.projects import drafts_by_mail
from offset.web.language import page
from offset.web.security import current_actor, limited, policy
from offset.web.steward.forms import Press
from offset.web.steward.room import blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services


@blueprint.get("/projects/<uuid:project_id>/mail")
@policy(Right.POST_UPDATE)
def mail_address(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show the project's secret address."""
    seen = seen_project(project_id)
    pattern = services().settings.inbox_address
    with services().database.reading() as session:
        address = drafts_by_mail.address(session, current_actor(), project_id, pattern)
    return render_template(
        "steward/mail.html",
        line=seen.line,
        taken=bool(pattern),
        address=address,
        press=Press(formdata=None),
    )


@blueprint.post("/projects/<uuid:project_id>/mail")
@policy(Right.POST_UPDATE)
@limited("20 per hour")
def renew_address(project_id: uuid.UUID) -> ResponseReturnValue:
    """Make a new address; the one before ends."""
    if Press().validate():
        services().database.run(
            drafts_by_mail.renew_address, actor=current_actor(), at=now(), project_id=project_id
        )
        flash(_("The address is new. Mails to an earlier one are no longer taken."))
    return redirect(page(f"/steward/projects/{project_id}/mail"), code=303)
