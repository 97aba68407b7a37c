"""Names the person at the command line, as decisions record it."""

import getpass

from bot.model.curation import Attribution


def user_name() -> str:
    """Return the name of the user of the system; `operator` where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        return "operator"


def attribution(reason: str = "") -> Attribution:
    """Return who decides at the command line, and why."""
    return Attribution(f"command line ({user_name()})", reason)
