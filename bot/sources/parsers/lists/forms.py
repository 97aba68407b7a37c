"""Names the known formats that a text is nearest to, with an example of each."""

import re

_FORMS = (
    ("a list of ids or addresses", "2310.01889", r"arxiv|\d{4}\.\d{4,5}|https?://|10\.\d{4}"),
    ("a Markdown list", "- [Title](https://arxiv.org/abs/2310.01889): why", r"^\s*[-*+•] |\]\("),
    ("CSV with named columns", "title,link,summary", r"[,;\t]"),
    ("a Markdown table", "| Title | Why | Link |", r"\|"),
    ("BibTeX", "@article{key, title = {Title}, doi = {10.1000/182}}", r"@|[{}]"),
    ("RIS", "TY  - JOUR", r"^[A-Z][A-Z0-9]\s*- "),
    ("a forum post", "[2026/06/21 ~ 06/28] title", r"논문|~"),
    ("the DAIR list", "## Top AI Papers of the Week (June 21 - June 28) - 2026", r"^#|\bweek\b"),
    ("a bundle", "issues:", r"^[a-z_]+:|^\s*- [a-z_]+:"),
)
"""A name, an example, and a pattern of which such a text has many."""

_SHOWN = 3
_HEAD = 20_000


def nearest_forms(text: str) -> str:
    """Return a sentence with the three formats that are nearest, each with an example."""
    head = text[:_HEAD]
    scored = [
        (-len(re.findall(pattern, head, re.IGNORECASE | re.MULTILINE)), place)
        for place, (_, _, pattern) in enumerate(_FORMS)
    ]
    nearest = [_FORMS[place] for _, place in sorted(scored)[:_SHOWN]]
    return (
        "Nearest are: " + "; ".join(f"{name}, such as {form}" for name, form, _ in nearest) + "."
    )
