"""When does soil arithmetic refuse to answer, and where is the fault?

    CalculatorError
    └── SoilRefused             any code of `SENTENCES`: the method cannot answer honestly
        ├── Impossible          value_impossible: a figure that no soil has
        ├── OverlappingDepths   depths_overlap: two layers of a core share a depth
        ├── GapInDepths         depths_gap: soil between two layers was not sampled
        ├── MixedUnits          units_mixed: two units for one quantity in one file
        └── MissingStratum      stratum_missing: a stratum of the plan without its cores

An error carries a stable code and what its sentence needs: the column, the row and the value where
a file is read. ``str(error)`` is a plain English line for the command line.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from calculators.errors import CalculatorError

SENTENCES: Final[Mapping[str, str]] = {
    "agroforestry_unknown": "Trees are planted on cropland, grassland or forest, not {planted_on}.",
    "answer_missing": "{name} is missing.",
    "area_differs": "Stratum {stratum} has {first:g} ha and {second:g} ha.",
    "area_missing": "Stratum {stratum} has no area.",
    "bare_buffer": "A buffer needs its reason.",
    "climate_unknown": "No climate is called {climate}.",
    "column_missing": "A column is missing: {column}. Found: {found}.",
    "column_twice": "Two columns are called {column}.",
    "column_unknown": "No column is called {column}.",
    "core_differs": "{column} is not that of row {first} of the same core.",
    "core_twice": "the same layer of this core stands in row {first}.",
    "core_unpaired": "it stands in one round only; a paired comparison needs both.",
    "cores_too_many": "More than {most:,} cores would be needed.",
    "cores_too_few": "{cores} cores cannot be shared among {strata} strata of at least {least}.",
    "decimals_mixed": "{given} has another decimal sign than row {first}; use one of them.",
    "depth_not_reached": "the layers reach {reached:g} cm, not {depth:g} cm.",
    "depths_gap": "nothing was sampled from {top:g} to {bottom:g} cm.",
    "depths_overlap": "two layers share {top:g} to {bottom:g} cm.",
    "draws_too_many": "At most {most:,} values are drawn, not {given:,}.",
    "feedstock_unknown": "No share of carbon with its spread is published for {feedstock}.",
    "file_faulty": "{first} And {more} more faults.",
    "file_empty": "The file holds no layer.",
    "formula": "{name} is a formula; give the value itself.",
    "land_mixed": "Factors of cropland and of grassland do not go together: {factors}.",
    "leakage_unshared": "Leakage cannot be shared where nothing was gained.",
    "mass_not_reached": "the samples weigh {sampled:g} t/ha, the reference {reference:g} t/ha.",
    "no_default": "There is no published default for {about}.",
    "no_layers": "A profile needs a layer.",
    "no_method": "No method of estimate was chosen.",
    "no_spread": "All pairs of a stratum changed alike; its spread cannot be computed.",
    "no_strata": "A change needs a stratum.",
    "nothing_changes": "Baseline and project are the same.",
    "one_way": "{first} and {second} do not go together; give one of them.",
    "organic_soil": "{given:g} % of carbon is an organic soil (above {most:g} %).",
    "policy_unknown": "No deduction policy is called {policy}.",
    "practice_unknown": "No practice is called {practice}.",
    "practice_without_default": "The published defaults do not cover {practice}.",
    "round_differs": "this row is of round {given}, the file of round {wanted}.",
    "rounds_two": "A change needs two rounds of cores; the file holds {found}.",
    "soil_unknown": "No soil is called {soil}.",
    "source_missing": "A rate needs its source.",
    "stratum_missing": "stratum {stratum} has no cores.",
    "stratum_unknown": "no stratum of the plan is called {stratum}; known: {known}.",
    "system_unknown": "No production system is called {system}.",
    "temperature_unknown": "No share that lasts is published for {temperature}.",
    "text_too_long": "{name} is longer than {most} letters.",
    "too_few_pairs": "A stratum needs two pairs of cores at least, not {pairs}.",
    "too_few_cores": "Stratum {stratum} needs two cores a round at least, not {cores}.",
    "units_mixed": "{first} and {second} stand in one file; give one unit.",
    "value_impossible": "{name} must be {rule}, not {given}.",
    "wet_soil": "The published defaults do not hold for wet or organic soils.",
    "word_unknown": "{column} must be one of {known}, not {given!r}.",
}
"""Plain English by code; parameters that a sentence does not need are kept beside it."""


_PLACES: Final = ("row", "round", "core")


class SoilRefused(CalculatorError):
    """A question that the method cannot answer honestly.

    Parameters
    ----------
    code : str
        A stable word of `SENTENCES`; the caller may turn it into a sentence of its own.
    **parameters : object
        What the sentence needs. With ``row`` (1 is the heading) the line says where.
    """

    code: str  # type: ignore[misc] # one class for all refusals: the code is the instance's

    def __init__(self, code: str, /, **parameters: str | float) -> None:
        self.code = code
        super().__init__(parameters)

    def __str__(self) -> str:
        """Return a plain English line, told with its row, core and round where there are any."""
        known = _Told({"about": _about(self.parameters), **self.parameters})
        said = SENTENCES.get(self.code, self.code).format_map(known)
        where = [f"{one} {self.parameters[one]}" for one in _PLACES if one in self.parameters]
        return f"{', '.join(where)}: {said}" if where else said[:1].upper() + said[1:]


class _Told(dict[str, str | float]):
    """Parameters of a sentence; one that was not given is told as its own name."""

    def __missing__(self, name: str) -> str:
        return name


def _about(parameters: Mapping[str, str | float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(parameters.items())) or "this case"


class _Named(SoilRefused):
    """A refusal whose class names its code."""

    named: ClassVar[str]

    def __init__(self, **parameters: str | float) -> None:
        super().__init__(self.named, **parameters)


class Impossible(_Named):
    """A figure that no soil has: told with its name, the rule and the value given."""

    named = "value_impossible"


class OverlappingDepths(_Named):
    """Two layers of one core that share a depth."""

    named = "depths_overlap"


class GapInDepths(_Named):
    """Soil between two layers of one core that nobody sampled."""

    named = "depths_gap"


class MixedUnits(_Named):
    """Two units for one quantity in one file."""

    named = "units_mixed"


class MissingStratum(_Named):
    """A stratum of one round that the other round does not have."""

    named = "stratum_missing"


def within(
    name: str,
    value: float,
    *,
    least: float = 0.0,
    most: float | None = None,
    above: bool = False,
    below: bool = False,
) -> float:
    """Return a figure that lies within its bounds; ``above``/``below`` leave the bounds out.

    Parameters
    ----------
    name : str
        What the figure is, with its unit.
    value : float
        The figure.

    Raises
    ------
    Impossible
        ``value_impossible`` with name, rule and value; a value that is not a number too.
    """
    low = value > least if above else value >= least
    high = most is None or (value < most if below else value <= most)
    # nan fails every comparison; infinity is no figure either
    if low and high and value not in (float("inf"), float("-inf")):
        return value
    rule = f"above {least:g}" if above else f"at least {least:g}"
    if most is not None:
        rule += f" and below {most:g}" if below else f" and at most {most:g}"
    raise Impossible(name=name, rule=rule, given=value)


def amount(name: str, value: float, most: float) -> float:
    """Return a figure above 0 that is no slip of the pen.

    Raises
    ------
    Impossible
        As `within`; the upper bound is told only to who went beyond it.
    """
    return within(name, within(name, value, above=True), most=most)
