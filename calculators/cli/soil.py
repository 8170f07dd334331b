"""What do ``calculators soil tier1|stock|change|plan|biochar|practices|method`` print?

Exit status 0 when the question is answered, 2 and one line on standard error when it cannot be.
"""

from __future__ import annotations

import csv
import io
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calculators.cli.commands import Parser, add, print_json, print_lines
from calculators.errors import UnreadableFile
from calculators.soil import (
    biochar,
    deduction,
    detection,
    equivalent_mass,
    paper,
    plausibility,
    practices,
    samples,
    simulation,
    stock,
    stock_change,
    tables,
    tier1,
)
from calculators.soil.refusals import SoilRefused
from calculators.soil.tier1 import Management, Question

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from calculators.cli.commands import Commands
    from calculators.soil.practices import Practice, Rate
    from calculators.soil.samples import Samples
    from calculators.soil.simulation import Spread
    from calculators.soil.tables import Factor

_DELIMITERS: Final = (",", ";", "\t")
_SIDES: Final = ("baseline", "project")
_VERDICTS: Final = {
    "gain": "gain detected",
    "loss": "loss detected",
    "no_change": "no change detected",
}
_GATES: Final = {
    plausibility.FINE: "believable without further evidence",
    plausibility.EVIDENCE_NEEDED: "evidence is needed",
    plausibility.BLOCKED: "not believable",
}


def _versions() -> dict[str, str]:
    return {
        "calculators": version("offset-platform"),
        "numpy": version("numpy"),
        "table": tables.version(),
        "practices": practices.LATEST,
    }


def _factors(factors: Sequence[Factor]) -> list[dict[str, float | str]]:
    return [
        {"factor": f.name, "value": f.value, "sd": f.sd, "unit": f.unit, "source": f.source}
        for f in factors
    ]


def _rate_lines(rate: Spread) -> list[str]:
    gain = "over 99 %" if rate.p_gain > 0.99 else f"{rate.p_gain:.0%}"  # noqa: PLR2004 - never 100 %
    return [
        f"At least {rate.p33:.3f} tC/ha/yr with two chances in three",
        f"  9 in 10: {rate.p05:.3f} to {rate.p95:.3f} tC/ha/yr, centre {rate.central:.3f}",
        f"  chance of a gain: {gain}",
        *(["  the range includes zero"] if rate.p05 <= 0 <= rate.p95 else []),
        f"  {rate.draws:,} draws, seed {rate.seed}, {simulation.GENERATOR}",
    ]


def _factor_lines(factors: Sequence[Factor]) -> list[str]:
    return [
        f"  {f.name} = {f.value:g} ± {f.sd:.3g} [{f.unit}] (± one sd), {f.source}" for f in factors
    ]


def _question(arguments: argparse.Namespace) -> Question:
    """Return the question: by the default change of a practice, or by named factors."""
    named = [
        f"--{side}-{kind}".replace("_", "-")
        for side in _SIDES
        for kind in tables.KINDS
        if getattr(arguments, f"{side}_{kind}") is not None
    ]
    if arguments.agroforestry is not None:
        named.append("--agroforestry")
    if arguments.practice:
        if named:
            raise SoilRefused("one_way", first="--practice", second=named[0])
        found = practices.find(arguments.practice, arguments.climate, arguments.soil)
        chosen = [d.variant for d in found if arguments.system in (None, d.variant.system)]
        if not chosen:
            raise SoilRefused("system_unknown", system=arguments.system)
        return chosen[0].question(arguments.climate, arguments.soil)
    baseline, project = (
        Management(*(getattr(arguments, f"{side}_{kind}") for kind in tables.KINDS))
        for side in _SIDES
    )
    return Question(arguments.soil, arguments.climate, baseline, project, arguments.agroforestry)


