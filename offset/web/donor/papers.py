"""Which papers does a donor open: the year's receipt, a thank-you, the paper of a transfer?"""

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.giving import certificates, pledge_papers, queries, receipts
from offset.giving.models import ReceiptChoice
from offset.web.donor.forms import AddressForm, ReceiptChoiceForm
from offset.web.donor.views import blueprint
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import by_link, limited
from offset.web.templating import environment_for
from offset.web.wiring import now, services


@blueprint.get("/receipts/annual/<token>")
@by_link
def annual(token: str) -> ResponseReturnValue:
    """Show the receipt of a year."""
    with services().database.reading() as session:
        seen = queries.annual(session, token)
    return render_template(
        "donor/receipt_annual.html",
        receipt=seen,
        write=environment_for(seen.language).filters["money"],
        missing=_missing(printed=seen.pdf_sha256 is not None),
    )


@blueprint.get("/receipts/annual/<token>/receipt.pdf")
@by_link
def annual_pdf(token: str) -> ResponseReturnValue:
    """Hand out the PDF exactly as it was made."""
    with services().database.reading() as session:
        seen = queries.annual(session, token)
        pdf = queries.annual_pdf(session, token)
    return paper(pdf, f"{seen.facts['number']}.pdf")


@blueprint.get("/receipts/annual/<token>/receipt.json")
@by_link
def annual_json(token: str) -> ResponseReturnValue:
    """Hand out the facts of a receipt of a year; each contribution names its entry."""
    with services().database.reading() as session:
        seen = queries.annual(session, token)
    gone = None if seen.cancelled_on is None else seen.cancelled_on.isoformat()
    return jsonify(receipt=seen.facts, cancelled_on=gone)


@blueprint.get("/receipts/<token>/cancellation.pdf")
@by_link
def cancellation_pdf(token: str) -> ResponseReturnValue:
    """Hand out the note that cancels a receipt."""
    with services().database.reading() as session:
        seen = queries.receipt(session, token)
        pdf = queries.cancellation_pdf(session, seen.cancelled)
    return paper(pdf, f"{seen.facts['number']}-x.pdf")


@blueprint.get("/receipts/annual/<token>/cancellation.pdf")
@by_link
def annual_cancellation_pdf(token: str) -> ResponseReturnValue:
    """Hand out the note that cancels a receipt of a year."""
    with services().database.reading() as session:
        seen = queries.annual(session, token)
        pdf = queries.cancellation_pdf(session, seen.cancelled)
    return paper(pdf, f"{seen.facts['number']}-x.pdf")


@blueprint.get("/gift/<token>/certificate")
@by_link
def certificate(token: str) -> ResponseReturnValue:
    """Show the paper that thanks, and let its donor leave out the name or the amount."""
    with services().database.reading() as session:
        seen = certificates.of_gift(session, token)
    return render_template(
        "donor/certificate.html",
        seen=seen,
        with_name=_wanted("name"),
        with_amount=_wanted("amount"),
        write=environment_for(seen.language).filters["money"],
        missing=services().documents.missing(),
    )


@blueprint.get("/gift/<token>/certificate.pdf")
@by_link
@limited("20 per minute", method="GET")
def certificate_pdf(token: str) -> ResponseReturnValue:
    """Draw the paper that thanks, as it stands today."""
    with services().database.reading() as session:
        seen = certificates.of_gift(session, token)
    facts = seen.facts(with_name=_wanted("name"), with_amount=_wanted("amount"))
    pdf = services().documents.render(certificates.TEMPLATE, seen.language, facts)
    return paper(pdf, f"{seen.reference}.pdf")


@blueprint.route("/gift/<token>/receipts", methods=["GET", "POST"])
@by_link
@limited("20 per minute")
def choose_receipts(token: str) -> ResponseReturnValue:
    """Ask which receipt a donor wants, and keep the answer."""
    with services().database.reading() as session:
        seen = queries.gift(session, token)
    form = ReceiptChoiceForm(data={"receipts": seen.receipt_choice.value})
    if request.method == "POST" and form.validate():
        choice = ReceiptChoice(form.receipts.data)
        services().database.run(receipts.choose, token, choice, at=now())
        return redirect(page(f"/gift/{token}"), code=303)
    status = 422 if request.method == "POST" else 200
    return render_template("donor/receipt_choice.html", gift=seen, form=form), status


@blueprint.route("/gift/<token>/address", methods=["GET", "POST"])
@by_link
@limited("20 per minute")
def address(token: str) -> ResponseReturnValue:
    """Ask for the name and address that a tax receipt needs, only where one does."""
    form = AddressForm()
    with services().database.reading() as session:
        seen = queries.gift(session, token)
        wanted = receipts.wanted_of(session, token)
    if not wanted:
        return redirect(page(f"/gift/{token}"), code=303)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                services().database.run(
                    receipts.give_address,
                    token,
                    name=form.name.data or "",
                    address=form.address.data or "",
                    at=now(),
                )
                return redirect(page(f"/gift/{token}"), code=303)
            except OffsetError as fault:
                blame(form, fault)
    return render_template("donor/receipt_address.html", gift=seen, form=form), status


@blueprint.get("/pledge/<token>")
@by_link
def transfer(token: str) -> ResponseReturnValue:
    """Show how to pay a pledge by bank transfer, and what has arrived of it."""
    with services().database.reading() as session:
        seen = pledge_papers.of_pledge(session, token)
    return render_template(
        "donor/transfer.html", pledge=seen, missing=services().documents.missing()
    )


@blueprint.get("/pledge/<token>/letter.pdf")
@by_link
@limited("20 per minute", method="GET")
def transfer_pdf(token: str) -> ResponseReturnValue:
    """Draw the paper of a pledge, as it stands today."""
    with services().database.reading() as session:
        seen = pledge_papers.of_pledge(session, token)
    pdf = services().documents.render(pledge_papers.TEMPLATE, seen.language, seen.facts())
    return paper(pdf, f"{seen.reference}.pdf")


def paper(pdf: bytes, name: str) -> Response:
    """Answer with a PDF under its name."""
    answer = Response(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _missing(*, printed: bool) -> str | None:
    """Name what the machine lacks to print; nobody asks where the paper is there."""
    return None if printed else services().documents.missing()


def _wanted(name: str) -> bool:
    """Say whether the donor left a part on the paper; ``?name=no`` leaves it out."""
    return request.args.get(name) != "no"
