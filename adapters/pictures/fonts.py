"""The fonts of pictures: a subset of Noto Sans KR, and what the system has for other scripts."""

from functools import cache
from pathlib import Path

from matplotlib import font_manager

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = FOLDER / "NotoSansKR-Regular.ttf", FOLDER / "NotoSansKR-Bold.ttf"
FAMILY = "Noto Sans KR"

_OTHERS = (
    "Noto Sans CJK KR", "Noto Sans CJK JP", "Apple SD Gothic Neo", "Malgun Gothic", "Pretendard",
    "NanumGothic", "Hiragino Sans", "Yu Gothic", "Microsoft YaHei", "Arial Unicode MS",
)  # fmt: skip
"""Families with syllables and ideographs that the subset lacks; those that are there are used."""


@cache
def families() -> tuple[str, ...]:
    """Return the names of the fonts in the order in which a letter is looked for in them."""
    manager = font_manager.fontManager
    for file in (REGULAR, BOLD):
        manager.addfont(file)
    known = {entry.name for entry in manager.ttflist}
    found = [name for name in _OTHERS if name in known]
    # The last one comes with matplotlib, and has most other signs.
    return (FAMILY, *found, "DejaVu Sans")


@cache
def fallback_files(*, is_bold: bool) -> tuple[Path, ...]:
    """Return the files of `families` but the first, for what takes no names."""
    weight = "bold" if is_bold else "normal"
    return tuple(
        Path(font_manager.findfont(font_manager.FontProperties(family=name, weight=weight)))
        for name in families()[1:]
    )
