"""How does the secretariat serve the committee? Calls, criteria, members, letters of thanks."""

import json
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.database.types import canonical
from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right
from offset.projects import calls, criteria, members, thanks
from offset.web import labels, letters
from offset.web.errors import blame, sentence_of, status_of
from offset.web.secretariat.committee_forms import Announce, Extend, Thank, Version, Whole
from offset.web.secretariat.forms import Press
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import now, services

_LONGEST: Final = 200_000
_A_DAY: Final = timedelta(days=1)


@blueprint.route("/calls", methods=["GET", "POST"])
@policy(Right.SEE_DESK)
def call_list() -> ResponseReturnValue:
    """List the calls and announce a new one."""
    form = Announce()
    if request.method == "POST" and form.validate():
        try:
            act(
                calls.announce,
                name=form.name.data or "",
                opens_at=_begin(form.opens_on.data),
                closes_at=_begin(form.closes_on.data) + _A_DAY,
            )
            return back("/calls")
        except OffsetError as fault:
            blame(form, fault)
    return _calls(form, status=200 if request.method == "GET" else 422)


@blueprint.post("/calls/<uuid:call_id>/extend")
@policy(Right.ASSIGN_REVIEWERS)
def extend_call(call_id: uuid.UUID) -> ResponseReturnValue:
    """Let a call close later."""
    form = Extend()
    if not form.validate():
        return _calls(Announce(formdata=None), told=gettext("Say a day."), status=422)
    try:
        act(calls.extend, call_id=call_id, closes_at=_begin(form.closes_on.data) + _A_DAY)
    except OffsetError as fault:
        return _calls(Announce(formdata=None), told=sentence_of(fault), status=status_of(fault))
    return back("/calls")


@blueprint.get("/criteria")
@policy(Right.SEE_DESK)
def criteria_list() -> ResponseReturnValue:
    """List the versions of the criteria, which are never changed."""
    with services().database.reading() as session:
        versions = criteria.versions(session, today())
    return render_template("secretariat/criteria.html", versions=versions, labels=labels)


@blueprint.get("/criteria/<uuid:criteria_id>.json")
@policy(Right.SEE_DESK)
def criteria_document(criteria_id: uuid.UUID) -> Response:
    """Hand out one version as the document it is."""
    with services().database.reading() as session:
        document = criteria.document(session, criteria_id)
    return Response(
        json.dumps(document, ensure_ascii=False, indent=1), content_type="application/json"
    )


@blueprint.route("/criteria/new", methods=["GET", "POST"])
@policy(Right.EDIT_CRITERIA)
def criteria_new() -> ResponseReturnValue:
    """Write the next version from the last one; earlier assessments keep theirs."""
    with services().database.reading() as session:
        document = criteria.last_document(session)
    form = Version(data=None if request.method == "POST" else document["rules"])
    if request.method == "POST":
        document = _edited(document, form)
        if form.validate() and form.valid_from.data:
            try:
                act(criteria.adopt, document=document, valid_from=form.valid_from.data)
                return back("/criteria")
            except OffsetError as fault:
                blame(form, fault)
    return _criteria_page(form, Whole(formdata=None), document)


@blueprint.post("/criteria/document")
@policy(Right.EDIT_CRITERIA)
def criteria_whole() -> ResponseReturnValue:
    """Take the next version as one document."""
    form = Whole()
    with services().database.reading() as session:
        document = criteria.last_document(session)
    if form.validate() and form.valid_from.data:
        try:
            act(
                criteria.adopt,
                document=_parsed(form.document.data or ""),
                valid_from=form.valid_from.data,
            )
            return back("/criteria")
        except OffsetError as fault:
            blame(form, fault)
    return _criteria_page(Version(formdata=None, data=document["rules"]), form, document)


@blueprint.get("/committee")
@policy(Right.SEE_DESK)
def committee() -> ResponseReturnValue:
    """Show who sits on the committee, what each carries, and the thanks of a year."""
    return _committee()


@blueprint.post("/committee/thanks/<uuid:user_id>")
@policy(Right.ASSIGN_REVIEWERS)
def write_thanks(user_id: uuid.UUID) -> ResponseReturnValue:
    """Write the letter of thanks to a member's institution."""
    form = Thank()
    if not form.validate() or form.year.data is None:
        return _committee(status=422)
    try:
        act(thanks.write, user_id=user_id, year=form.year.data)
    except OffsetError as fault:
        return _committee(year=form.year.data, told=sentence_of(fault), status=status_of(fault))
    return back(f"/committee?year={form.year.data}#thanks")


@blueprint.get("/committee/thanks/<uuid:letter_id>.pdf")
@policy(Right.SEE_DESK)
def thanks_pdf(letter_id: uuid.UUID) -> Response:
    """Hand out a letter of thanks."""
    with services().database.reading() as session:
        written = thanks.letter(session, current_actor(), letter_id)
    return letters.thanks(written)


def _begin(day: date | None) -> datetime:
    """Return the first instant of a day in the dates of the books."""
    return datetime.combine(day or today(), time(), UTC)


def _calls(form: Announce, *, told: str = "", status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = calls.listed(session)
    return render_template(
        "secretariat/calls.html",
        calls=[(one, one.stands(now()), (one.closes_at - _A_DAY).date()) for one in found],
        form=form,
        extend=Extend(formdata=None),
        told=told,
        labels=labels,
    ), status


def _committee(
    *, year: int | None = None, told: str = "", status: int = 200
) -> ResponseReturnValue:
    asked = year or request.args.get("year", type=int) or today().year - 1
    asked = min(max(asked, 2000), 2200)
    with services().database.reading() as session:
        people = members.candidates(session)
        work = thanks.of_year(session, current_actor(), asked)
    return render_template(
        "secretariat/committee.html",
        people=people,
        work=work,
        year=asked,
        over=asked < today().year,
        thank=Thank(formdata=None, year=asked),
        press=Press(),
        told=told,
        labels=labels,
    ), status


def _criteria_page(form: Version, whole: Whole, document: dict[str, Any]) -> ResponseReturnValue:
    return render_template(
        "secretariat/criteria_new.html", form=form, whole=whole, document=document, labels=labels
    ), 200 if request.method == "GET" else 422


def _edited(document: dict[str, Any], form: Version) -> dict[str, Any]:
    """Lay what was typed over a version; an id, a group and a scale stay as they are."""
    typed = request.form
    rows = []
    for row in document["criteria"]:
        name = row["id"]
        rows.append(
            {
                **row,
                "name": typed.get(f"name-{name}", row["name"]).strip(),
                "question": typed.get(f"question-{name}", row["question"]).strip(),
                "indicators": _lines(typed.get(f"indicators-{name}", "")),
                "sdg": _numbers(typed.get(f"sdg-{name}", "")),
            }
        )
    rules = {
        **document["rules"],
        "carbon_minimum": form.carbon_minimum.data,
        "quorum": form.quorum.data,
    }
    version = (form.version.data or "").strip()
    return {**document, "version": version, "rules": rules, "criteria": rows}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _numbers(text: str) -> list[int]:
    return [
        int(part) for part in text.replace(",", " ").split() if part.isascii() and part.isdecimal()
    ]


def _parsed(text: str) -> dict[str, Any]:
    """Read a document somebody pasted.

    Raises
    ------
    InvalidInput
        ``criteria_unusable``.
    """
    try:
        found = json.loads(text[:_LONGEST])
        canonical(found)
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput("criteria_unusable", field="document") from None
    if not isinstance(found, dict):
        raise InvalidInput("criteria_unusable", field="document")
    return found
