"""Loads settings: a TOML file, then environment variables `PAPERBOY_…`, which win."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from pydantic import ValidationError

from config import environment
from config.environment import InvalidSettings
from config.settings import Settings

FILE_NAME = "paperboy.toml"


def load(path: Path | None = None, kind: type[Settings] = Settings) -> Settings:
    """Return the settings of a file (by default the first of `settings_paths`) and environment.

    `kind` says which settings there are; see `with_platforms`. Raises InvalidSettings where one is
    wrong or unknown, or where a file that was named is not there.
    """
    variables = environment.variables_of(kind)
    _reject_misspelt(variables, kind)
    file = path or _first_file(variables.get(environment.SETTINGS_VARIABLE))
    values = _read(file) if file else {}
    if "DATABASE_URL" in variables:  # what hosts call it
        values.setdefault("database_url", variables["DATABASE_URL"])
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise InvalidSettings(_format_error(error, file, kind)) from None


def unknown_variables(kind: type[Settings]) -> tuple[str, ...]:
    """Return the variables PAPERBOY_… that are set and are no setting."""
    known = environment.known_variables(kind)
    prefixes = environment.open_prefixes(kind)
    return tuple(environment.unknown_variables(environment.variables_of(kind), known, prefixes))


def misnamed_variables(kind: type[Settings]) -> dict[str, str]:
    """Return variables that are set without PAPERBOY_ before a platform's name.

    The values are the variables that are meant, perhaps.
    """
    sections = {
        name: [each for each in environment.known_variables(kind) if _is_of(each, name)]
        for name in kind.platform_names()
    }
    return environment.misnamed_variables(environment.variables_of(kind), sections)


def _is_of(variable: str, section: str) -> bool:
    return variable.startswith(f"{environment.PREFIX}{section.upper()}_")


def _reject_misspelt(variables: Mapping[str, str], kind: type[Settings]) -> None:
    """Raise InvalidSettings for variables that are spelt nearly like a setting.

    Others that begin with PAPERBOY_ are no error: hosts set some by themselves, such as
    Kubernetes for a service of this name.
    """
    known = environment.known_variables(kind)
    prefixes = environment.open_prefixes(kind)
    unknown = environment.unknown_variables(variables, known, prefixes)
    if lines := [
        f"{name}: there is no such setting; the nearest is {near}."
        for name, near in unknown.items()
        if near
    ]:
        raise InvalidSettings("\n".join(["The settings cannot be used:", *lines]))


def settings_paths() -> tuple[Path, ...]:
    """Return where a settings file is looked for, the first one found being used."""
    folder = platformdirs.user_config_path("paperboy", appauthor=False)
    return Path(FILE_NAME), folder / FILE_NAME


def _first_file(named: str | None) -> Path | None:
    if named:
        return Path(named)
    return next((path for path in settings_paths() if path.is_file()), None)


def _read(path: Path) -> dict[str, object]:
    if not path.exists():
        raise InvalidSettings(f"There is no settings file {path}.")
    try:
        return tomllib.loads(environment.read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"{path} cannot be read as TOML: {error}.") from None
    except RecursionError:
        raise InvalidSettings(f"{path} cannot be read as TOML: it is nested too deeply.") from None


def _format_error(error: ValidationError, file: Path | None, kind: type[Settings]) -> str:
    lines = []
    for each in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in each["loc"])
        variable = environment.PREFIX + name.replace(".", "_").upper()
        reason = each["msg"].removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            near = environment.nearest(variable, environment.known_variables(kind))
            reason = "there is no such setting" + (f"; the nearest is {near}" if near else "")
        lines.append(f"{name} (or {variable}): {reason}" if name else reason)
    place = f" in {file}" if file else ""
    return "\n".join([f"The settings{place} cannot be used:", *lines])
