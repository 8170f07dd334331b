"""How does somebody who gave say that no more news of projects shall come by mail?"""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from offset.people import mail_choices
from offset.web.donor.views import blueprint
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import by_link, limited, without_token
from offset.web.wiring import now, services


class _Press(Form):
    """A button; the unguessable address says for whom."""


@blueprint.get("/news/<token>")
@by_link
def news(token: str) -> ResponseReturnValue:
    """Show whether news come, and the button that changes it; opening it changes nothing."""
    with services().database.reading() as session:
        found = mail_choices.choice(session, token)
    return render_template("donor/news.html", stopped=found.stopped, token=token, press=_Press())


@blueprint.post("/news/<token>/stop")
@by_link
@without_token
@limited("60 per hour")
def stop_news(token: str) -> ResponseReturnValue:
    """Stop the news at one press, from the page or from the reader's mail program (RFC 8058)."""
    services().database.run(mail_choices.choose, token=token, news=False, at=now())
    return redirect(page(f"/news/{token}"), code=303)


@blueprint.post("/news/<token>/again")
@by_link
@limited("60 per hour")
def news_again(token: str) -> ResponseReturnValue:
    """Let the news come again."""
    if _Press().validate():
        services().database.run(mail_choices.choose, token=token, news=True, at=now())
    return redirect(page(f"/news/{token}"), code=303)
