"""Entries by hand: what stands in suspense is booked where it belongs, always by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

BEFORE = ("share_drawn", "reserve_endowed", "fund_moved", "reversal")
AFTER = (*BEFORE, "suspense_explained")
# The rules that the new recipe brings, by their names.
BROUGHT = {
    "ck_manual_entry_explains_movement": (
        "(recipe = 'suspense_explained') = (explains_id IS NOT NULL)"
    ),
    "ck_manual_entry_suspense_by_two": "recipe <> 'suspense_explained' OR two_people",
}
# As in 0010: checks can be switched off on one of the engines.
ALONE = (
    "SELECT 1 FROM manual_entry m WHERE m.id = NEW.manual_entry_id AND m.two_people"
    " AND m.prepared_by = NEW.decided_by"
)
KEPT = (
    "id, recipe, effective_on, amount, currency, source, target, reverses_id, reason, two_people,"
    " prepared_at, prepared_by"
)
DECIDED = (
    "manual_entry_id, prepared_by, two_people, outcome, reason, entry_id, decided_at, decided_by"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        rebuild(AFTER)
        return
    op.add_column("manual_entry", sa.Column("explains_id", ID, nullable=True))
    op.create_foreign_key(
        "fk_manual_entry_explains_id_entry", "manual_entry", "entry", ["explains_id"], ["id"]
    )
    allow(AFTER)
    for name, rule in BROUGHT.items():
        op.create_check_constraint(op.f(name), "manual_entry", rule)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        rebuild(BEFORE)
        return
    # What the recipe booked stays booked; who prepared it is what going back throws away.
    for table, which in (
        (
            "manual_entry_decision",
            "manual_entry_id IN (SELECT id FROM manual_entry WHERE recipe = 'suspense_explained')",
        ),
        ("manual_entry", "recipe = 'suspense_explained'"),
    ):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_delete")
        op.execute(f"DELETE FROM {table} WHERE {which}")  # noqa: S608 - names of our own
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_delete")
    for name in BROUGHT:
        op.drop_constraint(op.f(name), "manual_entry")
    allow(BEFORE)
    op.drop_constraint("fk_manual_entry_explains_id_entry", "manual_entry")
    op.drop_column("manual_entry", "explains_id")


def allow(recipes: tuple[str, ...]) -> None:
    told = ", ".join(f"'{one}'" for one in recipes)
    op.drop_constraint(op.f("ck_manual_entry_manualrecipe"), "manual_entry")
    op.create_check_constraint(
        op.f("ck_manual_entry_manualrecipe"), "manual_entry", f"recipe IN ({told})"
    )


def rebuild(recipes: tuple[str, ...]) -> None:
    """Make both tables anew with their rows, since SQLite cannot change a check in place.

    The words of the decisions name the entries, so they are the last to be set aside and the first
    to go: no row stands without the one that it names.
    """
    op.execute("DROP TRIGGER manual_entry_two_people")
    for table in ("manual_entry_decision", "manual_entry"):
        op.rename_table(table, f"{table}_before")
    create_entries(recipes)
    create_decisions()
    known = "recipe IN ({})".format(", ".join(f"'{one}'" for one in recipes))
    op.execute(
        f"INSERT INTO manual_entry ({KEPT}) SELECT {KEPT}"  # noqa: S608 - names of our own
        f" FROM manual_entry_before WHERE {known}"
    )
    op.execute(
        f"INSERT INTO manual_entry_decision ({DECIDED}) SELECT {DECIDED}"  # noqa: S608 - the same
        " FROM manual_entry_decision_before"
        f" WHERE manual_entry_id IN (SELECT id FROM manual_entry_before WHERE {known})"
    )
    for table in ("manual_entry_decision", "manual_entry"):
        op.drop_table(f"{table}_before")
        op.append_only(table)
    op.execute(
        "CREATE TRIGGER manual_entry_two_people BEFORE INSERT ON manual_entry_decision"
        f" WHEN EXISTS ({ALONE})"
        " BEGIN SELECT RAISE(ABORT, 'treasury: manual_entry_two_people'); END"
    )


def create_entries(recipes: tuple[str, ...]) -> None:
    new: list[sa.schema.SchemaItem] = []
    if recipes == AFTER:
        new = [
            sa.Column("explains_id", ID, nullable=True),
            *(sa.CheckConstraint(rule, name=op.f(name)) for name, rule in BROUGHT.items()),
            sa.ForeignKeyConstraint(
                ["explains_id"], ["entry.id"], name=op.f("fk_manual_entry_explains_id_entry")
            ),
        ]
    op.create_table(
        "manual_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "recipe",
            sa.Enum(
                *recipes,
                name="manualrecipe",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", DAY, nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reverses_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("prepared_by", ID, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_manual_entry_amount_positive")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_manual_entry_has_reason")),
        sa.CheckConstraint(
            "(recipe = 'reversal') = (reverses_id IS NOT NULL)",
            name=op.f("ck_manual_entry_reversal_names_entry"),
        ),
        sa.CheckConstraint(
            "recipe <> 'share_drawn' OR two_people", name=op.f("ck_manual_entry_share_by_two")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user.id"], name=op.f("fk_manual_entry_prepared_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["entry.id"], name=op.f("fk_manual_entry_reverses_id_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_entry")),
        sa.UniqueConstraint("id", "prepared_by", "two_people", name="uq_manual_entry_prepared"),
        *new,
        info={"append_only": True},
    )


def create_decisions() -> None:
    op.create_table(
        "manual_entry_decision",
        sa.Column("manual_entry_id", ID, nullable=False),
        sa.Column("prepared_by", ID, nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "approved",
                "refused",
                name="paymentoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.CheckConstraint(
            "NOT two_people OR decided_by <> prepared_by",
            name=op.f("ck_manual_entry_decision_two_people"),
        ),
        sa.CheckConstraint(
            "(outcome = 'approved') = (entry_id IS NOT NULL)",
            name=op.f("ck_manual_entry_decision_approved_is_booked"),
        ),
        sa.CheckConstraint(
            "outcome = 'approved' OR trim(reason) <> ''",
            name=op.f("ck_manual_entry_decision_refused_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_manual_entry_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_manual_entry_decision_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["manual_entry_id", "prepared_by", "two_people"],
            ["manual_entry.id", "manual_entry.prepared_by", "manual_entry.two_people"],
            name="fk_manual_entry_decision_prepared",
        ),
        sa.PrimaryKeyConstraint("manual_entry_id", name=op.f("pk_manual_entry_decision")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_manual_entry_decision_entry_id")),
        info={"append_only": True},
    )
