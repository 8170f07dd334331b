"""Organisations we pay and the sanctions list, bank details, bank orders, deputies."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
KEPT = (
    "organisation_file",
    "sanctions_list",
    "screening",
    "sanctions_hit",
    "screening_hit",
    "hit_decision",
    "screening_used",
    "holder_explained",
    "account_proposal",
    "account_call",
    "payment_file",
    "payment_file_item",
    "payment_order",
    "deputy_act",
)

_ORGANISATION = "(SELECT o.organisation_id FROM project o WHERE o.id = {project})"
_NEWEST_LIST = "(SELECT l.id FROM sanctions_list l ORDER BY l.published_on DESC, l.id DESC LIMIT 1)"
_NEWEST_FILE = f"""
    (SELECT n.id FROM organisation_file n WHERE n.organisation_id = {_ORGANISATION}
      ORDER BY n.id DESC LIMIT 1)
"""  # noqa: S608 - names of our own
# A file that holds, held against the newest list.
_KNOWN = f"""
    EXISTS (SELECT 1 FROM screening s JOIN organisation_file f ON f.id = s.file_id
             WHERE s.file_id = {_NEWEST_FILE} AND s.list_id = {_NEWEST_LIST} AND {{holds}})
"""  # noqa: S608 - the same
_BLOCKED = f"""
    EXISTS (SELECT 1 FROM screening_hit h
             WHERE h.screening_id = (SELECT s.id FROM screening s
                                      WHERE s.organisation_id = {_ORGANISATION}
                                      ORDER BY s.id DESC LIMIT 1)
               AND COALESCE((SELECT d.outcome FROM hit_decision d WHERE d.hit_id = h.hit_id
                              ORDER BY d.id DESC LIMIT 1), '') <> 'cleared')
"""  # noqa: S608 - the same
_MEMBER = """
    SELECT 1 FROM project j JOIN organisation_member m ON m.organisation_id = j.organisation_id
     WHERE j.id = {project} AND m.user_id = {person}
"""
_APPROVED = """
    EXISTS (SELECT 1 FROM disbursement_decision d
             WHERE d.disbursement_id = NEW.disbursement_id AND d.outcome = 'approved')
