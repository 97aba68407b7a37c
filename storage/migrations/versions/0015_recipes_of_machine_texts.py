"""Which model and glossary machine-made texts are of."""

from alembic import op
from sqlalchemy import Column, String

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make room for it; texts of before are of none, and are made anew."""
    op.add_column("machine_texts", Column("recipe", String, nullable=False, server_default=""))
