"""`paperboy post`: a week goes to a channel now, once."""

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from bot.app.archive import open_archive
from bot.app.platforms import connect_platforms
from bot.app.service import delivery_timing
from bot.cli import settings as configuration
from bot.cli.channels import format_target, parse_known_target
from bot.cli.exit import EXIT_PARTIAL, fail, warn
from bot.cli.output import print_line
from bot.commands.context import Context
from bot.commands.handlers.digest_actions import enqueue_issue
from bot.commands.reviews import waits_for_review
from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.digests.deliveries import plan_delivery
from bot.lib.clock import SystemClock
from bot.model import weeks
from bot.model.channels import Target
from bot.model.deliveries import DuePart, Part, PartState
from bot.model.delivery_reports import DeliveryReport
from bot.model.papers import Issue
from bot.model.subscriptions import Subscription
from bot.ports.archive import SeriesPreference
from bot.ports.platform import Platform
from config.settings import Settings

_LIMIT = 60
_POLL_SECONDS = 0.2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("post")(post)


def post(
    week: Annotated[str, typer.Argument(help="A day or a week: 2023-10-09, 2023-W41, latest.")],
    *,
    to: Annotated[str, typer.Option("--to", help="PLATFORM:CHANNEL, such as webhook:papers.")],
    series: Annotated[str, typer.Option(help="Whose week, where several have it.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what it would say.")
    ] = False,
    unconfirmed: Annotated[
        Literal["posted", "again"] | None,
        typer.Option(help="What to do with messages that may be there: count or repeat them."),
    ] = None,
) -> None:
    """Post a week to a channel now, once; it counts as that week's digest there."""
    settings = configuration.load()
    target = parse_known_target(to)
    reference = weeks.parse(week)
    if reference is None:
        fail(f"{week!r} is not a week. Write it like 2023-10-09, 2023-W41 or latest.")
    # What becomes of each part is told below; the log's words would stand beside it.
    logging.getLogger("bot").addHandler(logging.NullHandler())
    wanted = _Wanted(reference, week, series, unconfirmed or "")
    asyncio.run(_post(settings, target, wanted, dry_run=dry_run))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be posted."""

    week: weeks.WeekReference
    given: str
    """The week as it was typed."""
    series: str
    unconfirmed: str
    """'posted' or 'again': what is done with messages that may be there; empty for neither."""


async def _post(settings: Settings, target: Target, asked: _Wanted, *, dry_run: bool) -> None:
    platform = _platform(settings, target)
    try:
        async with open_archive(settings, warn) as context:
            wanted = SeriesPreference(context.series, only=asked.series or None)
            found = await context.archive.find_issue(asked.week, context.today(), wanted)
            if found.issue is None:
                fail(f"There is no issue for {asked.given}. See: paperboy ask /week")
            if found.issue.retraction:
                fail(f"{found.issue.week} was withdrawn: {found.issue.retraction.reason}")
            subscription = await _subscription(context, target, found.issue, keep=not dry_run)
            if dry_run:
                await _print_preview(context, platform, subscription, found.issue)
                return
            if await waits_for_review(context, target, found.issue):
                fail(
                    f"{found.issue.week} waits for the approval of a curator. See: paperboy review"
                )
            if not await enqueue_issue(context, subscription, found.issue, context.now()):
                where = format_target(target)
                warn(f"{found.issue.week} was posted to {where} already, or is on its way.")
                await _settle_unconfirmed(context, subscription, found.issue, asked.unconfirmed)
            report = await _deliver(settings, context, platform, (subscription, found.issue))
    finally:
        await platform.close()
    _print_report(report)


def _composer(context: Context) -> Composer:
    return Composer(
        context.archive,
        context.catalogues,
        context.public_url,
        has_prompts=context.has_prompts,
        count_votes=context.count_votes,
    )


async def _print_preview(
    context: Context, platform: Platform, subscription: Subscription, issue: Issue
) -> None:
    planned = plan_delivery(subscription, issue, context.now(), context.now())
    contents = _composer(context)
    for kind, position in planned.parts:
        part = Part("", kind, position)
        owed = DuePart(part, planned.delivery, subscription, is_first=False)
        for outgoing in await contents.compose(platform, owed):
            print_line(json.dumps(outgoing.payload, ensure_ascii=False, indent=2))


async def _subscription(
    context: Context, target: Target, issue: Issue, *, keep: bool
) -> Subscription:
    """Return the channel's subscription; where it has none, one that posts only when asked."""
    for each in await context.ledger.subscriptions(target):
        if each.series == issue.series:
            if each.is_paused:
                fail(f"The digest in {format_target(target)} is paused. Resume it first.")
            return each
    wanted = Subscription(
        target, issue.series, weekday=None, zone=context.zone, language=context.language
    )
    return await context.ledger.subscribe(wanted, context.now()) if keep else wanted


async def _settle_unconfirmed(
    context: Context, subscription: Subscription, issue: Issue, unconfirmed: str
) -> None:
    """Count messages that may be there as posted, or repeat them; else say that there are some."""
    account = await context.ledger.subscription_report(subscription.id, _LIMIT)
    for report in account.reports:
        keys = [part.key for part in report.parts if part.is_unconfirmed]
        if report.delivery.week != issue.week or not keys:
            continue
        if not unconfirmed:
            warn(
                f"Messages that may be there: {len(keys)}. Look, and then say "
                "--unconfirmed posted, or --unconfirmed again to repeat them."
            )
            continue
        for key in keys:
            await context.ledger.settle_unconfirmed(
                key, context.now(), is_there=unconfirmed == "posted", whole=True
            )


async def _deliver(
    settings: Settings, context: Context, platform: Platform, what: tuple[Subscription, Issue]
) -> DeliveryReport:
    """Pay, or wait until the Paperboy that is running has; return how it ended."""
    subscription, issue = what
    contents = _composer(context)
    outbox = Outbox(platform, context.ledger, contents, delivery_timing(settings), SystemClock())
    stop = asyncio.Event()
    paying = asyncio.create_task(outbox.run(stop))
    try:
        while True:
            account = await context.ledger.subscription_report(subscription.id, _LIMIT)
            report = next(r for r in account.reports if r.delivery.week == issue.week)
            is_open = any(
                part.state in (PartState.OWED, PartState.SENDING) for part in report.parts
            )
            if not is_open or account.subscription.is_paused or paying.done():
                return report
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        stop.set()
        refused = await paying
        if refused:
            warn(f"{platform.name}: {refused.reason}")


def _print_report(report: DeliveryReport) -> None:
    for part in report.parts:
        what = f"{part.kind} {part.position or ''}".strip()
        place = (part.ref.url or part.ref.id) if part.ref else ""
        print_line(" ".join(filter(None, [what + ":", part.state.value, place, part.error])))
    if any(part.state is not PartState.POSTED for part in report.parts):
        raise typer.Exit(EXIT_PARTIAL)


def _platform(settings: Settings, target: Target) -> Platform:
    found = {each.name: each for each in connect_platforms(settings)}
    if target.platform not in found:
        fail(configuration.explain_not_configured(settings, target.platform))
    return found[target.platform]
