"""What does a steward of a project do?"""

from offset.web.steward import (
    apply,
    asked,
    assessment,
    bank_account,
    by_mail,
    by_sheet,
    evidence,
    figures,
    forecast,
    helping,
    land,
    money,
    papers,
    people,
    soil,
    updates,
    views,
)
from offset.web.steward.room import blueprint

__all__ = [
    "apply",
    "asked",
    "assessment",
    "bank_account",
    "blueprint",
    "by_mail",
    "by_sheet",
    "evidence",
    "figures",
    "forecast",
    "helping",
    "land",
    "money",
    "papers",
    "people",
    "soil",
    "updates",
    "views",
]
