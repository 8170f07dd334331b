"""What does a member of the committee do?"""

from offset.web.committee import deciding, home, papers, reviewing, seats, soil
from offset.web.committee.room import blueprint

__all__ = ["blueprint", "deciding", "home", "papers", "reviewing", "seats", "soil"]
