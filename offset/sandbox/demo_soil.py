"""How does soil of the demonstration come to be sampled? Planned, handed in as files, published.

All cores are invented; every file and every page of them says so. Each core has the stock that the
demonstration's data give it at equivalent soil mass, spread over four layers.
"""

import csv
import hashlib
import io
import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.people.access import Actor
from offset.projects import layer_uploads, outcomes, sampled, sampling_rounds
from offset.projects.layer_uploads import Wording
from offset.projects.measurement_models import Design
from offset.projects.ports import FileStore
from offset.projects.sampling_rounds import Part

LABORATORY: Final = Wording("Demonstration laboratory (fictional)", "dry combustion")
COLUMNS: Final = (
    "stratum",
    "core",
    "taken_on",
    "top_cm",
    "bottom_cm",
    "soc_g_kg",
    "bulk_density_g_cm3",
    "density_basis",
    "latitude",
    "longitude",
)
# top and bottom [cm], bulk density [g/cm³], carbon relative to the others
_LAYERS: Final = (
    (0, 10, 1.25, 1.5),
    (10, 20, 1.35, 1.1),
    (20, 30, 1.40, 0.8),
    (30, 50, 1.45, 0.5),
)
_DEPTH_CM: Final = 30
# stock to 30 cm [tC/ha] that one g/kg of the scale gives
_A_GRAM: Final = sum(
    density * (bottom - top) * share / 10
    for top, bottom, density, share in _LAYERS
    if bottom <= _DEPTH_CM
)
_WITHIN: Final = 0.55
_METRES_A_DEGREE: Final = 111_195
_TURN: Final = 2.399963  # the golden angle spreads cores evenly over a round field


@dataclass(frozen=True)
class Sampling:
    """Who samples which soil of the demonstration, and where its files lie."""

    project_id: uuid.UUID
    steward: Actor
    clerk: Actor
    latitude: float
    longitude: float
    area_ha: float
    files: FileStore | None

    def plan(
        self,
        session: Session,
        *,
        at: datetime,
        on: date,
        strata: Sequence[Part] = (),
        baseline_id: uuid.UUID | None = None,
        note: str = "",
    ) -> uuid.UUID:
        """Plan a round."""
        return sampling_rounds.plan(
            session,
            actor=self.steward,
            at=at,
            project_id=self.project_id,
            planned_on=on,
            depth_cm=_DEPTH_CM,
            design=Design.PAIRED,
            strata=strata,
            baseline_id=baseline_id,
            note=note,
        )

    def hand_in(
        self,
        session: Session,
        round_id: uuid.UUID,
        stocks: Iterable[tuple[str, int, float]],
        *,
        taken_on: date,
        at: datetime,
    ) -> None:
        """Check the file of a round and commit it."""
        data = self.table(stocks, taken_on)
        digest = hashlib.sha256(data).hexdigest()
        key = self.files.put(data, suffix="csv") if self.files else f"{digest}.csv"
        report = layer_uploads.check(
            session, actor=self.steward, at=at, round_id=round_id, data=data
        )
        layer_uploads.keep_checked(
            session,
            actor=self.steward,
            at=at,
            round_id=round_id,
            report=report,
            file_key=key,
            name=f"layers-{taken_on.isoformat()}.csv",
            wording=LABORATORY,
        )
        layer_uploads.commit(
            session,
            actor=self.steward,
            at=at,
            round_id=round_id,
            sha256=digest,
            data=data,
            synthetic=True,
        )

    def table(self, stocks: Iterable[tuple[str, int, float]], taken_on: date) -> bytes:
        """Write cores with given stocks [tC/ha] as a laboratory would."""
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(COLUMNS)
        for number, (stratum, core, stock) in enumerate(stocks):
            latitude, longitude = self._spot(number)
            for top, bottom, density, share in _LAYERS:
                carbon = f"{stock / _A_GRAM * share:.9f}"
                place = (stratum, core, taken_on, top, bottom)
                writer.writerow((*place, carbon, density, "fine_earth", latitude, longitude))
        return written.getvalue().encode()

    def _spot(self, number: int) -> tuple[float, float]:
        radius = math.sqrt(self.area_ha * 10_000 / math.pi) / _METRES_A_DEGREE
        far = radius * _WITHIN * math.sqrt((number % 50 + 1) / 50)
        turn = _TURN * number
        return (
            round(self.latitude + far * math.sin(turn), 6),
            round(self.longitude + far * math.cos(turn) / math.cos(math.radians(self.latitude)), 6),
        )


def measured(session: Session, soil: Sampling, told: dict[str, Any], *, start: datetime) -> None:
    """Tell of two rounds of pairs, and publish what they say."""
    later = utc_day(start - timedelta(days=60))
    first = utc_day(start - timedelta(days=60 + round(told["years"] * 365.25)))
    pairs = [(float(a), float(b)) for a, b in told["pairs"]]
    strata = (Part("All fields", float(told["area_ha"]), len(pairs)),)
    planned = start - timedelta(days=392)
    baseline = soil.plan(session, at=planned, on=first, strata=strata)
    again = soil.plan(session, at=planned, on=later, baseline_id=baseline, note=str(told["source"]))
    for round_id, side, day, before in ((baseline, 0, first, 390), (again, 1, later, 45)):
        soil.hand_in(
            session,
            round_id,
            [("All fields", n, pair[side]) for n, pair in enumerate(pairs, start=1)],
            taken_on=day,
            at=start - timedelta(days=before),
        )
    (waiting,) = sampled.own_measurements(session, soil.steward, soil.project_id)
    outcomes.publish_measurement(
        session,
        actor=soil.clerk,
        at=start - timedelta(days=40),
        measurement_id=waiting.id,
    )
    soil.plan(
        session,
        at=start - timedelta(days=39),
        on=utc_day(start + timedelta(days=5 * 365)),
        baseline_id=baseline,
    )


def begun(session: Session, soil: Sampling, *, start: datetime, stock: float) -> None:
    """Tell of a soil whose baseline is measured and whose change is not yet."""
    quarter = soil.area_ha / 4
    names = ("Plateau", "Slope", "Glacis", "Valley")
    strata = tuple(Part(name, quarter, 10) for name in names)
    taken = utc_day(start - timedelta(days=270))
    baseline = soil.plan(session, at=start - timedelta(days=300), on=taken, strata=strata)
    cores = [
        (name, core, stock + place + 0.9 * math.sin(2.4 * core + place))
        for place, name in enumerate(names)
        for core in range(1, 11)
    ]
    soil.hand_in(session, baseline, cores, taken_on=taken, at=start - timedelta(days=240))
    for years in (5, 10):
        soil.plan(
            session,
            at=start - timedelta(days=239),
            on=utc_day(start + timedelta(days=years * 365 - 270)),
            baseline_id=baseline,
        )


def planned(session: Session, soil: Sampling, *, start: datetime) -> None:
    """Tell of a soil that nobody has sampled yet."""
    half = soil.area_ha / 2
    baseline = soil.plan(
        session,
        at=start - timedelta(days=80),
        on=utc_day(start + timedelta(days=45)),
        strata=(Part("Upper part", half, 15), Part("Lower part", half, 15)),
    )
    soil.plan(
        session,
        at=start - timedelta(days=80),
        on=utc_day(start + timedelta(days=45 + 5 * 365)),
        baseline_id=baseline,
    )
