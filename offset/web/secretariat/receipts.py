"""How does the desk send a receipt again, or open the original of somebody who was forgotten?"""

import uuid
from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue

from offset.giving import papers, queries, receipts
from offset.people.access import Right
from offset.web.language import page
from offset.web.secretariat.forms import Press
from offset.web.secretariat.room import blueprint
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services


@blueprint.context_processor
def _press() -> dict[str, Any]:
    """Let a page of the desk put a button wherever it needs one; the token is made only there."""
    return {"a_press": Press}


@blueprint.post("/receipts/<uuid:receipt_id>/send-again")
@policy(Right.SEND_RECEIPT)
def send_receipt_again(receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Queue the mail of a receipt once more, with the same bytes attached."""
    with services().database.reading() as session:
        donation_id = queries.gift_of_receipt(session, receipt_id)
    told = ""
    if Press().validate_on_submit():
        services().database.run(receipts.send_again, receipt_id, actor=current_actor(), at=now())
        told = "?sent=again"
    return redirect(page(f"/secretariat/gifts/{donation_id}") + told, code=303)


@blueprint.get("/receipts/<uuid:receipt_id>/original.pdf")
@policy(Right.SEE_KEPT_RECEIPT)
def kept_receipt(receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the kept original of a giver who was forgotten; the trail says to whom."""
    pdf = services().database.run(
        papers.original, receipt_id, "receipt", actor=current_actor(), at=now()
    )
    return pdf, {"Content-Type": "application/pdf", "Content-Disposition": "attachment"}
