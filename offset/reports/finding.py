"""Which things does a word name: an id, a number, a reference, an amount, an address, a name?

The word decides by its shape what is looked for, so that a wrong guess costs nothing. Each kind
of thing has the right that opens it: what somebody may not see is not found either.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import InvalidInput
from offset.giving import references
from offset.giving.models import (
    AllocationRow,
    AnnualReceipt,
    BankPledge,
    Contributor,
    Dispute,
    Donation,
    ProcessorEvent,
    Receipt,
    ReceiptDocument,
    RecurringGift,
    Refund,
    StripeBalanceTransaction,
)
from offset.ledger import chart
from offset.ledger.models import Account, Entry, EntrySeal
from offset.money import EXPONENTS, Money, parse_money
from offset.people.access import Actor, Right, may
from offset.people.models import User
from offset.projects.models import (
    Admission,
    Application,
    Decision,
    Measurement,
    Organisation,
    Outcome,
    Project,
    Projection,
    ProjectUpdate,
)
from offset.projects.public_models import Concern
from offset.reports import trail_entries, trail_promises
from offset.reports import trail_steps as steps
from offset.reports.trail_steps import Step
from offset.treasury.models import (
    BankAccount,
    BankFile,
    BankLine,
    BankStatement,
    Beneficiary,
    Disbursement,
    ManualEntry,
    MatchItem,
    PayoutStatus,
    StripePayout,
)
from offset.treasury.names import fold

LONGEST: Final = 200
MOST: Final = 20
_SHORTEST_NAME: Final = 3
# What each kind asks for; the others are open to whoever reads the journal.
RIGHT_OF: Final[Mapping[str, Right]] = {
    "donor": Right.SEE_DONORS,
    "person": Right.SEE_AUDIT,
    "concern": Right.HANDLE_CONCERN,
}
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://\S+")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_PROCESSOR: Final = re.compile(r"(?:txn|ch|py|pi|cs|po|re|pyr|dp|du|in|evt|sub|cus)_[A-Za-z0-9_]+")
_BEGINNING: Final = re.compile(r"(?:DON|DISB)-[A-Z0-9-]{3,}")
_RECEIPT: Final = re.compile(r"(\d{4})-(\d{1,9})")
_ACCOUNT: Final = re.compile(r"(?:Assets|Liabilities|Equity|Income|Expenses):[\w:-]+")
_AMOUNT: Final = re.compile(r"\D{0,6}\d(?:.{0,38}\d)?\D{0,6}")
_MINUS: Final = re.compile("[-\N{MINUS SIGN}\N{EN DASH}+]")
_NUMBER: Final = re.compile(r"[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}", re.IGNORECASE)
# Letters that may carry a mark of their own: Elodie is Élodie.
_MARKED: Final = frozenset("aceiglnosuyzdhkrt")
_LOOKED_AT: Final = 500
_CURRENCIES: Final = ("EUR", "USD", "GBP", "CHF")


def allowed(actor: Actor, kind: str) -> bool:
    """Say whether somebody may see things of a kind."""
    return may(actor, RIGHT_OF.get(kind, Right.SEE_JOURNAL))


def find(session: Session, actor: Actor, text: str) -> tuple[Step, ...]:
    """Find what a word names, at most twenty of a kind, kind by kind.

    Raises
    ------
    InvalidInput
        ``too_long``.
    """
    word = " ".join(text.replace("\x00", "").split())
    if _LINK.fullmatch(word):
        word = urlsplit(word).path.rstrip("/").rpartition("/")[2]
    if len(word) > LONGEST:
        raise InvalidInput("too_long", field="q", longest=LONGEST)
    if not word:
        return ()
    found: dict[tuple[str, str], Step] = {}
    for looks_like, look in _SHAPES:
        if looks_like(word):
            for one in look(session, actor, word):
                if allowed(actor, one.kind):
                    found.setdefault((one.kind, one.id), one)
    return tuple(found.values())


def _is(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda word: pattern.fullmatch(word) is not None


def _by_uuid(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    key = uuid.UUID(word)
    yield from trail_entries.entries(session, Entry.id == key)
    yield from steps.gifts(session, Donation.id == key)
    yield from trail_promises.pledges(session, BankPledge.id == key)
    yield from trail_promises.monthly(session, RecurringGift.id == key)
    yield from steps.receipts(session, Receipt.id == key)
    yield from steps.annual_receipts(session, AnnualReceipt.id == key)
    yield from steps.payouts(session, StripePayout.id == key)
    yield from steps.lines(session, BankLine.id == key)
    yield from steps.statements(session, or_(BankStatement.id == key, BankFile.id == key))
    yield from steps.payments(session, Disbursement.id == key)
    yield from steps.projects(session, or_(Project.id == key, Project.organisation_id == key))
    yield from steps.decisions(session, Decision.id == key)
    yield from steps.admissions(session, Admission.id == key)
    yield from steps.refunds(session, Refund.id == key)
    yield from _by_hand(session, ManualEntry.id == key)
    yield from _donors(session, Contributor.id == key)
    yield from _people(session, User.id == key)
    yield from _concerns(session, Concern.id == key)
    yield from _by_part(session, key)


def _by_part(session: Session, key: uuid.UUID) -> Iterable[Step]:
    """Find what a part belongs to: a match to its line, a share of a run to its allocation."""
    matched = select(MatchItem.line_id).where(or_(MatchItem.match_id == key, MatchItem.id == key))
    yield from steps.lines(session, BankLine.id.in_(matched))
    yield from steps.allocations(
        session, or_(AllocationRow.id == key, AllocationRow.epoch_id == key)
    )[:MOST]
    yield from steps.gifts(session, Donation.estimate_id == key)
    yield from steps.payments(session, Disbursement.beneficiary_id == key)
    parts = (Application, Beneficiary, Measurement, Outcome, Projection, ProjectUpdate)
    of_project = union_all(*(select(part.project_id).where(part.id == key) for part in parts))
    yield from steps.projects(session, Project.id.in_(of_project))
    accounts = session.scalars(select(BankAccount.code).where(BankAccount.id == key))
    yield from (one for code in accounts for one in _accounts(session, chart.bank(code)))


def _by_token(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    """Find what a giver's own link leads to: its last part is sent in by whoever asks for help."""
    yield from steps.gifts(session, Donation.token == word)
    yield from trail_promises.pledges(session, BankPledge.token == word)
    yield from trail_promises.monthly(session, RecurringGift.token == word)
    yield from steps.receipts(session, Receipt.token == word)
    yield from steps.annual_receipts(session, AnnualReceipt.token == word)


