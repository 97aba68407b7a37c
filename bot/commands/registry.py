"""Maps commands and actions to their handlers: the one table for all platforms."""

from typing import TYPE_CHECKING

from bot.cards.help import help_card
from bot.cards.locale import Locale
from bot.commands.command import (
    SERIES_OPTION,
    SUBSCRIPTION_OPTIONS,
    TAG_MENTION_OPTIONS,
    Argument,
    Command,
    CommandHandler,
)
from bot.commands.context import Context
from bot.commands.curation_commands import CURATION_ACTIONS, CURATION_COMMANDS, FORMS
from bot.commands.people_commands import PEOPLE_ACTIONS, PEOPLE_COMMANDS
from bot.lib.deferred import DeferredModule
from bot.lib.marker import _
from bot.ports.conversation import Reply, Request

if TYPE_CHECKING:
    from bot.commands.handlers import (
        about,
        digest_actions,
        digests,
        discussions,
        late_weeks,
        links,
        papers,
        search,
        stats,
        tag_mentions,
        tags,
        trends,
        unconfirmed,
        votes,
        weeks,
    )
else:
    # A command that asks once starts without the handlers of the others.
    about = DeferredModule("bot.commands.handlers.about")
    digest_actions = DeferredModule("bot.commands.handlers.digest_actions")
    digests = DeferredModule("bot.commands.handlers.digests")
    discussions = DeferredModule("bot.commands.handlers.discussions")
    late_weeks = DeferredModule("bot.commands.handlers.late_weeks")
    links = DeferredModule("bot.commands.handlers.links")
    papers = DeferredModule("bot.commands.handlers.papers")
    search = DeferredModule("bot.commands.handlers.search")
    stats = DeferredModule("bot.commands.handlers.stats")
    tag_mentions = DeferredModule("bot.commands.handlers.tag_mentions")
    tags = DeferredModule("bot.commands.handlers.tags")
    trends = DeferredModule("bot.commands.handlers.trends")
    unconfirmed = DeferredModule("bot.commands.handlers.unconfirmed")
    votes = DeferredModule("bot.commands.handlers.votes")
    weeks = DeferredModule("bot.commands.handlers.weeks")

FORM_ACTIONS = FORMS | {"digest", "digest_form", "message_settings"}
"""The commands and actions that may open a form."""


