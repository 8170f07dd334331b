"""What happened before the demonstration opened? A season of true acts, dated before today.

Everything goes through the verbs that people use: accounts, projects, gifts paid at the
stand-in, allocation runs, a payout, a bank statement, payments. Nothing is written beside them.
"""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from calculators.flight.itinerary import Itinerary, Leg, estimate
from offset.clock import utc_day
from offset.database.session import Database
from offset.giving import (
    allocations,
    donations,
    epochs,
    estimates,
    processor_events,
    withdrawals,
)
from offset.giving.models import Overflow
from offset.giving.ports import CheckoutGateway, EventReader
from offset.ledger import checkpoints, rates
from offset.money import Money
from offset.people import settings, users
from offset.people.access import SYSTEM, Actor, Role
from offset.people.models import User
from offset.projects import queries as projects
from offset.projects.models import Project
from offset.projects.ports import FileStore
from offset.sandbox import (
    demo_back,
    demo_bank,
    demo_bank_life,
    demo_committee,
    demo_ended,
    demo_field,
    demo_life,
    demo_month,
    demo_payees,
    demo_projects,
    demo_public,
    demo_year,
    known,
)
from offset.sandbox.stripe.control import Control
from offset.treasury import disbursements, payees, payouts, reconciliation, statements
from offset.treasury.models import CheckOutcome, Disbursement, StripePayout
from offset.treasury.ports import StatementLine, StatementReader

PASSWORD: Final = "demo-only-password"  # noqa: S105 - printed at every start, works on loopback only
BANK_ACCOUNT: Final = "FR7630006000011234567890189"  # an example number of the French standard
STATEMENT: Final = "demo-statement.xml"
_SEASON_DAYS: Final = 70
_FOUNDED_DAYS: Final = 1000
_SEED: Final = 4


@dataclass(frozen=True)
class Account:
    """Somebody the demonstration lets in."""

    name: str
    full_name: str
    what: str
    roles: frozenset[Role]
    affiliation: str | None = None

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.name}@demo.example"


ACCOUNTS: Final = (
    Account("donor", "Dana Donor", "a donor", frozenset()),
    Account("steward", "Stella Steward", "runs projects", frozenset({Role.STEWARD})),
    Account(
        "reviewer",
        "Remi Reviewer",
        "member of the committee",
        frozenset({Role.STC_MEMBER}),
        "Institute of Soils (invented)",
    ),
    Account(
        "reviewer2",
        "Rosa Reviewer",
        "member of the committee",
        frozenset({Role.STC_MEMBER}),
        "University of the Plains (invented)",
    ),
    Account(
        "rapporteur",
        "Rafael Rapporteur",
        "leads assessments",
        frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}),
        "Academy of Agronomy (invented)",
    ),
    Account("clerk", "Clara Clerk", "imports, matches, prepares", frozenset({Role.CLERK})),
    Account("treasurer", "Tom Treasurer", "approves, closes", frozenset({Role.TREASURER})),
    Account("approver", "Ada Approver", "approves or refuses", frozenset({Role.APPROVER})),
    Account("admin", "Ali Admin", "people and settings", frozenset({Role.ADMINISTRATOR})),
    Account("auditor", "Aud Auditor", "reads everything", frozenset({Role.AUDITOR})),
)
_TRIPS: Final = (
    ("CDG", "JNB"),
    ("ORY", "NCE"),
    ("LHR", "NBO"),
    ("MAD", "MEX"),
    ("CDG", "NIM"),
    ("FRA", "LUN"),
    ("GVA", "TNR"),
    ("CDG", "ABJ"),
)
# Most travellers give for one flight; now and then a club or a firm gives for a year of them.
_AMOUNTS: Final = (
    *(1000, 2500, 3000, 4900, 5500, 6000, 7300, 8000, 12000, 18500),
    *(150_000, 240_000, 420_000),
)
_NAMES: Final = ("Ana", "Bruno", "Chloé", "David", "Elena", "Farid", "Grace", "Hugo", "Inès", "Jun")


