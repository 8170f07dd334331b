"""How do the books leave the desk for another program? As a whole file, and on the trail."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.people import audit
from offset.people.access import Right
from offset.reports import exports
from offset.reports.rows import Span
from offset.web import labels
from offset.web.errors import blame
from offset.web.secretariat.forms import Export
from offset.web.secretariat.room import act, blueprint, today
from offset.web.security import policy
from offset.web.wiring import services

_BLOCK: Final = 65_536


@blueprint.get("/exports")
@policy(Right.SEE_JOURNAL)
def export_menu() -> ResponseReturnValue:
    """Show what the books can be taken out as."""
    form = _form()
    form.since.data, form.until.data = today().replace(month=1, day=1), today()
    return _menu(form)


@blueprint.post("/exports")
@policy(Right.SEE_JOURNAL)
def export_books() -> ResponseReturnValue:
    """Hand out an export, written whole before its first byte leaves."""
    form = _form()
    try:
        if form.validate() and form.since.data and form.until.data:
            return _file(form.kind.data or "", Span(form.since.data, form.until.data))
    except OffsetError as fault:
        blame(form, fault)
    return _menu(form, status=422)


def _file(name: str, span: Span) -> ResponseReturnValue:
    kind = exports.KINDS.get(name)
    if kind is not None and kind.yearly and span.since.year != span.until.year:
        raise InvalidInput("export_one_year", field="since")
    # The folder goes at once; the open file is read to its end and then is gone too.
    with tempfile.TemporaryDirectory() as folder:
        (path,) = exports.export(services().database, name, span, Path(folder))
        handle = path.open("rb")
    act(
        audit.record,
        action="books.exported",
        object_type="export",
        object_id=name,
        details={"since": str(span.since), "until": str(span.until)},
    )
    answer = Response(_blocks(handle), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_name(path.name, span)}"'
    answer.call_on_close(handle.close)
    return answer


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block


def _name(name: str, span: Span) -> str:
    whole = span == Span(date(span.since.year, 1, 1), date(span.since.year, 12, 31))
    return name if whole or str(span.since) in name else f"{span.since}-{span.until}-{name}"


def _form() -> Export:
    form = Export(request.form) if request.method == "POST" else Export()
    form.kind.choices = labels.options(
        (kind.name, f"{kind.name}: {kind.what}") for kind in exports.KINDS.values()
    )
    return form


def _menu(form: Export, *, status: int = 200) -> ResponseReturnValue:
    return render_template("secretariat/exports.html", form=form), status
