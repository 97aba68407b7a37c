"""Reads the language of the environment."""

import os


def system_language() -> str:
    """Return the language of the environment, `ko` or `en`; empty for any other."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return value[:2] if value[:2] in {"ko", "en"} else ""
    return ""
