"""Which papers does an assessment leave? Dossier, report, letter and thanks, drawn as they stand.

The facts of each are plain words and dates: the same facts give the same bytes.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import force_locale

from offset.projects.dossiers import Beside, Dossier
from offset.projects.reports import Report
from offset.projects.thanks import Letter
from offset.web import answers, labels
from offset.web.language import language
from offset.web.wiring import services

HALF_HOUR = 30


def dossier(seen: Dossier, summary: Any) -> Response:
    """Draw the dossier of a seat in the language of the page."""
    facts: dict[str, Any] = {
        "title": seen.line.title,
        "organisation": seen.line.organisation,
        "version": seen.version,
        "submitted_on": seen.submitted_on.isoformat() if seen.submitted_on else None,
        "made_on": (seen.submitted_on or seen.criteria.valid_from).isoformat(),
        "call": seen.call,
        "criteria_version": seen.criteria.version,
        "summary": summary.facts_of(),
        "criteria": [_criterion(seen, one) for one in seen.criteria.criteria],
        "questions": [
            {"criterion": one.criterion, "text": one.text, "answer": one.answer}
            for one in seen.inquiries
            if one.sent
        ],
        "blocks": [_block(block) for block in answers.told(seen.document)],
        "files": [{"name": file.name, "sha256": file.sha256} for file in seen.files],
    }
    return _drawn("dossier", language(), facts, f"dossier-{seen.line.slug}-{seen.version}")


def report(seen: Report) -> Response:
    """Draw the report of a decision, in the language of its summary."""
    return _drawn("report", seen.language, _decision(seen), f"report-{seen.decided_on}")


def letter(seen: Report) -> Response:
    """Draw the letter that goes with a decision."""
    return _drawn("letter", seen.language, _decision(seen), f"letter-{seen.decided_on}")


def thanks(seen: Letter) -> Response:
    """Draw the letter of thanks to a member's institution."""
    facts: dict[str, Any] = {
        "name": seen.name,
        "institution": seen.institution,
        "year": seen.year,
        "dossiers": seen.dossiers,
        # whole half hours: an estimate is not told to the minute
        "half_hours": max(1, round(seen.minutes / HALF_HOUR)),
        "issued_on": seen.issued_on.isoformat(),
    }
    return _drawn("thanks", seen.language, facts, f"thanks-{seen.year}")


def _decision(seen: Report) -> dict[str, Any]:
    return {
        "title": seen.title,
        "organisation": seen.organisation,
        "version": seen.version,
        "content_hash": seen.content_hash,
        "outcome": seen.outcome.value,
        "positive": seen.positive,
        "summary": seen.summary,
        "decided_on": seen.decided_on.isoformat(),
        "expires_on": seen.expires_on.isoformat() if seen.expires_on else None,
        "criteria_version": seen.criteria.version,
        "criteria": [
            {
                "id": one.id,
                "name": one.name,
                "kind": one.kind,
                "grade": seen.grades[one.id][0],
                "evidence": seen.grades[one.id][1],
            }
            for one in seen.criteria.criteria
            if one.id in seen.grades
        ],
        "reviews": seen.reviews,
        "recused": seen.recused,
        "members": seen.members,
        "conditions": [
            {"criterion": criterion, "text": text, "closed_on": day.isoformat() if day else None}
            for criterion, text, day in seen.conditions
        ],
        "recommendations": [
            {"text": text, "answer": answer} for text, answer in seen.recommendations
        ],
    }


def _criterion(seen: Dossier, one: Any) -> dict[str, Any]:
    beside = seen.beside.get(one.id, Beside("", "", (), {}))
    related = [told for block in answers.told(beside.related) for told in block.answers]
    return {
        "id": one.id,
        "name": one.name,
        "question": one.question,
        "indicators": list(one.indicators),
        "answer": beside.answer,
        "without": beside.without,
        "evidence": [{"name": page.name, "page": page.page} for page in beside.evidence],
        "related": [_answer(told) for told in related],
    }


def _block(block: answers.ToldBlock) -> dict[str, Any]:
    return {"title": block.title, "answers": [_answer(told) for told in block.answers]}


def _answer(told: answers.Told) -> dict[str, Any]:
    return {
        "label": told.label,
        "text": told.text,
        "columns": list(told.columns),
        "rows": [list(row) for row in told.rows],
    }


def _drawn(template: str, words: str, facts: Mapping[str, Any], name: str) -> Response:
    """Answer with a document."""
    with force_locale(words):
        codes = _codes()
    pdf = services().documents.render(template, words, {**facts, "labels": codes})
    answer = Response(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _codes() -> dict[str, dict[str, str]]:
    """Give a document the words of the codes that it shows."""
    told = {
        "outcomes": labels.OUTCOMES,
        "grades": labels.GRADES,
        "evidence": labels.EVIDENCE,
        "kinds": labels.CRITERION_KINDS,
    }
    return {name: {code: str(text) for code, text in words.items()} for name, words in told.items()}
