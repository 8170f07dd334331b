"""What does a donor open: a contribution, a receipt, the account?"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

from offset.clock import utc_day
from offset.giving import queries, receipts, wording
from offset.giving.models import DonationStatus
from offset.giving.queries import ReceiptPage
from offset.ledger import checkpoints, evidence
from offset.ledger.checkpoints import Proof
from offset.people.access import Right, may
from offset.reports import proofs
from offset.web.donor import words
from offset.web.fields import Form
from offset.web.language import language
from offset.web.security import by_link, signed_in, visitor
from offset.web.templating import environment_for
from offset.web.wiring import now, services

blueprint: Final = Blueprint("donor", __name__)
_MOST: Final = 200
_AGAIN: Final = frozenset({DonationStatus.CREATED, DonationStatus.FAILED, DonationStatus.EXPIRED})


@blueprint.get("/gift/<token>")
@by_link
def gift(token: str) -> ResponseReturnValue:
    """Show where every cent of a contribution stands."""
    with services().database.reading() as session:
        page = queries.gift(session, token)
        wants_address = receipts.wanted_of(session, token)
    return render_template(
        "donor/gift.html",
        gift=page,
        wants_address=wants_address,
        words=words,
        again=page.status in _AGAIN,
        no_change=wording.load(language()).texts["no_change"],
        today=utc_day(now()),
    )


@blueprint.get("/receipts/<token>")
@by_link
def receipt(token: str) -> ResponseReturnValue:
    """Show a receipt, and its proof once a checkpoint covers it."""
    page, proof = _read(token)
    # A receipt keeps its language: its sentences and the amounts in them are of one piece.
    write = environment_for(page.language).filters["money"]
    missing = None if page.pdf_sha256 else services().documents.missing()
    return render_template(
        "donor/receipt.html", receipt=page, proof=proof, write=write, missing=missing
    )


@blueprint.get("/receipts/<token>/receipt.pdf")
@by_link
def receipt_pdf(token: str) -> ResponseReturnValue:
    """Hand out the PDF exactly as it was made."""
    with services().database.reading() as session:
        page = queries.receipt(session, token)
        pdf = queries.receipt_pdf(session, token)
    answer = Response(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{page.facts["number"]}.pdf"'
    return answer


@blueprint.get("/receipts/<token>/receipt.json")
@by_link
def receipt_json(token: str) -> ResponseReturnValue:
    """Hand out the facts of a receipt with the proof that the books hold its entry."""
    page, document = _proved(token)
    return jsonify(**document, receipt=page.facts, cancelled_on=_iso(page.cancelled_on))


@blueprint.get("/receipts/<token>/proof")
@by_link
def receipt_proof(token: str) -> ResponseReturnValue:
    """Show a sheet to print whose square code holds the whole proof."""
    page, document = _proved(token)
    packed = proofs.packed(document)
    return render_template("donor/proof.html", receipt=page, proof=document, packed=packed)


@blueprint.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    """Show a person's contributions, their rooms, and the way out."""
    person = visitor()
    if person is None:
        abort(403)
    with services().database.reading() as session:
        gifts = queries.donations(session, text=person.email, limit=_MOST)
    rooms = [
        path
        for right, path in (
            (Right.SEE_DESK, "/secretariat"),
            (Right.SEE_COMMITTEE, "/committee"),
            (Right.APPLY, "/steward"),
        )
        if may(person.actor, right)
    ]
    return render_template(
        "donor/account.html", person=person, gifts=gifts, rooms=rooms, words=words, form=Form()
    )


def _read(token: str) -> tuple[ReceiptPage, Proof | None]:
    """Read a receipt with the proof of its entry, which comes with the next checkpoint."""
    with services().database.reading() as session:
        page = queries.receipt(session, token)
        entry_id = uuid.UUID(page.facts["entry_id"])
        return page, checkpoints.inclusion(session, checkpoints.ENTRY_KIND, entry_id)


def _proved(token: str) -> tuple[ReceiptPage, Mapping[str, Any]]:
    """Read a receipt with the document that proves it; there is none before a checkpoint."""
    with services().database.reading() as session:
        page = queries.receipt(session, token)
        entry_id = uuid.UUID(page.facts["entry_id"])
        document = evidence.document(session, checkpoints.ENTRY_KIND, entry_id)
    if document is None:
        abort(404)
    return page, document


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