def _tier1(arguments: argparse.Namespace) -> None:
    asked = _question(arguments)
    answer = tier1.project(asked, seed=arguments.seed, draws=arguments.draws)
    four = stock.four_per_mille(answer.stock_baseline)
    judged = plausibility.gate(
        answer.rate.central, projected=answer.rate, stock_tc_ha=answer.stock_baseline
    )
    counted = deduction.simulated(answer.rate, deduction.policy(arguments.policy))
    if arguments.json:
        print_json(
            {
                "method": answer.method,
                "method_version": tier1.VERSION,
                "inputs": asked.as_json(),
                "depth_cm": tier1.DEPTH_CM,
                "years": tier1.YEARS,
                "stock_baseline": answer.stock_baseline,
                "stock_project": answer.stock_project,
                "stock_unit": "tC/ha",
                "rate": answer.rate.as_json(),
                "four_per_mille": four,
                "plausibility": {"verdict": judged.verdict, "reasons": list(judged.reasons)},
                "deduction": counted.as_json(),
                "factors": _factors(answer.factors),
                "seed": answer.rate.seed,
                "versions": _versions(),
            }
        )
        return
    print_lines(
        [
            f"{asked.soil}, {asked.climate}, 0-{tier1.DEPTH_CM} cm, {tier1.YEARS} years",
            f"Stock {answer.stock_baseline:.2f} → {answer.stock_project:.2f} tC/ha",
            *_rate_lines(answer.rate),
            f"  4 per mille of this soil: {four:.3f} tC/ha/yr",
            f"  {_GATES[judged.verdict]}",
            f"  counted by {counted.policy} {counted.version}: {counted.counted:.3f} tC/ha/yr",
            *_factor_lines(answer.factors),
            f"Method {answer.method} {tier1.VERSION}, table {tables.version()}",
        ]
    )


def _biochar(arguments: argparse.Namespace) -> None:
    rate, factors = biochar.project(
        arguments.tonnes,
        arguments.feedstock,
        arguments.temperature,
        seed=arguments.seed,
        draws=arguments.draws,
    )
    lasting = biochar.once(arguments.tonnes, arguments.feedstock, arguments.temperature)
    if arguments.json:
        print_json(
            {
                "method": biochar.METHOD,
                "method_version": biochar.VERSION,
                "inputs": {
                    "tonnes_ha": arguments.tonnes,
                    "feedstock": arguments.feedstock,
                    "temperature": arguments.temperature,
                },
                "lasting_once": lasting,
                "lasting_unit": "tC/ha after 100 years",
                "rate": rate.as_json(),
                "years": biochar.YEARS,
                "factors": _factors(factors),
                "seed": rate.seed,
                "versions": _versions(),
            }
        )
        return
    print_lines(
        [
            f"{arguments.tonnes:g} t/ha of {arguments.feedstock} biochar, spread once",
            f"After 100 years {lasting:.2f} tC/ha are still there",
            f"As an average over {biochar.YEARS} years, for comparison only:",
            *_rate_lines(rate),
            *_factor_lines(factors),
            f"Method {biochar.METHOD} {biochar.VERSION}",
        ]
    )


