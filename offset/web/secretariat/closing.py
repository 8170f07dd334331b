"""How is a month of the books closed, and opened again by two people?"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from offset.errors import NotFound, OffsetError
from offset.ledger import periods as months
from offset.ledger.models import PeriodStatus
from offset.people import users
from offset.people.access import Right, may
from offset.treasury import periods
from offset.web.errors import blame
from offset.web.secretariat.forms import Press, Reason
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import current_actor, policy
from offset.web.wiring import services

OBSTACLES: Final[Mapping[str, LazyString]] = {
    "lines_open": _("Bank lines that nobody explained: %(value)s"),
    "statement_missing": _(
        "The statements of this account do not reach the end of the month: %(value)s"
    ),
    "gap": _("This account does not agree with its statement: %(value)s"),
    "suspense": _("Movements of an unknown kind: %(value)s"),
}
STATUSES: Final[Mapping[str, LazyString]] = {
    "open": _("open"),
    "closing": _("being closed"),
    "locked": _("closed"),
}


@blueprint.get("/periods")
@policy(Right.SEE_JOURNAL)
def period_list() -> ResponseReturnValue:
    """List the months of the books and what waits for a second person."""
    return _list()


@blueprint.get("/periods/<month>")
@policy(Right.SEE_JOURNAL)
def period(month: str) -> ResponseReturnValue:
    """Show one month: its checklist, its closings and reopenings."""
    return _month(_first(month))


@blueprint.post("/periods/<month>/close")
@policy(Right.CLOSE_PERIOD)
def close_period(month: str) -> ResponseReturnValue:
    """Close a month: checkpoint, closing balances, lock."""
    first = _first(month)
    return press(
        periods.close,
        f"/periods/{month}",
        lambda told, status: _month(first, told=told, status=status),
        starts_on=first,
    )


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
        blame(form, fault)
    return _month(first, form=form, status=422)


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


def _month(
    first: date, *, form: Reason | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    with services().database.reading() as session:
        month = next((one for one in months.months(session) if one.starts_on == first), None)
        if month is None:
            raise NotFound("period_missing", month=first)
        locked = month.status is PeriodStatus.LOCKED
        standing = () if locked else periods.obstacles(session, first)
        under_way = {} if locked else periods.checklist(session, first)["under_way"]
        closings = months.closings(session, first)
        asked = [one for one in months.reopenings(session) if one.starts_on == first]
        people = [one.closed_by for one in closings] + [one.asked_by for one in asked]
        people += [one.approved_by for one in asked]
        names = users.names(session, [one for one in people if one])
    return render_template(
        "secretariat/period.html",
        month=month,
        locked=locked,
        over=month.ends_on < today(),
        standing=standing,
        under_way=under_way,
        closings=closings,
        asked=asked,
        names=names,
        obstacles=OBSTACLES,
        statuses=STATUSES,
        form=form or Reason(),
        press=Press(),
        may_close=may(actor, Right.CLOSE_PERIOD),
        may_ask=may(actor, Right.ASK_REOPENING),
        told=told,
    ), status
