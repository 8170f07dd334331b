"""How is an allocation run looked at before it happens, and opened by a second person?"""

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import InvalidInput, OffsetError
from offset.giving import allocations, epochs
from offset.giving import queries as giving
from offset.people.access import Right
from offset.web.errors import blame
from offset.web.secretariat import words
from offset.web.secretariat.forms import Press, Weights
from offset.web.secretariat.room import act, back, blueprint, press
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services

_LARGEST_WEIGHT = 1_000


@blueprint.get("/allocation")
@policy(Right.SEE_DESK)
def allocation() -> ResponseReturnValue:
    """Show what the next run would do, row by row."""
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
    return press(epochs.propose_epoch, "/allocation", _again)


@blueprint.post("/allocation/runs/<uuid:epoch_id>/approve")
@policy(Right.APPROVE_ALLOCATION)
def approve_run(epoch_id: uuid.UUID) -> ResponseReturnValue:
    """Publish a run as the second person; the job then allocates gift by gift."""
    return press(epochs.approve_epoch, "/allocation", _again, epoch_id=epoch_id)


def _again(told: str, status: int) -> ResponseReturnValue:
    return _page(told=told, status=status)


def _page(
    *, weights: Weights | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    with services().database.reading() as session:
        preview = allocations.preview(session, at=now())
        versions = giving.policies(session)
        runs = giving.epochs(session)
    return render_template(
        "secretariat/allocation.html",
        preview=preview,
        policies=versions,
        runs=runs,
        typed=request.form if weights is not None else {},
        weights=weights or Weights(),
        press=Press(),
        told=told,
        me=current_actor().user_id,
        words=words,
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
