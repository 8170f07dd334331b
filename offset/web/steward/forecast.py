"""What does the platform compute for an application, and which factors does it suggest?"""

import uuid

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import applications, soil_checks
from offset.projects.rooms import StewardProject
from offset.web import checks_words, labels
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import current_actor, policy
from offset.web.steward.forms import Press
from offset.web.steward.room import blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services


@blueprint.get("/projects/<uuid:project_id>/projection")
@policy(Right.APPLY)
def projection(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show the projection of the answers as they stand, beside the applicant's own figure."""
    return _page(seen_project(project_id), Press(formdata=None))


@blueprint.post("/projects/<uuid:project_id>/projection/<variant>")
@policy(Right.APPLY)
def take_factors(project_id: uuid.UUID, variant: str) -> ResponseReturnValue:
    """Fill the soil block with the usual factors of the practice, climate and soil."""
    seen = seen_project(project_id)
    form = Press()
    if form.validate():
        found = [one for one in soil_checks.suggestions(seen.document) if one.variant == variant]
        if not found:
            raise NotFound("page_absent")
        try:
            services().database.run(
                applications.save,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                answers={"carbon": found[0].all_answers},
            )
            return redirect(page(f"/steward/projects/{project_id}/projection"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(seen, form, status=422)


def _page(seen: StewardProject, form: Press, *, status: int = 200) -> ResponseReturnValue:
    document = seen.document
    found = soil_checks.projection(document, seed=soil_checks.seed_of(seen.application_id))
    rate = found.estimate.rate if found.estimate else None
    return render_template(
        "steward/projection.html",
        seen=seen,
        found=found,
        detection=soil_checks.detectable(document, rate),
        cost=soil_checks.cost(document),
        suggestions=soil_checks.suggestions(document) if seen.editable else (),
        words=checks_words,
        labels=labels,
        press=Press(formdata=None),
        faulty=form if form.errors else None,
    ), status
