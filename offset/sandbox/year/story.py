"""How is the invented year lived? Month by month, through the verbs that people use.

Pledges are made, the processor's lists are caught up with, projects are paid, the banks' files
are imported and matched, a clerk confirms the rest, and the treasurer closes the month. Whatever
the machine matched by itself, and whatever one key would have confirmed, is held against the
truth. A month that does not agree to the cent cannot be closed, and the year stops there.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.giving import allocations, catch_up, donations, pledges, refund_rows, refunds
from offset.giving.models import Refund
from offset.ledger import balances, chart
from offset.money import Money
from offset.people import settings, users
from offset.people.access import SYSTEM, Actor, Role
from offset.projects import queries as projects
from offset.sandbox import known as organisations
from offset.sandbox.year import slips
from offset.sandbox.year.oracle import Answer, Score, Truth, is_right, offered
from offset.sandbox.year.papers import LAYOUT, Paper, written
from offset.sandbox.year.plan import ACCOUNTS, NUMBERS, Gift, Year
from offset.sandbox.year.processor import YearProcessor
from offset.sandbox.year.transfers import Transfer, Way
from offset.treasury import (
    bank_rules,
    disbursements,
    mappings,
    month,
    payees,
    payouts,
    periods,
    reconciliation,
    screen,
    statements,
)
from offset.treasury.combining import Together
from offset.treasury.matching import Kind, Proposal
from offset.treasury.models import (
    BankLine,
    BankStatement,
    CheckOutcome,
    Disbursement,
    Match,
    MatchItem,
    StripePayout,
)
from offset.treasury.ports import StatementLine, StatementReader
from offset.treasury.reconciliation import Part

_AT_ONCE: Final = 250
_PAYEE: Final = "FR1420041010050500013M02606"
_WRITES: Final[Mapping[Way, Callable[[str, random.Random], str]]] = {
    Way.EXACT: slips.exact,
    Way.SPACED: slips.spaced,
    Way.ONE_WRONG: slips.one_wrong,
    Way.SWAPPED: slips.swapped,
    Way.LETTER_LOST: slips.lost,
    Way.IN_PARTS: slips.exact,
    Way.TWICE: slips.exact,
}


@dataclass(frozen=True)
class Staff:
    """Who works at the desk."""

    clerk: Actor
    treasurer: Actor
    approver: Actor
    admin: Actor


@dataclass(frozen=True, kw_only=True)
class MonthDone:
    """What a closed month came to."""

    starts_on: date
    lines: int
    automatic: int
    one_key: int
    by_hand: int
    gaps: Mapping[str, Money]


@dataclass
class Lived:
    """What the year came to."""

    score: Score = field(default_factory=Score)
    months: list[MonthDone] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Say whether the year is what it must be."""
        whole = not any(gap for month in self.months for gap in month.gaps.values())
        return whole and not self.faults and not self.score.wrong and self.score.per_mille >= 980  # noqa: PLR2004 - 98 in a hundred


@dataclass(frozen=True)
class _Due:
    """A line that a bank will write, and what it truly is."""

    line: StatementLine
    truth: Truth


def staff(database: Database, *, at: datetime) -> Staff:
    """Invite the people of the desk."""

    def one(name: str, role: Role) -> Actor:
        user_id = database.run(
            users.invite,
            actor=SYSTEM,
            at=at,
            email=f"{name}.year@demo.example",
            name=f"{name.title()} of the year",
            roles=frozenset({role}),
        )
        return Actor(user_id, frozenset({role}))

    return Staff(
        one("clerk", Role.CLERK),
        one("treasurer", Role.TREASURER),
        one("approver", Role.APPROVER),
        one("admin", Role.ADMINISTRATOR),
    )


