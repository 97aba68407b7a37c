"""Discord's HTTP API: client, rate limits, errors, channels and history."""
