"""How is the bank told what was approved? A file a day and account for SEPA, a sheet elsewhere.

Nothing is booked here: approval booked the order, the bank's statement will say that it left. What
the bank was given is kept byte for byte under its hash.
"""

import csv
import hashlib
import io
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from schwifty import IBAN
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.money import EXPONENTS, Money, exponent
from offset.people import audit, settings, users
from offset.people.access import Actor, Right, person, require
from offset.projects.models import Project
from offset.treasury import bank_days, organisation_files, queries
from offset.treasury.locks import hold
from offset.treasury.models import BankAccount, Beneficiary, Disbursement, Scheme
from offset.treasury.order_models import PaymentFile, PaymentFileItem, PaymentOrder
from offset.treasury.payee_ports import Party, Transfer, TransferBatch, TransferWriter
from offset.treasury.queries import PaymentLine, PaymentState

# Countries and territories whose accounts a SEPA credit transfer reaches (EPC409-09, 2025).
SEPA: Final = frozenset(
    {"AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB"}
    | {"GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK"}
    | {"MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"}
)
_RATE: Final = re.compile(r"\d{1,9}(?:[.,]\d{1,10})?", re.ASCII)
_CODE: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_LONGEST: Final = 300


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An approved payment that the bank was not told of, and what stops it if anything does."""

    line: PaymentLine
    sepa: bool
    country: str
    stopped: str


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A file that was made for the bank."""

    id: uuid.UUID
    account: str
    message_id: str
    made_on: date
    execute_on: date
    payments: int
    total: Money
    sha256: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """What was agreed for a payment abroad."""

    disbursement_id: uuid.UUID
    number: str
    amount: Money
    abroad: str
    currency_abroad: str
    rate: str
    agreed_on: date
    agreed_with: str
    agreed_by: str
    made_at: datetime
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """The rate of a payment abroad as somebody agreed it with the bank."""

    currency: str
    rate: str
    agreed_on: date
    agreed_with: str


def waiting(session: Session, *, at: datetime) -> tuple[Waiting, ...]:
    """List what was approved and not yet given to the bank, the oldest first."""
    told = _told(session)
    found = []
    for line in reversed(queries.payments(session, state=PaymentState.APPROVED)):
        if line.id in told:
            continue
        payee = _payee(session, line.id)
        found.append(
            Waiting(
                line=line,
                sepa=by_sepa(payee, line.amount.currency),
                country=payee.country,
                stopped=_stopped(session, line, at=at),
            )
        )
    return tuple(found)


def by_sepa(payee: Beneficiary, currency: str) -> bool:
    """Say whether a SEPA credit transfer reaches a payee's account."""
    return payee.scheme is Scheme.IBAN and payee.country in SEPA and currency == "EUR"


def make_file(
    session: Session,
    writer: TransferWriter,
    *,
    actor: Actor,
    at: datetime,
    account: str,
) -> uuid.UUID:
    """Make the day's file of an account with everything that was approved for SEPA.

    A payment whose organisation is stopped meanwhile stays out of it.

    Raises
    ------
    Forbidden
        Without the right to prepare payments.
    NotFound
        ``bank_account_unknown``.
    Conflict
        ``payment_file_made``: one file an account and day.
    Refused
        ``payment_file_empty``; ``payment_file_no_iban`` of our own account.
    InvalidInput
        What the writer refuses.
    """
    require(actor, Right.PREPARE_DISBURSEMENT)
    made_by = person(actor)
    ours = _account(session, account)
    on = utc_day(at)
    hold(session, "payment orders")
    made = select(PaymentFile.id).where(
        PaymentFile.account_id == ours.id, PaymentFile.made_on == on
    )
    if session.scalar(made) is not None:
        raise Conflict("payment_file_made", account=account)
    chosen = [
        one
        for one in waiting(session, at=at)
        if one.sepa and not one.stopped and one.line.amount.currency == ours.currency
    ]
    if not chosen:
        raise Refused("payment_file_empty")
    days = settings.current(session, "payment_days").value["days"]
    batch = TransferBatch(
        message_id=f"{account}-{on:%Y%m%d}",
        made_at=at,
        execute_on=bank_days.execution_day(on, days),
        debtor=_ourselves(ours),
        transfers=tuple(_transfer(session, one.line) for one in chosen),
    )
    data = writer.write(batch)
    file = PaymentFile(
        id=uuid7(at),
        account_id=ours.id,
        message_id=batch.message_id,
        made_on=on,
        execute_on=batch.execute_on,
        payments=len(chosen),
        total=sum(one.line.amount.minor for one in chosen),
        currency=ours.currency,
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        made_at=at,
        made_by=made_by,
    )
    session.add(file)
    session.flush()
    session.add_all(PaymentFileItem(disbursement_id=one.line.id, file_id=file.id) for one in chosen)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="payment_file.made",
        object_type="payment_file",
        object_id=file.id,
        details={
            "message": file.message_id,
            "sha256": file.sha256,
            "numbers": [one.line.number for one in chosen],
        },
    )
    return file.id


