"""How does a bank's file come in? Checked first if one likes, then imported whole."""

import base64
import binascii
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.money import Money, parse_money
from offset.people.access import Right
from offset.treasury import announced, mappings, queries, reconciliation, statements
from offset.treasury.ports import Sheet
from offset.treasury.statements import Planned
from offset.web import labels
from offset.web.errors import blame, status_of
from offset.web.secretariat.bank_forms import Upload
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import accepts, policy
from offset.web.wiring import services

_LARGEST: Final = 101_000_000
# A checked file comes back with the page so that it need not be chosen again; a larger one does.
_KEPT: Final = 350_000


@blueprint.get("/statements")
@policy(Right.SEE_DESK)
def statement_list() -> ResponseReturnValue:
    """List what was imported, and offer to import more."""
    return _page(Upload())


@blueprint.post("/statements")
@policy(Right.IMPORT_STATEMENT)
@accepts(_LARGEST)
def statement_import() -> ResponseReturnValue:
    """Check a file without importing it, or import it."""
    form = Upload()
    if not form.validate():
        return _page(form, status=422)
    try:
        data, name = _file(form)
        read = services().statements.read(data, _sheet(form))
        if request.form.get("act") == "check":
            with services().database.reading() as session:
                planned = statements.plan(session, data, read, today=today())
            return _page(form, planned=planned, data=data, name=name)
        act(reconciliation.import_statement, data=data, name=name, read=read)
    except OffsetError as fault:
        blame(form, fault)
        return _page(form, status=422 if fault.field else status_of(fault))
    return back("/reconciliation")


def _file(form: Upload) -> tuple[bytes, str]:
    """Return the bytes that were sent: a file, or the one that was just checked.

    Raises
    ------
    InvalidInput
        ``statement_empty`` or ``statement_not_xml``.
    """
    upload = form.file.data
    if upload:
        return upload.read(), upload.filename or ""
    try:
        return base64.b64decode(form.kept.data or "", validate=True), form.name.data or ""
    except binascii.Error:
        raise InvalidInput("statement_not_xml", field="file", line=0) from None


def _sheet(form: Upload) -> Sheet | None:
    """Return what a table needs to be read: the account that was chosen, and its mapping."""
    code = form.account.data
    if not code:
        return None
    with services().database.reading() as session:
        currency = statements.account_by_code(session, code).currency
        return mappings.sheet(session, code, closing=_closing(form.closing.data or "", currency))


def _closing(typed: str, currency: str) -> Money | None:
    told = typed.strip().replace("\N{MINUS SIGN}", "-")
    if not told:
        return None
    size = parse_money(told.removeprefix("-"), currency, field="closing")
    return -size if told.startswith("-") else size


def _page(
    form: Upload,
    *,
    planned: tuple[Planned, ...] = (),
    data: bytes = b"",
    name: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        told = queries.imported(session)
        accounts = queries.accounts(session)
        ahead = announced.listed(session)
    named = [(one.code, f"{one.code} {one.number}") for one in accounts]
    form.account.choices = labels.options([("", "–"), *named])
    return render_template(
        "secretariat/statements.html",
        form=form,
        planned=planned,
        kept=base64.b64encode(data).decode() if 0 < len(data) <= _KEPT else "",
        name=name,
        imported=told,
        accounts=accounts,
        announced=ahead,
    ), status
