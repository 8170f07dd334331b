"""How does a test get a project, at whatever point of its way it needs one? The real verbs."""

import json
import math
import uuid
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.money import Money
from offset.people import users
from offset.people.access import SYSTEM, Actor, Role
from offset.projects import applications, assessments, criteria, organisations, queries, sites
from offset.projects.assessments import Condition
from offset.projects.criteria import Score
from offset.projects.models import (
    CriteriaSet,
    DecisionOutcome,
    Evidence,
    OrganisationKind,
    Seat,
)
from tests.once_built import once_built


@dataclass(frozen=True)
class Cast:
    """Everybody a project meets on its way."""

    steward: Actor
    reviewer: Actor
    reviewer2: Actor
    rapporteur: Actor
    clerk: Actor
    treasurer: Actor


@dataclass(frozen=True)
class Way:
    """A project somewhere on its way, with the people who took it there."""

    cast: Cast
    organisation_id: uuid.UUID
    project_id: uuid.UUID
    assessment_id: uuid.UUID
    slug: str
    seats: tuple[uuid.UUID, ...] = ()
    decision_id: uuid.UUID | None = None
    admission_id: uuid.UUID | None = None


Staged = Callable[[str], tuple[Database, Way]]
"""The fixture ``staged``: a database whose one project stands at a stage named here."""


def an_actor(
    session: Session, role: Role, *, at: datetime, name: str = "", affiliation: str | None = None
) -> Actor:
    """A person with one role; the same name gives the same person."""
    address = f"{name or role.value}@people.example"
    user_id = users.invite(
        session,
        actor=SYSTEM,
        at=at,
        email=address,
        name=name or role.value,
        roles=frozenset({role}),
        affiliation=affiliation,
    )
    return Actor(user_id, frozenset({role}))


def a_cast(session: Session, *, at: datetime) -> Cast:
    """One person for each part."""
    return Cast(
        steward=an_actor(session, Role.STEWARD, at=at),
        reviewer=an_actor(session, Role.STC_MEMBER, at=at),
        reviewer2=an_actor(session, Role.STC_MEMBER, at=at, name="reviewer2"),
        rapporteur=an_actor(session, Role.RAPPORTEUR, at=at),
        clerk=an_actor(session, Role.CLERK, at=at),
        treasurer=an_actor(session, Role.TREASURER, at=at),
    )


def criteria_in_force(session: Session, *, at: datetime, since: date = date(2020, 1, 1)) -> None:
    """The shipped draft of the criteria, adopted once."""
    document = criteria.draft_document()
    held = select(CriteriaSet.id).where(CriteriaSet.version == document["version"])
    if session.scalar(held) is None:
        criteria.adopt(session, actor=SYSTEM, at=at, document=document, valid_from=since)