@dataclass(frozen=True, kw_only=True)
class World:
    """What the history needs of the house, and the levers of the stand-in."""

    database: Database
    checkout: CheckoutGateway
    events: EventReader
    statements: StatementReader
    control: Control
    public_url: str
    data_dir: Path
    files: FileStore


def is_empty(database: Database) -> bool:
    """Say whether nobody lives here yet."""
    with database.reading() as session:
        return session.scalar(select(User.id).limit(1)) is None


def load(world: World, *, now: datetime) -> None:
    """Tell the season before ``now``."""
    start = now - timedelta(days=_SEASON_DAYS)
    founded = now - timedelta(days=_FOUNDED_DAYS)
    people = {
        account.name: Actor(
            world.database.run(
                users.invite,
                actor=SYSTEM,
                at=founded,
                email=account.email,
                name=account.full_name,
                roles=account.roles,
                affiliation=account.affiliation,
                password=PASSWORD,
            ),
            account.roles,
        )
        for account in ACCOUNTS
    }
    _open_books(world, people, start)
    demo_projects.load_projects(world.database, start=now, files=world.files)
    carried = demo_year.live(world.database, world.statements, people, season=start)
    story = _Story(world, people, now, carried)
    story.tell()
    demo_month.tell(demo_month.Desk(world.database, world.statements, people), now=now)
    story.read_the_last_file()
    world.database.run(demo_committee.load, at=now)
    world.database.run(demo_field.load, steward=people["steward"], at=now)


def _open_books(world: World, people: Mapping[str, Actor], at: datetime) -> None:
    """Name the receiver, publish the sentences, and take in the rates of the day."""
    database = world.database
    database.run(rates.keep, rates.read(rates.shipped().splitlines()), at=at)
    database.run(
        settings.change,
        "issuer",
        {
            "legal_name": "Fund for Living Soils (invented)",
            "country": "France",
            "address": "1 rue de la Démonstration, 34000 Montpellier",
            "regime": "NONE",
        },
        actor=people["admin"],
        at=at,
        reason="Demonstration",
    )
    database.run(
        settings.change,
        "rate",
        settings.DEFAULTS["rate"],
        actor=people["admin"],
        at=at,
        reason="Demonstration: 50.00 EUR a tonne, no price of stored carbon",
    )


