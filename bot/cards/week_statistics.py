"""Introduces an issue without an introduction by its statistics (pure)."""

from collections.abc import Iterable, Sequence

from bot.cards.locale import Catalogues, Locale
from bot.model.papers import LANGUAGES, Issue, IssueStats, Localized, Paper, TagCount

SURVEY_TAG = "survey-paper"
"""The tag of papers that survey others."""

_FEW = 2
"""Issues with fewer papers have no introduction, and tags with fewer are not frequent."""

_MAX_TAGS = 3
_MAX_NEW_TAGS = 5
_MAX_NAMES = 2
"""Papers that are named of a frequent tag."""

_MAX_SURVEYS = 3


def introduction(catalogues: Catalogues, issue: Issue) -> Localized:
    """Return the introduction in every language; empty if there is little to count.

    It names papers by their tags; the same issue gives the same sentences.
    """
    counts = issue.counts
    if counts is None or counts.papers < _FEW:
        return {}
    papers = tuple({entry.paper.key: entry.paper for entry in issue.entries}.values())
    texts = {
        language: " ".join(_sentences(Locale(catalogues, language), counts, papers))
        for language in LANGUAGES
    }
    return {language: text for language, text in texts.items() if text}


def _sentences(locale: Locale, counts: IssueStats, papers: Sequence[Paper]) -> Iterable[str]:
    subjects = [each for each in counts.tags if each.current >= _FEW and each.tag != SURVEY_TAG]
    named: set[str] = set()
    for subject in subjects[:_MAX_TAGS]:
        yield _subject(locale, subject, counts, _choose(papers, subject, named))
    yield from _surveys(locale, [paper for paper in papers if SURVEY_TAG in paper.all_tags])
    yield from _news(locale, counts)


def _choose(papers: Sequence[Paper], subject: TagCount, named: set[str]) -> Sequence[Paper]:
    """Return papers of a subject to name, those first that were not named yet."""
    own = [paper for paper in papers if subject.tag in paper.all_tags]
    own.sort(key=lambda paper: paper.key in named)  # stable: in the order of the issue
    chosen = own[:_MAX_NAMES]
    named.update(paper.key for paper in chosen)
    return chosen


def _subject(
    locale: Locale, subject: TagCount, counts: IssueStats, chosen: Sequence[Paper]
) -> str:
    tag, names = f"#{subject.tag}", _names(locale, chosen)
    if subject.current <= len(chosen):
        return locale.translate("{tag}: {names}.", tag=tag, names=names)
    facts = {
        "tag": tag,
        "number": locale.format_number(subject.current),
        "total": locale.format_number(counts.papers),
        "names": names,
    }
    usual = round(subject.previous / counts.compared_issues) if counts.compared_issues else 0
    if not usual:
        return locale.translate("{tag}: {number} of {total} papers, among them {names}.", **facts)
    return locale.translate(
        "{tag}: {number} of {total} papers, usually {usual}; among them {names}.",
        **facts,
        usual=locale.format_number(usual),
    )


def _surveys(locale: Locale, surveys: Sequence[Paper]) -> Iterable[str]:
    if not surveys:
        return
    names = _names(locale, surveys[:_MAX_SURVEYS])
    if len(surveys) > _MAX_SURVEYS:
        number = locale.format_number(len(surveys))
        yield locale.translate("{number} surveys, among them {names}.", number=number, names=names)
    else:
        yield locale.translate_plural(
            "Survey: {names}.", "Surveys: {names}.", len(surveys), names=names
        )


def _names(locale: Locale, papers: Sequence[Paper]) -> str:
    names = (paper.nickname or locale.first_text(paper.titles) or paper.key for paper in papers)
    return locale.format_list([f"\u201c{name}\u201d" for name in names])


def _news(locale: Locale, counts: IssueStats) -> Iterable[str]:
    if counts.earlier_issues and counts.new_tags:
        tags = ", ".join(f"#{tag}" for tag in counts.new_tags[:_MAX_NEW_TAGS])
        yield locale.translate("For the first time in this list: {tags}.", tags=tags)
    if counts.seen_before:
        yield locale.translate_plural(
            "{number} of the papers was in an earlier issue already.",
            "{number} of the papers were in an earlier issue already.",
            counts.seen_before,
        )
