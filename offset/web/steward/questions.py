"""How is a question of the application put to a steward, and an answer read back?

The list of questions is the domain's and their words are ``offset.web.answers``; here stand the
controls, and what each of them says when an answer cannot be used.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask_babel import gettext
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

from offset.errors import InvalidInput, OffsetError
from offset.money import Money, parse_money
from offset.projects import questions as domain
from offset.projects.models import Family
from offset.projects.questions import Kind, Question
from offset.web import answers, labels
from offset.web.answers import ROW_COLUMNS
from offset.web.errors import sentence_of
from offset.web.fields import Form
from offset.web.language import DEFAULT, language
from offset.web.templating import number

_SPARE_ROWS: Final = 3
_FEWEST_CORES: Final = 2
_MOST_CORES: Final = 100_000
_FIGURES: Final = frozenset({"baseline", "target"})
_MEASURES: Final[Mapping[str, float]] = {"area_ha": 10_000_000, "sd_tc_ha": 500}
_PRESET: Final = frozenset({"family", "evidence"})
_THOUSANDS: Final = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f'\u2019]")


@dataclass(frozen=True)
class Row:
    """One line of a table inside a block: what stands in its cells, and what is wrong there."""

    number: int
    cells: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True)
class Shown:
    """A question as a page draws it: one control, or a table of rows."""

    question: Question
    label: str
    hint: str
    field: Field
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Read:
    """What was typed into a block: the answers that can be read, and what is wrong with others.

    A fault in a table names its row and column as ``indicators-0-unit``.
    """

    answers: Mapping[str, Any]
    faults: Mapping[str, str]


class Unreadable(Exception):
    """What was typed is no answer; the sentence says why, or the question says what it asks for."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


def form_of(
    block: str, kept: Mapping[str, Any], currency: str, typed: MultiDict[str, str] | None
) -> Form:
    """Make the form of a block, filled with what is saved or what was typed."""
    fields: dict[str, Any] = {
        question.name: _control(question) for question in answers.of_block(block)
    }
    kind = type("BlockForm", (Form,), fields)
    written = {
        question.name: _written(question, kept.get(question.name), currency)
        for question in answers.of_block(block)
    }
    form: Form = kind(formdata=typed, data=written)
    return form


def shown(
    block: str,
    form: Form,
    kept: Mapping[str, Any],
    *,
    currency: str,
    typed: MultiDict[str, str] | None,
    faults: Mapping[str, str],
) -> tuple[Shown, ...]:
    """Return the questions of a block ready to be drawn."""
    drawn = []
    for question in answers.of_block(block):
        label, hint = answers.words(question)
        columns = ROW_COLUMNS.get(question.kind, ())
        rows: tuple[Row, ...] = ()
        if columns:
            filled = (
                _typed_rows(question, typed)
                if typed is not None
                else _kept_rows(columns, kept.get(question.name, ()), currency)
            )
            rows = _rows(question, filled, faults)
        drawn.append(Shown(question, label, hint, form[question.name], columns, rows))
    return tuple(drawn)


def read(block: str, typed: MultiDict[str, str], currency: str) -> Read:
    """Read what was typed into a block; every fault is told, not only the first."""
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for question in answers.of_block(block):
        if question.kind in ROW_COLUMNS:
            found[question.name] = _read_rows(question, typed, currency, faults)
        else:
            try:
                answer = _read(question, typed.get(question.name, "").strip(), currency)
                domain.merged({}, {block: {question.name: answer}})
                found[question.name] = answer
            except (OffsetError, Unreadable) as fault:
                faults[question.name] = _sentence(question, fault)
    return Read(found, faults)


def cell(question: Question, row: int, column: str) -> str:
    """Name a cell of a table: the name of its control."""
    return f"{question.name}-{row}-{column}"


def cell_faults(shown: Iterable[Shown]) -> tuple[tuple[str, str, str], ...]:
    """Return what is wrong in tables: the control, its line and column in words, the fault."""
    return tuple(
        (
            cell(one.question, row.number, column),
            gettext(
                "%(table)s, line %(number)s, %(column)s",
                table=one.label,
                number=row.number + 1,
                column=answers.COLUMN_LABELS[column],
            ),
            fault,
        )
        for one in shown
        for row in one.rows
        for column, fault in row.faults.items()
    )


# --- controls -------------------------------------------------------------------------------------


def _control(question: Question) -> Any:
    label, hint = answers.words(question)
    # a table has no control of its own; its field carries what is wrong with it
    make = _CONTROLS.get(question.kind, _none)
    # what handing in needs may still be left open for now; only the rest is told as optional
    validators = [] if question.required else [Optional()]
    return make(question, label, {"description": hint, "validators": validators})


def _none(_question: Question, label: str, _told: dict[str, Any]) -> Any:
    return HiddenField(label)


