"""How are grades put to a reviewer, and read back from what was ticked?"""

import uuid
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from offset.errors import InvalidInput, OffsetError
from offset.projects.criteria import Criteria, Criterion, Score
from offset.projects.models import Evidence
from offset.web.errors import blame, sentence_of

_LONGEST_REASON: Final = 4_000


@dataclass(frozen=True)
class Asked:
    """A criterion before somebody: its grades, what was ticked, what others ticked, a fault."""

    criterion: Criterion
    grade: str
    evidence: str
    reason: str
    others: tuple[tuple[str, Score], ...]
    fault: str


@dataclass(frozen=True)
class Group:
    """The criteria of one kind, in the order of the set."""

    kind: str
    criteria: tuple[Asked, ...]


@dataclass(frozen=True)
class Read:
    """What was ticked: the grades that can be kept, and by criterion what is wrong."""

    scores: Mapping[str, Score]
    faults: Mapping[str, str]


def asked(
    criteria: Criteria,
    kept: Mapping[str, Score],
    *,
    typed: MultiDict[str, str] | None = None,
    others: Iterable[tuple[str, Mapping[str, Score]]] = (),
    faults: Mapping[str, str] | None = None,
) -> tuple[Group, ...]:
    """Return the criteria by kind, filled with what was typed or else with what is kept."""
    beside = tuple(others)
    groups: dict[str, list[Asked]] = {}
    for criterion in criteria.criteria:
        grade, evidence, reason = (
            _kept(kept.get(criterion.id)) if typed is None else _typed(criterion, typed)
        )
        groups.setdefault(criterion.kind, []).append(
            Asked(
                criterion,
                grade,
                evidence,
                reason,
                tuple((who, told[criterion.id]) for who, told in beside if criterion.id in told),
                (faults or {}).get(criterion.id, ""),
            )
        )
    return tuple(Group(kind, tuple(members)) for kind, members in groups.items())


def read(criteria: Criteria, typed: MultiDict[str, str], *, without: Container[str] = ()) -> Read:
    """Read the grades that were ticked; a criterion nobody touched or may grade is left out."""
    scores: dict[str, Score] = {}
    faults: dict[str, str] = {}
    for criterion in criteria.criteria:
        grade, evidence, reason = (part.strip() for part in _typed(criterion, typed))
        if not (grade or evidence or reason) or criterion.id in without:
            continue
        try:
            scores[criterion.id] = _score(criteria, criterion, grade, evidence, reason)
        except InvalidInput as fault:
            faults[criterion.id] = (
                sentence_of(fault)
                if grade
                else gettext("Choose a grade too, else this is not kept.")
            )
    return Read(scores, faults)


def absent(names: Iterable[str]) -> dict[str, str]:
    """Return the fault of each criterion that still has no grade."""
    return {name: gettext("Choose a grade.") for name in names}


def drafted(criterion: str, typed: MultiDict[str, str]) -> Score:
    """Read what stands beside one criterion, finished or not.

    Raises
    ------
    InvalidInput
        ``evidence_unknown``.
    """
    return Score(
        typed.get(f"grade-{criterion}", "").strip(),
        _evidence(typed.get(f"evidence-{criterion}", "").strip()),
        typed.get(f"reason-{criterion}", ""),
    )


def blamed(form: Any, fault: OffsetError) -> dict[str, str]:
    """Put missing grades at their criteria, any other refusal where it belongs."""
    if fault.code == "scores_missing":
        return absent(cast("tuple[str, ...]", fault.parameters["missing"]))
    blame(form, fault)
    return {}


def chosen(text: str) -> uuid.UUID:
    """Read which seat was chosen; none is as good as an unknown one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _score(
    criteria: Criteria, criterion: Criterion, grade: str, evidence: str, reason: str
) -> Score:
    if len(reason) > _LONGEST_REASON:
        raise InvalidInput("too_long", longest=_LONGEST_REASON)
    score = Score(grade, None if criterion.gate else _evidence(evidence), reason)
    criteria.check(criterion.id, score)
    return score


def _typed(criterion: Criterion, typed: MultiDict[str, str]) -> tuple[str, str, str]:
    return (
        typed.get(f"grade-{criterion.id}", ""),
        typed.get(f"evidence-{criterion.id}", ""),
        typed.get(f"reason-{criterion.id}", ""),
    )


def _kept(score: Score | None) -> tuple[str, str, str]:
    if score is None:
        return "", "", ""
    return score.grade, score.evidence.value if score.evidence else "", score.reason


def _evidence(typed: str) -> Evidence | None:
    try:
        return Evidence(typed) if typed else None
    except ValueError:
        raise InvalidInput("evidence_unknown") from None
