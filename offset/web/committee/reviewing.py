"""How does a reviewer grade? All at once, one criterion at a time, or by handing one on."""

import uuid
from typing import Final

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right
from offset.projects import inquiries, reviews
from offset.web.committee import scores
from offset.web.committee.forms import Grades, Press, Question
from offset.web.committee.room import act, blueprint, opened, to_seat
from offset.web.committee.seats import seat_page
from offset.web.errors import blame, sentence_of, status_of
from offset.web.security import policy

_SCRIPT: Final = "application/json"


@blueprint.post("/seats/<uuid:assignment_id>/review")
@policy(Right.REVIEW)
def review(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a review, or hand it in."""
    seen = opened(assignment_id)
    form = Grades()
    told = scores.read(seen.criteria, request.form, without=seen.handed_on)
    faults = dict(told.faults)
    if form.validate() and not faults:
        try:
            act(
                reviews.hand_in if "hand_in" in request.form else reviews.save_review,
                assignment_id=assignment_id,
                summary=form.summary.data or "",
                scores=told.scores,
            )
            return to_seat(assignment_id)
        except OffsetError as fault:
            faults = scores.blamed(form, fault)
    return seat_page(seen, faulty=form, faults=faults)


@blueprint.post("/seats/<uuid:assignment_id>/criteria/<criterion>")
@policy(Right.REVIEW)
def jot(assignment_id: uuid.UUID, criterion: str) -> ResponseReturnValue:
    """Keep what stands beside one criterion; a script asks for it while somebody writes."""
    seen = opened(assignment_id)
    try:
        left = act(
            reviews.jot,
            assignment_id=assignment_id,
            criterion=criterion,
            score=scores.drafted(criterion, request.form),
        )
    except OffsetError as fault:
        if _by_script():
            return _said(sentence_of(fault), status_of(fault))
        form = Grades()
        if isinstance(fault, InvalidInput):
            return seat_page(seen, faulty=form, faults={criterion: sentence_of(fault)})
        blame(form, fault)
        return seat_page(seen, faulty=form)
    if _by_script():
        return _said(gettext("Saved."), 200, left=_left(len(left)))
    return to_seat(assignment_id, f"#c-{criterion}")


@blueprint.post("/seats/<uuid:assignment_id>/summary")
@policy(Right.REVIEW)
def jot_summary(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the summary of a review while somebody writes it."""
    opened(assignment_id)
    try:
        act(
            reviews.jot_summary,
            assignment_id=assignment_id,
            summary=request.form.get("summary", "")[: reviews.LONGEST_REASON * 5],
        )
    except OffsetError as fault:
        return _said(sentence_of(fault), status_of(fault))
    return _said(gettext("Saved."), 200) if _by_script() else to_seat(assignment_id, "#summary")


@blueprint.post("/seats/<uuid:assignment_id>/criteria/<criterion>/hand-on")
@policy(Right.REVIEW)
def hand_on(assignment_id: uuid.UUID, criterion: str) -> ResponseReturnValue:
    """Hand one criterion on: "not my field"."""
    seen = opened(assignment_id)
    form = Grades()
    try:
        act(
            reviews.hand_on,
            assignment_id=assignment_id,
            criterion=criterion,
            to_assignment_id=scores.chosen(request.form.get(f"to-{criterion}", "")),
            note=request.form.get(f"reason-{criterion}", ""),
        )
    except OffsetError as fault:
        return seat_page(seen, faulty=form, faults={criterion: sentence_of(fault)})
    return to_seat(assignment_id, f"#c-{criterion}")


@blueprint.post("/seats/<uuid:assignment_id>/questions")
@policy(Right.REVIEW)
def ask(assignment_id: uuid.UUID) -> ResponseReturnValue:
    """Write a question to the applicant down."""
    seen = opened(assignment_id)
    form = Question()
    form.about((c.id, c.name) for c in seen.criteria.criteria)
    if form.validate():
        try:
            act(
                inquiries.ask,
                assignment_id=assignment_id,
                text=form.text.data or "",
                criterion=form.criterion.data or None,
            )
            return to_seat(assignment_id, "#questions")
        except OffsetError as fault:
            blame(form, fault)
    return seat_page(seen, faulty=form)


@blueprint.post("/seats/<uuid:assignment_id>/questions/<uuid:inquiry_id>/withdraw")
@policy(Right.REVIEW)
def withdraw(assignment_id: uuid.UUID, inquiry_id: uuid.UUID) -> ResponseReturnValue:
    """Take an own question back before it is sent."""
    opened(assignment_id)
    if Press().validate():
        act(inquiries.withdraw, inquiry_id=inquiry_id)
    return to_seat(assignment_id, "#questions")


def _left(count: int) -> str:
    if not count:
        return gettext("Every criterion has a grade.")
    return ngettext(
        "%(num)s criterion has no grade yet.", "%(num)s criteria have no grade yet.", count
    )


def _by_script() -> bool:
    return request.accept_mimetypes.best == _SCRIPT


def _said(sentence: str, status: int, **more: object) -> tuple[Response, int]:
    return jsonify(said=sentence, **more), status