def answers(**changed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A complete application; ``changed`` lays answers over one block each."""
    document: dict[str, dict[str, Any]] = {
        "project": {
            "title": "Green bridges: permanent cover on maize land",
            "summary": "Sixty farms keep their maize land green all winter.",
            "story": "Maize land lies **bare** in winter.",
            "language": "en",
            "modality": "new",
            "scope": "project",
            "country": "FR",
            "region": "Béarn",
        },
        "land": {
            "area_ha": 850,
            "latitude": 43.3,
            "longitude": -0.4,
            "land_before": "Maize after maize.",
            "not_forest_before": True,
            "wet_or_organic": False,
            "soil": "high_activity_clay_soils",
            "climate": "warm_temperate_moist",
            "baseline_practice": "Bare soil in winter.",
        },
        "practice": {
            "practice": "cover_crops",
            "starts_on": "2021-10-01",
            "years": 20,
            "maintenance_promise": "Ten years at least.",
        },
        "safeguards": {
            "human_rights_commitment": True,
            "no_forced_or_child_labour": True,
            "grievance_channel": "A box at the cooperative.",
            "tenure_share_pct": 100,
            "open_disputes": 0,
            "households": 60,
        },
        "benefits": {
            "indicators": [
                _indicator("food_income", "Maize yield", "t/ha", 9, 9.5),
                _indicator("water_resilience", "Rain that soaks in", "mm/h", 14, 30),
                _indicator("soil_carbon", "Soil covered in winter", "%", 15, 95),
            ]
        },
        "carbon": {
            "method": "tier1",
            "baseline_land_use": "annual_crops",
            "project_land_use": "annual_crops",
            "project_carbon_input": "cropland_high_without_manure",
            "registered_elsewhere": False,
            "buffer_pct": 15,
            "buffer_reason": "Ploughing after a change of tenant.",
            "reversal_risks": "Ploughing.",
        },
        "monitoring": {"design": "Thirty paired cores in one stratum."},
        "money": {
            "currency": "EUR",
            "amount_asked_minor": 5_100_000,
            "cost_per_ha_minor": 6_000,
            "buys": [{"amount_minor": 3_000, "what": "half a hectare under cover for a winter"}],
        },
        "declarations": {
            "no_commitment_to_fund": True,
            "publication": True,
            "open_licence": True,
        },
    }
    for block, said in changed.items():
        document.setdefault(block, {}).update(said)
    money = document["money"]
    if "amount_asked_minor" in money:
        whole = {"label": "Seed and work", "amount_minor": money["amount_asked_minor"]}
        money.setdefault("budget", [whole])
    return document


def a_square(latitude: float = 43.3, longitude: float = -0.4, area_ha: float = 850) -> str:
    """A square field as GeoJSON, about as large as asked."""
    half = math.sqrt(area_ha * 10_000) / 2 / 111_195
    wide = half / math.cos(math.radians(latitude))
    west, east = longitude - wide, longitude + wide
    south, north = latitude - half, latitude + half
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def said_of_criteria() -> dict[str, dict[str, str]]:
    """Words for each of the thirteen criteria, and why no document shows them yet."""
    codes = [one["id"] for one in criteria.draft_document()["criteria"]]
    return {code: {"answer": "As the plan says.", "without": "Shown on a visit."} for code in codes}


def scores(**changed: Score) -> dict[str, Score]:
    """A score for each of the thirteen; ``c1_2=…`` changes criterion 1.2."""
    found = {name: Score("met", None, "shown") for name in ("1.1", "1.2", "1.3")}
    effects = ("2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "4.1", "4.2")
    found |= {name: Score("1", Evidence.MODELLED, "shown") for name in effects}
    for name, score in changed.items():
        found[name.removeprefix("c").replace("_", ".")] = score
    return found


def a_draft(
    session: Session,
    *,
    at: datetime,
    cast: Cast | None = None,
    slug: str = "green-bridges",
    said: Mapping[str, Mapping[str, Any]] | None = None,
) -> Way:
    """A complete draft that nobody handed in yet."""
    people = cast or a_cast(session, at=at)
    organisation_id = organisations.found(
        session,
        actor=people.steward,
        at=at,
        name=f"Association {slug}",
        kind=OrganisationKind.FARMERS,
        country="FR",
    )
    document = dict(said or answers())
    begun = applications.begin(
        session,
        actor=people.steward,
        at=at,
        organisation_id=organisation_id,
        title=document["project"]["title"],
        language="en",
        slug=slug,
    )
    document.setdefault("criteria", said_of_criteria())
    applications.save(
        session, actor=people.steward, at=at, project_id=begun.project_id, answers=document
    )
    area = document["land"].get("area_ha")
    if area:
        # each project on land of its own
        east = zlib.crc32(slug.encode()) % 1000 / 10
        sites.add(
            session,
            actor=people.steward,
            at=at,
            project_id=begun.project_id,
            text=a_square(43.3, east, area),
        )
    return Way(people, organisation_id, begun.project_id, begun.assessment_id, begun.slug)


def an_application(session: Session, *, at: datetime, **wanted: Any) -> Way:
    """An application handed in and received by the secretariat."""
    criteria_in_force(session, at=at)
    way = a_draft(session, at=at, **wanted)
    applications.submit(session, actor=way.cast.steward, at=at, project_id=way.project_id)
    assessments.receive(session, actor=way.cast.clerk, at=at, assessment_id=way.assessment_id)
    return way


def handed_in_again(session: Session, way: Way, *, at: datetime) -> Way:
    """The next version of a project, handed in and received."""
    applications.submit(session, actor=way.cast.steward, at=at, project_id=way.project_id)
    assessments.receive(session, actor=way.cast.clerk, at=at, assessment_id=way.assessment_id)
    return way


def in_review(session: Session, *, at: datetime, way: Way | None = None, **wanted: Any) -> Way:
    """An application open to two reviewers and a rapporteur who declared no interest."""
    if way is None:
        way = an_application(session, at=at, **wanted)
    else:
        way = handed_in_again(session, way, at=at)
    people = way.cast
    seats = []
    for actor, seat in (
        (people.reviewer, Seat.REVIEWER),
        (people.reviewer2, Seat.REVIEWER),
        (people.rapporteur, Seat.RAPPORTEUR),
    ):
        assert actor.user_id is not None
        seat_id = assessments.assign(
            session,
            actor=people.clerk,
            at=at,
            assessment_id=way.assessment_id,
            user_id=actor.user_id,
            seat=seat,
        )
        assessments.declare(session, actor=actor, at=at, assignment_id=seat_id, interest=None)
        seats.append(seat_id)
    assessments.open_review(
        session,
        actor=people.clerk,
        at=at,
        assessment_id=way.assessment_id,
        carbon_is_primary_aim=True,
        scope_fits=True,
    )
    return _with(way, seats=tuple(seats))


def reviewed(
    session: Session, *, at: datetime, given: Mapping[str, Score] | None = None, **wanted: Any
) -> Way:
    """An application that both reviewers scored, with the same scores agreed on."""
    way = in_review(session, at=at, **wanted)
    people = way.cast
    found = given or scores()
    for actor, seat_id in zip((people.reviewer, people.reviewer2), way.seats, strict=False):
        assessments.save_review(
            session, actor=actor, at=at, assignment_id=seat_id, summary="Sound.", scores=found
        )
        assessments.submit_review(session, actor=actor, at=at, assignment_id=seat_id)
    assessments.save_consensus(
        session, actor=people.rapporteur, at=at, assessment_id=way.assessment_id, scores=found
    )
    return way


def decided(
    session: Session,
    *,
    at: datetime,
    outcome: DecisionOutcome = DecisionOutcome.POSITIVE,
    conditions: Sequence[Condition] = (),
    recommendations: Sequence[str] = (),
    **wanted: Any,
) -> Way:
    """A project the committee decided on."""
    way = reviewed(session, at=at, **wanted)
    decision_id = assessments.decide(
        session,
        actor=way.cast.rapporteur,
        at=at,
        assessment_id=way.assessment_id,
        outcome=outcome,
        summary="A sound project.",
        conditions=conditions,
        recommendations=recommendations,
    )
    return _with(way, decision_id=decision_id)


def admitted(session: Session, *, at: datetime, ceiling: str = "51000.00", **wanted: Any) -> Way:
    """A project that may receive money."""
    way = decided(session, at=at, **wanted)
    admission_id = assessments.admit(
        session,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        ceiling=Money(round(float(ceiling) * 100), "EUR"),
        reason="In the budget of the year.",
    )
    return _with(way, admission_id=admission_id)


def a_project(database: Database, *, at: datetime, slug: str = "green-bridges") -> Way:
    """A project that may receive money, built once a process for tests that begin with it."""
    return once_built(database, admitted, at=at, slug=slug)


def gate_of(database: Database, way: Way, on: date) -> queries.Gate:
    """The gate of a project on a day."""
    with database.reading() as session:
        return queries.gate(session, way.project_id, on)


def with_assessment(way: Way, assessment_id: uuid.UUID) -> Way:
    """The same project at another assessment."""
    return _with(way, assessment_id=assessment_id)


def _with(way: Way, **changed: Any) -> Way:
    return Way(**{**way.__dict__, **changed})


def _indicator(family: str, name: str, unit: str, baseline: float, target: float) -> dict[str, Any]:
    return {
        "family": family,
        "name": name,
        "unit": unit,
        "baseline": baseline,
        "target": target,
        "evidence": "measured",
        "source": "survey of all farms",
    }


def join(session: Session, way: Way, actor: Actor, *, at: datetime) -> None:
    """Make somebody a member of the project's organisation."""
    assert actor.user_id is not None
    organisations.add_member(
        session,
        actor=way.cast.steward,
        at=at,
        organisation_id=way.organisation_id,
        user_id=actor.user_id,
    )


def assessed_again(session: Session, way: Way, at: datetime, outcome: DecisionOutcome) -> uuid.UUID:
    """A second version of the application, assessed by the same people."""
    people = way.cast
    begun = applications.begin_version(
        session, actor=people.steward, at=at, project_id=way.project_id
    )
    again = reviewed(session, at=at, way=with_assessment(way, begun.assessment_id))
    return assessments.decide(
        session,
        actor=people.rapporteur,
        at=at,
        assessment_id=again.assessment_id,
        outcome=outcome,
        summary="Something changed.",
    )
