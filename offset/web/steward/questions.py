"""How is a question of the application put to a steward, and an answer read back?

The list of questions is the domain's; here stand only their words and their controls.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from offset.errors import InvalidInput
from offset.money import Money, parse_money
from offset.projects.questions import QUESTIONS, Kind, Question
from offset.web import labels
from offset.web.fields import Form
from offset.web.templating import locale

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
    "carbon.leakage": (_("What might move elsewhere?"), None),
    "carbon.reversal_risks": (_("What could undo it?"), None),
    "monitoring.design": (_("Sampling design"), None),
    "monitoring.cores": (_("Cores per round"), None),
    "monitoring.depth_cm": (_("Depth, cm"), _("30 cm at least.")),
    "monitoring.laboratory": (_("Laboratory"), None),
    "monitoring.laboratory_method": (_("Laboratory method"), None),
    "money.currency": (_("Currency"), None),
    "money.amount_asked_minor": (_("Amount asked for"), None),
    "money.cost_per_ha_minor": (_("Cost per hectare over the whole time"), None),
    "money.budget": (_("Budget"), _("One line a post.")),
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
}
_ROW_FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.INDICATORS: ("family", "name", "unit", "baseline", "target", "evidence", "source"),
    Kind.BUDGET: ("label", "amount_minor"),
    Kind.BUYS: ("amount_minor", "what"),
}
ROW_LABELS: Final[Mapping[str, LazyString]] = {
    "family": _("Family"),
    "name": _("What is watched"),
    "unit": _("Unit"),
    "baseline": _("Before"),
    "target": _("Target"),
    "evidence": _("Evidence"),
    "source": _("Source"),
    "label": _("Post"),
    "amount_minor": _("Amount"),
    "what": _("does this"),
}
_SPARE_ROWS: Final = 3
# what the locale data knows besides ISO 3166: unions, and codes for private use
_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@dataclass(frozen=True)
class Row:
    """One line of a table inside a block: its controls by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Shown:
    """A question as a page draws it: one control, or a table of rows."""

    question: Question
    label: str
    hint: str | None
    field: Field | None
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    choices: Mapping[str, Mapping[str, str]] | None = None
    fault: str | None = None


def of_block(block: str) -> tuple[Question, ...]:
    """Return the questions of one block."""
    return tuple(question for question in QUESTIONS if question.block == block)


def words(question: Question) -> tuple[str, str | None]:
    """Return the label and the hint of a question."""
    name, hint = _WORDS[f"{question.block}.{question.name}"]
    return str(name), str(hint) if hint is not None else None


def choices(question: Question) -> list[tuple[str, str]]:
    """Return the choices of a question with their labels."""
    if question.kind is Kind.COUNTRY:
        names = locale().territories
        pairs = [(code, name) for code, name in names.items() if _is_country(code)]
        return sorted(pairs, key=lambda pair: _sortable(pair[1]))
    known = _CHOICES.get(f"{question.block}.{question.name}", {})
    return [(code, labels.label(known, code)) for code in question.choices]


def form_of(block: str, document: Mapping[str, Any], data: MultiDict[str, str] | None) -> Form:
    """Make the form of a block, filled with what is saved or what was typed."""
    fields: dict[str, Any] = {
        question.name: _control(question)
        for question in of_block(block)
        if question.kind not in _ROW_FIELDS
    }
    kind = type("BlockForm", (Form,), fields)
    currency = str(document.get("currency", "EUR"))
    kept = {
        question.name: _written(question, document.get(question.name), currency)
        for question in of_block(block)
    }
    form: Form = kind(formdata=data, data=kept)
    return form


def shown(
    block: str, form: Form, document: Mapping[str, Any], data: MultiDict[str, str] | None
) -> tuple[Shown, ...]:
    """Return the questions of a block ready to be drawn."""
    currency = str(document.get("currency", "EUR"))
    return tuple(_shown(question, form, document, data, currency) for question in of_block(block))


def answers(block: str, data: MultiDict[str, str], currency: str) -> dict[str, Any]:
    """Read what was typed into a block.

    Raises
    ------
    InvalidInput
        With the question as its field.
    """
    return {question.name: _answer(question, data, currency) for question in of_block(block)}


def _shown(
    question: Question,
    form: Form,
    document: Mapping[str, Any],
    data: MultiDict[str, str] | None,
    currency: str,
) -> Shown:
    name, hint = words(question)
    columns = _ROW_FIELDS.get(question.kind)
    if columns is None:
        return Shown(question, name, hint, form[question.name])
    kept = document.get(question.name, ())
    rows = _typed_rows(question, data) if data is not None else _kept_rows(columns, kept, currency)
    rows += [dict.fromkeys(columns, "") for _n in range(_SPARE_ROWS)]
    return Shown(
        question,
        name,
        hint,
        None,
        columns,
        tuple(Row(number, cells) for number, cells in enumerate(rows)),
        {
            "family": {code: str(text) for code, text in labels.FAMILIES.items()},
            "evidence": {code: str(text) for code, text in labels.EVIDENCE.items()},
        },
    )


