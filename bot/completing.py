"""Offers what may be meant while a person types: papers, weeks, tags, commands."""

from collections.abc import Sequence

from bot import tagging
from bot.commands import COMMANDS
from bot.library import Library
from bot.lookup import complete as complete_names
from bot.ports import Suggested
from bot.references import reference
from bot.wording.voice import Voice

LIMIT = 25
"""What a platform shows at most; Discord's limit of choices."""

_MANY = 1000


async def complete(
    library: Library, voice: Voice, name: str, prefix: str, limit: int = LIMIT
) -> tuple[Suggested, ...]:
    """Offer arguments of a command; without a command's name, commands."""
    row = next((row for row in COMMANDS if name in {row.name, row.korean}), None)
    if not name:
        return _commands(voice, prefix)[:limit]
    kind = row.argument.completes if row and row.argument else ""
    if kind == "paper":
        return await _papers(library, voice, prefix, limit)
    if kind == "week":
        return (await _weeks(library, voice, prefix))[:limit]
    if kind == "tag":
        return (await _tags(library, voice, prefix))[:limit]
    return ()


def _commands(voice: Voice, prefix: str) -> tuple[Suggested, ...]:
    return tuple(
        Suggested(f"{name}  {voice.say(row.description)}", name)
        for row in COMMANDS
        for name in (row.name, row.korean)
        if name.startswith(prefix) and (name == row.name or prefix)
    )


async def _papers(
    library: Library, voice: Voice, prefix: str, limit: int
) -> tuple[Suggested, ...]:
    found = await library.archive.consult(lambda index: complete_names(index, prefix, limit))
    papers = await library.archive.papers([each.paper_id for each in found])
    return tuple(
        Suggested(
            f"{voice.text(paper.titles) or paper.key} ({paper.appearances[0].week})",
            reference(paper),
        )
        for paper in papers
    )


async def _weeks(library: Library, voice: Voice, prefix: str) -> tuple[Suggested, ...]:
    issues = await library.archive.weeks(library.series, _MANY)
    return tuple(
        {
            issue.week: Suggested(
                f"{issue.week}  {voice.span(issue.start, issue.end)}", str(issue.week)
            )
            for issue in issues
            if str(issue.week).startswith(prefix.upper())
            or issue.start.isoformat().startswith(prefix)
        }.values()
    )


async def _tags(library: Library, voice: Voice, prefix: str) -> tuple[Suggested, ...]:
    counts: Sequence[tuple[str, int]] = await library.archive.tag_counts()
    wanted = prefix.casefold().lstrip("#")
    found = []
    for slug, count in counts:
        name = tagging.name(library.vocabulary, slug, voice.languages[0])
        if slug.startswith(wanted) or name.casefold().startswith(wanted):
            found.append(Suggested(f"{slug}  {name} ({voice.number(count)})", slug))
    return tuple(found)
