"""Reads the machine's certificates once in a process, and not for each client that a test makes.

To read them takes 25 ms, which is most of what many tests take; hardly any opens a TLS connection.
"""

import os
import ssl
from functools import cache

import httpcore2

_read = httpcore2.default_ssl_context


def read_once() -> None:
    """Let all clients of httpx2 share a context, while the environment names the same files."""
    httpcore2.default_ssl_context = _context
    _context()


def _context(*, _trust_env: bool = True) -> ssl.SSLContext:
    named = tuple(os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    return _context_of(named, trust_env=_trust_env)


@cache
def _context_of(_named: tuple[str, ...], *, trust_env: bool) -> ssl.SSLContext:
    return _read(_trust_env=trust_env)
