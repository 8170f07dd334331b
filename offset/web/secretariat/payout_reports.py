"""How do past payouts come in from the processor's own reports? Checked first if one likes."""

from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.giving.ports import PayoutFacts
from offset.people.access import Right
from offset.treasury import payouts
from offset.treasury.payouts import ReportTaken
from offset.web.errors import blame, status_of
from offset.web.secretariat.bank_forms import Report
from offset.web.secretariat.room import act, blueprint
from offset.web.security import accepts, policy
from offset.web.wiring import services

_LARGEST: Final = 201_000_000


@blueprint.get("/statements/payouts")
@policy(Right.IMPORT_STATEMENT)
def report_page() -> ResponseReturnValue:
    """Offer to read the processor's reports of past payouts."""
    return _page(Report())


@blueprint.post("/statements/payouts")
@policy(Right.IMPORT_STATEMENT)
@accepts(_LARGEST)
def report_read() -> ResponseReturnValue:
    """Say what the two reports hold, or book what is missing of it."""
    form = Report()
    if not form.validate():
        return _page(form, status=422)
    try:
        told = services().reports.read(_bytes(form, "items"), _bytes(form, "payouts"))
        if request.form.get("act") == "check":
            return _page(form, told=told)
        done = act(payouts.from_report, told=told)
    except OffsetError as fault:
        blame(form, fault)
        return _page(form, status=422 if fault.field else status_of(fault))
    return _page(form, told=told, done=done)


def _bytes(form: Report, name: str) -> bytes:
    """Return the bytes of one of the two files.

    Raises
    ------
    InvalidInput
        ``report_file_missing``, at its field.
    """
    upload = form[name].data
    if not upload:
        raise InvalidInput("report_file_missing", field=name)
    return bytes(upload.read())


def _page(
    form: Report,
    *,
    told: tuple[PayoutFacts, ...] = (),
    done: ReportTaken | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    return render_template(
        "secretariat/payout_reports.html", form=form, told=told, done=done
    ), status
