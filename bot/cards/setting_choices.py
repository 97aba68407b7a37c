"""The settings of a digest that have a few values, with a sentence that names each (pure)."""

from collections.abc import Collection, Mapping

from bot.cards.locale import Catalogues, Locale
from bot.lib.marker import _
from bot.model.card import Option
from bot.model.languages import OTHER_LANGUAGES

SETTING_CHOICES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "language": (("ko", _("Korean")), ("en", _("English")), ("both", _("Korean and English"))),
    "layout": (
        ("overview", _("Overview: one message")),
        ("threads", _("Threads: a message and a thread for each paper")),
        ("forum", _("Forum: a post for each paper")),
    ),
    "saved": (
        ("newest", _("Newest first")),
        ("oldest", _("Oldest first")),
        ("unread", _("Unread first")),
        ("export markdown", _("Export as Markdown")),
        ("export bibtex", _("Export as BibTeX")),
        ("export csl", _("Export as CSL-JSON")),
    ),
    "recap": (
        ("on", _("Begin with last week's discussions")),
        ("off", _("Without last week's discussions")),
    ),
    "period": (
        ("week", _("The last 7 days")),
        ("month", _("The last 30 days")),
        ("all", _("All time")),
    ),
    "absence": (("say", _("Say that no week came")), ("silent", _("Say nothing"))),
}
"""The values of settings by their names; each with a sentence of the catalogues."""


_NAMES = {
    "day": _("day"),
    "time": _("time"),
    "zone": _("zone"),
    "language": _("language"),
    "layout": _("layout"),
    "tags": _("tags"),
    "series": _("series"),
    "mention": _("mention"),
    "patience": _("patience"),
    "absence": _("absence"),
    "grace": _("grace"),
    "quiet": _("quiet"),
    "admin": _("admin"),
    "recap": _("recap"),
}
"""The names of settings, as people write them before `=`."""


def setting_name(locale: Locale, name: str) -> str:
    """Return the name that a setting has in the language of the reader."""
    return locale.translate(_NAMES[name]) if name in _NAMES else name


def setting_options(
    locale: Locale, name: str, values: Collection[str] | None = None
) -> tuple[Option, ...]:
    """Return the values of a setting with their labels; only those of `values`, if given."""
    others = other_language_choices(locale.catalogues) if name == "language" else ()
    return tuple(
        Option(locale.translate(sentence), value)
        for value, sentence in (*SETTING_CHOICES.get(name, ()), *others)
        if values is None or value in values
    )


def other_language_choices(catalogues: Catalogues) -> tuple[tuple[str, str], ...]:
    """Return the languages that texts alone are translated into, with their English names."""
    return tuple((each, OTHER_LANGUAGES[each]) for each in catalogues if each in OTHER_LANGUAGES)
