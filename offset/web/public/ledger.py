"""The public books: what came in, where it went, and how anybody can check it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import urlencode

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from offset.clock import utc_day
from offset.errors import InvalidInput, NotFound
from offset.ledger import checkpoints, queries
from offset.ledger.queries import LARGEST_PAGE, EntryView, Filters, Page
from offset.money import Money
from offset.reports import landing, public_ledger
from offset.reports.landing import Named
from offset.reports.totals import bank_standings
from offset.web.language import page
from offset.web.public import blueprint, texts
from offset.web.security import public
from offset.web.themes import theme_name
from offset.web.wiring import now, services

_PAGE: Final = 50
_FILTERS: Final = ("project", "kind", "fund", "currency", "since", "until", "known", "as_of")
# What the addresses of an early release called the first and the last day.
_OLD_NAMES: Final = {"since": "from", "until": "to"}
_RESTRICTED: Final = "Restricted:"
_MINUTE: Final = 60


@dataclass(frozen=True)
class Line:
    """An entry in one line: date, kind, project, amount; its page holds the proof."""

    id: uuid.UUID
    on: date
    kind: str
    projects: tuple[Named, ...]
    amount: Money
    reverses_id: uuid.UUID | None
    reversed_by_id: uuid.UUID | None
    reason: str


@dataclass(frozen=True)
class Asked:
    """What a reader asked the ledger for: the filters as typed, and as the books read them."""

    chosen: Mapping[str, str]
    filters: Filters
    as_of: date | None
    known: tuple[Named, ...]

    @property
    def by_id(self) -> dict[uuid.UUID, Named]:
        """The projects of the books by their id."""
        return {one.project_id: one for one in self.known}

    def address(self, path: str, **more: str | None) -> str:
        """Write the address of the same view elsewhere, without what was not asked for."""
        told = {name: value for name, value in {**self.chosen, **more}.items() if value}
        return f"{page(path)}?{urlencode(told)}" if told else page(path)


@blueprint.get("/ledger")
@public
def ledger() -> ResponseReturnValue:
    """Show the sums of the books and their entries, a page at a time."""
    with services().database.reading() as session:
        asked = _asked(landing.named(session))
        totals = queries.public_totals(session, as_of=asked.as_of, known_at=asked.filters.known_at)
        total = public_ledger.in_euro(session, totals, asked.as_of or utc_day(now()))
        # What the bank says of an earlier day is on its statements, not here.
        then = asked.as_of or asked.filters.known_at
        banks = () if then else bank_standings(session)
        funds = queries.fund_names(session)
        rules = public_ledger.rules(session, known_at=asked.filters.known_at)
        found = queries.entries(session, asked.filters, _after(), limit=_PAGE)
    answer = render_template(
        "public/ledger.html",
        totals=totals,
        total=total,
        banks=banks,
        rules=rules,
        lines=[_line(entry, asked.by_id) for entry in found.entries],
        next_key=found.next_key,
        asked=asked,
        chosen=asked.chosen,
        funds=_fund_choices(funds),
        currencies=sorted({currency for _, currency in funds}),
        listed=asked.known,
        kinds=_kinds(),
        kind_word=_kind_word,
        fact_word=lambda kind: texts.say(texts.RULES, kind),
        paged=bool(_after()),
    )
    return answer, 200, _next_link(asked, "/ledger", found)


@blueprint.get("/ledger.json")
@public
def ledger_json() -> ResponseReturnValue:
    """Hand out the same view for programs: sums and a page of entries with their postings."""
    with services().database.reading() as session:
        asked = _asked(landing.named(session))
        totals = queries.public_totals(session, as_of=asked.as_of, known_at=asked.filters.known_at)
        found = queries.entries(session, asked.filters, _after(), limit=_limit())
    answer = jsonify(
        asked={name: value for name, value in asked.chosen.items() if value},
        totals={code: public_ledger.totals_document(one) for code, one in totals.items()},
        entries=[public_ledger.document(one, asked.by_id, _proof) for one in found.entries],
        next_key=found.next_key,
    )
    return _carried(answer, asked, "/ledger.json", found)


@blueprint.get("/ledger.csv")
@public
def ledger_csv() -> ResponseReturnValue:
    """Hand out the same view as a table, a page at a time; the header Link names the next one."""
    with services().database.reading() as session:
        asked = _asked(landing.named(session))
        found = queries.entries(session, asked.filters, _after(), limit=_limit())
    rows = [public_ledger.row(one, asked.by_id, _proof) for one in found.entries]
    answer = Response(public_ledger.as_csv(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="ledger.csv"'
    return _carried(answer, asked, "/ledger.csv", found)


@blueprint.get("/ledger/entries/<uuid:entry_id>")
@public
def ledger_entry(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show one entry with its postings, its proof, and where a reader goes on from it."""
    with services().database.reading() as session:
        entry = queries.entry(session, entry_id)
        proof = checkpoints.inclusion(session, checkpoints.ENTRY_KIND, entry_id)
        trail = public_ledger.trail(session, entry)
        by_id = {one.project_id: one for one in landing.named(session)}
    return render_template(
        "public/entry.html",
        entry=entry,
        line=_line(entry, by_id),
        trail=trail,
        proof=proof,
        kind_word=_kind_word,
        account_word=texts.account_name,
    )


