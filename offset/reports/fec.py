"""Which file does a French tax inspector ask for? The FEC of one fiscal year, 18 columns.

Form: article A47 A-1 of the Livre des procédures fiscales. Only locked months go in, so numbers
and order stand once they are given: within a journal they run from 1 without a gap, in the order
of days and, within a day, of recording. Whether the receiver owes this file at all, and each
account number below, is for its accountant to confirm.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, Final, TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.errors import InvalidInput, NotFound, Refused
from offset.ledger import chart
from offset.ledger.models import Entry, Period, PeriodStatus, Posting
from offset.ledger.periods import month_of
from offset.ledger.rates import rate_on
from offset.money import exponent
from offset.people import settings
from offset.people.models import AuditEvent
from offset.reports.rows import Books, Place, Record, Span

COLUMNS: Final = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
ENCODING: Final = "iso8859-15"
_BASE: Final = "EUR"
_NO_SIREN: Final = "000000000"
# kind of account -> number and label of the French chart; the setting "fec" overrides a row
ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "Assets:Stripe:<cur>": ("517100", "Compte Stripe"),
    "Assets:Bank:<acct>": ("512100", "Banque"),
    "Assets:InTransit:Payouts:<cur>": ("580100", "Virements internes Stripe"),
    "Assets:InTransit:Disbursements:<cur>": ("580200", "Versements en cours"),
    "Assets:Receivable:Disputes:<cur>": ("467300", "Paiements contestés"),
    "Assets:HeldBy:<partner>:<cur>": ("467400", "Fonds détenus par un partenaire"),
    "Liabilities:Fund:Pool:<cur>": ("467100", "Dons à répartir"),
    "Liabilities:Fund:Restricted:<tag>:<cur>": ("467110", "Dons affectés à répartir"),
    "Liabilities:Project:<project>:<cur>": ("467200", "Dons attribués aux projets"),
    "Liabilities:Refunds:<cur>": ("467500", "Remboursements en cours"),
    "Liabilities:Unidentified:<cur>": ("471000", "Encaissements à identifier"),
    "Equity:RefundReserve:<cur>": ("106800", "Réserve pour remboursements"),
    "Equity:FX:Clearing:<cur>": ("476900", "Conversion de devises"),
    "Equity:Suspense:<cur>": ("471900", "Compte d'attente"),
    "Equity:Operating:<acct>": ("467600", "Part versée au secrétariat"),
    "Equity:Opening:<cur>": ("890000", "Bilan d'ouverture"),
    "Income:FeePart:<cur>": ("754100", "Dons couvrant les frais de paiement"),
    "Income:Share:<cur>": ("754200", "Part du secrétariat sur les dons"),
    "Income:Interest:<cur>": ("768000", "Intérêts reçus"),
    "Expenses:Fees:Stripe:<cur>": ("627800", "Frais Stripe"),
    "Expenses:Fees:Disputes:<cur>": ("627810", "Frais de contestation"),
    "Expenses:Fees:Bank:<cur>": ("627100", "Frais bancaires"),
    "Expenses:Grants:<project>:<cur>": ("657000", "Aides versées"),
}
JOURNALS: Final = {
    "AN": "A-nouveaux",
    "ST": "Stripe",
    "BQ": "Banque",
    "OD": "Opérations diverses",
}
_BANK_KINDS: Final = frozenset({"disbursement_sent", "disbursement_returned"})
_RESULT: Final = ("110000", "Report à nouveau")
# 6 and 7 are the year's own expenses and income; only what they left is carried forward
_OF_THE_YEAR: Final = ("6", "7")

Rates = Callable[[str, date], Fraction]


@dataclass(frozen=True, slots=True)
class Compte:
    """An account of the French chart, with the auxiliary that tells projects and banks apart."""

    number: str
    label: str
    aux: str = ""
    aux_label: str = ""


@dataclass(slots=True)
class _Valued:
    """An entry with its amounts in EUR."""

    record: Record
    euros: list[int]


@dataclass(slots=True)
class _Year:
    """What the writing of one year needs at hand."""

    comptes: Mapping[str, Compte]
    rates: Rates
    locked: Mapping[str, str]
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, journal: str) -> str:
        self.numbers[journal] = self.numbers.get(journal, 0) + 1
        return f"{journal}{self.numbers[journal]:06d}"


def write(books: Books, out: TextIO) -> None:
    """Write the FEC of a fiscal year, from its first day on, as far as its months are locked.

    Raises
    ------
    InvalidInput
        ``export_not_a_fiscal_year``: does not begin on 1 January, or leaves its year.
        ``export_rate_missing``: an amount in another currency has no rate to value it.
    Refused
        ``export_month_open``: a month of the period is not locked.
    """
    span = books.span
    if (span.since.month, span.since.day) != (1, 1) or span.until.year != span.since.year:
        raise InvalidInput("export_not_a_fiscal_year", field="from", since=span.since)
    told = settings.current(books.session, "fec").value
    year = _Year(
        _comptes(books.places, told.get("accounts", {})),
        _rates(books.session, told.get("rates", {})),
        _locked(books.session, span),
    )
    out.write("\t".join(COLUMNS) + "\r\n")
    out.writelines(_carried(books, year))
    for one in books.records():
        out.writelines(_lines(_valued(one, year.rates), year))


def file_name(session: Session, span: Span) -> str:
    """Name the file as the law asks: SIREN, FEC, closing date; nine zeros where SIREN is unset."""
    siren = str(settings.current(session, "fec").value.get("siren") or _NO_SIREN)
    return f"{siren}FEC{span.until:%Y%m%d}.txt"


def description(session: Session) -> str:
    """Write the description of fields that goes with the file."""
    overridden = settings.current(session, "fec").value.get("accounts", {})
    rows = [
        f"{number}\t{label}\t{pattern}"
        for pattern, (number, label) in sorted({**ACCOUNTS, **overridden}.items())
    ]
    return "\n".join((*_DESCRIPTION, *rows, ""))


def _lines(one: _Valued, year: _Year) -> Iterator[str]:
    record = one.record
    journal = journal_of(record.kind, record.source_type)
    day = record.day.replace("-", "")
    if not any(one.euros):
        return  # less than half a cent: no number is spent on it
    head = f"{journal}\t{JOURNALS[journal]}\t{year.number(journal)}\t{day}"
    label = _clean(f"{record.kind} {record.source_id}")
    tail = f"{_clean(record.idem_key)}\t{day}\t{label}"
    valid = max(day, year.locked[record.day[:7]])
    for (place, amount), euros in zip(record.lines, one.euros, strict=True):
        if euros:
            yield _line((head, tail, valid), year.comptes[place.code], euros, place, amount)


def _line(ends: tuple[str, str, str], compte: Compte, euros: int, place: Place, amount: int) -> str:
    head, tail, valid = ends
    foreign = "\t" if place.currency == _BASE else f"{_comma(place, amount)}\t{place.currency}"
    debit, credit = (euros, 0) if euros > 0 else (0, -euros)
    return (
        f"{head}\t{compte.number}\t{compte.label}\t{compte.aux}\t{compte.aux_label}\t{tail}"
        f"\t{_cents(debit)}\t{_cents(credit)}\t\t\t{valid}\t{foreign}\r\n"
    )


def journal_of(kind: str, source_type: str) -> str:
    """Say in which journal an entry stands."""
    if source_type == "stripe_balance_txn":
        return "ST"
    if source_type == "bank_line" or kind in _BANK_KINDS:
        return "BQ"
    return "OD"


def _carried(books: Books, year: _Year) -> Iterator[str]:
    """Write the opening balances: the balance sheet as it stood, the result as one line."""
    before = _euros_before(books, year.rates)
    if not before:
        return
    day = f"{books.span.since:%Y%m%d}"
    head = f"AN\t{JOURNALS['AN']}\t{year.number('AN')}\t{day}"
    tail = f"AN{books.span.since.year}\t{day}\tSoldes d'ouverture"
    result = 0
    for place, amount, euros in before:
        compte = year.comptes[place.code]
        if compte.number.startswith(_OF_THE_YEAR):
            result += euros
        elif euros:
            yield _line((head, tail, day), compte, euros, place, amount)
    if result:
        nowhere = Place("", "", "E", _BASE, books.span.since, None, str)
        yield _line((head, tail, day), Compte(*_RESULT), result, nowhere, result)


def _euros_before(books: Books, rates: Rates) -> list[tuple[Place, int, int]]:
    """Value what stood on the eve: EUR as it is, other currencies as their entries were valued."""
    standing = books.standing(books.span.eve)
    valued: dict[str, int] = {}
    if any(place.currency != _BASE for place in books.places):
        earlier = Books(books.session, Span(date.min, books.span.eve))
        foreign = select(Posting.entry_id).where(Posting.currency != _BASE)
        for record in earlier.records(Entry.id.in_(foreign)):
            one = _valued(record, rates)
            for (place, _amount), euros in zip(record.lines, one.euros, strict=True):
                if place.currency != _BASE:
                    valued[place.code] = valued.get(place.code, 0) + euros
    amounts = {place.code: (place, amount) for place, amount in standing}
    for place in books.places:
        if valued.get(place.code) and place.code not in amounts:
            amounts[place.code] = (place, 0)
    return [
        (place, amount, amount if place.currency == _BASE else valued.get(code, 0))
        for code, (place, amount) in sorted(amounts.items())
    ]


def _valued(record: Record, rates: Rates) -> _Valued:
    """Give each line its EUR value; what rounding leaves goes to the largest line."""
    currencies = {place.currency for place, _amount in record.lines}
    if currencies == {_BASE}:
        return _Valued(record, [amount for _place, amount in record.lines])
    if _BASE in currencies and len(currencies) == 2:  # noqa: PLR2004 - EUR and one other
        rate = _own_rate(record)
    else:
        day = date.fromisoformat(record.day)
        rate = {currency: rates(currency, day) for currency in currencies - {_BASE}}
    euros = [
        amount if place.currency == _BASE else _rounded(amount * rate[place.currency])
        for place, amount in record.lines
    ]
    largest = max(
        range(len(euros)), key=lambda i: (record.lines[i][0].currency != _BASE, abs(euros[i]))
    )
    euros[largest] -= sum(euros)
    return _Valued(record, euros)


def _own_rate(record: Record) -> dict[str, Fraction]:
    """Read the rate of a conversion from itself: what moved in EUR by what moved in the other."""
    moved: dict[str, int] = {}
    for place, amount in record.lines:
        if amount > 0:
            moved[place.currency] = moved.get(place.currency, 0) + amount
    [other] = moved.keys() - {_BASE}
    return {other: Fraction(moved[_BASE], moved[other])}


def _rounded(value: Fraction) -> int:
    """Round half away from zero, as amounts are rounded by hand."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def _rates(session: Session, told: Mapping[str, Mapping[str, str]]) -> Rates:
    """Read "units of the currency for 1 EUR, from a day on"; give cents for a minor unit.

    The accountant's own rates come first, then the central bank's of the day.
    """

    @cache
    def rate(currency: str, day: date) -> Fraction:
        known = [since for since in told.get(currency, {}) if since <= day.isoformat()]
        try:
            units = Fraction(
                told[currency][max(known)] if known else rate_on(session, currency, day).rate
            )
        except NotFound as fault:
            raise InvalidInput("export_rate_missing", currency=currency, day=day) from fault
        return Fraction(10 ** exponent(_BASE), 10 ** exponent(currency)) / units

    return rate


