"""Who issues receipts under which law, since when, and what does the year's declaration count?"""

import uuid
from typing import Any, Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.giving import annual, numbers
from offset.giving.receipt_facts import paris_day
from offset.people import issuers, settings, users
from offset.people.access import Right
from offset.people.issuers import Regime
from offset.web.errors import blame
from offset.web.language import page
from offset.web.secretariat import words
from offset.web.secretariat.forms import Press
from offset.web.secretariat.issuer_form import IssuerForm
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services

_FIRST_YEAR: Final = 2020


@blueprint.get("/issuer")
@policy(Right.SEE_DESK)
def issuer() -> ResponseReturnValue:
    """Show the issuer that holds, every earlier one, and what a year counts."""
    return _page(None)


@blueprint.post("/issuer")
@policy(Right.CHANGE_SETTINGS)
def change_issuer() -> ResponseReturnValue:
    """Write the next version of the issuer; receipts issued before keep theirs."""
    form = IssuerForm()
    try:
        if form.validate():
            value = {name: (form[name].data or "").strip() for name in sorted(issuers.FIELDS)}
            kept = {name: text for name, text in value.items() if text or name == "address"}
            act(settings.change, name="issuer", value=kept, reason=form.reason.data or "")
            return back("/issuer")
    except OffsetError as fault:
        blame(form, fault)
    return _page(form, status=422)


@blueprint.post("/receipts/annual/<uuid:annual_id>/send-again")
@policy(Right.SEND_RECEIPT)
def send_annual_again(annual_id: uuid.UUID) -> ResponseReturnValue:
    """Queue the mail of a year's receipt once more, with the same bytes attached."""
    told = ""
    if Press().validate_on_submit():
        services().database.run(annual.send_again, annual_id, actor=current_actor(), at=now())
        told = "?sent=again"
    return redirect(page("/secretariat/issuer") + told + "#annual", code=303)


def _page(form: IssuerForm | None, *, status: int = 200) -> ResponseReturnValue:
    year = _year()
    with services().database.reading() as session:
        held = settings.current(session, "issuer")
        versions = settings.history(session, "issuer")
        names = users.names(session, [one.set_by for one in versions if one.set_by])
        counted = numbers.declaration(session, held.value["legal_name"], year)
        receipts = annual.lines(session)
        body = render_template(
            "secretariat/issuer.html",
            form=form or IssuerForm(data=_told(held.value)),
            held=held,
            versions=versions[::-1],
            names=names,
            lacking=issuers.lacking(held.value),
            regimes=words.REGIMES,
            year=year,
            years=range(paris_day(now()).year, _FIRST_YEAR, -1),
            counted=counted,
            annual=receipts,
            sent=request.args.get("sent") == "again",
        )
    return body, status


def _told(value: dict[str, Any]) -> dict[str, str]:
    return {"regime": Regime.NONE.value, **{name: str(text) for name, text in value.items()}}


def _year() -> int:
    asked = request.args.get("year", "")
    this = paris_day(now()).year
    good = asked.isascii() and asked.isdecimal() and _FIRST_YEAR < int(asked[:6]) <= this
    return int(asked) if good else this
