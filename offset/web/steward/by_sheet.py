"""How does a steward fill in an application or an update offline, as a spreadsheet?

Downloaded with what is saved, filled in anywhere, sent back, checked row by row, then committed.
"""

import hashlib
import io
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from werkzeug.datastructures import MultiDict

from offset.errors import InvalidInput, OffsetError
from offset.people import phrases
from offset.people.access import Right
from offset.projects import by_sheet, rooms
from offset.projects import questions as domain
from offset.projects.by_sheet import Cell, Fault, Filled
from offset.projects.field_models import SheetKind
from offset.projects.questions import BLOCKS, LANGUAGES, Kind
from offset.reports import workbook
from offset.web import answers
from offset.web.errors import blame, sentence_of
from offset.web.language import language, page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward import questions
from offset.web.steward.forms import Press, Sheet
from offset.web.steward.questions import Shown
from offset.web.steward.room import UPLOAD_BYTES, blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.COUNT})
_FIGURES: Final = frozenset({"baseline", "target", "amount_minor"})
_DECIMAL: Final = re.compile(r"-?\d+\.\d+", re.ASCII)
_TRUE: Final = frozenset({"yes", "oui", "sí", "si", "1", "true", "x", "vrai", "verdadero"})
_FALSE: Final = frozenset({"no", "non", "0", "false", "faux", "falso"})
_LONGEST_HINT: Final = 900
_GROUP: Final = 3
Line = tuple[str, str, str, str]


@dataclass(frozen=True)
class Told:
    """What is wrong in a sheet as a page tells it."""

    row: int
    field: str
    sentence: str


@blueprint.route("/projects/<uuid:project_id>/sheet", methods=["GET", "POST"])
@policy(Right.APPLY)
@accepts(UPLOAD_BYTES)
@limited("30 per hour")
def application_sheet(project_id: uuid.UUID) -> ResponseReturnValue:
    """Take the application back from a spreadsheet: checked first."""
    return _page(project_id, SheetKind.APPLICATION)


@blueprint.get("/projects/<uuid:project_id>/application.xlsx")
@policy(Right.APPLY)
def application_file(project_id: uuid.UUID) -> ResponseReturnValue:
    """Give the application out as a spreadsheet, with what is saved."""
    seen = seen_project(project_id)
    return _file(seen, SheetKind.APPLICATION, _application_lines(seen))