class Story:
    """One year in one set of books."""

    def __init__(
        self,
        database: Database,
        reader: StatementReader,
        year: Year,
        people: Staff,
        *,
        mails: bool = True,
    ) -> None:
        self.database = database
        self.reader = reader
        self.year = year
        self.people = people
        self.processor = YearProcessor(year, mails=mails)
        self.dice = random.Random(year.seed + 1)  # noqa: S311 - a story, no secret
        self.lived = Lived()
        self.due: defaultdict[str, list[_Due]] = defaultdict(list)
        self.balance = {code: Money(0, currency) for currency, code in ACCOUNTS.items()}
        self.number: defaultdict[str, int] = defaultdict(int)
        self.truths: dict[tuple[str, int, int], Truth] = {}
        self.told: dict[tuple[str, int, int], Truth] = {}
        self.payments: list[uuid.UUID] = []
        self.pledged: dict[str, uuid.UUID] = {}
        self.referred = 0

    def prepare(self, *, accounts: Sequence[str] = tuple(ACCOUNTS)) -> None:
        """Begin the books of the banks, the mapping of the table and the rules."""
        at = _at(self.year.first - timedelta(days=1), 9)
        for currency in accounts:
            code = ACCOUNTS[currency]
            self.database.run(
                statements.register_account,
                actor=SYSTEM,
                at=at,
                code=code,
                number=NUMBERS[code],
                holder="Fund for Living Soils (invented)",
                opened_on=utc_day(at),
                opening=self.balance[code],
            )
        self.database.run(mappings.save, actor=SYSTEM, at=at, account="B3", layout=LAYOUT)
        self.database.run(
            bank_rules.write,
            actor=self.people.clerk,
            at=at,
            name="Interest of the bank",
            books="interest",
            words=["interets crediteurs", "interest"],
            ceiling=Money(5_000, "EUR"),
            reason="The bank pays interest each quarter",
        )
        self.database.run(
            bank_rules.write,
            actor=self.people.clerk,
            at=at,
            name="Account fee in dollars",
            books="bank_fee",
            words=["monthly account fee"],
            ceiling=Money(2_000, "USD"),
            reason="The bank takes it each month",
        )
        self.database.run(
            settings.change,
            "two_people_from",
            dict.fromkeys(ACCOUNTS, 50_000),
            actor=self.people.admin,
            at=at,
            reason="One limit for every currency",
        )

    def live(self, told: Callable[[MonthDone], None] = lambda _: None) -> Lived:
        """Live every month, and close it."""
        for first, last in self.year.months():
            done = self.month(first, last)
            self.lived.months.append(done)
            told(done)
        return self.lived

    def month(self, first: date, last: date, *, close: bool = True) -> MonthDone:
        """Live one month: gifts, payments, the processor, the banks, the desk."""
        self._pay_projects(first)
        self._pledge([gift for gift in self.year.gifts if first <= gift.at.date() <= last])
        self._promise(
            [one for one in self.year.transfers if first <= one.promised_at.date() <= last]
        )
        at = _at(last + timedelta(days=1), 6)
        self._catch_up(at)
        self._bank_lines(first, last)
        before = self.lived.score.answers.copy()
        for on in self._closings(first, last):
            self._statements(on, at, last)
        self._match(at)
        gaps = self._gaps()
        if close:
            self._explain(first, at)
            self.database.run(periods.close, actor=self.people.treasurer, at=at, starts_on=first)
        after = self.lived.score.answers
        return MonthDone(
            starts_on=first,
            lines=sum(after.values()) - sum(before.values()),
            automatic=after[Answer.AUTOMATIC] - before[Answer.AUTOMATIC],
            one_key=after[Answer.ONE_KEY] - before[Answer.ONE_KEY],
            by_hand=after[Answer.BY_HAND] - before[Answer.BY_HAND],
            gaps=gaps,
        )

    # gifts

    def _pledge(self, gifts: Sequence[Gift]) -> None:
        for start in range(0, len(gifts), _AT_ONCE):
            self.database.run(self._pledge_some, gifts[start : start + _AT_ONCE])

    def _pledge_some(self, session: Session, gifts: Sequence[Gift]) -> None:
        names = (*donations.SETTINGS, "amount_limits")
        known = donations.JustRead(
            settings=settings.several(session, *dict.fromkeys(names)), guarded=False
        )
        for gift in gifts:
            project_id = self._project(session, gift) if gift.directed else None
            pledged = donations.pledge(
                session,
                at=gift.at,
                amount=gift.amount,
                language=("en", "fr", "es")[gift.number % 3],
                project_id=project_id,
                known=known,
            )
            self.processor.pledges[gift.number] = pledged.donation_id

    def _project(self, session: Session, gift: Gift) -> uuid.UUID | None:
        open_now = projects.fundable(session, gift.at.date())
        return open_now[gift.number % min(3, len(open_now))].project_id if open_now else None

    def _promise(self, transfers: Sequence[Transfer]) -> None:
        for one in transfers:
            made = [self._promise_one(one, amount) for amount in one.promises]
            self._send(one, made)

    def _promise_one(self, one: Transfer, amount: Money) -> pledges.Promised:
        return self.database.run(
            pledges.promise,
            at=one.promised_at,
            amount=amount,
            language="fr",
            account=pledges.Account("Fund for Living Soils (invented)", NUMBERS["B1"]),
            email=one.email,
            name=one.name,
            random=self.dice.randbytes,
        )

    def _send(self, one: Transfer, made: Sequence[pledges.Promised]) -> None:
        if one.way is Way.TWO_AT_ONCE:
            text = " ".join(promised.reference for promised in made)
        elif one.way in _WRITES:
            text = _WRITES[one.way](made[0].reference, self.dice)
        else:
            text = slips.absent("", self.dice)
        kind = Kind.GIFT if made else Kind.UNIDENTIFIED
        subjects = tuple(promised.pledge_id for promised in made)
        truth = Truth(kind, subjects, one.promises, one.way.value)
        for on, amount in zip(one.booked_on, one.amounts, strict=True):
            line = StatementLine(
                amount=amount,
                booked_on=on,
                value_on=on,
                bank_reference=self._reference() if self.dice.random() < 0.9 else None,  # noqa: PLR2004 - most banks give one
                text=text,
                counterparty=one.payer,
                counterparty_iban=one.iban,
            )
            self.due[ACCOUNTS[one.currency]].append(_Due(line, truth))

    def _reference(self) -> str:
        self.referred += 1
        return f"Y{self.year.seed}B{self.referred:06d}"

    # the processor

    def _catch_up(self, at: datetime) -> None:
        self.processor.now = at
        catch_up.catch_up(
            self.database,
            self.processor,
            at=at,
            since=at - timedelta(days=36),
            payouts=catch_up.PayoutDesk(payouts.on_payout, payouts.unfinished),
        )
        with self.database.reading() as session:
            external = session.scalars(
                select(Refund.id).where(Refund.external, Refund.decided_by.is_(None))
            ).all()
        for refund_id in external:
            self.database.run(
                refund_rows.accept,
                actor=self.people.treasurer,
                at=at,
                refund_id=refund_id,
                reason="Asked for by the donor",
            )
        refunds.source_pending(self.database, at=at)

    # projects

    def _pay_projects(self, first: date) -> None:
        """Pay what large gifts of the months before brought to projects."""
        for gift in self.year.gifts:
            given = self.processor.pledges.get(gift.number)
            if gift.directed and given is not None and gift.at.date() < first:
                self.database.run(allocations.allocate_one, given, at=_at(first, 8))
        wanted = -(-self.year.scale.payments // self.year.scale.months)
        at = _at(first + timedelta(days=2), 9)
        with self.database.reading() as session:
            payable = projects.fundable(session, at.date())[:3]
            free = {
                one.project_id: balances.held(session, chart.project(one.code, "EUR"))
                for one in payable
            }
        open_now = list(free)
        for number, project_id in enumerate(open_now * wanted):
            held = free[project_id].minor
            amount = Money(min(held, 30_000 + 1_111 * number), "EUR")
            if amount.minor >= 10_000 and number < wanted:  # noqa: PLR2004 - a payment worth making
                free[project_id] -= amount
                self._pay(project_id, amount, at + timedelta(minutes=number))

    def _pay(self, project_id: uuid.UUID, amount: Money, at: datetime) -> None:
        clerk, approver = self.people.clerk, self.people.approver
        with self.database.reading() as session:
            known = payees.current(session, project_id)
        self.database.run(organisations.know, actor=clerk, at=at, project_id=project_id)
        if known is None:
            payee = self.database.run(
                payees.enter,
                actor=clerk,
                at=at,
                project_id=project_id,
                holder="Association of the year (invented)",
                account=payees.read_account(number=_PAYEE),
                explanation="It keeps the accounts of several invented projects",
            )
            self.database.run(
                payees.check,
                actor=approver,
                at=at,
                beneficiary_id=payee,
                outcome=CheckOutcome.VERIFIED,
                note="Called the number we had before",
            )
        payment = self.database.run(
            disbursements.prepare,
            actor=clerk,
            at=at,
            project_id=project_id,
            amount=amount,
            purpose="Instalment",
        )
        self.database.run(
            disbursements.approve,
            actor=approver,
            at=at + timedelta(hours=1),
            disbursement_id=payment,
        )
        self._pay_lines(payment, amount, at.date())

    def _pay_lines(self, payment: uuid.UUID, amount: Money, on: date) -> None:
        with self.database.reading() as session:
            number = session.get_one(Disbursement, payment).number
        days = self.dice.randrange(1, 5)
        out = StatementLine(
            amount=-amount,
            booked_on=on + timedelta(days=days),
            value_on=on + timedelta(days=days),
            bank_reference=self._reference(),
            end_to_end_id=number if self.dice.random() < 0.8 else None,  # noqa: PLR2004 - most banks hand it on
            text=f"VIREMENT EMIS {number}",
            counterparty="Association of the year (invented)",
        )
        self.due["B1"].append(_Due(out, Truth(Kind.DISBURSEMENT, (payment,))))
        if self.dice.random() < 0.1:  # noqa: PLR2004 - one in ten comes back
            later = out.booked_on + timedelta(days=6)
            back = StatementLine(
                amount=amount,
                booked_on=later,
                value_on=later,
                bank_reference=self._reference(),
                end_to_end_id=number,
                text=f"RETOUR VIREMENT {number} COMPTE CLOS",
                reversal=True,
            )
            self.due["B1"].append(_Due(back, Truth(Kind.DISBURSEMENT_RETURN, (payment,))))

    # the banks

    def _bank_lines(self, first: date, last: date) -> None:
        for own in self.year.own:
            if first <= own.on <= last:
                line = StatementLine(
                    amount=own.amount,
                    booked_on=own.on,
                    value_on=own.on,
                    bank_reference=self._reference(),
                    text=own.text,
                )
                why = "interest" if own.amount.minor > 0 else ""
                truth = Truth(Kind.BANK_FEE, why=why)
                self.due[ACCOUNTS[own.amount.currency]].append(_Due(line, truth))
        with self.database.reading() as session:
            known = {one.payout_id: one.id for one in session.scalars(select(StripePayout))}
        for payout in self.year.payouts:
            amount = self.processor.amount_of(payout)
            if amount is None or not first <= payout.at.date() <= last:
                continue
            payout_id = self.processor.payout_id(payout)
            named = payout.says in {"reference", "both"}
            line = StatementLine(
                amount=amount,
                booked_on=payout.booked_on,
                value_on=payout.booked_on,
                bank_reference=self._reference(),
                end_to_end_id=payout_id if named else None,
                text="STRIPE PAYMENTS EUROPE" if payout.says != "reference" else "VIREMENT RECU",
                counterparty="STRIPE PAYMENTS EUROPE LTD",
            )
            truth = Truth(Kind.PAYOUT, (known[payout_id],))
            self.due[ACCOUNTS[payout.currency]].append(_Due(line, truth))

    def _closings(self, first: date, last: date) -> Iterator[date]:
        """Close the euro account's statements each week, every account's at the month's end."""
        day = first + timedelta(days=6)
        while not self.year.scale.swept and day < last - timedelta(days=2):
            yield day
            day += timedelta(days=7)
        yield last

    def _statements(self, on: date, at: datetime, last: date) -> None:
        for code in ACCOUNTS.values():
            if code != "B1" and on != last:
                continue
            due = sorted(
                (one for one in self.due[code] if one.line.booked_on <= on),
                key=lambda one: one.line.booked_on,
            )
            self.due[code] = [one for one in self.due[code] if one.line.booked_on > on]
            self.number[code] += 1
            paper = written(
                code,
                NUMBERS[code],
                number=self.number[code],
                opening=self.balance[code],
                lines=[one.line for one in due],
                on=on,
            )
            for place, one in enumerate(due, start=1):
                self.balance[code] += one.line.amount
                self.truths[code, self.number[code], place] = one.truth
                self.told[code, self.number[code], place] = one.truth
            self.lived.papers.append(paper)
            self._import(paper, at)

    def _import(self, paper: Paper, at: datetime) -> None:
        with self.database.reading() as session:
            sheet = mappings.sheet(session, paper.account)
        self.database.run(
            reconciliation.import_statement,
            actor=self.people.clerk,
            at=at,
            data=paper.data,
            name=paper.name,
            read=self.reader.read(paper.data, sheet),
        )

    # the desk

    def _match(self, at: datetime) -> None:
        """Judge what was matched by itself, then let the clerk do the rest."""
        for code in ACCOUNTS.values():
            self._judge(code)
            while self._confirm_some(code, at):
                self.database.run(reconciliation.match_certain, actor=self.people.clerk, at=at)
                self._judge(code)

    def _judge(self, code: str) -> None:
        """Hold every automatic match that was not judged yet against the truth."""
        with self.database.reading() as session:
            rows = session.execute(
                select(BankStatement.position, BankLine.number, Match.kind, Match.subject_id)
                .join(BankLine, BankLine.statement_id == BankStatement.id)
                .join(MatchItem, MatchItem.line_id == BankLine.id)
                .join(Match, Match.id == MatchItem.match_id)
                .where(BankLine.account_id == statements.account_by_code(session, code).id)
                .where(Match.automatic)
            ).all()
        for position, number, kind, subject in rows:
            truth = self.truths.pop((code, position, number), None)
            if truth is None:
                continue
            right = is_right(truth, kind, subject)
            told = f"{code}/{position}/{number}: {kind.value}, truly {truth.kind.value} {truth.why}"
            self.lived.score.note(truth, Answer.AUTOMATIC if right else Answer.WRONG, told)

    def _confirm_some(self, code: str, at: datetime) -> int:
        """Confirm what the screen offers where it is the truth, else what is true, by hand."""
        with self.database.reading() as session:
            account = statements.account_by_code(session, code)
            proposals = reconciliation.proposals_of(session, account)
            together = reconciliation.combinations_of(session, account)
            places = {
                line_id: (position, number)
                for line_id, position, number in session.execute(
                    select(BankLine.id, BankStatement.position, BankLine.number)
                    .join(BankStatement, BankStatement.id == BankLine.statement_id)
                    .where(BankLine.id.in_(proposals))
                )
            }
        for line_id, found in proposals.items():
            truth = self.truths.pop((code, *places[line_id]), None)
            if truth is None:
                continue
            easy = offered(truth, found, together.get(line_id, ()))
            self.lived.score.note(truth, Answer.BY_HAND if easy is None else Answer.ONE_KEY)
            self._confirm(line_id, truth, easy, at)
        return len(proposals)

    def _confirm(
        self,
        line_id: uuid.UUID,
        truth: Truth,
        easy: Proposal | Together | None,
        at: datetime,
    ) -> None:
        parts = [
            Part(kind=truth.kind, subject_id=subject, amount=amount)
            for subject, amount in zip(truth.subjects, truth.amounts, strict=False)
        ]
        if len(parts) <= 1:
            subject = truth.subjects[0] if truth.subjects else None
            rule_id = easy.rule_id if isinstance(easy, Proposal) else None
            parts = [Part(kind=truth.kind, subject_id=subject, rule_id=rule_id)]
        self.database.run(
            reconciliation.confirm_together,
            actor=self.people.clerk,
            at=at,
            line_ids=[line_id],
            parts=parts,
        )

    def _explain(self, first: date, at: datetime) -> None:
        """Say in writing why money stands between two places for longer than it should."""
        with self.database.reading() as session:
            found = month.look(session, first, on=at.date())
        for item in found.items:
            if item.open and item.code == "clearing":
                self.database.run(
                    periods.explain,
                    actor=self.people.clerk,
                    at=at,
                    starts_on=first,
                    item=item.key,
                    text="Looked at one by one: each waits for the giver or for the bank",
                )

    def _gaps(self) -> dict[str, Money]:
        """Return what is missing to the identity of each account, and to each clearing account."""
        found = {}
        with self.database.reading() as session:
            for currency, code in ACCOUNTS.items():
                account = statements.account_by_code(session, code)
                identity = screen.bank_identity(session, account)
                found[code] = identity.gap
                found[f"{code} unbooked"] = identity.unbooked
                found[f"payouts {currency}"] = screen.payout_identity(session, currency).gap
        return found


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
