"""Slack's Web API: client, errors, history, users and workspaces."""
