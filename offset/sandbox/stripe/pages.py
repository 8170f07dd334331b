"""What does the donor see on the stand-in's payment page, and what happens on each button?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from babel.numbers import format_currency
from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from offset.sandbox.stripe import checkout
from offset.sandbox.stripe.desk import ApiFault, Desk
from offset.sandbox.stripe.movements import ZERO_DECIMAL
from offset.sandbox.stripe.objects import Body
from offset.sandbox.stripe.words import WORDS, language

_SEE_OTHER: Final = 303
_NOT_FOUND: Final = 404
_GONE: Final = 410
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EXPIRY: Final = re.compile(r"(0[1-9]|1[0-2])\s*/?\s*(?:20)?(\d\d)", re.ASCII)
_CVC: Final = re.compile(r"\d{3,4}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{12,19}", re.ASCII)
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_IBAN_MODULUS: Final = 97
_CENTURY: Final = 2000
_SENTENCES: Final[Mapping[str, str]] = {
    "Your card has insufficient funds.": "insufficient_funds",
    "Your card has expired.": "expired_card",
}


_NOBODY: Final[Mapping[str, Any]] = {"locale": None, "cancel_url": None, "success_url": ""}


class Host(Protocol):
    """What the pages need of the stand-in they belong to."""

    def act(self) -> Any:
        """Open a desk for one act."""
        ...


@dataclass(frozen=True)
class Typed:
    """What the donor typed; the card number is never shown again nor kept."""

    email: str
    name: str
    number: str
    expiry: str
    cvc: str
    iban: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Typed":
        """Read the form, forgiving spaces."""
        text = {name: form.get(name, "").strip() for name in cls.__dataclass_fields__}
        text["number"] = re.sub(r"[\s-]", "", text["number"])
        text["iban"] = re.sub(r"\s", "", text["iban"]).upper()
        return cls(**text)

    def faults(self, method: str, at: int) -> dict[str, str]:
        """Return the fields that are wrong for a way to pay, with the key of their sentence."""
        judged = {"email": bool(_EMAIL.fullmatch(self.email))}
        if method == "sepa_debit":
            judged |= {"name": bool(self.name), "iban": is_iban(self.iban)}
        else:
            judged |= {
                "number": is_card_number(self.number),
                "expiry": is_future(self.expiry, at),
                "cvc": bool(_CVC.fullmatch(self.cvc)),
            }
        return {name: f"{name}_wrong" for name, good in judged.items() if not good}


def is_card_number(digits: str) -> bool:
    """Check the Luhn sum of a card number."""
    if not _NUMBER.fullmatch(digits):
        return False
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Check the ISO 13616 sum of an IBAN."""
    if not _IBAN.fullmatch(text):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % _IBAN_MODULUS == 1


def is_future(expiry: str, at: int) -> bool:
    """Say whether a card is still good at a moment."""
    found = month_and_year(expiry)
    if found is None:
        return False
    month, year = found
    today = datetime.fromtimestamp(at, UTC)
    return (year, month) >= (today.year, today.month)


def month_and_year(expiry: str) -> tuple[int, int] | None:
    """Read the end of a card, ``12 / 34``."""
    found = _EXPIRY.fullmatch(expiry)
    return None if found is None else (int(found[1]), _CENTURY + int(found[2]))


def blueprint() -> Blueprint:
    """Return the door for donors."""
    door = Blueprint("pages", __name__)
    door.add_url_rule("/c/pay/<session_id>", "pay", show, methods=["GET"])
    door.add_url_rule("/c/pay/<session_id>", "paid", pay, methods=["POST"])
    door.add_url_rule("/c/pay/<session_id>/bank", "bank", show_bank, methods=["GET"])
    door.add_url_rule("/c/pay/<session_id>/bank", "banked", answer_bank, methods=["POST"])
    door.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    door.after_request(harden)
    return door


def harden(response: Response) -> Response:
    """Allow nothing but our own style sheet, and forms to here and to where the session returns."""
    back = response.headers.pop("X-Form-Target", "")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self' {back}".rstrip()
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _host() -> Host:
    found: Host = current_app.extensions["stand_in"]
    return found


def show(session_id: str) -> BaseResponse:
    """Show the payment page."""
    return _page(session_id, "bank" if request.args.get("bank") == "refused" else None)


def _page(
    session_id: str,
    alert: str | None = None,
    typed: Typed | None = None,
    faults: Mapping[str, str] | None = None,
) -> BaseResponse:
    try:
        with _host().act() as desk:
            session = checkout.payable(desk, session_id)
            items = checkout.line_items(desk, session)
    except ApiFault as fault:
        return _closed(session_id, fault)
    tongue = _language(session)
    words = WORDS[tongue]
    return _rendered(
        "pay.html",
        session,
        alert={"bank": words["unrecognised"]}.get(alert or "", words.get(alert or "")),
        faults={name: words[key] for name, key in (faults or {}).items()},
        email=typed.email if typed else session["customer_email"] or "",
        fixed_email=session["customer_email"],
        typed=typed,
        items=[(item["description"], _price(item, tongue)) for item in items],
        recurring=session["mode"] == "subscription",
        amount=_amount(session),
        sepa="sepa_debit" in session["payment_method_types"],
        card="card" in session["payment_method_types"],
    )


