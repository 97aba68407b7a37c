"""Introduces an issue without an introduction by its statistics (pure)."""

from collections.abc import Iterable

from bot.cards.locale import Catalogues, Locale
from bot.model.papers import LANGUAGES, IssueStats, Localized, TagCount

SURVEY_TAG = "survey-paper"
"""The tag of papers that survey others."""

_FEW = 2
"""Issues with fewer papers have no introduction, and tags with fewer are not frequent."""

_MAX_TAGS = 3
_MAX_NEW_TAGS = 5


def introduction(catalogues: Catalogues, counts: IssueStats) -> Localized:
    """Return the introduction in every language; empty if there is little to count.

    The same counts give the same sentences.
    """
    if counts.papers < _FEW:
        return {}
    return {
        language: " ".join(_sentences(Locale(catalogues, language), counts))
        for language in LANGUAGES
    }


def _sentences(locale: Locale, counts: IssueStats) -> Iterable[str]:
    yield _surveys(locale, counts)
    subjects = [each for each in counts.tags if each.current >= _FEW and each.tag != SURVEY_TAG]
    if subjects:
        named = ", ".join(
            locale.translate_plural(
                "{tag} ({number})", "{tag} ({number})", each.current, tag=f"#{each.tag}"
            )
            for each in subjects[:_MAX_TAGS]
        )
        yield locale.translate("Frequent subjects: {tags}.", tags=named)
    risen = sorted(
        (each for each in subjects if _has_risen(each, counts)),
        key=lambda each: _rise(each, counts),
    )
    if risen:
        yield locale.translate_plural(
            "More frequent than in the issue before: {tags}.",
            "More frequent than in the {number} issues before: {tags}.",
            counts.compared_issues,
            tags=", ".join(
                _compare_with_average(locale, each, counts) for each in risen[:_MAX_TAGS]
            ),
        )
    if counts.earlier_issues:
        yield from _news(locale, counts)


def _surveys(locale: Locale, counts: IssueStats) -> str:
    surveys = next((each.current for each in counts.tags if each.tag == SURVEY_TAG), 0)
    total = locale.format_number(counts.papers)
    if not surveys:
        return locale.translate("None of the {total} papers is a survey.", total=total)
    return locale.translate_plural(
        "{number} of the {total} papers is a survey.",
        "{number} of the {total} papers are surveys.",
        surveys,
        total=total,
    )


def _news(locale: Locale, counts: IssueStats) -> Iterable[str]:
    if counts.new_tags:
        tags = ", ".join(f"#{tag}" for tag in counts.new_tags[:_MAX_NEW_TAGS])
        yield locale.translate("For the first time in this list: {tags}.", tags=tags)
    if counts.seen_before:
        yield locale.translate_plural(
            "{number} of the papers was in an earlier issue already.",
            "{number} of the papers were in an earlier issue already.",
            counts.seen_before,
        )
    else:
        yield locale.translate("No paper was in an earlier issue.")


def _has_risen(tag: TagCount, counts: IssueStats) -> bool:
    """Tell whether a tag has at least one paper more than in the compared issues on average."""
    return (
        counts.compared_issues > 0 and (tag.current - 1) * counts.compared_issues >= tag.previous
    )


def _rise(tag: TagCount, counts: IssueStats) -> tuple[int, str]:
    """Return a sort key that puts the largest increase first."""
    return tag.previous - tag.current * counts.compared_issues, tag.tag


def _compare_with_average(locale: Locale, tag: TagCount, counts: IssueStats) -> str:
    return locale.translate_plural(
        "{tag} ({now} now, {before} then)",
        "{tag} ({now} now, {before} in those {number} together)",
        counts.compared_issues,
        tag=f"#{tag.tag}",
        now=locale.format_number(tag.current),
        before=locale.format_number(tag.previous),
    )