def _comptes(places: Iterable[Place], overridden: Mapping[str, Any]) -> dict[str, Compte]:
    found = {}
    for place in places:
        kind = chart.place(place.code)
        number, label = overridden.get(kind.pattern) or ACCOUNTS[kind.pattern]
        words = zip(kind.pattern.split(":"), place.code.split(":"), strict=True)
        aux = "-".join(w for part, w in words if part.startswith("<") and part != "<cur>")
        if place.currency != _BASE:
            aux = f"{aux}-{place.currency}" if aux else place.currency
        found[place.code] = Compte(
            number, _clean(label), _clean(aux), _clean(place.name) if aux else ""
        )
    return found


def _locked(session: Session, span: Span) -> dict[str, str]:
    """Give each locked month the day on which it was locked; every month must be."""
    rows = session.execute(
        select(Period.starts_on, Period.ends_on).where(
            Period.status == PeriodStatus.LOCKED.value,
            Period.starts_on.between(span.since, span.until),
        )
    ).all()
    acts = session.execute(
        select(AuditEvent.object_id, func.max(AuditEvent.at))
        .where(AuditEvent.action == "period.closed")
        .group_by(AuditEvent.object_id)
    )
    closed = {month: f"{utc_day(at):%Y%m%d}" for month, at in acts}
    locked = {f"{first:%Y-%m}": closed.get(str(first), f"{last:%Y%m%d}") for first, last in rows}
    month = span.since
    while month <= span.until:
        if f"{month:%Y-%m}" not in locked and _has_entries(session, month):
            raise Refused("export_month_open", month=month)
        month = date.fromordinal(month_of(month)[1].toordinal() + 1)
    return locked