"""
_PROJECT_OF_CHECK = "(SELECT b.project_id FROM beneficiary b WHERE b.id = NEW.beneficiary_id)"
_HOLDS = {
    "sqlite": "date(substr(f.entered_at, 1, 10), '+24 months') >= substr({at}, 1, 10)",
    "postgresql": "f.entered_at + interval '24 months' >= {at}",
}
_DAY_OF = {
    "sqlite": "substr({at}, 1, 10)",
    "postgresql": "({at} AT TIME ZONE 'UTC')::date",
}


def _filled(query: str, *, project: str = "", at: str = "", person: str = "") -> str:
    dialect = op.get_bind().dialect.name
    for name, part in (
        ("{holds}", _HOLDS[dialect]),
        ("{day}", _DAY_OF[dialect]),
        ("{at}", at),
        ("{project}", project),
        ("{person}", person),
    ):
        query = query.replace(name, part)
    return query


def _refusals() -> dict[str, dict[str, str]]:
    """Say for each table what it refuses: a name, and a query that finds the reason."""

    def unknown(project: str, at: str, when: str = "1 = 1") -> str:
        return _filled(f"SELECT 1 WHERE {when} AND NOT {_KNOWN}", project=project, at=at)

    def blocked(project: str, when: str = "1 = 1") -> str:
        return _filled(f"SELECT 1 WHERE {when} AND {_BLOCKED}", project=project)

    def own(person: str) -> str:
        return _filled(_MEMBER, project="NEW.project_id", person=person)

    verified, approved = "NEW.outcome = 'verified'", "NEW.outcome = 'approved'"
    return {
        "beneficiary": {
            "beneficiary_organisation_unknown": unknown("NEW.project_id", "NEW.entered_at"),
        },
        "beneficiary_check": {
            "beneficiary_check_organisation_unknown": unknown(
                _PROJECT_OF_CHECK, "NEW.checked_at", verified
            ),
            "beneficiary_check_organisation_blocked": blocked(_PROJECT_OF_CHECK, verified),
        },
        "disbursement": {
            "disbursement_organisation_unknown": unknown("NEW.project_id", "NEW.prepared_at"),
            "disbursement_organisation_blocked": blocked("NEW.project_id"),
            "disbursement_own_project": own("NEW.prepared_by"),
        },
        "disbursement_decision": {
            "disbursement_decision_organisation_unknown": unknown(
                "NEW.project_id", "NEW.decided_at", approved
            ),
            "disbursement_decision_organisation_blocked": blocked("NEW.project_id", approved),
            "disbursement_decision_own_project": own("NEW.approved_by"),
            "disbursement_decision_deputy_of_preparer": _filled(
                """
                SELECT 1 FROM deputy_grant x
                 WHERE x.deputy_id = NEW.approved_by AND x.absent_id = NEW.prepared_by
                   AND x.ended_at IS NULL AND {day} BETWEEN x.starts_on AND x.ends_on
                   AND NOT EXISTS (SELECT 1 FROM role_grant g
                                    WHERE g.user_id = NEW.approved_by AND g.revoked_at IS NULL
                                      AND g.role IN ('treasurer', 'approver'))
                   AND NOT EXISTS (SELECT 1 FROM deputy_grant y
                                     JOIN role_grant g ON g.user_id = y.absent_id
                                    WHERE y.deputy_id = NEW.approved_by
                                      AND y.absent_id <> NEW.prepared_by
                                      AND y.ended_at IS NULL
                                      AND {day} BETWEEN y.starts_on AND y.ends_on
                                      AND g.revoked_at IS NULL
                                      AND g.role IN ('treasurer', 'approver'))
                """,
                at="NEW.decided_at",
            ),
            "disbursement_decision_prepared_for": """
                SELECT 1 FROM deputy_act x
                 WHERE x.object_id = NEW.disbursement_id AND x.absent_id = NEW.approved_by
            """,
        },
        "admission": {"admission_organisation_blocked": blocked("NEW.project_id")},
        "hit_decision": {
            "hit_decision_two_people": """
                SELECT 1 FROM hit_decision d
                 WHERE d.hit_id = NEW.hit_id AND d.decided_by = NEW.decided_by
                   AND d.outcome <> NEW.outcome
                   AND d.id = (SELECT e.id FROM hit_decision e WHERE e.hit_id = NEW.hit_id
                                ORDER BY e.id DESC LIMIT 1)
            """,
        },
        "account_call": {
            "account_call_two_people": """
                SELECT 1 FROM account_proposal p
                 WHERE p.id = NEW.proposal_id AND p.proposed_by = NEW.called_by
            """,
        },
        "payment_file_item": {
            "payment_file_item_not_approved": f"SELECT 1 WHERE NOT {_APPROVED}",
            "payment_file_item_on_sheet": """
                SELECT 1 FROM payment_order o WHERE o.disbursement_id = NEW.disbursement_id
            """,
        },
        "payment_order": {
            "payment_order_not_approved": f"SELECT 1 WHERE NOT {_APPROVED}",
            "payment_order_in_file": """
                SELECT 1 FROM payment_file_item i WHERE i.disbursement_id = NEW.disbursement_id
            """,
        },
    }


def _guard(table: str, told: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, query in told.items():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} "
                f"WHEN EXISTS ({query}) BEGIN SELECT RAISE(ABORT, 'treasury: {name}'); END"
            )
        return
    checks = "".join(
        f"IF EXISTS ({query}) THEN RAISE EXCEPTION USING MESSAGE = 'treasury: {name}',"
        " ERRCODE = 'check_violation'; END IF;"
        for name, query in told.items()
    )
    op.execute(
        # pg_temp stands last: a temporary table must not stand in for a table of the house.
        f"CREATE FUNCTION payees_{table}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = public, pg_temp AS $$ BEGIN {checks} RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER payees_{table} BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION payees_{table}()"
    )


def _unguard(table: str, told: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in told:
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER payees_{table} ON {table}")
    op.execute(f"DROP FUNCTION payees_{table}()")


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_by", ID, nullable=False),
        sa.Column("taken_back_at", INSTANT, nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_absence_ends_later")),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_absence_noted_by_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_absence_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_user_id", "absence", ["user_id"], unique=False)
    op.create_table(
        "deputy_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("object_id", ID, nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("absent_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=False),
        sa.Column("acted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["absent_id"], ["user.id"], name=op.f("fk_deputy_act_absent_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["user.id"], name=op.f("fk_deputy_act_deputy_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy_act")),
        info={"append_only": True},
    )
    op.create_index("ix_deputy_act_object_id", "deputy_act", ["object_id"], unique=False)
    op.create_table(
        "deputy_grant",
        sa.Column("id", ID, nullable=False),
        sa.Column("absent_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("granted_by", ID, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.CheckConstraint("deputy_id <> absent_id", name=op.f("ck_deputy_grant_two_people")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_deputy_grant_ends_later")),
        sa.CheckConstraint(
            "granted_by <> deputy_id AND granted_by <> absent_id",
            name=op.f("ck_deputy_grant_by_somebody_else"),
        ),
        sa.ForeignKeyConstraint(
            ["absent_id"], ["user.id"], name=op.f("fk_deputy_grant_absent_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["user.id"], name=op.f("fk_deputy_grant_deputy_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user.id"], name=op.f("fk_deputy_grant_ended_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["user.id"], name=op.f("fk_deputy_grant_granted_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy_grant")),
    )
    op.create_index("ix_deputy_grant_deputy_id", "deputy_grant", ["deputy_id"], unique=False)
    op.create_table(
        "organisation_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("other_names", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("registered_on", DAY, nullable=True),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by", ID, nullable=False),
        sa.CheckConstraint("legal_name <> ''", name=op.f("ck_organisation_file_legal_name_told")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_organisation_file_number_told")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user.id"], name=op.f("fk_organisation_file_entered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_file_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_file")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_organisation_file_organisation_id",
        "organisation_file",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "sanctions_list",
        sa.Column("id", ID, nullable=False),
        sa.Column("published_on", DAY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("entities", MINOR, nullable=False),
        sa.Column("names_count", MINOR, nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.CheckConstraint("entities > 0", name=op.f("ck_sanctions_list_entities_some")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user.id"], name=op.f("fk_sanctions_list_uploaded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions_list")),
        sa.UniqueConstraint("sha256", name=op.f("uq_sanctions_list_sha256")),
        info={"append_only": True},
    )
    op.create_table(
        "account_proposal",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_account_proposal_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_account_proposal_proposed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_proposal")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_account_proposal_project_id", "account_proposal", ["project_id"], unique=False
    )
    op.create_table(
        "governing_person",
        sa.Column("id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("born", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["organisation_file.id"],
            name=op.f("fk_governing_person_file_id_organisation_file"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_governing_person")),
    )
    op.create_index("ix_governing_person_file_id", "governing_person", ["file_id"], unique=False)
    op.create_table(
        "screening",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "file",
                "list",
                "account",
                "by_hand",
                name="screening_cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("names_compared", MINOR, nullable=False),
        sa.Column("screened_at", INSTANT, nullable=False),
        sa.Column("screened_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["organisation_file.id"],
            name=op.f("fk_screening_file_id_organisation_file"),
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["sanctions_list.id"], name=op.f("fk_screening_list_id_sanctions_list")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_screening_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["screened_by"], ["user.id"], name=op.f("fk_screening_screened_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
        info={"append_only": True},
    )
    op.create_index("ix_screening_file_id", "screening", ["file_id"], unique=False)
    op.create_index("ix_screening_organisation_id", "screening", ["organisation_id"], unique=False)
    op.create_table(
        "account_call",
        sa.Column("proposal_id", ID, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "confirmed",
                "denied",
                name="call_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("spoke_with", sa.Text(), nullable=False),
        sa.Column("number_called", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("beneficiary_id", ID, nullable=True),
        sa.Column("called_at", INSTANT, nullable=False),
        sa.Column("called_by", ID, nullable=False),
        sa.CheckConstraint(
            "(outcome = 'confirmed') = (beneficiary_id IS NOT NULL)",
            name=op.f("ck_account_call_confirmed_is_entered"),
        ),
        sa.CheckConstraint(
            "spoke_with <> '' AND number_called <> ''", name=op.f("ck_account_call_call_told")
        ),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"],
            ["beneficiary.id"],
            name=op.f("fk_account_call_beneficiary_id_beneficiary"),
        ),
        sa.ForeignKeyConstraint(
            ["called_by"], ["user.id"], name=op.f("fk_account_call_called_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["account_proposal.id"],
            name=op.f("fk_account_call_proposal_id_account_proposal"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_account_call")),
        sa.UniqueConstraint("beneficiary_id", name=op.f("uq_account_call_beneficiary_id")),
        info={"append_only": True},
    )
    op.create_table(
        "holder_explained",
        sa.Column("beneficiary_id", ID, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("ck_holder_explained_words_told")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"],
            ["beneficiary.id"],
            name=op.f("fk_holder_explained_beneficiary_id_beneficiary"),
        ),
        sa.PrimaryKeyConstraint("beneficiary_id", name=op.f("pk_holder_explained")),
        info={"append_only": True},
    )
    op.create_table(
        "payment_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("made_on", DAY, nullable=False),
        sa.Column("execute_on", DAY, nullable=False),
        sa.Column("payments", MINOR, nullable=False),
        sa.Column("total", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.CheckConstraint(
            "payments > 0 AND total > 0", name=op.f("ck_payment_file_pays_something")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_payment_file_account_id_bank_account"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_payment_file_made_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_file")),
        sa.UniqueConstraint("account_id", "made_on", name="uq_payment_file_account_day"),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_file_message_id")),
        info={"append_only": True},
    )
    op.create_table(
        "sanctions_hit",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "organisation",
                "person",
                "holder",
                name="hit_subject",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("our_name", sa.Text(), nullable=False),
        sa.Column("listed_ref", sa.Text(), nullable=False),
        sa.Column("listed_name", sa.Text(), nullable=False),
        sa.Column("listed_kind", sa.Text(), nullable=False),
        sa.Column("listed_born", sa.Text(), nullable=False),
        sa.Column("score", MINOR, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 100", name=op.f("ck_sanctions_hit_score_percent")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_sanctions_hit_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["governing_person.id"],
            name=op.f("fk_sanctions_hit_person_id_governing_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions_hit")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_sanctions_hit_fingerprint")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_sanctions_hit_organisation_id", "sanctions_hit", ["organisation_id"], unique=False
    )
    op.create_table(
        "screening_used",
        sa.Column("id", ID, nullable=False),
        sa.Column("screening_id", ID, nullable=False),
        sa.Column(
            "used_for",
            sa.Enum(
                "admission",
                "account",
                "prepared",
                "approved",
                name="screening_use",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("object_id", ID, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["screening_id"],
            ["screening.id"],
            name=op.f("fk_screening_used_screening_id_screening"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_used")),
        info={"append_only": True},
    )
    op.create_index("ix_screening_used_object_id", "screening_used", ["object_id"], unique=False)
    op.create_table(
        "hit_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("hit_id", ID, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "cleared",
                "confirmed",
                name="hit_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_hit_decision_reason_told")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_hit_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["hit_id"], ["sanctions_hit.id"], name=op.f("fk_hit_decision_hit_id_sanctions_hit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hit_decision")),
        info={"append_only": True},
    )
    op.create_index("ix_hit_decision_hit_id", "hit_decision", ["hit_id"], unique=False)
    op.create_table(
        "payment_file_item",
        sa.Column("disbursement_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["disbursement_id"],
            ["disbursement.id"],
            name=op.f("fk_payment_file_item_disbursement_id_disbursement"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["payment_file.id"], name=op.f("fk_payment_file_item_file_id_payment_file")
        ),
        sa.PrimaryKeyConstraint("disbursement_id", name=op.f("pk_payment_file_item")),
        info={"append_only": True},
    )
    op.create_index("ix_payment_file_item_file_id", "payment_file_item", ["file_id"], unique=False)
    op.create_table(
        "payment_order",
        sa.Column("disbursement_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("currency_abroad", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("amount_abroad", MINOR, nullable=False),
        sa.Column("agreed_on", DAY, nullable=False),
        sa.Column("agreed_with", sa.Text(), nullable=False),
        sa.Column("sheet", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.CheckConstraint("agreed_with <> ''", name=op.f("ck_payment_order_agreed_with_told")),
        sa.CheckConstraint("amount_abroad > 0", name=op.f("ck_payment_order_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_payment_order_account_id_bank_account"),
        ),
        sa.ForeignKeyConstraint(
            ["disbursement_id"],
            ["disbursement.id"],
            name=op.f("fk_payment_order_disbursement_id_disbursement"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_payment_order_made_by_user")
        ),
        sa.PrimaryKeyConstraint("disbursement_id", name=op.f("pk_payment_order")),
        info={"append_only": True},
    )
    op.create_table(
        "screening_hit",
        sa.Column("screening_id", ID, nullable=False),
        sa.Column("hit_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["hit_id"], ["sanctions_hit.id"], name=op.f("fk_screening_hit_hit_id_sanctions_hit")
        ),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_screening_hit_screening_id_screening")
        ),
        sa.PrimaryKeyConstraint("screening_id", "hit_id", name=op.f("pk_screening_hit")),
        info={"append_only": True},
    )
    op.create_index("ix_screening_hit_hit_id", "screening_hit", ["hit_id"], unique=False)
    for table in KEPT:
        op.append_only(table)
    for table, told in _refusals().items():
        _guard(table, told)


def downgrade() -> None:
    for table, told in _refusals().items():
        _unguard(table, told)
    op.drop_index("ix_screening_hit_hit_id", table_name="screening_hit")
    op.drop_table("screening_hit")
    op.drop_table("payment_order")
    op.drop_index("ix_payment_file_item_file_id", table_name="payment_file_item")
    op.drop_table("payment_file_item")
    op.drop_index("ix_hit_decision_hit_id", table_name="hit_decision")
    op.drop_table("hit_decision")
    op.drop_index("ix_screening_used_object_id", table_name="screening_used")
    op.drop_table("screening_used")
    op.drop_index("ix_sanctions_hit_organisation_id", table_name="sanctions_hit")
    op.drop_table("sanctions_hit")
    op.drop_table("payment_file")
    op.drop_table("holder_explained")
    op.drop_table("account_call")
    op.drop_index("ix_screening_organisation_id", table_name="screening")
    op.drop_index("ix_screening_file_id", table_name="screening")
    op.drop_table("screening")
    op.drop_index("ix_governing_person_file_id", table_name="governing_person")
    op.drop_table("governing_person")
    op.drop_index("ix_account_proposal_project_id", table_name="account_proposal")
    op.drop_table("account_proposal")
    op.drop_table("sanctions_list")
    op.drop_index("ix_organisation_file_organisation_id", table_name="organisation_file")
    op.drop_table("organisation_file")
    op.drop_index("ix_deputy_grant_deputy_id", table_name="deputy_grant")
    op.drop_table("deputy_grant")
    op.drop_index("ix_deputy_act_object_id", table_name="deputy_act")
    op.drop_table("deputy_act")
    op.drop_index("ix_absence_user_id", table_name="absence")
    op.drop_table("absence")
