"""The table of counts of use, as the newest migration leaves it."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table

from storage.schema.archive import metadata

usage = Table(
    "usage",
    metadata,
    Column("year", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("uses", Integer, nullable=False),
    PrimaryKeyConstraint("platform", "workspace", "year", "month", "name"),
    comment="How often each command was asked in a month; nothing about persons.",
)
