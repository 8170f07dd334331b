"""How is every figure followed down to its entry, its gift and its proof?"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup, escape

from offset.giving import queries as giving
from offset.giving.models import DonationStatus
from offset.ledger import chart, checkpoints, history, queries
from offset.ledger.balances import TrialLine
from offset.ledger.queries import EntryView, Filters
from offset.money import Money
from offset.people.access import Right, may
from offset.treasury import manual_entries, suspense
from offset.treasury import queries as treasury
from offset.treasury.queries import Cause
from offset.web import labels
from offset.web.language import page
from offset.web.secretariat import words
from offset.web.secretariat.forms import AsOf, Days, Gifts, Search
from offset.web.secretariat.room import blueprint, today
from offset.web.security import current_actor, policy
from offset.web.templating import money
from offset.web.themes import theme_name
from offset.web.wiring import services

_PAGE: Final = 50
_MONTHS: Final = timedelta(days=62)


@blueprint.get("/journal")
@policy(Right.SEE_JOURNAL)
def journal() -> ResponseReturnValue:
    """List the entries, newest first, by kind, account and day."""
    form = Search(request.args)
    form.kind.choices = labels.options([("", "–"), *words.ENTRY_KINDS.items()])
    dated = form.validate()
    filters = Filters(
        kind=form.kind.data or None,
        account=(form.account.data or "").strip() or None,
        since=form.since.data if dated else None,
        until=form.until.data if dated else None,
    )
    with services().database.reading() as session:
        found = queries.entries(session, filters, request.args.get("after"), _PAGE)
        accounts = queries.account_names(session)
    asked = {name: value for name, value in request.args.items() if name != "after" and value}
    following = urlencode({**asked, "after": found.next_key}) if found.next_key else ""
    return render_template(
        "secretariat/journal.html",
        form=form,
        found=found,
        accounts=accounts,
        following=following,
        words=words,
        size=_size,
    ), 200 if dated else 422


@blueprint.get("/journal/<uuid:entry_id>")
@policy(Right.SEE_JOURNAL)
def entry(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show one entry: its postings, its cause and its proof."""
    with services().database.reading() as session:
        seen = queries.entry(session, entry_id)
        cause = treasury.cause(session, seen.source_type, seen.source_id)
        proof = checkpoints.inclusion(session, checkpoints.ENTRY_KIND, entry_id)
        others = [
            other
            for other in queries.entries_of(session, seen.source_type, seen.source_id)
            if other.id != entry_id
        ]
        unknown = any(line.account.startswith("Equity:Suspense:") for line in seen.lines)
        explained = suspense.explanations(session, entry_id) if unknown else ()
    return render_template(
        "secretariat/entry.html",
        seen=seen,
        proof=proof,
        others=others,
        explained=explained,
        cause=_cause(seen, cause),
        may_reverse=manual_entries.may_reverse(seen)
        and may(current_actor(), Right.PREPARE_MANUAL_ENTRY),
        words=words,
        size=_size,
    )


@blueprint.get("/accounts/<path:code>")
@policy(Right.SEE_JOURNAL)
def account(code: str) -> ResponseReturnValue:
    """Show one account over some days, newest first, with the balance after each posting."""
    form = Days(request.args)
    dated = form.validate()
    since = form.since.data if dated else None
    until = form.until.data if dated else None
    # All of a busy account would be read to sort it: without a day, the last months are shown.
    since = since or max(until or today(), history.EARLIEST + _MONTHS).replace(day=1) - _MONTHS
    with services().database.reading() as session:
        seen = queries.account_postings(
            session, code, since=since, until=until, after_key=request.args.get("after")
        )
    form.since.data = since
    told = {"since": since, "until": until, "after": seen.next_key}
    following = urlencode({name: str(value) for name, value in told.items() if value})
    return render_template(
        "secretariat/account.html",
        seen=seen,
        form=form,
        since=since,
        until=until,
        following=following if seen.next_key else "",
        words=words,
    ), 200 if dated else 422


@blueprint.get("/trial-balance")
@policy(Right.SEE_JOURNAL)
def trial_balance() -> ResponseReturnValue:
    """Show the chart with its balances, per currency, as of a day and as known on one."""
    form = AsOf(request.args)
    dated = form.validate()
    as_of = form.as_of.data if dated else None
    known = form.known.data if dated else None
    with services().database.reading() as session:
        lines = history.trial(session, as_of=as_of, known_at=end_of(known))
    return render_template(
        "secretariat/trial_balance.html",
        form=form,
        groups=_by_currency(lines, empty=bool(request.args.get("empty"))),
        meaning=chart.place,
        words=words,
    ), 200 if dated else 422


