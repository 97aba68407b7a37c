"""The rows of the commands that are about a person's own papers and data."""

from collections.abc import Mapping

from bot.commands.command import Argument, Command, CommandHandler
from bot.commands.handlers import people
from bot.lib.marker import _

PEOPLE_COMMANDS: tuple[Command, ...] = (
    Command(
        "save",
        "저장",
        _("Keeps a paper in your own list"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        people.save,
    ),
    Command(
        "saved",
        "저장목록",
        _("Shows the papers that you keep; exports them"),
        Argument("words", "내용", _("page, order or export, such as export bibtex"), "saved"),
        people.saved,
    ),
    Command(
        "privacy",
        "개인정보",
        _("Tells what is stored about you"),
        Argument("form", "형식", _("json for all of it, to copy"), ""),
        people.privacy,
    ),
    Command(
        "forget-me",
        "내정보삭제",
        _("Removes all that is stored about you"),
        None,
        people.forget_me,
    ),
)

PEOPLE_ACTIONS: Mapping[str, CommandHandler] = {
    "unsave": people.unsave,
    "saved_read": people.mark_read,
    "saved_unread": people.mark_unread,
}
"""The handlers of the actions of controls that are not commands."""
