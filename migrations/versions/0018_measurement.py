"""Measurement: sampling rounds, files of layers, cores; a projection comes before any core."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

KEPT = ("sampling_stratum", "layer_file", "soil_core", "soil_layer", "measured_rounds")
TABLES = ("sampling_round", *KEPT[:1], "layer_draft", *KEPT[1:])
PLANNED = (
    "id, project_id, number, baseline_id, design, planned_on, depth_cm, note, planned_at,"
    " planned_by"
)
HANDED_IN = (
    "id, project_id, baseline_on, sampled_on, depth_cm, strata, laboratory, laboratory_method,"
    " note, synthetic, submitted_at, submitted_by"
)
SAMPLED = (
    "EXISTS (SELECT 1 FROM soil_core c WHERE c.project_id = NEW.project_id)"
    " OR EXISTS (SELECT 1 FROM measurement m WHERE m.project_id = NEW.project_id)"
)
# a file belongs to the project that its cores name
FOREIGN = (
    "NOT EXISTS (SELECT 1 FROM layer_file f JOIN sampling_round r ON r.id = f.round_id"
    " WHERE f.id = NEW.file_id AND r.project_id = NEW.project_id)"
)
CALLED_OFF = (
    "EXISTS (SELECT 1 FROM sampling_round r WHERE r.id = NEW.round_id"
    " AND r.called_off_at IS NOT NULL)"
)
# called off once, and never after its cores are there
KEPT_PLAN = (
    "OLD.called_off_at IS NOT NULL OR NEW.called_off_at IS NULL"
    " OR EXISTS (SELECT 1 FROM layer_file f WHERE f.round_id = OLD.id)"
)
# trigger, event, table, code, the condition that refuses
RULES = (
    ("projection_before_cores", "INSERT", "projection", "soil_sampled", SAMPLED),
    ("soil_core_own_project", "INSERT", "soil_core", "core_foreign", FOREIGN),
    ("layer_file_round_stands", "INSERT", "layer_file", "round_called_off", CALLED_OFF),
    ("sampling_round_fixed", f"UPDATE OF {PLANNED}", "sampling_round", "append_only", "1 = 1"),
    (
        "sampling_round_called_off_once",
        "UPDATE",
        "sampling_round",
        "append_only",
        KEPT_PLAN,
    ),
    ("sampling_round_no_delete", "DELETE", "sampling_round", "append_only", "1 = 1"),
    ("measurement_fixed", f"UPDATE OF {HANDED_IN}", "measurement", "append_only", "1 = 1"),
    (
        "measurement_published_stays",
        "UPDATE",
        "measurement",
        "append_only",
        "OLD.status = 'published'",
    ),
    ("measurement_no_delete", "DELETE", "measurement", "append_only", "1 = 1"),
)


def upgrade() -> None:
    create_plans()
    create_files()
    create_cores()
    for table in KEPT:
        op.append_only(table)
    for name, event, table, code, refused in RULES:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'ledger: {code}') WHERE {refused}; END"
            )
            continue
        kept = "OLD" if event == "DELETE" else "NEW"
        # pg_temp stands last: a temporary table must not stand in for a table of the house.
        op.execute(
            f"CREATE FUNCTION projects_{name}() RETURNS trigger LANGUAGE plpgsql"
            f" SET search_path = public, pg_temp AS $guard$ BEGIN IF {refused} THEN"
            f" RAISE EXCEPTION 'ledger: {code}' USING ERRCODE = 'check_violation'; END IF;"
            f" RETURN {kept}; END $guard$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION projects_{name}()"
        )


def references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    """Write the foreign keys of a table, each to an id."""
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
        )
        for column, target in columns.items()
    ]


def design() -> sa.Column[str]:
    """Write the column of the design."""
    return sa.Column(
        "design",
        sa.Enum(
            "paired",
            "independent",
            name="design",
            native_enum=False,
            create_constraint=True,
            length=40,
        ),
        nullable=False,
    )


def create_plans() -> None:
    op.create_table(
        "sampling_round",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("number", MINOR, nullable=False),
        sa.Column("baseline_id", ID, nullable=True),
        design(),
        sa.Column("planned_on", DAY, nullable=False),
        sa.Column("depth_cm", MINOR, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("planned_by", ID, nullable=True),
        sa.Column("called_off_at", INSTANT, nullable=True),
        sa.Column("called_off_by", ID, nullable=True),
        sa.Column("called_off_because", sa.Text(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_sampling_round_number_counts")),
        sa.CheckConstraint(
            "depth_cm >= 30 AND depth_cm <= 300", name=op.f("ck_sampling_round_depth_deep_enough")
        ),
        sa.CheckConstraint(
            "baseline_id IS NULL OR baseline_id <> id",
            name=op.f("ck_sampling_round_baseline_is_another_round"),
        ),
        sa.CheckConstraint(
            "(called_off_at IS NULL) = (called_off_because IS NULL)",
            name=op.f("ck_sampling_round_called_off_whole"),
        ),
        *references(
            "sampling_round",
            project_id="project",
            baseline_id="sampling_round",
            planned_by="user",
            called_off_by="user",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_round")),
        sa.UniqueConstraint("project_id", "number", name="uq_sampling_round_project_id_number"),
    )
    op.create_table(
        "sampling_stratum",
        sa.Column("id", ID, nullable=False),
        sa.Column("round_id", ID, nullable=False),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_ha", sa.Double(), nullable=False),
        sa.Column("cores", MINOR, nullable=False),
        sa.CheckConstraint("area_ha > 0", name=op.f("ck_sampling_stratum_area_positive")),
        sa.CheckConstraint("cores >= 2", name=op.f("ck_sampling_stratum_cores_enough")),
        *references("sampling_stratum", round_id="sampling_round"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_stratum")),
        sa.UniqueConstraint("round_id", "name", name="uq_sampling_stratum_round_id_name"),
    )


def create_files() -> None:
    op.create_table(
        "layer_draft",
        sa.Column("round_id", ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("laboratory_method", sa.Text(), nullable=False),
        sa.Column("layers", MINOR, nullable=False),
        sa.Column("cores", MINOR, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("checked_by", ID, nullable=True),
        *references("layer_draft", round_id="sampling_round", checked_by="user"),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_layer_draft")),
    )
    op.create_table(
        "layer_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("round_id", ID, nullable=False),
        sa.Column("version", MINOR, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", MINOR, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("laboratory_method", sa.Text(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("layers", MINOR, nullable=False),
        sa.Column("cores", MINOR, nullable=False),
        sa.Column("first_taken_on", DAY, nullable=False),
        sa.Column("last_taken_on", DAY, nullable=False),
        sa.Column("synthetic", MINOR, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("committed_at", INSTANT, nullable=False),
        sa.Column("committed_by", ID, nullable=True),
        sa.CheckConstraint(
            "(version = 1) = (reason IS NULL)", name=op.f("ck_layer_file_reason_of_correction")
        ),
        sa.CheckConstraint(
            "first_taken_on <= last_taken_on", name=op.f("ck_layer_file_days_in_order")
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_layer_file_hash_whole")),
        *references("layer_file", round_id="sampling_round", committed_by="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_file")),
        sa.UniqueConstraint("round_id", "version", name="uq_layer_file_round_id_version"),
    )
    op.create_index("ix_layer_file_sha256", "layer_file", ["sha256"])


def create_cores() -> None:
    op.create_table(
        "soil_core",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("taken_on", DAY, nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)"
            " AND (latitude IS NULL OR latitude BETWEEN -90 AND 90)"
            " AND (longitude IS NULL OR longitude BETWEEN -180 AND 180)",
            name=op.f("ck_soil_core_place_on_earth"),
        ),
        *references("soil_core", project_id="project", file_id="layer_file"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_soil_core")),
        sa.UniqueConstraint("file_id", "stratum", "name", name="uq_soil_core_file_id_stratum_name"),
    )
    op.create_index("ix_soil_core_project_id", "soil_core", ["project_id", "taken_on"])
    op.create_table(
        "soil_layer",
        sa.Column("core_id", ID, nullable=False),
        sa.Column("position", MINOR, nullable=False),
        sa.Column("file_row", MINOR, nullable=False),
        sa.Column("top_cm", sa.Double(), nullable=False),
        sa.Column("bottom_cm", sa.Double(), nullable=False),
        sa.Column("carbon_g_kg", sa.Double(), nullable=False),
        sa.Column("density", sa.Double(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("stones", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "top_cm >= 0 AND bottom_cm > top_cm", name=op.f("ck_soil_layer_depths_in_order")
        ),
        sa.CheckConstraint(
            "carbon_g_kg BETWEEN 0 AND 200", name=op.f("ck_soil_layer_carbon_of_mineral_soil")
        ),
        sa.CheckConstraint(
            "density BETWEEN 0.1 AND 2.65", name=op.f("ck_soil_layer_density_of_soil")
        ),
        sa.CheckConstraint("stones >= 0 AND stones < 1", name=op.f("ck_soil_layer_stones_a_share")),
        sa.CheckConstraint(
            "basis IN ('whole_soil', 'fine_earth')", name=op.f("ck_soil_layer_basis")
        ),
        *references("soil_layer", core_id="soil_core"),
        sa.PrimaryKeyConstraint("core_id", "position", name=op.f("pk_soil_layer")),
    )
    op.create_table(
        "measured_rounds",
        sa.Column("measurement_id", ID, nullable=False),
        sa.Column("baseline_file_id", ID, nullable=False),
        sa.Column("later_file_id", ID, nullable=False),
        design(),
        sa.Column("first_taken_on", DAY, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "baseline_file_id <> later_file_id", name=op.f("ck_measured_rounds_two_files")
        ),
        *references(
            "measured_rounds",
            measurement_id="measurement",
            baseline_file_id="layer_file",
            later_file_id="layer_file",
        ),
        sa.PrimaryKeyConstraint("measurement_id", name=op.f("pk_measured_rounds")),
    )


def downgrade() -> None:
    server = op.get_bind().dialect.name == "postgresql"
    for name, _event, table, *_ in RULES:
        op.execute(f"DROP TRIGGER {name} ON {table}" if server else f"DROP TRIGGER {name}")
        if server:
            op.execute(f"DROP FUNCTION projects_{name}()")
    for table in reversed(TABLES):
        op.drop_table(table)
