"""Which themes may a gift be restricted to, and which projects carry each?

A project carries its country (``FR``) and its practice (``CoverCrops``). A gift for a theme
stands in the theme's own fund and reaches only projects that carry it, whatever else happens.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from offset.projects import queries as projects
from offset.projects.queries import Fundable

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


def carried(project: Fundable) -> frozenset[str]:
    """Return the tags that a project carries today."""
    return frozenset(tag_of(code) for _, code in _words(project))


def offered(session: Session, on: date) -> tuple[Theme, ...]:
    """Return the themes that enough projects carry which may receive money on a day."""
    return among(projects.fundable(session, on))


def among(open_: Collection[Fundable]) -> tuple[Theme, ...]:
    """Return the themes that enough of these projects carry."""
    carriers: dict[tuple[str, str], list[uuid.UUID]] = {}
    for one in open_:
        for word in _words(one):
            carriers.setdefault(word, []).append(one.project_id)
    return tuple(
        Theme(tag_of(code), kind, code, tuple(sorted(held)))
        for (kind, code), held in sorted(carriers.items())
        if len(held) >= FEWEST_PROJECTS
    )


def _words(project: Fundable) -> tuple[tuple[str, str], ...]:
    return tuple(
        (kind, code)
        for kind, code in (("country", project.country), ("practice", project.practice))
        if code and code not in _UNNAMED
    )
