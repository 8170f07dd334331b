"""What do ``calculators why`` and ``calculators alternatives`` print?

Exit status 0 when the question is answered, 2 and one line on standard error when it cannot be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calculators.cli.commands import add, print_json, print_lines
from calculators.cli.route import add_trip, trip
from calculators.flight import alternatives, equivalents, why
from calculators.flight.itinerary import METHOD_IDS, estimate

if TYPE_CHECKING:
    import argparse

    from calculators.cli.commands import Commands
    from calculators.flight.why import Step, Walk


def _number(value: float | None) -> str:
    return "by leg" if value is None else f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}"


def _line(step: Step) -> str:
    values = f"{_number(step.from_value)} → {_number(step.to_value)} {step.unit}"
    return (
        f"  {why.COMPONENTS[step.component]}: {values}"
        f"  {step.difference_kg:+,.3f} kg  = {step.running_kg:,.3f} kg"
    )


def _table(walk: Walk) -> list[str]:
    """Return a walk as lines for a person."""
    lines = [f"{walk.start.name}: {walk.from_kg:,.3f} kg CO2e ({walk.start.scope})"]
    for step in walk.steps:
        lines.append(_line(step))
        if step.note:
            lines.append(f"      {step.note}")
    lines.append(f"{walk.end.name}: {walk.to_kg:,.3f} kg CO2e ({walk.end.scope})")
    lines.append(f"Difference {walk.difference_kg:+,.3f} kg, data set {walk.dataset}")
    return lines


def _why(arguments: argparse.Namespace) -> None:
    walk = why.walk(trip(arguments), arguments.start, arguments.end)
    if arguments.json:
        print_json(walk.as_json())
    else:
        print_lines(_table(walk))


def _told(arguments: argparse.Namespace) -> dict[str, object]:
    """Return everything beside the figure as plain values."""
    whole = trip(arguments)
    figure = estimate(whole, arguments.method)
    beside = alternatives.direct(whole, arguments.method)
    land = alternatives.by_land(whole)
    return {
        "figure_kg": figure.co2e_kg,
        "method": arguments.method,
        "cabins": [one.as_json() for one in alternatives.other_cabins(whole, arguments.method)],
        "direct": None if beside is None else beside.as_json(),
        "by_land": None if land is None else land.as_json(),
        "airports_own": alternatives.airports_own(whole).as_json(),
        "equivalents": [one.as_json() for one in equivalents.equivalents(figure.co2e_kg)],
        "spread": why.spread(whole).as_json(),
    }


def _alternatives(arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(_told(arguments))
        return
    whole = trip(arguments)
    figure = estimate(whole, arguments.method)
    lines = [f"{arguments.method}: {figure.co2e_kg:,.1f} kg CO2e"]
    lines += [
        f"  all in {one.cabin}: {one.co2e_kg:,.1f} kg"
        for one in alternatives.other_cabins(whole, arguments.method)
    ]
    beside = alternatives.direct(whole, arguments.method)
    if beside is not None:
        lines.append(f"  without stops: {beside.direct.co2e_kg:,.1f} kg")
    land = alternatives.by_land(whole)
    for one in land.figures if land else ():
        lines.append(f"  by {one.mode}, at least {one.km:,} km: {one.co2e_kg:,.1f} kg")
    own = alternatives.airports_own(whole)
    lines.append(f"  the airports themselves, not added: {own.co2e_kg:,.1f} kg")
    lines += [
        f"  as much as {one.amount:,} {equivalents.NAMES[one.id]} ({one.step.numbers})"
        for one in equivalents.equivalents(figure.co2e_kg)
    ]
    spread = why.spread(whole)
    lines.append(
        f"  all methods: {spread.least_kg:,.1f} to {spread.most_kg:,.1f} kg; they count different"
        " things, so this is no uncertainty"
    )
    print_lines(lines)


def register(commands: Commands) -> None:
    """Add why and alternatives."""
    asked = add(commands, "why", _why, "why two methods differ on a trip, step by step")
    asked.add_argument("start", metavar="METHOD", help="id of the method to start from")
    asked.add_argument("end", metavar="METHOD", help="id of the method to arrive at")
    add_trip(asked)
    beside = add(
        commands,
        "alternatives",
        _alternatives,
        "other cabins, the direct way, rail, coach and car, equivalents, all methods",
    )
    add_trip(beside)
    beside.add_argument("--method", default=METHOD_IDS[0], metavar="ID")