def known_day(text: str, field: str) -> date | None:
    """Read the day as of which, or known on which, a public figure is asked for.

    Raises
    ------
    InvalidInput
        ``day_unreadable``: another figure than the one asked for would mislead.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("day_unreadable", field=field, text=text[:20]) from None


def end_of(day: date | None) -> datetime | None:
    """Return the last moment of a day of the books."""
    if day is None:
        return None
    return datetime.combine(day, time.max.replace(microsecond=999_000), UTC)


def _asked(known: tuple[Named, ...]) -> Asked:
    """Read the view from the address; a project that never was admitted is no project here.

    Raises
    ------
    NotFound
        ``project_unknown``.
    InvalidInput
        ``day_unreadable``.
    """
    chosen = {name: _told(name) for name in _FILTERS}
    chosen["corrections"] = "1" if request.args.get("corrections") else ""
    as_of = known_day(chosen["as_of"], "as_of")
    until = known_day(chosen["until"], "until")
    if as_of is not None:
        until = min(until or as_of, as_of)
    filters = Filters(
        kind=chosen["kind"] or None,
        project_id=_project(chosen["project"], known),
        fund=chosen["fund"] or None,
        currency=chosen["currency"].upper() or None,
        since=known_day(chosen["since"], "since"),
        until=until,
        corrections=bool(chosen["corrections"]),
        known_at=end_of(known_day(chosen["known"], "known")),
    )
    return Asked(chosen, filters, as_of, known)


def _told(name: str) -> str:
    return (request.args.get(name) or request.args.get(_OLD_NAMES.get(name, name), "")).strip()


def _project(slug: str, known: tuple[Named, ...]) -> uuid.UUID | None:
    if not slug:
        return None
    found = next((one.project_id for one in known if one.slug == slug), None)
    if found is None:
        raise NotFound("project_unknown", slug=slug)
    return found


def _after() -> str | None:
    return request.args.get("after") or None


def _limit() -> int:
    """Return how many entries a page has; the books allow no more than their largest page."""
    told = request.args.get("limit", type=int)
    return LARGEST_PAGE if told is None else told


def _proof(entry_id: uuid.UUID) -> str:
    return f"{services().settings.public_url}/ledger/entries/{entry_id}/proof.json"


def _next_link(asked: Asked, path: str, found: Page) -> dict[str, str]:
    if found.next_key is None:
        return {}
    limit = request.args.get("limit")
    following = asked.address(path, after=found.next_key, limit=limit)
    return {"Link": f'<{following}>; rel="next"'}


def _carried(answer: Response, asked: Asked, path: str, found: Page) -> Response:
    answer.headers.extend(_next_link(asked, path, found))
    answer.headers["Cache-Control"] = f"public, max-age={_MINUTE}"
    return answer


def _kind_word(kind: str) -> str:
    return texts.say(texts.ENTRY_KINDS, kind)


def _kinds() -> list[tuple[str, str]]:
    """List the kinds to choose from; kinds that read alike are offered once."""
    offered = {str(words): kind for kind, words in reversed(texts.ENTRY_KINDS.items())}
    return [(kind, words) for words, kind in reversed(offered.items())]


def _fund_choices(funds: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Name the funds to choose from, whatever their currency."""
    names = dict.fromkeys(name for name, _ in funds)
    return [
        (name, theme_name(name.removeprefix(_RESTRICTED).replace("Pool", ""))) for name in names
    ]


def _line(entry: EntryView, projects: Mapping[uuid.UUID, Named]) -> Line:
    return Line(
        id=entry.id,
        on=entry.effective_on,
        kind=entry.kind,
        projects=public_ledger.projects_of(entry, projects),
        amount=public_ledger.size(entry),
        reverses_id=entry.reverses_id,
        reversed_by_id=entry.reversed_by_id,
        reason=public_ledger.reason_of(entry),
    )
