"""The tables of step 0011, as they were then: a shipped step never changes."""

from storage.migrations.postgresql.tables_of_0011 import archive, deliveries, learnt
from storage.migrations.postgresql.tables_of_0011.columns import metadata

__all__ = ["archive", "deliveries", "learnt", "metadata"]
