"""How does a test get soil? Tables of layers as laboratories send them, and rounds for them."""

import io
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
from sqlalchemy.orm import Session

from calculators.soil.stock_change import Stratum
from offset.projects import layer_uploads, measurements, outcomes, sampling_rounds
from offset.projects.layer_uploads import Wording
from offset.projects.measurement_models import Design
from offset.projects.sampling_rounds import Part
from tests.builders.projects import Way

# where the builder of projects puts the land of the project of that name
PLACE = (43.3, zlib.crc32(b"green-bridges") % 1000 / 10)
HEADINGS = (
    "stratum,core,taken_on,top_cm,bottom_cm,soc_percent,bulk_density_g_cm3,density_basis,"
    "coarse_fragments_percent,latitude,longitude"
)
LABORATORY = Wording("Laboratory of the plain", "dry combustion")
BASELINE_DAY = date(2021, 11, 1)
LATER_DAY = date(2026, 11, 1)
STRATA = (Part("North", 500, 4), Part("South", 350, 3))
# carbon of the top layer at the baseline, per cent, by stratum
FIRST = {"North": (1.50, 1.62, 1.43, 1.71), "South": (1.21, 1.30, 1.12)}


def more(*steps: float) -> Callable[[float, int], float]:
    """Add these amounts to the cores in turn [% of carbon]."""
    return lambda carbon, n: carbon + steps[n % len(steps)]


GAIN = more(0.12, 0.18, 0.15, 0.10, 0.2, 0.14, 0.16)
LEVEL = more(0.06, -0.07, 0.03, -0.05, 0.02, 0.05, -0.04)
LOSS = more(-0.12, -0.18, -0.15, -0.10, -0.2, -0.14, -0.16)


def rows(
    day: date = BASELINE_DAY,
    change: Callable[[float, int], float] = lambda carbon, _n: carbon,
    place: tuple[float, float] = PLACE,
) -> list[str]:
    """Two layers a core, 0-10 and 10-40 cm, as CSV lines without their heading."""
    lines = []
    number = 0
    for stratum, carbons in FIRST.items():
        for core, carbon in enumerate(carbons, start=1):
            top = change(carbon, number)
            where = f"{place[0] + number / 1000:.4f},{place[1]:.4f}"
            lines += [
                f"{stratum},{core},{day},0,10,{top:.3f},1.30,fine_earth,,{where}",
                f"{stratum},{core},{day},10,40,{top * 0.6:.3f},1.42,fine_earth,,{where}",
            ]
            number += 1
    return lines


def table(lines: Iterable[str], headings: str = HEADINGS) -> bytes:
    """A CSV file."""
    return ("\n".join([headings, *lines]) + "\n").encode()


def workbook(
    lines: Iterable[str], headings: str = HEADINGS, *, sheets: Sequence[str] = ("layers",)
) -> bytes:
    """The same as a workbook: numbers and days are numbers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in sheets:
        sheet = book.create_sheet(name)
        sheet.append(headings.split(","))
        for line in lines:
            sheet.append([_cell(cell) for cell in line.split(",")])
    return saved(book)


def saved(book: Any) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Any archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


def _cell(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text or None


def projected(session: Session, way: Way, *, at: datetime) -> uuid.UUID:
    """Seal the projection of a project."""
    return outcomes.project_carbon(
        session, actor=way.cast.clerk, at=at, project_id=way.project_id, seed=2
    )


def a_loss(
    session: Session,
    way: Way,
    *,
    at: datetime,
    supersedes_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Publish a soil that lost 1.9 tC/ha, as a table of values; again, with a reason."""
    measurement_id = measurements.submit(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        baseline_on=BASELINE_DAY,
        sampled_on=LATER_DAY,
        depth_cm=30,
        strata=[Stratum(850, ((46, 44), (46.5, 45), (45.5, 43), (48.2, 46)))],
        laboratory=LABORATORY.laboratory,
        laboratory_method=LABORATORY.method,
    )
    return outcomes.publish_measurement(
        session,
        actor=way.cast.clerk,
        at=at,
        measurement_id=measurement_id,
        supersedes_id=supersedes_id,
        reason=reason,
    )


def a_round(
    session: Session,
    way: Way,
    *,
    at: datetime,
    baseline_id: uuid.UUID | None = None,
    design: Design = Design.PAIRED,
    **said: Any,
) -> uuid.UUID:
    """A planned round; without a baseline it is one."""
    given: dict[str, Any] = {
        "planned_on": LATER_DAY if baseline_id else BASELINE_DAY,
        "depth_cm": 30,
        "strata": () if baseline_id else STRATA,
        **said,
    }
    return sampling_rounds.plan(
        session,
        actor=given.pop("actor", way.cast.steward),
        at=at,
        project_id=way.project_id,
        design=design,
        baseline_id=baseline_id,
        **given,
    )


def handed_in(
    session: Session, way: Way, round_id: uuid.UUID, data: bytes, *, at: datetime, reason: str = ""
) -> uuid.UUID:
    """A file that was checked and committed."""
    actor = way.cast.steward
    report = layer_uploads.check(session, actor=actor, at=at, round_id=round_id, data=data)
    layer_uploads.keep_checked(
        session,
        actor=actor,
        at=at,
        round_id=round_id,
        report=report,
        file_key=f"{report.sha256}.{report.kind}",
        name=f"layers.{report.kind}",
        wording=LABORATORY,
    )
    return layer_uploads.commit(
        session,
        actor=actor,
        at=at,
        round_id=round_id,
        sha256=report.sha256,
        data=data,
        reason=reason,
    )


def two_rounds(
    session: Session, way: Way, *, at: datetime, change: Callable[[float, int], float] = GAIN
) -> tuple[uuid.UUID, uuid.UUID]:
    """A baseline and a later round, both with their files; what they say waits to be published."""
    first = a_round(session, way, at=at)
    handed_in(session, way, first, table(rows()), at=at)
    second = a_round(session, way, at=at, baseline_id=first)
    handed_in(session, way, second, table(rows(LATER_DAY, change)), at=at)
    return first, second
