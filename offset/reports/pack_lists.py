"""Which rows go into an audit pack? Each table by id, without a word about whoever gave."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import canonical
from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    AllocationRow,
    AnnualReceipt,
    Donation,
    Receipt,
    StripeBalanceTransaction,
)
from offset.ledger.leaves import EntryFact, entry_content
from offset.ledger.models import Account, CheckpointLeaf, Entry, EntrySeal, Posting
from offset.projects.models import Admission, Decision, DecisionCondition, Project
from offset.reports.listings import NUMBER, Column, Listing, Row, amount, day_of, stream, told
from offset.reports.rows import Span
from offset.treasury.models import (
    BankAccount,
    BankFile,
    BankLine,
    BankStatement,
    Disbursement,
    DisbursementDecision,
    MatchItem,
    PayoutItem,
    StripePayout,
    Unmatch,
)


def entry_contents(session: Session, span: Span) -> Iterator[str]:
    """Write what the hash of each entry covers, one line of JSON an entry."""
    wanted = (
        select(Entry, EntrySeal.salt, EntrySeal.hash, Posting.line, Account.code,
               Posting.currency, Posting.amount)
        .join(EntrySeal, EntrySeal.entry_id == Entry.id)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .where(Entry.effective_on.between(span.since, span.until))
        .order_by(Entry.effective_on, Entry.id, Posting.line)
        .execution_options(populate_existing=False)
    )  # fmt: skip
    held: tuple[Entry, bytes, bytes] | None = None
    lines: list[tuple[int, str, str, int]] = []
    for row, salt, made, line, code, currency, minor in stream(session, wanted):
        if held is not None and held[0].id != row.id:
            yield _content(*held, lines)
            session.expunge(held[0])
            lines = []
        held = (row, bytes(salt), bytes(made))
        lines.append((line, code, currency, int(minor)))
    if held is not None:
        yield _content(*held, lines)


def _content(row: Entry, salt: bytes, made: bytes, lines: list[tuple[int, str, str, int]]) -> str:
    fact = EntryFact(
        id=row.id,
        kind=row.kind,
        idem_key=row.idem_key,
        effective_on=row.effective_on,
        recorded_at=row.recorded_at,
        reverses_id=row.reverses_id,
        source_type=row.source_type,
        source_id=row.source_id,
        postings=lines,
    )
    return f'{{"content":{entry_content(fact, salt)},"leaf":"{made.hex()}"}}\n'


def _of_days(session: Session, span: Span, instant: Any) -> Any:
    return day_of(session, instant).between(str(span.since), str(span.until))


def _movements(session: Session, span: Span) -> Iterator[Row]:
    table = StripeBalanceTransaction
    wanted = (
        select(table)
        .where(_of_days(session, span, table.created_at))
        .order_by(table.created_at, table.id)
    )
    for (row,) in stream(session, wanted):
        yield (
            row.id, row.reporting_category, row.type, told(row.created_at),
            told(row.available_on), row.currency, amount(row.amount, row.currency),
            amount(row.fee, row.currency), amount(row.net, row.currency), row.source_id or "",
            row.exchange_rate or "", told(row.donation_id), str(row.entry_id),
        )  # fmt: skip
        session.expunge(row)


def _payouts(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(StripePayout)
        .where(StripePayout.arrival_on.between(span.since, span.until))
        .order_by(StripePayout.arrival_on, StripePayout.payout_id)
    )
    for (row,) in stream(session, wanted):
        yield (
            row.payout_id, told(row.created_at), str(row.arrival_on), row.currency,
            amount(row.amount, row.currency),
        )  # fmt: skip


def _items(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(PayoutItem, StripePayout.payout_id)
        .join(StripePayout, StripePayout.id == PayoutItem.payout_id)
        .where(StripePayout.arrival_on.between(span.since, span.until))
        .order_by(StripePayout.payout_id, PayoutItem.txn_id)
    )
    for row, payout_id in stream(session, wanted):
        yield (
            payout_id, row.txn_id, row.reporting_category, row.currency,
            amount(row.amount, row.currency), amount(row.fee, row.currency),
            amount(row.net, row.currency),
        )  # fmt: skip
        session.expunge(row)


def _statements(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(BankStatement, BankAccount.code, BankFile.sha256)
        .join(BankAccount, BankAccount.id == BankStatement.account_id)
        .join(BankFile, BankFile.id == BankStatement.file_id)
        .where(BankStatement.closed_on >= span.since, BankStatement.opened_on <= span.until)
        .order_by(BankAccount.code, BankStatement.position)
    )
    for row, code, sha256 in stream(session, wanted):
        yield (
            str(row.id), code, str(row.position), row.reference, str(row.opened_on),
            str(row.closed_on), row.currency, amount(row.opening, row.currency),
            amount(row.closing, row.currency), sha256,
        )  # fmt: skip


def _lines(session: Session, span: Span) -> Iterator[Row]:
    """List bank lines without what the bank wrote about the other side."""
    wanted = (
        select(BankLine, BankAccount.code, MatchItem.entry_id, MatchItem.amount)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .outerjoin(
            MatchItem,
            (MatchItem.line_id == BankLine.id)
            & MatchItem.match_id.not_in(select(Unmatch.match_id)),
        )
        .where(BankLine.booked_on.between(span.since, span.until))
        .order_by(BankAccount.code, BankLine.booked_on, BankLine.id, MatchItem.number)
    )
    for row, code, entry_id, part in stream(session, wanted):
        yield (
            str(row.id), str(row.statement_id), code, str(row.number), str(row.booked_on),
            str(row.value_on), row.currency, amount(row.amount, row.currency),
            row.bank_reference or "", row.end_to_end_id or "", told(entry_id),
            amount(part, row.currency),
        )  # fmt: skip


def _decisions(session: Session, span: Span) -> Iterator[Row]:
    """List every decision up to the year's end: payments of the year may rest on an older one."""
    wanted = (
        select(Decision, Project.code)
        .join(Project, Project.id == Decision.project_id)
        .where(Decision.decided_on <= span.until)
        .order_by(Decision.decided_on, Decision.id)
    )
    for row, code in stream(session, wanted):
        yield (
            str(row.id), code or "", row.outcome.value, row.safeguards.value,
            str(row.carbon_grade), row.carbon_evidence.value, str(row.reviews), str(row.recusals),
            str(row.decided_on), told(row.expires_on), str(row.criteria_set_id),
            str(row.decided_by), row.summary,
        )  # fmt: skip


