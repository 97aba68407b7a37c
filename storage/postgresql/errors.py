"""Tells which errors of PostgreSQL an operator can mend, and says them in plain words (pure)."""

import psycopg

from storage.database import said_by_driver

_OPERATION = ("08", "28", "3D", "40", "53", "55", "57", "58", "XX", "25006", "25P03", "42501")
"""Beginnings of the SQLSTATEs of what an operator can mend, or what passes; see
https://www.postgresql.org/docs/current/errcodes-appendix.html."""

_CONFLICTS = ("40001", "40P01", "23505")
"""A change of what was read, a deadlock, and a row that another transaction added first."""

_REASONS = (
    ("password authentication failed", "the user or the password is wrong"),
    ("no password supplied", "it wants a password; write postgresql://user:password@host/name"),
    ("could not translate host name", "there is no such host"),
    ("failed to resolve host", "there is no such host"),
    ("Connection refused", "no server answers there; start it, or check the host and the port"),
    ("timeout expired", "the server did not answer in time; check the host and the firewall"),
    ("connection slots", "the server has no free connection; raise its max_connections"),
    ("too many clients", "the server has no free connection; raise its max_connections"),
    ("starting up", "the server is starting; try again"),
    ("53100", "the server's disk is full; make room"),
    ("25006", "it can only be read; name the primary server, not a standby"),
    ("42501", "the user may not do that; give it all rights on the schema"),
    ("55P03", "another program holds it; end that one and start again"),
)


def is_of_operation(error: Exception) -> bool:
    """Return whether an operator can mend it, or it passes; anything else is a bug."""
    said = said_by_driver(error)
    if isinstance(said, psycopg.OperationalError | psycopg.InterfaceError):
        return True
    return str(getattr(said, "sqlstate", None) or "").startswith(_OPERATION)


def is_conflict(error: Exception) -> bool:
    """Return whether a transaction failed only since others wrote at the same time."""
    return getattr(said_by_driver(error), "sqlstate", None) in _CONFLICTS


def explain(name: str, error: Exception) -> str:
    """Return what is wrong with a database of this name, and what to do."""
    said = "timeout expired" if isinstance(error, TimeoutError) else str(said_by_driver(error))
    code = getattr(said_by_driver(error), "sqlstate", None) or ""
    reason = next(
        (sentence for word, sentence in _REASONS if word in said or word == code),
        first_line(error).rstrip("."),
    )
    return f"{name}: {reason}."


def first_line(error: Exception) -> str:
    """Return the first line of what the driver said."""
    return (str(said_by_driver(error)).strip() or "it cannot be used").splitlines()[0]
