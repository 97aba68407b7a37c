"""Writes the README's map of the code: each module with the first line of its docstring."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "adapters", "storage", "config")


def modules() -> list[Path]:
    """Return every module of the program, folder by folder."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "versions" not in path.parts
    ]


def render_map() -> str:
    """Return the map as it stands in the README."""
    lines = ["", "| module | what it is for |", "| --- | --- |"]
    for path in modules():
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        name = path.relative_to(ROOT).as_posix().removesuffix("__init__.py")
        lines.append(f"| `{name}` | {' '.join(doc.split(chr(10) * 2)[0].split())} |")
    return "\n".join([*lines, "", ""])


if __name__ == "__main__":
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    shown = re.sub(
        r"(<!-- map -->\n).*(<!-- /map -->)",
        lambda found: found[1] + render_map() + found[2],
        text,
        flags=re.DOTALL,
    )
    readme.write_text(shown, encoding="utf-8")