def _conditions(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(DecisionCondition)
        .join(Decision, Decision.id == DecisionCondition.decision_id)
        .where(Decision.decided_on <= span.until)
        .order_by(DecisionCondition.decision_id, DecisionCondition.id)
    )
    for (row,) in stream(session, wanted):
        yield (
            str(row.decision_id), row.criterion or "", row.text, told(row.closed_on),
            told(row.closed_by),
        )  # fmt: skip


def _admissions(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(Admission, Project.code)
        .join(Project, Project.id == Admission.project_id)
        .where(Admission.admitted_on <= span.until)
        .order_by(Admission.admitted_on, Admission.id)
    )
    for row, code in stream(session, wanted):
        yield (
            str(row.id), code or "", str(row.decision_id), row.currency,
            amount(row.ceiling_minor, row.currency), str(row.admitted_on), str(row.admitted_by),
        )  # fmt: skip


def _policies(session: Session, _span: Span) -> Iterator[Row]:
    for (row,) in stream(session, select(AllocationPolicy).order_by(AllocationPolicy.version)):
        yield (
            str(row.id), str(row.version), row.rule, canonical(row.weights),
            told(row.proposed_at), str(row.proposed_by), told(row.approved_at),
            told(row.approved_by),
        )  # fmt: skip


def _runs(session: Session, _span: Span) -> Iterator[Row]:
    for (row,) in stream(session, select(AllocationEpoch).order_by(AllocationEpoch.id)):
        yield (
            str(row.id), str(row.policy_id), row.currency, row.tag, canonical(row.weights),
            told(row.opened_at), told(row.closed_at), str(row.proposed_by),
            told(row.approved_by), row.close_reason or "",
        )  # fmt: skip


def _gifts(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(Donation)
        .where(_of_days(session, span, Donation.settled_at))
        .order_by(Donation.settled_at, Donation.id)
    )
    for (row,) in stream(session, wanted):
        ours = row.settled_currency
        yield (
            str(row.id), row.reference, told(row.settled_at), row.status.value, row.currency,
            amount(row.amount, row.currency), ours, amount(row.gross, ours),
            amount(row.fee, ours), amount(row.share, ours), amount(row.refunded, ours),
            amount(row.unallocated, ours), told(row.entry_id),
        )  # fmt: skip
        session.expunge(row)


def _allocations(session: Session, span: Span) -> Iterator[Row]:
    wanted = (
        select(AllocationRow, Project.code, Donation.settled_currency)
        .join(Project, Project.id == AllocationRow.project_id)
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(_of_days(session, span, AllocationRow.created_at))
        .order_by(AllocationRow.created_at, AllocationRow.id)
    )
    for row, code, currency in stream(session, wanted):
        yield (
            str(row.donation_id), code or "", currency, amount(row.amount, currency),
            str(utc_day(row.created_at)), str(row.entry_id), told(row.epoch_id),
            told(row.decision_id), told(row.admission_id),
        )  # fmt: skip
        session.expunge(row)


def _receipts(session: Session, span: Span) -> Iterator[Row]:
    for kind in (Receipt, AnnualReceipt):
        wanted = (
            select(kind)
            .where(kind.issued_on.between(span.since, span.until))
            .order_by(kind.year, kind.number)
        )
        for (row,) in stream(session, wanted):
            gift = told(row.donation_id) if isinstance(row, Receipt) else ""
            yield (
                kind.__tablename__, row.issuer, str(row.year), str(row.number),
                str(row.issued_on), gift, row.facts.get("regime", "NONE"), row.facts_sha256,
                told(row.cancelled_at), row.cancel_reason or "",
            )  # fmt: skip
            session.expunge(row)


