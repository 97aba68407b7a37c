"""Offers what may be meant while a person types: papers, weeks, tags, commands."""

from collections.abc import Iterable, Sequence

from bot.cards.locale import CHOICES, Voice
from bot.cards.references import reference
from bot.commands.context import Library
from bot.commands.registry import COMMANDS
from bot.digests.preferences import matching_zones
from bot.digests.slots import DAYS
from bot.model.subscriptions import Layout
from bot.papers import tagging
from bot.ports.conversation import Suggestion
from bot.search.lookup import complete as complete_names

LIMIT = 25
"""What a platform shows at most; Discord's limit of choices."""

_MANY = 1000


async def complete(
    library: Library, voice: Voice, name: str, prefix: str, limit: int = LIMIT
) -> tuple[Suggestion, ...]:
    """Offer arguments of a command, or values of what an `Argument` completes.

    Without a name, commands are offered.
    """
    if not name:
        return _commands(voice, prefix)[:limit]
    row = next((row for row in COMMANDS if name in {row.name, row.korean}), None)
    kind = row.argument.completes if row and row.argument else name
    if kind == "paper":
        return await _papers(library, voice, prefix, limit)
    if kind == "zone":
        return tuple(Suggestion(zone, zone) for zone in matching_zones(prefix, limit))
    return (await _listed(library, voice, kind, prefix))[:limit]


async def _listed(
    library: Library, voice: Voice, kind: str, prefix: str
) -> tuple[Suggestion, ...]:
    """Return what begins with what was typed, of a kind that has a list."""
    if kind == "week":
        return await _weeks(library, voice, prefix)
    if kind == "tag":
        return await _tags(library, voice, prefix)
    if kind == "series":
        stored = [series for series, _, _ in (await library.archive.totals()).series]
        return _matching([Suggestion(each, each) for each in stored], prefix)
    return _matching(_values(voice, kind), prefix)


def _values(voice: Voice, kind: str) -> list[Suggestion]:
    """Return all that an option of a digest can be."""
    if kind == "day":
        days = [Suggestion(voice.weekday(number), day) for number, day in enumerate(DAYS)]
        return [*days, Suggestion(voice.say("never"), "never")]
    plain = {
        "time": [f"{hour:02}:00" for hour in range(24)],
        "language": CHOICES,
        "layout": [layout.value for layout in Layout],
        "absence": ["say", "silent"],
    }
    return [Suggestion(each, each) for each in plain.get(kind, ())]


def _matching(values: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """Return values with the words that were typed, those that begin with them first."""
    wanted = typed.casefold().strip()
    found = [each for each in values if wanted in f"{each.label} {each.value}".casefold()]
    return tuple(sorted(found, key=lambda each: not each.value.casefold().startswith(wanted)))


def _commands(voice: Voice, prefix: str) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(f"{name}  {voice.say(row.description)}", name)
        for row in COMMANDS
        for name in (row.name, row.korean)
        if name.startswith(prefix) and (name == row.name or prefix)
    )


async def _papers(
    library: Library, voice: Voice, prefix: str, limit: int
) -> tuple[Suggestion, ...]:
    found = await library.archive.query_index(lambda index: complete_names(index, prefix, limit))
    papers = await library.archive.papers([each.paper_id for each in found])
    return tuple(
        Suggestion(
            f"{voice.text(paper.titles) or paper.key} ({paper.appearances[0].week})",
            reference(paper),
        )
        for paper in papers
    )


async def _weeks(library: Library, voice: Voice, prefix: str) -> tuple[Suggestion, ...]:
    issues = await library.archive.weeks(library.series, _MANY)
    return tuple(
        {
            issue.week: Suggestion(
                f"{issue.week}  {voice.span(issue.start, issue.end)}", str(issue.week)
            )
            for issue in issues
            if str(issue.week).startswith(prefix.upper())
            or issue.start.isoformat().startswith(prefix)
        }.values()
    )


async def _tags(library: Library, voice: Voice, prefix: str) -> tuple[Suggestion, ...]:
    counts: Sequence[tuple[str, int]] = await library.archive.tag_counts()
    wanted = prefix.casefold().lstrip("#")
    found = []
    for slug, count in counts:
        name = tagging.name(library.vocabulary, slug, voice.languages[0])
        if slug.startswith(wanted) or name.casefold().startswith(wanted):
            found.append(Suggestion(f"{slug}  {name} ({voice.number(count)})", slug))
    return tuple(found)
