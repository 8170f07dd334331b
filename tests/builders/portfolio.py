"""How does a test get many projects, updates and cores at once? Rows copied from a real one."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.projects.measurement_models import Design, LayerFile, SamplingRound, SoilCore
from offset.projects.models import Project, ProjectStatus, ProjectUpdate, UpdateKind, UpdateStatus
from offset.projects.public_models import ProjectFace
from tests.builders.projects import Way


def many_projects(session: Session, way: Way, count: int) -> None:
    """Copies of an admitted project under other codes, countries, practices and climates."""
    row = session.get_one(Project, way.project_id)
    face = session.get_one(ProjectFace, way.project_id)
    kept = {column.name: getattr(row, column.name) for column in Project.__table__.columns}
    worn = {column.name: getattr(face, column.name) for column in ProjectFace.__table__.columns}
    projects, faces = [], []
    for number in range(count):
        new = uuid.uuid4()
        projects.append(
            {
                **kept,
                "id": new,
                "code": f"P{number + 1000}",
                "slug": f"copy-{number}",
                "title": f"Copy {number:05d}",
                "country": ("KE", "MX", "FR", "NE")[number % 4],
                "practice": ("agroforestry", "cover_crops", "biochar")[number % 3],
                "status": ProjectStatus.FUNDED if number % 10 == 0 else ProjectStatus.OPEN,
                "currency": ("EUR", "USD", "GBP", "CHF")[number % 4],
                "latitude": -60 + number % 120,
                "longitude": -180 + (number * 7) % 360,
            }
        )
        faces.append(
            {
                **worn,
                "project_id": new,
                "climate": ("tropical_dry", "boreal_moist")[number % 2],
                "goals": " 2 13 15 " if number % 2 else " 13 15 ",
                "words": f"copy {number} maize",
            }
        )
    session.execute(insert(Project), projects)
    session.execute(insert(ProjectFace), faces)


def many_updates(session: Session, way: Way, count: int, *, at: datetime) -> None:
    """Published updates, one a minute back from an instant."""
    session.execute(
        insert(ProjectUpdate),
        [
            {
                "id": uuid7(at - timedelta(minutes=number)),
                "project_id": way.project_id,
                "kind": UpdateKind.FIELD,
                "status": UpdateStatus.PUBLISHED,
                "language": "en",
                "title": f"Update {number}",
                "body": "Rain came.",
                "html": "<p>Rain came.</p>",
                "created_at": at,
                "saved_at": at,
                "published_at": at - timedelta(minutes=number),
            }
            for number in range(count)
        ],
    )


def many_cores(session: Session, way: Way, count: int, *, at: datetime) -> None:
    """A sampling with its laboratory table and that many cores."""
    on: date = at.date()
    there = session.scalar(
        select(SamplingRound.id).where(SamplingRound.project_id == way.project_id)
    )
    assert there is None
    round_id, file_id = uuid7(at), uuid7(at)
    session.add(
        SamplingRound(
            id=round_id,
            project_id=way.project_id,
            number=0,
            design=Design.PAIRED,
            planned_on=on,
            depth_cm=30,
            planned_at=at,
        )
    )
    session.flush()
    session.add(
        LayerFile(
            id=file_id,
            round_id=round_id,
            version=1,
            name="cores.csv",
            media_type="text/csv",
            size=1,
            sha256="a" * 64,
            file_key="k",
            laboratory="Laboratory",
            laboratory_method="dry combustion",
            units={},
            layers=count,
            cores=count,
            first_taken_on=on,
            last_taken_on=on,
            committed_at=at,
        )
    )
    session.flush()
    session.execute(
        insert(SoilCore),
        [
            {
                "id": uuid.uuid4(),
                "project_id": way.project_id,
                "file_id": file_id,
                "stratum": "all",
                "name": str(number),
                "taken_on": on,
            }
            for number in range(count)
        ],
    )
