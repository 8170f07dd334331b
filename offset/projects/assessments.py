"""Which acts lead an application to a decision, and a decision to an admission? All of them.

Each act lives with its noun; here they stand together, in the order in which they happen.
"""

from offset.projects.admissions import admit, change_status
from offset.projects.assignments import assign, conflict, release
from offset.projects.consensus import consensus_scores, save_consensus
from offset.projects.deadlines import REPORT_DAYS
from offset.projects.decisions import (
    Condition,
    answer_recommendation,
    close_condition,
    decide,
    expire_due,
    latest_decision,
    months_later,
)
from offset.projects.declarations import declare
from offset.projects.eligibility import open_review, receive, send_back, take_back
from offset.projects.reviews import hand_in, review_scores, save_review, submit_review

__all__ = [
    "REPORT_DAYS",
    "Condition",
    "admit",
    "answer_recommendation",
    "assign",
    "change_status",
    "close_condition",
    "conflict",
    "consensus_scores",
    "decide",
    "declare",
    "expire_due",
    "hand_in",
    "latest_decision",
    "months_later",
    "open_review",
    "receive",
    "release",
    "review_scores",
    "save_consensus",
    "save_review",
    "send_back",
    "submit_review",
    "take_back",
]
