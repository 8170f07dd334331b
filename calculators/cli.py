"""What do ``calculators flight``, ``airports``, ``fuel`` and ``methods`` print?

Exit status 0 when the question is answered, 2 and one line on standard error when it cannot be.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from calculators.errors import CalculatorError
from calculators.flight import airports, fuel
from calculators.flight.itinerary import METHOD_IDS, Itinerary, Leg, estimate, method_info

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calculators.flight.itinerary import Estimate

FAULT: Final = 2
"""Exit status of a question that cannot be answered."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(FAULT, f"{self.prog}: {message}\n")


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201 - a command prints


def _print_lines(lines: Sequence[str]) -> None:
    print("\n".join(lines))  # noqa: T201 - a command prints


def _kg(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} kg"


def _table(answer: Estimate) -> list[str]:
    """Return an estimate as lines for a person."""
    lines = [
        f"{leg.origin.code}-{leg.destination.code}  {leg.great_circle_km:,.0f} km"
        f"  {leg.aircraft}  {leg.cabin}  {_kg(leg.co2e_kg)} CO2e per traveller"
        for leg in answer.legs
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
    lines.append(f"Method {answer.method.id}, data set {answer.dataset}")
    return lines


def _flight(arguments: argparse.Namespace) -> None:
    route: list[str] = arguments.route
    legs = tuple(
        Leg(origin, destination, arguments.cabin, arguments.aircraft)
        for origin, destination in itertools.pairwise(route)
    )
    trip = Itinerary(legs, arguments.travellers)
    if arguments.back:
        trip = trip.and_back()
    answer = estimate(trip, arguments.method)
    if arguments.json:
        _print_json(answer.as_json())
    else:
        _print_lines(_table(answer))


def _airports(arguments: argparse.Namespace) -> None:
    found = airports.search(" ".join(arguments.query))
    if arguments.json:
        _print_json([place.as_json() for place in found])
    else:
        _print_lines([f"{p.code}  {p.name}, {p.city}, {p.country_name}" for p in found])


def _fuel(arguments: argparse.Namespace) -> None:
    burnt = fuel.burn(arguments.aircraft, arguments.nm)
    if arguments.json:
        _print_json(burnt.as_json())
    else:
        _print_lines([f"{burnt.aircraft} ({burnt.source}): {burnt.total_kg:,.0f} kg of fuel"])


def _methods(arguments: argparse.Namespace) -> None:
    infos = [method_info(method_id) for method_id in METHOD_IDS]
    if arguments.json:
        _print_json([info.as_json() for info in infos])
    else:
        _print_lines([f"{info.id:22}{info.name}: {info.scope}" for info in infos])


def _distance(text: str) -> float:
    """Return a distance above zero and below the earth's circumference [NM]."""
    value = float(text)
    if not 0 < value <= 21_600:  # noqa: PLR2004 - 360 degrees of 60 NM
        raise ValueError(text)
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="calculators", description="Estimate what flights emit.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None], what: str) -> _Parser:
        made: _Parser = commands.add_parser(name, help=what, description=what)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    flight = command("flight", _flight, "estimate one trip")
    flight.add_argument("route", nargs="+", metavar="PLACE", help="ORIGIN [VIA...] DEST")
    flight.add_argument("--return", dest="back", action="store_true", help="and back")
    flight.add_argument("--cabin", default="economy", help="economy, premium, business or first")
    flight.add_argument("--aircraft", help="IATA or ICAO type code")
    flight.add_argument("--travellers", type=int, default=1, metavar="N")
    flight.add_argument("--method", default=METHOD_IDS[0], metavar="ID")
    found = command("airports", _airports, "search airports and cities")
    found.add_argument("query", nargs="+")
    burnt = command("fuel", _fuel, "fuel of a type over a distance")
    burnt.add_argument("aircraft", help="IATA or ICAO type code")
    burnt.add_argument("--nm", type=_distance, required=True, help="nautical miles")
    command("methods", _methods, "list the methods")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after the program's name; those of the process when absent.

    Returns
    -------
    int
        0, or 2 after one line on standard error.
    """
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except CalculatorError as fault:
        print(f"calculators: {fault}", file=sys.stderr)  # noqa: T201 - a command prints
        return FAULT
    return 0
