"""The terminal chat."""

from bot.model.channels import Person, Target

NAME = "console"
"""What the terminal is called as a platform."""
TARGET = Target(NAME, "", "terminal")
"""The terminal as a channel."""


def terminal_user(language: str) -> Person:
    """Return the person at the terminal, who may manage everything."""
    return Person(NAME, "terminal", language, may_manage=True, is_operator=True)
