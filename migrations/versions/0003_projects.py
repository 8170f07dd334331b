"""Projects: organisations, applications, assessments, updates, outcomes, and the money gate."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

# Facts that are written once.
KEPT = (
    "criteria_set",
    "decision",
    "admission",
    "project_event",
    "indicator_value",
    "projection",
    "outcome",
)

# Whether a decision (d) holds on the day of an entry (e): positive, in time, safeguards kept,
# every condition closed, and no later decision. The same words on both engines.
DECISION_HOLDS = """
  d.outcome IN ('positive', 'positive_with_recommendations')
  AND d.safeguards IN ('met', 'met_with_conditions')
  AND e.effective_on >= d.decided_on AND e.effective_on <= d.expires_on
  AND NOT EXISTS (
    SELECT 1 FROM decision_condition c WHERE c.decision_id = d.id
    AND (c.closed_on IS NULL OR c.closed_on > e.effective_on)
  )
  AND NOT EXISTS (
    SELECT 1 FROM decision n WHERE n.project_id = d.project_id
    AND n.decided_on <= e.effective_on
    AND (n.decided_on > d.decided_on
      OR (n.decided_on = d.decided_on AND n.recorded_at > d.recorded_at))
  )
"""
# Whether an admission (a) stands under that decision: another person's, in time, same currency.
ADMISSION_HOLDS = """
  a.decision_id = d.id AND a.project_id = d.project_id
  AND a.admitted_by <> d.decided_by
  AND a.admitted_on <= e.effective_on
  AND a.currency = NEW.currency
"""
# Money comes in only by an allocation row that names both, while the project takes money.
ALLOCATED = """
  SELECT 1 FROM allocation_row r
  JOIN entry e ON e.id = r.entry_id
  JOIN account k ON k.id = NEW.account_id AND k.project_id = r.project_id
  JOIN project p ON p.id = r.project_id
  JOIN decision d ON d.id = r.decision_id AND d.project_id = r.project_id
  JOIN admission a ON a.id = r.admission_id
  WHERE r.entry_id = NEW.entry_id AND r.amount > 0
  AND p.status IN ('open', 'funded')
  AND (p.report_due_on IS NULL OR e.effective_on <= {grace})
  AND {decision} AND {admission}
"""
# ... or because an earlier entry on the same account is undone.
UNDONE = """
  SELECT 1 FROM entry e JOIN posting o ON o.entry_id = e.reverses_id
  WHERE e.id = NEW.entry_id AND o.account_id = NEW.account_id AND o.amount = -NEW.amount
"""
# Money goes out to a project under the same two decisions, whatever the state of its reports.
PAYABLE = """
  SELECT 1 FROM entry e
  JOIN account k ON k.id = NEW.account_id
  JOIN decision d ON d.project_id = k.project_id
  JOIN admission a ON a.project_id = k.project_id
  WHERE e.id = NEW.entry_id AND {decision} AND {admission}
"""
# Rows and postings of an entry say the same about every project.
ROWS_DIFFER = """
  SELECT 1 FROM allocation_row r WHERE r.entry_id = NEW.entry_id
  GROUP BY r.project_id
  HAVING SUM(r.amount) <> -(
    SELECT COALESCE(SUM(p.amount), 0) FROM posting p JOIN account k ON k.id = p.account_id
    WHERE p.entry_id = NEW.entry_id AND k.project_id = r.project_id
  )
"""
# The secretariat's admission: under a positive decision in time, by another person.
ADMISSIBLE = """
  SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.project_id = NEW.project_id
  AND d.outcome IN ('positive', 'positive_with_recommendations')
  AND NEW.admitted_on >= d.decided_on AND NEW.admitted_on <= d.expires_on
"""
SAME_PERSON = """
  SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.decided_by = NEW.admitted_by
"""
SUBMITTED_REVIEW = """
  SELECT 1 FROM review v WHERE v.id = {row}.review_id AND v.submitted_at IS NOT NULL