@blueprint.route("/projects/<uuid:project_id>/updates/sheet", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@accepts(UPLOAD_BYTES)
@limited("30 per hour")
def update_sheet(project_id: uuid.UUID) -> ResponseReturnValue:
    """Take an update back from a spreadsheet: checked first."""
    return _page(project_id, SheetKind.UPDATE)


@blueprint.get("/projects/<uuid:project_id>/update.xlsx")
@policy(Right.POST_UPDATE)
def update_file(project_id: uuid.UUID) -> ResponseReturnValue:
    """Give an empty update out as a spreadsheet."""
    seen = seen_project(project_id)
    return _file(seen, SheetKind.UPDATE, _update_lines(seen))


@blueprint.get("/sheets/<uuid:upload_id>")
@policy(Right.APPLY)
def checked_sheet(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a checked spreadsheet would write."""
    return _checked_page(upload_id)


@blueprint.post("/sheets/<uuid:upload_id>")
@policy(Right.APPLY)
def commit_sheet(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Write what a checked spreadsheet says, once."""
    form = Press()
    if form.validate():
        try:
            update_id = services().database.run(
                by_sheet.commit, actor=current_actor(), at=now(), upload_id=upload_id
            )
            if update_id is not None:
                return redirect(page(f"/steward/updates/{update_id}"), code=303)
            with services().database.reading() as session:
                found = by_sheet.upload(session, current_actor(), upload_id)
            flash(gettext("The spreadsheet is saved. See what is left."))
            return redirect(page(f"/steward/projects/{found.project_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _checked_page(upload_id, form=form, status=422)


def _page(project_id: uuid.UUID, kind: SheetKind) -> ResponseReturnValue:
    seen = seen_project(project_id)
    form = Sheet()
    told: tuple[Told, ...] = ()
    if request.method == "POST" and form.validate():
        try:
            data = form.file.data.read() if form.file.data else b""
            if not data:
                raise InvalidInput("file_missing", field="file")
            answered, told = _read(seen, kind, data)
            if not told:
                return _keep(seen, kind, data, answered)
        except OffsetError as fault:
            blame(form, fault)
    return render_template(
        "steward/sheet.html", seen=seen, kind=kind.value, form=form, told=told
    ), 422 if request.method == "POST" else 200


def _keep(
    seen: rooms.StewardProject, kind: SheetKind, data: bytes, answered: Mapping[str, Any]
) -> ResponseReturnValue:
    upload_id = services().database.run(
        by_sheet.keep,
        actor=current_actor(),
        at=now(),
        project_id=seen.line.id,
        kind=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        answers=answered,
    )
    return redirect(page(f"/steward/sheets/{upload_id}"), code=303)


def _read(
    seen: rooms.StewardProject, kind: SheetKind, data: bytes
) -> tuple[Mapping[str, Any], tuple[Told, ...]]:
    """Read and check a sheet: what it answers, or all that is wrong in it."""
    lines = _update_lines(seen) if kind is SheetKind.UPDATE else _application_lines(seen)
    known = {name for name, *_ in lines}
    rows = services().sheets.rows(data)
    filled = by_sheet.read(rows, kind=kind, project_id=seen.line.id, known=known)
    with force_locale(filled.language):
        if kind is SheetKind.UPDATE:
            words, faults = by_sheet.read_update(filled)
            told = tuple(_told(fault) for fault in faults) or _asked(words, filled)
            return {**words, "key": filled.key}, told
        return _read_application(seen, filled)


def _asked(words: Mapping[str, str], filled: Filled) -> tuple[Told, ...]:
    """Tell the words that the secretariat would ask about, each with its row."""
    told = []
    for name in ("title", *by_sheet.UPDATE_PARTS):
        cell = filled.cells.get(name, Cell(0, ""))
        told += [
            Told(cell.row, name, f"“{hit.phrase}”: {hit.reason} {hit.alternative}")
            for hit in phrases.scan(cell.text, words["language"])
        ]
    return tuple(told)


def _told(fault: Fault) -> Told:
    return Told(fault.row, fault.field, sentence_of(fault.refusal))


def _read_application(
    seen: rooms.StewardProject, filled: Filled
) -> tuple[Mapping[str, Any], tuple[Told, ...]]:
    told = [_told(fault) for fault in filled.faults]
    money = filled.cells.get("money.currency")
    currency = (money.text if money else "") or answers.currency_of(seen.document)
    blocks: dict[str, Any] = {}
    for block in BLOCKS:
        typed, rows = _typed(block, seen, filled, currency)
        read = questions.read(block, typed, currency)
        told += [
            Told(rows.get(name) or _row_of(name, rows), f"{block}.{name}", sentence)
            for name, sentence in read.faults.items()
        ]
        changed = {
            name: answer
            for name, answer in read.answers.items()
            if name not in read.faults and answer != seen.document.get(block, {}).get(name)
        }
        blocks[block] = {
            name: answer
            for name, answer in changed.items()
            if answer not in (None, "", []) or name in seen.document.get(block, {})
        }
    kept = {block: given for block, given in blocks.items() if given}
    if not told:
        # the rules that look at an answer as a whole
        domain.merged(seen.document, kept)
    return {"blocks": kept}, tuple(told)


def _row_of(name: str, rows: Mapping[str, int]) -> int:
    """Find the first row of a table that has no line of its own."""
    return min((row for field, row in rows.items() if field.startswith(f"{name}-")), default=0)


def _typed(
    block: str, seen: rooms.StewardProject, filled: Filled, currency: str
) -> tuple[MultiDict[str, str], dict[str, int]]:
    """Put a block's cells into the fields of its form, with the rows they came from."""
    typed: MultiDict[str, str] = MultiDict()
    rows: dict[str, int] = {}
    for shown in _shown(block, seen, currency):
        for name, _label, kept, _hint in _lines_of(block, shown):
            field = name.partition(".")[2]
            cell = filled.cells.get(name)
            typed[field] = _as_typed(shown, field, kept if cell is None else cell.text)
            if cell is not None:
                rows[field] = cell.row
    return typed, rows


def _as_typed(shown: Shown, field: str, text: str) -> str:
    """Write a cell the way its control would send it."""
    column = field.rpartition("-")[2] if shown.columns else ""
    kind = shown.question.kind
    if column in _FIGURES or (not column and kind in _NUMERIC):
        return _decimal(text)
    if kind is Kind.FLAG:
        folded = text.strip().casefold()
        return "yes" if folded in _TRUE else "no" if folded in _FALSE else text
    for code, label in _choices(shown, column):
        if text.strip().casefold() in {code.casefold(), str(label).casefold()}:
            return code
    return text


def _decimal(text: str) -> str:
    """Write a number of a sheet, which has a point, as the form reads it in its language."""
    if not _DECIMAL.fullmatch(text):
        return text
    # three decimals get a fourth, lest they read as thousands
    longer = f"{text}0" if len(text.rpartition(".")[2]) == _GROUP else text
    return longer if language() == "en" else longer.replace(".", ",")


def _choices(shown: Shown, column: str) -> list[tuple[str, Any]]:
    if column:
        return [
            (str(code), label) for code, label in answers.COLUMN_CHOICES.get(column, {}).items()
        ]
    if shown.question.kind in {Kind.CHOICE, Kind.COUNTRY}:
        return [(str(code), label) for code, label in answers.choices(shown.question)]
    return []


def _shown(block: str, seen: rooms.StewardProject, currency: str) -> tuple[Shown, ...]:
    kept = seen.document.get(block, {})
    form = questions.form_of(block, kept, currency, None)
    return questions.shown(block, form, kept, currency=currency, typed=None, faults={})


def _application_lines(seen: rooms.StewardProject) -> list[Line]:
    currency = answers.currency_of(seen.document)
    return [
        line
        for block in BLOCKS
        for shown in _shown(block, seen, currency)
        for line in _lines_of(block, shown)
    ]


def _lines_of(block: str, shown: Shown) -> Iterator[Line]:
    """Write a question as lines of a sheet: one, or one for each cell of its table."""
    if not shown.columns:
        name = f"{block}.{shown.question.name}"
        data = shown.field.data
        kept = data.isoformat() if hasattr(data, "isoformat") else str(data or "")
        choices = _choices(shown, "")
        if shown.question.kind is Kind.FLAG:
            choices = [("yes", gettext("Yes")), ("no", gettext("No"))]
        if shown.question.kind is Kind.COUNTRY:
            # two hundred names would fit no cell, and each language has its own
            yield name, shown.label, kept, gettext("Two letters, such as FR, SN or MX.")
            return
        kept = str(dict(choices).get(kept, kept))
        hint = " / ".join(str(label) for code, label in choices if code)
        yield name, shown.label, kept, hint or shown.hint
        return
    for row in shown.rows:
        for column in shown.columns:
            name = questions.cell(shown.question, row.number, column)
            label = f"{shown.label} {row.number + 1}: {answers.COLUMN_LABELS[column]}"
            named = dict(_choices(shown, column))
            kept = row.cells[column]
            hint = " / ".join(str(told) for code, told in named.items() if code)
            yield f"{block}.{name}", label, str(named.get(kept, kept)), hint


def _update_lines(seen: rooms.StewardProject) -> list[Line]:
    spoken = seen.document.get("project", {}).get("language", LANGUAGES[0])
    return [
        ("title", gettext("Title"), "", gettext("At most 160 characters.")),
        ("done", gettext("What was done in these three months"), "", _no_surnames()),
        ("changed", gettext("What has changed for people and soil"), "", _no_surnames()),
        ("next", gettext("What comes next, and what is difficult"), "", _no_surnames()),
        ("language", gettext("Language"), spoken, " / ".join(LANGUAGES)),
    ]


def _no_surnames() -> str:
    return gettext("One short paragraph. No surnames of people.")


def _file(seen: rooms.StewardProject, kind: SheetKind, lines: list[Line]) -> Response:
    own = by_sheet.mark(kind, seen.line.id, language(), uuid.uuid4().hex)
    first = (by_sheet.MARK, seen.line.title, own, gettext("Leave this line as it is."))
    out = io.BytesIO()
    heads = ("", gettext("Question"), gettext("Your answer"), gettext("What may stand here"))
    rows = ((name, label, kept, hint[:_LONGEST_HINT]) for name, label, kept, hint in lines)
    workbook.write(out, kind.value, heads, [False] * 4, iter([first, *rows]))
    answer = Response(out.getvalue(), mimetype=_XLSX)
    name = f"{kind.value}-{seen.line.slug}.xlsx"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _checked_page(
    upload_id: uuid.UUID, *, form: Press | None = None, status: int = 200
) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = by_sheet.upload(session, current_actor(), upload_id)
        seen = rooms.steward_project(session, current_actor(), found.project_id)
    blocks = found.answers.get("blocks", {})
    return render_template(
        "steward/sheet_checked.html",
        found=found,
        seen=seen,
        told=answers.told(blocks) if blocks else (),
        blocks=[block for block in BLOCKS if block in blocks],
        titles=answers.BLOCK_TITLES,
        form=form or Press(formdata=None),
    ), status
