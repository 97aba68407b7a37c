"""The texts of a paper as people write them in a form, and whether one was changed (pure)."""

import hashlib
from collections.abc import Iterable

from bot.model.papers import Paper

_LENGTH = 12


def paper_text(paper: Paper, field: str, language: str = "") -> str:
    """Return a text of a paper: of tags a line with commas, of links a line for each."""
    match field:
        case "title":
            return paper.titles.get(language, "")
        case "summary":
            return paper.summaries.get(language, "")
        case "abstract":
            return paper.abstracts.get(language, "")
        case "tags":
            return ", ".join(paper.all_tags)
        case "links":
            lines = (
                f"{link.label}={link.url}" if link.label else link.url for link in paper.links
            )
            return "\n".join(lines)
        case _:
            return ""


def fingerprint(texts: Iterable[str]) -> str:
    """Return 12 letters that differ where one of these texts does."""
    joined = "\0".join(texts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:_LENGTH]
