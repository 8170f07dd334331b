"""Which figures hold, since when, on whose word, and who changes them?"""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people import settings, users
from offset.people.access import Right
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.secretariat import setting_fields
from offset.web.secretariat.room import act, back, blueprint
from offset.web.secretariat.setting_fields import PAGES
from offset.web.security import fresh, policy
from offset.web.wiring import services


@blueprint.get("/settings")
@policy(Right.SEE_DESK)
def setting_list() -> ResponseReturnValue:
    """List every setting as it holds now."""
    with services().database.reading() as session:
        held = settings.several(session, *PAGES)
        last = settings.latest(session, *PAGES)
        names = users.names(session, [one.set_by for one in last.values() if one.set_by])
        return render_template(
            "secretariat/settings.html",
            pages=PAGES,
            held=held,
            last=last,
            names=names,
            rows=setting_fields.rows,
        )


@blueprint.get("/settings/<name>")
@policy(Right.SEE_DESK)
def setting(name: str) -> ResponseReturnValue:
    """Show one setting with every version of it."""
    if name not in PAGES:
        abort(404)
    with services().database.reading() as session:
        held = settings.current(session, name)
        versions = settings.history(session, name)
        names = users.names(session, [one.set_by for one in versions if one.set_by])
        return render_template(
            "secretariat/setting.html",
            name=name,
            told=PAGES[name],
            held=held,
            versions=versions[::-1],
            names=names,
            rows=setting_fields.rows,
        )


@blueprint.get("/settings/<name>/change")
@policy(Right.CHANGE_SETTINGS)
@fresh
def setting_form(name: str) -> ResponseReturnValue:
    """Ask for the next version."""
    _changeable(name)
    with services().database.reading() as session:
        held = settings.current(session, name)
    told = setting_fields.typed(name, held.value)
    form = setting_fields.form_for(name)(formdata=None, data={**told, "seen": held.version})
    return _form(name, form, 200)


@blueprint.post("/settings/<name>/change")
@policy(Right.CHANGE_SETTINGS)
@fresh
def setting_change(name: str) -> ResponseReturnValue:
    """Write the next version."""
    _changeable(name)
    form = setting_fields.form_for(name)()
    try:
        if form.validate():
            with services().database.reading() as session:
                held = settings.current(session, name)
            value = setting_fields.read(name, held.value, form.data)
            seen = str(form["seen"].data or "")
            act(
                settings.change,
                name=name,
                value=value,
                reason=form["reason"].data or "",
                seen=int(seen) if seen.isdecimal() and len(seen) < len("1000000") else -1,
            )
            return back(f"/settings/{name}")
    except OffsetError as fault:
        blame(form, fault)
    return _form(name, form, 422)


def _changeable(name: str) -> None:
    if name not in PAGES or not PAGES[name].fields:
        abort(404)


def _form(name: str, form: Form, status: int) -> ResponseReturnValue:
    body = render_template(
        "secretariat/setting_change.html", name=name, told=PAGES[name], form=form
    )
    return body, status
