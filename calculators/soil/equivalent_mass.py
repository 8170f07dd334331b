"""How much carbon lies in the same mass of soil as before, whatever its density has become?

Carbon above a reference mass of fine earth, linear between the bounds of the sampled layers. At
fixed depth a soil that was compacted seems to gain: denser soil fits more carbon in 30 cm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from calculators.soil.refusals import SoilRefused, within
from calculators.soil.stock import DENSEST

METHOD: Final = "esm-linear"
VERSION: Final = "1"
# Sums of layers may fall short of the mass they were taken from by rounding alone.
_ROUNDING: Final = 1e-9
_GRAMS_PER_KG: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Layer:
    """One sampled layer.

    Attributes
    ----------
    thickness_cm : float
        Thickness [cm].
    bulk_density : float
        Fine earth per total volume [g/cm³].
    carbon_g_kg : float
        Organic carbon of the fine earth [g/kg].
    """

    thickness_cm: float
    bulk_density: float
    carbon_g_kg: float

    @property
    def mass_t_ha(self) -> float:
        """Mass of fine earth [t/ha]: g/cm³ × cm × 100."""
        return self.bulk_density * self.thickness_cm * 100

    @property
    def carbon_t_ha(self) -> float:
        """Organic carbon [tC/ha]."""
        return self.mass_t_ha * self.carbon_g_kg / 1000


def cumulative(layers: Sequence[Layer]) -> tuple[tuple[float, float], ...]:
    """Return (mass, carbon) [t/ha] from the surface to the bottom of each layer, shape (n, 2).

    Raises
    ------
    SoilRefused
        ``no_layers``, or ``value_impossible`` for a layer without mass, denser than stone or with
        an impossible share of carbon.
    """
    if not layers:
        raise SoilRefused("no_layers")
    for layer in layers:
        within("thickness [cm]", layer.thickness_cm, above=True)
        within("bulk density [g/cm³]", layer.bulk_density, above=True, most=DENSEST)
        within("organic carbon [g/kg]", layer.carbon_g_kg, most=_GRAMS_PER_KG)
    return tuple(
        zip(
            accumulate(layer.mass_t_ha for layer in layers),
            accumulate(layer.carbon_t_ha for layer in layers),
            strict=True,
        )
    )


def stock_at(layers: Sequence[Layer], reference_mass_t_ha: float) -> float:
    """Return the carbon above a reference mass [tC/ha], linear between the layers' bounds.

    Parameters
    ----------
    layers : sequence of Layer
        From the surface down, without gaps.
    reference_mass_t_ha : float
        Mass of fine earth [t/ha].

    Raises
    ------
    SoilRefused
        ``mass_not_reached`` when the sampled soil is lighter than the reference: the profile is
        never extended beyond what was sampled; ``value_impossible``, ``no_layers``.
    """
    within("reference mass [t/ha]", reference_mass_t_ha, above=True)
    mass_before = carbon_before = 0.0
    for mass, carbon in cumulative(layers):
        if mass >= reference_mass_t_ha:
            share = (reference_mass_t_ha - mass_before) / (mass - mass_before)
            return carbon_before + share * (carbon - carbon_before)
        mass_before, carbon_before = mass, carbon
    if mass_before >= reference_mass_t_ha * (1 - _ROUNDING):
        return carbon_before
    raise SoilRefused("mass_not_reached", sampled=mass_before, reference=reference_mass_t_ha)


def to_depth(layers: Sequence[Layer], depth_cm: float) -> tuple[Layer, ...]:
    """Return the layers above a depth, the last one cut.

    Raises
    ------
    SoilRefused
        ``depth_not_reached`` for a profile that ends above; ``no_layers``, ``value_impossible``.
    """
    within("depth [cm]", depth_cm, above=True)
    cumulative(layers)
    kept: list[Layer] = []
    reached = 0.0
    for layer in layers:
        thickness = min(layer.thickness_cm, depth_cm - reached)
        if thickness <= 0:
            break
        kept.append(Layer(thickness, layer.bulk_density, layer.carbon_g_kg))
        reached += layer.thickness_cm
    if reached < depth_cm * (1 - _ROUNDING):
        raise SoilRefused("depth_not_reached", reached=reached, depth=depth_cm)
    return tuple(kept)


def mass_to(layers: Sequence[Layer], depth_cm: float) -> float:
    """Return the mass of fine earth above a depth [t/ha]: the reference of a baseline round.

    Raises
    ------
    SoilRefused
        As `to_depth`.
    """
    return cumulative(to_depth(layers, depth_cm))[-1][0]


def change(before: Sequence[Layer], after: Sequence[Layer], depth_cm: float) -> float:
    """Return the change of carbon in the mass that lay above a depth at the baseline [tC/ha].

    Parameters
    ----------
    before, after : sequence of Layer
        The same place in two rounds, from the surface down.
    depth_cm : float
        Depth whose mass in the baseline round is the reference [cm].

    Raises
    ------
    SoilRefused
        ``depth_not_reached``, ``mass_not_reached``, ``no_layers``, ``value_impossible``.
    """
    reference = mass_to(before, depth_cm)
    return stock_at(after, reference) - stock_at(before, reference)
