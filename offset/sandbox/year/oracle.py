"""What is each line of the bank truly, and did the machine and the clerk's one key say the same?"""

import enum
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from offset.money import Money
from offset.treasury.combining import Together
from offset.treasury.matching import Kind, Proposal


@dataclass(frozen=True)
class Truth:
    """What a line is: one thing, or several with their amounts.

    Without a subject it is what the kind says: a charge, interest, or money of a stranger.
    """

    kind: Kind
    subjects: tuple[uuid.UUID, ...] = ()
    amounts: tuple[Money, ...] = ()
    why: str = ""


class Answer(enum.StrEnum):
    """How a line was explained."""

    AUTOMATIC = "automatic"
    ONE_KEY = "one_key"
    BY_HAND = "by_hand"
    WRONG = "wrong"


@dataclass
class Score:
    """How many lines were explained in which way, and what was got wrong."""

    answers: Counter[Answer] = field(default_factory=Counter)
    by_why: Counter[tuple[str, Answer]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, truth: Truth, answer: Answer, told: str = "") -> None:
        """Count one line."""
        self.answers[answer] += 1
        self.by_why[truth.why or truth.kind.value, answer] += 1
        if answer is Answer.WRONG:
            self.wrong.append(told)

    @property
    def lines(self) -> int:
        """All lines."""
        return sum(self.answers.values())

    @property
    def easy(self) -> int:
        """Lines that took no more than one key."""
        return self.answers[Answer.AUTOMATIC] + self.answers[Answer.ONE_KEY]

    @property
    def per_mille(self) -> int:
        """The easy lines out of a thousand, rounded down."""
        return self.easy * 1000 // max(1, self.lines)


_NAMELESS: Final = frozenset({Kind.BANK_FEE, Kind.UNIDENTIFIED})


def is_right(truth: Truth, kind: Kind, subject: uuid.UUID | None) -> bool:
    """Say whether one thing is what a line truly is."""
    if truth.kind is not kind:
        return False
    return kind in _NAMELESS or (len(truth.subjects) == 1 and truth.subjects[0] == subject)


def offered(
    truth: Truth, proposals: Sequence[Proposal], together: Sequence[Together]
) -> Proposal | Together | None:
    """Return what the screen offers first, if that is the truth."""
    best = proposals[0]
    if best.candidate_id is None and together:
        first = together[0]
        parts = {subject for _, subject, _ in first.parts}
        return first if parts == set(truth.subjects) else None
    return best if is_right(truth, best.kind, best.candidate_id) else None


def table(score: Score) -> Mapping[str, Mapping[str, int]]:
    """Return the counts by what the line truly was."""
    found: dict[str, dict[str, int]] = {}
    for (why, answer), count in sorted(score.by_why.items()):
        found.setdefault(why, {})[answer.value] = count
    return found
