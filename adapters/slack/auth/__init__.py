"""Slack authentication: credentials, scopes, OAuth installation and the app manifest."""
