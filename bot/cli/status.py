"""`paperboy subscriptions` and `status`: what goes where, and how it stands."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from adapters.console.render import render_text
from adapters.monitoring.client import NoAnswer, read_metrics
from bot.app.archive import open_archive
from bot.cli import settings as configuration
from bot.cli.channels import format_target, parse_known_target, parse_target
from bot.cli.exit import EXIT_FAILURE, fail, warn
from bot.cli.language import system_language
from bot.cli.output import print_line
from bot.cli.review import review_lines
from bot.cli.sync import load_source_states, source_report, source_warnings
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.handlers.digest_actions import CONFIRMED
from bot.digests import slots
from bot.model.channels import Person, Target
from bot.model.deliveries import Part
from bot.model.delivery_reports import SubscriptionReport
from bot.model.subscriptions import Subscription
from bot.ports.conversation import Request
from config.settings import Settings

TargetArgument = Annotated[
    str,
    typer.Argument(help="A channel: webhook:papers, discord:SERVER/CHANNEL, slack:TEAM/CHANNEL."),
]
PreferencesArgument = Annotated[
    list[str] | None, typer.Argument(help="Settings, such as: monday 09:00 Asia/Seoul tags=llm.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

PageOption = Annotated[
    int | None, typer.Option(min=1, help="A page of 50 channels; the first, or all with --json.")
]

_LIMIT = 6
_PAGE_SIZE = 50
"""Channels of a page."""
_POLL_SECONDS = 0.2


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Which channels get which weeks, and when.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("add")(_digest_command("subscribe", "Bring the week's papers to a channel."))
    group.command("set")(_digest_command("settings", "Change the settings of a channel's digest."))
    group.command("preview")(_digest_command("preview", "Show what the next digest says."))
    group.command("pause")(_digest_command("pause", "Post nothing until it is resumed."))
    group.command("resume")(resume)
    group.command("remove")(
        _digest_command("unsubscribe", "End a channel's digest; its history stays.")
    )
    app.add_typer(group, name="subscriptions")
    app.command("status")(status)


def resume(
    to: Annotated[str, typer.Argument(help="A channel, unless --all.")] = "",
    words: PreferencesArgument = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Every digest that a platform's refusal paused.")
    ] = False,
) -> None:
    """Go on after a pause."""
    if every == bool(to):
        fail("Name a channel, or say --all.")
    if every:
        asyncio.run(_resume_all())
    else:
        asyncio.run(_run_digest_command(parse_target(to), " ".join(["resume", *(words or ())])))


async def _resume_all() -> None:
    async with open_archive(configuration.load(), warn) as context:
        count = 0
        for each in await context.ledger.subscriptions():
            if each.is_paused and each.pause_reason:
                await context.ledger.set_paused(each.id, context.now(), paused=False)
                count += 1
        print_line(f"Resumed: {count}.")


def list_(*, as_json: JsonOption = False) -> None:
    """List every subscription."""
    asyncio.run(_list(as_json=as_json))


def status(*, as_json: JsonOption = False, page: PageOption = None) -> None:
    """Show what comes next, what was posted, what failed and why, and what is waited for."""
    asyncio.run(_status(as_json=as_json, page=page))


def _digest_command(word: str, sentence: str) -> Any:
    """Return the command that asks `/digest` with this word about a channel."""

    def command(to: TargetArgument, words: PreferencesArgument = None) -> None:
        # What a platform that is gone has left behind can be ended, but not begun.
        target = parse_known_target(to) if word == "subscribe" else parse_target(to)
        confirmed = [CONFIRMED] if word == "unsubscribe" else []
        argument = " ".join([word, *(words or ()), *confirmed])
        asyncio.run(_run_digest_command(target, argument))

    command.__doc__ = sentence
    return command


async def _run_digest_command(target: Target, words: str) -> None:
    settings = configuration.load()
    async with open_archive(settings, warn) as context:
        person = Person(target.platform, "", system_language(), may_manage=True)
        reply = await dispatch(context, Request("digest", words, person, target))
        print_line(render_text(reply.content))
    if reply.is_refused:
        raise typer.Exit(EXIT_FAILURE)


async def _list(*, as_json: bool) -> None:
    async with open_archive(configuration.load(), warn) as context:
        found = await context.ledger.subscriptions()
        if as_json:
            print_line(
                json.dumps([_subscription_report(each) for each in found], ensure_ascii=False)
            )
            return
        if not found:
            print_line("Nothing is subscribed. Begin with: paperboy subscriptions add CHANNEL")
        for each in found:
            settings_ = _subscription_report(each)
            facts = " ".join(
                f"{name}={value}" for name, value in settings_.items() if name != "to"
            )
            print_line(f"{settings_['to']}  {facts}")


def _page_of(
    found: Sequence[Subscription], page: int | None
) -> tuple[Sequence[Subscription], int, int]:
    """Return the subscriptions of a page of channels, its first channel, and their number.

    Channels with a digest that is paused come first. Without a page all are returned.
    """
    ordered = sorted(found, key=lambda each: not each.is_paused)
    targets = list(dict.fromkeys(each.target for each in ordered))
    if page is None:
        return ordered, 0, len(targets)
    start = (page - 1) * _PAGE_SIZE
    shown = dict.fromkeys(targets[start : start + _PAGE_SIZE])
    if targets and not shown:
        last = -(-len(targets) // _PAGE_SIZE)
        fail(f"There is no page {page}; the last one is {last}.")
    return [each for each in ordered if each.target in shown], start, len(targets)


async def _status(*, as_json: bool, page: int | None) -> None:
    settings = configuration.load()
    wanted = page if as_json else page or 1
    async with open_archive(settings, warn) as context:
        shown, start, total = _page_of(await context.ledger.subscriptions(), wanted)
        accounts = [
            await context.ledger.subscription_report(each.id, _LIMIT)
            for each in (shown if as_json else ())
        ]
        tallies = await context.ledger.platform_stats(context.now())
        standing = await load_source_states(settings, context)
        waiting = await review_lines(context)
        if as_json:
            channels = [_channel_report(context, account) for account in accounts]
            found = {
                "platforms": [asdict(each) for each in tallies],
                "channels": channels,
                "sources": [source_report(source, state) for source, state in standing],
                "reviews": waiting,
                "metrics": await _running_metrics(settings),
            }
            print_line(json.dumps(found, ensure_ascii=False))
            return
        for tally in tallies:
            print_line(
                f"{tally.platform}: {tally.posted} posted, {tally.owed} owed, "
                f"{tally.late} late, {tally.failed} failed, {tally.retried} tried again, "
                f"late by {tally.lag:.0f} s (worst of the week {tally.worst_lag:.0f} s)"
                + (f"; STOPPED: {tally.halted}" if tally.halted else "")
            )
        lines = [
            f"source {source.name}: {warning}"
            for source, state in standing
            for warning in source_warnings(source, state)
        ]
        for line in (*lines, *(f"review: {each}" for each in waiting)):
            print_line(line)
        targets = dict.fromkeys(each.target for each in shown)
        for target in targets:
            person = Person(target.platform, "", system_language())
            request = Request("digest", "status", person, target)
            print_line(f"\n{format_target(target)}")
            print_line(render_text((await dispatch(context, request)).content))
        if not total:
            print_line("Nothing is subscribed. Begin with: paperboy subscriptions add CHANNEL")
        elif total > len(targets):
            end = start + len(targets)
            more = (
                f"; paperboy status --page {(wanted or 1) + 1} shows more" if end < total else ""
            )
            print_line(f"\nChannels {start + 1} to {end} of {total}{more}.")


async def _running_metrics(settings: Settings) -> Mapping[str, object] | None:
    """Return what a running bot counts, such as its answers; None where none tells."""
    wanted = settings.monitoring
    if not wanted.enabled:
        return None
    try:
        return await asyncio.to_thread(read_metrics, wanted.host, wanted.port)
    except NoAnswer:
        return None


def _subscription_report(subscription: Subscription) -> dict[str, object]:
    """Return the settings of a subscription, each as `subscriptions set` takes it."""
    day = slots.DAYS[subscription.weekday] if subscription.weekday is not None else "never"
    return {
        "to": format_target(subscription.target),
        "series": subscription.series,
        "day": day,
        "time": f"{subscription.at:%H:%M}",
        "zone": subscription.zone,
        "language": subscription.language,
        "layout": subscription.layout.value,
        "tags": ",".join(subscription.tags) or "all",
        "mention": subscription.mention or "none",
        "patience": _span(subscription.patience),
        "absence": "say" if subscription.says_absence else "silent",
        "grace": _span(subscription.grace),
        "quiet": f"{subscription.quiet_from:%H:%M}-{subscription.quiet_until:%H:%M}"
        if subscription.quiet_from != subscription.quiet_until
        else "off",
        "admin": subscription.admin_channel or "none",
        "recap": "on" if subscription.has_recap else "off",
        "paused": subscription.pause_reason or subscription.is_paused,
    }


def _span(span: timedelta) -> str:
    """Return a span as settings take it, in the largest unit that divides it: `3d`, `36h`."""
    for letter, unit in (("d", timedelta(days=1)), ("h", timedelta(hours=1))):
        if span and not span % unit:
            return f"{span // unit}{letter}"
    return f"{span // timedelta(minutes=1)}m"


def _channel_report(context: Context, account: SubscriptionReport) -> dict[str, object]:
    upcoming = slots.next_slot(account.subscription, context.now())
    waiting = [slot for slot in account.slots if slot.state.value == "waiting"]
    return {
        **_subscription_report(account.subscription),
        "next": upcoming.at.isoformat()
        if upcoming and not account.subscription.is_paused
        else None,
        "waits_until": waiting[0].waits_until.isoformat() if waiting else None,
        "deliveries": [
            {
                "week": str(report.delivery.week),
                "purpose": report.delivery.purpose.value,
                "due": report.delivery.due_at.isoformat(),
                "skipped": report.delivery.skipped,
                "parts": [_part_report(part) for part in report.parts],
            }
            for report in account.reports
        ],
    }


def _part_report(part: Part) -> dict[str, object]:
    return {
        "kind": part.kind,
        "position": part.position,
        "state": "untold" if part.is_unconfirmed else part.state.value,
        "attempts": part.attempts,
        "error": part.error,
        "message": part.ref.id if part.ref else None,
        "url": part.ref.url if part.ref else None,
        "posted": part.posted_at.isoformat() if part.posted_at else None,
    }