class _Story:
    """The season, day by day. Each act carries the instant at which it happened."""

    def __init__(
        self, world: World, people: Mapping[str, Actor], now: datetime, carried: demo_year.Carried
    ) -> None:
        self.world = world
        self.database = world.database
        self.people = people
        self.now = now.replace(minute=0, second=0, microsecond=0)
        self.dice = random.Random(_SEED)  # noqa: S311 - a story, no secret
        self.bank_balance = carried.balance
        self.sequence = carried.sequence
        self.paid: list[tuple[str, Money, str]] = []
        self.unread = b""

    def tell(self) -> None:
        """Tell it in the order in which it happened."""
        self._run_allocation(69, "First weights, by the board")
        self._gifts(range(68, 42, -2))
        first = self._payout(41)
        self._statement(38, [self._payout_line(first, 39), self._unexplained(39)])
        self._reconcile(37)
        self._pay_projects(36)
        self._statement(33, self._payment_lines(34))
        self._reconcile(32)
        self._state_the_month_before(33)
        self._gifts(range(31, 21, -1))
        self._run_allocation(21, "Same weights, fresh gaps")
        self._gifts(range(20, 6, -2))
        second = self._payout(6)
        self._gifts(range(5, 1, -1))
        self._prepare_payment(1)
        self.database.run(demo_payees.tell, people=self.people, at=self.now)
        self._end_a_project()
        self._money_back()
        self.database.run(demo_life.spend, clerk=self.people["clerk"], start=self.now)
        self.database.run(
            demo_public.tell, people=self.people, start=self.now, email="donor@demo.example"
        )
        self.world.data_dir.mkdir(parents=True, exist_ok=True)
        self.unread = self._written(
            demo_bank_life.lines(self.database, at=self._day(2)), self._day(1)
        )
        self._write_statement_for_the_visitor([self._payout_line(second, 3), self._bank_charge(2)])
        self._seal(0)

    def _state_the_month_before(self, stated: int) -> None:
        """Let the bank state the end of the month that the desk closed, unless it has."""
        ended = demo_month.last_whole(self.now) - timedelta(days=1)
        days_ago = (self.now.date() - ended).days
        if days_ago < stated:
            self._statement(days_ago, [])

    def read_the_last_file(self) -> None:
        """Import what the bank wrote last, and do a part of the work it makes."""
        self.database.run(
            statements.take_in,
            actor=self.people["clerk"],
            at=self.now,
            data=self.unread,
            name="statement-last.xml",
            statements=self.world.statements.read(self.unread),
        )
        demo_bank_life.work(self.database, self.people, at=self.now)

    def _money_back(self) -> None:
        """Let a bank ask about a payment, and a refund wait for a second person."""
        till = demo_back.Till(
            self.database,
            self.world.checkout,
            self.world.control,
            self.world.public_url,
            self._deliver,
        )
        demo_back.tell(
            till,
            self.people["clerk"],
            opened=self._day(2, 15),
            given=self._day(2, 17),
            asked=self._day(1, 9),
        )

    def _end_a_project(self) -> None:
        """Let a project receive a gift and be withdrawn; what was not paid goes to others."""
        project_id = demo_ended.begin(self.database, start=self.now, files=self.world.files)
        self._gift(self._day(1, 14), project_id)
        self.database.run(demo_ended.end, project_id=project_id, at=self._day(1, 20))
        withdrawals.take_back_pending(self.database, at=self._day(1, 21))

    def _seal(self, days_ago: int) -> None:
        self.database.run(checkpoints.take, at=self._day(days_ago, 23))

    def _day(self, days_ago: int, hour: int = 10, minute: int = 0) -> datetime:
        day = self.now - timedelta(days=days_ago)
        return min(day.replace(hour=hour, minute=minute), self.now)

    # gifts

    def _gifts(self, days: range) -> None:
        for days_ago in days:
            for _n in range(self.dice.choice((1, 1, 2))):
                at = self._day(days_ago, self.dice.randrange(6, 21), self.dice.randrange(60))
                self._gift(at)
            self._seal(days_ago)

    def _gift(self, at: datetime, wanted: uuid.UUID | None = None) -> None:
        trip = self.dice.choice(_TRIPS)
        language = self.dice.choice(("en", "fr", "es"))
        name = self.dice.choice(_NAMES)
        amount = Money(self.dice.choice(_AMOUNTS), "EUR")
        project_id = wanted
        if wanted is None and self.dice.random() < 0.4:  # noqa: PLR2004 - two in five choose
            project_id = self._favourite(at)
        estimate_id = self.database.run(_keep_estimate, trip, at=at)
        pledged = self.database.run(
            donations.pledge,
            at=at,
            amount=amount,
            language=language,
            project_id=project_id,
            overflow=Overflow.POOL,
            estimate_id=estimate_id,
        )
        opened = donations.to_checkout(
            self.database,
            self.world.checkout,
            pledged,
            title="Contribution to soil projects",
            success_url=f"{self.world.public_url}/gift/{pledged.token}?paid={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{self.world.public_url}/contribute",
            at=at,
        )
        number = self.dice.randrange(1000)
        self.world.control.pay(
            opened.session_id,
            email=f"traveller{number}@demo.example" if number % 7 else "donor@demo.example",
            name=f"{name} (invented)",
            created=at + timedelta(minutes=2),
        )
        self._deliver(at + timedelta(minutes=3))

    def _favourite(self, at: datetime) -> uuid.UUID | None:
        with self.database.reading() as session:
            open_now = projects.fundable(session, utc_day(at))
        return self.dice.choice(open_now).project_id if open_now else None

    def _deliver(self, at: datetime) -> None:
        """Take the stand-in's notices as if they had just come over the wire."""
        for parcel in self.world.control.collect(at):
            processor_events.receive(
                self.database,
                self.world.events,
                parcel.raw,
                parcel.signature,
                at=at,
                on_payout=payouts.on_payout,
            )

    # allocation

    def _run_allocation(self, days_ago: int, reason: str) -> None:
        at = self._day(days_ago, 9)
        with self.database.reading() as session:
            open_now = projects.fundable(session, utc_day(at))
        weights = {one.project_id: 1 + place % 3 for place, one in enumerate(open_now)}
        clerk, treasurer = self.people["clerk"], self.people["treasurer"]
        policy_id = self.database.run(
            epochs.propose_policy, actor=clerk, at=at, weights=weights, reason=reason
        )
        at += timedelta(minutes=30)
        self.database.run(epochs.approve_policy, policy_id, actor=treasurer, at=at)
        epoch_id = self.database.run(epochs.propose_epoch, actor=clerk, at=at)
        at += timedelta(minutes=30)
        self.database.run(epochs.approve_epoch, epoch_id, actor=treasurer, at=at)
        allocations.allocate_pending(self.database, at=at)

    # the bank

    def _payout(self, days_ago: int) -> str:
        at = self._day(days_ago, 4)
        told = self.world.control.payout(created=at)
        self._deliver(at + timedelta(minutes=5))
        return str(told["id"])

    def _payout_line(self, payout: str, days_ago: int) -> StatementLine:
        with self.database.reading() as session:
            row = session.scalars(
                select(StripePayout).where(StripePayout.payout_id == payout)
            ).one()
            amount = Money(row.amount, row.currency)
        on = utc_day(self._day(days_ago))
        return StatementLine(
            amount=amount,
            booked_on=on,
            value_on=on,
            bank_reference=f"BNK-{payout[-6:]}",
            text="STRIPE PAYMENTS EUROPE",
            counterparty="STRIPE PAYMENTS EUROPE LTD",
            end_to_end_id=payout,
        )

    def _unexplained(self, days_ago: int) -> StatementLine:
        on = utc_day(self._day(days_ago))
        return StatementLine(
            amount=Money(2000, "EUR"),
            booked_on=on,
            value_on=on,
            bank_reference="BNK-GIFT-1",
            text="VIR DON SOLS VIVANTS",
            counterparty="M. LEROUX (invented)",
        )

    def _bank_charge(self, days_ago: int) -> StatementLine:
        on = utc_day(self._day(days_ago))
        return StatementLine(
            amount=Money(-850, "EUR"),
            booked_on=on,
            value_on=on,
            bank_reference="BNK-FEE-2",
            text="FRAIS TENUE DE COMPTE",
        )

    def _payment_lines(self, days_ago: int) -> list[StatementLine]:
        on = utc_day(self._day(days_ago))
        return [
            StatementLine(
                amount=-amount,
                booked_on=on,
                value_on=on,
                bank_reference=f"BNK-{number}",
                end_to_end_id=number,
                text=f"VIREMENT {number}",
                counterparty=holder,
            )
            for number, amount, holder in self.paid
        ]

    def _statement(self, days_ago: int, lines: list[StatementLine]) -> None:
        data = self._written(lines, self._day(days_ago))
        self.database.run(
            statements.take_in,
            actor=self.people["clerk"],
            at=self._day(days_ago, 14),
            data=data,
            name=f"statement-{self.sequence}.xml",
            statements=self.world.statements.read(data),
        )

    def _written(self, lines: list[StatementLine], at: datetime) -> bytes:
        self.sequence += 1
        opening = self.bank_balance
        for line in lines:
            self.bank_balance += line.amount
        return demo_bank.write_statement(
            account=BANK_ACCOUNT,
            sequence=self.sequence,
            opening=opening,
            closing=self.bank_balance,
            lines=lines,
            at=at,
        )

    def _write_statement_for_the_visitor(self, lines: list[StatementLine]) -> None:
        """Leave the next statement for whoever wants to close the month."""
        (self.world.data_dir / STATEMENT).write_bytes(self._written(lines, self._day(1)))

    def _reconcile(self, days_ago: int) -> None:
        clerk = self.people["clerk"]
        at = self._day(days_ago, 15)
        self.database.run(reconciliation.match_certain, actor=clerk, at=at)

    # payments

    def _pay_projects(self, days_ago: int) -> None:
        at = self._day(days_ago, 9)
        clerk, treasurer = self.people["clerk"], self.people["treasurer"]
        for project_id, _title, amount in self._richest(3, at):
            self.database.run(known.know, actor=clerk, at=at, project_id=project_id)
            with self.database.reading() as session:
                holder = known.own_name(session, project_id)
            payee = self.database.run(
                payees.enter,
                actor=clerk,
                at=at,
                project_id=project_id,
                holder=holder,
                account=payees.read_account(number="DE89370400440532013000"),
            )
            self.database.run(
                payees.check,
                actor=treasurer,
                at=at,
                beneficiary_id=payee,
                outcome=CheckOutcome.VERIFIED,
                note="Called the organisation on its registered number",
            )
            payment = self.database.run(
                disbursements.prepare,
                actor=clerk,
                at=at + timedelta(hours=1),
                project_id=project_id,
                amount=amount,
                purpose="First instalment",
            )
            self.database.run(
                disbursements.approve,
                actor=treasurer,
                at=at + timedelta(hours=2),
                disbursement_id=payment,
            )
            self.paid.append((self._number(payment), amount, holder))

    def _prepare_payment(self, days_ago: int) -> None:
        """Leave one payment for the approver."""
        at = self._day(days_ago, 9)
        clerk = self.people["clerk"]
        # the list of these days came in before it, and before the one that tells of whom we pay
        listed = at - timedelta(days=2)
        for project_id, _holder, amount in self._richest(1, at, paid_before=True):
            self.database.run(known.know, actor=clerk, at=listed, project_id=project_id)
            self.database.run(
                disbursements.prepare,
                actor=clerk,
                at=at,
                project_id=project_id,
                amount=amount,
                purpose="Second instalment",
            )

    def _richest(
        self, count: int, at: datetime, *, paid_before: bool = False
    ) -> list[tuple[uuid.UUID, str, Money]]:
        """Return the projects that hold most, with what may be paid of it."""
        found = []
        with self.database.reading() as session:
            for one in projects.fundable(session, utc_day(at)):
                project = session.get_one(Project, one.project_id)
                checked = payees.current(session, project.id) is not None
                free = disbursements.allowance(session, project, "EUR").free
                if checked is paid_before and free > Money(3000, "EUR"):
                    found.append((project.id, f"{project.title[:40]} (invented)", free))
        found.sort(key=lambda one: -one[2].minor)
        return [
            (key, name, Money(free.minor // 1000 * 1000, "EUR"))
            for key, name, free in found[:count]
        ]

    def _number(self, payment: uuid.UUID) -> str:
        with self.database.reading() as session:
            return str(session.get_one(Disbursement, payment).number)


def _keep_estimate(session: Session, trip: tuple[str, str], *, at: datetime) -> uuid.UUID:
    origin, destination = trip
    result: dict[str, Any] = estimate(
        Itinerary((Leg(origin, destination), Leg(destination, origin)))
    ).as_json()
    method = result["method"]
    return estimates.keep(
        session,
        query={
            "legs": [
                {"origin": origin, "destination": destination, "cabin": "economy"},
                {"origin": destination, "destination": origin, "cabin": "economy"},
            ],
            "travellers": 1,
        },
        result_json=result,
        method=method["id"],
        version=method["version"],
        dataset=method["dataset"],
        at=at,
    )
