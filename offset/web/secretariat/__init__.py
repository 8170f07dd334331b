"""The secretariat's room: import, match, allocate, pay, and see where every cent stands."""

from offset.web.secretariat import (
    allocation,
    disbursements,
    home,
    journal,
    projects,
    reconciliation,
    statements,
)
from offset.web.secretariat.room import blueprint

__all__ = [
    "allocation",
    "blueprint",
    "disbursements",
    "home",
    "journal",
    "projects",
    "reconciliation",
    "statements",
]
