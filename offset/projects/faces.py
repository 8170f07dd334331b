"""What does the public list look for in a project? A copy of what its page says, made to search."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.projects.models import Application, Family, Organisation, Project
from offset.projects.organisations import folded
from offset.projects.public_models import ProjectFace

GOALS: Final = tuple(range(1, 18))
"""The numbers of the United Nations' sustainable development goals."""

FIRST_GOALS: Final = (2, 13, 15)
"""The goals that the Initiative names first; a list of goals begins with them."""


def keep(session: Session, project: Project, application: Application) -> None:
    """Copy what the list looks for from the version that the page shows."""
    document = application.document
    land = document.get("land", {})
    organisation = session.get_one(Organisation, project.organisation_id)
    held = session.get(ProjectFace, project.id)
    face = held or ProjectFace(project_id=project.id)
    face.application_id = application.id
    face.climate = land.get("climate") or ""
    face.soil = land.get("soil") or ""
    face.goals = f" {' '.join(str(one) for one in sorted(goals(document)))} "
    face.words = folded(
        " ".join(
            text
            for text in (
                project.title,
                project.summary,
                project.region,
                project.country,
                organisation.name,
                document.get("project", {}).get("story"),
                document.get("practice", {}).get("detail"),
            )
            if text
        )
    )
    session.add(face)
    session.flush()


def goals(document: Mapping[str, Any]) -> frozenset[int]:
    """Name the goals that an application's own promises speak to, by the criteria's links.

    Soil conservation and carbon (criteria 2.1 to 2.4) are the aim of every project: 13 and 15.
    The others need a promise that can be seen: an indicator, households reached, people trained.
    No grade of a reviewer enters.
    """
    families = {one.get("family") for one in document.get("benefits", {}).get("indicators", ())}
    people = document.get("people", {})
    told = (
        (True, (13, 15)),
        (Family.FOOD_INCOME.value in families, (2,)),
        (Family.WATER_RESILIENCE.value in families, (6,)),
        (bool(document.get("safeguards", {}).get("households")), (1,)),
        (bool(people.get("people_trained")), (4,)),
        (bool(people.get("women_youth_share_pct")), (5,)),
    )
    return frozenset(number for given, numbers in told if given for number in numbers)


def ordered(numbers: Iterable[int]) -> tuple[int, ...]:
    """Put goals in the Initiative's order: 2, 13 and 15 first."""
    return tuple(sorted(set(numbers), key=lambda one: (one not in FIRST_GOALS, one)))


def read(goals_told: str) -> tuple[int, ...]:
    """Read the goals of a face."""
    return ordered(int(one) for one in goals_told.split())
