"""Mistakes that members report, and where curators are shown them."""

from alembic import op
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the tables; both are empty at first."""
    op.create_table(
        "reports",
        Column("id", Integer, primary_key=True),
        Column("made_at", DateTime, nullable=False),
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("person", String, nullable=False),
        Column("language", String, nullable=False),
        Column("paper", Integer, nullable=False),
        Column("field", String, nullable=False),
        Column("text_language", String, nullable=False),
        Column("before", Text, nullable=False),
        Column("wrong", Text, nullable=False),
        Column("better", Text, nullable=False),
        Column("state", String, nullable=False),
        Column("decided_by", String, nullable=False),
        Column("decided_at", DateTime),
        Column("reason", Text, nullable=False),
        Column("edit", Integer, ForeignKey("edits.id")),
        Column("tell_at", DateTime),
        comment="Mistakes that members reported; `tell_at` is when its member is to be told.",
        sqlite_autoincrement=True,
    )
    op.create_index("reports_by_state", "reports", ["state", "platform", "workspace", "id"])
    op.create_index("reports_by_person", "reports", ["platform", "person", "made_at"])
    op.create_index("reports_untold", "reports", ["tell_at"])
    op.create_table(
        "curator_channels",
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("language", String, nullable=False),
        PrimaryKeyConstraint("platform", "workspace"),
        comment="Where the curators of each community are shown its reports.",
    )
