"""The field: codes and devices, drafts by form, mail and sheet, helpers, money that arrived."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
KEPT = ("payment_arrival", "inbound_mail", "helper_consent", "helper_revocation", "helper_act")


def upgrade() -> None:
    op.create_table(
        "helper_consent",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("helper_id", ID, nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "updates",
                "applications",
                "all",
                name="helper_scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("given_by", ID, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_helper_consent_ends_later")),
        sa.CheckConstraint(
            "helper_id <> organisation_id", name=op.f("ck_helper_consent_two_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["user.id"], name=op.f("fk_helper_consent_given_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["helper_id"],
            ["organisation.id"],
            name=op.f("fk_helper_consent_helper_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_helper_consent_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper_consent")),
    )
    op.create_index("ix_helper_consent_helper_id", "helper_consent", ["helper_id"], unique=False)
    op.create_index(
        "ix_helper_consent_organisation_id", "helper_consent", ["organisation_id"], unique=False
    )
    op.create_table(
        "known_device",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_known_device_expires_later")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_known_device_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_known_device_secret_hash")),
    )
    op.create_index("ix_known_device_user_id", "known_device", ["user_id"], unique=False)
    op.create_table(
        "helper_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("consent_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_helper_act_actor_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"],
            ["helper_consent.id"],
            name=op.f("fk_helper_act_consent_id_helper_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_helper_act_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper_act")),
    )
    op.create_index("ix_helper_act_consent_id", "helper_act", ["consent_id", "at"], unique=False)
    op.create_table(
        "helper_revocation",
        sa.Column("consent_id", ID, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("revoked_by", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"],
            ["helper_consent.id"],
            name=op.f("fk_helper_revocation_consent_id_helper_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["user.id"], name=op.f("fk_helper_revocation_revoked_by_user")
        ),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_helper_revocation")),
    )
    op.create_table(
        "login_proof",
        sa.Column("login_id", ID, nullable=False),
        sa.Column("device_id", ID, nullable=True),
        sa.Column("proved_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["known_device.id"], name=op.f("fk_login_proof_device_id_known_device")
        ),
        sa.ForeignKeyConstraint(
            ["login_id"], ["login.id"], name=op.f("fk_login_proof_login_id_login")
        ),
        sa.PrimaryKeyConstraint("login_id", name=op.f("pk_login_proof")),
    )
    op.create_table(
        "project_mail_address",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ID, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_project_mail_address_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_mail_address_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_mail_address")),
        sa.UniqueConstraint("word", name=op.f("uq_project_mail_address_word")),
    )
    op.create_index(
        "ix_project_mail_address_project_id", "project_mail_address", ["project_id"], unique=False
    )
    op.create_table(
        "sign_in_code",
        sa.Column("link_id", ID, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("failures", MINOR, nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_sign_in_code_failures_counted")),
        sa.ForeignKeyConstraint(
            ["link_id"], ["sign_in_link.id"], name=op.f("fk_sign_in_code_link_id_sign_in_link")
        ),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_sign_in_code")),
    )
    op.create_table(
        "arrived_photo",
        sa.Column("id", ID, nullable=False),
        sa.Column("update_id", ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("arrived_by", ID, nullable=True),
        sa.Column("photo_id", ID, nullable=True),
        sa.Column("dropped_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["arrived_by"], ["user.id"], name=op.f("fk_arrived_photo_arrived_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_arrived_photo_update_id_project_update"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrived_photo")),
        sa.UniqueConstraint("update_id", "sha256", name="uq_arrived_photo_update_id_sha256"),
    )
    op.create_table(
        "inbound_mail",
        sa.Column("id", ID, nullable=False),
        sa.Column("message_hash", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "drafted",
                "automatic",
                "address_unknown",
                "sender_unknown",
                "unreadable",
                "too_many",
                name="mail_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("update_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_inbound_mail_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_inbound_mail_update_id_project_update"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mail")),
        sa.UniqueConstraint("message_hash", name=op.f("uq_inbound_mail_message_hash")),
    )
    op.create_index(
        "ix_inbound_mail_project_id", "inbound_mail", ["project_id", "arrived_at"], unique=False
    )
    op.create_table(
        "sheet_upload",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "application",
                "update",
                name="sheet_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("committed_at", INSTANT, nullable=True),
        sa.Column("update_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_sheet_upload_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_sheet_upload_update_id_project_update"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user.id"], name=op.f("fk_sheet_upload_uploaded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_upload")),
        sa.UniqueConstraint(
            "project_id", "kind", "sha256", "uploaded_by", name="uq_sheet_upload_file"
        ),
    )
    op.create_table(
        "update_draft",
        sa.Column("update_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "form",
                "mail",
                "sheet",
                name="draft_origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.CheckConstraint("key <> ''", name=op.f("ck_update_draft_key_written")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_update_draft_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["project_update.id"],
            name=op.f("fk_update_draft_update_id_project_update"),
        ),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_update_draft")),
        sa.UniqueConstraint("project_id", "key", name="uq_update_draft_project_id_key"),
    )
    op.create_table(
        "payment_arrival",
        sa.Column("id", ID, nullable=False),
        sa.Column("disbursement_id", ID, nullable=False),
        sa.Column("received_on", DAY, nullable=False),
        sa.Column("local_minor", MINOR, nullable=False),
        sa.Column("local_decimals", MINOR, nullable=False),
        sa.Column("local_currency", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("confirmed_by", ID, nullable=False),
        sa.CheckConstraint(
            "local_decimals BETWEEN 0 AND 3", name=op.f("ck_payment_arrival_decimals_few")
        ),
        sa.CheckConstraint("local_minor > 0", name=op.f("ck_payment_arrival_amount_positive")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user.id"], name=op.f("fk_payment_arrival_confirmed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["disbursement_id"],
            ["disbursement.id"],
            name=op.f("fk_payment_arrival_disbursement_id_disbursement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_arrival")),
    )
    op.create_index(
        "ix_payment_arrival_disbursement_id", "payment_arrival", ["disbursement_id"], unique=False
    )
    for table in KEPT:
        op.append_only(table)


def downgrade() -> None:
    op.drop_index("ix_payment_arrival_disbursement_id", table_name="payment_arrival")
    op.drop_table("payment_arrival")
    op.drop_table("update_draft")
    op.drop_table("sheet_upload")
    op.drop_index("ix_inbound_mail_project_id", table_name="inbound_mail")
    op.drop_table("inbound_mail")
    op.drop_table("arrived_photo")
    op.drop_table("sign_in_code")
    op.drop_index("ix_project_mail_address_project_id", table_name="project_mail_address")
    op.drop_table("project_mail_address")
    op.drop_table("login_proof")
    op.drop_table("helper_revocation")
    op.drop_index("ix_helper_act_consent_id", table_name="helper_act")
    op.drop_table("helper_act")
    op.drop_index("ix_known_device_user_id", table_name="known_device")
    op.drop_table("known_device")
    op.drop_index("ix_helper_consent_organisation_id", table_name="helper_consent")
    op.drop_index("ix_helper_consent_helper_id", table_name="helper_consent")
    op.drop_table("helper_consent")
