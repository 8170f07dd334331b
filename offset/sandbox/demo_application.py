"""What do the demonstration's applications say beside their answers? Land, evidence, papers."""

import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.people.access import Actor
from offset.projects import applications, attachments, criteria, sites
from offset.projects.application_models import PaperKind
from offset.projects.ports import FileStore

_METRES_A_DEGREE: Final = 111_195.0
_SHARES: Final = ((55, "Seed, plants and material"), (33, "Work of the farmers"))
_REST: Final = "Sampling and laboratory"
_CORNERS: Final = 9
_PAGE_TITLES: Final = ("Meeting of the members", "Land and rights", "Soil: plan and first figures")
_TITLE: Final = "Fictional paper of the demonstration"
# what the paper of the demonstration shows, by criterion: a page of it
_PAGES: Final[Mapping[str, int]] = {"1.1": 1, "1.2": 2, "2.1": 3, "2.2": 3, "4.2": 1}


@dataclass(frozen=True)
class Paper:
    """A PDF of the demonstration that lies in the file store."""

    key: str
    size: int
    digest: str
    pages: int


def keep_paper(files: FileStore) -> Paper:
    """Draw the one paper of the demonstration and keep it: three pages that say what they are."""
    data = a_pdf([f"{title}. {_TITLE}. Nothing in it is real." for title in _PAGE_TITLES])
    return Paper(files.put(data, suffix="pdf"), len(data), sha256(data).hexdigest(), 3)


def a_pdf(lines: Sequence[str]) -> bytes:
    """Write a plain PDF 1.4, one line of text a page; letters of ASCII only."""
    count = len(lines)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, line in enumerate(lines):
        text = line.replace("\\", "").replace("(", "").replace(")", "")
        drawn = f"BT /F1 11 Tf 60 760 Td ({text}) Tj ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    written = bytearray(b"%PDF-1.4\n")
    places = []
    for number, told in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{told}\nendobj\n".encode("ascii")
    start = len(written)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    written += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ).encode("ascii")
    return bytes(written)


def completed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers with a budget that comes to the amount asked, and words on registration."""
    money = dict(said.get("money", {}))
    asked = money.get("amount_asked_minor")
    if asked and "budget" not in money:
        lines = [{"label": label, "amount_minor": asked * share // 100} for share, label in _SHARES]
        rest = asked - sum(line["amount_minor"] for line in lines)
        money["budget"] = [*lines, {"label": _REST, "amount_minor": rest}]
    carbon = {"registered_elsewhere": False, **said.get("carbon", {})}
    return {**said, "money": money, "carbon": carbon, "monitoring": _plan(said)}


def _plan(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sampling plan with two parts of the land, where one was described at all."""
    told = dict(said.get("monitoring", {}))
    area = said.get("land", {}).get("area_ha")
    if "design" not in told or not area:
        return told
    strata = [
        {"stratum": "Slopes", "area_ha": area * 0.6, "cores": 24, "sd_tc_ha": 7.0},
        {"stratum": "Flat land", "area_ha": area * 0.4, "cores": 16, "sd_tc_ha": 9.0},
    ]
    usual = {"same_places": True, "correlation": 0.8, "next_round_years": 5}
    return {"strata": strata, **usual, **told}


def support(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    said: Mapping[str, Any],
    paper: Paper | None,
    only: frozenset[str] | None = None,
) -> None:
    """Add the land of an application, its paper, and what it says of criteria; all, or some."""
    land = said["land"]
    sites.add(
        session,
        actor=actor,
        at=at,
        project_id=project_id,
        text=_field(land["latitude"], land["longitude"], land["area_ha"]),
        name="Main site",
    )
    if paper is not None:
        attachments.attach(
            session,
            actor=actor,
            at=at,
            project_id=project_id,
            name="Meeting, land and soil.pdf",
            media_type=attachments.MEDIA_TYPE,
            size=paper.size,
            sha256=paper.digest,
            file_key=paper.key,
            pages=paper.pages,
            kind=PaperKind.TENURE,
        )
    applications.save(
        session,
        actor=actor,
        at=at,
        project_id=project_id,
        answers={"criteria": _criteria(paper, only)},
    )


def _criteria(paper: Paper | None, only: frozenset[str] | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for one in criteria.draft_document()["criteria"]:
        if only is not None and one["id"] not in only:
            continue
        said: dict[str, Any] = {
            "answer": f"{one['name']}: as the blocks of this application say, with the figures "
            "named there."
        }
        if paper is not None and one["id"] in _PAGES:
            said["evidence"] = [{"sha256": paper.digest, "page": _PAGES[one["id"]]}]
        else:
            said["without"] = "No document of its own; the first visit will show it."
        told[one["id"]] = said
    return told


def _field(latitude: float, longitude: float, area_ha: float) -> str:
    """Return an outline of nine corners, about as large as asked, as GeoJSON."""
    steps = [2 * math.pi * n / _CORNERS for n in range(_CORNERS)]
    reach = [1 + 0.18 * math.sin(3 * step + latitude) for step in steps]
    told = sum(
        reach[n] * reach[(n + 1) % _CORNERS] * math.sin(2 * math.pi / _CORNERS) / 2
        for n in range(_CORNERS)
    )
    radius = math.sqrt(area_ha * 10_000 / told) / _METRES_A_DEGREE
    ring = [
        [
            round(longitude + far * radius * math.cos(step) / math.cos(math.radians(latitude)), 6),
            round(latitude + far * radius * math.sin(step), 6),
        ]
        for step, far in zip(steps, reach, strict=True)
    ]
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
