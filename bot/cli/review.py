"""`paperboy review`: which weeks wait for approval, and what is decided about them."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from bot.app.archive import open_archive
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.operator import attribution
from bot.cli.output import print_line
from bot.commands import curation
from bot.commands.context import Context
from bot.lib.clean import one_line
from bot.model.review_rules import ReviewFallback
from bot.model.reviews import EVERYWHERE, Review, ReviewOutcome, ReviewState, ReviewVerdict
from bot.ports.curation import CurationRefused

_LISTED_FOR = timedelta(days=21)

WeekArgument = Annotated[str, typer.Argument(help="The week, such as 2026-W26 or latest.")]
SeriesOption = Annotated[str, typer.Option(help="The series, where several may be meant.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Lists weeks that wait for approval, and decides about them.")
    group.callback(invoke_without_command=True)(list_reviews)
    group.command("approve")(approve)
    group.command("hold")(hold)
    app.add_typer(group, name="review")


def list_reviews(context: typer.Context) -> None:
    """List the weeks that are pending or held, oldest first."""
    if context.invoked_subcommand is None:
        asyncio.run(_list())


def approve(week: WeekArgument, *, series: SeriesOption = "") -> None:
    """Approve a week for every channel: it is posted at the slot of each."""
    outcome = asyncio.run(_decide(week, series, ReviewState.APPROVED, ""))
    print_line(f"{outcome.review.week} of {outcome.review.series} is approved.")


def hold(
    week: WeekArgument,
    *,
    series: SeriesOption = "",
    why: Annotated[str, typer.Option(help="The reason, which curators are shown.")] = "",
) -> None:
    """Hold a week: it is posted nowhere until it is approved."""
    outcome = asyncio.run(_decide(week, series, ReviewState.HELD, why.strip()))
    print_line(f"{outcome.review.week} of {outcome.review.series} is held.")
    if outcome.posted:
        print_line(f"In {outcome.posted} channels it was posted before; there it stays.")


async def review_lines(context: Context) -> list[str]:
    """Return a line for each week that waits; no line for series that are not reviewed."""
    since = context.now() - _LISTED_FOR
    found = await context.reviews.waiting_reviews(None, since)
    return [_line(context, each) for each in found if each.series in context.review_rules.series]


async def _list() -> None:
    async with open_archive(configuration.load(), warn) as context:
        lines = await review_lines(context)
        for line in lines:
            print_line(line)
        if not lines:
            names = ", ".join(sorted(context.review_rules.series))
            reviewed = f"Reviewed series: {names}." if names else "No series is reviewed."
            print_line(f"No week waits for approval. {reviewed}")


async def _decide(week: str, series: str, state: ReviewState, why: str) -> ReviewOutcome:
    by = attribution(why)
    async with open_archive(configuration.load(), warn) as context:
        try:
            found, wanted = await curation.find_week(context, week, series)
            if found in context.review_rules.series:
                # It may have come since the running bot looked.
                await context.reviews.submit_weeks(found, (wanted,), context.now())
            return await context.reviews.decide_week(
                found, wanted, ReviewVerdict(state), by, context.now()
            )
        except CurationRefused as error:
            fail(str(error))


def _line(context: Context, review: Review) -> str:
    place = "everywhere else" if review.place == EVERYWHERE else _place(review)
    said = f"{review.week} of {review.series} ({place}): {review.state.value}"
    if review.state is ReviewState.HELD:
        reason = f": {one_line(review.reason)}" if review.reason else ""
        return f"{said}, by {review.decided_by}{reason}"
    if review.due_at is None:
        return f"{said}, and no digest of it is due"
    moment = f"{review.due_at:%Y-%m-%d %H:%M} UTC"
    is_posted = context.review_rules.fallback is ReviewFallback.POST
    if is_posted:
        return f"{said}; posted as not reviewed from {moment} on"
    return f"{said}; the first digest misses it on {moment}"


def _place(review: Review) -> str:
    return f"{review.place.platform}:{review.place.workspace}".rstrip(":")
