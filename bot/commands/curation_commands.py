"""The rows of the commands about mistakes and what curators do about them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.commands.command import Argument, Command, CommandHandler
from bot.lib.deferred import DeferredModule
from bot.lib.marker import _

if TYPE_CHECKING:
    from bot.commands.handlers import (
        conflicts,
        curation,
        reports,
        reviews,
        text_edits,
    )
else:
    conflicts = DeferredModule("bot.commands.handlers.conflicts")
    curation = DeferredModule("bot.commands.handlers.curation")
    reports = DeferredModule("bot.commands.handlers.reports")
    reviews = DeferredModule("bot.commands.handlers.reviews")
    text_edits = DeferredModule("bot.commands.handlers.text_edits")

CURATION_COMMANDS: tuple[Command, ...] = (
    Command(
        "report",
        "오류신고",
        _("Reports a mistake in the text of a paper to the curators"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        reports.report,
        needs_channel=True,
    ),
    Command(
        "reports",
        "신고목록",
        _("Lists the reported mistakes that are open, for curators"),
        None,
        reports.list_reports,
        needs_channel=True,
    ),
    Command(
        "curators",
        "큐레이터",
        _("Shows what waits for curators, and where: /curators here"),
        Argument("words", "내용", _("here, reviews or conflicts"), ""),
        reports.list_reports,
        is_for_digests=True,
        subcommands=(
            Command(
                "here",
                "여기",
                _("Shows reports and weeks to approve in this channel from now on"),
                None,
                reports.choose_channel,
            ),
            Command(
                "reviews",
                "검토",
                _("Lists the weeks that wait for approval"),
                None,
                reviews.list_reviews,
            ),
            Command(
                "conflicts",
                "충돌",
                _("Lists the corrected texts that their sources have changed"),
                None,
                conflicts.list_conflicts,
            ),
        ),
        needs_channel=True,
    ),
    Command(
        "curate",
        "편집",
        _("Edits, adds, moves and retracts papers and weeks, for curators"),
        Argument("name", "이름", _("paper, or week such as 2026-W26"), "paper", is_required=True),
        curation.curate,
        needs_channel=True,
    ),
)

CURATION_ACTIONS: Mapping[str, CommandHandler] = {
    "accept_report": reports.accept,
    "approve_review": reviews.approve,
    "curate_add": curation.add,
    "curate_history": curation.history,
    "curate_introduction": text_edits.edit_introduction,
    "curate_move": curation.move,
    "curate_remove": curation.remove,
    "curate_restore": curation.restore,
    "curate_retract": curation.retract,
    "curate_text": text_edits.edit_texts,
    "dismiss_report": reports.dismiss,
    "edit_conflict": conflicts.edit,
    "edit_report": reports.edit,
    "hold_review": reviews.hold,
    "keep_ours": conflicts.keep,
    "show_conflict": conflicts.show,
    "show_report": reports.show,
    "show_review": reviews.show,
    "take_theirs": conflicts.take,
    "undo_edit": reports.undo,
}
"""The handlers of the actions of controls that are not commands."""

FORMS = frozenset({
    "accept_report", "curate_add", "curate_introduction", "curate_move", "curate_remove",
    "curate_retract", "curate_text", "dismiss_report", "edit_conflict", "edit_report", "report",
})  # fmt: skip
"""The commands and actions that may open a form."""
