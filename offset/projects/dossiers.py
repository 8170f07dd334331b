"""What does a member of the committee read? Their seats, then one dossier after the declaration.

A dossier holds the application, what stands beside each criterion, the questions and answers, and
the reviews that may be seen already. Whoever declared an interest finds nothing here, by any
address and in any version of the project.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.people.access import Actor, Right, require
from offset.people.models import User
from offset.projects import (
    calls,
    checks,
    consensus,
    criteria,
    decisions,
    inquiries,
    members,
    questions,
    recusals,
    reviews,
    rooms,
    seats,
)
from offset.projects.checks import Checks, CriterionAnswer, EvidencePage
from offset.projects.committee_models import DecisionRoll
from offset.projects.criteria import Criteria, Score
from offset.projects.models import (
    Application,
    Assessment,
    AssessmentStatus,
    Assignment,
    Review,
    Seat,
)
from offset.projects.rooms import File, ProjectLine

_NEWEST: Final = 50
# Which answers of the form speak to which criterion of the draft that ships with the house.
RELATED: Final[Mapping[str, tuple[str, ...]]] = {
    "1.1": (
        "safeguards.human_rights_commitment",
        "safeguards.no_forced_or_child_labour",
        "safeguards.grievance_channel",
    ),
    "1.2": ("safeguards.tenure_share_pct", "safeguards.open_disputes", "safeguards.consent"),
    "1.3": ("safeguards.households", "safeguards.income_effect", "money.farmers_share_pct"),
    "2.1": ("land.land_before", "land.baseline_practice", "practice.detail"),
    "2.2": (
        "carbon.method",
        "carbon.claim_tc_ha_yr",
        "carbon.rate_evidence",
        "carbon.literature",
        "monitoring.design",
        "practice.maintenance_promise",
    ),
    "2.3": ("carbon.leakage", "carbon.buffer_pct", "carbon.reversal_risks"),
    "2.4": ("practice.detail", "practice.years"),
    "2.5": ("safeguards.income_effect",),
    "3.1": ("land.not_forest_before", "practice.outside_inputs"),
    "3.2": ("land.wet_or_organic", "practice.outside_inputs"),
    "3.3": ("money.budget", "money.in_kind", "money.farmers_share_pct"),
    "4.1": ("people.people_trained",),
    "4.2": ("people.women_youth_share_pct", "people.decision_meetings", "safeguards.consent"),
}


@dataclass(frozen=True)
class ReviewSeen:
    """A review as those may read it who handed their own in."""

    reviewer: str
    own: bool
    summary: str
    scores: dict[str, Score]


@dataclass(frozen=True)
class Beside:
    """What the applicant says about one criterion: words, pages of files, answers of the form."""

    answer: str
    without: str
    evidence: tuple[EvidencePage, ...]
    related: questions.Blocks


@dataclass(frozen=True)
class Colleague:
    """Another seat of the same assessment, to whom a criterion may be handed on."""

    assignment_id: uuid.UUID
    name: str
    seat: Seat


@dataclass(frozen=True)
class Passed:
    """A criterion that went from one seat to another, with a word about why."""

    criterion: str
    other: str
    note: str


@dataclass(frozen=True)
class Dossier:
    """An application before somebody with a seat: answers, criteria, reviews that may be seen."""

    line: ProjectLine
    assignment_id: uuid.UUID
    seat: Seat
    declared: bool
    version: int
    document: questions.Blocks
    files: tuple[File, ...]
    criteria: Criteria
    own_summary: str
    own_scores: dict[str, Score]
    submitted: bool
    reviews: tuple[ReviewSeen, ...]
    consensus: dict[str, Score]
    partners: tuple[str, ...]
    application_id: uuid.UUID
    submitted_on: date | None
    call: str | None
    beside: Mapping[str, Beside]
    left: tuple[str, ...]
    colleagues: tuple[Colleague, ...]
    handed_on: Mapping[str, Passed]
    handed_to: tuple[Passed, ...]
    inquiries: tuple[inquiries.Asked, ...]
    members: int
    recused: int


@dataclass(frozen=True)
class Invitation:
    """A seat on the member's own list, and the minutes it still asks for."""

    assignment_id: uuid.UUID
    seat: Seat
    declared: bool
    submitted: bool
    assigned_at: datetime
    minutes: int
    line: ProjectLine


