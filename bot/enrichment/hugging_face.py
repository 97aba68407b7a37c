"""Reads what Hugging Face answers about a paper: where its code is."""

import json

from bot.enrichment.arxiv import is_repository_url


class InvalidResponse(ValueError):
    """The answer is not what the API answers."""


def parse_repository_url(body: bytes) -> str:
    """Return the address of a paper's code, or nothing where none is known.

    The field is `githubRepo` of https://huggingface.co/api/papers/{arXiv id}; authors and readers
    fill it in. Raises Unreadable.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidResponse("it is not JSON") from None
    if not isinstance(answer, dict):
        raise InvalidResponse("it is no object")
    url = answer.get("githubRepo")
    return url if isinstance(url, str) and is_repository_url(url) else ""
