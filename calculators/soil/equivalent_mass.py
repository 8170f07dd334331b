"""How much carbon lies in the same mass of soil as before, whatever its density has become?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from calculators.soil.refusals import SoilRefused

METHOD = "esm-linear"
VERSION = "1"


@dataclass(frozen=True)
class Layer:
    """One sampled layer: thickness [cm], fine earth per total volume [g/cm³], carbon [g/kg]."""

    thickness_cm: float
    bulk_density: float
    carbon_g_kg: float

    @property
    def mass_t_ha(self) -> float:
        """Mass of fine earth [t/ha]."""
        return self.bulk_density * self.thickness_cm * 100

    @property
    def carbon_t_ha(self) -> float:
        """Organic carbon [tC/ha]."""
        return self.mass_t_ha * self.carbon_g_kg / 1000


def cumulative(layers: Sequence[Layer]) -> tuple[tuple[float, float], ...]:
    """Return (mass, carbon) [t/ha] from the surface to the bottom of each layer.

    Raises
    ------
    SoilRefused
        ``no_layers``, or ``value_impossible`` for a layer without mass or with negative carbon.
    """
    if not layers:
        raise SoilRefused("no_layers")
    if any(layer.mass_t_ha <= 0 or layer.carbon_g_kg < 0 for layer in layers):
        raise SoilRefused("value_impossible")
    return tuple(
        zip(
            accumulate(layer.mass_t_ha for layer in layers),
            accumulate(layer.carbon_t_ha for layer in layers),
            strict=True,
        )
    )


def stock_at(layers: Sequence[Layer], reference_mass_t_ha: float) -> float:
    """Return the carbon above a reference mass [tC/ha], linear between the layers' bounds.

    Raises
    ------
    SoilRefused
        ``mass_not_reached`` when the sampled soil is lighter than the reference: the profile is
        never extended beyond what was sampled.
    """
    if reference_mass_t_ha <= 0:
        raise SoilRefused("value_impossible")
    mass_before = carbon_before = 0.0
    for mass, carbon in cumulative(layers):
        if mass >= reference_mass_t_ha:
            share = (reference_mass_t_ha - mass_before) / (mass - mass_before)
            return carbon_before + share * (carbon - carbon_before)
        mass_before, carbon_before = mass, carbon
    raise SoilRefused("mass_not_reached", sampled=mass_before, reference=reference_mass_t_ha)
