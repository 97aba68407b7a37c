"""Discussions: deliveries that are about one paper, and the papers of parts."""

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, UniqueConstraint, text

revision = "0003"
down_revision = "0002"

_KEPT = (
    "id, subscription_id, purpose, year, number, layout, due_at, expires_at, skipped"
)  # fmt: skip

_PAPERS = """
UPDATE parts SET paper = coalesce((
    SELECT entries.paper_id
    FROM deliveries
    JOIN subscriptions ON subscriptions.id = deliveries.subscription_id
    JOIN issues ON issues.series = subscriptions.series
        AND issues.year = deliveries.year AND issues.number = deliveries.number
    JOIN entries ON entries.issue_id = issues.id AND entries.position = parts.position
    WHERE deliveries.id = parts.delivery_id AND deliveries.purpose = 'issue'
), 0)
WHERE position > 0
"""


def upgrade() -> None:
    """Make room for them; SQLite changes a constraint only with the whole table."""
    op.create_table(
        "new_deliveries",
        Column("id", Integer, primary_key=True),
        Column("subscription_id", Integer, ForeignKey("subscriptions.id"), nullable=False),
        Column("purpose", String, nullable=False),
        Column("year", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("layout", String, nullable=False),
        Column("due_at", DateTime, nullable=False),
        Column("expires_at", DateTime, nullable=False),
        Column("skipped", String, nullable=False),
        Column("paper", Integer, nullable=False, server_default="0"),
        UniqueConstraint("subscription_id", "purpose", "year", "number", "paper"),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO new_deliveries ({_KEPT}) SELECT {_KEPT} FROM deliveries")  # noqa: S608 - names of columns
    op.drop_table("deliveries")
    op.rename_table("new_deliveries", "deliveries")
    op.add_column("parts", Column("paper", Integer, nullable=False, server_default="0"))
    op.create_index("parts_by_paper", "parts", ["paper"], sqlite_where=text("paper > 0"))
    op.execute(_PAPERS)
