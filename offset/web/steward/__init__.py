"""What does a steward of a project do?"""

from offset.web.steward import apply, assessment, by_mail, helping, money, soil, updates, views
from offset.web.steward.room import blueprint

__all__ = [
    "apply",
    "assessment",
    "blueprint",
    "by_mail",
    "helping",
    "money",
    "soil",
    "updates",
    "views",
]
