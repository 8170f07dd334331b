"""The check page and the pages on return: is everything right before somebody pays?"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from offset.clock import utc_day
from offset.errors import InvalidInput, OffsetError, Refused, TryLater
from offset.giving import (
    donations,
    epochs,
    estimates,
    organisations,
    pledges,
    queries,
    receipts,
    recurring,
    shares,
    themes,
    wording,
)
from offset.giving.directives import MOST, Directive
from offset.giving.donations import Pledge
from offset.giving.models import Overflow, ReceiptChoice
from offset.giving.organisations import Organisation
from offset.giving.themes import Theme
from offset.money import OFFERED, Money, parse_money
from offset.people import settings
from offset.people.settings import Current
from offset.projects import queries as projects
from offset.projects.queries import Fundable
from offset.treasury import queries as treasury
from offset.web.errors import blame, sentence_of
from offset.web.language import language, page, prefix_of
from offset.web.public import blueprint, trips, words
from offset.web.public import currency as reader_currency
from offset.web.public.figures import SETTINGS, Sheet, Terms, offers, sheet, terms
from offset.web.public.forms import (
    CARD,
    MONTHLY,
    NEXT,
    ONCE,
    ORGANISATION,
    THEME,
    TRANSFER,
    ContributionForm,
)
from offset.web.security import limited, public
from offset.web.templating import locale, write_money
from offset.web.themes import theme_name
from offset.web.wiring import now, services

_SETTINGS: Final = tuple({*SETTINGS, *donations.SETTINGS, "monthly_amounts"})


@dataclass(frozen=True)
class Desk:
    """What the check page rests on: the terms, who may receive, the trip, and how one gives."""

    terms: Terms
    fundable: tuple[Fundable, ...]
    themes: tuple[Theme, ...]
    sheet: Sheet | None
    kept: tuple[tuple[str, str], ...]
    monthly: bool = False
    organisation: bool = False
    account: pledges.Account | None = None
    months: tuple[Money, ...] = ()
    twelfth: Money | None = None
    held: Mapping[str, Current] | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """How one gives, as an address or a form carries it."""
        return (
            *((("frequency", MONTHLY),) if self.monthly else ()),
            *((("giver", ORGANISATION),) if self.organisation else ()),
        )


@blueprint.get("/contribute")
@public
def contribute() -> ResponseReturnValue:
    """Show what is about to be given, to whom, and what becomes of each cent."""
    desk = _desk(request.args)
    # A button with an amount stands behind the field: the last that says anything counts.
    said = [one.strip() for one in request.args.getlist("amount")]
    typed = next((one for one in reversed(said) if one), "")
    form = _form(desk, formdata=None, typed=typed)
    try:
        _offered(request.args)
        if not typed:
            return _check(desk, form, None, "")
        amount = _read(typed, desk.terms)
    except InvalidInput as fault:
        return _check(desk, form, None, typed, wrong=sentence_of(fault)), 422
    return _check(desk, form, amount, typed)


@blueprint.post("/contribute")
@public
@limited("60 per 5 minutes")
@limited("12 per hour", field="email")
def pledge() -> ResponseReturnValue:
    """Write the pledge down and send the donor to the hosted payment page."""
    desk = _desk(request.form)
    form = _form(desk, formdata=request.form, typed="")
    typed = str(form.amount.data or "")
    if not form.validate() or form.amount.money is None:
        return _again(desk, form, typed)
    try:
        _offered(request.form)
        shares.check_amount(form.amount.money, _limits(desk.terms))
        amount = form.amount.money
        if form.cover.data and form.way.data == CARD:
            amount = shares.with_fee_covered(amount, desk.terms.fee)
        wish = _Wish(desk, amount, _directive(form, desk), _organisation(form, desk), form)
        if form.way.data == TRANSFER:
            return redirect(page(f"/pledge/{_promise(wish).token}"), code=303)
        pledged = services().database.run(_write_down, wish=wish)
        if not pledged.payable:
            # The same form once more, after it was paid or given up.
            return redirect(f"{page('/contribute/done')}?gift={pledged.token}", code=303)
        return redirect(_leave(pledged, wish), code=303)
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
    monthly = values.get("frequency") == MONTHLY
    organisation = values.get("giver") == ORGANISATION and not monthly
    currency = values.get("currency", "").strip().upper() or reader_currency.of_the_reader()
    with services().database.reading() as session:
        setting = settings.several(session, *_SETTINGS)
        fundable = projects.fundable(session, utc_day(now()))
        # Asked only where it is shown or used: a pledge by card takes no statement more.
        wanted = request.method == "GET" or values.get("way") == TRANSFER
        account = _account(session, currency) if wanted and not monthly else None
    held = terms(setting, currency)
    if organisation:
        lowest, highest = shares.limits_in(setting["organisation_limits"].value, held.currency)
        held = replace(held, minimum=lowest, maximum=highest)
    figures = sheet(trip) if trip is not None else None
    months = setting["monthly_amounts"].value.get(held.currency, ())
    return Desk(
        terms=held,
        fundable=fundable,
        themes=themes.among(fundable),
        sheet=figures,
        kept=tuple(trip.pairs()) if trip is not None else (),
        monthly=monthly,
        organisation=organisation,
        account=account,
        months=tuple(Money(minor, held.currency) for minor in months) if monthly else (),
        held=setting,
        twelfth=_twelfth(figures, held) if monthly and figures is not None else None,
    )


def _offered(values: MultiDict[str, str]) -> None:
    """Refuse a currency we do not take: an amount of it is no amount of another.

    Raises
    ------
    InvalidInput
        ``currency_not_offered``.
    """
    asked = values.get("currency", "").strip().upper()
    if asked and asked not in OFFERED:
        raise InvalidInput("currency_not_offered", field="amount", currency=asked[:8])


def _account(session: Any, currency: str) -> pledges.Account | None:
    """Return our bank account in a currency, where there is one."""
    found = treasury.receiving_account(session, currency or "EUR")
    return None if found is None else pledges.Account(found.holder, found.number)


def _twelfth(told: Sheet, held: Terms) -> Money | None:
    """Return the flight's preselected amount in twelve parts."""
    chosen = next((one.suggestion.amount for one in offers(told, held) if one.chosen), None)
    return None if chosen is None else shares.in_twelve_parts(chosen, held.minimum)


