"""Which issuer does a test need, and how does somebody become known to it?"""

from datetime import datetime
from typing import Any, Final

from offset.database.session import Database
from offset.people import settings
from offset.people.access import Role
from tests import servers
from tests.builders import projects

FRENCH: Final = {
    "legal_name": "Fonds pour des sols vivants",
    "country": "France",
    "address": "1 rue de la Paix, 34000 Montpellier",
    "regime": "FR_200",
    # A number that satisfies the key every SIREN carries.
    "siren": "732 829 320",
    "object": "Soutenir des projets de sols vivants",
    "article": "200",
    "signatory": "Ada Exemple",
    "signatory_role": "présidente",
}
AMERICAN: Final = {
    "legal_name": "Living Soils Inc.",
    "country": "USA",
    "address": "1 Main Street, Ames, Iowa",
    "regime": "US_501C3",
    "ein": "12-3456789",
}


def an_issuer(database: Database, value: dict[str, Any], *, at: datetime) -> None:
    """Set who issues receipts, as an administrator does."""
    admin = database.run(projects.an_actor, Role.ADMINISTRATOR, at=at)
    database.run(settings.change, "issuer", value, actor=admin, at=at, reason="Opinion of counsel.")


def owner_of(database: Database) -> str:
    """Return the address under which the tables' own owner connects, past the role's grants."""
    address = database.engine.url.render_as_string(hide_password=False)
    return servers.as_owner(address) if address.startswith("postgresql") else address