def _records(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a table that hold anything, each with the line it begins in."""
    found, begun = [], 1
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            found.append((begun, cells))
        begun = reader.line_num + 1
    return found


def _samples(path: Path) -> Samples:
    """Read a file of layers; every fault is counted, the first is told."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as fault:
        raise UnreadableFile(
            {"path": str(path), "reason": fault.strerror or "unreadable"}
        ) from None
    except UnicodeDecodeError:
        raise UnreadableFile({"path": str(path), "reason": "not UTF-8"}) from None
    try:
        records = _records(text)
    except csv.Error as fault:
        raise UnreadableFile({"path": str(path), "reason": str(fault)}) from None
    at, names = records[0] if records else (1, [])
    headings = [re.sub(r"[\s-]+", "_", name.strip().casefold()) for name in names]
    rows = ((number, dict(zip(headings, cells, strict=False))) for number, cells in records[1:])
    reading = samples.read_numbered(rows, headings, heading_row=at)
    if reading.samples is None:
        first, more = reading.faults[0], len(reading.faults) - 1
        raise first if not more else SoilRefused("file_faulty", first=str(first), more=more)
    return reading.samples


def _single(arguments: argparse.Namespace) -> None:
    """Tell the stock of one layer given by options."""
    if None in (arguments.soc_percent, arguments.bulk_density):
        raise SoilRefused("answer_missing", name="a file, or --soc-percent and --bulk-density")
    found = stock.stock_tc_ha(
        arguments.soc_percent,
        arguments.bulk_density,
        arguments.depth,
        arguments.coarse_fragments,
        fine_earth_per_volume=arguments.basis == stock.FINE_EARTH,
    )
    if arguments.json:
        print_json(
            {
                "inputs": {
                    "soc_percent": arguments.soc_percent,
                    "bulk_density_g_cm3": arguments.bulk_density,
                    "density_basis": arguments.basis,
                    "coarse_fragments_share": arguments.coarse_fragments,
                    "depth_cm": arguments.depth,
                },
                "stock": found,
                "unit": "tC/ha",
                "four_per_mille": stock.four_per_mille(found),
                "versions": _versions(),
            }
        )
        return
    print_lines(
        [
            f"{found:.2f} tC/ha over {arguments.depth:g} cm",
            f"  4 per mille of it: {stock.four_per_mille(found):.3f} tC/ha/yr",
        ]
    )


def _stock(arguments: argparse.Namespace) -> None:
    if arguments.file is None:
        _single(arguments)
        return
    for word, value in (
        ("--soc-percent", arguments.soc_percent),
        ("--bulk-density", arguments.bulk_density),
    ):
        if value is not None:
            raise SoilRefused("one_way", first=str(arguments.file), second=word)
    read = _samples(arguments.file)
    stocks = [(core, samples.stock_of(core, arguments.depth)) for core in read.cores]
    if arguments.json:
        print_json(
            {
                "inputs": {"file": str(arguments.file), "depth_cm": arguments.depth},
                "units": dict(read.units),
                "cores": [
                    {"round": c.round, "stratum": c.stratum, "core": c.name, "stock": found}
                    for c, found in stocks
                ],
                "unit": "tC/ha",
                "versions": _versions(),
            }
        )
        return
    print_lines(
        [
            f"{len(stocks)} cores, 0-{arguments.depth:g} cm, tC/ha:",
            *(f"  round {c.round}  {c.stratum}  {c.name}  {found:.2f}" for c, found in stocks),
        ]
    )


def _change(arguments: argparse.Namespace) -> None:
    read = _samples(arguments.file)
    found, strata = samples.compared(
        read,
        depth_cm=arguments.depth,
        paired=not arguments.unpaired,
        reference_mass_t_ha=arguments.reference_mass,
    )
    counted = deduction.measured(
        found.change, found.standard_error, found.degrees, deduction.policy(arguments.policy)
    )
    method = stock_change.METHOD_UNPAIRED if arguments.unpaired else stock_change.METHOD
    if arguments.json:
        print_json(
            {
                "method": method,
                "method_version": stock_change.VERSION,
                "mass_method": equivalent_mass.METHOD,
                "inputs": {
                    "file": str(arguments.file),
                    "depth_cm": arguments.depth,
                    "reference_mass_t_ha": arguments.reference_mass,
                    "rounds": list(read.rounds),
                    "units": dict(read.units),
                    "strata": {one.name: one.area_ha for one in strata},
                },
                "change": found.as_json(),
                "deduction": counted.as_json(),
                "versions": _versions(),
            }
        )
        return
    first, second = read.rounds
    of = "cores" if arguments.unpaired else "pairs of cores"
    print_lines(
        [
            f"Round {first} to round {second}, {found.cores} {of}, strata: {len(strata)}",
            f"{_VERDICTS[found.verdict]}: {found.change:+.2f} tC/ha",
            f"  95 %: {found.low:+.2f} to {found.high:+.2f} tC/ha, from {found.baseline:.2f} tC/ha",
            f"  counted by {counted.policy} {counted.version}: {counted.counted:+.2f} tC/ha",
            f"Method {method} {stock_change.VERSION}, at equivalent soil mass",
        ]
    )


def _stratum(text: str) -> detection.PlannedStratum:
    """Read NAME:AREA:SD."""
    try:
        name, area, sd = text.split(":")
        return detection.PlannedStratum(name, float(area), float(sd))
    except ValueError:
        raise SoilRefused(
            "value_impossible", name="--stratum", rule="NAME:AREA_HA:SD", given=text
        ) from None


def _plan(arguments: argparse.Namespace) -> None:
    strata = [_stratum(text) for text in arguments.stratum]
    names = [one.name for one in strata]
    for name in names:
        if not name.strip() or names.count(name) > 1:
            rule = "a name of its own for each stratum"
            raise SoilRefused("value_impossible", name="--stratum", rule=rule, given=repr(name))
    if arguments.sd is not None:
        strata.append(detection.PlannedStratum("all", 1.0, arguments.sd))
    asked = {
        "correlation": arguments.correlation,
        "alpha": arguments.alpha,
        "power": arguments.power,
    }
    if arguments.cores is not None:
        made = detection.plan(arguments.cores, strata, rule=arguments.rule, **asked)
    else:
        made = detection.plan_for(arguments.detect, strata, rule=arguments.rule, **asked)
    if arguments.json:
        print_json(
            {
                "method": detection.METHOD,
                "method_version": detection.VERSION,
                "inputs": {
                    "strata": [{"name": s.name, "area_ha": s.area_ha, "sd": s.sd} for s in strata],
                    "cores": arguments.cores,
                    "detect": arguments.detect,
                    **asked,
                },
                "plan": made.as_json(),
                "versions": _versions(),
            }
        )
        return
    of = "paired cores" if made.paired else "cores"
    print_lines(
        [
            f"{made.cores} {of} a round detect a change of {made.detectable:.2f} tC/ha",
            f"  power {arguments.power:g}, error {arguments.alpha:g}, allocation {made.rule}",
            *(f"  {name}: {count}" for name, count in made.allocation),
        ]
    )


def _rate_line(rate: Rate) -> str:
    told = f"{rate.value:g}" if rate.value is not None else f"{rate.low:g} to {rate.high:g}"
    count = f", {rate.comparisons} comparisons" if rate.comparisons else ""
    checked = "" if rate.verified else ", not read in the original"
    return f"    {told} tC/ha/yr ({rate.of}{count}): {rate.source.title}{checked}"


def _practice_json(one: Practice, climate: str | None, soil: str | None) -> dict[str, object]:
    """Return a practice, with its default figures where a place was named."""
    told: dict[str, object] = {
        "id": one.id,
        "systems": list(one.systems),
        "method": one.method,
        "variants": [
            {
                "id": v.id,
                "system": v.system,
                "baseline": v.baseline.as_json(),
                "project": v.project.as_json(),
                "agroforestry": v.agroforestry,
            }
            for v in one.variants
        ],
        "rates": [
            {
                "of": r.of,
                "value": r.value,
                "low": r.low,
                "high": r.high,
                "comparisons": r.comparisons,
                "climates": list(r.climates),
                "unit": "tC/ha/yr",
                "source": r.source.id,
                "verified": r.verified,
            }
            for r in one.rates
        ],
        "cautions": [{"code": code, "text": practices.CAUTIONS[code]} for code in one.cautions],
        "sources": [
            {"id": s.id, "title": s.title, "year": s.version, "licence": s.licence, "url": s.url}
            for s in one.sources
        ],
    }
    if climate and soil and one.variants:
        told["defaults"] = [
            {
                "variant": d.variant.id,
                "stock_baseline": d.stock_baseline,
                "stock_project": d.stock_project,
                "rate": d.rate,
                "factors": _factors(d.factors),
            }
            for d in practices.find(one.id, climate, soil)
        ]
    return told


def _practices(arguments: argparse.Namespace) -> None:
    climate, soil = arguments.climate, arguments.soil
    found = practices.listing(climate, soil, arguments.system)
    if arguments.json:
        print_json(
            {
                "inputs": {"climate": climate, "soil": soil, "system": arguments.system},
                "data_set": practices.version(),
                "practices": [_practice_json(one, climate, soil) for one in found],
                "versions": _versions(),
            }
        )
        return
    lines = [f"Practices, data set {practices.version()}"]
    for one in found:
        lines.append(f"{one.id} ({', '.join(one.systems)})")
        lines += [_rate_line(rate) for rate in one.rates]
        if climate and soil and one.variants:
            lines += [
                f"    Tier 1, {d.variant.id}: {d.rate:.3f} tC/ha/yr"
                for d in practices.find(one.id, climate, soil)
            ]
    print_lines(lines)


def _method(arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json({"versions": _versions(), "markdown": paper.markdown()})
    else:
        print_lines([paper.markdown().rstrip("\n")])


def _add_simulation(made: Parser) -> None:
    made.add_argument("--seed", type=int, default=1, help="seed of the draws (default 1)")
    made.add_argument(
        "--draws", type=int, default=simulation.DRAWS, help="values drawn of each quantity"
    )


def _add_policy(made: Parser) -> None:
    made.add_argument(
        "--policy",
        default=deduction.DEFAULT.id,
        metavar="ID",
        help=f"deduction: {', '.join(one.id for one in deduction.POLICIES)}",
    )


def _add_depth(made: Parser) -> None:
    made.add_argument(
        "--depth", type=float, default=samples.DEPTH_CM, metavar="CM", help="default 30 cm"
    )


def _register_tier1(commands: Commands) -> None:
    asked = add(commands, "tier1", _tier1, "what a mineral soil may gain, by IPCC 2019 Tier 1")
    asked.add_argument("--soil", required=True, metavar="NAME", help=", ".join(tables.soils()))
    asked.add_argument("--climate", required=True, metavar="NAME")
    asked.add_argument("--practice", metavar="ID", help="take the default change of a practice")
    asked.add_argument("--system", metavar="NAME", help="with --practice: which production system")
    for side in _SIDES:
        for kind in tables.KINDS:
            asked.add_argument(
                f"--{side}-{kind.replace('_', '-')}",
                metavar="NAME",
                help=", ".join(tables.names(kind)),
            )
    asked.add_argument("--agroforestry", metavar="ON", help=", ".join(tables.AGROFORESTRY))
    _add_policy(asked)
    _add_simulation(asked)


def _register_measured(commands: Commands) -> None:
    columns = f"CSV of layers: {', '.join(samples.COLUMNS)}"
    held = add(commands, "stock", _stock, "what a soil holds, of a file or of one layer")
    held.add_argument("file", nargs="?", type=Path, help=columns)
    _add_depth(held)
    held.add_argument("--soc-percent", type=float, metavar="P", help="organic carbon [%%]")
    held.add_argument("--bulk-density", type=float, metavar="D", help="bulk density [g/cm³]")
    held.add_argument("--basis", choices=stock.BASES, default=stock.WHOLE_SOIL)
    held.add_argument(
        "--coarse-fragments", type=float, default=0.0, metavar="S", help="stones, share of volume"
    )
    moved = add(commands, "change", _change, "what changed between two rounds of cores")
    moved.add_argument("file", type=Path, help=columns)
    _add_depth(moved)
    moved.add_argument("--unpaired", action="store_true", help="other places in the second round")
    moved.add_argument(
        "--reference-mass", type=float, metavar="T", help="fine earth compared [t/ha]"
    )
    _add_policy(moved)


def _register_plan(commands: Commands) -> None:
    made = add(commands, "plan", _plan, "what cores can detect, or how many a change needs")
    wanted = made.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--cores", type=int, metavar="N", help="cores a round")
    wanted.add_argument("--detect", type=float, metavar="D", help="change to detect [tC/ha]")
    spread = made.add_mutually_exclusive_group(required=True)
    spread.add_argument("--sd", type=float, metavar="S", help="between places [tC/ha]")
    spread.add_argument(
        "--stratum", action="append", default=[], metavar="NAME:HA:SD", help="may be repeated"
    )
    made.add_argument(
        "--correlation", type=float, metavar="R", help="between rounds at one place; paired cores"
    )
    made.add_argument("--rule", choices=detection.RULES, default=detection.RULES[0])
    made.add_argument("--alpha", type=float, default=detection.ALPHA)
    made.add_argument("--power", type=float, default=detection.POWER)


def register(commands: Commands) -> None:
    """Add soil with its own commands."""
    what = "what a soil may gain, holds, gained, and what sampling can tell"
    soil = commands.add_parser("soil", help=what, description=what)
    own = soil.add_subparsers(required=True, metavar="COMMAND")
    _register_tier1(own)
    _register_measured(own)
    _register_plan(own)
    spread = add(own, "biochar", _biochar, "what is left of spread biochar after a hundred years")
    spread.add_argument("tonnes", type=float, help="dry biochar [t/ha]")
    spread.add_argument("--feedstock", default="wood", metavar="NAME")
    spread.add_argument("--temperature", default="450_600", metavar="NAME")
    _add_simulation(spread)
    known = add(own, "practices", _practices, "good practices by climate, soil and system")
    known.add_argument("--climate", metavar="NAME")
    known.add_argument("--soil", metavar="NAME")
    known.add_argument("--system", metavar="NAME", help=", ".join(practices.SYSTEMS))
    add(own, "method", _method, "the account of the method, as docs/method-soil.md")
