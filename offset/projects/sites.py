"""Which pieces of land belong to an application, and do they come to the area it states?"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from offset.database.types import canonical, uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.people.access import Actor
from offset.projects import application_drafts as drafts
from offset.projects import geojson, outlines
from offset.projects.application_models import ApplicationSite, SiteWay
from offset.projects.models import Application
from offset.projects.outlines import Box, Outline
from offset.projects.places import distance_km
from offset.projects.questions import Blocks

MOST_SITES: Final = 200
TOLERANCE: Final = 0.05
"""How far drawn and stated area may lie apart before the holder says why."""
_SHARED_EDGE: Final = 0.01
"""Share of the smaller of two neighbours that may lie in both: receivers and hands err."""
_LONGEST_NAME: Final = 120
_POLE: Final = 90
# how far from the stated middle land is elsewhere, and how near it is there
_FAR_KM: Final = 500.0
_NEAR_KM: Final = 150.0


@dataclass(frozen=True)
class Site:
    """A piece of land as its people, the secretariat and the committee see it."""

    id: uuid.UUID
    name: str
    way: SiteWay
    area_ha: float
    vertices: int
    box: Box
    sha256: str


@dataclass(frozen=True)
class AreaCheck:
    """The drawn area beside the stated one.

    Attributes
    ----------
    drawn_ha : float
        Sum of the sites on the ellipsoid [ha].
    stated_ha : float or None
        What the application says [ha].
    apart : float or None
        Difference as a share of the stated area [1].
    within : bool
        Whether that is within `TOLERANCE`; true where nothing can be compared yet.
    """

    drawn_ha: float
    stated_ha: float | None
    apart: float | None
    within: bool


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    text: str,
    name: str = "",
    way: SiteWay = SiteWay.TYPED,
) -> tuple[uuid.UUID, ...]:
    """Add the pieces of land that a text describes, all of them or none.

    The first ones fill in the region's centre and the area where the land block has none yet.

    Raises
    ------
    Forbidden, NotFound
        For whoever may not act for the project.
    InvalidInput
        ``outline_*`` with feature, ring and reason; ``outline_known`` for the same land twice;
        ``outline_over_site`` for land that would count twice.
    Refused
        ``no_draft``, or ``too_many_sites``.
    """
    application = drafts.open_draft(session, actor, project_id).application
    drawn = geojson.read(text)
    held = session.execute(
        select(ApplicationSite.sha256, ApplicationSite.position).where(
            ApplicationSite.application_id == application.id
        )
    ).all()
    if len(held) + len(drawn) > MOST_SITES:
        raise Refused("too_many_sites", highest=MOST_SITES)
    known, last = {row.sha256 for row in held}, max((row.position for row in held), default=0)
    made: list[ApplicationSite] = []
    there = _there(session, application.id)
    for place, one in enumerate(drawn, start=1):
        site = _site(application, one, place, last, way, actor=actor, at=at)
        if site.sha256 in known:
            raise InvalidInput("outline_known", field="outline", feature=place)
        known.add(site.sha256)
        _not_swapped(application, site, place)
        site.name = _named(name, place, len(drawn)) or one.name or f"{last + place}"
        _over_another(one, place, there)
        there.append((site.name, one.outline, one.area_ha))
        made.append(site)
    session.add_all(made)
    session.flush()
    _fill_in(application, made)
    drafts.touch(session, application, actor=actor, at=at)
    return tuple(site.id for site in made)


def remove(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, site_id: uuid.UUID
) -> None:
    """Take a piece of land off the draft.

    Raises
    ------
    Forbidden, NotFound
        ``site_unknown`` also for a site of another application.
    Refused
        ``no_draft``.
    """
    application = drafts.open_draft(session, actor, project_id).application
    gone = session.execute(
        delete(ApplicationSite).where(
            ApplicationSite.id == site_id, ApplicationSite.application_id == application.id
        )
    )
    if not getattr(gone, "rowcount", 0):
        raise NotFound("site_unknown")
    drafts.touch(session, application, actor=actor, at=at)


def of_application(session: Session, application_id: uuid.UUID) -> tuple[Site, ...]:
    """List the pieces of land of an application version, without their outlines."""
    rows = session.execute(
        select(
            ApplicationSite.id,
            ApplicationSite.name,
            ApplicationSite.way,
            ApplicationSite.area_ha,
            ApplicationSite.vertices,
            ApplicationSite.west,
            ApplicationSite.south,
            ApplicationSite.east,
            ApplicationSite.north,
            ApplicationSite.sha256,
        )
        .where(ApplicationSite.application_id == application_id)
        .order_by(ApplicationSite.position)
    )
    return tuple(
        Site(
            row.id,
            row.name,
            row.way,
            row.area_ha,
            row.vertices,
            Box(row.west, row.south, row.east, row.north),
            row.sha256,
        )
        for row in rows
    )


def outlines_of(session: Session, application_id: uuid.UUID) -> dict[uuid.UUID, Outline]:
    """Return the outlines of an application version by site; only for those who may see them."""
    rows = session.execute(
        select(ApplicationSite.id, ApplicationSite.outline)
        .where(ApplicationSite.application_id == application_id)
        .order_by(ApplicationSite.position)
    )
    return {site_id: geojson.kept(outline) for site_id, outline in rows}


def collection(session: Session, application_id: uuid.UUID) -> dict[str, Any]:
    """Write the land of an application version as a GeoJSON FeatureCollection."""
    rows = session.execute(
        select(ApplicationSite.name, ApplicationSite.outline)
        .where(ApplicationSite.application_id == application_id)
        .order_by(ApplicationSite.position)
    )
    return {
        "type": "FeatureCollection",
        "features": [geojson.written(name, geojson.kept(outline)) for name, outline in rows],
    }


def area_check(sites: Sequence[Site], document: Blocks) -> AreaCheck:
    """Compare the drawn area with the stated one."""
    drawn = sum(site.area_ha for site in sites)
    stated = document.get("land", {}).get("area_ha")
    apart = abs(drawn - stated) / stated if sites and stated else None
    return AreaCheck(drawn, stated, apart, apart is None or apart <= TOLERANCE)


def left(sites: Sequence[Site], document: Blocks) -> tuple[str, ...]:
    """Name what handing in still needs of the land; a policy has none of its own."""
    if document.get("project", {}).get("scope") == "policy":
        return ()
    if not sites:
        return ("sites.none",)
    explained = document.get("land", {}).get("area_explained")
    return () if explained or area_check(sites, document).within else ("sites.area",)


def copy(session: Session, before: uuid.UUID, after: uuid.UUID, *, at: datetime) -> None:
    """Lay the land of one version over to the next one."""
    for held in session.scalars(
        select(ApplicationSite).where(ApplicationSite.application_id == before)
    ):
        told = {
            column.key: getattr(held, column.key)
            for column in ApplicationSite.__table__.columns
            if column.key not in {"id", "application_id"}
        }
        session.add(ApplicationSite(id=uuid7(at), application_id=after, **told))
    session.flush()


def count(session: Session, application_id: uuid.UUID) -> int:
    """Count the pieces of land of an application version."""
    found = session.scalar(
        select(func.count()).where(ApplicationSite.application_id == application_id)
    )
    return found or 0


def _site(
    application: Application,
    drawn: geojson.Drawn,
    place: int,
    last: int,
    way: SiteWay,
    *,
    actor: Actor,
    at: datetime,
) -> ApplicationSite:
    bounds = outlines.box(drawn.outline)
    return ApplicationSite(
        id=uuid7(at),
        application_id=application.id,
        position=last + place,
        way=way,
        outline=drawn.outline,
        area_ha=drawn.area_ha,
        vertices=outlines.vertices(drawn.outline),
        west=bounds.west,
        south=bounds.south,
        east=bounds.east,
        north=bounds.north,
        sha256=hashlib.sha256(canonical(drawn.outline).encode()).hexdigest(),
        added_at=at,
        added_by=actor.user_id,
    )


def _there(session: Session, application_id: uuid.UUID) -> list[tuple[str, Outline, float]]:
    """Read the land that an application has already: name, outline and area."""
    rows = session.execute(
        select(ApplicationSite.name, ApplicationSite.outline, ApplicationSite.area_ha)
        .where(ApplicationSite.application_id == application_id)
        .order_by(ApplicationSite.position)
    )
    return [(row.name, geojson.kept(row.outline), row.area_ha) for row in rows]


def _not_swapped(application: Application, site: ApplicationSite, place: int) -> None:
    """Refuse land that would lie where the application says, were its numbers exchanged."""
    land = application.document.get("land", {})
    stated = land.get("latitude"), land.get("longitude")
    north, east = (site.south + site.north) / 2, (site.west + site.east) / 2
    if None in stated or abs(east) > _POLE:
        return
    middle = float(stated[0]), float(stated[1])
    away = distance_km(middle, (north, east))
    if away > _FAR_KM and distance_km(middle, (east, north)) <= _NEAR_KM:
        raise InvalidInput("outline_swapped", field="outline", feature=place, km=round(away))


def _over_another(
    drawn: geojson.Drawn, place: int, there: Sequence[tuple[str, Outline, float]]
) -> None:
    """Refuse land that lies over other land of the same application by more than its edges."""
    for name, outline, area in there:
        both = outlines.common_hectares(drawn.outline, outline)
        if both > min(area, drawn.area_ha) * _SHARED_EDGE:
            raise InvalidInput(
                "outline_over_site",
                field="outline",
                feature=place,
                name=name,
                hectares=round(both, 2),
            )


def _named(name: str, place: int, all_of_them: int) -> str:
    tidy = " ".join(name.split())[:_LONGEST_NAME]
    return f"{tidy} {place}" if tidy and all_of_them > 1 else tidy


def _fill_in(application: Application, made: Sequence[ApplicationSite]) -> None:
    """Write centre and area into the land block where nobody wrote them."""
    land = dict(application.document.get("land", {}))
    widest = max(made, key=lambda site: site.area_ha)
    land.setdefault("area_ha", round(sum(site.area_ha for site in made), 2))
    land.setdefault("latitude", round((widest.south + widest.north) / 2, 4))
    land.setdefault("longitude", round((widest.west + widest.east) / 2, 4))
    if land["area_ha"] >= 0.1:  # noqa: PLR2004 - the least that the question takes
        application.document = {**application.document, "land": land}
