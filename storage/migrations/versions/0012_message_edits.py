"""Messages that are to be edited, and what each message shows."""

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, false

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make room for them; what older messages show is not known."""
    op.add_column("parts", Column("content", String, nullable=False, server_default=""))
    op.add_column("parts", Column("edited_at", DateTime))
    op.add_column("parts", Column("is_late", Boolean, nullable=False, server_default=false()))
    op.add_column("parts", Column("is_deleted", Boolean, nullable=False, server_default=false()))
    op.create_table(
        "message_edits",
        Column(
            "part_id", Integer, ForeignKey("parts.id", ondelete="CASCADE"), primary_key=True,
            autoincrement=False,
        ),
        Column("platform", String, nullable=False),
        Column("workspace", String, nullable=False),
        Column("requested_at", DateTime, nullable=False),
        Column("due_at", DateTime, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("first_tried_at", DateTime),
    )  # fmt: skip
    op.create_index("message_edits_due", "message_edits", ["platform", "due_at"])