def files(session: Session) -> tuple[FileView, ...]:
    """List the files that were made, newest first."""
    rows = session.execute(
        select(PaymentFile, BankAccount.code)
        .join(BankAccount, BankAccount.id == PaymentFile.account_id)
        .order_by(PaymentFile.id.desc())
    ).all()
    names = users.names(session, {row.made_by for row, _code in rows})
    return tuple(
        FileView(
            id=row.id,
            account=code,
            message_id=row.message_id,
            made_on=row.made_on,
            execute_on=row.execute_on,
            payments=row.payments,
            total=Money(row.total, row.currency),
            sha256=row.sha256,
            made_at=row.made_at,
            made_by=names.get(row.made_by, ""),
        )
        for row, code in rows
    )


def file_bytes(
    session: Session, *, actor: Actor, at: datetime, file_id: uuid.UUID
) -> tuple[str, bytes]:
    """Hand out a file as it was made, and write down who took it.

    Raises
    ------
    Forbidden
        Without the right to prepare payments.
    NotFound
        ``payment_file_unknown``.
    """
    require(actor, Right.PREPARE_DISBURSEMENT)
    row = session.get(PaymentFile, file_id)
    if row is None:
        raise NotFound("payment_file_unknown")
    audit.record(
        session,
        at=at,
        actor=actor,
        action="payment_file.taken",
        object_type="payment_file",
        object_id=file_id,
        details={"sha256": row.sha256},
    )
    return f"{row.message_id}.xml", row.data


def file_of(session: Session, disbursement_id: uuid.UUID) -> FileView | None:
    """Return the file in which a payment stands."""
    found = session.get(PaymentFileItem, disbursement_id)
    if found is None:
        return None
    return next(one for one in files(session) if one.id == found.file_id)


def order_abroad(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    disbursement_id: uuid.UUID,
    account: str,
    agreed: Agreed,
) -> None:
    """Write the order sheet of a payment that SEPA does not reach, with the rate agreed.

    Raises
    ------
    Forbidden
        Without the right to prepare payments.
    NotFound
        ``payment_unknown``, ``bank_account_unknown``.
    Conflict
        ``payment_ordered`` on a sheet or in a file already.
    Refused
        ``payment_not_approved``; ``payment_by_sepa`` goes into the day's file; what
        ``organisation_files.require_known`` refuses.
    InvalidInput
        ``fx_rate_unreadable``, ``rate_of_ones_own``, ``currency_abroad_unknown``,
        ``agreed_with_missing``, ``agreed_ahead`` or ``too_long``.
    """
    require(actor, Right.PREPARE_DISBURSEMENT)
    made_by = person(actor)
    ours = _account(session, account)
    hold(session, "payment orders")
    line = queries.payment(session, disbursement_id)
    if disbursement_id in _told(session):
        raise Conflict("payment_ordered", number=line.number)
    if line.state is not PaymentState.APPROVED:
        raise Refused("payment_not_approved", number=line.number)
    payee = _payee(session, disbursement_id)
    if by_sepa(payee, line.amount.currency):
        raise Refused("payment_by_sepa", number=line.number)
    project = session.get_one(Project, line.project_id)
    organisation_files.require_known(session, project, at=at)
    told, rate = _agreed(agreed, line.amount.currency, on=utc_day(at))
    abroad = converted(line.amount, rate, told.currency)
    sheet = _sheet(
        session,
        line,
        payee=payee,
        ours=ours,
        agreed=told,
        abroad=abroad,
        agreed_by=users.names(session, {made_by}).get(made_by, ""),
    )
    order = PaymentOrder(
        disbursement_id=disbursement_id,
        account_id=ours.id,
        currency_abroad=told.currency,
        rate=told.rate,
        amount_abroad=abroad,
        agreed_on=told.agreed_on,
        agreed_with=told.agreed_with,
        sheet=sheet,
        sha256=hashlib.sha256(sheet).hexdigest(),
        made_at=at,
        made_by=made_by,
    )
    session.add(order)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="payment_order.written",
        object_type="disbursement",
        object_id=disbursement_id,
        details={"number": line.number, "rate": told.rate, "currency": told.currency},
    )


