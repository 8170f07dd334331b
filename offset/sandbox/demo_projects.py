"""How do the twelve projects of the demonstration come about? Through the real verbs, dated.

Every step happens at an instant relative to ``start``, so that a fresh demonstration always has
a past. The people are the demonstration's accounts; those that exist keep their passwords.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files as packaged
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.money import Money
from offset.people import users
from offset.people.access import SYSTEM, Actor, Role
from offset.projects import (
    applications,
    assessments,
    criteria,
    indicators,
    moderation,
    organisations,
    outcomes,
    updates,
)
from offset.projects.assessments import Condition
from offset.projects.criteria import Score
from offset.projects.models import (
    CriteriaSet,
    DecisionCondition,
    DecisionOutcome,
    Evidence,
    Indicator,
    OrganisationKind,
    Recommendation,
    Seat,
    UpdateKind,
)
from offset.projects.ports import FileStore, StoredPhoto
from offset.sandbox import demo_application, demo_life, demo_soil
from offset.sandbox.demo_application import Paper
from offset.sandbox.demo_soil import Sampling

PEOPLE: Final[Mapping[str, tuple[str, frozenset[Role], str | None]]] = {
    "steward": ("Demo steward", frozenset({Role.STEWARD}), None),
    "reviewer": ("Demo reviewer", frozenset({Role.STC_MEMBER}), "Institute of Soils (fictional)"),
    "reviewer2": (
        "Second demo reviewer",
        frozenset({Role.STC_MEMBER}),
        "University of the Plain (fictional)",
    ),
    "reviewer3": (
        "Third demo reviewer",
        frozenset({Role.STC_MEMBER}),
        "Rangeland Research Trust (fictional)",
    ),
    "rapporteur": (
        "Demo rapporteur",
        frozenset({Role.RAPPORTEUR}),
        "Academy of Agronomy (fictional)",
    ),
    "clerk": ("Demo clerk", frozenset({Role.CLERK}), None),
    "treasurer": ("Demo treasurer", frozenset({Role.TREASURER}), None),
}
# The steward's account acts for these; every other organisation has a steward of its own.
_OWN: Final = frozenset({"sahel-parkland", "bearn-cover-crops", "bocage-dairy", "zambia-ca"})
_EFFECTS: Final = ("2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "4.1", "4.2")
_ADMITTED: Final = frozenset({"open", "funded"})
_APART: Final = timedelta(days=4)
# soils whose baseline is measured, with their stock [tC/ha], and soils that nobody sampled yet
_BEGUN: Final[Mapping[str, float]] = {"sahel-parkland": 8.4}
_PLANNED: Final = frozenset({"bajio-agave", "ivory-cocoa-agroforestry", "highlands-compost"})


@dataclass(frozen=True)
class Cast:
    """The accounts that act in the demonstration."""

    steward: Actor
    reviewer: Actor
    reviewer2: Actor
    reviewer3: Actor
    rapporteur: Actor
    clerk: Actor
    treasurer: Actor


def load_projects(
    database: Database,
    *,
    start: datetime,
    files: FileStore | None = None,
) -> dict[str, uuid.UUID]:
    """Make the twelve projects and return their ids by slug.

    Parameters
    ----------
    database
        A migrated database; loading twice is refused by the organisations' names.
    start
        The demonstration's first start; everything lies before it.
    files
        Where to keep the drawing that stands in for photos, and the tables of laboratories;
        without it the updates have no photo.
    """
    folder = packaged("offset.sandbox") / "demo_data"
    document = json.loads((folder / "projects.json").read_text("utf-8"))
    cast = database.run(_people, at=start - timedelta(days=900))
    drawing = (folder / "soil-profile.png").read_bytes()
    photo = files.keep_photo(drawing) if files is not None else None
    paper = demo_application.keep_paper(files) if files is not None else None
    made: dict[str, uuid.UUID] = {}
    for position, told in enumerate(document["projects"]):
        made[told["slug"]] = database.run(
            _Story(
                told, cast, start - _APART * position, start, photo, paper=paper, files=files
            ).tell
        )
    return made


def told_of(slug: str) -> dict[str, Any]:
    """Return what the demonstration's file says of one project."""
    folder = packaged("offset.sandbox") / "demo_data"
    document = json.loads((folder / "projects.json").read_text("utf-8"))
    found: dict[str, Any] = next(one for one in document["projects"] if one["slug"] == slug)
    return found


