"""Which themes may a gift be restricted to, and which projects carry each?

A project carries its country (``FR``) and its practice (``CoverCrops``). A gift for a theme
stands in the theme's own fund and reaches only projects that carry it, whatever else happens.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.projects import queries as projects
from offset.projects.models import Project

FEWEST_PROJECTS: Final = 2
"""A theme that one project carries is no choice beside that project."""
_UNNAMED: Final = frozenset({"other"})


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme that is offered: ``country`` or ``practice``, its code, and who carries it."""

    tag: str
    kind: str
    code: str
    projects: tuple[uuid.UUID, ...]


def tag_of(code: str) -> str:
    """Write a country or practice as one word of an account: ``cover_crops`` is ``CoverCrops``."""
    return code if code.isupper() else "".join(word.capitalize() for word in code.split("_"))


def carried(
    session: Session, project_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, frozenset[str]]:
    """Return the tags that each project carries today."""
    return {
        one: frozenset(tag_of(code) for _, code in codes)
        for one, codes in _codes(session, project_ids).items()
    }


def offered(session: Session, on: date) -> tuple[Theme, ...]:
    """Return the themes that enough projects carry which may receive money on a day."""
    return among(session, [one.project_id for one in projects.fundable(session, on)])


def among(session: Session, project_ids: Collection[uuid.UUID]) -> tuple[Theme, ...]:
    """Return the themes that enough of these projects carry, in one statement."""
    carriers: dict[tuple[str, str], list[uuid.UUID]] = {}
    for one, codes in _codes(session, project_ids).items():
        for word in codes:
            carriers.setdefault(word, []).append(one)
    return tuple(
        Theme(tag_of(code), kind, code, tuple(sorted(held)))
        for (kind, code), held in sorted(carriers.items())
        if len(held) >= FEWEST_PROJECTS
    )


def _codes(
    session: Session, project_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[tuple[str, str], ...]]:
    rows = session.execute(
        select(Project.id, Project.country, Project.practice).where(Project.id.in_(project_ids))
    )
    return {
        project_id: tuple(
            (kind, code)
            for kind, code in (("country", country), ("practice", practice))
            if code and code not in _UNNAMED
        )
        for project_id, country, practice in rows
    }
