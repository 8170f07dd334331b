"""What does a steward of a project do?"""

from offset.web.steward.views import blueprint

__all__ = ["blueprint"]
