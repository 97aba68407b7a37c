"""The texts of a paper whose vectors, taken together, stand for its meaning (pure)."""

from hashlib import blake2b

from bot.model.papers import Paper

_LEAD_LENGTH = 250
"""Characters of a summary that say what the paper is about; the rest is details."""

_MAX_LENGTH = 4_000
"""Characters of the summaries that are read."""

_BULLET = "●"


def gist(paper: Paper) -> tuple[str, str]:
    """Return the titles of a paper with the leads of its summaries, and with the whole of them."""
    title = " / ".join(dict.fromkeys(filter(None, paper.titles.values()))) or paper.key
    summaries = [text for text in paper.summaries.values() if text]
    leads = " ".join(text.partition(_BULLET)[0][:_LEAD_LENGTH] for text in summaries)
    whole = " ".join(summaries).replace(_BULLET, " ")[:_MAX_LENGTH]
    return f"{title}. {leads}", f"{title}. {whole}"


def gist_digest(paper: Paper) -> str:
    """Return a digest of the gist; it changes whenever the paper needs another vector."""
    return blake2b("\0".join(gist(paper)).encode(), digest_size=8).hexdigest()
