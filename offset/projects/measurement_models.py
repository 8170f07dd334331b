"""Which facts are kept of soil that was sampled: rounds, strata, files, cores, layers, profiles?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document


class Design(enum.StrEnum):
    """Whether a later round goes back to the same places, or to others in the same strata."""

    PAIRED = "paired"
    INDEPENDENT = "independent"


class SamplingRound(Base):
    """A sampling as it was planned: which round, when, how deep, against which baseline.

    A plan is never changed: one that no longer holds is called off with its reason.
    """

    __tablename__ = "sampling_round"
    __table_args__ = (
        UniqueConstraint("project_id", "number", name="uq_sampling_round_project_id_number"),
        CheckConstraint("number >= 0", name="number_counts"),
        CheckConstraint("depth_cm >= 30 AND depth_cm <= 300", name="depth_deep_enough"),
        CheckConstraint(
            "baseline_id IS NULL OR baseline_id <> id", name="baseline_is_another_round"
        ),
        CheckConstraint(
            "(called_off_at IS NULL) = (called_off_because IS NULL)", name="called_off_whole"
        ),
        {
            "info": {
                "append_only": True,
                "updatable": frozenset({"called_off_at", "called_off_by", "called_off_because"}),
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    baseline_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sampling_round.id"))
    design: Mapped[Design] = mapped_column(enumeration(Design))
    planned_on: Mapped[date]
    depth_cm: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    planned_at: Mapped[datetime]
    planned_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    called_off_at: Mapped[datetime | None]
    called_off_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    called_off_because: Mapped[str | None]


class SamplingStratum(Base):
    """A part of the land that is sampled by itself, with its area and the cores planned for it."""

    __tablename__ = "sampling_stratum"
    __table_args__ = (
        UniqueConstraint("round_id", "name", name="uq_sampling_stratum_round_id_name"),
        CheckConstraint("area_ha > 0", name="area_positive"),
        CheckConstraint("cores >= 2", name="cores_enough"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sampling_round.id"))
    position: Mapped[int]
    name: Mapped[str]
    area_ha: Mapped[float]
    cores: Mapped[int]


class LayerDraft(Base):
    """A file that was checked without fault and may be committed, exactly as it is, by its hash.

    Nothing of it counts yet; the next file that somebody checks for the round takes its place.
    """

    __tablename__ = "layer_draft"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sampling_round.id"), primary_key=True)
    sha256: Mapped[str]
    file_key: Mapped[str]
    name: Mapped[str]
    laboratory: Mapped[str]
    laboratory_method: Mapped[str]
    layers: Mapped[int]
    cores: Mapped[int]
    checked_at: Mapped[datetime]
    checked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class LayerFile(Base):
    """A laboratory's table as it was committed: its bytes are kept, its layers stand below it.

    A second file of a round names why it takes the place of the first; both stay.
    """

    __tablename__ = "layer_file"
    __table_args__ = (
        UniqueConstraint("round_id", "version", name="uq_layer_file_round_id_version"),
        CheckConstraint("(version = 1) = (reason IS NULL)", name="reason_of_correction"),
        CheckConstraint("first_taken_on <= last_taken_on", name="days_in_order"),
        CheckConstraint("length(sha256) = 64", name="hash_whole"),
        Index("ix_layer_file_sha256", "sha256"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sampling_round.id"))
    version: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    file_key: Mapped[str]
    laboratory: Mapped[str]
    laboratory_method: Mapped[str]
    units: Mapped[Any] = mapped_column(Document)
    layers: Mapped[int]
    cores: Mapped[int]
    first_taken_on: Mapped[date]
    last_taken_on: Mapped[date]
    synthetic: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    committed_at: Mapped[datetime]
    committed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class SoilCore(Base):
    """One core: its place in a stratum and its day. The position is private; pages round it."""

    __tablename__ = "soil_core"
    __table_args__ = (
        UniqueConstraint("file_id", "stratum", "name", name="uq_soil_core_file_id_stratum_name"),
        CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)"
            " AND (latitude IS NULL OR latitude BETWEEN -90 AND 90)"
            " AND (longitude IS NULL OR longitude BETWEEN -180 AND 180)",
            name="place_on_earth",
        ),
        Index("ix_soil_core_project_id", "project_id", "taken_on"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    # repeated here so that the database itself can hold a projection against its first core
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("layer_file.id"))
    stratum: Mapped[str]
    name: Mapped[str]
    taken_on: Mapped[date]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class SoilLayer(Base):
    """One layer of a core as the laboratory gave it, in g/kg and g/cm³."""

    __tablename__ = "soil_layer"
    __table_args__ = (
        CheckConstraint("top_cm >= 0 AND bottom_cm > top_cm", name="depths_in_order"),
        CheckConstraint("carbon_g_kg BETWEEN 0 AND 200", name="carbon_of_mineral_soil"),
        CheckConstraint("density BETWEEN 0.1 AND 2.65", name="density_of_soil"),
        CheckConstraint("stones >= 0 AND stones < 1", name="stones_a_share"),
        CheckConstraint("basis IN ('whole_soil', 'fine_earth')", name="basis"),
        {"info": {"append_only": True}},
    )

    core_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("soil_core.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_row: Mapped[int]
    top_cm: Mapped[float]
    bottom_cm: Mapped[float]
    carbon_g_kg: Mapped[float]
    density: Mapped[float]
    basis: Mapped[str]
    stones: Mapped[float]


class MeasuredRounds(Base):
    """Which two files a measurement compares, how, and what the soil held by depth."""

    __tablename__ = "measured_rounds"
    __table_args__ = (
        CheckConstraint("baseline_file_id <> later_file_id", name="two_files"),
        {"info": {"append_only": True}},
    )

    measurement_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("measurement.id"), primary_key=True
    )
    baseline_file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("layer_file.id"))
    later_file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("layer_file.id"))
    design: Mapped[Design] = mapped_column(enumeration(Design))
    # the first day on which a core of the later round was taken: what a projection must precede
    first_taken_on: Mapped[date]
    profile: Mapped[Any] = mapped_column(Document)
