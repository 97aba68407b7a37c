"""The rows of the commands that are about a person's own papers and data."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.commands.command import Argument, Command, CommandHandler
from bot.lib.deferred import DeferredModule
from bot.lib.marker import _

if TYPE_CHECKING:
    from bot.commands.handlers import (
        follows,
        own_page,
        people,
        reminders,
    )
else:
    follows = DeferredModule("bot.commands.handlers.follows")
    own_page = DeferredModule("bot.commands.handlers.own_page")
    people = DeferredModule("bot.commands.handlers.people")
    reminders = DeferredModule("bot.commands.handlers.reminders")

MESSAGE_OPTIONS = (
    Argument("time", "시각", _("time of day, such as 09:00"), "time"),
    Argument("zone", "시간대", _("time zone, such as Asia/Seoul"), "zone"),
)
"""When a person gets direct messages."""

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
        "follow",
        "팔로우",
        _("Tells you in a direct message of new papers of a tag, an author or words"),
        Argument("what", "대상", _("tag, author or words"), "tag", is_required=True),
        follows.follow,
        options=MESSAGE_OPTIONS,
    ),
    Command(
        "unfollow",
        "언팔로우",
        _("Ends such messages"),
        Argument("what", "대상", _("what you follow"), "tag"),
        follows.unfollow,
    ),
    Command(
        "following",
        "팔로우목록",
        _("Shows what you follow, and when you are told"),
        None,
        follows.following,
        options=MESSAGE_OPTIONS,
    ),
    Command(
        "remind",
        "리마인드",
        _("Reminds you of a paper in a direct message: /remind mamba friday"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        reminders.remind,
        options=(Argument("when", "때", _("such as friday, tomorrow 20:00 or 2026-12-01")),),
    ),
    Command(
        "reminders",
        "리마인더목록",
        _("Shows the reminders that are to come"),
        None,
        reminders.list_reminders,
    ),
    Command(
        "privacy",
        "개인정보",
        _("Tells what is stored about you"),
        Argument("form", "형식", _("json for all of it, as a file"), ""),
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
    "followed": follows.followed,
    "unremind": reminders.cancel,
    "own_page": own_page.own_page,
    "message_settings": own_page.message_settings,
}
"""The handlers of the actions of controls that are not commands."""
