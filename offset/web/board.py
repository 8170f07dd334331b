"""What does the board read of a closed month? One sentence, and what its figures are called."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from babel.dates import format_date
from jinja2 import Template

from offset.web.sentences import N_
from offset.web.templating import environment_for, in_language

HEADINGS: Final[Mapping[str, str]] = {
    "month": N_("Month"),
    "part": N_("Part"),
    "name": N_("Name"),
    "day": N_("Day"),
    "days": N_("Days or number"),
    "currency": N_("Currency"),
    "amount": N_("Amount"),
    "by": N_("By whom"),
    "text": N_("Text"),
    "closed": N_("Closed"),
    "closing": N_("Closing, number"),
    "hash of the facts (SHA-256)": N_("Hash of the facts (SHA-256)"),
    "checkpoint": N_("Checkpoint"),
    "for the board": N_("For the board"),
    "bank: book": N_("Bank: in the books"),
    "bank: unmatched": N_("Bank: in the books only"),
    "bank: unbooked": N_("Bank: on the statement only"),
    "bank: stated": N_("Bank: on the statement"),
    "bank: gap": N_("Bank: gap"),
    "open: line": N_("Open: bank line"),
    "open: clearing": N_("Open: money under way"),
    "open: suspense": N_("Open: movement of an unknown kind"),
    "open: payouts": N_("Open: payouts whose movements are not listed"),
    "brought": N_("Brought by contributions"),
    "allocated": N_("Given to projects"),
    "paid": N_("Paid to projects"),
    "fees": N_("Fees"),
    "entries": N_("Entries of a kind"),
    "trial balance": N_("Trial balance"),
}
_GAPS: Final = re.compile(r"[ \n]+")


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """Write the sentence for the board from the facts of a closed month."""
    month = format_date(date.fromisoformat(facts["month"]), "LLLL y", locale=code)
    # Only our own line ends: the spaces inside an amount must not break.
    return _GAPS.sub(" ", _template(code).render(facts=facts, month=month)).strip()


def heading(code: str, name: str) -> str:
    """Name a column or a part of the workbook of a closed month; an unknown one stays as it is."""
    told = HEADINGS.get(name)
    if told is None:
        return name
    return in_language(code, told)


@cache
def _template(code: str) -> Template:
    return environment_for(code).get_template("macros/board.txt")
