"""Every sentence exists in Korean and in English."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.cards.locale import Locale
from bot.commands.registry import COMMANDS
from config import catalogues

ROOT = Path(__file__).parents[1]
DISCORD_DESCRIPTION = 100


def sentences() -> set[object]:
    keywords = {"translate": None, "translate_plural": (1, 2), "_": None}
    return {
        message
        for folder in ("bot", "adapters")
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder, method_map=[("**.py", "python")], keywords=keywords
        )
    }


def catalogue(language: str) -> Catalog:
    path = ROOT / "config" / "locales" / language / "LC_MESSAGES" / "paperboy.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def placeholders(texts: tuple[str, ...]) -> set[str]:
    return {name for text in texts for name in re.findall(r"{(\w+)}", text)}


def forms(text: object) -> tuple[str, ...]:
    """Return a sentence's forms: one, or one for each plural."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


@pytest.mark.parametrize("language", set(catalogues.LANGUAGES) - {catalogues.SOURCE_LANGUAGE})
def test_every_sentence_is_there_and_no_other(language: str) -> None:
    said, known = sentences(), catalogue(language)

    assert {forms(message.id) for message in known if message.id} == set(map(forms, said))
    for message in known:
        if message.id:
            given = forms(message.string)
            assert all(given), f"{message.id} has no words in {language}"
            assert placeholders(given) == placeholders(forms(message.id)), message.id


def test_english_needs_no_catalogue() -> None:
    english = catalogues.load()["en"]

    assert english.gettext("Nothing is known.") == "Nothing is known."
    assert [english.ngettext("one", "many", number) for number in (0, 1, 2)] == [
        "many", "one", "many",
    ]  # fmt: skip


def test_korean_sentences_are_korean() -> None:
    for message in catalogue("ko"):
        if re.search(r"[A-Za-z]{3}", re.sub(r"{\w+}", "", "".join(forms(message.id)))):
            assert re.search("[가-힣]", "".join(forms(message.string))), message.id


@pytest.mark.parametrize("language", ["ko", "en"])
def test_commands_are_described_briefly_enough_for_every_platform(language: str) -> None:
    locale = Locale(catalogues.load(), language)

    for row in COMMANDS:
        assert len(locale.translate(row.description)) <= DISCORD_DESCRIPTION
        if row.argument:
            assert len(locale.translate(row.argument.description)) <= DISCORD_DESCRIPTION


def test_no_two_commands_share_a_name() -> None:
    names = [name for row in COMMANDS for name in (row.name, row.korean_name)]

    assert len(names) == len(set(names))