def order(session: Session, disbursement_id: uuid.UUID) -> OrderView | None:
    """Return what was agreed for a payment abroad, if it has its sheet."""
    row = session.get(PaymentOrder, disbursement_id)
    if row is None:
        return None
    line = queries.payment(session, disbursement_id)
    return OrderView(
        disbursement_id=disbursement_id,
        number=line.number,
        amount=line.amount,
        abroad=written_abroad(row.amount_abroad, row.currency_abroad),
        currency_abroad=row.currency_abroad,
        rate=row.rate,
        agreed_on=row.agreed_on,
        agreed_with=row.agreed_with,
        agreed_by=users.names(session, {row.made_by}).get(row.made_by, ""),
        made_at=row.made_at,
        sha256=row.sha256,
    )


def sheet_bytes(session: Session, disbursement_id: uuid.UUID) -> tuple[str, bytes]:
    """Return the sheet of a payment abroad as it was written.

    Raises
    ------
    NotFound
        ``payment_order_unknown``.
    """
    row = session.get(PaymentOrder, disbursement_id)
    if row is None:
        raise NotFound("payment_order_unknown")
    return f"{queries.payment(session, disbursement_id).number}.csv", row.sheet


def sheet_facts(session: Session, disbursement_id: uuid.UUID) -> Mapping[str, str]:
    """Return the lines of a sheet, for the printed one.

    Raises
    ------
    NotFound
        ``payment_order_unknown``.
    """
    _name, data = sheet_bytes(session, disbursement_id)
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    return {row[0]: row[1] for row in rows}


def converted(amount: Money, rate: Decimal, currency: str) -> int:
    """Turn an amount into another currency at a rate, in its smallest unit, half up."""
    whole = Decimal(amount.minor).scaleb(-exponent(amount.currency)) * rate
    return int(whole.scaleb(_places(currency)).to_integral_value(ROUND_HALF_UP))


