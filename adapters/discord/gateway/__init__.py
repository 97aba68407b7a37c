"""Discord's gateway: the connection, command registration and interactions."""
