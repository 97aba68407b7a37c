"""Tables and column types, as the newest migration leaves them."""
