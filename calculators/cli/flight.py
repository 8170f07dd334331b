"""What do ``calculators flight``, ``airports``, ``fuel`` and ``methods`` print?

Exit status 0 when the question is answered, 2 and one line on standard error when it cannot be.
"""

from __future__ import annotations

import argparse
import itertools
from typing import TYPE_CHECKING

from calculators.cli.commands import add, print_json, print_lines
from calculators.cli.operator import add_operator_data, dataset_id
from calculators.cli.route import add_trip, trip
from calculators.flight import airports, fuel
from calculators.flight.alternatives import airports_own
from calculators.flight.datasets import dataset
from calculators.flight.itinerary import METHOD_IDS, estimate, method_info
from calculators.flight.methods.figures import NOTE_SENTENCES
from calculators.flight.non_co2 import DEFAULT_TREATMENT

if TYPE_CHECKING:
    from calculators.cli.commands import Commands
    from calculators.flight.alternatives import AirportsOwn
    from calculators.flight.itinerary import Estimate


def _kg(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} kg"


def _notes(answer: Estimate) -> list[str]:
    """Return what a traveller should know of the legs, and of names that could be other places."""
    data = dataset(answer.dataset)
    ends = [
        (text, place)
        for asked, leg in zip(answer.asked, answer.legs, strict=True)
        for text, place in ((asked.origin, leg.origin), (asked.destination, leg.destination))
        if text.strip().upper() != place.code
    ]
    told = [NOTE_SENTENCES[code] for code in answer.notes if code != "aircraft_unknown"]
    doubts = [airports.doubt(text, place, data) for text, place in ends]
    return list(dict.fromkeys(filter(None, [*told, *doubts])))


def _table(answer: Estimate, own: AirportsOwn | None = None) -> list[str]:
    """Return an estimate as lines for a person."""
    lines = [
        f"{leg.origin.code}-{leg.destination.code}  {leg.great_circle_km:,.0f} km"
        f"  {leg.aircraft}  {leg.cabin}  {_kg(leg.co2e_kg)} CO2e per traveller"
        for leg in answer.legs
    ]
    lines += [f"  note: {note}" for note in _notes(answer)]
    lines += [
        f"  note: no flight between {before.destination.code} and {after.origin.code}"
        for before, after in itertools.pairwise(answer.legs)
        if before.destination != after.origin
    ]
    people = "1 traveller" if answer.travellers == 1 else f"{answer.travellers} travellers"
    lines.append(f"Total for {people}: {_kg(answer.co2e_kg)} CO2e ({answer.method.scope})")
    if answer.coverage is not None:
        lines.append(f"  9 in 10: {_kg(answer.low_kg)} to {_kg(answer.high_kg)}")
    if answer.non_co2 is not None:
        span = f"{_kg(answer.non_co2.low_kg)} to {_kg(answer.non_co2.high_kg)}"
        lines.append(
            f"  Beside it, non-CO2 effects: {_kg(answer.non_co2.central_kg)} ({span}), not added"
        )
    else:
        lines.append(f"  Non-CO2 effects: {answer.non_co2_scope}")
    if own is not None:
        lines.append(
            f"  The airports themselves: {_kg(own.co2e_kg)} ({own.step.numbers}), not added"
        )
    lines.append(f"Method {answer.method.id}, data set {answer.dataset}")
    return lines


def _flight(arguments: argparse.Namespace) -> None:
    whole = trip(arguments)
    data = dataset_id(arguments, arguments.dataset)
    answer = estimate(whole, arguments.method, data, treatment=arguments.non_co2)
    own = airports_own(whole) if arguments.airports else None
    if arguments.json:
        told = answer.as_json()
        print_json(told if own is None else {**told, "airports_own": own.as_json()})
    else:
        print_lines(_table(answer, own))


def _airports(arguments: argparse.Namespace) -> None:
    found = airports.search(" ".join(arguments.query))
    if arguments.json:
        print_json([place.as_json() for place in found])
    else:
        print_lines([f"{p.code}  {p.name}, {p.city}, {p.country_name}" for p in found])


def _fuel(arguments: argparse.Namespace) -> None:
    data = dataset(dataset_id(arguments))
    burnt = fuel.burn(arguments.aircraft, arguments.nm, data)
    if arguments.json:
        print_json(burnt.as_json())
    else:
        print_lines([f"{burnt.aircraft} ({burnt.source}): {burnt.total_kg:,.0f} kg of fuel"])


def _methods(arguments: argparse.Namespace) -> None:
    infos = [method_info(method_id) for method_id in METHOD_IDS]
    if arguments.json:
        print_json([info.as_json() for info in infos])
    else:
        print_lines([f"{info.id:22}{info.name}: {info.scope}" for info in infos])


def _distance(text: str) -> float:
    """Return a distance above zero and below the earth's circumference [NM]."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 21_600:  # noqa: PLR2004 - 360 degrees of 60 NM
        rule = f"must be a number above 0 and at most 21600 nautical miles, not {text!r}"
        raise argparse.ArgumentTypeError(rule)
    return value


def register(commands: Commands) -> None:
    """Add flight, airports, fuel and methods."""
    flight = add(commands, "flight", _flight, "estimate one trip")
    add_trip(flight)
    flight.add_argument(
        "--airports", action="store_true", help="what the airports emit, on a line of its own"
    )
    flight.add_argument("--method", default=METHOD_IDS[0], metavar="ID")
    flight.add_argument("--dataset", metavar="ID", help="the latest when absent")
    flight.add_argument(
        "--non-co2",
        default=DEFAULT_TREATMENT,
        metavar="TREATMENT",
        help="how non-CO2 effects are told beside the figure, or none",
    )
    add_operator_data(flight)
    found = add(commands, "airports", _airports, "search airports and cities")
    found.add_argument("query", nargs="+")
    burnt = add(commands, "fuel", _fuel, "fuel of a type over a distance")
    burnt.add_argument("aircraft", help="IATA or ICAO type code")
    burnt.add_argument("--nm", type=_distance, required=True, help="nautical miles")
    add_operator_data(burnt)
    add(commands, "methods", _methods, "list the methods")
