"""Which rules about projects does the database itself hold?

The DDL lives in the migration of projects, since a migration never imports the application; that
each trigger stands there word for word is compared by ``offset.database.triggers``.
"""

from typing import Final

from offset.ledger.guards import Guard


def _kept(*tables: str) -> tuple[tuple[str, str, str, str], ...]:
    """Name the two guards of tables that are only ever added to."""
    return tuple(
        (f"{table}_no_{verb}", table, "a change of what was written", "append_only")
        for table in tables
        for verb in ("update", "delete")
    )


# trigger, table, what it refuses, the word it refuses with
_ROWS: Final = (
    (
        "posting_gate",
        "posting",
        "money for a project without a valid decision and admission",
        "gate_closed",
    ),
    (
        "posting_payable",
        "posting",
        "a payment to a project whose decision or admission does not hold",
        "gate_closed",
    ),
    (
        "entry_seal_gate",
        "entry_seal",
        "an allocation whose rows differ from what is booked",
        "rows_differ",
    ),
    (
        "admission_positive",
        "admission",
        "an admission without a positive decision in time",
        "no_positive_decision",
    ),
    (
        "admission_two_people",
        "admission",
        "an admission by whoever recorded the decision",
        "same_person",
    ),
    (
        "assignment_recused",
        "assignment",
        "a seat for somebody who declared an interest in the project",
        "interest_declared",
    ),
    (
        "review_declared",
        "review",
        "a review without a seat and a declaration",
        "declaration_missing",
    ),
    (
        "review_score_declared",
        "review_score",
        "a grade without a seat and a declaration",
        "declaration_missing",
    ),
    (
        "project_update_fixed_update",
        "project_update",
        "a change of what was published",
        "append_only",
    ),
    (
        "project_update_fixed_delete",
        "project_update",
        "a change of what was published",
        "append_only",
    ),
    ("review_fixed_update", "review", "a change of what was handed in", "review_submitted"),
    (
        "application_fixed_update",
        "application",
        "a change of what was handed in",
        "application_submitted",
    ),
    ("review_fixed_delete", "review", "a change of what was handed in", "review_submitted"),
    (
        "application_fixed_delete",
        "application",
        "a change of what was handed in",
        "application_submitted",
    ),
    (
        "review_score_fixed_insert",
        "review_score",
        "a change of what was handed in",
        "review_submitted",
    ),
    (
        "attachment_fixed_insert",
        "attachment",
        "a change of what was handed in",
        "application_submitted",
    ),
    (
        "review_score_fixed_update",
        "review_score",
        "a change of what was handed in",
        "review_submitted",
    ),
    (
        "attachment_fixed_update",
        "attachment",
        "a change of what was handed in",
        "application_submitted",
    ),
    (
        "review_score_fixed_delete",
        "review_score",
        "a change of what was handed in",
        "review_submitted",
    ),
    (
        "attachment_fixed_delete",
        "attachment",
        "a change of what was handed in",
        "application_submitted",
    ),
    (
        "decision_condition_once",
        "decision_condition",
        "a second answer, or other words than were decided",
        "append_only",
    ),
    (
        "decision_condition_no_delete",
        "decision_condition",
        "a change of what was written",
        "append_only",
    ),
    (
        "recommendation_once",
        "recommendation",
        "a second answer, or other words than were decided",
        "append_only",
    ),
    ("recommendation_no_delete", "recommendation", "a change of what was written", "append_only"),
    ("criteria_set_no_update", "criteria_set", "a change of what was written", "append_only"),
    ("criteria_set_no_delete", "criteria_set", "a change of what was written", "append_only"),
    ("decision_no_update", "decision", "a change of what was written", "append_only"),
    ("decision_no_delete", "decision", "a change of what was written", "append_only"),
    ("admission_no_update", "admission", "a change of what was written", "append_only"),
    ("admission_no_delete", "admission", "a change of what was written", "append_only"),
    ("project_event_no_update", "project_event", "a change of what was written", "append_only"),
    ("project_event_no_delete", "project_event", "a change of what was written", "append_only"),
    ("indicator_value_no_update", "indicator_value", "a change of what was written", "append_only"),
    ("indicator_value_no_delete", "indicator_value", "a change of what was written", "append_only"),
    ("projection_no_update", "projection", "a change of what was written", "append_only"),
    ("projection_no_delete", "projection", "a change of what was written", "append_only"),
    ("outcome_no_update", "outcome", "a change of what was written", "append_only"),
    ("outcome_no_delete", "outcome", "a change of what was written", "append_only"),
    *(
        (
            f"application_site_fixed_{verb}",
            "application_site",
            "a change of what was handed in",
            "application_submitted",
        )
        for verb in ("insert", "update", "delete")
    ),
    (
        "information_request_once",
        "information_request",
        "a second answer, or another question than was asked",
        "append_only",
    ),
    *(
        (f"{table}_no_{verb}", table, "a change of what was written", "append_only")
        for table in ("overlap_check", "site_overlap", "registration_reason")
        for verb in ("update", "delete")
    ),
    (
        "information_request_no_delete",
        "information_request",
        "a change of what was written",
        "append_only",
    ),
    (
        "admission_no_ongoing",
        "admission",
        "an admission of a project that asks for no money",
        "ongoing_no_money",
    ),
    (
        "admission_registered",
        "admission",
        "an admission without a reason of land whose carbon is registered elsewhere",
        "registered_elsewhere",
    ),
    (
        "admission_organisation_blocked",
        "admission",
        "an admission of a project whose organisation is blocked",
        "organisation_blocked",
    ),
    (
        "projection_before_cores",
        "projection",
        "a projection of a soil that was already sampled",
        "soil_sampled",
    ),
    ("soil_core_own_project", "soil_core", "a core in another project's file", "core_foreign"),
    (
        "layer_file_round_stands",
        "layer_file",
        "cores of a round that was called off",
        "round_called_off",
    ),
    ("sampling_round_fixed", "sampling_round", "another plan than was made", "append_only"),
    (
        "sampling_round_called_off_once",
        "sampling_round",
        "calling a round off twice, or after its cores are there",
        "append_only",
    ),
    ("sampling_round_no_delete", "sampling_round", "a change of what was written", "append_only"),
    ("measurement_fixed", "measurement", "a change of what was handed in", "append_only"),
    (
        "measurement_published_stays",
        "measurement",
        "a change of what was published",
        "append_only",
    ),
    ("measurement_no_delete", "measurement", "a change of what was handed in", "append_only"),
    *(
        (f"{table}_no_{verb}", table, "a change of what was written", "append_only")
        for table in (
            "sampling_stratum",
            "layer_file",
            "soil_core",
            "soil_layer",
            "measured_rounds",
        )
        for verb in ("update", "delete")
    ),
    # what a project did, reached and lost since it was admitted
    *_kept(
        "activity_plan",
        "co_funding",
        "due_notice",
        "figure_check",
        "figure_report",
        "milestone",
        "milestone_step",
        "photo_withdrawal",
        "price_support",
        "project_notice",
        "reversal",
        "spending_line",
        "update_correction",
        "update_moderation",
    ),
    # what the committee did
    *_kept("call_entry", "handover", "inquiry_round", "decision_roll", "thanks_letter"),
    ("inquiry_once", "inquiry", "a second answer, or another question", "append_only"),
    ("inquiry_no_delete", "inquiry", "a change of what was written", "append_only"),
    # what came from the field by mail and through helpers
    *_kept("inbound_mail", "helper_consent", "helper_revocation", "helper_act"),
    # concerns of the public
    *_kept("concern_note"),
    ("concern_begins_open", "concern", "a concern that begins closed", "append_only"),
    ("concern_no_update", "concern", "other words than were raised", "append_only"),
    ("concern_no_delete", "concern", "a change of what was written", "append_only"),
    ("concern_answer_first", "concern", "closing without an answer", "answer_missing"),
    ("concern_two_people", "concern", "closing by whoever wrote the answer", "same_person"),
    ("concern_closed_for_good", "concern", "a change of what was closed", "concern_closed"),
)
GUARDS: Final = tuple(Guard(name, table, refuses, (code,)) for name, table, refuses, code in _ROWS)
