"""Measures how a bot bears a thousand events of talk a second."""
