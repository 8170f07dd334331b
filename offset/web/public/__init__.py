"""What do travellers and readers see? Estimate, contribution, projects, ledger."""

from typing import Final

from flask import Blueprint

blueprint: Final = Blueprint("public", __name__)

# The views hang themselves on the blueprint when they are imported.
from offset.web.public import (  # noqa: E402
    calibration,  # noqa: F401
    contribute,  # noqa: F401
    estimate,  # noqa: F401
    ledger,  # noqa: F401
    listing,  # noqa: F401
    methods,  # noqa: F401
    practices,  # noqa: F401
    project_concerns,  # noqa: F401
    project_data,  # noqa: F401
    project_feeds,  # noqa: F401
    project_followers,  # noqa: F401
    project_years,  # noqa: F401
    projects,  # noqa: F401
    proofs,  # noqa: F401
    runs,  # noqa: F401
    search,  # noqa: F401
    unknown,  # noqa: F401
    validation,  # noqa: F401
    why,  # noqa: F401
)
