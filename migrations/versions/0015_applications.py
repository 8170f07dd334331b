"""Applications: roles inside an organisation, sites, papers, overlaps, questions, registration."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

KEPT = ("overlap_check", "site_overlap", "registration_reason")
# What is asked moves never; the answer comes once.
ASKED = ("id", "project_id", "assessment_id", "question", "due_on", "asked_at", "asked_by")
SUBMITTED = (
    "SELECT 1 FROM application v WHERE v.id = {row}.application_id AND v.submitted_at IS NOT NULL"
)
DECIDED = (
    "SELECT 1 FROM decision d JOIN application v ON v.id = d.application_id"
    " WHERE d.id = NEW.decision_id AND {what}"
)
ONGOING = "v.modality = 'ongoing'"
UNEXPLAINED = (
    "v.registered_elsewhere = 1"
    " AND NOT EXISTS (SELECT 1 FROM registration_reason r WHERE r.application_id = v.id)"
)


def rules(sqlite: bool) -> list[tuple[str, str, str, str, str]]:  # noqa: FBT001 - one caller, in this file
    """Return (trigger, verb, table, code, the condition that refuses) for an engine."""
    different = "IS NOT" if sqlite else "IS DISTINCT FROM"
    moved = " OR ".join(f"NEW.{column} {different} OLD.{column}" for column in ASKED)
    made = [
        (
            f"application_site_fixed_{verb.lower()}",
            verb,
            "application_site",
            "application_submitted",
            f"EXISTS ({SUBMITTED.format(row=row)})",
        )
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ]
    return [
        *made,
        (
            "information_request_once",
            "UPDATE",
            "information_request",
            "append_only",
            f"OLD.answered_at IS NOT NULL OR NEW.answered_at IS NULL OR {moved}",
        ),
        ("information_request_no_delete", "DELETE", "information_request", "append_only", "1 = 1"),
        (
            "admission_no_ongoing",
            "INSERT",
            "admission",
            "ongoing_no_money",
            f"EXISTS ({DECIDED.format(what=ONGOING)})",
        ),
        (
            "admission_registered",
            "INSERT",
            "admission",
            "registered_elsewhere",
            f"EXISTS ({DECIDED.format(what=UNEXPLAINED)})",
        ),
    ]


def upgrade() -> None:
    # Written out: a column with a named CHECK is added alike on both engines, and needs no new
    # table on SQLite, which would lose its triggers.
    op.execute(
        "ALTER TABLE organisation_member ADD COLUMN role VARCHAR(40) DEFAULT 'lead' NOT NULL"
        " CONSTRAINT ck_organisation_member_organisation_role"
        " CHECK (role IN ('lead', 'writer', 'reader'))"
    )
    op.add_column("application", sa.Column("modality", sa.Text(), nullable=True))
    op.add_column("application", sa.Column("registered_elsewhere", MINOR, nullable=True))
    op.add_column("attachment", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("attachment", sa.Column("pages", MINOR, nullable=True))
    create_tables()
    for table in KEPT:
        op.append_only(table)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, verb, table, code, refused in rules(sqlite):
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'ledger: {code}') WHERE {refused}; END"
            )
            continue
        kept = "OLD" if verb == "DELETE" else "NEW"
        # pg_temp stands last: a temporary table must not stand in for a table of the house.
        op.execute(
            f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql"
            f" SET search_path = public, pg_temp AS $guard$ BEGIN IF {refused} THEN"
            f" RAISE EXCEPTION 'ledger: {code}' USING ERRCODE = 'check_violation'; END IF;"
            f" RETURN {kept}; END $guard$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION projects_{name}()"
        )


def create_tables() -> None:
    op.create_table(
        "organisation_invitation",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "lead",
                "writer",
                "reader",
                name="organisation_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("invited_at", INSTANT, nullable=False),
        sa.Column("invited_by", ID, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("accepted_by", ID, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)"
            " AND NOT (accepted_at IS NOT NULL AND withdrawn_at IS NOT NULL)",
            name=op.f("ck_organisation_invitation_ended_once"),
        ),
        *references(
            "organisation_invitation",
            organisation_id="organisation",
            invited_by="user",
            accepted_by="user",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_organisation_invitation_secret_hash")),
    )
    op.create_index(
        "ix_organisation_invitation_organisation_id", "organisation_invitation", ["organisation_id"]
    )
    op.create_table(
        "application_site",
        sa.Column("id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "typed",
                "uploaded",
                name="site_way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("area_ha", sa.Double(), nullable=False),
        sa.Column("vertices", MINOR, nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.CheckConstraint("area_ha > 0", name=op.f("ck_application_site_area_positive")),
        sa.CheckConstraint(
            "west <= east AND south <= north", name=op.f("ck_application_site_box_in_order")
        ),
        *references("application_site", application_id="application", added_by="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_site")),
    )
    op.create_index("ix_application_site_application_id", "application_site", ["application_id"])
    op.create_table(
        "overlap_check",
        sa.Column("application_id", ID, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("compared", MINOR, nullable=False),
        *references("overlap_check", application_id="application"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_overlap_check")),
    )
    op.create_table(
        "site_overlap",
        sa.Column("id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("site_id", ID, nullable=False),
        sa.Column("other_application_id", ID, nullable=False),
        sa.Column("other_site_id", ID, nullable=False),
        sa.Column("area_ha", sa.Double(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.CheckConstraint("area_ha > 0", name=op.f("ck_site_overlap_area_positive")),
        *references(
            "site_overlap",
            application_id="application",
            site_id="application_site",
            other_application_id="application",
            other_site_id="application_site",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_overlap")),
        sa.UniqueConstraint(
            "site_id", "other_site_id", name="uq_site_overlap_site_id_other_site_id"
        ),
    )
    op.create_index("ix_site_overlap_application_id", "site_overlap", ["application_id"])
    op.create_index(
        "ix_site_overlap_other_application_id", "site_overlap", ["other_application_id"]
    )
    op.create_table(
        "information_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", ID, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("paper_name", sa.Text(), nullable=True),
        sa.Column("paper_key", sa.Text(), nullable=True),
        sa.Column("paper_sha256", sa.Text(), nullable=True),
        sa.Column("paper_size", MINOR, nullable=True),
        sa.Column("paper_pages", MINOR, nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer IS NULL)"
            " AND (paper_key IS NULL) = (paper_sha256 IS NULL)"
            " AND (paper_key IS NULL OR answer IS NOT NULL)",
            name=op.f("ck_information_request_answered_whole"),
        ),
        *references(
            "information_request",
            project_id="project",
            assessment_id="assessment",
            asked_by="user",
            answered_by="user",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_request")),
    )
    op.create_index(
        "ix_information_request_assessment_id", "information_request", ["assessment_id"]
    )
    op.create_table(
        "registration_reason",
        sa.Column("application_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", ID, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_registration_reason_reason_written")),
        *references("registration_reason", application_id="application", recorded_by="user"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_registration_reason")),
    )


def references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in columns.items()
    ]


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, _verb, table, _code, _refused in rules(sqlite):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION projects_{name}()")
    for table in (
        "registration_reason",
        "information_request",
        "site_overlap",
        "overlap_check",
        "application_site",
        "organisation_invitation",
    ):
        op.drop_table(table)
    for table, column in (
        ("attachment", "pages"),
        ("attachment", "kind"),
        ("application", "registered_elsewhere"),
        ("application", "modality"),
        ("organisation_member", "role"),
    ):
        op.drop_column(table, column)
