"""Public project pages: what the list looks for, who follows by e-mail, concerns raised."""

import json
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# What was written never changes; a name and an address may be emptied when somebody asks.
FIXED = "id, project_id, reference, secret_hash, language, text, received_at"
# What a concern may not become: name, event, condition of refusal.
RULES = (
    ("concern_no_update", f"UPDATE OF {FIXED} ON concern", "1 = 1"),
    ("concern_no_delete", "DELETE ON concern", "1 = 1"),
    (
        "concern_two_people",
        "UPDATE OF closed_by ON concern",
        "NEW.closed_by IS NOT NULL AND NEW.closed_by = OLD.proposed_by",
    ),
    (
        "concern_answer_first",
        "UPDATE OF status ON concern",
        "NEW.status = 'closed' AND OLD.status <> 'proposed'",
    ),
    (
        "concern_closed_for_good",
        "UPDATE OF status, finding, answer, proposed_by, closed_by ON concern",
        "OLD.status = 'closed'",
    ),
    ("concern_begins_open", "INSERT ON concern", "NEW.status <> 'open'"),
)


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "project_face",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("climate", sa.Text(), nullable=False),
        sa.Column("soil", sa.Text(), nullable=False),
        sa.Column("goals", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_project_face_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_face_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_face")),
    )
    op.create_index("ix_project_face_climate", "project_face", ["climate"])
    op.create_table(
        "follower",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("told_until", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (told_until IS NULL)", name=op.f("ck_follower_told_since")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_follower_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint("secret", name=op.f("uq_follower_secret")),
    )
    op.create_index("ix_follower_project_id", "follower", ["project_id", "confirmed_at"])
    op.create_index("ix_follower_email", "follower", ["email"])
    op.create_table(
        "concern",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("status", _choice("concernstatus", "open", "proposed", "closed"), nullable=False),
        sa.Column(
            "finding",
            _choice("concernfinding", "upheld", "partly", "not_upheld", "outside"),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_at", INSTANT, nullable=True),
        sa.Column("closed_by", ID, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_concern_text_written")),
        sa.CheckConstraint(
            "(status = 'open') = (proposed_by IS NULL)"
            " AND (proposed_by IS NULL) = (proposed_at IS NULL)"
            " AND (proposed_by IS NULL) = (answer IS NULL)"
            " AND (proposed_by IS NULL) = (finding IS NULL)",
            name=op.f("ck_concern_proposed_whole"),
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_by IS NOT NULL)"
            " AND (closed_by IS NULL) = (closed_at IS NULL)",
            name=op.f("ck_concern_closed_whole"),
        ),
        sa.CheckConstraint(
            "closed_by IS NULL OR closed_by <> proposed_by", name=op.f("ck_concern_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_concern_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_concern_proposed_by_user")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["user.id"], name=op.f("fk_concern_closed_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
        sa.UniqueConstraint("reference", name=op.f("uq_concern_reference")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_concern_secret_hash")),
    )
    op.create_index("ix_concern_project_id", "concern", ["project_id", "status"])
    op.create_index("ix_concern_status", "concern", ["status", "received_at"])
    op.create_table(
        "concern_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("concern_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column(
            "step",
            _choice("concernstep", "message", "note", "held", "proposed", "returned", "closed"),
            nullable=False,
        ),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["concern.id"], name=op.f("fk_concern_note_concern_id_concern")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_concern_note_actor_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_note")),
    )
    op.create_index("ix_concern_note_concern_id", "concern_note", ["concern_id"])
    op.append_only("concern_note")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, condition in RULES:
        refuse(name, event, condition, sqlite=sqlite)
    copy_faces()


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("concern_note", "concern", "follower", "project_face"):
        op.drop_table(table)
    if not sqlite:
        for name, _event, _condition in RULES:
            op.execute(f"DROP FUNCTION {name}()")


def refuse(name: str, event: str, condition: str, *, sqlite: bool) -> None:
    """Write one trigger that refuses a change by its own name."""
    if sqlite:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION USING MESSAGE = '{name}', ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW"
        f" WHEN ({condition}) EXECUTE FUNCTION {name}()"
    )


def copy_faces() -> None:
    """Give each project that was admitted before this release its face."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT p.id, p.application_id, p.title, p.summary, p.region, p.country, o.name,"
            " a.document FROM project p JOIN organisation o ON o.id = p.organisation_id"
            " JOIN application a ON a.id = p.application_id WHERE p.code IS NOT NULL"
        )
    ).all()
    for project_id, application_id, title, summary, region, country, name, document in rows:
        said = json.loads(document) if isinstance(document, str) else document
        land, story = said.get("land", {}), said.get("project", {}).get("story", "")
        connection.execute(
            sa.text(
                "INSERT INTO project_face (project_id, application_id, climate, soil, goals, words)"
                " VALUES (:project, :application, :climate, :soil, :goals, :words)"
            ),
            {
                "project": project_id,
                "application": application_id,
                "climate": land.get("climate") or "",
                "soil": land.get("soil") or "",
                "goals": goals_of(said),
                "words": folded(
                    " ".join(filter(None, (title, summary, region, country, name, story)))
                ),
            },
        )


def goals_of(said: dict) -> str:
    """Name the goals that an application's promises speak to, as at this release."""
    families = {one.get("family") for one in said.get("benefits", {}).get("indicators", ())}
    people = said.get("people", {})
    found = {13, 15}
    found |= {2} if "food_income" in families else set()
    found |= {6} if "water_resilience" in families else set()
    found |= {1} if said.get("safeguards", {}).get("households") else set()
    found |= {4} if people.get("people_trained") else set()
    found |= {5} if people.get("women_youth_share_pct") else set()
    return f" {' '.join(str(one) for one in sorted(found))} "


def folded(text: str) -> str:
    """Write a text without accents, case or marks, as at this release."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(
        re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    )
