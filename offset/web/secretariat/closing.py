"""How is a month of the books seen, explained and closed, and opened again by two people?"""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, TextAreaField

from offset.database.session import Reading
from offset.errors import NotFound, OffsetError
from offset.ledger import periods as months
from offset.ledger.models import PeriodStatus
from offset.money import parse_money
from offset.people import users
from offset.people.access import Right, may
from offset.reports import month_papers
from offset.treasury import cash, month, month_statement, month_steps, periods
from offset.web.board import heading, sentence
from offset.web.errors import blame, sentence_of, status_of
from offset.web.fields import Filled, Form
from offset.web.language import LANGUAGES, language, page
from offset.web.secretariat.forms import Press, Reason
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import current_actor, policy
from offset.web.templating import money
from offset.web.wiring import now, services

OBSTACLES: Final[Mapping[str, LazyString]] = {
    "lines_open": _("Bank lines that nobody explained: %(value)s"),
    "statement_missing": _(
        "The statements of this account do not reach the end of the month: %(value)s"
    ),
    "gap": _("This account does not agree with its statement: %(value)s"),
    "suspense": _("Movements of an unknown kind: %(value)s"),
    "aged": _("This stands for too long without a word of explanation: %(value)s"),
    "payouts_unread": _("Payouts whose movements the processor has not listed: %(value)s"),
    "trial_balance": _("The trial balance does not come to zero: %(value)s"),
}
# What money on an account between two places is called, by how its code begins.
UNDER_WAY: Final[Mapping[str, LazyString]] = {
    "Assets:InTransit:Payouts:": _("Payouts on their way to the bank"),
    "Assets:InTransit:Disbursements:": _("Payments ordered, not yet on a statement"),
    "Assets:Receivable:": _("Money held back for disputes"),
    "Liabilities:Refunds:": _("Refunds under way"),
    "Liabilities:Unidentified:": _("Money of unknown givers"),
    "Equity:Suspense:": _("Movements of an unknown kind"),
}
_SUM: Final = re.compile(r"(-?)(\d+(?:\.\d+)?) ([A-Z]{3})$", re.ASCII)
STATUSES: Final[Mapping[str, LazyString]] = {
    "open": _("open"),
    "closing": _("being closed"),
    "locked": _("closed"),
}
STEPS: Final[Mapping[str, LazyString]] = {
    "payouts": _("Processor payouts read"),
    "statements": _("Statements imported"),
    "lines": _("Lines matched"),
    "unidentified": _("Unidentified gifts looked at"),
    "allocation": _("Gifts allocated"),
    "payments": _("Payments approved"),
    "clearing": _("Clearing accounts explained"),
    "lock": _("Proof checkpoint and lock"),
}
STATES: Final[Mapping[str, tuple[str, LazyString]]] = {
    "done": ("ok", _("done")),
    "todo": ("warn", _("to do")),
    "in_time": ("info", _("in good time")),
}
_FILES: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Explain(Form):
    """Why something stays open over the month's end."""

    item = HiddenField()
    text = TextAreaField(
        _("Why does it stay open?"),
        [Filled()],
        description=_("It stands in the statement of the month with your name: name no giver."),
        render_kw={"rows": 2, "maxlength": 2000},
    )


@blueprint.get("/month")
@policy(Right.SEE_JOURNAL)
def this_month() -> ResponseReturnValue:
    """Lead to the oldest month that is not closed."""
    with services().database.reading() as session:
        first = oldest_open(session)
    where = f"/{first:%Y-%m}" if first else ""
    return redirect(page(f"/secretariat/periods{where}"), code=302)


@blueprint.get("/periods")
@policy(Right.SEE_JOURNAL)
def period_list() -> ResponseReturnValue:
    """List the months of the books and what waits for a second person."""
    return _list()


@blueprint.get("/periods/<month>")
@policy(Right.SEE_JOURNAL)
def period(month: str) -> ResponseReturnValue:
    """Show one month: its eight steps, the cash line, its closings and reopenings."""
    return shown(_first(month))


@blueprint.post("/periods/<month>/explain")
@policy(Right.MATCH)
def explain_item(month: str) -> ResponseReturnValue:
    """Write down why something stays open over the month's end."""
    form, first = Explain(), _first(month)
    if not form.validate():
        return shown(first, explain=form, status=422)
    try:
        act(periods.explain, starts_on=first, item=form.item.data or "", text=form.text.data or "")
    except OffsetError as fault:
        return shown(first, told=sentence_of(fault), status=status_of(fault))
    return back(f"/periods/{month}#open")


@blueprint.post("/periods/<month>/close")
@policy(Right.CLOSE_PERIOD)
def close_period(month: str) -> ResponseReturnValue:
    """Close a month: checkpoint, closing balances, lock; then print its statement."""
    first = _first(month)
    answer = press(
        periods.close,
        f"/periods/{month}",
        lambda told, status: shown(first, told=told, status=status),
        starts_on=first,
    )
    wired = services()
    month_papers.print_pending(
        wired.database,
        wired.documents,
        sentence,
        at=now(),
        languages=[language()],
        heading=heading,
    )
    return answer


@blueprint.get("/periods/papers/<sha256>")
@policy(Right.SEE_JOURNAL)
def month_paper(sha256: str) -> ResponseReturnValue:
    """Hand out a file of a closed month by the hash of its bytes."""
    with services().database.reading() as session:
        found = month_statement.paper(session, sha256.lower())
    return found.data, {
        "Content-Type": _FILES[found.form],
        "Content-Disposition": f'attachment; filename="{found.name}"',
        "ETag": f'"{found.sha256}"',
    }


