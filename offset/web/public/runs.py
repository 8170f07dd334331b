"""Who got what of the money that was given where it is needed most, and why?"""

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.giving import queries
from offset.web.public import blueprint
from offset.web.security import public
from offset.web.themes import theme_name
from offset.web.wiring import services


@blueprint.get("/allocation")
@public
def runs() -> ResponseReturnValue:
    """Publish the rule, every approved run and what waits."""
    with services().database.reading() as session:
        published = queries.published(session)
        waiting = queries.waiting(session)
    return render_template(
        "public/allocation.html", runs=published, waiting=waiting, theme_name=theme_name
    )