def _limits(held: Terms) -> dict[str, int]:
    return {"minimum": held.minimum.minor, "maximum": held.maximum.minor}


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
            "receipts": _asked_receipts(),
            "form_key": secrets.token_urlsafe(16),
            "way": CARD,
        },
    )
    form.currency.data = desk.terms.currency
    form.frequency.data = MONTHLY if desk.monthly else ONCE
    form.giver.data = ORGANISATION if desk.organisation else ""
    if desk.monthly or (formdata is None and desk.account is None):
        form.way.choices = form.card_only
    return form


def _asked_receipts() -> str:
    """Read which receipt an address or a form names, so that it comes back as chosen."""
    wanted = request.values.get("receipts", "")
    return wanted if wanted in set(ReceiptChoice) else ReceiptChoice.EACH.value


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
    return shares.check_amount(parse_money(typed, held.currency), _limits(held))


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
            desk=desk,
            covered=shares.with_fee_covered(amount, desk.terms.fee) if amount else None,
            ways=_ways(desk, form),
        )
    )


def _ways(desk: Desk, form: ContributionForm) -> dict[str, str]:
    """Write the addresses of the other ways to give: once, monthly, as an organisation.

    Between once and monthly no amount is carried over: a month's is its own.
    """
    rest = [
        ("currency", desk.terms.currency),
        *((name, form[name].data) for name in ("project", "ref") if form[name].data),
        *desk.kept,
    ]
    here = page("/contribute")
    return {
        ONCE: f"{here}?{urlencode(rest)}",
        MONTHLY: f"{here}?{urlencode([('frequency', MONTHLY), *rest])}",
        ORGANISATION: f"{here}?{urlencode([('giver', ORGANISATION), *rest])}",
    }


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
    if form.receipts.data != ReceiptChoice.EACH.value:
        pairs.append(("receipts", form.receipts.data))
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


@dataclass(frozen=True)
class _Wish:
    """What a form asks for, read and in order; the verbs hold it against the day."""

    desk: Desk
    amount: Money
    directive: Directive
    organisation: Organisation | None
    form: ContributionForm

    @property
    def key(self) -> str | None:
        """Digest what makes two forms the same: the form's own key and what it says."""
        own = (self.form.form_key.data or "")[:64]
        if not own:
            return None
        fields = sorted(
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in {"csrf_token", "form_key"}
        )
        return hashlib.sha256(repr((own, language(), fields)).encode()).hexdigest()


def _organisation(form: ContributionForm, desk: Desk) -> Organisation | None:
    """Read who gives, when an organisation does.

    Raises
    ------
    InvalidInput
        ``organisation_unnamed``, ``organisation_unregistered``, ``email_unreadable``.
    """
    if not desk.organisation:
        return None
    return organisations.checked(
        Organisation(
            legal_name=form.legal_name.data or "",
            registration=form.registration.data or "",
            email=form.email.data or "",
            purchase_order=form.purchase_order.data or "",
        )
    )


