"""Writes the generated parts of the documentation: the map of modules and the table of log events.

Run as `python -m tests.generated_docs` after a module or a log line changed.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "adapters", "storage", "config")
_LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")
_TRACEBACK = {"exception": "error"}


def modules() -> list[Path]:
    """Return every module of the program, folder by folder."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "versions" not in path.parts
    ]


def render_map() -> str:
    """Return the map of modules, a table for each package of the first two levels."""
    lines = [""]
    package = ""
    for path in modules():
        name = path.relative_to(ROOT).as_posix().removesuffix("__init__.py")
        top = (
            "/".join(name.split("/")[:2]) + "/"
            if name.count("/") > 1
            else name.split("/")[0] + "/"
        )
        if top != package:
            package = top
            lines += ["", f"### `{top}`", "", "| module | what it is for |", "| --- | --- |"]
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        lines.append(f"| `{name}` | {' '.join(doc.split(chr(10) * 2)[0].split())} |")
    return "\n".join([*lines, "", ""])


def log_events() -> Iterator[tuple[str, str, str]]:
    """Yield the phrase, the level and the module of every log event of the program."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_log_call(node):
                yield _phrase(node), _level(node), path.relative_to(ROOT).as_posix()


def render_log_events() -> str:
    """Return the table of log events, sorted by phrase."""
    rows = sorted(
        {f"| `{phrase}` | {level} | `{module}` |" for phrase, level, module in log_events()}
    )
    return "\n".join(["", "| event | level | module |", "| --- | --- | --- |", *rows, "", ""])


def _is_log_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "_LOG"
    )


def _level(node: ast.AST) -> str:
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    return _TRACEBACK.get(node.func.attr, "varies" if node.func.attr == "log" else node.func.attr)


def _phrase(node: ast.AST) -> str:
    """Return the fixed phrase of an event, without the fields that follow it."""
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    message = node.args[1 if node.func.attr == "log" else 0]
    assert isinstance(message, ast.Constant), (
        f"a log event begins with a literal: {ast.dump(message)}"
    )
    return str(message.value)


def written(name: str, marker: str, content: str) -> str:
    """Return a document with the part between two markers replaced."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(
        rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)",
        lambda found: found[1] + content + found[2],
        text,
        flags=re.DOTALL,
    )


GENERATED = (
    ("docs/architecture.md", "map", render_map),
    ("docs/operators.md", "log-events", render_log_events),
)

if __name__ == "__main__":
    for name, marker, render in GENERATED:
        (ROOT / name).write_text(written(name, marker, render()), encoding="utf-8")
