"""Which lines of the bank does the secretary explain by a rule, up to how much, and since when?

A rule names words and a ceiling and says what a line with them is: a charge, or interest. It only
proposes; a person presses the button. Each change is a new version that says who and why, and what
was confirmed by an older one stays as it was.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.money import Money
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.treasury.locks import hold
from offset.treasury.matching import Line, Rule, rule_word
from offset.treasury.models import BankAccount, BankLine, BankRule

BOOKS: Final = ("bank_fee", "interest")
# Above this a charge is never a matter of rules.
HIGHEST: Final = 50_000
_LONGEST: Final = 80
_MOST_WORDS: Final = 20
_SHORTEST: Final = 3
_PREVIEWED: Final = 200


@dataclass(frozen=True)
class Preview:
    """A line that a rule would have taken, for the page that shows it before it is written."""

    line_id: uuid.UUID
    amount: Money
    text: str
    words: str


@dataclass(frozen=True)
class RuleView:
    """A rule that holds, for the page that lists them."""

    rule_id: uuid.UUID
    version: int
    name: str
    books: str
    words: tuple[str, ...]
    ceiling: Money
    reason: str


def listed(session: Session) -> tuple[RuleView, ...]:
    """Return the rules that hold, by name."""
    return tuple(
        RuleView(
            rule_id=one.rule_id,
            version=one.version,
            name=one.name,
            books=one.books,
            words=tuple(one.words),
            ceiling=Money(one.ceiling, one.currency),
            reason=one.reason,
        )
        for one in rules(session)
    )


def rules(session: Session, *, currency: str | None = None) -> tuple[BankRule, ...]:
    """Return the newest version of every rule that holds, by name."""
    newest = (
        select(BankRule.rule_id, func.max(BankRule.version).label("version"))
        .group_by(BankRule.rule_id)
        .subquery()
    )
    wanted = (
        select(BankRule)
        .join(
            newest,
            (newest.c.rule_id == BankRule.rule_id) & (newest.c.version == BankRule.version),
        )
        .where(BankRule.active)
        .order_by(BankRule.name, BankRule.rule_id)
    )
    if currency is not None:
        wanted = wanted.where(BankRule.currency == currency)
    return tuple(session.scalars(wanted))


def for_matching(session: Session, currency: str) -> tuple[Rule, ...]:
    """Return the rules of a currency as matching asks for them."""
    return tuple(_rule(row) for row in rules(session, currency=currency))


def history(session: Session, rule_id: uuid.UUID) -> tuple[BankRule, ...]:
    """Return every version of a rule, oldest first."""
    return tuple(
        session.scalars(
            select(BankRule).where(BankRule.rule_id == rule_id).order_by(BankRule.version)
        )
    )


def write(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    books: str,
    words: Sequence[str],
    ceiling: Money,
    reason: str,
    rule_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Write a rule, or the next version of one, and return the rule's id.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``rule_name_missing``, ``rule_books_unknown``, ``rule_words``, ``rule_ceiling``,
        ``reason_missing``.
    NotFound
        ``rule_unknown``.
    """
    require(actor, Right.MATCH)
    told = _words(words)
    if not name.strip():
        raise InvalidInput("rule_name_missing", field="name")
    if books not in BOOKS:
        raise InvalidInput("rule_books_unknown", field="books")
    if not 0 < ceiling.minor <= HIGHEST:
        highest = Money(HIGHEST, ceiling.currency)
        raise InvalidInput("rule_ceiling", field="ceiling", highest=highest)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    return _keep(
        session,
        actor=actor,
        at=at,
        rule_id=rule_id,
        name=name.strip()[:_LONGEST],
        books=books,
        words=told,
        ceiling=ceiling,
        active=True,
        reason=reason.strip(),
    )


def stop(session: Session, *, actor: Actor, at: datetime, rule_id: uuid.UUID, reason: str) -> None:
    """Stop a rule: a last version that proposes nothing any more.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``reason_missing``.
    NotFound
        ``rule_unknown``.
    Refused
        ``rule_stopped`` already.
    """
    require(actor, Right.MATCH)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    last = _last(session, rule_id)
    if not last.active:
        raise Refused("rule_stopped")
    _keep(
        session,
        actor=actor,
        at=at,
        rule_id=rule_id,
        name=last.name,
        books=last.books,
        words=tuple(last.words),
        ceiling=Money(last.ceiling, last.currency),
        active=False,
        reason=reason.strip(),
    )


def preview(
    session: Session, *, books: str, words: Sequence[str], ceiling: Money
) -> tuple[Preview, ...]:
    """Return the lines of the bank that a rule would have taken so far, newest first.

    Raises
    ------
    InvalidInput
        ``rule_words``.
    """
    told = _words(words)
    rule = Rule(
        id=uuid.UUID(int=0), name="", words=told, ceiling=ceiling, money_in=books == "interest"
    )
    rows = session.scalars(
        select(BankLine)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .where(
            BankLine.currency == ceiling.currency,
            (BankLine.amount > 0) if rule.money_in else (BankLine.amount < 0),
            func.abs(BankLine.amount) <= ceiling.minor,
        )
        .order_by(BankLine.booked_on.desc(), BankLine.id)
    )
    found = []
    for row in rows:
        line = Line(
            id=row.id,
            amount=Money(row.amount, row.currency),
            booked_on=row.booked_on,
            text=row.text,
            payer=row.counterparty or "",
        )
        word = rule_word(rule, line)
        if word:
            found.append(Preview(row.id, line.amount, row.text, word))
        if len(found) == _PREVIEWED:
            break
    return tuple(found)


def takes(rule: BankRule, line: BankLine, amount: Money) -> bool:
    """Say whether a version of a rule takes a line, or a part of it."""
    asked = Line(
        id=line.id,
        amount=amount,
        booked_on=line.booked_on,
        text=line.text,
        payer=line.counterparty or "",
    )
    return bool(rule_word(_rule(rule), asked))


def _rule(row: BankRule) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        words=tuple(row.words),
        ceiling=Money(row.ceiling, row.currency),
        money_in=row.books == "interest",
    )


def _words(words: Sequence[str]) -> tuple[str, ...]:
    told = tuple(dict.fromkeys(" ".join(word.split())[:_LONGEST] for word in words if word.strip()))
    letters = [sum(letter.isalnum() for letter in word) for word in told]
    if not told or len(told) > _MOST_WORDS or min(letters) < _SHORTEST:
        raise InvalidInput("rule_words", field="words")
    return told


def _last(session: Session, rule_id: uuid.UUID) -> BankRule:
    hold(session, f"bank rule {rule_id}")
    found = history(session, rule_id)
    if not found:
        raise NotFound("rule_unknown")
    return found[-1]


def _keep(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    rule_id: uuid.UUID | None,
    name: str,
    books: str,
    words: Sequence[str],
    ceiling: Money,
    active: bool,
    reason: str,
) -> uuid.UUID:
    version = 1 if rule_id is None else _last(session, rule_id).version + 1
    row_id = uuid7(at)
    kept = rule_id or row_id
    session.add(
        BankRule(
            id=row_id,
            rule_id=kept,
            version=version,
            name=name,
            books=books,
            words=list(words),
            currency=ceiling.currency,
            ceiling=ceiling.minor,
            active=active,
            reason=reason,
            written_at=at,
            written_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="bank_rule.written" if active else "bank_rule.stopped",
        object_type="bank_rule",
        object_id=kept,
        details={"version": version, "name": name, "ceiling": str(ceiling)},
    )
    return kept
