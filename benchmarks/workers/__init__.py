"""Several processes on one PostgreSQL: how much they post and answer, and how one takes over."""
