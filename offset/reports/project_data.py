"""What do projects hand out as data? Stable columns, one project or all, never a mass of carbon.

Positions are rounded to 10 km. Rates are tonnes of carbon per hectare and year, measured changes
tonnes of carbon per hectare; what each column means is said once here and shown on a page.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.money import Money
from offset.projects.queries import (
    OutcomeView,
    Portfolio,
    ProjectionView,
    ProjectPage,
    Wanted,
    portfolio,
)
from offset.projects.queries.portfolio import Listed
from offset.reports.tables import Column, safe

LICENCE: Final = "CC BY 4.0"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by/4.0/"
VERSION: Final = 1
_ALL: Final = 10_000

COLUMNS: Final = (
    Column("project", "the word in the project's address; it stays"),
    Column("title", "the title as its people wrote it"),
    Column("language", "the language of the title, ISO 639-1"),
    Column("status", "open, funded, on_hold or completed"),
    Column("country", "the country, ISO 3166-1"),
    Column("region", "the region as its people wrote it"),
    Column("latitude", "degrees north, rounded to 10 km", number=True),
    Column("longitude", "degrees east, rounded to 10 km", number=True),
    Column("practice", "what is done, a word of the list of practices"),
    Column("area_ha", "hectares", number=True),
    Column("starts_year", "the year it begins", number=True),
    Column("currency", "the currency of the amounts, ISO 4217"),
    Column("target", "what it asks for, a decimal point", number=True),
    Column("allocated", "what was allocated to it, paid or not", number=True),
    Column("paid", "what was paid to it", number=True),
    Column("projected_low", "projected gain, low end of the 90 % range, tC/ha/yr", number=True),
    Column("projected_high", "projected gain, high end of the 90 % range, tC/ha/yr", number=True),
    Column("verdict", "what the latest sampling says: gain, no_change, loss; else empty"),
    Column("sampled_year", "the year of the latest sampling; else empty", number=True),
    Column("page", "the address of its page"),
)
FIGURES: Final = (
    Column("kind", "money, indicator, projection or measurement"),
    Column("name", "what is counted"),
    Column("date", "the day it belongs to, YYYY-MM-DD"),
    Column("value", "the figure, a decimal point", number=True),
    Column("low", "the low end of its interval, if it has one", number=True),
    Column("high", "the high end of its interval, if it has one", number=True),
    Column("interval", "which interval: 0.90 projected, 0.95 measured"),
    Column("unit", "the unit"),
    Column("baseline", "the value before the project, if it has one", number=True),
    Column("target", "the value it aims for, if it has one", number=True),
    Column("verdict", "of a measurement: gain, no_change or loss"),
    Column("evidence", "what it rests on"),
    Column("source", "method, laboratory or paper"),
    Column("superseded", "true where a later figure replaces it"),
)


def everything(session: Session, wanted: Wanted | None = None) -> Portfolio:
    """Read the whole portfolio, or what fits some filters, in four statements."""
    return portfolio(session, wanted or Wanted(), size=_ALL)


def row(one: Listed, site: str) -> dict[str, Any]:
    """Write a project under the names of ``COLUMNS``."""
    return {
        "project": one.slug,
        "title": one.title,
        "language": one.language,
        "status": one.status.value,
        "country": one.country,
        "region": one.region,
        "latitude": one.position[0] if one.position else None,
        "longitude": one.position[1] if one.position else None,
        "practice": one.practice,
        "area_ha": one.area_ha,
        "starts_year": one.starts_year,
        "currency": one.target.currency,
        "target": one.target.decimal(),
        "allocated": one.totals.allocated.decimal(),
        "paid": one.totals.paid.decimal(),
        "projected_low": one.p05,
        "projected_high": one.p95,
        "verdict": one.verdict.value if one.verdict else None,
        "sampled_year": one.sampled_year,
        "page": f"{site}/projects/{one.slug}",
    }


def as_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as CSV: commas, CR LF, names first; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for told in rows:
        writer.writerow([_cell(column, told.get(column.name)) for column in columns])
    return out.getvalue()


def documents(found: Portfolio, site: str) -> dict[str, Any]:
    """Write the whole portfolio for a program."""
    return {
        **_head(site),
        "projects": [row(one, site) for one in found.projects],
    }


def features(found: Portfolio, site: str) -> dict[str, Any]:
    """Write the portfolio as GeoJSON (RFC 7946): one rounded point a project."""
    return {
        "type": "FeatureCollection",
        **_head(site),
        "features": [
            feature(
                {
                    name: value
                    for name, value in row(one, site).items()
                    if name not in {"latitude", "longitude"}
                },
                one.position,
            )
            for one in found.projects
        ],
    }


def feature(properties: Mapping[str, Any], position: tuple[float, float] | None) -> dict[str, Any]:
    """Write one place; a project without a place has no geometry."""
    return {
        "type": "Feature",
        "id": properties["project"],
        "geometry": {"type": "Point", "coordinates": [position[1], position[0]]}
        if position
        else None,
        "properties": {**properties, "position_rounded_to_km": 10},
    }


def document(page: ProjectPage, site: str) -> dict[str, Any]:
    """Write one project for a program: what its page says, without the texts of its updates."""
    return {
        **_head(site),
        **facts(page, site),
        "money": {
            "currency": page.target.currency,
            "target": page.target.decimal(),
            "needed": page.needed.decimal(),
            "allocated": page.totals.allocated.decimal(),
            "paid": page.totals.paid.decimal(),
        },
        "assessment": _assessment(page),
        "indicators": [
            {
                "family": family.family.value,
                "name": one.name,
                "unit": one.unit,
                "baseline": one.baseline,
                "target": one.target,
                "latest": one.latest,
                "observed_on": one.observed_on.isoformat() if one.observed_on else None,
                "evidence": one.evidence.value,
                "source": one.source,
            }
            for family in page.families
            for one in family.indicators
        ],
        "projections": [
            _projection(one)
            for one in (
                *([page.projection] if page.projection else []),
                *page.superseded_projections,
            )
        ],
        "measurements": [_outcome(one) for one in page.outcomes],
        "concerns": {"open": page.concerns.open, "closed": page.concerns.closed},
        "updates": page.all_updates,
    }


def facts(page: ProjectPage, site: str) -> dict[str, Any]:
    """Write what a project is and where."""
    return {
        "project": page.slug,
        "code": page.code,
        "title": page.title,
        "summary": page.summary,
        "language": page.language,
        "status": page.status.value,
        "organisation": page.organisation,
        "country": page.country,
        "region": page.region,
        "latitude": page.position[0] if page.position else None,
        "longitude": page.position[1] if page.position else None,
        "practice": page.practice,
        "climate": page.climate,
        "soil": page.soil,
        "area_ha": page.area_ha,
        "starts_on": page.starts_on.isoformat() if page.starts_on else None,
        "years": page.years,
        "development_goals": list(page.goals),
        "page": f"{site}/projects/{page.slug}",
    }


def figures(page: ProjectPage) -> list[dict[str, Any]]:
    """Write every figure of a project under the names of ``FIGURES``."""
    currency = page.target.currency
    told: list[dict[str, Any]] = [
        _money("target", page.target, currency),
        _money("allocated", page.totals.allocated, currency),
        _money("paid", page.totals.paid, currency),
    ]
    told += [
        {
            "kind": "indicator",
            "name": one.name,
            "date": one.observed_on.isoformat() if one.observed_on else None,
            "value": one.latest,
            "unit": one.unit,
            "baseline": one.baseline,
            "target": one.target,
            "evidence": one.evidence.value,
            "source": one.source,
        }
        for family in page.families
        for one in family.indicators
    ]
    told += [
        {
            "kind": "projection",
            "name": "at least this, with two chances in three",
            "date": one.published_at.date().isoformat(),
            "value": one.p33,
            "low": one.p05,
            "high": one.p95,
            "interval": "0.90",
            "unit": "tC/ha/yr",
            "source": f"{one.method} {one.method_version}; {one.table_version}",
            "superseded": str(one.superseded).lower(),
        }
        for one in (*([page.projection] if page.projection else []), *page.superseded_projections)
    ]
    told += [
        {
            "kind": "measurement",
            "name": f"change since {one.baseline_on.isoformat()}, first {one.depth_cm} cm",
            "date": one.sampled_on.isoformat(),
            "value": one.change,
            "low": one.low,
            "high": one.high,
            "interval": "0.95",
            "unit": "tC/ha",
            "baseline": one.baseline_tc_ha,
            "verdict": one.verdict.value,
            "evidence": "measured",
            "source": f"{one.laboratory}, {one.laboratory_method}; {one.cores} cores",
            "superseded": str(one.superseded).lower(),
        }
        for one in page.outcomes
    ]
    return told


def _money(name: str, amount: Money, unit: str) -> dict[str, Any]:
    return {"kind": "money", "name": name, "value": amount.decimal(), "unit": unit}


def _head(site: str) -> dict[str, Any]:
    return {
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
        "version": VERSION,
        "dictionary": f"{site}/data/",
    }


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    return value if column.number else safe(str(value))


def _assessment(page: ProjectPage) -> dict[str, Any] | None:
    told = page.assessment
    if told is None:
        return None
    return {
        "by": "Scientific and Technical Committee (formative assessment)",
        "outcome": told.outcome.value,
        "decided_on": told.decided_on.isoformat(),
        "expires_on": told.expires_on.isoformat() if told.expires_on else None,
        "criteria_version": told.criteria_version,
        "reviewers": told.reviews,
        "recusals": told.recusals,
        "members": told.members,
        "members_recused": told.recused,
        "conditions": len(told.conditions),
        "conditions_open": sum(one.closed_on is None for one in told.conditions),
        "recommendations": [
            {"text": one.text, "answer": one.answer} for one in told.recommendations
        ],
    }


def _projection(one: ProjectionView) -> dict[str, Any]:
    return {
        "unit": "tC/ha/yr",
        "at_least_with_two_chances_in_three": one.p33,
        "low": one.p05,
        "high": one.p95,
        "coverage": 0.90,
        "chance_of_gain": one.p_gain,
        "years": one.years,
        "depth_cm": one.depth_cm,
        "method": one.method,
        "method_version": one.method_version,
        "table_version": one.table_version,
        "deduction": f"{one.policy} {one.policy_version}",
        "buffer_percent": one.buffer_pct,
        "seed": one.seed,
        "draws": one.draws,
        "published_at": one.published_at.isoformat(),
        "superseded": one.superseded,
    }


def _outcome(one: OutcomeView) -> dict[str, Any]:
    return {
        "unit": "tC/ha",
        "baseline_on": one.baseline_on.isoformat(),
        "sampled_on": one.sampled_on.isoformat(),
        "change": one.change,
        "low": one.low,
        "high": one.high,
        "coverage": 0.95,
        "verdict": one.verdict.value,
        "cores": one.cores,
        "depth_cm": one.depth_cm,
        "method": one.method,
        "method_version": one.method_version,
        "laboratory": one.laboratory,
        "laboratory_method": one.laboratory_method,
        "invented_sample": one.synthetic,
        "published_at": one.published_at.isoformat(),
        "superseded": one.superseded,
        "reason": one.reason,
    }
