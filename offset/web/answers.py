"""How does an application read to people: its questions in words, and its answers written out?

The list of questions is the domain's; here stand only their words.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from offset.money import Money
from offset.projects.questions import BLOCKS, CRITERIA, QUESTIONS, Blocks, Kind, Question
from offset.web import labels
from offset.web.templating import locale, money, number, write_day

BLOCK_TITLES: Final[Mapping[str, LazyString]] = {
    "project": _("The project"),
    "land": _("The land"),
    "practice": _("What changes on the land"),
    "safeguards": _("Rights and safeguards"),
    "benefits": _("What should come of it"),
    "people": _("People and decisions"),
    "carbon": _("Soil carbon"),
    "monitoring": _("How you will measure"),
    "money": _("Money"),
    "declarations": _("Declarations"),
}
# the blocks with what stands beside their questions, in the order of the task list
STEPS: Final = (*BLOCKS[:2], "sites", *BLOCKS[2:-1], "papers", CRITERIA, BLOCKS[-1])
STEP_TITLES: Final[Mapping[str, LazyString]] = {
    **BLOCK_TITLES,
    "sites": _("Outlines of the land"),
    "papers": _("Documents"),
    CRITERIA: _("Criteria and evidence"),
}
_LEFT: Final[Mapping[str, LazyString]] = {
    "sites.none": _("an outline of the land"),
    "sites.area": _("why the drawn area differs from the stated one"),
    "money.budget_sum": _("budget lines that come to the amount asked for"),
}
_WORDS: Final[Mapping[str, tuple[LazyString, LazyString | None]]] = {
    "project.title": (_("Title"), _("As it will stand on the public page.")),
    "project.summary": (_("One sentence"), _("People, hectares and what changes.")),
    "project.story": (_("The story"), _("Three short paragraphs. Markdown works.")),
    "project.language": (_("Language of these answers"), None),
    "project.modality": (_("What do you ask for?"), None),
    "project.scope": (_("What is assessed?"), None),
    "project.country": (_("Country"), None),
    "project.region": (_("Region"), None),
    "land.area_ha": (_("Area, hectares"), None),
    "land.area_explained": (
        _("Why the drawn area differs from the stated one"),
        _("Needed when they lie more than 5 % apart."),
    ),
    "land.latitude": (
        _("Latitude of the region's centre"),
        _("Such as 13.5. In public it is rounded to 10 km."),
    ),
    "land.longitude": (_("Longitude of the region's centre"), _("Such as 7.1")),
    "land.land_before": (_("Use of the land before"), None),
    "land.not_forest_before": (
        _("The land was not forest before"),
        _("Where trees replace forest, soil carbon is lost."),
    ),
    "land.wet_or_organic": (
        _("Is any of it wetland, mangrove or organic soil?"),
        _("Such soils need another method."),
    ),
    "land.soil": (_("Kind of soil"), None),
    "land.climate": (_("Climate zone"), None),
    "land.baseline_practice": (
        _("Practice without the project"),
        _("Existing practices do not count as change."),
    ),
    "practice.practice": (_("Main practice"), None),
    "practice.detail": (_("In your words"), None),
    "practice.starts_on": (_("Start"), None),
    "practice.years": (
        _("For how many years"),
        _("Soils gain for 20 to 30 years if the practice is kept."),
    ),
    "practice.maintenance_promise": (_("Who keeps it up afterwards, and how?"), None),
    "practice.outside_inputs": (
        _("What is brought from outside?"),
        _("Tonnes, carbon content and origin of compost, manure or biochar."),
    ),
    "safeguards.human_rights_commitment": (_("We respect human rights, and have signed it"), None),
    "safeguards.no_forced_or_child_labour": (_("There is no child or forced labour"), None),
    "safeguards.grievance_channel": (_("Where can somebody complain?"), None),
    "safeguards.tenure_share_pct": (
        _("Share of the area with a documented right or written consent, %"),
        None,
    ),
    "safeguards.open_disputes": (_("Open disputes about the land"), None),
    "safeguards.consent": (_("Free, prior and informed consent, where it applies"), None),
    "safeguards.households": (_("Households reached"), None),
    "safeguards.income_effect": (_("Effect on their income"), None),
    "benefits.indicators": (_("Indicators"), _("At least one for each of the three families.")),
    "people.people_trained": (_("People to be trained"), None),
    "people.women_youth_share_pct": (_("Women and youth among them, %"), None),
    "people.decision_meetings": (_("Who decides, and when do they meet?"), None),
    "carbon.method": (_("Method of the estimate"), None),
    "carbon.baseline_land_use": (_("Land use without the project"), None),
    "carbon.baseline_management": (_("Management without the project"), None),
    "carbon.baseline_carbon_input": (_("Carbon input without the project"), None),
    "carbon.project_land_use": (_("Land use with the project"), None),
    "carbon.project_management": (_("Management with the project"), None),
    "carbon.project_carbon_input": (_("Carbon input with the project"), None),
    "carbon.agroforestry": (_("Trees are planted on"), None),
    "carbon.biochar_t_ha": (_("Biochar, tonnes per hectare"), None),
    "carbon.feedstock": (_("Biochar is made from"), None),
    "carbon.temperature": (_("Temperature of pyrolysis"), None),
    "carbon.literature_rate": (_("Published rate, tC per hectare and year"), None),
    "carbon.literature_sd": (_("Its relative spread"), _("0.3 means ±30 %.")),
    "carbon.literature": (_("Where it is published"), None),
    "carbon.claim_tc_ha_yr": (
        _("Your own figure, tC per hectare and year"),
        _("Kept beside the estimate, never shown as one."),
    ),
    "carbon.rate_evidence": (_("Evidence for it"), _("Needed above 1 tC per hectare and year.")),
    "carbon.buffer_pct": (_("Set aside against reversal, %"), None),
    "carbon.buffer_reason": (_("Why this much?"), None),
    "carbon.registered_elsewhere": (
        _("Is carbon of this land registered or sold elsewhere?"),
        _("This answer is public. “Yes” keeps money away until the secretariat explains why not."),
    ),
    "carbon.registered_where": (
        _("Where, by whom, and for which years?"),
        _("Public too. Needed when the answer is yes."),
    ),
    "carbon.leakage": (_("What might move elsewhere?"), None),
    "carbon.reversal_risks": (_("What could undo it?"), None),
    "monitoring.design": (_("Sampling design"), None),
    "monitoring.strata": (
        _("Parts of the land that are sampled apart"),
        _("For each its cores a round, and how far its soils differ, as a standard deviation."),
    ),
    "monitoring.cores": (_("Cores per round"), None),
    "monitoring.same_places": (
        _("Does each round return to the same places?"),
        _("The same places show a smaller change with fewer cores."),
    ),
    "monitoring.correlation": (
        _("How alike are two rounds at one place, 0 to 0.99?"),
        _("0.8 is usual where places are found again within a metre."),
    ),
    "monitoring.next_round_years": (_("Years until the second round"), _("Five is usual.")),
    "monitoring.depth_cm": (_("Depth, cm"), _("30 cm at least.")),
    "monitoring.laboratory": (_("Laboratory"), None),
    "monitoring.laboratory_method": (_("Laboratory method"), None),
    "money.currency": (_("Currency"), None),
    "money.amount_asked_minor": (_("Amount asked for"), None),
    "money.cost_per_ha_minor": (_("Cost per hectare over the whole time"), None),
    "money.budget": (
        _("Budget"),
        _("One line a post. The lines come to the amount asked for."),
    ),
    "money.farmers_share_pct": (_("Share that is paid to farmers, %"), None),
    "money.co_funders": (_("Co-funders"), _("One a line.")),
    "money.partners": (_("Partners"), _("One a line.")),
    "money.in_kind": (_("Work and things given in kind"), None),
    "money.buys": (
        _("What an amount does"),
        _("Hectares treated or people trained; never tonnes."),
    ),
    "declarations.no_commitment_to_fund": (
        _("I understand that an assessment commits nobody to fund"),
        None,
    ),
    "declarations.publication": (_("A positive outcome and its summary may be published"), None),
    "declarations.open_licence": (
        _("The project's data may be published under an open licence"),
        None,
    ),
    "declarations.interests": (_("Ties to members of the committee or the secretariat"), None),
}
_CHOICES: Final[Mapping[str, Mapping[str, Any]]] = {
    "project.language": {"en": "English", "fr": "Français", "es": "Español"},
    "project.modality": {
        "new": _("Funds for a new project"),
        "ongoing": _("Recognition of a running project"),
    },
    "project.scope": {
        "practice": _("A practice"),
        "project": _("A project"),
        "policy": _("A policy proposal"),
    },
    "land.soil": labels.SOILS,
    "land.climate": labels.CLIMATES,
    "practice.practice": labels.PRACTICES,
    "carbon.method": labels.SOIL_METHODS,
    "carbon.baseline_land_use": labels.LAND_USES,
    "carbon.project_land_use": labels.LAND_USES,
    "carbon.baseline_management": labels.MANAGEMENTS,
    "carbon.project_management": labels.MANAGEMENTS,
    "carbon.baseline_carbon_input": labels.CARBON_INPUTS,
    "carbon.project_carbon_input": labels.CARBON_INPUTS,
    "carbon.agroforestry": labels.AGROFORESTRY,
    "carbon.feedstock": labels.FEEDSTOCKS,
    "carbon.temperature": labels.TEMPERATURES,
}
ROW_COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.INDICATORS: ("family", "name", "unit", "baseline", "target", "evidence", "source"),
    Kind.BUDGET: ("label", "amount_minor"),
    Kind.BUYS: ("amount_minor", "what"),
    Kind.STRATA: ("stratum", "area_ha", "cores", "sd_tc_ha"),
}
COLUMN_LABELS: Final[Mapping[str, LazyString]] = {
    "family": _("Family"),
    "name": _("What is watched"),
    "unit": _("Unit"),
    "baseline": _("Before"),
    "target": _("Target"),
    "evidence": _("Evidence"),
    "source": _("Source"),
    "label": _("Post"),
    "amount_minor": _("Amount"),
    "what": _("What it does"),
    "stratum": _("Part of the land"),
    "area_ha": _("Area, hectares"),
    "cores": _("Cores per round"),
    "sd_tc_ha": _("Spread, tC per hectare"),
}
COLUMN_CHOICES: Final[Mapping[str, labels.Labels]] = {
    "family": labels.FAMILIES,
    "evidence": labels.EVIDENCE,
}
_DEFAULT_CURRENCY: Final = "EUR"
# what the locale data knows besides ISO 3166: unions, islands' own codes, codes for private use
_NO_COUNTRIES: Final = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)


@dataclass(frozen=True)
class Told:
    """An answer as somebody reads it: a text, or a table with its columns."""

    label: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ToldBlock:
    """The answers of one block of an application."""

    name: str
    title: str
    answers: tuple[Told, ...]


def of_block(block: str) -> tuple[Question, ...]:
    """Return the questions of one block."""
    return tuple(question for question in QUESTIONS if question.block == block)


def words(question: Question) -> tuple[str, str]:
    """Return the label and the hint of a question; without a hint it is empty."""
    name, hint = _WORDS[f"{question.block}.{question.name}"]
    return str(name), "" if hint is None else str(hint)


def choices(question: Question) -> list[tuple[str, str]]:
    """Return the choices of a question with their labels."""
    if question.kind is Kind.COUNTRY:
        pairs = [(code, name) for code, name in locale().territories.items() if _is_country(code)]
        return sorted(pairs, key=lambda pair: _sortable(pair[1]))
    known = _CHOICES.get(f"{question.block}.{question.name}", {})
    return [(code, labels.label(known, code)) for code in question.choices]


def currency_of(document: Blocks) -> str:
    """Return the currency in which an application names its amounts."""
    return str(document.get("money", {}).get("currency", _DEFAULT_CURRENCY))


def left(names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return, by block, the questions that submitting still needs, in words.

    ``names`` come from :func:`offset.projects.questions.missing`.
    """
    asked = {f"{question.block}.{question.name}": words(question)[0] for question in QUESTIONS}
    found: dict[str, list[str]] = {}
    for name in names:
        block, _dot, rest = name.partition(".")
        if block == CRITERIA:
            label = rest
        elif name in _LEFT:
            label = str(_LEFT[name])
        else:
            stem, _dot, family = name.rpartition(".")
            label = asked.get(name) or f"{asked[stem]}: {labels.label(labels.FAMILIES, family)}"
        found.setdefault(block, []).append(label)
    return {block: tuple(words) for block, words in found.items()}


