"""How does the bank get what was approved? A file for SEPA, a sheet with its rate for elsewhere."""

import uuid
from collections.abc import Iterable

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people.access import Right
from offset.treasury import orders, queries
from offset.treasury.orders import Agreed
from offset.treasury.queries import AccountView
from offset.web.errors import blame
from offset.web.language import language
from offset.web.secretariat import words
from offset.web.secretariat.payee_forms import FileForm, OrderForm
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import current_actor, fresh, policy
from offset.web.wiring import now, services


@blueprint.get("/bank-orders")
@policy(Right.SEE_DESK)
def bank_orders() -> ResponseReturnValue:
    """List what was approved and waits, and the files that were made."""
    return _page(FileForm())


@blueprint.post("/bank-orders")
@policy(Right.PREPARE_DISBURSEMENT)
@fresh
def make_bank_order() -> ResponseReturnValue:
    """Make the day's file of an account."""
    form = FileForm()
    try:
        if form.validate():
            services().database.run(
                orders.make_file,
                services().transfers,
                actor=current_actor(),
                at=now(),
                account=form.account.data or "",
            )
            return back("/bank-orders")
    except OffsetError as fault:
        blame(form, fault)
    return _page(form, status=422)


@blueprint.post("/bank-orders/<uuid:file_id>.xml")
@policy(Right.PREPARE_DISBURSEMENT)
@fresh
def take_bank_order(file_id: uuid.UUID) -> Response:
    """Hand out a file as it was made; who took it is written down."""
    name, data = act(orders.file_bytes, file_id=file_id)
    return _download(name, data, "application/xml")


@blueprint.route("/disbursements/<uuid:payment_id>/order", methods=["GET", "POST"])
@policy(Right.PREPARE_DISBURSEMENT)
@fresh
def order_abroad(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Write the order sheet of a payment that SEPA does not reach."""
    form = OrderForm()
    try:
        if form.validate_on_submit() and form.agreed_on.data:
            act(
                orders.order_abroad,
                disbursement_id=payment_id,
                account=form.account.data or "",
                agreed=Agreed(
                    currency=form.currency.data or "",
                    rate=form.rate.data or "",
                    agreed_on=form.agreed_on.data,
                    agreed_with=form.agreed_with.data or "",
                ),
            )
            return back(f"/disbursements/{payment_id}/order")
    except OffsetError as fault:
        blame(form, fault)
    with services().database.reading() as session:
        line = queries.payment(session, payment_id)
        order = orders.order(session, payment_id)
        form.account.choices = _choices(queries.accounts(session))
    if not form.is_submitted():
        form.agreed_on.data = today()
    return render_template("secretariat/payment_order.html", line=line, order=order, form=form), (
        422 if form.errors else 200
    )


@blueprint.get("/disbursements/<uuid:payment_id>/order.csv")
@policy(Right.PREPARE_DISBURSEMENT)
def order_sheet(payment_id: uuid.UUID) -> Response:
    """Hand out the sheet as it was written."""
    with services().database.reading() as session:
        name, data = orders.sheet_bytes(session, payment_id)
    return _download(name, data, "text/csv; charset=utf-8")


@blueprint.get("/disbursements/<uuid:payment_id>/order.pdf")
@policy(Right.PREPARE_DISBURSEMENT)
def order_printed(payment_id: uuid.UUID) -> Response:
    """Hand out the sheet for paper, with room for two signatures."""
    with services().database.reading() as session:
        facts = orders.sheet_facts(session, payment_id)
        line = queries.payment(session, payment_id)
    data = services().documents.render(
        "payment_order", language(), {"number": line.number, "facts": dict(facts)}
    )
    return _download(f"{line.number}.pdf", data, "application/pdf")


def _choices(accounts: Iterable[AccountView]) -> list[tuple[str, str]]:
    return [(one.code, f"{one.code} {one.number}") for one in accounts]


def _download(name: str, data: bytes, kind: str) -> Response:
    answer = Response(data, content_type=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _page(form: FileForm, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        waiting = orders.waiting(session, at=now())
        made = orders.files(session)
        form.account.choices = _choices(queries.accounts(session))
    return render_template(
        "secretariat/bank_orders.html", waiting=waiting, made=made, form=form, words=words
    ), status