@blueprint.get("/funds")
@policy(Right.SEE_JOURNAL)
def fund_report() -> ResponseReturnValue:
    """Show of every restriction what stood, came in, went out and stands."""
    form = Days(request.args)
    dated = form.validate()
    since = (form.since.data if dated else None) or today().replace(month=1, day=1)
    until = (form.until.data if dated else None) or today()
    form.since.data, form.until.data = since, until
    with services().database.reading() as session:
        lines = history.funds(session, since=since, until=until)
    return render_template(
        "secretariat/funds.html",
        form=form,
        lines=lines,
        since=since,
        until=until,
        fund_name=fund_name,
        words=words,
    ), 200 if dated else 422


def fund_name(code: str) -> str:
    """Name a fund by its theme; the pool has none."""
    rest = code.removeprefix("Liabilities:Fund:").rpartition(":")[0]
    return theme_name(rest.removeprefix("Restricted:") if rest != "Pool" else "")


def end_of(day: date | None) -> datetime | None:
    """Return the last moment of a day of the books."""
    if day is None:
        return None
    return datetime.combine(day, time.max.replace(microsecond=999_000), UTC)


def _by_currency(
    lines: Iterable[TrialLine], *, empty: bool
) -> dict[str, tuple[list[TrialLine], Money, Money]]:
    """Group a trial balance by currency, each with the sums of its debits and credits."""
    found: dict[str, list[TrialLine]] = {}
    for line in lines:
        found.setdefault(line.balance.currency, []).append(line)
    return {
        currency: (
            [line for line in told if line.balance or empty],
            Money(sum(line.balance.minor for line in told if line.balance.minor > 0), currency),
            Money(-sum(line.balance.minor for line in told if line.balance.minor < 0), currency),
        )
        for currency, told in sorted(found.items())
    }


@blueprint.get("/gifts")
@policy(Right.SEE_JOURNAL)
def gift_list() -> ResponseReturnValue:
    """List the gifts, newest first."""
    form = Gifts(request.args)
    form.status.choices = labels.options([("", "–"), *words.GIFT_STATUSES.items()])
    status = form.status.data if form.status.data in set(DonationStatus) else None
    with services().database.reading() as session:
        found = giving.donations(
            session,
            text=_sought(form.text.data or ""),
            status=DonationStatus(status) if status else None,
            before=_uuid(request.args.get("before")),
            limit=_PAGE,
        )
    asked = {name: value for name, value in request.args.items() if name != "before" and value}
    following = urlencode({**asked, "before": found[-1].id}) if len(found) == _PAGE else ""
    return render_template(
        "secretariat/gifts.html", form=form, found=found, following=following, words=words
    )


def _sought(text: str) -> str | None:
    """Look for a giver's address only for somebody who may see givers."""
    if "@" in text and not may(current_actor(), Right.SEE_DONORS):
        return None
    return text or None


@blueprint.get("/gifts/<uuid:donation_id>")
@policy(Right.SEE_JOURNAL)
def gift(donation_id: uuid.UUID) -> ResponseReturnValue:
    """Show one gift down to its movements, entries and rows."""
    with services().database.reading() as session:
        seen = giving.donation(session, donation_id)
        entries = queries.entries_of(session, "donation", str(donation_id))
    return render_template(
        "secretariat/gift.html", seen=seen, entries=entries, words=words, size=_size
    )


def _size(seen: EntryView) -> str:
    """Write what an entry moves: the sum of its debits, in its first currency."""
    first = seen.lines[0].amount
    debits = [line.amount for line in seen.lines if line.amount.currency == first.currency]
    return money(sum((one for one in debits if one.minor > 0), start=first - first))


_PATHS: Final[Mapping[str, str]] = {
    "gift": "/secretariat/gifts/{}",
    "payment": "/secretariat/disbursements/{}",
    "payout": "/secretariat/payouts/{}",
    "line": "/secretariat/reconciliation?open={}",
}


_BY_HAND: Final = frozenset({"manual_entry", "endowment"})


def _by_hand(seen: EntryView) -> uuid.UUID | None:
    """Find the prepared entry by hand behind an entry."""
    named = seen.source_id.removeprefix(manual_entries.MANUAL_LINE)
    if seen.source_type in _BY_HAND or named != seen.source_id:
        return _uuid(named)
    return None


def _cause(seen: EntryView, found: Cause | None) -> Markup:
    """Link an entry to what caused it."""
    told = seen.source_type.replace("_", " ")
    prepared = _by_hand(seen)
    if prepared is not None:
        address = page(f"/secretariat/entries/{prepared}")
        return Markup('<a href="{}">{}</a>').format(address, gettext("entry by hand"))
    if found is None:
        return escape(f"{told} {seen.source_id}")
    address = page(_PATHS[found.kind].format(found.id))
    return Markup('{} <a href="{}">{}</a>').format(told, address, found.name)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
