"""How near the outbox comes to the permitted rate."""
