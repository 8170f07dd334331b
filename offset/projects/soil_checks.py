"""What does the platform itself find about the soil of an application? Pure, from its answers.

The committee reads these beside the applicant's own words: the projection beside the claim, the
zones next to the one that was named, 4 per mille of that soil, the gate, the cost per hectare, and
the smallest change that the sampling plan can detect.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from calculators.soil import detection, plausibility, practices, stock
from calculators.soil.detection import PlannedStratum
from calculators.soil.plausibility import Gate
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import Spread
from offset.errors import InvalidInput
from offset.money import Money, exponent
from offset.projects import outcomes
from offset.projects.outcomes import Estimate
from offset.projects.questions import Blocks

FACTORS: Final = (
    *(
        f"{side}_{kind}"
        for side in ("baseline", "project")
        for kind in ("land_use", "management", "carbon_input")
    ),
    "agroforestry",
)
USUAL_COST: Final = (10, 100)
"""Tens of an amount per hectare: the Initiative's own measure of what soils cost."""
# one step wetter or drier, one step warmer or colder
_NEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "tropical_montane": ("tropical_moist", "warm_temperate_moist"),
    "tropical_wet": ("tropical_moist",),
    "tropical_moist": ("tropical_wet", "tropical_dry", "warm_temperate_moist"),
    "tropical_dry": ("tropical_moist", "warm_temperate_dry"),
    "warm_temperate_moist": ("tropical_moist", "warm_temperate_dry", "cool_temperate_moist"),
    "warm_temperate_dry": ("tropical_dry", "warm_temperate_moist", "cool_temperate_dry"),
    "cool_temperate_moist": ("warm_temperate_moist", "cool_temperate_dry", "boreal_moist"),
    "cool_temperate_dry": ("warm_temperate_dry", "cool_temperate_moist", "boreal_dry"),
    "boreal_moist": ("cool_temperate_moist", "boreal_dry", "polar_moist"),
    "boreal_dry": ("cool_temperate_dry", "boreal_moist", "polar_dry"),
    "polar_moist": ("boreal_moist", "polar_dry"),
    "polar_dry": ("boreal_dry", "polar_moist"),
}


@dataclass(frozen=True)
class Refusal:
    """Why a figure cannot be given: a code with its sentence in ``web/sentences.py``."""

    code: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Zone:
    """The same change of practice one climate zone further: its rate, or why there is none."""

    climate: str
    rate: Spread | None
    refusal: Refusal | None


@dataclass(frozen=True)
class ProjectionCheck:
    """Our projection beside the applicant's claim.

    Attributes
    ----------
    estimate : Estimate or None
        What the method says, with its range (5 to 95 %) and headline (33.3 % quantile).
    refusal : Refusal or None
        Why the method says nothing.
    claim_tc_ha_yr : float or None
        The applicant's own figure; never shown as an estimate.
    gate : Gate or None
        What the plausibility gate says of the claim, or of our central rate without one.
    four_per_mille : float or None
        4 per mille of that soil's stock [tC/ha/yr]: context, never a pass mark.
    zones : tuple of Zone
        The same change one climate zone further; only for Tier 1.
    """

    estimate: Estimate | None
    refusal: Refusal | None
    claim_tc_ha_yr: float | None
    gate: Gate | None
    four_per_mille: float | None
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class DetectionCheck:
    """The smallest change that the sampling plan can detect, beside what is projected.

    Attributes
    ----------
    plan : Plan or None
        The plan as given; ``detectable`` is the smallest change [tC/ha] found in 4 of 5 rounds.
    refusal : Refusal or None
        Why nothing can be said; ``plan_missing`` where strata or spreads are not given.
    years : int or None
        Years to the next round.
    projected_tc_ha : float or None
        What our projection expects until then [tC/ha].
    enough : bool or None
        Whether what is projected is at least what can be detected.
    """

    plan: detection.Plan | None
    refusal: Refusal | None
    years: int | None
    projected_tc_ha: float | None
    enough: bool | None


@dataclass(frozen=True)
class CostCheck:
    """What a hectare costs over the funded time, as stated and as the figures say."""

    stated: Money | None
    computed: Money | None
    unusual: bool


@dataclass(frozen=True)
class Suggestion:
    """Factors that the practice usually changes on this soil in this climate, to fill a form."""

    variant: str
    answers: Mapping[str, str]
    rate: float

    @property
    def all_answers(self) -> Mapping[str, str | None]:
        """The same, with every other factor taken away: for a form that is filled anew."""
        return {**dict.fromkeys(FACTORS), **self.answers}


