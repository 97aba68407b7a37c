"""Every sentence exists in Korean and in English."""

import ast
import re
from collections import defaultdict
from functools import cache
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
ERRORS = {"Refused", "TryLater", "Unknown", "TargetDeleted", "MessageDeleted"}


@cache
def sentences() -> dict[tuple[str, ...], set[str]]:
    """Return the forms of each sentence, and the files that say it."""
    keywords = {"translate": None, "translate_plural": (1, 2), "_": None}
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for folder in ("bot", "adapters", "storage"):
        for name, _, message, _, _ in extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            keywords=keywords,
        ):
            found[forms(message)].add(f"{folder}/{name}")
    return found


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

    assert {forms(message.id) for message in known if message.id} == set(said)
    for message in known:
        if message.id:
            given = forms(message.string)
            named, files = {file for file, _ in message.locations}, said[forms(message.id)]
            assert named, f"{message.id}: name its file, one of {files}, by #:"
            assert named <= files, f"{message.id} is said in another file, one of {files}"
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


def test_a_sentence_is_translated_with_its_values_in_it() -> None:
    korean = catalogues.load()["ko"]
    filled = [
        (message, re.sub(r"{\w+}", "X1", message))
        for message, *plural in sentences()
        if not plural and message[:1] != "{" and message.endswith(".") and "{" in message
    ]
    assert len(filled) > 10
    for message, said in filled:
        assert re.search("[가-힣]", korean.gettext(said)), message


def test_the_names_of_permissions_are_translated_within_a_sentence() -> None:
    said = catalogues.load()["ko"].gettext(
        "Paperboy lacks the permissions View Channel, Embed Links and Send Messages; allow them "
        "in the channel's settings."
    )
    assert "채널 보기, 링크 첨부, 메시지 보내기" in said


def test_the_longer_of_two_sentences_that_match_is_meant() -> None:
    said = catalogues.load()["ko"].gettext(
        "The webhook answered 409; it may have taken the message."
    )
    assert "받았을 수도" in said


def test_values_that_are_no_names_stay_as_they_are() -> None:
    korean = catalogues.load()["ko"]
    assert "Missing Access (50001)" in korean.gettext(
        "Discord refuses it: Missing Access (50001)."
    )
    assert korean.gettext("Nobody wrote this sentence 5 times.").startswith("Nobody")


def test_reasons_that_people_read_are_marked_for_translation() -> None:
    """A literal in a raised error would be shown in English to everyone."""
    folders = ("adapters/discord", "adapters/slack", "adapters/webhook", "bot/delivery")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        if path.parts[-2] == "auth":
            continue  # operators read these, on the command line
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
                literals = [
                    each for each in node.args
                    if isinstance(each, ast.JoinedStr)
                    or (isinstance(each, ast.Constant) and isinstance(each.value, str))
                ]  # fmt: skip
                assert not literals, f"{path}:{node.lineno}"


@pytest.mark.parametrize("damage", [b"", b"half", None])
def test_a_kept_catalogue_that_was_not_written_whole_is_made_anew(
    damage: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = (ROOT / "config/locales/ko/LC_MESSAGES/paperboy.po").read_bytes()
    whole = catalogues.Translations(source, "ko").gettext("Citation")
    (kept,) = (tmp_path / "paperboy").iterdir()
    content = kept.read_bytes()

    kept.write_bytes(content[:-9] if damage is None else damage)

    assert catalogues.Translations(source, "ko").gettext("Citation") == whole != "Citation"
    assert [each.read_bytes() for each in (tmp_path / "paperboy").iterdir()] == [content]
    kept.unlink()
    kept.mkdir()  # what cannot be kept is compiled each time
    assert catalogues.Translations(source, "ko").gettext("Citation") == whole
