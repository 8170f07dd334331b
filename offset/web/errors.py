"""Which sentence and which status does a refusal get? The only place that knows both."""

import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from wtforms import Form

from offset.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    OffsetError,
    Refused,
    TryLater,
)
from offset.money import Money
from offset.web.sentences import SENTENCES
from offset.web.templating import locale, write_day, write_instant, write_money

_log = logging.getLogger("offset.web")

_STATUSES: Final[tuple[tuple[type[OffsetError], int], ...]] = (
    (InvalidInput, 422),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Refused, 409),
    (TryLater, 503),
)
_OWN_STATUS: Final = {"project_withdrawn": 410}
_PAGES: Final = frozenset({400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503})
_SERVER_FAULT: Final = 500
_RETRY_SECONDS: Final = "60"
_MEGABYTE: Final = 1_000_000


def install(app: Flask) -> None:
    """Answer every refusal with a page, or with a problem document below ``/api``."""
    app.register_error_handler(OffsetError, _refused)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def status_of(fault: OffsetError) -> int:
    """Return the HTTP status of a refusal."""
    if fault.code in _OWN_STATUS:
        return _OWN_STATUS[fault.code]
    return next((status for kind, status in _STATUSES if isinstance(fault, kind)), _SERVER_FAULT)


def sentence_of(fault: OffsetError) -> str:
    """Return what a person is told, in the language of the page."""
    template = SENTENCES.get(fault.code)
    if template is None:
        return gettext("This cannot be done as it stands (%(code)s).", code=fault.code)
    told = {name: _readable(value) for name, value in fault.parameters.items()}
    try:
        return gettext(template) % told
    except KeyError:
        # A verb that names fewer values than the sentence asks for must not turn into a 500.
        return gettext("This cannot be done as it stands (%(code)s).", code=fault.code)


def _readable(value: object) -> str:
    match value:
        case Money():
            return write_money(value, locale())
        case datetime():
            return write_instant(value, locale())
        case date():
            return write_day(value, locale())
        case list() | tuple() | set() | frozenset():
            return ", ".join(_readable(each) for each in value)
        case _:
            return str(value)


def blame(form: Form, fault: OffsetError) -> None:
    """Put a refusal at the field it belongs to, or on top of the form."""
    sentence = sentence_of(fault)
    if fault.field and fault.field in form:
        field = form[fault.field]
        field.errors = [*field.errors, sentence]
    else:
        form.form_errors.append(sentence)


def _refused(fault: OffsetError) -> ResponseReturnValue:
    status = status_of(fault)
    _log.log(
        logging.ERROR if status == _SERVER_FAULT else logging.INFO,
        "refused %s with %d at %s (%s)",
        fault.code,
        status,
        request.endpoint,
        g.get("request_id", "-"),
    )
    if status == _SERVER_FAULT:
        return _answer(status)
    answer = _answer(status, sentence=sentence_of(fault), code=fault.code)
    if isinstance(fault, TryLater):
        answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer


def _http(fault: HTTPException) -> ResponseReturnValue:
    if fault.response is not None:
        return fault.response
    code = fault.code or _SERVER_FAULT
    answer = _answer(code)
    for name, value in fault.get_headers(request.environ):
        if name in {"Retry-After", "Allow", "Location"}:
            answer.headers[name] = value
    return answer


def _form_too_old(fault: CSRFError) -> ResponseReturnValue:
    """Offer what was typed once more: the token was missing or its time had passed."""
    _log.info("form token refused at %s: %s", request.endpoint, fault.description)
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    return _answer(400, kept=kept if not request.files else None)


def _unforeseen(fault: Exception) -> ResponseReturnValue:
    _log.exception("unforeseen %s (%s)", type(fault).__name__, g.get("request_id", "-"))
    return _answer(_SERVER_FAULT)


def _answer(status: int, **told: Any) -> Response:
    """Build an answer that needs no database: the header does not ask who is there."""
    g.without_database = True
    told.setdefault("limit", round((request.max_content_length or 0) / _MEGABYTE))
    if request.path.startswith("/api/"):
        return _problem(status, told)
    page = status if status in _PAGES else _SERVER_FAULT if status > _SERVER_FAULT else 400
    try:
        body = render_template(f"errors/{page}.html", status=status, **told)
    except Exception:  # noqa: BLE001 - the last page must come out whatever fails
        _log.exception("the error page itself failed")
        body = f"<!doctype html><title>{status}</title><h1>{status}</h1><p>{g.get('request_id')}"
    answer = Response(body, status, content_type="text/html; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _problem(status: int, told: Mapping[str, Any]) -> Response:
    """Write RFC 9457 for programs."""
    name = HTTPException() if status != _SERVER_FAULT else InternalServerError()
    name.code = status
    answer = jsonify(
        type="about:blank",
        title=name.name,
        status=status,
        detail=told.get("sentence"),
        code=told.get("code"),
        request_id=g.get("request_id"),
    )
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer
