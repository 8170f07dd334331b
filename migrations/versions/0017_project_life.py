"""Life of a funded project: milestones, figures, due dates, photo proofs, reversals, news by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

APPEND_ONLY = (
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
)
PUBLISHED = "OLD.status = 'published'"


def upgrade() -> None:
    create_plain()
    create_life()
    create_figures()
    for table in APPEND_ONLY:
        op.append_only(table)
    # What was published stays as it was read: a correction is another update.
    refuse(
        "project_update_fixed_update",
        "UPDATE OF project_id, kind, status, language, title, body, html, published_at"
        " ON project_update",
    )
    refuse("project_update_fixed_delete", "DELETE ON project_update")


def refuse(name: str, event: str) -> None:
    """Write one trigger that refuses a change of what is published, on either engine."""
    if op.get_bind().dialect.name == "sqlite":
        act = f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} WHEN ({PUBLISHED}) {act}")
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW WHEN ({PUBLISHED})"
        " EXECUTE FUNCTION refuse_change()"
    )


def create_plain() -> None:
    op.create_table(
        "mail_choice",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_choice")),
        sa.UniqueConstraint("email", name=op.f("uq_mail_choice_email")),
        sa.UniqueConstraint("token", name=op.f("uq_mail_choice_token")),
    )
    op.create_table(
        "news",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("after", ID, nullable=True),
        sa.Column("mails", MINOR, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.CheckConstraint("mails >= 0", name=op.f("ck_news_mails_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sa.UniqueConstraint("kind", "subject_id", name="uq_news_kind"),
    )
    op.create_index("ix_news_told_at", "news", ["told_at"], unique=False)


def create_life() -> None:
    op.create_table(
        "co_funding",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("amount_minor", MINOR, nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("since_on", DAY, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", ID, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_co_funding_amount_positive")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_co_funding_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_co_funding_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_funding")),
    )
    op.create_index("ix_co_funding_project_id", "co_funding", ["project_id"], unique=False)
    op.create_table(
        "form_of_project",
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "field",
                "restoration_camp",
                "price_support",
                name="project_form",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_form_of_project_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["user.id"], name=op.f("fk_form_of_project_set_by_user")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_form_of_project")),
    )
    op.create_table(
        "milestone",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("planned_on", DAY, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("written_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_milestone_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_milestone_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    op.create_index(
        "ix_milestone_project_id", "milestone", ["project_id", "planned_on"], unique=False
    )
    op.create_table(
        "price_support",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("from_on", DAY, nullable=False),
        sa.Column("until_on", DAY, nullable=False),
        sa.Column("off_all_pct", MINOR, nullable=False),
        sa.Column("off_low_income_pct", MINOR, nullable=False),
        sa.Column("households", MINOR, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", ID, nullable=True),
        sa.CheckConstraint(
            "households >= 0", name=op.f("ck_price_support_households_not_negative")
        ),
        sa.CheckConstraint(
            "off_all_pct BETWEEN 0 AND 100 AND off_low_income_pct BETWEEN 0 AND 100 AND off_low_income_pct >= off_all_pct AND off_low_income_pct > 0",
            name=op.f("ck_price_support_discount_plausible"),
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_price_support_days_in_order")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_price_support_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_price_support_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_support")),
    )
    op.create_index("ix_price_support_project_id", "price_support", ["project_id"], unique=False)
    op.create_table(
        "project_notice",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("written_by", ID, nullable=True),
        sa.CheckConstraint("told <> ''", name=op.f("ck_project_notice_told_written")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_notice_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_project_notice_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_notice")),
    )
    op.create_index("ix_project_notice_project_id", "project_notice", ["project_id"], unique=False)
    op.create_table(
        "reversal",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("happened_on", DAY, nullable=False),
        sa.Column("area_ha", sa.Double(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "fire",
                "drought",
                "flood",
                "pests",
                "ploughing",
                "grazing",
                "clearing",
                "land_lost",
                "other",
                name="reversal_cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("reported_by", ID, nullable=True),
        sa.CheckConstraint(
            "(supersedes_id IS NULL) = (reason IS NULL)",
            name=op.f("ck_reversal_reason_of_correction"),
        ),
        sa.CheckConstraint("area_ha > 0", name=op.f("ck_reversal_area_positive")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_reversal_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["user.id"], name=op.f("fk_reversal_reported_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["reversal.id"], name=op.f("fk_reversal_supersedes_id_reversal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversal")),
        sa.UniqueConstraint("supersedes_id", name="uq_reversal_supersedes_id"),
    )
    op.create_index(
        "ix_reversal_project_id", "reversal", ["project_id", "happened_on"], unique=False
    )
    op.create_table(
        "milestone_step",
        sa.Column("id", ID, nullable=False),
        sa.Column("milestone_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "moved",
                "done",
                "reopened",
                "dropped",
                name="milestone_step_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_day", DAY, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", ID, nullable=True),
        sa.CheckConstraint("note <> ''", name=op.f("ck_milestone_step_note_written")),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestone.id"],
            name=op.f("fk_milestone_step_milestone_id_milestone"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_milestone_step_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_step")),
    )
    op.create_index(
        "ix_milestone_step_milestone_id", "milestone_step", ["milestone_id"], unique=False
    )
    op.create_table(
        "update_correction",
        sa.Column("update_id", ID, nullable=False),
        sa.Column("corrects_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("begun_by", ID, nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_update_correction_reason_written")),
        sa.CheckConstraint(
            "corrects_id <> update_id", name=op.f("ck_update_correction_another_update")
        ),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["user.id"], name=op.f("fk_update_correction_begun_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"],
            ["project_update.id"],
            name=op.f("fk_update_correction_corrects_id_project_update"),
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_update_correction_update_id_project_update"),
        ),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_update_correction")),
    )
    op.create_index(
        "ix_update_correction_corrects_id", "update_correction", ["corrects_id"], unique=False
    )
    op.create_table(
        "update_moderation",
        sa.Column("id", ID, nullable=False),
        sa.Column("update_id", ID, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "returned",
                "rejected",
                name="moderated",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("moderated_at", INSTANT, nullable=False),
        sa.Column("moderated_by", ID, nullable=False),
        sa.CheckConstraint(
            "outcome = 'accepted' OR reason <> ''",
            name=op.f("ck_update_moderation_refusal_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["moderated_by"], ["user.id"], name=op.f("fk_update_moderation_moderated_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_update_moderation_update_id_project_update"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_update_moderation")),
    )
    op.create_index(
        "ix_update_moderation_update_id", "update_moderation", ["update_id"], unique=False
    )
    op.create_table(
        "photo_record",
        sa.Column("photo_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("update_id", ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("no_child_faces", MINOR, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("confirmed_by", ID, nullable=True),
        sa.CheckConstraint("no_child_faces = 1", name=op.f("ck_photo_record_no_child_faces")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user.id"], name=op.f("fk_photo_record_confirmed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photo.id"],
            name=op.f("fk_photo_record_photo_id_photo"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_photo_record_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_photo_record_update_id_project_update"),
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_record")),
        sa.UniqueConstraint("update_id", "sha256", name="uq_photo_record_update_id_sha256"),
    )
    op.create_index("ix_photo_record_project_id", "photo_record", ["project_id"], unique=False)
    op.create_index("ix_photo_record_sha256", "photo_record", ["sha256"], unique=False)
    op.create_table(
        "photo_withdrawal",
        sa.Column("photo_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("update_id", ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("withdrawn_by", ID, nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_photo_withdrawal_reason_written")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_photo_withdrawal_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_photo_withdrawal_update_id_project_update"),
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user.id"], name=op.f("fk_photo_withdrawal_withdrawn_by_user")
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_withdrawal")),
    )
    op.create_index("ix_photo_withdrawal_sha256", "photo_withdrawal", ["sha256"], unique=False)


def create_figures() -> None:
    op.create_table(
        "activity_plan",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("year", MINOR, nullable=False),
        sa.Column("hectares", sa.Double(), nullable=False),
        sa.Column("people", MINOR, nullable=False),
        sa.Column("money_minor", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("written_by", ID, nullable=True),
        sa.CheckConstraint(
            "(supersedes_id IS NULL) = (reason IS NULL)",
            name=op.f("ck_activity_plan_reason_of_correction"),
        ),
        sa.CheckConstraint(
            "hectares >= 0 AND people >= 0 AND money_minor >= 0",
            name=op.f("ck_activity_plan_nothing_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_activity_plan_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["activity_plan.id"],
            name=op.f("fk_activity_plan_supersedes_id_activity_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_activity_plan_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_plan")),
        sa.UniqueConstraint("supersedes_id", name="uq_activity_plan_supersedes_id"),
    )
    op.create_index(
        "uq_activity_plan_first",
        "activity_plan",
        ["project_id", "year"],
        unique=True,
        postgresql_where=sa.text("supersedes_id IS NULL"),
        sqlite_where=sa.text("supersedes_id IS NULL"),
    )
    op.create_table(
        "figure_report",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "activity",
                "spending",
                name="figure_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_on", DAY, nullable=False),
        sa.Column("until_on", DAY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("hectares", sa.Double(), nullable=True),
        sa.Column("people", MINOR, nullable=True),
        sa.Column("women", MINOR, nullable=True),
        sa.Column("youth", MINOR, nullable=True),
        sa.Column("labour_hours", MINOR, nullable=True),
        sa.Column("visitor_days", MINOR, nullable=True),
        sa.Column("labour_hour_minor", MINOR, nullable=True),
        sa.Column("labour_source", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("above_reason", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("handed_in_at", INSTANT, nullable=False),
        sa.Column("handed_in_by", ID, nullable=True),
        sa.CheckConstraint(
            "(kind = 'activity') = (hectares IS NOT NULL) AND (kind = 'activity') = (people IS NOT NULL)",
            name=op.f("ck_figure_report_activity_has_figures"),
        ),
        sa.CheckConstraint(
            "(labour_hour_minor IS NULL) = (labour_source IS NULL)",
            name=op.f("ck_figure_report_value_has_source"),
        ),
        sa.CheckConstraint(
            "(supersedes_id IS NULL) = (reason IS NULL)",
            name=op.f("ck_figure_report_reason_of_correction"),
        ),
        sa.CheckConstraint(
            "COALESCE(hectares, 0) >= 0 AND COALESCE(people, 0) >= 0 AND COALESCE(women, 0) >= 0 AND COALESCE(youth, 0) >= 0 AND COALESCE(labour_hours, 0) >= 0 AND COALESCE(visitor_days, 0) >= 0 AND COALESCE(labour_hour_minor, 0) >= 0",
            name=op.f("ck_figure_report_nothing_negative"),
        ),
        sa.CheckConstraint(
            "COALESCE(women, 0) <= COALESCE(people, 0) AND COALESCE(youth, 0) <= COALESCE(people, 0)",
            name=op.f("ck_figure_report_parts_of_people"),
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_figure_report_days_in_order")),
        sa.ForeignKeyConstraint(
            ["handed_in_by"], ["user.id"], name=op.f("fk_figure_report_handed_in_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_figure_report_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["figure_report.id"],
            name=op.f("fk_figure_report_supersedes_id_figure_report"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_report")),
    )
    op.create_index(
        "ix_figure_report_supersedes_id", "figure_report", ["supersedes_id"], unique=False
    )
    op.create_index(
        "ix_figure_report_project_id", "figure_report", ["project_id", "until_on"], unique=False
    )
    op.create_table(
        "report_due",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "narrative",
                "activity",
                "measurement",
                name="due_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("met_at", INSTANT, nullable=True),
        sa.Column("met_by_id", ID, nullable=True),
        sa.CheckConstraint(
            "(met_at IS NULL) = (met_by_id IS NULL)", name=op.f("ck_report_due_met_whole")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_report_due_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_due")),
        sa.UniqueConstraint("project_id", "kind", "due_on", name="uq_report_due_project_id_kind"),
    )
    op.create_index("ix_report_due_open", "report_due", ["met_at", "due_on"], unique=False)
    op.create_table(
        "budget_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("amount_minor", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_budget_line_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_budget_line_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_budget_line_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint(
            "project_id",
            "application_id",
            "position",
            name="uq_budget_line_project_id_application_id_position",
        ),
    )
    op.create_table(
        "due_notice",
        sa.Column("due_id", ID, nullable=False),
        sa.Column("days", MINOR, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["due_id"], ["report_due.id"], name=op.f("fk_due_notice_due_id_report_due")
        ),
        sa.PrimaryKeyConstraint("due_id", "days", name=op.f("pk_due_notice")),
    )
    op.create_table(
        "figure_check",
        sa.Column("report_id", ID, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "returned",
                name="figure_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("checked_by", ID, nullable=False),
        sa.CheckConstraint(
            "outcome = 'accepted' OR reason <> ''", name=op.f("ck_figure_check_return_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["user.id"], name=op.f("fk_figure_check_checked_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["figure_report.id"],
            name=op.f("fk_figure_check_report_id_figure_report"),
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_figure_check")),
    )
    op.create_table(
        "spending_line",
        sa.Column("report_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("amount_minor", MINOR, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_spending_line_amount_positive")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["budget_line.id"], name=op.f("fk_spending_line_line_id_budget_line")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["figure_report.id"],
            name=op.f("fk_spending_line_report_id_figure_report"),
        ),
        sa.PrimaryKeyConstraint("report_id", "line_id", name=op.f("pk_spending_line")),
    )


def downgrade() -> None:
    for name in ("project_update_fixed_update", "project_update_fixed_delete"):
        server = op.get_bind().dialect.name == "postgresql"
        op.execute(f"DROP TRIGGER {name}" + (" ON project_update" if server else ""))
    op.drop_table("spending_line")
    op.drop_table("photo_withdrawal")
    op.drop_table("photo_record")
    op.drop_table("update_moderation")
    op.drop_table("update_correction")
    op.drop_table("milestone_step")
    op.drop_table("figure_check")
    op.drop_table("due_notice")
    op.drop_table("budget_line")
    op.drop_table("reversal")
    op.drop_table("report_due")
    op.drop_table("project_notice")
    op.drop_table("price_support")
    op.drop_table("milestone")
    op.drop_table("form_of_project")
    op.drop_table("figure_report")
    op.drop_table("co_funding")
    op.drop_table("activity_plan")
    op.drop_table("news")
    op.drop_table("mail_choice")
