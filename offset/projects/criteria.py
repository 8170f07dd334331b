"""By which criteria does the committee assess, and which outcome may follow from the scores?

Criteria, scale and thresholds are data with a version; the rules that read them are here.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.ledger import checkpoints
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.projects.models import Assessment, CriteriaSet, DecisionOutcome, Evidence, Safeguard

_CODE: Final = re.compile(r"[1-9]\d?\.[1-9]\d?", re.ASCII)
_GRADES: Final = frozenset({"-2", "-1", "0", "1", "2", "3", "4", "5"})
_GOALS: Final = 17
_WORST_LAST: Final = tuple(Safeguard)
_NEGATIVE: Final = frozenset({DecisionOutcome.REVISE, DecisionOutcome.NOT_ALIGNED})


@dataclass(frozen=True)
class Score:
    """A grade for one criterion, what it rests on, and why."""

    grade: str
    evidence: Evidence | None = None
    reason: str = ""


@dataclass(frozen=True)
class Criterion:
    """One of the committee's criteria: a safeguard, or an effect graded from −1 to 2."""

    id: str
    step: int
    kind: str
    name: str
    question: str
    indicators: tuple[str, ...]
    sdg: tuple[int, ...]
    gate: bool
    grades: tuple[str, ...]


@dataclass(frozen=True)
class Criteria:
    """One version of the criteria as rooms read it."""

    id: uuid.UUID
    version: str
    valid_from: date
    criteria: tuple[Criterion, ...]
    carbon_criterion: str
    carbon_minimum: int
    quorum: int

    def check(self, criterion: str, score: Score) -> None:
        """Refuse a score that this version does not know.

        Raises
        ------
        InvalidInput
            ``criterion_unknown``, ``grade_unknown`` or ``evidence_missing``.
        """
        known = next((c for c in self.criteria if c.id == criterion), None)
        if known is None:
            raise InvalidInput("criterion_unknown", field=criterion)
        if score.grade not in known.grades:
            raise InvalidInput("grade_unknown", field=criterion, grade=score.grade)
        if not known.gate and score.evidence is None:
            raise InvalidInput("evidence_missing", field=criterion)

    def check_draft(self, criterion: str, score: Score) -> None:
        """Refuse what no draft may hold; a grade or its evidence may still be open.

        Raises
        ------
        InvalidInput
            ``criterion_unknown`` or ``grade_unknown``.
        """
        known = next((c for c in self.criteria if c.id == criterion), None)
        if known is None:
            raise InvalidInput("criterion_unknown", field=criterion)
        if score.grade and score.grade not in known.grades:
            raise InvalidInput("grade_unknown", field=criterion, grade=score.grade)

    def missing(self, scores: Mapping[str, Score]) -> tuple[str, ...]:
        """Name the criteria that have no score yet."""
        return tuple(c.id for c in self.criteria if c.id not in scores)

    def safeguards(self, scores: Mapping[str, Score]) -> Safeguard:
        """Return the worst of the safeguards."""
        kept = [Safeguard(scores[c.id].grade) for c in self.criteria if c.gate]
        return max(kept, key=_WORST_LAST.index)

    def conditional(self, scores: Mapping[str, Score]) -> frozenset[str]:
        """Name the safeguards that hold only under conditions."""
        return frozenset(
            c.id
            for c in self.criteria
            if c.gate and scores[c.id].grade == Safeguard.MET_WITH_CONDITIONS.value
        )

    def allowed(self, scores: Mapping[str, Score]) -> frozenset[DecisionOutcome]:
        """Return the outcomes that the scores leave open: computed, never typed.

        A safeguard that is not met leaves one answer; too little information, or no shown effect
        on soil carbon, leaves no positive one.
        """
        worst = self.safeguards(scores)
        if worst is Safeguard.NOT_MET:
            return frozenset({DecisionOutcome.NOT_ALIGNED})
        if worst is Safeguard.NOT_ENOUGH_INFORMATION or not self._carbon_shown(scores):
            return _NEGATIVE
        return frozenset(DecisionOutcome)

    def outcome(self, scores: Mapping[str, Score], *, advised: bool) -> DecisionOutcome:
        """Return what the scores come to; ``advised`` tells that recommendations go with it."""
        allowed = self.allowed(scores)
        if DecisionOutcome.POSITIVE not in allowed:
            return (
                DecisionOutcome.REVISE
                if DecisionOutcome.REVISE in allowed
                else DecisionOutcome.NOT_ALIGNED
            )
        if advised:
            return DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS
        return DecisionOutcome.POSITIVE

    def _carbon_shown(self, scores: Mapping[str, Score]) -> bool:
        carbon = scores[self.carbon_criterion]
        return (
            int(carbon.grade) >= self.carbon_minimum
            and carbon.evidence is not None
            and carbon.evidence is not Evidence.ASSERTED
        )


def adopt(
    session: Session, *, actor: Actor, at: datetime, document: Mapping[str, Any], valid_from: date
) -> uuid.UUID:
    """Write a new version of the criteria; earlier ones stay for what was assessed by them.

    Raises
    ------
    Conflict
        ``criteria_version_known``.
    Forbidden
        Without the right to edit criteria.
    InvalidInput
        ``criteria_unusable`` when a part that the rules read is missing.
    """
    if actor is not SYSTEM:
        require(actor, Right.EDIT_CRITERIA)
    version = str(document.get("version", "")).strip()
    held = session.scalar(select(CriteriaSet.id).where(CriteriaSet.version == version))
    if held is not None:
        raise Conflict("criteria_version_known", version=version)
    row = CriteriaSet(
        id=uuid7(at),
        version=version,
        valid_from=valid_from,
        document=dict(document),
        approved_at=at,
        approved_by=actor.user_id,
    )
    _usable(read(row))
    session.add(row)
    session.flush()
    checkpoints.seal_fact(
        session,
        kind="criteria",
        fact_id=row.id,
        content={"version": version, "valid_from": valid_from.isoformat(), "document": document},
        at=at,
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="criteria.adopted",
        object_type="criteria_set",
        object_id=row.id,
        details={"version": version},
    )
    return row.id


