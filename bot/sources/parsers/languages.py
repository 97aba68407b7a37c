"""Tells Korean texts from English ones (pure)."""

from bot.lib.transliteration import has_hangul


def language_of(text: str) -> str:
    """Return the language of a text: `ko` if it has a Hangul syllable, else `en`."""
    return "ko" if has_hangul(text) else "en"
