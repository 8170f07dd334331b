"""The public books: what came in, where it went, and how anybody can check it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import NotFound
from offset.ledger import checkpoints, queries
from offset.ledger.queries import EntryView, Filters
from offset.money import Money
from offset.reports import landing
from offset.reports.landing import Named
from offset.reports.totals import bank_standings
from offset.web.public import blueprint, texts
from offset.web.security import public
from offset.web.wiring import services

_PAGE: Final = 50
_FILTERS: Final = ("project", "kind", "since", "until")


@dataclass(frozen=True)
class Line:
    """An entry in one line: date, kind, project, amount; its page holds the proof."""

    id: uuid.UUID
    on: date
    kind: str
    project: Named | None
    amount: Money
    corrected: bool


@blueprint.get("/ledger")
@public
def ledger() -> ResponseReturnValue:
    """Show the sums of the books and their entries, a page at a time."""
    chosen = {name: request.args.get(name, "").strip() for name in _FILTERS}
    with services().database.reading() as session:
        known = landing.named(session)
        totals = queries.public_totals(session)
        banks = bank_standings(session)
        filters = _filters(chosen, known)
        found = queries.entries(session, filters, request.args.get("after") or None, limit=_PAGE)
    by_id = {one.project_id: one for one in known}
    return render_template(
        "public/ledger.html",
        totals=totals,
        banks=banks,
        lines=[_line(entry, by_id) for entry in found.entries],
        next_key=found.next_key,
        chosen=chosen,
        listed=known,
        kinds=_kinds(),
        kind_word=lambda kind: texts.say(texts.ENTRY_KINDS, kind),
        paged=bool(request.args.get("after")),
    )


@blueprint.get("/ledger/entries/<uuid:entry_id>")
@public
def ledger_entry(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show one entry with its postings and its proof."""
    with services().database.reading() as session:
        entry = queries.entry(session, entry_id)
        proof = checkpoints.inclusion(session, checkpoints.ENTRY_KIND, entry_id)
        known = landing.named(session)
    return render_template(
        "public/entry.html",
        entry=entry,
        line=_line(entry, {one.project_id: one for one in known}),
        proof=proof,
        kind_word=lambda kind: texts.say(texts.ENTRY_KINDS, kind),
    )


def _kinds() -> list[tuple[str, str]]:
    """List the kinds to choose from; kinds that read alike are offered once."""
    offered = {str(words): kind for kind, words in reversed(texts.ENTRY_KINDS.items())}
    return [(kind, words) for words, kind in reversed(offered.items())]


def _filters(chosen: Mapping[str, str], known: tuple[Named, ...]) -> Filters:
    """Read the filters; a project that never was admitted is no project here.

    Raises
    ------
    NotFound
        ``project_unknown``.
    """
    project_id = None
    if chosen["project"]:
        project_id = next((o.project_id for o in known if o.slug == chosen["project"]), None)
        if project_id is None:
            raise NotFound("project_unknown", slug=chosen["project"])
    return Filters(
        kind=chosen["kind"] or None,
        project_id=project_id,
        since=_day(chosen["since"]),
        until=_day(chosen["until"]),
    )


def _day(text: str) -> date | None:
    """Read a day of a filter; what is none filters nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _line(entry: EntryView, projects: Mapping[uuid.UUID, Named]) -> Line:
    touched = next((line.project_id for line in entry.lines if line.project_id), None)
    return Line(
        id=entry.id,
        on=entry.effective_on,
        kind=entry.kind,
        project=projects.get(touched) if touched else None,
        amount=Money(
            sum(line.amount.minor for line in entry.lines if line.amount.minor > 0),
            entry.lines[0].amount.currency,
        ),
        corrected=entry.reversed_by_id is not None,
    )
