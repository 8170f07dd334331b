"""Which questions does an application ask, and which answers make sense? One table.

The form is drawn from it, saving checks against it, submitting asks for what is required.
"""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from calculators.soil import biochar, tables
from offset.errors import InvalidInput
from offset.money import EXPONENTS
from offset.projects import markdown
from offset.projects.models import Evidence, Family

BLOCKS: Final = (
    "project",
    "land",
    "practice",
    "safeguards",
    "benefits",
    "people",
    "carbon",
    "monitoring",
    "money",
    "declarations",
)
CRITERIA: Final = "criteria"
"""What is said about each criterion of the committee, with its evidence: a block of its own."""
LANGUAGES: Final = ("en", "fr", "es")
PRACTICES: Final = (
    "agroforestry",
    "cover_crops",
    "conservation_agriculture",
    "compost_manure",
    "orchard_restoration",
    "rangeland_restoration",
    "grazing_management",
    "grassland_improvement",
    "biochar",
    "mangrove_restoration",
    "other",
)
CLIMATES: Final = (
    "tropical_montane",
    "tropical_wet",
    "tropical_moist",
    "tropical_dry",
    "warm_temperate_moist",
    "warm_temperate_dry",
    "cool_temperate_moist",
    "cool_temperate_dry",
    "boreal_moist",
    "boreal_dry",
    "polar_moist",
    "polar_dry",
)
SOIL_METHODS: Final = ("tier1", "biochar", "literature", "none")
_SHORT: Final = 200
_LONG: Final = 20_000
_ROWS: Final = 60
_LARGEST: Final = 10**15
_EVIDENCE: Final = 8
_PAGES: Final = 100_000
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_CRITERION: Final = re.compile(r"[1-9]\d?\.[1-9]\d?", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Kind(enum.StrEnum):
    """What an answer looks like."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"
    DAY = "day"
    CHOICE = "choice"
    COUNTRY = "country"
    NAMES = "names"
    INDICATORS = "indicators"
    BUDGET = "budget"
    BUYS = "buys"
    STRATA = "strata"
    CRITERION = "criterion"


@dataclass(frozen=True)
class Question:
    """One question: where it stands, what an answer looks like, whether submitting needs it.

    ``must_be_yes`` marks a commitment: only "yes" lets an application through.
    """

    block: str
    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    must_be_yes: bool = False


def _q(
    block: str,
    name: str,
    kind: Kind,
    choices: tuple[str, ...] = (),
    *,
    required: bool = False,
    lowest: float | None = None,
    highest: float | None = None,
    must_be_yes: bool = False,
) -> Question:
    return Question(block, name, kind, required, choices, lowest, highest, must_be_yes)


_LAND_USES: Final = tables.names("land_use")
_MANAGEMENTS: Final = tables.names("management")
_INPUTS: Final = tables.names("carbon_input")

QUESTIONS: Final = (
    _q("project", "title", Kind.TEXT, required=True),
    _q("project", "summary", Kind.TEXT, required=True),
    _q("project", "story", Kind.LONG_TEXT, required=True),
    _q("project", "language", Kind.CHOICE, LANGUAGES, required=True),
    _q("project", "modality", Kind.CHOICE, ("new", "ongoing"), required=True),
    _q("project", "scope", Kind.CHOICE, ("practice", "project", "policy"), required=True),
    _q("project", "country", Kind.COUNTRY, required=True),
    _q("project", "region", Kind.TEXT),
    _q("land", "area_ha", Kind.NUMBER, required=True, lowest=0.1, highest=10_000_000),
    _q("land", "area_explained", Kind.LONG_TEXT),
    _q("land", "latitude", Kind.NUMBER, required=True, lowest=-90, highest=90),
    _q("land", "longitude", Kind.NUMBER, required=True, lowest=-180, highest=180),
    _q("land", "land_before", Kind.LONG_TEXT, required=True),
    _q("land", "not_forest_before", Kind.FLAG, required=True),
    _q("land", "wet_or_organic", Kind.FLAG, required=True),
    _q("land", "soil", Kind.CHOICE, (*tables.soils(), "organic_or_wet"), required=True),
    _q("land", "climate", Kind.CHOICE, CLIMATES, required=True),
    _q("land", "baseline_practice", Kind.LONG_TEXT, required=True),
    _q("practice", "practice", Kind.CHOICE, PRACTICES, required=True),
    _q("practice", "detail", Kind.LONG_TEXT),
    _q("practice", "starts_on", Kind.DAY, required=True),
    _q("practice", "years", Kind.COUNT, required=True, lowest=1, highest=30),
    _q("practice", "maintenance_promise", Kind.LONG_TEXT, required=True),
    _q("practice", "outside_inputs", Kind.LONG_TEXT),
    _q("safeguards", "human_rights_commitment", Kind.FLAG, required=True, must_be_yes=True),
    _q("safeguards", "no_forced_or_child_labour", Kind.FLAG, required=True, must_be_yes=True),
    _q("safeguards", "grievance_channel", Kind.LONG_TEXT, required=True),
    _q("safeguards", "tenure_share_pct", Kind.NUMBER, required=True, lowest=0, highest=100),
    _q("safeguards", "open_disputes", Kind.COUNT, required=True, lowest=0),
    _q("safeguards", "consent", Kind.LONG_TEXT),
    _q("safeguards", "households", Kind.COUNT, required=True, lowest=0),
    _q("safeguards", "income_effect", Kind.LONG_TEXT),
    _q("benefits", "indicators", Kind.INDICATORS, required=True),
    _q("people", "people_trained", Kind.COUNT, lowest=0),
    _q("people", "women_youth_share_pct", Kind.NUMBER, lowest=0, highest=100),
    _q("people", "decision_meetings", Kind.LONG_TEXT),
    _q("carbon", "method", Kind.CHOICE, SOIL_METHODS, required=True),
    _q("carbon", "baseline_land_use", Kind.CHOICE, _LAND_USES),
    _q("carbon", "baseline_management", Kind.CHOICE, _MANAGEMENTS),
    _q("carbon", "baseline_carbon_input", Kind.CHOICE, _INPUTS),
    _q("carbon", "project_land_use", Kind.CHOICE, _LAND_USES),
    _q("carbon", "project_management", Kind.CHOICE, _MANAGEMENTS),
    _q("carbon", "project_carbon_input", Kind.CHOICE, _INPUTS),
    _q("carbon", "agroforestry", Kind.CHOICE, tuple(tables.AGROFORESTRY)),
    _q("carbon", "biochar_t_ha", Kind.NUMBER, lowest=0.01, highest=200),
    _q("carbon", "feedstock", Kind.CHOICE, tuple(biochar.FEEDSTOCKS)),
    _q("carbon", "temperature", Kind.CHOICE, tuple(biochar.TEMPERATURES)),
    _q("carbon", "literature_rate", Kind.NUMBER, lowest=0.001, highest=50),
    _q("carbon", "literature_sd", Kind.NUMBER, lowest=0.01, highest=2),
    _q("carbon", "literature", Kind.LONG_TEXT),
    # kept apart, never shown as an estimate
    _q("carbon", "claim_tc_ha_yr", Kind.NUMBER, lowest=-50, highest=200),
    _q("carbon", "rate_evidence", Kind.LONG_TEXT),
    _q("carbon", "buffer_pct", Kind.NUMBER, required=True, lowest=0, highest=100),
    _q("carbon", "buffer_reason", Kind.LONG_TEXT, required=True),
    # public; "yes" bars the admission until a reason is recorded
    _q("carbon", "registered_elsewhere", Kind.FLAG, required=True),
    _q("carbon", "registered_where", Kind.LONG_TEXT),
    _q("carbon", "leakage", Kind.LONG_TEXT),
    _q("carbon", "reversal_risks", Kind.LONG_TEXT, required=True),
    _q("monitoring", "design", Kind.LONG_TEXT, required=True),
    _q("monitoring", "strata", Kind.STRATA),
    _q("monitoring", "cores", Kind.COUNT, lowest=0, highest=100_000),
    _q("monitoring", "same_places", Kind.FLAG),
    _q("monitoring", "correlation", Kind.NUMBER, lowest=0, highest=0.99),
    _q("monitoring", "next_round_years", Kind.COUNT, lowest=1, highest=30),
    _q("monitoring", "depth_cm", Kind.COUNT, lowest=30, highest=300),
    _q("monitoring", "laboratory", Kind.TEXT),
    _q("monitoring", "laboratory_method", Kind.TEXT),
    _q("money", "currency", Kind.CHOICE, tuple(EXPONENTS), required=True),
    _q("money", "amount_asked_minor", Kind.COUNT, required=True, lowest=1),
    _q("money", "cost_per_ha_minor", Kind.COUNT, required=True, lowest=1),
    _q("money", "budget", Kind.BUDGET, required=True),
    _q("money", "farmers_share_pct", Kind.NUMBER, lowest=0, highest=100),
    _q("money", "co_funders", Kind.NAMES),
    _q("money", "partners", Kind.NAMES),
    _q("money", "in_kind", Kind.LONG_TEXT),
    _q("money", "buys", Kind.BUYS),
    _q("declarations", "no_commitment_to_fund", Kind.FLAG, required=True, must_be_yes=True),
    _q("declarations", "publication", Kind.FLAG, required=True, must_be_yes=True),
    _q("declarations", "open_licence", Kind.FLAG, required=True, must_be_yes=True),
    _q("declarations", "interests", Kind.LONG_TEXT),
)
# asked only of those who seek funds
_OF_MONEY: Final = frozenset(
    {("money", "amount_asked_minor"), ("money", "cost_per_ha_minor"), ("money", "budget")}
)
_BY_NAME: Final[Mapping[tuple[str, str], Question]] = {(q.block, q.name): q for q in QUESTIONS}

Blocks = Mapping[str, Mapping[str, Any]]


def merged(document: Blocks, answers: Blocks) -> dict[str, dict[str, Any]]:
    """Return a document with checked answers laid over it; ``None`` takes an answer away.

    Raises
    ------
    InvalidInput
        ``question_unknown``, or ``answer_unusable`` and ``script_in_text`` with the question as
        their field.
    """
    result = {block: dict(document.get(block, {})) for block in (*BLOCKS, CRITERIA)}
    for block, given in answers.items():
        for name, answer in given.items():
            question = _asked(block, name)
            if question is None:
                raise InvalidInput("question_unknown", field=f"{block}.{name}")
            empty = answer in (None, "", [])
            checked = None if empty else _checked(question, answer)
            if checked in (None, ""):
                result[block].pop(name, None)
            else:
                result[block][name] = checked
    return {block: answered for block, answered in result.items() if answered}


def missing(document: Blocks) -> tuple[str, ...]:
    """Name every answer that submitting still needs, in the order of the form.

    Some depend on others: a running project asks for no money; where carbon is registered is asked
    of those who say that it is; budget lines sum to the amount asked.
    """
    absent = [f"{q.block}.{q.name}" for q in QUESTIONS if not _answered(q, document)]
    if "benefits.indicators" not in absent:
        families = {row["family"] for row in document["benefits"]["indicators"]}
        absent += [f"benefits.indicators.{f.value}" for f in Family if f.value not in families]
    carbon = document.get("carbon", {})
    if carbon.get("registered_elsewhere") and not carbon.get("registered_where"):
        absent.append("carbon.registered_where")
    if not _sums(document.get("money", {})):
        absent.append("money.budget_sum")
    return tuple(absent)


def asks_for_money(document: Blocks) -> bool:
    """Say whether an application seeks funds; a running project seeks none."""
    return document.get("project", {}).get("modality") != "ongoing"


def budget_sum(document: Blocks) -> int:
    """Return what the lines of the budget come to, in minor units."""
    return sum(row["amount_minor"] for row in document.get("money", {}).get("budget", ()))


def _asked(block: str, name: str) -> Question | None:
    """Return a question; the criteria are the committee's data, so their codes have a form only."""
    if block == CRITERIA and _CRITERION.fullmatch(name):
        return Question(block, name, Kind.CRITERION)
    return _BY_NAME.get((block, name))


def _sums(money: Mapping[str, Any]) -> bool:
    """Say whether budget lines come to the amount asked; what is not there yet is no fault."""
    lines, asked = money.get("budget"), money.get("amount_asked_minor")
    return not lines or asked is None or sum(row["amount_minor"] for row in lines) == asked


def _answered(question: Question, document: Blocks) -> bool:
    answer = document.get(question.block, {}).get(question.name)
    if question.must_be_yes:
        return answer is True
    if (question.block, question.name) in _OF_MONEY and not asks_for_money(document):
        return True
    return answer is not None or not question.required


def _checked(question: Question, answer: Any) -> Any:
    try:
        checked = _CHECKS[question.kind](question, answer)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        raise InvalidInput(
            "answer_unusable",
            field=f"{question.block}.{question.name}",
            lowest=question.lowest,
            highest=question.highest,
        ) from None
    if isinstance(checked, str):
        markdown.refuse_active(checked, field=f"{question.block}.{question.name}")
    return checked


def _text(_question: Question, answer: Any) -> str:
    return _bounded(" ".join(str(answer).split()), _SHORT)


def _long_text(_question: Question, answer: Any) -> str:
    return _bounded(str(answer).replace("\r\n", "\n").strip(), _LONG)


def _bounded(text: str, longest: int) -> str:
    # no column takes NUL or half a surrogate; the latter is a ValueError of its own
    if len(text) > longest or b"\0" in text.encode():
        raise ValueError(text)
    return text


def _number(question: Question, answer: Any) -> float:
    value = float(answer)
    lowest = question.lowest if question.lowest is not None else -1e12
    highest = question.highest if question.highest is not None else 1e12
    # NaN fails both comparisons
    if isinstance(answer, bool) or not lowest <= value <= highest:
        raise ValueError(answer)
    return value


def _count(question: Question, answer: Any) -> int:
    if int(answer) != float(answer):
        raise ValueError(answer)
    return int(_number(question, answer))


def _flag(_question: Question, answer: Any) -> bool:
    if not isinstance(answer, bool):
        raise TypeError(answer)
    return answer


def _day(_question: Question, answer: Any) -> str:
    return date.fromisoformat(str(answer)).isoformat()


def _choice(question: Question, answer: Any) -> str:
    if answer not in question.choices:
        raise ValueError(answer)
    return str(answer)


def _country(_question: Question, answer: Any) -> str:
    if not _COUNTRY.fullmatch(str(answer)):
        raise ValueError(answer)
    return str(answer)


def _names(_question: Question, answer: Any) -> list[str]:
    return [_bounded(" ".join(str(name).split()), _SHORT) for name in _rows(answer)]


def _indicators(_question: Question, answer: Any) -> list[dict[str, Any]]:
    return [
        {
            "family": Family(row["family"]).value,
            "name": _named(row["name"]),
            "unit": _named(row["unit"]),
            "baseline": _maybe_number(row.get("baseline")),
            "target": _maybe_number(row.get("target")),
            "evidence": Evidence(row["evidence"]).value,
            "source": _named(row["source"]),
        }
        for row in _rows(answer)
    ]


def _budget(_question: Question, answer: Any) -> list[dict[str, Any]]:
    return [
        {"label": _named(row["label"]), "amount_minor": _whole(row["amount_minor"])}
        for row in _rows(answer)
    ]


def _buys(_question: Question, answer: Any) -> list[dict[str, Any]]:
    return [
        {"amount_minor": _whole(row["amount_minor"]), "what": _named(row["what"])}
        for row in _rows(answer)
    ]


def _strata(_question: Question, answer: Any) -> list[dict[str, Any]]:
    return [
        {
            "stratum": _named(row["stratum"]),
            "area_ha": _above_zero(row["area_ha"], 10_000_000),
            "cores": _whole(row["cores"]),
            "sd_tc_ha": _above_zero(row["sd_tc_ha"], 500),
        }
        for row in _rows(answer)
    ]


def _criterion(_question: Question, answer: Any) -> dict[str, Any] | None:
    """Check what is said about one criterion: words, and files with their pages."""
    words = _long_text(_question, answer.get("answer") or "")
    without = _long_text(_question, answer.get("without") or "")
    found: list[dict[str, Any]] = []
    for row in answer.get("evidence") or ():
        sha256 = str(row["sha256"])
        if not _SHA256.fullmatch(sha256) or len(found) >= _EVIDENCE:
            raise ValueError(row)
        found.append({"sha256": sha256, "page": _page(row["page"])})
    told = {"answer": words, "without": without, "evidence": found}
    return {name: value for name, value in told.items() if value} or None


def _page(value: Any) -> int:
    page = _whole(value)
    if page > _PAGES:
        raise ValueError(value)
    return page


def _above_zero(value: Any, highest: float) -> float:
    number = float(value)
    if isinstance(value, bool) or not 0 < number <= highest:
        raise ValueError(value)
    return number


def _rows(answer: Any) -> list[Any]:
    if not isinstance(answer, (list, tuple)) or len(answer) > _ROWS:
        raise TypeError(answer)
    return list(answer)


def _named(text: Any) -> str:
    tidy = _bounded(" ".join(str(text).split()), _SHORT)
    if not tidy:
        raise ValueError(text)
    return tidy


def _maybe_number(value: Any) -> float | None:
    if value in (None, ""):
        return None
    number = float(value)
    # neither NaN nor infinity has a place in a document
    if isinstance(value, bool) or not abs(number) <= _LARGEST:
        raise ValueError(value)
    return number


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value) or not 0 < int(value) <= _LARGEST:
        raise ValueError(value)
    return int(value)


_CHECKS: Final[Mapping[Kind, Callable[[Question, Any], Any]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.NUMBER: _number,
    Kind.COUNT: _count,
    Kind.FLAG: _flag,
    Kind.DAY: _day,
    Kind.CHOICE: _choice,
    Kind.COUNTRY: _country,
    Kind.NAMES: _names,
    Kind.INDICATORS: _indicators,
    Kind.BUDGET: _budget,
    Kind.BUYS: _buys,
    Kind.STRATA: _strata,
    Kind.CRITERION: _criterion,
}
