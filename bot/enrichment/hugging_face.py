"""Parses responses of the Hugging Face papers API: where a paper's code is."""

import json

from bot.enrichment.arxiv import is_repository_url


class InvalidResponse(ValueError):
    """The response is not in the format of the API."""


def parse_repository_url(body: bytes) -> str:
    """Return the URL of a paper's repository, or an empty string if none is known.

    The field is `githubRepo` of https://huggingface.co/api/papers/{arXiv id}; authors and readers
    fill it in. Raises InvalidResponse.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidResponse("it is not JSON") from None
    if not isinstance(answer, dict):
        raise InvalidResponse("it is no object")
    url = answer.get("githubRepo")
    return url if isinstance(url, str) and is_repository_url(url) else ""
