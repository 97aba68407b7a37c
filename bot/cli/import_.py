"""`paperboy import`: weeks from files, addresses or the standard input."""

import asyncio
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from bot.app.archive import import_sample, open_archive
from bot.app.ingestion import open_web
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_FAILURE, EXIT_PARTIAL, fail, warn
from bot.commands.context import Context
from bot.lib.clean import strip_controls
from bot.model import weeks
from bot.model.papers import Problem
from bot.model.weeks import Week
from bot.ports.errors import TryLater
from bot.ports.web import FetchRefused, WebClient
from bot.sources.import_check import CheckedImport, check_import
from bot.sources.importer import ImportResult, save_parsed
from bot.sources.parser_process import run_parser
from bot.sources.parsers.detect import MAX_BYTES, SUFFIXES, parse_source
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.lists.listed import monday

_INPUT = "-"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_)


@dataclass(frozen=True, slots=True)
class _ImportOptions:
    """What a person says of the sources."""

    series: str | None
    week: Week | None
    """The week of lists that do not say one."""
    is_accepted: bool
    """Whether to take what would be held back."""


@dataclass
class _ImportTotals:
    """What became of all sources so far."""

    issues: int = 0
    papers: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    unusable: int = 0
    held: list[str] = field(default_factory=list)
    """Sources of which something was held back."""

    def count(self, source: str, taken: ImportResult) -> None:
        """Add what became of a source."""
        self.issues += taken.issues
        self.papers += taken.entries
        self.added += taken.saved.added
        self.updated += taken.saved.updated
        self.unchanged += taken.saved.unchanged
        self.problems += [(source, problem) for problem in taken.problems]

    def hold(self, source: str, alarms: Sequence[str]) -> None:
        """Add what was held back of a source."""
        if alarms:
            self.held.append(source)
            self.problems += [(source, Problem(0, line, lost=True)) for line in alarms]

    def refuse(self, source: str, sentence: str) -> None:
        """Add a source in which nothing could be used."""
        self.unusable += 1
        self.problems.append((source, Problem(0, sentence, lost=True)))

    def exit_code(self) -> int:
        """Return 0 when all was read, 3 when some was not, 2 when nothing could be used."""
        if (self.unusable or self.held) and not self.issues:
            return EXIT_FAILURE
        return EXIT_PARTIAL if any(problem.lost for _, problem in self.problems) else 0


def import_(  # noqa: PLR0913 - each is an option of the command line
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, http(s) addresses, or - for the input."),
    ] = None,
    *,
    series: Annotated[
        str, typer.Option(help="Keep the weeks under this series instead of their own.")
    ] = "",
    week: Annotated[
        str, typer.Option(help="The week of a list that has none, such as 2026-W26.")
    ] = "",
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Take also what was held back for its dates or losses."),
    ] = False,
    sample: Annotated[bool, typer.Option("--sample", help="Load the bundled weeks.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read weeks in any known format, and keep them; each source all or nothing."""
    if not sources and not sample:
        fail("Nothing to import. Name files, folders or addresses, or - for the input.")
    options = _ImportOptions(series or None, _parse_week(week), is_accepted=accept)
    tally = asyncio.run(_import(list(_iter_files(sources or [])), options, sample=sample))
    _report(tally, as_json=as_json)
    sys.exit(tally.exit_code())


def _parse_week(text: str) -> Week | None:
    found = weeks.parse(text) if text else None
    if isinstance(found, date):
        return Week.of(monday(found))
    if text and not isinstance(found, Week):
        fail(f"{text!r} is no week; write it like 2026-W26 or 2026-06-22.")
    return found if isinstance(found, Week) else None


async def _import(sources: list[str], options: _ImportOptions, *, sample: bool) -> _ImportTotals:
    tally = _ImportTotals()
    settings = configuration.load()
    async with AsyncExitStack() as stack:
        context = await stack.enter_async_context(open_archive(settings, warn))
        needs_web = any(map(_is_address, sources))
        web = await stack.enter_async_context(open_web(settings)) if needs_web else None
        if sample:
            for taken in await import_sample(context):
                tally.count("sample", taken)
        shown = Console(stderr=True)
        for source in track(
            sources, "Importing", console=shown, disable=not shown.is_terminal, transient=True
        ):
            await _import_one(context, web, source, options, tally)
    return tally


async def _import_one(
    context: Context,
    web: WebClient | None,
    source: str,
    options: _ImportOptions,
    tally: _ImportTotals,
) -> None:
    try:
        data, name = await read_source(source, web)
        parsed = await run_parser(parse_source, data, name, options.series, options.week)
        checked = CheckedImport(parsed)
        if not options.is_accepted:
            today = context.today()
            checked = await check_import(context.archive, parsed, today, options.week)
        taken = await save_parsed(context.archive, context.vocabulary, checked.parsed)
    except (UnreadableSource, FetchRefused, TryLater) as error:
        tally.refuse(source, str(error))
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}." if error.strerror else str(error)
        tally.refuse(source, reason)
    else:
        tally.count(source, taken)
        tally.hold(source, checked.alarms)


async def read_source(source: str, web: WebClient | None) -> tuple[bytes, str]:
    """Return what a source holds, at most one byte more than is allowed, and its name."""
    if source == _INPUT:
        return await asyncio.to_thread(sys.stdin.buffer.read, MAX_BYTES + 1), ""
    if web and _is_address(source):
        return (await web.get(source)).body, source.rstrip("/").rsplit("/", 1)[-1]
    path = Path(source)
    return await asyncio.to_thread(_read_limited, path), path.name


def _is_address(source: str) -> bool:
    return "://" in source


def _read_limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _iter_files(sources: list[str]) -> Iterator[str]:
    """Yield the sources, folders opened: their files in the order of their names."""
    for source in sources:
        path = Path(source)
        if source != _INPUT and path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES)
            if not found:
                warn(
                    f"{source}: no file in it is of a known kind ({', '.join(sorted(SUFFIXES))})."
                )
            yield from map(str, found)
        else:
            yield source


def _report(tally: _ImportTotals, *, as_json: bool) -> None:
    problems = [
        {"source": source, "line": problem.line, "message": problem.message}
        for source, problem in tally.problems
    ]
    if as_json:
        counts = {
            name: getattr(tally, name)
            for name in ("issues", "papers", "added", "updated", "unchanged")
        }
        text = json.dumps({**counts, "problems": problems}, ensure_ascii=False)
        typer.echo(strip_controls(text))
        return
    for source, problem in tally.problems:
        place = f"{source}:{problem.line}" if problem.line else source
        warn(f"{place}: {problem.message}")
    if tally.held:
        sources = shlex.join(tally.held)
        warn(f"Nothing of that was changed. To take it, import it again with --accept: {sources}")
    typer.echo(
        f"Read: issues {tally.issues}, papers {tally.papers}. Papers: {tally.added} added, "
        f"{tally.updated} updated, {tally.unchanged} unchanged."
    )
