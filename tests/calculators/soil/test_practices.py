"""Does the data set of practices name its sources, and borrow nothing from another place?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil import practices, tables, tier1
from calculators.soil.refusals import SoilRefused
from calculators.soil.tier1 import Management

ZONES = practices.climates()
TIER1 = [one for one in practices.practices() if one.variants]


@pytest.mark.parametrize("one", practices.practices(), ids=lambda one: one.id)
def test_every_figure_has_source_year_and_licence(one: practices.Practice) -> None:
    assert one.systems
    assert set(one.systems) <= set(practices.SYSTEMS)
    assert one.method in practices.METHODS
    assert bool(one.variants) is (one.method == "tier1")
    assert set(one.cautions) <= set(practices.CAUTIONS)
    assert one.sources
    for source in one.sources:
        assert source.title
        assert int(source.version) > 2000
        assert source.licence
        assert source.url.startswith("https://")
    for rate in one.rates:
        assert rate.source in one.sources
        assert (rate.value is None) is (rate.low is not None)
        assert set(rate.climates) <= set(ZONES)


def test_no_filter_lists_all_and_the_data_set_is_dated() -> None:
    assert practices.listing() == practices.practices()
    assert practices.version() == "2026.1 of 2026-11-21"
    assert practices.background().source.id == "minasny2017"


@given(
    st.sampled_from([*ZONES, None]),
    st.sampled_from([*tables.soils(), practices.WET_SOIL, None]),
    st.sampled_from([*practices.SYSTEMS, None]),
)
def test_what_is_listed_for_a_place_has_a_default_there(
    climate: str | None, soil: str | None, system: str | None
) -> None:
    listed = practices.listing(climate, soil, system)
    for one in practices.practices():
        if not one.variants or climate is None or soil is None:
            continue
        asked = [v for v in one.variants if system in (None, v.system)]
        if one in listed:
            found = [d.variant for d in practices.find(one.id, climate, soil)]
            assert any(v in found for v in asked)
        elif asked:
            with pytest.raises(SoilRefused):
                practices.find(one.id, climate, soil)


def test_the_defaults_are_those_of_tier_1() -> None:
    (found,) = practices.find("cover_crops", "warm_temperate_moist", "high_activity_clay_soils")
    assert (found.stock_baseline, found.stock_project) == (
        pytest.approx(44.16),
        pytest.approx(49.0176),
    )
    assert found.rate == pytest.approx(0.24288)
    assert found.reference.value == 64
    answer = practices.estimate(
        found.variant, "warm_temperate_moist", "high_activity_clay_soils", seed=2
    )
    assert answer == tier1.project(
        tier1.Question(
            "high_activity_clay_soils",
            "warm_temperate_moist",
            Management("annual_crops"),
            Management("annual_crops", None, "cropland_high_without_manure"),
        ),
        seed=2,
    )


def test_rates_follow_the_climate() -> None:
    moist, dry = (
        practices.find("cover_crops", climate, "sandy_soils")[0].rates
        for climate in ("tropical_moist", "tropical_dry")
    )
    assert {rate.source.id for rate in dry} - {rate.source.id for rate in moist} == {"thapa2023"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("vineyard", "tropical_dry", "sandy_soils"), "practice_unknown"),
        (("biochar", "tropical_dry", "sandy_soils"), "practice_without_default"),
        (("cover_crops", "moon", "sandy_soils"), "climate_unknown"),
        (("cover_crops", "tropical_dry", "peat"), "soil_unknown"),
        (("cover_crops", "tropical_dry", practices.WET_SOIL), "wet_soil"),
        (("cover_crops", "polar_dry", "sandy_soils"), "no_default"),
        (("agroforestry", "boreal_moist", "sandy_soils"), "no_default"),
        (("cover_crops", "tropical_dry", "spodic_soils"), "no_default"),
    ],
)
def test_nothing_is_borrowed(asked: tuple[str, str, str], code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        practices.find(*asked)
    assert refusal.value.code == code
    assert "{" not in str(refusal.value)


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(SoilRefused, match="No production system is called moon"):
        practices.listing(system="moon")


def test_forest_is_never_a_default() -> None:
    planted = {variant.agroforestry for one in TIER1 for variant in one.variants}
    assert planted == {None, "cropland", "grassland"}
