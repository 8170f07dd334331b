"""How do we tell the aid world what came in, what went to whom and what came of it? IATI 2.03.

One activity stands for the fund (gifts of each month, fees) and one for each admitted project
(allocations of each month, every payment, published outcomes). No donor and no user is in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Final

from lxml import etree
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from offset.ledger.balances import ORDERED
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people import settings
from offset.projects.models import (
    Admission,
    Indicator,
    IndicatorValue,
    Organisation,
    OrganisationKind,
    Outcome,
    Project,
    ProjectStatus,
)
from offset.reports.rows import Books, Span

VERSION: Final = "2.03"
PLACEHOLDER: Final = "ORGANISATION-IDENTIFIER-NOT-SET"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_INCOMING, _COMMITMENT, _DISBURSEMENT, _EXPENDITURE = "1", "2", "3", "4"
_PLANNED_START: Final = "1"
_FUNDING, _IMPLEMENTING = "1", "4"
_OUTCOME: Final = "2"
_UNIT: Final = "1"
_DAC: Final = "1"
# IATI code list ActivityStatus
_STATUS: Final[Mapping[ProjectStatus, str]] = {
    ProjectStatus.OPEN: "2",
    ProjectStatus.FUNDED: "2",
    ProjectStatus.COMPLETED: "4",
    ProjectStatus.WITHDRAWN: "5",
    ProjectStatus.ON_HOLD: "6",
    # an admitted project that applies again
    ProjectStatus.IN_ASSESSMENT: "2",
    ProjectStatus.DRAFT: "2",
}
# IATI code list OrganisationType; farmers' organisations have none of their own
_KINDS: Final[Mapping[OrganisationKind, str]] = {
    OrganisationKind.COUNTRY: "10",
    OrganisationKind.NGO: "22",
    OrganisationKind.INTERNATIONAL: "40",
    OrganisationKind.FOUNDATION: "60",
    OrganisationKind.ENTERPRISE: "70",
    OrganisationKind.RESEARCH: "80",
}
# Kinds that move what is already here from one of our accounts to another.
_INWARD: Final = (*ORDERED, "reserve_endowed", "fund_move", "opening")
_SENT: Final = ("disbursement_sent", "disbursement_returned")


@dataclass(frozen=True, slots=True)
class _Reporter:
    """Who reports; a placeholder that nobody can overlook until the identifier is set."""

    identifier: str
    name: str
    type: str
    sector: str
    is_set: bool


def write(books: Books, out: BinaryIO) -> None:
    """Write the activities file of a span: its transactions, and outcomes measured by its end."""
    reporter = _reporter(books.session)
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        if not reporter.is_set:
            file.write(etree.Comment(f" {PLACEHOLDER}: set iati.identifier before publishing "))
        with file.element("iati-activities", {"version": VERSION}):
            _write_fund(file, books, reporter)
            for project, organisation in _projects(books.session):
                _write_project(file, books, reporter, project, organisation)


def _write_fund(file: Any, books: Books, reporter: _Reporter) -> None:
    session, span = books.session, books.span
    with file.element("iati-activity", {"default-currency": "EUR"}):
        _head(file, reporter, "FUND", ("Fund of contributions to soil projects", "en"), _FUND_TEXT)
        file.write(_org(reporter.name, _FUNDING, ref=reporter.identifier))
        file.write(_element("activity-status", code="2"))
        first = session.scalar(select(func.min(Entry.effective_on))) or span.since
        _day(file, "activity-date", first, type=_PLANNED_START)
        file.write(_element("activity-scope", code="1"))
        file.write(_element("sector", vocabulary=_DAC, code=reporter.sector))
        received = Account.code.startswith("Liabilities:Fund:") | Account.code.startswith(
            "Liabilities:Project:"
        )
        # interest comes from our own bank, not from anybody who gives
        received |= Account.code.startswith("Income:") & ~Account.code.startswith(
            "Income:Interest:"
        )
        for day, amount in _months(session, span, received, leave=_INWARD):
            file.write(_transaction(_INCOMING, day, -amount))
        for day, amount in _months(session, span, Account.code.startswith("Expenses:Fees:")):
            file.write(_transaction(_EXPENDITURE, day, amount))


def _write_project(
    file: Any, books: Books, reporter: _Reporter, project: Project, organisation: Organisation
) -> None:
    session, span = books.session, books.span
    with file.element("iati-activity", {"default-currency": project.currency}):
        title, text = (project.title, project.language), (project.summary, project.language)
        _head(file, reporter, project.code or "", title, text)
        file.write(_org(reporter.name, _FUNDING, ref=reporter.identifier))
        kind = _KINDS.get(organisation.kind)
        file.write(_org(organisation.name, _IMPLEMENTING, **({"type": kind} if kind else {})))
        file.write(_element("activity-status", code=_STATUS[project.status]))
        begun = _begun(session, project)
        _day(file, "activity-date", begun, type=_PLANNED_START)
        if project.country:
            file.write(_element("recipient-country", code=project.country))
        file.write(_element("sector", vocabulary=_DAC, code=reporter.sector))
        mine = Account.project_id == project.id
        for day, amount in _months(session, span, mine, leave=ORDERED):
            file.write(_transaction(_COMMITMENT, day, -amount))
        for entry_id, day, amount in _payments(session, span, project):
            file.write(_transaction(_DISBURSEMENT, day, amount, ref=str(entry_id)))
        parent = f"{reporter.identifier}-FUND"
        file.write(_element("related-activity", type="1", ref=parent))
        for result in _results(session, span, project, begun):
            file.write(result)


def _head(
    file: Any, reporter: _Reporter, code: str, title: tuple[str, str], text: tuple[str, str]
) -> None:
    identifier = etree.Element("iati-identifier")
    identifier.text = f"{reporter.identifier}-{code}"
    file.write(identifier)
    org = _element("reporting-org", ref=reporter.identifier, type=reporter.type)
    org.append(_narrative(reporter.name, "en"))
    file.write(org)
    file.write(_told("title", *title))
    described = _told("description", *text)
    described.set("type", "1")
    file.write(described)


def _transaction(kind: str, day: date, amount: Money, ref: str | None = None) -> etree._Element:
    made = _element("transaction", **({"ref": ref} if ref else {}))
    made.append(_element("transaction-type", code=kind))
    made.append(_element("transaction-date", **{"iso-date": str(day)}))
    value = _element("value", currency=amount.currency, **{"value-date": str(day)})
    value.text = amount.decimal()
    made.append(value)
    return made


def _months(
    session: Session, span: Span, accounts: ColumnElement[bool], leave: Iterable[str] = ()
) -> Iterator[tuple[date, Money]]:
    """Sum what moved on some accounts in each month, dated by its last movement.

    A reversal counts as what it undoes. No date lies after the last entry: IATI takes none that
    is still to come.
    """
    undone = aliased(Entry)
    kind = func.coalesce(undone.kind, Entry.kind)
    sums: dict[tuple[str, str], tuple[date, int]] = {}
    rows = session.execute(
        select(Entry.effective_on, Account.currency, func.sum(Posting.amount))
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(undone, undone.id == Entry.reverses_id)
        .where(
            accounts,
            Entry.effective_on.between(span.since, span.until),
            kind.not_in(tuple(leave)),
        )
        .group_by(Entry.effective_on, Account.currency)
    )
    for day, currency, total in rows:
        month = f"{day:%Y-%m}", currency
        last, before = sums.get(month, (day, 0))
        sums[month] = max(last, day), before + int(total)
    for (_month, currency), (day, total) in sorted(sums.items()):
        if total:
            yield day, Money(total, currency)


def _payments(session: Session, span: Span, project: Project) -> Iterator[tuple[Any, date, Money]]:
    """Find what the bank paid, or gave back, for orders from the project's account."""
    order, movement, undone = aliased(Entry), aliased(Entry), aliased(Entry)
    owed, clearing, transit = aliased(Posting), aliased(Posting), aliased(Account)
    rows = session.execute(
        select(movement.id, movement.effective_on, clearing.amount, transit.currency)
        .select_from(Account)
        .join(owed, owed.account_id == Account.id)
        .join(order, order.id == owed.entry_id)
        .join(
            movement,
            (movement.source_type == order.source_type) & (movement.source_id == order.source_id),
        )
        .outerjoin(undone, undone.id == movement.reverses_id)
        .join(clearing, clearing.entry_id == movement.id)
        .join(transit, transit.id == clearing.account_id)
        .where(
            Account.project_id == project.id,
            order.kind == "disbursement_order",
            func.coalesce(undone.kind, movement.kind).in_(_SENT),
            transit.code.startswith("Assets:InTransit:Disbursements:"),
            movement.effective_on.between(span.since, span.until),
        )
        .order_by(movement.effective_on, movement.id)
    )
    for entry_id, day, amount, currency in rows:
        yield entry_id, day, Money(amount, currency)