def seed_of(application_id: uuid.UUID) -> int:
    """Return the seed of an application's projection: the same version, the same figures."""
    return int.from_bytes(hashlib.sha256(application_id.bytes).digest()[:4], "big")


def projection(document: Blocks, *, seed: int) -> ProjectionCheck:
    """Compute our projection beside the claim, and one climate zone further.

    Never raises for an unfinished application: what is missing stands in ``refusal``.
    """
    claim = document.get("carbon", {}).get("claim_tc_ha_yr")
    found, refusal = _estimate(document, seed)
    held = found.stock_tc_ha if found else None
    rate = found.rate if found else None
    judged = claim if claim is not None else rate.central if rate else None
    return ProjectionCheck(
        estimate=found,
        refusal=refusal,
        claim_tc_ha_yr=claim,
        gate=None
        if judged is None
        else plausibility.gate(judged, projected=rate, stock_tc_ha=held or None),
        four_per_mille=stock.four_per_mille(held) if held else None,
        zones=_zones(document, seed) if found and held else (),
    )


def detectable(document: Blocks, rate: Spread | None) -> DetectionCheck:
    """Say what the sampling plan can detect; ``rate`` is our projection, where there is one."""
    told = document.get("monitoring", {})
    years = told.get("next_round_years")
    projected = abs(rate.central) * years if rate and years else None
    strata = told.get("strata")
    if not strata:
        return DetectionCheck(None, Refusal("plan_missing", {}), years, projected, None)
    correlation = told.get("correlation", 0.0) if told.get("same_places") else None
    try:
        plan = detection.plan_as_given(
            [row["cores"] for row in strata],
            [PlannedStratum(row["stratum"], row["area_ha"], row["sd_tc_ha"]) for row in strata],
            correlation=correlation,
        )
    except SoilRefused as refused:
        told_why = Refusal(refused.code, refused.parameters)
        return DetectionCheck(None, told_why, years, projected, None)
    enough = None if projected is None else projected >= plan.detectable
    return DetectionCheck(plan, None, years, projected, enough)


def cost(document: Blocks) -> CostCheck:
    """Compare the stated cost per hectare with the amount asked over the area."""
    money, land = document.get("money", {}), document.get("land", {})
    currency = str(money.get("currency", "EUR"))
    stated, asked = money.get("cost_per_ha_minor"), money.get("amount_asked_minor")
    area = land.get("area_ha")
    computed = Money(round(asked / area), currency) if asked and area else None
    shown = Money(stated, currency) if stated else None
    one = 10 ** exponent(currency)
    low, high = (bound * one for bound in USUAL_COST)
    judged = computed or shown
    return CostCheck(shown, computed, judged is not None and not low <= judged.minor <= high)


def suggestions(document: Blocks) -> tuple[Suggestion, ...]:
    """Return the factors that the practice usually changes there, from the practices' data set.

    Empty where the data set has no default for the practice, the soil and the climate.
    """
    land, practice = document.get("land", {}), document.get("practice", {})
    names = (practice.get("practice"), land.get("climate"), land.get("soil"))
    if None in names:
        return ()
    try:
        found = practices.find(*(str(name) for name in names))
    except SoilRefused:
        return ()
    return tuple(
        Suggestion(one.variant.id, _factors(one.variant), round(one.rate, 3)) for one in found
    )


def _factors(variant: practices.Variant) -> Mapping[str, str]:
    told = {
        f"{side}_{kind}": name
        for side, land in (("baseline", variant.baseline), ("project", variant.project))
        for kind, name in land.named()
    }
    if variant.agroforestry is not None:
        told["agroforestry"] = variant.agroforestry
    return {"method": "tier1", **told}


def _estimate(document: Blocks, seed: int) -> tuple[Estimate | None, Refusal | None]:
    try:
        return outcomes.estimate(document, seed=seed), None
    except InvalidInput as refused:
        return None, Refusal(refused.code, {**refused.parameters, "field": refused.field})


def _zones(document: Blocks, seed: int) -> tuple[Zone, ...]:
    here = document["land"]["climate"]
    found = []
    for climate in _NEXT.get(here, ()):
        there: dict[str, Any] = {**document, "land": {**document["land"], "climate": climate}}
        estimate, refusal = _estimate(there, seed)
        found.append(Zone(climate, estimate.rate if estimate else None, refusal))
    return tuple(found)