async def help_(context: Context, request: Request) -> Reply:
    """Answer with the commands that the platform has a use for."""
    locale = context.locale(request)
    has_digests = request.target.platform in context.platforms
    rows = [row for row in COMMANDS if has_digests or not row.is_for_digests]
    return Reply(
        help_card(
            locale, [(usage(locale, row), locale.translate(row.description)) for row in rows]
        )
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "paper",
        "논문",
        _("Shows a paper: by name, part of a name, arXiv id or address"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        papers.paper,
    ),
    Command(
        "cite",
        "인용",
        _("Cites a paper, as BibTeX"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        papers.cite,
    ),
    Command(
        "similar",
        "비슷한논문",
        _("Lists the papers that are most like a paper"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        papers.similar,
    ),
    Command(
        "week",
        "주간",
        _("Shows the papers of a week"),
        Argument("day", "날짜", _("day, week, last, latest or -1"), "week", is_required=False),
        weeks.week,
    ),
    Command(
        "tag",
        "태그",
        _("Lists the papers of a subject; without a name, all subjects"),
        Argument("name", "이름", _("tag and page"), "tag", is_required=False),
        tags.tag,
    ),
    Command(
        "find",
        "찾기",
        _("Finds words in titles, summaries and abstracts"),
        Argument("words", "검색어", _("words"), "", is_required=True),
        search.find,
    ),
    Command(
        "discussions",
        "토론",
        _("Lists the papers that are discussed most here"),
        Argument("period", "기간", _("week, month or all"), "period", is_required=False),
        discussions.discussions,
        needs_channel=True,
    ),
    Command(
        "trend",
        "추세",
        _("Draws how often subjects or words occur, month by month"),
        Argument("terms", "주제", _("tags or words, with commas; then a month"), "tags"),
        trends.trend,
    ),
    Command(
        "trends",
        "흐름",
        _("Lists the subjects that rose and fell lately, with papers"),
        Argument("weeks", "주", _("4, 13 or 52 weeks"), "", is_required=False),
        trends.trends,
    ),
    Command(
        "digest",
        "다이제스트",
        _("Decides about this channel's weekly digest, and tells how it stands"),
        Argument("words", "내용", _("what to do, such as subscribe or status"), "digest"),
        digests.digest,
        form_action="digest_form",
        is_for_digests=True,
        subcommands=(
            Command(
                "subscribe",
                "구독",
                _("Brings the week's papers to this channel every week"),
                None,
                digests.subscribe,
                options=SUBSCRIPTION_OPTIONS,
                is_manager_only=True,
            ),
            Command(
                "status",
                "상태",
                _("Tells what comes next, what was posted, and what failed"),
                None,
                digests.status,
            ),
            Command(
                "list",
                "목록",
                _("Lists the digests of all channels"),
                None,
                digests.list_digests,
            ),
            Command(
                "settings",
                "설정",
                _("Changes day, time, language, layout and more"),
                None,
                digests.settings,
                options=SUBSCRIPTION_OPTIONS,
                is_manager_only=True,
            ),
            Command(
                "mention",
                "멘션",
                _("Mentions a role or group where a digest has papers with a tag"),
                None,
                tag_mentions.mention_tag,
                options=TAG_MENTION_OPTIONS,
                is_manager_only=True,
            ),
            Command(
                "preview",
                "미리보기",
                _("Shows you alone what the next digest says"),
                None,
                digest_actions.preview,
                options=(SERIES_OPTION,),
            ),
            Command(
                "now",
                "지금",
                _("Posts the newest week now; the next Monday does not repeat it"),
                None,
                digest_actions.post_now,
                options=(SERIES_OPTION,),
                is_manager_only=True,
            ),
            Command(
                "pause",
                "멈춤",
                _("Posts nothing until it is resumed"),
                None,
                digest_actions.pause,
                options=(SERIES_OPTION,),
                is_manager_only=True,
            ),
            Command(
                "resume",
                "재개",
                _("Goes on after a pause"),
                None,
                digest_actions.resume,
                options=(SERIES_OPTION,),
                is_manager_only=True,
            ),
            Command(
                "unsubscribe",
                "구독해지",
                _("Ends the digest in this channel"),
                None,
                digest_actions.unsubscribe,
                options=(SERIES_OPTION,),
                is_manager_only=True,
            ),
        ),
        needs_channel=True,
    ),
    Command(
        "stats", "통계", _("Tells how much is read, asked and discussed here"), None, stats.stats,
        needs_channel=True,
    ),
    *CURATION_COMMANDS,
    *PEOPLE_COMMANDS,
    Command("help", "도움말", _("Lists what Paperboy answers"), None, help_),
    Command(
        "about", "소개", _("Tells where the texts come from"), None, about.about
    ),
)  # fmt: skip

ACTIONS: dict[str, CommandHandler] = {
    "abstract": papers.abstract,
    "digest_form": digests.open_form,
    "digests": digests.list_digests,
    "discuss": discussions.discuss,
    "end_digest": digest_actions.end_digest,
    "introduction": weeks.introduction,
    "late_week": late_weeks.post,
    "links": links.links,
    "part_posted": unconfirmed.confirm,
    "part_again": unconfirmed.repeat,
    "vote": votes.vote,
    "unvote": votes.unvote,
    "tag_page": tags.tag_page,
    "find_page": search.find_page,
    **CURATION_ACTIONS,
    **PEOPLE_ACTIONS,
}
"""The handlers of the actions of controls that are not commands."""


def usage(locale: Locale, row: Command) -> str:
    """Return how a command is written, such as `/week [day]`."""
    if row.argument is None:
        return locale.command_name(f"/{row.name}")
    name = row.argument.korean_name if locale.words[0] == "ko" else row.argument.name
    argument = name.upper() if row.argument.is_required else f"[{name}]"
    return f"{locale.command_name(f'/{row.name}')} {argument}"
