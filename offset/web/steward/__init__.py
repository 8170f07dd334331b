"""What does a steward of a project do?"""

from offset.web.steward import apply, by_mail, helping, money, updates, views
from offset.web.steward.room import blueprint

__all__ = ["apply", "blueprint", "by_mail", "helping", "money", "updates", "views"]