def told(document: Blocks, *, only: str | None = None) -> tuple[ToldBlock, ...]:
    """Write out the answers of an application, or of one block, in the order of the form."""
    currency = currency_of(document)
    return tuple(
        ToldBlock(
            block,
            str(BLOCK_TITLES[block]),
            tuple(
                _told(question, document[block][question.name], currency)
                for question in of_block(block)
                if question.name in document[block]
            ),
        )
        for block in BLOCKS
        if document.get(block) and only in {None, block}
    )


def _told(question: Question, answer: Any, currency: str) -> Told:
    name, _hint = words(question)
    columns = ROW_COLUMNS.get(question.kind)
    if columns is not None:
        heads = tuple(str(COLUMN_LABELS[column]) for column in columns)
        cells = tuple(
            tuple(_cell(column, row.get(column), currency) for column in columns) for row in answer
        )
        return Told(name, columns=heads, rows=cells)
    if question.name.endswith("_minor"):
        return Told(name, money(Money(int(answer), currency)))
    return Told(name, _TELLERS.get(question.kind, _as_it_is)(question, answer))


def _cell(column: str, value: Any, currency: str) -> str:
    if value is None:
        return "–"
    if column == "amount_minor":
        return money(Money(int(value), currency))
    if column in COLUMN_CHOICES:
        return labels.label(COLUMN_CHOICES[column], value)
    return _figure(value) if isinstance(value, float) else str(value)


def _figure(value: float) -> str:
    """Write a number with the decimals it was given with."""
    decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return number(value, decimals)


def _as_it_is(_question: Question, answer: Any) -> str:
    return str(answer)


def _choice(question: Question, answer: Any) -> str:
    return labels.label(_CHOICES.get(f"{question.block}.{question.name}", {}), answer)


_TELLERS: Final[Mapping[Kind, Callable[[Question, Any], str]]] = {
    Kind.FLAG: lambda _question, answer: gettext("Yes") if answer else gettext("No"),
    Kind.CHOICE: _choice,
    Kind.COUNTRY: lambda _question, answer: str(locale().territories.get(answer, answer)),
    Kind.DAY: lambda _question, answer: write_day(date.fromisoformat(answer), locale()),
    Kind.NUMBER: lambda _question, answer: _figure(answer),
    Kind.COUNT: lambda _question, answer: number(answer),
    Kind.NAMES: lambda _question, answer: ", ".join(answer),
}


def _is_country(code: str) -> bool:
    return re.fullmatch("[A-Z]{2}", code, re.ASCII) is not None and code not in _NO_COUNTRIES


def _sortable(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()
