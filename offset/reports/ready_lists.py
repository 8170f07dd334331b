"""Which lists does an auditor ask for first? Each is one query, as a page and as a file.

Everything that a person did by hand, late, twice or alone; who could do what on a day; whether
each payment rested on a decision of its day; whether a receipt number is missing.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any, Final

from sqlalchemy import Text, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    AnnualReceipt,
    Receipt,
    ReceiptCounter,
    Refund,
    RefundKeepingDecision,
)
from offset.ledger.models import (
    Entry,
    Period,
    PeriodReopening,
    PeriodReopeningApproval,
)
from offset.people.installation import ACCEPTING
from offset.people.installation_models import OpeningAsk
from offset.people.models import AuditEvent, RoleGrant, Setting, User
from offset.projects.models import Decision, Project
from offset.projects.public_models import Concern
from offset.reports.listings import (
    NUMBER,
    Column,
    Listing,
    Row,
    amount,
    day_of,
    stream,
    told,
)
from offset.reports.rows import Span
from offset.treasury.models import (
    Beneficiary,
    BeneficiaryCheck,
    Disbursement,
    DisbursementDecision,
    ManualEntry,
    ManualEntryDecision,
)
from offset.treasury.unidentified_models import UnidentifiedDecision

_PREPARED: Final = aliased(User)
_DECIDED: Final = aliased(User)
# What of an account's number is shown: enough to tell two apart.
_TAIL: Final = 4


def _by_hand(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(ManualEntry, ManualEntryDecision, _PREPARED.name, _DECIDED.name)
        .outerjoin(ManualEntryDecision, ManualEntryDecision.manual_entry_id == ManualEntry.id)
        .outerjoin(_PREPARED, _PREPARED.id == ManualEntry.prepared_by)
        .outerjoin(_DECIDED, _DECIDED.id == ManualEntryDecision.decided_by)
        .where(ManualEntry.effective_on.between(span.since, span.until))
        .order_by(ManualEntry.effective_on, ManualEntry.id)
    )
    for row, said, prepared, decided in stream(session, wanted):
        yield (
            str(row.id), str(row.effective_on), row.recipe.value, row.currency,
            amount(row.amount, row.currency), row.reason, prepared or "",
            told(row.prepared_at), decided or "", said.outcome.value if said else "waits",
            told(said.entry_id if said else None),
        )  # fmt: skip


def _late(session: Session, span: Span) -> Iterator[Row]:
    """List entries of a month that were recorded after its last day."""
    wanted = (
        select(Entry.id, Entry.effective_on, Entry.recorded_at, Entry.kind, Period.ends_on,
               Entry.idem_key, User.name)
        .join(Period, Entry.effective_on.between(Period.starts_on, Period.ends_on))
        .outerjoin(User, User.id == Entry.actor_id)
        .where(
            Entry.effective_on.between(span.since, span.until),
            day_of(session, Entry.recorded_at) > cast(Period.ends_on, Text()),
        )
        .order_by(Entry.effective_on, Entry.id)
    )  # fmt: skip
    for entry_id, on, recorded, kind, ends_on, key, name in stream(session, wanted):
        days = (recorded.astimezone(UTC).date() - ends_on).days
        yield (
            str(entry_id), str(on), told(recorded), str(ends_on), str(days), kind, key, name or ""
        )  # fmt: skip


def _reversals(session: Session, span: Span) -> Iterator[Row]:
    undone = aliased(Entry)
    wanted = (
        select(Entry, undone.kind, undone.effective_on, User.name)
        .join(undone, undone.id == Entry.reverses_id)
        .outerjoin(User, User.id == Entry.actor_id)
        .where(Entry.effective_on.between(span.since, span.until))
        .order_by(Entry.effective_on, Entry.id)
    )
    for row, kind, on, name in stream(session, wanted):
        yield (
            str(row.id), str(row.effective_on), str(row.reverses_id), kind, str(on),
            row.memo or "", name or "",
        )  # fmt: skip


def _two_people(session: Session, span: Span) -> Iterator[Row]:
    """List every act of two people that was finished in these days, and whether they are two."""
    acts = union_all(*_acts()).subquery()
    day = day_of(session, acts.c.at)
    wanted = (
        select(acts, _PREPARED.name, _DECIDED.name)
        .outerjoin(_PREPARED, _PREPARED.id == acts.c.first_id)
        .outerjoin(_DECIDED, _DECIDED.id == acts.c.second_id)
        .where(day >= str(span.since), day <= str(span.until))
        .order_by(acts.c.at, acts.c.act, acts.c.thing_id)
    )
    for act, thing, outcome, first, second, at, prepared, decided in stream(session, wanted):
        two = "yes" if first != second else "no"
        yield act, str(thing), outcome, prepared or "", decided or "", told(at), two


def _acts() -> tuple[Any, ...]:
    def act(name: str, thing: Any, outcome: Any, *rest: Any) -> Any:
        first, second, at = rest
        return select(
            literal(name).label("act"),
            thing.label("thing_id"),
            outcome.label("outcome"),
            first.label("first_id"),
            second.label("second_id"),
            at.label("at"),
        )

    paid, checked, said = DisbursementDecision, BeneficiaryCheck, ManualEntryDecision
    back, kept = UnidentifiedDecision, RefundKeepingDecision
    # several may have asked; whoever agreed is held against one of the others
    asked = select(OpeningAsk.asked_by).where(OpeningAsk.version == Setting.version)
    other = func.coalesce(
        asked.where(OpeningAsk.asked_by != Setting.set_by)
        .order_by(OpeningAsk.asked_at)
        .limit(1)
        .scalar_subquery(),
        Setting.set_by,
    )
    return (
        act("payment", paid.disbursement_id, _word(paid.outcome), paid.prepared_by,
            paid.approved_by, paid.decided_at),
        act("payee_account", checked.beneficiary_id, _word(checked.outcome), checked.entered_by,
            checked.checked_by, checked.checked_at),
        act("entry_by_hand", said.manual_entry_id, _word(said.outcome), said.prepared_by,
            said.decided_by, said.decided_at).where(said.two_people),
        act("allocation_rule", AllocationPolicy.id, literal("approved"),
            AllocationPolicy.proposed_by, AllocationPolicy.approved_by,
            AllocationPolicy.approved_at).where(AllocationPolicy.approved_at.is_not(None)),
        act("allocation_run", AllocationEpoch.id, literal("approved"),
            AllocationEpoch.proposed_by, AllocationEpoch.approved_by,
            AllocationEpoch.opened_at).where(AllocationEpoch.approved_by.is_not(None)),
        act("month_reopened", PeriodReopeningApproval.reopening_id, literal("approved"),
            PeriodReopening.asked_by, PeriodReopeningApproval.approved_by,
            PeriodReopeningApproval.approved_at)
        .join(PeriodReopening, PeriodReopening.id == PeriodReopeningApproval.reopening_id),
        act("refund", Refund.id, _word(Refund.state), Refund.prepared_by, Refund.decided_by,
            Refund.decided_at).where(Refund.two_people, Refund.decided_by.is_not(None)),
        act("return_to_giver", back.answer_id,
            case((back.approved, literal("approved")), else_=literal("refused")),
            back.prepared_by, back.decided_by, back.decided_at).where(back.two_people),
        act("refund_kept", kept.keeping_id,
            case((kept.approved, literal("approved")), else_=literal("refused")),
            kept.prepared_by, kept.decided_by, kept.decided_at).where(kept.two_people),
        act("concern_closed", Concern.id, _word(Concern.finding), Concern.proposed_by,
            Concern.closed_by, Concern.closed_at).where(Concern.closed_at.is_not(None)),
        act("site_opened", Setting.id, literal("approved"), other, Setting.set_by, Setting.set_at)
        .where(Setting.name == ACCEPTING, asked.exists()),
    )  # fmt: skip


def _accounts(session: Session, span: Span) -> Iterator[Row]:
    """List the accounts of payees that were entered, with the one each takes the place of."""
    before = (
        func.lag(Beneficiary.number)
        .over(
            partition_by=Beneficiary.project_id, order_by=(Beneficiary.entered_at, Beneficiary.id)
        )
        .label("before")
    )
    each = select(
        Beneficiary.id.label("id"),
        before,
        func.row_number()
        .over(
            partition_by=Beneficiary.project_id, order_by=(Beneficiary.entered_at, Beneficiary.id)
        )
        .label("n"),
    ).subquery()
    day = day_of(session, Beneficiary.entered_at)
    wanted = (
        select(Beneficiary, each.c.before, each.c.n, BeneficiaryCheck, Project.code,
               _PREPARED.name, _DECIDED.name)
        .join(each, each.c.id == Beneficiary.id)
        .join(Project, Project.id == Beneficiary.project_id)
        .outerjoin(BeneficiaryCheck, BeneficiaryCheck.beneficiary_id == Beneficiary.id)
        .outerjoin(_PREPARED, _PREPARED.id == Beneficiary.entered_by)
        .outerjoin(_DECIDED, _DECIDED.id == BeneficiaryCheck.checked_by)
        .where(day >= str(span.since), day <= str(span.until))
        .order_by(Beneficiary.entered_at, Beneficiary.id)
    )  # fmt: skip
    for row, earlier, number, check, code, entered, checked in stream(session, wanted):
        yield (
            str(row.project_id), code or "", told(row.entered_at), _end(earlier), _end(row.number),
            str(number), row.reason, entered or "", checked or "",
            told(check.checked_at if check else None), check.outcome.value if check else "waits",
        )  # fmt: skip


def _rights(session: Session, span: Span) -> Iterator[Row]:
    """List who held which role at the end of the last day, and who gave it."""
    end = datetime.combine(span.until, time.max.replace(microsecond=999_000), UTC)
    wanted = (
        select(RoleGrant, _PREPARED.name, _DECIDED.name)
        .join(_PREPARED, _PREPARED.id == RoleGrant.user_id)
        .outerjoin(_DECIDED, _DECIDED.id == RoleGrant.granted_by)
        .where(
            RoleGrant.granted_at <= end,
            RoleGrant.revoked_at.is_(None) | (RoleGrant.revoked_at > end),
        )
        .order_by(RoleGrant.role, RoleGrant.granted_at, RoleGrant.id)
    )
    for row, name, granter in stream(session, wanted):
        yield (
            row.role.value, str(row.user_id), name or "", told(row.granted_at), granter or "",
            told(row.revoked_at),
        )  # fmt: skip


def _payments(session: Session, span: Span) -> Iterator[Row]:
    """List ordered payments with the decision each rests on, and whether it held that day."""
    wanted = (
        select(Disbursement, DisbursementDecision.entry_id, Entry.effective_on, Decision,
               Project.code)
        .join(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .join(Entry, Entry.id == DisbursementDecision.entry_id)
        .join(Project, Project.id == Disbursement.project_id)
        .join(Decision, Decision.id == DisbursementDecision.decision_id)
        .where(Entry.effective_on.between(span.since, span.until))
        .order_by(Entry.effective_on, Disbursement.number)
    )  # fmt: skip
    for row, entry_id, on, decision, code in stream(session, wanted):
        ends = decision.expires_on
        held = decision.decided_on <= on and (ends is None or on <= ends)
        yield (
            str(row.id), row.number, code or "", row.currency, amount(row.amount, row.currency),
            str(on), str(decision.id), decision.outcome.value, str(decision.decided_on),
            told(ends), "yes" if held else "no", told(entry_id),
        )  # fmt: skip


def _gaps(session: Session, span: Span) -> Iterator[Row]:
    """Find numbers that no receipt bears, by issuer and year, also at the end of a series."""
    both = union_all(
        *(
            select(
                kind.issuer.label("issuer"), kind.year.label("year"), kind.number.label("number")
            )
            for kind in (Receipt, AnnualReceipt)
        )
    ).subquery()
    following = func.lead(both.c.number).over(
        partition_by=(both.c.issuer, both.c.year), order_by=both.c.number
    )
    before = func.lag(both.c.number, 1, 0).over(
        partition_by=(both.c.issuer, both.c.year), order_by=both.c.number
    )
    placed = select(
        both.c.issuer, both.c.year, both.c.number, before.label("before"), following.label("next")
    ).subquery()
    wanted = (
        select(placed, ReceiptCounter.last)
        .outerjoin(
            ReceiptCounter,
            (ReceiptCounter.issuer == placed.c.issuer) & (ReceiptCounter.year == placed.c.year),
        )
        .where(placed.c.year.between(span.since.year, span.until.year))
        .where(
            (placed.c.number - placed.c.before != 1)
            | (placed.c.next.is_(None) & (ReceiptCounter.last != placed.c.number))
        )
        .order_by(placed.c.issuer, placed.c.year, placed.c.number)
    )
    for issuer, year, number, earlier, later, last in stream(session, wanted):
        if number - earlier != 1:
            yield _gap(issuer, year, earlier + 1, number - 1)
        if later is None and last is not None and last != number:
            yield _gap(issuer, year, number + 1, last)


def _gap(issuer: str, year: int, first: int, last: int) -> Row:
    """Tell a gap; a number borne twice has none in between and counts below nought."""
    kind = "missing" if last >= first else "twice"
    return issuer, str(year), kind, str(first), str(last), str(max(0, last - first + 1))


def _looks(session: Session, span: Span) -> Iterator[Row]:
    """List each look at a person: who, when, and why if they said so."""
    day = day_of(session, AuditEvent.at)
    wanted = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(AuditEvent.action.in_(_SEEN), day >= str(span.since), day <= str(span.until))
        .order_by(AuditEvent.id)
    )
    for row, name in stream(session, wanted):
        why = (row.details or {}).get("why", "")
        yield told(row.at), name or "", row.action, row.object_type, row.object_id, why


_SEEN: Final = ("person.seen", "person.sought", "bank_file.opened", "receipt.original_seen")


def _word(column: Any) -> Any:
    """Read a state as text, so that several kinds of state stand in one column."""
    return cast(column, Text())


def _end(number: str | None) -> str:
    return f"…{number[-_TAIL:]}" if number else ""


def _list(name: str, rows: Any, *columns: str | tuple[str, str]) -> Listing:
    told_of = (Column(one) if isinstance(one, str) else Column(*one) for one in columns)
    return Listing(name, tuple(told_of), rows)


_ALL: Final = (
    _list("by-hand", _by_hand, ("manual_id", "manual"), "effective_on", ("recipe", "code"),
          "currency", ("amount", NUMBER), "reason", "prepared_by", "prepared_at", "decided_by",
          ("outcome", "code"), ("entry_id", "entry")),
    _list("recorded-late", _late, ("entry_id", "entry"), "effective_on", "recorded_at",
          "month_ended_on", ("days_late", NUMBER), ("kind", "entry_kind"), "key", "recorded_by"),
    _list("reversals", _reversals, ("entry_id", "entry"), "effective_on",
          ("reversed_entry_id", "entry"), ("reversed_kind", "entry_kind"), "reversed_effective_on",
          "reason", "recorded_by"),
    _list("two-people", _two_people, ("act", "code"), "thing_id", ("outcome", "code"),
          "first_person", "second_person", "at", ("two_people", "code")),
    _list("payee-accounts", _accounts, ("project_id", "project"), "project", "entered_at",
          "number_before", "number", ("which_account", NUMBER), "reason", "entered_by",
          "checked_by", "checked_at", ("outcome", "code")),
    _list("rights", _rights, ("role", "code"), "person_id", "person", "granted_at", "granted_by",
          "ended_at"),
    _list("payments-decisions", _payments, ("payment_id", "payment"), "number", "project",
          "currency", ("amount", NUMBER), "ordered_on", ("decision_id", "decision"),
          ("decision", "code"), "decided_on", "expires_on", ("held", "code"),
          ("entry_id", "entry")),
    _list("receipt-gaps", _gaps, "issuer", ("year", NUMBER), ("kind", "code"), ("from", NUMBER),
          ("to", NUMBER), ("numbers", NUMBER)),
    _list("looks", _looks, "at", "person", "action", "thing", "thing_id", "why"),
)  # fmt: skip
READY: Final[Mapping[str, Listing]] = {one.name: one for one in _ALL}
