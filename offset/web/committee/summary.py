"""What stands on the first two pages of a dossier? The project in figures, and our own checks."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext, ngettext

from calculators.soil.simulation import Spread
from offset.errors import InvalidInput
from offset.money import Money
from offset.projects import dossiers
from offset.projects.checks import Checks
from offset.projects.soil_checks import ProjectionCheck, Refusal
from offset.web import answers, labels
from offset.web.errors import sentence_of
from offset.web.templating import money, number


@dataclass(frozen=True)
class Line:
    """A fact or a check in words; ``kind`` is ok, warn, bad, info or plain."""

    label: str
    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Summary:
    """The two pages: what it is, and what we find."""

    lead: str
    facts: tuple[Line, ...]
    budget: tuple[Line, ...]
    checks: tuple[Line, ...]

    def facts_of(self) -> dict[str, Any]:
        """Write it as a document is given it."""
        return asdict(self)


_FACTS = (
    "project.modality",
    "project.country",
    "project.region",
    "land.area_ha",
    "land.climate",
    "land.soil",
    "land.baseline_practice",
    "practice.practice",
    "practice.starts_on",
    "practice.years",
    "practice.maintenance_promise",
    "safeguards.households",
    "money.amount_asked_minor",
    "money.farmers_share_pct",
    "money.co_funders",
    "money.partners",
)


def of(seen: dossiers.Dossier, found: Checks) -> Summary:
    """Write the summary of a dossier in the language of the page."""
    document = seen.document
    told = {
        f"{block.name}.{question.name}": one
        for block in answers.told(document)
        for question, one in zip(
            [q for q in answers.of_block(block.name) if q.name in document[block.name]],
            block.answers,
            strict=True,
        )
    }
    budget = document.get("money", {}).get("budget", ())
    currency = answers.currency_of(document)
    return Summary(
        lead=str(document.get("project", {}).get("summary", "")),
        facts=tuple(Line(told[name].label, told[name].text) for name in _FACTS if name in told),
        budget=tuple(
            Line(row["label"], money(Money(row["amount_minor"], currency))) for row in budget
        ),
        checks=(
            *_projection(found.projection),
            _detection(found),
            _cost(found),
            _area(found),
            *_overlap(found),
            _registration(found),
        ),
    )


def _projection(check: ProjectionCheck) -> Iterable[Line]:
    own = gettext("Our projection")
    if check.estimate is not None:
        rate = check.estimate.rate
        kind = "ok" if rate.p05 > 0 else "warn"
        yield Line(own, f"{_rate(rate)}. {_headline(rate)}", kind)
    elif check.refusal is not None:
        yield Line(own, _refused(check.refusal), "info")
    yield from _beside_it(check)
    for zone in check.zones:
        name = gettext(
            "One climate zone further: %(zone)s", zone=labels.label(labels.CLIMATES, zone.climate)
        )
        if zone.rate is not None:
            yield Line(name, _rate(zone.rate), "info")
        elif zone.refusal is not None:
            yield Line(name, _refused(zone.refusal), "plain")


def _beside_it(check: ProjectionCheck) -> Iterable[Line]:
    """Write the claim, what the gate says of it, and 4 per mille of that soil."""
    if check.claim_tc_ha_yr is not None:
        yield Line(
            gettext("The applicant’s own figure"),
            gettext("%(rate)s tC/ha/yr", rate=number(check.claim_tc_ha_yr, 2)),
            "info",
        )
    if check.gate is not None:
        kinds = {"fine": "ok", "evidence_needed": "warn", "blocked": "bad"}
        said = labels.label(labels.GATES, check.gate.verdict)
        if check.gate.times_four_per_mille is not None:
            said = gettext(
                "%(said)s; %(times)s times 4 per mille of this soil",
                said=said,
                times=number(check.gate.times_four_per_mille, 1),
            )
        yield Line(gettext("Plausibility gate"), said, kinds[check.gate.verdict])
    if check.four_per_mille is not None:
        yield Line(
            gettext("4 per mille of this soil"),
            gettext(
                "%(rate)s tC/ha/yr: context, never a pass mark",
                rate=number(check.four_per_mille, 2),
            ),
            "info",
        )


def _detection(found: Checks) -> Line:
    name = gettext("Smallest change the sampling can detect")
    check = found.detection
    if check.plan is None:
        said = (
            gettext("The plan names no strata with their spread, so nobody can say.")
            if check.refusal is None or check.refusal.code == "plan_missing"
            else _refused(check.refusal)
        )
        return Line(name, said, "warn")
    said = gettext("%(change)s tC/ha", change=number(check.plan.detectable, 1))
    if check.projected_tc_ha is not None and check.years:
        said = gettext(
            "%(change)s tC/ha; %(expected)s tC/ha are projected until the next round, "
            "after %(years)s years",
            change=number(check.plan.detectable, 1),
            expected=number(check.projected_tc_ha, 1),
            years=check.years,
        )
    return Line(name, said, "plain" if check.enough is None else "ok" if check.enough else "warn")


def _cost(found: Checks) -> Line:
    check = found.cost
    parts = []
    if check.stated is not None:
        parts.append(gettext("%(amount)s stated", amount=money(check.stated)))
    if check.computed is not None:
        parts.append(gettext("%(amount)s from amount and area", amount=money(check.computed)))
    if check.unusual:
        parts.append(gettext("far from tens per hectare"))
    said = "; ".join(parts) or gettext("No money is asked for.")
    return Line(gettext("Cost per hectare"), said, "warn" if check.unusual else "ok")


def _area(found: Checks) -> Line:
    check = found.area
    name = gettext("Drawn land")
    if not found.sites:
        return Line(name, gettext("No site is drawn."), "warn")
    said = ngettext(
        "%(num)s site, %(drawn)s ha drawn, %(stated)s ha stated",
        "%(num)s sites, %(drawn)s ha drawn, %(stated)s ha stated",
        len(found.sites),
        drawn=number(check.drawn_ha, 1),
        stated="–" if check.stated_ha is None else number(check.stated_ha, 1),
    )
    return Line(name, said, "ok" if check.within else "warn")


def _overlap(found: Checks) -> Iterable[Line]:
    name = gettext("Overlap with our other projects")
    check = found.overlap
    if check.checked_at is None:
        yield Line(name, gettext("Not tested: the application came without drawn sites."), "plain")
    elif not check.found:
        yield Line(
            name,
            ngettext(
                "None, compared with %(num)s site of others",
                "None, compared with %(num)s sites of others",
                check.compared,
            ),
            "ok",
        )
    for one in check.found:
        yield Line(
            name,
            gettext(
                "%(area)s ha (%(share)s %% of “%(site)s”) with %(other)s",
                area=number(one.area_ha, 1),
                share=number(one.share * 100, 0),
                site=one.site,
                other=f"“{one.other_title}”" if one.other_title else gettext("another project"),
            ),
            "bad",
        )


def _registration(found: Checks) -> Line:
    name = gettext("Carbon registered or sold elsewhere")
    check = found.registration
    if check.elsewhere is None:
        return Line(name, gettext("Never asked of this version."), "plain")
    if not check.elsewhere:
        return Line(name, gettext("No, says the applicant."), "ok")
    said = gettext("Yes: %(where)s", where=check.where)
    if check.reason:
        return Line(name, f"{said} {check.reason}", "warn")
    return Line(name, said, "bad")


def _rate(rate: Spread) -> str:
    return gettext(
        "%(central)s tC/ha/yr, %(low)s to %(high)s (9 in 10)",
        central=number(rate.central, 2),
        low=number(rate.p05, 2),
        high=number(rate.p95, 2),
    )


def _headline(rate: Spread) -> str:
    return gettext("At least %(rate)s with 2 chances in 3.", rate=number(rate.p33, 2))


def _refused(refusal: Refusal) -> str:
    parameters: dict[str, Any] = dict(refusal.parameters)
    return sentence_of(InvalidInput(refusal.code, **parameters))
