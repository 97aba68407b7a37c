"""Pictures: charts and previews of pages, where the extra `pictures` is installed."""

from importlib.util import find_spec

from bot.ports.painter import Painter

_PACKAGES = ("matplotlib", "PIL")


def connect() -> Painter | None:
    """Return what draws, or None where the extra is not installed; nothing is loaded yet."""
    if not all(map(find_spec, _PACKAGES)):
        return None
    # matplotlib takes half a second: it is imported when the first picture is drawn.
    from adapters.pictures.painter import MatplotlibPainter  # noqa: PLC0415

    return MatplotlibPainter()