def tell_one(
    database: Database,
    told: Mapping[str, Any],
    *,
    start: datetime,
    files: FileStore | None = None,
) -> uuid.UUID:
    """Make one more project, told as the file tells of its own, without photos."""
    cast = database.run(_people, at=start - timedelta(days=900))
    paper = demo_application.keep_paper(files) if files is not None else None
    return database.run(_Story(told, cast, start, start, None, paper=paper, files=files).tell)


def _people(session: Session, *, at: datetime) -> Cast:
    found = {
        name: _actor(session, name, title, roles, affiliation, at=at)
        for name, (title, roles, affiliation) in PEOPLE.items()
    }
    draft = criteria.draft_document()
    held = select(CriteriaSet.id).where(CriteriaSet.version == draft["version"])
    if session.scalar(held) is None:
        criteria.adopt(session, actor=SYSTEM, at=at, document=draft, valid_from=utc_day(at))
    return Cast(**found)


def _actor(
    session: Session,
    name: str,
    title: str,
    roles: frozenset[Role],
    affiliation: str | None,
    *,
    at: datetime,
) -> Actor:
    user_id = users.invite(
        session,
        actor=SYSTEM,
        at=at,
        email=f"{name}@demo.example",
        name=title,
        roles=roles,
        affiliation=affiliation,
    )
    return Actor(user_id, roles)