def _control(question: Question) -> Any:
    name, hint = words(question)
    told: dict[str, Any] = {"description": hint or "", "validators": [Optional()]}
    make = _CONTROLS.get(question.kind)
    return HiddenField(name) if make is None else make(question, name, told)


def _select(question: Question, name: str, told: dict[str, Any]) -> Any:
    options = [("", gettext("Choose …")), *choices(question)]
    return SelectField(name, choices=options, validate_choice=False, **told)


def _yes_or_no(_question: Question, name: str, told: dict[str, Any]) -> Any:
    return RadioField(name, choices=[("yes", gettext("Yes")), ("no", gettext("No"))], **told)


def _long(_question: Question, name: str, told: dict[str, Any]) -> Any:
    return TextAreaField(name, render_kw={"rows": 4}, **told)


def _short(_question: Question, name: str, told: dict[str, Any]) -> Any:
    return StringField(name, **told)


def _figure(_question: Question, name: str, told: dict[str, Any]) -> Any:
    return StringField(name, render_kw={"inputmode": "decimal", "class": "short"}, **told)


def _date(_question: Question, name: str, told: dict[str, Any]) -> Any:
    return DateField(name, **told)


_CONTROLS: Final[Mapping[Kind, Callable[[Question, str, dict[str, Any]], Any]]] = {
    Kind.TEXT: _short,
    Kind.LONG_TEXT: _long,
    Kind.NAMES: _long,
    Kind.FLAG: _yes_or_no,
    Kind.DAY: _date,
    Kind.CHOICE: _select,
    Kind.COUNTRY: _select,
    Kind.NUMBER: _figure,
    Kind.COUNT: _figure,
}
# how a saved answer is written into its control, and how a typed one is read
_WRITERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.FLAG: lambda answer: "yes" if answer else "no",
    Kind.NAMES: "\n".join,
    Kind.DAY: date.fromisoformat,
    Kind.NUMBER: lambda answer: f"{answer:g}",
}
_READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.FLAG: lambda typed: typed == "yes",
    Kind.NAMES: lambda typed: [line.strip() for line in typed.splitlines() if line.strip()],
    Kind.NUMBER: lambda typed: re.sub(r"[\s\u202f\u00a0]", "", typed).replace(",", "."),
    Kind.COUNT: lambda typed: re.sub(r"[\s\u202f\u00a0]", "", typed).replace(",", "."),
}


def _written(question: Question, answer: Any, currency: str) -> Any:
    """Write a saved answer the way its control shows it."""
    if answer is None or question.kind in _ROW_FIELDS:
        return None
    if question.name.endswith("_minor"):
        return Money(int(answer), currency).decimal()
    write = _WRITERS.get(question.kind)
    return answer if write is None else write(answer)


def _answer(question: Question, data: MultiDict[str, str], currency: str) -> Any:
    if question.kind in _ROW_FIELDS:
        return _row_answers(question, data, currency)
    typed = data.get(question.name, "").strip()
    if not typed:
        return None
    if question.name.endswith("_minor"):
        return parse_money(typed, currency, field=f"{question.block}.{question.name}").minor
    read = _READERS.get(question.kind)
    return typed if read is None else read(typed)


def _row_answers(
    question: Question, data: MultiDict[str, str], currency: str
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for cells in _typed_rows(question, data):
        row: dict[str, Any] = dict(cells)
        for column in ("baseline", "target"):
            if column in row:
                row[column] = row[column].replace(",", ".")
        if "amount_minor" in row:
            field = f"{question.block}.{question.name}"
            if not row["amount_minor"]:
                raise InvalidInput("answer_unusable", field=field)
            row["amount_minor"] = parse_money(row["amount_minor"], currency, field=field).minor
        rows.append(row)
    return rows


def _typed_rows(question: Question, data: MultiDict[str, str] | None) -> list[dict[str, str]]:
    """Read the rows of a table that hold anything but preset choices."""
    columns = _ROW_FIELDS[question.kind]
    if data is None:
        return []
    numbers = sorted(
        {
            int(number)
            for name in data
            if name.startswith(f"{question.name}-") and (number := name.split("-")[1]).isdecimal()
        }
    )
    rows = [
        {column: data.get(f"{question.name}-{number}-{column}", "").strip() for column in columns}
        for number in numbers
    ]
    typed = set(columns) - {"family", "evidence"}
    return [row for row in rows if any(row[column] for column in typed)]


def _kept_rows(columns: tuple[str, ...], kept: Any, currency: str) -> list[dict[str, str]]:
    rows = []
    for row in kept:
        cells = {column: row.get(column) for column in columns}
        if cells.get("amount_minor") is not None:
            cells["amount_minor"] = Money(int(cells["amount_minor"]), currency).decimal()
        rows.append(
            {
                column: ""
                if value is None
                else f"{value:g}"
                if isinstance(value, float)
                else str(value)
                for column, value in cells.items()
            }
        )
    return rows


def _is_country(code: str) -> bool:
    return re.fullmatch("[A-Z]{2}", code, re.ASCII) is not None and code not in _NO_COUNTRIES


def _sortable(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()
