"""The check page and the pages on return: is everything right before somebody pays?"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from offset.clock import utc_day
from offset.errors import InvalidInput, OffsetError, TryLater
from offset.giving import donations, estimates, queries, shares, wording
from offset.giving.donations import Pledge
from offset.giving.models import Overflow
from offset.money import Money, parse_money
from offset.people import settings
from offset.projects import queries as projects
from offset.projects.queries import Fundable
from offset.web.errors import blame, sentence_of
from offset.web.language import language, page, prefix_of
from offset.web.public import blueprint, trips, words
from offset.web.public.figures import SETTINGS, Sheet, Terms, sheet, terms
from offset.web.public.forms import ContributionForm
from offset.web.security import limited, public
from offset.web.templating import locale, write_money
from offset.web.wiring import now, services


@dataclass(frozen=True)
class Desk:
    """What the check page rests on: the terms, the projects that may receive, and the trip."""

    terms: Terms
    fundable: tuple[Fundable, ...]
    sheet: Sheet | None
    kept: tuple[tuple[str, str], ...]


@blueprint.get("/contribute")
@public
def contribute() -> ResponseReturnValue:
    """Show what is about to be given, to whom, and what becomes of each cent."""
    desk = _desk(request.args)
    typed = request.args.get("amount", "").strip()
    form = _form(desk, formdata=None, typed=typed)
    if not typed:
        return _check(desk, form, None, "")
    try:
        amount = _read(typed, desk.terms)
    except InvalidInput as fault:
        return _check(desk, form, None, typed, wrong=sentence_of(fault)), 422
    return _check(desk, form, amount, typed)


@blueprint.post("/contribute")
@public
@limited("60 per 5 minutes")
def pledge() -> ResponseReturnValue:
    """Write the pledge down and send the donor to the hosted payment page."""
    desk = _desk(request.form)
    form = _form(desk, formdata=request.form, typed="")
    typed = str(form.amount.data or "")
    if not form.validate() or form.amount.money is None:
        return _again(desk, form, typed)
    try:
        amount = shares.check_amount(
            form.amount.money,
            {"minimum": desk.terms.minimum.minor, "maximum": desk.terms.maximum.minor},
        )
        pledged = services().database.run(
            _write_down,
            desk=desk,
            amount=amount,
            slug=form.project.data,
            overflow=Overflow(form.overflow.data),
            ref=form.ref.data,
        )
        return redirect(_leave(pledged, desk), code=303)
    except TryLater as fault:
        return _unreachable(desk, form, typed, fault)
    except OffsetError as fault:
        blame(form, fault)
        return _again(desk, form, typed)


@blueprint.get("/contribute/done")
@public
def done() -> ResponseReturnValue:
    """Say what we know of a gift when its donor comes back: paid, or still on its way."""
    with services().database.reading() as session:
        gift = queries.gift(session, request.args.get("gift", ""))
    return _private(render_template("public/done.html", gift=gift, paid=gift.split is not None))


@blueprint.get("/contribute/cancelled")
@public
def cancelled() -> ResponseReturnValue:
    """Say that nothing was charged, and keep the amount for another try."""
    query = request.query_string.decode("utf-8", "replace")
    again = f"{page('/contribute')}?{query}"
    return _private(render_template("public/cancelled.html", again=again))


def _desk(values: MultiDict[str, str]) -> Desk:
    told = trips.asked(values)
    trip = trips.understand(told).trip if told is not None and not told.empty else None
    with services().database.reading() as session:
        held = terms(
            settings.several(session, *SETTINGS), values.get("currency", "").strip().upper()
        )
        fundable = projects.fundable(session, utc_day(now()))
    return Desk(
        terms=held,
        fundable=fundable,
        sheet=sheet(trip) if trip is not None else None,
        kept=tuple(trip.pairs()) if trip is not None else (),
    )


def _form(desk: Desk, *, formdata: MultiDict[str, str] | None, typed: str) -> ContributionForm:
    wanted = request.values.get("project", "")
    form = ContributionForm(
        projects=tuple((one.slug, one.title) for one in desk.fundable),
        formdata=formdata,
        data={
            "amount": typed,
            "currency": desk.terms.currency,
            "project": wanted if wanted in {one.slug for one in desk.fundable} else "",
            "overflow": Overflow.POOL.value,
            "ref": request.values.get("ref", "")[:64],
        },
    )
    form.currency.data = desk.terms.currency
    return form


def _read(typed: str, held: Terms) -> Money:
    """Read an amount within the limits.

    Raises
    ------
    InvalidInput
        ``amount_unreadable``, ``amount_too_precise``, ``amount_too_small``, ``amount_too_large``.
    """
    limits = {"minimum": held.minimum.minor, "maximum": held.maximum.minor}
    return shares.check_amount(parse_money(typed, held.currency), limits)


def _check(
    desk: Desk, form: ContributionForm, amount: Money | None, typed: str, wrong: str = ""
) -> Response:
    missing = request.values.get("project", "")
    return _private(
        render_template(
            "public/contribute.html",
            terms=desk.terms,
            sheet=desk.sheet,
            words=words.about(desk.sheet) if desk.sheet else None,
            form=form,
            amount=amount,
            split=desk.terms.split(amount) if amount else None,
            typed=typed,
            wrong=wrong,
            kept=desk.kept,
            sentences=_shown(desk.terms, amount),
            closed=missing and missing not in {one.slug for one in desk.fundable},
            query=urlencode(desk.kept),
        )
    )


def _again(desk: Desk, form: ContributionForm, typed: str) -> ResponseReturnValue:
    """Show the page again with everything typed, and what is wrong at its field."""
    try:
        amount = _read(typed, desk.terms)
    except InvalidInput as fault:
        return _check(desk, form, None, typed, wrong=sentence_of(fault)), 422
    return _check(desk, form, amount, typed), 422


def _shown(held: Terms, amount: Money | None) -> dict[str, str]:
    """Write the sentences beside the button, as the gift will keep them."""
    told = wording.load(language())
    fixed = told.some(("no_change", "no_benefit", "reversibility"))
    fixed["receiver"] = told.fill("receiver", receiver=words.receiver(held))
    fixed["refund_rule"] = told.fill("refund_rule", days=str(held.refund_days))
    if amount is not None:
        cut = held.split(amount)
        fixed["breakdown"] = told.fill(
            "breakdown",
            projects=write_money(cut.to_projects, locale()),
            share=write_money(cut.share, locale()),
            fee=write_money(cut.fee, locale()),
        )
    return fixed


def _write_down(
    session: Any, *, desk: Desk, amount: Money, slug: str, overflow: Overflow, ref: str | None
) -> Pledge:
    """Keep the estimate and the pledge in one transaction."""
    at = now()
    estimate_id = None
    if desk.sheet is not None:
        made = desk.sheet.estimate
        estimate_id = estimates.keep(
            session,
            query=estimates.query_of(desk.sheet.trip.itinerary()),
            result_json=made.as_json(),
            method=made.method.id,
            version=made.method.version,
            dataset=made.dataset,
            at=at,
        )
    return donations.pledge(
        session,
        at=at,
        amount=amount,
        language=language(),
        project_id=next((one.project_id for one in desk.fundable if one.slug == slug), None),
        overflow=overflow,
        estimate_id=estimate_id,
        ref=ref,
        sentences=_shown(desk.terms, amount),
    )


def _leave(pledged: Pledge, desk: Desk) -> str:
    """Open the hosted page and return its address.

    Raises
    ------
    TryLater
        ``processor_unreachable``: nothing was charged.
    """
    here = f"{services().settings.public_url}{prefix_of(language())}"
    again = urlencode(
        [
            ("amount", pledged.amount.decimal()),
            ("currency", pledged.amount.currency),
            *((name, request.form[name]) for name in ("project", "ref") if request.form.get(name)),
            *desk.kept,
        ]
    )
    wired = services()
    opened = donations.to_checkout(
        wired.database,
        wired.checkout,
        pledged,
        title=gettext("Contribution to soil projects"),
        success_url=f"{here}/contribute/done?gift={pledged.token}",
        cancel_url=f"{here}/contribute/cancelled?{again}",
        at=now(),
    )
    return opened.url


def _unreachable(
    desk: Desk, form: ContributionForm, typed: str, fault: TryLater
) -> ResponseReturnValue:
    again = urlencode(
        [
            ("amount", typed),
            ("currency", desk.terms.currency),
            ("project", form.project.data or ""),
            *desk.kept,
        ]
    )
    body = render_template(
        "public/unreachable.html",
        sentence=sentence_of(fault),
        again=f"{page('/contribute')}?{again}",
    )
    answer = _private(body)
    answer.headers["Retry-After"] = "60"
    return answer, 503


def _private(body: str) -> Response:
    """Keep a page that carries a form token out of every cache and index."""
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
