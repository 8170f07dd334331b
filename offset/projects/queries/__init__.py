"""What may be read about projects? One module a question; the names are gathered here."""

from offset.projects.queries.assessed import (
    AdmissionView,
    AssessmentView,
    ConditionView,
    CriterionName,
    RecommendationView,
)
from offset.projects.queries.families import (
    FamilyView,
    IndicatorView,
)
from offset.projects.queries.gates import (
    GRACE_DAYS,
    LISTED,
    Fundable,
    Gate,
    fundable,
    gate,
    latest_decision_id,
    overdue,
)
from offset.projects.queries.lists import (
    Card,
    NearProject,
    cards,
    near_route,
)
from offset.projects.queries.page import (
    Buy,
    ProjectPage,
    page,
)
from offset.projects.queries.soils import (
    Claim,
    HorizonCounts,
    OutcomeView,
    ProjectionView,
    claim,
    horizon_counts,
)
from offset.projects.queries.stories import (
    PhotoView,
    UpdateView,
    photo_view,
    updates,
)

__all__ = [
    "GRACE_DAYS",
    "LISTED",
    "AdmissionView",
    "AssessmentView",
    "Buy",
    "Card",
    "Claim",
    "ConditionView",
    "CriterionName",
    "FamilyView",
    "Fundable",
    "Gate",
    "HorizonCounts",
    "IndicatorView",
    "NearProject",
    "OutcomeView",
    "PhotoView",
    "ProjectPage",
    "ProjectionView",
    "RecommendationView",
    "UpdateView",
    "cards",
    "claim",
    "fundable",
    "gate",
    "horizon_counts",
    "latest_decision_id",
    "near_route",
    "overdue",
    "page",
    "photo_view",
    "updates",
]
