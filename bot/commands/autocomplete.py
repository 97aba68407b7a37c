"""Suggests papers, weeks, tags, values and commands while a person types."""

from collections.abc import Iterable, Sequence
from datetime import date, time

from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.cards.setting_choices import setting_options
from bot.commands.context import Context
from bot.commands.registry import COMMANDS
from bot.commands.series import known_series
from bot.digests.slots import DAYS
from bot.digests.time_zones import korean_zone_name, matching_zones
from bot.lib.clean import normalise_input
from bot.model import weeks
from bot.model.papers import Issue, Paper
from bot.model.week_phrases import WeekPhrase, parse_week_phrase
from bot.model.weeks import Month
from bot.papers import tagging
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Suggestion
from bot.ports.search_index import SearchIndex
from bot.search.lookup import complete_name as complete_names

MAX_SUGGESTIONS = 25
"""How many suggestions are returned by default."""

_MAX_WEEKS = 1000
_MAX_TYPED = 200
"""Characters; nothing is suggested for more."""
_WEEK_WORDS = ("latest", "last", "this", "최신", "지난주", "이번주")


async def complete(
    context: Context, locale: Locale, name: str, prefix: str, limit: int = MAX_SUGGESTIONS
) -> tuple[Suggestion, ...]:
    """Offer arguments of a command, or values of what an `Argument` completes.

    Without a name, commands are offered.
    """
    prefix = normalise_input(prefix)
    if len(prefix) > _MAX_TYPED:
        return ()
    if not name:
        return _suggest_commands(locale, prefix)[:limit]
    row = next((row for row in COMMANDS if name in {row.name, row.korean_name}), None)
    kind = row.argument.autocomplete if row and row.argument else name
    if kind == "paper":
        return await _suggest_papers(context, locale, prefix, limit)
    if kind == "zone":
        return _suggest_zones(locale, prefix, limit)
    return (await _suggest_from_list(context, locale, kind, prefix))[:limit]


async def _suggest_from_list(
    context: Context, locale: Locale, kind: str, prefix: str
) -> tuple[Suggestion, ...]:
    """Return what begins with what was typed, of a kind that has a list."""
    if kind == "week":
        return await _suggest_weeks(context, locale, prefix)
    if kind == "tag":
        return await _suggest_tags(context, locale, prefix)
    if kind == "tags":
        return await _suggest_tag_list(context, locale, prefix)
    if kind == "series":
        known = await known_series(context)
        return _filter_suggestions([Suggestion(each, each) for each in known], prefix)
    return _filter_suggestions(_option_values(locale, kind), prefix)


def _option_values(locale: Locale, kind: str) -> list[Suggestion]:
    """Return all that an option of a digest can be."""
    if kind == "day":
        days = [Suggestion(locale.weekday_name(number), day) for number, day in enumerate(DAYS)]
        return [*days, Suggestion(locale.translate("never"), "never")]
    if kind == "time":
        hours = [time(hour) for hour in range(24)]
        return [Suggestion(locale.format_time(each), f"{each:%H:%M}") for each in hours]
    return [Suggestion(each.label, each.value) for each in setting_options(locale, kind)]


def _filter_suggestions(values: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """Return values with the words that were typed, those that begin with them first."""
    wanted = typed.casefold().strip()
    found = [each for each in values if wanted in f"{each.label} {each.value}".casefold()]
    return tuple(sorted(found, key=lambda each: not each.value.casefold().startswith(wanted)))


def _suggest_commands(locale: Locale, prefix: str) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(f"{name}  {locale.translate(row.description)}", name)
        for row in COMMANDS
        for name in (row.name, row.korean_name)
        if name.startswith(prefix) and (name == row.name or prefix)
    )


async def _suggest_papers(
    context: Context, locale: Locale, prefix: str, limit: int
) -> tuple[Suggestion, ...]:
    def read(index: SearchIndex) -> tuple[Paper, ...]:
        found = complete_names(index, prefix, limit, context.thesaurus)
        return index.papers([each.paper_id for each in found])

    papers = await context.archive.query_index(read)
    return tuple(
        Suggestion(
            f"{locale.first_text(paper.titles) or paper.key} ({paper.appearances[0].week})",
            format_reference(paper),
        )
        for paper in papers
    )


async def _suggest_weeks(context: Context, locale: Locale, prefix: str) -> tuple[Suggestion, ...]:
    """Return weeks by their number, their first day or a word such as `last` or `지난주`."""
    issues = await context.archive.weeks(context.series, _MAX_WEEKS)
    wanted = prefix.casefold().strip()
    phrase = parse_week_phrase(prefix, context.today()) if wanted else None
    found = {
        issue.week: _week_suggestion(locale, issue)
        for issue in issues
        if str(issue.week).casefold().startswith(wanted)
        or issue.start.isoformat().startswith(wanted)
        or _is_meant(issue, phrase)
    }
    series = SeriesPreference(context.series)
    for word in _WEEK_WORDS if wanted else ():
        reference = weeks.parse(word)
        if reference is not None and word.startswith(wanted.replace(" ", "")):
            meant = await context.archive.find_issue(reference, context.today(), series)
            if meant.issue is not None:
                days = _week_suggestion(locale, meant.issue).label
                suggestion = Suggestion(f"{word}: {days}", str(meant.issue.week))
                found.setdefault(meant.issue.week, suggestion)
    return tuple(found.values())


def _week_suggestion(locale: Locale, issue: Issue) -> Suggestion:
    days = locale.format_date_range(issue.start, issue.end)
    return Suggestion(f"{issue.week}  {days}", str(issue.week))


def _is_meant(issue: Issue, meant: WeekPhrase | None) -> bool:
    """Tell whether an issue has a day of the month, or the day, that was typed."""
    if isinstance(meant, Month):
        return issue.start <= meant.last_day and issue.end >= meant.first_day
    if isinstance(meant, date):
        return issue.start <= meant <= issue.end
    return issue.week == meant


async def _suggest_tags(context: Context, locale: Locale, prefix: str) -> tuple[Suggestion, ...]:
    counts: Sequence[tuple[str, int]] = await context.archive.tag_counts()
    wanted = prefix.casefold().lstrip("#")
    found = []
    for slug, count in counts:
        name = tagging.tag_name(context.vocabulary, slug, locale.words[0])
        if slug.startswith(wanted) or name.casefold().startswith(wanted):
            found.append(Suggestion(f"{slug}  {name} ({locale.format_number(count)})", slug))
    return tuple(found)


async def _suggest_tag_list(
    context: Context, locale: Locale, prefix: str
) -> tuple[Suggestion, ...]:
    """Return suggestions for the last tag of a list; each repeats the tags before it."""
    head, comma, last = prefix.rpartition(",")
    chosen = [each.strip() for each in head.split(",") if each.strip()]
    before = ", ".join(chosen) + ", " if comma and chosen else ""
    return tuple(
        Suggestion(f"{before}{each.label}", f"{before}{each.value}")
        for each in await _suggest_tags(context, locale, last.strip())
        if each.value not in chosen
    )


def _suggest_zones(locale: Locale, prefix: str, limit: int) -> tuple[Suggestion, ...]:
    """Return time zones; with the Korean name of the city for people who read Korean."""
    found = []
    for zone in matching_zones(prefix, limit):
        city = korean_zone_name(zone) if locale.words[0] == "ko" else ""
        found.append(Suggestion(f"{zone} ({city})" if city else zone, zone))
    return tuple(found)