def _payments(session: Session, span: Span) -> Iterator[Row]:
    said = DisbursementDecision
    wanted = (
        select(Disbursement, Project.code, said)
        .join(Project, Project.id == Disbursement.project_id)
        .outerjoin(said, said.disbursement_id == Disbursement.id)
        .where(_of_days(session, span, Disbursement.prepared_at))
        .order_by(Disbursement.prepared_at, Disbursement.number)
    )
    for row, code, answer in stream(session, wanted):
        yield (
            str(row.id), row.number, code or "", row.currency, amount(row.amount, row.currency),
            told(row.prepared_at), str(row.prepared_by), answer.outcome.value if answer else "",
            told(answer.decided_at if answer else None),
            told(answer.approved_by if answer else None),
            told(answer.decision_id if answer else None),
            told(answer.admission_id if answer else None),
            told(answer.entry_id if answer else None), str(row.beneficiary_id),
        )  # fmt: skip


def _leaves(session: Session, _span: Span) -> Iterator[Row]:
    wanted = select(
        CheckpointLeaf.pos, CheckpointLeaf.kind, CheckpointLeaf.fact_id, CheckpointLeaf.hash
    ).order_by(CheckpointLeaf.pos)
    for pos, kind, fact_id, made in stream(session, wanted):
        yield str(pos), kind, str(fact_id), bytes(made).hex()


def _list(name: str, rows: Any, words: str) -> Listing:
    """Describe a list; a column whose name ends in ``#`` holds numbers."""
    columns = tuple(
        Column(one.rstrip("#"), NUMBER if one.endswith("#") else "text") for one in words.split()
    )
    return Listing(name, columns, rows)


LEAVES: Final = _list("leaves", _leaves, "pos# kind fact_id hash")
LISTS: Final = (
    ("processor/movements.csv", "balance transactions as the processor states them",
     _list("movements", _movements, "id category type created_at available_on currency amount# fee#"
           " net# source_id exchange_rate donation_id entry_id")),
    ("processor/payouts.csv", "payouts to our bank",
     _list("payouts", _payouts, "payout_id created_at arrival_on currency amount#")),
    ("processor/payout-items.csv", "what each payout consists of",
     _list("payout-items", _items, "payout_id txn_id category currency amount# fee# net#")),
    ("statements/statements.csv", "statements with their balances and the file each came in",
     _list("statements", _statements, "statement_id account position# reference opened_on closed_on"
           " currency opening# closing# file_sha256")),
    ("statements/lines.csv", "bank lines and the entries that explain them",
     _list("lines", _lines, "line_id statement_id account number# booked_on value_on currency"
           " amount# bank_reference end_to_end_id entry_id explained#")),
    ("decisions/decisions.csv", "the committee's decisions with their public summaries",
     _list("decisions", _decisions, "decision_id project outcome safeguards carbon_grade#"
           " carbon_evidence reviews# recusals# decided_on expires_on criteria_set_id decided_by_id"
           " summary")),
    ("decisions/conditions.csv", "conditions of decisions",
     _list("conditions", _conditions, "decision_id criterion text closed_on closed_by_id")),
    ("decisions/admissions.csv", "the secretariat's admissions, with their ceilings",
     _list("admissions", _admissions, "admission_id project decision_id currency ceiling#"
           " admitted_on admitted_by_id")),
    ("decisions/rules.csv", "how pooled money is spread, in versions",
     _list("rules", _policies, "policy_id version# rule weights proposed_at proposed_by_id"
           " approved_at approved_by_id")),
    ("decisions/runs.csv", "allocation runs",
     _list("runs", _runs, "run_id policy_id currency theme weights opened_at closed_at"
           " proposed_by_id approved_by_id close_reason")),
    ("gifts/gifts.csv", "gifts that settled in the year",
     _list("gifts", _gifts, "donation_id reference settled_at status given_currency given# currency"
           " gross# fee# share# refunded# unallocated# entry_id")),
    ("gifts/allocations.csv", "what each gift gave to which project",
     _list("allocations", _allocations, "donation_id project currency amount# day entry_id run_id"
           " decision_id admission_id")),
    ("gifts/receipts.csv", "receipts by number, without what is printed on them",
     _list("receipts", _receipts, "paper issuer year# number# issued_on donation_id regime"
           " facts_sha256 cancelled_at cancel_reason")),
    ("payments/payments.csv", "payments with who prepared and who approved, by id",
     _list("payments", _payments, "payment_id number project currency amount# prepared_at"
           " prepared_by_id outcome decided_at approved_by_id decision_id admission_id entry_id"
           " payee_account_id")),
)  # fmt: skip
