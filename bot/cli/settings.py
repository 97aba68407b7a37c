"""Reads the settings for a command, with a section for each platform."""

from collections.abc import Sequence

from bot.app.platforms import load_settings, platform_options, settings_type
from bot.cli.exit import fail, warn
from config import loader
from config.environment import PREFIX
from config.settings import Settings

_EXAMPLE = "config/paperboy.example.toml explains every setting."


def load() -> Settings:
    """Return the settings, and warn of variables that set nothing.

    Raises `config.environment.InvalidSettings`.
    """
    found = load_settings()
    if unknown := loader.unknown_variables(type(found)):
        warn(f"No setting of Paperboy, and ignored: {', '.join(unknown)}.")
    return found


def platform_names() -> tuple[str, ...]:
    """Return the names of all platforms that there are, in alphabetical order."""
    return tuple(settings_type().platform_names())


def require_platform(name: str) -> None:
    """End the program where there is no platform of a name."""
    if name not in platform_names():
        fail(f"There is no platform {name!r}; there are {join(platform_names(), 'and')}.")


def explain_no_platform(settings: Settings) -> str:
    """Return what to do where no platform is set up."""
    switches = [
        variable_name(name, options.enabled_by)
        for name, options in platform_options(settings).items()
    ]
    lines = [f"No platform is set up. Set {join(switches, 'or')}; {_EXAMPLE}"]
    for wrong, meant in loader.misnamed_variables(type(settings)).items():
        lines.append(f"{wrong} is set, but not read; is {meant} meant?")
    return "\n".join(lines)


def explain_not_configured(settings: Settings, name: str) -> str:
    """Return what to do where a platform is not set up."""
    options = platform_options(settings)[name]
    return (
        f"The platform {name!r} is not set up; set {variable_name(name, options.enabled_by)}. "
        f"Its settings begin with {variable_name(name, '')}, and {_EXAMPLE}"
    )


def variable_name(platform: str, field: str) -> str:
    """Return the environment variable of a platform's setting."""
    return f"{PREFIX}{platform}_{field}".upper()


def join(names: Sequence[str], word: str) -> str:
    """Return names as they are listed in a sentence: `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last