def _by_hash(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    sealed = select(EntrySeal.entry_id).where(EntrySeal.hash == bytes.fromhex(word))
    yield from trail_entries.entries(session, Entry.id.in_(sealed))
    yield from steps.statements(session, BankFile.sha256 == word.lower())
    drawn = select(ReceiptDocument.receipt_id).where(ReceiptDocument.sha256 == word.lower())
    yield from steps.receipts(
        session, or_(Receipt.facts_sha256 == word.lower(), Receipt.id.in_(drawn))
    )


def _at_processor(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    yield from steps.movements(
        session,
        or_(StripeBalanceTransaction.id == word, StripeBalanceTransaction.source_id == word),
    )
    yield from steps.gifts(
        session,
        or_(
            Donation.charge_id == word,
            Donation.payment_intent_id == word,
            Donation.session_id == word,
            Donation.invoice_id == word,
        ),
    )
    yield from trail_promises.monthly(
        session, or_(RecurringGift.subscription_id == word, RecurringGift.customer_id == word)
    )
    yield from steps.payouts(session, StripePayout.payout_id == word)
    yield from steps.refunds(session, Refund.processor_id == word)
    yield from steps.disputes(session, or_(Dispute.dispute_id == word, Dispute.charge_id == word))
    yield from _events(session, word)


def _by_reference(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    named = {*references.references_in(word), *references.slips_in(word), word.upper()}
    monthly = select(RecurringGift.id).where(RecurringGift.reference.in_(named))
    pledged = select(BankPledge.id).where(BankPledge.reference.in_(named))
    yield from steps.gifts(
        session,
        or_(
            Donation.reference.in_(named),
            Donation.recurring_gift_id.in_(monthly),
            Donation.bank_pledge_id.in_(pledged),
        ),
    )
    # A promise for which nothing came yet; else its gifts tell more.
    promised = BankPledge.reference.in_(named), RecurringGift.reference.in_(named)
    yield from _unpaid(session, *promised)
    yield from steps.payments(session, Disbursement.number == word.upper())
    if _BEGINNING.fullmatch(word.upper()):
        # whoever reads a number over the telephone gives its beginning
        begun = word.upper()
        yield from steps.gifts(session, Donation.reference.startswith(begun, autoescape=True))
        yield from _unpaid(
            session,
            BankPledge.reference.startswith(begun, autoescape=True),
            RecurringGift.reference.startswith(begun, autoescape=True),
        )
        yield from steps.payments(session, Disbursement.number.startswith(begun, autoescape=True))
    yield from steps.projects(session, or_(Project.code == word.upper(), Project.slug == word))
    yield from trail_entries.entries(session, Entry.idem_key == word)
    traced = select(PayoutStatus.payout_id).where(PayoutStatus.trace_id == word)
    yield from steps.payouts(session, StripePayout.id.in_(traced))
    if word.upper() in session.scalars(select(BankAccount.code)).all():
        yield from _accounts(session, chart.bank(word.upper()))
    yield from steps.statements(session, BankStatement.reference == word)
    yield from steps.lines(
        session,
        or_(
            BankLine.bank_reference == word,
            BankLine.end_to_end_id == word,
            BankLine.creditor_reference == word,
        ),
    )
    yield from _concerns(session, Concern.reference == word.upper())


def _unpaid(
    session: Session, pledged: ColumnElement[bool], monthly: ColumnElement[bool]
) -> Iterable[Step]:
    found = (
        *trail_promises.pledges(session, pledged),
        *trail_promises.monthly(session, monthly),
    )
    yield from (one for one in found if not one.leads)


def _by_number(session: Session, actor: Actor, word: str) -> Iterable[Step]:
    """Find what an account number is: ours, a payee's, or a giver's for those who may see them."""
    number = word.replace(" ", "").upper()
    for code in session.scalars(select(BankAccount.code).where(BankAccount.number == number)):
        yield from _accounts(session, chart.bank(code))
    payee = select(Beneficiary.id).where(Beneficiary.number == number)
    yield from steps.payments(session, Disbursement.beneficiary_id.in_(payee))[-MOST:]
    if allowed(actor, "donor"):
        yield from steps.lines(session, BankLine.counterparty_iban == number)[-MOST:]


def _by_receipt(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    year, number = (int(part) for part in word.split("-"))
    yield from steps.receipts(session, Receipt.year == year, Receipt.number == number)
    yield from steps.annual_receipts(
        session, AnnualReceipt.year == year, AnnualReceipt.number == number
    )


def _by_account(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    yield from _accounts(session, word)


def _accounts(session: Session, word: str) -> Iterable[Step]:
    rows = session.execute(select(Account.code, Account.name).where(Account.code == word))
    for code, name in rows:
        yield Step(kind="account", id=code, name=f"{code} {name}")


def _by_amount(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    sums = _sums(word)
    if not sums:
        return
    newest = steps.gifts(
        session,
        or_(
            *(_is_sum(Donation.amount, Donation.currency, one) for one in sums),
            *(_is_sum(Donation.gross, Donation.settled_currency, one) for one in sums),
        ),
    )
    yield from newest[-MOST:]
    yield from steps.lines(
        session,
        or_(*(_is_sum(func.abs(BankLine.amount), BankLine.currency, one) for one in sums)),
    )[-MOST:]
    yield from steps.payments(
        session, or_(*(_is_sum(Disbursement.amount, Disbursement.currency, one) for one in sums))
    )[-MOST:]
    yield from steps.payouts(
        session, or_(*(_is_sum(StripePayout.amount, StripePayout.currency, one) for one in sums))
    )[-MOST:]


def _by_address(session: Session, _actor: Actor, word: str) -> Iterable[Step]:
    yield from _donors(session, Contributor.email == word.casefold())
    yield from _people(session, User.email == word.casefold())


def _by_name(session: Session, actor: Actor, word: str) -> Iterable[Step]:
    if allowed(actor, "donor"):
        yield from _donors(session, _called(session, Contributor.id, Contributor.name, word))
        yield from steps.lines(session, _called(session, BankLine.id, BankLine.counterparty, word))[
            -MOST:
        ]
    yield from _people(session, _called(session, User.id, User.name, word))
    named = _called(session, Organisation.id, Organisation.name, word)
    theirs = Project.organisation_id.in_(select(Organisation.id).where(named))
    yield from steps.projects(
        session, or_(_called(session, Project.id, Project.title, word), theirs)
    )[:MOST]


def _called(session: Session, key: Any, name: Any, word: str) -> ColumnElement[bool]:
    """Name the things that are called so: each word somewhere, in any order, without accents."""
    words = word.split()
    rows = session.execute(
        select(key, name)
        .where(*(name.ilike(_loose(one), escape="\\") for one in words))
        .order_by(key.desc())
        .limit(_LOOKED_AT)
    )
    wanted = [fold(one) for one in words]
    found = [one for one, told in rows if all(part in fold(told or "") for part in wanted)]
    return cast("ColumnElement[bool]", key.in_(found[:MOST]))


def _loose(word: str) -> str:
    """Write a pattern that leaves room for accents; what it finds is read again."""
    told = "".join(
        "_" if one in _MARKED or not one.isascii() else f"\\{one}" if one in "%_\\" else one
        for one in word.lower()
    )
    return f"%{told}%"


def _donors(session: Session, wanted: ColumnElement[bool]) -> Iterable[Step]:
    rows = session.scalars(
        select(Contributor).where(wanted).order_by(Contributor.id.desc()).limit(MOST)
    )
    for row in rows:
        yield Step(kind="donor", id=str(row.id), name=row.name or "", on=utc_day(row.created_at))


def _people(session: Session, wanted: ColumnElement[bool]) -> Iterable[Step]:
    rows = session.scalars(select(User).where(wanted).order_by(User.id).limit(MOST))
    for row in rows:
        yield Step(kind="person", id=str(row.id), name=row.name or "", on=utc_day(row.created_at))


def _concerns(session: Session, wanted: ColumnElement[bool]) -> Iterable[Step]:
    for row in session.scalars(select(Concern).where(wanted).limit(MOST)):
        yield Step(
            kind="concern",
            id=str(row.id),
            name=row.reference,
            on=utc_day(row.received_at),
            note=row.status.value,
        )


def _by_hand(session: Session, wanted: ColumnElement[bool]) -> Iterable[Step]:
    for row in session.scalars(select(ManualEntry).where(wanted).limit(MOST)):
        yield Step(
            kind="manual",
            id=str(row.id),
            name=row.recipe.value,
            on=row.effective_on,
            amount=Money(row.amount, row.currency),
        )


def _events(session: Session, word: str) -> Iterable[Step]:
    row = session.get(ProcessorEvent, word)
    if row is not None:
        yield Step(
            kind="event",
            id=row.event_id,
            name=row.kind,
            on=utc_day(row.received_at),
            note=row.state.value,
        )


def _sums(word: str) -> list[Money]:
    """Read an amount in the currency it names, else in each of ours."""
    told = _MINUS.sub("", word, count=1) if _MINUS.match(word.lstrip("€$£ ")) else word
    named = [code for code in EXPONENTS if code in word.upper()]
    found = []
    for currency in named or _CURRENCIES:
        try:
            found.append(parse_money(told, currency))
        except InvalidInput:
            continue
    return [one for one in found if one.minor < _LARGEST]


# What a column of money can hold.
_LARGEST: Final = 2**63


def _is_sum(amount: Any, currency: Any, wanted: Money) -> ColumnElement[bool]:
    return and_(amount == wanted.minor, currency == wanted.currency)


_SHAPES: Final[tuple[tuple[Callable[[str], bool], Callable[..., Iterable[Step]]], ...]] = (
    (_is(_UUID), _by_uuid),
    (_is(_HASH), _by_hash),
    (_is(_TOKEN), _by_token),
    (_is(_PROCESSOR), _at_processor),
    (_is(_RECEIPT), _by_receipt),
    (_is(_ACCOUNT), _by_account),
    (_is(_NUMBER), _by_number),
    (lambda word: "@" in word, _by_address),
    (lambda word: len(word) > 1 and "@" not in word, _by_reference),
    (_is(_AMOUNT), _by_amount),
    (
        lambda word: len(word) >= _SHORTEST_NAME and any(one.isalpha() for one in word),
        _by_name,
    ),
)