def _results(
    session: Session, span: Span, project: Project, begun: date
) -> Iterator[etree._Element]:
    replaced = select(Outcome.supersedes_id).where(Outcome.supersedes_id.is_not(None))
    measured = session.scalars(
        select(Outcome)
        .where(
            Outcome.project_id == project.id,
            Outcome.sampled_on <= span.until,
            Outcome.id.not_in(replaced),
        )
        .order_by(Outcome.sampled_on, Outcome.id)
    )
    for outcome in measured:
        yield _soil(outcome)
    watched = session.execute(
        select(Indicator, IndicatorValue)
        .join(IndicatorValue, IndicatorValue.indicator_id == Indicator.id)
        .where(Indicator.project_id == project.id, IndicatorValue.observed_on <= span.until)
        .order_by(Indicator.family, Indicator.position, IndicatorValue.observed_on)
    ).all()
    indicators = {indicator.id: indicator for indicator, _value in watched}
    for key, indicator in indicators.items():
        yield _watched(indicator, [v for i, v in watched if i.id == key], begun)


def _soil(outcome: Outcome) -> etree._Element:
    """Tell a measured change with its interval; never more digits than a laboratory has."""
    name = f"Soil organic carbon, 0-{outcome.depth_cm} cm, at equivalent soil mass (tC/ha)"
    made = _result(name, "en")
    indicator = made[-1]
    baseline = _element(
        "baseline",
        year=str(outcome.baseline_on.year),
        value=f"{outcome.baseline_tc_ha:.2f}",
        **{"iso-date": str(outcome.baseline_on)},
    )
    indicator.append(baseline)
    said = (
        f"Change {outcome.change:+.2f} tC/ha, 95 % interval {outcome.low:+.2f} to"
        f" {outcome.high:+.2f}; {outcome.cores} cores; verdict: {outcome.verdict.value}"
    )
    said += ". Synthetic data" if outcome.synthetic else ""
    value = f"{outcome.baseline_tc_ha + outcome.change:.2f}"
    days = (outcome.baseline_on, outcome.sampled_on)
    indicator.append(_period(days, actual=value, comment=said))
    return made


