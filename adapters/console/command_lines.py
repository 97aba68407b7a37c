"""Parses a line of the terminal chat: a command, or the name of a paper (pure)."""

from bot.commands.mentions import small_talk


def parse_command(text: str) -> tuple[str, str]:
    """Return the command and its argument; a line without `/` names a paper.

    Small talk, such as thanks, names none; the answer is what can be asked.
    """
    if not text.startswith("/"):
        return ("help", "") if small_talk(text) else ("paper", text)
    name, *argument = text[1:].split(maxsplit=1) or [""]
    return name, "".join(argument).strip()
