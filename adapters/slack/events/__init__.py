"""Slack events: listener, dispatcher, payloads and responses."""