class _Story:
    """One project's past, step by step."""

    def __init__(
        self,
        told: Mapping[str, Any],
        cast: Cast,
        told_from: datetime,
        start: datetime,
        photo: StoredPhoto | None,
        *,
        paper: Paper | None,
        files: FileStore | None,
    ) -> None:
        self.files = files
        self.told = told
        self.cast = cast
        self.from_ = told_from
        self.start = start
        self.photo = photo
        self.paper = paper
        self.steward = cast.steward

    def days(self, before: float) -> datetime:
        return self.from_ - timedelta(days=before)

    def tell(self, session: Session) -> uuid.UUID:
        begun = self.draft(session)
        status = self.told["status"]
        decided = "decision" in self.told
        if status == "draft" and not decided:
            return begun.project_id
        applications.submit(
            session, actor=self.steward, at=self.days(460), project_id=begun.project_id
        )
        seats = self.seat(session, begun.assessment_id)
        self.review(session, begun.assessment_id, seats, both=decided or _ready(self.told))
        if decided:
            self.decide(session, begun.assessment_id)
        if status in _ADMITTED:
            self.admit(session, begun.project_id)
            self.grow(session, begun.project_id)
        return begun.project_id

    def draft(self, session: Session) -> applications.Begun:
        slug, said = self.told["slug"], dict(self.told["answers"])
        if slug not in _OWN:
            self.steward = _actor(
                session,
                f"steward-{slug}",
                f"Steward of {slug}",
                frozenset({Role.STEWARD}),
                None,
                at=self.days(500),
            )
        organisation = self.told["organisation"]
        organisation_id = organisations.found(
            session,
            actor=self.steward,
            at=self.days(500),
            name=organisation["name"],
            kind=OrganisationKind(organisation["kind"]),
            country=organisation["country"],
        )
        begun = applications.begin(
            session,
            actor=self.steward,
            at=self.days(490),
            organisation_id=organisation_id,
            title=said["project"]["title"],
            language="en",
            slug=slug,
        )
        said = demo_application.completed(said)
        starts = utc_day(self.start + timedelta(days=self.told["starts_days"])).replace(day=1)
        said["practice"] = {**said["practice"], "starts_on": starts.isoformat()}
        applications.save(
            session,
            actor=self.steward,
            at=self.days(470),
            project_id=begun.project_id,
            answers=said,
        )
        unfinished = self.told["status"] == "draft" and "decision" not in self.told
        demo_application.support(
            session,
            actor=self.steward,
            at=self.days(465),
            project_id=begun.project_id,
            said=said,
            paper=self.paper,
            only=frozenset({"1.1", "1.2", "2.1"}) if unfinished else None,
        )
        return begun

    def seat(self, session: Session, assessment_id: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
        cast, at = self.cast, self.days(450)
        assessments.receive(session, actor=cast.clerk, at=at, assessment_id=assessment_id)
        if any(one["criterion"] for one in self.told.get("decision", {}).get("conditions", ())):
            # Somebody steps aside for an interest: the page counts it.
            tied = self.assign(session, assessment_id, cast.reviewer3, Seat.REVIEWER)
            assessments.declare(
                session,
                actor=cast.reviewer3,
                at=at,
                assignment_id=tied,
                interest="Advised the organisation on its grazing plan in an earlier year.",
            )
        seats = []
        for actor, seat in (
            (cast.reviewer, Seat.REVIEWER),
            (cast.reviewer2, Seat.REVIEWER),
            (cast.rapporteur, Seat.RAPPORTEUR),
        ):
            assignment_id = self.assign(session, assessment_id, actor, seat)
            assessments.declare(
                session, actor=actor, at=self.days(448), assignment_id=assignment_id, interest=None
            )
            seats.append(assignment_id)
        assessments.open_review(
            session,
            actor=cast.clerk,
            at=self.days(446),
            assessment_id=assessment_id,
            carbon_is_primary_aim=True,
            scope_fits=True,
        )
        return seats[0], seats[1]

    def assign(
        self, session: Session, assessment_id: uuid.UUID, actor: Actor, seat: Seat
    ) -> uuid.UUID:
        return assessments.assign(
            session,
            actor=self.cast.clerk,
            at=self.days(450),
            assessment_id=assessment_id,
            user_id=_known(actor),
            seat=seat,
        )

    def review(
        self,
        session: Session,
        assessment_id: uuid.UUID,
        seats: tuple[uuid.UUID, uuid.UUID],
        *,
        both: bool,
    ) -> None:
        cast = self.cast
        reviewers = (cast.reviewer, cast.reviewer2) if both else ()
        for actor, assignment_id in zip(reviewers, seats, strict=False):
            assessments.save_review(
                session,
                actor=actor,
                at=self.days(430),
                assignment_id=assignment_id,
                summary="Read in full; the plan for the soil is plain and can be checked.",
                scores=self.scores(),
            )
            assessments.submit_review(
                session, actor=actor, at=self.days(429), assignment_id=assignment_id
            )
        if both:
            assessments.save_consensus(
                session,
                actor=cast.rapporteur,
                at=self.days(420),
                assessment_id=assessment_id,
                scores=self.scores(),
            )

    def scores(self) -> dict[str, Score]:
        found = {name: Score("met", None, "Documents seen.") for name in ("1.1", "1.2", "1.3")}
        found |= {
            name: Score("1", Evidence.MODELLED, "Plan and figures seen.") for name in _EFFECTS
        }
        for name, (grade, evidence) in self.told.get("decision", {}).get("scores", {}).items():
            kind = Evidence(evidence) if evidence else None
            found[name] = Score(grade, kind, "See the summary.")
        return found

    def decide(self, session: Session, assessment_id: uuid.UUID) -> None:
        told = self.told["decision"]
        decision_id = assessments.decide(
            session,
            actor=self.cast.rapporteur,
            at=self.days(410),
            assessment_id=assessment_id,
            outcome=DecisionOutcome(told["outcome"]),
            summary=told["summary"],
            conditions=[Condition(one["text"], one["criterion"]) for one in told["conditions"]],
            recommendations=told["recommendations"],
        )
        held = session.scalars(
            select(DecisionCondition)
            .where(DecisionCondition.decision_id == decision_id)
            .order_by(DecisionCondition.id)
        ).all()
        for condition, one in zip(held, told["conditions"], strict=True):
            assessments.close_condition(
                session,
                actor=self.cast.clerk,
                at=self.days(402),
                condition_id=condition.id,
                evidence=one["evidence"],
            )
        first = session.scalars(
            select(Recommendation).where(
                Recommendation.decision_id == decision_id, Recommendation.position == 1
            )
        ).first()
        if first is not None:
            assessments.answer_recommendation(
                session,
                actor=self.steward,
                at=self.days(396),
                recommendation_id=first.id,
                answer="Agreed; it is part of the plan for this year.",
            )

    def admit(self, session: Session, project_id: uuid.UUID) -> None:
        asked = self.told["answers"]["money"]["amount_asked_minor"]
        assessments.admit(
            session,
            actor=self.cast.treasurer,
            at=self.days(395),
            project_id=project_id,
            ceiling=Money(self.told.get("ceiling_minor", asked), "EUR"),
            reason="First tranche." if "ceiling_minor" in self.told else "The whole target.",
        )
        outcomes.project_carbon(
            session,
            actor=self.cast.clerk,
            at=self.days(394),
            project_id=project_id,
            seed=self.told["seed"],
            evidence=self.told["sources"].get("literature"),
        )

    def grow(self, session: Session, project_id: uuid.UUID) -> None:
        self.report(session, project_id)
        self.measure(session, project_id)
        for update in sorted(self.told["updates"], key=lambda one: -int(one["days_before"])):
            self.update(session, project_id, update)
        teller = demo_life.Teller(session, project_id, self.steward, self.cast.clerk, self.start)
        demo_life.grow(teller, self.told)

    def report(self, session: Session, project_id: uuid.UUID) -> None:
        at = self.start - timedelta(days=70)
        for row in session.scalars(select(Indicator).where(Indicator.project_id == project_id)):
            if row.name in self.told["latest"]:
                indicators.report(
                    session,
                    actor=self.steward,
                    at=at,
                    indicator_id=row.id,
                    value=self.told["latest"][row.name],
                    observed_on=utc_day(at - timedelta(days=12)),
                    evidence=row.evidence,
                    source=row.source,
                )

    def measure(self, session: Session, project_id: uuid.UUID) -> None:
        land = self.told["answers"]["land"]
        soil = Sampling(
            project_id=project_id,
            steward=self.steward,
            clerk=self.cast.clerk,
            latitude=land["latitude"],
            longitude=land["longitude"],
            area_ha=float(land["area_ha"]),
            files=self.files,
        )
        if "measured" in self.told:
            demo_soil.measured(session, soil, self.told["measured"], start=self.start)
        elif self.told["slug"] in _BEGUN:
            demo_soil.begun(session, soil, start=self.start, stock=_BEGUN[self.told["slug"]])
        elif self.told["slug"] in _PLANNED:
            demo_soil.planned(session, soil, start=self.start)

    def update(self, session: Session, project_id: uuid.UUID, told: Mapping[str, Any]) -> None:
        at = self.start - timedelta(days=told["days_before"])
        update_id = updates.write(
            session,
            actor=self.steward,
            at=at - timedelta(days=3),
            project_id=project_id,
            title=told["title"],
            body=told["body"],
            language=told["language"],
            kind=UpdateKind(told["kind"]),
        )
        if self.photo is not None and told["kind"] == "field" and told["language"] == "en":
            updates.add_photo(
                session,
                actor=self.steward,
                at=at - timedelta(days=3),
                update_id=update_id,
                photo=self.photo,
                alt="Drawing in place of a photo: plants, roots, and four layers of a soil.",
                consent=True,
                no_child_faces=True,
                credit="Demonstration",
            )
        updates.submit(session, actor=self.steward, at=at - timedelta(days=2), update_id=update_id)
        moderation.publish(
            session,
            actor=self.cast.clerk,
            at=at,
            update_id=update_id,
            # One drawing stands in for all photos, so the house has seen it at every project.
            accepted_reason="A drawing stands in for the photos of the demonstration.",
        )


def _ready(told: Mapping[str, Any]) -> bool:
    """Say whether both reviews are in although nothing is decided yet."""
    return bool(told["slug"] == "zambia-ca")


def _known(actor: Actor) -> uuid.UUID:
    if actor.user_id is None:
        raise TypeError("a seat needs a person")
    return actor.user_id