def _estimate(session: Any, desk: Desk) -> uuid.UUID | None:
    if desk.sheet is None:
        return None
    made = desk.sheet.estimate
    return estimates.keep(
        session,
        query=estimates.query_of(desk.sheet.trip.itinerary()),
        result_json=made.as_json(),
        method=made.method.id,
        version=made.method.version,
        dataset=made.dataset,
        at=now(),
    )


def _write_down(session: Any, *, wish: _Wish) -> Pledge:
    """Keep the estimate and the pledge in one transaction; the same form again is the same."""
    at, desk = now(), wish.desk
    known, waits = donations.sent_before(session, wish.key, at=at)
    if known is not None:
        return known
    said: dict[str, Any] = {
        "at": at,
        "amount": wish.amount,
        "language": language(),
        "directive": wish.directive,
        "estimate_id": _estimate(session, desk),
        "ref": wish.form.ref.data,
        "sentences": _shown(desk.terms, wish.amount),
        "form_key": wish.key,
        # A moment ago this very request read the day: it is not asked again.
        "known": donations.JustRead(desk.held, desk.fundable, waits),
    }
    pledged = _pledged(session, wish, said)
    choice = ReceiptChoice(wish.form.receipts.data)
    if choice is not ReceiptChoice.EACH:
        receipts.choose(session, pledged.token, choice, at=at)
    return pledged


def _pledged(session: Any, wish: _Wish, said: dict[str, Any]) -> Pledge:
    if wish.desk.monthly:
        return recurring.begin(session, **said)
    if wish.organisation is None:
        return donations.pledge(session, **said)
    at = said["at"]
    # Before the gift, so that it names its giver at once; refused, nothing of both is kept.
    giver = organisations.billed_to(session, wish.organisation, at=at)
    pledged = donations.pledge(session, **said, limits="organisation_limits", contributor_id=giver)
    organisations.keep(
        session,
        wish.organisation,
        at=at,
        donation_id=pledged.donation_id,
        contributor_id=giver,
    )
    return pledged


def _promise(wish: _Wish) -> pledges.Promised:
    """Write a pledge by bank transfer down; it needs an address to tell how to pay.

    Raises
    ------
    Refused
        ``transfer_not_offered``: we have no account in this currency.
    """
    account = wish.desk.account
    if account is None:
        raise Refused("transfer_not_offered", field="way", currency=wish.desk.terms.currency)
    return services().database.run(_write_promise, wish=wish, account=account)


def _write_promise(session: Any, *, wish: _Wish, account: pledges.Account) -> pledges.Promised:
    known = pledges.sent_before(session, wish.key)
    return known or pledges.promise(
        session,
        at=now(),
        amount=wish.amount,
        language=language(),
        account=account,
        email=wish.form.email.data or "",
        organisation=wish.organisation,
        directive=wish.directive,
        estimate_id=_estimate(session, wish.desk),
        ref=wish.form.ref.data,
        sentences=_shown(wish.desk.terms, wish.amount),
        form_key=wish.key,
    )


def _leave(pledged: Pledge, wish: _Wish) -> str:
    """Open the hosted page and return its address.

    Raises
    ------
    TryLater
        ``processor_unreachable``: nothing was charged.
    """
    here = f"{services().settings.public_url}{prefix_of(language())}"
    again = urlencode(
        [
            ("amount", wish.form.amount.money.decimal() if wish.form.amount.money else ""),
            ("currency", pledged.amount.currency),
            *wish.desk.pairs,
            *((name, text) for name, text in request.form.items() if text and _tells(name)),
            *wish.desk.kept,
        ]
    )
    wired = services()
    title = gettext("Contribution to soil projects")
    if wish.desk.monthly:
        title = gettext("Monthly contribution to soil projects")
    opened = donations.to_checkout(
        wired.database,
        wired.checkout,
        pledged,
        title=title,
        success_url=f"{here}/contribute/done?gift={pledged.token}",
        cancel_url=f"{here}/contribute/cancelled?{again}",
        at=now(),
        email=None if wish.organisation is None else wish.organisation.email,
    )
    return opened.url


def _tells(name: str) -> bool:
    """Say whether a field of the form is worth carrying back to the page."""
    return name in {"project", "ref", "overflow", "receipts"} or name.startswith("parts-")


def _unreachable(
    desk: Desk, form: ContributionForm, typed: str, fault: TryLater
) -> ResponseReturnValue:
    again = urlencode(
        [
            ("amount", typed),
            ("currency", desk.terms.currency),
            *desk.pairs,
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
