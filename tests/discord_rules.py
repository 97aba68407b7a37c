"""Judges what is sent to Discord: its own description of its API, and the rules beside it."""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

Body = Mapping[str, Any]


def description() -> Any:
    """Return Discord's description of its API, or None where it is absent."""
    folder = os.environ.get("PAPERBOY_REFERENCE_DATA", "")
    file = Path(folder) / "discord" / "openapi.json"
    return _read(file) if folder and file.is_file() else None


def needs_description() -> None:
    """Skip a test where Discord's description of its API is absent."""
    if description() is None:
        pytest.skip("skipped: PAPERBOY_REFERENCE_DATA has no discord/openapi.json to judge bodies")


def check(schema: str, body: Any) -> None:
    """Fail where a body is not what a schema of the description wants; pass where it is absent."""
    if description() is None:
        return
    errors = sorted(_validator(schema).iter_errors(_by_type(body)), key=str)
    assert not errors, f"{schema}: {errors[0].message} at {errors[0].instance_path}"


def check_message(body: Body) -> None:
    """Fail where a message breaks a rule that the description does not know."""
    _check_texts(body)
    nested = list(components(body))
    identifiers = [each["custom_id"] for each in nested if "custom_id" in each]
    assert len(identifiers) == len(set(identifiers)), "two controls with the same custom_id"
    for each in nested:
        for name in ("content", "label", "placeholder", "title"):
            assert name not in each or each[name].strip(), f"an empty {name}"
        if each["type"] == 2:
            assert ("url" in each) != ("custom_id" in each)
            assert urlsplit(each.get("url", "https://x")).scheme in {"http", "https"}
        if each["type"] == 3:
            values = [option["value"] for option in each["options"]]
            assert len(values) == len(set(values)), "two options with the same value"
        if each["type"] == 1:
            kinds = {inner["type"] for inner in each["components"]}
            assert kinds == {2} or (kinds == {3} and len(each["components"]) == 1)
    shown = {item["media"]["url"] for each in nested for item in each.get("items", ())}
    shown |= {embed["image"]["url"] for embed in body.get("embeds", ()) if "image" in embed}
    shown |= {each["file"]["url"] for each in nested if each["type"] == 13}
    attached = {f"attachment://{each['filename']}" for each in body.get("attachments", ())}
    assert shown == attached, "a file that is not shown, or is not there"
    assert body["allowed_mentions"]["parse"] == []


def components(body: Body) -> Iterator[Body]:
    """Yield every component of a message, nested ones included."""
    waiting = list(body.get("components", ()))
    while waiting:
        each = waiting.pop(0)
        yield each
        waiting[:0] = [*each.get("components", ()), *filter(None, [each.get("accessory")])]


def texts(body: Body) -> Iterator[str]:
    """Yield the texts that a reader sees in a message, in order, without controls."""
    for embed in body.get("embeds", ()):
        yield from (embed[name] for name in ("title", "description") if name in embed)
    yield from (each["content"] for each in components(body) if each["type"] == 10)


def length(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text.encode("utf-16-le")) // 2


def _check_texts(body: Body) -> None:
    if body.get("flags", 0) & (1 << 15):
        assert not {"content", "embeds", "poll"} & body.keys()
        assert 1 < len(list(components(body))) <= 40
        assert sum(map(length, texts(body))) <= 4000
        return
    embeds = body.get("embeds", ())
    assert not (embeds and body.get("flags", 0) & (1 << 2)), (
        "SUPPRESS_EMBEDS would hide our own embed"
    )
    assert length(body.get("content", "")) <= 2000
    assert len(body.get("components", ())) <= 5
    parts = [embed.get(name, "") for embed in embeds for name in ("title", "description")]
    parts += [embed.get("footer", {}).get("text", "") for embed in embeds]
    assert sum(map(length, parts)) <= 6000
    assert all(length(embed.get("description", "")) <= 4096 for embed in embeds)


def _by_type(value: Any) -> Any:
    """Return a body as JSON gives it back."""
    return json.loads(json.dumps(value))


@cache
def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


@cache
def _validator(schema: str) -> Any:
    judge = pytest.importorskip("jsonschema_rs")
    registry = judge.Registry([("urn:discord", description())], draft=judge.Draft202012)
    return judge.Draft202012Validator(
        {"$ref": f"urn:discord#/components/schemas/{schema}"}, registry=registry
    )
