"""How does somebody change or stop a monthly gift, with a link and without an account?"""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from offset.giving import queries, recurring
from offset.web.donor import words
from offset.web.donor.views import blueprint
from offset.web.fields import Form
from offset.web.language import language, prefix_of
from offset.web.security import by_link, limited
from offset.web.wiring import services


@blueprint.get("/gift/<token>/manage")
@by_link
def manage(token: str) -> ResponseReturnValue:
    """Show a monthly gift: how much, until when, and what its months became."""
    with services().database.reading() as session:
        seen = queries.monthly(session, token)
    return render_template("donor/manage.html", monthly=seen, words=words, form=Form())


@blueprint.post("/gift/<token>/manage")
@by_link
@limited("20 per hour")
def leave_to_manage(token: str) -> ResponseReturnValue:
    """Open the payment service's own page for it; a mail scanner that follows links does not."""
    with services().database.reading() as session:
        customer, _ = recurring.may_manage(session, token)
    here = f"{services().settings.public_url}{prefix_of(language())}"
    address = services().checkout.manage(
        customer, return_url=f"{here}/gift/{token}/manage", language=language()
    )
    return redirect(address, code=303)
