"""Monitoring: whether the bot is alive and ready, and metrics for Prometheus, over HTTP."""
