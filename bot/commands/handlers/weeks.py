"""Handles /week."""

from dataclasses import replace

from bot.cards.weeks import invalid_week_card, missing_week_card, week_card
from bot.commands.context import Context
from bot.model import weeks
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Reply, Request


async def week(context: Context, request: Request) -> Reply:
    """Answer with the week that is meant; the argument may end with the name of a series."""
    locale = context.locale(request)
    asked, wanted = request.argument.strip(), SeriesPreference(context.series)
    reference = weeks.parse(asked)
    if reference is None and " " in asked:
        day, _, series = asked.rpartition(" ")
        reference, wanted = weeks.parse(day), SeriesPreference(context.series, only=series)
    if reference is None:
        return Reply(invalid_week_card(locale, asked), is_private=True)
    found = await context.archive.find_issue(reference, context.today(), wanted)
    if found.issue is None:
        return Reply(
            missing_week_card(locale, asked, found),
            is_private=True,
            suggestions=tuple(str(issue.week) for issue in (found.before, found.after) if issue),
        )
    issue = found.issue
    papers = tuple(
        # The reply is about this week: its appearance is listed first.
        replace(
            entry.paper,
            appearances=tuple(
                sorted(
                    entry.paper.appearances,
                    key=lambda each: (each.week, each.series) != (issue.week, issue.series),
                )
            ),
        )
        for entry in issue.entries
    )
    return Reply(week_card(locale, found, issue), papers=papers)
