"""How does a steward answer the committee's criteria, one a page, with file and page?"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import applications, attachments, checks
from offset.projects.attachments import Paper
from offset.projects.criteria import Criterion as Asked
from offset.projects.questions import CRITERIA
from offset.projects.rooms import StewardProject
from offset.web.errors import blame, sentence_of
from offset.web.language import page
from offset.web.security import current_actor, policy
from offset.web.steward.application_forms import Criterion
from offset.web.steward.room import blueprint
from offset.web.steward.steps import around
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services

_ROWS: Final = 4
_PAGE: Final = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One line of evidence as typed: a document, a page, and what is wrong."""

    number: int
    sha256: str
    page: str
    fault: str = ""


@blueprint.get("/projects/<uuid:project_id>/criteria")
@policy(Right.APPLY)
def criteria_list(project_id: uuid.UUID) -> ResponseReturnValue:
    """List the criteria with what is said of each."""
    seen = seen_project(project_id)
    asked, papers = _read(seen)
    return render_template(
        "steward/criteria.html",
        seen=seen,
        around=around(CRITERIA),
        asked=asked,
        told=seen.document.get(CRITERIA, {}),
        open_ones=set(checks.unanswered(seen.document, [one.id for one in asked])),
        papers={one.sha256: one for one in papers},
    )


@blueprint.get("/projects/<uuid:project_id>/criteria/<code>")
@policy(Right.APPLY)
def criterion(project_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Show one criterion with its question, the answer and its evidence."""
    seen = seen_project(project_id)
    kept = seen.document.get(CRITERIA, {}).get(code, {})
    form = Criterion(
        formdata=None, data={"answer": kept.get("answer"), "without": kept.get("without")}
    )
    rows = [
        Row(place, one["sha256"], str(one["page"]))
        for place, one in enumerate(kept.get("evidence") or ())
    ]
    return _page(seen, code, form, rows)


@blueprint.post("/projects/<uuid:project_id>/criteria/<code>")
@policy(Right.APPLY)
def answer_criterion(project_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Keep what is said of one criterion."""
    seen = seen_project(project_id)
    form = Criterion()
    rows = _typed()
    if form.validate() and not any(row.fault for row in rows):
        said: dict[str, Any] = {
            "answer": form.answer.data,
            "without": form.without.data,
            "evidence": [{"sha256": row.sha256, "page": int(row.page)} for row in rows],
        }
        try:
            services().database.run(
                applications.save,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                answers={CRITERIA: {code: said}},
            )
            return redirect(page(f"/steward/projects/{project_id}/{_after(seen, code)}"), code=303)
        except OffsetError as fault:
            rows = _blamed(rows, form, fault)
    return _page(seen, code, form, rows, status=422)


def _after(seen: StewardProject, code: str) -> str:
    """Return the next criterion, or the list after the last one."""
    if "stay" in request.form:
        return f"{CRITERIA}/{code}"
    codes = [one.id for one in _read(seen)[0]]
    place = codes.index(code) + 1 if code in codes else len(codes)
    return f"{CRITERIA}/{codes[place]}" if place < len(codes) else CRITERIA


def _typed() -> list[Row]:
    rows: list[Row] = []
    for place in range(_ROWS * 2):
        sha256 = request.form.get(f"evidence-{place}-sha256", "").strip()
        number = request.form.get(f"evidence-{place}-page", "").strip()
        if sha256 or number:
            rows.append(Row(len(rows), sha256, number, _fault(sha256, number)))
    return rows


def _fault(sha256: str, number: str) -> str:
    if not sha256:
        return gettext("Choose the document, or empty the page.")
    if not _PAGE.fullmatch(number) or not int(number):
        return gettext("Write the number of the page, as the reader counts it from 1.")
    return ""


def _blamed(rows: list[Row], form: Criterion, fault: OffsetError) -> list[Row]:
    """Put a refusal at the row of evidence it names, or on top of the form."""
    place = fault.parameters.get("row")
    if not isinstance(place, int) or place > len(rows):
        blame(form, fault)
        return rows
    found = rows[place - 1]
    told = Row(found.number, found.sha256, found.page, sentence_of(fault))
    return [*rows[: place - 1], told, *rows[place:]]


def _read(seen: StewardProject) -> tuple[Sequence[Asked], Sequence[Paper]]:
    with services().database.reading() as session:
        asked = checks.criteria_asked(session, now().date())
        return asked, attachments.of_application(session, seen.application_id)


def _page(
    seen: StewardProject, code: str, form: Criterion, rows: Sequence[Row], *, status: int = 200
) -> ResponseReturnValue:
    asked, papers = _read(seen)
    found = next((one for one in asked if one.id == code), None)
    if found is None:
        raise NotFound("page_absent")
    place = asked.index(found)
    spare = max(1, _ROWS - len(rows))
    shown = [*rows, *(Row(n, "", "") for n in range(len(rows), len(rows) + spare))]
    kept: Mapping[str, Any] = seen.document.get(CRITERIA, {}).get(code, {})
    return render_template(
        "steward/criterion.html",
        seen=seen,
        criterion=found,
        number=place + 1,
        all=len(asked),
        before=asked[place - 1].id if place else None,
        after=asked[place + 1].id if place + 1 < len(asked) else None,
        form=form,
        rows=shown,
        papers=papers,
        names={one.sha256: one.name for one in papers},
        kept=kept,
    ), status
