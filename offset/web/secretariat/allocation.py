"""How is an allocation run looked at before it happens, and opened by a second person?"""

import uuid
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.clock import utc_day
from offset.errors import InvalidInput, OffsetError
from offset.giving import allocations, epochs, themes
from offset.giving import queries as giving
from offset.people import users
from offset.people.access import Right
from offset.web.errors import blame
from offset.web.secretariat import run_words, words
from offset.web.secretariat.forms import Press, Weights
from offset.web.secretariat.room import act, back, blueprint, press
from offset.web.security import current_actor, policy
from offset.web.themes import theme_name
from offset.web.wiring import now, services

_LARGEST_WEIGHT = 1_000


@blueprint.get("/allocation")
@policy(Right.SEE_DESK)
def allocation() -> ResponseReturnValue:
    """Show what the next run of a fund would do, row by row."""
    return _page()


@blueprint.post("/allocation/weights")
@policy(Right.PREPARE_ALLOCATION)
def propose_weights() -> ResponseReturnValue:
    """Propose new weights for another person to approve."""
    form = Weights()
    try:
        if form.validate():
            act(epochs.propose_policy, weights=_weights(), reason=form.reason.data or "")
            return back("/allocation")
    except OffsetError as fault:
        blame(form, fault)
    return _page(weights=form, status=422)


@blueprint.post("/allocation/weights/<uuid:policy_id>/approve")
@policy(Right.APPROVE_ALLOCATION)
def approve_weights(policy_id: uuid.UUID) -> ResponseReturnValue:
    """Approve proposed weights as the second person."""
    return press(epochs.approve_policy, "/allocation", _again, policy_id=policy_id)


@blueprint.post("/allocation/runs")
@policy(Right.PREPARE_ALLOCATION)
def propose_run() -> ResponseReturnValue:
    """Propose a run for another person to publish."""
    tag = request.form.get("tag", "")
    return press(epochs.propose_epoch, f"/allocation{_of(tag)}", _again, tag=tag)


@blueprint.post("/allocation/runs/<uuid:epoch_id>/approve")
@policy(Right.APPROVE_ALLOCATION)
def approve_run(epoch_id: uuid.UUID) -> ResponseReturnValue:
    """Publish a run as the second person; the job then allocates gift by gift."""
    return press(epochs.approve_epoch, "/allocation", _again, epoch_id=epoch_id)


def _of(tag: str) -> str:
    return f"?{urlencode({'tag': tag})}" if tag else ""


def _again(told: str, status: int) -> ResponseReturnValue:
    return _page(told=told, status=status)


def _page(
    *, weights: Weights | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    tag = request.values.get("tag", "")
    with services().database.reading() as session:
        preview = allocations.preview(session, at=now(), tag=tag)
        versions = giving.policies(session)
        runs = giving.epochs(session)
        waiting = giving.waiting(session)
        offered = themes.offered(session, utc_day(now()))
        withdrawn = giving.to_take_back(session)
        before = giving.published(session, limit=1, currency=preview.currency, tag=tag)
        acted = [who for one in runs for who in (one.proposed_by, one.approved_by) if who]
        acted += [who for one in versions for who in (one.proposed_by, one.approved_by) if who]
        names = users.names(session, acted)
    funds = sorted({one.tag for one in waiting} | {one.tag for one in offered} | {"", tag})
    return render_template(
        "secretariat/allocation.html",
        preview=preview,
        policies=versions,
        runs=runs,
        funds=[(one, theme_name(one)) for one in funds],
        waiting=waiting,
        withdrawn=withdrawn,
        before=before[0] if before else None,
        changes=giving.compared(preview, before[0]) if before else (),
        names=names,
        theme_name=theme_name,
        typed=request.form if weights is not None else {},
        weights=weights or Weights(),
        press=Press(),
        told=told,
        me=current_actor().user_id,
        words=words,
        run_ends=run_words.RUN_ENDS,
    ), status


def _weights() -> dict[uuid.UUID, int]:
    """Read one whole number a project; nothing or zero leaves the project out.

    Raises
    ------
    InvalidInput
        ``weight_not_positive``.
    """
    read: dict[uuid.UUID, int] = {}
    for name, text in request.form.items():
        if not name.startswith("weight-") or text.strip() in {"", "0"}:
            continue
        number = text.strip()
        if not (number.isascii() and number.isdecimal()) or int(number) > _LARGEST_WEIGHT:
            raise InvalidInput("weight_not_positive")
        read[_id(name.removeprefix("weight-"))] = int(number)
    return read


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise InvalidInput("weight_not_positive") from None
