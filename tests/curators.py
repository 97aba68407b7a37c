"""Edits as a curator makes them."""

from bot.model.curation import Attribution, CorrectTags, CorrectText
from bot.ports.curation import Curation

ADA = Attribution("ada", "for a test")


async def correct_text(
    store: Curation, key: str, field: str, language: str, text: str | None
) -> None:
    """Put a text right, or take that back."""
    await store.curate(CorrectText(key, field, language, text), ADA)


async def correct_tag(store: Curation, key: str, tag: str, *, wanted: bool | None) -> None:
    """Give a paper a tag, take it away, or leave it to the sources."""
    await store.curate(CorrectTags(key, {tag: wanted}), ADA)