def pay(session_id: str) -> BaseResponse:
    """Try to pay with what was typed."""
    method = _method(request.form)
    try:
        with _host().act() as desk:
            session = checkout.payable(desk, session_id)
            known = {"email": session["customer_email"]} if session["customer_email"] else {}
            typed = Typed.read({**request.form, **known})
            faults = typed.faults(method, desk.at)
            outcome = None if faults else _paid(desk, session_id, method, typed)
    except ApiFault as fault:
        return _closed(session_id, fault)
    if outcome == "paid":
        return _return(session)
    if outcome == "authenticate":
        return redirect(url_for("pages.bank", session_id=session_id), _SEE_OTHER)
    alert = None if outcome is None else _SENTENCES.get(outcome, "declined")
    return _page(session_id, alert, typed, faults)


def _method(form: Mapping[str, str]) -> str:
    """Take the button that was pressed; Enter in the IBAN field presses the first one, card."""
    only_iban = form.get("iban", "").strip() and not form.get("number", "").strip()
    return "sepa_debit" if only_iban or form.get("method") == "sepa_debit" else "card"


def _paid(desk: Desk, session_id: str, method: str, typed: Typed) -> str:
    if method == "sepa_debit":
        checkout.pay_by_sepa(desk, session_id, typed.iban, email=typed.email, name=typed.name)
        return "paid"
    return checkout.pay_by_card(
        desk,
        session_id,
        typed.number,
        email=typed.email,
        name=typed.name or None,
        expiry=month_and_year(typed.expiry),
    )


def show_bank(session_id: str) -> BaseResponse:
    """Show the stand-in bank's question."""
    try:
        with _host().act() as desk:
            session = checkout.payable(desk, session_id)
    except ApiFault as fault:
        return _closed(session_id, fault)
    return _rendered("bank.html", session, amount=_amount(session))


def answer_bank(session_id: str) -> BaseResponse:
    """Come back from the stand-in bank."""
    recognised = request.form.get("answer") == "complete"
    try:
        with _host().act() as desk:
            outcome = checkout.authenticate(desk, session_id, recognised=recognised)
            session = desk.find("checkout.session", session_id)
    except ApiFault as fault:
        return _closed(session_id, fault)
    if outcome == "paid":
        return _return(session)
    return redirect(url_for("pages.pay", session_id=session_id, bank="refused"), _SEE_OTHER)


def _return(session: Body) -> BaseResponse:
    """Send the donor back to the shop, with the session's id filled in."""
    target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return redirect(target, _SEE_OTHER)


def _closed(session_id: str, fault: ApiFault) -> BaseResponse:
    status = _NOT_FOUND if fault.status == _NOT_FOUND else _GONE
    try:
        with _host().act() as desk:
            session = desk.find("checkout.session", session_id)
    except ApiFault:
        session = _NOBODY
    response = _rendered(
        "closed.html", session, key="unknown" if status == _NOT_FOUND else "closed"
    )
    response.status_code = status
    return response


def _language(session: Mapping[str, Any]) -> str:
    return language(session["locale"], request.accept_languages)


def _rendered(template: str, session: Mapping[str, Any], **values: Any) -> Response:
    tongue = _language(session)
    response = make_response(
        render_template(template, language=tongue, words=WORDS[tongue], session=session, **values)
    )
    back = urlsplit(session["success_url"])
    response.headers["X-Form-Target"] = f"{back.scheme}://{back.netloc}" if back.netloc else ""
    return response


def _amount(session: Body) -> str:
    return amount_text(session["amount_total"], session["currency"], _language(session))


def _price(item: Body, tongue: str) -> str:
    amount = amount_text(item["amount_total"], item["currency"], tongue)
    return each(amount, item["price"]["recurring"], tongue)


def each(amount: str, rhythm: Mapping[str, Any] | None, tongue: str) -> str:
    """Write an amount with how often it is asked."""
    if rhythm is None:
        return amount
    often = WORDS[tongue][f"each_{rhythm['interval']}"].format(amount=amount)
    count = rhythm["interval_count"]
    return often if count == 1 else f"{often} × {count}"


def amount_text(minor: int, currency: str, tongue: str) -> str:
    """Write an amount as people read it."""
    places = 0 if currency in ZERO_DECIMAL else 2
    return format_currency(Decimal(minor).scaleb(-places), currency.upper(), locale=tongue)