def _has_entries(session: Session, month: date) -> bool:
    first, last = month_of(month)
    found = session.scalar(
        select(func.count()).select_from(
            select(Entry.id).where(Entry.effective_on.between(first, last)).limit(1).subquery()
        )
    )
    return bool(found)


def _cents(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"


def _comma(place: Place, amount: int) -> str:
    return place.decimal(amount).replace(".", ",")


def _clean(text: str) -> str:
    """Keep separators out of a label, and what the encoding of the law cannot write."""
    for mark in '\t|\r\n"':
        text = text.replace(mark, " ")
    return text.encode(ENCODING, "replace").decode(ENCODING)


_DESCRIPTION: Final = (
    "Fichier des écritures comptables : description",
    "",
    "18 colonnes séparées par une tabulation, fins de ligne CR LF, encodage ISO 8859-15,",
    "dates AAAAMMJJ, virgule décimale. Une écriture par numéro, numéros continus par journal.",
    "EcritureNum : attribué à la clôture du mois, dans l'ordre des dates d'écriture.",
    "PieceRef : la clé qui nomme la cause de l'écriture (opération Stripe, ligne de banque...).",
    "Montantdevise : débit positif, crédit négatif, dans la devise de Idevise.",
    "ValidDate : le jour de la clôture du mois.",
    "",
    "CompteNum\tCompteLib\tcompte du grand livre",
)