def _select(question: Question, label: str, told: dict[str, Any]) -> Any:
    options = labels.options([("", gettext("Choose …")), *answers.choices(question)])
    return SelectField(label, choices=options, validate_choice=False, **told)


def _yes_or_no(_question: Question, label: str, told: dict[str, Any]) -> Any:
    return RadioField(
        label,
        choices=labels.options([("yes", gettext("Yes")), ("no", gettext("No"))]),
        validate_choice=False,
        **told,
    )


def _long(_question: Question, label: str, told: dict[str, Any]) -> Any:
    return TextAreaField(label, render_kw={"rows": 4}, **told)


def _short(_question: Question, label: str, told: dict[str, Any]) -> Any:
    return StringField(label, **told)


def _figure(_question: Question, label: str, told: dict[str, Any]) -> Any:
    return StringField(label, render_kw={"inputmode": "decimal", "class": "short"}, **told)


class _Day(DateField):
    """A day; what cannot be read is told by the question, not by the field."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None


def _date(_question: Question, label: str, told: dict[str, Any]) -> Any:
    return _Day(label, render_kw={"class": "short"}, **told)


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


# --- from an answer to its control ----------------------------------------------------------------

_WRITERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.FLAG: lambda answer: "yes" if answer else "no",
    Kind.NAMES: "\n".join,
    Kind.DAY: date.fromisoformat,
    Kind.COUNT: str,
}


def _written(question: Question, answer: Any, currency: str) -> Any:
    """Write a saved answer the way its control shows it."""
    if answer is None or question.kind in ROW_COLUMNS:
        return None
    if question.name.endswith("_minor"):
        return Money(int(answer), currency).decimal()
    if question.kind is Kind.NUMBER:
        return _plain(answer)
    return _WRITERS.get(question.kind, str)(answer)


def _plain(value: float) -> str:
    """Write a number in full; three decimals get a fourth, lest they read as thousands."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    text = f"{text}0" if _THOUSANDS.fullmatch(text) else text
    return text if language() == DEFAULT else text.replace(".", ",")


def _kept_rows(columns: tuple[str, ...], kept: Any, currency: str) -> list[dict[str, str]]:
    return [
        {column: _kept(column, row.get(column), currency) for column in columns} for row in kept
    ]


def _kept(column: str, value: Any, currency: str) -> str:
    if value is None:
        return ""
    if column == "amount_minor":
        return Money(int(value), currency).decimal()
    return _plain(value) if isinstance(value, float) else str(value)


def _rows(
    question: Question, filled: list[dict[str, str]], faults: Mapping[str, str]
) -> tuple[Row, ...]:
    columns = ROW_COLUMNS[question.kind]
    families = [family.value for family in Family]
    blank = [
        dict.fromkeys(columns, "") | {"family": families[place % len(families)]}
        for place in range(len(filled), len(filled) + _SPARE_ROWS)
    ]
    return tuple(
        Row(
            place,
            cells,
            {
                column: faults[cell(question, place, column)]
                for column in columns
                if cell(question, place, column) in faults
            },
        )
        for place, cells in enumerate([*filled, *blank])
    )


# --- from a control to an answer ------------------------------------------------------------------


def _read(question: Question, typed: str, currency: str) -> Any:
    if not typed:
        return None
    if question.name.endswith("_minor"):
        return parse_money(typed, currency, field=question.name).minor
    return _READERS.get(question.kind, _as_typed)(question, typed)


def _as_typed(_question: Question, typed: str) -> str:
    return typed


def _number(typed: str, lowest: float | None = None, highest: float | None = None) -> float:
    """Read a number with a point or a comma; ask when a mark could also group thousands.

    Raises
    ------
    Unreadable
        Also for 1,500 where both 1.5 and 1500 are possible.
    """
    tidy = _BLANKS.sub("", typed).replace("\N{MINUS SIGN}", "-")
    if "," in tidy and "." in tidy:
        decimal = max(",.", key=tidy.rfind)
        tidy = tidy.replace("," if decimal == "." else ".", "")
    elif tidy.count(",") > 1 or tidy.count(".") > 1:
        tidy = re.sub("[.,]", "", tidy)
    elif _THOUSANDS.fullmatch(tidy):
        grouped = float(re.sub("[.,]", "", tidy))
        low = -float("inf") if lowest is None else lowest
        high = float("inf") if highest is None else highest
        if low <= grouped <= high:
            raise Unreadable(
                gettext(
                    "“%(typed)s” can be read in two ways. Write %(grouped)s, or use four decimals.",
                    typed=typed,
                    grouped=f"{grouped:.0f}",
                )
            )
    try:
        return float(tidy.replace(",", "."))
    except ValueError:
        raise Unreadable from None


