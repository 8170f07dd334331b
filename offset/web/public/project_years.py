"""What did a project plan and do, year by year, and who else carries it?"""

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.projects import yearly
from offset.web import labels
from offset.web.public import blueprint
from offset.web.security import public
from offset.web.wiring import services


@blueprint.get("/projects/<slug>/years")
@public
def project_years(slug: str) -> ResponseReturnValue:
    """Show each year, planned beside reported, hours given freely, co-funders and low prices."""
    with services().database.reading() as session:
        found = yearly.read(session, slug)
    return render_template("public/project_years.html", p=found, labels=labels)
