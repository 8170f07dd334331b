"""What does a steward of a project do?"""

from offset.web.steward import apply, helping, money, updates, views
from offset.web.steward.room import blueprint

__all__ = ["apply", "blueprint", "helping", "money", "updates", "views"]
