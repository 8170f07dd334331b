"""Does another project of ours name the same land? Bounding boxes first, then the ground itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.database.types import uuid7
from offset.projects import geojson, outlines
from offset.projects.application_models import ApplicationSite, OverlapCheck, SiteOverlap
from offset.projects.models import Application, Project, ProjectStatus

LEAST_HA: Final = 0.05
LEAST_SHARE: Final = 0.001
"""Below these, neighbours merely share a line that two people drew."""


@dataclass(frozen=True)
class Overlap:
    """Land that another project names as well.

    ``share`` is the part of the own site; ``other_*`` tell the other project. For the secretariat
    and the committee only: outlines are private.
    """

    site: str
    other_site: str
    other_project_id: uuid.UUID
    other_title: str
    other_status: ProjectStatus
    area_ha: float
    share: float


@dataclass(frozen=True)
class OverlapResult:
    """What the test found on the day the application came in, and what came later.

    ``checked_at`` is None for an application that was not tested (a draft, or one from before
    sites were asked for).
    """

    checked_at: datetime | None
    compared: int
    found: tuple[Overlap, ...]


def compare(session: Session, project: Project, application: Application, *, at: datetime) -> int:
    """Compare the sites of an application with those of all other projects, and keep the result.

    Others count with the newest version they handed in, unless they were withdrawn. Returns how
    many sites of others name the same land.
    """
    own = session.scalars(
        select(ApplicationSite).where(ApplicationSite.application_id == application.id)
    ).all()
    others = _counted(session, project)
    session.add(OverlapCheck(application_id=application.id, checked_at=at, compared=others))
    found = [
        row
        for site in own
        for other in _near(session, project, site)
        if (row := _overlap(site, other, at=at)) is not None
    ]
    session.add_all(found)
    session.flush()
    return len(found)


def of_application(session: Session, application_id: uuid.UUID) -> OverlapResult:
    """Read what an application's land has in common with others', whoever came first."""
    check = session.get(OverlapCheck, application_id)
    mine, theirs = aliased(ApplicationSite), aliased(ApplicationSite)
    rows = session.execute(
        select(SiteOverlap, mine.name, mine.area_ha, theirs.name, theirs.area_ha)
        .join(mine, mine.id == SiteOverlap.site_id)
        .join(theirs, theirs.id == SiteOverlap.other_site_id)
        .where(
            or_(
                SiteOverlap.application_id == application_id,
                SiteOverlap.other_application_id == application_id,
            )
        )
        .order_by(SiteOverlap.area_ha.desc())
    ).all()
    told = []
    for row, name, area, other_name, other_area in rows:
        first = row.application_id == application_id
        other_id = row.other_application_id if first else row.application_id
        told.append(
            (
                other_id,
                (name, other_name) if first else (other_name, name),
                row.area_ha,
                row.area_ha / (area if first else other_area),
            )
        )
    others = session.execute(
        select(Application.id, Project)
        .join(Project, Project.id == Application.project_id)
        .where(Application.id.in_({other_id for other_id, *_ in told}))
    ).all()
    projects = {row.id: row.Project for row in others}
    return OverlapResult(
        checked_at=check.checked_at if check else None,
        compared=check.compared if check else 0,
        found=tuple(
            Overlap(
                names[0],
                names[1],
                projects[other_id].id,
                projects[other_id].title,
                projects[other_id].status,
                area,
                min(1.0, share),
            )
            for other_id, names, area, share in told
        ),
    )


def _newest(project: Project) -> Select[uuid.UUID]:
    """Select the newest version that each other living project handed in."""
    last = (
        select(Application.project_id, func.max(Application.version).label("version"))
        .where(Application.submitted_at.is_not(None), Application.project_id != project.id)
        .group_by(Application.project_id)
        .subquery()
    )
    return (
        select(Application.id)
        .join(
            last,
            and_(
                last.c.project_id == Application.project_id, last.c.version == Application.version
            ),
        )
        .join(Project, Project.id == Application.project_id)
        .where(Project.status != ProjectStatus.WITHDRAWN)
    )


def _counted(session: Session, project: Project) -> int:
    told = select(func.count()).where(ApplicationSite.application_id.in_(_newest(project)))
    return session.scalar(told) or 0


def _near(session: Session, project: Project, site: ApplicationSite) -> Sequence[ApplicationSite]:
    """Return the sites of others whose bounds meet those of a site."""
    return session.scalars(
        select(ApplicationSite).where(
            ApplicationSite.application_id.in_(_newest(project)),
            ApplicationSite.west < site.east,
            ApplicationSite.east > site.west,
            ApplicationSite.south < site.north,
            ApplicationSite.north > site.south,
        )
    ).all()


def _overlap(site: ApplicationSite, other: ApplicationSite, *, at: datetime) -> SiteOverlap | None:
    area = outlines.common_hectares(geojson.kept(site.outline), geojson.kept(other.outline))
    share = area / min(site.area_ha, other.area_ha)
    if area < LEAST_HA or share < LEAST_SHARE:
        return None
    return SiteOverlap(
        id=uuid7(at),
        application_id=site.application_id,
        site_id=site.id,
        other_application_id=other.application_id,
        other_site_id=other.id,
        area_ha=round(area, 4),
        share=round(min(1.0, area / site.area_ha), 6),
        found_at=at,
    )