@blueprint.post("/periods/<month>/reopen")
@policy(Right.ASK_REOPENING)
def ask_reopening(month: str) -> ResponseReturnValue:
    """Ask for the last closed month to be opened again; another person decides."""
    form, first = Reason(), _first(month)
    try:
        if form.validate():
            act(periods.ask_reopening, starts_on=first, reason=form.reason.data or "")
            return back(f"/periods/{month}")
    except OffsetError as fault:
        if not fault.field:  # an open month has no such form to blame
            return shown(first, told=sentence_of(fault), status=status_of(fault))
        blame(form, fault)
    return shown(first, form=form, status=422)


@blueprint.post("/reopenings/<uuid:reopening_id>/approve")
@policy(Right.REOPEN_PERIOD)
def approve_reopening(reopening_id: uuid.UUID) -> ResponseReturnValue:
    """Open a month again as the second person."""
    return press(
        periods.reopen,
        "/periods",
        lambda told, status: _list(told=told, status=status),
        reopening_id=reopening_id,
    )


def account_words(code: str) -> str:
    """Say what an account between two places holds, with its currency; else its code."""
    for begin, words in UNDER_WAY.items():
        if code.startswith(begin):
            return f"{words}, {code.rpartition(':')[2]}"
    return code


def _obstacle(one: periods.Obstacle) -> str:
    """Say in words what keeps a month open."""
    value = one.value
    if one.code == "aged":
        code, _space, amount = value.partition(" ")
        liability = code.startswith("Liabilities:")
        name = account_words(code).removesuffix(f", {code.rpartition(':')[2]}")
        value = f"{name} {amount.removeprefix('-') if liability else amount}"
    return str(OBSTACLES[one.code]) % {"value": _SUM.sub(_sum, value)}


def _sum(found: re.Match[str]) -> str:
    """Write a sum as the reader's language does."""
    amount = parse_money(found[2], found[3])
    return money(-amount if found[1] else amount)


def oldest_open(session: Reading) -> date | None:
    """Return the oldest month that is not closed."""
    waiting = [
        one.starts_on for one in months.months(session) if one.status is not PeriodStatus.LOCKED
    ]
    return min(waiting, default=None)


def _first(text: str) -> date:
    """Read a month as its address writes it, 2026-09.

    Raises
    ------
    NotFound
        ``period_missing``.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound("period_missing", month=text[:10]) from None


def _list(*, told: str = "", status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = months.months(session)
        waiting = [one for one in months.reopenings(session) if one.approved_at is None]
        names = users.names(session, [one.asked_by for one in waiting])
    return render_template(
        "secretariat/periods.html",
        found=found,
        waiting=waiting,
        names=names,
        statuses=STATUSES,
        me=current_actor().user_id,
        may_reopen=may(current_actor(), Right.REOPEN_PERIOD),
        press=Press(),
        told=told,
    ), status


def shown(
    first: date,
    *,
    form: Reason | None = None,
    explain: Explain | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Show a month that is open with its steps, or a closed one with its statements."""
    with services().database.reading() as session:
        one = months.month(session, first)
        if one is None:
            raise NotFound("period_missing", month=first)
        if one.status is PeriodStatus.LOCKED:
            return _closed(session, one, form or Reason(), told), status
        return _open(session, one, explain, told), status


def _open(session: Reading, one: months.Month, explain: Explain | None, told: str) -> str:
    actor, on = current_actor(), today()
    found = month.look(session, one.starts_on, on=on, lines=month.SHOWN)
    return render_template(
        "secretariat/period.html",
        month=one,
        found=found,
        steps=month_steps.steps(found, locked=False),
        standing=[_obstacle(one) for one in periods.standing_in_the_way(found)],
        account_words=account_words,
        cash=cash.lines(session, on=on),
        over=on >= one.ends_on,
        statuses=STATUSES,
        step_names=STEPS,
        states=STATES,
        explain=explain or Explain(formdata=None),
        asked_item=request.form.get("item", ""),
        press=Press(formdata=None),
        may_close=may(actor, Right.CLOSE_PERIOD),
        may_explain=may(actor, Right.MATCH),
        told=told,
        **_history(session, one),
    )


def _closed(session: Reading, one: months.Month, form: Reason, told: str) -> str:
    return render_template(
        "secretariat/period_closed.html",
        month=one,
        statuses=STATUSES,
        form=form,
        may_ask=may(current_actor(), Right.ASK_REOPENING),
        told=told,
        **_history(session, one),
    )


def _history(session: Reading, one: months.Month) -> dict[str, Any]:
    """Read how a month was closed and opened again; of a month that never was, one statement."""
    closings = months.closings(session, one.starts_on)
    if not closings:
        return {"closings": ()}
    asked = [each for each in months.reopenings(session) if each.starts_on == one.starts_on]
    people = [each.closed_by for each in closings] + [each.asked_by for each in asked]
    people += [each.approved_by for each in asked]
    statements = month_statement.statements(session, one.starts_on)
    return {
        "closings": closings,
        "statements": {each.n: each for each in statements},
        "sentences": {
            each.n: {code: sentence(code, each.facts) for code in LANGUAGES} for each in statements
        },
        "asked": asked,
        "people": users.names(session, [each for each in people if each]),
    }
