"""What does an auditor see: lists that are ready, samples anybody can draw again, documents?"""

import uuid
from collections.abc import Iterator
from functools import partial

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from offset.database.session import Database
from offset.errors import OffsetError
from offset.people import audit
from offset.people.access import Right
from offset.reports import documents, samples
from offset.reports.documents import FileOf
from offset.reports.ready_lists import READY
from offset.reports.rows import Span, snapshot
from offset.reports.samples import Asked, Method, Sample
from offset.web import labels
from offset.web.errors import blame
from offset.web.secretariat import report_words, words
from offset.web.secretariat.look_forms import SampleOf
from offset.web.secretariat.reports import found, list_file, list_page, written, year_so_far
from offset.web.secretariat.room import act, blueprint
from offset.web.security import policy
from offset.web.wiring import services

_CURRENCIES = ("EUR", "USD", "GBP", "CHF")
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_USUAL_SIZE = 25


@blueprint.get("/auditor")
@policy(Right.SEE_AUDIT)
def auditor() -> ResponseReturnValue:
    """Show what is ready for an auditor."""
    form = _form()
    span = year_so_far()
    form.since.data, form.until.data = span.since, span.until
    form.size.data, form.method.data = _USUAL_SIZE, Method.RANDOM.value
    return render_template(
        "secretariat/auditor.html", lists=READY, named=report_words.LISTS, form=form, words=words
    )


@blueprint.get("/auditor/lists/<name>")
@policy(Right.SEE_AUDIT)
def ready_list(name: str) -> ResponseReturnValue:
    """Show a list that auditors ask for."""
    return list_page(found(READY, name), "/secretariat/auditor/lists")


@blueprint.get("/auditor/lists/<name>.<form>")
@policy(Right.SEE_AUDIT)
def ready_file(name: str, form: str) -> ResponseReturnValue:
    """Hand out a list that auditors ask for."""
    return list_file(found(READY, name), form)


@blueprint.get("/auditor/sample")
@policy(Right.SEE_AUDIT)
def sample() -> ResponseReturnValue:
    """Draw a sample, and show how to draw it again."""
    form = _form()
    drawn: Sample | None = None
    try:
        if form.validate():
            with snapshot(services().database) as session:
                drawn = samples.draw(session, _asked(form))
    except OffsetError as fault:
        blame(form, fault)
    return render_template(
        "secretariat/sample.html",
        form=form,
        drawn=drawn,
        query=request.query_string.decode("ascii", "replace"),
        words=words,
    ), 200 if drawn else 422


@blueprint.get("/auditor/sample.xlsx")
@policy(Right.SEE_AUDIT)
def sample_file() -> ResponseReturnValue:
    """Hand out a sample with its whole trail; the audit trail says which was drawn."""
    form = _form()
    if not form.validate():
        return sample()
    try:
        wanted = _asked(form)
        with snapshot(services().database) as session:
            drawn = samples.draw(session, wanted)
            name = f"sample-{wanted.span.since}-{wanted.span.until}.xlsx"
            answer = written(partial(samples.write, session, drawn), name, _WORKBOOK)
    except OffsetError:
        return sample()
    act(
        audit.record,
        action="sample.drawn",
        object_type="sample",
        object_id=drawn.sha256[:32],
        details={"method": wanted.method.value, "seed": wanted.seed, "size": wanted.size},
    )
    return answer


@blueprint.get("/statements/<uuid:statement_id>/file")
@policy(Right.SEE_BANK_FILES)
def bank_file(statement_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the file a statement came in, as the bank sent it; the trail says to whom."""
    told = act(documents.open_bank_file, statement_id=statement_id)
    answer = Response(_blocks(services().database, told), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{told.name}"'
    answer.headers["Content-Length"] = str(told.size)
    return answer


def _blocks(database: Database, told: FileOf) -> Iterator[bytes]:
    with database.reading() as session:
        yield from documents.blocks(session, told.id, told.size)


def _form() -> SampleOf:
    form = SampleOf(request.args)
    form.currency.choices = labels.options((one, one) for one in _CURRENCIES)
    form.kind.choices = labels.options([("", "–"), *words.ENTRY_KINDS.items()])
    form.method.choices = labels.options(report_words.METHODS.items())
    return form


def _asked(form: SampleOf) -> Asked:
    usual = year_so_far()
    method, currency = form.method.data or "", form.currency.data or ""
    return Asked(
        span=Span(form.since.data or usual.since, form.until.data or usual.until),
        currency=currency if currency in _CURRENCIES else _CURRENCIES[0],
        method=Method(method) if method in set(Method) else Method.RANDOM,
        seed=form.seed.data or "",
        size=_USUAL_SIZE if form.size.data is None else form.size.data,
        kind=(form.kind.data or "")[:40],
    )
