"""How does an invented organisation become one we know? A file, and an invented sanctions list."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from offset.people.access import Actor
from offset.projects.models import Organisation, Project
from offset.treasury import organisation_files, sanctions
from offset.treasury.organisation_files import Governor, Registration
from offset.treasury.payee_ports import Edition, Listed

# Nobody of these exists; two of them are there to be mistaken for people of the demonstration.
LISTED: Final = (
    Listed(
        ref="EU.9001.1",
        kind="person",
        names=("Ottone Inventato", "Otto Invented"),
        born="1961-02-03",
    ),
    Listed(
        ref="EU.9002.4", kind="organisation", names=("Imaginary Trading House", "ITH Imaginary")
    ),
    Listed(
        ref="EU.9003.7",
        kind="person",
        names=("Amadou Exemplaire", "Ahmadu Exemplar"),
        born="1949-11-30",
    ),
    Listed(ref="EU.9004.2", kind="person", names=("Pavel Nesushchestvuyushchiy",), born="1970"),
)
_PEOPLE: Final = (
    ("Awa Imagined", "President"),
    ("Basile Imagined", "Treasurer"),
    ("Carla Imagined", "Secretary"),
)


def a_list(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    on: date,
    more: Iterable[Listed] = (),
) -> None:
    """Upload an invented edition of the list."""
    edition = Edition(published_on=on, form="xml", entries=(*LISTED, *more))
    sanctions.take_in(
        session,
        actor=actor,
        at=at,
        data=f"invented list of {on.isoformat()}: {edition!r}".encode(),
        name=f"invented-{on.isoformat()}.xml",
        edition=edition,
    )


def know(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    governors: Iterable[Governor] = (),
) -> None:
    """Enter the file of a project's organisation, unless it is there; a list every fortnight."""
    edition = sanctions.newest(session)
    if edition is None or at.date() - edition.published_on > timedelta(days=14):
        a_list(session, actor=actor, at=at, on=at.date() - timedelta(days=2))
    project = session.get_one(Project, project_id)
    if organisation_files.current(session, project.organisation_id) is not None:
        return
    organisation = session.get_one(Organisation, project.organisation_id)
    organisation_files.enter(
        session,
        actor=actor,
        at=at,
        organisation_id=organisation.id,
        registration=Registration(
            legal_name=organisation.name,
            register="Register of associations (invented)",
            number=f"INV-{organisation.id.hex[-6:].upper()}",
            street="1 Example Street",
            postcode="00000",
            town="Exampletown",
            country=project.country or "FR",
            evidence="Extract of the register, seen by the secretariat (invented)",
            registered_on=date(2009, 4, 21),
        ),
        governors=tuple(governors)
        or tuple(Governor(name=name, office=office) for name, office in _PEOPLE),
    )


def own_name(session: Session, project_id: uuid.UUID) -> str:
    """Return the name in which a project's organisation holds its account."""
    project = session.get_one(Project, project_id)
    return session.get_one(Organisation, project.organisation_id).name
