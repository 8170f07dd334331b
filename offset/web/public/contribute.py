"""The check page and the pages on return: is everything right before somebody pays?"""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from offset.clock import utc_day
from offset.errors import InvalidInput, OffsetError, TryLater
from offset.giving import donations, epochs, estimates, queries, shares, themes, wording
from offset.giving.directives import MOST, Directive
from offset.giving.donations import Pledge
from offset.giving.models import Overflow
from offset.giving.themes import Theme
from offset.money import Money, parse_money
from offset.people import settings
from offset.projects import queries as projects
from offset.projects.queries import Fundable
from offset.web.errors import blame, sentence_of
from offset.web.language import language, page, prefix_of
from offset.web.public import blueprint, trips, words
from offset.web.public.figures import SETTINGS, Sheet, Terms, sheet, terms
from offset.web.public.forms import NEXT, THEME, ContributionForm
from offset.web.security import limited, public
from offset.web.templating import locale, write_money
from offset.web.themes import theme_name
from offset.web.wiring import now, services


@dataclass(frozen=True)
class Desk:
    """What the check page rests on: the terms, who may receive, and the trip."""

    terms: Terms
    fundable: tuple[Fundable, ...]
    themes: tuple[Theme, ...]
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
            directive=_directive(form, desk),
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
        themes=themes.among(fundable),
        sheet=sheet(trip) if trip is not None else None,
        kept=tuple(trip.pairs()) if trip is not None else (),
    )


def _form(desk: Desk, *, formdata: MultiDict[str, str] | None, typed: str) -> ContributionForm:
    named = tuple((one.slug, one.title) for one in desk.fundable)
    about = tuple(
        (one.tag, gettext("Theme: %(name)s", name=theme_name(one.tag))) for one in desk.themes
    )
    wanted = request.values.get("project", "")
    after = request.values.get("overflow", "")
    form = ContributionForm(
        projects=named,
        themes=about,
        formdata=formdata,
        data={
            "amount": typed,
            "currency": desk.terms.currency,
            "project": wanted if wanted in _places(desk) else "",
            "parts": _asked_parts(),
            "overflow": after if after in _after(desk) else Overflow.POOL.value,
            "ref": request.values.get("ref", "")[:64],
        },
    )
    form.currency.data = desk.terms.currency
    return form


def _places(desk: Desk) -> set[str]:
    return {one.slug for one in desk.fundable} | {f"{THEME}{one.tag}" for one in desk.themes}


def _after(desk: Desk) -> set[str]:
    return (
        {one.value for one in Overflow}
        | {f"{NEXT}{one.slug}" for one in desk.fundable}
        | {f"{THEME}{one.tag}" for one in desk.themes}
    )


def _asked_parts() -> list[dict[str, str]]:
    """Read the parts that an address or a form names, so that they come back as typed."""
    return [
        {
            "project": request.values.get(f"parts-{number}-project", ""),
            "percent": request.values.get(f"parts-{number}-percent", "")[:4],
        }
        for number in range(MOST)
    ]


def _directive(form: ContributionForm, desk: Desk) -> Directive:
    """Read the donor's word out of the form; the verb holds it against the day.

    Raises
    ------
    InvalidInput
        ``directive_mixed``, ``split_percent``, ``split_projects``.
    """
    ids = {one.slug: one.project_id for one in desk.fundable}
    split = _split(form, ids)
    place, after = form.project.data or "", form.overflow.data or ""
    if split and place:
        raise InvalidInput("directive_mixed", field="project")
    if not split and (not place or place.startswith(THEME)):
        # Where nothing was chosen there is no rest to send anywhere.
        return Directive(tag=place.removeprefix(THEME))
    return Directive(
        project_id=ids.get(place),
        split=split,
        overflow=Overflow.WAIT if after == Overflow.WAIT.value else Overflow.POOL,
        overflow_project_id=ids.get(after.removeprefix(NEXT)) if after.startswith(NEXT) else None,
        overflow_tag=after.removeprefix(THEME) if after.startswith(THEME) else "",
    )


def _split(form: ContributionForm, ids: dict[str, uuid.UUID]) -> dict[uuid.UUID, int]:
    """Read the lines in which something stands.

    Raises
    ------
    InvalidInput
        ``split_percent``, ``split_projects`` when a project stands twice.
    """
    parts: dict[uuid.UUID, int] = {}
    for line in form.parts:
        slug, percent = line.form.project.data or "", (line.form.percent.data or "").strip()
        if not slug and not percent:
            continue
        number = percent.removesuffix("%").strip()
        if slug not in ids or not (number.isascii() and number.isdecimal()):
            raise InvalidInput("split_percent", field="project")
        if ids[slug] in parts:
            raise InvalidInput("split_projects", field="project", most=MOST)
        parts[ids[slug]] = int(number)
    return parts


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
    said = _said_words(form)
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
            closed=missing and missing not in _places(desk),
            rooms=_rooms(desk, amount),
            said=said,
            query=urlencode(desk.kept),
        )
    )


def _rooms(desk: Desk, amount: Money | None) -> tuple[tuple[str, Money], ...]:
    """Name the projects that need less than this gift would bring them."""
    if amount is None or not desk.fundable:
        return ()
    brought = desk.terms.split(amount).to_projects
    with services().database.reading() as session:
        rooms = epochs.rooms_for(session, amount.currency, now())
    return tuple(
        (room.project.title, Money(room.gap, amount.currency))
        for room in rooms.values()
        if room.gap < brought.minor
    )


def _said_words(form: ContributionForm) -> list[tuple[str, str]]:
    """Return what the donor has said of where it goes, to carry it through a change of amount."""
    pairs = [
        (field.name, field.data)
        for line in form.parts
        for field in (line.form.project, line.form.percent)
        if field.data
    ]
    if form.overflow.data != Overflow.POOL.value:
        pairs.append(("overflow", form.overflow.data))
    return pairs


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
    session: Any, *, desk: Desk, amount: Money, directive: Directive, ref: str | None
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
        directive=directive,
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
            *((name, text) for name, text in request.form.items() if text and _tells(name)),
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


def _tells(name: str) -> bool:
    """Say whether a field of the form is worth carrying back to the page."""
    return name in {"project", "ref", "overflow"} or name.startswith("parts-")


def _unreachable(
    desk: Desk, form: ContributionForm, typed: str, fault: TryLater
) -> ResponseReturnValue:
    again = urlencode(
        [
            ("amount", typed),
            ("currency", desk.terms.currency),
            ("project", form.project.data or ""),
            *_said_words(form),
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