def invitations(session: Session, actor: Actor) -> tuple[Invitation, ...]:
    """List the seats of a committee member; a declared interest takes the project off it.

    Raises
    ------
    Forbidden
        Without a seat on the committee.
    """
    require(actor, Right.SEE_COMMITTEE)
    tied = recusals.projects_of(session, actor.user_id)
    rows = session.execute(
        select(Assignment, Review.submitted_at)
        .join(Assessment, Assessment.id == Assignment.assessment_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.user_id == actor.user_id, Assignment.removed_at.is_(None))
        .where(Assessment.project_id.not_in(tied))
        .order_by(Assignment.assigned_at.desc(), Assignment.id.desc())
        .limit(_NEWEST)
    ).all()
    wanted = [assignment.assessment_id for assignment, _ in rows]
    lines = {
        line.assessment_id: line
        for line in rooms.assessment_lines(session, Assessment.id.in_(wanted))
    }
    return tuple(
        Invitation(
            assignment_id=assignment.id,
            seat=assignment.seat,
            declared=assignment.declared_at is not None,
            submitted=submitted_at is not None,
            assigned_at=assignment.assigned_at,
            minutes=members.minutes(
                assignment.seat,
                lines[assignment.assessment_id].assessment,
                declared=assignment.declared_at is not None,
                submitted=submitted_at is not None,
            ),
            line=lines[assignment.assessment_id],
        )
        for assignment, submitted_at in rows
    )


