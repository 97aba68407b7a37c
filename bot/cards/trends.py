"""Cards and charts of trends: the share of papers by month, and what rose and fell."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.cards import page_addresses
from bot.cards.blocks import heading, note, page_links, paper_url, quote_query
from bot.cards.lists import tag_selector
from bot.cards.locale import Locale
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Choice,
    Code,
    Option,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Paper
from bot.model.picture import ChartLine, LineChart
from bot.model.trends import TagPeriod, TagShift, TagShifts, Trend, TrendLine

PERIODS = (4, 13, 52)
"""The weeks of the periods that can be compared."""

_QUARTER = 3
"""Months that are taken together at both ends of a trend."""
_MAX_TICKS = 6
_COLUMN = 7
"""Characters of a column of the table."""


def trend_card(locale: Locale, trend: Trend, address: str) -> Card:
    """Return what a trend shows, as sentences and as a table; `address` is that of its page."""
    items = tuple(
        (Run(line.name, Style.STRONG), Run(": " + finding(locale, trend, line)))
        for line in trend.lines
    )
    return Card(
        title=trend_title(locale, trend),
        blocks=(
            note(trend_subtitle(locale, trend)),
            Bullets(items, first=1 if len(items) > 1 else None),
            Code(trend_table(trend)),
        ),
        controls=(
            Button(locale.translate("What rose and fell"), Action("trends")),
            *page_links(locale, address),
        ),
    )


def trend_title(locale: Locale, trend: Trend) -> str:
    """Return the title of a trend."""
    names = ", ".join(line.name for line in trend.lines)
    return locale.translate("Trend: {names}", names=names)


def trend_subtitle(locale: Locale, trend: Trend) -> str:
    """Return what the numbers are, and of which months."""
    return locale.translate(
        "share of each month's papers, {first} to {last}, {papers}",
        first=locale.format_month(trend.months[0]),
        last=locale.format_month(trend.months[-1]),
        papers=locale.translate_plural("{number} paper", "{number} papers", sum(trend.totals)),
    )


def finding(locale: Locale, trend: Trend, line: TrendLine) -> str:
    """Return what a line of a trend shows, as a sentence."""
    if not any(line.counts):
        return locale.translate("no paper in these months.")
    shares = [share or 0.0 for share in trend.shares(line)]
    best = max(range(len(shares)), key=lambda place: (shares[place], place))
    most = {
        "month": locale.format_month(trend.months[best]),
        "most": locale.format_percent(shares[best]),
    }
    if len(shares) < 2 * _QUARTER:
        share = locale.format_percent(sum(line.counts) / sum(trend.totals))
        return locale.translate(
            "{share} of the papers, most in {month} ({most}).", share=share, **most
        )
    return locale.translate(
        "{now} of the papers in the last three months, {then} in the first three; "
        "most in {month} ({most}).",
        now=locale.format_percent(_share(trend, line, slice(-_QUARTER, None))),
        then=locale.format_percent(_share(trend, line, slice(_QUARTER))),
        **most,
    )


def trend_description(locale: Locale, trend: Trend) -> str:
    """Return the findings of a trend, for people who do not see its picture."""
    sentences = (f"{line.name}: {finding(locale, trend, line)}" for line in trend.lines)
    return f"{trend_title(locale, trend)}. {' '.join(sentences)}"


def trend_table(trend: Trend) -> str:
    """Return the numbers of a trend: the papers of each month, and the percentage of each line."""
    numbered = len(trend.lines) > 1
    head = [f"{number}" if numbered else "%" for number in range(1, len(trend.lines) + 1)]
    rows = [["", "n", *head]]
    columns = [trend.shares(line) for line in trend.lines]
    for place, (month, total) in enumerate(zip(trend.months, trend.totals, strict=True)):
        rows.append([str(month), str(total), *(_percent(each[place]) for each in columns)])
    return "\n".join(
        f"{month:<7}{total:>5}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)
        for month, total, *cells in rows
    )


def trend_chart(locale: Locale, trend: Trend) -> LineChart:
    """Return the chart of a trend; of two languages the first one is written."""
    first = locale.by_language()[0]
    return LineChart(
        trend_title(first, trend),
        trend_subtitle(first, trend),
        _ticks(first, trend),
        tuple(ChartLine(line.name, trend.shares(line)) for line in trend.lines),
    )


def no_trend_card(
    locale: Locale, asked: str, nearest: Sequence[str], name: Callable[[str], str]
) -> Card:
    """Return that no paper has what was asked, with the nearest tags."""
    title = locale.translate("No paper has “{asked}”", asked=quote_query(asked))
    sentence = locale.translate(
        "Write tags or words with commas between them, and a month to begin with: "
        "/trend llm, agents 2024-01"
    )
    choice = (_trend_selector(locale, nearest, name),) if nearest else ()
    return Card(title, blocks=(Paragraph((Run(sentence),)),), controls=choice)


def shifts_card(
    locale: Locale, shifts: TagShifts, papers: Mapping[str, Sequence[Paper]],
    name: Callable[[str], str],
) -> Card:  # fmt: skip
    """Return the tags that rose and fell, each with its newest papers."""
    blocks: list[Block] = [note(shifts_subtitle(locale, shifts))]
    for title, found in (
        (locale.translate("Rising"), shifts.rising),
        (locale.translate("Falling"), shifts.falling),
    ):
        if found:
            items = tuple(_shift_item(locale, shifts, each, papers) for each in found)
            blocks += [heading(title), Bullets(items)]
    if not (shifts.rising or shifts.falling):
        sentence = locale.translate("No subject changed by more than chance explains.")
        blocks.append(Paragraph((Run(sentence),)))
    tags = [each.tag for each in (*shifts.rising, *shifts.falling)]
    return Card(
        shifts_title(locale, shifts.weeks),
        blocks=tuple(blocks),
        controls=(
            *([_trend_selector(locale, tags, name)] if tags else []),
            *_period_buttons(locale, shifts.weeks),
            *page_links(locale, page_addresses.trends()),
        ),
    )


def shifts_title(locale: Locale, weeks: int) -> str:
    """Return the title of what rose and fell."""
    return locale.translate_plural(
        "What rose and fell in the last {number} week",
        "What rose and fell in the last {number} weeks",
        weeks,
    )


def shifts_subtitle(locale: Locale, shifts: TagShifts) -> str:
    """Return the two periods that are compared."""
    return locale.translate(
        "share of the papers: {now}, against {before}",
        now=_period(locale, shifts.now),
        before=_period(locale, shifts.before),
    )


def shift_text(locale: Locale, shifts: TagShifts, shift: TagShift) -> str:
    """Return how often a tag was given in both periods."""
    return locale.translate(
        "{before} → {now} ({count} of {papers} papers, before {earlier} of {all})",
        before=locale.format_percent(shift.before / max(shifts.before.papers, 1)),
        now=locale.format_percent(shift.now / max(shifts.now.papers, 1)),
        count=locale.format_number(shift.now),
        papers=locale.format_number(shifts.now.papers),
        earlier=locale.format_number(shift.before),
        all=locale.format_number(shifts.before.papers),
    )


def _shift_item(
    locale: Locale, shifts: TagShifts, shift: TagShift, papers: Mapping[str, Sequence[Paper]]
) -> tuple[Run, ...]:
    named: list[Run] = []
    for paper in papers.get(shift.tag, ()):
        title = locale.first_text(paper.titles) or paper.key
        named += [Run("\n"), Run(title, Style.SMALL, paper_url(paper))]
    return (
        Run(f"#{shift.tag}", Style.STRONG),
        Run(" " + shift_text(locale, shifts, shift)),
        *named,
    )


def _period_buttons(locale: Locale, weeks: int) -> Iterable[Button]:
    for each in PERIODS:
        if each != weeks:
            label = locale.translate_plural("{number} week", "{number} weeks", each)
            yield Button(label, Action("trends", str(each)))


def _trend_selector(locale: Locale, tags: Sequence[str], name: Callable[[str], str]) -> Choice:
    selector = tag_selector(locale, list(dict.fromkeys(tags)), name)
    options = tuple(Option(each.label, each.value, each.description) for each in selector.options)
    return Choice(locale.translate("Draw a subject over time"), options, "trend")


def _period(locale: Locale, period: TagPeriod) -> str:
    days = locale.format_date_range(period.first, period.last)
    papers = locale.translate_plural("{number} paper", "{number} papers", period.papers)
    return f"{days} ({papers})"


def _share(trend: Trend, line: TrendLine, part: slice) -> float:
    """Return the share of a line over several months."""
    return sum(line.counts[part]) / max(sum(trend.totals[part]), 1)


def _percent(share: float | None) -> str:
    if share is None:
        return "-"
    return f"{share:.0%}" if not share or share >= 1 / 10 else f"{share:.1%}"


def _ticks(locale: Locale, trend: Trend) -> tuple[str, ...]:
    """Return a label for a few of the months, evenly apart."""
    step = max(-(-len(trend.months) // _MAX_TICKS), 1)
    if step > _QUARTER:
        step = -(-step // _QUARTER) * _QUARTER
    return tuple(
        locale.format_short_month(month) if (len(trend.months) - 1 - place) % step == 0 else ""
        for place, month in enumerate(trend.months)
    )
