"""Translates sentences and formats dates and numbers in Korean, English or both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from gettext import NullTranslations

from babel import dates, lists, numbers, units

from bot.model.papers import LANGUAGES, Localized
from bot.model.weeks import Month

Catalogues = Mapping[str, NullTranslations]
"""The translations of each language."""

BOTH = "both"
LANGUAGE_CHOICES = (*LANGUAGES, BOTH)
"""The languages that a person or a channel can choose."""

_SEPARATOR = " / "
_KOREAN_TIME = "aaaa h:mm"
"""오전 9:00; the short form of the locale data has AM and PM."""

_SMALL_SHARE = 0.1
"""Below it a share is written with a decimal."""

_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text in the language that was asked for, or in another one where it has none."""

    text: str
    language: str
    is_substitute: bool
    """Whether it replaces a language in which the text does not exist."""


class TranslatableReason(str):
    """The reason of an error, in English; it is translated if the catalogues have the sentence."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Locale:
    """The languages of a reader, with their catalogues."""

    catalogues: Catalogues
    language_choice: str
    """'ko', 'en', 'both', or another language that the catalogues have: then texts are shown in
    it, and the words around them are English."""
    public_url: str = ""
    """The address of the web pages, with a slash at its end; empty where there are none."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which texts are shown, in their order."""
        return _languages_of(self.language_choice)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the languages of the words around texts, in their order: Korean, English."""
        return _words_of(self.language_choice)

    def by_language(self) -> tuple["Locale", ...]:
        """Return a locale for each of the languages, for text that is too long to be mixed."""
        return tuple(replace(self, language_choice=language) for language in self.languages)

    def translate(self, sentence: str, **facts: object) -> str:
        """Return the translation of a sentence, with these values in it."""
        words = self.words
        if len(words) == 1:
            return self._translate_into(words[0], sentence, facts)
        return self._joined(self._translate_into(each, sentence, facts) for each in words)

    def _translate_into(self, language: str, sentence: str, facts: Mapping[str, object]) -> str:
        sentence = self.catalogues[language].gettext(sentence)
        for fact in facts.values():
            if isinstance(fact, TranslatableReason):
                facts = self._translate_reasons(language, facts)
                break
        return sentence.format(**facts)

    def _translate_reasons(self, language: str, facts: Mapping[str, object]) -> dict[str, object]:
        """Return the values with their reasons translated, where the catalogue has them."""
        said = self.catalogues[language].gettext
        return {
            name: said(fact) if isinstance(fact, TranslatableReason) and fact else fact
            for name, fact in facts.items()
        }

    def command_name(self, written: str) -> str:
        """Return the name that a command, such as `/digest subscribe`, has on the platform."""
        return self.catalogues[self.words[0]].gettext(written)

    def translate_plural(self, one: str, many: str, number: int, **facts: object) -> str:
        """Return the translation of a plural sentence; `{number}` is the formatted number."""
        return self._joined(
            self.catalogues[language]
            .ngettext(one, many, number)
            .format(number=_format_number(number, language), **facts)
            for language in self.words
        )

    def format_date(self, day: date) -> str:
        """Return a formatted date."""
        if self.language_choice == BOTH:
            return day.isoformat()
        return _format_date(day, self.words[0])

    def format_date_range(self, start: date, end: date) -> str:
        """Return a formatted range of dates."""
        if self.language_choice == BOTH:
            return f"{start.isoformat()} ~ {end.isoformat()}"
        return _format_interval(start, end, self.words[0])

    def format_month(self, month: Month) -> str:
        """Return a formatted month with its year."""
        if self.language_choice == BOTH:
            return str(month)
        return dates.format_skeleton("yMMMM", month.first_day, locale=self.words[0])

    def format_short_month(self, month: Month) -> str:
        """Return a month with its year as short as the language has it."""
        return dates.format_skeleton("yMMM", month.first_day, locale=self.words[0])

    def format_datetime(self, moment: datetime) -> str:
        """Return a formatted date and time, in the zone of `moment`."""
        if self.language_choice == BOTH:
            return f"{moment:%Y-%m-%d %H:%M}"
        day = dates.format_skeleton("yMMMEd", moment, tzinfo=moment.tzinfo, locale=self.words[0])
        form = _KOREAN_TIME if self.language_choice == "ko" else "short"
        at = dates.format_time(moment, form, tzinfo=moment.tzinfo, locale=self.words[0])
        return f"{day} {at}"

    def format_time(self, at: time) -> str:
        """Return a formatted time of day: of 12 hours in Korean, or else of 24."""
        if self.language_choice == "ko":
            return dates.format_time(at, _KOREAN_TIME, locale="ko")
        return f"{at:%H:%M}"

    def format_duration(self, span: timedelta) -> str:
        """Return a formatted span, in the largest of days, hours and minutes that divides it."""
        name, unit = next((each for each in _UNITS if not span % each[1]), _UNITS[-1])
        return self._joined(
            # Korean has no long form in the locale data.
            units.format_unit(span // unit, f"duration-{name}", length="short", locale=language)
            for language in self.words
        )

    def format_ago(self, span: timedelta) -> str:
        """Return how long ago something was, such as `2 hours ago`, in its largest unit."""
        passed = max(span, timedelta(seconds=1))
        return self._joined(
            dates.format_timedelta(-passed, add_direction=True, threshold=1, locale=language)
            for language in self.words
        )

    def weekday_name(self, number: int) -> str:
        """Return the name of a day of the week; 0 is Monday."""
        return self._joined(
            dates.get_day_names("wide", locale=language)[number] for language in self.words
        )

    def format_number(self, number: int) -> str:
        """Return a formatted number."""
        return _format_number(number, self.words[0])

    def format_percent(self, share: float) -> str:
        """Return a formatted share (0 to 1) as whole percent; small ones with a decimal."""
        form = "#,##0.0%" if 0 < share < _SMALL_SHARE else "#,##0%"
        return numbers.format_percent(share, form, locale=self.words[0])

    def format_list(self, items: Sequence[str]) -> str:
        """Return a formatted list of names."""
        return lists.format_list(list(items), locale=self.words[0])

    def localized_texts(self, localized: Localized) -> tuple[LocalizedText, ...]:
        """Return a text in each of the languages, or else in another one that it exists in.

        Empty if the text does not exist at all.
        """
        found = tuple(
            [
                LocalizedText(localized[language], language, is_substitute=False)
                for language in self.languages
                if localized.get(language)
            ]
        )
        if found:
            return found
        language = self._substitute(localized)
        if not language:
            return ()
        return (LocalizedText(localized[language], language, is_substitute=True),)

    def first_text(self, localized: Localized) -> str:
        """Return a text in the first language that it exists in, or an empty string."""
        for language in self.languages:
            if text := localized.get(language):
                return text
        return localized.get(self._substitute(localized), "")

    def _substitute(self, localized: Localized) -> str:
        """Return the language of the text that is shown where none is in those asked for."""
        for language in (*_substitutes_of(self.language_choice), *localized):
            if localized.get(language):
                return language
        return ""

    @staticmethod
    def _joined(sentences: object) -> str:
        return _SEPARATOR.join(dict.fromkeys(sentences))  # type: ignore[call-overload]


@cache
def _languages_of(choice: str) -> tuple[str, ...]:
    return LANGUAGES if choice == BOTH else (choice,)


@cache
def _words_of(choice: str) -> tuple[str, ...]:
    return tuple(each if each in LANGUAGES else "en" for each in _languages_of(choice))


@cache
def _substitutes_of(choice: str) -> tuple[str, ...]:
    # A reader of neither Korean nor English sees English rather, as are the words around it.
    is_known = _words_of(choice)[0] == _languages_of(choice)[0]
    return LANGUAGES if is_known else LANGUAGES[::-1]


@lru_cache(maxsize=4096)  # days of issues are formatted again and again
def _format_date(day: date, language: str) -> str:
    return dates.format_date(day, format="long", locale=language)


@lru_cache(maxsize=1024)
def _format_interval(start: date, end: date, language: str) -> str:
    return dates.format_interval(start, end, skeleton="yMMMd", locale=language)


@lru_cache(maxsize=4096)
def _format_number(number: int, language: str) -> str:
    return numbers.format_decimal(number, locale=language)