def draft_document() -> dict[str, Any]:
    """Return the draft that ships with the house, for a first version; see data/SOURCES.md."""
    path = files("offset.projects") / "data" / "criteria.json"
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def current(session: Session, on: date) -> Criteria:
    """Return the version that holds on a day.

    Raises
    ------
    Refused
        ``no_criteria``.
    """
    row = session.scalars(
        select(CriteriaSet)
        .where(CriteriaSet.valid_from <= on)
        .order_by(CriteriaSet.valid_from.desc(), CriteriaSet.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise Refused("no_criteria")
    return read(row)


@dataclass(frozen=True)
class Known:
    """A version in the list: since when it holds, and how many assessments name it."""

    id: uuid.UUID
    version: str
    valid_from: date
    criteria: int
    assessments: int
    current: bool


def versions(session: Session, on: date) -> tuple[Known, ...]:
    """List every version, the latest first, with the assessments that keep it."""
    rows = session.execute(
        select(CriteriaSet, func.count(Assessment.id))
        .outerjoin(Assessment, Assessment.criteria_set_id == CriteriaSet.id)
        .group_by(CriteriaSet.id)
        .order_by(CriteriaSet.valid_from.desc(), CriteriaSet.id.desc())
    ).all()
    holding = next((row.id for row, _ in rows if row.valid_from <= on), None)
    return tuple(
        Known(
            row.id,
            row.version,
            row.valid_from,
            len(row.document["criteria"]),
            named,
            row.id == holding,
        )
        for row, named in rows
    )


def document(session: Session, criteria_set_id: uuid.UUID) -> dict[str, Any]:
    """Return one version as it was adopted.

    Raises
    ------
    NotFound
        ``criteria_unknown``.
    """
    row = session.get(CriteriaSet, criteria_set_id)
    if row is None:
        raise NotFound("criteria_unknown")
    return dict(row.document)


def last_document(session: Session) -> dict[str, Any]:
    """Return the version written last, to write the next one from; else the shipped draft."""
    row = session.scalars(
        select(CriteriaSet).order_by(CriteriaSet.approved_at.desc(), CriteriaSet.id.desc()).limit(1)
    ).first()
    return dict(row.document) if row else draft_document()


def get(session: Session, criteria_set_id: uuid.UUID | None) -> Criteria:
    """Return the version an assessment names.

    Raises
    ------
    NotFound
        ``criteria_unknown``.
    """
    row = session.get(CriteriaSet, criteria_set_id) if criteria_set_id else None
    if row is None:
        raise NotFound("criteria_unknown")
    return read(row)


def read(row: CriteriaSet) -> Criteria:
    """Read a stored version.

    Raises
    ------
    InvalidInput
        ``criteria_unusable``.
    """
    try:
        scale, rules = row.document["scale"], row.document["rules"]
        return Criteria(
            id=row.id,
            version=row.version,
            valid_from=row.valid_from,
            criteria=tuple(_criterion(c, scale) for c in row.document["criteria"]),
            carbon_criterion=rules["carbon_criterion"],
            carbon_minimum=int(rules["carbon_minimum"]),
            quorum=int(rules["quorum"]),
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidInput("criteria_unusable", field="document") from None


def _criterion(row: Mapping[str, Any], scale: Mapping[str, Any]) -> Criterion:
    gate = bool(row["gate"])
    if not isinstance(row["indicators"], list):
        raise TypeError(row["indicators"])
    return Criterion(
        id=row["id"],
        step=int(row["step"]),
        kind=row["type"],
        name=row["name"],
        question=row["question"],
        indicators=tuple(row["indicators"]),
        sdg=tuple(row["sdg"]),
        gate=gate,
        grades=tuple(scale["safeguard"] if gate else scale["impact"]),
    )


def _sound(criterion: Criterion) -> bool:
    """Say whether one criterion can be asked, answered and graded."""
    texts = (criterion.name, criterion.question, *criterion.indicators)
    return (
        _CODE.fullmatch(str(criterion.id)) is not None
        and all(isinstance(text, str) and text.strip() for text in texts)
        and all(isinstance(goal, int) and 1 <= goal <= _GOALS for goal in criterion.sdg)
        and bool(criterion.grades)
        and (criterion.gate or set(criterion.grades) <= _GRADES)
    )


def _usable(criteria: Criteria) -> None:
    if not all(_sound(c) for c in criteria.criteria):
        raise InvalidInput("criteria_unusable", field="document")
    ids = [c.id for c in criteria.criteria]
    known_safeguards = {s.value for s in Safeguard}
    gates = [c for c in criteria.criteria if c.gate]
    graded = next((c for c in criteria.criteria if c.id == criteria.carbon_criterion), None)
    if (
        not criteria.version
        or len(set(ids)) != len(ids)
        or not gates
        or any(set(c.grades) - known_safeguards for c in gates)
        or graded is None
        or graded.gate
        or criteria.quorum < 2  # noqa: PLR2004 - the database holds two reviews as well
    ):
        raise InvalidInput("criteria_unusable", field="document")
