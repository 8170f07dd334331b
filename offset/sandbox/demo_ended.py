"""Which project of the demonstration has ended, and what does its page still say?

A thirteenth project was admitted like the others, received a gift, and was then withdrawn by its
own people: its page says what happened, when, and where the money went.
"""

import copy
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.people.access import Actor, Role
from offset.projects import tombstones
from offset.projects.models import OrganisationMember, Project
from offset.projects.ports import FileStore
from offset.sandbox import demo_projects

SLUG: Final = "quarry-meadows"
_PATTERN: Final = "highlands-compost"
_SAID: Final[Mapping[str, Mapping[str, Any]]] = {
    "project": {
        "title": "Meadows on the old quarry road",
        "summary": "Four farms turn steep maize fields above a quarry into meadows with hay.",
        "story": "The fields above the quarry were too steep to plough every year. Four farms began"
        " to sow them with grasses and clover.",
    },
}


def begin(database: Database, *, start: datetime, files: FileStore | None) -> uuid.UUID:
    """Make the project as it was before it ended: assessed, admitted, open."""
    told = copy.deepcopy(demo_projects.told_of(_PATTERN))
    told |= {
        "slug": SLUG,
        "organisation": {
            "name": "Quarry Road Farms (fictional)",
            "kind": "farmers",
            "country": told["organisation"]["country"],
        },
        "updates": [
            {
                "days_before": 38,
                "kind": "field",
                "language": "en",
                "title": "The first hay is in",
                "body": "Two of the four farms cut hay from meadows sown last year.",
            }
        ],
    }
    for block, said in _SAID.items():
        told["answers"][block] |= said
    land = told["answers"]["land"]
    land |= {"latitude": land["latitude"] + 1.5, "longitude": land["longitude"] - 1.0}
    return demo_projects.tell_one(database, told, start=start, files=files)


def end(session: Session, *, project_id: uuid.UUID, at: datetime) -> None:
    """Let its own people withdraw the project, with what its page says."""
    project = session.get_one(Project, project_id)
    user_id = session.scalars(
        select(OrganisationMember.user_id)
        .where(OrganisationMember.organisation_id == project.organisation_id)
        .order_by(OrganisationMember.added_at)
    ).first()
    tombstones.change(
        session,
        actor=Actor(user_id, frozenset({Role.STEWARD})),
        at=at,
        project_id=project_id,
        step="withdraw",
        reason="The quarry company bought the lease.",
        told="The land was let to a quarry, and three of the four farms lost their fields. We"
        " cannot keep what we promised for twenty years, so we end the project here.",
        language="en",
    )
