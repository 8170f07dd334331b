"""How are grades put to a reviewer, and read back from what was ticked?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from offset.errors import InvalidInput
from offset.projects.criteria import Criteria, Criterion, Score
from offset.projects.models import Evidence

_LONGEST_REASON: Final = 4_000


@dataclass(frozen=True)
class Asked:
    """A criterion before somebody: its grades, what was ticked, what others ticked."""

    criterion: Criterion
    grade: str
    evidence: str
    reason: str
    others: tuple[tuple[str, Score], ...] = ()


@dataclass(frozen=True)
class Group:
    """The criteria of one kind, in the order of the set."""

    kind: str
    criteria: tuple[Asked, ...]


def asked(
    criteria: Criteria,
    kept: Mapping[str, Score],
    typed: MultiDict[str, str] | None,
    others: Mapping[str, Mapping[str, Score]],
) -> tuple[Group, ...]:
    """Return the criteria by kind, filled with what was typed or else with what is kept."""
    groups: dict[str, list[Asked]] = {}
    for criterion in criteria.criteria:
        groups.setdefault(criterion.kind, []).append(_asked(criterion, kept, typed, others))
    return tuple(Group(kind, tuple(members)) for kind, members in groups.items())


def read(criteria: Criteria, typed: MultiDict[str, str]) -> dict[str, Score]:
    """Read the grades that were ticked; a criterion without one is left out.

    Raises
    ------
    InvalidInput
        ``evidence_unknown`` or ``too_long``.
    """
    scores = {}
    for criterion in criteria.criteria:
        grade = typed.get(f"grade-{criterion.id}", "")
        if not grade:
            continue
        reason = typed.get(f"reason-{criterion.id}", "").strip()
        if len(reason) > _LONGEST_REASON:
            raise InvalidInput("too_long", field=f"reason-{criterion.id}", longest=_LONGEST_REASON)
        evidence = _evidence(typed.get(f"evidence-{criterion.id}", ""), criterion.id)
        scores[criterion.id] = Score(grade, None if criterion.gate else evidence, reason)
    return scores


def _asked(
    criterion: Criterion,
    kept: Mapping[str, Score],
    typed: MultiDict[str, str] | None,
    others: Mapping[str, Mapping[str, Score]],
) -> Asked:
    beside = tuple(
        (name, scores[criterion.id]) for name, scores in others.items() if criterion.id in scores
    )
    if typed is not None:
        return Asked(
            criterion,
            typed.get(f"grade-{criterion.id}", ""),
            typed.get(f"evidence-{criterion.id}", ""),
            typed.get(f"reason-{criterion.id}", ""),
            beside,
        )
    score = kept.get(criterion.id)
    if score is None:
        return Asked(criterion, "", "", "", beside)
    evidence = score.evidence.value if score.evidence else ""
    return Asked(criterion, score.grade, evidence, score.reason, beside)


def _evidence(typed: str, criterion: str) -> Evidence | None:
    if not typed:
        return None
    try:
        return Evidence(typed)
    except ValueError:
        raise InvalidInput("evidence_unknown", field=f"evidence-{criterion}") from None
