"""`paperboy sync` and `paperboy sources`: new weeks from the sources, and how these stand."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.app.archive import open_archive
from bot.app.ingestion import build_sync, enabled_sources, open_web
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_FAILURE, EXIT_PARTIAL, fail, warn
from bot.cli.output import print_line
from bot.commands.context import Context
from bot.ports.source_state import SourceState
from bot.sources.crawlers.pages import Source
from bot.sources.sync import SyncResult
from config.settings import Settings

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_SHOWN = 10
"""How many problems of a source are listed."""


@dataclass(frozen=True, slots=True)
class _SyncRequest:
    """What a person asked for."""

    enabled_sources: tuple[Source, ...]
    accepted: frozenset[str]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sync")(sync_)
    app.command("sources")(sources_)


def sync_(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Sources; without any, all.")
    ] = None,
    *,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A source that raised an alarm, to be taken as it is now."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the sources for new weeks now; what they lose stays until it is accepted."""
    settings = configuration.load()
    wanted = _parse_request(settings, names or [], accept or [])
    found = asyncio.run(_sync(settings, wanted))
    if as_json:
        print_line(json.dumps([_sync_report(each) for each in found], ensure_ascii=False))
    else:
        for each in found:
            _print_outcome(each)
    raise typer.Exit(_exit_code(found))


def sources_(*, as_json: JsonOption = False) -> None:
    """Show the state of each source: the last success, the next try, what is wrong."""
    settings = configuration.load()
    found = asyncio.run(_states(settings))
    if as_json:
        told = [source_report(source, state) for source, state in found]
        print_line(json.dumps(told, ensure_ascii=False))
        return
    if not found:
        print_line("No source is set up; see [sources] in config/paperboy.example.toml.")
    for source, state in found:
        for line in _status_lines(settings, source, state):
            print_line(line)


def _parse_request(
    settings: Settings, names: Sequence[str], accepted: Sequence[str]
) -> _SyncRequest:
    known = {source.name: source for source in enabled_sources(settings)}
    if not known:
        fail("No source is set up; see [sources] in config/paperboy.example.toml.")
    for name in (*names, *accepted):
        if name not in known:
            fail(f"There is no source {name!r}; there are: {', '.join(known)}.")
    chosen = dict.fromkeys((*names, *accepted)) or known
    return _SyncRequest(tuple(known[name] for name in chosen), frozenset(accepted))


async def _sync(settings: Settings, wanted: _SyncRequest) -> list[SyncResult]:
    shown = Console(stderr=True, highlight=False)

    def say(name: str, progress: str) -> None:
        if shown.is_terminal:
            shown.print(f"{name}: {progress}", markup=False)

    async with open_archive(settings, warn) as context, open_web(settings) as web:
        brings = build_sync(settings, context, web)
        with context.source_states.sync_lock() as is_ours:
            if not is_ours:
                fail("Another Paperboy is syncing this archive just now; try again in a minute.")
            return [
                await brings.sync(
                    source, partial(say, source.name), is_accepted=source.name in wanted.accepted
                )
                for source in wanted.enabled_sources
            ]


async def _states(settings: Settings) -> list[tuple[Source, SourceState]]:
    async with open_archive(settings, warn) as context:
        return await load_source_states(settings, context)


async def load_source_states(
    settings: Settings, context: Context
) -> list[tuple[Source, SourceState]]:
    """Return each enabled source with its stored state."""
    return [
        (each, await context.source_states.get(each.name)) for each in enabled_sources(settings)
    ]


def source_warnings(source: Source, state: SourceState) -> tuple[str, ...]:
    """Return what is wrong with a source and what to do, a sentence each."""
    found = [f"ALARM: {line}" for line in state.alarms]
    if found:
        accept = f"paperboy sync --accept {source.name}"
        found.append(f"What was there stays. To take it as it is now: {accept}")
    if state.failure:
        times = "once" if state.failures == 1 else f"{state.failures} times in a row"
        found.append(f"It failed {times}: {state.failure} What was stored stays.")
    return tuple(found)


def _exit_code(found: Sequence[SyncResult]) -> int:
    """Return 0 when all was read, 3 when some was not, 2 when no source had anything to say."""
    if all(each.state.failure and not each.issues for each in found):
        return EXIT_FAILURE
    is_partly = any(each.state.failure or each.state.alarms or each.problems for each in found)
    return EXIT_PARTIAL if is_partly else 0


def _print_outcome(synced: SyncResult) -> None:
    name, state = synced.source.name, synced.state
    for problem in synced.problems:
        warn(f"{name}: {problem}")
    for line in source_warnings(synced.source, state):
        warn(f"{name}: {line}")
    if not synced.issues and not (state.failure or state.alarms):
        print_line(f"{name}: nothing is new; {len(state.weeks)} weeks.")
    elif synced.issues or not state.failure:
        print_line(
            f"{name}: papers {synced.added} added, {synced.updated} updated, "
            f"{synced.unchanged} unchanged; {len(state.weeks)} weeks."
        )


def _sync_report(synced: SyncResult) -> dict[str, object]:
    state = synced.state
    return {
        "source": synced.source.name,
        "issues": synced.issues,
        "papers": synced.papers,
        "added": synced.added,
        "updated": synced.updated,
        "unchanged": synced.unchanged,
        "weeks": len(state.weeks),
        "problems": synced.problems,
        "alarms": list(state.alarms),
        "failure": state.failure,
        "next": _format_iso(state.next_at),
    }


def source_report(source: Source, state: SourceState) -> dict[str, object]:
    """Return how it stands with a source, as JSON has it."""
    return {
        "source": source.name,
        "kind": source.kind,
        "series": source.series,
        "place": source.location,
        "weeks": len(state.weeks),
        "last_success": _format_iso(state.succeeded_at),
        "last_try": _format_iso(state.tried_at),
        "next": _format_iso(state.next_at),
        "failures": state.failures,
        "failure": state.failure,
        "alarms": list(state.alarms),
        "problems": list(state.problems),
    }


def _status_lines(settings: Settings, source: Source, state: SourceState) -> list[str]:
    zone = ZoneInfo(settings.zone)
    last, following = _format_time(state.succeeded_at, zone), _format_time(state.next_at, zone)
    lines = [
        f"{source.name} ({source.kind}, {source.location})",
        f"  {len(state.weeks)} weeks; last success {last}; next try {following}",
    ]
    gathered = Counter(paper.week for page in state.pages.values() for paper in page.gathered)
    closing = [week for week in sorted(gathered) if week not in state.weeks]
    lines += [f"  {gathered[week]} papers gathered for {week}" for week in closing]
    lines += [f"  {line}" for line in source_warnings(source, state)]
    lines += [f"  {line}" for line in state.problems[:_SHOWN]]
    if len(state.problems) > _SHOWN:
        lines.append(f"  and {len(state.problems) - _SHOWN} more; see --json")
    return lines


def _format_iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _format_time(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}" if moment else "never"
