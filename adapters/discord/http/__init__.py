"""Discord's HTTP API: the client, its rate limits, and what is read from its responses."""
