"""What do travellers and readers see? Estimate, contribution, projects, ledger."""

from typing import Final

from flask import Blueprint

blueprint: Final = Blueprint("public", __name__)

# The views hang themselves on the blueprint when they are imported.
from offset.web.public import contribute, estimate, ledger, projects, why  # noqa: E402, F401
