"""Can somebody who declared an interest reach anything of the project, by any address at all?

The test reads the map of addresses, so that a new page cannot be forgotten: wherever an address
takes an id, it is given one of the project's.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from offset.people import users
from offset.people.access import SYSTEM, Actor, Role
from offset.projects import declarations, inquiries, recusals, reviews
from offset.projects.criteria import Score
from offset.projects.models import Application, Attachment, Review
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.web.committee.test_views import PDF, seated
from tests.web.rooms import House, Visitor

WORDS: Final = ("Green bridges", "green-bridges", "Maize land lies", "lease.pdf", "Association")


def a_tied_member(house: House, *more: Role) -> tuple[Way, Actor, Mapping[str, Any]]:
    """A project in review with one of everything, and a member who stepped aside from it."""
    house.files.put(PDF, suffix="pdf")
    way = house.database.run(with_a_file, house, at=house.at())
    tied = house.database.run(
        build.an_actor, Role.STC_MEMBER, at=house.at(), name="tied", affiliation="Institute"
    )
    assert tied.user_id is not None
    for role in more:
        house.database.run(
            users.grant, actor=SYSTEM, at=house.at(), user_id=tied.user_id, role=role
        )
    everybody = Actor(tied.user_id, frozenset({Role.STC_MEMBER, *more}))
    seat = seated(house, tied, way)
    house.database.run(
        declarations.declare, actor=tied, at=house.at(), assignment_id=seat, interest=None
    )
    house.database.run(
        reviews.jot,
        actor=tied,
        at=house.at(),
        assignment_id=seat,
        criterion="2.2",
        score=Score("1"),
    )
    asked = house.database.run(
        inquiries.ask, actor=tied, at=house.at(), assignment_id=seat, text="Whose land?"
    )
    house.database.run(
        declarations.declare,
        actor=tied,
        at=house.at(),
        assignment_id=seat,
        interest="I sold them the seed.",
    )
    with house.database.reading() as session:
        application = session.scalars(select(Application)).one()
        known = {
            "project_id": way.project_id,
            "assessment_id": way.assessment_id,
            "application_id": application.id,
            "assignment_id": seat,
            "attachment_id": session.scalars(select(Attachment.id)).one(),
            "review_id": session.scalars(select(Review.id)).one(),
            "inquiry_id": asked,
            "slug": way.slug,
            "criterion": "2.2",
            "block": "land",
            "kind": "project",
            "thing_id": str(way.project_id),
        }
    return way, everybody, known


def with_a_file(session: Session, house: House, *, at: Any) -> Way:
    way = build.a_draft(session, at=at, cast=house.people)
    application = session.scalars(select(Application)).one()
    session.add(
        Attachment(
            id=uuid.uuid4(),
            application_id=application.id,
            name="lease.pdf",
            media_type="application/pdf",
            size=len(PDF),
            sha256="ab" * 32,
            file_key=house.files.put(PDF, suffix="pdf"),
            added_at=at,
        )
    )
    session.flush()
    return build.in_review(session, at=at, way=way)


def addresses(house: House, known: Mapping[str, Any]) -> Iterator[tuple[Rule, str, bool]]:
    """Every address of the map, with an id of the project wherever any id fits."""
    for rule in house.app.url_map.iter_rules():
        if "sign-out" in rule.rule:
            continue  # the walk goes on as the same person
        kinds = {name: type(rule._converters[name]).__name__ for name in rule.arguments}  # noqa: SLF001 - the map offers no other way
        values = {
            name: known.get(name, {"IntegerConverter": 2025}.get(kind, "none"))
            if kind != "UUIDConverter"
            else known.get(name, known["project_id"])
            for name, kind in kinds.items()
        }
        built = rule.build(values)
        assert built is not None, rule
        yield rule, built[1], "UUIDConverter" in kinds.values()


def answers(visitor: Visitor, token: str, rule: Rule, path: str) -> Iterator[Any]:
    for method in sorted(set(rule.methods or ()) & {"GET", "POST"}):
        data = {"csrf_token": token, "tied": "no", "summary": "x", "text": "x"}
        sent = data if method == "POST" else None
        yield visitor.client.open(path, method=method, data=sent, buffered=True)


@pytest.mark.parametrize("more", [(), (Role.RAPPORTEUR, Role.AUDITOR)], ids=["member", "auditor"])
def test_no_address_leads_to_a_project_one_stepped_aside_from(
    house: House, more: tuple[Role, ...]
) -> None:
    _way, tied, known = a_tied_member(house, *more)
    visitor = house.visit(tied)
    token = visitor.token()
    with_ids = 0
    for rule, path, meant in addresses(house, known):
        with_ids += meant
        for answer in answers(visitor, token, rule, path):
            body = answer.data.decode(errors="replace") + answer.headers.get("Location", "")
            told = [word for word in WORDS if word in body.replace(path, "")]
            assert not told, (rule, told)
            if meant:
                assert answer.status_code in {403, 404}, (rule, answer.status_code)
    assert with_ids > 50


def test_what_belongs_to_a_project_is_read_from_the_tables(house: House) -> None:
    way, tied, known = a_tied_member(house)
    other = house.database.run(build.a_draft, at=house.at(), cast=house.people, slug="another-one")
    with house.database.reading() as session:
        for name, value in known.items():
            if isinstance(value, uuid.UUID):
                assert recusals.touches(session, tied.user_id, [value]), name
        assert not recusals.touches(session, tied.user_id, [other.project_id])
        assert not recusals.touches(session, house.people.reviewer.user_id, [way.project_id])
        assert not recusals.touches(session, tied.user_id, [])
