"""Which practices are good for a soil in a climate, and what is known of what they bring?

Everything is read from the dated data set and the tables of the calculators; a page can only say
what they hold.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import render_template, request

from calculators.soil import biochar, practices, tables, tier1
from calculators.soil.practices import Default, Practice, Variant
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import Spread
from calculators.soil.tables import Factor
from calculators.uncertainty import Z90
from offset.errors import NotFound
from offset.web import labels
from offset.web.labels import label
from offset.web.public import blueprint, practice_words, texts
from offset.web.security import public

SEED: Final = 1
DRAWS: Final = 50_000
_TONNE: Final = 1.0
_PLACES: Final = 4096


@dataclass(frozen=True)
class Chosen:
    """What a visitor filters by; an unknown word is no filter."""

    climate: str | None
    soil: str | None
    system: str | None

    def query(self) -> dict[str, str]:
        """Return climate and soil for the address of one practice."""
        told = {"climate": self.climate, "soil": self.soil}
        return {name: word for name, word in told.items() if word}


@dataclass(frozen=True)
class Expected:
    """The default change on one soil in one climate, with its range."""

    variant: Variant
    default: Default
    rate: Spread
    factors: tuple["FactorRow", ...]


@dataclass(frozen=True)
class FactorRow:
    """A factor in words, with its 90 % range."""

    kind: str
    word: str
    factor: Factor
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Grid:
    """The default change of one variant in every climate and soil; None without a default."""

    variant: Variant
    soils: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Spread | None, ...]], ...]


@blueprint.get("/practices")
@public
def good_practices() -> str:
    """List practices by climate, soil and production system."""
    chosen = _chosen()
    shown = practices.listing(chosen.climate, chosen.soil, chosen.system)
    return render_template(
        "public/practices.html",
        chosen=chosen,
        shown=[(one, _expected(one, chosen)) for one in shown],
        all_count=len(practices.practices()),
        **_words(),
    )


@blueprint.get("/practices/<id>")
@public
def good_practice(id: str) -> str:  # noqa: A002 - the word in the address
    """Show what one practice is, where it works, its default factors and published rates.

    Raises
    ------
    NotFound
        ``practice_unknown``.
    """
    try:
        one = practices.practice(id)
    except SoilRefused as refusal:
        raise NotFound("practice_unknown") from refusal
    chosen = _chosen()
    return render_template(
        "public/practice.html",
        one=one,
        chosen=chosen,
        expected=_expected(one, chosen),
        grids=[_grid(variant, one.climates) for variant in one.variants],
        biochar=_biochar() if one.method == "biochar" else None,
        background=practices.background(),
        others=[other for other in practices.practices() if other.id != one.id],
        **_words(),
    )


def _chosen() -> Chosen:
    def known(name: str, words: tuple[str, ...]) -> str | None:
        given = request.args.get(name, "")
        return given if given in words else None

    return Chosen(
        known("climate", practices.climates()),
        known("soil", (*tables.soils(), practices.WET_SOIL)),
        known("system", practices.SYSTEMS),
    )


def _words() -> dict[str, object]:
    """Return what both pages say codes with."""
    return {
        "say": texts.say,
        "words": practice_words,
        "labels": labels,
        "label": label,
        "climates": [(code, label(labels.CLIMATES, code)) for code in practices.climates()],
        "soils": [
            (code, label(labels.SOILS, code)) for code in (*tables.soils(), practices.WET_SOIL)
        ],
        "systems": [(code, texts.say(practice_words.SYSTEMS, code)) for code in practices.SYSTEMS],
        "version": f"{practices.LATEST} ({practices.dated()})",
        "table_version": tables.version(),
        "years": tier1.YEARS,
        "depth_cm": tier1.DEPTH_CM,
        "draws": DRAWS,
        "seed": SEED,
    }


def _expected(one: Practice, chosen: Chosen) -> tuple[Expected, ...]:
    """Return the default changes where climate and soil are chosen and have any."""
    if not chosen.climate or not chosen.soil or not one.variants:
        return ()
    try:
        found = practices.find(one.id, chosen.climate, chosen.soil)
    except SoilRefused:
        return ()
    return tuple(
        Expected(
            default.variant,
            default,
            rate,
            tuple(_row(factor) for factor in default.factors),
        )
        for default in found
        if chosen.system in (None, default.variant.system)
        and (rate := _rate(default.variant, chosen.climate, chosen.soil)) is not None
    )


@lru_cache(maxsize=_PLACES)
def _rate(variant: Variant, climate: str, soil: str) -> Spread | None:
    """Estimate one default change; None where the tables have no figure for the place."""
    try:
        return practices.estimate(variant, climate, soil, seed=SEED, draws=DRAWS).rate
    except SoilRefused:
        return None


def _grid(variant: Variant, only: tuple[str, ...]) -> Grid:
    """Estimate a variant in every place that has a default."""
    zones = only or practices.climates()
    rows = tuple(
        (zone, tuple(_rate(variant, zone, soil) for soil in tables.soils())) for zone in zones
    )
    return Grid(variant, tables.soils(), tuple(row for row in rows if any(row[1])))


@lru_cache(maxsize=1)
def _biochar() -> list[tuple[str, float, Spread]]:
    """Return what lasts of a tonne of wood biochar, by temperature [tC/t, tC/ha/yr]."""
    return [
        (
            heat,
            biochar.once(_TONNE, "wood", heat),
            biochar.project(_TONNE, "wood", heat, seed=SEED, draws=DRAWS)[0],
        )
        for heat in biochar.TEMPERATURES
    ]


def _row(factor: Factor) -> FactorRow:
    half = Z90 * factor.sd
    # the file it names lies in the repository, not on the site
    source = factor.source.partition(" (see")[0]
    return FactorRow(*_named(factor), factor, factor.value - half, factor.value + half, source)


def _named(factor: Factor) -> tuple[str, str]:
    """Return what a factor is of, and which one it is, in words."""
    kind, _, rest = factor.name.partition(":")
    if kind.startswith("agroforestry"):
        planted_on = kind.removeprefix("agroforestry_from_")
        return texts.say(practice_words.KINDS, "agroforestry"), label(
            labels.AGROFORESTRY, planted_on
        )
    word = rest.partition(":")[0]
    tabled = {
        "soc_ref": labels.SOILS,
        "land_use": labels.LAND_USES,
        "management": labels.MANAGEMENTS,
        "carbon_input": labels.CARBON_INPUTS,
    }
    return texts.say(practice_words.KINDS, kind), label(tabled[kind], word)
