"""Which published figures does Tier 1 rest on, and for which soils and climates are there any?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from calculators.soil.refusals import SoilRefused

# Half width of a 95 % interval in standard deviations, as the table's makers used it.
_Z95: Final = 1.959964
IPCC: Final = "IPCC 2019 Refinement, Vol. 4, Tables 2.3, 5.5 and 6.2 (see SOURCES.md)"
CARDINAEL: Final = "Cardinael et al. 2018, doi:10.1088/1748-9326/aaeb5f, abstract"

KINDS: Final = ("land_use", "management", "carbon_input")
CROPLAND: Final = frozenset(
    {
        "perennial_crops",
        "annual_crops",
        "set_aside",
        "reduced_tillage",
        "no_tillage",
        "cropland_high_with_manure",
        "cropland_high_without_manure",
        "cropland_low",
    }
)
GRASSLAND: Final = frozenset(
    {"severely_degraded", "improved_grassland", "high_intensity_grazing", "grassland_high"}
)
# In the published table, not in this engine: waterlogged soils follow other rules, and whether
# paddy rice is one of them is undecided.
WET: Final = frozenset({"annual_crops_wet", "paddy_rice_cultivation"})
WET_SOILS: Final = frozenset({"wetland_soils"})


@dataclass(frozen=True)
class Factor:
    """A figure with its standard deviation, unit and source."""

    name: str
    value: float
    sd: float
    unit: str
    source: str


# ± of the abstract taken as two standard deviations; the paper's own definition is unverified.
AGROFORESTRY: Final[Mapping[str, Factor]] = {
    "cropland": Factor("agroforestry_from_cropland", 1.25, 0.02, "1", CARDINAEL),
    "grassland": Factor("agroforestry_from_grassland", 1.19, 0.05, "1", CARDINAEL),
    "forest": Factor("agroforestry_from_forest", 0.89, 0.035, "1", CARDINAEL),
}


@cache
def _table() -> Mapping[str, Any]:
    path = files("calculators.soil") / "data" / "ipcc2019_tier1.json"
    table: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return table


def version() -> str:
    """Return the version of the table in use."""
    return str(_table()["_version"])


def soils() -> tuple[str, ...]:
    """Return the soil types that Tier 1 answers for."""
    return tuple(name for name in _table()["soc_refs"] if name not in WET_SOILS)


def climates(soil: str) -> tuple[str, ...]:
    """Return the climate zones that have a reference stock for a soil."""
    return tuple(_table()["soc_refs"].get(soil, {}))


def names(kind: str) -> tuple[str, ...]:
    """Return the factors of a kind that the engine may use."""
    return tuple(name for name in _table()[f"{kind}_factors"] if name not in WET)


def reference_stock(soil: str, climate: str) -> Factor:
    """Return the reference stock of a soil under native vegetation, 0-30 cm [tC/ha].

    Raises
    ------
    SoilRefused
        ``wet_soil``, or ``no_default`` where the table has no value: never another zone's.
    """
    if soil in WET_SOILS:
        raise SoilRefused("wet_soil", soil=soil)
    row = _table()["soc_refs"].get(soil, {}).get(climate)
    if row is None:
        raise SoilRefused("no_default", soil=soil, climate=climate)
    value = float(row["value_tC_ha"])
    return Factor(
        f"soc_ref:{soil}:{climate}", value, value * row["ci95_pct"] / 100 / _Z95, "tC/ha", IPCC
    )


def factor(kind: str, name: str, climate: str) -> Factor:
    """Return a factor of land use, management or carbon input for a climate [1].

    Raises
    ------
    SoilRefused
        ``wet_soil``, or ``no_default`` where the table has no value.
    """
    if name in WET:
        raise SoilRefused("wet_soil", factor=name)
    row = _table()[f"{kind}_factors"].get(name, {}).get(climate)
    if row is None:
        raise SoilRefused("no_default", factor=name, climate=climate)
    value = float(row["value"])
    return Factor(f"{kind}:{name}:{climate}", value, value * row["two_sd_pct"] / 200, "1", IPCC)


def published(kind: str, name: str, climate: str) -> tuple[float, float] | None:
    """Return a value and its ± as the table gives them; no kind asks for a reference stock.

    The ± of a reference stock is half a 95 % interval [%], that of a factor two standard
    deviations [%]. None where the table has no entry.
    """
    table = _table()[f"{kind}_factors" if kind else "soc_refs"]
    row = table.get(name, {}).get(climate)
    if row is None:
        return None
    value, percent = ("value", "two_sd_pct") if kind else ("value_tC_ha", "ci95_pct")
    return float(row[value]), float(row[percent])