def dossier(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Dossier:
    """Read an application for somebody with a seat in its assessment.

    Before the declaration of interests only the title and the names of those who stand behind it
    are there; others' reviews stay hidden until one's own is in, or the consensus has begun.

    Raises
    ------
    Forbidden
        Without a seat on the committee.
    NotFound
        ``assignment_unknown``: somebody else's seat, one that ended, or a project from which this
        person stepped aside.
    """
    require(actor, Right.SEE_COMMITTEE)
    assignment = seats.own_seat(session, actor, assignment_id)
    [line] = rooms.assessment_lines(session, Assessment.id == assignment.assessment_id)
    assessment = session.get_one(Assessment, assignment.assessment_id)
    application = session.get_one(Application, assessment.application_id)
    known = criteria.get(session, assessment.criteria_set_id)
    declared = assignment.declared_at is not None
    own = seats.review_of(session, assignment.id)
    submitted = own is not None and own.submitted_at is not None
    opened = declared and (submitted or line.assessment is not AssessmentStatus.IN_REVIEW)
    call = calls.of_application(session, application.id)
    counted, recused = _roll(session, assessment)
    return Dossier(
        line=line,
        assignment_id=assignment.id,
        seat=assignment.seat,
        declared=declared,
        version=application.version,
        document=application.document if declared else {},
        files=rooms.files_of(session, application.id) if declared else (),
        criteria=known,
        own_summary=own.summary if own else "",
        own_scores=reviews.review_scores(session, own.id) if own else {},
        submitted=submitted,
        reviews=_reviews(session, assessment.id, actor) if opened else (),
        consensus=consensus.consensus_scores(session, assessment.id) if opened else {},
        partners=partners(application),
        application_id=application.id,
        submitted_on=application.submitted_at.date() if application.submitted_at else None,
        call=call.name if call else None,
        beside=beside(session, application, known) if declared else {},
        left=reviews.left(session, assignment, known),
        colleagues=_colleagues(session, assignment) if declared else (),
        handed_on=_handed_on(session, assignment) if declared else {},
        handed_to=_handed_to(session, assignment) if declared else (),
        inquiries=tuple(inquiries.for_seat(session, assignment, application.id))
        if declared
        else (),
        members=counted,
        recused=recused,
    )


def checked(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Checks:
    """Compute what the platform itself finds, for a seat that the declaration opened.

    Land of a project from which this person stepped aside is counted without its name.

    Raises
    ------
    Forbidden, NotFound
    """
    assignment = seats.own_seat(session, actor, assignment_id)
    if assignment.declared_at is None:
        raise NotFound("assignment_unknown")
    assessment = session.get_one(Assessment, assignment.assessment_id)
    found = checks.of_application(session, assessment.application_id)
    tied = recusals.projects_of(session, actor.user_id)
    shown = tuple(
        replace(one, other_title="", other_site="") if one.other_project_id in tied else one
        for one in found.overlap.found
    )
    return replace(found, overlap=replace(found.overlap, found=shown))


def beside(session: Session, application: Application, known: Criteria) -> dict[str, Beside]:
    """Gather what an application says about each criterion."""
    said = {one.criterion: one for one in checks.criteria_answers(session, application.id)}
    nothing = CriterionAnswer("", "", "", ())
    return {
        one.id: Beside(
            answer=said.get(one.id, nothing).answer,
            without=said.get(one.id, nothing).without,
            evidence=said.get(one.id, nothing).evidence,
            related=_related(application.document, RELATED.get(one.id, ())),
        )
        for one in known.criteria
    }


def partners(application: Application) -> tuple[str, ...]:
    """Name who stands behind an application besides its holder: co-funders and partners."""
    money = application.document.get("money", {})
    return (*money.get("co_funders", ()), *money.get("partners", ()))


def _related(document: questions.Blocks, wanted: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in wanted:
        block, _, name = path.partition(".")
        if name in document.get(block, {}):
            found.setdefault(block, {})[name] = document[block][name]
    return found


def _roll(session: Session, assessment: Assessment) -> tuple[int, int]:
    """Count members and recusals: as they stood at the decision, or as they stand."""
    decided = decisions.of_assessment(session, assessment.id)
    roll = session.get(DecisionRoll, decided.id) if decided else None
    if roll is not None:
        return roll.members, roll.recused
    return recusals.members(session), recusals.count(session, assessment.project_id)


def _names(session: Session, assessment_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Name everybody who held a seat, by seat."""
    rows = session.execute(
        select(Assignment.id, User.name)
        .join(User, User.id == Assignment.user_id)
        .where(Assignment.assessment_id == assessment_id)
    )
    return {assignment_id: name or "" for assignment_id, name in rows}


def _colleagues(session: Session, own: Assignment) -> tuple[Colleague, ...]:
    names = _names(session, own.assessment_id)
    return tuple(
        Colleague(one.id, names[one.id], one.seat)
        for one in seats.seated(session, own.assessment_id)
        if one.id != own.id
    )


def _handed_on(session: Session, own: Assignment) -> dict[str, Passed]:
    names = _names(session, own.assessment_id)
    return {
        criterion: Passed(criterion, names[row.to_assignment_id], row.note)
        for criterion, row in reviews.handed_on(session, own.id).items()
    }


def _handed_to(session: Session, own: Assignment) -> tuple[Passed, ...]:
    names = _names(session, own.assessment_id)
    return tuple(
        Passed(criterion, names[row.assignment_id], row.note)
        for criterion, row in sorted(reviews.handed_to(session, own.id).items())
    )


def _reviews(session: Session, assessment_id: uuid.UUID, actor: Actor) -> tuple[ReviewSeen, ...]:
    rows = session.execute(
        select(Review, Assignment.user_id, User.name)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .join(User, User.id == Assignment.user_id)
        .where(Assignment.assessment_id == assessment_id, Assignment.removed_at.is_(None))
        .where(Review.submitted_at.is_not(None))
        .order_by(Review.submitted_at, Review.id)
    ).all()
    return tuple(
        ReviewSeen(
            reviewer=name or "",
            own=user_id == actor.user_id,
            summary=review.summary,
            scores=reviews.review_scores(session, review.id),
        )
        for review, user_id, name in rows
    )
