"""What does the platform itself find about an application? One read for the dossier.

Pure reads: nothing is stored, and nobody is asked for a right; whoever shows the result asks
``rooms`` or a seat first. A dossier page calls :func:`of_application` once, or single parts:

``projection`` (soil_checks.ProjectionCheck)
    our projection beside the applicant's claim, the gate, 4 per mille of that soil, and the same
    change one climate zone further (``zones``);
``detection`` (soil_checks.DetectionCheck)
    the smallest change the sampling plan can detect, beside what is projected until then;
``cost`` (soil_checks.CostCheck)
    cost per hectare as stated and as computed, flagged outside tens per hectare;
``area`` (sites.AreaCheck), ``sites``
    the drawn land on the ellipsoid beside the stated area;
``overlap`` (overlap.OverlapResult)
    land that another project of ours names as well; never public;
``registration`` (registrations.Registration)
    carbon registered or sold elsewhere, and the reason for an admission; public;
``criteria`` (tuple of CriterionAnswer)
    the applicant's answer to each criterion with its evidence by file and page.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import Refused
from offset.projects import criteria, overlap, registrations, sites, soil_checks
from offset.projects.criteria import Criterion
from offset.projects.models import Application, Attachment
from offset.projects.overlap import OverlapResult
from offset.projects.questions import CRITERIA, Blocks
from offset.projects.registrations import Registration
from offset.projects.sites import AreaCheck, Site
from offset.projects.soil_checks import CostCheck, DetectionCheck, ProjectionCheck


@dataclass(frozen=True)
class EvidencePage:
    """A page of a document that is named as evidence; ``attachment_id`` leads to the file."""

    attachment_id: uuid.UUID | None
    name: str
    sha256: str
    page: int
    pages: int | None


@dataclass(frozen=True)
class CriterionAnswer:
    """What the applicant says about one criterion.

    ``without`` says why no document shows it, where there is none; ``complete`` is what handing
    in asks for: words, and evidence or the reason for none.
    """

    criterion: str
    answer: str
    without: str
    evidence: tuple[EvidencePage, ...]

    @property
    def complete(self) -> bool:
        """Say whether handing in takes it."""
        return bool(self.answer and (self.evidence or self.without))


@dataclass(frozen=True)
class Checks:
    """Everything the platform itself finds about one application version."""

    application_id: uuid.UUID
    projection: ProjectionCheck
    detection: DetectionCheck
    cost: CostCheck
    area: AreaCheck
    sites: tuple[Site, ...]
    overlap: OverlapResult
    registration: Registration
    criteria: tuple[CriterionAnswer, ...]


def of_application(session: Session, application_id: uuid.UUID) -> Checks:
    """Compute every check of an application version; the figures repeat with the version."""
    document = session.get_one(Application, application_id).document
    projection = soil_checks.projection(document, seed=soil_checks.seed_of(application_id))
    rate = projection.estimate.rate if projection.estimate else None
    land = sites.of_application(session, application_id)
    return Checks(
        application_id=application_id,
        projection=projection,
        detection=soil_checks.detectable(document, rate),
        cost=soil_checks.cost(document),
        area=sites.area_check(land, document),
        sites=land,
        overlap=overlap.of_application(session, application_id),
        registration=registrations.of_application(session, application_id),
        criteria=criteria_answers(session, application_id),
    )


def criteria_answers(session: Session, application_id: uuid.UUID) -> tuple[CriterionAnswer, ...]:
    """Return what the applicant says about each criterion, in the order of their codes."""
    document = session.get_one(Application, application_id).document
    files = session.execute(
        select(Attachment.sha256, Attachment.id, Attachment.name, Attachment.pages).where(
            Attachment.application_id == application_id
        )
    )
    held = {row.sha256: row for row in files}
    told = document.get(CRITERIA, {})
    return tuple(
        CriterionAnswer(
            code,
            said.get("answer", ""),
            said.get("without", ""),
            tuple(
                EvidencePage(
                    held[one["sha256"]].id if one["sha256"] in held else None,
                    held[one["sha256"]].name if one["sha256"] in held else "",
                    one["sha256"],
                    one["page"],
                    held[one["sha256"]].pages if one["sha256"] in held else None,
                )
                for one in said.get("evidence", ())
            ),
        )
        for code, said in sorted(told.items(), key=lambda pair: _place(pair[0]))
    )


def criteria_asked(session: Session, on: date) -> tuple[Criterion, ...]:
    """Return the criteria an application of a day answers; none before the first are adopted."""
    try:
        return criteria.current(session, on).criteria
    except Refused:
        return ()


def unanswered(document: Blocks, codes: Iterable[str]) -> tuple[str, ...]:
    """Name the criteria that handing in still needs words or evidence for."""
    told = document.get(CRITERIA, {})
    return tuple(code for code in codes if not _complete(told.get(code, {})))


def _complete(said: dict[str, object]) -> bool:
    return bool(said.get("answer") and (said.get("evidence") or said.get("without")))


def _place(code: str) -> tuple[int, ...]:
    return tuple(int(part) for part in code.split("."))
