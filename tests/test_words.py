"""Comments and docstrings of the program are plain technical English."""

import ast
import io
import re
import tokenize

from tests.generated_docs import ROOT, modules

VAGUE = re.compile(r"\b(whoever|somebody|nobody)\b", re.IGNORECASE)
"""Words that name no part of the system: say the subscriber, another program, no platform."""


def prose_of(source: str) -> list[tuple[int, str]]:
    """Return comments and docstrings with their lines; a string on its own is a docstring."""
    found = [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    found += [
        (node.lineno, node.value.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return found


def test_prose_names_who_or_what_it_means() -> None:
    tests = (path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
    sources = {path: path.read_text(encoding="utf-8") for path in (*modules(), *sorted(tests))}
    vague = [
        f"{path.relative_to(ROOT)}:{line}: {found.group()}"
        for path, source in sources.items()
        # Prose stands in a source as it is read, without escapes: few have to be parsed.
        if VAGUE.search(source)
        for line, prose in prose_of(source)
        if (found := VAGUE.search(prose))
    ]

    assert len(sources) > 900
    assert not vague, "\n".join(vague)
