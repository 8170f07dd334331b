"""Who did what, to which thing, and when: searched on a page, or taken out whole as a table?"""

import csv
import io
import uuid
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import DateField, StringField
from wtforms.validators import Length, Optional

from offset.database.session import Database
from offset.people import audit
from offset.people.access import Right
from offset.people.audit import Asked, AuditLine
from offset.web.fields import PlainForm
from offset.web.secretariat.room import act, blueprint
from offset.web.security import policy
from offset.web.wiring import services

_PAGE: Final = 50
_BLOCK: Final = 1_000
_COLUMNS: Final = ("at", "actor_id", "actor", "action", "object_type", "object_id", "details")
# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0")


class Trail(PlainForm):
    """Which lines of the trail to show."""

    actor = StringField(
        _("Who"), [Length(max=120)], description=_("A part of the name or address; or: system.")
    )
    action = StringField(
        _("What"), [Length(max=80)], render_kw={"list": "acts", "autocomplete": "off"}
    )
    type = StringField(
        _("Kind of thing"), [Length(max=80)], render_kw={"list": "kinds", "autocomplete": "off"}
    )
    id = StringField(_("Id of the thing"), [Length(max=80)], render_kw={"autocomplete": "off"})
    since = DateField(_("From"), [Optional()])
    until = DateField(_("To"), [Optional()])

    def asked(self) -> Asked:
        """Return what was asked for; a day that cannot be read asks for nothing."""
        return Asked(
            actor=self.actor.data or "",
            action=self.action.data or "",
            object_type=(self.type.data or "").strip(),
            object_id=self.id.data or "",
            since=None if self.since.errors else self.since.data,
            until=None if self.until.errors else self.until.data,
        )


@blueprint.get("/audit")
@policy(Right.SEE_AUDIT)
def trail() -> ResponseReturnValue:
    """Show what was asked for, newest first."""
    form = Trail(request.args)
    good = form.validate()
    with services().database.reading() as session:
        lines = audit.search(
            session, form.asked(), before=_uuid(request.args.get("before")), limit=_PAGE
        )
        acts, kinds = audit.words(session)
    asked = {name: value for name, value in request.args.items() if name != "before" and value}
    following = urlencode({**asked, "before": lines[-1].id}) if len(lines) == _PAGE else ""
    body = render_template(
        "secretariat/audit.html",
        form=form,
        lines=lines,
        acts=acts,
        kinds=kinds,
        following=following,
        asked=urlencode(asked),
        text=_text,
    )
    return body, 200 if good else 422


@blueprint.get("/audit.csv")
@policy(Right.SEE_AUDIT)
def trail_file() -> ResponseReturnValue:
    """Hand out everything that was asked for as CSV, a page of rows at a time."""
    form = Trail(request.args)
    if not form.validate():
        return trail()
    asked = form.asked()
    # The act of taking it out is itself on the trail, and so in no file that it begins.
    with services().database.reading() as session:
        first = audit.search(session, asked, limit=_BLOCK)
    act(
        audit.record,
        action="audit.exported",
        object_type="export",
        object_id="audit",
        details={name: value for name, value in request.args.items() if value},
    )
    rows = _rows(services().database, asked, first)
    answer = Response(rows, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _rows(database: Database, asked: Asked, lines: tuple[AuditLine, ...]) -> Iterator[str]:
    yield _line(_COLUMNS)
    while lines:
        yield "".join(map(_told, lines))
        if len(lines) < _BLOCK:
            return
        with database.reading() as session:
            lines = audit.search(session, asked, before=lines[-1].id, limit=_BLOCK)


def _told(line: AuditLine) -> str:
    return _line(
        (
            line.at.isoformat(),
            str(line.actor_id or ""),
            line.actor or ("" if line.actor_id else "system"),
            line.action,
            line.object_type,
            line.object_id,
            "; ".join(f"{name}={_text(value)}" for name, value in _pairs(line.details)),
        )
    )


def _pairs(details: Any) -> list[tuple[str, Any]]:
    return sorted(details.items()) if isinstance(details, dict) else []


def _text(value: Any) -> str:
    """Write a detail for people: a list as its parts."""
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    return str(value)


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