def _watched(indicator: Indicator, values: list[IndicatorValue], begun: date) -> etree._Element:
    made = _result(f"{indicator.name} ({indicator.unit})", indicator.language)
    told = made[-1]
    if indicator.baseline is not None:
        first = min(begun, values[0].observed_on)
        told.append(_element("baseline", year=str(first.year), value=f"{indicator.baseline:g}"))
    for value in values:
        days = (min(begun, value.observed_on), value.observed_on)
        target = None if indicator.target is None else f"{indicator.target:g}"
        said = f"Evidence: {value.evidence.value}"
        told.append(_period(days, actual=f"{value.value:g}", target=target, comment=said))
    return made


def _result(name: str, language: str) -> etree._Element:
    made = _element("result", type=_OUTCOME, **{"aggregation-status": "false"})
    made.append(_told("title", name, language))
    indicator = _element("indicator", measure=_UNIT)
    indicator.append(_told("title", name, language))
    made.append(indicator)
    return made


def _period(
    days: tuple[date, date], *, actual: str, comment: str, target: str | None = None
) -> etree._Element:
    made = etree.Element("period")
    for name, day in zip(("period-start", "period-end"), days, strict=True):
        made.append(_element(name, **{"iso-date": str(day)}))
    if target is not None:
        made.append(_element("target", value=target))
    reached = _element("actual", value=actual)
    reached.append(_told("comment", comment, "en"))
    made.append(reached)
    return made


def _reporter(session: Session) -> _Reporter:
    told = settings.several(session, "iati", "issuer")
    value = told["iati"].value
    name = value.get("name") or told["issuer"].value["legal_name"]
    return _Reporter(
        identifier=value.get("identifier") or PLACEHOLDER,
        name=name,
        type=value.get("type") or "NOT-SET",
        sector=value["sector"],
        is_set=bool(value.get("identifier")),
    )


def _projects(session: Session) -> list[tuple[Project, Organisation]]:
    rows = session.execute(
        select(Project, Organisation)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(Project.code.is_not(None))
        .order_by(Project.code)
    )
    return [(project, organisation) for project, organisation in rows]


def _begun(session: Session, project: Project) -> date:
    admitted = session.scalar(
        select(func.min(Admission.admitted_on)).where(Admission.project_id == project.id)
    )
    return project.starts_on or admitted or project.created_at.date()


def _org(name: str, role: str, **attributes: str) -> etree._Element:
    made = _element("participating-org", role=role, **attributes)
    made.append(_narrative(name, "en"))
    return made


def _day(file: Any, name: str, day: date, **attributes: str) -> None:
    file.write(_element(name, **attributes, **{"iso-date": str(day)}))


def _told(name: str, text: str, language: str) -> etree._Element:
    made = etree.Element(name)
    made.append(_narrative(text, language))
    return made


def _narrative(text: str, language: str) -> etree._Element:
    made = etree.Element("narrative", {_LANG: language})
    made.text = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    return made


def _element(name: str, **attributes: str) -> etree._Element:
    return etree.Element(name, attributes)


_FUND_TEXT: Final = (
    (
        "Contributions of air travellers to soil projects that the Scientific and Technical"
        " Committee of the 4 per 1000 Initiative assessed. Incoming funds are the gifts of a"
        " month, less refunds; expenditure is what payment providers and banks charged."
    ),
    "en",
)