def written_abroad(minor: int, currency: str) -> str:
    """Write an amount of any currency with its decimals."""
    places = _places(currency)
    digits = str(minor).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _places(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


def _agreed(agreed: Agreed, own: str, *, on: date) -> tuple[Agreed, Decimal]:
    currency = agreed.currency.strip().upper()
    if not _CODE.fullmatch(currency):
        raise InvalidInput("currency_abroad_unknown", field="currency")
    rate = read_rate(agreed.rate)
    if currency == own and rate != 1:
        raise InvalidInput("rate_of_ones_own", field="rate", currency=own)
    said = " ".join(agreed.agreed_with.split())
    if not said:
        raise InvalidInput("agreed_with_missing", field="agreed_with")
    if len(said) > _LONGEST:
        raise InvalidInput("too_long", field="agreed_with", longest=_LONGEST)
    if agreed.agreed_on > on:
        raise InvalidInput("agreed_ahead", field="agreed_on")
    told = Agreed(currency=currency, rate=f"{rate:f}", agreed_on=agreed.agreed_on, agreed_with=said)
    return told, rate


def read_rate(text: str) -> Decimal:
    """Read a rate as people write it, with a point or a comma.

    Raises
    ------
    InvalidInput
        ``fx_rate_unreadable``.
    """
    written = re.sub(r"\s", "", text)
    rate = Decimal(written.replace(",", ".")) if _RATE.fullmatch(written) else Decimal(0)
    if rate <= 0:
        raise InvalidInput("fx_rate_unreadable", field="rate", text=text[:40])
    return rate


def _sheet(
    session: Session,
    line: PaymentLine,
    *,
    payee: Beneficiary,
    ours: BankAccount,
    agreed: Agreed,
    abroad: int,
    agreed_by: str,
) -> bytes:
    """Write the sheet: one fact a row, so that a person can read it to a bank."""
    project = session.get_one(Project, line.project_id)
    file = organisation_files.current(session, project.organisation_id)
    place = [file.street, f"{file.postcode} {file.town}", file.country] if file else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(
        (name, _harmless(value))
        for name, value in (
            ("payment", line.number),
            ("from account", f"{ours.code} {ours.number}"),
            ("amount", f"{line.amount.decimal()} {line.amount.currency}"),
            ("rate", f"{agreed.rate} {agreed.currency} for 1 {line.amount.currency}"),
            ("to arrive", f"{written_abroad(abroad, agreed.currency)} {agreed.currency}"),
            ("rate agreed on", agreed.agreed_on.isoformat()),
            ("rate agreed with", agreed.agreed_with),
            ("rate agreed by", agreed_by),
            ("payee", payee.holder),
            ("address", ", ".join(part.strip() for part in place if part.strip())),
            ("account", payee.number),
            ("bank", " ".join(filter(None, (payee.bank, payee.bic)))),
            ("country of the bank", payee.country),
            ("purpose", line.purpose),
            ("prepared by", line.prepared_by),
            ("approved by", line.decided_by),
        )
    )
    return text.getvalue().encode("utf-8-sig")


def _harmless(value: str) -> str:
    """Keep a program that opens the sheet from taking a value for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t"} else value


def _stopped(session: Session, line: PaymentLine, *, at: datetime) -> str:
    project = session.get_one(Project, line.project_id)
    try:
        organisation_files.require_known(session, project, at=at)
    except Refused as fault:
        return fault.code
    return ""


def _transfer(session: Session, line: PaymentLine) -> Transfer:
    payee = _payee(session, line.id)
    project = session.get_one(Project, line.project_id)
    file = organisation_files.current(session, project.organisation_id)
    return Transfer(
        end_to_end_id=line.number,
        amount=line.amount,
        creditor=Party(
            name=payee.holder,
            iban=payee.number,
            bic=payee.bic,
            country=file.country if file else payee.country,
            town=file.town if file else "",
            street=file.street if file else "",
            postcode=file.postcode if file else "",
        ),
        text=f"{line.purpose} {line.number}",
    )


def _ourselves(account: BankAccount) -> Party:
    iban = IBAN(account.number, allow_invalid=True)
    if not iban.is_valid:
        raise Refused("payment_file_no_iban", account=account.code)
    return Party(
        name=account.holder,
        iban=str(iban),
        bic=str(iban.bic) if iban.bic else None,
        country=iban.country_code,
    )


def _account(session: Session, code: str) -> BankAccount:
    found = session.scalar(select(BankAccount).where(BankAccount.code == code))
    if found is None:
        raise NotFound("bank_account_unknown", account=code)
    return found


def _payee(session: Session, disbursement_id: uuid.UUID) -> Beneficiary:
    row = session.get_one(Disbursement, disbursement_id)
    return session.get_one(Beneficiary, row.beneficiary_id)


def _told(session: Session) -> frozenset[uuid.UUID]:
    """Name the payments that the bank was told of."""
    return frozenset(session.scalars(select(PaymentFileItem.disbursement_id))) | frozenset(
        session.scalars(select(PaymentOrder.disbursement_id))
    )
