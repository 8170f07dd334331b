"""Are criteria versions, and does a version that the rules cannot read never come into force?"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound
from offset.people.access import SYSTEM, Actor, Role
from offset.projects import criteria
from tests.builders import projects as build

Change = Callable[[dict[str, Any]], object]


def as_shipped(document: dict[str, Any]) -> None:
    """Change nothing."""


def adopt(
    session: Session, at: datetime, change: Change, actor: Actor = SYSTEM, day: date | None = None
) -> Any:
    document = criteria.draft_document()
    change(document)
    return criteria.adopt(
        session, actor=actor, at=at, document=document, valid_from=day or at.date()
    )


def test_the_shipped_draft_has_the_committees_thirteen() -> None:
    document = criteria.draft_document()
    assert [one["id"] for one in document["criteria"] if one["gate"]] == ["1.1", "1.2", "1.3"]
    assert len(document["criteria"]) == 13
    assert {one["name_status"] for one in document["criteria"]} == {"published", "unverified"}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("rules"),
        lambda d: d.pop("scale"),
        lambda d: d.update(version=""),
        lambda d: d.update(criteria=[]),
        lambda d: d["rules"].update(quorum=1),
        lambda d: d["rules"].update(quorum="many"),
        lambda d: d["rules"].update(carbon_criterion="7.7"),
        lambda d: d["rules"].update(carbon_criterion="1.1"),
        lambda d: d["scale"].update(safeguard=["fine"]),
        lambda d: d["criteria"].append(d["criteria"][0]),
        lambda d: d["criteria"][0].pop("question"),
    ],
)
def test_criteria_the_rules_cannot_read_are_refused(
    embedded: Database, at: datetime, change: Change
) -> None:
    with pytest.raises(InvalidInput, match="criteria_unusable"):
        embedded.run(adopt, at, change)


def test_the_version_of_the_day_holds_and_a_version_is_written_once(
    embedded: Database, at: datetime
) -> None:
    first = embedded.run(adopt, at, as_shipped, day=date(2020, 1, 1))
    second = embedded.run(adopt, at, lambda d: d.update(version="2"), day=date(2026, 6, 1))
    with pytest.raises(Conflict, match="criteria_version_known"):
        embedded.run(adopt, at, lambda d: d.update(version="2"))
    with embedded.reading() as session:
        assert criteria.current(session, date(2026, 5, 31)).id == first
        assert criteria.current(session, date(2026, 6, 1)).id == second
        assert criteria.get(session, second).version == "2"
        with pytest.raises(NotFound):
            criteria.get(session, None)


def test_only_who_may_edits_criteria(embedded: Database, at: datetime) -> None:
    for role in (Role.TREASURER, Role.RAPPORTEUR, Role.STC_MEMBER, Role.STEWARD):
        other = embedded.run(build.an_actor, role, at=at)
        with pytest.raises(Forbidden):
            embedded.run(adopt, at, as_shipped, other)
    administrator = embedded.run(build.an_actor, Role.ADMINISTRATOR, at=at)
    assert embedded.run(adopt, at, as_shipped, administrator)
    clerk = embedded.run(build.an_actor, Role.CLERK, at=at)
    assert embedded.run(adopt, at, lambda d: d.update(version="2"), clerk)
