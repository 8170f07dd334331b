"""Which reports does the desk read: by month, year and project, givers, ages, budgets?"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import BinaryIO, Final

from babel.numbers import format_decimal
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.people.access import Right
from offset.reports import listings
from offset.reports.ageing import AGES
from offset.reports.budgets import BUDGETS
from offset.reports.donors import DONORS
from offset.reports.listings import Column, Listing
from offset.reports.monthly import MONTHS, PROJECTS, YEARS
from offset.reports.rows import Span, snapshot
from offset.web.errors import blame
from offset.web.language import page
from offset.web.secretariat import report_words, words
from offset.web.secretariat.find import PATHS
from offset.web.secretariat.forms import Days
from offset.web.secretariat.room import blueprint, today
from offset.web.security import policy
from offset.web.templating import locale
from offset.web.wiring import services

REPORTS: Final[Mapping[str, Listing]] = {
    one.name: one for one in (MONTHS, YEARS, PROJECTS, BUDGETS, AGES, DONORS)
}
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BLOCK: Final = 65_536


@blueprint.get("/reports")
@policy(Right.SEE_JOURNAL)
def report_list() -> ResponseReturnValue:
    """List every report there is, and where the rest of the books is."""
    return render_template("secretariat/reports.html", reports=REPORTS, named=report_words.LISTS)


@blueprint.get("/reports/<name>")
@policy(Right.SEE_JOURNAL)
def report(name: str) -> ResponseReturnValue:
    """Show a report over some days."""
    return list_page(found(REPORTS, name), "/secretariat/reports")


@blueprint.get("/reports/<name>.<form>")
@policy(Right.SEE_JOURNAL)
def report_file(name: str, form: str) -> ResponseReturnValue:
    """Hand out a report as CSV or as a workbook."""
    return list_file(found(REPORTS, name), form)


def found(known: Mapping[str, Listing], name: str) -> Listing:
    """Find a list by its name.

    Raises
    ------
    NotFound
        ``report_unknown``.
    """
    if name not in known:
        raise NotFound("report_unknown")
    return known[name]


def list_page(listing: Listing, folder: str) -> ResponseReturnValue:
    """Show the first rows of a list, with the files that hold all of it."""
    form = Days(request.args)
    dated, span = form.validate(), year_so_far()
    try:
        span = asked(form) if dated else span
    except OffsetError as fault:
        blame(form, fault)
        dated = False
    form.since.data, form.until.data = span.since, span.until
    with services().database.reading() as session:
        shown = listings.shown(session, listing, span)
    return render_template(
        "secretariat/listing.html",
        form=form,
        shown=shown,
        span=span,
        folder=folder,
        named=report_words.LISTS[listing.name],
        columns=report_words.COLUMNS,
        cell=cell,
    ), 200 if dated else 422


def list_file(listing: Listing, form: str) -> ResponseReturnValue:
    """Write a list whole, then send it block by block: nobody gets half of one.

    Raises
    ------
    InvalidInput
        ``day_unreadable``; days out of order.
    NotFound
        ``form_unknown``.
    """
    if form not in _TYPES:
        raise NotFound("form_unknown", form=form[:10])
    days = Days(request.args)
    if not days.validate():
        raise InvalidInput("day_unreadable", field="since", text=request.args.get("since", "")[:20])
    span = asked(days)
    name = f"{listing.name}-{span.since}-{span.until}.{form}"
    return written(partial(_write, listing, span, form), name, _TYPES[form])


def _write(listing: Listing, span: Span, form: str, out: BinaryIO) -> None:
    with snapshot(services().database) as session:
        listings.write(session, listing, span, form, out)


def written(write: Callable[[BinaryIO], object], name: str, kind: str) -> Response:
    """Write a file whole, then send it; it is gone when it was sent, or could not be written."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is read and closed after this view
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = Response(_blocks(file), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.call_on_close(file.close)
    return answer


def asked(form: Days) -> Span:
    """Read the days that were asked for; without any, the year so far."""
    usual = year_so_far()
    return Span(form.since.data or usual.since, form.until.data or usual.until)


def year_so_far() -> Span:
    """Return the days of this year up to today."""
    return Span(today().replace(month=1, day=1), today())


def cell(column: Column, text: str) -> tuple[str, str]:
    """Write a cell: its text, and the address it leads to, if any."""
    if not text:
        return "", ""
    if column.kind == listings.NUMBER:
        pattern = "#,##0.00" if "." in text else "#,##0"
        return format_decimal(Decimal(text), format=pattern, locale=locale()), ""
    if column.kind in {"code", "entry_kind"}:
        labels = report_words.CODES if column.kind == "code" else words.ENTRY_KINDS
        return words.named(labels, text), ""
    return _linked(column.kind, text)


def _linked(kind: str, text: str) -> tuple[str, str]:
    if kind == "month":
        first = date.fromisoformat(f"{text}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return text, page(f"/secretariat/journal?since={first}&until={last}")
    if kind == "year":
        return text, page(f"/secretariat/reports/months?since={text}-01-01&until={text}-12-31")
    if kind in {"project", "decision"}:
        return text[:8], page(f"/secretariat/trail/{kind}/{text}")
    if kind in PATHS:
        short = text if kind == "account" else text[-8:]
        return short, page(PATHS[kind].format(text))
    return text, ""


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block
