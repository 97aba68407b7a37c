"""PostgreSQL: a database of a server, for several processes or a host without a disk."""
