"""Is each number of a figure listed, and does the printed arithmetic lead to the figure?"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

import pytest

from calculators.flight.datasets import DATA_FOLDER
from calculators.flight.itinerary import METHOD_IDS, Itinerary, Leg, Overrides, estimate
from calculators.flight.methods.numbers import precise
from calculators.flight.methods.private_jet import METHOD_ID as PRIVATE
from calculators.flight.seats import SeatMap
from calculators.sources import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calculators.flight.itinerary import LegEstimate
    from calculators.sources import Factor, Step

ROUTES = (
    Leg("CDG", "JNB"),
    Leg("CDG", "ATH", "business"),
    Leg("LHR", "MAN", "premium"),
    Leg("ZRH", "SFO", "first", "789"),
    Leg("ORY", "TLS", "economy", "AT7"),
    Leg("LHR", "EDI", "business", "75W"),
    Leg("CDG", "PDL", "premium", "A345"),
)
CASES = [
    (method, leg)
    for method in METHOD_IDS
    if method != PRIVATE
    for leg in ROUTES[: 7 if method in {"tim-3", "icao-style"} else 4]
] + [(PRIVATE, Leg("CDG", "NCE", aircraft="Citation Latitude"))]

# Definitions and bounds that the formulas name: nautical mile, earth radius, 90 % of a normal
# distribution, roundings, types in a half of the mix, and the 1,500 and 2,500 km (with detour 1,600
# and 2,600) between which two curves are joined.
RULES = {0, 0.5, 1, 2, 3, 4, 17, 95, 100, 1.645, 1.852, 6371.0088, 1000, 1500, 2500, 2600, 1600}

SOURCES = (DATA_FOLDER / "SOURCES.md").read_text(encoding="utf-8")

RESULTS = ("rounded", "wtw", "total", "ttw", "use", "with_rf", "without_rf")


def evaluated(step: Step) -> float:
    """Return what the printed numbers of a step amount to."""
    text = step.numbers.rsplit("→", maxsplit=1)[-1].strip()
    for sign, operator in (("×", "*"), ("÷", "/"), ("−", "-"), ("²", "**2"), ("³", "**3")):
        text = text.replace(sign, operator)
    text = text.replace("√", "sqrt").replace("⌊", "floor(").replace("⌋", ")")
    names = {"sqrt": math.sqrt, "floor": math.floor, "max": max, "min": min}
    assert re.fullmatch(r"[-+*/(). ,\dsqrtfloomaxin]+", text), text
    return float(eval(text, {"__builtins__": {}}, names))  # noqa: S307 - checked just above


def numbers_of(factor: Factor) -> Iterator[float]:
    """Return every number of a line of provenance; the seats of a layout and their sum too."""
    if not isinstance(factor.value, str):
        yield float(factor.value)
        return
    found = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", factor.value)]
    yield from found
    yield sum(found)


def result_of(leg: LegEstimate) -> Step:
    """Return the step that gives the figure."""
    by_id = {step.id: step for step in leg.steps}
    return next(by_id[name] for name in RESULTS if name in by_id)


def a_leg(method: str, leg: Leg, overrides: Overrides | None = None) -> LegEstimate:
    return estimate(Itinerary((leg,)), method, overrides=overrides).legs[0]


@pytest.mark.parametrize(("method", "leg"), CASES)
def test_each_line_can_be_redone_and_the_last_one_is_the_figure(method: str, leg: Leg) -> None:
    answer = a_leg(method, leg)
    for step in answer.steps:
        gram = 5.1e-4 if step.value == round(step.value, 3) else 2e-6  # a part in whole grams
        assert evaluated(step) == pytest.approx(step.value, rel=3e-6, abs=gram), step
    assert result_of(answer).value == pytest.approx(answer.co2e_kg, abs=0.0011)
    assert evaluated(result_of(answer)) == pytest.approx(answer.co2e_kg, rel=3e-6, abs=0.002)


@pytest.mark.parametrize(("method", "leg"), CASES)
def test_each_number_is_listed_or_follows_from_a_line_before(method: str, leg: Leg) -> None:
    answer = a_leg(method, leg)
    known = {number for factor in answer.provenance for number in numbers_of(factor)} | RULES
    for step in answer.steps:
        told = re.sub(r"^[A-Z]\w+ at ", "", step.numbers)
        if step.id != "great_circle":
            told = told.split("→")[0]  # what a table holds follows the arrow
        for token in re.findall(r"\d+(?:\.\d+)?", told):
            number = float(token)
            near = min(abs(one - number) for one in known)
            unrounded = 1.1e-3 if step.id in {"low", "high"} else 6e-7  # of the figure
            assert near < max(unrounded, 1e-6 * number), (step, token)
        known.add(step.value)


@pytest.mark.parametrize("places", [("CDG", "JNB"), ("ORY", "TLS"), ("LHR", "SYD"), ("GVA", "NCE")])
@pytest.mark.parametrize("method", ["tim-3", "desnz-2025-norf-wtt", "desnz-2025-wtt", "distance"])
def test_the_last_line_of_the_mass_is_the_answer(method: str, places: tuple[str, str]) -> None:
    answer = estimate(Itinerary((Leg(*places),)), method).legs[0]
    steps = {step.id: step for step in answer.steps}
    last = steps["wtw" if method == "tim-3" else "total"]
    if method == "desnz-2025-wtt":
        assert round(last.value, 3) == answer.co2e_kg
    else:
        assert last.value == answer.co2e_kg


@pytest.mark.parametrize(("method", "leg"), CASES)
def test_each_number_says_unit_source_version_and_kind(method: str, leg: Leg) -> None:
    answer = a_leg(method, leg)
    names = [factor.factor for factor in answer.provenance]
    assert len(names) == len(set(names))
    assert "great_circle" in names
    for factor in answer.provenance:
        assert factor.unit
        assert factor.source
        assert factor.version
        assert factor.category in CATEGORIES
    for step in answer.steps:
        assert step.formula
        assert step.numbers
        assert step.unit


@pytest.mark.parametrize("leg", ROUTES)
def test_the_range_is_told_and_is_that_of_the_estimate(leg: Leg) -> None:
    answer = estimate(Itinerary((leg,)))
    steps = {step.id: step.value for step in answer.legs[0].steps}
    assert steps["low"] == pytest.approx(answer.low_kg, abs=0.002)
    assert steps["high"] == pytest.approx(answer.high_kg, abs=0.002)


def test_what_comes_with_the_question_is_primary() -> None:
    given = Overrides(
        great_circle_km=(900.0,),
        fuel_knots=((100.0, 900.0), (900.0, 5000.0)),
        seats=SeatMap(150),
        load_factor=0.9,
        cargo_mass_fraction=0.1,
        distance_factor=1.03,
    )
    answer = a_leg("tim-3", Leg("CDG", "TLS", aircraft="320"), given)
    kind = {factor.factor: factor.category for factor in answer.provenance}
    primary = {name for name, category in kind.items() if category == "primary"}
    assert primary == {
        "great_circle",
        "distance_factor",
        "fuel_burn",
        "fuel_ccd",
        "cargo_mass_fraction",
        "seats",
        "load_factor",
    }
    assert kind["fuel_lto"] == "modelled"
    assert "u_seats" not in kind
    assert "passenger_mass" not in kind
    assert "hold_load_factor" not in kind
    assert not any(step.id == "cargo" for step in answer.steps)
    for step in answer.steps:
        gram = 5.1e-4 if step.value == round(step.value, 3) else 2e-6  # a part in whole grams
        assert evaluated(step) == pytest.approx(step.value, rel=3e-6, abs=gram), step
    lto = a_leg("tim-3", Leg("CDG", "TLS", aircraft="320"), Overrides(lto_kg=900.0))
    kind = {factor.factor: factor.category for factor in lto.provenance}
    assert (kind["fuel_lto"], kind["fuel_ccd"]) == ("primary", "modelled")


def test_a_winglet_variant_lists_its_factor() -> None:
    for method in ("tim-3", "icao-style"):
        answer = a_leg(method, Leg("LHR", "EDI", aircraft="75W"))
        factors = {factor.factor: factor.value for factor in answer.provenance}
        assert factors["winglet_factor"] == 0.97


def test_numbers_are_printed_with_eight_digits_and_without_an_exponent() -> None:
    assert precise(0.000012345678901) == "0.000012345679"
    assert precise(1234.5678901) == "1234.5679"
    assert precise(100.0) == "100"


@pytest.mark.parametrize(("method", "leg"), CASES)
def test_a_stored_answer_says_what_was_asked_and_from_which_tables(method: str, leg: Leg) -> None:
    answer = estimate(Itinerary((leg,)), method)
    told = json.loads(json.dumps(answer.as_json()))
    assert told["inputs"]["given"] == [
        {
            "origin": leg.origin,
            "destination": leg.destination,
            "cabin": leg.cabin,
            "aircraft": leg.aircraft,
        }
    ]
    resolved = told["inputs"]["resolved"][0]
    assert (resolved["origin"]["airport"], resolved["cabin"]) == (leg.origin, leg.cabin)
    assert resolved["aircraft"]
    for table, checksum in told["tables"].items():
        line = re.search(rf"^\| {table}\.csv \|.*`([0-9a-f]{{64}})` \|$", SOURCES, re.MULTILINE)
        assert line is not None
        assert line[1] == checksum


def test_words_are_kept_beside_what_they_were_taken_for() -> None:
    answer = estimate(Itinerary((Leg("Paris", "New York", "Business"),)))
    told: Any = answer.as_json()["inputs"]
    assert told["given"][0]["origin"] == "Paris"
    assert told["resolved"][0]["origin"]["code"] == "PAR"
    assert told["resolved"][0]["origin"]["airport"] == "CDG"
    assert told["resolved"][0]["cabin"] == "business"
    assert told["resolved"][0]["aircraft"][0] == "A320"
