"""How does the desk say which column of a bank's table holds what? Tried first, then saved."""

import base64
import binascii
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right
from offset.treasury import mappings, statements
from offset.treasury.ports import Layout, Statement
from offset.web.errors import blame, status_of
from offset.web.secretariat.bank_forms import Mapping
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import accepts, policy
from offset.web.wiring import services

_LARGEST: Final = 21_000_000
_KEPT: Final = 350_000
_SHOWN: Final = 8


@blueprint.get("/statements/mapping/<code>")
@policy(Right.IMPORT_STATEMENT)
def mapping_page(code: str) -> ResponseReturnValue:
    """Show how the tables of an account are read."""
    form = Mapping(formdata=None)
    with services().database.reading() as session:
        layout = mappings.saved(session, code)
    if layout is not None:
        form.show(layout)
    return _page(code, form, version=layout)


@blueprint.post("/statements/mapping/<code>")
@policy(Right.IMPORT_STATEMENT)
@accepts(_LARGEST)
def mapping_save(code: str) -> ResponseReturnValue:
    """Look at a table, try the mapping on it, or save it."""
    form = Mapping()
    told = request.form.get("act")
    data = b""
    rows: tuple[tuple[str, ...], ...] = ()
    try:
        data = _data(form)
        if told == "look":
            return _page(code, form, data=data, rows=services().statements.headings(data))
        if not form.validate():
            return _page(code, form, data=data, status=422)
        layout = form.layout()
        if data:
            rows = services().statements.headings(data, layout)
        if told == "try":
            return _page(code, form, data=data, rows=rows, tried=_tried(code, data, layout))
        act(mappings.save, account=code, layout=layout)
    except OffsetError as fault:
        blame(form, fault)
        status = 422 if fault.field else status_of(fault)
        return _page(code, form, data=data, rows=rows, status=status)
    return back("/statements")


def _data(form: Mapping) -> bytes:
    """Return the table that was sent, or the one that was looked at.

    Raises
    ------
    InvalidInput
        ``statement_table``.
    """
    if form.file.data:
        return bytes(form.file.data.read())
    try:
        return base64.b64decode(form.kept.data or "", validate=True)
    except binascii.Error:
        raise InvalidInput("statement_table", field="file", row=0) from None


def _tried(code: str, data: bytes, layout: Layout) -> Statement | None:
    """Read the table by the mapping as it stands in the form; nothing is kept."""
    with services().database.reading() as session:
        sheet = mappings.sheet(session, code, layout=layout)
        if sheet is not None and not layout.columns.get("balance"):
            # Without balances any closing will do: only the lines are looked at.
            sheet = mappings.sheet(session, code, layout=layout, closing=sheet.before)
    if not data:
        raise InvalidInput("statement_empty", field="file")
    return services().statements.read(data, sheet)[0]


def _page(
    code: str,
    form: Mapping,
    *,
    data: bytes = b"",
    rows: tuple[tuple[str, ...], ...] = (),
    tried: Statement | None = None,
    version: Layout | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        account = statements.account_by_code(session, code)
        known_code, number = account.code, account.number
    return render_template(
        "secretariat/bank_mapping.html",
        form=form,
        code=known_code,
        number=number,
        rows=rows[:_SHOWN],
        tried=tried,
        shown=_SHOWN,
        known=version is not None,
        kept=base64.b64encode(data).decode() if 0 < len(data) <= _KEPT else "",
    ), status
