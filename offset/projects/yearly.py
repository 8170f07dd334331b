"""What does the public read of a project's years: planned and done, hours given, who else pays?"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.projects import activity, forms_of_work
from offset.projects.activity import YearView
from offset.projects.forms_of_work import Form
from offset.projects.models import Project


@dataclass(frozen=True)
class Yearly:
    """The years of a project as the secretariat accepted them, and how the project works."""

    slug: str
    title: str
    language: str
    years: tuple[YearView, ...]
    form: Form


def read(session: Session, slug: str) -> Yearly:
    """Return what is public of a project's years.

    Raises
    ------
    NotFound
        ``project_unknown``: there is none, or it never was admitted.
    """
    project = session.scalars(
        select(Project).where(Project.slug == slug, Project.code.is_not(None))
    ).first()
    if project is None:
        raise NotFound("project_unknown", slug=slug)
    return Yearly(
        slug=project.slug,
        title=project.title,
        language=project.language,
        years=activity.years(session, project.id),
        form=forms_of_work.read(session, project.id),
    )