"""
SUBMITTED_APPLICATION = """
  SELECT 1 FROM application v WHERE v.id = {row}.application_id AND v.submitted_at IS NOT NULL
"""

# Rows whose one answer is written later, once: (table, columns that never move, the answer).
ANSWERED_ONCE = (
    ("decision_condition", ("id", "decision_id", "criterion", "text"), "closed_on"),
    ("recommendation", ("id", "decision_id", "position", "text"), "answer"),
)


def rules(sqlite: bool) -> list[tuple[str, str, str, str]]:  # noqa: FBT001 - one caller, in this file
    """Return (trigger, event, code, the condition that refuses) for an engine."""
    different = "IS NOT" if sqlite else "IS DISTINCT FROM"
    grace = "date(p.report_due_on, '+30 days')" if sqlite else "p.report_due_on + 30"
    holds = {"decision": DECISION_HOLDS, "admission": ADMISSION_HOLDS}
    of_project = "(SELECT project_id FROM account WHERE id = NEW.account_id) IS NOT NULL"
    ordered = "(SELECT kind FROM entry WHERE id = NEW.entry_id) = 'disbursement_order'"
    made = [
        (
            "posting_gate",
            "BEFORE INSERT ON posting",
            "gate_closed",
            (
                f"NEW.amount < 0 AND {of_project}"
                f" AND NOT EXISTS ({ALLOCATED.format(grace=grace, **holds)})"
                f" AND NOT EXISTS ({UNDONE})"
            ),
        ),
        (
            "posting_payable",
            "BEFORE INSERT ON posting",
            "gate_closed",
            (
                f"NEW.amount > 0 AND {of_project} AND {ordered}"
                f" AND NOT EXISTS ({PAYABLE.format(**holds)})"
            ),
        ),
        (
            "entry_seal_gate",
            "BEFORE INSERT ON entry_seal",
            "rows_differ",
            f"EXISTS ({ROWS_DIFFER})",
        ),
        (
            "admission_positive",
            "BEFORE INSERT ON admission",
            "no_positive_decision",
            f"NOT EXISTS ({ADMISSIBLE})",
        ),
        (
            "admission_two_people",
            "BEFORE INSERT ON admission",
            "same_person",
            f"EXISTS ({SAME_PERSON})",
        ),
    ]
    for verb in ("UPDATE", "DELETE"):
        made.extend(
            (
                f"{table}_fixed_{verb.lower()}",
                f"BEFORE {verb} ON {table}",
                f"{table}_submitted",
                "OLD.submitted_at IS NOT NULL",
            )
            for table in ("review", "application")
        )
    for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        made.append(
            (
                f"review_score_fixed_{verb.lower()}",
                f"BEFORE {verb} ON review_score",
                "review_submitted",
                f"EXISTS ({SUBMITTED_REVIEW.format(row=row)})",
            )
        )
        made.append(
            (
                f"attachment_fixed_{verb.lower()}",
                f"BEFORE {verb} ON attachment",
                "application_submitted",
                f"EXISTS ({SUBMITTED_APPLICATION.format(row=row)})",
            )
        )
    for table, fixed, answer in ANSWERED_ONCE:
        moved = " OR ".join(f'NEW."{column}" {different} OLD."{column}"' for column in fixed)
        made.append(
            (
                f"{table}_once",
                f"BEFORE UPDATE ON {table}",
                "append_only",
                f"OLD.{answer} IS NOT NULL OR NEW.{answer} IS NULL OR {moved}",
            )
        )
        made.append((f"{table}_no_delete", f"BEFORE DELETE ON {table}", "append_only", "1 = 1"))
    return made


def upgrade() -> None:
    create_tables()
    for table in KEPT:
        op.append_only(table)
    if op.get_bind().dialect.name == "sqlite":
        for name, event, code, refused in rules(sqlite=True):
            op.execute(
                f"CREATE TRIGGER {name} {event} "
                f"BEGIN SELECT RAISE(ABORT, 'ledger: {code}') WHERE {refused}; END"
            )
        return
    # pg_temp stands last: a temporary table must not stand in for a table of the house.
    options = "RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
    for name, event, code, refused in rules(sqlite=False):
        kept = "OLD" if "DELETE" in event else "NEW"
        op.execute(
            f"CREATE FUNCTION projects_{name}() {options} AS $guard$ BEGIN IF {refused} THEN"
            f" RAISE EXCEPTION 'ledger: {code}' USING ERRCODE = 'check_violation'; END IF;"
            f" RETURN {kept}; END $guard$"
        )
        op.execute(f"CREATE TRIGGER {name} {event} FOR EACH ROW EXECUTE FUNCTION projects_{name}()")


def create_tables() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "country",
                "international",
                "foundation",
                "ngo",
                "research",
                "farmers",
                "enterprise",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("registration", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "criteria_set",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_criteria_set_approved_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria_set")),
        sa.UniqueConstraint("version", name=op.f("uq_criteria_set_version")),
    )
    op.create_table(
        "organisation_member",
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by"], ["user.id"], name=op.f("fk_organisation_member_added_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_member_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_organisation_member_user_id_user")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name=op.f("pk_organisation_member")),
    )
    op.create_index(
        "ix_organisation_member_user_id", "organisation_member", ["user_id"], unique=False
    )
    op.create_table(
        "project",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "in_assessment",
                "open",
                "funded",
                "completed",
                "on_hold",
                "withdrawn",
                name="project_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("application_id", ID, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("area_ha", sa.Double(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("target_minor", MINOR, nullable=True),
        sa.Column("starts_on", DAY, nullable=True),
        sa.Column("report_due_on", DAY, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.CheckConstraint(
            "code IS NOT NULL OR status IN ('draft', 'in_assessment', 'withdrawn')",
            name=op.f("ck_project_code_once_admitted"),
        ),
        sa.CheckConstraint(
            "target_minor IS NULL OR target_minor > 0", name=op.f("ck_project_target_positive")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name=op.f("fk_project_created_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_project_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_project_slug")),
    )
    op.create_index("ix_project_organisation_id", "project", ["organisation_id"], unique=False)
    op.create_index("ix_project_status", "project", ["status"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("version", MINOR, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("saved_by", ID, nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_application_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["user.id"], name=op.f("fk_application_saved_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user.id"], name=op.f("fk_application_submitted_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("project_id", "version", name="uq_application_project_id_version"),
    )
    op.create_table(
        "indicator",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "food_income",
                "water_resilience",
                "soil_carbon",
                name="family",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Double(), nullable=True),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column(
            "evidence",
            sa.Enum(
                "measured",
                "modelled",
                "literature",
                "asserted",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_indicator_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint(
            "project_id", "family", "position", name="uq_indicator_project_id_family_position"
        ),
    )
    op.create_table(
        "measurement",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "submitted",
                "returned",
                "published",
                name="measurement_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("baseline_on", DAY, nullable=False),
        sa.Column("sampled_on", DAY, nullable=False),
        sa.Column("depth_cm", MINOR, nullable=False),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("laboratory_method", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("synthetic", MINOR, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_measurement_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user.id"], name=op.f("fk_measurement_submitted_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
    )
    op.create_index("ix_measurement_project_id", "measurement", ["project_id"], unique=False)
    op.create_table(
        "project_update",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "field",
                "measurement",
                "payment",
                name="update_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "published",
                name="update_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("author_id", ID, nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("moderated_by", ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)",
            name=op.f("ck_project_update_published_has_date"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_project_update_author_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["moderated_by"], ["user.id"], name=op.f("fk_project_update_moderated_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_update_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_update")),
    )
    op.create_index(
        "ix_project_update_project_id",
        "project_update",
        ["project_id", "published_at"],
        unique=False,
    )
    op.create_index("ix_project_update_status", "project_update", ["status"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("criteria_set_id", ID, nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "eligibility",
                "in_review",
                "consensus",
                "decided",
                "expired",
                name="assessment_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_assessment_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["criteria_set_id"],
            ["criteria_set.id"],
            name=op.f("fk_assessment_criteria_set_id_criteria_set"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_assessment_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_index("ix_assessment_project_id", "assessment", ["project_id"], unique=False)
    op.create_index("ix_assessment_status", "assessment", ["status"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", MINOR, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by"], ["user.id"], name=op.f("fk_attachment_added_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_attachment_application_id_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_application_id", "attachment", ["application_id"], unique=False)
    op.create_table(
        "indicator_value",
        sa.Column("id", ID, nullable=False),
        sa.Column("indicator_id", ID, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("observed_on", DAY, nullable=False),
        sa.Column(
            "evidence",
            sa.Enum(
                "measured",
                "modelled",
                "literature",
                "asserted",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicator.id"],
            name=op.f("fk_indicator_value_indicator_id_indicator"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_indicator_value_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_value")),
    )
    op.create_index(
        "ix_indicator_value_indicator_id",
        "indicator_value",
        ["indicator_id", "observed_on"],
        unique=False,
    )
    op.create_table(
        "photo",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("update_id", ID, nullable=False),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("key_large", sa.Text(), nullable=False),
        sa.Column("key_medium", sa.Text(), nullable=False),
        sa.Column("key_small", sa.Text(), nullable=False),
        sa.Column("width", MINOR, nullable=False),
        sa.Column("height", MINOR, nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("consent", MINOR, nullable=False),
        sa.Column("taken_on", DAY, nullable=True),
        sa.Column("credit", sa.Text(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.CheckConstraint("alt <> ''", name=op.f("ck_photo_alt_written")),
        sa.CheckConstraint("consent = 1", name=op.f("ck_photo_consent_given")),
        sa.ForeignKeyConstraint(["added_by"], ["user.id"], name=op.f("fk_photo_added_by_user")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_photo_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["project_update.id"], name=op.f("fk_photo_update_id_project_update")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_update_id", "photo", ["update_id"], unique=False)
    op.create_table(
        "projection",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("method_version", sa.Text(), nullable=False),
        sa.Column("table_version", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("years", MINOR, nullable=False),
        sa.Column("depth_cm", MINOR, nullable=False),
        sa.Column("stock_tc_ha", sa.Double(), nullable=True),
        sa.Column("central", sa.Double(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("sd", sa.Double(), nullable=False),
        sa.Column("p05", sa.Double(), nullable=False),
        sa.Column("p33", sa.Double(), nullable=False),
        sa.Column("p50", sa.Double(), nullable=False),
        sa.Column("p95", sa.Double(), nullable=False),
        sa.Column("p_gain", sa.Double(), nullable=False),
        sa.Column("draws", MINOR, nullable=False),
        sa.Column("seed", MINOR, nullable=False),
        sa.Column("generator", sa.Text(), nullable=False),
        sa.Column("buffer_pct", sa.Double(), nullable=False),
        sa.Column("buffer_reason", sa.Text(), nullable=False),
        sa.Column("plausibility", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", ID, nullable=True),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(supersedes_id IS NULL) = (reason IS NULL)",
            name=op.f("ck_projection_reason_of_correction"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_projection_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_projection_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user.id"], name=op.f("fk_projection_published_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["projection.id"],
            name=op.f("fk_projection_supersedes_id_projection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection")),
        sa.UniqueConstraint("supersedes_id", name="uq_projection_supersedes_id"),
    )
    op.create_index(
        "ix_projection_project_id", "projection", ["project_id", "published_at"], unique=False
    )
    op.create_table(
        "assignment",
        sa.Column("id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column(
            "seat",
            sa.Enum(
                "reviewer",
                "rapporteur",
                name="seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("assigned_at", INSTANT, nullable=False),
        sa.Column("assigned_by", ID, nullable=True),
        sa.Column("declared_at", INSTANT, nullable=True),
        sa.Column("declared_interest", sa.Text(), nullable=True),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("removal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "declared_interest IS NULL OR removed_at IS NOT NULL",
            name=op.f("ck_assignment_interest_removes"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_assignment_assessment_id_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["user.id"], name=op.f("fk_assignment_assigned_by_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_assignment_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_assessment_id", "assignment", ["assessment_id"], unique=False)
    op.create_index("ix_assignment_user_id", "assignment", ["user_id"], unique=False)
    op.create_table(
        "consensus_score",
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column(
            "evidence",
            sa.Enum(
                "measured",
                "modelled",
                "literature",
                "asserted",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_consensus_score_assessment_id_assessment"),
        ),
        sa.PrimaryKeyConstraint("assessment_id", "criterion", name=op.f("pk_consensus_score")),
    )
    op.create_table(
        "decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("criteria_set_id", ID, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "positive",
                "positive_with_recommendations",
                "revise",
                "not_aligned",
                name="decision_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "safeguards",
            sa.Enum(
                "met",
                "met_with_conditions",
                "not_enough_information",
                "not_met",
                name="safeguard",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("carbon_grade", MINOR, nullable=False),
        sa.Column(
            "carbon_evidence",
            sa.Enum(
                "measured",
                "modelled",
                "literature",
                "asserted",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("reviews", MINOR, nullable=False),
        sa.Column("recusals", MINOR, nullable=False),
        sa.Column("decided_on", DAY, nullable=False),
        sa.Column("expires_on", DAY, nullable=True),
        sa.Column("decided_by", ID, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "NOT (outcome IN ('positive', 'positive_with_recommendations')) OR (carbon_grade >= 1 AND carbon_evidence <> 'asserted')",
            name=op.f("ck_decision_positive_needs_carbon"),
        ),
        sa.CheckConstraint(
            "NOT (outcome IN ('positive', 'positive_with_recommendations')) OR COALESCE(expires_on > decided_on, 1 = 0)",
            name=op.f("ck_decision_positive_expires"),
        ),
        sa.CheckConstraint(
            "NOT (outcome IN ('positive', 'positive_with_recommendations')) OR reviews >= 2",
            name=op.f("ck_decision_positive_needs_reviews"),
        ),
        sa.CheckConstraint(
            "NOT (outcome IN ('positive', 'positive_with_recommendations')) OR safeguards IN ('met', 'met_with_conditions')",
            name=op.f("ck_decision_positive_needs_safeguards"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_decision_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_decision_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["criteria_set_id"],
            ["criteria_set.id"],
            name=op.f("fk_decision_criteria_set_id_criteria_set"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_decision_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_decision_assessment_id")),
        sa.UniqueConstraint("id", "project_id", name="uq_decision_id_project_id"),
    )
    op.create_index(
        "ix_decision_project_id", "decision", ["project_id", "decided_on"], unique=False
    )
    op.create_table(
        "outcome",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("measurement_id", ID, nullable=False),
        sa.Column("projection_id", ID, nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("method_version", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("baseline_on", DAY, nullable=False),
        sa.Column("sampled_on", DAY, nullable=False),
        sa.Column("years", sa.Double(), nullable=False),
        sa.Column("depth_cm", MINOR, nullable=False),
        sa.Column("cores", MINOR, nullable=False),
        sa.Column("strata", MINOR, nullable=False),
        sa.Column("baseline_tc_ha", sa.Double(), nullable=False),
        sa.Column("change", sa.Double(), nullable=False),
        sa.Column("standard_error", sa.Double(), nullable=False),
        sa.Column("degrees", MINOR, nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("conservative", sa.Double(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "gain",
                "loss",
                "no_change",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("laboratory_method", sa.Text(), nullable=False),
        sa.Column("synthetic", MINOR, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", ID, nullable=True),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(verdict = 'gain') = (low > 0) AND (verdict = 'loss') = (high < 0)",
            name=op.f("ck_outcome_verdict_follows_interval"),
        ),
        sa.CheckConstraint(
            "(supersedes_id IS NULL) = (reason IS NULL)",
            name=op.f("ck_outcome_reason_of_correction"),
        ),
        sa.ForeignKeyConstraint(
            ["measurement_id"],
            ["measurement.id"],
            name=op.f("fk_outcome_measurement_id_measurement"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_outcome_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["projection_id"], ["projection.id"], name=op.f("fk_outcome_projection_id_projection")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user.id"], name=op.f("fk_outcome_published_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["outcome.id"], name=op.f("fk_outcome_supersedes_id_outcome")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("supersedes_id", name="uq_outcome_supersedes_id"),
    )
    op.create_index("ix_outcome_project_id", "outcome", ["project_id", "sampled_on"], unique=False)
    op.create_table(
        "project_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=True),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_project_event_actor_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_project_event_assessment_id_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_event_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_event")),
    )
    op.create_index(
        "ix_project_event_project_id", "project_event", ["project_id", "at"], unique=False
    )
    op.create_table(
        "admission",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("ceiling_minor", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("admitted_on", DAY, nullable=False),
        sa.Column("admitted_by", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("ceiling_minor > 0", name=op.f("ck_admission_ceiling_positive")),
        sa.ForeignKeyConstraint(
            ["admitted_by"], ["user.id"], name=op.f("fk_admission_admitted_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id", "project_id"],
            ["decision.id", "decision.project_id"],
            name="fk_admission_decision",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_admission_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("id", "project_id", name="uq_admission_id_project_id"),
    )
    op.create_index("ix_admission_project_id", "admission", ["project_id"], unique=False)
    op.create_table(
        "decision_condition",
        sa.Column("id", ID, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("closed_on", DAY, nullable=True),
        sa.Column("closed_by", ID, nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (closed_by IS NULL) AND (closed_on IS NULL) = (evidence IS NULL)",
            name=op.f("ck_decision_condition_closed_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["user.id"], name=op.f("fk_decision_condition_closed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
            name=op.f("fk_decision_condition_decision_id_decision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_condition")),
    )
    op.create_index(
        "ix_decision_condition_decision_id", "decision_condition", ["decision_id"], unique=False
    )
    op.create_table(
        "recommendation",
        sa.Column("id", ID, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", DAY, nullable=True),
        sa.Column("answered_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user.id"], name=op.f("fk_recommendation_answered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_recommendation_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint(
            "decision_id", "position", name="uq_recommendation_decision_id_position"
        ),
    )
    op.create_table(
        "review",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_review_assignment_id_assignment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_review_assignment_id")),
    )
    op.create_table(
        "review_score",
        sa.Column("review_id", ID, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column(
            "evidence",
            sa.Enum(
                "measured",
                "modelled",
                "literature",
                "asserted",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_score_review_id_review")
        ),
        sa.PrimaryKeyConstraint("review_id", "criterion", name=op.f("pk_review_score")),
    )


def downgrade() -> None:
    for name, event, _code, _refused in rules(sqlite=True):
        table = event.split()[-1]
        on_server = op.get_bind().dialect.name == "postgresql"
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_server else ""))
        if on_server:
            op.execute(f"DROP FUNCTION projects_{name}()")
    op.drop_table("review_score")
    op.drop_table("review")
    op.drop_table("recommendation")
    op.drop_table("decision_condition")
    op.drop_table("admission")
    op.drop_table("project_event")
    op.drop_table("outcome")
    op.drop_table("decision")
    op.drop_table("consensus_score")
    op.drop_table("assignment")
    op.drop_table("projection")
    op.drop_table("photo")
    op.drop_table("indicator_value")
    op.drop_table("attachment")
    op.drop_table("assessment")
    op.drop_table("project_update")
    op.drop_table("measurement")
    op.drop_table("indicator")
    op.drop_table("application")
    op.drop_table("project")
    op.drop_table("organisation_member")
    op.drop_table("criteria_set")
    op.drop_table("organisation")
