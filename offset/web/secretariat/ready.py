"""What is missing before the first donor, and who opens the site? The ready list as a page."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import StringField

from offset.errors import OffsetError
from offset.people import installation, mail_probe, settings
from offset.people.access import Right
from offset.people.installation import Mode
from offset.web import ready, registered
from offset.web.errors import sentence_of, status_of
from offset.web.fields import Filled, Form
from offset.web.ready_words import WHERE, WORDS
from offset.web.secretariat.forms import Press
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services

# What a person looked at, since no program can see it from here.
ATTESTED = ("radar", "dkim")


class Reason(Form):
    """Why somebody opens or closes, or what they looked at."""

    reason = StringField(_("Reason"), [Filled()], render_kw={"maxlength": 300})


@blueprint.get("/ready")
@policy(Right.SEE_READY)
def ready_page() -> ResponseReturnValue:
    """Show every line with what, why and how, and whether contributions are accepted."""
    return _shown()


@blueprint.post("/ready/mail")
@policy(Right.SEE_READY)
def ready_mail() -> ResponseReturnValue:
    """Send a mail on trial to whoever presses."""
    return _pressed(Press(), mail_probe.send)


@blueprint.post("/ready/webhook")
@policy(Right.CHANGE_SETTINGS)
def ready_webhook() -> ResponseReturnValue:
    """Register our address with the processor and keep the secret it answers with."""
    if not Press().validate():
        return _shown("", 422)
    try:
        registered.register(services())
    except OffsetError as fault:
        return _shown(sentence_of(fault), status_of(fault))
    return back("/ready#webhook")


@blueprint.post("/ready/attest/<name>")
@policy(Right.CHANGE_SETTINGS)
def ready_attest(name: str) -> ResponseReturnValue:
    """Write down that a person looked at what no program can see."""
    if name not in ATTESTED:
        abort(404)
    form = Reason()
    if not form.validate():
        return _shown("", 422)
    with services().database.reading() as session:
        told = settings.current(session, "attested").value
    said = f"{now().date().isoformat()}: {form.reason.data}"
    return _pressed(
        form, settings.change, name="attested", value={**told, name: said}, reason=form.reason.data
    )


@blueprint.post("/ready/open")
@policy(Right.OPEN_SITE)
def ready_ask() -> ResponseReturnValue:
    """Ask that contributions be accepted."""
    form = Reason()
    return _pressed(form, installation.ask, reason=form.reason.data, red=_red())


@blueprint.post("/ready/confirm")
@policy(Right.OPEN_SITE)
def ready_confirm() -> ResponseReturnValue:
    """Agree as the second person: contributions are accepted from now on."""
    return _pressed(Press(), installation.confirm, red=_red())


@blueprint.post("/ready/close")
@policy(Right.OPEN_SITE)
def ready_close() -> ResponseReturnValue:
    """Stop accepting contributions at once."""
    form = Reason()
    return _pressed(form, installation.close, reason=form.reason.data)


def _pressed(form: Form, verb: object, **told: object) -> ResponseReturnValue:
    """Take a form of this page; a refusal is told on it."""
    if not form.validate():
        return _shown("", 422)
    try:
        act(verb, **told)  # type: ignore[arg-type]  # each verb takes what its view hands over
    except OffsetError as fault:
        return _shown(sentence_of(fault), status_of(fault))
    return back("/ready")


def _lines() -> tuple[ready.Line, ...]:
    with services().database.reading() as session:
        mode = installation.mode(session) or Mode.REHEARSAL
        return ready.look(services(), session, mode, at=now())


def _red() -> frozenset[str]:
    return ready.red(_lines())


def _shown(fault: str = "", status: int = 200) -> ResponseReturnValue:
    lines = _lines()
    with services().database.reading() as session:
        mode = installation.mode(session)
        standing = installation.standing(session)
    page = render_template(
        "secretariat/ready.html",
        lines=lines,
        words=WORDS,
        where=WHERE,
        done=sum(line.state is ready.State.GREEN for line in lines),
        red=ready.red(lines),
        standing=standing,
        mode=mode,
        fault=fault,
        press=Press(formdata=None),
        reason=Reason(formdata=None),
        attested=ATTESTED,
        actor=current_actor(),
    )
    return page, status
