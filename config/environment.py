"""Reads the environment: variables, a `.env` file below them, and secrets that files hold."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, get_origin

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

PREFIX = "PAPERBOY_"
SETTINGS_VARIABLE = f"{PREFIX}SETTINGS"
"""Names the settings file."""
FILE_SUFFIX = "_FILE"
"""A secret's variable with this suffix names a file that holds the secret."""
DOTENV_VARIABLE = f"{PREFIX}ENV_FILE"
"""Names the file of variables, where it is not `.env` in the working directory."""
DOTENV_NAME = ".env"

_TABLE = '{"name": "value"}'
_NEAR = 0.75
"""How alike (0 to 1) two names are when one may be meant by the other."""
_OF_HOSTS = re.compile(
    f"{PREFIX}(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)"
)
"""What Kubernetes sets in every container, where a service has our name.

See https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
"""
_MAX_SECRET_BYTES = 64 * 1024


class InvalidSettings(Exception):
    """The settings cannot be used; the message names each wrong one, never a secret."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable that sets something."""

    name: str
    is_secret: bool
    shape: str
    """An example of the JSON that it takes; empty where it takes plain text."""


def known_variables(model: type[BaseModel]) -> dict[str, Variable]:
    """Return the variables of settings by their names; a section's fields have one each.

    `database_url` counts as a secret, since addresses of databases hold passwords.
    """
    found = [
        _variable(f"{PREFIX}{name}", field, is_secret=name == "database_url")
        for name, field in model.model_fields.items()
    ]
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            prefix = f"{PREFIX}{name}_"
            found += [_variable(prefix + n, f) for n, f in section.model_fields.items()]
    return {each.name: each for each in found}


def open_prefixes(model: type[BaseModel]) -> tuple[str, ...]:
    """Return what the variables of tables begin with whose keys an operator chooses."""
    return tuple(
        f"{PREFIX}{name}_".upper()
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is dict
    )


def variables_of(kind: type[BaseModel]) -> dict[str, str]:
    """Return the variables that are set, settings of this kind or not. Raises InvalidSettings."""
    known = known_variables(kind)
    found = read_environment(os.environ, known.values())
    check_json(found, known, open_prefixes(kind))
    return found


def read_environment(environ: Mapping[str, str], known: Iterable[Variable]) -> dict[str, str]:
    """Return variables by their names in upper case: those set, then those of a `.env` file.

    Blanks around values go, and empty variables count as unset. Where NAME_FILE names a file
    that holds the secret NAME, the file's content is given under NAME. Raises InvalidSettings
    where a file cannot be read, or where a secret is given twice.
    """
    given = _stripped(environ)
    values = _stripped(_read_dotenv(given.get(DOTENV_VARIABLE, ""))) | given
    for variable in known:
        if variable.is_secret and (named := values.pop(variable.name + FILE_SUFFIX, "")):
            if variable.name in values:
                raise InvalidSettings(
                    f"Both {variable.name} and {variable.name}{FILE_SUFFIX} are set; keep one."
                )
            values[variable.name] = _read_secret(variable.name + FILE_SUFFIX, Path(named))
    return values


def check_json(
    values: Mapping[str, str], known: Mapping[str, Variable], prefixes: tuple[str, ...]
) -> None:
    """Raise InvalidSettings where a variable that takes JSON has none.

    What begins with one of the prefixes takes a table; see `open_prefixes`.
    """
    for name, value in values.items():
        is_table = name.startswith(prefixes)
        variable = Variable(name, is_secret=False, shape=_TABLE) if is_table else known.get(name)
        if variable and variable.shape:
            try:
                json.loads(value)
            except json.JSONDecodeError as error:
                # Not the library's words: they may quote what stands there.
                place = f"wrong at character {error.pos + 1}"
                raise InvalidSettings(_not_json(variable, place)) from None
            except (ValueError, RecursionError):
                raise InvalidSettings(_not_json(variable, "too large")) from None


def unknown_variables(
    names: Iterable[str], known: Iterable[str], prefixes: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return the variables of ours that set nothing, each with the nearest one, or empty."""
    known = {*known, SETTINGS_VARIABLE, DOTENV_VARIABLE}
    return {
        name: "" if _OF_HOSTS.fullmatch(name) else nearest(name, known)
        for name in sorted(names)
        if name.startswith(PREFIX) and name not in known and not name.startswith(prefixes)
    }


def misnamed_variables(
    names: Iterable[str], sections: Mapping[str, Iterable[str]]
) -> dict[str, str]:
    """Return variables that seem to be meant for a section, but lack the prefix PAPERBOY_.

    `sections` has the variables of each section by its name. The values are the nearest of them:
    for DISCORD_BOT_TOKEN it is PAPERBOY_DISCORD_TOKEN.
    """
    return {
        name: near
        for name in sorted(names)
        for section, known in sections.items()
        if name.upper().startswith(f"{section.upper()}_")
        and (near := nearest(PREFIX + name.upper(), known))
    }


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known variable that is most like a name; empty where none is much like it."""
    plain = {each.removeprefix(PREFIX): each for each in known}
    found = get_close_matches(name.removeprefix(PREFIX), plain, n=1, cutoff=_NEAR)
    return plain[found[0]] if found else ""


def _variable(name: str, field: FieldInfo, *, is_secret: bool = False) -> Variable:
    return Variable(
        name.upper(), is_secret or field.annotation is SecretStr, _shape(field.annotation)
    )


def _shape(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (tuple, list, set, frozenset):
        return '["one", "two"]'
    is_table = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return _TABLE if origin is dict or is_table else ""


def _not_json(variable: Variable, reason: str) -> str:
    return f"{variable.name} has to be JSON, such as {variable.shape}; it is {reason}."


def _stripped(values: Mapping[str, str | None]) -> dict[str, str]:
    return {
        name.upper(): stripped
        for name, value in values.items()
        if (stripped := (value or "").strip())
    }


def _read_dotenv(named: str) -> dict[str, str | None]:
    path = Path(named or DOTENV_NAME)
    if named and not path.exists():
        raise InvalidSettings(f"{DOTENV_VARIABLE}: there is no file {path}.")
    if not path.is_file():
        return {}
    text = read_text(path)
    for statement in parse_stream(StringIO(text)):
        if statement.error:
            raise InvalidSettings(
                f"{path.absolute()}, line {statement.original.line}: write NAME=value."
            )
    return dotenv_values(stream=StringIO(text))


def read_text(path: Path) -> str:
    """Return the text of a file, without a byte order mark.

    Raises InvalidSettings where it cannot be read, or is not in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidSettings(
            f"{path} is not in UTF-8; save it again with this encoding."
        ) from None
    except OSError as error:
        raise InvalidSettings(f"{path} cannot be read: {error.strerror or error}.") from None


def _read_secret(variable: str, path: Path) -> str:
    if path.is_file() and path.stat().st_size > _MAX_SECRET_BYTES:
        raise InvalidSettings(f"{variable}: {path} is too large to be a secret.")
    try:
        secret = read_text(path).strip()
    except InvalidSettings as error:
        raise InvalidSettings(f"{variable}: {error}") from None
    if not secret:
        raise InvalidSettings(f"{variable}: {path} is empty.")
    return secret
