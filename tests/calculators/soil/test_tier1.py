"""Does Tier 1 refuse what it cannot answer, and draw what two terms share only once?"""

import numpy as np
import pytest

from calculators.soil import biochar, literature, plausibility, tables, tier1
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import Shaker
from calculators.soil.tier1 import Management, Question

CROPS = Management("annual_crops")
COVER = Management("annual_crops", None, "cropland_high_without_manure")


def ask(
    soil: str = "high_activity_clay_soils",
    climate: str = "warm_temperate_moist",
    baseline: Management = CROPS,
    project: Management = COVER,
    agroforestry: str | None = None,
) -> Question:
    return Question(soil, climate, baseline, project, agroforestry)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (ask(soil="wetland_soils"), "wet_soil"),
        (ask(soil="peat"), "no_default"),
        (ask(climate="moon"), "no_default"),
        # reference stocks without factors, and a soil without a polar value
        (ask(climate="polar_moist"), "no_default"),
        (ask(soil="volcanic_soils", climate="polar_dry"), "no_default"),
        (ask(project=Management("annual_crops_wet")), "wet_soil"),
        (ask(project=Management("paddy_rice_cultivation")), "wet_soil"),
        (ask(project=Management("vineyard")), "no_default"),
        (ask(project=Management("annual_crops", "improved_grassland")), "land_mixed"),
        (ask(baseline=Management(None, "no_tillage", "grassland_high")), "land_mixed"),
        (ask(project=CROPS), "nothing_changes"),
        (ask(agroforestry="sea"), "agroforestry_unknown"),
    ],
)
def test_what_has_no_default_is_refused_and_never_borrowed(question: Question, code: str) -> None:
    with pytest.raises(SoilRefused) as refusal:
        tier1.project(question, seed=1, draws=10)
    assert refusal.value.code == code


def test_a_refusal_says_what_it_was_about() -> None:
    refusal = SoilRefused("no_default", soil="peat", climate="boreal_dry")
    assert str(refusal) == "There is no published default for climate boreal_dry, soil peat."
    assert str(SoilRefused("no_strata")) == "A change needs a stratum."
    assert str(SoilRefused("no_spread", row=3, core="A1")).startswith("row 3, core A1: All pairs")
    assert str(SoilRefused("a_new_code")) == "A_new_code"
    assert str(SoilRefused("policy_unknown")) == "No deduction policy is called policy."


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second = (tier1.project(ask(), seed=2, draws=500) for _ in range(2))
    assert first == second
    assert first != tier1.project(ask(), seed=3, draws=500)
    assert (first.rate.seed, first.rate.draws) == (2, 500)


def test_what_baseline_and_project_share_is_drawn_once() -> None:
    shaker = Shaker(1, 1_000)
    first = shaker.draw("land", 0.7, 0.1)
    assert shaker.draw("land", 0.7, 0.1) is first
    assert not np.array_equal(first, shaker.draw("other", 0.7, 0.1))
    # drawn apart, the spread of this change would be some six times as wide
    assert tier1.project(ask(), seed=2, draws=20_000).rate.sd < 0.15


def test_draws_never_fall_below_zero_nor_above_their_limit() -> None:
    drawn = Shaker(1, 10_000).draw("share", 0.5, 1.0, highest=1)
    assert (drawn.min(), drawn.max()) == (0, 1)


def test_planting_trees_where_forest_stood_loses_carbon() -> None:
    lost = tier1.project(ask(project=CROPS, agroforestry="forest"), seed=1, draws=1_000)
    assert lost.method == tier1.METHOD_AGROFORESTRY
    assert lost.rate.p95 < 0
    assert lost.rate.p_gain < 0.01


def test_every_figure_carries_its_unit_and_source() -> None:
    answer = tier1.project(ask(agroforestry="cropland"), seed=1, draws=10)
    assert [factor.unit for factor in answer.factors] == ["tC/ha", "1", "1", "1"]
    assert {factor.source for factor in answer.factors} == {tables.IPCC, tables.CARDINAEL}
    assert answer.reference == 64
    assert tables.version() == "ipcc2019-tier1-1"


def test_the_table_offers_only_what_the_engine_answers() -> None:
    assert "wetland_soils" not in tables.soils()
    assert not tables.WET & set(tables.names("land_use"))
    assert "polar_dry" in tables.climates("sandy_soils")
    assert tables.climates("peat") == ()
    named = {name for kind in tables.KINDS for name in tables.names(kind)}
    assert named == tables.CROPLAND | tables.GRASSLAND


@pytest.mark.parametrize(
    ("tonnes", "feedstock", "temperature", "code"),
    [
        (0.0, "wood", "450_600", "value_impossible"),
        (5.0, "manure", "450_600", "feedstock_unknown"),
        (5.0, "wood", "cold", "temperature_unknown"),
    ],
)
def test_biochar_without_a_published_figure_is_refused(
    tonnes: float, feedstock: str, temperature: str, code: str
) -> None:
    with pytest.raises(SoilRefused) as refusal:
        biochar.project(tonnes, feedstock, temperature, seed=1, draws=10)
    assert refusal.value.code == code


def test_biochar_is_spread_once_and_averaged_over_twenty_years() -> None:
    rate, factors = biochar.project(5, "wood", "450_600", seed=9, draws=10)
    assert rate.central * biochar.YEARS == pytest.approx(3.08)
    assert [factor.value for factor in factors] == [0.77, 0.8]


@pytest.mark.parametrize(
    ("rate", "sd", "source", "code"),
    [
        (1.8, 0.35, "  ", "source_missing"),
        (0.0, 0.35, "Alongi 2020", "value_impossible"),
        (1.8, 0.0, "Alongi 2020", "value_impossible"),
    ],
)
def test_a_literature_rate_names_its_source_and_spread(
    rate: float, sd: float, source: str, code: str
) -> None:
    with pytest.raises(SoilRefused) as refusal:
        literature.project(rate, sd, source, seed=1, draws=10)
    assert refusal.value.code == code


def test_a_literature_rate_may_turn_out_below_zero() -> None:
    spread, _ = literature.project(1.0, 1.0, "somewhere", seed=1, draws=2_000)
    assert spread.p05 < 0
    assert 0.8 < spread.p_gain < 0.9


@pytest.mark.parametrize(
    ("rate", "said"),
    [(-1.0, "fine"), (1.0, "fine"), (1.001, "evidence_needed"), (5.0, "evidence_needed")]
    + [(5.001, "blocked"), (12.273, "blocked")],
)
def test_the_plausibility_limits(rate: float, said: str) -> None:
    assert plausibility.judge(rate) == said
