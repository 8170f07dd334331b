"""Which projects does a reader look for? Filtered, searched, sorted and paged by the database.

Four statements whatever the portfolio's size: the choices of the filters, where everything that
fits stands on the map, one page of it, and the books of that page.
"""

import enum
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from offset.ledger.balances import ORDERED, ProjectTotals, totals_by_project
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.projects import faces, places
from offset.projects.models import Outcome, Project, Projection, ProjectStatus, Verdict
from offset.projects.organisations import folded
from offset.projects.public_models import ProjectFace
from offset.projects.queries.gates import LISTED
from offset.projects.queries.lists import position_of
from offset.projects.queries.soils import not_replaced

PAGE: Final = 24
"""How many cards a page of the list has."""

SHOWN: Final = LISTED | {ProjectStatus.ON_HOLD, ProjectStatus.COMPLETED}
"""States a reader may ask for; without asking, the list shows what is open or funded."""

MOST_WORDS: Final = 8
_MARKS: Final = 2_000
_LIKE: Final = re.compile(r"([%_\\])")


class Order(enum.StrEnum):
    """In which order a list comes."""

    NEED = "need"
    FUNDED = "funded"
    TITLE = "title"
    NEW = "new"
    MEASURED = "measured"
    NEAR = "near"


@dataclass(frozen=True)
class Wanted:
    """What a reader asked the list for; nothing asked is everything open or funded.

    ``also`` gives, for each word of the search, countries and practices that it names in the
    reader's language.
    """

    country: str = ""
    practice: str = ""
    climate: str = ""
    status: str = ""
    goal: int | None = None
    words: tuple[str, ...] = ()
    also: Mapping[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    order: Order = Order.NEED


@dataclass(frozen=True)
class Listed:
    """A listed project with its latest verdict and projection."""

    project_id: uuid.UUID
    slug: str
    title: str
    language: str
    country: str | None
    region: str | None
    position: tuple[float, float] | None
    practice: str | None
    area_ha: float | None
    status: ProjectStatus
    target: Money
    totals: ProjectTotals
    verdict: Verdict | None
    verdict_years: float | None
    sampled_year: int | None
    starts_year: int | None
    p05: float | None
    p95: float | None

    @property
    def missing(self) -> float:
        """Which part of the target is still to be allocated."""
        return 1 - self.totals.allocated.minor / max(1, self.target.minor)


@dataclass(frozen=True)
class Spot:
    """Where a project that fits stands on the map; ``km`` from the route, if one was given."""

    project_id: uuid.UUID
    slug: str
    title: str
    language: str
    country: str | None
    region: str | None
    position: tuple[float, float] | None
    km: float | None = None


@dataclass(frozen=True)
class Choices:
    """What the filters offer: each value with the number of projects behind it."""

    countries: Mapping[str, int]
    practices: Mapping[str, int]
    climates: Mapping[str, int]
    statuses: Mapping[str, int]
    goals: Mapping[int, int]


@dataclass(frozen=True)
class Portfolio:
    """One page of the list, and everything around it."""

    projects: tuple[Listed, ...]
    spots: tuple[Spot, ...]
    found: int
    all_count: int
    choices: Choices
    number: int
    pages: int


def words_of(text: str) -> tuple[str, ...]:
    """Split a search into its words: folded, the first eight."""
    return tuple(dict.fromkeys(folded(text[:200]).split()))[:MOST_WORDS]


def portfolio(
    session: Session,
    wanted: Wanted,
    *,
    number: int = 1,
    size: int = PAGE,
    away: Callable[[places.Point], float] | None = None,
) -> Portfolio:
    """Read one page of the list in four statements.

    ``away`` measures how far a place lies from the visitor's route [km]; with it, projects near
    the route come first.
    """
    choices, all_count, found = _choices(session, wanted)
    spots = _spots(session, wanted, away)
    pages = max(1, -(-found // size))
    shown = min(max(1, number), pages)
    first = (shown - 1) * size
    if away is not None and wanted.order in {Order.NEED, Order.NEAR}:
        page = _by_id(session, [one.project_id for one in spots[first : first + size]])
    else:
        page = _page(session, wanted, first, size)
    return Portfolio(
        projects=page,
        spots=spots,
        found=found,
        all_count=all_count,
        choices=choices,
        number=shown,
        pages=pages,
    )


def latest_outcome() -> ScalarSelect[Any]:
    """Select a project's newest outcome that no other replaces."""
    mine, newer = aliased(Outcome), aliased(Outcome)
    return (
        select(mine.id)
        .where(
            mine.project_id == Project.id,
            ~select(newer.id).where(newer.supersedes_id == mine.id).exists(),
        )
        .order_by(mine.sampled_on.desc(), mine.published_at.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def listed(
    project: Project,
    outcome: Outcome | None,
    projection: Projection | None,
    totals: Mapping[uuid.UUID, ProjectTotals],
) -> Listed:
    """Write a project as a card needs it."""
    return Listed(
        project_id=project.id,
        slug=project.slug,
        title=project.title,
        language=project.language,
        country=project.country,
        region=project.region,
        position=position_of(project),
        practice=project.practice,
        area_ha=project.area_ha,
        status=project.status,
        target=Money(project.target_minor or 0, project.currency),
        totals=totals[project.id],
        verdict=outcome.verdict if outcome else None,
        verdict_years=outcome.years if outcome else None,
        sampled_year=outcome.sampled_on.year if outcome else None,
        starts_year=project.starts_on.year if project.starts_on else None,
        p05=projection.p05 if projection else None,
        p95=projection.p95 if projection else None,
    )


def _choices(session: Session, wanted: Wanted) -> tuple[Choices, int, int]:
    """Count what fits, and the projects behind every value of every filter, in one statement."""
    rows = session.execute(
        union_all(
            _counted("country", Project.country, Project.status.in_(LISTED)),
            _counted("practice", Project.practice, Project.status.in_(LISTED)),
            _counted("climate", ProjectFace.climate, Project.status.in_(LISTED)),
            _counted("goals", ProjectFace.goals, Project.status.in_(LISTED)),
            _counted("status", Project.status, Project.status.in_(SHOWN)),
            _counted("found", literal("all"), *_fits(wanted)),
        )
    ).all()
    told: dict[str, dict[str, int]] = {}
    for name, value, count in rows:
        if value:
            told.setdefault(name, {})[value] = count
    goals: dict[int, int] = {}
    for written, count in told.get("goals", {}).items():
        for goal in faces.read(written):
            goals[goal] = goals.get(goal, 0) + count
    statuses = told.get("status", {})
    choices = Choices(
        countries=told.get("country", {}),
        practices=told.get("practice", {}),
        climates=told.get("climate", {}),
        statuses=statuses,
        goals=goals,
    )
    listed_now = sum(statuses.get(one.value, 0) for one in LISTED)
    return choices, listed_now, told.get("found", {}).get("all", 0)


def _counted(name: str, value: Any, *wanted: ColumnElement[bool]) -> Select[Any, Any, Any]:
    return (
        select(literal(name), cast(value, Text), func.count())
        .select_from(Project)
        .outerjoin(ProjectFace, ProjectFace.project_id == Project.id)
        .where(Project.code.is_not(None), *wanted)
        .group_by(value)
    )


def _spots(
    session: Session, wanted: Wanted, away: Callable[[places.Point], float] | None
) -> tuple[Spot, ...]:
    """Read everything that fits with no more than a map needs, what is near the route first."""
    rows = session.execute(
        select(
            Project.id,
            Project.slug,
            Project.title,
            Project.language,
            Project.country,
            Project.region,
            Project.latitude,
            Project.longitude,
        )
        .outerjoin(ProjectFace, ProjectFace.project_id == Project.id)
        .where(*_fits(wanted))
        .order_by(Project.slug)
        .limit(_MARKS)
    )
    spots = [
        Spot(
            row.id,
            row.slug,
            row.title,
            row.language,
            row.country,
            row.region,
            position,
            away(position) if away is not None and position is not None else None,
        )
        for row in rows
        for position in (position_of(row),)
    ]
    if away is not None:
        # Without a place a project is as far as can be.
        spots.sort(key=lambda one: (one.km is None, one.km or 0.0, one.slug))
    return tuple(spots)


def _fits(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = {one.value: one for one in SHOWN}.get(wanted.status)
    told: list[ColumnElement[bool]] = [
        Project.code.is_not(None),
        Project.status == asked if asked is not None else Project.status.in_(LISTED),
    ]
    if wanted.country:
        told.append(Project.country == wanted.country)
    if wanted.practice:
        told.append(Project.practice == wanted.practice)
    if wanted.climate:
        told.append(ProjectFace.climate == wanted.climate)
    if wanted.goal is not None:
        told.append(ProjectFace.goals.like(f"% {wanted.goal} %"))
    for word in wanted.words:
        countries, practices = wanted.also.get(word, (frozenset(), frozenset()))
        escaped = _LIKE.sub(r"\\\1", word)
        told.append(
            ProjectFace.words.like(f"%{escaped}%", escape="\\")
            | Project.country.in_(sorted(countries))
            | Project.practice.in_(sorted(practices))
        )
    return told


def _ordered(order: Order) -> Sequence[Any]:
    open_first = case((Project.status == ProjectStatus.OPEN, 0), else_=1)
    # A share in the database's own whole numbers: thousandths of the target.
    share = _allocated() * 1000 / func.coalesce(Project.target_minor, 1)
    return {
        Order.NEED: (open_first, share, Project.slug),
        Order.NEAR: (open_first, share, Project.slug),
        Order.FUNDED: (share.desc(), Project.slug),
        Order.TITLE: (func.lower(Project.title), Project.slug),
        Order.NEW: (Project.code.desc(),),
        Order.MEASURED: (_sampled().is_(None), _sampled().desc(), Project.slug),
    }[order]


def _allocated() -> ColumnElement[int]:
    """Sum what was allocated to a project in its own currency; a reversal counts against."""
    original = aliased(Entry)
    return func.coalesce(
        select(func.sum(-Posting.amount))
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(original, original.id == Entry.reverses_id)
        .where(
            Account.project_id == Project.id,
            Account.currency == Project.currency,
            func.coalesce(original.kind, Entry.kind).not_in(ORDERED),
        )
        .correlate(Project)
        .scalar_subquery(),
        0,
    )


def _sampled() -> ColumnElement[Any]:
    return (
        select(func.max(Outcome.sampled_on))
        .where(Outcome.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )


def _rows() -> Select[Project, Outcome, Projection]:
    return (
        select(Project, Outcome, Projection)
        .select_from(Project)
        .outerjoin(ProjectFace, ProjectFace.project_id == Project.id)
        .outerjoin(Outcome, Outcome.id == latest_outcome())
        .outerjoin(Projection, (Projection.project_id == Project.id) & not_replaced(Projection))
    )


def _page(session: Session, wanted: Wanted, first: int, size: int) -> tuple[Listed, ...]:
    """Read one page of what fits, in its order."""
    rows = session.execute(
        _rows().where(*_fits(wanted)).order_by(*_ordered(wanted.order)).limit(size).offset(first)
    ).all()
    return _with_books(session, rows)


def _by_id(session: Session, ids: Sequence[uuid.UUID]) -> tuple[Listed, ...]:
    """Read the projects of a page whose order was measured here."""
    if not ids:
        return ()
    rows = session.execute(_rows().where(Project.id.in_(ids))).all()
    found = {one.project_id: one for one in _with_books(session, rows)}
    return tuple(found[one] for one in ids)


def _with_books(session: Session, rows: Sequence[Any]) -> tuple[Listed, ...]:
    """Add what was allocated and paid; a project with two projections at once shows once."""
    if not rows:
        return ()
    projects = {project.id: (project, outcome, expected) for project, outcome, expected in rows}
    totals = totals_by_project(session, {one.id: one.currency for one, _, _ in projects.values()})
    return tuple(listed(*found, totals) for found in projects.values())