def _whole(typed: str) -> int:
    """Read a whole number; any mark in it groups thousands.

    Raises
    ------
    Unreadable
    """
    tidy = _BLANKS.sub("", typed)
    if not re.fullmatch(r"\d{1,15}|\d{1,3}([.,]\d{3})+", tidy, re.ASCII):
        raise Unreadable
    return int(re.sub("[.,]", "", tidy))


def _typed_rows(question: Question, typed: MultiDict[str, str]) -> list[dict[str, str]]:
    """Return the rows of a table that hold anything but preset choices."""
    columns = ROW_COLUMNS[question.kind]
    numbers = sorted(
        {
            int(found[1])
            for name in typed
            if (found := re.fullmatch(rf"{question.name}-(\d{{1,4}})-\w+", name, re.ASCII))
        }
    )
    rows = [
        {column: typed.get(cell(question, place, column), "").strip() for column in columns}
        for place in numbers
    ]
    return [row for row in rows if any(row[column] for column in set(columns) - _PRESET)]


def _read_rows(
    question: Question, typed: MultiDict[str, str], currency: str, faults: dict[str, str]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for place, cells in enumerate(_typed_rows(question, typed)):
        row: dict[str, Any] = {}
        for column, text in cells.items():
            try:
                row[column] = _read_cell(column, text, currency)
            except InvalidInput as fault:
                faults[cell(question, place, column)] = sentence_of(fault)
            except Unreadable as fault:
                faults[cell(question, place, column)] = fault.sentence or gettext("Write a number.")
        rows.append(row)
    if not any(name.startswith(f"{question.name}-") for name in faults):
        try:
            domain.merged({}, {question.block: {question.name: rows}})
        except InvalidInput:
            faults[question.name] = gettext(
                "Sixty lines at most, and at most 200 characters in each cell."
            )
    return rows


def _read_cell(column: str, text: str, currency: str) -> Any:
    if column in _FIGURES:
        return _number(text) if text else None
    if not text:
        raise Unreadable(gettext("Fill this in, or empty the whole line."))
    if column in _MEASURES:
        return _measure(column, text)
    if column == "cores":
        cores = _whole(text)
        if not _FEWEST_CORES <= cores <= _MOST_CORES:
            raise Unreadable(gettext("Write a whole number from 2 to 100,000."))
        return cores
    if column == "amount_minor":
        amount = parse_money(text, currency).minor
        if not amount:
            raise Unreadable(gettext("Write an amount above zero."))
        return amount
    return text


def _measure(column: str, text: str) -> float:
    """Read a measure that lies above zero.

    Raises
    ------
    Unreadable
    """
    highest = _MEASURES[column]
    found = _number(text, 0, highest)
    # NaN fails both comparisons
    if not 0 < found <= highest:
        raise Unreadable(
            gettext("Write a number above zero, %(high)s at most.", high=number(highest))
        )
    return found


_READERS: Final[Mapping[Kind, Callable[[Question, str], Any]]] = {
    Kind.FLAG: lambda _question, typed: typed == "yes",
    Kind.NAMES: lambda _question, typed: [
        line.strip() for line in typed.splitlines() if line.strip()
    ],
    Kind.NUMBER: lambda question, typed: _number(typed, question.lowest, question.highest),
    Kind.COUNT: lambda _question, typed: _whole(typed),
}


# --- what is wrong --------------------------------------------------------------------------------


def _sentence(question: Question, fault: OffsetError | Unreadable) -> str:
    """Say what the question asks for, when an answer to it cannot be used."""
    if isinstance(fault, Unreadable):
        return fault.sentence or _WANTED.get(question.kind, _too_long)(question)
    if fault.code == "answer_unusable":
        return _WANTED.get(question.kind, _too_long)(question)
    return sentence_of(fault)


def _bounds(question: Question) -> str:
    low, high = question.lowest, question.highest
    if low is not None and high is not None:
        return gettext(
            "Write a number from %(low)s to %(high)s.", low=number(low), high=number(high)
        )
    if low is not None:
        return gettext("Write a number, %(low)s or more.", low=number(low))
    return gettext("Write a number.")


def _whole_bounds(question: Question) -> str:
    return f"{_bounds(question)} {gettext('No decimals.')}"


def _too_long(_question: Question) -> str:
    return gettext("This is too long. Shorten it.")


def _one_of_the_list(_question: Question) -> str:
    return gettext("Choose one of the list.")


_WANTED: Final[Mapping[Kind, Callable[[Question], str]]] = {
    Kind.NUMBER: _bounds,
    Kind.COUNT: _whole_bounds,
    Kind.CHOICE: _one_of_the_list,
    Kind.COUNTRY: _one_of_the_list,
    Kind.DAY: lambda _question: gettext("Write a day that exists, such as 2027-03-31."),
    Kind.NAMES: lambda _question: gettext("One name a line, sixty lines at most."),
}
